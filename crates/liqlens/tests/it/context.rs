//! A directory of its own for every test, and the command run in it.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use liqlens_files::bundled;
use serde_json::Value;

/// The state of a Hyperliquid vault on 2026-01-14: 14 cross positions, 2 isolated ones.
pub(crate) const VAULT: &[u8] =
    include_bytes!("../../../files/tests/data/accounts/hyperliquid/vault_2026-01-14.json");

/// A temporary directory and the command.
pub(crate) struct TestContext {
    directory: tempfile::TempDir,
}

/// What a run came to.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: String,
}

impl TestContext {
    pub(crate) fn new() -> Self {
        Self { directory: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub(crate) fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// The command without arguments, in a surrounding that is the same everywhere.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_liqlens"));
        command.current_dir(self.directory.path());
        for name in ["COLUMNS", "NO_COLOR", "TERM", "CLICOLOR_FORCE"] {
            command.env_remove(name);
        }
        command
    }

    pub(crate) fn run<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Run {
        Run::of(self.command().args(arguments).output().unwrap())
    }

    /// Runs words separated by blanks.
    pub(crate) fn words(&self, line: &str) -> Run {
        self.run(&line.split_whitespace().collect::<Vec<_>>())
    }

    /// Runs and expects success; the text of the answer.
    pub(crate) fn text(&self, line: &str) -> String {
        self.words(line).ok().text()
    }

    /// Runs with `--json` and expects success; the document.
    pub(crate) fn json(&self, line: &str) -> Value {
        self.words(&format!("{line} --json")).ok().json()
    }

    /// Writes a bundled file into the directory.
    pub(crate) fn bundled(&self, index: usize) -> &'static str {
        let file = bundled::FILES[index];
        std::fs::write(self.path(file.name), file.bytes).unwrap();
        file.name
    }
}

impl Run {
    pub(crate) fn of(output: Output) -> Self {
        Self {
            code: output.status.code().expect("ended by itself"),
            stdout: output.stdout,
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    #[track_caller]
    pub(crate) fn ok(self) -> Self {
        assert_eq!(self.code, 0, "{}", self.stderr);
        self
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.stdout.clone()).unwrap()
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.stdout).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }
}
