//! Segments: one channel of one market on one UTC day, in one file.
//!
//! | offset | bytes | |
//! |---|---|---|
//! | 0 | 6 | `LIQSEG` |
//! | 6 | 2 | format, now 2 |
//! | 8 | 4 | length `n` of the body |
//! | 12 | n | body: summary of the content, then place and holes |
//! | 12 + n | 4 | CRC-32 of everything above |
//! | 16 + n | | blocks, see [`crate::block`] |
//!
//! Everything but the body keeps its place in all future formats, so a version too old for a file can tell
//! that from damage. The header's summary says how many events there should be; blocks carry what is
//! needed to do without it.

use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::Path;

use liqlens_market::{Event, Timestamp};
use serde::{Deserialize, Serialize};
use tempfile::{NamedTempFile, TempPath};

use crate::block::{BlockWriter, Written};
use crate::place::Place;

const MAGIC: [u8; 6] = *b"LIQSEG";
/// The newest format this version reads, and the one it writes. Format 2 added accounts; everything that
/// format 1 could hold is laid out the same in both.
pub(crate) const FORMAT: u16 = 2;
/// Bytes before the body.
const LEAD_BYTES: usize = 12;
/// Most bytes of a body that are read.
const MAX_BODY_BYTES: usize = 1 << 20;
/// Holes kept apart; more are joined with the last one.
const MAX_HOLES: usize = 1_000;

/// Events lost to damage that an earlier import met and could not make good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Hole {
    /// The lost events were known at or after this.
    pub(crate) from: Timestamp,
    /// The lost events were known at or before this.
    pub(crate) to: Timestamp,
    /// How many; `None` if unknown.
    pub(crate) events: Option<u64>,
}

/// The header of a segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) summary: Summary,
    pub(crate) holes: Vec<Hole>,
    /// Where the blocks begin.
    pub(crate) blocks_at: u64,
}

/// What the segment contains; written last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Summary {
    pub(crate) events: u64,
    pub(crate) blocks: u32,
    pub(crate) file_bytes: u64,
    pub(crate) first_known: Timestamp,
    pub(crate) last_known: Timestamp,
    pub(crate) digest: [u8; 16],
}

const SUMMARY_BYTES: usize = 52;

#[derive(Serialize, Deserialize)]
struct Belonging {
    market: String,
    channel: String,
    day: i64,
    holes: Vec<Hole>,
}

/// Why a header could not be used.
#[derive(Debug)]
pub(crate) enum HeaderFault {
    /// The system could not read the file.
    Io(io::Error),
    /// The file is of a later format.
    Newer(u16),
    /// The file belongs elsewhere.
    WrongPlace(String),
    /// The header is damaged; the blocks may be good.
    Damaged,
}

impl Summary {
    fn to_bytes(self) -> [u8; SUMMARY_BYTES] {
        let mut bytes = [0; SUMMARY_BYTES];
        bytes[0..8].copy_from_slice(&self.events.to_le_bytes());
        bytes[8..12].copy_from_slice(&self.blocks.to_le_bytes());
        bytes[12..20].copy_from_slice(&self.file_bytes.to_le_bytes());
        bytes[20..28].copy_from_slice(&self.first_known.nanos().to_le_bytes());
        bytes[28..36].copy_from_slice(&self.last_known.nanos().to_le_bytes());
        bytes[36..52].copy_from_slice(&self.digest);
        bytes
    }

    fn parse(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let (events, rest) = bytes.split_first_chunk()?;
        let (blocks, rest) = rest.split_first_chunk()?;
        let (file_bytes, rest) = rest.split_first_chunk()?;
        let (first_known, rest) = rest.split_first_chunk()?;
        let (last_known, rest) = rest.split_first_chunk()?;
        let (digest, rest) = rest.split_first_chunk()?;
        let summary = Self {
            events: u64::from_le_bytes(*events),
            blocks: u32::from_le_bytes(*blocks),
            file_bytes: u64::from_le_bytes(*file_bytes),
            first_known: Timestamp::from_nanos(i64::from_le_bytes(*first_known)),
            last_known: Timestamp::from_nanos(i64::from_le_bytes(*last_known)),
            digest: *digest,
        };
        Some((summary, rest))
    }
}

/// Header bytes of a segment; the length depends on place and holes alone.
fn header_bytes(place: &Place, holes: &[Hole], summary: Summary) -> io::Result<Vec<u8>> {
    let belonging = Belonging {
        market: place.market.to_string(),
        channel: place.channel.to_string(),
        day: place.day.number(),
        holes: holes.to_vec(),
    };
    let body = postcard::to_extend(&belonging, summary.to_bytes().to_vec()).map_err(io::Error::other)?;
    let length = u32::try_from(body.len()).map_err(io::Error::other)?;
    let mut bytes = Vec::with_capacity(LEAD_BYTES + body.len() + 4);
    bytes.extend_from_slice(&MAGIC);
    bytes.extend_from_slice(&FORMAT.to_le_bytes());
    bytes.extend_from_slice(&length.to_le_bytes());
    bytes.extend_from_slice(&body);
    let crc = crc32fast::hash(&bytes);
    bytes.extend_from_slice(&crc.to_le_bytes());
    Ok(bytes)
}

/// Reads the header of the segment at `place` from the start of its file.
pub(crate) fn read_header(file: &mut impl Read, place: &Place) -> Result<Header, HeaderFault> {
    let mut bytes = Vec::new();
    let mut read = |bytes: &mut Vec<u8>, count: usize| {
        let taken = file.by_ref().take(count as u64).read_to_end(bytes).map_err(HeaderFault::Io)?;
        if taken == count { Ok(()) } else { Err(HeaderFault::Damaged) }
    };
    read(&mut bytes, LEAD_BYTES)?;
    let (magic, rest) = bytes.split_first_chunk::<6>().ok_or(HeaderFault::Damaged)?;
    let (format, rest) = rest.split_first_chunk().ok_or(HeaderFault::Damaged)?;
    let (length, _) = rest.split_first_chunk().ok_or(HeaderFault::Damaged)?;
    let (format, length) = (u16::from_le_bytes(*format), u32::from_le_bytes(*length));
    let length = usize::try_from(length).map_err(|_| HeaderFault::Damaged)?;
    if *magic != MAGIC || length > MAX_BODY_BYTES {
        return Err(HeaderFault::Damaged);
    }
    read(&mut bytes, length + 4)?;
    let (covered, crc) = bytes.split_last_chunk().ok_or(HeaderFault::Damaged)?;
    if crc32fast::hash(covered) != u32::from_le_bytes(*crc) {
        return Err(HeaderFault::Damaged);
    }
    match format {
        1..=FORMAT => {}
        0 => return Err(HeaderFault::Damaged),
        newer => return Err(HeaderFault::Newer(newer)),
    }
    let (summary, rest) = Summary::parse(&covered[LEAD_BYTES..]).ok_or(HeaderFault::Damaged)?;
    let belonging: Belonging = postcard::from_bytes(rest).map_err(|_| HeaderFault::Damaged)?;
    let belongs = belonging.market == place.market.to_string()
        && belonging.channel == place.channel.to_string()
        && belonging.day == place.day.number();
    if !belongs {
        return Err(HeaderFault::WrongPlace(format!("{} {}", belonging.market, belonging.channel)));
    }
    Ok(Header { summary, holes: belonging.holes, blocks_at: bytes.len() as u64 })
}

/// Writes a segment to a temporary file, from which it is renamed into place.
pub(crate) struct SegmentWriter {
    blocks: BlockWriter<BufWriter<NamedTempFile>>,
    place: Place,
    holes: Vec<Hole>,
    header_length: u64,
}

impl SegmentWriter {
    /// Starts a segment in `directory`, with blocks of at most `max_events`.
    pub(crate) fn create(
        directory: &Path,
        place: Place,
        mut holes: Vec<Hole>,
        max_events: u32,
    ) -> io::Result<Self> {
        join_holes(&mut holes);
        let mut out =
            BufWriter::with_capacity(1 << 18, NamedTempFile::with_prefix_in("segment-", directory)?);
        let zero = Timestamp::from_nanos(0);
        let unknown = Summary {
            events: 0,
            blocks: 0,
            file_bytes: 0,
            first_known: zero,
            last_known: zero,
            digest: [0; 16],
        };
        let header = header_bytes(&place, &holes, unknown)?;
        out.write_all(&header)?;
        let blocks = BlockWriter::compressed(out, place.identity(), max_events);
        Ok(Self { blocks, place, holes, header_length: header.len() as u64 })
    }

    /// Adds an event, which must not come before the last one added.
    pub(crate) fn push(&mut self, event: &Event) -> io::Result<()> {
        self.blocks.push(event)
    }

    /// Completes the file and makes its content durable; it still has its temporary name.
    pub(crate) fn finish(self) -> io::Result<(TempPath, Written)> {
        let (out, written) = self.blocks.finish()?;
        let mut temporary = out.into_inner().map_err(io::IntoInnerError::into_error)?;
        let summary = Summary {
            events: written.events,
            blocks: written.blocks,
            file_bytes: self.header_length + written.bytes,
            first_known: written.first_known,
            last_known: written.last_known,
            digest: written.digest,
        };
        temporary.seek(SeekFrom::Start(0))?;
        temporary.write_all(&header_bytes(&self.place, &self.holes, summary)?)?;
        temporary.as_file().sync_all()?;
        Ok((temporary.into_temp_path(), written))
    }
}

/// Keeps the list of holes short: beyond the limit the last one covers all further ones.
fn join_holes(holes: &mut Vec<Hole>) {
    while holes.len() > MAX_HOLES {
        let Some(hole) = holes.pop() else { return };
        if let Some(last) = holes.last_mut() {
            last.from = last.from.min(hole.from);
            last.to = last.to.max(hole.to);
            last.events = last.events.zip(hole.events).and_then(|(a, b)| a.checked_add(b));
        }
    }
}
