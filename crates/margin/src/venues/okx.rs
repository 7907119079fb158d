//! OKX swaps and futures, margined in USDT or USDC (linear) or in coin (inverse).
//!
//! Liquidation on the **mark price** when equity over (maintenance + liquidation fee) reaches 100 %: the
//! account's taker fee `f` (0.05 % for ordinary accounts) is part of the condition. The rate is that of the
//! tier of the whole position, by its size in contracts, and there is no maintenance amount.
//!
//! | | formula |
//! |---|---|
//! | linear, isolated | `P = (s·q·E − M) / (q·(s − m − f))` |
//! | inverse, isolated | `P = S·(1 + s·(m + f)) / (S/E + s·M)` |
//! | cross, one currency | the linear form with the mark for E and the account's equity for M |
//!
//! In multi-currency mode the same ratio holds on discounted dollar equity; portfolio margin has no closed
//! form. One recorded isolated position shows the venue's number exactly one tick above the formula.
//!
//! **Worked number** (a recorded BTC-USDT-SWAP position of 2021-07): long 0.01 BTC at a mark of 34,132.186
//! with 215.799673 of equity, m = 0.4 %, f = 0.05 %: `(341.32186 − 215.79967) / (0.01·0.9955) = 12,608.96`.
//! Inverse (recorded 2021-04): long one contract of 10 USD from 2,566.31 with 0.00038966 ETH, m = 0.8 %:
//! `10·1.0085 / (0.00389665 + 0.00038966) = 2,352.84`, printed 2,352.85.

use liqlens_market::Venue;

use super::{cross, inverse, linear};
use crate::rules::{FeeRule, Proof, Rules};

const SOURCE: &str = "OKX help centre, liquidation and margin of swaps and futures";
const FEE: FeeRule = FeeRule::Taker { default_rate: 0.000_5 };

const LINEAR: Rules = Rules { fee: FEE, ..linear(Venue::Okx, Proof::Published, SOURCE) };
const INVERSE: Rules =
    Rules { fee: FEE, ..inverse(Venue::Okx, Proof::Vectors(&["okx-inv-iso-eth"]), SOURCE) };

/// OKX's rules.
pub const RULES: &[Rules] =
    &[LINEAR, INVERSE, cross(LINEAR, Proof::Vectors(&["okx-lin-cross-btc"])), cross(INVERSE, Proof::Derived)];
