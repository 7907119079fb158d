//! Deribit, inverse and linear, standard margin.
//!
//! Margin belongs to the account and currency; a single position's price holds everything else fixed. The
//! maintenance rate grows with the position: 1 % + 0.005 % a bitcoin (25 BTC → 1.125 %, 350 BTC → 2.75 %).
//! Linear margins are valued at the index price.
//!
//! | | formula |
//! |---|---|
//! | inverse | with `y = S/P` coins: `k·y² + (m + s)·y − (W + s·S/E) = 0`, `P = S/y`, the root towards the loss |
//! | linear | `P = (s·q·E − W) / (q·(s − m − k·q))` |
//!
//! Both are derived from the published rates; no worked liquidation price was found. Portfolio margin, which
//! most large accounts use, has no closed form.
//!
//! **Worked number**: short 10,000,000 USD from 50,000 with 20 BTC, m = 1 %, k = 0.005 %:
//! `0.00005·y² − 0.99·y + 180 = 0` gives 183.519 BTC and P = 54,490.2. Linear: long 100 BTC from 60,000 with
//! 1,000,000, rate 1 % + 100·0.005 % = 1.5 %: `(6,000,000 − 1,000,000) / (100·0.985) = 50,761.42`.

use liqlens_market::Venue;

use super::{cross, inverse, linear};
use crate::rules::{Proof, Rules, Trigger};

const SOURCE: &str = "Deribit knowledge base, standard margin of futures and perpetuals";

/// Deribit's rules: cross margin only, a position of its own needs a sub-account.
pub const RULES: &[Rules] = &[
    cross(
        Rules { trigger: Trigger::Index, ..linear(Venue::Deribit, Proof::Derived, SOURCE) },
        Proof::Derived,
    ),
    cross(inverse(Venue::Deribit, Proof::Derived, SOURCE), Proof::Derived),
];
