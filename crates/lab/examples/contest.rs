//! Scores the models against what was liquidated, on the bundled days or on a synthetic world.
//!
//! ```text
//! cargo run --release -p liqlens-lab --example contest -- real [--from DAY] [--score DAY] [--to DAY]
//! cargo run --release -p liqlens-lab --example contest -- world NAME [--days N] [--seed S] [--skip N]
//! ```
//! Both take `--cells auto|bins|minutes`, `--weights auto|prints|contracts` and `--background swept|touched`.
#![allow(clippy::print_stdout, clippy::print_stderr)] // tables for the reader are what this program is for

use std::error::Error;

use liqlens_engine::Market;
use liqlens_files::{Options, bundled, collect_bytes};
use liqlens_lab::contest::{Background, Cells, Contest, Contestant, Horizon, Settings, Weights, markdown};
use liqlens_lab::synthetic::{PrintFeed, START, Synthetic, World};
use liqlens_lab::{Baseline, ROSTER, roster_model};
use liqlens_market::{Event, Instrument, MarginTable, MarketId, Side, Span, Timestamp};
use liqlens_model::LogGrid;

type Failure = Box<dyn Error>;

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let options = arguments.get(1..).unwrap_or_default();
    match arguments.first().map(String::as_str) {
        Some("real") => real(options),
        Some("world") => world(options),
        _ => Err("say `real` or `world NAME`".into()),
    }
}

fn option<'a>(options: &'a [String], name: &str) -> Option<&'a str> {
    let at = options.iter().position(|one| one == name)?;
    options.get(at + 1).map(String::as_str)
}

fn number(options: &[String], name: &str, default: u32) -> Result<u32, Failure> {
    Ok(option(options, name).map_or(Ok(default), str::parse)?)
}

fn day(options: &[String], name: &str, default: &str) -> Result<Timestamp, Failure> {
    Ok(Timestamp::parse_text(option(options, name).unwrap_or(default))?)
}

fn contestants(instrument: &Instrument, table: &MarginTable) -> Result<Vec<Contestant>, Failure> {
    let mut all = Vec::new();
    for name in ROSTER {
        let model = roster_model(name, instrument, table).ok_or("a name of the roster")??;
        all.push(Contestant::market(name, Market::new(instrument.clone(), model)));
    }
    Ok(all)
}

fn settings(options: &[String], mut settings: Settings) -> Result<Settings, Failure> {
    settings.baselines = Baseline::ALL.map(|baseline| baseline.id().to_owned()).to_vec();
    settings.cells = match option(options, "--cells") {
        None | Some("auto") => Cells::Auto,
        Some("bins") => Cells::Bins,
        Some("minutes") => Cells::Minutes,
        Some(other) => return Err(format!("no such cells: {other}").into()),
    };
    settings.weights = match option(options, "--weights") {
        None | Some("auto") => Weights::Auto,
        Some("prints") => Weights::Prints,
        Some("contracts") => Weights::Contracts,
        Some(other) => return Err(format!("no such weights: {other}").into()),
    };
    settings.background = match option(options, "--background") {
        None | Some("swept") => Background::Swept,
        Some("touched") => Background::Touched,
        Some(other) => return Err(format!("no such background: {other}").into()),
    };
    Ok(settings)
}

/// The bundled days: models warm up on coarse data, heads calibrate on the first day.
fn real(options: &[String]) -> Result<(), Failure> {
    let mut events = Vec::new();
    for file in bundled::FILES {
        events.extend(collect_bytes(file.name, file.bytes, &Options::default())?.1);
    }
    events.sort_by(Event::log_order);
    let market: MarketId = "binance:BTCUSDT".parse()?;
    let from = day(options, "--from", "2026-03-15")?;
    let table = liqlens_margin::table(&market, from)?;
    let instrument = Instrument::from_market(market)?;

    let mut settings = settings(options, Settings::sample(from))?;
    settings.score_from = Some(day(options, "--score", "2026-03-16")?);
    settings.until = Some(day(options, "--to", "2026-03-21")?);
    let mut contest = Contest::new(contestants(&instrument, &table.table)?, settings)?;
    for event in &events {
        contest.step(event);
    }
    println!("{}", markdown(&contest.finish()?));
    Ok(())
}

/// A world: its true map takes part as well.
fn world(options: &[String]) -> Result<(), Failure> {
    let name: World = options.first().ok_or("name a world")?.parse()?;
    let days = number(options, "--days", 90)?;
    let seed = number(options, "--seed", 1)?;
    let skip = number(options, "--skip", 40)?;
    let mut synthetic = Synthetic::new(name, u64::from(seed), days)?;
    let mut all = contestants(synthetic.instrument(), synthetic.margin_table())?;
    let truth = all.len();
    all.push(Contestant::given("truth"));

    let mut settings = settings(options, Settings::history(START + Span::DAY))?;
    let scored = START + Span::DAY.times(i64::from(skip));
    settings.score_from = Some(scored);
    // The true map is laid out anew for every issue; one a minute would cost more than the models do.
    settings.horizons = Horizon::PROTOCOL[1..].to_vec();
    let mut contest = Contest::new(all, settings)?;
    while let Some(minute) = synthetic.next() {
        for event in minute.events(PrintFeed::Full) {
            contest.step(&event);
        }
        let now = synthetic.now();
        if contest.is_due(now) {
            let maps = Side::BOTH.map(|side| synthetic.truth().map(side, LogGrid::STANDARD));
            for map in &maps {
                contest.give(truth, map.side, map.first, &map.contracts);
            }
            if now >= scored && now.floor(Span::HOUR.times(6)) == now {
                contest.compare(maps.each_ref().map(|map| (map.first, map.contracts.as_slice())))?;
            }
        }
    }
    println!("{}", markdown(&contest.finish()?));
    Ok(())
}
