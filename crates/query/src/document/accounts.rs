//! `accounts/1`: the accounts behind a price range of a measured map.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{PriceText, SideName, Stamp, Usd};

/// Positions of public accounts by liquidation price. Names are shortened: enough to recognise an account,
/// not to read it off.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Accounts {
    /// Head.
    #[serde(flatten)]
    pub stamp: Stamp,
    /// Liquidation prices asked for; `null` for all.
    pub range: Option<PriceRange>,
    /// Side asked for; `null` for both.
    pub side: Option<SideName>,
    /// The largest positions by dollars at the liquidation price, largest first.
    pub accounts: Vec<AccountRow>,
    /// Everything that was asked for.
    pub total: AccountTotals,
    /// The part of it beyond the rows listed.
    pub left_out: AccountTotals,
    /// Positions of the market that are on no map because they have no liquidation price, by reason.
    pub unpriced: Vec<Unpriced>,
    /// Our liquidation prices against the venue's own, over all positions of the market.
    pub check: VenueCheck,
}

/// Liquidation prices from `price_lo` to `price_hi`, both included.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PriceRange {
    /// Lowest price.
    pub price_lo: PriceText,
    /// Highest price.
    pub price_hi: PriceText,
}

/// One account's position.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AccountRow {
    /// Shortened name.
    pub account: String,
    /// How the account is known.
    pub source: AccountKnown,
    /// When it was so (RFC 3339).
    pub known_at: String,
    /// Side held.
    pub side: SideName,
    /// Base coin or contracts.
    pub size: f64,
    /// Value at the mark price the account was valued at.
    pub notional_usd: Usd,
    /// Value at the liquidation price: what the map counts.
    pub usd: Usd,
    /// Average entry price, where known.
    pub entry_price: Option<PriceText>,
    /// Notional over the margin behind the position; `null` if nothing is left behind it.
    pub leverage: Option<f64>,
    /// What backs it.
    pub margin: MarginKind,
    /// Our liquidation price, with more digits than the market's tick so that it can be compared.
    pub liquidation_price: PriceText,
    /// The venue's own liquidation price, where it states one.
    pub venue_liquidation_price: Option<PriceText>,
    /// Ours over the venue's, less one.
    pub relative_difference: Option<f64>,
    /// Signed distance of the liquidation price from the last price, percent; a position whose price is
    /// already past has the sign of a gain.
    pub distance_pct: f64,
}

/// How an account is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum AccountKnown {
    /// The venue reported its state.
    Reported,
    /// Rebuilt from its fills and transfers, without fees and funding.
    Reconstructed,
}

/// What backs a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum MarginKind {
    /// The account's equity, shared by its cross positions.
    Cross,
    /// Its own margin.
    Isolated,
}

/// Positions added up.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AccountTotals {
    /// Number of accounts with a long position.
    pub long_accounts: usize,
    /// Number of accounts with a short position.
    pub short_accounts: usize,
    /// Dollars of longs at their liquidation prices.
    pub long_usd: Usd,
    /// Dollars of shorts at their liquidation prices.
    pub short_usd: Usd,
}

/// Positions without a liquidation price.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Unpriced {
    /// `cannot be liquidated`, `no margin table`, `portfolio margin`.
    pub reason: String,
    /// Number of positions.
    pub positions: usize,
    /// Their value at the mark prices they were valued at.
    pub notional_usd: Usd,
}

/// How our liquidation prices compare with those the venue states.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct VenueCheck {
    /// Positions with a price of the venue's and one of ours, or whose lack of one of ours is a claim.
    pub compared: usize,
    /// Positions further apart than one part in a million, or with a price of the venue's only.
    pub misses: usize,
    /// Median of the absolute relative differences; `null` if none were compared.
    pub median: Option<f64>,
    /// Largest of them.
    pub max: Option<f64>,
}

impl Accounts {
    /// Name and version.
    pub const SCHEMA: &'static str = "accounts/1";
}
