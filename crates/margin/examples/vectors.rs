//! Prints every published and recorded liquidation price beside ours.
//!
//! `cargo run -p liqlens-margin --example vectors` prints the numbers; with `page` it prints
//! `docs/liquidation_prices.md` with all its tables made anew.
#![allow(clippy::print_stdout, clippy::expect_used, clippy::panic)] // a report on data that ships with it
#![allow(unreachable_pub, missing_docs, dead_code)] // modules shared with the tests

#[path = "../tests/it/page.rs"]
mod page;
#[path = "../tests/it/published.rs"]
mod published;
#[path = "../tests/it/recorded.rs"]
mod recorded;

fn main() {
    if std::env::args().nth(1).as_deref() == Some("page") {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/liquidation_prices.md");
        let written = std::fs::read_to_string(path).expect("the page");
        print!("{}", page::filled(&written));
        return;
    }
    println!("{}", published::printed());
    println!("Not asserted:\n\n{}", published::printed_unverified());
}
