//! `liqlens import`: archive files into a data directory, each file as a whole or not at all.

use std::fmt::Write as _;
use std::path::Path;

use liqlens_ask::{Failure, Kind, path_text, quoted, sentence, storage};
use liqlens_files::{FileError, Format, Options, Reason, Report, parse_interval, read_path};
use liqlens_market::{BarSource, MarketId};
use liqlens_store::{Import, ImportReport, Store, StoreError};
use serde_json::{Value, json};

use crate::app::{App, Talk, print, say};
use crate::cli::{Global, ImportArgs, PriceName};
use crate::progress::Progress;

pub(crate) fn run(app: &App, global: &Global, args: &ImportArgs) -> Result<(), Failure> {
    let options = options(args)?;
    let Some(directory) = &global.data else {
        return Err(Failure::usage(
            "data-missing",
            "It was not said where to import to.",
            "The bundled sample cannot be added to.",
            "Name a new or existing data directory with --data DIR.",
        ));
    };
    let store = Store::create(directory).map_err(|error| storage(&error))?;
    let mut documents = Vec::new();
    let mut failures: Vec<Failure> = Vec::new();
    for path in &args.files {
        match import(app, &store, path, &options) {
            Ok((read, stored)) => {
                if app.json {
                    documents.push(document(&read, &stored));
                } else {
                    print(text(&read, &stored, app.talk == Talk::Details).as_bytes())?;
                }
            }
            Err(failure) => {
                if app.json {
                    documents.push(json!({
                        "file": path.to_string_lossy(), "code": failure.code, "error": failure.why, "hint": failure.hint,
                    }));
                }
                failures.push(failure);
                if let (Some(failure), true) = (failures.last(), args.files.len() > 1) {
                    say(failure.text().trim_end());
                }
                // The next file would meet the same disk.
                if failures.last().is_some_and(|failure| failure.kind == Kind::Storage) {
                    break;
                }
            }
        }
    }
    if app.json && (failures.is_empty() || args.files.len() > 1) {
        print(&super::json(&json!({"schema": "import/1", "files": documents}))?)?;
    }
    outcome(failures, args.files.len())
}

/// One failure keeps its own words; several become a count with the worst exit code.
fn outcome(mut failures: Vec<Failure>, files: usize) -> Result<(), Failure> {
    let Some(worst) = failures.iter().map(|failure| failure.kind).max() else {
        return Ok(());
    };
    if files == 1
        && let Some(failure) = failures.pop()
    {
        return Err(failure);
    }
    Err(Failure::new(
        worst,
        "import-incomplete",
        format!("{} of {files} files were not imported.", failures.len()),
        "The reasons stand above.",
        "The other files are in; import the failed ones again once they are mended.",
    ))
}

/// What the options say about the files.
fn options(args: &ImportArgs) -> Result<Options, Failure> {
    let market = match &args.market {
        None => None,
        Some(text) => Some(text.parse::<MarketId>().map_err(|error| {
            Failure::usage(
                "market-not-understood",
                format!("The market {} was not understood.", quoted(text)),
                sentence(&error.to_string()),
                "Write it like binance:BTCUSDT.",
            )
        })?),
    };
    let format = match &args.format {
        None => None,
        Some(text) => Some(text.parse::<Format>().map_err(|_| {
            let known: Vec<&str> = Format::ALL.iter().map(|format| format.id()).collect();
            Failure::usage(
                "format-unknown",
                format!("There is no format {}.", quoted(text)),
                format!("The formats are {}.", known.join(", ")),
                "Choose one of these, or leave --format away to have it recognised.",
            )
        })?),
    };
    let interval = match &args.interval {
        None => None,
        Some(text) => Some(parse_interval(text).ok_or_else(|| {
            Failure::usage(
                "interval-not-understood",
                format!("The candle length {} was not understood.", quoted(text)),
                "It is a whole number and one of m, h, d, w.",
                "Write it like --interval 5m.",
            )
        })?),
    };
    let bar_source = args.price.map(|price| match price {
        PriceName::Mark => BarSource::Mark,
        PriceName::Index => BarSource::Index,
        PriceName::Trades => BarSource::Trades,
    });
    Ok(Options { market, format, interval, bar_source, ..Options::default() })
}

/// Reads a file twice: once to know that all of it is sound and whose it is, once into the store. Holding
/// its events in between would need as much memory as the file asks for.
fn import(
    app: &App,
    store: &Store,
    path: &Path,
    options: &Options,
) -> Result<(Report, ImportReport), Failure> {
    let mut progress = Progress::start(app);
    let mut count = 0u64;
    let mut tell = |what: &str| {
        count += 1;
        if count.is_multiple_of(65_536) {
            progress.tell(|| format!("{what} {}, {count} events", path.display()));
        }
    };
    let refused = |error: FileError| unreadable(path, &error);
    let checked = read_path(path, options, |_| tell("checking")).map_err(refused)?;
    let options = Options { market: Some(checked.market.clone()), ..options.clone() };
    let mut staging: Import = store.begin_import().map_err(|error| storage(&error))?;
    let mut stopped: Option<StoreError> = None;
    let read = read_path(path, &options, |event| {
        tell("importing");
        if stopped.is_none() {
            stopped = staging.push(&checked.market, event).err();
        }
    });
    let read = match (read, stopped) {
        (Ok(read), None) => read,
        (read, stopped) => {
            staging.abort();
            return Err(match stopped {
                Some(error) => storage(&error),
                None => read.map_or_else(refused, |_| Failure::internal("The import was lost.", "")),
            });
        }
    };
    let stored = staging.commit().map_err(|error| storage(&error))?;
    Ok((read, stored))
}

/// Why a file was not read, as a failure. The reader's messages already name the thing and the remedy.
fn unreadable(path: &Path, error: &FileError) -> Failure {
    let exit = match error {
        FileError::IsDirectory { .. }
        | FileError::MarketUnknown { .. }
        | FileError::OtherVenue { .. }
        | FileError::NotAccounts { .. }
        | FileError::SpotMarket { .. }
        | FileError::IntervalUnknown { .. }
        | FileError::BarSourceUnknown { .. } => Kind::Usage,
        _ => Kind::NoData,
    };
    let text = error.to_string();
    let (why, hint) = match error {
        FileError::IsDirectory { .. } => {
            ("it is a directory", format!("name the files in it: {}/*", path.display()))
        }
        FileError::WrongFormat { most_often, .. } => (text.as_str(), remedy(most_often.reason).to_owned()),
        _ => match text.rsplit_once("; ") {
            Some((why, hint)) => (why, hint.to_owned()),
            None => (text.as_str(), "check the file, or download it again".to_owned()),
        },
    };
    Failure::new(
        exit,
        "file-not-imported",
        format!("{} was not imported.", path_text(path)),
        sentence(why),
        sentence(&hint),
    )
    .detail("file", path.to_string_lossy())
}

/// What to do about a file most rows of which were rejected for this.
fn remedy(reason: Reason) -> &'static str {
    match reason {
        Reason::NoTime => "put the date into its name, like account_2026-10-05.json",
        Reason::NoAccountName | Reason::AccountName(_) => "name the file after its account, like 0x12….json",
        Reason::NoSpotState => "put the answers about margin and spot balances into one file",
        _ => "check that the file is what its name says, or choose the format with `--format`",
    }
}

/// The report for people: one line of figures, then what was wrong.
fn text(read: &Report, stored: &ImportReport, verbose: bool) -> String {
    // Documents hold one account or several; lines are rows.
    let rows = match (read.format.is_document(), read.rows) {
        (true, 1) => "entry",
        (true, _) => "entries",
        (false, 1) => "row",
        (false, _) => "rows",
    };
    let events = if stored.counts.added == 1 { "event" } else { "events" };
    let market =
        if read.market.is_accounts() { read.market.venue.to_string() } else { read.market.to_string() };
    let mut text = format!(
        "{}\n  {} of {}, {} to {}\n  {} {rows}: {} accepted, {} skipped, {} rejected\n  {} {events} added, {} already present, {} in conflict\n",
        read.name,
        read.format,
        market,
        read.first_ts,
        read.last_ts,
        read.rows,
        read.accepted,
        read.skipped.total(),
        read.rejected_rows(),
        stored.counts.added,
        stored.counts.already_present,
        stored.counts.conflicts,
    );
    // Writing to a string cannot fail.
    if read.accounts > 0 {
        let kind = match read.format {
            Format::AccountFills => "fill",
            Format::AccountLedger => "transfer",
            _ => "account state",
        };
        let (s, accounts_s) = (plural(read.events), plural(read.accounts));
        let _ = writeln!(text, "  {} {kind}{s} of {} account{accounts_s}", read.events, read.accounts);
    }
    for (count, what) in remarks(read) {
        let _ = writeln!(text, "  {count} {what}");
    }
    for kind in &read.rejected {
        let _ = writeln!(text, "  rejected {} × {} {}", kind.count, kind.column, kind.reason);
        let shown = if verbose { kind.samples.len() } else { 1 };
        for sample in kind.samples.iter().take(shown) {
            let _ = writeln!(text, "    line {}: {}", sample.line, sample.text);
        }
    }
    for damage in &stored.damage {
        let _ = writeln!(text, "  damage met in the store: {damage}");
    }
    text
}

fn plural(count: u64) -> &'static str {
    if count == 1 { "" } else { "s" }
}

fn remarks(read: &Report) -> Vec<(u64, &'static str)> {
    [
        (read.skipped.synthetic, "rows were filled in by the source and skipped"),
        (read.skipped.duplicate, "rows repeat the row before and were skipped"),
        (read.skipped.other_symbol, "rows are about other symbols and were skipped"),
        (
            read.skipped.other_message,
            "documents are about something else than an account's state and were skipped",
        ),
        (read.out_of_order, "rows are out of order and were sorted in"),
        (read.duplicate_ids, "trade ids do not increase"),
        (read.missing_ids, "trade ids are missing"),
    ]
    .into_iter()
    .filter(|(count, _)| *count > 0)
    .collect()
}

/// The report for scripts.
fn document(read: &Report, stored: &ImportReport) -> Value {
    let rejections: Vec<Value> = read
        .rejected
        .iter()
        .map(|kind| {
            let samples: Vec<Value> =
                kind.samples.iter().map(|s| json!({"line": s.line, "text": s.text})).collect();
            json!({
                "column": kind.column, "reason": kind.reason.to_string(), "rows": kind.count, "samples": samples,
            })
        })
        .collect();
    json!({
        "file": read.name,
        "format": read.format.id(),
        "market": read.market.to_string(),
        "first": read.first_ts.to_string(),
        "last": read.last_ts.to_string(),
        "rows": read.rows,
        "accepted": read.accepted,
        "skipped": {
            "synthetic": read.skipped.synthetic,
            "duplicate": read.skipped.duplicate,
            "other_symbol": read.skipped.other_symbol,
            "other_message": read.skipped.other_message,
        },
        "accounts": read.accounts,
        "rejected": read.rejected_rows(),
        "rejections": rejections,
        "out_of_order": read.out_of_order,
        "duplicate_ids": read.duplicate_ids,
        "missing_ids": read.missing_ids,
        "events": {
            "added": stored.counts.added,
            "already_present": stored.counts.already_present,
            "conflicts": stored.counts.conflicts,
        },
    })
}
