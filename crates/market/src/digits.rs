//! Decimal digits read eight at a time.
//!
//! Most of the work of reading an archive is turning short runs of digits into integers. Eight digits fit
//! one machine word, on which three multiplications add them up pairwise, then by fours, then by eights;
//! a loop over the bytes costs several times as much, mostly for its unpredictable length.

// A call for each field of each row would cost about as much as the reading itself.
#![allow(clippy::inline_always)]

const CHARACTER_ZERO: u64 = 0x3030_3030_3030_3030;
const POINT: u64 = 0x2e2e_2e2e_2e2e_2e2e;
const LOW_SEVEN: u64 = 0x7f7f_7f7f_7f7f_7f7f;

/// The value of 1 to 16 digits; `None` for anything else, which may still be a legal longer number.
#[inline(always)]
pub(crate) fn integer(text: &[u8]) -> Option<u64> {
    match text.len() {
        1..=8 => eight(word(text)?),
        length @ 9..=16 => {
            let (high, low) = (text.first_chunk()?, text.last_chunk()?);
            // The digits that are in both words leave the first one at its upper end.
            let high = (u64::from_le_bytes(*high) << (8 * (16 - length))) | zeros(length - 8);
            Some(eight(high)? * 100_000_000 + eight(u64::from_le_bytes(*low))?)
        }
        _ => None,
    }
}

/// The digits of a decimal number of at most eight characters, point included, and how many of them stand
/// behind the point; `None` for anything else.
#[inline(always)]
pub(crate) fn decimal(text: &[u8]) -> Option<(u64, usize)> {
    let word = word(text)?;
    let other = word ^ POINT;
    // 0x80 exactly where there is a point.
    let points = !(((other & LOW_SEVEN) + LOW_SEVEN) | other | LOW_SEVEN);
    if points == 0 {
        return Some((eight(word)?, 0));
    }
    if points & (points - 1) != 0 || text.len() == 1 {
        return None;
    }
    // What stands before the point moves up over it.
    let at = points.trailing_zeros() / 8;
    let before = word & ((1 << (8 * at)) - 1);
    let behind = word & (u64::MAX << (8 * at)) & !(0xff << (8 * at));
    let digits = eight(behind | (before << 8) | u64::from(b'0'))?;
    Some((digits, 7 - at as usize))
}

/// Up to eight characters, the first in the lowest byte, with `0` characters put before them.
#[inline(always)]
fn word(text: &[u8]) -> Option<u64> {
    let length = text.len();
    let characters = match length {
        // Two halves that may overlap: where they do, they have the same bits.
        4..=8 => {
            let (first, last) = (text.first_chunk()?, text.last_chunk()?);
            u64::from(u32::from_le_bytes(*first)) | u64::from(u32::from_le_bytes(*last)) << (8 * (length - 4))
        }
        // The same with single bytes.
        1..=3 => {
            let (middle, last) = (length / 2, length - 1);
            u64::from(text[0]) | u64::from(text[middle]) << (8 * middle) | u64::from(text[last]) << (8 * last)
        }
        _ => return None,
    };
    Some((characters << (8 * (8 - length))) | zeros(length))
}

/// `0` characters in the bytes before the last `length` (1 to 8) of a word.
#[inline(always)]
const fn zeros(length: usize) -> u64 {
    (CHARACTER_ZERO >> (8 * (length - 1))) >> 8
}

/// The value of eight digits, the first in the lowest byte.
#[inline(always)]
fn eight(word: u64) -> Option<u64> {
    const HIGH_HALVES: u64 = 0xf0f0_f0f0_f0f0_f0f0;
    const SIXES: u64 = 0x0606_0606_0606_0606;
    // Digits are 0x30 to 0x39: the upper half is 3, and still is after adding 6.
    let upper = (word & HIGH_HALVES) | ((word.wrapping_add(SIXES) & HIGH_HALVES) >> 4);
    if upper != 0x3333_3333_3333_3333 {
        return None;
    }
    Some(eight_digits(word & 0x0f0f_0f0f_0f0f_0f0f))
}

/// The number that eight decimal digits make. Each byte of `digits` holds one of them as a number from 0 to 9
/// (not as a character), the first in the lowest byte; for other bytes the result means nothing.
///
/// ```
/// # use liqlens_market::eight_digits;
/// assert_eq!(eight_digits(u64::from_le_bytes([0, 0, 7, 1, 1, 5, 7, 6])), 711_576);
/// ```
#[inline(always)]
pub const fn eight_digits(digits: u64) -> u64 {
    let pairs = (digits.wrapping_mul(10 * 0x100 + 1) >> 8) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs.wrapping_mul(100 * 0x1_0000 + 1) >> 16) & 0x0000_ffff_0000_ffff;
    fours.wrapping_mul(10_000 * 0x1_0000_0000 + 1) >> 32
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_byte_that_is_no_digit_is_seen_at_every_place() {
        for byte in (0..=u8::MAX).filter(|byte| !byte.is_ascii_digit()) {
            for length in 1..=16 {
                for place in 0..length {
                    let mut text = vec![b'7'; length];
                    text[place] = byte;
                    assert_eq!(integer(&text), None, "{text:?}");
                    if length <= 8 && byte != b'.' {
                        assert_eq!(decimal(&text), None, "{text:?}");
                    }
                }
            }
        }
        assert_eq!(
            (integer(b""), integer(&[b'1'; 17]), decimal(b""), decimal(b".")),
            (None, None, None, None)
        );
        assert_eq!((decimal(b"1.2.3"), decimal(b"123456789")), (None, None));
    }

    proptest! {
        #[test]
        fn integers_equal_the_standard_librarys(text in "[0-9]{1,16}") {
            prop_assert_eq!(integer(text.as_bytes()), text.parse().ok());
        }

        #[test]
        fn decimals_are_their_digits_and_a_scale(before in "[0-9]{0,4}", behind in "[0-9]{0,3}") {
            prop_assume!(before.len() + behind.len() > 0);
            let digits: u64 = format!("{before}{behind}").parse().unwrap();
            prop_assert_eq!(decimal(format!("{before}.{behind}").as_bytes()), Some((digits, behind.len())));
        }
    }
}
