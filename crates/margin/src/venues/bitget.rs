//! Bitget, linear.
//!
//! Liquidation on the **mark price**; the taker fee `f` is part of the condition, and tiers are continuous
//! with pre-computed offsets `c`.
//!
//! | | formula |
//! |---|---|
//! | isolated | `P = (s·q·E − M − c) / (q·(s − m − f))` |
//! | cross, since 2025-09-29 | the same with `M = W − TMM + UPNL` |
//! | cross, before | `P = Pm − s·(equity − q·Pm·(m + f))/q`: maintenance and fee held at today's mark |
//!
//! Since **2025-09-29** the initial margin is `q·Pm/L`, on the mark rather than on the entry price. In the
//! older cross estimate the fee was part of the rate (0.4 % + 0.06 %) and held at the mark with it.
//!
//! **Worked number** (the position example of the V2 interface's documentation, 2023-08): long 0.01 BTC from
//! 25,000 with 9.669505, m = 0.4 %, f = 0.06 %: `(250 − 9.669505) / (0.01·0.9954) = 24,144.11`. Cross before
//! the change (recorded 2023-11): long 0.002 BTC at a mark of 37,359 with 11.611761 of equity, 0.46 %:
//! `37,359 − (11.611761 − 0.343703)/0.002 = 31,724.97`.
//!
//! Coin-margined contracts scale by the index price; their formula is not known well enough to be here.

use liqlens_market::Venue;

use super::linear;
use crate::rules::{FeeRule, InitialMargin, MarginMode, Proof, Rules, Valued};

const CHANGED: &str = "2025-09-29";
const SOURCE: &str = "Bitget help article 12560603808759 (2025-09) and V2 interface documentation";
/// Taker rate of ordinary accounts (Bitget fee schedule).
const TAKER: f64 = 0.000_6;
const FEE: FeeRule = FeeRule::Taker { default_rate: TAKER };

const OLD: Rules = Rules {
    until: CHANGED,
    fee: FEE,
    ..linear(Venue::Bitget, Proof::Vectors(&["bitget-lin-iso-long"]), SOURCE)
};
const NEW: Rules = Rules {
    from: CHANGED,
    fee: FEE,
    initial_margin: InitialMargin::AtMark,
    ..linear(Venue::Bitget, Proof::Published, SOURCE)
};

/// Bitget's rules.
pub const RULES: &[Rules] = &[
    OLD,
    NEW,
    Rules {
        mode: MarginMode::Cross,
        until: CHANGED,
        valued: Valued::AtMark,
        fee: FeeRule::InRate { default_rate: TAKER },
        ..linear(
            Venue::Bitget,
            Proof::Vectors(&["bitget-lin-cross-1", "bitget-lin-cross-2", "bitget-lin-cross-3"]),
            SOURCE,
        )
    },
    Rules {
        mode: MarginMode::Cross,
        from: CHANGED,
        fee: FEE,
        ..linear(Venue::Bitget, Proof::Published, SOURCE)
    },
];
