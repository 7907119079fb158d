//! What every document says about itself: which market, when, how fresh, how sure.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{PriceText, Usd};

/// The head of every document (its fields stand at the top level of the JSON).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Stamp {
    /// Document name and version, such as `reach/1`.
    pub schema: String,
    /// The symbol as asked, resolved to its canonical spelling.
    pub symbol: String,
    /// Where the positions come from: inferred by model `m0`, `m1` or `m2`, or `m3`, read from public accounts.
    pub model: String,
    /// The moment the answer is for (RFC 3339, UTC); nothing known later was used.
    pub as_of: String,
    /// Hash of code version, parameters, moment and everything folded: same id and same question, same bytes.
    pub snapshot: String,
    /// `as_of` minus the newest complete time of the slowest required channel, seconds.
    pub age_s: f64,
    /// Last price of the reference market at `as_of`.
    pub price: PriceText,
    /// Decimals in which this market's prices are written.
    pub price_decimals: usize,
    /// How far the answer can be relied on.
    pub grade: Grade,
    /// Share of the asked market that the answer is built on.
    pub coverage: Coverage,
    /// Shares of the dollars by evidence class; they sum to 1.
    pub evidence: Evidence,
    /// What the venue's public stream shows of the liquidated dollars; `null` where that is not modelled. Every
    /// figure of a document is in estimated true dollars unless its name says `reported`.
    pub reporting: Option<Reporting>,
    /// The markets behind the answer.
    pub markets: Vec<MarketStamp>,
    /// What a reader should know before using the numbers.
    pub warnings: Vec<String>,
}

/// Grade with its reasons; the worst rule wins.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Grade {
    /// A (best) to D (withhold).
    pub letter: GradeLetter,
    /// Why it is not better, worst first.
    pub reasons: Vec<String>,
}

/// Grade letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub enum GradeLetter {
    /// Coverage ≥ 85 %, all ages in limit, intervals checked.
    A,
    /// Coverage ≥ 70 %.
    B,
    /// Coverage ≥ 50 %, one channel late, or no checked interval.
    C,
    /// Anything worse: headline numbers are withheld.
    D,
}

impl GradeLetter {
    /// The letter as text.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::B => "B",
            Self::C => "C",
            Self::D => "D",
        }
    }
}

/// What share of the asked market's open interest the answer is built on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Coverage {
    /// Share of one-sided open interest over the venues whose open interest is known; `null` when the
    /// whole market's open interest is not in the data. Of a measured market: the size of all longs found
    /// over its open interest.
    pub oi_share: Option<f64>,
    /// Number of venues in the answer.
    pub venues: usize,
    /// Venues known to trade the coin whose data is absent here.
    pub missing: Vec<String>,
    /// The same in words.
    pub text: String,
}

/// Shares of dollars by how they are known.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Evidence {
    /// Positions public on the venue, with the venue's own liquidation price.
    pub measured: f64,
    /// Liquidation prints a venue published.
    pub reported: f64,
    /// Inferred by the model.
    pub modelled: f64,
}

/// The two meanings of a dollar: the estimated whole, and what a venue's public stream of liquidations
/// would show of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Reporting {
    /// How complete the stream says it is.
    pub feed: Feed,
    /// Share of liquidated dollars that the stream shows, 0 to 1: reported dollars = dollars standing at a price ×
    /// `realised` × `factor`.
    pub factor: f64,
    /// 10 % quantile of the factor.
    pub lo80: f64,
    /// 90 % quantile of the factor.
    pub hi80: f64,
    /// Share of the dollars standing at a price that are liquidated when price gets there, 0 to 1; the rest stops
    /// out or is topped up.
    pub realised: f64,
    /// Share of the map's dollars at distances about which reported liquidations have taught the model
    /// something; the rest is assumed.
    pub informed: f64,
    /// The same in words.
    pub words: String,
}

/// What a venue's public stream of liquidations contains.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Feed {
    /// Every liquidation.
    Full,
    /// Some of them: the last or the largest of each second, or a sample.
    Throttled,
    /// There is none.
    Absent,
}

/// One market behind an answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MarketStamp {
    /// `binance:BTCUSDT`.
    pub market: String,
    /// `Binance BTCUSDT`.
    pub title: String,
    /// Last price.
    pub price: PriceText,
    /// One-sided open interest, base coin or contracts; `null` where it is not known (measured maps only).
    pub open_interest_size: Option<f64>,
    /// One-sided open interest in dollars at the last price; `null` where it is not known.
    pub open_interest_usd: Option<Usd>,
    /// Days of history folded before `as_of`; `null` on measured maps, which need none.
    pub history_days: Option<f64>,
    /// Which price triggers liquidations in the model, or distances are counted from: `mark price`, `last
    /// price`, or where among the accounts it was seen.
    pub trigger: String,
    /// Source of the maintenance schedule.
    pub margin_table: String,
    /// Channels with their ages.
    pub channels: Vec<Channel>,
    /// Where the standing positions came from and went, since the start of the history; `null` on measured
    /// maps.
    pub flows: Option<Flows>,
}

/// One kind of data of one market.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Channel {
    /// `price`, `open-interest`, `funding`, `liquidation`, `account`.
    pub name: String,
    /// `trades`, `1m bars`, `every 5m`, …
    pub resolution: String,
    /// Newest complete time (RFC 3339), `null` if the channel is absent.
    pub newest: Option<String>,
    /// `as_of` minus `newest`, seconds.
    pub age_s: Option<f64>,
    /// Age above which the channel counts as stale, seconds.
    pub limit_s: f64,
}

/// Contracts that entered and left the book by named flow (longs, shorts) over the whole history, scaled
/// by the present ratio of open interest to flow:
/// `opened + seeded − unrested − closed − liquidated − expired = standing`, which equals open interest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Flows {
    /// Opened.
    pub opened: [f64; 2],
    /// Closed by their holders.
    pub closed: [f64; 2],
    /// Swept by the price.
    pub liquidated: [f64; 2],
    /// Opened and swept within one interval.
    pub unrested: [f64; 2],
    /// Placed at the start for positions older than the history.
    pub seeded: [f64; 2],
    /// Dropped as older than the model's lookback (M0 only).
    pub expired: [f64; 2],
}

/// Side of the positions in a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SideName {
    /// Liquidated if price falls.
    Long,
    /// Liquidated if price rises.
    Short,
}
