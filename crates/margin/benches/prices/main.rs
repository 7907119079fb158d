//! The speed of liquidation prices: one venue's schedule against a million positions, and whole accounts
//! solved anew at moved prices.
//!
//! `cargo bench -p liqlens-margin` runs each task in a process of its own in five interleaved rounds (each
//! with one run to warm up) and prints medians beside the bisection of the same rounds. Without `--bench` (as
//! `cargo test --benches` calls it) the input is a hundredth as long.

// The same measuring as the whole path's: one way to take times and memory, one table.
#[path = "../../../liqlens/benches/path/measure.rs"]
mod measure;
mod tasks;

use std::error::Error;
use std::io;
use std::path::Path;

use crate::tasks::Task;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let value = |name: &str| arguments.iter().skip_while(|a| *a != name).nth(1);
    if let (Some(id), Some(full)) = (value("--task"), value("--in")) {
        let task = Task::ALL.into_iter().find(|task| task.id() == id).ok_or("no such task")?;
        let (took, count) = task.run(full == "full")?;
        return Ok(measure::print_run(took, count)?);
    }
    // Test runners ask a target for its tests before they run it; this one has none.
    if arguments.iter().any(|argument| argument == "--list") {
        return Ok(());
    }
    let full = arguments.iter().any(|argument| argument == "--bench");
    let measured = measure::measure(&Task::ALL, Path::new(if full { "full" } else { "short" }))?;
    measure::print_table(&measured, &mut io::stdout().lock())?;
    Ok(())
}
