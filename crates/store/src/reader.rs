//! Reading the blocks of one segment, stepping over damage.
//!
//! The reader expects block after block. Where a block's header is not what it should be, it looks for
//! the next position at which a header validates (its two checksums are seeded with the segment's
//! identity, so neither other data nor blocks of another segment pass) and goes on there; the running
//! event count in that header tells exactly how many events were lost in between.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use flate2::Decompress;
use liqlens_market::{Event, Span, Timestamp};

use crate::block::{BlockHeader, HEADER_BYTES, SYNC};
use crate::channel::Channel;
use crate::error::{Damage, DamageReason};
use crate::order::Cursor;
use crate::place::Place;
use crate::segment::{self, Header, HeaderFault};

/// What the segment should contain, where that is known from elsewhere.
#[derive(Debug, Clone, Copy)]
struct Totals {
    blocks: u32,
    events: u64,
}

/// The events of one segment in order, one block in memory at a time.
pub(crate) struct SegmentReader {
    file: BufReader<File>,
    path: PathBuf,
    place: Place,
    identity: u32,
    until: Timestamp,
    totals: Option<Totals>,
    /// Where the file, or our part of it, ends.
    end: u64,
    offset: u64,
    next_block: u32,
    next_event: u64,
    last_known: Timestamp,
    finished: bool,
    inflate: Decompress,
    payload: Vec<u8>,
    block: std::vec::IntoIter<Event>,
    head: Option<Event>,
    damage: Vec<Damage>,
}

impl SegmentReader {
    /// Opens the segment at `path` for events known until `until`, inclusive. Damage leaves fewer events
    /// and is noted.
    pub(crate) fn open(path: &Path, place: &Place, until: Timestamp) -> Result<Self, OpenError> {
        let mut file = BufReader::with_capacity(1 << 16, File::open(path).map_err(OpenError::Io)?);
        let header = segment::read_header(&mut file, place);
        let end = file.get_ref().metadata().map_err(OpenError::Io)?.len();
        let mut reader = Self::new(file, path.to_owned(), place.clone(), until, end);
        let last = place.day.end() - Span::from_nanos(1);
        match header {
            Ok(Header { summary, holes, blocks_at }) => {
                reader.totals = Some(Totals { blocks: summary.blocks, events: summary.events });
                reader.offset = blocks_at;
                for hole in holes.iter().filter(|hole| hole.from <= until) {
                    reader.note(DamageReason::LostEarlier, None, hole.events, hole.from, hole.to);
                }
            }
            Err(HeaderFault::Damaged) => {
                reader.note(DamageReason::Header, None, None, place.day.start(), last);
                reader.resync(0);
            }
            Err(HeaderFault::Newer(format)) => return Err(OpenError::Newer(format)),
            Err(HeaderFault::WrongPlace(found)) => return Err(OpenError::WrongPlace(found)),
            Err(HeaderFault::Io(error)) => return Err(OpenError::Io(error)),
        }
        reader.refill();
        Ok(reader)
    }

    /// Reads the blocks of one place from a part of a larger file.
    pub(crate) fn part(
        path: &Path,
        place: &Place,
        range: core::ops::Range<u64>,
        blocks: u32,
        events: u64,
    ) -> io::Result<Self> {
        let mut file = BufReader::with_capacity(1 << 15, File::open(path)?);
        file.seek(SeekFrom::Start(range.start))?;
        let mut reader = Self::new(file, path.to_owned(), place.clone(), Timestamp::LATEST, range.end);
        reader.offset = range.start;
        reader.totals = Some(Totals { blocks, events });
        reader.refill();
        Ok(reader)
    }

    fn new(file: BufReader<File>, path: PathBuf, place: Place, until: Timestamp, end: u64) -> Self {
        Self {
            file,
            path,
            identity: place.identity(),
            last_known: place.day.start(),
            place,
            until,
            totals: None,
            end,
            offset: 0,
            next_block: 0,
            next_event: 0,
            finished: false,
            inflate: Decompress::new(false),
            payload: Vec::new(),
            block: Vec::new().into_iter(),
            head: None,
            damage: Vec::new(),
        }
    }

    /// What was found damaged so far.
    pub(crate) fn damage(&self) -> &[Damage] {
        &self.damage
    }

    /// The damage, for keeping.
    pub(crate) fn into_damage(self) -> Vec<Damage> {
        self.damage
    }

    fn refill(&mut self) {
        loop {
            self.head = self.block.next();
            if self.head.as_ref().is_some_and(|event| event.known_ts > self.until) {
                self.head = None;
                self.finished = true;
            }
            if self.head.is_some() || self.finished {
                return;
            }
            self.block = self.next_block().unwrap_or_default().into_iter();
        }
    }

    /// The events of the next good block; `None` when there is none left or the next was bad, which
    /// `finished` tells apart.
    fn next_block(&mut self) -> Option<Vec<Event>> {
        if self.totals.is_some_and(|totals| self.next_block >= totals.blocks) {
            if self.offset < self.end {
                self.note(DamageReason::TrailingBytes, None, Some(0), self.last_known, self.last_known);
            }
            self.finished = true;
            return None;
        }
        let Some(header) = self.read_header() else {
            self.finish_or_resync();
            return None;
        };
        // A block that has been read already, as in a file appended to itself, is none.
        if header.index < self.next_block || header.first_event < self.next_event {
            self.finish_or_resync();
            return None;
        }
        if header.index > self.next_block || header.first_event > self.next_event {
            let lost = header.first_event - self.next_event;
            let from = self.last_known;
            self.note(DamageReason::BlockHeader, Some(self.next_block), Some(lost), from, header.first_known);
        }
        if header.first_known > self.until {
            self.finished = true;
            return None;
        }
        let payload_at = self.offset + HEADER_BYTES as u64;
        if payload_at + u64::from(header.stored_bytes) > self.end {
            self.next_event = header.first_event;
            self.next_block = header.index;
            self.lose_the_rest(DamageReason::Truncated);
            return None;
        }
        let good = self.read_payload(&header);
        if self.finished {
            return None;
        }
        self.offset = payload_at + u64::from(header.stored_bytes);
        self.next_block = header.index + 1;
        self.next_event = header.first_event + u64::from(header.events);
        if header.last && self.totals.is_none() {
            self.totals = Some(Totals { blocks: self.next_block, events: self.next_event });
            // Every block has been met, so the damaged file header cost nothing by itself.
            if let Some(damage) = self.damage.iter_mut().find(|damage| damage.reason == DamageReason::Header)
            {
                damage.events_lost = Some(0);
            }
        }
        let span = (header.first_known, header.last_known);
        let events = match good {
            Ok(events) => events,
            Err(reason) => {
                let lost = Some(u64::from(header.events));
                self.note(reason, Some(header.index), lost, span.0, span.1);
                return None;
            }
        };
        self.last_known = header.last_known;
        Some(events)
    }

    fn read_header(&mut self) -> Option<BlockHeader> {
        if self.offset + HEADER_BYTES as u64 > self.end {
            return None;
        }
        let mut bytes = [0; HEADER_BYTES];
        if self.file.read_exact(&mut bytes).is_err() {
            self.unreadable();
            return None;
        }
        BlockHeader::parse(&bytes, self.identity)
    }

    fn read_payload(&mut self, header: &BlockHeader) -> Result<Vec<Event>, DamageReason> {
        self.payload.clear();
        let count = u64::from(header.stored_bytes);
        match self.file.by_ref().take(count).read_to_end(&mut self.payload) {
            Ok(read) if read as u64 == count => {}
            _ => {
                self.unreadable();
                return Err(DamageReason::Unreadable);
            }
        }
        if !header.matches(&self.payload, self.identity) {
            return Err(DamageReason::Checksum);
        }
        let in_place = |event: &Event| Channel::of(event) == Some(self.place.channel);
        let in_time = header.first_known >= self.last_known && header.last_known < self.place.day.end();
        match header.decode(&self.payload, &mut self.inflate) {
            Some(events) if in_time && events.iter().all(in_place) => Ok(events),
            _ => Err(DamageReason::Content),
        }
    }

    /// After a header that is none: the file ends here, or a later block must be found.
    fn finish_or_resync(&mut self) {
        if self.finished {
            return;
        }
        if self.offset >= self.end && self.totals.is_none() {
            self.finished = true;
        } else if self.offset + HEADER_BYTES as u64 > self.end {
            self.lose_the_rest(DamageReason::Truncated);
        } else {
            self.resync(self.offset + 1);
        }
    }

    /// Looks for the next block from `from` on and stands before it. What lies between is accounted for
    /// when that block's header is read again.
    fn resync(&mut self, from: u64) {
        match self.find_block(from) {
            Ok(Some(offset)) => {
                self.offset = offset;
                if self.file.seek(SeekFrom::Start(offset)).is_err() {
                    self.unreadable();
                }
            }
            // With the file's header gone and no block in sight, that header's damage says it all.
            Ok(None) if self.totals.is_none() && self.next_block == 0 => self.finished = true,
            Ok(None) => self.lose_the_rest(DamageReason::BlockHeader),
            Err(_) => self.unreadable(),
        }
    }

    fn find_block(&mut self, from: u64) -> io::Result<Option<u64>> {
        self.file.seek(SeekFrom::Start(from))?;
        let mut window = Vec::new();
        let mut window_at = from;
        loop {
            let before = window.len();
            let left = self.end.saturating_sub(window_at + before as u64);
            self.file.by_ref().take(left.min(1 << 16)).read_to_end(&mut window)?;
            if window.len() == before || window.len() < HEADER_BYTES {
                return Ok(None);
            }
            for (at, bytes) in window.windows(HEADER_BYTES).enumerate() {
                if bytes[..SYNC.len()] != SYNC {
                    continue;
                }
                let header = bytes.try_into().ok().and_then(|bytes| BlockHeader::parse(bytes, self.identity));
                if header.is_some() {
                    return Ok(Some(window_at + at as u64));
                }
            }
            let scanned = window.len() + 1 - HEADER_BYTES;
            window.drain(..scanned);
            window_at += scanned as u64;
        }
    }

    fn lose_the_rest(&mut self, reason: DamageReason) {
        let lost = self.totals.map(|totals| totals.events.saturating_sub(self.next_event));
        let to = self.place.day.end() - Span::from_nanos(1);
        self.note(reason, Some(self.next_block), lost, self.last_known, to);
        self.finished = true;
    }

    fn unreadable(&mut self) {
        self.lose_the_rest(DamageReason::Unreadable);
    }

    fn note(
        &mut self,
        reason: DamageReason,
        block: Option<u32>,
        events_lost: Option<u64>,
        from: Timestamp,
        to: Timestamp,
    ) {
        let block = block.map(|index| index.saturating_add(1));
        self.damage.push(Damage { path: self.path.clone(), block, reason, events_lost, from, to });
    }
}

impl Cursor for SegmentReader {
    type Error = core::convert::Infallible;

    fn head(&self) -> Option<&Event> {
        self.head.as_ref()
    }

    fn take(&mut self) -> Result<Option<Event>, Self::Error> {
        let event = self.head.take();
        if event.is_some() {
            self.refill();
        }
        Ok(event)
    }
}

/// Why nothing of a segment can be read.
#[derive(Debug)]
pub(crate) enum OpenError {
    /// It is of a later format.
    Newer(u16),
    /// It belongs to what is named.
    WrongPlace(String),
    /// The system refused.
    Io(io::Error),
}

#[cfg(test)]
mod tests {
    use std::fs;

    use proptest::prelude::*;
    use tempfile::TempDir;

    use super::*;
    use crate::channel::Day;
    use crate::segment::{Hole, SegmentWriter};
    use crate::testing::{market, midnight, trade};

    const BLOCK: u32 = 4;

    fn place() -> Place {
        Place { market: market("binance:BTCUSDT"), channel: Channel::Trade, day: Day::of(midnight()) }
    }

    fn trades(count: i64) -> Vec<Event> {
        (0..count).map(|i| trade(i * 3, Some(i.unsigned_abs() + 900), 7_000 + (i * i) % 97)).collect()
    }

    /// A segment of 18 trades in blocks of four: five blocks, the last of two.
    fn written(directory: &TempDir, holes: Vec<Hole>) -> Vec<u8> {
        let mut writer = SegmentWriter::create(directory.path(), place(), holes, BLOCK).unwrap();
        for event in &trades(18) {
            writer.push(event).unwrap();
        }
        let (path, written) = writer.finish().unwrap();
        assert_eq!((written.blocks, written.events), (5, 18));
        fs::read(path).unwrap()
    }

    fn read(directory: &TempDir, bytes: &[u8]) -> Result<(Vec<Event>, Vec<Damage>), OpenError> {
        let path = directory.path().join("damaged.seg");
        fs::write(&path, bytes).unwrap();
        let mut reader = SegmentReader::open(&path, &place(), Timestamp::LATEST)?;
        let mut events = Vec::new();
        while let Ok(Some(event)) = reader.take() {
            events.push(event);
        }
        Ok((events, reader.into_damage()))
    }

    /// Everything read was written, in order, and what is missing is missing in whole blocks.
    fn check_blocks(events: &[Event]) -> usize {
        let all = trades(18);
        let blocks: Vec<_> = all.chunks(4).collect();
        let mut rest = events;
        let mut missing = 0;
        for block in blocks {
            match rest.strip_prefix(block) {
                Some(after) => rest = after,
                None => missing += 1,
            }
        }
        assert!(rest.is_empty(), "an event that was never written, or a part of a block");
        missing
    }

    #[test]
    fn one_flipped_bit_costs_at_most_its_block_and_is_reported() {
        let directory = tempfile::tempdir().unwrap();
        let good = written(&directory, Vec::new());
        for bit in 0..good.len() * 8 {
            let mut bytes = good.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            let (events, damage) = read(&directory, &bytes).unwrap();
            let missing = check_blocks(&events);
            assert!(missing <= 1, "bit {bit} cost {missing} blocks");
            assert_eq!(damage.len(), 1, "bit {bit}: {damage:?}");
            if missing == 1 {
                assert_eq!(damage[0].events_lost, Some(18 - events.len() as u64), "bit {bit}: {damage:?}");
            } else {
                assert_eq!(
                    (damage[0].reason, damage[0].events_lost),
                    (DamageReason::Header, Some(0)),
                    "bit {bit}"
                );
            }
        }
    }

    #[test]
    fn truncation_at_any_length_keeps_the_whole_blocks_before_it() {
        let directory = tempfile::tempdir().unwrap();
        let good = written(&directory, Vec::new());
        for length in 0..good.len() {
            let (events, damage) = read(&directory, &good[..length]).unwrap();
            check_blocks(&events);
            assert_eq!(events, trades(18)[..events.len()], "length {length}: a prefix");
            assert_eq!(damage.len(), 1, "length {length}: {damage:?}");
            match damage[0].reason {
                DamageReason::Header => assert!(events.is_empty(), "length {length}"),
                reason => {
                    assert_eq!(reason, DamageReason::Truncated);
                    assert_eq!(damage[0].events_lost, Some(18 - events.len() as u64), "length {length}");
                }
            }
        }
    }

    #[test]
    fn appended_bytes_are_reported_and_harmless() {
        let directory = tempfile::tempdir().unwrap();
        let good = written(&directory, Vec::new());
        let (events, damage) = read(&directory, &[&good[..], b"x"].concat()).unwrap();
        assert_eq!(events, trades(18));
        assert_eq!((damage[0].reason, damage[0].events_lost), (DamageReason::TrailingBytes, Some(0)));
        // The same file appended to itself is not read twice, nor are its blocks taken for later ones.
        let (events, damage) = read(&directory, &[&good[..], &good[..]].concat()).unwrap();
        assert_eq!((events, damage.len()), (trades(18), 1));
    }

    #[test]
    fn known_holes_are_reported_each_time() {
        let directory = tempfile::tempdir().unwrap();
        let hole = Hole { from: midnight(), to: midnight() + Span::HOUR, events: Some(3) };
        let good = written(&directory, vec![hole]);
        let (events, damage) = read(&directory, &good).unwrap();
        assert_eq!((events, damage.len()), (trades(18), 1));
        assert_eq!((damage[0].reason, damage[0].events_lost), (DamageReason::LostEarlier, Some(3)));
        assert_eq!((damage[0].from, damage[0].to), (hole.from, hole.to));
    }

    #[test]
    fn a_newer_format_is_told_from_damage() {
        let directory = tempfile::tempdir().unwrap();
        let mut bytes = written(&directory, Vec::new());
        bytes[6] = 3;
        let length = usize::from(bytes[8]) + LEAD;
        let crc = crc32fast::hash(&bytes[..length]);
        bytes[length..length + 4].copy_from_slice(&crc.to_le_bytes());
        assert!(matches!(read(&directory, &bytes), Err(OpenError::Newer(3))));
    }
    const LEAD: usize = 12;

    #[test]
    fn a_segment_of_another_place_is_not_read() {
        let directory = tempfile::tempdir().unwrap();
        let good = written(&directory, Vec::new());
        let path = directory.path().join("other.seg");
        fs::write(&path, &good).unwrap();
        let other = Place { market: market("binance:ETHUSDT"), ..place() };
        let opened = SegmentReader::open(&path, &other, Timestamp::LATEST);
        assert!(matches!(opened, Err(OpenError::WrongPlace(found)) if found == "binance:BTCUSDT trade"));
        // Not even when the header that says so is damaged.
        fs::write(&path, &good[20..]).unwrap();
        let mut reader = SegmentReader::open(&path, &other, Timestamp::LATEST).unwrap();
        assert_eq!(reader.take().unwrap(), None);
        assert_eq!(reader.damage()[0].reason, DamageReason::Header);
    }

    proptest! {
        #[test]
        fn any_bytes_are_answered(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let directory = tempfile::tempdir().unwrap();
            let (events, damage) = read(&directory, &bytes).unwrap();
            prop_assert!(events.is_empty() && !damage.is_empty());
        }

        #[test]
        fn overwritten_stretches_never_yield_a_wrong_event(
            at in any::<proptest::sample::Index>(), noise in proptest::collection::vec(any::<u8>(), 1..200)
        ) {
            let directory = tempfile::tempdir().unwrap();
            let mut bytes = written(&directory, Vec::new());
            let start = at.index(bytes.len());
            let untouched = bytes.clone();
            for (byte, noise) in bytes[start..].iter_mut().zip(noise) {
                *byte = noise;
            }
            // Noise that happens to spell a newer format with a valid checksum does not occur.
            let (events, damage) = read(&directory, &bytes).unwrap();
            check_blocks(&events);
            prop_assert_eq!(damage.is_empty(), bytes == untouched);
        }
    }
}
