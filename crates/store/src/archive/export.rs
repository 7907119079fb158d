//! Writing an archive: day by day, each file aside and then renamed, days that did not change left alone.

use core::ops::RangeInclusive;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use liqlens_market::{Event, MarketId, Timestamp};

use super::path_of;
use super::read::sound;
use super::write::DayWriter;
use crate::channel::{Channel, Day};
use crate::disk;
use crate::error::{Damage, StoreError};
use crate::lock::WriterLock;
use crate::order::{self, Cursor as _};
use crate::place::Place;
use crate::reader::{OpenError, SegmentReader};
use crate::segment::{FORMAT, Hole};
use crate::store::{Store, read_header};

/// An export under way; it holds the right to write to the archive. Every finished day is there at once:
/// stopping half-way leaves an archive with fewer days.
pub struct Export {
    root: PathBuf,
    staging: PathBuf,
    report: ExportReport,
    /// Where files were given their names.
    directories: BTreeSet<PathBuf>,
    _lock: WriterLock,
}

/// What an export did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ExportReport {
    /// By market and channel, in order.
    pub channels: BTreeMap<(MarketId, Channel), ExportCounts>,
    /// What the data lacked. Where a day was written without the events lost to it, its file says so, and
    /// who reads it is told.
    pub damage: Vec<Damage>,
}

/// What became of the days of a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ExportCounts {
    /// Days asked for and there.
    pub days: u64,
    /// Those of them whose file was written; the others were the same already.
    pub days_written: u64,
    /// Events in the files of these days.
    pub events: u64,
    /// Bytes of these files.
    pub bytes: u64,
}

impl ExportReport {
    /// Sums over all channels.
    pub fn total(&self) -> ExportCounts {
        self.channels.values().fold(ExportCounts::default(), |sum, counts| ExportCounts {
            days: sum.days + counts.days,
            days_written: sum.days_written + counts.days_written,
            events: sum.events + counts.events,
            bytes: sum.bytes + counts.bytes,
        })
    }
}

impl Export {
    pub(super) fn begin(root: &Path) -> Result<Self, StoreError> {
        let lock = WriterLock::take(root)?;
        let staging = root.join(".staging");
        // What an interrupted export left behind.
        match fs::remove_dir_all(&staging) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(StoreError::io("remove", &staging)(error));
            }
            _ => {}
        }
        disk::create_private(&staging).map_err(StoreError::io("create", &staging))?;
        Ok(Self {
            root: root.to_owned(),
            staging,
            report: ExportReport::default(),
            directories: BTreeSet::new(),
            _lock: lock,
        })
    }

    /// Writes the days of a stored market. `progress` is told the known time of each event written.
    pub fn market(
        &mut self,
        store: &Store,
        market: &MarketId,
        days: &RangeInclusive<Day>,
        mut progress: impl FnMut(Timestamp),
    ) -> Result<(), StoreError> {
        let listing = store.list(market)?;
        self.report.damage.extend(listing.foreign);
        for (place, path) in listing.channels.into_iter().flat_map(|(_, segments)| segments) {
            if days.contains(&place.day) {
                self.segment(&place, &path, &mut progress)?;
            }
        }
        Ok(())
    }

    /// Writes the days of a market whose events are at hand, in any order.
    pub fn events(
        &mut self,
        market: &MarketId,
        events: impl IntoIterator<Item = Event>,
        days: &RangeInclusive<Day>,
        mut progress: impl FnMut(Timestamp),
    ) -> Result<(), StoreError> {
        let mut places: BTreeMap<Place, Vec<Event>> = BTreeMap::new();
        for event in events {
            let channel = Channel::of(&event).ok_or(StoreError::UnknownKind(event.body.kind()))?;
            let day = Day::of(event.known_ts);
            if days.contains(&day) {
                places.entry(Place { market: market.clone(), channel, day }).or_default().push(event);
            }
        }
        for (place, mut events) in places {
            events.sort_by(order::total);
            let mut writer = self.writer(&place)?;
            for event in &events {
                progress(event.known_ts);
                writer.push(event).map_err(self.failed())?;
            }
            self.publish(&place, writer, &[])?;
        }
        Ok(())
    }

    /// Ends the export: what was written outlasts a power failure from now on.
    pub fn finish(self) -> Result<ExportReport, StoreError> {
        self.directories.iter().try_for_each(|directory| disk::sync(directory))?;
        fs::remove_dir_all(&self.staging).map_err(StoreError::io("remove", &self.staging))?;
        Ok(self.report)
    }

    /// Writes the day of one segment, unless the archive holds the same events.
    fn segment(
        &mut self,
        place: &Place,
        path: &Path,
        progress: &mut impl FnMut(Timestamp),
    ) -> Result<(), StoreError> {
        if let Some(header) = read_header(path, place)? {
            let archived = path_of(&self.root, place);
            let there = sound(&archived, place).map_err(StoreError::io("read", &archived))?;
            if let Some(there) = there
                && there.digest == header.summary.digest
                && there.holes == header.holes
            {
                self.count(place, there.events, there.bytes, false);
                self.report.damage.extend(known_losses(path, &there.holes));
                return Ok(());
            }
        }
        let mut segment =
            SegmentReader::open(path, place, Timestamp::LATEST).map_err(|error| match error {
                OpenError::Newer(found) => {
                    StoreError::NewerFormat { path: path.to_owned(), found, supported: FORMAT }
                }
                OpenError::WrongPlace(found) => StoreError::WrongPlace { path: path.to_owned(), found },
                OpenError::Io(error) => StoreError::io("read", path)(error),
            })?;
        let mut writer = self.writer(place)?;
        while let Ok(Some(event)) = segment.take() {
            progress(event.known_ts);
            writer.push(&event).map_err(self.failed())?;
        }
        let damage = segment.into_damage();
        let lost = damage.iter().filter(|damage| damage.events_lost != Some(0));
        let holes: Vec<Hole> = lost.map(Hole::from).collect();
        self.report.damage.extend(damage);
        self.publish(place, writer, &holes)
    }

    fn writer(&self, place: &Place) -> Result<DayWriter, StoreError> {
        DayWriter::create(&self.staging, place.clone()).map_err(self.failed())
    }

    /// Gives a finished day its name, unless the same is there. A day that lost events does not replace one
    /// that has more.
    fn publish(&mut self, place: &Place, writer: DayWriter, holes: &[Hole]) -> Result<(), StoreError> {
        let written = writer.finish(holes).map_err(self.failed())?;
        let path = path_of(&self.root, place);
        let there = sound(&path, place).map_err(StoreError::io("read", &path))?;
        if let Some(there) = there {
            let same = there.digest == written.digest && there.holes == holes;
            if same || (!holes.is_empty() && there.events > written.events) {
                self.count(place, there.events, there.bytes, false);
                return Ok(());
            }
        }
        let directory = path.parent().unwrap_or(&self.root);
        disk::create_below(&self.root, directory)?;
        written.file.persist(&path).map_err(|error| StoreError::io("create", &path)(error.error))?;
        self.directories.insert(directory.to_owned());
        self.count(place, written.events, written.bytes, true);
        Ok(())
    }

    fn count(&mut self, place: &Place, events: u64, bytes: u64, written: bool) {
        let key = (place.market.clone(), place.channel);
        let counts = self.report.channels.entry(key).or_default();
        counts.days += 1;
        counts.days_written += u64::from(written);
        counts.events += events;
        counts.bytes += bytes;
    }

    fn failed(&self) -> impl FnOnce(std::io::Error) -> StoreError + use<> {
        let staging = self.staging.clone();
        move |error| StoreError::io("write a temporary file in", &staging)(error)
    }
}

/// The losses that a segment remembers.
fn known_losses<'a>(path: &'a Path, holes: &'a [Hole]) -> impl Iterator<Item = Damage> + 'a {
    holes.iter().map(|hole| Damage {
        path: path.to_owned(),
        block: None,
        reason: crate::error::DamageReason::LostEarlier,
        events_lost: hole.events,
        from: hole.from,
        to: hole.to,
    })
}
