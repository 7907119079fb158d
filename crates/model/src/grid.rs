//! The fixed grid in log price.
//!
//! Bin `i` covers `[i·h, (i+1)·h)` in `ln price`, with `i` an absolute integer, so two grids of the same
//! width agree on every bin whatever price they were first used at. A grid is a representation: it never
//! changes how much mass there is.
//!
//! Logarithm and exponential come from a software implementation, so that a replay gives the same bytes
//! on every machine.

use liqlens_market::Price;
use serde::{Deserialize, Serialize};

/// Number of a bin on the grid.
pub type BinIndex = i32;

/// A log-price grid of constant width.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LogGrid {
    width: f64,
}

/// Guards against a price that lies exactly on an edge falling below it by the last bit of the logarithm
/// (model specification, section 9).
const EDGE_TOLERANCE: f64 = 1e-12;

impl LogGrid {
    /// The grid used for every market: 5 basis points, about half a minute's standard deviation of the
    /// large coins.
    pub const STANDARD: Self = Self { width: 5e-4 };

    /// A grid of `width` in log price, or `None` outside `[1e-6, 0.1]`.
    pub fn new(width: f64) -> Option<Self> {
        (1e-6..=0.1).contains(&width).then_some(Self { width })
    }

    /// Bin width in log price.
    #[inline]
    pub const fn width(self) -> f64 {
        self.width
    }

    /// Position of a positive price in bin units: bin `i` spans `[i, i + 1)`.
    ///
    /// ```
    /// # use liqlens_model::LogGrid;
    /// let grid = LogGrid::new(0.01).unwrap();
    /// assert!((grid.position(core::f64::consts::E) - 100.0).abs() < 1e-9);
    /// ```
    #[inline]
    pub fn position(self, price: f64) -> f64 {
        libm::log(price) / self.width
    }

    /// The bin that holds a price.
    #[inline]
    pub fn bin(self, price: f64) -> BinIndex {
        self.bin_at(self.position(price))
    }

    /// The bin that holds a position in bin units.
    #[inline]
    #[allow(clippy::cast_possible_truncation)] // |ln price / h| < 4.3e7 for every representable price
    pub fn bin_at(self, position: f64) -> BinIndex {
        libm::floor(position + EDGE_TOLERANCE) as BinIndex
    }

    /// The price at a position in bin units.
    #[inline]
    pub fn price(self, position: f64) -> f64 {
        libm::exp(position * self.width)
    }

    /// Price in the middle (in log) of a bin: what the bin's contracts are valued at.
    pub fn middle(self, bin: BinIndex) -> f64 {
        self.price(f64::from(bin) + 0.5)
    }

    /// A log distance as a whole number of bins, half to even, at least one.
    #[allow(clippy::cast_possible_truncation)] // distances are below 1.5, widths at least 1e-6
    pub fn shift(self, log_distance: f64) -> BinIndex {
        (libm::rint(log_distance / self.width) as BinIndex).max(1)
    }

    /// First price, in units of 1e-8, at or above the lower edge of a bin.
    #[allow(clippy::cast_possible_truncation)] // saturates beyond the range of prices
    pub fn lower_edge_units(self, bin: BinIndex) -> i64 {
        let price = self.price(f64::from(bin) - EDGE_TOLERANCE);
        libm::ceil(price * liqlens_market::UNITS_PER_ONE as f64) as i64
    }
}

/// Prices in the middle of bins, for walks over many of them: one exponential serves a block of bins, and
/// a multiplication each the rest, which may differ from [`LogGrid::middle`] in the fourteenth digit.
/// Blocks start at multiples of their length, so a bin has the same price in every walk.
#[derive(Debug, Clone)]
pub struct BlockPrices {
    grid: LogGrid,
    ratios: [f64; Self::BINS],
    /// Prices of the first bins of blocks, and the bin of the first of them.
    kept: (BinIndex, Vec<f64>),
}

impl BlockPrices {
    /// Bins in a block.
    pub const BINS: usize = 64;

    /// Prices on `grid`.
    pub fn new(grid: LogGrid) -> Self {
        let ratio = libm::exp(grid.width);
        let mut ratios = [1.0; Self::BINS];
        for bin in 1..Self::BINS {
            ratios[bin] = ratios[bin - 1] * ratio;
        }
        Self { grid, ratios, kept: (0, Vec::new()) }
    }

    /// The same with the exponentials worked out for blocks around a bin, up to `reach` bins away.
    #[must_use]
    pub fn kept_around(self, bin: BinIndex, reach: BinIndex) -> Self {
        let from = Self::start(bin.saturating_sub(reach).saturating_add(64));
        let starts = (from..bin.saturating_add(reach)).step_by(Self::BINS);
        let kept = starts.map(|start| self.grid.middle(start)).collect();
        Self { kept: (from, kept), ..self }
    }

    /// First bin of the block that holds `bin`.
    #[inline]
    pub const fn start(bin: BinIndex) -> BinIndex {
        bin - bin.rem_euclid(64)
    }

    /// Prices of the block that starts at `start`.
    #[inline]
    pub fn block(&self, start: BinIndex) -> [f64; Self::BINS] {
        let kept = usize::try_from(i64::from(start) - i64::from(self.kept.0)).ok();
        let kept = kept
            .filter(|above| above % Self::BINS == 0)
            .and_then(|above| self.kept.1.get(above / Self::BINS));
        let first = kept.copied().unwrap_or_else(|| self.grid.middle(start));
        self.ratios.map(|ratio| first * ratio)
    }
}

/// Prices of bins that mostly lie near each other.
#[derive(Debug)]
pub struct PriceWalk<'a> {
    prices: &'a BlockPrices,
    first: BinIndex,
    block: Option<[f64; BlockPrices::BINS]>,
}

impl BlockPrices {
    /// For a walk over bins in any order.
    pub const fn walk(&self) -> PriceWalk<'_> {
        PriceWalk { prices: self, first: 0, block: None }
    }
}

impl PriceWalk<'_> {
    /// Price in the middle (in log) of a bin, the same as in [`BlockPrices::block`].
    #[inline]
    pub fn middle(&mut self, bin: BinIndex) -> f64 {
        let first = BlockPrices::start(bin);
        let block = match &mut self.block {
            Some(block) if self.first == first => block,
            block => {
                self.first = first;
                block.insert(self.prices.block(first))
            }
        };
        usize::try_from(bin - first).map_or(0.0, |place| block[place % BlockPrices::BINS])
    }
}

impl LogGrid {
    /// The bin of an exact price.
    pub fn bin_of(self, price: Price) -> BinIndex {
        self.bin(price.to_f64())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_price_lies_inside_its_bin(price in 1e-7..1e9_f64) {
            let grid = LogGrid::STANDARD;
            let bin = grid.bin(price);
            prop_assert!(grid.price(f64::from(bin)) <= price * (1.0 + 1e-12));
            prop_assert!(price < grid.price(f64::from(bin) + 1.0) * (1.0 + 1e-12));
        }

        #[test]
        fn a_block_gives_each_bin_its_price(bin in -40_000..40_000_i32) {
            let grid = LogGrid::STANDARD;
            let start = BlockPrices::start(bin);
            let place = usize::try_from(bin - start).unwrap();
            prop_assert!(place < BlockPrices::BINS);
            prop_assert_eq!(BlockPrices::start(start), start);
            let prices = BlockPrices::new(grid);
            let price = prices.block(start)[place];
            prop_assert_eq!(prices.kept_around(20_000, 10_000).block(start)[place], price);
            prop_assert!((price / grid.middle(bin) - 1.0).abs() < 1e-13, "{}: {}", bin, price);
            let prices = BlockPrices::new(grid);
            let mut walk = prices.walk();
            prop_assert_eq!([bin, bin + 70, bin].map(|bin| walk.middle(bin))[2], price);
        }

        #[test]
        fn integer_edges_agree_with_the_logarithm(bin in 10_000..30_000_i32) {
            let grid = LogGrid::STANDARD;
            let edge = grid.lower_edge_units(bin);
            let at = Price::from_units(edge + 1).unwrap();
            let below = Price::from_units(edge - 2).unwrap();
            prop_assert_eq!(grid.bin_of(at), bin);
            prop_assert_eq!(grid.bin_of(below), bin - 1);
        }
    }
}
