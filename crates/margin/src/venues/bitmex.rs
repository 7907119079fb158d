//! `BitMEX`, for replay of history: the venue closed on 2026-09-23.
//!
//! Liquidation on the **mark price**, maintenance frozen at entry.
//!
//! | | formula |
//! |---|---|
//! | linear | `P = E − s·(M − q·E·m)/q` |
//! | inverse | `P = S·(1 + s·f) / (S/E + s·(M − S/E·m))`, with the taker fee `f` of closing |
//!
//! Bitcoin's rate was 0.5 % up to 200 XBT and a step more for each 150 XBT beyond (record of 2024).
//!
//! **Worked number** (the site's example): long 20 ETH from 1,000 with a wallet of 10,000, m = 1 %:
//! `1,000 − (10,000 − 200)/20 = 510`, bankruptcy 500. Inverse, by the formula: long 10,000 USD from 10,000
//! with 0.1 XBT, m = 0.5 %, f = 0.075 %: `10,000·1.00075 / (1 + 0.1 − 0.005) = 9,139.27`.

use liqlens_market::Venue;

use super::{cross, inverse, linear};
use crate::rules::{FeeRule, Proof, Rules, Valued};

const CLOSED: &str = "2026-09-23";
const SOURCE: &str = "BitMEX site, isolated and cross margin examples";

const LINEAR: Rules =
    Rules { until: CLOSED, valued: Valued::AtEntry, ..linear(Venue::Bitmex, Proof::Published, SOURCE) };
const INVERSE: Rules = Rules {
    until: CLOSED,
    valued: Valued::AtEntry,
    // Taker rate of the inverse bitcoin contract in 2020.
    fee: FeeRule::Taker { default_rate: 0.000_75 },
    ..inverse(Venue::Bitmex, Proof::Published, SOURCE)
};

/// `BitMEX`'s rules.
pub const RULES: &[Rules] = &[
    LINEAR,
    INVERSE,
    cross(LINEAR, Proof::Vectors(&["bitmex-lin-cross-eth-long"])),
    cross(INVERSE, Proof::Published),
];
