//! The total order of stored events, and the k-way merge by it.

use core::cmp::Ordering;

use liqlens_market::{Event, EventBody};

/// [`Event::log_order`], then content. Equal means identical in every stored bit.
///
/// The second step makes the order independent of the order of arrival, so that a segment holds the same
/// bytes whichever files its events came from. For trades it compares fields, since trades without ids
/// often share a millisecond; for the rest, which rarely tie, it compares encodings.
pub(crate) fn total(a: &Event, b: &Event) -> Ordering {
    a.log_order(b).then_with(|| match (&a.body, &b.body) {
        (EventBody::Trade(a), EventBody::Trade(b)) => {
            (a.id, a.price, a.size, a.taker).cmp(&(b.id, b.price, b.size, b.taker))
        }
        _ => crate::codec::content(a).cmp(&crate::codec::content(b)),
    })
}

/// A sorted sequence of events with one event of look-ahead.
pub(crate) trait Cursor {
    type Error;
    /// The next event, if any.
    fn head(&self) -> Option<&Event>;
    /// Takes the next event and moves on.
    fn take(&mut self) -> Result<Option<Event>, Self::Error>;
}

/// Sorted sequences merged into one. Ties come from the earlier cursor first.
///
/// In this data one sequence usually leads for long stretches (trades against funding, one file against
/// another), so the merge remembers the leader and the runner-up and compares only those two until the
/// lead changes; only then are all heads looked at.
pub(crate) struct Merge<C> {
    cursors: Vec<C>,
    order: fn(&Event, &Event) -> Ordering,
    lead: Option<usize>,
    runner_up: Option<usize>,
}

impl<C: Cursor> Merge<C> {
    pub(crate) fn new(cursors: Vec<C>, order: fn(&Event, &Event) -> Ordering) -> Self {
        Self { cursors, order, lead: None, runner_up: None }
    }

    pub(crate) fn cursors(&self) -> &[C] {
        &self.cursors
    }

    /// The next event of all.
    pub(crate) fn head(&mut self) -> Option<&Event> {
        if !self.leader_still_leads() {
            self.find_leader();
        }
        self.cursors[self.lead?].head()
    }

    /// The next event of all, taken.
    pub(crate) fn take(&mut self) -> Result<Option<Event>, C::Error> {
        if !self.leader_still_leads() {
            self.find_leader();
        }
        match self.lead {
            Some(lead) => self.cursors[lead].take(),
            None => Ok(None),
        }
    }

    fn leader_still_leads(&self) -> bool {
        let Some(lead) = self.lead else { return false };
        match (self.cursors[lead].head(), self.runner_up.and_then(|i| self.cursors[i].head())) {
            (None, _) => false,
            (Some(_), None) => true,
            (Some(head), Some(other)) => match (self.order)(head, other) {
                Ordering::Less => true,
                Ordering::Equal => self.runner_up.is_some_and(|runner_up| lead < runner_up),
                Ordering::Greater => false,
            },
        }
    }

    fn find_leader(&mut self) {
        (self.lead, self.runner_up) = (None, None);
        let before = |a: usize, b: Option<usize>| {
            let Some(other) = b.and_then(|i| self.cursors[i].head()) else { return true };
            self.cursors[a].head().is_some_and(|head| (self.order)(head, other) == Ordering::Less)
        };
        let (mut lead, mut runner_up) = (None, None);
        for index in (0..self.cursors.len()).filter(|i| self.cursors[*i].head().is_some()) {
            if before(index, lead) {
                (lead, runner_up) = (Some(index), lead);
            } else if before(index, runner_up) {
                runner_up = Some(index);
            }
        }
        (self.lead, self.runner_up) = (lead, runner_up);
    }
}

#[cfg(test)]
mod tests {
    use core::convert::Infallible;

    use liqlens_market::{Price, PriceUpdate, Timestamp};
    use proptest::prelude::*;

    use super::*;

    struct Slice(std::vec::IntoIter<Event>, Option<Event>);

    impl Cursor for Slice {
        type Error = Infallible;
        fn head(&self) -> Option<&Event> {
            self.1.as_ref()
        }
        fn take(&mut self) -> Result<Option<Event>, Infallible> {
            Ok(std::mem::replace(&mut self.1, self.0.next()))
        }
    }

    /// An event whose price names the sequence it came from.
    fn event(ns: i64, sequence: usize) -> Event {
        let mark = Price::from_units(i64::try_from(sequence).unwrap() + 1).unwrap();
        let body = EventBody::Price(PriceUpdate { mark, index: None });
        Event::at(Timestamp::from_nanos(ns), body)
    }

    proptest! {
        #[test]
        fn merging_equals_a_stable_sort(lists in proptest::collection::vec(
            proptest::collection::vec(0i64..12, 0..20), 0..6)
        ) {
            let mut expected = Vec::new();
            let mut cursors = Vec::new();
            for (sequence, mut times) in lists.into_iter().enumerate() {
                times.sort_unstable();
                let events: Vec<_> = times.into_iter().map(|ns| event(ns, sequence)).collect();
                expected.extend(events.iter().cloned());
                let mut events = events.into_iter();
                let head = events.next();
                cursors.push(Slice(events, head));
            }
            expected.sort_by(Event::log_order);
            let mut merge = Merge::new(cursors, Event::log_order);
            let mut merged = Vec::new();
            while let Ok(Some(event)) = merge.take() {
                merged.push(event);
            }
            prop_assert_eq!(merged, expected);
        }
    }
}
