//! The cells of a forecast and what happened in them.
//!
//! A forecast of liquidations is issued at the start of a window and judged on the bins the trigger price
//! went through until its end: longs from the price at issue down to the minimum, shorts up to the
//! maximum. A bin that was crossed in part counts with that fraction. Where price never went nothing could
//! be liquidated, so nothing is scored there: the forecast is conditional on the path.

use liqlens_market::{Side, Timestamp};

use crate::error::{ScoreError, all_amounts};
use crate::sum::sum;

/// Guards against a price on an edge falling below it by the last bit of its logarithm.
const EDGE_TOLERANCE: f64 = 1e-12;
/// Slivers of a bin below this are rounding, not a crossing.
const LEAST_FRACTION: f64 = 1e-9;
/// A path through more bins than this in one window (a factor of e⁵⁰ at 5 basis points) is bad data.
const MOST_BINS: f64 = 100_000.0;

/// One side × price bin swept in one window.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cell {
    /// Side of the positions liquidated here.
    pub side: Side,
    /// Bin of the log-price grid.
    pub bin: i32,
    /// Whole bins away from the bin of the price at issue, from 0.
    pub offset: u32,
    /// Part of the bin that was swept, in (0, 1].
    pub fraction: f64,
    /// Reported liquidations.
    pub prints: u32,
    /// Contracts of these liquidations.
    pub contracts: f64,
}

/// The span of time of one forecast.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// When the forecast was issued; what happens later counts.
    pub from: Timestamp,
    /// Last moment that counts.
    pub until: Timestamp,
    /// Its first cell in [`Catalogue::cells`].
    pub first: usize,
    /// Number of its cells.
    pub count: usize,
    /// Prints on a side of which not a single bin was swept; they are in no cell.
    pub unplaced: u32,
}

/// The path of the trigger price in a window, in bin units of the log-price grid.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Path {
    /// At issue.
    pub open: f64,
    /// The minimum since.
    pub low: f64,
    /// The maximum since.
    pub high: f64,
}

/// One reported liquidation, placed on the grid.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Print {
    /// Side of the position.
    pub side: Side,
    /// Bin of the trigger price when it was liquidated, or of its fill.
    pub bin: i32,
    /// Contracts.
    pub contracts: f64,
}

/// Windows one after another, with their cells in one column, so that a model's rates are one more column
/// of the same length.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Catalogue {
    windows: Vec<Window>,
    cells: Vec<Cell>,
}

impl Catalogue {
    /// No windows yet.
    pub const fn new() -> Self {
        Self { windows: Vec::new(), cells: Vec::new() }
    }

    /// Adds a window: its cells from the path, longs from the price at issue downwards, then shorts
    /// upwards; each print goes to its bin, or to the nearest swept bin of its side.
    ///
    /// Windows must come in order and may not overlap.
    pub fn push(
        &mut self,
        (from, until): (Timestamp, Timestamp),
        path: Path,
        prints: &[Print],
    ) -> Result<(), ScoreError> {
        let index = self.windows.len();
        if until <= from || self.windows.last().is_some_and(|last| from < last.until) {
            return Err(ScoreError::Overlap { index });
        }
        check_path(index, path)?;
        let contracts: Vec<f64> = prints.iter().map(|print| print.contracts).collect();
        all_amounts("contracts of a print", &contracts)?;

        let first = self.cells.len();
        self.cells.extend(swept(Side::Long, path.open, path.low.min(path.open)));
        let first_short = self.cells.len();
        self.cells.extend(swept(Side::Short, path.open, path.high.max(path.open)));
        let mut unplaced = 0;
        for print in prints {
            let side = match print.side {
                Side::Long => &mut self.cells[first..first_short],
                Side::Short => &mut self.cells[first_short..],
            };
            match nearest(side, print.bin) {
                Some(cell) => {
                    cell.prints = cell.prints.saturating_add(1);
                    cell.contracts += print.contracts;
                }
                None => unplaced += 1,
            }
        }
        let count = self.cells.len() - first;
        self.windows.push(Window { from, until, first, count, unplaced });
        Ok(())
    }

    /// The windows in order.
    pub fn windows(&self) -> &[Window] {
        &self.windows
    }

    /// All cells, window after window.
    pub fn cells(&self) -> &[Cell] {
        &self.cells
    }

    /// The cells of one window.
    pub fn cells_of(&self, window: &Window) -> &[Cell] {
        self.cells.get(window.first..window.first + window.count).unwrap_or_default()
    }

    /// Prints per cell: the counts of an event-weighted score.
    pub fn print_counts(&self) -> Vec<f64> {
        self.cells.iter().map(|cell| f64::from(cell.prints)).collect()
    }

    /// Contracts per cell in units of the mean print, `n = y/ȳ`: the counts of a contract-weighted score.
    /// They add up to the number of prints.
    pub fn contract_counts(&self) -> Vec<f64> {
        let prints = sum(self.cells.iter().map(|cell| f64::from(cell.prints)));
        let contracts = sum(self.cells.iter().map(|cell| cell.contracts));
        let scale = if contracts > 0.0 { prints / contracts } else { 0.0 };
        self.cells.iter().map(|cell| cell.contracts * scale).collect()
    }

    /// Swept fraction of each cell: the rates of the uniform reference, up to a constant.
    pub fn fractions(&self) -> Vec<f64> {
        self.cells.iter().map(|cell| cell.fraction).collect()
    }
}

fn check_path(index: usize, path: Path) -> Result<(), ScoreError> {
    for value in [path.open, path.low, path.high] {
        // Bins are numbered by 32 bits.
        if !value.is_finite() || value.abs() >= 1e9 {
            let range = "finite and within a thousand million bins of zero";
            return Err(ScoreError::Value { what: "path of window", index, value, range });
        }
    }
    let width = path.high.max(path.open) - path.low.min(path.open);
    if width > MOST_BINS {
        let range = "at most 100,000 bins wide";
        return Err(ScoreError::Value { what: "path of window", index, value: width, range });
    }
    Ok(())
}

/// The bins between two positions, starting at the first.
#[allow(clippy::cast_possible_truncation)] // positions are below 1e9 in size
fn swept(side: Side, open: f64, end: f64) -> impl Iterator<Item = Cell> {
    let bin_at = |position: f64| libm::floor(position + EDGE_TOLERANCE) as i32;
    let (low, high) = (open.min(end), open.max(end));
    let start = bin_at(open);
    let step = if side == Side::Long { -1 } else { 1 };
    (0..=bin_at(end).abs_diff(start)).filter_map(move |offset| {
        let bin = start + step * i32::try_from(offset).ok()?;
        let fraction = high.min(f64::from(bin) + 1.0) - low.max(f64::from(bin));
        (fraction > LEAST_FRACTION).then_some(Cell {
            side,
            bin,
            offset,
            fraction: fraction.min(1.0),
            prints: 0,
            contracts: 0.0,
        })
    })
}

/// The cell of a bin, or the nearest one; the cells of a side are one unbroken run of bins.
fn nearest(cells: &mut [Cell], bin: i32) -> Option<&mut Cell> {
    let (first, last) = (cells.first()?.bin, cells.last()?.bin);
    let offset = bin.clamp(first.min(last), first.max(last)).abs_diff(first);
    cells.get_mut(usize::try_from(offset).ok()?)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn minute(n: i64) -> Timestamp {
        Timestamp::from_nanos(1_773_532_800_000_000_000 + n * 60_000_000_000)
    }

    fn print(side: Side, bin: i32, contracts: f64) -> Print {
        Print { side, bin, contracts }
    }

    #[test]
    fn a_window_by_hand() {
        let mut catalogue = Catalogue::new();
        let prints = [
            print(Side::Long, 9, 2.0),
            print(Side::Long, 3, 1.0),   // below everything swept: goes to bin 8
            print(Side::Short, 10, 4.0), // in the open's own bin
            print(Side::Short, 99, 1.0), // above: goes to bin 11
        ];
        let path = Path { open: 10.25, low: 8.5, high: 11.0 + 0.125 };
        catalogue.push((minute(0), minute(5)), path, &prints).unwrap();
        let found: Vec<(Side, i32, u32, f64, u32, f64)> = catalogue
            .cells()
            .iter()
            .map(|c| (c.side, c.bin, c.offset, c.fraction, c.prints, c.contracts))
            .collect();
        let expected = vec![
            (Side::Long, 10, 0, 0.25, 0, 0.0),
            (Side::Long, 9, 1, 1.0, 1, 2.0),
            (Side::Long, 8, 2, 0.5, 1, 1.0),
            (Side::Short, 10, 0, 0.75, 1, 4.0),
            (Side::Short, 11, 1, 0.125, 1, 1.0),
        ];
        assert_eq!(found, expected);
        // Mean print 8/4 = 2 contracts.
        assert_eq!(catalogue.contract_counts(), [0.0, 1.0, 0.5, 2.0, 0.5]);
        assert_eq!(catalogue.print_counts(), [0.0, 1.0, 1.0, 1.0, 1.0]);
    }

    #[test]
    fn what_cannot_be_placed_is_counted() {
        let mut catalogue = Catalogue::new();
        let path = Path { open: 10.0, low: 10.0, high: 10.5 };
        catalogue.push((minute(0), minute(1)), path, &[print(Side::Long, 9, 1.0)]).unwrap();
        assert_eq!(catalogue.windows()[0].unplaced, 1);
        assert_eq!(catalogue.cells().len(), 1, "one short bin, no long bin");
        // A bin whose lower edge is the price at issue holds no long that was swept.
        let path = Path { open: 10.0, low: 9.0, high: 10.0 };
        catalogue.push((minute(1), minute(2)), path, &[print(Side::Long, 7, 1.0)]).unwrap();
        let cells = catalogue.cells_of(&catalogue.windows()[1]);
        assert_eq!((cells.len(), cells[0].bin, cells[0].offset, cells[0].prints), (1, 9, 1, 1));
    }

    #[test]
    fn bad_windows_are_refused() {
        let mut catalogue = Catalogue::new();
        let path = Path { open: 10.0, low: 9.0, high: 11.0 };
        catalogue.push((minute(0), minute(5)), path, &[]).unwrap();
        let overlap = catalogue.push((minute(4), minute(9)), path, &[]);
        assert_eq!(overlap, Err(ScoreError::Overlap { index: 1 }));
        assert!(catalogue.push((minute(9), minute(9)), path, &[]).is_err());
        let huge = Path { high: 1e8, ..path };
        assert!(catalogue.push((minute(9), minute(10)), huge, &[]).is_err());
        let nan = Path { low: f64::NAN, ..path };
        assert!(catalogue.push((minute(9), minute(10)), nan, &[]).is_err());
        let contracts = [print(Side::Long, 9, f64::NAN)];
        assert!(catalogue.push((minute(9), minute(10)), path, &contracts).is_err());
        assert_eq!(catalogue.windows().len(), 1, "a refused window leaves nothing behind");
        assert_eq!(catalogue.cells().len(), 2);
    }

    proptest! {
        #[test]
        fn fractions_add_up_to_the_path(
            open in -50.0..50.0_f64, down in 0.0..20.0_f64, up in 0.0..20.0_f64,
            bins in prop::collection::vec((-90_i32..90, any::<bool>()), 0..20),
        ) {
            let mut catalogue = Catalogue::new();
            let prints: Vec<Print> = bins
                .iter()
                .map(|(bin, long)| print(if *long { Side::Long } else { Side::Short }, *bin, 1.0))
                .collect();
            let path = Path { open, low: open - down, high: open + up };
            catalogue.push((minute(0), minute(1)), path, &prints).unwrap();
            let length = |side| -> f64 {
                catalogue.cells().iter().filter(|c| c.side == side).map(|c| c.fraction).sum()
            };
            prop_assert!((length(Side::Long) - down).abs() < 1e-6);
            prop_assert!((length(Side::Short) - up).abs() < 1e-6);
            let placed: u32 = catalogue.cells().iter().map(|c| c.prints).sum();
            let all = placed + catalogue.windows()[0].unplaced;
            prop_assert_eq!(usize::try_from(all).unwrap(), prints.len());
        }
    }
}
