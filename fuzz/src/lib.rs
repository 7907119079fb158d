//! What the fuzz targets share: the accounts that must balance whatever a file's bytes are. They are the
//! ones the `files` crate's own tests use.

#[path = "../../crates/files/tests/it/accounts.rs"]
mod accounts;

pub use accounts::{check, name_and_content};
