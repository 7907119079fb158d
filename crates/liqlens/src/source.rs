//! Where events come from: the sample bundled with the program, a data directory, or an archive.

use std::collections::BTreeMap;
use std::path::Path;

use liqlens_files::{Options, bundled, collect_bytes};
use liqlens_market::{
    BarSource, Event, EventBody, Instrument, Log, MarketId, Step, Symbol, Timestamp, Venue,
};
use liqlens_store::{Archive, ArchiveLog, Channel, ChannelInfo, Events, Store, StoreError};

use crate::failure::{Exit, Failure, path_text};

/// Something that holds the events of markets.
pub(crate) enum Source {
    /// The bundled sample: one market.
    Bundled {
        /// The market.
        instrument: Box<Instrument>,
        /// Its events in log order.
        events: Vec<Event>,
    },
    /// A data directory.
    Stored(Store),
    /// An archive.
    Archived(Archive),
}

/// When public accounts were known to hold a market.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Held {
    /// First moment.
    pub(crate) first: Timestamp,
    /// Last moment.
    pub(crate) last: Timestamp,
}

/// A market's events in log order.
pub(crate) enum Feed<'a> {
    /// From memory, known until a moment.
    Bundled {
        /// The events not yet taken.
        events: std::slice::Iter<'a, Event>,
        /// Last moment of interest.
        until: Timestamp,
    },
    /// From a data directory.
    Stored(Box<Events>),
    /// From an archive.
    Archived(Box<ArchiveLog>),
}

impl Source {
    /// Opens the data directory or archive, or the bundled sample.
    pub(crate) fn open(data: Option<&Path>) -> Result<Self, Failure> {
        let Some(directory) = data else { return bundled_sample() };
        let store = Store::open(directory).map(Self::Stored);
        let opened = match store {
            Err(StoreError::NotAStore(_)) => Archive::open(directory).map(Self::Archived),
            other => other,
        };
        opened.map_err(|error| match error {
            StoreError::NotAnArchive(_) => Failure::new(
                Exit::NoData,
                "no-data-directory",
                format!("{} is not a data directory.", path_text(directory)),
                "It does not exist or was not written by liqlens.",
                "Make one with `liqlens import FILE --data DIR`, or leave --data away for the sample.",
            ),
            other => storage(&other),
        })
    }

    /// The markets and logs of accounts held on disk, in order.
    pub(crate) fn logs(&self) -> Result<Vec<MarketId>, Failure> {
        match self {
            Self::Bundled { .. } => Ok(Vec::new()),
            Self::Stored(store) => store.markets().map_err(|error| storage(&error)),
            Self::Archived(archive) => archive.markets().map_err(|error| storage(&error)),
        }
    }

    /// What is held on disk of a market.
    fn channels(&self, market: &MarketId) -> Result<Vec<ChannelInfo>, Failure> {
        match self {
            Self::Bundled { .. } => Ok(Vec::new()),
            Self::Stored(store) => store.channels(market).map_err(|error| storage(&error)),
            Self::Archived(archive) => archive.channels(market).map_err(|error| storage(&error)),
        }
    }

    /// The markets held, in a fixed order. Markets whose contract cannot be told from their name are left
    /// out: nothing could be said about them. Logs of accounts are no markets; see [`Source::held`].
    pub(crate) fn markets(&self) -> Result<Vec<Instrument>, Failure> {
        match self {
            Self::Bundled { instrument, .. } => Ok(vec![(**instrument).clone()]),
            Self::Stored(_) | Self::Archived(_) => {
                let tradable = self.logs()?.into_iter().filter(|market| !market.is_accounts());
                Ok(tradable.filter_map(|market| Instrument::from_market(market).ok()).collect())
            }
        }
    }

    /// The markets that public accounts hold or trade, of one venue or of all, with the first and the last
    /// moment at which one was known to. Reads the account logs from end to end.
    pub(crate) fn held(&self, venue: Option<Venue>) -> Result<BTreeMap<MarketId, Held>, Failure> {
        let logs = self.logs()?;
        let mut held = BTreeMap::new();
        for log in logs.into_iter().filter(|log| log.is_accounts() && venue.is_none_or(|v| v == log.venue)) {
            for event in self.events(&log, Timestamp::LATEST)? {
                let mut see = |symbol: &Symbol| {
                    let market = MarketId { venue: log.venue, symbol: symbol.clone() };
                    let known = event.known_ts;
                    held.entry(market).or_insert(Held { first: known, last: known }).last = known;
                };
                match &event.body {
                    EventBody::Account(state) => state.positions.iter().for_each(|p| see(&p.symbol)),
                    EventBody::AccountFill(fill) => see(&fill.symbol),
                    _ => {}
                }
            }
        }
        Ok(held)
    }

    /// A market's events known until `until`, inclusive.
    pub(crate) fn events(&self, market: &MarketId, until: Timestamp) -> Result<Feed<'_>, Failure> {
        match self {
            Self::Bundled { instrument, events } => {
                let events: &[Event] = if instrument.market == *market { events } else { &[] };
                Ok(Feed::Bundled { events: events.iter(), until })
            }
            Self::Stored(store) => {
                let events = store.events(market, Some(until)).map_err(|error| storage(&error))?;
                Ok(Feed::Stored(Box::new(events)))
            }
            Self::Archived(archive) => {
                let log =
                    archive.log(market, Timestamp::EARLIEST..=until).map_err(|error| storage(&error))?;
                Ok(Feed::Archived(Box::new(log)))
            }
        }
    }

    /// Newest moment at which both price and open interest are known – the older of the two newest ones –
    /// or `None` if either is absent.
    pub(crate) fn newest(&self, market: &MarketId) -> Result<Option<Timestamp>, Failure> {
        let (mut price, mut open_interest) = (None, None);
        match self {
            Self::Bundled { .. } => {
                for event in self.events(market, Timestamp::LATEST)? {
                    if let Some(need) = Need::of(&event.body) {
                        *need.pick(&mut price, &mut open_interest) = Some(event.known_ts);
                    }
                }
            }
            Self::Stored(_) | Self::Archived(_) => {
                for info in self.channels(market)? {
                    if let Some(need) = Need::of_channel(info.channel) {
                        let newest = need.pick(&mut price, &mut open_interest);
                        *newest = (*newest).max(Some(info.last_known_ts));
                    }
                }
            }
        }
        Ok(price.zip(open_interest).map(|(price, open_interest)| price.min(open_interest)))
    }

    /// First moment at which both price and open interest are known.
    pub(crate) fn first(&self, market: &MarketId) -> Result<Option<Timestamp>, Failure> {
        let (mut price, mut open_interest) = (None, None);
        for event in self.events(market, Timestamp::LATEST)? {
            if let Some(need) = Need::of(&event.body) {
                need.pick(&mut price, &mut open_interest).get_or_insert(event.known_ts);
            }
            if let (Some(price), Some(open_interest)) = (price, open_interest) {
                return Ok(Some(Timestamp::max(price, open_interest)));
            }
        }
        Ok(None)
    }
}

/// The two kinds of data without which there is no map.
#[derive(Clone, Copy)]
enum Need {
    Price,
    OpenInterest,
}

impl Need {
    fn of(body: &EventBody) -> Option<Self> {
        match body {
            EventBody::Price(_) | EventBody::Trade(_) => Some(Self::Price),
            EventBody::Bar(bar) if bar.source != BarSource::Index => Some(Self::Price),
            EventBody::OpenInterest(_) => Some(Self::OpenInterest),
            _ => None,
        }
    }

    fn of_channel(channel: Channel) -> Option<Self> {
        match channel {
            Channel::Price | Channel::Trade | Channel::Bar(BarSource::Mark | BarSource::Trades, _) => {
                Some(Self::Price)
            }
            Channel::OpenInterest => Some(Self::OpenInterest),
            _ => None,
        }
    }

    fn pick<'a, T>(self, price: &'a mut T, open_interest: &'a mut T) -> &'a mut T {
        match self {
            Self::Price => price,
            Self::OpenInterest => open_interest,
        }
    }
}

impl Feed<'_> {
    /// Parts of the data that could not be read, complete once the feed has ended.
    pub(crate) fn damage(&self) -> Vec<String> {
        match self {
            Self::Bundled { .. } => Vec::new(),
            Self::Stored(events) => events.damage().iter().map(ToString::to_string).collect(),
            Self::Archived(log) => log.damage().iter().map(ToString::to_string).collect(),
        }
    }
}

impl Iterator for Feed<'_> {
    type Item = Event;

    fn next(&mut self) -> Option<Event> {
        match self {
            Self::Bundled { events, until } => {
                events.next().filter(|event| event.known_ts <= *until).cloned()
            }
            Self::Stored(events) => events.next(),
            Self::Archived(log) => log.next(),
        }
    }
}

impl Log for Feed<'_> {
    fn next_known(&mut self, until: Timestamp) -> Option<Step<'_>> {
        match self {
            Self::Bundled { events, until: last } => {
                let head = events.as_slice().first();
                head.filter(|event| event.known_ts <= until && event.known_ts <= *last)?;
                events.next().cloned().map(Step::Event)
            }
            Self::Stored(events) => events.next_known(until),
            Self::Archived(log) => log.next_known(until),
        }
    }
}

/// What the store said, as a failure. Its messages already name the thing and the remedy.
pub(crate) fn storage(error: &StoreError) -> Failure {
    let text = error.to_string();
    let (what, hint) = text.rsplit_once("; ").unwrap_or((&text, "check the data directory and its disk"));
    Failure::new(
        Exit::Storage,
        "storage",
        "The data directory could not be used.",
        sentence(what),
        sentence(hint),
    )
}

/// A clause as a sentence: capital first, unless it starts with a name (`day.csv`, `binance:BTCUSDT`),
/// full stop last.
pub(crate) fn sentence(clause: &str) -> String {
    let clause = clause.trim_end_matches('.');
    let name = clause.split(' ').next().is_some_and(|word| !word.chars().all(char::is_alphabetic));
    let mut chars = clause.chars();
    match chars.next() {
        Some(_) if name => format!("{clause}."),
        Some(first) => format!("{}{}.", first.to_uppercase(), chars.as_str()),
        None => String::new(),
    }
}

fn bundled_sample() -> Result<Source, Failure> {
    let damaged =
        |error: &dyn std::fmt::Display| Failure::internal("The bundled sample cannot be read.", error);
    let mut market: Option<MarketId> = None;
    let mut events: Vec<Event> = Vec::new();
    for file in bundled::FILES {
        let (report, more) =
            collect_bytes(file.name, file.bytes, &Options::default()).map_err(|error| damaged(&error))?;
        market.get_or_insert(report.market);
        events.extend(more);
    }
    // Stable: events that compare equal stay in the order of the files.
    events.sort_by(Event::log_order);
    let market = market.ok_or_else(|| damaged(&"it holds no file"))?;
    let instrument = Instrument::from_market(market).map_err(|error| damaged(&error))?;
    Ok(Source::Bundled { instrument: Box::new(instrument), events })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_answers_from_its_first_open_interest_to_its_last_minute() {
        let source = Source::open(None).unwrap();
        let market = source.markets().unwrap().remove(0).market;
        // Stated by the files' own names and first rows: open interest starts 2025-12-01, the
        // one-minute feed ends with the day 2026-03-20.
        assert_eq!(source.first(&market).unwrap().unwrap().date(), "2025-12-01");
        assert_eq!(source.newest(&market).unwrap().unwrap().date(), "2026-03-20");
        let until = Timestamp::parse_text("2026-01-01").unwrap();
        assert!(source.events(&market, until).unwrap().all(|event| event.known_ts <= until));
    }

    #[test]
    fn clauses_become_sentences() {
        assert_eq!(sentence("wait until it has finished"), "Wait until it has finished.");
        assert_eq!(sentence("Done."), "Done.");
        assert_eq!(sentence("day.csv does not exist"), "day.csv does not exist.");
        assert_eq!(sentence(""), "");
    }
}
