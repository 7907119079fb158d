//! The curves under every draw of what is uncertain: where the 80 % intervals come from.
//!
//! For each side and each member of the ensemble there is one more cumulative curve of dollars, known at the
//! edges of the ensemble's rows. A question is put to every member, and the interval is a weighted quantile
//! of the answers – of the distance, the dollars, the ratio that was asked for, never a sum of quantiles of
//! bins. Rows are coarser than the grid: inside a row every member's dollars lie as the map's own curve has
//! them (evenly, where that holds nothing), so that a question narrower than a row is not answered more
//! vaguely than the map knows.

use liqlens_engine::{DrawnLevels, Ensemble};
use liqlens_market::{Instrument, Side};
use liqlens_model::LogGrid;

use crate::curve::Curve;

/// Share of the weight below an 80 % interval, and above it.
const TAIL: f64 = 0.10;
/// Slack in cumulated weights, so that ten members of a tenth each sum to one.
const WEIGHT_SLACK: f64 = 1e-9;

/// Both sides' curves under every member.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Drawn {
    /// Weight of each member; they sum to 1.
    weights: Vec<f64>,
    sides: [DrawnSide; 2],
}

/// One side's curves under every member.
#[derive(Debug, Clone, PartialEq)]
struct DrawnSide {
    /// Distance of each knot from the price, bin units, not falling.
    distance: Vec<f64>,
    /// The map's own dollars up to each knot.
    own: Vec<f64>,
    /// Dollars up to each knot, `[knot][member]`.
    dollars: Vec<f64>,
}

/// Lower and upper end of an 80 % interval; the upper is infinite if more than a tenth of the members have
/// no answer.
pub(crate) type Bounds = (f64, f64);

impl Drawn {
    /// The members' curves around the map's own two; `None` if the ensemble holds nothing that could be
    /// weighed (no member, no weight, no row).
    pub(crate) fn new(
        ensemble: &Ensemble,
        curves: &[Curve; 2],
        grid: LogGrid,
        instrument: &Instrument,
    ) -> Option<Self> {
        let total: f64 = ensemble.weights.iter().sum();
        let usable = total > 0.0 && total.is_finite() && ensemble.weights.iter().all(|w| *w >= 0.0);
        let weights: Vec<f64> = ensemble.weights.iter().map(|weight| weight / total).collect();
        let side = |side: Side| {
            let levels = &ensemble.sides[side.index()];
            DrawnSide::new(side, levels, weights.len(), &curves[side.index()], grid, instrument)
        };
        let sides = usable.then(|| Side::BOTH.map(side))?;
        let [Some(long), Some(short)] = sides else { return None };
        Some(Self { weights, sides: [long, short] })
    }

    fn members(&self) -> usize {
        self.weights.len()
    }

    /// Dollars of a side within a distance (bin units), member by member.
    pub(crate) fn within(&self, curve: &Curve, side: Side, distance: f64) -> Vec<f64> {
        self.sides[side.index()].within(curve, distance, self.members())
    }

    /// Dollars of a side between two distances, member by member.
    pub(crate) fn between(&self, curve: &Curve, side: Side, near: f64, far: f64) -> Vec<f64> {
        let mut dollars = self.within(curve, side, far);
        for (far, near) in dollars.iter_mut().zip(self.within(curve, side, near)) {
            *far = (*far - near).max(0.0);
        }
        dollars
    }

    /// Distance (bin units) within which each member holds `dollars`; infinite for those that never do.
    pub(crate) fn reach(&self, curve: &Curve, side: Side, dollars: f64) -> Vec<f64> {
        let drawn = &self.sides[side.index()];
        (0..self.members()).map(|member| drawn.reach(curve, member, self.members(), dollars)).collect()
    }

    /// Each member's dollars weighted by a function of their distance (bin units).
    pub(crate) fn weighted(&self, side: Side, weight: impl Fn(f64) -> f64) -> Vec<f64> {
        let drawn = &self.sides[side.index()];
        let members = self.members();
        let mut sums = vec![0.0; members];
        let mut before = vec![0.0; members];
        let mut inner = 0.0;
        for (outer, dollars) in drawn.distance.iter().zip(drawn.dollars.chunks_exact(members)) {
            let factor = weight(f64::midpoint(inner, *outer));
            for ((sum, before), now) in sums.iter_mut().zip(&mut before).zip(dollars) {
                *sum += (now - *before) * factor;
                *before = *now;
            }
            inner = *outer;
        }
        sums
    }

    /// Weight of the members whose value a condition picks.
    pub(crate) fn share(&self, values: &[f64], pick: impl Fn(f64) -> bool) -> f64 {
        let picked = self.weights.iter().zip(values).filter(|(_, value)| pick(**value));
        picked.map(|(weight, _)| weight).sum::<f64>().min(1.0)
    }

    /// Weight of the members for which a condition on a pair of values holds.
    pub(crate) fn share_of_pairs(&self, a: &[f64], b: &[f64], pick: impl Fn(f64, f64) -> bool) -> f64 {
        let picked = self.weights.iter().zip(a.iter().zip(b)).filter(|(_, (a, b))| pick(**a, **b));
        picked.map(|(weight, _)| weight).sum::<f64>().min(1.0)
    }

    /// The 10 % and 90 % quantiles: the smallest values that a tenth and nine tenths of the weight do not
    /// exceed.
    pub(crate) fn bounds(&self, values: &[f64]) -> Bounds {
        let mut ranked: Vec<(f64, f64)> = values.iter().copied().zip(self.weights.iter().copied()).collect();
        ranked.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        let mut below = 0.0;
        let mut lower = None;
        for (value, weight) in &ranked {
            below += weight;
            if lower.is_none() && below >= TAIL - WEIGHT_SLACK {
                lower = Some(*value);
            }
            if below >= 1.0 - TAIL - WEIGHT_SLACK {
                return (lower.unwrap_or(*value), *value);
            }
        }
        // Only rounding of the weights can lead here.
        let last = ranked.last().map_or(f64::INFINITY, |(value, _)| *value);
        (lower.unwrap_or(last), last)
    }
}

impl DrawnSide {
    fn new(
        side: Side,
        levels: &DrawnLevels,
        members: usize,
        curve: &Curve,
        grid: LogGrid,
        instrument: &Instrument,
    ) -> Option<Self> {
        if members == 0 || levels.bins_per_row <= 0 {
            return None;
        }
        let rows = levels.contracts.len() / members;
        let width = f64::from(levels.bins_per_row);
        let edge = |row: usize| f64::from(levels.first) + row as f64 * width;
        // From the price outward: down for longs, up for shorts.
        let order = |at: usize| if side == Side::Long { rows - 1 - at } else { at };
        let mut distance = vec![0.0; rows + 1];
        let mut dollars = vec![0.0; (rows + 1) * members];
        for at in 0..rows {
            let row = order(at);
            let (near, far) = match side {
                Side::Long => (edge(row + 1), edge(row)),
                Side::Short => (edge(row), edge(row + 1)),
            };
            // Rows that the price has passed stand at distance zero, as in the map's own curve.
            if at == 0 {
                distance[0] = curve.distance_to_position(near);
            }
            distance[at + 1] = curve.distance_to_position(far).max(distance[at]);
            let worth = instrument.notional(1.0, grid.price(f64::midpoint(near, far)));
            let (inner, outer) = dollars.split_at_mut((at + 1) * members);
            let contracts = &levels.contracts[row * members..(row + 1) * members];
            for ((outer, inner), contracts) in outer.iter_mut().zip(&inner[at * members..]).zip(contracts) {
                let contracts = f64::from(*contracts);
                let held = if contracts.is_finite() && contracts > 0.0 { contracts * worth } else { 0.0 };
                *outer = *inner + held;
            }
        }
        let own = distance.iter().map(|knot| curve.by_band_within(*knot).iter().sum()).collect();
        Some(Self { distance, own, dollars })
    }

    fn row(&self, knot: usize, members: usize) -> &[f64] {
        &self.dollars[knot * members..(knot + 1) * members]
    }

    fn within(&self, curve: &Curve, distance: f64, members: usize) -> Vec<f64> {
        let beyond = self.distance.partition_point(|knot| *knot <= distance);
        let Some(inner) = beyond.checked_sub(1) else { return vec![0.0; members] };
        let near = self.row(inner, members);
        if beyond == self.distance.len() {
            return near.to_vec();
        }
        let (d0, d1) = (self.distance[inner], self.distance[beyond]);
        let (own0, own1) = (self.own[inner], self.own[beyond]);
        let share = if own1 > own0 {
            let own: f64 = curve.by_band_within(distance).iter().sum();
            ((own - own0) / (own1 - own0)).clamp(0.0, 1.0)
        } else {
            (distance - d0) / (d1 - d0)
        };
        near.iter().zip(self.row(beyond, members)).map(|(near, far)| near + (far - near) * share).collect()
    }

    fn reach(&self, curve: &Curve, member: usize, members: usize, dollars: f64) -> f64 {
        let held = |knot: usize| self.dollars[knot * members + member];
        let (mut low, mut high) = (0, self.distance.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            if held(middle) < dollars { low = middle + 1 } else { high = middle }
        }
        if low == self.distance.len() {
            return f64::INFINITY;
        }
        let Some(inner) = low.checked_sub(1) else { return self.distance[0] };
        let share = (dollars - held(inner)) / (held(low) - held(inner));
        let (d0, d1) = (self.distance[inner], self.distance[low]);
        let (own0, own1) = (self.own[inner], self.own[low]);
        let own = if own1 > own0 { curve.reach(own0 + (own1 - own0) * share) } else { None };
        own.unwrap_or(d0 + (d1 - d0) * share).clamp(d0, d1)
    }
}

#[cfg(test)]
mod tests {
    use liqlens_engine::{Ledger, SideLevels};
    use proptest::prelude::*;

    use super::*;

    fn instrument() -> Instrument {
        // Inverse, a dollar a contract: dollars are contracts, so figures can be had by hand.
        Instrument { contract: liqlens_market::Contract::Inverse { contract_value: 1.0 }, ..linear() }
    }

    fn linear() -> Instrument {
        Instrument::from_market("binance:BTCUSDT".parse().unwrap()).unwrap()
    }

    /// Evenly filled curves around bin position 100: longs in bins 0–99, shorts in 100–199, one contract each.
    fn curves() -> [Curve; 2] {
        let grid = LogGrid::new(0.001).unwrap();
        [(Side::Long, 0), (Side::Short, 100)].map(|(side, first)| {
            let levels = SideLevels {
                side,
                first,
                contracts: vec![[1.0, 0.0, 0.0, 0.0, 0.0]; 100],
                unliquidatable: 0.0,
                boundary: None,
                scale: 1.0,
                flows: Ledger::default(),
            };
            Curve::new(&levels, grid, grid.price(100.0), &instrument())
        })
    }

    /// Members hold `held[member]` contracts in every row of four bins.
    fn drawn(weights: &[f64], held: &[f32]) -> Drawn {
        let levels = |first| DrawnLevels { first, bins_per_row: 4, contracts: held.repeat(25) };
        let ensemble = Ensemble { weights: weights.to_vec(), sides: [levels(0), levels(100)] };
        Drawn::new(&ensemble, &curves(), LogGrid::new(0.001).unwrap(), &instrument()).unwrap()
    }

    fn close(values: &[f64], expected: &[f64]) {
        assert_eq!(values.len(), expected.len());
        for (value, expected) in values.iter().zip(expected) {
            assert!(value == expected || (value - expected).abs() < 1e-9, "{values:?}, not {expected:?}");
        }
    }

    /// By hand: 4 and 8 contracts a row of four bins are 1 and 2 a bin, and 100 and 200 in all.
    #[test]
    fn every_member_answers_for_itself() {
        let drawn = drawn(&[0.5, 0.5], &[4.0, 8.0]);
        let [long, short] = curves();
        for (side, curve) in [(Side::Long, &long), (Side::Short, &short)] {
            close(&drawn.within(curve, side, 0.0), &[0.0, 0.0]);
            close(&drawn.within(curve, side, 10.0), &[10.0, 20.0]);
            close(&drawn.within(curve, side, 10.5), &[10.5, 21.0]);
            close(&drawn.within(curve, side, 1e9), &[100.0, 200.0]);
            close(&drawn.between(curve, side, 3.0, 5.0), &[2.0, 4.0]);
            close(&drawn.reach(curve, side, 30.0), &[30.0, 15.0]);
            close(&drawn.reach(curve, side, 150.0), &[f64::INFINITY, 75.0]);
            close(&drawn.weighted(side, |_| 0.5), &[50.0, 100.0]);
            // Rows of four bins have their middles at 2, 6, …, 98, whose mean is 50.
            close(&drawn.weighted(side, |distance| distance), &[5_000.0, 10_000.0]);
        }
    }

    /// Inside a row the members follow the map: if all of its mass is in the outer half, so is theirs.
    #[test]
    fn inside_a_row_dollars_lie_as_on_the_map() {
        let grid = LogGrid::new(0.001).unwrap();
        let steps = [(grid.price(102.5), 10.0, 0), (grid.price(103.0), 30.0, 0)];
        let short = Curve::steps(Side::Short, grid, grid.price(100.0), steps);
        let long = Curve::steps(Side::Long, grid, grid.price(100.0), []);
        let levels = |first, held: f32| DrawnLevels { first, bins_per_row: 4, contracts: vec![held] };
        let ensemble = Ensemble { weights: vec![1.0], sides: [levels(96, 0.0), levels(100, 8.0)] };
        let curves = [long, short];
        let drawn = Drawn::new(&ensemble, &curves, grid, &instrument()).unwrap();
        close(&drawn.within(&curves[1], Side::Short, 2.4), &[0.0]);
        close(&drawn.within(&curves[1], Side::Short, 2.6), &[2.0]);
        close(&drawn.within(&curves[1], Side::Short, 3.1), &[8.0]);
        close(&drawn.reach(&curves[1], Side::Short, 2.5), &[3.0]);
        close(&drawn.reach(&curves[0], Side::Long, 1.0), &[f64::INFINITY]);
    }

    /// Dollars of a linear contract are valued at the middle of the row, and a row the price is in lies
    /// wholly beyond the price.
    #[test]
    fn rows_are_valued_at_their_middle_and_start_at_the_price() {
        let grid = LogGrid::new(0.001).unwrap();
        let price = grid.price(7_001.0);
        let curves = [Side::Long, Side::Short].map(|side| Curve::steps(side, grid, price, []));
        // Longs in bins 6,996–7,003 (the upper row holds the price), shorts wholly past it.
        let ensemble = Ensemble {
            weights: vec![2.0],
            sides: [
                DrawnLevels { first: 6_996, bins_per_row: 4, contracts: vec![3.0, 2.0] },
                DrawnLevels { first: 6_990, bins_per_row: 4, contracts: vec![5.0] },
            ],
        };
        let drawn = Drawn::new(&ensemble, &curves, grid, &linear()).unwrap();
        let (near, far) = (2.0 * grid.price(7_002.0), 3.0 * grid.price(6_998.0));
        close(&drawn.within(&curves[0], Side::Long, 0.5), &[near / 2.0]);
        close(&drawn.within(&curves[0], Side::Long, 1.0), &[near]);
        close(&drawn.within(&curves[0], Side::Long, 5.0), &[near + far]);
        close(&drawn.within(&curves[1], Side::Short, 0.0), &[5.0 * grid.price(6_992.0)]);
        close(&drawn.reach(&curves[1], Side::Short, 1.0), &[0.0]);
    }

    /// By hand: of the weights .05, .05, .3, .4, .2 on 1…5 a tenth lies at or below 2, nine tenths at or
    /// below 5; unanswered members push the upper end out of sight.
    #[test]
    fn quantiles_are_weighted_and_may_be_open() {
        let drawn = drawn(&[0.4, 0.05, 0.2, 0.3, 0.05], &[1.0; 5]);
        assert_eq!(drawn.bounds(&[4.0, 1.0, 5.0, 3.0, 2.0]), (2.0, 5.0));
        assert_eq!(drawn.bounds(&[4.0, 1.0, f64::INFINITY, 3.0, 2.0]), (2.0, f64::INFINITY));
        let even = super::tests::drawn(&[0.1; 10], &[1.0; 10]);
        let values: Vec<f64> = (1..=10).map(f64::from).collect();
        assert_eq!(even.bounds(&values), (1.0, 9.0));
        assert!((drawn.share(&[4.0, 1.0, 5.0, 3.0, 2.0], |value| value < 3.5) - 0.4).abs() < 1e-12);
    }

    #[test]
    fn what_cannot_be_weighed_is_no_ensemble() {
        let grid = LogGrid::new(0.001).unwrap();
        let levels = |bins_per_row| DrawnLevels { first: 0, bins_per_row, contracts: vec![1.0; 8] };
        let made = |weights: &[f64], bins_per_row| {
            let sides = [levels(bins_per_row), levels(bins_per_row)];
            Drawn::new(&Ensemble { weights: weights.to_vec(), sides }, &curves(), grid, &instrument())
        };
        assert!(made(&[0.5, 0.5], 4).is_some());
        for weights in [&[][..], &[0.0, 0.0], &[f64::NAN, 1.0], &[-1.0, 2.0], &[f64::INFINITY, 1.0]] {
            assert!(made(weights, 4).is_none(), "{weights:?}");
        }
        assert!(made(&[1.0], 0).is_none());
    }

    proptest! {
        /// A member that is the map itself answers as the map does, whatever the rows.
        #[test]
        fn the_map_as_a_member_answers_as_the_map(
            contracts in proptest::collection::vec(0.01..10.0_f32, 30), bins_per_row in 1..7_i32,
            distance in 0.0..40.0_f64, share in 0.001..1.0_f64, long in any::<bool>(),
        ) {
            let grid = LogGrid::new(0.001).unwrap();
            let (side, first) = if long { (Side::Long, 70) } else { (Side::Short, 100) };
            let levels = |side, contracts: Vec<_>| SideLevels {
                side, first, contracts, unliquidatable: 0.0, boundary: None, scale: 1.0, flows: Ledger::default(),
            };
            let own = contracts.iter().map(|c| [f64::from(*c), 0.0, 0.0, 0.0, 0.0]).collect();
            let other = if long { Side::Short } else { Side::Long };
            let own = Curve::new(&levels(side, own), grid, grid.price(100.0), &instrument());
            let empty = Curve::new(&levels(other, vec![]), grid, grid.price(100.0), &instrument());
            let rows: Vec<f32> = (0..30 / bins_per_row + 2)
                .map(|row| {
                    let from = (first.div_euclid(bins_per_row) + row) * bins_per_row - first;
                    (from..from + bins_per_row)
                        .filter_map(|at| usize::try_from(at).ok().and_then(|at| contracts.get(at)))
                        .sum()
                })
                .collect();
            let drawn_levels = |contracts| DrawnLevels {
                first: first.div_euclid(bins_per_row) * bins_per_row, bins_per_row, contracts,
            };
            let (mut curves, mut sides) =
                ([own.clone(), empty], [drawn_levels(rows), drawn_levels(vec![])]);
            if !long {
                curves.swap(0, 1);
                sides.swap(0, 1);
            }
            let ensemble = Ensemble { weights: vec![1.0], sides };
            let drawn = Drawn::new(&ensemble, &curves, grid, &instrument()).unwrap();
            let total = own.total();
            prop_assert!((drawn.within(&own, side, distance)[0] - own.within(distance)).abs() < 1e-5 * total);
            let asked = total * share * 0.999;
            prop_assert!((drawn.reach(&own, side, asked)[0] - own.reach(asked).unwrap()).abs() < 1e-3);
        }
    }
}
