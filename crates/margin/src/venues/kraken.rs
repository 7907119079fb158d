//! Kraken Futures: `PI_` (inverse, single collateral) and `PF_` (linear, multi-collateral).
//!
//! Liquidation on the **mark price** when margin equity is below maintenance. The rate is that of the tier
//! of the whole position: by contracts of 1 USD on `PI_`, by dollars on `PF_`.
//!
//! | | formula |
//! |---|---|
//! | `PI_` | `P = S·(1 + s·m) / (S/E + s·W)`; the whole single-collateral wallet is the margin |
//! | `PI_` bankruptcy | `P = S / (S/E + s·W)` |
//! | `PF_` | `P = E − s·(M − K)/q`, `K = q·E·m`: the schedule's page bases maintenance on the value at entry |
//!
//! On `PF_` equity is the sum of balances less haircuts plus unrealised profit; the caller brings it.
//!
//! **Worked number** (support page on `PI_XBTUSD`): long 1,000 USD from 8,000 with 0.01 BTC, m = 1 %:
//! `1,000·1.01 / (0.125 + 0.01) = 7,481`, bankruptcy `1,000 / 0.135 = 7,407`. `PF_`, by the formula: long 1
//! BTC from 60,000 with 6,000, m = 1 %: `60,000 − (6,000 − 600) = 54,600`.

use liqlens_market::Venue;

use super::{cross, inverse, linear};
use crate::rules::{Proof, Rules, Valued};

const SUPPORT: &str = "Kraken support, futures liquidation worked example (PI_XBTUSD)";
const SCHEDULE: &str = "Kraken, margin schedule of multi-collateral perpetuals";

const LINEAR: Rules = Rules { valued: Valued::AtEntry, ..linear(Venue::Kraken, Proof::Published, SCHEDULE) };

/// Kraken's rules. The inverse contracts have cross margin only: the wallet of their collateral.
pub const RULES: &[Rules] = &[
    LINEAR,
    cross(LINEAR, Proof::Published),
    cross(inverse(Venue::Kraken, Proof::Derived, SUPPORT), Proof::Vectors(&["kraken-inv-long"])),
];
