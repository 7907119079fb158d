//! Open interest as reported, and as accepted.

use liqlens_market::{Span, Timestamp};
use serde::{Deserialize, Serialize};

/// A reading this far from the accepted one is held back: no market's open interest moves by a fifth
/// between two readings, but feeds change sidedness, unit or currency.
const JUMP: f64 = 0.20;
/// A held level that persists this long is accepted as a new base.
const HOLD: Span = Span::HOUR;

/// The state of a market's open-interest channel.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct OpenInterestChannel {
    /// Accepted open interest, contracts (base coin for linear markets); `None` before the first reading.
    pub accepted: Option<f64>,
    /// Time of the newest reading, held ones included.
    pub newest: Option<Timestamp>,
    /// Time between the two newest readings.
    pub period: Option<Span>,
    /// Readings held back so far because they jumped.
    pub held_readings: u64,
    /// Start of the present hold.
    held_since: Option<Timestamp>,
    /// Accepted open interest when the last interval was closed.
    at_last_interval: Option<f64>,
    /// Whether a reading was accepted since the last interval.
    fresh: bool,
}

impl OpenInterestChannel {
    /// Takes a reading.
    pub(crate) fn read(&mut self, at: Timestamp, contracts: f64) {
        if let Some(previous) = self.newest {
            if at < previous {
                return; // an older reading says nothing new
            }
            if at > previous {
                self.period = Some(at - previous);
            }
        }
        // After a long silence there is nothing to compare with.
        let silent = self.newest.is_none_or(|previous| at - previous >= HOLD.times(6));
        self.newest = Some(at);
        let jumped = self.accepted.is_some_and(|now| (contracts - now).abs() > JUMP * now);
        if jumped && !silent {
            let since = *self.held_since.get_or_insert(at);
            if at - since < HOLD {
                self.held_readings += 1;
                return;
            }
        }
        self.held_since = None;
        self.accepted = Some(contracts);
        self.fresh = true;
    }

    /// Accepted open interest when the last interval was closed.
    pub(crate) const fn at_last_interval(&self) -> Option<f64> {
        self.at_last_interval
    }

    /// Whether a jump is being held back.
    pub const fn holding(&self) -> bool {
        self.held_since.is_some()
    }

    /// The change since open interest was last known at an interval's end, if a new reading came; zero for
    /// the first reading, which explains nothing. Marks the interval closed.
    pub(crate) fn take_change(&mut self) -> Option<f64> {
        if !core::mem::take(&mut self.fresh) {
            return None;
        }
        let now = self.accepted?;
        Some(self.at_last_interval.replace(now).map_or(0.0, |before| now - before))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_seconds(1_700_000_000).unwrap() + Span::MINUTE.times(minute)
    }

    #[test]
    fn a_jump_is_held_for_an_hour_then_accepted() {
        let mut channel = OpenInterestChannel::default();
        channel.read(at(0), 100.0);
        assert_eq!((channel.take_change(), channel.take_change()), (Some(0.0), None));
        channel.read(at(5), 101.0);
        assert_eq!(channel.take_change(), Some(1.0));
        for minute in (10..70).step_by(5) {
            channel.read(at(minute), 202.0);
            assert_eq!((channel.accepted, channel.holding()), (Some(101.0), true), "minute {minute}");
            assert_eq!(channel.take_change(), None);
        }
        channel.read(at(70), 202.0);
        assert_eq!((channel.accepted, channel.holding()), (Some(202.0), false));
    }

    #[test]
    fn one_bad_reading_leaves_no_trace() {
        let mut channel = OpenInterestChannel::default();
        channel.read(at(0), 100.0);
        channel.read(at(5), 100_000.0);
        channel.read(at(10), 102.0);
        assert_eq!((channel.accepted, channel.held_readings, channel.holding()), (Some(102.0), 1, false));
    }
}
