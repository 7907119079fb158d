//! The curves under every draw of what is uncertain: where the 80 % intervals come from.
//!
//! For each side and each member of the ensemble there is one more cumulative curve of dollars, known at the
//! edges of the ensemble's rows. A question is put to every member, and the interval is a weighted quantile
//! of the answers – of the distance, the dollars, the ratio that was asked for, never a sum of quantiles of
//! bins. Rows are coarser than the grid: inside a row every member's dollars lie as the map's own curve has
//! them (evenly, where that holds nothing), so that a question narrower than a row is not answered more
//! vaguely than the map knows.

use std::sync::OnceLock;

use liqlens_engine::DrawnMap;
use liqlens_market::{Contract, Side};

use crate::curve::Curve;

/// Share of the weight below an 80 % interval, and above it.
const TAIL: f64 = 0.10;
/// Slack in cumulated weights, so that ten members of a tenth each sum to one.
const WEIGHT_SLACK: f64 = 1e-9;
/// Rows of one stretch: what is computed at a time when a question goes further out than those before.
const STRETCH: usize = 16;

/// Both sides' curves under every member.
#[derive(Debug, Clone)]
pub(crate) struct Drawn {
    /// Weight of each member; they sum to 1.
    weights: Vec<f64>,
    sides: [DrawnSide; 2],
}

/// One side's curves under every member.
#[derive(Debug, Clone)]
struct DrawnSide {
    side: Side,
    rows: liqlens_engine::DrawnSide,
    contract: Contract,
    members: usize,
    /// From the price outward, each filled in when a question first gets there, and after all before it.
    stretches: Box<[OnceLock<Stretch>]>,
}

/// A part of the curves. The first knot is the last one of the stretch before.
#[derive(Debug, Clone)]
struct Stretch {
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
    /// The members' curves beside the map's own; `None` if the draws hold nothing that could be weighed (no
    /// member, no weight, rows of no height).
    pub(crate) fn new(map: DrawnMap, contract: Contract) -> Option<Self> {
        let total: f64 = map.weights.iter().sum();
        let usable = total > 0.0 && total.is_finite() && map.weights.iter().all(|w| *w >= 0.0);
        if !usable || map.sides.iter().any(|rows| !rows.edges().is_sorted_by(|a, b| a < b)) {
            return None;
        }
        let members = map.weights.len();
        let [long, short] = map.sides;
        let sides = [(Side::Long, long), (Side::Short, short)].map(|(side, rows)| DrawnSide {
            side,
            contract,
            members,
            stretches: (0..rows.edges().len().div_ceil(STRETCH).max(1)).map(|_| OnceLock::new()).collect(),
            rows,
        });
        Some(Self { weights: map.weights.iter().map(|weight| weight / total).collect(), sides })
    }

    /// Dollars of a side within a distance (bin units), member by member.
    pub(crate) fn within(&self, curve: &Curve, side: Side, distance: f64) -> Vec<f64> {
        self.sides[side.index()].within(curve, distance)
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
        self.sides[side.index()].reach(curve, dollars)
    }

    /// Each member's dollars weighted by a function of their distance (bin units) that is nothing beyond `until`.
    pub(crate) fn weighted(
        &self,
        curve: &Curve,
        side: Side,
        until: f64,
        weight: impl Fn(f64) -> f64,
    ) -> Vec<f64> {
        let mut sums = vec![0.0; self.weights.len()];
        for stretch in self.sides[side.index()].stretches(curve) {
            stretch.add_weighted(&weight, &mut sums);
            if stretch.last_distance() > until {
                break;
            }
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
    /// One stretch after the other, from the price outward.
    fn stretches<'a>(&'a self, curve: &'a Curve) -> impl Iterator<Item = &'a Stretch> {
        let mut before = None;
        self.stretches.iter().enumerate().map(move |(number, stretch)| {
            let stretch = stretch.get_or_init(|| self.fill(curve, number, before));
            before = Some(stretch);
            stretch
        })
    }

    fn fill(&self, curve: &Curve, number: usize, before: Option<&Stretch>) -> Stretch {
        let edges = self.rows.edges();
        let rows = edges.len().saturating_sub(1);
        let (from, to) = ((number * STRETCH).min(rows), ((number + 1) * STRETCH).min(rows));
        let mut stretch = match before {
            Some(before) => before.end(self.members, to - from),
            None => Stretch::start(self.members, to - from),
        };
        let mut contracts = vec![0.0; self.members];
        for at in from..to {
            // From the price outward: down for longs, up for shorts.
            let row = if self.side == Side::Long { rows - 1 - at } else { at };
            let (lower, upper) = (f64::from(edges[row]), f64::from(edges[row + 1]));
            let (near, far) = if self.side == Side::Long { (upper, lower) } else { (lower, upper) };
            // Rows that the price has passed stand at distance zero, as in the map's own curve.
            if at == 0 {
                stretch.move_start(curve.distance_to_position(near), curve);
            }
            self.rows.fill(row, &mut contracts);
            let worth = self.contract.notional(1.0, curve.grid().price(f64::midpoint(near, far)));
            stretch.knot(curve.distance_to_position(far), curve, &contracts, worth);
        }
        stretch
    }

    fn within(&self, curve: &Curve, distance: f64) -> Vec<f64> {
        let mut held = vec![0.0; self.members];
        for stretch in self.stretches(curve) {
            if stretch.last_distance() <= distance {
                held.copy_from_slice(stretch.row(stretch.distance.len() - 1, self.members));
                continue;
            }
            let beyond = stretch.distance.partition_point(|knot| *knot <= distance);
            let Some(inner) = beyond.checked_sub(1) else { break };
            let share = stretch.share_of_distance(inner, distance, curve);
            let (near, far) = (stretch.row(inner, self.members), stretch.row(beyond, self.members));
            for ((held, near), far) in held.iter_mut().zip(near).zip(far) {
                *held = near + (far - near) * share;
            }
            break;
        }
        held
    }

    fn reach(&self, curve: &Curve, dollars: f64) -> Vec<f64> {
        let mut reached = vec![f64::INFINITY; self.members];
        let mut waiting: Vec<usize> = (0..self.members).collect();
        for stretch in self.stretches(curve) {
            waiting.retain(|member| {
                let found = stretch.reach(curve, *member, self.members, dollars);
                if let Some(distance) = found {
                    reached[*member] = distance;
                }
                found.is_none()
            });
            if waiting.is_empty() {
                break;
            }
        }
        reached
    }
}

impl Stretch {
    /// The first stretch, with nothing at distance zero.
    fn start(members: usize, rows: usize) -> Self {
        Self { distance: vec![0.0], own: vec![0.0], dollars: vec![0.0; members] }.with_room(members, rows)
    }

    /// The beginning of the next stretch.
    fn end(&self, members: usize, rows: usize) -> Self {
        let last = self.distance.len() - 1; // there is a first knot
        let dollars = self.row(last, members).to_vec();
        Self { distance: vec![self.distance[last]], own: vec![self.own[last]], dollars }
            .with_room(members, rows)
    }

    fn with_room(mut self, members: usize, rows: usize) -> Self {
        self.distance.reserve_exact(rows);
        self.own.reserve_exact(rows);
        self.dollars.reserve_exact(rows * members);
        self
    }

    fn move_start(&mut self, distance: f64, curve: &Curve) {
        self.distance[0] = distance;
        self.own[0] = curve.by_band_within(distance).iter().sum();
    }

    /// Adds a knot, and between the last one and it so many contracts of each member, each worth so much.
    fn knot(&mut self, distance: f64, curve: &Curve, contracts: &[f32], worth: f64) {
        let last = self.distance.len() - 1; // there is a first knot
        let distance = distance.max(self.distance[last]);
        self.distance.push(distance);
        self.own.push(curve.by_band_within(distance).iter().sum());
        let before = self.dollars.len();
        self.dollars.resize(before + contracts.len(), 0.0);
        let (inner, outer) = self.dollars.split_at_mut(before);
        let inner = &inner[before - contracts.len()..];
        for ((outer, inner), contracts) in outer.iter_mut().zip(inner).zip(contracts) {
            let contracts = if *contracts > 0.0 && *contracts < f32::INFINITY { *contracts } else { 0.0 };
            *outer = inner + f64::from(contracts) * worth;
        }
    }

    fn row(&self, knot: usize, members: usize) -> &[f64] {
        &self.dollars[knot * members..(knot + 1) * members]
    }

    fn last_distance(&self) -> f64 {
        self.distance.last().copied().unwrap_or(0.0)
    }

    /// How much of what lies between a knot and the next lies within a distance.
    fn share_of_distance(&self, inner: usize, distance: f64, curve: &Curve) -> f64 {
        let (d0, d1) = (self.distance[inner], self.distance[inner + 1]);
        let (own0, own1) = (self.own[inner], self.own[inner + 1]);
        if own1 > own0 {
            let own: f64 = curve.by_band_within(distance).iter().sum();
            ((own - own0) / (own1 - own0)).clamp(0.0, 1.0)
        } else {
            (distance - d0) / (d1 - d0)
        }
    }

    /// The distance at which a member gets to `dollars`, if it does within the stretch.
    fn reach(&self, curve: &Curve, member: usize, members: usize, dollars: f64) -> Option<f64> {
        let held = |knot: usize| self.dollars[knot * members + member];
        let last = self.distance.len() - 1; // there is a first knot
        if held(last) < dollars {
            return None;
        }
        let (mut low, mut high) = (0, last);
        while low < high {
            let middle = usize::midpoint(low, high);
            if held(middle) < dollars { low = middle + 1 } else { high = middle }
        }
        let Some(inner) = low.checked_sub(1) else { return Some(self.distance[0]) };
        let share = (dollars - held(inner)) / (held(low) - held(inner));
        let (d0, d1) = (self.distance[inner], self.distance[low]);
        let (own0, own1) = (self.own[inner], self.own[low]);
        let own = if own1 > own0 { curve.reach(own0 + (own1 - own0) * share) } else { None };
        Some(own.unwrap_or(d0 + (d1 - d0) * share).clamp(d0, d1))
    }

    fn add_weighted(&self, weight: impl Fn(f64) -> f64, sums: &mut [f64]) {
        let members = sums.len();
        for knot in 1..self.distance.len() {
            let factor = weight(f64::midpoint(self.distance[knot - 1], self.distance[knot]));
            let (before, now) = (self.row(knot - 1, members), self.row(knot, members));
            for ((sum, before), now) in sums.iter_mut().zip(before).zip(now) {
                *sum += (now - before) * factor;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use liqlens_engine::{DrawnLevels, Ensemble, Market, Rows};
    use liqlens_files::{Options, bundled, collect_bytes};
    use liqlens_market::{Event, Instrument};
    use liqlens_model::{FlowModel, LogGrid, ModelId, Spread};
    use proptest::prelude::*;

    use super::*;
    use crate::testing::one_sided;

    /// A dollar a contract: dollars are contracts, so figures can be had by hand.
    const DOLLARS: Contract = Contract::Inverse { contract_value: 1.0 };

    fn grid() -> LogGrid {
        LogGrid::new(0.001).unwrap()
    }

    /// Evenly filled curves around bin position 100: longs in bins 0–99, shorts in 100–199, one contract each.
    fn curves() -> [Curve; 2] {
        [(Side::Long, 0), (Side::Short, 100)].map(|(side, first)| {
            let contracts = vec![[1.0, 0.0, 0.0, 0.0, 0.0]; 100];
            let map = one_sided(grid(), grid().price(100.0), side, first, contracts, None);
            Curve::new(side, &map, DOLLARS)
        })
    }

    fn of(weights: &[f64], sides: [DrawnLevels; 2], contract: Contract) -> Option<Drawn> {
        Drawn::new(Ensemble { weights: weights.to_vec(), sides }.into(), contract)
    }

    /// Members hold `held[member]` contracts in every row of four bins.
    fn drawn(weights: &[f64], held: &[f32]) -> Drawn {
        let levels = |first| DrawnLevels { first, bins_per_row: 4, contracts: held.repeat(25) };
        of(weights, [levels(0), levels(100)], DOLLARS).unwrap()
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
            close(&drawn.weighted(curve, side, f64::INFINITY, |_| 0.5), &[50.0, 100.0]);
            // Rows of four bins have their middles at 2, 6, …, 98, whose mean is 50.
            close(&drawn.weighted(curve, side, f64::INFINITY, |distance| distance), &[5_000.0, 10_000.0]);
        }
    }

    /// Inside a row the members follow the map: if all of its mass is in the outer half, so is theirs.
    #[test]
    fn inside_a_row_dollars_lie_as_on_the_map() {
        let grid = grid();
        let steps = [(grid.price(102.5), 10.0, 0), (grid.price(103.0), 30.0, 0)];
        let short = Curve::steps(Side::Short, grid, grid.price(100.0), steps);
        let long = Curve::steps(Side::Long, grid, grid.price(100.0), []);
        let levels = |first, held: f32| DrawnLevels { first, bins_per_row: 4, contracts: vec![held] };
        let curves = [long, short];
        let drawn = of(&[1.0], [levels(96, 0.0), levels(100, 8.0)], DOLLARS).unwrap();
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
        let grid = grid();
        let price = grid.price(7_001.0);
        let curves = [Side::Long, Side::Short].map(|side| Curve::steps(side, grid, price, []));
        // Longs in bins 6,996–7,003 (the upper row holds the price), shorts wholly past it.
        let sides = [
            DrawnLevels { first: 6_996, bins_per_row: 4, contracts: vec![3.0, 2.0] },
            DrawnLevels { first: 6_990, bins_per_row: 4, contracts: vec![5.0] },
        ];
        let drawn = of(&[2.0], sides, Contract::Linear).unwrap();
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
        let levels = |bins_per_row| DrawnLevels { first: 0, bins_per_row, contracts: vec![1.0; 8] };
        let made = |weights: &[f64], bins_per_row| {
            of(weights, [levels(bins_per_row), levels(bins_per_row)], DOLLARS)
        };
        assert!(made(&[0.5, 0.5], 4).is_some());
        for weights in [&[][..], &[0.0, 0.0], &[f64::NAN, 1.0], &[-1.0, 2.0], &[f64::INFINITY, 1.0]] {
            assert!(made(weights, 4).is_none(), "{weights:?}");
        }
        assert!(made(&[1.0], 0).is_none());
    }

    /// Every member of the recorded market's map, with rows that grow with their distance and with rows of ten basis
    /// points: dollars within any distance and distances for any dollars, less than a percent apart.
    #[test]
    fn rows_that_grow_answer_as_even_ones() {
        let mut events = Vec::new();
        for file in bundled::FILES {
            events.extend(collect_bytes(file.name, file.bytes, &Options::default()).unwrap().1);
        }
        events.sort_by(Event::log_order);
        let instrument = Instrument::from_market("binance:BTCUSDT".parse().unwrap()).unwrap();
        let table = liqlens_margin::table(&instrument.market, events[events.len() - 1].known_ts).unwrap();
        let model = FlowModel::new(ModelId::M2, &instrument, &table.table).unwrap();
        let mut market = Market::new(instrument, model);
        for event in &events {
            market.step(event);
        }
        let map = Arc::new(market.frozen().unwrap());
        let growing = map.drawn().unwrap();
        let even = map.drawn_under(&Spread::DEFAULT, Rows::Even).unwrap();
        let rows = |drawn: &DrawnMap| drawn.sides.iter().map(|side| side.edges().len()).sum::<usize>();
        assert!(rows(&growing) * 7 < rows(&even), "{} of {}", rows(&growing), rows(&even));
        let [growing, even] = [growing, even].map(|drawn| Drawn::new(drawn, Contract::Linear).unwrap());
        let mut worst = 0.0_f64;
        for side in Side::BOTH {
            let curve = Curve::new(side, &map, Contract::Linear);
            let held: f64 = curve.by_band_within(f64::INFINITY).iter().sum();
            // The total that is kept count of is the sum over all levels.
            let levels = &map.standing().sides[side.index()];
            let by_level = (levels.first..).zip(&levels.contracts);
            let summed: f64 = by_level.map(|(bin, c)| c.iter().sum::<f64>() * map.grid.middle(bin)).sum();
            assert!((held / summed - 1.0).abs() < 1e-6, "{held} {summed}");
            for distance in [5.0, 20.5, 77.0, 150.2, 333.0, 700.7] {
                let [a, b] = [&growing, &even].map(|drawn| drawn.within(&curve, side, distance));
                a.iter().zip(&b).for_each(|(a, b)| worst = worst.max((a / b - 1.0).abs()));
            }
            for share in [1e-3, 0.01, 0.05, 0.2] {
                let [a, b] = [&growing, &even].map(|drawn| drawn.reach(&curve, side, held * share));
                a.iter().zip(&b).for_each(|(a, b)| worst = worst.max((a / b - 1.0).abs()));
            }
        }
        assert!(worst < 0.01, "{worst}");
    }

    proptest! {
        /// A member that is the map itself answers as the map does, whatever the rows.
        #[test]
        fn the_map_as_a_member_answers_as_the_map(
            contracts in proptest::collection::vec(0.01..10.0_f32, 30), bins_per_row in 1..7_i32,
            distance in 0.0..40.0_f64, share in 0.001..1.0_f64, long in any::<bool>(),
        ) {
            let grid = grid();
            let (side, first) = if long { (Side::Long, 70) } else { (Side::Short, 100) };
            let own = contracts.iter().map(|c| [f64::from(*c), 0.0, 0.0, 0.0, 0.0]).collect();
            let map = one_sided(grid, grid.price(100.0), side, first, own, None);
            let own = Curve::new(side, &map, DOLLARS);
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
            let mut sides = [drawn_levels(rows), drawn_levels(vec![])];
            if !long {
                sides.swap(0, 1);
            }
            let drawn = of(&[1.0], sides, DOLLARS).unwrap();
            let total = own.total();
            prop_assert!((drawn.within(&own, side, distance)[0] - own.within(distance)).abs() < 1e-5 * total);
            let asked = total * share * 0.999;
            prop_assert!((drawn.reach(&own, side, asked)[0] - own.reach(asked).unwrap()).abs() < 1e-3);
        }
    }
}
