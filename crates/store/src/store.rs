//! The data directory: what is in it, and the ways in.

use std::fs::{self, File};
use std::io::{BufReader, Write};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use liqlens_market::{MarketId, Timestamp, Venue};
use tempfile::NamedTempFile;

use crate::channel::{Channel, Day};
use crate::disk;
use crate::error::StoreError;
use crate::events::{ChannelCursor, Events};
use crate::import::{Import, ImportOptions};
use crate::listing::{self, Listing};
use crate::order::Cursor;
use crate::place::Place;
use crate::reader::SegmentReader;
use crate::segment::{self, FORMAT, Header, HeaderFault};

/// By this file a directory is known as a store.
const MARKER: &str = "LIQLENS";
const MARKER_TEXT: &str = "This directory is written by liqlens. Its files can be removed one by one (a day \
                           of a channel is lost with its file) but not edited.\n";

/// Suffix of segments.
const SUFFIX: &str = ".seg";

/// A data directory. Holds no file open and no lock: any number of readers may use one directory while
/// one [`Import`] writes to it.
#[derive(Debug, Clone)]
pub struct Store {
    root: PathBuf,
}

/// What is stored of one channel, from the headers of its segments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelInfo {
    /// The channel.
    pub channel: Channel,
    /// First UTC day with a segment.
    pub first_day: Day,
    /// Last UTC day with a segment.
    pub last_day: Day,
    /// Days with a segment; fewer than from first to last if days are missing.
    pub days: u64,
    /// Number of events.
    pub events: u64,
    /// Known time of the last event.
    pub last_known_ts: Timestamp,
    /// Size on disk.
    pub bytes: u64,
}

impl ChannelInfo {
    /// Adds a file to what is known of its channel; files come by channel, then day.
    pub(crate) fn add(
        infos: &mut Vec<Self>,
        place: &Place,
        events: u64,
        last_known_ts: Timestamp,
        bytes: u64,
    ) {
        match infos.last_mut().filter(|info| info.channel == place.channel) {
            Some(info) => {
                info.last_day = place.day;
                info.days += 1;
                info.events += events;
                info.last_known_ts = info.last_known_ts.max(last_known_ts);
                info.bytes += bytes;
            }
            None => infos.push(Self {
                channel: place.channel,
                first_day: place.day,
                last_day: place.day,
                days: 1,
                events,
                last_known_ts,
                bytes,
            }),
        }
    }
}

impl Store {
    /// Opens an existing store.
    pub fn open(directory: &Path) -> Result<Self, StoreError> {
        if directory.join(MARKER).is_file() {
            return Ok(Self { root: directory.to_owned() });
        }
        Err(StoreError::NotAStore(directory.to_owned()))
    }

    /// Opens the store, creating directory and store where there is none yet. A directory with files of
    /// something else is refused.
    pub fn create(directory: &Path) -> Result<Self, StoreError> {
        if let Ok(store) = Self::open(directory) {
            return Ok(store);
        }
        let created = StoreError::io("create", directory);
        if !directory.exists() {
            if let Some(parent) = directory.parent() {
                fs::create_dir_all(parent).map_err(StoreError::io("create", parent))?;
            }
            disk::create_private(directory).map_err(created)?;
            disk::sync(&directory.join(".."))?;
        }
        // Venue directories alone are a store whose marker was deleted.
        let ours = |name: &std::ffi::OsStr| Venue::ALL.iter().any(|venue| name == venue.id());
        if disk::list(directory)?.iter().any(|entry| !ours(&entry.name)) {
            return Err(StoreError::NotEmpty(directory.to_owned()));
        }
        let marker = directory.join(MARKER);
        NamedTempFile::with_prefix_in(".marker-", directory)
            .and_then(|mut file| {
                file.write_all(MARKER_TEXT.as_bytes())?;
                file.as_file().sync_all()?;
                file.persist(&marker).map_err(|error| error.error)
            })
            .map_err(StoreError::io("create", &marker))?;
        disk::sync(directory)?;
        Self::open(directory)
    }

    /// The directory.
    pub fn directory(&self) -> &Path {
        &self.root
    }

    /// Begins the import of one file. Refused while another import holds the directory.
    pub fn begin_import(&self) -> Result<Import, StoreError> {
        self.begin_import_with(ImportOptions::default())
    }

    /// As [`Store::begin_import`], with chosen limits.
    pub fn begin_import_with(&self, options: ImportOptions) -> Result<Import, StoreError> {
        Import::begin(&self.root, options)
    }

    /// The markets with at least one segment, in order.
    pub fn markets(&self) -> Result<Vec<MarketId>, StoreError> {
        listing::markets(&self.root, SUFFIX)
    }

    /// What is stored of a market, by channel; empty for an unknown market. Reads headers only; where a
    /// header is damaged, the segment itself is counted.
    pub fn channels(&self, market: &MarketId) -> Result<Vec<ChannelInfo>, StoreError> {
        let mut infos: Vec<ChannelInfo> = Vec::new();
        for (_, segments) in self.list(market)?.channels {
            for (place, path) in segments {
                let (events, last_known_ts) = match read_header(&path, &place)? {
                    Some(header) => (header.summary.events, header.summary.last_known),
                    None => count(&path, &place),
                };
                let bytes = fs::metadata(&path).map_or(0, |metadata| metadata.len());
                ChannelInfo::add(&mut infos, &place, events, last_known_ts, bytes);
            }
        }
        Ok(infos)
    }

    /// The events of a market known at or before `up_to` (all of them if `None`) in log order. Days that
    /// begin later are not opened.
    pub fn events(&self, market: &MarketId, up_to: Option<Timestamp>) -> Result<Events, StoreError> {
        self.events_between(market, Timestamp::EARLIEST..=up_to.unwrap_or(Timestamp::LATEST))
    }

    /// The events of a market known in a range of time, in log order. Days outside it are not opened.
    pub fn events_between(
        &self,
        market: &MarketId,
        range: RangeInclusive<Timestamp>,
    ) -> Result<Events, StoreError> {
        let (from, until) = range.into_inner();
        let Listing { channels, foreign } = self.list(market)?;
        let mut cursors = Vec::new();
        for (_, mut segments) in channels {
            segments.retain(|(place, _)| place.day.start() <= until && place.day.end() > from);
            // All formats are checked before the first event is given: half an answer would be wrong.
            for (place, path) in &segments {
                read_header(path, place)?;
            }
            cursors.push(ChannelCursor::new(segments, from, until));
        }
        Ok(Events::new(cursors, foreign))
    }

    /// A hash of what is stored of a market on days that begin at or before `up_to`: equal hashes mean
    /// equal events, so results may be cached by it – except results from a damaged store, since damage
    /// does not change the hash.
    pub fn fingerprint(&self, market: &MarketId, up_to: Option<Timestamp>) -> Result<[u8; 32], StoreError> {
        let until = up_to.unwrap_or(Timestamp::LATEST);
        let mut hasher = blake3::Hasher::new();
        hasher.update(market.to_string().as_bytes());
        for (_, segments) in self.list(market)?.channels {
            for (place, path) in segments.iter().filter(|(place, _)| place.day.start() <= until) {
                hasher.update(format!("\n{} {} ", place.channel, place.day).as_bytes());
                match read_header(path, place)? {
                    Some(header) => hasher.update(&header.summary.digest),
                    None => hasher.update(b"damaged"),
                };
            }
        }
        Ok(*hasher.finalize().as_bytes())
    }

    /// The segments of a market.
    pub(crate) fn list(&self, market: &MarketId) -> Result<Listing, StoreError> {
        Listing::read(&self.root, market, SUFFIX)
    }
}

/// The header of a segment; `None` if it cannot be read, which the reader of the segment reports.
pub(crate) fn read_header(path: &Path, place: &Place) -> Result<Option<Header>, StoreError> {
    let Ok(file) = File::open(path) else { return Ok(None) };
    match segment::read_header(&mut BufReader::with_capacity(512, file), place) {
        Ok(header) => Ok(Some(header)),
        Err(HeaderFault::Newer(found)) => {
            Err(StoreError::NewerFormat { path: path.to_owned(), found, supported: FORMAT })
        }
        Err(_) => Ok(None),
    }
}

/// Number and last known time of the events that can be read.
fn count(path: &Path, place: &Place) -> (u64, Timestamp) {
    let (mut events, mut last) = (0, place.day.start());
    if let Ok(mut reader) = SegmentReader::open(path, place, Timestamp::LATEST) {
        while let Ok(Some(event)) = reader.take() {
            events += 1;
            last = event.known_ts;
        }
    }
    (events, last)
}
