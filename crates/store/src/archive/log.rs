//! A market's archived events merged in log order, trades in runs.

use core::convert::Infallible;
use core::ops::RangeInclusive;
use std::collections::VecDeque;
use std::path::PathBuf;

use liqlens_market::{Event, EventBody, Log, Step, Timestamp, TradeColumns};

use super::read::{Batch, DayReader, whole_file};
use crate::error::Damage;
use crate::order::{Cursor, Merge};
use crate::place::Place;

/// The events of one market in [`Event::log_order`], read lazily; ties come in the order of
/// [`crate::Channel`].
///
/// As a [`Log`] it hands on trades in runs, straight from the columns of the archive; as an iterator, one
/// event at a time. Both may be mixed. Damaged parts are stepped over and collected: after the last event,
/// look at [`ArchiveLog::damage`].
pub struct ArchiveLog {
    trades: TradeCursor,
    others: Merge<EventCursor>,
    /// What was found before reading began.
    foreign: Vec<Damage>,
    /// Trades known to come before everything else, for the iterator.
    leading: usize,
}

/// Where trades stand among events known at the same instant, see [`EventBody::rank`].
fn comes_before_trades(event: &Event) -> bool {
    !matches!(&event.body, EventBody::Trade(_) | EventBody::Bar(_))
}

impl ArchiveLog {
    pub(crate) fn new(
        trades: VecDeque<(Place, PathBuf)>,
        others: Vec<VecDeque<(Place, PathBuf)>>,
        range: &RangeInclusive<Timestamp>,
        foreign: Vec<Damage>,
    ) -> Self {
        let others = others.into_iter().map(|files| EventCursor::new(files, range.clone())).collect();
        Self {
            trades: TradeCursor::new(trades, range.clone()),
            others: Merge::new(others, Event::log_order),
            foreign,
            leading: 0,
        }
    }

    /// Everything that could not be read so far, in no particular order of time. Complete once the log has
    /// ended.
    pub fn damage(&self) -> Vec<Damage> {
        let others = self.others.cursors().iter().flat_map(|cursor| cursor.days.damage());
        self.foreign.iter().chain(self.trades.days.damage()).chain(others).cloned().collect()
    }

    /// Bytes of row groups read from disk so far: what the range asked for cost.
    pub fn bytes_read(&self) -> u64 {
        let others = self.others.cursors().iter().map(|cursor| cursor.days.bytes_read());
        self.trades.days.bytes_read() + others.sum::<u64>()
    }

    /// How many of the trades at hand come before all other events and are known by `until`.
    fn leading_trades(&mut self, until: Timestamp) -> usize {
        self.trades.fill();
        let known = self.trades.at_hand().known_ts();
        if known.first().is_none_or(|first| *first > until) {
            return 0;
        }
        match self.others.head() {
            Some(other) if other.known_ts <= until => {
                let (bound, first) = (other.known_ts, comes_before_trades(other));
                known.partition_point(|known| *known < bound || (*known == bound && !first))
            }
            _ => known.partition_point(|known| *known <= until),
        }
    }
}

impl Log for ArchiveLog {
    fn next_known(&mut self, until: Timestamp) -> Option<Step<'_>> {
        self.leading = 0;
        let rows = self.leading_trades(until);
        if rows > 0 {
            return Some(Step::Trades(self.trades.take(rows)));
        }
        self.others.head().filter(|event| event.known_ts <= until)?;
        let Ok(event) = self.others.take();
        event.map(Step::Event)
    }
}

impl Iterator for ArchiveLog {
    type Item = Event;

    fn next(&mut self) -> Option<Event> {
        if self.leading == 0 {
            self.leading = self.leading_trades(Timestamp::from_nanos(i64::MAX));
        }
        if self.leading > 0 {
            self.leading -= 1;
            return self.trades.take(1).events().next();
        }
        let Ok(event) = self.others.take();
        event
    }
}

/// The files of one channel one after the other; days do not overlap in known time.
struct Days {
    range: RangeInclusive<Timestamp>,
    pending: VecDeque<(Place, PathBuf)>,
    open: Option<DayReader>,
    damage: Vec<Damage>,
    bytes_read: u64,
}

impl Days {
    const fn new(pending: VecDeque<(Place, PathBuf)>, range: RangeInclusive<Timestamp>) -> Self {
        Self { range, pending, open: None, damage: Vec::new(), bytes_read: 0 }
    }

    fn damage(&self) -> impl Iterator<Item = &Damage> {
        self.damage.iter().chain(self.open.iter().flat_map(DayReader::damage))
    }

    fn bytes_read(&self) -> u64 {
        self.bytes_read + self.open.as_ref().map_or(0, DayReader::bytes_read)
    }

    fn next_batch(&mut self) -> Option<Batch> {
        loop {
            if let Some(batch) = self.open.as_mut().and_then(DayReader::next_batch) {
                return Some(batch);
            }
            if let Some(done) = self.open.take() {
                self.bytes_read += done.bytes_read();
                self.damage.extend(done.into_damage());
            }
            let (place, path) = self.pending.pop_front()?;
            match DayReader::open(&path, &place, self.range.clone()) {
                Ok(reader) => self.open = Some(reader),
                Err(fault) => self.damage.push(whole_file(path, &place, &fault)),
            }
        }
    }
}

/// The trades of a market.
struct TradeCursor {
    days: Days,
    columns: TradeColumns,
    /// Rows of `columns` not yet given.
    rows: core::ops::Range<usize>,
}

impl TradeCursor {
    fn new(files: VecDeque<(Place, PathBuf)>, range: RangeInclusive<Timestamp>) -> Self {
        Self { days: Days::new(files, range), columns: TradeColumns::default(), rows: 0..0 }
    }

    /// Sees to it that there are trades at hand, if there are any left.
    fn fill(&mut self) {
        while self.rows.is_empty() {
            match self.days.next_batch() {
                Some(Batch::Trades(columns)) => self.columns = columns,
                // Only trades lie in the files of trades.
                Some(Batch::Events(_)) => continue,
                None => return,
            }
            let known = self.columns.run().known_ts();
            let (from, until) = (*self.days.range.start(), *self.days.range.end());
            self.rows =
                known.partition_point(|known| *known < from)..known.partition_point(|known| *known <= until);
        }
    }

    fn at_hand(&self) -> liqlens_market::TradeRun<'_> {
        self.columns.run().rows(self.rows.clone())
    }

    fn take(&mut self, count: usize) -> liqlens_market::TradeRun<'_> {
        let start = self.rows.start;
        self.rows.start = (start + count).min(self.rows.end);
        self.columns.run().rows(start..self.rows.start)
    }
}

/// The events of any other channel.
struct EventCursor {
    days: Days,
    batch: std::vec::IntoIter<Event>,
    head: Option<Event>,
}

impl EventCursor {
    fn new(files: VecDeque<(Place, PathBuf)>, range: RangeInclusive<Timestamp>) -> Self {
        let mut cursor = Self { days: Days::new(files, range), batch: Vec::new().into_iter(), head: None };
        cursor.advance();
        cursor
    }

    fn advance(&mut self) {
        loop {
            self.head = self.batch.find(|event| event.known_ts >= *self.days.range.start());
            if self.head.as_ref().is_some_and(|event| event.known_ts > *self.days.range.end()) {
                // The rest of this day is later still; further days would be too, but those were left out.
                self.head = None;
                self.batch = Vec::new().into_iter();
            }
            if self.head.is_some() {
                return;
            }
            match self.days.next_batch() {
                Some(Batch::Events(events)) => self.batch = events.into_iter(),
                Some(Batch::Trades(trades)) => {
                    self.batch = trades.run().events().collect::<Vec<_>>().into_iter();
                }
                None => return,
            }
        }
    }
}

impl Cursor for EventCursor {
    type Error = Infallible;

    fn head(&self) -> Option<&Event> {
        self.head.as_ref()
    }

    fn take(&mut self) -> Result<Option<Event>, Infallible> {
        let event = self.head.take();
        if event.is_some() {
            self.advance();
        }
        Ok(event)
    }
}
