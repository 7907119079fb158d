//! Members filed in buckets: insertion and removal in constant time, without allocation per member.
//!
//! Each bucket is a doubly linked list threaded through one array. A bucket is served newest first, which
//! is as good as any other fixed order.

/// No member, no bucket.
pub(super) const NONE: u32 = u32::MAX;

#[derive(Debug, Clone, Copy)]
struct Link {
    next: u32,
    previous: u32,
    bucket: u32,
}

const UNFILED: Link = Link { next: NONE, previous: NONE, bucket: NONE };

/// Buckets of members; a member is in one bucket at most.
#[derive(Debug, Clone)]
pub(super) struct Lists {
    heads: Vec<u32>,
    links: Vec<Link>,
}

impl Lists {
    pub(super) fn new(buckets: usize) -> Self {
        Self { heads: vec![NONE; buckets], links: Vec::new() }
    }

    /// Number of buckets.
    pub(super) fn buckets(&self) -> usize {
        self.heads.len()
    }

    /// Makes room for members up to and including `member`.
    pub(super) fn admit(&mut self, member: u32) {
        let needed = member as usize + 1;
        if self.links.len() < needed {
            self.links.resize(needed, UNFILED);
        }
    }

    /// Files a member that is in no bucket.
    #[inline]
    pub(super) fn insert(&mut self, member: u32, bucket: u32) {
        let head = core::mem::replace(&mut self.heads[bucket as usize], member);
        if head != NONE {
            self.links[head as usize].previous = member;
        }
        self.links[member as usize] = Link { next: head, previous: NONE, bucket };
    }

    /// Takes a member out of its bucket, if it is in one.
    #[inline]
    pub(super) fn remove(&mut self, member: u32) {
        let Link { next, previous, bucket } = self.links[member as usize];
        if bucket == NONE {
            return;
        }
        if previous == NONE {
            self.heads[bucket as usize] = next;
        } else {
            self.links[previous as usize].next = next;
        }
        if next != NONE {
            self.links[next as usize].previous = previous;
        }
        self.links[member as usize] = UNFILED;
    }

    /// The newest member of a bucket, or [`NONE`].
    #[inline]
    pub(super) fn first(&self, bucket: u32) -> u32 {
        self.heads[bucket as usize]
    }

    /// The member filed before this one in the same bucket, or [`NONE`].
    #[inline]
    pub(super) fn after(&self, member: u32) -> u32 {
        self.links[member as usize].next
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Against a plain vector per bucket.
        #[test]
        fn buckets_hold_what_was_filed(actions in proptest::collection::vec((0..20_u32, 0..5_u32), 0..200)) {
            let mut lists = Lists::new(4);
            lists.admit(19);
            let mut plain = vec![Vec::new(); 4];
            for (member, bucket) in actions {
                lists.remove(member);
                for members in &mut plain {
                    members.retain(|m: &u32| *m != member);
                }
                // The fifth bucket stands for leaving.
                if let Some(members) = plain.get_mut(bucket as usize) {
                    lists.insert(member, bucket);
                    members.insert(0, member);
                }
                for (bucket, members) in (0..).zip(&plain) {
                    let mut filed = Vec::new();
                    let mut member = lists.first(bucket);
                    while member != NONE {
                        filed.push(member);
                        member = lists.after(member);
                    }
                    prop_assert_eq!(&filed, members);
                }
            }
        }
    }
}
