//! One account: its positions, and what happens to it when its coins move together.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{PriceText, SideName, Usd};

/// A public account at one moment.
///
/// A liquidation price printed for one position holds while every other position stays where it is. `joint`
/// and `path` answer what no single price can: the account's equity when its coins move together, each by
/// its beta times a common move.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Account {
    /// `account/1`.
    pub schema: String,
    /// Venue, such as `hyperliquid`.
    pub venue: String,
    /// The account's name, shortened.
    pub account: String,
    /// The moment the answer is for (RFC 3339, UTC); nothing known later was used.
    pub as_of: String,
    /// Content hash of code version, moment and the folded accounts: same id, same bytes.
    pub snapshot: String,
    /// The moment the account was in this state.
    pub state_at: String,
    /// `as_of` minus `state_at`, seconds.
    pub age_s: f64,
    /// `reported` by the venue, or `reconstructed` from fills and transfers.
    pub source: String,
    /// `standard`, `unified` or `portfolio`.
    pub mode: String,
    /// What backs the cross positions, at their marks.
    pub equity_usd: Usd,
    /// Maintenance of the cross positions by our schedules; `null` if one is missing.
    pub maintenance_usd: Option<Usd>,
    /// The same as the venue states it.
    pub venue_maintenance_usd: Option<Usd>,
    /// Every position, largest first.
    pub positions: Vec<AccountHolding>,
    /// Joint moves that liquidate the cross positions; `null` if they cannot be known.
    pub joint: Option<Joint>,
    /// Equity along joint moves, from the deepest fall to the highest rise.
    pub path: Vec<PathPoint>,
    /// What a reader should know before using the numbers.
    pub warnings: Vec<String>,
}

/// One position of an account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AccountHolding {
    /// The venue's symbol.
    pub symbol: String,
    /// Side held.
    pub side: SideName,
    /// Size in base coin, exact decimal text.
    pub size: String,
    /// Average entry price, where known.
    pub entry_price: Option<PriceText>,
    /// Mark price of the state.
    pub mark_price: PriceText,
    /// Size at the mark price.
    pub notional_usd: Usd,
    /// `cross` or `isolated`.
    pub backing: String,
    /// How far this coin moves when the common move is 1.
    pub beta: f64,
    /// Price at which it is liquidated with everything else at its mark; `null` if there is none or it is
    /// not known (a warning says which).
    pub liquidation_price: Option<PriceText>,
    /// The price the venue itself states.
    pub venue_liquidation_price: Option<PriceText>,
    /// Ours over the venue's, less one.
    pub difference: Option<f64>,
    /// Maintenance at the mark price.
    pub maintenance_usd: Option<Usd>,
}

/// Joint moves that liquidate an account.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Joint {
    /// The common fall, percent (negative); `null` if no fall does.
    pub fall_pct: Option<f64>,
    /// The common rise, percent; `null` if no rise does.
    pub rise_pct: Option<f64>,
}

/// An account after a joint move.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PathPoint {
    /// The common move, percent.
    pub move_pct: f64,
    /// Equity of the cross positions' account.
    pub equity_usd: Usd,
    /// What they must keep.
    pub maintenance_usd: Usd,
}

impl Account {
    /// Name and version.
    pub const SCHEMA: &str = "account/1";
}
