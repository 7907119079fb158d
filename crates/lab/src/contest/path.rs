//! The path of the trigger price through one window, what was printed on the way, and the cells they make.
//!
//! A cell is the smallest place a liquidation can be told to have happened in. Where a venue prints prices it
//! is a swept bin of a side. A feed that only sums each minute does not say which bin was hit: there the cell
//! is everything the minute newly swept on that side, several bins or parts of them, and its rate the sum of
//! theirs. Anything finer would be made up; [`Cells::Bins`] on such a feed makes it up evenly, to see
//! whether that changes a verdict.

use std::collections::BTreeMap;

use liqlens_market::Side;
use liqlens_model::{BinIndex, LogGrid};
use serde::{Deserialize, Serialize};

/// Slivers of a bin below this are rounding, not a crossing.
const LEAST_FRACTION: f64 = 1e-9;

/// What a cell is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cells {
    /// Bins if the first print has a price, minutes if it has none.
    #[default]
    Auto,
    /// A swept bin of a side. A print without a price is spread evenly over what its minute swept.
    Bins,
    /// What a minute newly swept on a side. A print without a price belongs to its minute, or to the nearest
    /// swept part if its minute swept nothing new.
    Minutes,
}

/// A part of a bin.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Piece {
    pub(super) bin: BinIndex,
    pub(super) fraction: f64,
}

/// A cell: pieces `first..last` of the window's list, and what was printed there.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct PathCell {
    pub(super) side: Side,
    pub(super) first: usize,
    pub(super) last: usize,
    pub(super) prints: f64,
    pub(super) contracts: f64,
}

/// A closed window.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Swept {
    pub(super) pieces: Vec<Piece>,
    pub(super) cells: Vec<PathCell>,
    /// Prints of sides of which nothing was swept.
    pub(super) unplaced: f64,
}

/// Prints of a place, summed.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Tally {
    pub(super) prints: f64,
    pub(super) contracts: f64,
}

impl Tally {
    fn add(&mut self, other: Self) {
        self.prints += other.prints;
        self.contracts += other.contracts;
    }

    fn scaled(self, share: f64) -> Self {
        Self { prints: self.prints * share, contracts: self.contracts * share }
    }
}

/// What one minute brought.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Minute {
    /// Prints with a price, by side and bin.
    pub(super) priced: BTreeMap<(usize, BinIndex), Tally>,
    /// Prints without, by side.
    pub(super) priceless: [Tally; 2],
}

impl Minute {
    /// Bins kept apart in one minute; a print beyond them joins the last one's place.
    const MOST_BINS: usize = 20_000;

    pub(super) fn add(&mut self, side: Side, bin: Option<BinIndex>, contracts: f64) {
        let tally = Tally { prints: 1.0, contracts };
        match bin {
            None => self.priceless[side.index()].add(tally),
            Some(bin) => {
                let key = (side.index(), bin);
                if self.priced.len() < Self::MOST_BINS || self.priced.contains_key(&key) {
                    self.priced.entry(key).or_default().add(tally);
                } else {
                    self.priceless[side.index()].add(tally);
                }
            }
        }
    }
}

/// What is known of the trigger price in a minute.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Range {
    /// Nothing: the data has a hole.
    Missing,
    /// Nothing traded.
    Quiet,
    /// Lowest and highest position, bin units.
    Between(f64, f64),
}

/// Newly swept in one minute, positions in bin units.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Stretch {
    minute: u32,
    low: f64,
    high: f64,
}

/// Priceless prints of a minute with the minute's range.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Waiting {
    side: usize,
    minute: u32,
    low: f64,
    high: f64,
    tally: Tally,
}

/// A window in progress.
#[derive(Debug, Clone)]
pub(super) struct Path {
    /// Position of the price at issue.
    open: f64,
    low: f64,
    high: f64,
    minutes: u32,
    stretches: [Vec<Stretch>; 2],
    priced: BTreeMap<(usize, BinIndex), Tally>,
    priceless: Vec<Waiting>,
}

impl Path {
    /// From the position of the price at issue, in bin units.
    pub(super) const fn new(open: f64) -> Self {
        Self {
            open,
            low: open,
            high: open,
            minutes: 0,
            stretches: [const { Vec::new() }; 2],
            priced: BTreeMap::new(),
            priceless: Vec::new(),
        }
    }

    /// Takes a minute and its prints; a missing one sweeps nothing.
    pub(super) fn extend(&mut self, range: Range, minute: &Minute) {
        let now = self.minutes;
        self.minutes += 1;
        let (low, high) = match range {
            Range::Between(low, high) => (low, high),
            Range::Missing | Range::Quiet => (self.open, self.open),
        };
        if low < self.low {
            self.stretches[Side::Long.index()].push(Stretch { minute: now, low, high: self.low });
            self.low = low;
        }
        if high > self.high {
            self.stretches[Side::Short.index()].push(Stretch { minute: now, low: self.high, high });
            self.high = high;
        }
        for (place, tally) in &minute.priced {
            self.priced.entry(*place).or_default().add(*tally);
        }
        for (side, tally) in minute.priceless.iter().enumerate().filter(|(_, tally)| tally.prints > 0.0) {
            self.priceless.push(Waiting { side, minute: now, low, high, tally: *tally });
        }
    }

    /// All prints so far.
    pub(super) fn contracts(&self) -> f64 {
        let priced: f64 = self.priced.values().map(|tally| tally.contracts).sum();
        priced + self.priceless.iter().map(|waiting| waiting.tally.contracts).sum::<f64>()
    }

    /// The cells, longs from the price downwards, then shorts upwards.
    pub(super) fn close(&self, grid: LogGrid, by_minute: bool) -> Swept {
        let mut swept = Swept::default();
        for side in Side::BOTH {
            let begin = swept.cells.len();
            if by_minute {
                for stretch in &self.stretches[side.index()] {
                    push_cell(&mut swept, grid, side, (stretch.low, stretch.high), false);
                }
            } else {
                let whole = if side == Side::Long { (self.low, self.open) } else { (self.open, self.high) };
                push_cell(&mut swept, grid, side, whole, true);
            }
            self.place(&mut swept, begin, side, by_minute);
        }
        swept
    }

    fn place(&self, swept: &mut Swept, begin: usize, side: Side, by_minute: bool) {
        let index = side.index();
        let Swept { pieces, cells, unplaced } = swept;
        let cells = &mut cells[begin..];
        let priced = self.priced.iter().filter(|((of, _), _)| *of == index);
        let priceless = self.priceless.iter().filter(|waiting| waiting.side == index);
        if cells.is_empty() {
            *unplaced += priced.map(|(_, tally)| tally.prints).sum::<f64>();
            *unplaced += priceless.map(|waiting| waiting.tally.prints).sum::<f64>();
            return;
        }
        for ((_, bin), tally) in priced {
            add(cells, nearest(pieces, cells, *bin), *tally);
        }
        for waiting in priceless {
            let own = self.stretches[index].iter().position(|stretch| stretch.minute == waiting.minute);
            // The far end of the minute on this side is where it liquidated, if anywhere.
            let end = if side == Side::Long { waiting.low } else { waiting.high };
            match own {
                Some(stretch) if by_minute && cells.len() == self.stretches[index].len() => {
                    add(cells, stretch, waiting.tally);
                }
                _ if by_minute => add(cells, nearest(pieces, cells, bin_of(end)), waiting.tally),
                _ => {
                    let range = own.map_or((waiting.low, waiting.high), |at| {
                        let stretch = self.stretches[index][at];
                        (stretch.low, stretch.high)
                    });
                    let limits =
                        if side == Side::Long { (self.low, self.open) } else { (self.open, self.high) };
                    spread(pieces, cells, (range.0.max(limits.0), range.1.min(limits.1)), waiting.tally, end);
                }
            }
        }
    }
}

/// Bin of a position; the grid's rule for prices on an edge.
fn bin_of(position: f64) -> BinIndex {
    LogGrid::STANDARD.bin_at(position)
}

/// Adds the bins between two positions, as one cell or one each.
fn push_cell(swept: &mut Swept, grid: LogGrid, side: Side, (low, high): (f64, f64), each: bool) {
    let first = swept.pieces.len();
    let (from, to) = (grid.bin_at(low), grid.bin_at(high));
    let mut push = |bin: BinIndex| {
        let fraction = high.min(f64::from(bin) + 1.0) - low.max(f64::from(bin));
        if fraction > LEAST_FRACTION {
            swept.pieces.push(Piece { bin, fraction: fraction.min(1.0) });
        }
    };
    match side {
        Side::Long => (from..=to).rev().for_each(&mut push),
        Side::Short => (from..=to).for_each(&mut push),
    }
    let last = swept.pieces.len();
    let cell = |first, last| PathCell { side, first, last, prints: 0.0, contracts: 0.0 };
    if each {
        swept.cells.extend((first..last).map(|at| cell(at, at + 1)));
    } else if last > first {
        swept.cells.push(cell(first, last));
    }
}

fn add(cells: &mut [PathCell], at: usize, tally: Tally) {
    if let Some(cell) = cells.get_mut(at) {
        cell.prints += tally.prints;
        cell.contracts += tally.contracts;
    }
}

/// The cell that holds a bin, or the nearest one; of several that share the bin the first.
fn nearest(pieces: &[Piece], cells: &[PathCell], bin: BinIndex) -> usize {
    let distance = |cell: &PathCell| {
        pieces[cell.first..cell.last].iter().map(|piece| piece.bin.abs_diff(bin)).min().unwrap_or(u32::MAX)
    };
    // `min_by_key` keeps the first of equals.
    cells.iter().enumerate().min_by_key(|(_, cell)| distance(cell)).map_or(0, |(at, _)| at)
}

/// Shares prints among one-bin cells by their overlap with a range; without overlap the bin nearest to `end`
/// gets them.
fn spread(pieces: &[Piece], cells: &mut [PathCell], (low, high): (f64, f64), tally: Tally, end: f64) {
    let overlap = |cell: &PathCell| {
        let bin = f64::from(pieces[cell.first].bin);
        (high.min(bin + 1.0) - low.max(bin)).max(0.0)
    };
    let total: f64 = cells.iter().map(overlap).sum();
    if total <= LEAST_FRACTION {
        let at = nearest(pieces, cells, bin_of(end));
        add(cells, at, tally);
        return;
    }
    for cell in cells {
        let part = tally.scaled(overlap(cell) / total);
        cell.prints += part.prints;
        cell.contracts += part.contracts;
    }
}

#[cfg(test)]
mod tests;
