//! Integration tests: whole files in, events and reports out.

// Helpers outside test functions fail a test the same way.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod bundled;
