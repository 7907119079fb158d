//! Cumulative dollars of one side by distance from the price: the one curve that answers everything.
//!
//! Of a modelled market the curve is piecewise linear in log price, with a knot at each edge of each bin that holds mass. So
//! `reach` (distance for dollars) and `at` (dollars for distance) are exact inverses of each other
//! wherever the curve rises, a map of any bin width is a set of differences of it, and every grid sums to
//! the same total. Dollars are contracts valued at the price of their own bin.
//!
//! Of measured positions the curve is a staircase: each position stands at its own liquidation price, to
//! the last digit, and is worth its size there. `reach` is then the distance of the position that completes
//! the amount, `at` counts a position from exactly its price on, and the two are inverse in the sense of a
//! step function: `reach(at(d)) ≤ d` and `at(reach(x)) ≥ x`. Bins of any width still sum to the same total,
//! because they are differences of the same staircase.

use core::ops::Range;
use std::sync::{Arc, OnceLock};

use liqlens_engine::Frozen;
use liqlens_market::{Contract, Side};
use liqlens_model::{BANDS, BinIndex, BlockPrices, LogGrid};

use crate::document::Usd;

/// Dollars by leverage band, in the order of [`BANDS`].
pub(crate) type ByBand = [f64; BANDS.len()];

/// Bins of one stretch: what is computed at a time when a question goes further out than those before.
const STRETCH: usize = 64;

/// Cumulative dollars of one side, from the price outward.
#[derive(Debug, Clone)]
pub(crate) struct Curve {
    side: Side,
    grid: LogGrid,
    /// Price in bin units.
    origin: f64,
    /// Where the dollars lie; `None` of a curve whose knots are all there.
    levels: Option<Levels>,
    /// From the price outward, each filled in when a question first gets there, and after all before it.
    stretches: Box<[OnceLock<Stretch>]>,
}

/// Levels that a curve is summed over.
#[derive(Debug, Clone)]
struct Levels {
    map: Arc<Frozen>,
    contract: Contract,
    bins: Range<BinIndex>,
    boundary: Option<(BinIndex, f64)>,
    prices: BlockPrices,
    /// All dollars, where they are known without a sum over all levels. The two differ in the last digits of the
    /// levels' precision; then these hold, and the curve ends at them.
    total: Option<ByBand>,
}

/// A part of a curve. The first knot is the last one of the stretch before.
#[derive(Debug, Clone, PartialEq)]
struct Stretch {
    /// Distance of each knot from the price, bin units, not falling.
    distance: Vec<f64>,
    /// Dollars up to each knot, not falling.
    dollars: Vec<f64>,
    /// The same by band.
    by_band: Vec<ByBand>,
}

impl Stretch {
    fn from(distance: f64, dollars: f64, by_band: ByBand) -> Self {
        let room = 2 * STRETCH + 1;
        let mut stretch = Self {
            distance: Vec::with_capacity(room),
            dollars: Vec::with_capacity(room),
            by_band: Vec::with_capacity(room),
        };
        stretch.knot(distance, dollars, by_band);
        stretch
    }

    /// Mass that the price has reached but no sweep has taken yet (the sweep follows the trigger price)
    /// sits at distance zero.
    fn knot(&mut self, distance: f64, dollars: f64, by_band: ByBand) {
        let last = self.distance.last().copied().unwrap_or(0.0);
        self.distance.push(distance.max(last));
        self.dollars.push(dollars);
        self.by_band.push(by_band);
    }

    /// Makes the last knot that of all dollars there are.
    fn end_at(&mut self, all: ByBand) {
        if let (Some(dollars), Some(by_band)) = (self.dollars.last_mut(), self.by_band.last_mut()) {
            (*dollars, *by_band) = (all.iter().sum(), all);
        }
    }

    fn last(&self) -> (f64, f64, ByBand) {
        let last = self.distance.len() - 1; // there is a first knot
        (self.distance[last], self.dollars[last], self.by_band[last])
    }
}

impl Curve {
    /// The curve of one side's levels around the price of the map.
    pub(crate) fn new(side: Side, map: &Arc<Frozen>, contract: Contract) -> Self {
        let (bins, boundary) = (map.bins(side), map.boundary(side));
        let (prices, total) = (BlockPrices::new(map.grid), map.total_usd(side, contract));
        let count = usize::try_from(i64::from(bins.end) - i64::from(bins.start)).unwrap_or(0);
        Self {
            side,
            grid: map.grid,
            origin: map.grid.position(map.price),
            stretches: (0..count.div_ceil(STRETCH).max(1)).map(|_| OnceLock::new()).collect(),
            levels: Some(Levels { map: map.clone(), contract, bins, boundary, prices, total }),
        }
    }

    /// The staircase of positions `(liquidation price, dollars, band)` around a price, in any order; those
    /// of one price in the order given.
    pub(crate) fn steps(
        side: Side,
        grid: LogGrid,
        price: f64,
        positions: impl IntoIterator<Item = (f64, f64, usize)>,
    ) -> Self {
        let mut curve =
            Self { side, grid, origin: grid.position(price), levels: None, stretches: Box::default() };
        let mut steps: Vec<(f64, f64, usize)> = positions
            .into_iter()
            .map(|(price, dollars, band)| (curve.distance_to(price), dollars, band))
            .collect();
        steps.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut stretch = Stretch::from(0.0, 0.0, [0.0; BANDS.len()]);
        let mut total = 0.0;
        let mut running = [0.0; BANDS.len()];
        for (distance, dollars, band) in steps {
            stretch.knot(distance, total, running);
            total += dollars;
            running[band.min(BANDS.len() - 1)] += dollars;
            stretch.knot(distance, total, running);
        }
        curve.stretches = [OnceLock::from(stretch)].into();
        curve
    }

    /// One stretch after the other, from the price outward.
    fn stretches(&self) -> impl Iterator<Item = &Stretch> {
        let mut before = None;
        self.stretches.iter().enumerate().map(move |(number, stretch)| {
            let stretch = stretch.get_or_init(|| self.fill(number, before));
            before = Some(stretch);
            stretch
        })
    }

    fn fill(&self, number: usize, before: Option<&Stretch>) -> Stretch {
        let (distance, mut total, mut running) = before.map_or((0.0, 0.0, [0.0; BANDS.len()]), Stretch::last);
        let mut stretch = Stretch::from(distance, total, running);
        let Some(levels) = &self.levels else { return stretch };
        let from = BinIndex::try_from(number * STRETCH).unwrap_or(BinIndex::MAX);
        let to = BinIndex::try_from((number + 1) * STRETCH).unwrap_or(BinIndex::MAX);
        let Range { start, end } = levels.bins;
        let mut prices = levels.prices.walk();
        for step in from..to.min(end.saturating_sub(start)) {
            let bin = if self.side == Side::Long { end - 1 - step } else { start + step };
            let contracts = levels.map.at(self.side, bin);
            if contracts.iter().all(|c| *c <= 0.0) {
                continue;
            }
            let middle = prices.middle(bin);
            let left = levels.boundary.filter(|(b, _)| *b == bin).map_or(1.0, |(_, left)| left);
            // What is left of the boundary bin is its part away from the price.
            let (near, far) = match self.side {
                Side::Long => (self.origin - (f64::from(bin) + left), self.origin - f64::from(bin)),
                Side::Short => {
                    (f64::from(bin) + 1.0 - left - self.origin, f64::from(bin) + 1.0 - self.origin)
                }
            };
            stretch.knot(near, total, running);
            for (band, contracts) in contracts.into_iter().enumerate() {
                running[band] += levels.contract.notional(contracts, middle);
                if let Some(all) = levels.total {
                    running[band] = running[band].min(all[band]);
                }
            }
            total = running.iter().sum();
            stretch.knot(far, total, running);
        }
        if let Some(all) = levels.total.filter(|_| number + 1 == self.stretches.len()) {
            stretch.end_at(all);
        }
        stretch
    }

    /// All dollars of the side, at any distance.
    #[cfg(test)]
    pub(crate) fn total(&self) -> f64 {
        self.stretches().last().map_or(0.0, |stretch| stretch.last().1)
    }

    /// Smallest distance (bin units) within which there are `dollars`; `None` if the side never holds
    /// that much.
    pub(crate) fn reach(&self, dollars: f64) -> Option<f64> {
        if dollars <= 0.0 {
            return Some(0.0);
        }
        let stretch = self.stretches().find(|stretch| stretch.last().1 >= dollars)?;
        // Not the first knot: that is the last one of the stretch before, which holds too little.
        let above = stretch.dollars.partition_point(|sum| *sum < dollars);
        let inner = above.checked_sub(1)?;
        let (d1, s1) = (stretch.distance[above], stretch.dollars[above]);
        let (d0, s0) = (stretch.distance[inner], stretch.dollars[inner]);
        Some(d0 + (d1 - d0) * (dollars - s0) / (s1 - s0))
    }

    /// Dollars within a distance (bin units).
    #[cfg(test)]
    pub(crate) fn within(&self, distance: f64) -> f64 {
        self.by_band_within(distance).iter().sum()
    }

    /// Dollars within a distance (bin units), by band.
    pub(crate) fn by_band_within(&self, distance: f64) -> ByBand {
        if let Some(all) = self.levels.as_ref().and_then(|levels| levels.total)
            && distance == f64::INFINITY
        {
            return all;
        }
        let mut end = [0.0; BANDS.len()];
        for stretch in self.stretches() {
            let (last, _, by_band) = stretch.last();
            if last <= distance {
                end = by_band;
                continue;
            }
            let beyond = stretch.distance.partition_point(|knot| *knot <= distance);
            let Some(inner) = beyond.checked_sub(1) else { return end };
            let (start, end) = (stretch.by_band[inner], stretch.by_band[beyond]);
            let (d0, d1) = (stretch.distance[inner], stretch.distance[beyond]);
            let share = (distance - d0) / (d1 - d0);
            return core::array::from_fn(|band| start[band] + (end[band] - start[band]) * share);
        }
        end
    }

    /// The same to the cent. Everything a document prints comes through here, so that any two figures
    /// built from the same curve agree to the cent.
    pub(crate) fn cents_within(&self, distance: f64) -> [Usd; BANDS.len()] {
        self.by_band_within(distance).map(Usd::from_f64)
    }

    /// Dollars within a distance, to the cent.
    pub(crate) fn usd_within(&self, distance: f64) -> Usd {
        self.cents_within(distance).into_iter().sum()
    }

    /// Distance (bin units) from the price out to another price on this side; zero if that lies on the
    /// other side.
    pub(crate) fn distance_to(&self, price: f64) -> f64 {
        self.distance_to_position(self.grid.position(price))
    }

    /// The same of a position in bin units.
    pub(crate) fn distance_to_position(&self, position: f64) -> f64 {
        ((position - self.origin) * -self.side.sign()).max(0.0)
    }

    /// All dollars, each weighted by a function of its distance (bin units) that is nothing beyond `until`; those
    /// between two knots count at their middle.
    pub(crate) fn weighted(&self, until: f64, weight: impl Fn(f64) -> f64) -> f64 {
        let mut sum = 0.0;
        for stretch in self.stretches() {
            let knots = stretch.distance.iter().zip(&stretch.dollars);
            let outer = knots.clone().skip(1);
            sum += knots
                .zip(outer)
                .filter(|((_, s0), (_, s1))| s1 > s0)
                .map(|((d0, s0), (d1, s1))| (s1 - s0) * weight(f64::midpoint(*d0, *d1)))
                .sum::<f64>();
            if stretch.last().0 > until {
                break;
            }
        }
        sum
    }

    /// The grid of distances.
    pub(crate) const fn grid(&self) -> LogGrid {
        self.grid
    }

    /// Width of a bin, the unit of distances, in log price.
    pub(crate) const fn bin_width(&self) -> f64 {
        self.grid.width()
    }

    /// The price at a distance (bin units).
    pub(crate) fn price_at(&self, distance: f64) -> f64 {
        self.grid.price(self.origin - self.side.sign() * distance)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::one_sided;

    fn curve(side: Side, first: i32, contracts: &[f64], boundary: Option<(i32, f64)>, price: f64) -> Curve {
        let grid = LogGrid::new(0.01).unwrap();
        let contracts = contracts.iter().map(|c| [*c, 0.0, 0.0, 0.0, *c]).collect();
        let map = one_sided(grid, grid.price(price), side, first, contracts, boundary);
        Curve::new(side, &map, Contract::Linear)
    }

    #[test]
    fn distances_count_from_the_price_outward() {
        // Longs in bins 98 and 97, price at 100.0: bin 98 spans distances 1 to 2.
        let longs = curve(Side::Long, 97, &[1.0, 2.0], None, 100.0);
        let grid = LogGrid::new(0.01).unwrap();
        let near = 4.0 * grid.middle(98);
        assert!((longs.within(1.5) - near / 2.0).abs() < 1e-9);
        assert!((longs.reach(near).unwrap() - 2.0).abs() < 1e-9);
        assert!((longs.total() - near - 2.0 * grid.middle(97)).abs() < 1e-9);
        assert_eq!(longs.reach(longs.total() * 1.01), None);
        assert_eq!(longs.within(0.5), 0.0);

        // A boundary bin holds its mass in its far part only: a quarter left of bin 98 lies in 1.75–2.
        let longs = curve(Side::Long, 98, &[2.0], Some((98, 0.25)), 100.0);
        assert_eq!(longs.within(1.75), 0.0);
        assert!(longs.within(1.8) > 0.0);
        let shorts = curve(Side::Short, 101, &[2.0], Some((101, 0.25)), 100.0);
        assert_eq!(shorts.within(1.74), 0.0);
        let usd = shorts.total();
        assert!((shorts.reach(usd / 2.0).unwrap() - 1.875).abs() < 1e-9);
    }

    /// By hand, price 100: longs at 99 and twice at 90, one already past at 101.
    #[test]
    fn measured_positions_stand_at_their_own_prices() {
        let grid = LogGrid::STANDARD;
        let steps = [(90.0, 900.0, 0), (101.0, 50.0, 4), (99.0, 99.0, 1), (90.0, 100.0, 2)];
        let curve = Curve::steps(Side::Long, grid, 100.0, steps);
        let within = |price: f64| curve.within(curve.distance_to(price));
        assert_eq!([within(100.0), within(99.01), within(99.0), within(90.1)], [50.0, 50.0, 149.0, 149.0]);
        assert_eq!([within(90.0), within(1.0)], [1_149.0, 1_149.0]);
        assert_eq!(curve.by_band_within(f64::INFINITY), [900.0, 99.0, 100.0, 0.0, 50.0]);
        let reach = |dollars| curve.reach(dollars).map(|distance| curve.price_at(distance));
        for (dollars, price) in [(50.0, 100.0), (50.01, 99.0), (149.0, 99.0), (149.01, 90.0), (1_149.0, 90.0)]
        {
            assert!((reach(dollars).unwrap() / price - 1.0).abs() < 1e-12, "{dollars}");
        }
        assert_eq!(reach(1_149.01), None);
        // Shorts mirror it.
        let curve = Curve::steps(Side::Short, grid, 100.0, [(101.0, 10.0, 0), (99.0, 5.0, 0)]);
        assert_eq!(curve.within(curve.distance_to(100.99)), 5.0);
        assert_eq!(curve.within(curve.distance_to(101.0)), 15.0);
    }

    proptest! {
        /// A plain sum over the positions is the reference.
        #[test]
        fn a_staircase_is_the_sum_of_its_positions(
            positions in proptest::collection::vec((1.0..200.0_f64, 1.0..1e6_f64, 0..5_usize), 0..40),
            price in 50.0..150.0_f64, asked in 1.0..200.0_f64, share in 0.001..1.0_f64, long in any::<bool>(),
        ) {
            let side = if long { Side::Long } else { Side::Short };
            let curve = Curve::steps(side, LogGrid::STANDARD, price, positions.iter().copied());
            let gone = |to: f64| -> f64 {
                let hit = |p: f64| if long { p >= to || p >= price } else { p <= to || p <= price };
                positions.iter().filter(|(p, ..)| hit(*p)).map(|(_, usd, _)| usd).sum()
            };
            prop_assert!((curve.within(curve.distance_to(asked)) - gone(asked)).abs() < 1e-6);
            let dollars = curve.total() * share;
            if let Some(distance) = curve.reach(dollars) {
                prop_assert!(curve.within(distance) >= dollars * (1.0 - 1e-12));
                prop_assert!(distance == 0.0 || curve.within(distance * (1.0 - 1e-9)) < dollars * (1.0 + 1e-12));
            }
            let there = curve.distance_to(asked);
            prop_assert!(curve.reach(curve.within(there) * (1.0 - 1e-12)).unwrap() <= there);
        }

        #[test]
        fn reach_and_at_are_inverse(
            contracts in proptest::collection::vec(0.001..10.0_f64, 1..60),
            price in 100.0..110.0_f64, share in 0.0..1.0_f64, long in any::<bool>(),
        ) {
            let count = i32::try_from(contracts.len()).unwrap();
            let (side, first) = if long { (Side::Long, 99 - count) } else { (Side::Short, 111) };
            let curve = curve(side, first, &contracts, None, price);
            let dollars = curve.total() * share;
            let distance = curve.reach(dollars).unwrap();
            prop_assert!((curve.within(distance) - dollars).abs() <= 1e-9 * curve.total());
            // And the other way round, wherever there is mass.
            let inside = curve.reach(curve.total() * 0.5).unwrap();
            prop_assert!((curve.reach(curve.within(inside)).unwrap() - inside).abs() < 1e-9);
        }
    }
}
