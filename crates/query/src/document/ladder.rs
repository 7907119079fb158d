//! `ladder/1`: both questions answered ahead, at round prices and round amounts.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{AtMove, PriceText, ReachPair, Stamp, Window};

/// The answers between which a handle on the price, or on the amount, can be moved without asking again. Every
/// rung is what `at/1` says of its price, or `reach/1` of its amount.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LiquidationLadder {
    /// Head.
    #[serde(flatten)]
    pub stamp: Stamp,
    /// Price range covered; the outermost rungs are the last round prices inside it.
    pub window: Window,
    /// Distance between neighbouring prices. Every price is a multiple of it, so rungs stay where they are while
    /// the market moves.
    pub price_step: PriceText,
    /// What a move to each price would liquidate, rising prices.
    pub at: Vec<AtMove>,
    /// How far price must move for each amount, rising amounts: from $100,000 to the last round amount that the
    /// larger side holds, and the amount that the map marks. Empty if neither side holds as much.
    pub reach: Vec<ReachPair>,
}

impl LiquidationLadder {
    /// Name and version.
    pub const SCHEMA: &'static str = "ladder/1";
}
