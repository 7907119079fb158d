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

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOWS: u32 = 20_000;

    /// Poisson arrivals in windows of a minute (specification, A10): the mean estimate over the mean truth.
    fn ratio(per_second: f64) -> (f64, f64) {
        let mut state = 1_u64;
        let mut uniform = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            ((state >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
        };
        let (mut estimated, mut happened, mut saturated) = (0.0, 0.0, 0.0);
        for _ in 0..WINDOWS {
            let mut seconds = [0_u32; 60];
            let mut at = -uniform().ln() / per_second;
            while at < 60.0 {
                #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // 0 to 59
                let second = at as usize;
                seconds[second] += 1;
                at -= uniform().ln() / per_second;
            }
            let occupied = seconds.iter().filter(|count| **count > 0).count() as f64;
            estimated += occupancy_count(occupied, 60.0);
            happened += f64::from(seconds.iter().sum::<u32>());
            saturated += f64::from(u8::from(is_saturated(occupied, 60.0)));
        }
        (estimated / happened, saturated / f64::from(WINDOWS))
    }

    #[test]
    fn independent_liquidations_are_counted_right() {
        for per_second in [0.02, 0.1, 0.5, 1.0, 2.0] {
            let (ratio, _) = ratio(per_second);
            assert!((ratio - 1.0).abs() < 0.04, "{per_second}: {ratio}");
        }
    }

    /// Where nearly every second is occupied the cap binds, and the caller is told.
    #[test]
    fn a_flood_saturates() {
        let (five, saturated) = ratio(5.0);
        assert!((0.85..0.95).contains(&five), "{five}");
        assert!(saturated > 0.99);
        assert!(ratio(1.0).1 < 0.001);
        assert_eq!(occupancy_count(0.0, 60.0), 0.0);
        assert!(occupancy_count(60.0, 60.0).is_finite());
    }
}
