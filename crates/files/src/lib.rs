//! Readers of archive files: they turn recorded market data into [`Event`]s.
//!
//! Most formats are about one market; states, fills and transfers of public accounts go to the log of their
//! venue's accounts ([`MarketId::accounts`]) instead.
//!
//! [`read_path`] and [`read_bytes`] take one file of any supported [`Format`] and container, recognise
//! both from the content, and hand out events in the order of the rows; [`read_path_into`] and
//! [`read_bytes_into`] hand trades out in runs. A bad row costs itself: it is
//! rejected with its line, column and reason, counted, and the good rest goes on. A bad *file* (a damaged
//! archive, the wrong format) is an `Err`, and it may only show at the last byte.
//!
//! **All or nothing is up to the caller**: on `Err`, drop every event the call has handed out. Stage them
//! until the call returns, as [`collect_path`] and [`collect_bytes`] do.
//!
//! Events come in row order, which for some sources is not time order; [`Report::in_log_order`] says
//! whether they still have to be sorted.
//!
//! This crate performs file I/O and nothing else: no clock, no network, no global state. The only thread it ever
//! starts inflates a compressed file beside the reading of it, and ends with the call.

mod beside;
pub mod bundled;
mod canonical;
mod columns;
mod container;
mod documents;
mod drive;
mod format;
mod formats;
mod ingest;
mod intake;
mod lines;
mod marks;
mod name;
mod packing;
mod report;
mod row;
mod runs;
mod setting;

use std::fs::File;
use std::io::{self, Cursor};
use std::path::Path;

use liqlens_market::{BarSource, Event, MarketId, Sink, Span};

pub use format::{Format, UnknownFormat, Unrecognised};
pub use name::parse_interval;
pub use packing::{Container, ContainerFault};
pub use report::{FileError, Report, Skipped};
pub use row::{Reason, Rejection, Sample};

/// What the caller knows better than the file, and how much a file may cost.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Options {
    /// Whose data it is; otherwise read from the name or the rows. Rows that name another symbol are
    /// skipped.
    pub market: Option<MarketId>,
    /// What the rows are; otherwise recognised.
    pub format: Option<Format>,
    /// Length of the candles; otherwise read from the name, the rows' end times or their spacing.
    pub interval: Option<Span>,
    /// Which price the candles are of; otherwise read from the name.
    pub bar_source: Option<BarSource>,
    /// Bounds on lines, inflation and kept samples.
    pub limits: Limits,
}

/// Bounds that keep a hostile or damaged file from costing more than itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Longest line read, in bytes. The widest real rows (books of 1,000 levels a side) have 60 kB.
    pub line_bytes: usize,
    /// Longest JSON document read, in bytes. An account of 300 positions, printed with indentation, has
    /// 350 kB; a message of the stream that lists all markets beside it a megabyte.
    pub document_bytes: usize,
    /// Most bytes an archive may inflate to.
    pub inflated_bytes: u64,
    /// Most an archive may inflate, in times its size. Market data inflates 3- to 30-fold.
    pub ratio: u64,
    /// Rejected rows kept to show, per kind.
    pub samples: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            line_bytes: 1 << 20,
            document_bytes: 8 << 20,
            inflated_bytes: 64 << 30,
            ratio: 1_000,
            samples: 5,
        }
    }
}

/// Reads a file and hands its events to `sink`, one by one. On `Err`, what `sink` has received must be dropped.
pub fn read_path(path: &Path, options: &Options, mut sink: impl FnMut(Event)) -> Result<Report, FileError> {
    read_path_into(path, options, &mut sink)
}

/// As [`read_path`], into a sink that may take trades in runs: those of the `aggTrades` and `trades` archives
/// come so, a few thousand at a time at most.
pub fn read_path_into(path: &Path, options: &Options, sink: &mut impl Sink) -> Result<Report, FileError> {
    let name = path.to_string_lossy().into_owned();
    let failed = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => FileError::NotFound { path: path.to_owned() },
        _ => FileError::Io { name: name.clone(), source: error },
    };
    // Asked before opening: opening a pipe would wait for its writer.
    let kind = std::fs::metadata(path).map_err(failed)?;
    if kind.is_dir() {
        return Err(FileError::IsDirectory { path: path.to_owned() });
    }
    if !kind.is_file() {
        return Err(FileError::NotAFile { path: path.to_owned() });
    }
    let file = File::open(path).map_err(failed)?;
    container::open(file, &name, &options.limits, |opened, text| {
        ingest::ingest(&name, opened, text, options, sink)
    })
}

/// As [`read_path`], from bytes in memory that came from a file called `name`.
pub fn read_bytes(
    name: &str,
    bytes: &[u8],
    options: &Options,
    mut sink: impl FnMut(Event),
) -> Result<Report, FileError> {
    read_bytes_into(name, bytes, options, &mut sink)
}

/// As [`read_path_into`], from bytes in memory that came from a file called `name`.
pub fn read_bytes_into(
    name: &str,
    bytes: &[u8],
    options: &Options,
    sink: &mut impl Sink,
) -> Result<Report, FileError> {
    container::open(Cursor::new(bytes), name, &options.limits, |opened, text| {
        ingest::ingest(name, opened, text, options, sink)
    })
}

/// Reads a whole file into memory, in log order, all or nothing.
pub fn collect_path(path: &Path, options: &Options) -> Result<(Report, Vec<Event>), FileError> {
    let mut events = Vec::new();
    let report = read_path(path, options, |event| events.push(event))?;
    Ok(sorted(report, events))
}

/// Reads bytes in memory into events in log order, all or nothing.
pub fn collect_bytes(name: &str, bytes: &[u8], options: &Options) -> Result<(Report, Vec<Event>), FileError> {
    let mut events = Vec::new();
    let report = read_bytes(name, bytes, options, |event| events.push(event))?;
    Ok(sorted(report, events))
}

fn sorted(report: Report, mut events: Vec<Event>) -> (Report, Vec<Event>) {
    if !report.in_log_order {
        events.sort_by(Event::log_order);
    }
    (report, events)
}
