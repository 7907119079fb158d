//! Where events come from: the sample bundled with the program, a data directory, or an archive.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use liqlens_files::{Options, bundled, collect_bytes};
use liqlens_market::{
    BarSource, Event, EventBody, Instrument, Log, MarketId, Step, Symbol, Timestamp, Venue,
};
use liqlens_store::{Archive, ArchiveLog, Channel, ChannelInfo, Events, Store, StoreError};

use crate::failure::{Failure, Kind, path_text};

/// Something that holds the events of markets, and what has been found out about it. Data that are imported while a
/// source is open are not in its answers about markets and moments: open another.
pub struct Source {
    kind: SourceKind,
    markets: OnceLock<Vec<Instrument>>,
    held: Mutex<BTreeMap<Option<Venue>, Arc<HeldMarkets>>>,
    spans: Mutex<BTreeMap<MarketId, Ends>>,
}

/// The markets that public accounts hold or trade.
pub type HeldMarkets = BTreeMap<MarketId, Held>;

/// First and newest moment with price and open interest.
type Ends = (Option<Timestamp>, Option<Timestamp>);

/// Where the events are.
pub enum SourceKind {
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
pub struct Held {
    /// First moment.
    pub first: Timestamp,
    /// Last moment.
    pub last: Timestamp,
}

/// A market's events in log order.
pub enum Feed<'a> {
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
    fn of(kind: SourceKind) -> Self {
        Self { kind, markets: OnceLock::new(), held: Mutex::default(), spans: Mutex::default() }
    }

    /// Where the events are.
    pub const fn kind(&self) -> &SourceKind {
        &self.kind
    }

    /// Opens the data directory or archive, or the bundled sample.
    pub fn open(data: Option<&Path>) -> Result<Self, Failure> {
        let Some(directory) = data else { return Ok(Self::of(bundled_sample()?)) };
        let store = Store::open(directory).map(SourceKind::Stored);
        let opened = match store {
            Err(StoreError::NotAStore(_)) => Archive::open(directory).map(SourceKind::Archived),
            other => other,
        };
        opened.map(Self::of).map_err(|error| match error {
            StoreError::NotAnArchive(_) => Failure::new(
                Kind::NoData,
                "no-data-directory",
                format!("{} is not a data directory.", path_text(directory)),
                "It does not exist or was not written by liqlens.",
                "Make one with `liqlens import FILE --data DIR`, or leave --data away for the sample.",
            ),
            other => storage(&other),
        })
    }

    /// The markets and logs of accounts held on disk, in order.
    pub fn logs(&self) -> Result<Vec<MarketId>, Failure> {
        match &self.kind {
            SourceKind::Bundled { .. } => Ok(Vec::new()),
            SourceKind::Stored(store) => store.markets().map_err(|error| storage(&error)),
            SourceKind::Archived(archive) => archive.markets().map_err(|error| storage(&error)),
        }
    }

    /// What is held on disk of a market.
    fn channels(&self, market: &MarketId) -> Result<Vec<ChannelInfo>, Failure> {
        match &self.kind {
            SourceKind::Bundled { .. } => Ok(Vec::new()),
            SourceKind::Stored(store) => store.channels(market).map_err(|error| storage(&error)),
            SourceKind::Archived(archive) => archive.channels(market).map_err(|error| storage(&error)),
        }
    }

    /// The markets held, in a fixed order. Markets whose contract cannot be told from their name are left
    /// out: nothing could be said about them. Logs of accounts are no markets; see [`Source::held`].
    pub fn markets(&self) -> Result<&[Instrument], Failure> {
        if let Some(markets) = self.markets.get() {
            return Ok(markets);
        }
        let markets = self.read_markets()?;
        Ok(self.markets.get_or_init(|| markets))
    }

    fn read_markets(&self) -> Result<Vec<Instrument>, Failure> {
        match &self.kind {
            SourceKind::Bundled { instrument, .. } => Ok(vec![(**instrument).clone()]),
            SourceKind::Stored(_) | SourceKind::Archived(_) => {
                let tradable = self.logs()?.into_iter().filter(|market| !market.is_accounts());
                Ok(tradable.filter_map(|market| Instrument::from_market(market).ok()).collect())
            }
        }
    }

    /// The markets that public accounts hold or trade, of one venue or of all, with the first and the last
    /// moment at which one was known to. Reads the account logs from end to end.
    pub fn held(&self, venue: Option<Venue>) -> Result<Arc<HeldMarkets>, Failure> {
        let known = lock(&self.held).get(&venue).cloned();
        if let Some(held) = known {
            return Ok(held);
        }
        let held = Arc::new(self.read_held(venue)?);
        lock(&self.held).insert(venue, held.clone());
        Ok(held)
    }

    fn read_held(&self, venue: Option<Venue>) -> Result<BTreeMap<MarketId, Held>, Failure> {
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
    pub fn events(&self, market: &MarketId, until: Timestamp) -> Result<Feed<'_>, Failure> {
        self.events_between(market, Timestamp::EARLIEST, until)
    }

    /// A market's events known from `from` until `until`, both inclusive.
    pub fn events_between(
        &self,
        market: &MarketId,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Feed<'_>, Failure> {
        match &self.kind {
            SourceKind::Bundled { instrument, events } => {
                let events: &[Event] = if instrument.market == *market { events } else { &[] };
                let events = &events[events.partition_point(|event| event.known_ts < from)..];
                Ok(Feed::Bundled { events: events.iter(), until })
            }
            SourceKind::Stored(store) => {
                let events = store.events_between(market, from..=until).map_err(|error| storage(&error))?;
                Ok(Feed::Stored(Box::new(events)))
            }
            SourceKind::Archived(archive) => {
                let log = archive.log(market, from..=until).map_err(|error| storage(&error))?;
                Ok(Feed::Archived(Box::new(log)))
            }
        }
    }

    /// Newest moment at which both price and open interest are known – the older of the two newest ones –
    /// or `None` if either is absent.
    pub fn newest(&self, market: &MarketId) -> Result<Option<Timestamp>, Failure> {
        let known = lock(&self.spans).get(market).and_then(|ends| ends.1);
        if known.is_some() {
            return Ok(known);
        }
        let newest = self.read_newest(market)?;
        lock(&self.spans).entry(market.clone()).or_default().1 = newest;
        Ok(newest)
    }

    fn read_newest(&self, market: &MarketId) -> Result<Option<Timestamp>, Failure> {
        let (mut price, mut open_interest) = (None, None);
        match &self.kind {
            SourceKind::Bundled { .. } => {
                for event in self.events(market, Timestamp::LATEST)? {
                    if let Some(need) = Need::of(&event.body) {
                        *need.pick(&mut price, &mut open_interest) = Some(event.known_ts);
                    }
                }
            }
            SourceKind::Stored(_) | SourceKind::Archived(_) => {
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

    /// When the newest liquidation that a market's venue reported became known.
    pub(crate) fn newest_report(&self, market: &MarketId) -> Result<Option<Timestamp>, Failure> {
        match &self.kind {
            SourceKind::Bundled { .. } => {
                let events = self.events(market, Timestamp::LATEST)?;
                let reports = events.filter(|event| matches!(event.body, EventBody::Liquidation(_)));
                Ok(reports.last().map(|event| event.known_ts))
            }
            SourceKind::Stored(_) | SourceKind::Archived(_) => {
                let channels = self.channels(market)?.into_iter();
                let reports = channels.filter(|info| info.channel == Channel::Liquidation);
                Ok(reports.map(|info| info.last_known_ts).max())
            }
        }
    }

    /// First moment at which both price and open interest are known.
    pub fn first(&self, market: &MarketId) -> Result<Option<Timestamp>, Failure> {
        let known = lock(&self.spans).get(market).and_then(|ends| ends.0);
        if known.is_some() {
            return Ok(known);
        }
        let first = self.read_first(market)?;
        lock(&self.spans).entry(market.clone()).or_default().0 = first;
        Ok(first)
    }

    fn read_first(&self, market: &MarketId) -> Result<Option<Timestamp>, Failure> {
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
    pub fn damage(&self) -> Vec<String> {
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
pub fn storage(error: &StoreError) -> Failure {
    let text = error.to_string();
    let (what, hint) = text.rsplit_once("; ").unwrap_or((&text, "check the data directory and its disk"));
    Failure::new(
        Kind::Storage,
        "storage",
        "The data directory could not be used.",
        sentence(what),
        sentence(hint),
    )
}

/// A clause as a sentence: capital first, unless it starts with a name (`day.csv`, `binance:BTCUSDT`),
/// full stop last.
pub fn sentence(clause: &str) -> String {
    let clause = clause.trim_end_matches('.');
    let name = clause.split(' ').next().is_some_and(|word| !word.chars().all(char::is_alphabetic));
    let mut chars = clause.chars();
    match chars.next() {
        Some(_) if name => format!("{clause}."),
        Some(first) => format!("{}{}.", first.to_uppercase(), chars.as_str()),
        None => String::new(),
    }
}

/// What a panic elsewhere left behind is still whole: entries are inserted as they are.
fn lock<T>(shared: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

fn bundled_sample() -> Result<SourceKind, Failure> {
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
    Ok(SourceKind::Bundled { instrument: Box::new(instrument), events })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_answers_from_its_first_open_interest_to_its_last_minute() {
        let source = Source::open(None).unwrap();
        let market = source.markets().unwrap()[0].market.clone();
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
