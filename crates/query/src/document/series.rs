//! What was recorded of a market, as it was recorded: `tape/1`, `price/1`, `oi/1`, `funding/1` and `gaps/1`.
//!
//! No model stands behind these documents, only the log of the market.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{PriceText, SideName, Usd};

/// The head of every document that is read off a market's log (its fields stand at the top level of the JSON).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SeriesHead {
    /// Document name and version, such as `tape/1`.
    pub schema: String,
    /// The symbol as asked, resolved to its canonical spelling.
    pub symbol: String,
    /// `binance:BTCUSDT`.
    pub market: String,
    /// The moment the answer is for (RFC 3339, UTC); nothing known later was used.
    pub as_of: String,
    /// First moment asked for (RFC 3339, UTC).
    pub from: String,
    /// Last moment asked for (RFC 3339, UTC).
    pub to: String,
}

/// `tape/1`: liquidations that the venue reported, in the order in which they became known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Tape {
    /// Head.
    #[serde(flatten)]
    pub head: SeriesHead,
    /// Dollars below which reports are left out; `null` if none is.
    pub min_usd: Option<Usd>,
    /// Reports, oldest first.
    pub rows: Vec<TapeRow>,
    /// Where the next page begins; `null` if this is the last.
    pub next: Option<String>,
}

/// One report: a forced order, or the sum of those of a period.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TapeRow {
    /// When it happened; of a sum, the end of its period (RFC 3339).
    pub ts: String,
    /// When it became known.
    pub known: String,
    /// Length of the period summed, seconds; `null` of a single order.
    pub period_s: Option<f64>,
    /// Side of the positions that were closed: a forced sell closes longs.
    pub side: SideName,
    /// Base coin or contracts.
    pub size: f64,
    /// Average fill price, or the order's price where only that was published; `null` of a sum, and where
    /// neither was.
    pub price: Option<PriceText>,
    /// The price the dollars are taken at: that of the report, or the last one traded before it.
    pub valued_at: Option<PriceText>,
    /// Dollars; `null` where no price was known yet.
    pub usd: Option<Usd>,
    /// What a sum of such reports means.
    pub completeness: CompletenessName,
}

/// How much of the truth a liquidation feed shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum CompletenessName {
    /// Every liquidation is reported.
    Full,
    /// Some are: sums are lower bounds.
    Floor,
}

/// `price/1`: what was traded, as candles.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PriceSeries {
    /// Head.
    #[serde(flatten)]
    pub head: SeriesHead,
    /// Length of a candle, seconds. Where the data are coarser than that, candles are as long as the data.
    pub step_s: f64,
    /// The length asked for, seconds, if it would have given too many candles; else `null`.
    pub finer_step_s: Option<f64>,
    /// Candles, oldest first. They do not overlap.
    pub candles: Vec<Candle>,
    /// Stretches about which nothing is known, oldest first.
    pub gaps: Vec<[String; 2]>,
}

/// The trades of one period.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Candle {
    /// Start of the period (RFC 3339).
    pub start: String,
    /// End of the period; the last candle's may lie ahead.
    pub end: String,
    /// First price.
    pub open: PriceText,
    /// Highest price.
    pub high: PriceText,
    /// Lowest price.
    pub low: PriceText,
    /// Last price.
    pub close: PriceText,
    /// Base coin or contracts, each trade counted once; `null` where it is not known.
    pub volume: Option<f64>,
}

/// `oi/1`: open interest as the venue reported it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OpenInterestSeries {
    /// Head.
    #[serde(flatten)]
    pub head: SeriesHead,
    /// The last reading of every stretch of so many seconds is given.
    pub step_s: f64,
    /// Number of readings left out for that.
    pub left_out: u64,
    /// Readings, oldest first.
    pub points: Vec<OpenInterestPoint>,
}

/// One reading, one-sided: longs = shorts = this.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OpenInterestPoint {
    /// When (RFC 3339).
    pub ts: String,
    /// Base coin or contracts.
    pub size: f64,
    /// The venue's own valuation; where it gives none, the size at the last price traded by then; `null` where
    /// that was not known either.
    pub usd: Option<Usd>,
}

/// `funding/1`: funding rates as the venue published them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FundingSeries {
    /// Head.
    #[serde(flatten)]
    pub head: SeriesHead,
    /// The last rate of each kind of every stretch of so many seconds is given.
    pub step_s: f64,
    /// Number of rates left out for that.
    pub left_out: u64,
    /// Rates, oldest first.
    pub points: Vec<FundingPoint>,
}

/// One funding rate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FundingPoint {
    /// When (RFC 3339): of a settled rate, when it was paid.
    pub ts: String,
    /// Fraction of notional that longs pay to shorts per interval; negative when shorts pay.
    pub rate: f64,
    /// Length of the interval the rate is for, hours.
    pub interval_h: f64,
    /// Settled or still a prediction.
    pub kind: FundingName,
}

/// Whether a funding rate has been exchanged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum FundingName {
    /// Paid at that time.
    Settled,
    /// The venue's running prediction.
    Predicted,
}

/// `gaps/1`: which data there are of a market, and what is missing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Gaps {
    /// Head.
    #[serde(flatten)]
    pub head: SeriesHead,
    /// Channels, in a fixed order.
    pub channels: Vec<ChannelGaps>,
}

/// One kind of data of one market.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ChannelGaps {
    /// `trade`, `bar-trades-1m`, `open-interest`, `funding-settled`, …
    pub name: String,
    /// Beginning of the first data (RFC 3339).
    pub first: String,
    /// End of the newest data known by `to`.
    pub newest: String,
    /// Usual time between neighbouring data at the end, seconds; `null` of data that come irregularly.
    pub period_s: Option<f64>,
    /// Holes that overlap the time asked for, oldest first.
    pub gaps: Vec<Hole>,
}

/// A stretch without data where there should be some.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Hole {
    /// End of the data before.
    pub from: String,
    /// Beginning of the data after.
    pub to: String,
    /// Time between them.
    pub seconds: f64,
    /// Why, as far as it is known.
    pub cause: String,
}

macro_rules! schemas {
    ($($document:ty = $name:literal),+ $(,)?) => {$(
        impl $document {
            /// Name and version.
            pub const SCHEMA: &'static str = $name;
        }
    )+};
}

schemas! {
    Tape = "tape/1",
    PriceSeries = "price/1",
    OpenInterestSeries = "oi/1",
    FundingSeries = "funding/1",
    Gaps = "gaps/1",
}
