//! The folds: `state' = step(state, event)`.
//!
//! [`Market`] takes one market's events in log order and keeps the inferred book of positions;
//! [`AccountBook`] takes one venue's public accounts and keeps the positions they really hold. Neither does
//! I/O, reads a clock, starts a thread or draws a random number: the same events give the same state, bit
//! for bit, and a snapshot resumed later continues as if it had never stopped.

mod accounts;
mod activity;
mod ensemble;
mod flow_book;
mod frozen;
mod histogram;
mod holdings;
mod interval;
mod learner;
mod market;
mod memo;
mod next_hour;
mod open_interest;
mod recent;
mod reconstruction;
mod standing;
mod trail;

pub use accounts::{Account, AccountBook, AccountCounters, AccountSource, Mark, MarkSource};
pub use ensemble::{DrawnLevels, DrawnMap, DrawnSide, Ensemble, Rows};
pub use flow_book::Ledger;
pub use frozen::Frozen;
pub use holdings::Holding;
pub use interval::{PriceChannel, Trigger};
pub use market::{Counters, Market, Period, SnapshotError};
pub use open_interest::OpenInterestChannel;
pub use recent::{Day, RECENT_SLOT, Recent};
pub use reconstruction::{Cash, EquityPath, Leg, Reconstruction};
pub use standing::{Reporting, SideLevels, Standing};
