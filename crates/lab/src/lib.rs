//! Where models are put to the test.
//!
//! [`Synthetic`] is a market whose truth is known: it emits the events a venue would, and keeps every
//! position behind them. Nothing here does I/O, reads a clock or starts a thread; the same world and seed
//! give the same bytes on every machine.

mod random;
pub mod synthetic;

pub use synthetic::{Minute, Synthetic, SyntheticError, World};
