//! HTX, linear and inverse, as recorded in 2021 and 2022.
//!
//! Liquidation when `margin balance / position margin − adjust factor ≤ 0`. Position margin is value over
//! leverage, so the maintenance rate is the adjust factor (by leverage and position ladder) over the
//! leverage: `m = adj/L`, on the whole position. The entry price is the cost of holding (`cost_hold`, which
//! settlements move), not that of opening.
//!
//! | | formula |
//! |---|---|
//! | linear | `P = (s·q·E − A) / (q·(s − adj/L))` |
//! | inverse | `P = S·(1 + s·adj/L) / (S/E + s·A)` |
//!
//! `A` is the static margin, the balance without unrealised profit. Newer records show tiered maintenance of
//! another kind (about 0.34 % of value); its formula was not found. Negative printed prices mean none. The
//! adjust factors are public but were not found dated; a question has to bring its rate.
//!
//! **Worked number** (a recorded BTC-USDT position, 2021): long 0.001 BTC from 47,151.3 at 2× with
//! 24.96572007, adj = 1.5 %: `(47.1513 − 24.96572) / (0.001·0.9925) = 22,353.23`. Inverse (recorded 2022-05):
//! long 10 USD of XRP from 0.39456 at 5× with 12.02298 XRP, adj = 7.5 %:
//! `10·1.015 / (25.34469 + 12.02298) = 0.271625`.

use liqlens_market::Venue;

use super::{cross, inverse, linear};
use crate::rules::{Proof, Rules};

const SOURCE: &str = "HTX support, risk rate and adjustment factor of swaps (2021)";

const LINEAR: Rules =
    Rules { rate_over_leverage: true, ..linear(Venue::Htx, Proof::Vectors(&["htx-lin-iso-btc"]), SOURCE) };
const INVERSE: Rules =
    Rules { rate_over_leverage: true, ..inverse(Venue::Htx, Proof::Vectors(&["htx-inv-iso-xrp"]), SOURCE) };

/// HTX's rules.
pub const RULES: &[Rules] = &[LINEAR, INVERSE, cross(LINEAR, Proof::Derived), cross(INVERSE, Proof::Derived)];
