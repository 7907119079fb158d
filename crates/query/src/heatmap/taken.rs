//! A column as it was taken from the market.
//!
//! A column is taken once, when its step ends, and its cells never change afterwards: they are shared, not copied,
//! between all that show them. Longs stand below the price and shorts above it, so each side is kept as the one run
//! of rows that hold anything, four bytes a cell.

use core::ops::Range;
use std::sync::Arc;

use liqlens_engine::{Market, Period};
use liqlens_market::Timestamp;
use liqlens_model::BinIndex;

/// Every row there is.
pub(super) const EVERY_ROW: Range<BinIndex> = BinIndex::MIN..BinIndex::MAX;

/// The map at the end of a period.
#[derive(Debug, Clone)]
pub(super) struct Taken {
    pub(super) start: Timestamp,
    pub(super) end: Timestamp,
    /// `None`: no price in the period.
    pub(super) period: Option<Period>,
    pub(super) cells: Cells,
}

/// Dollars of both sides by row.
#[derive(Debug, Clone)]
pub(super) struct Cells {
    /// Rows that are known; those of them outside the runs are empty.
    known: Range<BinIndex>,
    /// First row of each side's run.
    first: [BinIndex; 2],
    /// Length of the run of longs; that of shorts follows.
    longs: usize,
    usd: Arc<[f32]>,
}

impl Cells {
    /// Number of cells in memory.
    pub(super) fn len(&self) -> usize {
        self.usd.len()
    }

    /// Whether a range of rows, each of `height` of these rows, is known.
    pub(super) fn know(&self, rows: &Range<BinIndex>, height: BinIndex) -> bool {
        rows.is_empty()
            || (self.known.start <= rows.start.saturating_mul(height)
                && rows.end.saturating_mul(height) <= self.known.end)
    }

    /// Whole dollars of one side in a range of rows, each of `height` of these rows.
    ///
    /// The dollars of a higher row are the sum of its rows, to the seven digits that a cell has.
    pub(super) fn cut(&self, side: usize, rows: &Range<BinIndex>, height: BinIndex) -> Vec<i64> {
        let mut dollars = vec![0; rows.len()];
        let (longs, shorts) = self.usd.split_at(self.longs.min(self.usd.len()));
        let run = if side == 0 { longs } else { shorts };
        let first = i64::from(self.first[side]);
        let height = i64::from(height.max(1));
        let mut first_row = first.div_euclid(height);
        let mut run = run;
        // Cells before the first row that is shown.
        let before = (i64::from(rows.start) * height - first).max(0);
        if before > 0 {
            run = usize::try_from(before).ok().and_then(|before| run.get(before..)).unwrap_or_default();
            first_row = i64::from(rows.start);
        }
        let shown = usize::try_from(first_row - i64::from(rows.start)).ok();
        let Some(shown) = shown.and_then(|shown| dollars.get_mut(shown..)) else { return dollars };
        if height == 1 {
            for (dollars, usd) in shown.iter_mut().zip(run) {
                *dollars = whole_dollars(f64::from(*usd));
            }
            return dollars;
        }
        // The first row may begin before the run does.
        let missing = if before > 0 { 0 } else { first.rem_euclid(height) };
        let height = usize::try_from(height).unwrap_or(usize::MAX);
        let (head, rest) =
            run.split_at(height.saturating_sub(usize::try_from(missing).unwrap_or(0)).min(run.len()));
        for (dollars, cells) in shown.iter_mut().zip(core::iter::once(head).chain(rest.chunks(height))) {
            *dollars = whole_dollars(sum(cells));
        }
        dollars
    }
}

/// Sum of cells, in the precision of a cell.
fn sum(cells: &[f32]) -> f64 {
    #[allow(clippy::cast_possible_truncation)] // as the market rounds the cells it adds up itself
    let sum = cells.iter().map(|usd| f64::from(*usd)).sum::<f64>() as f32;
    f64::from(sum)
}

/// The nearest whole number of dollars, of two the even one.
#[inline]
pub(super) fn whole_dollars(usd: f64) -> i64 {
    /// Where neighbouring floats are one apart, so that adding it rounds; half of it is the largest that may be added.
    const ONES: f64 = 6_755_399_441_055_744.0;
    const LARGEST: f64 = 2_251_799_813_685_248.0;
    if usd.abs() < LARGEST {
        return (usd + ONES).to_bits().cast_signed() - ONES.to_bits().cast_signed();
    }
    #[allow(clippy::cast_possible_truncation)] // saturates
    {
        usd.round_ties_even() as i64
    }
}

/// Takes columns one after the other.
#[derive(Debug, Clone)]
pub(super) struct Taker {
    bins_per_row: BinIndex,
    /// Room for a column of each side, and for both runs.
    sides: [Vec<f32>; 2],
    runs: Vec<f32>,
    /// The newest: while nothing happens the next one is the same.
    newest: Option<Cells>,
}

impl Taker {
    /// Takes columns of rows of so many grid bins, at least one.
    pub(super) fn new(bins_per_row: BinIndex) -> Self {
        let bins_per_row = bins_per_row.max(1);
        Self { bins_per_row, sides: [Vec::new(), Vec::new()], runs: Vec::new(), newest: None }
    }

    /// Height of a row in grid bins.
    pub(super) const fn bins_per_row(&self) -> BinIndex {
        self.bins_per_row
    }

    /// The map now, as far as `rows` go.
    pub(super) fn take(&mut self, market: &Market, rows: &Range<BinIndex>) -> Cells {
        let (first, count) = market.occupied_rows(self.bins_per_row);
        let end = first.saturating_add(BinIndex::try_from(count).unwrap_or(BinIndex::MAX));
        let shown = first.max(rows.start)..end.min(rows.end);
        let known = if shown == (first..end) { EVERY_ROW } else { rows.clone() };
        for side in &mut self.sides {
            side.clear();
            side.resize(shown.len(), 0.0);
        }
        let [long_usd, short_usd] = &mut self.sides;
        market.column(self.bins_per_row, shown.start, long_usd, short_usd);

        let runs = [run(long_usd), run(short_usd)];
        let row = |index: usize| shown.start.saturating_add(BinIndex::try_from(index).unwrap_or(0));
        let first = runs.clone().map(|run| row(run.start));
        let [long_run, short_run] = runs;
        let (longs, shorts) = (&long_usd[long_run], &short_usd[short_run]);
        self.runs.clear();
        self.runs.extend_from_slice(longs);
        self.runs.extend_from_slice(shorts);
        let same = self.newest.as_ref().filter(|newest| {
            newest.first == first && newest.longs == longs.len() && newest.usd[..] == self.runs[..]
        });
        let usd = same.map_or_else(|| Arc::from(&self.runs[..]), |same| same.usd.clone());
        let cells = Cells { known, first, longs: longs.len(), usd };
        self.newest = Some(cells.clone());
        cells
    }
}

/// From the first cell that holds anything to the last, and up to a few empty ones before and after.
fn run(cells: &[f32]) -> Range<usize> {
    const AT_ONCE: usize = 16;
    let holds = |chunk: &[f32]| chunk.iter().fold(0, |bits, usd| bits | usd.to_bits()) != 0;
    let (chunks, rest) = cells.as_chunks::<AT_ONCE>();
    let first = chunks.iter().position(|chunk| holds(chunk));
    let last = if holds(rest) { Some(chunks.len()) } else { chunks.iter().rposition(|chunk| holds(chunk)) };
    let Some(last) = last else { return 0..0 };
    first.unwrap_or(last) * AT_ONCE..((last + 1) * AT_ONCE).min(cells.len())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Longs from row -3 on, shorts from row 2 on.
    fn cells(known: Range<BinIndex>) -> Cells {
        let usd = [1.4, 2.5, 0.0, 10.0, 20.0, 3.5, 1e9, 0.3, 0.3];
        Cells { known, first: [-3, 2], longs: 5, usd: Arc::from(&usd[..]) }
    }

    #[test]
    fn rows_are_cut_out_of_the_run() {
        let cells = cells(EVERY_ROW);
        // Row -3 holds 1.4, row -2 holds 2.5 (to even: 2), and so on; row 1 holds 20.
        assert_eq!(cells.cut(0, &(-5..4), 1), [0, 0, 1, 2, 0, 10, 20, 0, 0]);
        assert_eq!(cells.cut(0, &(-2..1), 1), [2, 0, 10]);
        assert_eq!(cells.cut(1, &(0..7), 1), [0, 0, 4, 1_000_000_000, 0, 0, 0]);
        assert_eq!(cells.cut(1, &(6..9), 1), [0, 0, 0]);
        assert_eq!(cells.cut(0, &(-9..-4), 1), [0; 5]);
        assert!(cells.cut(0, &Range { start: 3, end: 1 }, 1).is_empty());
    }

    #[test]
    fn higher_rows_are_sums_of_their_rows() {
        let cells = cells(EVERY_ROW);
        // Rows of two: -4..-2 holds 1.4, -2..0 holds 2.5 (to even: 2), 0..2 holds 10 and 20.
        assert_eq!(cells.cut(0, &(-3..2), 2), [0, 1, 2, 30, 0]);
        assert_eq!(cells.cut(0, &(-1..1), 2), [2, 30]);
        // Rows of three: 0..3 holds 3.5, 3..6 holds 1e9 and 0.6, which seven digits do not show.
        assert_eq!(cells.cut(1, &(-1..3), 3), [0, 4, 1_000_000_000, 0]);
        assert_eq!(cells.cut(1, &(1..2), 3), [1_000_000_000]);
    }

    #[test]
    fn only_rows_that_were_taken_are_known() {
        assert!(cells(-10..10).know(&(-10..10), 1));
        assert!(!cells(-10..10).know(&(-11..10), 1));
        assert!(!cells(-10..10).know(&(-10..11), 1));
        assert!(cells(-10..10).know(&(-5..5), 2));
        assert!(!cells(-10..10).know(&(-5..6), 2));
        assert!(cells(EVERY_ROW).know(&(-5..6), 2));
    }

    #[test]
    fn a_run_holds_whatever_there_is() {
        for (len, first, last) in
            [(100, 20, 70), (100, 0, 99), (33, 32, 32), (7, 3, 5), (64, 15, 16), (40, 39, 39)]
        {
            let mut cells = vec![0.0; len];
            (cells[first], cells[last]) = (1e-3, 5.0);
            let run = run(&cells);
            assert!(run.contains(&first) && run.contains(&last) && run.end <= len, "{run:?}");
            // At most a chunk of sixteen begins and ends with empty cells.
            assert!(first - run.start < 16 && run.end - last <= 16, "{run:?}");
        }
        assert!(run(&[]).is_empty() && run(&[0.0; 7]).is_empty() && run(&[0.0; 50]).is_empty());
    }

    #[test]
    fn halves_go_to_the_even_dollar() {
        assert_eq!([0.5, 1.5, 2.5, -0.5, -1.5].map(whole_dollars), [0, 2, 2, 0, -2]);
        assert_eq!(whole_dollars(f64::MAX), i64::MAX);
        assert_eq!(whole_dollars(f64::NAN), 0);
    }

    proptest! {
        #[test]
        #[allow(clippy::cast_possible_truncation)] // 1e16 at most
        fn dollars_are_rounded_as_floats_are(usd in prop_oneof![-1e16..1e16_f64, 0.0..1e4_f64]) {
            prop_assert_eq!(whole_dollars(usd), usd.round_ties_even() as i64);
        }
    }
}
