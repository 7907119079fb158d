//! Black-box tests of the documents on the bundled market.
#![allow(clippy::unwrap_used, clippy::panic)] // a test that cannot go on has failed

mod bundle;
mod documents;
mod format_vectors;
mod heatmap;
mod invariants;
mod measured;
mod overview;
mod series;
