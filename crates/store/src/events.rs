//! Reading a market back: all channels merged in log order, with one block of each in memory.

use core::convert::Infallible;
use core::iter::FusedIterator;
use std::collections::VecDeque;
use std::path::PathBuf;

use liqlens_market::{Event, EventBody, Log, Span, Step, Timestamp, TradeColumns};

use crate::error::{Damage, DamageReason};
use crate::order::{Cursor, Merge};
use crate::place::Place;
use crate::reader::{OpenError, SegmentReader};

/// The events of one market in [`Event::log_order`], read lazily; ties come in the order of
/// [`crate::Channel`]. As a [`Log`] it hands on trades in runs.
///
/// Damaged parts are stepped over and collected. After the last event, look at [`Events::damage`]: a
/// figure computed from a damaged store must say so.
pub struct Events {
    merge: Merge<ChannelCursor>,
    /// What was found before reading began.
    foreign: Vec<Damage>,
    /// The trades of the run last handed on.
    run: TradeColumns,
}

/// Most trades of a run: few enough to stay in a core's own cache.
const RUN: usize = 1_024;

impl Events {
    pub(crate) fn new(channels: Vec<ChannelCursor>, foreign: Vec<Damage>) -> Self {
        Self { merge: Merge::new(channels, Event::log_order), foreign, run: TradeColumns::default() }
    }

    /// Everything that could not be read so far, in no particular order of time. Complete once the
    /// iterator has ended.
    pub fn damage(&self) -> Vec<Damage> {
        let channels = self.merge.cursors().iter().flat_map(ChannelCursor::damage);
        self.foreign.iter().chain(channels).cloned().collect()
    }
}

impl Iterator for Events {
    type Item = Event;

    fn next(&mut self) -> Option<Event> {
        let Ok(event) = self.merge.take();
        event
    }
}

impl FusedIterator for Events {}

impl Log for Events {
    fn next_known(&mut self, until: Timestamp) -> Option<Step<'_>> {
        self.run.clear();
        while self.run.len() < RUN {
            let head = self.merge.head().filter(|event| event.known_ts <= until);
            let Some(Event { body: EventBody::Trade(trade), event_ts, known_ts }) = head else { break };
            self.run.push(*event_ts, *known_ts, *trade);
            let Ok(_) = self.merge.take();
        }
        if !self.run.is_empty() {
            return Some(Step::Trades(self.run.run()));
        }
        self.merge.head().filter(|event| event.known_ts <= until)?;
        self.next().map(Step::Event)
    }
}

/// The segments of one channel one after the other; days do not overlap in known time.
pub(crate) struct ChannelCursor {
    until: Timestamp,
    pending: VecDeque<(Place, PathBuf)>,
    open: Option<SegmentReader>,
    damage: Vec<Damage>,
}

impl ChannelCursor {
    /// Over `segments`, in order of days, for events known from `from` until `until`, both inclusive.
    pub(crate) fn new(segments: VecDeque<(Place, PathBuf)>, from: Timestamp, until: Timestamp) -> Self {
        let mut cursor = Self { until, pending: segments, open: None, damage: Vec::new() };
        cursor.advance();
        while cursor.head().is_some_and(|event| event.known_ts < from) {
            let Ok(_) = cursor.take();
        }
        cursor
    }

    fn damage(&self) -> impl Iterator<Item = &Damage> {
        self.damage.iter().chain(self.open.iter().flat_map(SegmentReader::damage))
    }

    /// Opens segments until one has an event.
    fn advance(&mut self) {
        while self.head().is_none() {
            if let Some(done) = self.open.take() {
                self.damage.extend(done.into_damage());
            }
            let Some((place, path)) = self.pending.pop_front() else { return };
            match SegmentReader::open(&path, &place, self.until) {
                Ok(reader) => self.open = Some(reader),
                Err(error) => self.damage.push(whole_segment(path, &place, &error)),
            }
        }
    }
}

/// The damage of a segment of which nothing can be read.
fn whole_segment(path: PathBuf, place: &Place, error: &OpenError) -> Damage {
    let reason = match error {
        OpenError::WrongPlace(_) => DamageReason::WrongPlace,
        // A newer format is refused before reading begins; one that appears meanwhile is unreadable.
        OpenError::Newer(_) | OpenError::Io(_) => DamageReason::Unreadable,
    };
    let (from, to) = (place.day.start(), place.day.end() - Span::from_nanos(1));
    Damage { path, block: None, reason, events_lost: None, from, to }
}

impl Cursor for ChannelCursor {
    type Error = Infallible;

    fn head(&self) -> Option<&Event> {
        self.open.as_ref().and_then(Cursor::head)
    }

    fn take(&mut self) -> Result<Option<Event>, Infallible> {
        let event = match &mut self.open {
            Some(reader) => reader.take()?,
            None => None,
        };
        if self.head().is_none() {
            self.advance();
        }
        Ok(event)
    }
}
