//! Where a text has something else than digits.
//!
//! Rows of numbers are cut at what stands between the numbers. To look for it byte by byte, or field by field,
//! means to wait for one position before the next can be looked for; here a whole block is gone through first,
//! eight bytes at a time and each word apart from the others, and a bit is kept for each byte.

// Called once for each block, in a loop that does little else.
#![allow(clippy::inline_always)]

/// How many bytes are marked at a time: few enough to stay in the first-level cache until they are read.
pub(crate) const BLOCK_BYTES: usize = 2_048;
const WORDS: usize = BLOCK_BYTES / 64;

/// A bit for each byte of a block, set where the byte is no digit.
pub(crate) struct Marks([u64; WORDS]);

const CHARACTER_ZERO: u64 = 0x3030_3030_3030_3030;
const HIGH_BITS: u64 = 0x8080_8080_8080_8080;

impl Marks {
    /// Nothing marked.
    pub(crate) const fn new() -> Self {
        Self([0; WORDS])
    }

    /// Marks a block.
    pub(crate) fn mark(&mut self, block: &[u8; BLOCK_BYTES]) {
        let (chunks, _) = block.as_chunks::<64>();
        for (marks, chunk) in self.0.iter_mut().zip(chunks) {
            *marks = marks_of(chunk);
        }
    }

    /// The marks of the 64 bytes from `at` on, the first in the lowest bit; beyond the block there are none.
    #[inline(always)]
    pub(crate) fn from(&self, at: usize) -> u64 {
        let (word, bit) = (at / 64, at % 64);
        let low = self.0.get(word).copied().unwrap_or(0) >> bit;
        let high = self.0.get(word + 1).copied().unwrap_or(0);
        // In two steps, because a shift by all 64 bits is none.
        low | ((high << 1) << (63 - bit))
    }
}

/// Digits with their character's bits taken out: bytes from 0 to 9 where there are digits, others elsewhere.
#[inline(always)]
pub(crate) const fn bare(word: u64) -> u64 {
    word ^ CHARACTER_ZERO
}

/// The highest bit of each byte that is no digit, for bytes made by [`bare`]. Behind a byte that is no ASCII
/// character a digit may be marked as well.
#[inline(always)]
pub(crate) const fn no_digits(bare: u64) -> u64 {
    (bare.wrapping_add(0x7676_7676_7676_7676) | bare) & HIGH_BITS
}

#[inline(always)]
fn marks_of(chunk: &[u8; 64]) -> u64 {
    let (words, _) = chunk.as_chunks::<8>();
    // Two words side by side, which the compiler keeps in one register. Bit `w` of byte `b` becomes the mark of
    // byte `b` in word `w`.
    let mut sides = [0u64; 2];
    for pair in words.as_chunks::<2>().0 {
        for (side, word) in sides.iter_mut().zip(pair) {
            *side = (*side >> 2) | no_digits(bare(u64::from_le_bytes(*word)));
        }
    }
    transposed((sides[0] >> 1) | sides[1])
}

/// Swaps rows and columns of eight bytes of eight bits.
#[inline(always)]
const fn transposed(bits: u64) -> u64 {
    let swapped = (bits ^ (bits >> 7)) & 0x00aa_00aa_00aa_00aa;
    let bits = bits ^ swapped ^ (swapped << 7);
    let swapped = (bits ^ (bits >> 14)) & 0x0000_cccc_0000_cccc;
    let bits = bits ^ swapped ^ (swapped << 14);
    let swapped = (bits ^ (bits >> 28)) & 0x0000_0000_f0f0_f0f0;
    bits ^ swapped ^ (swapped << 28)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Byte by byte. What follows a byte above ASCII may be marked too: no row is read past one.
        #[test]
        fn marks_all_that_is_no_digit(bytes in proptest::collection::vec(any::<u8>(), 192), digits in 0u8..=255) {
            let mut block = [b'7'; BLOCK_BYTES];
            for (place, byte) in block.iter_mut().zip(&bytes) {
                *place = if *byte >= digits { *byte } else { b'0' + byte % 10 };
            }
            let mut marks = Marks::new();
            marks.mark(&block);
            for at in 0..200 {
                let got = marks.from(at);
                for bit in 0..64 {
                    let marked = got >> bit & 1 == 1;
                    let before = if at + bit == 0 { b'0' } else { block[at + bit - 1] };
                    if before.is_ascii() {
                        prop_assert_eq!(marked, !block[at + bit].is_ascii_digit(), "{} {}", at, bit);
                    } else {
                        prop_assert!(marked || block[at + bit].is_ascii_digit());
                    }
                }
            }
            prop_assert_eq!(marks.from(BLOCK_BYTES), 0);
        }
    }
}
