//! How the two sides weigh against each other: asymmetry, fuel and the squeeze score.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Interval, Usd};

/// The two sides against each other, in one figure a distance and one over all distances.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Balance {
    /// Standard deviation of a day's log return over the last days, percent; `null` below five days.
    pub day_sigma_pct: Option<f64>,
    /// Dollars of both sides within equal distances: 1, 2, 5 and 10 percent of price either way, then half,
    /// one and two standard deviations of a day in log price, where those are known.
    pub asymmetry: Vec<Asymmetry>,
    /// Both sides weighted by how far away they stand; `null` while a day's volatility is not known.
    pub fuel: Option<Fuel>,
}

/// Dollars of both sides within one distance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Asymmetry {
    /// The distance either way: percent of the last price, or of log price where `sigmas` is given.
    pub distance_pct: f64,
    /// The distance in standard deviations of a day; `null` for fixed percentages.
    pub sigmas: Option<f64>,
    /// Longs liquidated by a fall of that much.
    pub long_usd: Usd,
    /// Shorts liquidated by a rise of that much.
    pub short_usd: Usd,
    /// `(shorts − longs) / (shorts + longs)`: 1 if only shorts stand there, −1 if only longs; `null` if
    /// neither does.
    pub value: Option<f64>,
    /// 80 % interval of the value; `null` where the model has none.
    pub interval: Option<Interval>,
}

/// Dollars weighted by `2·(1 − Φ(distance / σ))`, the chance that a driftless walk of a day's volatility
/// gets that far within the day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Fuel {
    /// Hours the walk is given.
    pub horizon_h: u32,
    /// Shorts above the price, weighted: buying.
    pub up_usd: Usd,
    /// Longs below the price, weighted: selling.
    pub down_usd: Usd,
    /// `(up − down) / (up + down)`, between −1 and 1; `null` if nothing stands anywhere.
    pub squeeze: Option<f64>,
    /// 80 % interval of the squeeze score; `null` where the model has none.
    pub interval: Option<Interval>,
    /// Standard deviations of the squeeze score from its mean over the days before (30 at most); `null` below
    /// ten such days.
    pub squeeze_z: Option<f64>,
}
