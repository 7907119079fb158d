//! Pictures seen from outside: what is written in them, where it stands, and that no document breaks one.

// A test may fail at any unmet expectation; only the product may not.
#![allow(clippy::unwrap_used)]

#[allow(missing_docs, dead_code, unreachable_pub, clippy::all, clippy::pedantic)]
mod sample;

mod pictures;
mod random;
mod score;
mod svg;
