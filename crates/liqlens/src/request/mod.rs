//! What the words on the command line mean. [`crate::cli`] holds them as typed; everything here is
//! checked, and a command works only with what is here; what questions have in common is in
//! [`liqlens_ask::request`].

mod contract;
mod delivery;
mod position;
mod range;

pub(crate) use contract::{Purpose, contract, venue, venue_and_symbol};
pub(crate) use delivery::{Delivery, Form, size};
pub(crate) use position::{leverage, money, price, rate, side, size as position_size};
pub(crate) use range::price_range;
