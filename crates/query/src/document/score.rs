//! `score/1`: how well maps foretold what was liquidated.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Models side by side on the reported liquidations of a market: every map goes through the same head, which
/// learns its level and a background from closed windows only, so that the gains are about shape and timing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Score {
    /// Document name and version.
    pub schema: String,
    /// Content hash of code version, settings and figures: same id, same bytes.
    pub snapshot: String,
    /// `binance:BTCUSDT`.
    pub market: String,
    /// `Binance BTCUSDT`.
    pub title: String,
    /// What was found, in one sentence; no difference is claimed whose interval holds 0.
    pub headline: String,
    /// What was scored.
    pub scope: ScoreScope,
    /// What an event and a cell are, and how intervals were made.
    pub protocol: ScoreProtocol,
    /// The models, in the order of all tables.
    pub models: Vec<ScoredModel>,
    /// The model that the headline, the findings and the checks are about: the last of the models.
    pub subject: String,
    /// By horizon, in the order asked for.
    pub horizons: Vec<ScoreHorizon>,
    /// What limits the conclusions, weightiest first.
    pub caveats: Vec<String>,
    /// The checks asked for, with what they found.
    pub checks: Vec<ScoreCheck>,
}

/// What was scored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ScoreScope {
    /// First moment from which a forecast is scored (RFC 3339, UTC). Where `share_left_out` is given, where
    /// calibration begins.
    pub from: String,
    /// Last moment known; no window ends later.
    pub to: String,
    /// First forecast that calibrates levels and backgrounds; models fold everything known before, too.
    pub calibrated_from: String,
    /// Share of each horizon's windows that only calibrates, where no first moment decides; `null` where
    /// one does.
    pub share_left_out: Option<f64>,
    /// The same in words.
    pub calibration: String,
    /// Reported liquidations between `from` and `to`, as the feed counts them.
    pub prints: u64,
    /// Source of the maintenance schedule, the one in force when calibration began.
    pub margin_table: String,
    /// Whether these are the days bundled with the program, which were seen when defaults were set.
    pub bundled: bool,
}

/// How it was scored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ScoreProtocol {
    /// What is counted.
    pub event: EventName,
    /// What an event is, in words.
    pub event_meaning: String,
    /// The smallest place a liquidation is told to have happened in.
    pub cell: CellName,
    /// What a cell is, in words.
    pub cell_meaning: String,
    /// What the parts of a rate that know no map are spread over.
    pub background: BackgroundName,
    /// Half-life of the heads' factors, days.
    pub half_life_days: f64,
    /// Length of a bootstrap block, hours.
    pub block_h: f64,
    /// Resamples of blocks.
    pub resamples: u32,
    /// Confidence of all intervals.
    pub confidence: f64,
}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum EventName {
    /// Reported liquidations, whatever their size.
    Prints,
    /// Contracts reported as liquidated.
    Contracts,
}

/// The smallest place a liquidation is told to have happened in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum CellName {
    /// A swept bin of a side.
    Bins,
    /// What a minute newly swept on a side.
    Minutes,
}

/// What backgrounds are spread over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum BackgroundName {
    /// The swept part of each bin.
    Swept,
    /// Each touched bin whole; worsens the references and so flatters every map.
    Touched,
}

/// A model that took part.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ScoredModel {
    /// Name in all tables.
    pub name: String,
    /// Whether it is a peers' method.
    pub baseline: bool,
}

/// One length of forecast.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ScoreHorizon {
    /// Length of a window, minutes; windows do not overlap.
    pub minutes: i64,
    /// What was found, in a sentence.
    pub finding: String,
    /// Start of the first scored window (RFC 3339); `null` if none was.
    pub first: Option<String>,
    /// End of the last.
    pub last: Option<String>,
    /// Windows scored.
    pub windows: u64,
    /// Windows before them that only calibrated.
    pub calibration_windows: u64,
    /// Windows left out because a minute was missing, of all.
    pub incomplete_windows: u64,
    /// Bootstrap blocks in the scored period, not rounded.
    pub blocks: f64,
    /// Cells scored.
    pub cells: u64,
    /// Events in them, in the unit of the protocol.
    pub events: f64,
    /// Reported liquidations in them.
    pub prints: f64,
    /// Contracts in them.
    pub contracts: f64,
    /// Reported liquidations of a side of which the window swept nothing: in no cell, so no model can win them.
    pub unplaced_prints: f64,
    /// The baseline with the highest gain; `null` if none took part.
    pub best_baseline: Option<String>,
    /// The forecast with the highest gain among the models; `null` without events.
    pub best: Option<String>,
    /// The references R1 (uniform) and R2 (by distance), then the models.
    pub forecasts: Vec<ScoredForecast>,
}

/// One forecast at one horizon.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ScoredForecast {
    /// `R1`, `R2` or the model's name.
    pub name: String,
    /// Map mass where price went over what was liquidated there, before any calibration: 1 is right; `null`
    /// for the references.
    pub raw_level: Option<f64>,
    /// Share of the events that the product head puts down to the map.
    pub map_share: Option<f64>,
    /// Scored windows in which the model had no map.
    pub mapless_windows: u64,
    /// Map and uniform background: what maps are compared by.
    pub uniform_head: HeadScore,
    /// Map and background by distance: the product.
    pub product_head: HeadScore,
    /// Forecasts of how much a window liquidates, by the product head.
    pub totals: TotalsScore,
}

/// Scores of one head's expected counts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct HeadScore {
    /// Gain over R1, which knows how much is swept.
    pub over_r1: Option<Gain>,
    /// Gain over R2, which also knows how far from the price liquidations happen.
    pub over_r2: Option<Gain>,
    /// Gain over M0a, the peers' reference method; `null` if it did not take part.
    pub over_m0a: Option<Gain>,
    /// Gain over each baseline, in the order of the models.
    pub over_baselines: Vec<NamedGain>,
    /// Gain over the best baseline other than itself, in the same head.
    pub over_best_baseline: Option<Gain>,
    /// Expected events.
    pub expected: f64,
    /// `Σ|expected − observed| / Σ observed` over the rows of the reliability table (ECE).
    pub calibration_error: Option<f64>,
    /// Slope of observed on expected over these rows; below 1 the forecast exaggerates its contrasts.
    pub calibration_slope: Option<f64>,
    /// Ten rows of equal expected mass, least likely cells first.
    pub reliability: Vec<ReliabilityRow>,
    /// Chance that a cell with a liquidation is ranked above one without.
    pub auc: Option<f64>,
    /// Events in the cells of the top tenth of the predicted mass, over those in as much swept width.
    pub lift: Option<f64>,
    /// N-test: chances of at least and of at most so many events if they were independent; `null` where
    /// events are not whole reports, as all tests.
    pub number_test: Option<[f64; 2]>,
    /// The same with the variance that totals of blocks had.
    pub number_test_in_bursts: Option<[f64; 2]>,
    /// Conditional L-test: share of simulated catalogues no more likely.
    pub likelihood_test: Option<f64>,
    /// S-test: the same by place only.
    pub spatial_test: Option<f64>,
}

/// Information gain in nats per event: `exp` of it is the factor by which each event was given more
/// probability.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Gain {
    /// Nats per event.
    pub nats: f64,
    /// Lower end of the paired block-bootstrap interval; `null` if the period is shorter than two blocks.
    pub lower: Option<f64>,
    /// Upper end.
    pub upper: Option<f64>,
    /// Share of the resamples above 0.
    pub share_above_zero: Option<f64>,
    /// W-test: two-sided chance of ranks so uneven by luck; over baselines and where events are whole
    /// reports only.
    pub signed_rank: Option<f64>,
}

/// A gain over a model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct NamedGain {
    /// Over whom.
    pub over: String,
    /// The gain; `null` without events.
    pub gain: Option<Gain>,
}

/// One row of the reliability table.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ReliabilityRow {
    /// Cells; one that straddles two rows counts in each with its part.
    pub cells: f64,
    /// Expected events.
    pub expected: f64,
    /// Observed events.
    pub observed: f64,
}

/// Scores of the forecasts of window totals.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TotalsScore {
    /// Windows with a band.
    pub windows: u64,
    /// Of these, windows whose band was learned from past windows of their size.
    pub learned_windows: u64,
    /// Windows expected to be so small that no band was given.
    pub too_small_windows: u64,
    /// The 50, 80 and 95 % bands.
    pub coverage: Vec<BandScore>,
    /// Mean continuous ranked probability score, contracts.
    pub crps: Option<f64>,
    /// Expected over realised contracts.
    pub level: Option<f64>,
    /// Windows by probability integral transform, ten bins of equal width: flat is right.
    pub pit: Vec<u64>,
    /// Largest distance of the transforms from uniform.
    pub pit_distance: Option<f64>,
}

/// How often a band held.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BandScore {
    /// Promised.
    pub nominal: f64,
    /// Share of the totals inside.
    pub share: Option<f64>,
    /// Wilson's 95 % interval, as if windows were independent.
    pub interval: Option<[f64; 2]>,
}

/// A check and what came of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ScoreCheck {
    /// Name as asked: `gain_best_1m`.
    pub name: String,
    /// What the figure is, in words.
    pub meaning: String,
    /// Least figure allowed; a lower end of a gain must exceed it. `null` for none.
    pub least: Option<f64>,
    /// Largest figure allowed; `null` for none.
    pub most: Option<f64>,
    /// The figure; `null` if it could not be computed, which fails.
    pub figure: Option<f64>,
    /// Whether it held.
    pub passed: bool,
}

impl Score {
    /// Name and version.
    pub const SCHEMA: &'static str = "score/1";

    /// Whether every check held.
    pub fn passed(&self) -> bool {
        self.checks.iter().all(|check| check.passed)
    }
}

impl ScoreHorizon {
    /// The forecast of a name.
    pub fn forecast(&self, name: &str) -> Option<&ScoredForecast> {
        self.forecasts.iter().find(|forecast| forecast.name == name)
    }
}

impl HeadScore {
    /// The gain over a baseline.
    pub fn over(&self, baseline: &str) -> Option<Gain> {
        self.over_baselines.iter().find(|named| named.over == baseline)?.gain
    }
}
