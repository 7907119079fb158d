//! The mass of a map on one side of the price, by distance, and how far two such maps are apart.
//!
//! Distances are logarithmic, from the price outwards, so a distance of 0.01 is a move of about 1 %. A map on
//! a grid and a list of true positions become the same thing, a cumulative curve, and are compared without
//! putting one on the grid of the other.

use crate::error::{ScoreError, all_amounts};
use crate::sum::{Sum, sum};

/// Basis points in one unit of log distance.
const BASIS_POINTS: f64 = 1e4;
/// Most buckets of an overlap.
const MOST_BUCKETS: f64 = 1e6;

/// Mass spread evenly over a stretch of distance, or standing at one point if both ends are equal.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stretch {
    /// Nearer end, log distance from the price.
    pub from: f64,
    /// Farther end.
    pub to: f64,
    /// Contracts or dollars.
    pub mass: f64,
}

/// Mass by log distance on one side of the price.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MassProfile {
    stretches: Vec<Stretch>,
    /// Mass up to the far end of each stretch.
    cumulated: Vec<f64>,
}

impl MassProfile {
    /// From stretches in order of distance that do not overlap (gaps are fine).
    pub fn new(stretches: Vec<Stretch>) -> Result<Self, ScoreError> {
        all_amounts("mass", &stretches.iter().map(|s| s.mass).collect::<Vec<_>>())?;
        let mut end = 0.0;
        for (index, stretch) in stretches.iter().enumerate() {
            if !(stretch.from >= end && stretch.to >= stretch.from && stretch.to.is_finite()) {
                let range = "not before the end of the stretch before it, and the stretch finite";
                return Err(ScoreError::Value {
                    what: "start of stretch",
                    index,
                    value: stretch.from,
                    range,
                });
            }
            end = stretch.to;
        }
        let cumulated = stretches
            .iter()
            .scan(Sum::default(), |running, stretch| {
                running.add(stretch.mass);
                Some(running.value())
            })
            .collect();
        Ok(Self { stretches, cumulated })
    }

    /// From positions in any order: pairs of log distance and mass.
    pub fn of_points(points: &[(f64, f64)]) -> Result<Self, ScoreError> {
        let mut sorted = points.to_vec();
        sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
        Self::new(sorted.into_iter().map(|(at, mass)| Stretch { from: at, to: at, mass }).collect())
    }

    /// From bins of equal width, outwards. `nearest_edge` is the log distance of the first bin's near edge;
    /// it may be negative, when the price lies inside that bin: the bin then begins at the price.
    pub fn of_bins(nearest_edge: f64, width: f64, masses: &[f64]) -> Result<Self, ScoreError> {
        let edge = |bin: usize| (nearest_edge + bin as f64 * width).max(0.0);
        let stretch =
            |(bin, mass): (usize, &f64)| Stretch { from: edge(bin), to: edge(bin + 1), mass: *mass };
        Self::new(masses.iter().enumerate().map(stretch).collect())
    }

    /// All mass.
    pub fn total(&self) -> f64 {
        self.cumulated.last().copied().unwrap_or(0.0)
    }

    /// Mass at distances up to and including `distance`.
    pub fn within(&self, distance: f64) -> f64 {
        self.up_to(self.stretches.partition_point(|s| s.from <= distance), distance)
    }

    /// Mass at distances below `distance`: differs from [`MassProfile::within`] where mass stands at a point.
    pub fn before(&self, distance: f64) -> f64 {
        self.up_to(self.stretches.partition_point(|s| s.from < distance), distance)
    }

    /// Mass of the first `count` stretches as far as `distance`; only the last of them can reach beyond it.
    fn up_to(&self, count: usize, distance: f64) -> f64 {
        let Some(last) = count.checked_sub(1) else { return 0.0 };
        let stretch = self.stretches[last];
        let all = self.cumulated[last];
        if stretch.to <= distance {
            return all;
        }
        let before = last.checked_sub(1).map_or(0.0, |at| self.cumulated[at]);
        before + stretch.mass * ((distance - stretch.from) / (stretch.to - stretch.from))
    }

    /// Least distance within which `amount` lies, or `None` if there is not so much.
    pub fn reach(&self, amount: f64) -> Option<f64> {
        if amount <= 0.0 {
            return Some(0.0);
        }
        let at = self.cumulated.partition_point(|mass| *mass < amount);
        let stretch = self.stretches.get(at)?;
        let before = at.checked_sub(1).map_or(0.0, |at| self.cumulated[at]);
        let share = if stretch.mass > 0.0 { ((amount - before) / stretch.mass).clamp(0.0, 1.0) } else { 1.0 };
        Some(stretch.from + share * (stretch.to - stretch.from))
    }

    /// Every end of a stretch up to `limit`, and both ends of the range.
    fn edges(&self, limit: f64) -> impl Iterator<Item = f64> {
        let ends = self.stretches.iter().flat_map(|s| [s.from, s.to]);
        ends.filter(move |edge| *edge < limit).chain([0.0, limit])
    }
}

/// Wasserstein-1 distance of two maps within `limit`, each divided by its mass there, in basis points of log
/// price: how far a contract of one must be moved on average to make the other. `None` if either is empty.
///
/// It is the area between the two cumulative curves, integrated exactly. All mass at 1 % against all at
/// 2.5 %: 150. Evenly over 0–2 % against all at 1 %: 50.
pub fn wasserstein(a: &MassProfile, b: &MassProfile, limit: f64) -> Option<f64> {
    let (mass_a, mass_b) = masses(a, b, limit)?;
    let mut edges: Vec<f64> = a.edges(limit).chain(b.edges(limit)).collect();
    edges.sort_by(f64::total_cmp);
    edges.dedup();
    let area = edges.windows(2).map(|pair| {
        let left = a.within(pair[0]) / mass_a - b.within(pair[0]) / mass_b;
        let right = a.before(pair[1]) / mass_a - b.before(pair[1]) / mass_b;
        (pair[1] - pair[0]) * mean_size(left, right)
    });
    Some(sum(area) * BASIS_POINTS)
}

/// Mean of `|x|` along the straight line from `left` to `right`.
fn mean_size(left: f64, right: f64) -> f64 {
    if left * right >= 0.0 {
        0.5 * (left.abs() + right.abs())
    } else {
        0.5 * (left * left + right * right) / (left.abs() + right.abs())
    }
}

/// Share of the mass within `limit` that two maps have in the same buckets of log distance: `Σ min(p, q)` of
/// the two divided by their masses; 1 for equal shapes, 0 for disjoint ones, ½ for
/// ¾, ¼ against ¼, ¾. The protocol uses a limit of 20 %
/// and buckets of 25 basis points. `None` if either is empty or the buckets are more than a million.
pub fn overlap(a: &MassProfile, b: &MassProfile, limit: f64, bucket: f64) -> Option<f64> {
    let (mass_a, mass_b) = masses(a, b, limit)?;
    let count = libm::ceil(limit / bucket - 1e-9);
    if !(bucket > 0.0 && (1.0..=MOST_BUCKETS).contains(&count)) {
        return None;
    }
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // between 1 and a million
    let count = count as u32;
    let up_to = |profile: &MassProfile, bucket_end: u32| {
        // What stands exactly at the limit belongs to the last bucket.
        if bucket_end == count {
            profile.within(limit)
        } else {
            profile.before(f64::from(bucket_end) * bucket)
        }
    };
    let in_bucket = |profile: &MassProfile, index: u32| up_to(profile, index + 1) - up_to(profile, index);
    Some(sum((0..count).map(|index| (in_bucket(a, index) / mass_a).min(in_bucket(b, index) / mass_b))))
}

fn masses(a: &MassProfile, b: &MassProfile, limit: f64) -> Option<(f64, f64)> {
    let (mass_a, mass_b) = (a.within(limit), b.within(limit));
    (limit > 0.0 && limit.is_finite() && mass_a > 0.0 && mass_b > 0.0).then_some((mass_a, mass_b))
}

/// An amount of the map beside the true one, in logs. Cases where one is missing stay visible: leaving
/// them out would hide the worst errors.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum LogRatio {
    /// `ln(map / truth)`: positive if the map has more.
    Both(f64),
    /// Only the map has one.
    MapOnly,
    /// Only the truth has one.
    TruthOnly,
    /// Neither has one.
    Neither,
}

impl LogRatio {
    fn of(map: Option<f64>, truth: Option<f64>) -> Self {
        let positive = |value: &f64| *value > 0.0;
        match (map.filter(positive), truth.filter(positive)) {
            (Some(map), Some(truth)) => Self::Both(libm::log(map) - libm::log(truth)),
            (Some(_), None) => Self::MapOnly,
            (None, Some(_)) => Self::TruthOnly,
            (None, None) => Self::Neither,
        }
    }

    /// `|ln(map / truth)|`; `None` if one is missing.
    pub fn error(self) -> Option<f64> {
        if let Self::Both(log_ratio) = self { Some(log_ratio.abs()) } else { None }
    }
}

/// The mass within a distance, beside the true one: 50 M of 100 M is −0.693.
pub fn mass_error(map: &MassProfile, truth: &MassProfile, distance: f64) -> LogRatio {
    LogRatio::of(Some(map.within(distance)), Some(truth.within(distance)))
}

/// The distance to an amount, beside the true one: 2 % instead of 1 % is +0.693. A reach of exactly 0 counts
/// as missing, for it has no logarithm.
pub fn reach_error(map: &MassProfile, truth: &MassProfile, amount: f64) -> LogRatio {
    LogRatio::of(map.reach(amount), truth.reach(amount))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn points(points: &[(f64, f64)]) -> MassProfile {
        MassProfile::of_points(points).unwrap()
    }

    fn close(found: Option<f64>, expected: f64) {
        assert!((found.unwrap() - expected).abs() < 1e-9, "{found:?} instead of {expected}");
    }

    #[test]
    fn distances_by_hand() {
        close(wasserstein(&points(&[(0.01, 3.0)]), &points(&[(0.025, 9.0)]), 0.2), 150.0);
        let even = MassProfile::of_bins(0.0, 0.02, &[5.0]).unwrap();
        close(wasserstein(&even, &points(&[(0.01, 1.0)]), 0.2), 50.0);
        // Evenly over 0–2 % against 0–4 %: F − G runs 0 → ½ → 0, area ½·4 %·½ = 1 %.
        close(wasserstein(&even, &MassProfile::of_bins(0.0, 0.04, &[1.0]).unwrap(), 0.2), 100.0);
        // What lies beyond the limit does not count: only the point at 1 % is left of the second.
        close(wasserstein(&points(&[(0.01, 1.0)]), &points(&[(0.01, 1.0), (0.3, 99.0)]), 0.2), 0.0);
        assert_eq!(wasserstein(&even, &points(&[(0.3, 1.0)]), 0.2), None);
        assert_eq!(wasserstein(&even, &even, f64::NAN), None);
    }

    #[test]
    fn curves_that_cross_inside_a_stretch_are_integrated_exactly() {
        // Half at 0 and half at 2 %, against all evenly over 0–2 %: F − G = ½ − x/2 %, |·| averages ¼.
        let ends = points(&[(0.0, 1.0), (0.02, 1.0)]);
        close(wasserstein(&ends, &MassProfile::of_bins(0.0, 0.02, &[7.0]).unwrap(), 0.2), 50.0);
    }

    #[test]
    fn overlaps_by_hand() {
        // Shares ¾, ¼ against ¼, ¾ in two buckets.
        let a = points(&[(0.001, 3.0), (0.003, 1.0)]);
        let b = points(&[(0.002, 1.0), (0.004, 3.0)]);
        close(overlap(&a, &b, 0.2, 0.0025), 0.5);
        close(overlap(&a, &a, 0.2, 0.0025), 1.0);
        close(overlap(&a, &points(&[(0.1, 1.0)]), 0.2, 0.0025), 0.0);
        // A point on the limit is in the last bucket; the last bucket may be short.
        close(overlap(&points(&[(0.2, 1.0)]), &points(&[(0.199, 1.0)]), 0.2, 0.03), 1.0);
        assert_eq!(overlap(&a, &b, 0.2, 0.0), None);
        assert_eq!(overlap(&a, &b, 0.2, 1e-12), None);
    }

    #[test]
    fn amounts_and_distances_by_hand() {
        let map = MassProfile::of_bins(-0.005, 0.01, &[2.0, 4.0, 0.0, 4.0]).unwrap();
        // First bin from the price to 0.5 %, then 0.5–1.5 %, 1.5–2.5 %, 2.5–3.5 %.
        assert!((map.within(0.01) - 4.0).abs() < 1e-12);
        close(map.reach(4.0), 0.01);
        close(map.reach(8.0), 0.03);
        assert_eq!((map.reach(10.5), map.reach(0.0)), (None, Some(0.0)));
        let truth = points(&[(0.005, 4.0), (0.02, 4.0)]);
        let ln2 = core::f64::consts::LN_2;
        assert!((mass_error(&map, &truth, 0.015).error().unwrap() - 1.5_f64.ln()).abs() < 1e-12);
        assert!((reach_error(&map, &truth, 4.0).error().unwrap() - ln2).abs() < 1e-12);
        assert_eq!(reach_error(&map, &truth, 9.0), LogRatio::MapOnly);
        assert_eq!(reach_error(&truth, &map, 9.0), LogRatio::TruthOnly);
        assert_eq!(reach_error(&truth, &map, 99.0), LogRatio::Neither);
        assert_eq!(mass_error(&map, &truth, 0.001), LogRatio::MapOnly);
        assert_eq!(mass_error(&map, &truth, 0.001).error(), None);
    }

    #[test]
    fn bad_profiles_are_refused() {
        assert!(MassProfile::of_points(&[(-0.1, 1.0)]).is_err());
        assert!(MassProfile::of_points(&[(f64::NAN, 1.0)]).is_err());
        assert!(MassProfile::of_points(&[(0.1, -1.0)]).is_err());
        let stretch = |from, to| Stretch { from, to, mass: 1.0 };
        assert!(MassProfile::new(vec![stretch(0.0, 0.2), stretch(0.1, 0.3)]).is_err());
        assert!(MassProfile::new(vec![stretch(0.0, f64::INFINITY)]).is_err());
        assert_eq!(MassProfile::default().total(), 0.0);
    }

    proptest! {
        #[test]
        fn equal_points_are_moved_in_order(
            pairs in prop::collection::vec((0_u32..190, 0_u32..190), 1..20),
        ) {
            // For equally many points of equal mass the cheapest move pairs them in order of distance.
            let mut a: Vec<f64> = pairs.iter().map(|p| f64::from(p.0) * 1e-3).collect();
            let mut b: Vec<f64> = pairs.iter().map(|p| f64::from(p.1) * 1e-3).collect();
            let profile = |x: &[f64]| points(&x.iter().map(|d| (*d, 2.0)).collect::<Vec<_>>());
            let found = wasserstein(&profile(&a), &profile(&b), 0.2).unwrap();
            a.sort_by(f64::total_cmp);
            b.sort_by(f64::total_cmp);
            let moved: f64 = a.iter().zip(&b).map(|(x, y)| (x - y).abs()).sum::<f64>() / a.len() as f64;
            prop_assert!((found - moved * 1e4).abs() < 1e-6, "{} {}", found, moved * 1e4);
        }

        #[test]
        fn reach_is_the_inverse_of_mass(
            masses in prop::collection::vec(0_u32..9, 1..20), edge in -0.01..0.01_f64, share in 0.01..1.0_f64,
        ) {
            let masses: Vec<f64> = masses.iter().map(|m| f64::from(*m)).collect();
            prop_assume!(masses.iter().sum::<f64>() > 0.0);
            let profile = MassProfile::of_bins(edge, 0.01, &masses).unwrap();
            let amount = share * profile.total();
            let distance = profile.reach(amount).unwrap();
            prop_assert!(profile.within(distance) >= amount - 1e-9);
            prop_assert!(profile.before(distance - 1e-9) <= amount + 1e-9);
        }

        #[test]
        fn distance_is_symmetric_and_scale_free(
            a in prop::collection::vec(0_u32..9, 2..20), b in prop::collection::vec(0_u32..9, 2..20),
        ) {
            let profile = |masses: &[u32], unit: f64| {
                let masses: Vec<f64> = masses.iter().map(|m| f64::from(*m) * unit).collect();
                MassProfile::of_bins(0.0, 0.005, &masses).unwrap()
            };
            let there = wasserstein(&profile(&a, 1.0), &profile(&b, 1.0), 0.2);
            let back = wasserstein(&profile(&b, 40.0), &profile(&a, 0.5), 0.2);
            prop_assert_eq!(there.is_some(), back.is_some());
            if let (Some(there), Some(back)) = (there, back) {
                prop_assert!((there - back).abs() < 1e-7);
            }
        }
    }
}
