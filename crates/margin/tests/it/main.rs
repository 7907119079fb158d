//! The arithmetic held against published numbers, recorded accounts and a slow plain reference.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test that cannot go on has failed
#![allow(unreachable_pub, missing_docs)] // modules shared with the examples

mod accounts;
mod draws;
mod page;
mod positions;
mod published;
mod recorded;
mod reference;
mod rules;
mod together;
mod vectors;
