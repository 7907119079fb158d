//! Trades in runs: the shape in which millions of them travel.
//!
//! A trade is five numbers, and there are hundreds for every other event. Handed on one by one as [`Event`]s
//! they cost more to carry than to fold, so readers of archives collect them in columns ([`TradeColumns`])
//! and hand on runs ([`TradeRun`]) that a fold walks without looking at what it does not need. A run means
//! exactly what its events one after the other mean ([`TradeRun::events`]); nothing else may depend on how
//! trades were cut into runs.

use core::ops::Range;

use crate::{Event, EventBody, Price, Size, Taker, Timestamp, Trade};

/// Trades of one market, column by column; all columns have the same length.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TradeColumns {
    event_ts: Vec<Timestamp>,
    known_ts: Vec<Timestamp>,
    id: Vec<Option<u64>>,
    price: Vec<Price>,
    size: Vec<Size>,
    taker: Vec<Taker>,
}

/// Neighbouring trades of [`TradeColumns`]; all columns have the same length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TradeRun<'a> {
    event_ts: &'a [Timestamp],
    known_ts: &'a [Timestamp],
    id: &'a [Option<u64>],
    price: &'a [Price],
    size: &'a [Size],
    taker: &'a [Taker],
}

/// The next part of a market's log.
#[derive(Debug, Clone, PartialEq)]
pub enum Step<'a> {
    /// One event.
    Event(Event),
    /// Several trades, at least one.
    Trades(TradeRun<'a>),
}

/// A market's events in [`Event::log_order`], trades in runs where the source has them so.
pub trait Log {
    /// The next event or run of trades of which everything was known by `until`, inclusive; `None` if there is
    /// none left that was. Moments asked for must not fall.
    fn next_known(&mut self, until: Timestamp) -> Option<Step<'_>>;
}

/// Where the events of a file go, in the order of its rows.
pub trait Sink {
    /// Takes one event.
    fn event(&mut self, event: Event);

    /// Takes several trades, one after the other.
    fn trades(&mut self, trades: TradeRun<'_>) {
        trades.events().for_each(|event| self.event(event));
    }
}

impl<F: FnMut(Event)> Sink for F {
    #[inline]
    fn event(&mut self, event: Event) {
        self(event);
    }
}

/// A log that is had one event at a time.
#[derive(Debug, Clone)]
pub struct EventLog<I: Iterator<Item = Event>> {
    events: core::iter::Peekable<I>,
}

impl<I: Iterator<Item = Event>> EventLog<I> {
    /// Events that are already in [`Event::log_order`].
    pub fn new(events: impl IntoIterator<IntoIter = I>) -> Self {
        Self { events: events.into_iter().peekable() }
    }
}

impl<I: Iterator<Item = Event>> Log for EventLog<I> {
    fn next_known(&mut self, until: Timestamp) -> Option<Step<'_>> {
        self.events.next_if(|event| event.known_ts <= until).map(Step::Event)
    }
}

impl TradeColumns {
    /// No trades, with room for `rows`.
    pub fn with_capacity(rows: usize) -> Self {
        Self {
            event_ts: Vec::with_capacity(rows),
            known_ts: Vec::with_capacity(rows),
            id: Vec::with_capacity(rows),
            price: Vec::with_capacity(rows),
            size: Vec::with_capacity(rows),
            taker: Vec::with_capacity(rows),
        }
    }

    /// Columns put together by a reader; `None` unless all have the same length.
    pub fn from_columns(
        event_ts: Vec<Timestamp>,
        known_ts: Vec<Timestamp>,
        id: Vec<Option<u64>>,
        price: Vec<Price>,
        size: Vec<Size>,
        taker: Vec<Taker>,
    ) -> Option<Self> {
        let rows = event_ts.len();
        let even = [known_ts.len(), id.len(), price.len(), size.len(), taker.len()] == [rows; 5];
        even.then_some(Self { event_ts, known_ts, id, price, size, taker })
    }

    /// Adds a trade at the end.
    #[inline]
    pub fn push(&mut self, event_ts: Timestamp, known_ts: Timestamp, trade: Trade) {
        self.event_ts.push(event_ts);
        self.known_ts.push(known_ts);
        self.id.push(trade.id);
        self.price.push(trade.price);
        self.size.push(trade.size);
        self.taker.push(trade.taker);
    }

    /// Adds trades at the end that were known when they happened.
    pub fn extend_at(&mut self, trades: &[(Timestamp, Trade)]) {
        self.event_ts.extend(trades.iter().map(|(ts, _)| *ts));
        self.known_ts.extend(trades.iter().map(|(ts, _)| *ts));
        self.id.extend(trades.iter().map(|(_, trade)| trade.id));
        self.price.extend(trades.iter().map(|(_, trade)| trade.price));
        self.size.extend(trades.iter().map(|(_, trade)| trade.size));
        self.taker.extend(trades.iter().map(|(_, trade)| trade.taker));
    }

    /// How many trades there are.
    pub fn len(&self) -> usize {
        self.event_ts.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.event_ts.is_empty()
    }

    /// Forgets all trades and keeps the room they took.
    pub fn clear(&mut self) {
        self.event_ts.clear();
        self.known_ts.clear();
        self.id.clear();
        self.price.clear();
        self.size.clear();
        self.taker.clear();
    }

    /// All trades.
    pub fn run(&self) -> TradeRun<'_> {
        TradeRun {
            event_ts: &self.event_ts,
            known_ts: &self.known_ts,
            id: &self.id,
            price: &self.price,
            size: &self.size,
            taker: &self.taker,
        }
    }
}

impl<'a> TradeRun<'a> {
    /// How many trades there are.
    pub const fn len(&self) -> usize {
        self.event_ts.len()
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.event_ts.is_empty()
    }

    /// When each happened.
    pub const fn event_ts(&self) -> &'a [Timestamp] {
        self.event_ts
    }

    /// When each could be known.
    pub const fn known_ts(&self) -> &'a [Timestamp] {
        self.known_ts
    }

    /// The venue's ids.
    pub const fn id(&self) -> &'a [Option<u64>] {
        self.id
    }

    /// Fill prices.
    pub const fn price(&self) -> &'a [Price] {
        self.price
    }

    /// Sizes.
    pub const fn size(&self) -> &'a [Size] {
        self.size
    }

    /// Who crossed the spread.
    pub const fn taker(&self) -> &'a [Taker] {
        self.taker
    }

    /// The trades of a range of rows, cut to those there are.
    #[must_use]
    pub fn rows(&self, range: Range<usize>) -> Self {
        let end = range.end.min(self.len());
        let range = range.start.min(end)..end;
        Self {
            event_ts: &self.event_ts[range.clone()],
            known_ts: &self.known_ts[range.clone()],
            id: &self.id[range.clone()],
            price: &self.price[range.clone()],
            size: &self.size[range.clone()],
            taker: &self.taker[range],
        }
    }

    /// The trades before the first that `is_after` picks, and the rest. For columns that never fall the
    /// condition is a bound.
    #[must_use]
    pub fn split_where(&self, is_after: impl Fn(Timestamp) -> bool) -> (Self, Self) {
        let at = self.known_ts.partition_point(|known_ts| !is_after(*known_ts));
        (self.rows(0..at), self.rows(at..self.len()))
    }

    /// The trades as events.
    pub fn events(self) -> impl Iterator<Item = Event> + 'a {
        (0..self.len()).map(move |row| Event {
            event_ts: self.event_ts[row],
            known_ts: self.known_ts[row],
            body: EventBody::Trade(Trade {
                id: self.id[row],
                price: self.price[row],
                size: self.size[row],
                taker: self.taker[row],
            }),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trade(number: i64) -> (Timestamp, Trade) {
        let price = Price::from_units(number + 1).unwrap();
        let id = u64::try_from(number).ok().filter(|id| id % 2 == 0);
        let size = Size::from_units(10 * number).unwrap();
        let taker = if number % 3 == 0 { Taker::Buy } else { Taker::Sell };
        (Timestamp::from_nanos(number / 2), Trade { id, price, size, taker })
    }

    fn columns(rows: i64) -> TradeColumns {
        let mut columns = TradeColumns::with_capacity(4);
        for (ts, trade) in (0..rows).map(trade) {
            columns.push(ts, ts, trade);
        }
        columns
    }

    #[test]
    fn a_run_is_its_events() {
        let expected: Vec<Event> =
            (0..7).map(trade).map(|(ts, trade)| Event::at(ts, EventBody::Trade(trade))).collect();
        let columns = columns(7);
        let (before, after) = columns.run().split_where(|known_ts| known_ts.nanos() > 1);
        assert_eq!((before.len(), after.len()), (4, 3));
        assert_eq!(before.events().chain(after.events()).collect::<Vec<_>>(), expected);
        let mut taken = Vec::new();
        (|event| taken.push(event)).trades(columns.run());
        assert_eq!(taken, expected);
        assert!(columns.run().rows(9..12).is_empty());
        let mut extended = self::columns(3);
        extended.extend_at(&(3..7).map(trade).collect::<Vec<_>>());
        assert_eq!(extended, columns);
    }

    #[test]
    fn columns_of_different_lengths_are_none() {
        let run = columns(3);
        let of = |ids: usize| {
            TradeColumns::from_columns(
                run.event_ts.clone(),
                run.known_ts.clone(),
                run.id[..ids].to_vec(),
                run.price.clone(),
                run.size.clone(),
                run.taker.clone(),
            )
        };
        assert_eq!((of(3).as_ref(), of(2)), (Some(&run), None));
    }

    #[test]
    fn an_event_log_waits_for_its_moment() {
        let mut log = EventLog::new(columns(4).run().events().collect::<Vec<_>>());
        let mut known_by = |nanos| {
            let until = Timestamp::from_nanos(nanos);
            std::iter::from_fn(|| log.next_known(until).is_some().then_some(())).count()
        };
        assert_eq!([known_by(-1), known_by(0), known_by(0), known_by(9)], [0, 2, 0, 2]);
    }
}
