//! What words mean: amounts, moves, symbols, moments, windows. Everything past here is checked.

mod amount;
mod moves;
mod symbol;
mod time;
mod window;

pub use amount::{Amount, AmountUnit};
pub use moves::{MOST_MOVES, Move, moves};
pub use symbol::{Found, LONGEST as LONGEST_SYMBOL, SymbolQuery, unknown_venue};
pub use time::{AsOf, moment, span};
pub use window::{bin, row, step, window};
