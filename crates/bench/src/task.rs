//! What is measured, beside what, and how good it should be.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::{Failure, Input};

/// One measurement.
pub struct Task {
    pub(crate) id: &'static str,
    pub(crate) title: String,
    pub(crate) unit: &'static str,
    pub(crate) per_call: bool,
    pub(crate) baseline: Option<&'static str>,
    pub(crate) goals: Vec<Goal>,
    pub(crate) cores: usize,
    pub(crate) run: Box<Runner>,
}

/// Runs a task once.
type Runner = dyn Fn(&Input) -> Result<Run, Failure>;

/// What one run of a task found.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Run {
    /// Time taken.
    pub(crate) seconds: f64,
    /// Rows, bars, calls: whatever the task counts.
    pub(crate) count: f64,
    /// Highest resident memory of the process, MB.
    pub(crate) peak_mb: Option<f64>,
    pub(crate) figures: Vec<Figure>,
    /// Of what, and the digest of it.
    pub(crate) digest: Option<(String, String)>,
}

/// A figure of a run besides its time and its memory.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// What it is.
    pub name: String,
    /// Its unit as printed behind it.
    pub unit: String,
    /// Its value.
    pub value: f64,
}

/// What should be reached.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Goal {
    /// At most so many seconds, of a call where calls are counted, otherwise of the run.
    Seconds(f64),
    /// At least so many of what is counted in a second.
    PerSecond(f64),
    /// At most so many times the baseline's time.
    Ratio(f64),
    /// Less time than the baseline: at least so many times its throughput.
    Speedup(f64),
    /// At most so many MB (1e6 bytes) of memory at the peak.
    PeakMb(f64),
    /// At most so much of a figure.
    AtMost(&'static str, f64),
}

impl Task {
    /// A measurement: its name on the command line and in the table, what it counts, and a run of it.
    pub fn new(
        id: &'static str,
        title: impl Into<String>,
        unit: &'static str,
        run: impl Fn(&Input) -> Result<Run, Failure> + 'static,
    ) -> Self {
        Self {
            id,
            title: title.into(),
            unit,
            per_call: false,
            baseline: None,
            goals: Vec::new(),
            cores: 1,
            run: Box::new(run),
        }
    }

    /// The time of one of what is counted is shown, not that of the run.
    #[must_use]
    pub fn per_call(self) -> Self {
        Self { per_call: true, ..self }
    }

    /// The task it is compared with, which runs whenever this one does.
    #[must_use]
    pub fn beside(self, baseline: &'static str) -> Self {
        Self { baseline: Some(baseline), ..self }
    }

    /// What should be reached.
    #[must_use]
    pub fn goal(mut self, goal: Goal) -> Self {
        self.goals.push(goal);
        self
    }

    /// Left out where the process may run on fewer cores.
    #[must_use]
    pub fn on_cores(self, cores: usize) -> Self {
        Self { cores, ..self }
    }
}

impl Run {
    /// A run that took so long for so many.
    pub fn new(took: Duration, count: u64) -> Self {
        Self { seconds: took.as_secs_f64(), count: count as f64, ..Self::default() }
    }

    /// Adds a figure; one that is not a number is left out.
    #[must_use]
    pub fn with(mut self, name: &str, unit: &str, value: f64) -> Self {
        if value.is_finite() {
            self.figures.push(Figure { name: name.to_owned(), unit: unit.to_owned(), value });
        }
        self
    }

    /// Says what came out, in short. It must be the same in every round, and in every task that says so of
    /// the same thing.
    #[must_use]
    pub fn that_gave(self, what: &str, digest: &impl ToString) -> Self {
        Self { digest: Some((what.to_owned(), digest.to_string())), ..self }
    }

    /// Says what the process's peak of memory was before something that is not part of the task.
    #[must_use]
    pub fn at_peak(self, peak_mb: Option<f64>) -> Self {
        Self { peak_mb, ..self }
    }

    /// Seconds of one of what is counted: the baseline may count another number of them.
    pub(crate) fn per_count(&self) -> f64 {
        self.seconds / self.count
    }
}

/// Runs something twice, the first time to warm up; the second run counts. It returns how many it did.
pub fn twice(mut run: impl FnMut() -> Result<u64, Failure>) -> Result<Run, Failure> {
    run()?;
    once(run)
}

/// Runs something that warms itself. It returns how many it did.
pub fn once(run: impl FnOnce() -> Result<u64, Failure>) -> Result<Run, Failure> {
    let start = Instant::now();
    let count = run()?;
    Ok(Run::new(start.elapsed(), count))
}

/// The smallest of the values below which (or at which) a share of all weight lies; values as (value, weight).
/// Sorts them. Not a number where there are none.
pub fn quantile(values: &mut [(f64, f64)], share: f64) -> f64 {
    values.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let total: f64 = values.iter().map(|(_, weight)| weight).sum();
    let mut below = 0.0;
    let reached = values.iter().find(|(_, weight)| {
        below += weight;
        below >= share * total
    });
    reached.or(values.last()).map_or(f64::NAN, |(value, _)| *value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_of_the_weight() {
        let mut even: Vec<(f64, f64)> = (1..=100).rev().map(|value| (f64::from(value), 1.0)).collect();
        assert_eq!([0.5, 0.99, 1.0].map(|share| quantile(&mut even, share)), [50.0, 99.0, 100.0]);
        // Nine of the weight at 1, one at 5.
        let mut uneven = [(5.0, 1.0), (1.0, 9.0)];
        assert_eq!([0.5, 0.9, 0.91].map(|share| quantile(&mut uneven, share)), [1.0, 1.0, 5.0]);
        assert!(quantile(&mut [], 0.5).is_nan());
    }

    #[test]
    fn the_second_run_counts() {
        let mut runs = 0;
        let run = twice(|| {
            runs += 1;
            Ok(runs)
        });
        assert_eq!(run.unwrap().count, 2.0);
    }
}
