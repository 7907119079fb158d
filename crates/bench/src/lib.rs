//! Measures whole processes: how long a task takes beside its baseline, and how much memory.
//!
//! A benchmark lists its [`Task`]s and calls [`main`]. Each task runs in a process of its own, so that peaks of
//! memory do not mix; rounds interleave all tasks, so that a slow spell of the machine falls on all of them;
//! the middle round counts, and a task's ratio is the median of its ratios to its baseline's run of the same
//! round. `cargo bench` measures; `cargo test --benches` runs everything once on input that is small enough
//! to only see that it still works.
//!
//! For development only: nothing that ships depends on it.

mod measure;
mod memory;
mod options;
mod report;
mod task;

use std::error::Error;
use std::fs::OpenOptions;
use std::io::{self, Write};

pub use memory::{peak_mb, resident_mb};
pub use options::Input;
pub use task::{Figure, Goal, Run, Task, once, quantile, twice};

use crate::options::{Command, Options};

/// Why a benchmark could not be run.
pub type Failure = Box<dyn Error>;

/// Runs a benchmark as its command line says.
///
/// `prepare` writes what the chosen tasks read into the folder of its [`Input`], once, and says in a line or
/// two what it wrote; tasks find the same folder.
///
/// ```text
/// --only a,b     these tasks and their baselines
/// --rounds N     rounds, 5 unless said; none only writes the input
/// --keep DIR     writes the input there and leaves it
/// --rows N       rows of generated input, where a benchmark has rows
/// --data DIR     a folder with recorded input, where a benchmark can read it
/// --json FILE    adds a line of JSON for each task to a file
/// ```
pub fn main(
    bench: &str,
    tasks: &[Task],
    prepare: impl FnOnce(&Input) -> Result<String, Failure>,
) -> Result<(), Failure> {
    let mut options = match Options::from_arguments(std::env::args().skip(1))? {
        Command::Nothing => return Ok(()),
        Command::Task { id, input } => return measure::run_here(tasks, &id, &input),
        Command::Measure(options) => *options,
    };
    let folder = tempfile::tempdir()?;
    options.input.folder = options.keep.clone().unwrap_or_else(|| folder.path().to_owned());
    std::fs::create_dir_all(&options.input.folder)?;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let chosen = options.choose(tasks)?;
    let (chosen, skipped): (Vec<_>, Vec<_>) = chosen.into_iter().partition(|task| task.cores <= cores);
    options.input.chosen = chosen.iter().map(|task| task.id.to_owned()).collect();

    let mut out = io::stdout().lock();
    let noted = prepare(&options.input)?;
    let on = if cores == 1 { "one core".to_owned() } else { format!("{cores} cores") };
    writeln!(out, "{bench}, on {on}, {} rounds. {noted}", options.rounds)?;
    for task in skipped {
        writeln!(out, "{} is left out: it needs {} cores", task.id, task.cores)?;
    }
    writeln!(out)?;
    out.flush()?;
    if options.rounds == 0 {
        return Ok(());
    }
    let measured = measure::measure(&chosen, &options)?;
    if !options.input.full {
        return Ok(writeln!(out, "{} tasks ran on short input", measured.len())?);
    }
    report::print_table(&measured, &mut out)?;
    if let Some(path) = &options.json {
        let mut file = OpenOptions::new().create(true).append(true).open(path)?;
        report::write_rows(bench, cores, &measured, &mut file)?;
    }
    Ok(())
}
