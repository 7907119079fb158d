//! States of a market on its way, as bytes, and which of them are worth keeping.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use liqlens_market::{Span, Timestamp};

/// States of one market by the moment until which everything known is in them.
#[derive(Debug, Default)]
pub(super) struct States(BTreeMap<Timestamp, State>);

#[derive(Debug, Clone)]
struct State {
    bytes: Arc<[u8]>,
    why: Why,
    /// When it was last gone on from, on the ledger's clock.
    used: u64,
}

/// Why a state is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    /// It stands at one of the distances that keep every moment near.
    Pillar,
    /// Somebody asked about the hour.
    Visit,
}

/// What the states of all markets take.
#[derive(Debug)]
pub(super) struct Ledger {
    most: u64,
    bytes: AtomicU64,
    count: AtomicU64,
    clock: AtomicU64,
}

impl Ledger {
    pub(super) const fn new(most: u64) -> Self {
        Self { most, bytes: AtomicU64::new(0), count: AtomicU64::new(0), clock: AtomicU64::new(0) }
    }

    /// Bytes that states may take.
    pub(super) const fn most(&self) -> u64 {
        self.most
    }

    pub(super) fn too_much(&self) -> bool {
        self.bytes.load(Ordering::Relaxed) > self.most
    }

    pub(super) fn kept(&self) -> (u64, u64) {
        (self.bytes.load(Ordering::Relaxed), self.count.load(Ordering::Relaxed))
    }

    fn tick(&self) -> u64 {
        self.clock.fetch_add(1, Ordering::Relaxed)
    }
}

/// Worth of pillars begins here; all visits are worth less.
const PILLAR: f64 = 1e18;

impl States {
    /// The newest state until `at`.
    pub(super) fn before(&mut self, at: Timestamp, ledger: &Ledger) -> Option<(Timestamp, Arc<[u8]>)> {
        let (time, state) = self.0.range_mut(..=at).next_back()?;
        state.used = ledger.tick();
        Some((*time, state.bytes.clone()))
    }

    pub(super) fn keep(&mut self, at: Timestamp, why: Why, bytes: Vec<u8>, ledger: &Ledger) {
        let bytes: Arc<[u8]> = bytes.into();
        ledger.bytes.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        ledger.count.fetch_add(1, Ordering::Relaxed);
        let state = State { bytes, why, used: ledger.tick() };
        if let Some(replaced) = self.0.insert(at, state) {
            forget(&replaced, ledger);
        }
    }

    pub(super) fn contains(&self, at: Timestamp) -> bool {
        self.0.contains_key(&at)
    }

    /// The state that is worth least, and its worth: visits by their last use, the oldest first; then pillars by
    /// the time without any that would be left around them for their age.
    pub(super) fn least(&self) -> Option<(f64, Timestamp)> {
        let newest = *self.0.last_key_value()?.0;
        let times: Vec<(&Timestamp, &State)> = self.0.iter().collect();
        let worth = |index: usize, time: Timestamp, state: &State| match state.why {
            Why::Visit => state.used as f64,
            Why::Pillar => {
                let before = index.checked_sub(1).and_then(|before| times.get(before)).map_or(time, |b| *b.0);
                let after = times.get(index + 1).map_or(time, |after| *after.0);
                let age = (newest - time) + Span::DAY;
                PILLAR + (after - before).nanos() as f64 / age.nanos() as f64
            }
        };
        times
            .iter()
            .enumerate()
            .map(|(index, (time, state))| (worth(index, **time, state), **time))
            .min_by(|a, b| a.0.total_cmp(&b.0))
    }

    pub(super) fn give_up(&mut self, at: Timestamp, ledger: &Ledger) {
        if let Some(state) = self.0.remove(&at) {
            forget(&state, ledger);
        }
    }
}

fn forget(state: &State, ledger: &Ledger) {
    ledger.bytes.fetch_sub(state.bytes.len() as u64, Ordering::Relaxed);
    ledger.count.fetch_sub(1, Ordering::Relaxed);
}

/// Time between pillars: a day for the newest three weeks, a week for half a year, four weeks before.
pub(super) fn spacing(age: Span) -> Span {
    let days = age.nanos() / Span::DAY.nanos();
    if days < 21 {
        Span::DAY
    } else if days < 182 {
        Span::DAY.times(7)
    } else {
        Span::DAY.times(28)
    }
}

/// The first pillar after a moment, in a market whose data end at `newest`.
pub(super) fn next_pillar(after: Timestamp, newest: Timestamp) -> Timestamp {
    let spacing = spacing(newest - after);
    after.floor(spacing) + spacing
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(day: i64) -> Timestamp {
        Timestamp::EARLIEST + Span::DAY.times(day)
    }

    #[test]
    #[ignore = "open: the count expected is not settled"]
    fn pillars_stand_closer_where_the_data_are_newer() {
        let newest = Timestamp::parse_text("2026-03-20T23:00:00Z").unwrap();
        let mut pillars = vec![Timestamp::parse_text("2023-03-20").unwrap()];
        while *pillars.last().unwrap() < newest {
            let next = next_pillar(*pillars.last().unwrap(), newest);
            assert!(next > *pillars.last().unwrap());
            pillars.push(next);
        }
        let within =
            |days: i64| pillars.iter().filter(|time| newest - **time < Span::DAY.times(days)).count();
        // 21 days by the day, then 161 days by the week, then about 910 days by four weeks.
        assert!((20..=23).contains(&within(21)), "{}", within(21));
        assert!((43..=48).contains(&within(182)), "{}", within(182));
        assert!(pillars.len() < 82, "{}", pillars.len());
    }

    #[test]
    fn visits_go_first_and_then_pillars_where_they_are_densest_for_their_age() {
        let ledger = Ledger::new(10);
        let mut states = States::default();
        for (time, why) in
            [(0, Why::Pillar), (10, Why::Pillar), (20, Why::Pillar), (21, Why::Pillar), (22, Why::Pillar)]
        {
            states.keep(day(time), why, vec![0; 4], &ledger);
        }
        states.keep(day(5), Why::Visit, vec![0; 4], &ledger);
        states.keep(day(6), Why::Visit, vec![0; 4], &ledger);
        assert_eq!(ledger.kept(), (28, 7));
        assert!(ledger.too_much());
        // Day 5 is gone on from, so day 6 was used longer ago.
        assert_eq!(states.before(day(5), &ledger).unwrap().0, day(5));
        let mut gone = Vec::new();
        while ledger.too_much() {
            let (_, time) = states.least().unwrap();
            states.give_up(time, &ledger);
            gone.push(time);
        }
        assert_eq!(gone[..2], [day(6), day(5)]);
        // Of the pillars: 0 has 10 days around it at an age of 22, far less for its age than any other.
        assert_eq!(gone[2], day(0));
        assert_eq!(ledger.kept(), (8, 2));
        states.keep(day(22), Why::Pillar, vec![0; 1], &ledger);
        assert_eq!(ledger.kept().1, 2);
    }

    #[test]
    fn a_state_of_later_is_never_gone_on_from() {
        let ledger = Ledger::new(100);
        let mut states = States::default();
        assert!(states.before(day(3), &ledger).is_none());
        states.keep(day(4), Why::Pillar, vec![1], &ledger);
        assert!(states.before(day(3), &ledger).is_none());
        assert!(states.contains(day(4)));
        assert_eq!(states.before(day(4), &ledger).unwrap().0, day(4));
    }
}
