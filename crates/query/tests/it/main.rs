//! Black-box tests of the documents on the bundled market.

mod bundle;
mod documents;
mod heatmap;
mod invariants;
