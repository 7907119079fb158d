//! What a person or a script is told when a command cannot answer, and the exit code that goes with it.
//!
//! Every failure has three sentences – what happened, why, what to do – and a stable code. All exit codes
//! of the program are the variants of [`Exit`].

use std::fmt::{self, Write as _};
use std::path::Path;
use std::process::ExitCode;

use serde_json::{Map, Value, json};

/// The program's exit codes. 0 is success; 101 would be a panic and is never meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exit {
    /// A defect of the program.
    Internal = 1,
    /// The command line was not understood.
    Usage = 2,
    /// No such symbol, venue, time or file.
    NoData = 3,
    /// The data are too stale or too thin; the answer is withheld.
    Withheld = 4,
    /// A figure missed the bound it was checked against; the answer is given.
    CheckFailed = 5,
    /// The data directory or an output file could not be read or written.
    Storage = 7,
}

impl Exit {
    /// The process's exit code.
    pub(crate) fn code(self) -> ExitCode {
        ExitCode::from(self as u8)
    }
}

/// Why a command did not answer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Failure {
    /// Exit code.
    pub(crate) exit: Exit,
    /// Stable name of the failure, for scripts.
    pub(crate) code: &'static str,
    /// What happened, one sentence.
    pub(crate) what: String,
    /// Why, one sentence.
    pub(crate) why: String,
    /// What to do, one sentence.
    pub(crate) hint: String,
    /// Further facts for scripts.
    pub(crate) details: Vec<(&'static str, Value)>,
    /// Whether the answer is already on standard output, where nothing may follow it.
    pub(crate) answered: bool,
}

impl Failure {
    /// A failure with its three sentences.
    pub(crate) fn new(
        exit: Exit,
        code: &'static str,
        what: impl Into<String>,
        why: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        Self {
            exit,
            code,
            what: what.into(),
            why: why.into(),
            hint: hint.into(),
            details: Vec::new(),
            answered: false,
        }
    }

    /// A command line that was not understood.
    pub(crate) fn usage(
        code: &'static str,
        what: impl Into<String>,
        why: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        Self::new(Exit::Usage, code, what, why, hint)
    }

    /// A defect of the program: something that was checked before turned out otherwise.
    pub(crate) fn internal(what: impl Into<String>, why: impl fmt::Display) -> Self {
        Self::new(
            Exit::Internal,
            "internal",
            what,
            why.to_string(),
            "This is a defect of liqlens; please report the command and the version (`liqlens version`).",
        )
    }

    /// Adds a fact for scripts.
    #[must_use]
    pub(crate) fn detail(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.details.push((name, value.into()));
        self
    }

    /// Says that the answer has been given: only the exit code and standard error tell of the failure.
    #[must_use]
    pub(crate) fn after_answer(self) -> Self {
        Self { answered: true, ..self }
    }

    /// The text for people, three lines.
    pub(crate) fn text(&self) -> String {
        let mut text = format!("error: {}\n", self.what);
        for (name, sentence) in [("why", &self.why), ("try", &self.hint)] {
            if !sentence.is_empty() {
                // Writing to a string cannot fail.
                let _ = writeln!(text, "  {name}: {sentence}");
            }
        }
        text
    }

    /// The document for scripts, one line.
    pub(crate) fn json(&self, trace_id: &str) -> String {
        let details: Map<String, Value> =
            self.details.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        let message = format!("{} {}", self.what, self.why);
        let document = json!({
            "code": self.code,
            "message": message.trim_end(),
            "hint": self.hint,
            "details": details,
            "trace_id": trace_id,
        });
        format!("{document}\n")
    }
}

/// A path as it may be printed.
pub(crate) fn path_text(path: &Path) -> String {
    quoted(&path.to_string_lossy())
}

/// What the user typed, safe to print back: quoted, shortened, without control or invisible characters.
pub(crate) fn quoted(typed: &str) -> String {
    const LONGEST: usize = 60;
    let mut text = String::from("`");
    for (count, c) in typed.chars().enumerate() {
        if count == LONGEST {
            text.push('…');
            break;
        }
        if c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
        {
            text.extend(c.escape_unicode());
        } else {
            text.push(c);
        }
    }
    text.push('`');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_is_printed_back_harmlessly() {
        assert_eq!(quoted("BTC"), "`BTC`");
        assert_eq!(quoted("a\u{1b}[2Jb\n\0"), "`a\\u{1b}[2Jb\\u{a}\\u{0}`");
        assert_eq!(quoted("BTC\u{202e}TDSU"), "`BTC\\u{202e}TDSU`");
        assert_eq!(quoted(&"A".repeat(10_000)), format!("`{}…`", "A".repeat(60)));
        assert_eq!(quoted("币安人生"), "`币安人生`");
    }

    #[test]
    fn a_failure_speaks_to_people_and_to_scripts() {
        let failure =
            Failure::usage("amount", "No amount.", "It is empty.", "Write 250M.").detail("given", "");
        assert_eq!(failure.text(), "error: No amount.\n  why: It is empty.\n  try: Write 250M.\n");
        let document: Value = serde_json::from_str(&failure.json("abc")).unwrap();
        assert_eq!(
            document,
            json!({"code": "amount", "message": "No amount. It is empty.", "hint": "Write 250M.",
                   "details": {"given": ""}, "trace_id": "abc"})
        );
    }
}
