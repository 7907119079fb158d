//! The speed and the size of the estimator: a hundred days of one-minute events through every model, the map
//! at one moment, and the map under every draw of what is uncertain.
//!
//! `cargo bench -p liqlens-lab --bench model` makes two synthetic markets once, writes their events and the
//! states they lead to into a temporary folder, runs each task in a process of its own in five interleaved
//! rounds, and prints medians beside the baselines of the same rounds. Without `--bench` (as
//! `cargo test --benches` calls it) the markets are a fiftieth as long: enough to see that everything runs.

mod answers;
mod closes;
mod input;
// The same measuring as the whole path's: one way to take times and memory, one table.
#[path = "../../../liqlens/benches/path/measure.rs"]
mod measure;
mod tasks;

use std::error::Error;
use std::io::{self, Write};
use std::path::Path;

use crate::tasks::Task;

/// Days of the markets, full and short.
const DAYS: [u32; 2] = [100, 2];

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let value = |name: &str| arguments.iter().skip_while(|a| *a != name).nth(1);
    if let (Some(id), Some(folder)) = (value("--task"), value("--in")) {
        let task = Task::ALL.into_iter().find(|task| task.id() == id).ok_or("no such task")?;
        let (took, count) = task.run(Path::new(folder))?;
        return Ok(measure::print_run(took, count)?);
    }
    if let (Some(model), Some(world), Some(folder)) = (value("--closes"), value("--of"), value("--in")) {
        return closes::run(model, world.parse()?, Path::new(folder));
    }
    // Test runners ask a target for its tests before they run it; this one has none.
    if arguments.iter().any(|argument| argument == "--list") {
        return Ok(());
    }
    let full = arguments.iter().any(|argument| argument == "--bench");
    let days = if full { DAYS[0] } else { DAYS[1] };

    let folder = tempfile::tempdir()?;
    let mut out = io::stdout().lock();
    for world in input::WORLDS {
        let written = input::write(world, days, folder.path())?;
        let input::Written { events, bars, prints } = written;
        writeln!(out, "{world}: {days} days, {events} events, {bars} of them bars and {prints} prints")?;
    }
    writeln!(out)?;
    out.flush()?;
    let measured = measure::measure(&Task::ALL, folder.path())?;
    measure::print_table(&measured, &mut out)?;
    writeln!(out)?;
    closes::print_table(folder.path(), &mut out)?;
    Ok(())
}
