//! What the fuzz targets share: the tallies that must balance whatever a file's bytes are. They are the
//! ones the `files` crate's own tests use.

#[path = "../../crates/files/tests/it/tallies.rs"]
mod tallies;

pub use tallies::{check, name_and_content};
