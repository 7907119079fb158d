//! Bands for a window's liquidated total that hold what they promise, whatever the model got wrong.
//!
//! The model predicts a mean `Λ`. What past windows did relative to their `Λ` – the ratios `y/Λ` – says how far
//! to trust it: the band is `Λ` times empirical quantiles of the last 200 ratios, kept apart by predicted size,
//! because a window with half a liquidation expected is nothing like one with fifty. Quantiles of the past
//! under-cover after a change of regime, so the level itself adapts (Gibbs and Candès 2021): each miss asks
//! for a wider band, each hit for a slightly narrower one,
//!
//! ```text
//! α ← α + γ·(nominal − covered)        band = Λ × quantiles at (1−α)/2 and (1+α)/2
//!                                      α ≥ 1:  [0, Λ × largest ratio × exp(4(α−1) + 0.3)]
//! ```
//!
//! Over `T` windows of a stratum the share covered is `nominal − (α_T − α_0)/(γT)` exactly: with γ = 0.05 and
//! α moving by less than 1, within 2 % of the promise after 1,000 windows, for any sequence of outcomes. From
//! 80 %, a miss moves α to 0.84, a hit to 0.79.
//!
//! A deterministic state machine: [`ConformalBands::issue`] reads, [`ConformalBands::observe`] learns.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::bootstrap::Interval;
use crate::error::ScoreError;
use crate::sample::interpolated_quantile;
use crate::special::gamma_quantile;

/// Lower edges of the strata of predicted size, `Λ` in units of the effective print size.
pub const STRATA: [f64; 4] = [0.3, 1.0, 3.0, 10.0];
/// Where adapted levels stop. Outcomes that fit any band (many exact zeros) would otherwise drive α down
/// without end, and it would take as long to come back.
const LEVEL_RANGE: (f64, f64) = (0.0, 3.0);
const MOST_MEMORY: usize = 100_000;
const MOST_LEVELS: usize = 16;

/// The constants of the bands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConformalSettings {
    /// Promised coverages, rising, each between 0 and 1.
    pub nominal: Vec<f64>,
    /// Ratios kept per stratum.
    pub memory: usize,
    /// Step γ of the adapted level.
    pub step: f64,
    /// Fewest ratios a stratum needs before it gives a band.
    pub least: usize,
}

impl Default for ConformalSettings {
    /// 50, 80 and 95 % from the last 200 ratios, step 0.05, after 20 ratios.
    fn default() -> Self {
        Self { nominal: vec![0.5, 0.8, 0.95], memory: 200, step: 0.05, least: 20 }
    }
}

/// A band around one predicted total.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Band {
    /// Promised coverage.
    pub nominal: f64,
    /// The band, in the unit of the prediction.
    pub interval: Interval,
}

/// What was said about a window when its forecast was issued; hand it back with the outcome.
#[derive(Debug, Clone, PartialEq)]
pub struct Issued {
    stratum: usize,
    expected: f64,
    bands: Vec<Band>,
}

impl Issued {
    /// One band per promised coverage, from the narrowest, each inside the next; none while the stratum has too
    /// few ratios ([`gamma_band`] is the model's own band then).
    pub fn bands(&self) -> &[Band] {
        &self.bands
    }

    /// Number of the stratum of predicted size, an index into [`STRATA`].
    pub const fn stratum(&self) -> usize {
        self.stratum
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Stratum {
    /// Oldest first.
    ratios: VecDeque<f64>,
    /// Adapted level of each promised coverage.
    levels: Vec<f64>,
}

/// The bands of one market and horizon. Its serialized form is checked when it is read back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Snapshot")]
pub struct ConformalBands {
    settings: ConformalSettings,
    strata: [Stratum; STRATA.len()],
}

#[derive(Deserialize)]
struct Snapshot {
    settings: ConformalSettings,
    strata: [Stratum; STRATA.len()],
}

impl ConformalBands {
    /// Bands that have seen nothing.
    pub fn new(settings: ConformalSettings) -> Result<Self, ScoreError> {
        check_settings(&settings)?;
        let empty = Stratum { ratios: VecDeque::new(), levels: settings.nominal.clone() };
        Ok(Self { strata: core::array::from_fn(|_| empty.clone()), settings })
    }

    /// The bands for a window with predicted total `expected`, where `effective_size` is `Σs²/Σs` of the print
    /// sizes. `None` below 0.3 effective prints, where a band says nothing: give the chance of any liquidation
    /// and the expected amount there.
    pub fn issue(&self, expected: f64, effective_size: f64) -> Option<Issued> {
        let prints = expected / effective_size;
        if !(expected.is_finite() && effective_size > 0.0 && prints.is_finite()) {
            return None;
        }
        let stratum = STRATA.iter().rposition(|edge| prints >= *edge)?;
        Some(Issued { stratum, expected, bands: self.bands(stratum, expected) })
    }

    /// Learns from the total that came. Each issued forecast is to be observed once, in order of issue.
    pub fn observe(&mut self, issued: &Issued, total: f64) -> Result<(), ScoreError> {
        let ratio = total / issued.expected;
        if !(total >= 0.0 && ratio.is_finite()) {
            let range = "finite and not negative";
            return Err(ScoreError::Value { what: "observed total", index: 0, value: total, range });
        }
        let Some(stratum) = self.strata.get_mut(issued.stratum) else {
            return Err(ScoreError::TooLittle { what: "the forecast was issued by other bands" });
        };
        for (level, band) in stratum.levels.iter_mut().zip(&issued.bands) {
            let covered = if band.interval.contains(total) { 1.0 } else { 0.0 };
            let moved = *level + self.settings.step * (band.nominal - covered);
            *level = moved.clamp(LEVEL_RANGE.0, LEVEL_RANGE.1);
        }
        stratum.ratios.push_back(ratio);
        if stratum.ratios.len() > self.settings.memory {
            stratum.ratios.pop_front();
        }
        Ok(())
    }

    /// The adapted level of each promised coverage in a stratum, in the order of the settings.
    pub fn adapted_levels(&self, stratum: usize) -> &[f64] {
        self.strata.get(stratum).map_or(&[], |stratum| &stratum.levels)
    }

    /// Ratios a stratum remembers.
    pub fn remembered(&self, stratum: usize) -> usize {
        self.strata.get(stratum).map_or(0, |stratum| stratum.ratios.len())
    }

    fn bands(&self, stratum: usize, expected: f64) -> Vec<Band> {
        let stratum = &self.strata[stratum];
        if stratum.ratios.len() < self.settings.least {
            return Vec::new();
        }
        let mut sorted: Vec<f64> = stratum.ratios.iter().copied().collect();
        sorted.sort_by(f64::total_cmp);
        let mut inner: Option<Interval> = None;
        self.settings
            .nominal
            .iter()
            .zip(&stratum.levels)
            .map(|(nominal, level)| {
                let own = ratio_interval(&sorted, *level);
                // Each level adapts on its own; nobody should be shown an 80 % band that sticks out of the
                // 95 % one.
                let interval = inner.map_or(own, |inner| Interval {
                    lower: own.lower.min(inner.lower),
                    upper: own.upper.max(inner.upper),
                });
                inner = Some(interval);
                let interval =
                    Interval { lower: interval.lower * expected, upper: interval.upper * expected };
                Band { nominal: *nominal, interval }
            })
            .collect()
    }
}

/// The band at an adapted level, in ratios.
fn ratio_interval(sorted: &[f64], level: f64) -> Interval {
    if level >= 1.0 {
        let largest = sorted.last().copied().unwrap_or(0.0);
        return Interval { lower: 0.0, upper: largest * libm::exp(4.0 * (level - 1.0) + 0.3) };
    }
    let at = |p| interpolated_quantile(sorted, p).unwrap_or(0.0);
    Interval { lower: at(0.5 * (1.0 - level)), upper: at(0.5 * (1.0 + level)) }
}

/// The model's own central band for a total `Y | Λ ~ Gamma(shape Λ/s, scale s)`: mean `Λ`, variance `Λ·s`,
/// where `s` is the effective print size. NaN ends for sizes that are not positive.
///
/// `Λ = s`: the exponential law, 80 % from 0.105 to 2.303 times `Λ`.
pub fn gamma_band(expected: f64, effective_size: f64, nominal: f64) -> Interval {
    let shape = expected / effective_size;
    let at = |p| gamma_quantile(shape, p) * effective_size;
    Interval { lower: at(0.5 * (1.0 - nominal)), upper: at(0.5 * (1.0 + nominal)) }
}

fn check_settings(settings: &ConformalSettings) -> Result<(), ScoreError> {
    let mut below = 0.0;
    for (index, nominal) in settings.nominal.iter().enumerate() {
        if !(*nominal > below && *nominal < 1.0) {
            let range = "above the one before it and below 1";
            return Err(ScoreError::Value { what: "nominal coverage", index, value: *nominal, range });
        }
        below = *nominal;
    }
    if settings.nominal.len() > MOST_LEVELS {
        return Err(ScoreError::TooLittle { what: "room for more than 16 nominal coverages" });
    }
    if !(0.0..=1.0).contains(&settings.step) {
        let range = "between 0 and 1";
        return Err(ScoreError::Value { what: "conformal step", index: 0, value: settings.step, range });
    }
    if !(1..=MOST_MEMORY).contains(&settings.memory) || !(1..=settings.memory).contains(&settings.least) {
        let value = settings.memory as f64;
        let range = "between 1 and 100,000, and at least the fewest ratios of a band";
        return Err(ScoreError::Value { what: "conformal memory", index: 0, value, range });
    }
    Ok(())
}

impl TryFrom<Snapshot> for ConformalBands {
    type Error = ScoreError;

    fn try_from(snapshot: Snapshot) -> Result<Self, ScoreError> {
        let Snapshot { settings, strata } = snapshot;
        check_settings(&settings)?;
        for stratum in &strata {
            if stratum.levels.len() != settings.nominal.len() || stratum.ratios.len() > settings.memory {
                return Err(ScoreError::Length {
                    what: "adapted levels or ratios of a snapshot",
                    expected: settings.nominal.len(),
                    found: stratum.levels.len(),
                });
            }
            let ratios: Vec<f64> = stratum.ratios.iter().copied().collect();
            crate::error::all_amounts("ratio of a snapshot", &ratios)?;
            for (index, level) in stratum.levels.iter().enumerate() {
                if !(LEVEL_RANGE.0..=LEVEL_RANGE.1).contains(level) {
                    let range = "between 0 and 3";
                    return Err(ScoreError::Value { what: "adapted level", index, value: *level, range });
                }
            }
        }
        Ok(Self { settings, strata })
    }
}

#[cfg(test)]
mod tests;
