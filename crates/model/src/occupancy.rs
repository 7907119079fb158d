//! How many liquidations a throttled feed hides (model specification, section 6.4).
//!
//! A feed that passes at most one liquidation a second shows, in a window of `n` seconds, how many seconds had
//! any. If they fell independently, the number that happened follows from the share of empty seconds:
//! `N̂ = −n·ln(1 − k/n)`. Liquidations come in bursts, so this is a floor: it repaired 0.37 of the truth to 0.65
//! in the synthetic market.

/// Estimated number of liquidations in a window of `seconds` of which `occupied` showed one. Saturates where
/// every second is occupied: there half a second is taken to be empty.
///
/// 38 of 60 seconds occupied: 60·ln(60/22) ≈ 60.2 liquidations.
///
/// ```
/// # use liqlens_model::occupancy_count;
/// assert!((occupancy_count(38.0, 60.0) - 60.2).abs() < 0.01);
/// ```
pub fn occupancy_count(occupied: f64, seconds: f64) -> f64 {
    let share = occupied.clamp(0.0, seconds - 0.5) / seconds;
    -seconds * libm::log1p(-share)
}

/// Whether so many seconds are occupied that the count is only a lower bound.
pub fn is_saturated(occupied: f64, seconds: f64) -> bool {
    occupied >= seconds - 2.0
}
