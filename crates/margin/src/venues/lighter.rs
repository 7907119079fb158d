//! Lighter.
//!
//! Liquidation on the **mark price** when account value falls below maintenance (closing at the price where
//! nothing changes for the rest); two further thresholds, closeout and bankruptcy, follow. The maintenance
//! fraction belongs to the market and does not grow with the position.
//!
//! Cross: `P = Pm − s·(TAV − ΣMM)/q / (1 − s·m)`, with the total account value and the maintenance of all
//! positions. Isolated: the same with the position's own margin, `allocated_margin + unrealized_pnl`.
//!
//! **Worked number** (a recorded account, 2025): long 18.0193 ETH at 3,013.80 with 15,298.07, m = 1.2 %:
//! `3,013.80 − (15,298.07 − 651.68)/18.0193/0.988 = 2,191.11`. Isolated (a recorded account, undated): long
//! 6,443.9 MEGA at 0.03504 with 73.792252 + 1.058630, m = 20 %:
//! `(225.794256 − 74.850882) / (6,443.9·0.8) = 0.0292803`.

use liqlens_market::Venue;

use super::{cross, linear};
use crate::rules::{Proof, Rules};

const ISOLATED: Rules = linear(Venue::Lighter, Proof::Derived, "Lighter documentation, liquidations");

/// Lighter's rules.
pub const RULES: &[Rules] = &[ISOLATED, cross(ISOLATED, Proof::Vectors(&["lighter-cross-eth-long"]))];
