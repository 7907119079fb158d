//! The fold of one market: `state' = step(state, event)`.
//!
//! [`Market`] takes events in log order and keeps the inferred book of positions. It does no I/O, reads
//! no clock, starts no thread and draws no random number: the same events give the same state, bit for
//! bit, and a [`Market::snapshot`] resumed later continues as if it had never stopped.

mod activity;
mod flow_book;
mod histogram;
mod interval;
mod market;
mod open_interest;
mod recent;
mod standing;

pub use flow_book::Ledger;
pub use interval::{PriceChannel, Trigger};
pub use market::{Counters, Market, Period, SnapshotError};
pub use open_interest::OpenInterestChannel;
pub use recent::{Day, RECENT_SLOT};
pub use standing::{SideLevels, Standing};
