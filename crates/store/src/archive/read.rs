//! Reading one day of one channel, a page of each column at a time.

use core::cmp::Ordering;
use std::fs::File;
use std::io;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::{Buf as _, Bytes, buf::Reader};
use liqlens_market::{Event, Span, Timestamp, TradeColumns, TradeRun};
use parquet::basic::Encoding;
use parquet::column::page::{Page, PageReader as _};
use parquet::errors::ParquetError;
use parquet::file::metadata::RowGroupMetaData;
use parquet::file::reader::{ChunkReader, Length};
use parquet::file::serialized_reader::SerializedPageReader;

use super::columns::{self, Kind, Values};
use super::footer::{self, Contents, Fault, guarded};
use super::pages::{self, Dictionary};
use super::rows::Rows;
use crate::channel::Channel;
use crate::error::{Damage, DamageReason};
use crate::place::Place;

/// Most bytes of a page before compression; a page holds one event at least, and the largest the store
/// takes comes to 90 MB as text.
pub(crate) const MAX_PAGE_BYTES: usize = 128 << 20;
/// LZ4 never expands a byte to more than this many.
const MAX_EXPANSION: usize = 255;

/// Some rows of a file.
#[derive(Debug)]
pub(crate) enum Batch {
    Trades(TradeColumns),
    Events(Vec<Event>),
}

/// The events of one file in order. Damage leaves fewer of them and is noted.
pub(crate) struct DayReader {
    file: File,
    path: PathBuf,
    place: Place,
    contents: Contents,
    range: RangeInclusive<Timestamp>,
    next_group: usize,
    group: Option<OpenGroup>,
    last_known: Timestamp,
    bytes_read: u64,
    damage: Vec<Damage>,
}

/// A row group being read.
struct OpenGroup {
    number: usize,
    columns: Vec<ColumnPages>,
    rows_left: usize,
    to: Timestamp,
}

/// The pages of one column of a row group.
struct ColumnPages {
    kind: Kind,
    pages: SerializedPageReader<GroupBytes>,
    dictionary: Dictionary,
    /// Values of the last page not yet taken.
    pending: Values,
}

impl DayReader {
    /// Opens the file at `path` for events known within `range`.
    pub(crate) fn open(path: &Path, place: &Place, range: RangeInclusive<Timestamp>) -> Result<Self, Fault> {
        let mut file = File::open(path)?;
        let contents = Contents::read(&mut file, place)?;
        let mut reader = Self {
            file,
            path: path.to_owned(),
            place: place.clone(),
            range,
            next_group: 0,
            group: None,
            last_known: place.day.start(),
            bytes_read: 0,
            damage: Vec::new(),
            contents,
        };
        for hole in reader.contents.holes.clone() {
            if hole.from <= *reader.range.end() && hole.to >= *reader.range.start() {
                reader.note(DamageReason::LostEarlier, None, hole.events, hole.from, hole.to);
            }
        }
        Ok(reader)
    }

    pub(crate) fn damage(&self) -> &[Damage] {
        &self.damage
    }

    pub(crate) fn into_damage(self) -> Vec<Damage> {
        self.damage
    }

    /// Bytes of row groups read so far.
    pub(crate) const fn bytes_read(&self) -> u64 {
        self.bytes_read
    }

    /// The next rows. Those of a row group that reaches into the range come whole.
    pub(crate) fn next_batch(&mut self) -> Option<Batch> {
        loop {
            if self.group.as_ref().is_some_and(|group| group.rows_left > 0) {
                match self.decode() {
                    Some(batch) => return Some(batch),
                    None => self.lose_group(),
                }
            }
            self.group = None;
            self.open_group()?;
        }
    }

    /// Decodes the next rows of the open row group; `None` if they are not events of this place in order.
    fn decode(&mut self) -> Option<Batch> {
        let group = self.group.as_mut()?;
        let columns = group.take_columns()?;
        let rows = Rows::from_columns(self.place.channel, columns);
        let (first, last) = rows.span()?;
        let (first, last) = (Timestamp::from_nanos(first), Timestamp::from_nanos(last));
        if first < self.last_known || last > group.to {
            return None;
        }
        let batch = if self.place.channel == Channel::Trade {
            let trades = rows.into_trades()?;
            is_in_order(trades.run()).then_some(Batch::Trades(trades))?
        } else {
            let events = rows.into_events()?;
            let ours = events.iter().all(|event| Channel::of(event) == Some(self.place.channel));
            let in_order = events.is_sorted_by(|a, b| a.log_order(b).is_le());
            (ours && in_order).then_some(Batch::Events(events))?
        };
        group.rows_left -= batch.len();
        self.last_known = last;
        Some(batch)
    }

    /// Opens the next row group that reaches into the range; `None` if there is none left.
    fn open_group(&mut self) -> Option<()> {
        loop {
            let number = self.next_group;
            let group = self.contents.groups.get(number)?.clone();
            if group.first_known > *self.range.end() {
                return None;
            }
            self.next_group += 1;
            if group.last_known < *self.range.start() {
                continue;
            }
            self.bytes_read += group.range.end - group.range.start;
            let reason = match group.load(&mut self.file) {
                Ok(Some(bytes)) => {
                    let bytes = GroupBytes { bytes: bytes.into(), start: group.range.start };
                    let metadata = self.contents.parquet.row_group(number);
                    let columns = OpenGroup::columns(bytes, metadata, self.place.channel, group.rows);
                    if let Some(columns) = columns {
                        self.last_known = group.first_known;
                        let to = group.last_known;
                        self.group = Some(OpenGroup { number, columns, rows_left: group.rows, to });
                        return Some(());
                    }
                    DamageReason::Content
                }
                Ok(None) => DamageReason::Checksum,
                Err(_) => DamageReason::Unreadable,
            };
            self.note(reason, Some(number), Some(group.rows as u64), group.first_known, group.last_known);
        }
    }

    fn lose_group(&mut self) {
        if let Some(group) = self.group.take() {
            let lost = Some(group.rows_left as u64);
            self.note(DamageReason::Content, Some(group.number), lost, self.last_known, group.to);
        }
    }

    fn note(
        &mut self,
        reason: DamageReason,
        group: Option<usize>,
        events_lost: Option<u64>,
        from: Timestamp,
        to: Timestamp,
    ) {
        let block =
            group.and_then(|number| u32::try_from(number).ok()).map(|number| number.saturating_add(1));
        self.damage.push(Damage { path: self.path.clone(), block, reason, events_lost, from, to });
    }
}

/// The damage of a file of which nothing can be read.
pub(crate) fn whole_file(path: PathBuf, place: &Place, fault: &Fault) -> Damage {
    let reason = match fault {
        Fault::WrongPlace => DamageReason::WrongPlace,
        Fault::Damaged => DamageReason::Footer,
        // A newer format is refused before reading begins; one that appears meanwhile is unreadable.
        Fault::Newer | Fault::Io(_) => DamageReason::Unreadable,
    };
    let (from, to) = (place.day.start(), place.day.end() - Span::from_nanos(1));
    Damage { path, block: None, reason, events_lost: None, from, to }
}

impl Batch {
    fn len(&self) -> usize {
        match self {
            Self::Trades(trades) => trades.len(),
            Self::Events(events) => events.len(),
        }
    }
}

impl OpenGroup {
    fn columns(
        bytes: GroupBytes,
        metadata: &RowGroupMetaData,
        channel: Channel,
        rows: usize,
    ) -> Option<Vec<ColumnPages>> {
        let bytes = Arc::new(bytes);
        let pages = metadata.columns().iter().zip(columns::of(channel)).map(|(chunk, column)| {
            let pages = guarded(|| SerializedPageReader::new(Arc::clone(&bytes), chunk, rows, None).ok())?;
            let (kind, dictionary) = (column.kind, Dictionary::default());
            Some(ColumnPages { kind, pages, dictionary, pending: Values::none(kind) })
        });
        pages.collect()
    }

    /// The values of the next rows of all columns: as many as the pages at hand have in common.
    fn take_columns(&mut self) -> Option<Vec<Values>> {
        let mut rows = self.rows_left;
        for column in &mut self.columns {
            column.fill(self.rows_left)?;
            rows = rows.min(column.pending.len());
        }
        Some(self.columns.iter_mut().map(|column| column.pending.take(rows)).collect())
    }
}

impl ColumnPages {
    /// Sees to it that there are values at hand.
    fn fill(&mut self, rows_left: usize) -> Option<()> {
        while self.pending.len() == 0 {
            let page = guarded(|| self.pages.get_next_page().ok().flatten())?;
            if let Page::DictionaryPage { buf, encoding: Encoding::PLAIN, .. } = &page {
                if !matches!(self.dictionary, Dictionary::None) {
                    return None;
                }
                self.dictionary = Dictionary::read(self.kind, buf).ok()?;
            } else {
                self.pending = pages::values(self.kind, &page, &self.dictionary, rows_left).ok()?;
            }
        }
        // More than fit into the row group would be of no row.
        (self.pending.len() <= rows_left).then_some(())
    }
}

/// Whether trades come in [`Event::log_order`].
fn is_in_order(trades: TradeRun<'_>) -> bool {
    let (event_ts, id) = (trades.event_ts(), trades.id());
    let rest = |row: usize| (id[row], trades.price()[row], trades.size()[row], trades.taker()[row]);
    // Of a crash's trades many share a millisecond; ids then tell them apart.
    let tied_in_order = |row: usize| match event_ts[row].cmp(&event_ts[row + 1]) {
        Ordering::Equal => rest(row) <= rest(row + 1),
        order => order.is_lt(),
    };
    let pairs = trades.known_ts().windows(2).enumerate();
    pairs.map(|(row, pair)| (row, pair[0].cmp(&pair[1]))).all(|(row, order)| match order {
        Ordering::Less => true,
        Ordering::Equal => tied_in_order(row),
        Ordering::Greater => false,
    })
}

/// The bytes of a row group, addressed as in the file.
struct GroupBytes {
    bytes: Bytes,
    start: u64,
}

impl GroupBytes {
    fn from(&self, start: u64) -> Result<Bytes, ParquetError> {
        let at = start.checked_sub(self.start).and_then(|at| usize::try_from(at).ok());
        let at = at.filter(|at| *at <= self.bytes.len());
        at.map(|at| self.bytes.slice(at..)).ok_or_else(outside)
    }
}

fn outside() -> ParquetError {
    ParquetError::EOF("a page lies outside its row group".into())
}

impl Length for GroupBytes {
    fn len(&self) -> u64 {
        self.start.saturating_add(self.bytes.len() as u64)
    }
}

impl ChunkReader for GroupBytes {
    type T = Reader<Bytes>;

    /// The library asks for this where a page's header begins, and then for as much memory as the header
    /// says: so it is looked at first.
    fn get_read(&self, start: u64) -> Result<Self::T, ParquetError> {
        let bytes = self.from(start)?;
        let sizes = page_sizes(&bytes).ok_or_else(outside)?;
        if sizes.expanded > MAX_PAGE_BYTES || sizes.expanded / MAX_EXPANSION > sizes.stored {
            return Err(ParquetError::General("a page says it is larger than its bytes can be".into()));
        }
        Ok(bytes.reader())
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes, ParquetError> {
        let bytes = self.from(start)?;
        if length > bytes.len() { Err(outside()) } else { Ok(bytes.slice(..length)) }
    }
}

/// Bytes of a page before and after compression.
struct PageSizes {
    expanded: usize,
    stored: usize,
}

/// The sizes in a page header, whose first three fields are kind, size and stored size: 32-bit numbers in
/// zigzag form, each after a mark.
fn page_sizes(mut header: &[u8]) -> Option<PageSizes> {
    let mut field = || {
        let (mark, rest) = header.split_first()?;
        header = rest;
        let value = pages::varint(&mut header).ok()?;
        // An even zigzag number is not negative.
        (*mark == 0x15 && value % 2 == 0).then_some(value / 2)
    };
    let (_, expanded, stored) = (field()?, field()?, field()?);
    Some(PageSizes { expanded: usize::try_from(expanded).ok()?, stored: usize::try_from(stored).ok()? })
}

/// Reads a file's whole data to see that it is what was written; its contents if it is.
pub(crate) fn sound(path: &Path, place: &Place) -> io::Result<Option<Contents>> {
    let mut file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        other => other?,
    };
    let contents = match footer::Contents::read(&mut file, place) {
        Ok(contents) => contents,
        Err(Fault::Io(error)) => return Err(error),
        Err(_) => return Ok(None),
    };
    for group in &contents.groups {
        if group.load(&mut file)?.is_none() {
            return Ok(None);
        }
    }
    Ok(Some(contents))
}
