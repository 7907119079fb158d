//! Prints every published and recorded liquidation price beside ours.
//!
//! `cargo run -p liqlens-margin --example vectors`
#![allow(clippy::print_stdout, clippy::expect_used, clippy::panic)] // a report on data that ships with it
#![allow(unreachable_pub, missing_docs, dead_code)] // modules shared with the tests

#[path = "../tests/it/published.rs"]
mod published;

fn main() {
    println!("{}", published::printed());
    println!("Not asserted:\n\n{}", published::printed_unverified());
}
