//! The table for people and the rows for programs.

use std::io::{self, Write};

use serde::Serialize;

use crate::measure::Measured;
use crate::{Goal, Run};

/// A task summed up over its rounds, as written for programs.
#[derive(Debug, Serialize)]
struct Row<'a> {
    bench: &'a str,
    id: &'a str,
    title: &'a str,
    /// What is counted.
    unit: &'a str,
    /// Whether seconds are of one of what is counted; otherwise of the run.
    per_call: bool,
    /// Cores the process might run on.
    cores: usize,
    rounds: usize,
    seconds_median: f64,
    seconds_best: f64,
    per_second_median: f64,
    peak_mb: Option<f64>,
    baseline: Option<&'a str>,
    /// Median of the ratios of time to the baseline's run of the same round.
    ratio_median: Option<f64>,
    /// Ratio of the best runs, which a busy machine blurs least.
    ratio_best: Option<f64>,
    figures: Vec<FigureRow<'a>>,
    goals: Vec<GoalRow>,
}

#[derive(Debug, Serialize)]
struct FigureRow<'a> {
    name: &'a str,
    unit: &'a str,
    median: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct GoalRow {
    text: String,
    found: f64,
    reached: bool,
}

/// Appends a line of JSON for each task.
pub(crate) fn write_rows(
    bench: &str,
    cores: usize,
    all: &[Measured<'_>],
    out: &mut impl Write,
) -> io::Result<()> {
    for measured in all {
        writeln!(out, "{}", serde_json::to_string(&row(bench, cores, measured, all))?)?;
    }
    Ok(())
}

/// Prints the table: medians and best runs, the median of the ratios to the baseline and, in brackets, the
/// ratio of the best runs; figures beneath.
pub(crate) fn print_table(all: &[Measured<'_>], out: &mut impl Write) -> io::Result<()> {
    let rows: Vec<Row<'_>> = all.iter().map(|measured| row("", 0, measured, all)).collect();
    let width = rows.iter().map(|row| row.title.chars().count()).max().unwrap_or(0).max(11);
    writeln!(
        out,
        "{:<width$} {:>10} {:>10} {:>16} {:>8}  {:<24} goal",
        "measurement", "median", "best", "rate (median)", "peak MB", "× baseline (best)"
    )?;
    for row in &rows {
        let ratio = match (row.baseline, row.ratio_median, row.ratio_best) {
            (Some(baseline), Some(median), Some(best)) => format!("{median:.2} ({best:.2}) {baseline}"),
            _ => String::new(),
        };
        let goals: Vec<String> = row
            .goals
            .iter()
            .map(|goal| format!("{}{}", goal.text, if goal.reached { "" } else { " MISSED" }))
            .collect();
        let peak = row.peak_mb.map_or_else(|| "n/a".to_owned(), |mb| format!("{mb:.1}"));
        let line = format!(
            "{:<width$} {:>10} {:>10} {:>16} {peak:>8}  {ratio:<24} {}",
            row.title,
            time(row.seconds_median),
            time(row.seconds_best),
            rate(row.per_second_median, row.unit),
            goals.join(", ")
        );
        writeln!(out, "{}", line.trim_end())?;
        if !row.figures.is_empty() {
            let figures: Vec<String> = row
                .figures
                .iter()
                .map(|figure| format!("{} {} {}", figure.name, short(figure.median), figure.unit))
                .collect();
            writeln!(out, "    {}", figures.join(" · "))?;
        }
    }
    Ok(())
}

fn row<'a>(bench: &'a str, cores: usize, measured: &'a Measured<'_>, all: &'a [Measured<'_>]) -> Row<'a> {
    let Measured { task, runs } = measured;
    let seconds = |run: &Run| if task.per_call { run.per_count() } else { run.seconds };
    let base = task.baseline.and_then(|id| all.iter().find(|other| other.task.id == id));
    let mut row = Row {
        bench,
        id: task.id,
        title: &task.title,
        unit: task.unit,
        per_call: task.per_call,
        cores,
        rounds: runs.len(),
        seconds_median: median(runs.iter().map(seconds)),
        seconds_best: runs.iter().map(seconds).fold(f64::INFINITY, f64::min),
        per_second_median: median(runs.iter().map(|run| run.per_count().recip())),
        peak_mb: runs.iter().filter_map(|run| run.peak_mb).reduce(f64::max),
        baseline: base.map(|base| base.task.id),
        ratio_median: base.map(|base| {
            median(runs.iter().zip(&base.runs).map(|(run, base)| run.per_count() / base.per_count()))
        }),
        ratio_best: base.map(|base| best_per_count(runs) / best_per_count(&base.runs)),
        figures: figures(runs),
        goals: Vec::new(),
    };
    row.goals = task.goals.iter().filter_map(|goal| judge(*goal, &row)).collect();
    row
}

/// Medians of what every run tells.
fn figures(runs: &[Run]) -> Vec<FigureRow<'_>> {
    let first = runs.first().map_or(&[][..], |run| &run.figures);
    first
        .iter()
        .map(|figure| {
            let of_run = |run: &Run| run.figures.iter().find(|f| f.name == figure.name).map(|f| f.value);
            let median = median(runs.iter().filter_map(of_run));
            FigureRow { name: &figure.name, unit: &figure.unit, median }
        })
        .collect()
}

/// A goal beside what was found; `None` where nothing was found, as memory on some systems.
fn judge(goal: Goal, row: &Row<'_>) -> Option<GoalRow> {
    let at_most = |text: String, found: f64, most: f64| GoalRow { text, found, reached: found <= most };
    let at_least = |text: String, found: f64, least: f64| GoalRow { text, found, reached: found >= least };
    let unit = row.unit;
    let baseline = row.baseline.unwrap_or_default();
    Some(match goal {
        Goal::Seconds(most) => at_most(format!("≤ {}", time_short(most)), row.seconds_median, most),
        Goal::PerSecond(least) => {
            at_least(format!("≥ {} {unit}/s", large(least)), row.per_second_median, least)
        }
        Goal::Ratio(most) => at_most(format!("≤ {most} × {baseline}"), row.ratio_median?, most),
        Goal::Speedup(least) => {
            at_least(format!("≥ {least} × the rate of {baseline}"), row.ratio_median?.recip(), least)
        }
        Goal::PeakMb(most) => at_most(format!("≤ {most} MB"), row.peak_mb?, most),
        Goal::AtMost(name, most) => {
            let figure = row.figures.iter().find(|figure| figure.name == name)?;
            at_most(format!("{name} ≤ {most} {}", figure.unit), figure.median, most)
        }
    })
}

fn best_per_count(runs: &[Run]) -> f64 {
    runs.iter().map(Run::per_count).fold(f64::INFINITY, f64::min)
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// A time with three digits or so.
fn time(seconds: f64) -> String {
    match seconds {
        ns if ns < 1e-5 => format!("{:.0} ns", ns * 1e9),
        us if us < 1e-3 => format!("{:.0} µs", us * 1e6),
        ms if ms < 1e-1 => format!("{:.2} ms", ms * 1e3),
        _ => format!("{seconds:.3} s"),
    }
}

/// A round time as goals have them.
fn time_short(seconds: f64) -> String {
    match seconds {
        ns if ns < 1e-6 => format!("{:.0} ns", ns * 1e9),
        us if us < 1e-3 => format!("{:.0} µs", us * 1e6),
        ms if ms < 1e-1 => format!("{:.0} ms", ms * 1e3),
        _ => format!("{seconds} s"),
    }
}

fn rate(per_second: f64, unit: &str) -> String {
    match per_second {
        slow if slow < 1e4 => format!("{slow:.0} {unit}/s"),
        _ => format!("{:.2} M {unit}/s", per_second / 1e6),
    }
}

fn large(number: f64) -> String {
    if number < 1e6 { format!("{number}") } else { format!("{} M", number / 1e6) }
}

fn short(value: f64) -> String {
    match value.abs() {
        big if big >= 100.0 => format!("{value:.0}"),
        middle if middle >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Task;

    fn runs(seconds: [f64; 3]) -> Vec<Run> {
        seconds.map(|seconds| Run { seconds, count: 8.0, peak_mb: Some(50.0), ..Run::default() }).to_vec()
    }

    #[test]
    fn a_row_is_medians_and_ratios_within_rounds() {
        let bare = Task::new("bare", "", "rows", |_| Ok(Run::default()));
        let whole = Task::new("whole", "", "rows", |_| Ok(Run::default()))
            .beside("bare")
            .goal(Goal::Ratio(1.9))
            .goal(Goal::PerSecond(5.0))
            .goal(Goal::PeakMb(49.0))
            .goal(Goal::AtMost("p99", 1.0));
        let all = [
            Measured { task: &bare, runs: runs([1.0, 2.0, 4.0]) },
            Measured { task: &whole, runs: runs([2.0, 3.0, 4.0]) },
        ];
        let row = row("bench", 1, &all[1], &all);
        // Ratios 2, 1.5 and 1, of which 1.5 is the middle; 8 rows in 3 s at the median.
        assert_eq!((row.seconds_median, row.seconds_best), (3.0, 2.0));
        assert_eq!((row.ratio_median, row.ratio_best), (Some(1.5), Some(2.0)));
        let goals: Vec<(&str, bool)> =
            row.goals.iter().map(|goal| (goal.text.as_str(), goal.reached)).collect();
        // No run told a p99, so nothing is said about it.
        assert_eq!(goals, [("≤ 1.9 × bare", true), ("≥ 5 rows/s", false), ("≤ 49 MB", false)]);
    }

    #[test]
    fn figures_are_medians_too() {
        let runs: Vec<Run> = [3.0, 1.0, 2.0]
            .map(|value| Run::default().with("p99", "µs", value).with("none", "", f64::NAN))
            .to_vec();
        let figures = figures(&runs);
        assert_eq!(figures.len(), 1);
        assert_eq!((figures[0].name, figures[0].median), ("p99", 2.0));
    }
}
