//! dYdX v4.
//!
//! Liquidation on the **oracle price**. The maintenance fraction belongs to the market's liquidity tier and
//! does not grow with the position. With signed size z, oracle price p and subaccount equity e:
//!
//! | | formula |
//! |---|---|
//! | isolated | `P = (e − z·p) / (|z|·m − z)` |
//! | cross | `P = (e − z·p − MMR_other) / (|z|·m − z)` |
//!
//! which is the linear formula with the oracle price for E and the equity, less what the other positions
//! keep, for M. Isolated markets live in subaccounts numbered 128 and above.
//!
//! **Worked number** (documentation): equity 1,000, short 3 ETH at 3,000, m = 5 %:
//! `(1,000 + 9,000) / (0.15 + 3) = 3,174.60`. Cross, with 175 kept for another position: short 1.5 ETH,
//! `(1,000 + 4,500 − 175) / (0.075 + 1.5) = 3,380.95`.

use liqlens_market::Venue;

use super::{cross, linear};
use crate::rules::{Proof, Rules, Trigger};

const ISOLATED: Rules = Rules {
    trigger: Trigger::Oracle,
    ..linear(
        Venue::Dydx,
        Proof::Vectors(&["dydx-iso-eth-short"]),
        "dYdX documentation, isolated and cross liquidation price",
    )
};

/// dYdX's rules.
pub const RULES: &[Rules] = &[ISOLATED, cross(ISOLATED, Proof::Vectors(&["dydx-cross-eth-short"]))];
