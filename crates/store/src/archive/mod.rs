//! The archive: a market's events as Parquet, one file a channel and UTC day.
//!
//! ```text
//! DIR/LIQLENS-ARCHIVE                                    says that this is an archive
//! DIR/binance/BTCUSDT/trade/2026-01-04.parquet           one channel of one market on one UTC day
//! DIR/binance/BTCUSDT/bar-mark-1m/2026-01-04.parquet
//! ```
//!
//! It is written from a store by [`Export`], can be read by `DuckDB`, Polars, Spark and whatever else
//! knows Parquet, and answers every question the store answers, from columns instead of records. What holds:
//!
//! - a file is complete or absent, and its bytes depend on its events alone;
//! - row groups end with the hour, so an hour of a busy channel costs about an hour's bytes;
//! - damage costs at most its row group, is reported, and never becomes a wrong event;
//! - reading takes the memory of one row group as stored and a few thousand rows, whatever a file says.

mod columns;
mod export;
mod footer;
mod log;
mod pages;
mod read;
mod rows;
#[cfg(test)]
mod tests;
mod write;

use core::ops::RangeInclusive;
use std::collections::VecDeque;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use liqlens_market::{MarketId, Timestamp};
use tempfile::NamedTempFile;

pub use self::export::{Export, ExportCounts, ExportReport};
pub use self::log::ArchiveLog;
use crate::channel::Channel;
use crate::disk;
use crate::error::StoreError;
use crate::listing::{self, Listing};
use crate::place::Place;
use crate::store::ChannelInfo;

/// By this file a directory is known as an archive.
const MARKER: &str = "LIQLENS-ARCHIVE";
const MARKER_TEXT: &str = "liqlens archive, format 1\n\nOne Parquet file for each channel and UTC day. Files can be removed one by one; one \
that was edited is refused.\n";
/// Suffix of files.
const SUFFIX: &str = ".parquet";

/// A directory of archived events. Holds no file open and no lock.
#[derive(Debug, Clone)]
pub struct Archive {
    root: PathBuf,
}

impl Archive {
    /// Opens an existing archive.
    pub fn open(directory: &Path) -> Result<Self, StoreError> {
        if directory.join(MARKER).is_file() {
            return Ok(Self { root: directory.to_owned() });
        }
        Err(StoreError::NotAnArchive(directory.to_owned()))
    }

    /// Opens the archive, creating directory and archive where there is none yet. A directory with files of
    /// something else is refused.
    pub fn create(directory: &Path) -> Result<Self, StoreError> {
        if let Ok(archive) = Self::open(directory) {
            return Ok(archive);
        }
        let created = StoreError::io("create", directory);
        if !directory.exists() {
            if let Some(parent) = directory.parent() {
                fs::create_dir_all(parent).map_err(StoreError::io("create", parent))?;
            }
            disk::create_private(directory).map_err(created)?;
            disk::sync(&directory.join(".."))?;
        }
        if !disk::list(directory)?.is_empty() {
            return Err(StoreError::NoRoomForArchive(directory.to_owned()));
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

    /// Begins to write. Refused while another export holds the directory.
    pub fn begin_export(&self) -> Result<Export, StoreError> {
        Export::begin(&self.root)
    }

    /// The markets with at least one file, in order.
    pub fn markets(&self) -> Result<Vec<MarketId>, StoreError> {
        listing::markets(&self.root, SUFFIX)
    }

    /// What is archived of a market, by channel; empty for an unknown market. Reads footers only; a file
    /// whose footer is damaged counts as a day without events.
    pub fn channels(&self, market: &MarketId) -> Result<Vec<ChannelInfo>, StoreError> {
        let mut infos = Vec::new();
        for (_, files) in self.list(market)?.channels {
            for (place, path) in files {
                refuse_newer(&path)?;
                let contents = File::open(&path)
                    .ok()
                    .and_then(|mut file| footer::Contents::read(&mut file, &place).ok());
                let bytes = fs::metadata(&path).map_or(0, |metadata| metadata.len());
                let events = contents.as_ref().map_or(0, |contents| contents.events);
                let last = contents.and_then(|contents| contents.last_known()).unwrap_or(place.day.start());
                ChannelInfo::add(&mut infos, &place, events, last, bytes);
            }
        }
        Ok(infos)
    }

    /// The events of a market known within `range`, in log order. Days and row groups outside it are not
    /// read.
    pub fn log(&self, market: &MarketId, range: RangeInclusive<Timestamp>) -> Result<ArchiveLog, StoreError> {
        let Listing { channels, foreign } = self.list(market)?;
        let mut trades = VecDeque::new();
        let mut others = Vec::new();
        for (channel, mut files) in channels {
            files.retain(|(place, _)| place.day.start() <= *range.end() && place.day.end() > *range.start());
            // All formats are checked before the first event is given: half an answer would be wrong.
            files.iter().try_for_each(|(_, path)| refuse_newer(path))?;
            if channel == Channel::Trade {
                trades = files;
            } else {
                others.push(files);
            }
        }
        Ok(ArchiveLog::new(trades, others, &range, foreign))
    }

    fn list(&self, market: &MarketId) -> Result<Listing, StoreError> {
        Listing::read(&self.root, market, SUFFIX)
    }
}

/// The file of a place.
fn path_of(root: &Path, place: &Place) -> PathBuf {
    place.path_with(root, SUFFIX)
}

fn refuse_newer(path: &Path) -> Result<(), StoreError> {
    match footer::newer_format(path) {
        Some(found) => {
            Err(StoreError::NewerFormat { path: path.to_owned(), found, supported: footer::FORMAT })
        }
        None => Ok(()),
    }
}
