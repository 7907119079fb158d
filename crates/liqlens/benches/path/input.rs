//! What the tasks read: files of trades, plain and zipped, with open interest; and a synthetic market.

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use liqlens_bench::{Failure, Input};
use liqlens_files::{Options, read_path};
use liqlens_lab::synthetic::PrintFeed;
use liqlens_lab::{Synthetic, World};
use liqlens_market::{Event, EventBody, MarketId, Timestamp};
use liqlens_store::{Archive, Day};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use crate::{bars, generator, live, markets, readers};

/// Rows of trades, full and short.
const ROWS: [i64; 2] = [2_000_000, 20_000];
/// Days of the synthetic market, full and short.
const WORLD_DAYS: [u32; 2] = [30, 1];
/// Files in the folder.
const TRADES: &str = "trades.list";
const WORLD: &str = "world.events";
const ARCHIVE: &str = "archive";

/// Trades to be read.
pub(crate) struct Trades {
    pub(crate) market: MarketId,
    pub(crate) rows: u64,
    /// Plain and zipped, the same rows.
    pub(crate) csv: Vec<PathBuf>,
    pub(crate) zip: Vec<PathBuf>,
    /// A folder with the same rows and the open interest until the last of them.
    pub(crate) archive: PathBuf,
    pub(crate) open_interest: Vec<Event>,
}

/// Writes what the chosen tasks read.
pub(crate) fn prepare(input: &Input) -> Result<String, Failure> {
    let mut noted = Vec::new();
    if input.is_for(&live::OF_WORLD) {
        let events = write_world(input)?;
        noted.push(format!("{events} events of a synthetic market"));
    }
    if input.is_for(&bars::IDS) {
        bars::write(input)?;
    }
    let without_trades = [&live::OF_WORLD[..], &bars::IDS, &markets::IDS].concat();
    if input.is_for_any_but(&without_trades) {
        noted.push(write_trades(input)?);
    }
    if input.is_for(&readers::OF_ARCHIVE) {
        noted.push(write_archive(&trades(input)?)?);
    }
    Ok(noted.join("; "))
}

/// What [`prepare`] wrote or found.
pub(crate) fn trades(input: &Input) -> Result<Trades, Failure> {
    let list = fs::read_to_string(input.file(TRADES))?;
    let mut lines = list.lines();
    let rows = lines.next().ok_or("an empty list of files")?.parse()?;
    let (csv, zip): (Vec<PathBuf>, _) = lines.map(PathBuf::from).partition(|path| is(path, "csv"));
    let first = csv.first().ok_or("no file of trades")?;
    let (market, start) = named(first)?;
    let open_interest = match &input.data {
        Some(folder) => recorded_open_interest(folder)?,
        None => Vec::new(),
    };
    let open_interest = if open_interest.is_empty() {
        generator::open_interest(7, start.millis(), i64::try_from(csv.len())? * 31)?
    } else {
        open_interest
    };
    Ok(Trades { market, rows, csv, zip, archive: input.file(ARCHIVE), open_interest })
}

/// The events of the synthetic market, one after the other.
pub(crate) fn world(input: &Input) -> Result<impl Iterator<Item = Result<Event, Failure>>, Failure> {
    let bytes = fs::read(input.file(WORLD))?;
    let mut at = 0;
    Ok(std::iter::from_fn(move || {
        let rest = bytes.get(at..).filter(|rest| !rest.is_empty())?;
        Some(match postcard::take_from_bytes(rest) {
            Ok((event, later)) => {
                at = bytes.len() - later.len();
                Ok(event)
            }
            Err(error) => {
                at = bytes.len();
                Err(error.into())
            }
        })
    }))
}

fn write_world(input: &Input) -> Result<u64, Failure> {
    let mut file = BufWriter::new(File::create(input.file(WORLD))?);
    let mut events = 0;
    for minute in Synthetic::new(World::Default, 1, input.full_or(WORLD_DAYS[0], WORLD_DAYS[1]))? {
        for event in minute.events(PrintFeed::Full) {
            file.write_all(&postcard::to_stdvec(&event)?)?;
            events += 1;
        }
    }
    file.flush()?;
    Ok(events)
}

/// Makes the files of trades or finds recorded ones, makes sure that each is there plain and zipped, and
/// lists them.
fn write_trades(input: &Input) -> Result<String, Failure> {
    let found = if let Some(folder) = &input.data {
        recorded(folder, "-aggTrades-")?
    } else {
        let path = input.file(generator::TRADES_FILE);
        generator::write_agg_trades(&path, input.rows.unwrap_or(input.full_or(ROWS[0], ROWS[1])))?;
        vec![path]
    };
    let (mut rows, mut bytes, mut zipped_bytes, mut list) = (0, 0, 0, Vec::new());
    for path in found {
        let name = PathBuf::from(path.file_name().ok_or("a file without a name")?);
        let (csv, zip) = if is(&path, "csv") {
            let zip = input.file(name.with_extension("zip"));
            compress(&path, &zip)?;
            (path, zip)
        } else {
            let csv = input.file(name.with_extension("csv"));
            io::copy(&mut ZipArchive::new(File::open(&path)?)?.by_index(0)?, &mut File::create(&csv)?)?;
            (csv, path)
        };
        rows += data_rows(&csv)?;
        bytes += fs::metadata(&csv)?.len();
        zipped_bytes += fs::metadata(&zip)?.len();
        list.extend([csv, zip].map(|path| path.display().to_string()));
    }
    list.sort();
    fs::write(input.file(TRADES), format!("{rows}\n{}\n", list.join("\n")))?;
    let source = if input.data.is_some() { "recorded" } else { "generated" };
    Ok(format!(
        "{rows} {source} aggregate trades, {:.1} MB plain and {:.1} MB zipped",
        bytes as f64 / 1e6,
        zipped_bytes as f64 / 1e6
    ))
}

/// Brings the trades and their open interest into an archive.
fn write_archive(trades: &Trades) -> Result<String, Failure> {
    match fs::remove_dir_all(&trades.archive) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
        _ => {}
    }
    let mut export = Archive::create(&trades.archive)?.begin_export()?;
    let mut events = Vec::new();
    for file in &trades.csv {
        read_path(file, &Options::default(), |event: Event| events.push(event))?;
    }
    let last = events.last().map(|event| event.known_ts);
    let known = |reading: &&Event| Some(reading.known_ts) <= last;
    events.extend(trades.open_interest.iter().filter(known).cloned());
    let first = events.iter().map(|event| event.known_ts).min().ok_or("no trades")?;
    let days = Day::of(first)..=Day::of(last.ok_or("no trades")?);
    export.events(&trades.market, events, &days, |_| {})?;
    Ok(format!("{:.1} MB archived", export.finish()?.total().bytes as f64 / 1e6))
}

/// Files of a kind in a folder, plain or zipped, in the order of their names.
fn recorded(folder: &Path, kind: &str) -> Result<Vec<PathBuf>, Failure> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let named = path.file_name().is_some_and(|name| name.to_string_lossy().contains(kind));
        if named && (is(&path, "csv") || is(&path, "zip")) {
            found.push(path);
        }
    }
    found.sort();
    // Where a day is there in both forms, the zipped one is enough.
    let zips: Vec<PathBuf> = found.iter().filter(|path| is(path, "zip")).cloned().collect();
    found.retain(|path| is(path, "zip") || !zips.contains(&path.with_extension("zip")));
    Ok(found)
}

fn recorded_open_interest(folder: &Path) -> Result<Vec<Event>, Failure> {
    let mut events = Vec::new();
    for path in recorded(folder, "-metrics-")? {
        read_path(&path, &Options::default(), |event: Event| {
            if matches!(event.body, EventBody::OpenInterest(_)) {
                events.push(event);
            }
        })?;
    }
    events.sort_by(Event::log_order);
    Ok(events)
}

/// The market and the day in `BTCUSDT-aggTrades-2026-03-20.csv`, or the month in `…-2026-03.csv`.
fn named(path: &Path) -> Result<(MarketId, Timestamp), Failure> {
    let stem = path.file_stem().ok_or("a file without a name")?.to_string_lossy();
    let (symbol, rest) = stem.split_once("-aggTrades-").ok_or("not named as the venue names its files")?;
    let day = if rest.len() == 7 { format!("{rest}-01") } else { rest.to_owned() };
    Ok((format!("binance:{symbol}").parse()?, Timestamp::parse_text(&day)?))
}

fn compress(from: &Path, to: &Path) -> Result<(), Failure> {
    let mut zip = ZipWriter::new(BufWriter::new(File::create(to)?));
    let member = from.file_name().ok_or("a file without a name")?.to_string_lossy().into_owned();
    zip.start_file(member, SimpleFileOptions::default())?;
    io::copy(&mut BufReader::with_capacity(1 << 20, File::open(from)?), &mut zip)?;
    zip.finish()?.flush()?;
    Ok(())
}

/// Lines of a file without its head.
fn data_rows(csv: &Path) -> Result<u64, Failure> {
    let mut file = File::open(csv)?;
    let mut buffer = vec![0; 1 << 20];
    let (mut lines, mut first) = (0, 0_u8);
    loop {
        let read = file.read(&mut buffer)?;
        let Some(&byte) = buffer[..read].first() else { break };
        first = if first == 0 { byte } else { first };
        lines += memchr::memchr_iter(b'\n', &buffer[..read]).count();
    }
    Ok(u64::try_from(lines)? - u64::from(first.is_ascii_alphabetic()))
}

fn is(path: &Path, extension: &str) -> bool {
    path.extension().is_some_and(|found| found == extension)
}
