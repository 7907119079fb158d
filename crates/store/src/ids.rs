//! A set of trade ids. Venues number trades consecutively, so a day's ids are a handful of ranges.

use std::collections::BTreeMap;

/// Most separate ranges kept: about 500 MB. No day of any venue comes near; a hostile file would.
const MAX_RANGES: usize = 8_000_000;

/// Ids as closed ranges, start to end.
#[derive(Clone, Default)]
pub(crate) struct IdSet {
    ranges: BTreeMap<u64, u64>,
}

/// The set would exceed [`MAX_RANGES`].
#[derive(Debug)]
pub(crate) struct Full;

impl Full {
    pub(crate) const LIMIT: usize = MAX_RANGES;
}

impl IdSet {
    /// Adds an id; whether it was new.
    pub(crate) fn insert(&mut self, id: u64) -> Result<bool, Full> {
        let below = self.ranges.range(..=id).next_back().map(|(start, end)| (*start, *end));
        if below.is_some_and(|(_, end)| end >= id) {
            return Ok(false);
        }
        let start = match below {
            Some((start, end)) if end.checked_add(1) == Some(id) => start,
            _ => id,
        };
        let end = id.checked_add(1).and_then(|next| self.ranges.remove(&next)).unwrap_or(id);
        if start == id && self.ranges.len() >= MAX_RANGES {
            return Err(Full);
        }
        self.ranges.insert(start, end);
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn consecutive_ids_are_one_range() {
        let mut set = IdSet::default();
        for id in [3, 1, 2, u64::MAX, u64::MAX - 1, 0] {
            assert!(set.insert(id).unwrap(), "{id}");
        }
        assert_eq!(set.ranges, BTreeMap::from([(0, 3), (u64::MAX - 1, u64::MAX)]));
    }

    proptest! {
        #[test]
        fn it_is_a_set(ids in proptest::collection::vec(0u64..40, 0..80)) {
            let (mut set, mut plain) = (IdSet::default(), BTreeSet::new());
            for id in ids {
                prop_assert_eq!(set.insert(id).unwrap(), plain.insert(id));
            }
        }
    }
}
