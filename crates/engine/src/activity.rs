//! How busy the market is, relative to its own recent mean.

use liqlens_market::Span;
use serde::{Deserialize, Serialize};

/// Half-life of the mean, days.
const HALF_LIFE_DAYS: f64 = 5.0;
/// The ratio is kept within these bounds, so that one wild minute cannot empty a pool.
const BOUNDS: (f64, f64) = (0.2, 5.0);

/// Exponentially weighted mean of traded contracts per day, corrected for its short start.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct Activity {
    weighted_volume: f64,
    weighted_days: f64,
}

impl Activity {
    /// Volume rate of an interval over the mean rate before it, clipped to [0.2, 5]; 1 with no history.
    pub(crate) fn ratio(&self, volume: f64, length: Span) -> f64 {
        let mean = self.weighted_volume / self.weighted_days;
        let ratio = volume / length.days() / mean;
        if ratio.is_finite() { ratio.clamp(BOUNDS.0, BOUNDS.1) } else { 1.0 }
    }

    /// Takes an interval into the mean.
    pub(crate) fn record(&mut self, volume: f64, length: Span) {
        let days = length.days();
        let fade = libm::exp2(-days / HALF_LIFE_DAYS);
        self.weighted_volume = self.weighted_volume * fade + volume;
        self.weighted_days = self.weighted_days * fade + days;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_steady_market_has_ratio_one_at_any_interval_length() {
        let mut activity = Activity::default();
        assert_eq!(activity.ratio(10.0, Span::MINUTE), 1.0);
        activity.record(10.0, Span::MINUTE);
        activity.record(600.0, Span::HOUR);
        assert!((activity.ratio(50.0, Span::MINUTE.times(5)) - 1.0).abs() < 1e-12);
        assert_eq!(activity.ratio(0.0, Span::MINUTE), 0.2);
        assert_eq!(activity.ratio(1e9, Span::MINUTE), 5.0);
    }
}
