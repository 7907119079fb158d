//! `liqlens export`: a data directory, or the bundled sample, as an archive of Parquet files.

use std::fmt::Write as _;
use std::ops::RangeInclusive;
use std::path::Path;

use liqlens_ask::request::{SymbolQuery, moment};
use liqlens_ask::{Failure, Kind, Source, SourceKind, path_text, quoted, sentence, storage};
use liqlens_market::{MarketId, Timestamp};
use liqlens_store::{Archive, Damage, DamageReason, Day, Export, ExportReport, StoreError};
use serde_json::{Value, json};

use crate::app::{App, print};
use crate::cli::{ExportArgs, Global};
use crate::progress::Progress;

pub(crate) fn run(app: &App, global: &Global, args: &ExportArgs) -> Result<(), Failure> {
    let days = days(app, args)?;
    let source = Source::open(global.data.as_deref())?;
    if let SourceKind::Archived(archive) = source.kind() {
        return Err(Failure::usage(
            "data-is-archive",
            format!("{} is an archive already.", path_text(archive.directory())),
            "Archives are written from data directories.",
            "Copy its files, or name a data directory with --data DIR.",
        ));
    }
    let markets = markets(&source, &args.symbols)?;
    let archive = Archive::create(&args.output).map_err(|error| refused(&error))?;
    let mut export = archive.begin_export().map_err(|error| refused(&error))?;
    for market in &markets {
        write(app, &source, market, &days, &mut export)?;
    }
    let report = export.finish().map_err(|error| refused(&error))?;
    if report.channels.is_empty() {
        return Err(Failure::new(
            Kind::NoData,
            "nothing-to-export",
            "Nothing was exported.",
            "The data hold no event of these markets and days.",
            "Leave --from and --to away, or import the days first.",
        ));
    }
    let losses: Vec<&Damage> = report.damage.iter().filter(|damage| is_loss(damage)).collect();
    for damage in &report.damage {
        app.note(&format!("warning: {damage}"));
    }
    if app.json {
        print(&super::json(&document(&args.output, &report, losses.is_empty()))?)?;
    } else {
        print(text(&args.output, &report, losses.is_empty()).as_bytes())?;
    }
    if losses.is_empty() {
        return Ok(());
    }
    Err(Failure::new(
        Kind::Storage,
        "export-incomplete",
        "The archive is incomplete, and says so to whoever reads it.",
        format!("Events were lost to damage in {} places of the data directory.", losses.len()),
        "Import the files of these days again, then export again.",
    )
    .after_answer())
}

/// The days asked for.
fn days(app: &App, args: &ExportArgs) -> Result<RangeInclusive<Day>, Failure> {
    let day = |text: &Option<String>, default: Timestamp| {
        text.as_ref().map_or(Ok(default), |text| moment(text, app.now)).map(Day::of)
    };
    let days = day(&args.from, Timestamp::EARLIEST)?..=day(&args.to, Timestamp::LATEST)?;
    if days.is_empty() {
        return Err(Failure::usage(
            "range-empty",
            "The export would have no day.",
            format!("It starts on {} and ends on {}.", days.start(), days.end()),
            "Let --from be before --to.",
        ));
    }
    Ok(days)
}

/// The markets asked for, and the logs of their venues' public accounts, without which measured maps of
/// them would have no positions.
fn markets(source: &Source, symbols: &[String]) -> Result<Vec<MarketId>, Failure> {
    let logs = match source.kind() {
        SourceKind::Bundled { instrument, .. } => vec![instrument.market.clone()],
        _ => source.logs()?,
    };
    if symbols.is_empty() {
        return Ok(logs);
    }
    let instruments = source.markets()?;
    let mut wanted = Vec::new();
    for symbol in symbols {
        let found = SymbolQuery::parse(symbol)?.find(instruments)?;
        wanted.extend(instruments.get(found.index).map(|instrument| instrument.market.clone()));
    }
    let accounts: Vec<MarketId> = wanted.iter().map(|market| MarketId::accounts(market.venue)).collect();
    wanted.extend(accounts.into_iter().filter(|log| logs.contains(log)));
    wanted.sort();
    wanted.dedup();
    Ok(wanted)
}

/// Writes one market.
fn write(
    app: &App,
    source: &Source,
    market: &MarketId,
    days: &RangeInclusive<Day>,
    export: &mut Export,
) -> Result<(), Failure> {
    let mut progress = Progress::start(app);
    let mut count = 0u64;
    let tell = |known_ts: Timestamp| {
        count += 1;
        if count.is_multiple_of(65_536) {
            progress.tell(|| format!("writing {market}, {}, {count} events", known_ts.date()));
        }
    };
    let written = match source.kind() {
        SourceKind::Bundled { events, .. } => export.events(market, events.iter().cloned(), days, tell),
        SourceKind::Stored(store) => export.market(store, market, days, tell),
        SourceKind::Archived(_) => Ok(()),
    };
    written.map_err(|error| refused(&error))
}

/// Whether events are missing because of it.
fn is_loss(damage: &Damage) -> bool {
    damage.reason != DamageReason::Foreign && damage.events_lost != Some(0)
}

/// What the store said, as a failure.
fn refused(error: &StoreError) -> Failure {
    match error {
        StoreError::NoRoomForArchive(directory) => Failure::usage(
            "not-an-archive",
            format!("{} is not an archive.", quoted(&directory.to_string_lossy())),
            "It holds other files, among which an archive would be hard to tell apart.",
            "Name a new or empty directory, or an archive written before.",
        ),
        other => Failure { what: sentence("the archive could not be written"), ..storage(other) },
    }
}

/// The report for people: a line for each channel.
fn text(archive: &Path, report: &ExportReport, complete: bool) -> String {
    let mut text = String::new();
    let mut last = None;
    // Writing to a string cannot fail.
    for ((market, channel), counts) in &report.channels {
        if last != Some(market) {
            let _ = writeln!(text, "{market}");
            last = Some(market);
        }
        let _ = writeln!(
            text,
            "  {channel}: {}, {}, {}",
            number(counts.days, "day"),
            number(counts.events, "event"),
            size(counts.bytes)
        );
    }
    let total = report.total();
    let unchanged = total.days - total.days_written;
    let _ = writeln!(
        text,
        "{}{}: {} written, {unchanged} unchanged; {}, {}",
        archive.display(),
        if complete { "" } else { " (incomplete)" },
        number(total.days_written, "file"),
        number(total.events, "event"),
        size(total.bytes)
    );
    text
}

fn number(count: u64, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// Bytes in the unit people would choose.
fn size(bytes: u64) -> String {
    match bytes {
        0..10_000 => format!("{bytes} bytes"),
        10_000..10_000_000 => format!("{} kB", bytes / 1_000),
        _ => format!("{} MB", bytes / 1_000_000),
    }
}

/// The report for scripts.
fn document(archive: &Path, report: &ExportReport, complete: bool) -> Value {
    let total = report.total();
    let channels: Vec<Value> = report
        .channels
        .iter()
        .map(|((market, channel), counts)| {
            json!({
                "market": market.to_string(),
                "channel": channel.to_string(),
                "days": counts.days,
                "days_written": counts.days_written,
                "events": counts.events,
                "bytes": counts.bytes,
            })
        })
        .collect();
    let damage: Vec<Value> = report
        .damage
        .iter()
        .map(|damage| {
            json!({
                "file": damage.path.to_string_lossy(),
                "reason": damage.reason.to_string(),
                "events_lost": damage.events_lost,
                "from": damage.from.to_string(),
                "to": damage.to.to_string(),
            })
        })
        .collect();
    json!({
        "schema": "export/1",
        "archive": archive.to_string_lossy(),
        "complete": complete,
        "channels": channels,
        "days": total.days,
        "days_written": total.days_written,
        "events": total.events,
        "bytes": total.bytes,
        "damage": damage,
    })
}
