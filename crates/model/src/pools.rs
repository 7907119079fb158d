//! Holding-time pools: how long positions stay open, and how far from liquidation each kind sits.
//!
//! Volume turns over open interest several times a day, yet most positions are days old. No single
//! holding time can do both, so opened flow is split into pools from minutes to weeks, each with its own
//! distance law. The remaining 27 % of flow is opened and closed inside an interval and never rests.

use serde::{Deserialize, Serialize};

/// One pool and its prior.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Pool {
    /// Mean holding time at average activity, days.
    pub holding_days: f64,
    /// Share of opened flow.
    pub share: f64,
    /// How closing follows activity: rate ∝ (volume / mean volume)^exponent.
    pub clock_exponent: f64,
    /// Median long log distance to liquidation.
    pub median_distance: f64,
    /// Standard deviation of the log of that distance.
    pub log_sd: f64,
    /// Share of the pool that has a liquidation price at all.
    pub liquidatable: f64,
}

const fn pool(
    holding_days: f64,
    share: f64,
    clock_exponent: f64,
    median_distance: f64,
    log_sd: f64,
    liquidatable: f64,
) -> Pool {
    Pool { holding_days, share, clock_exponent, median_distance, log_sd, liquidatable }
}

/// The prior of the model specification, section 5.1 (settled on five days of one-minute data of one large
/// perpetual, 15–20 March 2026, and on public account statistics; see METHODOLOGY.md for what that means
/// for scores on those days).
pub const SPEC_POOLS: [Pool; 6] = [
    pool(5.0 / 1440.0, 0.15, 1.0, 0.01, 1.5, 0.8),
    pool(30.0 / 1440.0, 0.15, 1.0, 0.02, 1.5, 0.8),
    pool(3.0 / 24.0, 0.15, 1.0, 0.05, 1.4, 0.8),
    pool(18.0 / 24.0, 0.12, 1.0, 0.10, 1.2, 0.8),
    pool(4.0, 0.10, 0.5, 0.18, 1.0, 0.7),
    pool(25.0, 0.06, 0.5, 0.40, 0.8, 0.5),
];

/// Shares of opened flow by (class, pool) and, last, by pool without any liquidation price:
/// `w_kj = π_j·φ_j·g_j(k)` with `g_j` log-normal over the class edges, `w_∞j = π_j − Σ_k w_kj`.
///
/// Returned row by row: class 0 of all pools, class 1 of all pools, …
pub fn prior_weights(pools: &[Pool], edges: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let mut finite = Vec::with_capacity((edges.len().saturating_sub(1)) * pools.len());
    for edge in edges.windows(2) {
        for pool in pools {
            let z = |distance: f64| (libm::log(distance) - libm::log(pool.median_distance)) / pool.log_sd;
            let share = normal_cdf(z(edge[1])) - normal_cdf(z(edge[0]));
            finite.push(pool.share * pool.liquidatable * share);
        }
    }
    let never = pools
        .iter()
        .enumerate()
        .map(|(j, pool)| pool.share - finite.iter().skip(j).step_by(pools.len()).sum::<f64>())
        .collect();
    (finite, never)
}

/// Φ, the distribution function of the standard normal.
fn normal_cdf(z: f64) -> f64 {
    0.5 * libm::erfc(-z / core::f64::consts::SQRT_2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_account_for_every_opened_contract() {
        let edges: Vec<f64> = (0..=36).map(|k| 0.001 * (1200.0_f64).powf(f64::from(k) / 36.0)).collect();
        let (finite, never) = prior_weights(&SPEC_POOLS, &edges);
        let total: f64 = finite.iter().chain(&never).sum();
        assert!((total - 0.73).abs() < 1e-12, "1 − 0.27 of churn, got {total}");
        assert!(finite.iter().chain(&never).all(|w| *w >= 0.0));
        // Normal tables: half of the liquidatable flow of pool 0 lies beyond its median distance of 1 %.
        let far: f64 =
            (0..36).filter(|k| edges[*k] >= 0.0098).map(|k| finite[k * 6]).sum::<f64>() / (0.15 * 0.8);
        assert!((far - 0.5).abs() < 0.06, "{far}");
    }

    #[test]
    fn the_normal_distribution_matches_its_table() {
        for (z, p) in [(0.0, 0.5), (1.0, 0.841_344_746), (-1.96, 0.024_997_895)] {
            assert!((normal_cdf(z) - p).abs() < 1e-8);
        }
    }
}
