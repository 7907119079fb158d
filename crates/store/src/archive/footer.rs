//! What stands at the end of a file: what it holds, and the checksums that tell damage from data.
//!
//! Beside Parquet's own metadata a file carries these keys:
//!
//! | key | value |
//! |---|---|
//! | `liqlens.format` | 1 |
//! | `liqlens.venue`, `.symbol`, `.channel`, `.day` | what the file is about |
//! | `liqlens.price_scale`, `.size_scale` | decimals of the columns named `_e8` |
//! | `liqlens.events` | number of rows |
//! | `liqlens.digest` | hash of the events, however they are compressed; the same as in the store |
//! | `liqlens.lost` | what was lost before the export: `from to count`, ns, `;` between |
//! | `liqlens.crc32` | checksum of the bytes of each row group |
//! | `liqlens.seal` | where the last row group ends and the checksum of everything after it |
//!
//! The seal is checked before anything else is read, so that a damaged footer never reaches a parser, and
//! a row group before it is decoded. What a forger makes of it is still checked against the file's length
//! and fixed limits before memory is asked for.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use liqlens_market::Timestamp;
use parquet::basic::CompressionCodec;
use parquet::file::metadata::{ColumnChunkMetaData, KeyValue, ParquetMetaData, ParquetMetaDataReader};
use parquet::file::statistics::Statistics;

use super::columns::{self, KNOWN_TS};
use crate::place::Place;
use crate::segment::Hole;

/// The newest format this version reads, and the one it writes.
pub(crate) const FORMAT: u16 = 1;
/// Most rows of a row group.
pub(crate) const MAX_ROWS: usize = 1 << 18;
/// Most bytes of a row group as stored: the largest event the store takes, as text, and room.
const MAX_GROUP_BYTES: u64 = 256 << 20;
/// Most bytes after the last row group.
const MAX_TAIL_BYTES: u64 = 32 << 20;
/// Most bytes of Parquet's own footer, which takes a few kilobytes a row group. The library's parser needs
/// some dozens of times as much memory.
const MAX_FOOTER_BYTES: u64 = 4 << 20;
/// First and last bytes of a Parquet file.
const MAGIC: [u8; 4] = *b"PAR1";
/// Key of the seal, and what stands between a key of that kind and a value of [`SEAL_BYTES`]: two marks of
/// a text field, the second with its length.
const SEAL_KEY: &str = "liqlens.seal";
const SEAL_BYTES: usize = 24;
const SEAL_GLUE: [u8; 2] = [0x18, 24];

/// What a file holds.
#[derive(Debug, Clone)]
pub(crate) struct Contents {
    pub(crate) parquet: Arc<ParquetMetaData>,
    pub(crate) groups: Vec<Group>,
    pub(crate) events: u64,
    pub(crate) digest: [u8; 16],
    /// What was lost before the file was written.
    pub(crate) holes: Vec<Hole>,
    pub(crate) bytes: u64,
}

/// A row group.
#[derive(Debug, Clone)]
pub(crate) struct Group {
    pub(crate) range: Range<u64>,
    pub(crate) rows: usize,
    pub(crate) first_known: Timestamp,
    pub(crate) last_known: Timestamp,
    crc: u32,
}

/// Why a file cannot be used.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The system could not read it.
    Io(io::Error),
    /// It is of a later format.
    Newer,
    /// It belongs elsewhere.
    WrongPlace,
    /// It is damaged, or was not written by liqlens.
    Damaged,
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// What goes into the footer of a finished file, but for the seal's value.
pub(crate) fn keys(
    place: &Place,
    events: u64,
    digest: [u8; 16],
    holes: &[Hole],
    crcs: &[u32],
) -> Vec<KeyValue> {
    let lost = |hole: &Hole| {
        let count = hole.events.map_or_else(|| "?".to_owned(), |events| events.to_string());
        format!("{} {} {count}", hole.from.nanos(), hole.to.nanos())
    };
    let joined = |parts: Vec<String>| parts.join(";");
    let pairs = [
        ("liqlens.format", FORMAT.to_string()),
        ("liqlens.venue", place.market.venue.id().to_owned()),
        ("liqlens.symbol", place.market.symbol.to_string()),
        ("liqlens.channel", place.channel.to_string()),
        ("liqlens.day", place.day.to_string()),
        ("liqlens.price_scale", "8".to_owned()),
        ("liqlens.size_scale", "8".to_owned()),
        ("liqlens.events", events.to_string()),
        ("liqlens.digest", hex(&digest)),
        ("liqlens.lost", joined(holes.iter().map(lost).collect())),
        ("liqlens.crc32", joined(crcs.iter().map(|crc| format!("{crc:08x}")).collect())),
        (SEAL_KEY, "0".repeat(SEAL_BYTES)),
    ];
    pairs.into_iter().map(|(key, value)| KeyValue::new(key.to_owned(), value)).collect()
}

/// Puts the seal into the tail of a finished file, which starts at `data_end`.
pub(crate) fn seal(tail: &mut [u8], data_end: u64) -> io::Result<Range<usize>> {
    let damaged = || io::Error::new(io::ErrorKind::InvalidData, "the footer has no place for the seal");
    let place = seal_place(tail).ok_or_else(damaged)?;
    let value = &mut tail[place.clone()];
    value.fill(b'0');
    value[..16].copy_from_slice(format!("{data_end:016x}").as_bytes());
    let crc = crc32fast::hash(tail);
    tail[place.clone()][16..].copy_from_slice(format!("{crc:08x}").as_bytes());
    Ok(place)
}

/// Where the value of the seal stands; `None` unless there is exactly one.
fn seal_place(bytes: &[u8]) -> Option<Range<usize>> {
    let mark = [SEAL_KEY.as_bytes(), &SEAL_GLUE].concat();
    let mut found = bytes.windows(mark.len()).enumerate().filter(|(_, window)| *window == mark);
    let start = found.next()?.0 + mark.len();
    let range = start..start + SEAL_BYTES;
    (found.next().is_none() && range.end <= bytes.len()).then_some(range)
}

/// The last bytes of the file with the Parquet footer at their start.
fn footer(file: &mut File, length: u64) -> Result<Vec<u8>, Fault> {
    let end: [u8; 8] = read(file, length.checked_sub(8).ok_or(Fault::Damaged)?, 8)?
        .try_into()
        .map_err(|_| Fault::Damaged)?;
    let [a, b, c, d, magic @ ..] = end;
    let size = u64::from(u32::from_le_bytes([a, b, c, d])) + 8;
    if magic != MAGIC || size > length || size > MAX_FOOTER_BYTES {
        return Err(Fault::Damaged);
    }
    read(file, length - size, size)
}

fn read(file: &mut File, from: u64, count: u64) -> Result<Vec<u8>, Fault> {
    let mut bytes = Vec::with_capacity(usize::try_from(count).map_err(|_| Fault::Damaged)?);
    file.seek(SeekFrom::Start(from))?;
    file.by_ref().take(count).read_to_end(&mut bytes)?;
    if bytes.len() as u64 == count { Ok(bytes) } else { Err(Fault::Damaged) }
}

/// The format of a file that a later version wrote, as far as that can be told; `None` for all others.
pub(crate) fn newer_format(path: &Path) -> Option<u16> {
    let mut file = File::open(path).ok()?;
    let length = file.metadata().ok()?.len();
    let bytes = footer(&mut file, length).ok()?;
    let mark = b"liqlens.format\x18";
    let at = bytes.windows(mark.len()).position(|window| window == mark)? + mark.len();
    let (length, rest) = bytes.get(at..)?.split_first()?;
    let text = rest.get(..usize::from(*length))?;
    let format = core::str::from_utf8(text).ok()?.parse().ok()?;
    (format > FORMAT).then_some(format)
}

impl Contents {
    /// Reads what the file at `place` holds, trusting nothing in it.
    pub(crate) fn read(file: &mut File, place: &Place) -> Result<Self, Fault> {
        let length = file.metadata()?.len();
        let footer = footer(file, length)?;
        let value = seal_place(&footer).and_then(|range| footer.get(range)).ok_or(Fault::Damaged)?;
        let value = core::str::from_utf8(value).map_err(|_| Fault::Damaged)?;
        let (data_end, crc) = value.split_at_checked(16).ok_or(Fault::Damaged)?;
        let data_end = u64::from_str_radix(data_end, 16).map_err(|_| Fault::Damaged)?;
        let crc = u32::from_str_radix(crc, 16).map_err(|_| Fault::Damaged)?;
        let tail_bytes = length.checked_sub(data_end).ok_or(Fault::Damaged)?;
        if tail_bytes > MAX_TAIL_BYTES || tail_bytes < footer.len() as u64 {
            return Err(Fault::Damaged);
        }
        let mut tail = read(file, data_end, tail_bytes)?;
        let place_of_value = seal_place(&tail).ok_or(Fault::Damaged)?;
        tail[place_of_value][16..].fill(b'0');
        let magic = read(file, 0, MAGIC.len() as u64)?;
        if crc32fast::hash(&tail) != crc || magic != MAGIC {
            return Err(Fault::Damaged);
        }
        let metadata = footer.get(..footer.len() - 8).ok_or(Fault::Damaged)?;
        let parquet =
            guarded(|| ParquetMetaDataReader::decode_metadata(metadata).ok()).ok_or(Fault::Damaged)?;
        Self::checked(parquet, place, data_end, length)
    }

    fn checked(parquet: ParquetMetaData, place: &Place, data_end: u64, bytes: u64) -> Result<Self, Fault> {
        let keys = Keys(parquet.file_metadata().key_value_metadata().map_or(&[][..], Vec::as_slice));
        match keys.get("format").and_then(|text| text.parse().ok()) {
            Some(FORMAT) => {}
            Some(newer) if newer > FORMAT => return Err(Fault::Newer),
            _ => return Err(Fault::Damaged),
        }
        let said = ["venue", "symbol", "channel", "day"].map(|key| keys.get(key).unwrap_or_default());
        let (market, channel, day) = (&place.market, place.channel.to_string(), place.day.to_string());
        if said != [market.venue.id(), market.symbol.as_str(), &channel, &day] {
            return Err(Fault::WrongPlace);
        }
        let contents = Self {
            groups: groups(&parquet, place, &keys, data_end).ok_or(Fault::Damaged)?,
            events: keys.get("events").and_then(|text| text.parse().ok()).ok_or(Fault::Damaged)?,
            digest: keys.get("digest").and_then(unhex).ok_or(Fault::Damaged)?,
            holes: keys.get("lost").and_then(holes).ok_or(Fault::Damaged)?,
            bytes,
            parquet: Arc::new(parquet),
        };
        let rows = contents.groups.iter().map(|group| group.rows as u64).sum::<u64>();
        if rows != contents.events || i64::try_from(rows) != Ok(contents.parquet.file_metadata().num_rows()) {
            return Err(Fault::Damaged);
        }
        Ok(contents)
    }

    /// Known time of the last event.
    pub(crate) fn last_known(&self) -> Option<Timestamp> {
        self.groups.last().map(|group| group.last_known)
    }
}

impl Group {
    /// The bytes of the row group, if they are those that were written.
    pub(crate) fn load(&self, file: &mut File) -> Result<Option<Vec<u8>>, io::Error> {
        match read(file, self.range.start, self.range.end - self.range.start) {
            Ok(bytes) => Ok((crc32fast::hash(&bytes) == self.crc).then_some(bytes)),
            Err(Fault::Io(error)) => Err(error),
            Err(_) => Ok(None),
        }
    }
}

/// The row groups, if they follow one another from the start of the file to the end of the data, each with
/// the columns of the channel, in our encodings and within the limits.
fn groups(parquet: &ParquetMetaData, place: &Place, keys: &Keys<'_>, data_end: u64) -> Option<Vec<Group>> {
    let schema = columns::schema(place.channel).ok()?;
    if parquet.file_metadata().schema().get_fields() != schema.get_fields() {
        return None;
    }
    let crcs = keys.get("crc32")?;
    let mut crcs = crcs.split(';').filter(|crc| !crc.is_empty());
    let mut groups: Vec<Group> = Vec::with_capacity(parquet.num_row_groups());
    let mut at = MAGIC.len() as u64;
    for group in parquet.row_groups() {
        let rows = usize::try_from(group.num_rows()).ok().filter(|rows| (1..=MAX_ROWS).contains(rows))?;
        let start = at;
        for column in group.columns() {
            if column.num_values() != group.num_rows() || chunk(column)?.start != at {
                return None;
            }
            at = chunk(column)?.end;
        }
        let Statistics::Int64(known) = group.columns().get(KNOWN_TS)?.statistics()? else { return None };
        let (first, last) = (*known.min_opt()?, *known.max_opt()?);
        let group = Group {
            range: start..at,
            rows,
            first_known: Timestamp::from_nanos(first),
            last_known: Timestamp::from_nanos(last),
            crc: u32::from_str_radix(crcs.next()?, 16).ok()?,
        };
        let before = groups.last().map_or(place.day.start(), |group| group.last_known);
        let in_order = before <= group.first_known && group.first_known <= group.last_known;
        if !in_order || group.last_known >= place.day.end() || at - start > MAX_GROUP_BYTES || at > data_end {
            return None;
        }
        groups.push(group);
    }
    (at == data_end && crcs.next().is_none()).then_some(groups)
}

/// Where a column chunk lies; `None` if it has no such place or is packed in a way we do not read.
pub(crate) fn chunk(column: &ColumnChunkMetaData) -> Option<Range<u64>> {
    let ours =
        matches!(column.compression_codec(), CompressionCodec::UNCOMPRESSED | CompressionCodec::LZ4_RAW);
    let start = column.dictionary_page_offset().unwrap_or(column.data_page_offset());
    let (start, length) = (u64::try_from(start).ok()?, u64::try_from(column.compressed_size()).ok()?);
    let end = start.checked_add(length)?;
    let data = u64::try_from(column.data_page_offset()).ok()?;
    (ours && (start..end).contains(&data) && column.file_path().is_none()).then_some(start..end)
}

/// Runs the library's parser, whose panics – it has places where it would rather stop than answer – become
/// `None`. Nothing of it is used afterwards.
pub(crate) fn guarded<T>(parse: impl FnOnce() -> Option<T>) -> Option<T> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(parse)).ok().flatten()
}

/// The file's keys; one that stands twice counts as missing.
struct Keys<'a>(&'a [KeyValue]);

impl<'a> Keys<'a> {
    fn get(&self, name: &str) -> Option<&'a str> {
        let ours = |key: &&KeyValue| key.key.strip_prefix("liqlens.") == Some(name);
        let mut found = self.0.iter().filter(ours);
        let value = found.next()?.value.as_deref();
        if found.next().is_none() { value } else { None }
    }
}

fn holes(text: &str) -> Option<Vec<Hole>> {
    let hole = |text: &str| {
        let mut parts = text.split(' ');
        let from = Timestamp::from_nanos(parts.next()?.parse().ok()?);
        let to = Timestamp::from_nanos(parts.next()?.parse().ok()?);
        let events = match parts.next()? {
            "?" => None,
            count => Some(count.parse().ok()?),
        };
        parts.next().is_none().then_some(Hole { from, to, events })
    };
    text.split(';').filter(|text| !text.is_empty()).map(hole).collect()
}

fn hex(bytes: &[u8; 16]) -> String {
    format!("{:032x}", u128::from_be_bytes(*bytes))
}

fn unhex(text: &str) -> Option<[u8; 16]> {
    if text.len() != 32 || !text.is_ascii() {
        return None;
    }
    Some(u128::from_str_radix(text, 16).ok()?.to_be_bytes())
}
