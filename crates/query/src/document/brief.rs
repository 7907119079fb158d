//! `brief/1`: the page a reader gets, as text and the figures it was made from.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{AtMove, Balance, DayRange, PriceText, ReachPair, Stamp, Usd};

/// The caveat of every chart.
pub const CAVEAT_SHORT: &str =
    "Liquidation maps are not price predictions. They show where leverage sits, not where price must go.";

/// The caveat of every brief: the short one and what dominates instead.
pub const CAVEAT: &str = "Liquidation maps are not price predictions. They show where leverage sits, not \
     where price must go. News, flows and spot demand dominate direction.";

/// The brief. Renderers lay out its texts in order and add none of their own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Brief {
    /// Head.
    #[serde(flatten)]
    pub stamp: Stamp,
    /// The fixed caveat; stands first in every format.
    pub caveat: String,
    /// At most 90 characters.
    pub headline: String,
    /// Time, coverage, age, grade and snapshot on one line.
    pub stamp_line: String,
    /// Why numbers are withheld; `null` when they are shown.
    pub withheld: Option<String>,
    /// The two asymmetry bullets (or the reasons there are none).
    pub bullets: Vec<String>,
    /// Every further section in its fixed order.
    pub sections: Vec<BriefSection>,
    /// Window inside which the amount was chosen, percent.
    pub window_pct: f64,
    /// The amount and both distances; `null` when withheld or no comparable amount exists.
    pub reach: Option<ReachPair>,
    /// What moves of ±1, ±2 and ±5 % would liquidate.
    pub at: Vec<AtMove>,
    /// How the two sides weigh against each other; `null` when withheld.
    pub balance: Option<Balance>,
    /// Last price and day.
    pub price_box: PriceBox,
    /// The same amount 1 h and 24 h earlier.
    pub changed: Vec<Changed>,
    /// What the card shows.
    pub cover: Cover,
}

/// One titled section.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BriefSection {
    /// Stable name: `what-this-tells-us`, `market-implications`, `how-traders-read-this`, `caveat`,
    /// `bottom-line`, `price`, `what-changed`, `data`, `how-sure`, `disclaimer`.
    pub id: String,
    /// Title as printed.
    pub title: String,
    /// Sentences, in order.
    pub sentences: Vec<String>,
}

/// Last price and its day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PriceBox {
    /// Last price.
    pub price: PriceText,
    /// Where it is from.
    pub source: String,
    /// The last 24 hours.
    pub day: Option<DayRange>,
}

/// The same question at an earlier time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Changed {
    /// Hours before `as_of`.
    pub hours_ago: u32,
    /// The price then.
    pub price: PriceText,
    /// Both distances then, for the same amount.
    pub reach: ReachPair,
}

/// Texts of the 1200×630 card and its alternative text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Cover {
    /// Amount on both bars, `null` when withheld.
    pub amount_usd: Option<Usd>,
    /// Alternative text of the picture.
    pub alt: String,
}

impl Brief {
    /// Name and version.
    pub const SCHEMA: &'static str = "brief/1";
}
