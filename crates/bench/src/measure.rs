//! Runs each task in processes of its own, round by round.

use std::io::{self, Write};
use std::process::Command;

use crate::memory::peak_mb;
use crate::options::Options;
use crate::{Failure, Input, Run, Task};

/// The runs of one task, round by round.
pub(crate) struct Measured<'a> {
    pub(crate) task: &'a Task,
    pub(crate) runs: Vec<Run>,
}

/// Runs every task in every round.
pub(crate) fn measure<'a>(tasks: &[&'a Task], options: &Options) -> Result<Vec<Measured<'a>>, Failure> {
    let mut all: Vec<Measured<'a>> =
        tasks.iter().map(|task| Measured { task, runs: Vec::with_capacity(options.rounds) }).collect();
    for _ in 0..options.rounds {
        for measured in &mut all {
            measured.runs.push(in_own_process(measured.task, options)?);
        }
    }
    for measured in &all {
        let baseline = all.iter().find(|other| measured.task.baseline == Some(other.task.id));
        same_results(measured, baseline)?;
    }
    Ok(all)
}

/// One run in this process, told to the one that started it.
pub(crate) fn run_here(tasks: &[Task], id: &str, input: &Input) -> Result<(), Failure> {
    let task = tasks.iter().find(|task| task.id == id).ok_or_else(|| format!("there is no task `{id}`"))?;
    let mut run = (task.run)(input)?;
    if run.count == 0.0 {
        return Err(format!("{id} did nothing").into());
    }
    run.peak_mb = run.peak_mb.or_else(peak_mb);
    writeln!(io::stdout(), "{}", serde_json::to_string(&run)?)?;
    Ok(())
}

fn in_own_process(task: &Task, options: &Options) -> Result<Run, Failure> {
    let output = Command::new(std::env::current_exe()?).args(options.of_task(task)).output()?;
    if !output.status.success() {
        return Err(format!("{} failed: {}", task.id, String::from_utf8_lossy(&output.stderr)).into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// What came out must not depend on the round, nor differ from the baseline's.
fn same_results(measured: &Measured<'_>, baseline: Option<&Measured<'_>>) -> Result<(), Failure> {
    let others = measured.runs.iter().chain(baseline.into_iter().flat_map(|baseline| &baseline.runs));
    let mut digests = others.filter_map(|run| run.digest.as_ref());
    let Some(first) = digests.next() else { return Ok(()) };
    match digests.find(|digest| *digest != first) {
        None => Ok(()),
        Some(other) => Err(format!("{} gave {first} and {other}", measured.task.id).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured<'a>(task: &'a Task, digests: &[Option<&'static str>]) -> Measured<'a> {
        let run = |digest: Option<&str>| Run { digest: digest.map(str::to_owned), ..Run::default() };
        Measured { task, runs: digests.iter().copied().map(run).collect() }
    }

    #[test]
    fn different_results_fail() {
        let task = Task::new("fold", "", "", |_| Ok(Run::default()));
        let steady = measured(&task, &[Some("a"), Some("a")]);
        assert!(same_results(&steady, None).is_ok());
        assert!(same_results(&steady, Some(&measured(&task, &[Some("a")]))).is_ok());
        assert!(same_results(&steady, Some(&measured(&task, &[Some("b")]))).is_err());
        assert!(same_results(&measured(&task, &[Some("a"), Some("b")]), None).is_err());
        assert!(same_results(&measured(&task, &[None, None]), Some(&steady)).is_ok());
    }
}
