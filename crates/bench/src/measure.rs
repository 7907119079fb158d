//! Runs each task in processes of its own, round by round.

use std::collections::BTreeMap;
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
    same_results(&all)?;
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

/// What came out must depend neither on the round nor on the task.
fn same_results(all: &[Measured<'_>]) -> Result<(), Failure> {
    let mut first: BTreeMap<&str, (&str, &str)> = BTreeMap::new();
    for Measured { task, runs } in all {
        for (what, digest) in runs.iter().filter_map(|run| run.digest.as_ref()) {
            let (before, found) = *first.entry(what).or_insert((digest, task.id));
            if before != digest {
                return Err(format!("{what}: {found} gave {before}, {} gave {digest}", task.id).into());
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured<'a>(task: &'a Task, digests: &[(&str, &str)]) -> Measured<'a> {
        let run = |(what, digest): &(&str, &str)| Run::default().that_gave(what, digest);
        Measured { task, runs: digests.iter().map(run).collect() }
    }

    #[test]
    fn different_results_fail() {
        let [one, two] = ["one", "two"].map(|id| Task::new(id, "", "", |_| Ok(Run::default())));
        let steady = || measured(&one, &[("map", "a"), ("map", "a")]);
        assert!(same_results(&[steady()]).is_ok());
        assert!(same_results(&[steady(), measured(&two, &[("map", "a"), ("state", "b")])]).is_ok());
        assert!(same_results(&[measured(&one, &[("map", "a"), ("map", "b")])]).is_err());
        let said = same_results(&[steady(), measured(&two, &[("map", "b")])]).err().map(|e| e.to_string());
        assert_eq!(said.as_deref(), Some("map: one gave a, two gave b"));
    }
}
