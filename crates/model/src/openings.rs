//! What opens on one side in one interval, in the form in which it is added to a book class by class.

use core::ops::Range;

use crate::grid::{BinIndex, BlockPrices};

/// Contracts by entry bin, and what each lane stores of them: the same for every class, so worked out once.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Openings {
    /// Stored units for each contract, by lane.
    stored: Vec<f64>,
    lowest: BinIndex,
    highest: BinIndex,
    /// Bins above the lowest, and contracts, in the order they were given.
    entries: Vec<(usize, f64)>,
    /// Contracts × the price of the entry, entry by entry.
    worths: Vec<f64>,
    /// `[entry][lane]`, contracts × stored units.
    cells: Vec<f32>,
}

impl Openings {
    /// Starts again with nothing; `stored[lane]` turns contracts into a lane's stored units.
    pub fn clear(&mut self, stored: &[f64]) {
        self.stored.clear();
        self.stored.extend_from_slice(stored);
        self.entries.clear();
        self.worths.clear();
        self.cells.clear();
    }

    /// Takes contracts by entry bin; those that are not positive are left out. Returns the sum.
    pub fn fill(
        &mut self,
        openings: impl Iterator<Item = (BinIndex, f64)> + Clone,
        prices: &BlockPrices,
    ) -> f64 {
        let openings = openings.filter(|(_, contracts)| *contracts > 0.0);
        let bounds = openings.clone().fold(None, |bounds: Option<(BinIndex, BinIndex)>, (entry, _)| {
            let (lowest, highest) = bounds.unwrap_or((entry, entry));
            Some((lowest.min(entry), highest.max(entry)))
        });
        (self.lowest, self.highest) = bounds.unwrap_or((0, 0));
        let mut total = 0.0;
        let mut prices = prices.walk();
        for (entry, contracts) in openings {
            self.worths.push(contracts * prices.middle(entry));
            self.entries.push((usize::try_from(entry - self.lowest).unwrap_or(0), contracts));
            self.cells.extend(self.stored.iter().map(|stored| single(contracts * stored)));
            total += contracts;
        }
        total
    }

    /// Level and contracts of each, for a class whose level is its entry moved by `offset`.
    pub(crate) fn levels(&self, offset: BinIndex) -> impl Iterator<Item = (BinIndex, f64)> {
        let lowest = self.lowest + offset;
        let level = move |above: usize| lowest + BinIndex::try_from(above).unwrap_or(0);
        self.entries.iter().map(move |&(above, contracts)| (level(above), contracts))
    }

    /// The lowest and the highest level that lies in `resting`, for a class whose level is its entry moved by
    /// `offset`.
    #[inline]
    pub(crate) fn resting(
        &self,
        offset: BinIndex,
        resting: &Range<BinIndex>,
    ) -> Option<(BinIndex, BinIndex)> {
        let (lowest, highest) = (self.lowest + offset, self.highest + offset);
        if resting.contains(&lowest) && resting.contains(&highest) {
            return Some((lowest, highest));
        }
        let mut levels = self.levels(offset).map(|(level, _)| level).filter(|level| resting.contains(level));
        let first = levels.next()?;
        Some(levels.fold((first, first), |(low, high), level| (low.min(level), high.max(level))))
    }

    pub(crate) fn stored(&self) -> &[f64] {
        &self.stored
    }

    pub(crate) fn cells(&self) -> &[f32] {
        &self.cells
    }

    pub(crate) fn worths(&self) -> &[f64] {
        &self.worths
    }

    pub(crate) fn entries(&self) -> &[(usize, f64)] {
        &self.entries
    }

    /// The lowest and the highest entry.
    pub(crate) const fn bounds(&self) -> (BinIndex, BinIndex) {
        (self.lowest, self.highest)
    }
}

/// The precision in which cells are kept.
#[inline]
#[allow(clippy::cast_possible_truncation)]
pub(crate) const fn single(value: f64) -> f32 {
    value as f32
}
