//! Reach, at, map and clusters.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Balance, GradeLetter, PriceText, SideName, Stamp, Usd};

/// `reach/1`: how far price must move for an amount of each side to be liquidated.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Reach {
    /// Head.
    #[serde(flatten)]
    pub stamp: Stamp,
    /// The answer.
    #[serde(flatten)]
    pub pair: ReachPair,
}

/// Both sides' distances for the same amount, and how they compare.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ReachPair {
    /// The amount asked for, per side: estimated true dollars.
    pub amount_usd: Usd,
    /// What of it the venue's public stream would show; `null` where that is not modelled.
    pub reported_amount_usd: Option<Usd>,
    /// Longs, liquidated if price falls.
    pub long: ReachSide,
    /// Shorts, liquidated if price rises.
    pub short: ReachSide,
    /// Which side sits closer; `null` unless both sides reach the amount.
    pub tilt: Option<Tilt>,
}

/// One side's answer to reach.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ReachSide {
    /// The price at which the amount is reached; `null` if the map does not hold that much.
    pub price: Option<PriceText>,
    /// Signed price difference from the last price.
    pub move_usd: Option<PriceText>,
    /// Signed move in percent of the last price.
    pub move_pct: Option<f64>,
    /// 80 % interval of the move as a price difference, the nearer bound first; `null` where the model has
    /// none or the side does not hold the amount.
    pub interval: Option<Interval>,
    /// Share of parameter draws in which the side holds the amount at all; `null` where there are none.
    pub held_in: Option<f64>,
    /// All that this side holds on the map at any distance.
    pub available_usd: Usd,
}

/// 80 % range of a modelled number, in the unit of the figure it belongs to: price difference for a
/// reach, dollars for an at. It is taken over draws of everything the data leave open, of the very figure
/// it belongs to, and always holds that figure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Interval {
    /// 10 % quantile; of a move, the nearer bound.
    pub lo80: f64,
    /// 90 % quantile; of a move, the farther bound, and `null` (open) if in more than a tenth of the draws
    /// the side never holds the amount.
    pub hi80: Option<f64>,
    /// Whether a bound was moved out to the figure itself, which lay outside the draws' own 80 %.
    #[serde(default)]
    pub widened: bool,
}

/// Which side sits closer, and by how much.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Tilt {
    /// The nearer side.
    pub side: SideName,
    /// Farther distance divided by nearer distance, at least 1.
    pub ratio: f64,
    /// Share of parameter draws that keep the sign; `null` while there is no ensemble.
    pub sign_held: Option<f64>,
    /// The ratio in words, and whether it holds at all.
    pub label: TiltLabel,
}

/// Words for the ratio of the two distances: balanced below 1.25 or if fewer than 80 % of the draws keep the
/// sign, mild below 1.75, clear below 3, strong from 3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum TiltLabel {
    /// Below 1.25, or its sign is not firm: no side may be named.
    Balanced,
    /// Below 1.75.
    Mild,
    /// Below 3.
    Clear,
    /// 3 and more.
    Strong,
}

/// `at/1`: how many dollars of each side a move would liquidate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct At {
    /// Head.
    #[serde(flatten)]
    pub stamp: Stamp,
    /// One row a move, in the order asked.
    pub moves: Vec<AtMove>,
}

/// What one move would liquidate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AtMove {
    /// Signed move in percent.
    pub move_pct: f64,
    /// Signed price difference.
    pub move_usd: PriceText,
    /// The price moved to.
    pub price: PriceText,
    /// Longs liquidated on the way (zero for a rise).
    pub long_usd: Usd,
    /// Shorts liquidated on the way (zero for a fall).
    pub short_usd: Usd,
    /// 80 % interval of the dollars of the side that the move liquidates; `null` where the model has none,
    /// and for no move at all.
    pub interval: Option<Interval>,
    /// What of the longs the venue's public stream would show; `null` where that is not modelled.
    pub reported_long_usd: Option<Usd>,
    /// What of the shorts the venue's public stream would show; `null` where that is not modelled.
    pub reported_short_usd: Option<Usd>,
}

/// `map/1`: dollars by liquidation price.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Map {
    /// Head.
    #[serde(flatten)]
    pub stamp: Stamp,
    /// Price range shown.
    pub window: Window,
    /// Width of the bins.
    pub bin: BinWidth,
    /// Effective-leverage bands, nearest (highest leverage) last; bins split their dollars in this order.
    pub bands: Vec<Band>,
    /// Bins with rising price; each belongs to one side.
    pub bins: Vec<MapBin>,
    /// Totals of longs.
    pub long: MapSide,
    /// Totals of shorts.
    pub short: MapSide,
    /// Reach marks for an amount both sides can meet; `null` if there is none.
    pub marks: Option<ReachPair>,
    /// Largest clusters inside the window, by side then dollars.
    pub clusters: Vec<Cluster>,
    /// How the two sides weigh against each other.
    pub balance: Balance,
    /// The last 24 hours' prices, `null` without a day of history.
    pub day: Option<DayRange>,
}

/// A price range around the last price.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Window {
    /// Lowest price.
    pub price_lo: PriceText,
    /// Highest price.
    pub price_hi: PriceText,
    /// Distance either way in percent.
    pub pct: f64,
}

/// The width of a map's bins.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", content = "width", rename_all = "lowercase")]
pub enum BinWidth {
    /// Fixed dollars.
    Usd(f64),
    /// Basis points of price (equal in log price).
    Bp(f64),
}

/// A band of effective leverage (`1 / margin share`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Band {
    /// `≤5×`, `5–10×`, `10–25×`, `25–50×`, `>50×`.
    pub label: String,
    /// Lowest effective leverage in the band.
    pub leverage_min: f64,
    /// Highest, `null` if open.
    pub leverage_max: Option<f64>,
}

/// Dollars whose liquidation price lies in `[price_lo, price_hi)`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MapBin {
    /// Side of the positions.
    pub side: SideName,
    /// Lower edge.
    pub price_lo: PriceText,
    /// Upper edge.
    pub price_hi: PriceText,
    /// Signed distance of the bin's middle from the last price, percent.
    pub distance_pct: f64,
    /// Dollars at the bin's price.
    pub usd: Usd,
    /// Lower bound of their 80 % interval; `null` where the model has none. Bounds of bins do not add up:
    /// totals have intervals of their own.
    pub usd_lo80: Option<Usd>,
    /// Upper bound.
    pub usd_hi80: Option<Usd>,
    /// The same by band, in the order of `bands`; sums to `usd`.
    pub by_band: Vec<Usd>,
    /// Dollars from the last price to the bin's far edge.
    pub cumulative_usd: Usd,
    /// Number of accounts with a position in the bin; only on measured maps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accounts: Option<usize>,
}

/// Totals of one side. `in_window + beyond_window = liquidatable`; contracts add up to open interest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MapSide {
    /// All dollars on the map at any distance, each valued at its liquidation price.
    pub liquidatable_usd: Usd,
    /// Dollars inside the window.
    pub in_window_usd: Usd,
    /// 80 % interval of all dollars on the map; `null` where the model has none.
    pub liquidatable_interval: Option<Interval>,
    /// 80 % interval of the dollars inside the window; `null` where the model has none.
    pub in_window_interval: Option<Interval>,
    /// What the venue's public stream would show of all dollars on the map; `null` where that is not
    /// modelled.
    pub reported_liquidatable_usd: Option<Usd>,
    /// What it would show of the dollars inside the window.
    pub reported_in_window_usd: Option<Usd>,
    /// Dollars outside the window.
    pub beyond_window_usd: Usd,
    /// Contracts (or base coin) on the map.
    pub liquidatable_size: f64,
    /// Contracts without a place on the map: modelled as hedged, unlevered or beyond the grid; measured
    /// without a liquidation price.
    pub unliquidatable_size: f64,
}

/// `clusters/1`: bands of price where liquidations concentrate, ranked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Clusters {
    /// Head.
    #[serde(flatten)]
    pub stamp: Stamp,
    /// Price range searched.
    pub window: Window,
    /// Longs first, then shorts; within a side by dollars, largest first.
    pub clusters: Vec<Cluster>,
}

/// One cluster.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Cluster {
    /// Side of the positions.
    pub side: SideName,
    /// Place among the side's clusters, from 1.
    pub rank: usize,
    /// Lower edge.
    pub price_lo: PriceText,
    /// Upper edge.
    pub price_hi: PriceText,
    /// Price of its densest bin.
    pub peak_price: PriceText,
    /// Signed distance of the peak, percent.
    pub distance_pct: f64,
    /// Signed distance of the peak in price.
    pub distance_usd: PriceText,
    /// Dollars inside its edges.
    pub usd: Usd,
    /// 80 % interval of those dollars; `null` where the model has none.
    pub interval: Option<Interval>,
    /// What of them the venue's public stream would show; `null` where that is not modelled.
    pub reported_usd: Option<Usd>,
    /// Those dollars as a share of the side's dollars inside the window.
    pub share_of_side: f64,
    /// Density at the peak over the side's mean density inside the window.
    pub prominence: f64,
}

/// Prices of the last 24 hours.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DayRange {
    /// Highest price.
    pub high: PriceText,
    /// Lowest price.
    pub low: PriceText,
    /// Change over the day, percent.
    pub change_pct: f64,
    /// Closes at equal steps, oldest first, for a sparkline.
    pub closes: Vec<f64>,
}

impl Reach {
    /// Name and version.
    pub const SCHEMA: &'static str = "reach/1";
}
impl At {
    /// Name and version.
    pub const SCHEMA: &'static str = "at/1";
}
impl Map {
    /// Name and version.
    pub const SCHEMA: &'static str = "map/1";
}
impl Clusters {
    /// Name and version.
    pub const SCHEMA: &'static str = "clusters/1";
}

impl Stamp {
    /// Whether headline numbers must be withheld.
    pub fn withheld(&self) -> bool {
        self.grade.letter == GradeLetter::D
    }

    /// Whether every figure is measured, so that none needs an interval.
    pub fn is_measured(&self) -> bool {
        self.evidence.measured > 0.0 && self.evidence.modelled == 0.0
    }
}
