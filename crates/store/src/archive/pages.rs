//! The values of one page.
//!
//! Written here rather than taken from the library: a page is bytes from outside, and these decoders
//! neither panic nor allocate more than the rows the page may have, whatever stands in it.

use parquet::basic::Encoding;
use parquet::column::page::Page;

use super::columns::{Kind, Values};

/// Most values of a block of differences: four times what the writer makes.
const MAX_DELTA_BLOCK: u64 = 1_024;

/// The bytes are not what they should be.
#[derive(Debug)]
pub(crate) struct Malformed;

/// Values that the pages of a column chunk refer to by number.
#[derive(Debug, Default)]
pub(crate) enum Dictionary {
    /// None has been met.
    #[default]
    None,
    Whole(Vec<i64>),
    /// Places in the list of words.
    Words(Vec<u8>),
}

impl Dictionary {
    /// Reads the dictionary of a column.
    pub(crate) fn read(kind: Kind, bytes: &[u8]) -> Result<Self, Malformed> {
        match kind {
            Kind::FewWhole => Ok(Self::Whole(plain(bytes)?.map(i64::from_le_bytes).collect())),
            Kind::Word(known) => {
                let place = |word: &[u8]| {
                    let place = known.iter().position(|known| known.as_bytes() == word);
                    place.and_then(|place| u8::try_from(place).ok()).ok_or(Malformed)
                };
                Ok(Self::Words(texts(bytes).map(|word| place(word?)).collect::<Result<_, _>>()?))
            }
            _ => Err(Malformed),
        }
    }
}

/// The values of a data page of at most `limit` rows.
pub(crate) fn values(
    kind: Kind,
    page: &Page,
    dictionary: &Dictionary,
    limit: usize,
) -> Result<Values, Malformed> {
    let Page::DataPageV2 {
        buf,
        num_values,
        encoding,
        num_nulls,
        num_rows,
        def_levels_byte_len,
        rep_levels_byte_len: 0,
        ..
    } = page
    else {
        return Err(Malformed);
    };
    let size = |count: u32| usize::try_from(count).map_err(|_| Malformed);
    let (rows, nulls) = (size(*num_values)?, size(*num_nulls)?);
    let (levels, bytes) = buf.split_at_checked(size(*def_levels_byte_len)?).ok_or(Malformed)?;
    if rows == 0 || rows > limit || num_rows != num_values || nulls > rows {
        return Err(Malformed);
    }
    let optional = matches!(kind, Kind::MaybeWhole | Kind::MaybeId);
    if !optional && (nulls > 0 || !levels.is_empty()) {
        return Err(Malformed);
    }
    Ok(match (kind, *encoding, dictionary) {
        (Kind::Time | Kind::Whole | Kind::FewWhole, Encoding::DELTA_BINARY_PACKED, _) => {
            Values::Whole(differences(bytes, rows)?)
        }
        (Kind::FewWhole, Encoding::RLE_DICTIONARY, Dictionary::Whole(list)) => {
            Values::Whole(referred(bytes, rows, list)?)
        }
        (Kind::Word(_), Encoding::RLE_DICTIONARY, Dictionary::Words(list)) => {
            Values::Word(referred(bytes, rows, list)?)
        }
        (Kind::MaybeWhole | Kind::MaybeId, Encoding::DELTA_BINARY_PACKED, _) => {
            Values::Maybe(spread(differences(bytes, rows - nulls)?, levels, rows)?)
        }
        (Kind::Real, Encoding::PLAIN, _) => {
            let values: Vec<f64> = plain(bytes)?.map(f64::from_le_bytes).collect();
            if values.len() != rows {
                return Err(Malformed);
            }
            Values::Real(values)
        }
        (Kind::Text, Encoding::PLAIN, _) => {
            let mut values = Vec::with_capacity(rows.min(bytes.len() / 4));
            for text in texts(bytes) {
                values.push(core::str::from_utf8(text?).map_err(|_| Malformed)?.to_owned());
                if values.len() > rows {
                    return Err(Malformed);
                }
            }
            if values.len() != rows {
                return Err(Malformed);
            }
            Values::Text(values)
        }
        _ => return Err(Malformed),
    })
}

/// Values of eight bytes each.
fn plain(bytes: &[u8]) -> Result<impl Iterator<Item = [u8; 8]>, Malformed> {
    let (values, rest) = bytes.as_chunks::<8>();
    if rest.is_empty() { Ok(values.iter().copied()) } else { Err(Malformed) }
}

/// Texts with their length in front.
fn texts(mut bytes: &[u8]) -> impl Iterator<Item = Result<&[u8], Malformed>> {
    core::iter::from_fn(move || {
        if bytes.is_empty() {
            return None;
        }
        let text = bytes.split_first_chunk().and_then(|(length, rest)| {
            rest.split_at_checked(usize::try_from(u32::from_le_bytes(*length)).ok()?)
        });
        let Some((text, rest)) = text else {
            bytes = &[];
            return Some(Err(Malformed));
        };
        bytes = rest;
        Some(Ok(text))
    })
}

/// Puts the values that are there between those that are not.
fn spread(values: Vec<i64>, levels: &[u8], rows: usize) -> Result<Vec<Option<i64>>, Malformed> {
    if values.len() == rows {
        return Ok(values.into_iter().map(Some).collect());
    }
    let mut present = Vec::with_capacity(rows);
    hybrid(levels, 1, rows, |level| {
        present.push(level == 1);
        Ok(())
    })?;
    let mut values = values.into_iter();
    let mut missing = false;
    let spread = present
        .into_iter()
        .map(|present| {
            let value = if present { values.next() } else { None };
            missing |= present && value.is_none();
            value
        })
        .collect();
    if missing || values.next().is_some() { Err(Malformed) } else { Ok(spread) }
}

/// Values given by their numbers in a list.
fn referred<T: Copy>(bytes: &[u8], rows: usize, list: &[T]) -> Result<Vec<T>, Malformed> {
    let (width, bytes) = bytes.split_first().ok_or(Malformed)?;
    let mut values = Vec::with_capacity(rows);
    hybrid(bytes, u32::from(*width), rows, |number| {
        let value = usize::try_from(number).ok().and_then(|number| list.get(number));
        values.push(*value.ok_or(Malformed)?);
        Ok(())
    })?;
    Ok(values)
}

/// Numbers of `width` bits, in runs of equal ones and in packed groups of eight.
fn hybrid(
    mut bytes: &[u8],
    width: u32,
    count: usize,
    mut take: impl FnMut(u64) -> Result<(), Malformed>,
) -> Result<(), Malformed> {
    if width > 32 {
        return Err(Malformed);
    }
    let width_bytes = usize::try_from(width.div_ceil(8)).map_err(|_| Malformed)?;
    let mut left = count;
    while left > 0 {
        let head = varint(&mut bytes)?;
        let length = usize::try_from(head >> 1).map_err(|_| Malformed)?;
        if head & 1 == 0 {
            let (value, rest) = bytes.split_at_checked(width_bytes).ok_or(Malformed)?;
            bytes = rest;
            let mut word = [0; 8];
            word[..width_bytes].copy_from_slice(value);
            let value = u64::from_le_bytes(word);
            if length == 0 {
                return Err(Malformed);
            }
            for _ in 0..length.min(left) {
                take(value)?;
            }
            left -= length.min(left);
        } else {
            let packed = usize::try_from(width).ok().and_then(|width| width.checked_mul(length));
            let (packed, rest) = bytes.split_at_checked(packed.ok_or(Malformed)?).ok_or(Malformed)?;
            bytes = rest;
            let values = length.saturating_mul(8).min(left);
            if values == 0 {
                return Err(Malformed);
            }
            let mut bits = Bits::new(packed, width);
            for _ in 0..values {
                take(bits.next())?;
            }
            left -= values;
        }
    }
    Ok(())
}

/// Whole numbers as differences: blocks of small groups, each packed in as many bits as it needs.
fn differences(mut bytes: &[u8], count: usize) -> Result<Vec<i64>, Malformed> {
    let (block, groups, total) = (varint(&mut bytes)?, varint(&mut bytes)?, varint(&mut bytes)?);
    let mut value = zigzag(varint(&mut bytes)?);
    if total != count as u64 || block == 0 || block > MAX_DELTA_BLOCK || groups == 0 || block % groups != 0 {
        return Err(Malformed);
    }
    let in_group = usize::try_from(block / groups).map_err(|_| Malformed)?;
    let groups = usize::try_from(groups).map_err(|_| Malformed)?;
    if !in_group.is_multiple_of(8) {
        return Err(Malformed);
    }
    let mut values = Vec::with_capacity(count);
    if count > 0 {
        values.push(value);
    }
    while values.len() < count {
        let least = zigzag(varint(&mut bytes)?);
        let (widths, rest) = bytes.split_at_checked(groups).ok_or(Malformed)?;
        bytes = rest;
        for width in widths {
            let wanted = in_group.min(count - values.len());
            if wanted == 0 {
                break;
            }
            if *width > 64 {
                return Err(Malformed);
            }
            let length = in_group / 8 * usize::from(*width);
            let (packed, rest) = bytes.split_at_checked(length).ok_or(Malformed)?;
            bytes = rest;
            if *width == 0 {
                values.extend((0..wanted).map(|_| {
                    value = value.wrapping_add(least);
                    value
                }));
            } else {
                let mut bits = Bits::new(packed, u32::from(*width));
                values.extend((0..wanted).map(|_| {
                    value = value.wrapping_add(least).wrapping_add(bits.next().cast_signed());
                    value
                }));
            }
        }
    }
    Ok(values)
}

/// Numbers packed least significant bit first. Beyond the end there are zeros.
struct Bits<'a> {
    bytes: &'a [u8],
    width: u32,
    mask: u64,
    /// Bits not yet given, and how many.
    word: u64,
    left: u32,
}

impl<'a> Bits<'a> {
    fn new(bytes: &'a [u8], width: u32) -> Self {
        let mask = if width >= 64 { u64::MAX } else { (1 << width) - 1 };
        Self { bytes, width, mask, word: 0, left: 0 }
    }

    #[inline]
    fn next(&mut self) -> u64 {
        if self.left >= self.width {
            let value = self.word & self.mask;
            // A width of 64 leaves nothing behind.
            self.word = self.word.checked_shr(self.width).unwrap_or(0);
            self.left -= self.width;
            return value;
        }
        let next = self.refill();
        let had = self.left;
        let value = (self.word | next.checked_shl(had).unwrap_or(0)) & self.mask;
        let used = self.width - had;
        self.word = next.checked_shr(used).unwrap_or(0);
        self.left = 64 - used;
        value
    }

    #[inline]
    fn refill(&mut self) -> u64 {
        if let Some((word, rest)) = self.bytes.split_first_chunk::<8>() {
            self.bytes = rest;
            return u64::from_le_bytes(*word);
        }
        let mut word = [0; 8];
        word[..self.bytes.len()].copy_from_slice(self.bytes);
        self.bytes = &[];
        u64::from_le_bytes(word)
    }
}

/// A number of variable length, seven bits a byte, least significant first.
pub(crate) fn varint(bytes: &mut &[u8]) -> Result<u64, Malformed> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first().ok_or(Malformed)?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err(Malformed)
}

/// A signed number from its zigzag form.
const fn zigzag(value: u64) -> i64 {
    (value >> 1).cast_signed() ^ -((value & 1).cast_signed())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The two examples of the format's own specification.
    #[test]
    fn differences_are_those_of_the_specification() {
        assert_eq!(differences(&[8, 1, 5, 2, 2, 0], 5).unwrap(), [1, 2, 3, 4, 5]);
        let packed = [8, 1, 8, 14, 3, 2, 0b1100_0000, 0b0011_1111];
        assert_eq!(differences(&packed, 8).unwrap(), [7, 5, 3, 1, 2, 3, 4, 5]);
        for end in 0..packed.len() {
            assert!(differences(&packed[..end], 8).is_err(), "{end}");
        }
        // Another count, no block, an odd group, a width no number has.
        for wrong in [[8, 1, 7, 14, 3, 2], [0, 1, 8, 14, 3, 2], [8, 3, 8, 14, 3, 2], [8, 1, 8, 14, 3, 65]] {
            assert!(differences(&[&wrong[..], &[0; 80]].concat(), 8).is_err(), "{wrong:?}");
        }
    }

    /// The specification's example of packed numbers, then a run of five.
    #[test]
    fn numbers_are_those_of_the_specification() {
        let bytes = [3, 0b1000_1000, 0b1100_0110, 0b1111_1010, 10, 4];
        let read = |count| {
            let mut numbers = Vec::new();
            hybrid(&bytes, 3, count, |number| {
                numbers.push(number);
                Ok(())
            })
            .map(|()| numbers)
        };
        assert_eq!(read(13).unwrap(), [0, 1, 2, 3, 4, 5, 6, 7, 4, 4, 4, 4, 4]);
        assert_eq!(read(9).unwrap().len(), 9);
        assert!(read(14).is_err());
        // Runs of nothing would never end.
        assert!(hybrid(&[0, 0, 1, 1], 1, 3, |_| Ok(())).is_err());
        assert!(referred(&[2, 4, 3], 2, &[7i64; 3]).is_err(), "no fourth value in the list");
    }

    #[test]
    fn missing_values_keep_their_rows() {
        // Levels 1, 0, 1, 1 packed, then a run of two missing.
        let levels = [3, 0b1101, 4, 0];
        let rows = [Some(5), None, Some(6), Some(7), None, None, None, None, None, None];
        assert_eq!(spread(vec![5, 6, 7], &levels, 10).unwrap(), rows);
        assert!(spread(vec![5, 6], &levels, 10).is_err());
        assert!(spread(vec![5, 6, 7, 8], &levels, 10).is_err());
    }

    proptest! {
        #[test]
        fn packed_numbers_are_their_bits(bytes in proptest::collection::vec(any::<u8>(), 0..64), width in 1u32..=64) {
            let bit = |at: usize| u64::from(bytes.get(at / 8).is_some_and(|byte| byte >> (at % 8) & 1 == 1));
            let mut bits = Bits::new(&bytes, width);
            let width = usize::try_from(width).unwrap();
            for number in 0..16 {
                let expected = (0..width).map(|at| bit(number * width + at) << at).sum::<u64>();
                prop_assert_eq!(bits.next(), expected);
            }
        }

        #[test]
        fn any_bytes_are_answered(bytes in proptest::collection::vec(any::<u8>(), 0..80), rows in 0usize..300) {
            let _ = differences(&bytes, rows);
            let _ = referred(&bytes, rows, &[1i64, 2]);
            let _ = Dictionary::read(Kind::FewWhole, &bytes);
            let _ = Dictionary::read(Kind::Word(&["buy"]), &bytes);
            prop_assert!(texts(&bytes).count() <= 81);
        }
    }
}
