//! The speed and the size of the estimator: a hundred days of one-minute events through every model, a year of them
//! with its bands asked once a day, the map at one moment, and the map under every draw of what is uncertain.
//!
//! `cargo bench -p liqlens-lab --bench model` makes synthetic markets once, writes their events and the states
//! they lead to into a temporary folder, runs each task in a process of its own in five interleaved rounds,
//! and prints medians beside the baselines of the same rounds. Without `--bench` (as `cargo test --benches`
//! calls it) the markets are a fiftieth as long: enough to see that everything runs.

mod answers;
mod closes;
mod input;
mod tasks;
mod year;

use liqlens_bench::{Failure, Input};
use liqlens_lab::World;

/// Days of the markets, full and short.
const DAYS: [u32; 2] = [100, 2];

fn main() -> Result<(), Failure> {
    let mut tasks = tasks::all();
    tasks.extend(closes::all());
    tasks.extend(year::all());
    liqlens_bench::main("model", &tasks, prepare)
}

fn prepare(input: &Input) -> Result<String, Failure> {
    let mut noted = Vec::new();
    if input.is_for_any_but(&year::IDS) {
        let days = input.full_or(DAYS[0], DAYS[1]);
        for world in input::WORLDS {
            let input::Written { events, bars, prints } = input::write(world, days, &input.folder)?;
            noted.push(format!(
                "{world}: {days} days, {events} events, {bars} of them bars and {prints} prints"
            ));
        }
    }
    if input.is_for(&year::IDS) {
        let events = input::write_events(
            World::Default,
            input.full_or(year::DAYS[0], year::DAYS[1]),
            &input.file(year::FILE),
        )?;
        noted.push(format!("a year of default: {events} events"));
    }
    Ok(noted.join("; "))
}
