//! What the words on the command line mean. [`crate::cli`] holds them as typed; everything here is
//! checked, and a command works only with what is here.

mod amount;
mod contract;
mod delivery;
mod moves;
mod position;
mod range;
mod symbol;
mod time;
mod window;

pub(crate) use amount::{Amount, AmountUnit};
pub(crate) use contract::{Purpose, contract, venue, venue_and_symbol};
pub(crate) use delivery::{Delivery, Form, size};
pub(crate) use moves::Move;
pub(crate) use position::{leverage, money, price, rate, side, size as position_size};
pub(crate) use range::price_range;
pub(crate) use symbol::SymbolQuery;
pub(crate) use time::{AsOf, moment, span};
pub(crate) use window::{bin, step, window};
