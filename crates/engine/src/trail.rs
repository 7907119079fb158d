//! A running hash of what was folded.
//!
//! A state follows from its parameters and its events, so their hash names it as well as a hash of the state
//! itself would, and costs a few dozen bytes an event instead of ten megabytes a question.

use serde::{Deserialize, Serialize};

/// Bytes hashed at a time: enough for the hash function to work on several blocks side by side, little enough to
/// be hashed again at every question.
const BLOCK: usize = 4_096;

/// A chain: the hash of (the hash before and a block), and the block that is not full yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Trail {
    before: [u8; 32],
    block: Vec<u8>,
}

impl Trail {
    /// A trail that begins with something.
    pub(crate) fn new(start: &impl Serialize) -> Self {
        let mut trail = Self { before: [0; 32], block: Vec::new() };
        trail.add(start);
        trail
    }

    /// Goes on with something. Each thing is written in a form that says where it ends, so that no two sequences
    /// read the same.
    pub(crate) fn add(&mut self, thing: &impl Serialize) {
        write(thing, &mut self.block);
        if self.block.len() >= BLOCK {
            self.before = self.hash(&[]);
            self.block.clear();
        }
    }

    /// The hash of everything, and of something that is not part of the trail.
    pub(crate) fn end(&self, last: &impl Serialize) -> [u8; 32] {
        let mut bytes = Vec::with_capacity(256);
        write(last, &mut bytes);
        self.hash(&bytes)
    }

    fn hash(&self, last: &[u8]) -> [u8; 32] {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&self.before).update(&self.block).update(last);
        // The block has no fixed length: where it ends must be part of what is hashed.
        hasher.update(&(self.block.len() as u64).to_le_bytes());
        *hasher.finalize().as_bytes()
    }
}

/// Appends something in a form that says where it ends.
fn write(thing: &impl Serialize, bytes: &mut Vec<u8>) {
    let buffer = core::mem::take(bytes);
    // Writing numbers, texts and lists to memory cannot fail; were it to, the mark would say so.
    *bytes = postcard::to_extend(thing, buffer).unwrap_or_else(|_| b"unwritable".to_vec());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_and_its_place_count() {
        let trail = |parts: &[u64]| {
            let mut trail = Trail::new(&"start");
            for part in parts {
                trail.add(part);
            }
            trail
        };
        let many: Vec<u64> = (0..9_000).collect();
        let mut other = many.clone();
        other[17] += 1;
        let mut swapped = many.clone();
        swapped.swap(10, 11);
        let ends = [&many[..], &many[..8_999], &other, &swapped, &[]].map(|parts| trail(parts).end(&0));
        for (i, end) in ends.iter().enumerate() {
            assert!(!ends[..i].contains(end), "{i}");
        }
        assert_eq!(trail(&many), trail(&many));
        assert!(trail(&many).block.len() < BLOCK, "hashed as it goes");
        assert_ne!(trail(&[1]).end(&2), trail(&[]).end(&[1, 2]));
        assert_ne!(Trail::new(&"start").end(&0), Trail::new(&"other").end(&0));
    }
}
