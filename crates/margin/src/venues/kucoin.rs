//! `KuCoin` futures, linear, isolated.
//!
//! Liquidation on the **mark price**. Maintenance is frozen at entry and contains the fee of closing:
//! `P = E − s·(posMargin − posMaint)/q`, rounded up to the tick for longs. Where `posMaint` is not at hand it
//! is `q·E·m`, and the taker fee is reserved at the closing price; two recorded positions prove the form
//! with `posMaint`, none the reconstruction of it.
//!
//! **Worked number** (recorded): long 0.02 ETH from 4,189.35 with 3.40376309, posMaint 0.50707892:
//! `4,189.35 − (3.40376309 − 0.50707892)/0.02 = 4,044.52`, printed 4,044.55 with a tick of 0.05.

use liqlens_market::Venue;

use super::linear;
use crate::rules::{FeeRule, Proof, Rounding, Rules, Valued};

/// `KuCoin`'s rules.
pub const RULES: &[Rules] = &[Rules {
    valued: Valued::AtEntry,
    // Taker rate of ordinary accounts (KuCoin futures fee schedule).
    fee: FeeRule::Taker { default_rate: 0.000_6 },
    rounding: Rounding::UpForLongs,
    ..linear(
        Venue::Kucoin,
        Proof::Vectors(&["kucoin-lin-iso-a", "kucoin-lin-iso-b"]),
        "positions recorded from the venue's interface; the help centre's formula of isolated margin",
    )
}];
