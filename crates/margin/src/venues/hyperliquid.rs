//! Hyperliquid.
//!
//! Liquidation on the **mark price** when account value (cross) or the position's own margin (isolated)
//! falls below maintenance. The maintenance rate is half the inverse of the largest leverage of the tier,
//! `l = 1/(2·maxLeverage)`, with deductions `d_n = d_{n−1} + floor_n·(l_n − l_{n−1})`; no fee.
//!
//! | | formula |
//! |---|---|
//! | cross | `P = Pm − s·avail/q / (1 − s·l)`, `avail` = account value − maintenance of all cross positions |
//! | isolated | the same with its own margin; or `P = rawUsd / (l·q − s·q)` |
//! | unified account | `avail` = spot balance of the collateral token − maintenance; the perpetual account's value must not be used |
//! | portfolio margin | liquidated at a ratio above 0.95 over borrowed and lent assets: no price of its own |
//! | cross, 2023 | `P = Pm − s·avail/q`: maintenance held at today's mark |
//!
//! The 2023 form reproduces a recorded account of 2023-03-27; the present one reproduces records from
//! 2024-02 on. The day of the change is not known and is put at 2024-01-01 here.
//!
//! A position's own `maxLeverage` overrides the market's table: protocol vaults keep 50× on every coin. In a
//! position that has grown into a higher tier it is that tier's, and the table holds. What the venue prints
//! for positions under portfolio margin is the unified form, though it is not what liquidates them.
//! Until 2025 bitcoin and ether were 50×, since then 40× and 25×. Whole accounts: [`crate::value_account`].
//!
//! **Worked number** (recorded 2026-09-26): long 0.06075 BTC, isolated, rawUsd −3,828.81778, 40×:
//! `−3,828.81778 / (0.0125·0.06075 − 0.06075) = 63,823.60`. Cross, of a unified account: see
//! [`crate::CrossAccount::liquidation_price`].
//!
//! ```
//! use liqlens_margin::{Position, Terms, Valuation, solve};
//! use liqlens_market::{Contract, Side};
//! // rawUsd is margin less the value bought: M = rawUsd + q·E.
//! let margin = -3_828.817_78 + 0.06075 * 83_985.7;
//! let btc = Position { side: Side::Long, entry_price: 83_985.7, size: 0.06075, margin };
//! let terms = Terms { rate: 0.0125, ..Terms::default() };
//! let price = solve(&btc, Contract::Linear, Valuation::AtLiquidation, terms).unwrap();
//! assert!((price - 63_823.602_104_495_5).abs() < 1e-6);
//! ```

use liqlens_market::Venue;

use super::{cross, linear};
use crate::rules::{Proof, Rules, Valued};

const SOURCE: &str = "Hyperliquid documentation, liquidations and margin tiers";
const CHANGED: &str = "2024-01-01";

const ISOLATED: Rules = linear(
    Venue::Hyperliquid,
    Proof::Vectors(&[
        "hl-iso-btc-long",
        "hl-iso-2024-btc-long",
        "hl-iso-2024-eth-short",
        "hl-iso-2024-sol-long",
        "hl-iso-2024-btc-short",
        "hl-iso-2024-doge-long",
        "hl-iso-2024-eth-long",
    ]),
    SOURCE,
);

/// Hyperliquid's rules.
pub const RULES: &[Rules] = &[
    ISOLATED,
    Rules { until: CHANGED, valued: Valued::AtMark, ..cross(ISOLATED, Proof::Derived) },
    Rules {
        from: CHANGED,
        ..cross(
            ISOLATED,
            Proof::Vectors(&[
                "hl-cross-vault-dydx-short",
                "hl-cross-vault-avax-short",
                "hl-unified-btc-short",
                "hl-unified-eth-short",
                "hl-unified-near-short",
            ]),
        )
    },
];
