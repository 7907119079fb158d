//! The forecast of how much is liquidated in a window (model specification, section 7.3).
//!
//! A head says how many events to expect; a running ratio turns them into contracts, and the effective size of
//! a print into a law. Bands come from the law until enough windows of the same predicted size are known, then
//! from what those windows did.

use liqlens_score::{
    BurstLaw, ConformalBands, ConformalSettings, Interval, ScoreError, gamma_band, gamma_crps, pinball,
};

use super::record::TotalKept;

/// Below this many effective prints a band says nothing.
const LEAST_PRINTS: f64 = 0.3;
/// The promised coverages.
pub(super) const NOMINAL: [f64; 3] = [0.5, 0.8, 0.95];

/// The total's forecaster of one head.
#[derive(Debug, Clone)]
pub(super) struct Totals {
    realised: f64,
    expected: f64,
    bands: ConformalBands,
}

impl Totals {
    pub(super) fn new() -> Result<Self, ScoreError> {
        let settings = ConformalSettings { nominal: NOMINAL.to_vec(), ..ConformalSettings::default() };
        Ok(Self { realised: 0.0, expected: 0.0, bands: ConformalBands::new(settings)? })
    }

    /// Forecasts the total of a window from the expected events on its path, and learns from the total that
    /// came. `effective_size` is that of the time of issue; `chance` in `[0, 1)` breaks ties.
    pub(super) fn window(
        &mut self,
        events: f64,
        effective_size: f64,
        total: f64,
        keep: f64,
        chance: f64,
    ) -> TotalKept {
        let mut kept =
            TotalKept { transform: f32::NAN, crps: f32::NAN, pinball: [f32::NAN; 2], ..TotalKept::default() };
        let ratio = if self.expected > 0.0 { self.realised / self.expected } else { 0.0 };
        let expected = ratio * events;
        if expected > 0.0 && effective_size > 0.0 {
            self.judge(&mut kept, events, expected, effective_size, total, chance);
        }
        self.realised = self.realised * keep + total;
        self.expected = self.expected * keep + events;
        kept
    }

    fn judge(
        &mut self,
        kept: &mut TotalKept,
        events: f64,
        expected: f64,
        effective_size: f64,
        total: f64,
        chance: f64,
    ) {
        kept.expected = narrow(expected);
        let law = BurstLaw::new(events, expected, effective_size);
        kept.transform = law.map_or(f32::NAN, |law| narrow(law.transform(total, chance)));
        kept.crps = narrow(gamma_crps(expected / effective_size, effective_size, total));
        if expected < LEAST_PRINTS * effective_size {
            return;
        }
        let Some(issued) = self.bands.issue(expected, effective_size) else { return };
        kept.learned = !issued.bands().is_empty();
        kept.banded = true;
        for (place, nominal) in NOMINAL.into_iter().enumerate() {
            let learned = issued.bands().get(place).map(|band| band.interval);
            let Interval { lower, upper } =
                learned.unwrap_or_else(|| gamma_band(expected, effective_size, nominal));
            if lower <= total && total <= upper {
                kept.inside |= 1 << place;
            }
            if nominal == 0.8 {
                kept.pinball = [narrow(pinball(0.1, lower, total)), narrow(pinball(0.9, upper, total))];
            }
        }
        // A total is finite and not negative, so that it can be learned from.
        let learned = self.bands.observe(&issued, total);
        debug_assert!(learned.is_ok(), "{learned:?}");
    }
}

#[allow(clippy::cast_possible_truncation)] // seven digits are plenty for a score
pub(super) const fn narrow(value: f64) -> f32 {
    value as f32
}
