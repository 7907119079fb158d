//! What can go wrong with the store as a whole, and the damage that readers step over.

use core::fmt;
use std::io;
use std::path::{Path, PathBuf};

use liqlens_market::Timestamp;

/// Why the store could not do what was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The system refused a file operation.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was tried: `create`, `read`, `write`, …
        action: &'static str,
        /// To what.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The directory holds something else, or nothing.
    #[error("{} is not a liqlens data directory; import a file into it first, or name another directory", .0.display())]
    NotAStore(PathBuf),
    /// The directory is not an archive.
    #[error("{} is not a liqlens archive; write one with `liqlens export`, or name another directory", .0.display())]
    NotAnArchive(PathBuf),
    /// The directory has files of something else; an archive will not mix its own with them.
    #[error("{} is not empty and not a liqlens archive; name a new or empty directory", .0.display())]
    NoRoomForArchive(PathBuf),
    /// The directory has files of another program; the store will not mix its own with them.
    #[error("{} is not empty and not a liqlens data directory; name a new or empty directory", .0.display())]
    NotEmpty(PathBuf),
    /// Written by a later version. Nothing was read from it or changed in it.
    #[error("{} has format {found}, this version reads up to {supported}; use a newer liqlens", path.display())]
    NewerFormat {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: u16,
        /// The newest format this version knows.
        supported: u16,
    },
    /// Another process is writing.
    #[error(
        "{} is being written by {}; wait until it has finished, or stop it",
        path.display(), match pid { Some(pid) => format!("process {pid}"), None => "another process".into() }
    )]
    Locked {
        /// The data directory.
        path: PathBuf,
        /// The process that holds the lock, where it could be read.
        pid: Option<u32>,
    },
    /// The event cannot be stored because its time is not one.
    #[error(
        "an event known at {known_ts} (happened {event_ts}) is outside 2009–2100 or known before it happened"
    )]
    ImplausibleTime {
        /// When it happened.
        event_ts: Timestamp,
        /// When it was known.
        known_ts: Timestamp,
    },
    /// The event is larger than anything a venue publishes.
    #[error("an event of kind {kind} takes about {bytes} bytes; the limit is {limit}")]
    EventTooLarge {
        /// Kind of the event.
        kind: &'static str,
        /// Its approximate size.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// The event is of a kind this version of the store cannot keep.
    #[error("events of kind {0} cannot be stored")]
    UnknownKind(&'static str),
    /// More scattered trade ids in one day than fit the memory limit.
    #[error(
        "{market} {day}: more than {limit} separate ranges of trade ids in one day; import that day in parts"
    )]
    TooManyIds {
        /// The market.
        market: String,
        /// The UTC day.
        day: String,
        /// The limit.
        limit: usize,
    },
    /// A segment says it belongs to another market, channel or day than its path.
    #[error("{} belongs to {found}; move it where it belongs or delete it", path.display())]
    WrongPlace {
        /// The file.
        path: PathBuf,
        /// What its header says.
        found: String,
    },
}

impl StoreError {
    /// Wraps an error of the system with what was tried to which path.
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { action, path: path.to_owned(), source }
    }
}

/// A part of the store that could not be used: it was skipped, everything else was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// The file.
    pub path: PathBuf,
    /// The block, counted from 1; `None` if the fault is not in one block.
    pub block: Option<u32>,
    /// What is wrong.
    pub reason: DamageReason,
    /// How many events are missing because of it; `None` if that cannot be told.
    pub events_lost: Option<u64>,
    /// The missing events were known at or after this.
    pub from: Timestamp,
    /// The missing events were known at or before this.
    pub to: Timestamp,
}

/// What is wrong with a part of the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum DamageReason {
    /// The file's header is unreadable.
    Header,
    /// The footer of an archived file is unreadable.
    Footer,
    /// The header of a block is unreadable or blocks are missing.
    BlockHeader,
    /// The content of a block does not match its checksum.
    Checksum,
    /// The content matches its checksum but is not a valid sequence of events.
    Content,
    /// The file ends before its last block does.
    Truncated,
    /// There are bytes after the last block.
    TrailingBytes,
    /// The system could not read the file.
    Unreadable,
    /// The file's header names another market, channel or day than its path.
    WrongPlace,
    /// Lost to damage found by an earlier import, which kept the damaged file in `.quarantine`.
    LostEarlier,
    /// A file or directory that the store did not write.
    Foreign,
}

impl fmt::Display for DamageReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Header => "unreadable file header",
            Self::Footer => "unreadable file footer, or not a file of liqlens",
            Self::BlockHeader => "unreadable block header",
            Self::Checksum => "checksum mismatch",
            Self::Content => "invalid content",
            Self::Truncated => "the file ends early",
            Self::TrailingBytes => "unknown bytes after the last block",
            Self::Unreadable => "the file cannot be read",
            Self::WrongPlace => "the header names another market, channel or day",
            Self::LostEarlier => "lost to earlier damage, original in .quarantine",
            Self::Foreign => "not a file of the store",
        })
    }
}

impl Damage {
    /// Whether the file belongs to an archive.
    fn is_archived(&self) -> bool {
        self.path.extension().is_some_and(|suffix| suffix == "parquet")
    }
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path.display())?;
        if let Some(block) = self.block {
            let part = if self.is_archived() { "row group" } else { "block" };
            write!(f, ", {part} {block}")?;
        }
        match self.reason {
            DamageReason::LostEarlier if self.is_archived() => write!(f, ": lost before it was archived; ")?,
            reason => write!(f, ": {reason}; ")?,
        }
        match self.events_lost {
            _ if self.reason == DamageReason::Foreign => return write!(f, "ignored"),
            Some(0) => return write!(f, "no event lost"),
            Some(1) => write!(f, "1 event lost")?,
            Some(count) => write!(f, "{count} events lost")?,
            None => write!(f, "an unknown number of events lost")?,
        }
        // A number can be counted down as events return; the unknown only ends with the file.
        let remedy = match (self.reason, self.events_lost) {
            (DamageReason::LostEarlier, None) if !self.is_archived() => {
                "delete this file and import the files of that day again"
            }
            (DamageReason::Unreadable, _) => "check the disk and the rights of the file",
            _ if self.is_archived() => "export that day again from undamaged data",
            _ => "import the files of that day again",
        };
        write!(f, ", {} to {}; {remedy}", self.from, self.to)
    }
}
