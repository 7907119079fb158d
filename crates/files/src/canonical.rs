//! Rows of trades exactly as the venue's archive writes them, read at the speed of the text.
//!
//! Nearly every row of a file of trades has the same plain form: digits, commas, a point here and there, `true`
//! or `false`, a line feed. Such rows are read here without looking for their end first, many words at a time.
//! Whatever is not of that form in every byte (blanks, quotes, signs, exponents, another number of columns, very
//! long numbers, a last row without its line feed, an id that does not increase) is left to the decoder of the
//! format, which alone decides what it means. So this module never rejects anything, and what it accepts is
//! what the decoder would have made of it; a property test below holds the two against each other.

// A row is read in one piece: a call for each field would cost about as much as the reading.
#![allow(clippy::inline_always)]

use core::ops::Range;

use liqlens_market::{Price, Size, Taker, Timestamp, Trade, TradeColumns, eight_digits};

use crate::columns::Header;
use crate::format::{Format, Recognised};
use crate::marks::{BLOCK_BYTES, Marks, bare, no_digits};

/// How much of the text the reading of one row may look at. Rows have 60 to 80 bytes.
const WINDOW_BYTES: usize = 136;
/// Where the last field but one has to begin, so that it is still among the marks of a row.
const MARKED_BYTES: usize = 64;
/// Digits of a time in milliseconds.
const TIME_DIGITS: usize = 13;
const NANOS_PER_MS: i64 = 1_000_000;
/// What [`Timestamp::from_epoch`] takes for milliseconds.
const PLAUSIBLE_MS: Range<u64> =
    Timestamp::EARLIEST.millis().cast_unsigned()..Timestamp::LATEST.millis().cast_unsigned();
/// More rows than a block holds: the shortest has 27 bytes.
const STAGED_ROWS: usize = BLOCK_BYTES / 26;

/// What follows the time, and of how many of its eight bytes that is: where the buyer took, where it rested. Looked
/// up, because which of the two it is follows no pattern that a branch could learn.
const FLAGS: [(u64, u64, Taker); 2] = [
    (u64::from_le_bytes(*b",false\n\0"), (1 << 56) - 1, Taker::Buy),
    (u64::from_le_bytes(*b",true\n\0\0"), (1 << 48) - 1, Taker::Sell),
];

/// The lowest so many bytes of a word.
const LOWEST: [u64; 8] =
    [0, 0xff, 0xffff, 0x00ff_ffff, 0xffff_ffff, 0x00ff_ffff_ffff, 0xffff_ffff_ffff, 0x00ff_ffff_ffff_ffff];
/// What stands between the size and the time of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Between {
    /// Aggregates have the ids of their first and last trade.
    TwoIds,
    /// Single trades have their value in quote currency.
    Value,
}

/// Reads rows of aggregate or single trades.
pub(crate) struct Canonical {
    between: Between,
    marks: Marks,
    seen: Seen,
    staged: Vec<(Timestamp, Trade)>,
    /// The end of a text with zeros behind it.
    end: [u8; BLOCK_BYTES],
}

/// What has been read of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Taken {
    /// Rows read.
    pub(crate) rows: usize,
    /// Their bytes, line feeds included.
    pub(crate) bytes: usize,
    /// The id of the last one.
    pub(crate) last_id: u64,
    /// Ids jumped over.
    pub(crate) missing_ids: u64,
}

/// An integer of which the digits before the last eight are mostly those of the row before.
#[derive(Debug, Clone, Copy, Default)]
struct Integer {
    upper: u64,
    /// What they stand for.
    value: u64,
}

/// What the row before had.
#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    id: Integer,
    time: Integer,
}

struct Row {
    ts: Timestamp,
    id: u64,
    trade: Trade,
    bytes: usize,
}

impl Canonical {
    /// A reader for a file with the usual columns of its format, in their usual order; `None` for any other.
    pub(crate) fn of(recognised: &Recognised) -> Option<Self> {
        let between = match recognised.format {
            Format::AggTrades => Between::TwoIds,
            Format::Trades => Between::Value,
            _ => return None,
        };
        let usual = recognised.header == Header::of(recognised.format.columns());
        usual.then(|| Self {
            between,
            marks: Marks::new(),
            seen: Seen::default(),
            staged: Vec::with_capacity(STAGED_ROWS),
            end: [0; BLOCK_BYTES],
        })
    }

    /// Reads up to `limit` rows from the beginning of `text` and adds their trades to `columns`. Stops in front
    /// of the first row that is not of the plain form, or whose id is not above the one before it.
    pub(crate) fn read(
        &mut self,
        text: &[u8],
        limit: usize,
        last_id: u64,
        columns: &mut TradeColumns,
    ) -> Taken {
        let mut taken = Taken { last_id, ..Taken::default() };
        loop {
            let before = taken.bytes;
            match self.between {
                Between::TwoIds => self.block::<true>(text, limit, &mut taken, columns),
                Between::Value => self.block::<false>(text, limit, &mut taken, columns),
            }
            // A whole block is left only for want of room for another row in it.
            let on = taken.bytes > before && before + BLOCK_BYTES < taken.bytes + WINDOW_BYTES;
            if !on || taken.rows >= limit {
                return taken;
            }
        }
    }

    /// Reads the rows of one block.
    #[inline(always)]
    fn block<const TWO_IDS: bool>(
        &mut self,
        text: &[u8],
        limit: usize,
        taken: &mut Taken,
        columns: &mut TradeColumns,
    ) {
        let text = text.get(taken.bytes..).unwrap_or_default();
        let block = if let Some(block) = text.first_chunk() {
            block
        } else {
            // Zeros are no part of any row, so none is read beyond the end.
            self.end = [0; BLOCK_BYTES];
            self.end.iter_mut().zip(text).for_each(|(to, from)| *to = *from);
            &self.end
        };
        self.marks.mark(block);
        let limit = limit - taken.rows;
        let (mut at, mut last_id, mut seen) = (0, taken.last_id, self.seen);
        self.staged.clear();
        while self.staged.len() < limit
            && let Some(window) = block.get(at..).and_then(<[u8]>::first_chunk)
            && let Some(row) = row::<TWO_IDS>(window, self.marks.from(at), &mut seen)
            && row.id > last_id
        {
            last_id = row.id;
            at += row.bytes;
            self.staged.push((row.ts, row.trade));
        }
        columns.extend_at(&self.staged);
        self.seen = seen;
        taken.rows += self.staged.len();
        taken.bytes += at;
        // Each id is above the one before it.
        taken.missing_ids += last_id - taken.last_id - self.staged.len() as u64;
        taken.last_id = last_id;
    }
}

/// Reads one row with the marks of its first bytes.
#[inline(always)]
fn row<const TWO_IDS: bool>(text: &[u8; WINDOW_BYTES], marks: u64, seen: &mut Seen) -> Option<Row> {
    let (id_end, marks) = next(marks);
    let (price, price_end, marks) = decimal(text, id_end, marks)?;
    let (size, size_end, marks) = decimal(text, price_end, marks)?;
    let (end, last_end) = if TWO_IDS {
        let (first_end, marks) = next(marks);
        (first_end, next(marks).0)
    } else {
        let (at, marks) = next(marks);
        (size_end, if byte(text, at) == b'.' { next(marks).0 } else { at })
    };
    let commas = byte(text, id_end) == b',' && byte(text, end) == b',' && byte(text, last_end) == b',';
    if !commas || last_end >= MARKED_BYTES {
        return None;
    }
    let id = seen.id.read::<true>(text, 0, id_end)?;
    let time = last_end + 1;
    let millis = seen.time.read::<false>(text, time, TIME_DIGITS)?;

    let flag = word(text, time + TIME_DIGITS);
    // The one bit of their first letters that tells `t` from `f`, and that `t` has.
    let is_true = (flag >> 12 & 1) as usize;
    let (expected, mask, taker) = FLAGS[is_true];
    if flag & mask != expected {
        return None;
    }
    let bytes = time + TIME_DIGITS + 7 - is_true;

    if !PLAUSIBLE_MS.contains(&millis) {
        return None;
    }
    let ts = Timestamp::from_nanos(millis.cast_signed() * NANOS_PER_MS);
    let price = Price::from_units(price).ok()?;
    let size = Size::from_units(size).ok().filter(|size| *size > Size::ZERO)?;
    Some(Row { ts, id, trade: Trade { id: Some(id), price, size, taker }, bytes })
}

/// The first mark, 64 if there is none, and the marks after it.
#[inline(always)]
const fn next(marks: u64) -> (usize, u64) {
    (marks.trailing_zeros() as usize, marks & marks.wrapping_sub(1))
}

#[inline(always)]
fn byte(text: &[u8; WINDOW_BYTES], at: usize) -> u8 {
    text[at % 128]
}

/// Eight bytes, the first in the lowest place.
#[inline(always)]
fn word(text: &[u8; WINDOW_BYTES], at: usize) -> u64 {
    let at = at % 128;
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&text[at..at + 8]);
    u64::from_le_bytes(bytes)
}

impl Integer {
    /// The value of the up to 16 bytes from `start` on, if all are digits, as `MARKED` says that they are.
    #[inline(always)]
    fn read<const MARKED: bool>(
        &mut self,
        text: &[u8; WINDOW_BYTES],
        start: usize,
        length: usize,
    ) -> Option<u64> {
        let first = bare(word(text, start));
        if !(9..=16).contains(&length) {
            return short(first, length);
        }
        let upper = first << (8 * (16 - length));
        if upper != self.upper {
            self.learn(upper)?;
        }
        let lower = bare(word(text, start + length - 8));
        (MARKED || no_digits(lower) == 0).then(|| self.value + eight_digits(lower))
    }

    #[cold]
    fn learn(&mut self, upper: u64) -> Option<()> {
        if no_digits(upper) != 0 {
            return None;
        }
        *self = Self { upper, value: eight_digits(upper) * 100_000_000 };
        Some(())
    }
}

#[cold]
fn short(digits: u64, length: usize) -> Option<u64> {
    let digits = match length {
        1..=8 => digits << (8 * (8 - length)),
        _ => return None,
    };
    (no_digits(digits) == 0).then(|| eight_digits(digits))
}

/// The decimal number behind the separator at `before` in units of 1e-8, the place of the comma behind it, and
/// the marks after that. Up to 8 digits before the point and 7 behind it.
#[inline(always)]
fn decimal(text: &[u8; WINDOW_BYTES], before: usize, marks: u64) -> Option<(i64, usize, u64)> {
    let start = before + 1;
    let (point, marks) = next(marks);
    let (end, decimals, marks) = if byte(text, point) == b'.' {
        let (end, marks) = next(marks);
        (end, end.wrapping_sub(point + 1), marks)
    } else {
        (point, 0, marks)
    };
    let whole = point.wrapping_sub(start);
    if !(1..=8).contains(&whole) || decimals > 7 || byte(text, end) != b',' {
        return None;
    }
    let digits = eight_digits(bare(word(text, start)) << (8 * (8 - whole)));
    // Read with zeros behind them, decimals are units of 1e-8.
    let part = eight_digits(bare(word(text, point + 1)) & LOWEST[decimals]);
    Some(((digits * 100_000_000 + part).cast_signed(), end, marks))
}
