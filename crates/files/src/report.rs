//! What reading a file came to: the report of a success, the error of a failure.

use core::fmt;
use std::io;
use std::path::PathBuf;

use liqlens_market::{MarketId, Timestamp, Venue};

use crate::format::{Format, Unrecognised, known_formats};
use crate::packing::{Container, ContainerFault};
use crate::row::{Reason, Rejection, RowError, Sample, Skip, shown};

/// What a file held, and how complete and clean it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The file, as it was named by the caller.
    pub name: String,
    /// What its rows are.
    pub format: Format,
    /// Whose events they became.
    pub market: MarketId,
    /// How the text was packed.
    pub container: Container,
    /// The member that was read, if the container was an archive.
    pub member: Option<String>,
    /// Data rows met: every line but blank ones and headers; of JSON documents, every account in each.
    /// Equals accepted + skipped + rejected.
    pub rows: u64,
    /// Rows that became events, or part of one.
    pub accepted: u64,
    /// Well-formed rows that became none, by reason.
    pub skipped: Skipped,
    /// Rows that could not be used, by column and reason, most frequent first.
    pub rejected: Vec<Rejection>,
    /// Events handed out.
    pub events: u64,
    /// Different accounts the events are about, counted up to a million; zero for files about a market.
    pub accounts: u64,
    /// Accepted rows older than one before them. They are kept: the caller sorts.
    pub out_of_order: u64,
    /// Whether all events came in [`liqlens_market::Event::log_order`]. If not, sort them (stably) by it.
    pub in_log_order: bool,
    /// Trade ids at or below the highest before them. An immediate repeat is skipped, others are kept.
    pub duplicate_ids: u64,
    /// Trade ids jumped over: trades that the file lacks.
    pub missing_ids: u64,
    /// Earliest event time of an accepted row.
    pub first_ts: Timestamp,
    /// Latest known time of an accepted row.
    pub last_ts: Timestamp,
}

/// Rows that are well-formed but say nothing new.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Skipped {
    /// Marked by the source as filled in rather than observed.
    pub synthetic: u64,
    /// The same fact as the row before.
    pub duplicate: u64,
    /// About another symbol than the one read.
    pub other_symbol: u64,
    /// JSON documents about something else than an account's state.
    pub other_message: u64,
}

impl Skipped {
    /// All of them.
    pub const fn total(self) -> u64 {
        self.synthetic + self.duplicate + self.other_symbol + self.other_message
    }
}

impl Report {
    /// Rejected rows of all kinds.
    pub fn rejected_rows(&self) -> u64 {
        self.rejected.iter().map(|kind| kind.count).sum()
    }
}

/// One paragraph: what was read, how much, what is wrong with it.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} from {}", self.format, self.market, shown(self.name.as_bytes()))?;
        if let Some(member) = &self.member {
            write!(f, " (member {})", shown(member.as_bytes()))?;
        }
        write!(
            f,
            ": {} rows gave {} events from {} to {}",
            self.rows, self.events, self.first_ts, self.last_ts
        )?;
        let counts = [
            (self.rejected_rows(), "rejected"),
            (self.skipped.synthetic, "synthetic, skipped"),
            (self.skipped.duplicate, "repeated, skipped"),
            (self.skipped.other_symbol, "of other symbols, skipped"),
            (self.skipped.other_message, "about no account state, skipped"),
            (self.out_of_order, "out of order"),
            (self.duplicate_ids, "ids not increasing"),
            (self.missing_ids, "ids missing"),
        ];
        for (count, what) in counts {
            if count > 0 {
                write!(f, "; {count} {what}")?;
            }
        }
        for kind in &self.rejected {
            write!(f, "; {kind}")?;
        }
        f.write_str(".")
    }
}

/// Why a file was not ingested. When this comes back, events already handed out must be dropped: they are
/// part of something that is not what it claims to be.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// Nothing at the path.
    #[error("{} does not exist; check the path", path.display())]
    NotFound {
        /// The path asked for.
        path: PathBuf,
    },
    /// A folder.
    #[error("{} is a directory; name the files in it", path.display())]
    IsDirectory {
        /// The path asked for.
        path: PathBuf,
    },
    /// A pipe, a device or a socket, whose end and size are unknown.
    #[error("{} is not a regular file; save the data to a file first", path.display())]
    NotAFile {
        /// The path asked for.
        path: PathBuf,
    },
    /// The operating system failed to read it.
    #[error("cannot read {name}: {source}")]
    Io {
        /// The file.
        name: String,
        /// What the system said.
        source: io::Error,
    },
    /// No byte, or nothing but blanks.
    #[error("{name} is empty; nothing was ingested")]
    Empty {
        /// The file.
        name: String,
    },
    /// A header and nothing below.
    #[error("{name} has a header but no row; nothing was ingested")]
    HeaderOnly {
        /// The file.
        name: String,
    },
    /// None of the supported formats.
    #[error(
        "{name} is not recognised: {why}. Supported formats: {}; choose one with `--format` if the file has no header",
        known_formats()
    )]
    NotRecognised {
        /// The file.
        name: String,
        /// What was seen instead.
        why: Unrecognised,
    },
    /// A damaged, dangerous or ambiguous archive.
    #[error("{name} was not ingested: {fault}")]
    BadContainer {
        /// The file.
        name: String,
        /// What is wrong with it.
        fault: ContainerFault,
    },
    /// Recognised, but most rows do not fit.
    #[error(
        "{name} was not ingested: {rejected} of its first {rows} rows do not fit {format}; most often: {most_often}"
    )]
    WrongFormat {
        /// The file.
        name: String,
        /// What it was read as.
        format: Format,
        /// Rows rejected.
        rejected: u64,
        /// Rows looked at.
        rows: u64,
        /// The most frequent rejection.
        most_often: Box<Rejection>,
    },
    /// All rows are well-formed, and none says anything.
    #[error(
        "{name} was not ingested: all of its {rows} rows were skipped (synthetic, repeated, or about something else)"
    )]
    NothingAccepted {
        /// The file.
        name: String,
        /// Rows looked at.
        rows: u64,
    },
    /// Accounts of one venue, and the caller says another.
    #[error(
        "{name} holds accounts of {}, but the market given is {given}; leave `--market` away", venue.title()
    )]
    OtherVenue {
        /// The file.
        name: String,
        /// Whose accounts it holds.
        venue: Venue,
        /// What the caller says.
        given: MarketId,
    },
    /// Rows of a market, and the caller says that they are accounts.
    #[error(
        "{name} holds {format}, not accounts, but the market given is {given}; name the market they are of"
    )]
    NotAccounts {
        /// The file.
        name: String,
        /// What its rows are.
        format: Format,
        /// What the caller says.
        given: MarketId,
    },
    /// Neither name nor content says which market.
    #[error("cannot tell the market of {name}; pass it, e.g. `--market {example}`")]
    MarketUnknown {
        /// The file.
        name: String,
        /// What such an argument looks like for this format.
        example: &'static str,
    },
    /// The name says spot; spot has no liquidations and its prices are not the perpetual's.
    #[error("{name} is spot data by its name, which is no futures market; pass `--market` if it is one")]
    SpotMarket {
        /// The file.
        name: String,
    },
    /// Neither name nor content says how long the candles are.
    #[error("cannot tell the length of the candles in {name}; pass it, e.g. `--interval 1h`")]
    IntervalUnknown {
        /// The file.
        name: String,
    },
    /// Candles that move without volume: mark or index prices, and the name does not say which.
    #[error(
        "the candles in {name} have no volume: pass `--price mark` or `--price index` to say which price they are of"
    )]
    BarSourceUnknown {
        /// The file.
        name: String,
    },
    /// Candles of the premium index, a ratio and not a price.
    #[error("{name} holds premium-index candles by its name; they are ratios, not prices, and are not read")]
    PremiumIndex {
        /// The file.
        name: String,
    },
}

/// Counts while reading.
#[derive(Debug)]
pub(crate) struct Tally {
    pub(crate) rows: u64,
    pub(crate) accepted: u64,
    pub(crate) skipped: Skipped,
    pub(crate) rejected_rows: u64,
    rejected: Vec<Rejection>,
    samples: usize,
    pub(crate) out_of_order: u64,
    pub(crate) first_ts: Timestamp,
    pub(crate) last_ts: Timestamp,
}

impl Tally {
    /// Keeps the first `samples` rows of every kind of rejection.
    pub(crate) fn new(samples: usize) -> Self {
        Self {
            rows: 0,
            accepted: 0,
            skipped: Skipped::default(),
            rejected_rows: 0,
            rejected: Vec::new(),
            samples,
            out_of_order: 0,
            first_ts: Timestamp::LATEST,
            last_ts: Timestamp::EARLIEST,
        }
    }

    /// Counts an accepted row.
    #[inline]
    pub(crate) fn accept(&mut self, event_ts: Timestamp, known_ts: Timestamp) {
        self.accepted += 1;
        self.first_ts = self.first_ts.min(event_ts);
        if known_ts < self.last_ts {
            self.out_of_order += 1;
        } else {
            self.last_ts = known_ts;
        }
    }

    /// Counts the rows of a run of trades that were known when they happened; `rises` says that their times
    /// never fall.
    pub(crate) fn accept_run(&mut self, times: &[Timestamp], rises: bool) {
        match (times.first(), times.last()) {
            (Some(first), Some(last)) if rises && *first >= self.last_ts => {
                self.accepted += times.len() as u64;
                self.first_ts = self.first_ts.min(*first);
                self.last_ts = *last;
            }
            _ => times.iter().for_each(|ts| self.accept(*ts, *ts)),
        }
    }

    /// Counts a skipped row.
    pub(crate) fn skip(&mut self, why: Skip) {
        *match why {
            Skip::Synthetic => &mut self.skipped.synthetic,
            Skip::Duplicate => &mut self.skipped.duplicate,
            Skip::OtherSymbol => &mut self.skipped.other_symbol,
            Skip::OtherMessage => &mut self.skipped.other_message,
        } += 1;
    }

    /// Counts a rejected row and keeps it if it is among the first of its kind. Kinds are bounded: the
    /// columns are those of the format, and a reason carries nothing from the row.
    #[cold]
    pub(crate) fn reject(&mut self, line: u64, text: &[u8], error: RowError) {
        self.rejected_rows += 1;
        let RowError { column, reason } = error;
        let known = self.rejected.iter().position(|kind| kind.column == column && kind.reason == reason);
        let at = known.unwrap_or_else(|| {
            self.rejected.push(Rejection { column, reason, count: 0, samples: Vec::new() });
            self.rejected.len() - 1
        });
        let kind = &mut self.rejected[at];
        kind.count += 1;
        if kind.samples.len() < self.samples {
            kind.samples.push(Sample { line, text: shown(text) });
        }
    }

    /// The kinds of rejection, most frequent first; equal ones in the order they were met.
    pub(crate) fn rejections(&self) -> Vec<Rejection> {
        let mut kinds = self.rejected.clone();
        kinds.sort_by_key(|kind| core::cmp::Reverse(kind.count));
        kinds
    }

    /// The most frequent one.
    pub(crate) fn most_often(&self) -> Rejection {
        self.rejections().into_iter().next().unwrap_or(Rejection {
            column: "row",
            reason: Reason::Json,
            count: 0,
            samples: Vec::new(),
        })
    }
}
