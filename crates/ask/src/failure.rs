//! What a person or a script is told when a question cannot be answered.
//!
//! Every failure has three sentences – what happened, why, what to do – and a stable code.

use std::fmt::{self, Write as _};
use std::path::Path;

use serde_json::{Map, Value, json};

/// What kind of trouble it is. The order is by weight: of several, the last is the worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A defect of the program.
    Internal = 1,
    /// The question was not understood.
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

/// Why a question was not answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Failure {
    /// What kind of trouble it is.
    pub kind: Kind,
    /// Stable name of the failure, for scripts.
    pub code: &'static str,
    /// What happened, one sentence.
    pub what: String,
    /// Why, one sentence.
    pub why: String,
    /// What to do, one sentence.
    pub hint: String,
    /// Further facts for scripts.
    pub details: Vec<(&'static str, Value)>,
    /// Whether the answer is already on standard output, where nothing may follow it.
    pub answered: bool,
}

impl Failure {
    /// A failure with its three sentences.
    pub fn new(
        kind: Kind,
        code: &'static str,
        what: impl Into<String>,
        why: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        Self {
            kind,
            code,
            what: what.into(),
            why: why.into(),
            hint: hint.into(),
            details: Vec::new(),
            answered: false,
        }
    }

    /// A question that was not understood.
    pub fn usage(
        code: &'static str,
        what: impl Into<String>,
        why: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        Self::new(Kind::Usage, code, what, why, hint)
    }

    /// A defect of the program: something that was checked before turned out otherwise.
    pub fn internal(what: impl Into<String>, why: impl fmt::Display) -> Self {
        Self::new(
            Kind::Internal,
            "internal",
            what,
            why.to_string(),
            "This is a defect of liqlens; please report the command and the version (`liqlens version`).",
        )
    }

    /// Adds a fact for scripts.
    #[must_use]
    pub fn detail(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.details.push((name, value.into()));
        self
    }

    /// Says that the answer has been given: only the exit code and standard error tell of the failure.
    #[must_use]
    pub fn after_answer(self) -> Self {
        Self { answered: true, ..self }
    }

    /// The text for people, three lines.
    pub fn text(&self) -> String {
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
    pub fn json(&self, trace_id: &str) -> String {
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
pub fn path_text(path: &Path) -> String {
    quoted(&path.to_string_lossy())
}

/// What the user typed, safe to print back: quoted, shortened, without control or invisible characters.
pub fn quoted(typed: &str) -> String {
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
