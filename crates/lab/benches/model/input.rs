//! Synthetic markets as files: their events, and the state that each of our models comes to.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use liqlens_bench::Failure;
use liqlens_engine::Market;
use liqlens_lab::synthetic::PrintFeed;
use liqlens_lab::{Synthetic, World, roster_model};
use liqlens_market::{Event, EventBody, Instrument, MarketId};

/// The worlds measured: the ordinary one, and the one whose price moves most and so occupies most levels.
pub(crate) const WORLDS: [World; 2] = [World::Default, World::Alt];
/// Models of which the state is written down.
const OURS: [&str; 2] = ["m1", "m2"];
const SEED: u64 = 1;

/// What a market's file holds.
pub(crate) struct Written {
    pub(crate) events: u64,
    pub(crate) bars: u64,
    pub(crate) prints: u64,
}

/// Makes a market with every liquidation reported, and writes its events and the states of our models.
pub(crate) fn write(world: World, days: u32, folder: &Path) -> Result<Written, Failure> {
    let mut synthetic = Synthetic::new(world, SEED, days)?;
    let mut markets = OURS.map(market).into_iter().collect::<Result<Vec<_>, _>>()?;
    let mut file = BufWriter::new(File::create(events_file(world, folder))?);
    let mut written = Written { events: 0, bars: 0, prints: 0 };
    for minute in synthetic.by_ref() {
        for event in minute.events(PrintFeed::Full) {
            file.write_all(&postcard::to_stdvec(&event)?)?;
            written.events += 1;
            written.bars += u64::from(matches!(event.body, EventBody::Bar(_)));
            written.prints += u64::from(matches!(event.body, EventBody::Liquidation(_)));
            for market in &mut markets {
                market.step(&event);
            }
        }
    }
    file.flush()?;
    for (model, market) in OURS.iter().zip(&markets) {
        fs::write(state_file(world, model, folder), market.snapshot()?)?;
    }
    Ok(written)
}

/// Writes the events of a market with every liquidation reported, and nothing else. Returns their number.
pub(crate) fn write_events(world: World, days: u32, path: &Path) -> Result<u64, Failure> {
    let mut file = BufWriter::new(File::create(path)?);
    let mut events = 0;
    for minute in Synthetic::new(world, SEED, days)? {
        for event in minute.events(PrintFeed::Full) {
            file.write_all(&postcard::to_stdvec(&event)?)?;
            events += 1;
        }
    }
    file.flush()?;
    Ok(events)
}

/// A market without history under the model of a name.
pub(crate) fn market(model: &str) -> Result<Market, Failure> {
    let id: MarketId = "binance:BTCUSDT".parse()?;
    let table = liqlens_margin::table(&id, liqlens_lab::synthetic::START)?.table.clone();
    let instrument = Instrument::from_market(id)?;
    let model = roster_model(model, &instrument, &table).ok_or("no such model")??;
    Ok(Market::new(instrument, model))
}

/// The events of a world, to be read one by one.
pub(crate) fn events(world: World, folder: &Path) -> Result<Vec<u8>, Failure> {
    Ok(fs::read(events_file(world, folder))?)
}

/// Takes the next event off the front; `None` at the end.
pub(crate) fn next_event(bytes: &mut &[u8]) -> Result<Option<Event>, Failure> {
    if bytes.is_empty() {
        return Ok(None);
    }
    let (event, rest) = postcard::take_from_bytes(bytes)?;
    *bytes = rest;
    Ok(Some(event))
}

/// The state of one of our models at the end of a world.
pub(crate) fn state(world: World, model: &str, folder: &Path) -> Result<Market, Failure> {
    Ok(Market::resume(&fs::read(state_file(world, model, folder))?)?)
}

fn events_file(world: World, folder: &Path) -> PathBuf {
    folder.join(format!("{world}.events"))
}

fn state_file(world: World, model: &str, folder: &Path) -> PathBuf {
    folder.join(format!("{world}-{model}.state"))
}
