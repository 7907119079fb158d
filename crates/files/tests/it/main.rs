//! Integration tests: whole files in, events and reports out.

// Helpers outside test functions fail a test the same way.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod account_rows;
mod account_states;
mod bundled;
mod containers;
mod damage;
mod formats;
mod seeds;
mod tallies;

use std::path::PathBuf;

use liqlens_files::{FileError, Options, Report, collect_bytes};
use liqlens_market::{Event, Timestamp};

/// An excerpt of a real file, see `tests/data/README.md`.
fn excerpt(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

/// The text of an excerpt.
fn excerpt_text(name: &str) -> String {
    std::fs::read_to_string(excerpt(name)).unwrap()
}

/// Reads text as a file of this name, with nothing but defaults.
fn read(name: &str, text: impl AsRef<[u8]>) -> Result<(Report, Vec<Event>), FileError> {
    collect_bytes(name, text.as_ref(), &Options::default())
}

/// A moment as people write it.
fn at(text: &str) -> Timestamp {
    Timestamp::parse_text(text).unwrap()
}
