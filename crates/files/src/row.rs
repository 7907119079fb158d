//! What can happen to one row: accepted, passed over for a stated reason, or rejected with its place.

use core::fmt;

use liqlens_market::{AccountNameError, BarError, Event, NumberError, TimeError, Timestamp};

/// Why a row was rejected. Part of a [`Rejection`], which adds the column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Reason {
    /// Not a usable number.
    #[error(transparent)]
    Number(#[from] NumberError),
    /// Not a usable time.
    #[error(transparent)]
    Time(#[from] TimeError),
    /// Prices and volume do not make a candle.
    #[error(transparent)]
    Bar(#[from] BarError),
    /// Too many or too few columns.
    #[error("does not have {expected} columns")]
    ColumnCount {
        /// What the header, or the first row, has.
        expected: usize,
    },
    /// Neither `true` nor `false`.
    #[error("is neither true nor false")]
    NotAFlag,
    /// Neither a buy nor a sell.
    #[error("is neither a buy nor a sell")]
    NotASide,
    /// A fact that is said to have been known before it happened.
    #[error("is before the time it happened")]
    KnownTooEarly,
    /// Neither settled nor predicted funding.
    #[error("is neither settled nor predicted")]
    NotAFundingKind,
    /// Neither all liquidations nor a sample of them.
    #[error("is neither full nor floor")]
    NotACompleteness,
    /// Not a symbol of a market.
    #[error("is not a symbol")]
    NotASymbol,
    /// A rate, ratio or percentage no market has.
    #[error("is outside the plausible range")]
    OutOfRange,
    /// A candle whose stated end is not its start plus the period.
    #[error("does not end the period")]
    NotThePeriod,
    /// Open interest a thousand times the row before, or a thousandth of it: a unit error.
    #[error("jumps a thousandfold against the row before")]
    Jump,
    /// Not one JSON object with the expected members.
    #[error("is not the expected JSON object")]
    Json,
    /// Book levels not strictly from best to worst.
    #[error("has levels out of order")]
    UnsortedLevels,
    /// Best bid at or above best ask.
    #[error("is crossed")]
    Crossed,
    /// A book with no level at all.
    #[error("has no level")]
    NoLevels,
    /// A book with more levels than any venue publishes.
    #[error("has more than 5,000 levels")]
    TooManyLevels,
    /// The same band twice at one time.
    #[error("repeats a band of the same moment")]
    RepeatedBand,
    /// A line or document beyond its limit.
    #[error("is longer than the limit")]
    TooLong,
    /// A document that ends, or is closed wrongly, before it is complete.
    #[error("is not complete JSON")]
    Incomplete,
    /// A member that has to be there.
    #[error("is missing")]
    Missing,
    /// Not a name of an account.
    #[error(transparent)]
    AccountName(#[from] AccountNameError),
    /// An account that nothing names.
    #[error("is missing, and the file's name does not name the account")]
    NoAccountName,
    /// A state that nothing dates.
    #[error("is missing, and the file's name has no date")]
    NoTime,
    /// An account of which part of the collateral is unknown.
    #[error("is missing: without it a unified account cannot be valued")]
    NoSpotState,
    /// Two positions of one account in one market.
    #[error("occurs twice in one account")]
    RepeatedPosition,
    /// A position of another clearinghouse than the account state's own.
    #[error("belongs to another clearinghouse than the rest of the account state")]
    OtherClearinghouse,
    /// A figure that the others of its position contradict by more than a cent.
    #[error("does not agree with the other figures of the position")]
    Inconsistent,
    /// Neither cross nor isolated.
    #[error("is neither cross nor isolated")]
    NotABacking,
    /// Neither long nor short.
    #[error("is neither long nor short")]
    NotAPositionSide,
    /// An account mode that is not known to any version so far.
    #[error("is no account mode known to this version")]
    NotAMode,
}

/// A rejected row's column and reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RowError {
    pub(crate) column: &'static str,
    pub(crate) reason: Reason,
}

impl RowError {
    /// An error in `column`, or in the `row` as a whole.
    pub(crate) const fn new(column: &'static str, reason: Reason) -> Self {
        Self { column, reason }
    }
}

/// Why a well-formed row gave no event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Skip {
    /// Marked by its source as filled in rather than observed.
    Synthetic,
    /// The same fact as the row before.
    Duplicate,
    /// About another symbol.
    OtherSymbol,
    /// About something else than an account's state.
    OtherMessage,
}

/// What became of a row that is not rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Its events went out, or will with the rest of its group.
    Accepted {
        /// When it happened.
        event_ts: Timestamp,
        /// When it could be known.
        known_ts: Timestamp,
    },
    /// It was passed over.
    Skipped(Skip),
}

impl Outcome {
    /// Accepted, known when it happened.
    #[inline]
    pub(crate) const fn at(ts: Timestamp) -> Self {
        Self::Accepted { event_ts: ts, known_ts: ts }
    }
}

/// Turns rows of one format into events.
pub(crate) trait Decode {
    /// Reads one row and hands its events out, none if it is rejected or skipped.
    fn row<S: FnMut(Event)>(&mut self, line: &[u8], sink: &mut S) -> Result<Outcome, RowError>;

    /// Hands out what was held back until the end.
    fn finish<S: FnMut(Event)>(&mut self, _sink: &mut S) {}

    /// What the ids seen so far say about the file's completeness.
    fn ids(&self) -> IdCheck {
        IdCheck::default()
    }
}

/// What consecutive trade ids tell about a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct IdCheck {
    last: Option<u64>,
    /// Ids at or below the highest before them.
    pub(crate) not_increasing: u64,
    /// Ids jumped over.
    pub(crate) missing: u64,
}

impl IdCheck {
    /// The highest id so far.
    pub(crate) const fn last(&self) -> Option<u64> {
        self.last
    }

    /// Takes several ids, each above the one before it: what the last one is and how many were jumped over.
    pub(crate) fn pass(&mut self, last: u64, missing: u64) {
        self.last = Some(last);
        self.missing = self.missing.saturating_add(missing);
    }

    /// Takes the next id; `false` if it repeats the one before.
    #[inline]
    pub(crate) fn next(&mut self, id: u64) -> bool {
        if let Some(last) = self.last {
            if id <= last {
                self.not_increasing += 1;
                return id != last;
            }
            self.missing = self.missing.saturating_add(id - last - 1);
        }
        self.last = Some(id);
        true
    }
}

/// A rejected kind of row: how often, and what the first ones looked like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// The column at fault, by its usual name, or `row`.
    pub column: &'static str,
    /// What is wrong with it.
    pub reason: Reason,
    /// How many rows were rejected for this.
    pub count: u64,
    /// The first few of them.
    pub samples: Vec<Sample>,
}

/// A rejected row, as it stood in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// Line number, from 1.
    pub line: u64,
    /// The first 80 bytes, with control and invisible characters escaped.
    pub text: String,
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} × {} {}", self.count, self.column, self.reason)?;
        if let Some(sample) = self.samples.first() {
            write!(f, " (line {}: `{}`)", sample.line, sample.text)?;
        }
        Ok(())
    }
}

/// The beginning of a line in a form that is safe to print.
pub(crate) fn shown(line: &[u8]) -> String {
    let cut = &line[..line.len().min(80)];
    let mut text = String::new();
    for character in String::from_utf8_lossy(cut).chars() {
        match character {
            '"' | '\'' => text.push(character),
            other => text.extend(other.escape_debug()),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_cannot_drive_a_terminal() {
        assert_eq!(shown(b"a\x1b[31m\"q\"\0\xff"), "a\\u{1b}[31m\"q\"\\0\u{fffd}");
        assert_eq!(shown("x\u{202e}y".as_bytes()), "x\\u{202e}y");
        assert_eq!(shown(&[b'z'; 500]).len(), 80);
    }

    #[test]
    fn ids_tell_gaps_and_repeats() {
        let mut ids = IdCheck::default();
        let kept: Vec<bool> = [5, 6, 6, 10, 9, 11].map(|id| ids.next(id)).to_vec();
        assert_eq!(kept, [true, true, false, true, true, true]);
        // 7, 8 and 9 are jumped over; 6 repeats and the late 9 falls back.
        assert_eq!((ids.missing, ids.not_increasing), (3, 2));
    }
}
