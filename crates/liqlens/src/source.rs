//! Where events come from: the sample bundled with the program, or a data directory.

use std::path::Path;

use liqlens_files::{Options, bundled, collect_bytes};
use liqlens_market::{BarSource, Event, EventBody, Instrument, MarketId, Timestamp};

use crate::failure::{Exit, Failure};

/// Something that holds the events of markets.
pub(crate) enum Source {
    /// The bundled sample: one market.
    Bundled {
        /// The market.
        instrument: Instrument,
        /// Its events in log order.
        events: Vec<Event>,
    },
}

/// The time in which a market's data can answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    /// First moment at which both price and open interest are known.
    pub(crate) first: Timestamp,
    /// Newest moment at which both are: the older of the two newest ones.
    pub(crate) newest: Timestamp,
}

impl Source {
    /// Opens the data directory, or the bundled sample.
    pub(crate) fn open(data: Option<&Path>) -> Result<Self, Failure> {
        match data {
            None => bundled_sample(),
            Some(_) => Err(Failure::new(Exit::Storage, "store", "No store.", "", "")),
        }
    }

    /// The markets held, in a fixed order.
    pub(crate) fn markets(&self) -> Vec<Instrument> {
        match self {
            Self::Bundled { instrument, .. } => vec![instrument.clone()],
        }
    }

    /// A market's events known until `until`, inclusive, in log order.
    pub(crate) fn events(
        &self,
        market: &MarketId,
        until: Timestamp,
    ) -> Result<Box<dyn Iterator<Item = Event> + '_>, Failure> {
        match self {
            Self::Bundled { instrument, events } if instrument.market == *market => {
                Ok(Box::new(events.iter().take_while(move |event| event.known_ts <= until).cloned()))
            }
            Self::Bundled { .. } => Ok(Box::new(std::iter::empty())),
        }
    }

    /// The time in which a market's data can answer; `None` if price or open interest is absent.
    pub(crate) fn span(&self, market: &MarketId) -> Result<Option<Span>, Failure> {
        let (mut price, mut open_interest) = (None, None);
        for event in self.events(market, Timestamp::LATEST)? {
            let seen = match &event.body {
                EventBody::Price(_) | EventBody::Trade(_) => &mut price,
                EventBody::Bar(bar) if bar.source != BarSource::Index => &mut price,
                EventBody::OpenInterest(_) => &mut open_interest,
                _ => continue,
            };
            let (first, _) = seen.unwrap_or((event.known_ts, event.known_ts));
            *seen = Some((first, event.known_ts));
        }
        Ok(match (price, open_interest) {
            (Some((price_first, price_last)), Some((oi_first, oi_last))) => {
                let span = Span { first: price_first.max(oi_first), newest: price_last.min(oi_last) };
                (span.first <= span.newest).then_some(span)
            }
            _ => None,
        })
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
    Ok(Source::Bundled { instrument, events })
}
