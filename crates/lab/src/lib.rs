//! Where models are put to the test.
//!
//! [`Synthetic`] is a market whose truth is known: it emits the events a venue would, and keeps every
//! position behind them. [`Baseline`]s are the peers' methods, run beside ours.
//! [`Contest`](contest::Contest) scores models side by side on any events. Nothing here does I/O, reads a clock
//! or starts a thread; the same world and seed give the same bytes on every machine.

mod ablations;
mod baselines;
pub mod contest;
mod random;
mod roster;
pub mod synthetic;

pub use ablations::Ablation;
pub use baselines::Baseline;
pub use roster::{ROSTER, roster_model};
pub use synthetic::{Minute, Synthetic, SyntheticError, World};
