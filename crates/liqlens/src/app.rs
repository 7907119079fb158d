//! The surroundings of a command – clock, terminal, standard output – and the way its answer leaves.

use std::io::{self, ErrorKind, IsTerminal as _, Write as _};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use liqlens_ask::{Failure, Kind, quoted};
use liqlens_market::Timestamp;
use liqlens_render::text::TextStyle;
use tempfile::NamedTempFile;

use crate::cli::Global;

/// What every command knows about its surroundings.
#[derive(Debug)]
pub(crate) struct App {
    /// What the clock says. Only `now` and `now-2h` on the command line depend on it.
    pub(crate) now: Timestamp,
    /// Whether standard output is a terminal.
    pub(crate) terminal: bool,
    /// Width and colour of text on standard output.
    pub(crate) style: TextStyle,
    /// How much is said beside the answer.
    pub(crate) talk: Talk,
    /// Whether the document is wanted as JSON.
    pub(crate) json: bool,
}

/// How much is said beside the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Talk {
    /// Errors only.
    Errors,
    /// Remarks too.
    Remarks,
    /// Details of how the answer is made too.
    Details,
}

/// Widest text: longer lines are hard to read.
const WIDEST: usize = 100;

impl App {
    /// Looks at the surroundings once.
    pub(crate) fn new(global: &Global) -> Self {
        let terminal = io::stdout().is_terminal();
        let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty());
        let plain = variable("NO_COLOR").is_some() || variable("TERM").is_some_and(|term| term == "dumb");
        let columns = variable("COLUMNS")
            .and_then(|columns| columns.to_str()?.parse::<usize>().ok())
            .filter(|columns| *columns > 0)
            .or_else(|| terminal_size::terminal_size().map(|(width, _)| usize::from(width.0)));
        Self {
            now: clock(),
            terminal,
            style: TextStyle {
                width: columns.unwrap_or(WIDEST).min(WIDEST),
                colour: terminal && !plain && !global.no_color,
            },
            talk: match (global.quiet, global.verbose) {
                (true, _) => Talk::Errors,
                (false, false) => Talk::Remarks,
                (false, true) => Talk::Details,
            },
            json: global.json,
        }
    }

    /// Says something about the answer, on standard error.
    pub(crate) fn note(&self, text: &str) {
        if self.talk >= Talk::Remarks {
            say(text);
        }
    }

    /// Says something about how the answer is made, if details are wanted.
    pub(crate) fn detail(&self, text: &str) {
        if self.talk == Talk::Details {
            say(text);
        }
    }

    /// Hands an answer over: to a file, as a whole or not at all, or to standard output.
    pub(crate) fn deliver(&self, file: Option<&Path>, bytes: &[u8]) -> Result<(), Failure> {
        match file {
            Some(file) => {
                write_file(file, bytes)?;
                self.note(&format!("wrote {}", file.display()));
                Ok(())
            }
            None => print(bytes),
        }
    }
}

/// One line on standard error. If that is gone there is nobody to tell.
pub(crate) fn say(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Writes to standard output. A reader that has gone away (`| head`) has seen what it wanted.
pub(crate) fn print(bytes: &[u8]) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        Err(error) => Err(Failure::new(
            Kind::Storage,
            "output-not-written",
            "The answer could not be written to standard output.",
            format!("{error}."),
            "Check where standard output goes, or save the answer with -o FILE.",
        )),
    }
}

/// Writes a file as a whole: a reader sees the old one or the new one, never a part.
pub(crate) fn write_file(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let failed = |error: io::Error| not_written(path, &error);
    // A device or a pipe (`-o /dev/stdout`) is written to; it must not be replaced by a file.
    let special = std::fs::metadata(path).is_ok_and(|meta| !meta.is_file() && !meta.is_dir());
    if special {
        return match std::fs::OpenOptions::new()
            .write(true)
            .open(path)
            .and_then(|mut file| file.write_all(bytes))
        {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
            done => done.map_err(failed),
        };
    }
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let mut file = temporary_in(directory).map_err(failed)?;
    file.write_all(bytes).map_err(failed)?;
    file.as_file().sync_all().map_err(failed)?;
    file.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
}

/// A file that is gone again unless it is given a name.
pub(crate) fn temporary_in(directory: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".liqlens-");
    // Temporary files are private by default; an answer gets what the user's mask allows.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(directory)
}

/// Why a file is not there.
pub(crate) fn not_written(path: &Path, error: &io::Error) -> Failure {
    let hint = match error.kind() {
        ErrorKind::NotFound => "Create the directory first, or choose another place.",
        ErrorKind::StorageFull => "Free some space, or choose another place.",
        _ => "Check the path and its permissions, or choose another place.",
    };
    Failure::new(
        Kind::Storage,
        "output-not-written",
        format!("The file {} could not be written.", quoted(&path.to_string_lossy())),
        format!("{error}."),
        hint,
    )
}

fn clock() -> Timestamp {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_nanos(i64::try_from(since_epoch.as_nanos()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_as_a_whole_and_nothing_else_is_left() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("answer.json");
        write_file(&path, b"old").unwrap();
        write_file(&path, b"new").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"new");
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1);
        let failure = write_file(&directory.path().join("no/such/x.json"), b"").unwrap_err();
        assert_eq!((failure.kind, failure.code), (Kind::Storage, "output-not-written"));
        assert!(write_file(directory.path(), b"x").is_err());
    }
}
