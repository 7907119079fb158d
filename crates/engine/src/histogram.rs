//! Volume by price bin within one interval, from exact trades.

use liqlens_market::{Price, Size, Taker, UNITS_PER_ONE};
use liqlens_model::{BinIndex, LogGrid};
use serde::{Deserialize, Serialize};

/// Bins covered by one edge table.
const TABLE_BINS: usize = 128;
/// Widest histogram kept; an interval that spans more (e^±13 in price) puts the rest in its end bins.
const MAX_BINS: usize = 1 << 16;

/// Finds the bin of a price with integer comparisons: a table of edges around the last price. Replaces a
/// logarithm per trade (about 20 ns) by one multiplication and two comparisons.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct BinFinder {
    grid: LogGrid,
    first: BinIndex,
    /// `TABLE_BINS + 1` rising prices in units of 1e-8; empty before the first look-up.
    edges: Vec<i64>,
    bins_per_unit: f64,
    /// Edges and number of the bin found last: most trades fall into the bin of the one before.
    #[serde(skip)]
    last: (i64, i64, BinIndex),
}

impl BinFinder {
    pub(crate) const fn new(grid: LogGrid) -> Self {
        Self { grid, first: 0, edges: Vec::new(), bins_per_unit: 0.0, last: (0, 0, 0) }
    }

    /// The bin of a price.
    #[inline]
    pub(crate) fn bin(&mut self, price: Price) -> BinIndex {
        let units = price.units();
        let (lower, upper, bin) = self.last;
        if lower <= units && units < upper { bin } else { self.look_up(price) }
    }

    /// The lowest and the highest price, in units of 1e-8, known to lie in the bin just found for `price`: that
    /// price alone where no table of edges could be made.
    #[inline]
    pub(crate) fn bounds(&self, price: Price) -> (i64, i64) {
        let units = price.units();
        let (lower, upper, _) = self.last;
        if lower <= units && units < upper { (lower, upper - 1) } else { (units, units) }
    }

    fn look_up(&mut self, price: Price) -> BinIndex {
        let units = price.units();
        let (Some(&lowest), Some(&highest)) = (self.edges.first(), self.edges.last()) else {
            return self.centre(price);
        };
        if units < lowest || units >= highest {
            return self.centre(price);
        }
        // Linear guess (edges are nearly equally spaced over 128 bins of 5 bp), then step to the exact bin.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        // inside the table by the check above
        let mut index = (((units - lowest) as f64 * self.bins_per_unit) as usize).min(TABLE_BINS - 1);
        while units < self.edges[index] {
            index -= 1;
        }
        while units >= self.edges[index + 1] {
            index += 1;
        }
        let bin = self.first + BinIndex::try_from(index).unwrap_or(0);
        self.last = (self.edges[index], self.edges[index + 1], bin);
        bin
    }

    #[cold]
    fn centre(&mut self, price: Price) -> BinIndex {
        let bin = self.grid.bin_of(price);
        let half = BinIndex::try_from(TABLE_BINS / 2).unwrap_or(0);
        self.first = bin - half;
        self.edges.clear();
        self.edges.extend((0..=TABLE_BINS).map(|i| {
            self.grid.lower_edge_units(self.first + BinIndex::try_from(i).unwrap_or(BinIndex::MAX))
        }));
        let span = self.edges[TABLE_BINS].saturating_sub(self.edges[0]).max(1);
        self.bins_per_unit = TABLE_BINS as f64 / span as f64;
        // Edges of tiny prices can coincide in units of 1e-8; the table is then useless and each look-up
        // takes this path.
        if self.edges.windows(2).any(|pair| pair[0] >= pair[1])
            || !(self.edges[0]..self.edges[TABLE_BINS]).contains(&price.units())
        {
            self.edges.clear();
            return bin;
        }
        self.look_up(price)
    }
}

/// Exact volume by bin and taker side.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct Histogram {
    pub(crate) first: BinIndex,
    /// Units of 1e-8 bought and sold by takers.
    pub(crate) bins: Vec<[i64; 2]>,
}

impl Histogram {
    #[inline]
    pub(crate) fn add(&mut self, bin: BinIndex, size: Size, taker: Taker) {
        let index = self.index(bin);
        let side = match taker {
            Taker::Buy => 0,
            Taker::Sell => 1,
        };
        let cell = &mut self.bins[index][side];
        *cell = cell.saturating_add(size.units());
    }

    /// Adds trades, column by column and all of one length: what [`Histogram::add`] does one by one. Most
    /// trades fall into the bin of the one before, so neighbours in one bin are summed first.
    pub(crate) fn add_run(
        &mut self,
        finder: &mut BinFinder,
        mut prices: &[Price],
        mut sizes: &[Size],
        mut takers: &[Taker],
    ) {
        while let Some(&price) = prices.first() {
            let bin = finder.bin(price);
            let index = self.index(bin);
            let (lowest, highest) = finder.bounds(price);
            let width = highest.abs_diff(lowest);
            // Sizes are not negative: sums that stop at the largest number do not care for order, and
            // unsigned ones stop at a larger one.
            let [mut bought, mut sold] = self.bins[index].map(i64::cast_unsigned);
            let mut count = 0;
            for ((price, size), taker) in prices.iter().zip(sizes).zip(takers) {
                if price.units().wrapping_sub(lowest).cast_unsigned() > width {
                    break;
                }
                let size = size.units().cast_unsigned();
                // Takers change sides too often for a branch to be foreseen.
                let sells = size * u64::from(*taker == Taker::Sell);
                sold = sold.saturating_add(sells);
                bought = bought.saturating_add(size - sells);
                count += 1;
            }
            self.bins[index] = [bought, sold].map(|sum| i64::try_from(sum).unwrap_or(i64::MAX));
            (prices, sizes, takers) = (&prices[count..], &sizes[count..], &takers[count..]);
        }
    }

    /// Place of a bin, with room made for it.
    #[inline]
    fn index(&mut self, bin: BinIndex) -> usize {
        match usize::try_from(i64::from(bin) - i64::from(self.first)) {
            Ok(index) if index < self.bins.len() => index,
            _ => self.make_room(bin),
        }
    }

    #[cold]
    fn make_room(&mut self, bin: BinIndex) -> usize {
        if self.bins.is_empty() {
            self.first = bin;
        }
        let below = usize::try_from(i64::from(self.first) - i64::from(bin)).unwrap_or(0);
        let below = below.min(MAX_BINS.saturating_sub(self.bins.len()));
        if below > 0 {
            self.bins.splice(0..0, core::iter::repeat_n([0, 0], below));
            self.first -= BinIndex::try_from(below).unwrap_or(0);
        }
        let index = usize::try_from(i64::from(bin) - i64::from(self.first)).unwrap_or(0).min(MAX_BINS - 1);
        if index >= self.bins.len() {
            self.bins.resize(index + 1, [0, 0]);
        }
        index
    }

    pub(crate) fn clear(&mut self) {
        self.bins.clear();
    }

    /// Contracts by bin (bought, sold), non-empty bins only.
    pub(crate) fn contracts(&self) -> Vec<(BinIndex, [f64; 2])> {
        self.bins
            .iter()
            .zip(self.first..)
            .filter(|(cell, _)| **cell != [0, 0])
            .map(|(cell, bin)| (bin, cell.map(|units| units as f64 / UNITS_PER_ONE as f64)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_table_agrees_with_the_logarithm(prices in proptest::collection::vec(1_i64..20_000_000_000_000, 1..50)) {
            let mut finder = BinFinder::new(LogGrid::STANDARD);
            for units in prices {
                let price = Price::from_units(units).unwrap();
                let bin = finder.bin(price);
                let direct = LogGrid::STANDARD.bin_of(price);
                // The two may differ for the one unit that an edge falls on.
                let on_edge = (units - LogGrid::STANDARD.lower_edge_units(direct.max(bin))).abs() <= 1;
                prop_assert!(bin == direct || on_edge, "{units}: {bin} {direct}");
            }
        }

        #[test]
        fn every_unit_is_kept(trades in proptest::collection::vec((-300_i32..300, 1_i64..1_000_000, any::<bool>()), 1..100)) {
            let mut histogram = Histogram::default();
            for &(bin, units, buy) in &trades {
                let taker = if buy { Taker::Buy } else { Taker::Sell };
                histogram.add(bin, Size::from_units(units).unwrap(), taker);
            }
            let kept: f64 = histogram.contracts().iter().map(|(_, [buy, sell])| buy + sell).sum();
            let given: i64 = trades.iter().map(|(_, units, _)| units).sum();
            prop_assert!((kept * 1e8 - given as f64).abs() < 1e-3);
        }
    }
}
