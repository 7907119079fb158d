//! Between which levels each class holds anything.
//!
//! A class's levels lie one distance from where its positions were opened, so of the rows of a book most
//! classes fill only some. What walks over cells can leave out the rest: it is all zeros.

use core::ops::Range;

use crate::grid::BinIndex;

/// Lowest and highest level by class. No part of a book's state: it follows from the cells, and a book that does
/// not know it yet is as good, only slower.
#[derive(Debug, Clone, Default)]
pub(crate) struct Extents {
    /// Empty while not known; the lowest above the highest of a class that holds nothing.
    by_class: Vec<(BinIndex, BinIndex)>,
}

impl PartialEq for Extents {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

const NOTHING: (BinIndex, BinIndex) = (BinIndex::MAX, BinIndex::MIN);

impl Extents {
    /// Of a book that holds nothing.
    pub(crate) fn none(classes: usize) -> Self {
        Self { by_class: vec![NOTHING; classes] }
    }

    /// Of cells `[row][class][lane]` whose first row is the level `first`.
    pub(crate) fn found(cells: &[f32], first: BinIndex, classes: usize, lanes: usize) -> Self {
        let mut found = Self::none(classes);
        for (row, level) in cells.chunks_exact((classes * lanes).max(1)).zip(first..) {
            for (class, cells) in row.chunks_exact(lanes).enumerate() {
                if cells.iter().any(|cell| *cell != 0.0) {
                    found.widen(class, level, level);
                }
            }
        }
        found
    }

    pub(crate) const fn known(&self) -> bool {
        !self.by_class.is_empty()
    }

    /// A class may hold something between two levels.
    #[inline]
    pub(crate) fn widen(&mut self, class: usize, lowest: BinIndex, highest: BinIndex) {
        if let Some(extent) = self.by_class.get_mut(class) {
            *extent = (extent.0.min(lowest), extent.1.max(highest));
        }
    }

    /// Nothing is left below one level and above another.
    pub(crate) fn trim(&mut self, lowest: BinIndex, highest: BinIndex) {
        for extent in &mut self.by_class {
            *extent = (extent.0.max(lowest), extent.1.min(highest));
            if extent.0 > extent.1 {
                *extent = NOTHING;
            }
        }
    }

    /// The classes, of so many, that may hold something between two levels.
    #[inline]
    pub(crate) fn classes(&self, all: usize, lowest: BinIndex, highest: BinIndex) -> Range<usize> {
        if self.by_class.len() != all {
            return 0..all;
        }
        let holds = |extent: &(BinIndex, BinIndex)| extent.0 <= highest && lowest <= extent.1;
        let from = self.by_class.iter().position(holds).unwrap_or(all);
        let to = self.by_class.iter().rposition(holds).map_or(from, |last| last + 1);
        from..to
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_those_that_reach_the_levels() {
        let mut extents = Extents::none(4);
        assert_eq!(extents.classes(4, -9, 9), 4..4);
        extents.widen(1, 5, 7);
        extents.widen(1, 3, 3);
        extents.widen(3, 7, 20);
        let at = |extents: &Extents, low, high| extents.classes(4, low, high);
        assert_eq!([at(&extents, 7, 7), at(&extents, 0, 3), at(&extents, 8, 90)], [1..4, 1..2, 3..4]);
        extents.trim(6, 19);
        assert_eq!([at(&extents, 0, 5), at(&extents, 20, 20), at(&extents, 6, 6)], [4..4, 4..4, 1..2]);
        extents.trim(8, 19);
        assert_eq!(at(&extents, 0, 90), 3..4);
        assert_eq!(Extents::default().classes(4, 0, 0), 0..4, "nothing is known");
    }

    #[test]
    fn extents_are_found_from_cells() {
        // Three rows of two classes with two lanes.
        let cells = [0.0, 0.0, 1.0, 0.0, 0.0, 2.0, 0.0, 0.0, 0.0, 0.0, 0.0, 3.0];
        let found = Extents::found(&cells, -1, 2, 2);
        assert_eq!(found.by_class, [(0, 0), (-1, 1)]);
        assert!(found.known() && !Extents::default().known());
    }
}
