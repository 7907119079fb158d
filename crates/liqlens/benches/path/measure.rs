//! Runs each task in processes of its own, so that their peaks of memory do not mix, and sums them up.

use std::error::Error;
use std::io::{self, Write};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::tasks::Task;

/// Rounds after which the middle one counts. A round runs every task once, so that a slow spell of the
/// machine falls on all of them.
const ROUNDS: usize = 5;

/// One run of a task.
#[derive(Debug, Clone, Copy)]
struct Run {
    seconds: f64,
    /// Rows, bars or calls.
    count: f64,
    /// Peak resident memory of the process, MiB; `None` where the system does not tell.
    peak_mib: Option<f64>,
}

/// The runs of one task, round by round.
pub(crate) struct Measured {
    task: Task,
    runs: Vec<Run>,
}

/// Runs every task in every round.
pub(crate) fn measure(tasks: &[Task], folder: &Path) -> Result<Vec<Measured>, Box<dyn Error>> {
    let mut all: Vec<Measured> = tasks.iter().map(|&task| Measured { task, runs: Vec::new() }).collect();
    for _ in 0..ROUNDS {
        for measured in &mut all {
            measured.runs.push(in_own_process(measured.task, folder)?);
        }
    }
    Ok(all)
}

fn in_own_process(task: Task, folder: &Path) -> Result<Run, Box<dyn Error>> {
    let output = Command::new(std::env::current_exe()?)
        .arg("--task")
        .arg(task.id())
        .arg("--in")
        .arg(folder)
        .output()?;
    if !output.status.success() {
        return Err(format!("{} failed: {}", task.id(), String::from_utf8_lossy(&output.stderr)).into());
    }
    let text = String::from_utf8(output.stdout)?;
    let mut fields = text.split_whitespace();
    let mut number = || fields.next().ok_or("the run printed too little").map(str::parse::<f64>);
    let (seconds, count) = (number()??, number()??);
    Ok(Run { seconds, count, peak_mib: number()?.ok() })
}

/// Reports a run to the process that asked for it.
pub(crate) fn print_run(took: Duration, count: u64) -> io::Result<()> {
    let peak = peak_mib().map_or_else(|| "n/a".to_owned(), |mib| mib.to_string());
    writeln!(io::stdout(), "{} {count} {peak}", took.as_secs_f64())
}

/// The highest resident memory this process has had.
fn peak_mib() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib / 1_024.0)
}

/// Prints the table: medians and best runs, each with the median of its ratios to its baseline's run of
/// the same round and, in brackets, the ratio of the two best runs, which a busy machine blurs least.
pub(crate) fn print_table(all: &[Measured], out: &mut impl Write) -> io::Result<()> {
    writeln!(
        out,
        "{:<42} {:>13} {:>13} {:>14} {:>9}  {:<23} goal",
        "measurement", "median", "best", "rate (median)", "peak MiB", "× baseline (best)"
    )?;
    for Measured { task, runs } in all {
        let seconds = median(runs.iter().map(Run::per_count));
        let rate = median(runs.iter().map(|run| run.count / run.seconds));
        let count = median(runs.iter().map(|run| run.count));
        let time = |seconds: f64| {
            if task.per_call() {
                match seconds * 1e9 {
                    ns if ns < 1e4 => format!("{ns:.0} ns/call"),
                    ns => format!("{:.0} µs/call", ns / 1e3),
                }
            } else {
                format!("{:.3} s", seconds * count)
            }
        };
        let peak = runs.iter().filter_map(|run| run.peak_mib).reduce(f64::max);
        let peak = peak.map_or_else(|| "n/a".to_owned(), |mib| format!("{mib:.1}"));
        let baseline = task.baseline().and_then(|base| all.iter().find(|other| other.task == base));
        let ratio = baseline.map_or_else(String::new, |base| {
            let ratios = runs.iter().zip(&base.runs).map(|(run, base)| run.per_count() / base.per_count());
            format!("{:.2} ({:.2}) {}", median(ratios), best(runs) / best(&base.runs), base.task.id())
        });
        let rate = match rate {
            rate if rate < 1e4 => format!("{rate:.0} {}/s", task.unit()),
            rate => format!("{:.2} M{}/s", rate / 1e6, task.unit()),
        };
        let (title, median, best, goal) = (task.title(), time(seconds), time(best(runs)), task.goal());
        writeln!(out, "{title:<42} {median:>13} {best:>13} {rate:>14} {peak:>9}  {ratio:<23} {goal}")?;
    }
    Ok(())
}

impl Run {
    /// Seconds of one row, bar or call: the baseline may count another number of them.
    fn per_count(&self) -> f64 {
        self.seconds / self.count
    }
}

fn best(runs: &[Run]) -> f64 {
    runs.iter().map(Run::per_count).fold(f64::INFINITY, f64::min)
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
