//! The fold against a slow plain reference, and the edges of its inputs.
#![allow(clippy::unwrap_used, clippy::panic)] // a test that cannot go on has failed

mod conservation;
mod inputs;
mod learned;
mod reconstruct_2023;
mod reference;
mod resume;
mod runs;
