//! Bybit, linear and inverse.
//!
//! Liquidation on the **mark price**. The rules changed on **2026-05-27** (help page of that day): before,
//! initial and maintenance margin were counted on the entry price and maintenance stayed frozen there;
//! since then both follow the mark.
//!
//! | | until 2026-05-26 | since 2026-05-27 |
//! |---|---|---|
//! | linear, isolated | `P = E − s·(IM − MM + extra)/q`, `IM = q·E/L`, `MM = q·E·m − c` | `P = (s·q·E − M − c) / (q·(s − m))`, `M = q·E/L + extra/(1 − s·t)` (derived from the inverse form) |
//! | inverse, isolated | `P = S / (S/E + s·(IM − MM + extra))`, `IM = S/(E·L)`, `MM = S/E·m − c` | `P = S·(1 + s·m) / (S/E + s·(M + c))`, `M = S/(E·L) + extra/(1 + s·t)` (published) |
//!
//! `t` is the taker rate: closing costs are reserved outside the condition, but margin added later is
//! corrected by them. Displayed prices are rounded up to the next tick for longs (two recorded cases). Cross
//! (unified) accounts are liquidated when the account's maintenance rate reaches 100 %; the price printed
//! for a position is an estimate with everything else frozen.
//!
//! Reported `positionBalance`/`positionIM` B includes the close fee: margin is `(B − t·q·E)/(1 − t)` for a
//! linear long, `(B − t·S/E)/(1 + t)` for an inverse one.
//!
//! **Worked number** (help page, until 2026-05-27): long 1 BTC from 20,000 at 50×, m = 0.5 %:
//! `20,000 − (400 − 100) = 19,700`; a short with 3,000 added: `20,000 + (400 − 100) + 3,000 = 23,300`. Since
//! then the first would die at `(20,000 − 400)/0.995 = 19,698.49`. Inverse (an example of the V5 interface's
//! documentation, 2023): long 200 USD from 1,812.70 with 0.0191884 ETH, m = 0.5 %:
//! `200 / (0.1103327 + 0.0191884 − 0.0005517) = 1,550.76`, printed 1,550.80; by the rule of 2026
//! `200·1.005 / (0.1103327 + 0.0191884) = 1,551.87`.

use liqlens_market::Venue;

use super::{cross, inverse, linear};
use crate::rules::{AddedMargin, Proof, Rounding, Rules, Valued};

const CHANGED: &str = "2026-05-27";
const OLD_PAGE: &str =
    "Bybit help centre, liquidation price under isolated margin (entry-based, until 2026-05-27)";
const NEW_PAGE: &str = "Bybit help centre, liquidation price under isolated margin, revision of 2026-05-27";
/// Taker rate of ordinary accounts on derivatives (Bybit fee schedule).
const TAKER: f64 = 0.000_55;

const OLD: Rules = Rules {
    until: CHANGED,
    valued: Valued::AtEntry,
    rounding: Rounding::UpForLongs,
    ..linear(
        Venue::Bybit,
        Proof::Vectors(&[
            "bybit-lin-iso-long",
            "bybit-lin-iso-short-extra",
            "bybit-lin-iso-long-funding",
            "bybit-lin-iso-eth-recorded",
        ]),
        OLD_PAGE,
    )
};
const OLD_INVERSE: Rules = Rules {
    until: CHANGED,
    valued: Valued::AtEntry,
    rounding: Rounding::UpForLongs,
    ..inverse(Venue::Bybit, Proof::Vectors(&["bybit-inv-iso-ethusd"]), OLD_PAGE)
};
const NEW: Rules = Rules {
    from: CHANGED,
    added_margin: AddedMargin::WithClosingFee { default_rate: TAKER },
    rounding: Rounding::UpForLongs,
    ..linear(Venue::Bybit, Proof::Derived, NEW_PAGE)
};
const NEW_INVERSE: Rules = Rules {
    from: CHANGED,
    added_margin: AddedMargin::WithClosingFee { default_rate: TAKER },
    rounding: Rounding::UpForLongs,
    ..inverse(Venue::Bybit, Proof::Published, NEW_PAGE)
};

/// Bybit's rules.
pub const RULES: &[Rules] = &[
    OLD,
    NEW,
    OLD_INVERSE,
    NEW_INVERSE,
    cross(OLD, Proof::Derived),
    cross(NEW, Proof::Derived),
    cross(OLD_INVERSE, Proof::Derived),
    cross(NEW_INVERSE, Proof::Derived),
];
