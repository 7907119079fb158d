//! The data directory: what is in it, and the ways in.

use std::collections::VecDeque;
use std::fs::{self, File};
use std::io::{BufReader, Write};
use std::path::{Path, PathBuf};

use liqlens_market::{MarketId, Span, Timestamp, Venue};
use tempfile::NamedTempFile;

use crate::channel::{Channel, Day};
use crate::disk;
use crate::error::{Damage, DamageReason, StoreError};
use crate::events::{ChannelCursor, Events};
use crate::import::{Import, ImportOptions};
use crate::order::Cursor;
use crate::place::{self, Place};
use crate::reader::SegmentReader;
use crate::segment::{self, FORMAT, Header, HeaderFault};

/// By this file a directory is known as a store.
const MARKER: &str = "LIQLENS";
const MARKER_TEXT: &str = "This directory is written by liqlens. Its files can be removed one by one (a day \
                           of a channel is lost with its file) but not edited.\n";

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

/// The segments of one market.
struct Listing {
    /// By channel, then day.
    channels: Vec<(Channel, VecDeque<(Place, PathBuf)>)>,
    /// What does not belong there.
    foreign: Vec<Damage>,
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
        let mut markets = Vec::new();
        for venue in Venue::ALL {
            for entry in disk::list(&self.root.join(venue.id()))? {
                let Some(symbol) = entry.name.to_str().and_then(place::symbol_of_dir) else {
                    continue;
                };
                let market = MarketId { venue, symbol };
                if entry.is_dir && !self.list(&market)?.channels.is_empty() {
                    markets.push(market);
                }
            }
        }
        markets.sort();
        Ok(markets)
    }

    /// What is stored of a market, by channel; empty for an unknown market. Reads headers only; where a
    /// header is damaged, the segment itself is counted.
    pub fn channels(&self, market: &MarketId) -> Result<Vec<ChannelInfo>, StoreError> {
        let mut infos: Vec<ChannelInfo> = Vec::new();
        for (channel, segments) in self.list(market)?.channels {
            for (place, path) in segments {
                let (events, last_known_ts) = match read_header(&path, &place)? {
                    Some(header) => (header.summary.events, header.summary.last_known),
                    None => count(&path, &place),
                };
                let bytes = fs::metadata(&path).map_or(0, |metadata| metadata.len());
                match infos.last_mut().filter(|info| info.channel == channel) {
                    Some(info) => {
                        info.last_day = place.day;
                        info.days += 1;
                        info.events += events;
                        info.last_known_ts = info.last_known_ts.max(last_known_ts);
                        info.bytes += bytes;
                    }
                    None => infos.push(ChannelInfo {
                        channel,
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
        Ok(infos)
    }

    /// The events of a market known at or before `up_to` (all of them if `None`) in log order. Days that
    /// begin later are not opened.
    pub fn events(&self, market: &MarketId, up_to: Option<Timestamp>) -> Result<Events, StoreError> {
        let until = up_to.unwrap_or(Timestamp::LATEST);
        let Listing { channels, foreign } = self.list(market)?;
        let mut cursors = Vec::new();
        for (_, mut segments) in channels {
            segments.retain(|(place, _)| place.day.start() <= until);
            // All formats are checked before the first event is given: half an answer would be wrong.
            for (place, path) in &segments {
                read_header(path, place)?;
            }
            cursors.push(ChannelCursor::new(segments, until));
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

    fn list(&self, market: &MarketId) -> Result<Listing, StoreError> {
        let directory = place::market_dir(&self.root, market);
        let mut listing = Listing { channels: Vec::new(), foreign: Vec::new() };
        for entry in disk::list(&directory)? {
            let path = directory.join(&entry.name);
            let channel = entry.name.to_str().filter(|_| entry.is_dir).and_then(Channel::parse);
            let Some(channel) = channel else {
                listing.foreign.push(foreign(path));
                continue;
            };
            let mut segments = VecDeque::new();
            for entry in disk::list(&path)? {
                let path = path.join(&entry.name);
                let name = entry.name.to_str().filter(|_| entry.is_file);
                match name.and_then(|name| Day::parse(name.strip_suffix(".seg")?)) {
                    Some(day) => segments.push_back((Place { market: market.clone(), channel, day }, path)),
                    None => listing.foreign.push(foreign(path)),
                }
            }
            if !segments.is_empty() {
                listing.channels.push((channel, segments));
            }
        }
        // In the order of channels, which is not that of their names.
        listing.channels.sort_by_key(|(channel, _)| *channel);
        Ok(listing)
    }
}

/// The header of a segment; `None` if it cannot be read, which the reader of the segment reports.
fn read_header(path: &Path, place: &Place) -> Result<Option<Header>, StoreError> {
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

fn foreign(path: PathBuf) -> Damage {
    let (from, to) = (Timestamp::EARLIEST, Timestamp::LATEST - Span::from_nanos(1));
    Damage { path, block: None, reason: DamageReason::Foreign, events_lost: None, from, to }
}
