//! `overview/1`, the markets side by side, and `tick/1`, the little of a market that changes with every price.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{AtMove, Cluster, DayRange, GradeLetter, PriceText, ReachPair, Stamp, Usd};

/// `overview/1`: one row a market.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Overview {
    /// Document name and version.
    pub schema: String,
    /// The moment asked for (RFC 3339); rows whose market knows less are older and say so.
    pub as_of: String,
    /// Markets that could be asked, in the order of the store.
    pub rows: Vec<OverviewRow>,
    /// Markets that could not.
    pub failed: Vec<OverviewFailure>,
}

/// One market of an overview.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OverviewRow {
    /// Head: price, age, grade and coverage of this market.
    pub stamp: Stamp,
    /// The last 24 hours' prices, `null` without a day of history.
    pub day: Option<DayRange>,
    /// Change of one-sided open interest, in contracts or base coin, over 24 hours, percent; `null` where either
    /// reading is unknown.
    pub open_interest_change_24h_pct: Option<f64>,
    /// Newest funding rate: fraction of notional that longs pay to shorts per interval.
    pub funding_rate: Option<f64>,
    /// Length of the interval the rate is for, hours.
    pub funding_interval_h: Option<f64>,
    /// What moves of −5, −2, −1, +1, +2 and +5 % would liquidate.
    pub at: Vec<AtMove>,
    /// The cluster of longs nearest to the price.
    pub nearest_long: Option<Cluster>,
    /// The cluster of shorts nearest to the price.
    pub nearest_short: Option<Cluster>,
    /// Reach marks for an amount both sides can meet; `null` if there is none.
    pub marks: Option<ReachPair>,
    /// Dollars of longs and of shorts that the venue reported as liquidated in the last 24 hours; `null` where no
    /// report is known. A floor on throttled feeds.
    pub reported_24h_usd: Option<[Usd; 2]>,
}

/// A market that could not be asked, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OverviewFailure {
    /// The symbol as it would be asked for.
    pub symbol: String,
    /// Stable name of the problem.
    pub code: String,
    /// What happened, and to what.
    pub message: String,
}

/// `tick/1`: a price, what it did in a day, and how far it can be relied on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Tick {
    /// Document name and version.
    pub schema: String,
    /// The symbol as asked, resolved to its canonical spelling.
    pub symbol: String,
    /// The moment the answer is for (RFC 3339, UTC).
    pub as_of: String,
    /// The state it was read from, as in the documents of the same moment.
    pub snapshot: String,
    /// Last price.
    pub price: PriceText,
    /// Decimals in which this market's prices are written.
    pub price_decimals: usize,
    /// The last 24 hours, `null` without a day of history.
    pub day: Option<DayMove>,
    /// How far the market's answers can be relied on.
    pub grade: GradeLetter,
    /// `as_of` minus the newest complete time of the slowest required channel, seconds.
    pub age_s: f64,
    /// Share of the asked market that answers are built on, in words.
    pub coverage: String,
}

/// What the price did in the last 24 hours.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DayMove {
    /// Highest price.
    pub high: PriceText,
    /// Lowest price.
    pub low: PriceText,
    /// Change over the day, percent.
    pub change_pct: f64,
}

impl Overview {
    /// Name and version.
    pub const SCHEMA: &'static str = "overview/1";
}

impl Tick {
    /// Name and version.
    pub const SCHEMA: &'static str = "tick/1";
}
