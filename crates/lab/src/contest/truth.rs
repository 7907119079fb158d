//! A map beside the true one, where the truth is known (model specification, section 12.3, "ground truth").
//!
//! At moments the caller chooses, each contestant's map and the true standing map are laid out by distance from
//! the price, both in the same bins: how far mass must be moved to make one shape the other, how much is in
//! the same buckets, and how wrong the two questions a user asks come out – how much within a distance, how
//! far to an amount. Amounts are asked of the map as it is, and of the map times what was liquidated over what
//! it held on past paths, which is what anybody could do who knows the prints.

use liqlens_engine::{DrawnLevels, Ensemble};
use liqlens_market::Side;
use liqlens_score::{
    Coverage, LogRatio, MassProfile, ScoreError, WeightedSample, mass_error, overlap, reach_error,
    wasserstein,
};
use serde::Serialize;

/// Shapes are compared within this share of the price.
const WITHIN: f64 = 0.2;
/// Buckets of the overlap, log distance.
const BUCKET: f64 = 25e-4;
/// How far maps are read, log distance: reaches beyond count as missing.
pub(super) const READ: f64 = 1.0;
/// Distances whose mass is compared, share of the price.
const DISTANCES: [f64; 2] = [0.05, 0.1];
/// Amounts whose distance is compared, share of open interest.
const AMOUNTS: [f64; 3] = [0.01, 0.02, 0.05];
/// Promise of the reach intervals.
const REACH_BAND: f64 = 0.8;

/// Median of a measure over moments and sides, and how many of them had none.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Spread {
    /// Median.
    pub median: Option<f64>,
    /// Mean.
    pub mean: Option<f64>,
    /// Cases measured.
    pub cases: u64,
    /// Cases in which only the map, or only the truth, had an answer.
    pub missing: u64,
}

/// A measure of an amount, raw and with the level set right from past prints.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct AmountError {
    /// Share of the price, or of open interest, that it is about.
    pub at: f64,
    /// `|ln(map/truth)|` of the map as it is.
    pub raw: Spread,
    /// The same after the level was set.
    pub calibrated: Spread,
}

/// One contestant beside the truth.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct TruthOutcome {
    /// Its name.
    pub name: String,
    /// Wasserstein-1 distance of the shapes within 20 %, basis points.
    pub wasserstein_bp: Spread,
    /// Share of the shapes in the same 25-basis-point buckets within 20 %.
    pub overlap: Spread,
    /// Mass within 5 and 10 %.
    pub mass: Vec<AmountError>,
    /// Distance to 1, 2 and 5 % of open interest.
    pub reach: Vec<AmountError>,
    /// Coverage of the true distances to these by the ensemble's 80 % intervals: nominal, share, cases. Empty
    /// for models without an ensemble.
    pub reach_coverage: Vec<(f64, Option<f64>, u64)>,
}

/// Cases of one measure.
#[derive(Debug, Clone, Default)]
struct Cases {
    values: Vec<f32>,
    missing: u64,
}

impl Cases {
    fn add(&mut self, value: Option<f64>) {
        match value {
            Some(value) => self.values.push(super::record::narrow(value)),
            None => self.missing += 1,
        }
    }

    fn add_ratio(&mut self, ratio: LogRatio) {
        if ratio != LogRatio::Neither {
            self.add(ratio.error());
        }
    }

    fn spread(&self) -> Spread {
        let mut sorted: Vec<f64> = self.values.iter().map(|value| f64::from(*value)).collect();
        sorted.sort_by(f64::total_cmp);
        let cases = sorted.len();
        Spread {
            median: liqlens_score::interpolated_quantile(&sorted, 0.5),
            mean: (cases > 0).then(|| liqlens_score::sum(sorted.iter().copied()) / cases as f64),
            cases: cases as u64,
            missing: self.missing,
        }
    }
}

/// What was collected of one contestant.
#[derive(Debug, Clone, Default)]
pub(super) struct Compared {
    wasserstein: Cases,
    overlap: Cases,
    mass: [[Cases; 2]; DISTANCES.len()],
    reach: [[Cases; 2]; AMOUNTS.len()],
    reached: [Coverage; AMOUNTS.len()],
}

/// One side of a map: contracts by whole bins from the price's bin outwards.
#[derive(Debug, Clone, Copy)]
pub(super) struct Outward<'a> {
    pub(super) side: Side,
    /// Position of the price in its bin, in `[0, 1)`.
    pub(super) within_bin: f64,
    /// Bin width, log price.
    pub(super) width: f64,
    pub(super) contracts: &'a [f64],
}

impl Outward<'_> {
    fn profile(&self, factor: f64) -> Result<MassProfile, ScoreError> {
        // The price lies inside the first bin: what is left of it on this side begins at the price.
        let behind = if self.side == Side::Long { 1.0 - self.within_bin } else { self.within_bin };
        let scaled: Vec<f64> = self.contracts.iter().map(|mass| mass * factor).collect();
        MassProfile::of_bins(-behind * self.width, self.width, &scaled)
    }
}

/// A share of the price as a log distance on a side.
fn log_distance(side: Side, share: f64) -> f64 {
    if side == Side::Long { -libm::log1p(-share) } else { libm::log1p(share) }
}

impl Compared {
    /// Compares one side. `ratio` sets the level right; `None` while nothing is known of it.
    pub(super) fn add(
        &mut self,
        map: Outward<'_>,
        truth: Outward<'_>,
        open_interest: f64,
        ratio: Option<f64>,
    ) -> Result<(), ScoreError> {
        let side = map.side;
        let truth = truth.profile(1.0)?;
        let raw = map.profile(1.0)?;
        let limit = log_distance(side, WITHIN);
        self.wasserstein.add(wasserstein(&raw, &truth, limit));
        self.overlap.add(overlap(&raw, &truth, limit, BUCKET));
        let calibrated = ratio.map(|ratio| map.profile(ratio)).transpose()?;
        for (place, profile) in [Some(&raw), calibrated.as_ref()].into_iter().enumerate() {
            let Some(profile) = profile else { continue };
            for (cases, share) in self.mass.iter_mut().zip(DISTANCES) {
                cases[place].add_ratio(mass_error(profile, &truth, log_distance(side, share)));
            }
            for (cases, share) in self.reach.iter_mut().zip(AMOUNTS) {
                cases[place].add_ratio(reach_error(profile, &truth, share * open_interest));
            }
        }
        Ok(())
    }

    /// Asks the members of an ensemble for the same distances and counts whether the true ones lie between
    /// their 10 and 90 % points. A member that holds too little reaches it beyond everything.
    pub(super) fn add_members(
        &mut self,
        ensemble: &Ensemble,
        truth: Outward<'_>,
        position: f64,
        open_interest: f64,
    ) -> Result<(), ScoreError> {
        let levels = &ensemble.sides[truth.side.index()];
        let actual = truth.profile(1.0)?;
        let members: Vec<MassProfile> = (0..ensemble.weights.len())
            .map(|member| {
                member_profile(levels, truth.side, position, truth.width, ensemble.weights.len(), member)
            })
            .collect::<Result<_, _>>()?;
        for (coverage, share) in self.reached.iter_mut().zip(AMOUNTS) {
            let amount = share * open_interest;
            let Some(distance) = actual.reach(amount) else { continue };
            let draws: Vec<f64> =
                members.iter().map(|member| member.reach(amount).unwrap_or(f64::MAX)).collect();
            let sample = WeightedSample::new(&draws, &ensemble.weights)?;
            let (low, high) =
                (sample.quantile(0.5 * (1.0 - REACH_BAND)), sample.quantile(0.5 * (1.0 + REACH_BAND)));
            coverage.count(low <= distance && distance <= high);
        }
        Ok(())
    }

    pub(super) fn outcome(&self, name: &str) -> TruthOutcome {
        let amounts = |cases: &[[Cases; 2]], shares: &[f64]| -> Vec<AmountError> {
            let error = |(cases, at): (&[Cases; 2], &f64)| AmountError {
                at: *at,
                raw: cases[0].spread(),
                calibrated: cases[1].spread(),
            };
            cases.iter().zip(shares).map(error).collect()
        };
        let reached = self.reached.iter().filter(|coverage| coverage.total > 0);
        TruthOutcome {
            name: name.to_owned(),
            wasserstein_bp: self.wasserstein.spread(),
            overlap: self.overlap.spread(),
            mass: amounts(&self.mass, &DISTANCES),
            reach: amounts(&self.reach, &AMOUNTS),
            reach_coverage: reached.map(|coverage| (REACH_BAND, coverage.share(), coverage.total)).collect(),
        }
    }
}

/// One member's map by distance from the price, nearest first.
fn member_profile(
    levels: &DrawnLevels,
    side: Side,
    position: f64,
    width: f64,
    members: usize,
    member: usize,
) -> Result<MassProfile, ScoreError> {
    let mut stretches = Vec::new();
    for (row, contracts) in (0_i32..).zip(levels.contracts.chunks_exact(members.max(1))) {
        let low = f64::from(levels.first) + f64::from(row) * f64::from(levels.bins_per_row);
        let high = low + f64::from(levels.bins_per_row);
        let (near, far) = if side == Side::Long {
            (position - high, position - low)
        } else {
            (low - position, high - position)
        };
        let mass = contracts.get(member).copied().map_or(0.0, f64::from);
        if far > 0.0 && mass > 0.0 {
            stretches.push(liqlens_score::Stretch { from: near.max(0.0) * width, to: far * width, mass });
        }
    }
    if side == Side::Long {
        stretches.reverse();
    }
    MassProfile::new(stretches)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A price on the edge of its bin that leaves all of the bin to the side.
    fn outward(side: Side, contracts: &[f64]) -> Outward<'_> {
        let within_bin = if side == Side::Long { 1.0 } else { 0.0 };
        Outward { side, within_bin, width: 0.01, contracts }
    }

    #[test]
    fn a_map_twice_too_large_by_hand() {
        // Shorts: truth 1 a bin, map 2 a bin; open interest 100, so 1 % is 1 contract: 0.01 against 0.005.
        let (map, truth) = ([2.0; 50], [1.0; 50]);
        let mut compared = Compared::default();
        compared.add(outward(Side::Short, &map), outward(Side::Short, &truth), 100.0, Some(0.5)).unwrap();
        let outcome = compared.outcome("m");
        let two = core::f64::consts::LN_2;
        let near = |value: Option<f64>, expected: f64| (value.unwrap() - expected).abs() < 1e-6;
        assert!(near(outcome.wasserstein_bp.median, 0.0) && near(outcome.overlap.median, 1.0));
        for error in outcome.mass.iter().chain(&outcome.reach) {
            assert!(near(error.raw.median, two) && near(error.calibrated.median, 0.0), "{error:?}");
        }
        assert!(outcome.reach_coverage.is_empty());
    }

    #[test]
    fn the_price_divides_its_bin() {
        // Price at a quarter of its bin: a quarter lies below it, three quarters above.
        let contracts = [1.0, 0.0];
        for (side, reach) in [(Side::Long, 0.0025), (Side::Short, 0.0075)] {
            let side = Outward { side, within_bin: 0.25, width: 0.01, contracts: &contracts };
            assert!((side.profile(1.0).unwrap().reach(1.0).unwrap() - reach).abs() < 1e-12);
        }
    }

    #[test]
    fn amounts_that_one_of_the_two_lacks_are_counted() {
        let (map, truth) = ([0.0; 3], [5.0; 3]);
        let mut compared = Compared::default();
        compared.add(outward(Side::Long, &map), outward(Side::Long, &truth), 100.0, None).unwrap();
        let outcome = compared.outcome("m");
        assert_eq!((outcome.reach[0].raw.cases, outcome.reach[0].raw.missing), (0, 1));
        assert_eq!((outcome.reach[0].calibrated.cases, outcome.reach[0].calibrated.missing), (0, 0));
        assert_eq!((outcome.overlap.cases, outcome.overlap.missing), (0, 1));
    }

    #[test]
    fn members_around_the_truth_cover_it_and_members_beside_it_do_not() {
        let truth = [1.0; 50];
        let members = |scales: [f64; 4]| {
            #[allow(clippy::cast_possible_truncation)]
            let rows: Vec<f32> = (0..25).flat_map(|_| scales.map(|scale| 2.0 * scale as f32)).collect();
            let above = DrawnLevels { first: 100, bins_per_row: 2, contracts: rows.clone() };
            let below = DrawnLevels { first: 50, bins_per_row: 2, contracts: rows };
            Ensemble { weights: vec![0.25; 4], sides: [below, above] }
        };
        for side in Side::BOTH {
            for (scales, covered) in [([0.5, 0.8, 1.2, 2.0], 1.0), ([2.0, 3.0, 4.0, 5.0], 0.0)] {
                let mut compared = Compared::default();
                let truth = outward(side, &truth);
                compared.add_members(&members(scales), truth, 100.0, 100.0).unwrap();
                for (_, share, cases) in compared.outcome("m").reach_coverage {
                    assert_eq!((share, cases), (Some(covered), 1), "{side} {scales:?}");
                }
            }
        }
    }
}
