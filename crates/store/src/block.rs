//! Blocks: the unit of loss. A run of events, compressed, with a header that lets a reader check it, skip
//! it, or find the next one in the middle of damage.
//!
//! | offset | bytes | |
//! |---|---|---|
//! | 0 | 4 | `LQBK`, by which a reader finds its place again |
//! | 4 | 4 | number of the block in its segment, from 0; the top bit marks the last block |
//! | 8 | 8 | events in all blocks before it: from this a reader knows how many are missing |
//! | 16 | 4 | events in this block, 1 to 16,384 |
//! | 20 | 4 | bytes before compression |
//! | 24 | 4 | bytes stored; equal to the former when the content is not compressed |
//! | 28 | 8 + 8 | first and last known time, ns |
//! | 44 | 4 | CRC-32 of the stored bytes |
//! | 48 | 4 | CRC-32 of the 48 bytes above |
//!
//! Integers are little-endian. Both checksums start from the checksum of market, channel and day, so a
//! block only ever validates in the segment it was written for.

use std::io::{self, Write};

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};
use liqlens_market::{Event, Timestamp};

use crate::codec::{self, Encoder};

/// Most events of one block.
pub(crate) const MAX_EVENTS: u32 = 16_384;
/// A block that reaches this many bytes before compression is closed early.
const FULL_BYTES: usize = 1 << 20;
/// Most bytes before compression: a full block and one event of the largest size the store takes.
pub(crate) const MAX_RAW_BYTES: usize = 48 << 20;
/// Length of a block header.
pub(crate) const HEADER_BYTES: usize = 52;
/// Marks the last block of a segment, in the field of its number.
const LAST: u32 = 1 << 31;
/// First bytes of a block header.
pub(crate) const SYNC: [u8; 4] = *b"LQBK";

/// A block header, see the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BlockHeader {
    pub(crate) index: u32,
    pub(crate) last: bool,
    pub(crate) first_event: u64,
    pub(crate) events: u32,
    pub(crate) raw_bytes: u32,
    pub(crate) stored_bytes: u32,
    pub(crate) first_known: Timestamp,
    pub(crate) last_known: Timestamp,
    pub(crate) payload_crc: u32,
}

/// CRC-32 of `bytes`, starting from the checksum of what they belong to.
fn crc(identity: u32, bytes: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new_with_initial(identity);
    hasher.update(bytes);
    hasher.finalize()
}

/// The `N` bytes at `at`; the callers' offsets are constants inside the array.
fn field<const N: usize>(bytes: &[u8; HEADER_BYTES], at: usize) -> [u8; N] {
    let mut field = [0; N];
    field.copy_from_slice(&bytes[at..at + N]);
    field
}

impl BlockHeader {
    fn to_bytes(self, identity: u32) -> [u8; HEADER_BYTES] {
        let mut bytes = [0; HEADER_BYTES];
        bytes[0..4].copy_from_slice(&SYNC);
        let number = if self.last { self.index | LAST } else { self.index };
        bytes[4..8].copy_from_slice(&number.to_le_bytes());
        bytes[8..16].copy_from_slice(&self.first_event.to_le_bytes());
        bytes[16..20].copy_from_slice(&self.events.to_le_bytes());
        bytes[20..24].copy_from_slice(&self.raw_bytes.to_le_bytes());
        bytes[24..28].copy_from_slice(&self.stored_bytes.to_le_bytes());
        bytes[28..36].copy_from_slice(&self.first_known.nanos().to_le_bytes());
        bytes[36..44].copy_from_slice(&self.last_known.nanos().to_le_bytes());
        bytes[44..48].copy_from_slice(&self.payload_crc.to_le_bytes());
        let crc = crc(identity, &bytes[..48]);
        bytes[48..].copy_from_slice(&crc.to_le_bytes());
        bytes
    }

    /// The header in `bytes`, if it is one, is undamaged, and keeps the limits.
    pub(crate) fn parse(bytes: &[u8; HEADER_BYTES], identity: u32) -> Option<Self> {
        if bytes[..4] != SYNC || crc(identity, &bytes[..48]) != u32::from_le_bytes(field(bytes, 48)) {
            return None;
        }
        let number = u32::from_le_bytes(field(bytes, 4));
        let header = Self {
            index: number & !LAST,
            last: number & LAST != 0,
            first_event: u64::from_le_bytes(field(bytes, 8)),
            events: u32::from_le_bytes(field(bytes, 16)),
            raw_bytes: u32::from_le_bytes(field(bytes, 20)),
            stored_bytes: u32::from_le_bytes(field(bytes, 24)),
            first_known: Timestamp::from_nanos(i64::from_le_bytes(field(bytes, 28))),
            last_known: Timestamp::from_nanos(i64::from_le_bytes(field(bytes, 36))),
            payload_crc: u32::from_le_bytes(field(bytes, 44)),
        };
        let within = (1..=MAX_EVENTS).contains(&header.events)
            && usize::try_from(header.raw_bytes).is_ok_and(|bytes| bytes <= MAX_RAW_BYTES)
            && header.stored_bytes <= header.raw_bytes
            && header.first_known <= header.last_known
            && header.first_event.checked_add(u64::from(header.events)).is_some();
        within.then_some(header)
    }

    /// Whether the stored bytes are those that were written.
    pub(crate) fn matches(&self, payload: &[u8], identity: u32) -> bool {
        crc(identity, payload) == self.payload_crc
    }

    /// The events of a payload that [`BlockHeader::matches`]; `None` if they are not what the header says.
    pub(crate) fn decode(&self, payload: &[u8], inflate: &mut Decompress) -> Option<Vec<Event>> {
        let events = if self.stored_bytes == self.raw_bytes {
            codec::decode(payload, self.events)
        } else {
            let expected = usize::try_from(self.raw_bytes).ok()?;
            let mut raw = Vec::with_capacity(expected);
            inflate.reset(false);
            // Never writes beyond the capacity, so a payload that would expand further just fails.
            let status = inflate.decompress_vec(payload, &mut raw, FlushDecompress::Finish).ok()?;
            if status != Status::StreamEnd || raw.len() != expected {
                return None;
            }
            codec::decode(&raw, self.events)
        }
        .ok()?;
        let ordered = events.is_sorted_by(|a, b| a.log_order(b).is_le());
        let spans = events.first().is_some_and(|event| event.known_ts == self.first_known)
            && events.last().is_some_and(|event| event.known_ts == self.last_known);
        (ordered && spans).then_some(events)
    }
}

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) blocks: u32,
    pub(crate) events: u64,
    /// Bytes of all blocks with their headers.
    pub(crate) bytes: u64,
    pub(crate) first_known: Timestamp,
    pub(crate) last_known: Timestamp,
    /// Hash of the events, independent of compression.
    pub(crate) digest: [u8; 16],
}

/// Writes events as blocks.
pub(crate) struct BlockWriter<W> {
    out: W,
    identity: u32,
    max_events: u32,
    encoder: Encoder,
    deflate: Option<Compress>,
    packed: Vec<u8>,
    hasher: blake3::Hasher,
    written: Written,
}

impl<W: Write> BlockWriter<W> {
    /// Compressed blocks of at most `max_events`.
    pub(crate) fn compressed(out: W, identity: u32, max_events: u32) -> Self {
        // Level 1: the records are already small differences; more effort gains 4 % for half the speed.
        let deflate = Compress::new(Compression::new(1), false);
        Self { deflate: Some(deflate), ..Self::plain(out, identity, max_events) }
    }

    /// Blocks as they are, for files that are read once and removed.
    pub(crate) fn plain(out: W, identity: u32, max_events: u32) -> Self {
        let zero = Timestamp::from_nanos(0);
        let written =
            Written { blocks: 0, events: 0, bytes: 0, first_known: zero, last_known: zero, digest: [0; 16] };
        Self {
            out,
            identity,
            max_events: max_events.min(MAX_EVENTS),
            encoder: Encoder::default(),
            deflate: None,
            packed: Vec::new(),
            hasher: blake3::Hasher::new(),
            written,
        }
    }

    /// Adds an event, which must not come before the last one added.
    pub(crate) fn push(&mut self, event: &Event) -> io::Result<()> {
        // A full block waits for the event after it, so that the last one is known to be the last.
        if is_full(&self.encoder, self.max_events) {
            self.end_block(false)?;
        }
        self.encoder.push(event);
        Ok(())
    }

    /// Writes what remains; gives the output back with what was written.
    pub(crate) fn finish(mut self) -> io::Result<(W, Written)> {
        self.end_block(true)?;
        self.written.digest.copy_from_slice(&self.hasher.finalize().as_bytes()[..16]);
        Ok((self.out, self.written))
    }

    fn end_block(&mut self, last: bool) -> io::Result<()> {
        let Some((first_known, last_known)) = self.encoder.span() else { return Ok(()) };
        let raw = self.encoder.raw();
        if raw.len() > MAX_RAW_BYTES || self.written.blocks >= LAST {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "a block exceeds its size limit"));
        }
        let smaller = match &mut self.deflate {
            Some(deflate) => pack(deflate, raw, &mut self.packed)?,
            None => false,
        };
        let payload = if smaller { &self.packed[..] } else { raw };
        let too_large = |_| io::Error::new(io::ErrorKind::InvalidData, "a block exceeds its size limit");
        let header = BlockHeader {
            index: self.written.blocks,
            last,
            first_event: self.written.events,
            events: self.encoder.events(),
            raw_bytes: u32::try_from(raw.len()).map_err(too_large)?,
            stored_bytes: u32::try_from(payload.len()).map_err(too_large)?,
            first_known,
            last_known,
            payload_crc: crc(self.identity, payload),
        };
        self.out.write_all(&header.to_bytes(self.identity))?;
        self.out.write_all(payload)?;
        if self.deflate.is_some() {
            self.hasher.update(raw);
        }
        if self.written.blocks == 0 {
            self.written.first_known = first_known;
        }
        self.written.last_known = last_known;
        self.written.blocks += 1;
        self.written.events += u64::from(header.events);
        self.written.bytes += HEADER_BYTES as u64 + u64::from(header.stored_bytes);
        self.encoder.clear();
        Ok(())
    }
}

/// The hash that a segment of the same events has, without writing one.
#[derive(Default)]
pub(crate) struct Digest {
    encoder: Encoder,
    hasher: blake3::Hasher,
}

impl Digest {
    /// Adds an event.
    pub(crate) fn push(&mut self, event: &Event) {
        if is_full(&self.encoder, MAX_EVENTS) {
            self.end_block();
        }
        self.encoder.push(event);
    }

    /// The hash of all events added.
    pub(crate) fn finish(mut self) -> [u8; 16] {
        self.end_block();
        let mut digest = [0; 16];
        digest.copy_from_slice(&self.hasher.finalize().as_bytes()[..16]);
        digest
    }

    fn end_block(&mut self) {
        self.hasher.update(self.encoder.raw());
        self.encoder.clear();
    }
}

/// Whether the next event begins a new block.
fn is_full(encoder: &Encoder, max_events: u32) -> bool {
    encoder.events() >= max_events || encoder.raw().len() >= FULL_BYTES
}

/// Compresses `raw` into `packed`; `false` if that does not make it smaller.
fn pack(deflate: &mut Compress, raw: &[u8], packed: &mut Vec<u8>) -> io::Result<bool> {
    deflate.reset();
    packed.clear();
    packed.reserve(raw.len());
    let status = deflate.compress_vec(raw, packed, FlushCompress::Finish).map_err(io::Error::other)?;
    Ok(status == Status::StreamEnd && packed.len() < raw.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{midnight, trade};

    const IDENTITY: u32 = 0x1234_5678;

    fn header() -> BlockHeader {
        BlockHeader {
            index: 3,
            last: false,
            first_event: 30,
            events: 10,
            raw_bytes: 100,
            stored_bytes: 60,
            first_known: midnight(),
            last_known: midnight(),
            payload_crc: 7,
        }
    }

    fn of(bytes: &[u8]) -> [u8; HEADER_BYTES] {
        bytes[..HEADER_BYTES].try_into().unwrap()
    }

    #[test]
    fn a_header_validates_only_whole_and_in_its_own_segment() {
        let bytes = header().to_bytes(IDENTITY);
        assert_eq!(BlockHeader::parse(&bytes, IDENTITY), Some(header()));
        assert_eq!(BlockHeader::parse(&bytes, IDENTITY + 1), None);
        for bit in 0..HEADER_BYTES * 8 {
            let mut flipped = bytes;
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(BlockHeader::parse(&flipped, IDENTITY), None, "bit {bit}");
        }
    }

    #[test]
    fn headers_beyond_the_limits_are_refused() {
        let bad = [
            BlockHeader { events: 0, ..header() },
            BlockHeader { events: MAX_EVENTS + 1, ..header() },
            BlockHeader { raw_bytes: u32::MAX, ..header() },
            BlockHeader { stored_bytes: 101, ..header() },
            BlockHeader { first_event: u64::MAX, ..header() },
            BlockHeader { last_known: Timestamp::from_nanos(0), ..header() },
        ];
        for header in bad {
            assert_eq!(BlockHeader::parse(&header.to_bytes(IDENTITY), IDENTITY), None, "{header:?}");
        }
    }

    #[test]
    fn a_payload_that_expands_beyond_its_header_is_refused() {
        let events: Vec<_> = (0..1_000).map(|ms| trade(ms, None, 5)).collect();
        let mut writer = BlockWriter::compressed(Vec::new(), IDENTITY, MAX_EVENTS);
        for event in &events {
            writer.push(event).unwrap();
        }
        let (bytes, written) = writer.finish().unwrap();
        assert_eq!((written.blocks, written.events), (1, 1_000));
        let good = BlockHeader::parse(&of(&bytes), IDENTITY).unwrap();
        let payload = &bytes[HEADER_BYTES..];
        let mut inflate = Decompress::new(false);
        assert!(good.stored_bytes < good.raw_bytes, "compressed");
        assert_eq!(good.decode(payload, &mut inflate), Some(events));
        for lie in [
            BlockHeader { raw_bytes: good.raw_bytes - 1, ..good },
            BlockHeader { raw_bytes: good.raw_bytes + 1, ..good },
            BlockHeader { events: good.events - 1, ..good },
            BlockHeader { events: good.events + 1, ..good },
            BlockHeader { first_known: good.last_known, ..good },
        ] {
            assert_eq!(lie.decode(payload, &mut inflate), None, "{lie:?}");
        }
    }
}
