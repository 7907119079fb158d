//! What the command line of a benchmark says.

use std::path::{Path, PathBuf};

use crate::{Failure, Task};

/// What a task reads.
#[derive(Debug, Clone, Default)]
pub struct Input {
    /// Where the benchmark has written its input.
    pub folder: PathBuf,
    /// Whether this is measured; otherwise small input is enough, to see that everything still runs.
    pub full: bool,
    /// Rows asked for.
    pub rows: Option<i64>,
    /// A folder with recorded input.
    pub data: Option<PathBuf>,
    /// Ids of the tasks that will run, while input is prepared.
    pub(crate) chosen: Vec<String>,
}

/// What a process was started for.
pub(crate) enum Command {
    /// A test runner asks for tests; a benchmark has none.
    Nothing,
    /// One run of one task.
    Task { id: String, input: Input },
    /// All of it.
    Measure(Box<Options>),
}

/// How to measure.
#[derive(Debug, Clone)]
pub(crate) struct Options {
    pub(crate) only: Vec<String>,
    pub(crate) rounds: usize,
    pub(crate) keep: Option<PathBuf>,
    pub(crate) json: Option<PathBuf>,
    pub(crate) input: Input,
}

const ROUNDS: usize = 5;

impl Input {
    /// Whether any of some tasks will run, so that what only they read must be prepared.
    pub fn is_for(&self, ids: &[&str]) -> bool {
        self.chosen.iter().any(|chosen| ids.contains(&chosen.as_str()))
    }

    /// Whether any task will run that is not one of these.
    pub fn is_for_any_but(&self, ids: &[&str]) -> bool {
        self.chosen.iter().any(|chosen| !ids.contains(&chosen.as_str()))
    }

    /// A file in the folder.
    pub fn file(&self, name: impl AsRef<Path>) -> PathBuf {
        self.folder.join(name)
    }

    /// One number when this is measured, a smaller one otherwise.
    pub const fn full_or<T: Copy>(&self, full: T, short: T) -> T {
        if self.full { full } else { short }
    }
}

impl Options {
    pub(crate) fn from_arguments(arguments: impl Iterator<Item = String>) -> Result<Command, Failure> {
        let mut options =
            Self { only: Vec::new(), rounds: 0, keep: None, json: None, input: Input::default() };
        let (mut task, mut unknown, mut rounds) = (None, None, None);
        let mut arguments = arguments;
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or(format!("{argument} needs a value"));
            match argument.as_str() {
                "--list" => return Ok(Command::Nothing),
                "--bench" => options.input.full = true,
                "--only" => options.only.extend(value()?.split(',').map(str::to_owned)),
                "--rounds" => rounds = Some(value()?.parse()?),
                "--keep" => options.keep = Some(value()?.into()),
                "--rows" => options.input.rows = Some(value()?.parse()?),
                "--data" => options.input.data = Some(value()?.into()),
                "--json" => options.json = Some(value()?.into()),
                "--task" => task = Some(value()?),
                "--in" => options.input.folder = value()?.into(),
                _ => unknown = Some(argument),
            }
        }
        if let Some(id) = task {
            return Ok(Command::Task { id, input: options.input });
        }
        // Test runners hand filters and options of their own to every target.
        if let Some(argument) = unknown.filter(|_| options.input.full) {
            return Err(format!("a benchmark does not know `{argument}`").into());
        }
        options.rounds = rounds.unwrap_or(options.input.full_or(ROUNDS, 1));
        Ok(Command::Measure(Box::new(options)))
    }

    /// The tasks asked for, each with its baseline, in the order they are listed.
    pub(crate) fn choose<'a>(&self, tasks: &'a [Task]) -> Result<Vec<&'a Task>, Failure> {
        let known = |id: &str| tasks.iter().find(|task| task.id == id);
        for id in &self.only {
            if known(id).is_none() {
                let ids: Vec<&str> = tasks.iter().map(|task| task.id).collect();
                return Err(format!("there is no task `{id}`; tasks are {}", ids.join(", ")).into());
            }
        }
        let asked = |task: &Task| self.only.is_empty() || self.only.iter().any(|id| id == task.id);
        let is_baseline =
            |task: &Task| tasks.iter().any(|other| asked(other) && other.baseline == Some(task.id));
        Ok(tasks.iter().filter(|task| asked(task) || is_baseline(task)).collect())
    }

    /// The command line of a process that runs one task once.
    pub(crate) fn of_task(&self, task: &Task) -> Vec<std::ffi::OsString> {
        let input = &self.input;
        let mut arguments = vec!["--task".into(), task.id.into(), "--in".into(), (&input.folder).into()];
        if input.full {
            arguments.push("--bench".into());
        }
        if let Some(rows) = input.rows {
            arguments.extend(["--rows".into(), rows.to_string().into()]);
        }
        if let Some(data) = &input.data {
            arguments.extend(["--data".into(), data.into()]);
        }
        arguments
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Run;

    fn options(line: &str) -> Result<Command, Failure> {
        Options::from_arguments(line.split_whitespace().map(str::to_owned))
    }

    fn tasks() -> Vec<Task> {
        let task = |id| Task::new(id, id, "rows", |_| Ok(Run::default()));
        vec![task("bare"), task("whole").beside("bare"), task("other")]
    }

    #[test]
    fn chosen_tasks_bring_their_baselines() {
        let Ok(Command::Measure(options)) = options("--bench --only whole --rounds 3") else {
            panic!("a measurement")
        };
        let ids: Vec<&str> = options.choose(&tasks()).unwrap().iter().map(|task| task.id).collect();
        assert_eq!((ids, options.rounds), (vec!["bare", "whole"], 3));
    }

    #[test]
    fn what_is_not_there_is_said() {
        let Ok(Command::Measure(misspelt)) = options("--only whale") else { panic!("a measurement") };
        let said = misspelt.choose(&tasks()).err().unwrap().to_string();
        assert_eq!(said, "there is no task `whale`; tasks are bare, whole, other");
        assert!(options("--bench --rouns 3").is_err());
        assert!(matches!(options("some_filter --exact"), Ok(Command::Measure(_))));
        assert!(matches!(options("--list --format terse"), Ok(Command::Nothing)));
    }

    #[test]
    fn a_task_is_told_what_the_benchmark_was_told() {
        let Ok(Command::Measure(parent)) = options("--bench --rows 7 --data d --in f") else {
            panic!("a measurement")
        };
        let line: Vec<String> =
            parent.of_task(&tasks()[0]).into_iter().map(|argument| argument.into_string().unwrap()).collect();
        let Ok(Command::Task { id, input }) = options(&line.join(" ")) else { panic!("a task") };
        assert_eq!((id.as_str(), input.full, input.rows), ("bare", true, Some(7)));
        assert_eq!((input.data, input.folder), (Some("d".into()), "f".into()));
    }
}
