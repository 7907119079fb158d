//! The speed of liquidation prices: one venue's schedule against a million positions, and whole accounts
//! solved anew at moved prices.
//!
//! `cargo bench -p liqlens-margin` runs each task in a process of its own in five interleaved rounds (each
//! with one run to warm up) and prints medians beside the bisection of the same rounds. Without `--bench` (as
//! `cargo test --benches` calls it) the input is a hundredth as long.

mod tasks;

fn main() -> Result<(), liqlens_bench::Failure> {
    liqlens_bench::main("prices", &tasks::all(), |_| {
        Ok(format!("{} positions and {} accounts from a seed", tasks::POSITIONS, tasks::ACCOUNTS[1]))
    })
}
