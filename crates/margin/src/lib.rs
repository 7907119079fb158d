//! Liquidation prices from a venue's own margin rules.
//!
//! One question: at which price does the margin behind a position equal the maintenance the venue asks
//! for? The answer depends on the contract (linear or inverse) and on the maintenance tier that holds
//! *at the liquidation price*, which need not be the tier at entry. "No liquidation price" is a value of
//! its own ([`None`]), never zero or a negative number.
//!
//! The symbols in the formulas are those of the venues' documents: `s` is +1 for longs and −1 for
//! shorts, `q` size in base, `E` entry price, `M` margin, `m` maintenance rate, `c` maintenance amount,
//! `P` the liquidation price.

mod isolated;
mod tables;

pub use isolated::{Liquidation, Position, bankruptcy_price, liquidation};
pub use tables::{DatedTable, MissingTable, table};
