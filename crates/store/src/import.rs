//! Adding one file's events to the store, all or nothing, each event once.
//!
//! Two events are the same if market and trade id are equal, or, without an id, if every bit is. Trades
//! that repeat under one id count once; the first in log order (those in the store before those of the
//! file) is kept, and a repeat with another time, price or size is a *conflict*. Events without an id may
//! legitimately repeat inside one file (two equal fills of one millisecond), so the store keeps as many
//! copies as the file that has most of them: `max(copies in the store, copies in this file)`. Both rules
//! make importing a file twice, or two overlapping files in either order, the same as importing once.
//!
//! The rule for ids holds within one UTC day of known time.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use liqlens_market::{Event, EventBody, MarketId, Timestamp};
use tempfile::TempPath;

use crate::block::MAX_EVENTS;
use crate::channel::{Channel, Day};
use crate::disk;
use crate::error::{Damage, DamageReason, StoreError};
use crate::ids::{Full, IdSet};
use crate::lock::WriterLock;
use crate::order::{self, Cursor};
use crate::place::Place;
use crate::reader::{OpenError, SegmentReader};
use crate::segment::{FORMAT, Hole, SegmentWriter};
use crate::staging::Staging;

/// How an import uses the machine.
#[derive(Debug, Clone, Copy)]
pub struct ImportOptions {
    /// Events held in memory before they are written to temporary files; about 130 bytes each.
    pub events_in_memory: usize,
}

impl Default for ImportOptions {
    fn default() -> Self {
        Self { events_in_memory: 500_000 }
    }
}

/// One file on its way into the store. Nothing is visible to readers before [`Import::commit`]; dropping
/// it, or the process dying, leaves the store as it was. It holds the right to write.
pub struct Import {
    // Dropped in this order: the temporary files go before the lock does.
    staging: Staging,
    root: PathBuf,
    _lock: WriterLock,
}

/// What an import did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ImportReport {
    /// Sums over all channels.
    pub counts: ImportCounts,
    /// The same by market and channel, in order.
    pub channels: BTreeMap<(MarketId, Channel), ImportCounts>,
    /// Segments written; those without a new event are left untouched, unless writing them again repairs
    /// damage that cost no event.
    pub segments_written: u64,
    /// Damage met in the segments that were there before. Where such a segment was written anew, the
    /// damaged file is kept in `.quarantine` and what remains lost is remembered in the new one.
    pub damage: Vec<Damage>,
}

/// What became of the imported events; the three add up to all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ImportCounts {
    /// New in the store.
    pub added: u64,
    /// In the store already, or repeated under one trade id.
    pub already_present: u64,
    /// Left out because the trade id is taken by a trade with another time, price, size or side.
    pub conflicts: u64,
}

impl ImportCounts {
    fn add(&mut self, other: Self) {
        self.added += other.added;
        self.already_present += other.already_present;
        self.conflicts += other.conflicts;
    }
}

/// A finished segment that still has its temporary name.
struct Pending {
    temporary: TempPath,
    place: Place,
    replaces_damaged: bool,
}

impl Import {
    pub(crate) fn begin(root: &Path, options: ImportOptions) -> Result<Self, StoreError> {
        let lock = WriterLock::take(root)?;
        let staging = Staging::begin(root, options.events_in_memory)?;
        Ok(Self { staging, root: root.to_owned(), _lock: lock })
    }

    /// Stages one event; events may come in any order. After an error the import cannot be completed in
    /// full: abort it.
    pub fn push(&mut self, market: &MarketId, event: Event) -> Result<(), StoreError> {
        let (event_ts, known_ts) = (event.event_ts, event.known_ts);
        if known_ts < Timestamp::EARLIEST || known_ts >= Timestamp::LATEST || event_ts > known_ts {
            return Err(StoreError::ImplausibleTime { event_ts, known_ts });
        }
        let channel = Channel::of(&event).ok_or(StoreError::UnknownKind(event.body.kind()))?;
        self.staging.push(market, channel, Day::of(known_ts), event)
    }

    /// Drops everything staged. The store is as if the import had never begun.
    pub fn abort(self) {
        drop(self);
    }

    /// Merges everything staged into the store. Every new segment is complete and durable before the first
    /// is moved into place, so a full disk or an unreadable segment changes nothing. Should the machine
    /// stop during the moves, some days have the new events and some do not; importing the file again
    /// completes it.
    pub fn commit(mut self) -> Result<ImportReport, StoreError> {
        self.staging.sort();
        let mut report = ImportReport::default();
        let mut pending = Vec::new();
        for place in self.staging.places() {
            let (counts, segment) = self.prepare(&place, &mut report.damage)?;
            report.counts.add(counts);
            report.channels.entry((place.market, place.channel)).or_default().add(counts);
            pending.extend(segment);
        }
        report.segments_written = pending.len() as u64;
        self.publish(pending)?;
        Ok(report)
    }

    /// Works out what one place gains, and writes its new segment if it gains anything.
    fn prepare(
        &self,
        place: &Place,
        damage: &mut Vec<Damage>,
    ) -> Result<(ImportCounts, Option<Pending>), StoreError> {
        let path = place.path(&self.root);
        let exists = fs::symlink_metadata(&path).is_ok();
        let path = exists.then_some(&*path);
        let mut union = Union { import: self, place, path, holes: Vec::new(), ids: None };
        let (mut holes, mut replaces_damaged) = (Vec::new(), false);
        if exists {
            let (counts, found) = union.run(|_| Ok(()))?;
            replaces_damaged = found.iter().any(|damage| damage.reason != DamageReason::LostEarlier);
            holes = found.iter().filter(|damage| damage.events_lost != Some(0)).map(Hole::from).collect();
            damage.extend(found);
            // Damage that cost no event is repaired by writing the same events again.
            let repair = replaces_damaged && holes.is_empty();
            if counts.added == 0 && !repair {
                return Ok((counts, None));
            }
        }
        if !holes.is_empty() {
            union.holes = holes;
            union.run(|_| Ok(()))?;
            holes = std::mem::take(&mut union.holes);
            holes.retain(|hole| hole.events != Some(0));
        }
        let failed = StoreError::io("write a temporary file in", self.staging.directory());
        let mut writer =
            match SegmentWriter::create(self.staging.directory(), place.clone(), holes, MAX_EVENTS) {
                Ok(writer) => writer,
                Err(error) => return Err(failed(error)),
            };
        let write = |event: &Event| {
            writer.push(event).map_err(StoreError::io("write a temporary file in", self.staging.directory()))
        };
        let (counts, _) = union.run(write)?;
        let (temporary, _) = writer.finish().map_err(failed)?;
        Ok((counts, Some(Pending { temporary, place: place.clone(), replaces_damaged })))
    }

    fn publish(&self, pending: Vec<Pending>) -> Result<(), StoreError> {
        let mut directories = BTreeSet::new();
        for Pending { place, replaces_damaged, .. } in &pending {
            let path = place.path(&self.root);
            let directory = path.parent().unwrap_or(&self.root);
            disk::create_below(&self.root, directory)?;
            if *replaces_damaged {
                self.quarantine(&path)?;
            }
            directories.insert(directory.to_owned());
        }
        for Pending { temporary, place, .. } in pending {
            let path = place.path(&self.root);
            temporary.persist(&path).map_err(|error| StoreError::io("create", &path)(error.error))?;
        }
        directories.iter().try_for_each(|directory| disk::sync(directory))
    }

    /// Keeps a damaged segment that is about to be replaced.
    fn quarantine(&self, path: &Path) -> Result<(), StoreError> {
        let below = path.strip_prefix(&self.root).unwrap_or(path);
        let base = self.root.join(".quarantine").join(below);
        let directory = base.parent().unwrap_or(&self.root);
        disk::create_below(&self.root, directory)?;
        for number in 1u32.. {
            let kept = base.with_extension(format!("{number}.seg"));
            // A second name for the same content: at no moment is the segment missing from its place.
            match fs::hard_link(path, &kept) {
                Ok(()) => break,
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(_) => {
                    fs::copy(path, &kept).map_err(StoreError::io("copy to quarantine", path))?;
                    let copied = fs::File::open(&kept).and_then(|file| file.sync_all());
                    copied.map_err(StoreError::io("sync", &kept))?;
                    break;
                }
            }
        }
        disk::sync(directory)
    }
}

impl From<&Damage> for Hole {
    fn from(damage: &Damage) -> Self {
        Self { from: damage.from, to: damage.to, events: damage.events_lost }
    }
}

/// The union of one place's segment and the events staged for it.
struct Union<'a> {
    import: &'a Import,
    place: &'a Place,
    /// The segment, where there is one.
    path: Option<&'a Path>,
    /// Known losses; each added event that may be one of the lost reduces the count.
    holes: Vec<Hole>,
    /// The ids of the trades in the segment, once they have been read.
    ids: Option<IdSet>,
}

impl Union<'_> {
    /// Walks the union in order, handing every event to `keep`. Runs several times over the same input:
    /// first to see whether anything is new, then to write it.
    fn run(
        &mut self,
        mut keep: impl FnMut(&Event) -> Result<(), StoreError>,
    ) -> Result<(ImportCounts, Vec<Damage>), StoreError> {
        let mut ids = match &self.ids {
            Some(ids) => ids.clone(),
            None => self.ids.insert(self.stored_ids()?).clone(),
        };
        let mut stored = self.open_stored()?;
        let mut staged = self.import.staging.merge(self.place)?;
        let mut next = staged.take()?;
        let mut counts = ImportCounts::default();
        loop {
            let stored_head = stored.as_ref().and_then(Cursor::head);
            let from_stored = match (stored_head, &next) {
                (None, None) => break,
                (Some(_), None) => true,
                (None, Some(_)) => false,
                (Some(stored), Some(staged)) => order::total(stored, staged).is_le(),
            };
            let event = if from_stored { take(&mut stored) } else { None };
            // Copies of the event at hand, here and there. The first one is in hand.
            let (event, mut in_store, mut in_file) = match event {
                Some(event) => (event, 1u64, 0u64),
                None => match std::mem::replace(&mut next, staged.take()?) {
                    Some(event) => (event, 0, 1),
                    None => break,
                },
            };
            let same = |other: &Event| order::total(other, &event).is_eq();
            while stored.as_ref().and_then(Cursor::head).is_some_and(same) {
                take(&mut stored);
                in_store += 1;
            }
            while next.as_ref().is_some_and(same) {
                next = staged.take()?;
                in_file += 1;
            }
            let kept = match &event.body {
                EventBody::Trade(trade) if in_store == 0 => match trade.id {
                    None => in_file,
                    Some(id) => u64::from(ids.insert(id).map_err(|Full| self.too_many_ids())?),
                },
                EventBody::Trade(trade) if trade.id.is_some() => in_store,
                _ => in_store.max(in_file),
            };
            let added = kept - in_store;
            if kept == 0 {
                counts.conflicts += in_file;
            } else {
                counts.added += added;
                counts.already_present += in_file - added;
            }
            self.fill_holes(event.known_ts, added);
            for _ in 0..kept {
                keep(&event)?;
            }
        }
        let damage = stored.map(SegmentReader::into_damage).unwrap_or_default();
        // What the system cannot read now it may read later: replacing it would lose it.
        match damage.iter().find(|damage| damage.reason == DamageReason::Unreadable) {
            Some(damage) => {
                let error = std::io::Error::other("the system stopped reading half-way");
                Err(StoreError::io("read", &damage.path)(error))
            }
            None => Ok((counts, damage)),
        }
    }

    /// The ids of the trades in the segment.
    fn stored_ids(&self) -> Result<IdSet, StoreError> {
        let mut ids = IdSet::default();
        if self.place.channel == Channel::Trade {
            let mut stored = self.open_stored()?;
            while let Some(event) = take(&mut stored) {
                if let EventBody::Trade(trade) = event.body
                    && let Some(id) = trade.id
                {
                    ids.insert(id).map_err(|Full| self.too_many_ids())?;
                }
            }
        }
        Ok(ids)
    }

    fn open_stored(&self) -> Result<Option<SegmentReader>, StoreError> {
        let Some(path) = self.path else { return Ok(None) };
        match SegmentReader::open(path, self.place, Timestamp::LATEST) {
            Ok(reader) => Ok(Some(reader)),
            Err(OpenError::Newer(found)) => {
                Err(StoreError::NewerFormat { path: path.to_owned(), found, supported: FORMAT })
            }
            Err(OpenError::WrongPlace(found)) => Err(StoreError::WrongPlace { path: path.to_owned(), found }),
            Err(OpenError::Io(error)) => Err(StoreError::io("read", path)(error)),
        }
    }

    fn fill_holes(&mut self, known_ts: Timestamp, mut added: u64) {
        for hole in self.holes.iter_mut().filter(|hole| hole.from <= known_ts && known_ts <= hole.to) {
            if let Some(lost) = &mut hole.events {
                let filled = added.min(*lost);
                *lost -= filled;
                added -= filled;
            }
        }
    }

    fn too_many_ids(&self) -> StoreError {
        let (market, day) = (self.place.market.to_string(), self.place.day.to_string());
        StoreError::TooManyIds { market, day, limit: Full::LIMIT }
    }
}

/// Takes the next stored event; reading a segment never fails, it notes damage.
fn take(stored: &mut Option<SegmentReader>) -> Option<Event> {
    let Ok(event) = stored.as_mut()?.take();
    event
}
