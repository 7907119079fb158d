//! `symbols/1` and `venues/1`: what can be asked, and what the data mean.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{CompletenessName, ContractName};

/// `symbols/1`: the markets that can be asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Symbols {
    /// Document name and version.
    pub schema: String,
    /// Markets, in the order of the store.
    pub symbols: Vec<SymbolFacts>,
}

/// One market.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SymbolFacts {
    /// The shortest name that means this market and no other: `BTC`, `BTC/USDT:USDT`, `binance:BTCUSDT`.
    pub symbol: String,
    /// `binance:BTCUSDT`.
    pub market: String,
    /// `binance`.
    pub venue: String,
    /// `Binance`.
    pub venue_title: String,
    /// `Binance BTCUSDT`.
    pub title: String,
    /// Base coin.
    pub base: String,
    /// Quote currency, that of prices.
    pub quote: String,
    /// Linear or inverse.
    pub contract: ContractName,
    /// Decimals in which this market's prices are written.
    pub price_decimals: usize,
    /// Beginning of the data (RFC 3339); `null` while it is not known.
    pub first: Option<String>,
    /// End of the data; `null` while it is not known.
    pub newest: Option<String>,
    /// Where positions can come from.
    pub evidence: Vec<EvidenceName>,
}

/// Where the positions of a map come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum EvidenceName {
    /// Read from public accounts.
    Measured,
    /// Inferred by a model.
    Modelled,
}

/// `venues/1`: what each venue's data mean.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Venues {
    /// Document name and version.
    pub schema: String,
    /// Venues with data, in a fixed order.
    pub venues: Vec<VenueFacts>,
}

/// One venue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct VenueFacts {
    /// `binance`.
    pub venue: String,
    /// `Binance`.
    pub title: String,
    /// What open interest counts.
    pub open_interest: OpenInterestConvention,
    /// What the reported liquidations contain; `null` where none is in the data.
    pub liquidations: Option<LiquidationConvention>,
    /// Days on which a maintenance schedule of the venue was recorded, oldest first; empty where none ships.
    pub margin_tables: Vec<String>,
    /// Its markets in the data, `binance:BTCUSDT`.
    pub markets: Vec<String>,
}

/// What open interest counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OpenInterestConvention {
    /// 1: longs or shorts, which are the same number; 2 would be both.
    pub sides: u8,
    /// The same and the unit in words.
    pub words: String,
}

/// What a feed of liquidations contains.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LiquidationConvention {
    /// Single orders or sums of periods.
    pub kind: LiquidationKind,
    /// All, or a floor.
    pub completeness: CompletenessName,
    /// The same in words.
    pub words: String,
}

/// What one report of a liquidation feed is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum LiquidationKind {
    /// One forced order each.
    Orders,
    /// The sum of a period.
    Sums,
    /// Both occur.
    Mixed,
}

impl Symbols {
    /// Name and version.
    pub const SCHEMA: &'static str = "symbols/1";
}

impl Venues {
    /// Name and version.
    pub const SCHEMA: &'static str = "venues/1";
}
