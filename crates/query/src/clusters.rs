//! Clusters: stretches of price where liquidations stand denser than around them.
//!
//! Dollars are counted in steps of ten basis points from the price outward and smoothed lightly. Each
//! local peak, densest first, claims the steps around it down to six tenths of its height or to a valley,
//! whichever comes first; a stretch belongs to one cluster only. So a broad hump is one cluster and two
//! humps with a real valley between them are two.

use liqlens_market::Side;

use crate::curve::Curve;
use crate::document::{Cluster, Clusters, Usd};
use crate::rounding::round;
use crate::view::{View, side_name};

/// Width of a step in grid bins (of five basis points).
const STEP_BINS: f64 = 2.0;
/// A cluster reaches as far as density stays above this share of its peak.
const SHOULDER: f64 = 0.6;
/// A cluster holds at least this share of its side's dollars inside the window.
const LEAST_SHARE: f64 = 0.02;
/// Most clusters listed per side.
const MOST: usize = 10;

impl View {
    /// The clusters within `window_pct` percent of the price, ranked by dollars on each side.
    pub fn clusters(&self, window_pct: f64) -> Clusters {
        Clusters {
            stamp: self.stamp(Clusters::SCHEMA),
            window: self.window(window_pct),
            clusters: self.cluster_list(window_pct),
        }
    }

    pub(crate) fn cluster_list(&self, window_pct: f64) -> Vec<Cluster> {
        let (lo, hi) = self.window_prices(window_pct);
        [(Side::Long, lo), (Side::Short, hi)]
            .into_iter()
            .flat_map(|(side, far)| self.side_clusters(side, self.curve(side).distance_to(far)))
            .collect()
    }

    fn side_clusters(&self, side: Side, window: f64) -> Vec<Cluster> {
        let curve = self.curve(side);
        let density = smoothed(&densities(curve, window));
        let in_window = curve.usd_within(window).to_f64();
        let mean = density.iter().sum::<f64>() / density.len().max(1) as f64;
        let mut clusters: Vec<(Usd, Cluster)> = stretches(&density)
            .into_iter()
            .filter_map(|stretch| {
                let near = stretch.from as f64 * STEP_BINS;
                let far = (stretch.to as f64 * STEP_BINS).min(window);
                let usd = curve.usd_within(far) - curve.usd_within(near);
                if usd.to_f64() < LEAST_SHARE * in_window || usd <= Usd::ZERO {
                    return None;
                }
                let peak = curve.price_at((stretch.peak as f64 + 0.5) * STEP_BINS);
                let (a, b) = (curve.price_at(near), curve.price_at(far));
                let interval = self.between_interval(side, near, far, usd);
                Some((
                    usd,
                    Cluster {
                        side: side_name(side),
                        rank: 0,
                        price_lo: self.price_text(a.min(b)),
                        price_hi: self.price_text(a.max(b)),
                        peak_price: self.price_text(peak),
                        distance_pct: round((peak / self.last_price() - 1.0) * 100.0, 4),
                        distance_usd: self.price_text(peak - self.last_price()),
                        usd,
                        interval,
                        reported_usd: self.reported_usd(usd),
                        share_of_side: round(usd.to_f64() / in_window, 4),
                        prominence: round(density[stretch.peak] / mean, 2),
                    },
                ))
            })
            .collect();
        clusters.sort_by_key(|(usd, _)| core::cmp::Reverse(*usd));
        clusters.truncate(MOST);
        clusters
            .into_iter()
            .enumerate()
            .map(|(index, (_, cluster))| Cluster { rank: index + 1, ..cluster })
            .collect()
    }
}

/// Dollars in each step from the price out to `window` (bin units).
fn densities(curve: &Curve, window: f64) -> Vec<f64> {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // windows are below 100 %
    let steps = libm::ceil(window / STEP_BINS) as usize;
    let within = |step: usize| curve.by_band_within(step as f64 * STEP_BINS).iter().sum::<f64>();
    (0..steps).map(|step| within(step + 1) - within(step)).collect()
}

/// Two passes of (¼, ½, ¼), the first value not reaching across the price.
fn smoothed(values: &[f64]) -> Vec<f64> {
    let pass = |values: &[f64]| -> Vec<f64> {
        (0..values.len())
            .map(|i| {
                let before = values[i.saturating_sub(1)];
                let after = *values.get(i + 1).unwrap_or(&values[i]);
                before / 4.0 + values[i] / 2.0 + after / 4.0
            })
            .collect()
    };
    pass(&pass(values))
}

/// Steps `[from, to)` with a peak inside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stretch {
    from: usize,
    to: usize,
    peak: usize,
}

fn stretches(density: &[f64]) -> Vec<Stretch> {
    let is_peak = |i: usize| {
        let before = i.checked_sub(1).map_or(0.0, |j| density[j]);
        let after = density.get(i + 1).copied().unwrap_or(0.0);
        density[i] > 0.0 && density[i] > before && density[i] >= after
    };
    let mut peaks: Vec<usize> = (0..density.len()).filter(|i| is_peak(*i)).collect();
    peaks.sort_by(|a, b| density[*b].total_cmp(&density[*a]).then(a.cmp(b)));
    let mut taken = vec![false; density.len()];
    let mut found = Vec::new();
    for peak in peaks {
        if taken[peak] {
            continue;
        }
        let floor = density[peak] * SHOULDER;
        let belongs = |i: usize| density[i] >= floor && !taken[i];
        let mut from = peak;
        while from > 0 && belongs(from - 1) {
            from -= 1;
        }
        let mut to = peak + 1;
        while to < density.len() && belongs(to) {
            to += 1;
        }
        taken[from..to].fill(true);
        found.push(Stretch { from, to, peak });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_humps_with_a_valley_are_two_clusters() {
        let density = [1.0, 4.0, 10.0, 7.0, 2.0, 1.0, 6.0, 8.0, 3.0];
        let found = [Stretch { from: 2, to: 4, peak: 2 }, Stretch { from: 6, to: 8, peak: 7 }];
        assert_eq!(stretches(&density), found);
    }

    #[test]
    fn ripples_on_one_hump_stay_one_cluster() {
        let density = [2.0, 8.0, 7.5, 9.0, 8.5, 10.0, 7.0, 2.0];
        assert_eq!(stretches(&density)[0], Stretch { from: 1, to: 7, peak: 5 });
        assert!(stretches(&density).iter().skip(1).all(|s| s.to <= 1 || s.from >= 7));
    }

    #[test]
    fn no_mass_no_cluster() {
        assert!(stretches(&[0.0; 20]).is_empty());
        assert!(stretches(&[]).is_empty());
    }
}
