//! The speed of the whole path: a day of trades from file to map, a month of bars to a heatmap, and
//! questions to a map that stands.
//!
//! `cargo bench -p liqlens` writes seeded input to a temporary folder, runs each task in a process of its
//! own in five interleaved rounds (each with one run to warm up), and prints medians beside the baselines
//! of the same rounds. Without `--bench` (as `cargo test --benches` calls it) the input is a hundredth as
//! long: enough to see that everything still runs.

mod generator;
mod measure;
mod tasks;

use std::error::Error;
use std::io::{self, Write};
use std::path::Path;

use crate::tasks::Task;

/// Rows of the trades file, full and short.
const ROWS: [i64; 2] = [2_000_000, 20_000];

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let value = |name: &str| arguments.iter().skip_while(|a| *a != name).nth(1);
    if let (Some(id), Some(folder)) = (value("--task"), value("--in")) {
        let task = Task::ALL.into_iter().find(|task| task.id() == id).ok_or("no such task")?;
        let (took, count) = task.run(Path::new(folder))?;
        return Ok(measure::print_run(took, count)?);
    }
    // Test runners ask a target for its tests before they run it; this one has none.
    if arguments.iter().any(|argument| argument == "--list") {
        return Ok(());
    }
    let full = arguments.iter().any(|argument| argument == "--bench");
    let rows = if full { ROWS[0] } else { ROWS[1] };

    let folder = tempfile::tempdir()?;
    let bytes = generator::write_agg_trades(&folder.path().join(generator::TRADES_FILE), rows)?;
    let mut out = io::stdout().lock();
    writeln!(out, "input: {rows} aggTrades rows, {:.1} MB; 43,200 one-minute bars\n", bytes as f64 / 1e6)?;
    out.flush()?;
    let measured = measure::measure(&Task::ALL, folder.path())?;
    measure::print_table(&measured, &mut out)?;
    Ok(())
}
