//! Gate, linear (USDT) and inverse (BTC-settled).
//!
//! Liquidation on the **mark price** when margin plus unrealised profit falls to `value·(m + f) −
//! deduction`, with the taker rate `f` that the venue's support quotes in the formula (0.075 %, 2023).
//!
//! | | formula |
//! |---|---|
//! | linear | `P = (E − s·M/q) / (1 − s·(m + f))`, `q = contracts × quanto multiplier` |
//! | inverse | `P = n·E·(1 + s·(m + f)) / (n + s·M·E)`, n contracts of 1 USD |
//!
//! The deduction, since the column exists, is the `c` of a continuous schedule.
//!
//! **Worked number** (a recorded `ETH_USDT` position, 2022): long 0.01 ETH from 1,203.45 with 5.415925875,
//! m = 0.5 %, f = 0.075 %: `(1,203.45 − 541.5926) / (1 − 0.00575) = 665.69`. Inverse, by the formula: long
//! 10,000 contracts from 50,000 with 0.02 BTC: `10,000·50,000·1.00575 / (10,000 + 0.02·50,000) = 45,715.91`.

use liqlens_market::Venue;

use super::{cross, inverse, linear};
use crate::rules::{FeeRule, Proof, Rules};

const SOURCE: &str = "Gate support, liquidation price of perpetual contracts (2023)";
const FEE: FeeRule = FeeRule::Taker { default_rate: 0.000_75 };

const LINEAR: Rules =
    Rules { fee: FEE, ..linear(Venue::Gate, Proof::Vectors(&["gate-lin-iso-eth"]), SOURCE) };
const INVERSE: Rules = Rules { fee: FEE, ..inverse(Venue::Gate, Proof::Published, SOURCE) };

/// Gate's rules.
pub const RULES: &[Rules] =
    &[LINEAR, INVERSE, cross(LINEAR, Proof::Published), cross(INVERSE, Proof::Published)];
