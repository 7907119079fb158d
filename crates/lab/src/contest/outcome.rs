//! The scores of a contest, as plain data.

use liqlens_market::Timestamp;
use serde::Serialize;

use super::settings::Weights;
use super::truth::TruthOutcome;

/// Confidence of all intervals.
pub(super) const CONFIDENCE: f64 = 0.95;
/// Rows of the reliability table, and of the histogram of transforms.
pub(super) const ROWS: u32 = 10;

/// A figure with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Estimate {
    /// The figure.
    pub value: f64,
    /// Lower end, by block bootstrap; `None` if the period is shorter than two blocks.
    pub lower: Option<f64>,
    /// Upper end.
    pub upper: Option<f64>,
    /// Share of the resamples above 0.
    pub share_above_zero: Option<f64>,
    /// W-test: two-sided chance of ranks so uneven if neither forecast were better at single events. Only of
    /// comparisons with baselines, where events are whole prints; `None` elsewhere. It takes events as
    /// independent.
    pub signed_rank: Option<f64>,
}

/// Scores of one head's rates.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HeadScores {
    /// Nats per event over the uniform reference R1.
    pub over_uniform: Option<Estimate>,
    /// Nats per event over the reference R2, which knows distances only.
    pub over_distance: Option<Estimate>,
    /// Nats per event over each baseline in the same head, in the order of the settings.
    pub over_baselines: Vec<Option<Estimate>>,
    /// Nats per event over the baseline that is best at this horizon in this head, other than itself.
    pub over_best_baseline: Option<Estimate>,
    /// Expected events.
    pub expected: f64,
    /// `Σ|expected − observed|/Σ observed` over ten rows of equal expected mass.
    pub calibration_error: Option<f64>,
    /// Slope of observed on expected over these rows.
    pub calibration_slope: Option<f64>,
    /// Rows of the reliability table: cells, expected, observed.
    pub reliability: Vec<[f64; 3]>,
    /// Area under the curve of finding the cells where anything happened.
    pub auc: Option<f64>,
    /// Events in the cells of the top tenth of the predicted mass, over those in as much swept width on
    /// average.
    pub lift: Option<f64>,
    /// Tests against what happened.
    pub tests: Tests,
}

/// Probabilities of the consistency tests of the product head; `None` where the events are no whole prints.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Tests {
    /// N-test: chance of at least, and of at most, so many events, if they were independent.
    pub number: Option<[f64; 2]>,
    /// The same with the variance that totals of blocks really had.
    pub number_in_bursts: Option<[f64; 2]>,
    /// Conditional L-test: share of simulated catalogues no more likely.
    pub likelihood: Option<f64>,
    /// S-test: the same by place only.
    pub space: Option<f64>,
}

/// How often bands of one promise held.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct BandCoverage {
    /// Promised.
    pub nominal: f64,
    /// Share of the totals inside.
    pub share: Option<f64>,
    /// Wilson's interval at 95 %, as if windows were independent.
    pub interval: Option<[f64; 2]>,
}

/// Scores of the forecasts of window totals.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TotalScores {
    /// Windows with a band.
    pub windows: u64,
    /// Of these, windows whose band was learned from past windows of their size.
    pub learned: u64,
    /// Windows expected to be so small that no band was given.
    pub too_small: u64,
    /// Coverage of the 50, 80 and 95 % bands.
    pub coverage: Vec<BandCoverage>,
    /// Mean CRPS over all windows with a forecast, contracts.
    pub crps: Option<f64>,
    /// Mean pinball loss at the 10 and 90 % quantiles, contracts.
    pub pinball: Option<[f64; 2]>,
    /// Expected over realised contracts.
    pub level: Option<f64>,
    /// Histogram of randomised transforms, ten bins.
    pub transforms: Vec<u64>,
    /// Kolmogorov's distance from uniform.
    pub transform_distance: Option<f64>,
}

/// One forecast at one horizon.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ForecastOutcome {
    /// Name; "R1" and "R2" are the references.
    pub name: String,
    /// Map mass on the swept cells over contracts liquidated there, before any calibration.
    pub raw_level: Option<f64>,
    /// Share of the events that the product head puts down to the map; the rest did not exist at issue.
    pub map_share: Option<f64>,
    /// Windows in which the model had no map.
    pub mapless: u64,
    /// Map and uniform background.
    pub plain: HeadScores,
    /// Map and background by distance: the product. The reference itself for R1 and R2.
    pub product: HeadScores,
    /// Totals, of the product head.
    pub totals: TotalScores,
}

/// One horizon.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HorizonOutcome {
    /// Length, minutes.
    pub minutes: i64,
    /// First scored issue and end of the last scored window.
    pub period: Option<[Timestamp; 2]>,
    /// Windows scored.
    pub windows: usize,
    /// Windows that only calibrated.
    pub burn_in: usize,
    /// Windows left out because a minute was missing.
    pub incomplete: u32,
    /// Cells scored.
    pub cells: usize,
    /// Cells, of all windows, that reach beyond the part of the maps that was read.
    pub beyond: u64,
    /// Events in the scored cells, in the unit of the weights.
    pub events: f64,
    /// Prints in them.
    pub prints: f64,
    /// Contracts in them.
    pub contracts: f64,
    /// Prints, of all windows, of a side of which nothing was swept.
    pub unplaced: f64,
    /// Baseline with the highest gain over R1.
    pub best_baseline: Option<String>,
    /// R1, R2, then the contestants.
    pub forecasts: Vec<ForecastOutcome>,
}

/// All scores of a contest.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Outcome {
    /// What an event was.
    pub weights: Weights,
    /// Names of the baselines, the reference peer first.
    pub baselines: Vec<String>,
    /// By horizon.
    pub horizons: Vec<HorizonOutcome>,
    /// The contestants beside the truth, where it was shown.
    pub truth: Vec<TruthOutcome>,
}
