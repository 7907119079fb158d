//! The speed of the whole path: a day of trades from file to map with its bands, a month of bars to a heatmap,
//! questions to a map that stands, an event in and documents out, and many markets at once.
//!
//! `cargo bench -p liqlens --bench path` writes seeded input to a temporary folder, runs each task in a process
//! of its own in five interleaved rounds, and prints medians beside the baselines of the same rounds.
//! `-- --rows 20000000` makes a larger day, `-- --data DIR` reads the aggregate trades in a folder instead
//! (and their open interest, from metrics files beside them), `-- --only csv,path` runs what is named. Without
//! `--bench` (as `cargo test --benches` calls it) the input is short: enough to see that everything still runs.

mod bars;
mod fold;
mod generator;
mod input;
mod live;
mod markets;
mod readers;

use liqlens_bench::Failure;

fn main() -> Result<(), Failure> {
    let mut tasks = readers::all();
    tasks.extend(bars::all());
    tasks.extend(live::all());
    tasks.extend(markets::all());
    liqlens_bench::main("path", &tasks, input::prepare)
}
