//! The forecast of how much is liquidated in a window (model specification, section 7.3).
//!
//! A head says how many events to expect; a running ratio turns them into contracts, and the effective size of
//! a print into a law. Bands come from the law until enough windows of the same predicted size are known, then
//! from what those windows did.

use liqlens_score::{
    BurstLaw, ConformalBands, ConformalSettings, Coverage, Interval, ScoreError, Uniformity, gamma_band,
    gamma_crps, pinball, sum,
};

use super::outcome::{BandCoverage, CONFIDENCE, ROWS, TotalScores};
use super::record::{TotalKept, narrow};

/// Below this many effective prints a band says nothing.
const LEAST_PRINTS: f64 = 0.3;
/// The promised coverages.
const NOMINAL: [f64; 3] = [0.5, 0.8, 0.95];

/// The total's forecaster of one head.
#[derive(Debug, Clone)]
pub(super) struct Totals {
    realised: f64,
    expected: f64,
    bands: ConformalBands,
}

impl Totals {
    /// `step` is that of the bands' adapted level; 0 takes plain quantiles of past windows.
    pub(super) fn new(step: f64) -> Result<Self, ScoreError> {
        let settings = ConformalSettings { nominal: NOMINAL.to_vec(), step, ..ConformalSettings::default() };
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

/// How the forecasts of totals fared, window by window.
pub(super) fn total_scores(kept: &[TotalKept], realised: &[f64]) -> TotalScores {
    let banded: Vec<&TotalKept> = kept.iter().filter(|one| one.banded).collect();
    let coverage = NOMINAL.iter().enumerate().map(|(place, nominal)| {
        let mut coverage = Coverage::default();
        for one in &banded {
            coverage.count(one.inside & (1 << place) != 0);
        }
        let interval = coverage.interval(CONFIDENCE).map(|interval| [interval.lower, interval.upper]);
        BandCoverage { nominal: *nominal, share: coverage.share(), interval }
    });
    let mean = |values: &mut dyn Iterator<Item = f32>| {
        let values: Vec<f64> = values.filter(|value| !value.is_nan()).map(f64::from).collect();
        (!values.is_empty()).then(|| sum(values.iter().copied()) / values.len() as f64)
    };
    let transforms: Vec<f64> =
        kept.iter().map(|one| f64::from(one.transform)).filter(|u| !u.is_nan()).collect();
    let uniformity = Uniformity::new(&transforms, ROWS).ok();
    let total = sum(realised.iter().copied());
    let expected = sum(kept.iter().map(|one| f64::from(one.expected)));
    let low = mean(&mut banded.iter().map(|one| one.pinball[0]));
    let high = mean(&mut banded.iter().map(|one| one.pinball[1]));
    TotalScores {
        windows: banded.len() as u64,
        learned: banded.iter().filter(|one| one.learned).count() as u64,
        too_small: (kept.len() - banded.len()) as u64,
        coverage: coverage.collect(),
        crps: mean(&mut kept.iter().map(|one| one.crps)),
        pinball: low.zip(high).map(|(low, high)| [low, high]),
        level: (total > 0.0).then(|| expected / total),
        transforms: uniformity.as_ref().map(|u| u.histogram.clone()).unwrap_or_default(),
        transform_distance: uniformity.map(|u| u.kolmogorov),
    }
}
