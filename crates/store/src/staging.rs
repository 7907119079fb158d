//! What an import holds until it is committed: events in memory up to a limit, sorted runs on disk beyond.
//!
//! Memory stays bounded whatever the file: a full memory is sorted and written out as a run, and as soon
//! as sixteen runs of one size exist they are merged into one of the next size. So merging ever opens at
//! most sixteen runs of each size, and each event is rewritten once per size: twice for 128 million events.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, BufWriter, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};

use liqlens_market::{Book, Event, EventBody, MarketId};
use tempfile::{NamedTempFile, TempPath};

use crate::block::BlockWriter;
use crate::channel::{Channel, Day};
use crate::disk;
use crate::error::StoreError;
use crate::order::{self, Cursor, Merge};
use crate::place::Place;
use crate::reader::SegmentReader;

/// Runs of one size that are merged into one of the next.
const FAN_IN: usize = 16;
/// Events of a block of a run: few, because a merge holds one block of every run.
const RUN_BLOCK_EVENTS: u32 = 1_024;
/// Bytes of events in memory beyond which they are written out, however few they are.
const MEMORY_BYTES: usize = 96 << 20;
/// Largest event taken: a book of a million levels.
const MAX_EVENT_BYTES: usize = 32 << 20;

/// The staged events of one import.
pub(crate) struct Staging {
    directory: PathBuf,
    limit: usize,
    limit_bytes: usize,
    /// Events in memory by place, in the order in which places were first met.
    memory: Vec<(Place, Vec<Event>)>,
    index: BTreeMap<Place, usize>,
    /// Where the last event went; the next one nearly always follows it.
    last: usize,
    events: usize,
    bytes: usize,
    /// Runs by size, each at most `FAN_IN − 1`.
    levels: Vec<Vec<Run>>,
}

/// A sorted temporary file.
struct Run {
    path: TempPath,
    parts: BTreeMap<Place, Part>,
}

/// The events of one place inside a run.
struct Part {
    range: Range<u64>,
    blocks: u32,
    events: u64,
}

impl Staging {
    /// Stages below `root`, after removing what an interrupted import may have left there. The caller
    /// holds the writer's lock.
    pub(crate) fn begin(root: &Path, events_in_memory: usize) -> Result<Self, StoreError> {
        let directory = root.join(".staging");
        match fs::remove_dir_all(&directory) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(StoreError::io("remove", &directory)(error));
            }
            _ => {}
        }
        disk::create_private(&directory).map_err(StoreError::io("create", &directory))?;
        Ok(Self {
            directory,
            limit: events_in_memory.max(1),
            limit_bytes: MEMORY_BYTES,
            memory: Vec::new(),
            index: BTreeMap::new(),
            last: 0,
            events: 0,
            bytes: 0,
            levels: Vec::new(),
        })
    }

    /// Where temporary files of this import go.
    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }

    /// Stages one event.
    pub(crate) fn push(
        &mut self,
        market: &MarketId,
        channel: Channel,
        day: Day,
        event: Event,
    ) -> Result<(), StoreError> {
        let bytes = weight(&event);
        if bytes > MAX_EVENT_BYTES {
            let kind = event.body.kind();
            return Err(StoreError::EventTooLarge { kind, bytes, limit: MAX_EVENT_BYTES });
        }
        if self.events >= self.limit || self.bytes + bytes > self.limit_bytes {
            self.spill()?;
        }
        self.events += 1;
        self.bytes += bytes;
        if let Some((place, events)) = self.memory.get_mut(self.last)
            && place.day == day
            && place.channel == channel
            && place.market == *market
        {
            events.push(event);
            return Ok(());
        }
        let place = Place { market: market.clone(), channel, day };
        self.last = *self.index.entry(place).or_insert_with_key(|place| {
            self.memory.push((place.clone(), Vec::new()));
            self.memory.len() - 1
        });
        if let Some((_, events)) = self.memory.get_mut(self.last) {
            events.push(event);
        }
        Ok(())
    }

    /// Sorts what is in memory: call before [`Staging::merge`].
    pub(crate) fn sort(&mut self) {
        for (_, events) in &mut self.memory {
            // Unstable is enough: events that compare equal are identical.
            events.sort_unstable_by(order::total);
        }
    }

    /// Every place with a staged event, in order.
    pub(crate) fn places(&self) -> BTreeSet<Place> {
        let runs = self.levels.iter().flatten().flat_map(|run| run.parts.keys());
        self.index.keys().chain(runs).cloned().collect()
    }

    /// The staged events of a place, sorted pieces to be merged.
    pub(crate) fn merge(&self, place: &Place) -> Result<Merge<StagedCursor<'_>>, StoreError> {
        let mut cursors = Vec::new();
        for run in self.levels.iter().flatten() {
            cursors.extend(run.cursor(place)?);
        }
        cursors.extend(self.memory_cursor(place));
        Ok(Merge::new(cursors, order::total))
    }

    fn memory_cursor(&self, place: &Place) -> Option<StagedCursor<'_>> {
        let (_, events) = self.memory.get(*self.index.get(place)?)?;
        let mut rest = events.iter();
        let head = rest.next().cloned();
        Some(StagedCursor::Memory { head, rest })
    }

    fn spill(&mut self) -> Result<(), StoreError> {
        self.sort();
        let places: Vec<Place> = self.index.keys().cloned().collect();
        let memory = |place: &Place| Ok(Merge::new(Vec::from_iter(self.memory_cursor(place)), order::total));
        let mut run = write_run(&self.directory, &places, memory)?;
        self.memory.clear();
        self.index.clear();
        (self.last, self.events, self.bytes) = (0, 0, 0);
        for level in 0.. {
            if self.levels.len() == level {
                self.levels.push(Vec::new());
            }
            self.levels[level].push(run);
            if self.levels[level].len() < FAN_IN {
                break;
            }
            let runs = std::mem::take(&mut self.levels[level]);
            let places: BTreeSet<_> = runs.iter().flat_map(|run| run.parts.keys().cloned()).collect();
            run = write_run(&self.directory, &Vec::from_iter(places), |place| {
                let mut cursors = Vec::new();
                for run in &runs {
                    cursors.extend(run.cursor(place)?);
                }
                Ok(Merge::new(cursors, order::total))
            })?;
        }
        Ok(())
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        // What cannot be removed now is removed when the next import begins.
        let _ = fs::remove_dir_all(&self.directory);
    }
}

impl Run {
    fn cursor(&self, place: &Place) -> Result<Option<StagedCursor<'static>>, StoreError> {
        let Some(part) = self.parts.get(place) else { return Ok(None) };
        let reader = SegmentReader::part(&self.path, place, part.range.clone(), part.blocks, part.events)
            .map_err(StoreError::io("read", &self.path))?;
        Ok(Some(StagedCursor::Run(Box::new(reader)).checked()?))
    }
}

/// Writes the events of `places`, in this order, to a new run.
fn write_run<'a>(
    directory: &Path,
    places: &[Place],
    events: impl Fn(&Place) -> Result<Merge<StagedCursor<'a>>, StoreError>,
) -> Result<Run, StoreError> {
    let failed = |error| StoreError::io("write a temporary file in", directory)(error);
    let mut out =
        BufWriter::with_capacity(1 << 18, NamedTempFile::with_prefix_in("run-", directory).map_err(failed)?);
    let mut parts = BTreeMap::new();
    let mut offset = 0;
    for place in places {
        let mut merge = events(place)?;
        let mut blocks = BlockWriter::plain(&mut out, place.identity(), RUN_BLOCK_EVENTS);
        while let Some(event) = merge.take()? {
            blocks.push(&event).map_err(failed)?;
        }
        let (_, written) = blocks.finish().map_err(failed)?;
        let range = offset..offset + written.bytes;
        offset = range.end;
        parts.insert(place.clone(), Part { range, blocks: written.blocks, events: written.events });
    }
    out.flush().map_err(failed)?;
    let file = out.into_inner().map_err(|error| failed(error.into_error()))?;
    Ok(Run { path: file.into_temp_path(), parts })
}

/// Sorted staged events of one place.
pub(crate) enum StagedCursor<'a> {
    /// Still in memory.
    Memory {
        /// The next one.
        head: Option<Event>,
        /// Those after it.
        rest: core::slice::Iter<'a, Event>,
    },
    /// From a run.
    Run(Box<SegmentReader>),
}

impl StagedCursor<'_> {
    /// A run must come back as it was written; here damage is not stepped over.
    fn checked(self) -> Result<Self, StoreError> {
        self.check()?;
        Ok(self)
    }

    fn check(&self) -> Result<(), StoreError> {
        match self {
            Self::Run(reader) => match reader.damage().first() {
                None => Ok(()),
                Some(damage) => {
                    let error = io::Error::new(io::ErrorKind::InvalidData, damage.reason.to_string());
                    Err(StoreError::io("read back", &damage.path)(error))
                }
            },
            Self::Memory { .. } => Ok(()),
        }
    }
}

impl Cursor for StagedCursor<'_> {
    type Error = StoreError;

    fn head(&self) -> Option<&Event> {
        match self {
            Self::Memory { head, .. } => head.as_ref(),
            Self::Run(reader) => reader.head(),
        }
    }

    fn take(&mut self) -> Result<Option<Event>, StoreError> {
        match self {
            Self::Memory { head, rest } => Ok(std::mem::replace(head, rest.next().cloned())),
            Self::Run(reader) => {
                let Ok(event) = reader.take();
                if reader.head().is_none() {
                    self.check()?;
                }
                Ok(event)
            }
        }
    }
}

/// About how many bytes of memory an event takes.
fn weight(event: &Event) -> usize {
    let beside = match &event.body {
        EventBody::Instrument(_) => 256,
        EventBody::MarginTable(table) => size_of_val(table.tiers()),
        EventBody::Account(state) => 256 + size_of_val(&*state.positions) + 16 * state.positions.len(),
        EventBody::AccountFill(_) | EventBody::AccountTransfer(_) => 192,
        EventBody::Book(book) => match &**book {
            Book::Levels { bids, asks } => size_of_val(&**bids) + size_of_val(&**asks),
            Book::Bands(bands) => size_of_val(&**bands),
        },
        EventBody::Gap(gap) => 64 + gap.channel.len() + gap.cause.len(),
        _ => 0,
    };
    size_of::<Event>() + beside
}

#[cfg(test)]
mod tests {
    use liqlens_market::BookLevel;

    use super::*;
    use crate::testing::{market, midnight, price, size};

    fn book(levels: usize) -> Event {
        let level = BookLevel { price: price(1), size: size(1) };
        Event::at(
            midnight(),
            EventBody::Book(Box::new(Book::Levels { bids: vec![level; levels], asks: vec![] })),
        )
    }

    #[test]
    fn few_large_events_are_written_out_too() {
        let directory = tempfile::tempdir().unwrap();
        let mut staging = Staging::begin(directory.path(), 1_000).unwrap();
        staging.limit_bytes = 10_000;
        let (market, day) = (market("binance:BTCUSDT"), Day::of(midnight()));
        // A level is two integers of eight bytes, so each book takes 4,800 bytes and a little.
        for _ in 0..4 {
            staging.push(&market, Channel::BookLevels, day, book(300)).unwrap();
        }
        assert_eq!((staging.levels[0].len(), staging.events), (1, 2));
        let refused = staging.push(&market, Channel::BookLevels, day, book(3_000_000));
        assert!(matches!(refused, Err(StoreError::EventTooLarge { kind: "book", .. })));
    }
}
