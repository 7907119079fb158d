//! The server's clock: what "now" means for questions without a moment and for subscriptions.
//!
//! A clock over recorded data stands still. A replay lets their time pass again, as fast as asked: it moves in
//! beats, four a second, so that everything that is computed for one moment is of use until the next, and so that a
//! replay of the same data goes through the same moments wherever it runs. Real time is handed in as the time that
//! passed on a clock that never goes back; nothing here reads one.

use std::time::Duration;

use liqlens_market::{Span, Timestamp};
use liqlens_query::document::{ClockFacts, ClockMode};

/// Real time between two moments of a moving clock.
pub const BEAT: Duration = Duration::from_millis(250);
/// The same in nanoseconds.
const BEAT_NS: u128 = 250_000_000;

/// Seconds of recorded time that pass in a second, 1 to 1,000.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Speed(f64);

impl Speed {
    /// As it was.
    pub const REAL: Self = Self(1.0);
    /// The fastest.
    pub const MOST: f64 = 1_000.0;

    /// A speed, if it is one.
    pub fn new(speed: f64) -> Option<Self> {
        (1.0..=Self::MOST).contains(&speed).then_some(Self(speed))
    }

    /// Seconds in a second.
    pub const fn get(self) -> f64 {
        self.0
    }

    /// Recorded time that passes in a beat, nanoseconds.
    fn per_beat_ns(self) -> i128 {
        #[allow(clippy::cast_possible_truncation)] // 0.25e9 to 250e9
        let ns = (self.0 * 1e9 * BEAT.as_secs_f64()).round() as i64;
        i128::from(ns)
    }
}

/// A clock.
#[derive(Debug, Clone)]
pub struct Clock(Kind);

#[derive(Debug, Clone)]
enum Kind {
    /// Stands at the newest recorded moment.
    Recorded {
        /// Beginning of the data.
        from: Timestamp,
        /// Their end.
        to: Timestamp,
    },
    /// Recorded time passes again.
    Replay(Replay),
}

/// Recorded time that passes again.
#[derive(Debug, Clone)]
struct Replay {
    /// What is played.
    from: Timestamp,
    to: Timestamp,
    /// Whether it begins again after its end.
    looping: bool,
    /// Where it was when it was last set, and in which turn.
    base: Timestamp,
    turn: u64,
    /// When that was, on the clock handed in.
    since: Duration,
    speed: Speed,
    playing: bool,
}

/// What a clock shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// The time.
    pub now: Timestamp,
    /// Rises whenever time did not simply pass: with every jump, and when a replay begins again.
    pub turn: u64,
}

/// What a replay is told. What is left away stays as it is.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Control {
    /// Whether it goes on or pauses.
    pub playing: Option<bool>,
    /// How fast.
    pub speed: Option<Speed>,
    /// Where to.
    pub seek: Option<Timestamp>,
}

/// Why a clock does not do as told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ClockError {
    /// Not a replay.
    #[error("this clock is not a replay and cannot be set; start a replay first")]
    NotAReplay,
    /// Nothing was recorded then.
    #[error("nothing was recorded at {asked}; the data reach from {from} to {to}")]
    Outside {
        /// Moment asked for.
        asked: Timestamp,
        /// Beginning of the data.
        from: Timestamp,
        /// Their end.
        to: Timestamp,
    },
}

impl Clock {
    /// Stands at the end of data.
    pub const fn recorded(from: Timestamp, to: Timestamp) -> Self {
        Self(Kind::Recorded { from, to })
    }

    /// Plays data from a moment on, beginning now (`at`).
    pub fn replay(
        (from, to): (Timestamp, Timestamp),
        start: Timestamp,
        speed: Speed,
        looping: bool,
        at: Duration,
    ) -> Result<Self, ClockError> {
        let mut replay = Replay { from, to, looping, base: from, turn: 0, since: at, speed, playing: true };
        replay.seek(start)?;
        Ok(Self(Kind::Replay(replay)))
    }

    /// What it shows.
    pub fn moment(&self, at: Duration) -> Moment {
        match &self.0 {
            Kind::Recorded { to, .. } => Moment { now: *to, turn: 0 },
            Kind::Replay(replay) => replay.moment(at),
        }
    }

    /// The moment that answers are for if none is named; `None`: each market's own newest.
    pub fn newest(&self, at: Duration) -> Option<Timestamp> {
        match &self.0 {
            Kind::Recorded { .. } => None,
            Kind::Replay(replay) => Some(replay.moment(at).now),
        }
    }

    /// When it will show something else, unless it is told to; `None` while it stands.
    pub fn next_change(&self, at: Duration) -> Option<Duration> {
        match &self.0 {
            Kind::Recorded { .. } => None,
            Kind::Replay(replay) => replay.moves(at).then(|| replay.next_beat(at)),
        }
    }

    /// Beginning and end of the data.
    pub const fn bounds(&self) -> (Timestamp, Timestamp) {
        match &self.0 {
            Kind::Recorded { from, to } | Kind::Replay(Replay { from, to, .. }) => (*from, *to),
        }
    }

    /// Does as told from now (`at`) on.
    pub fn control(&mut self, control: Control, at: Duration) -> Result<(), ClockError> {
        let Kind::Replay(replay) = &mut self.0 else { return Err(ClockError::NotAReplay) };
        let mut next = replay.clone();
        let Moment { now, turn } = replay.moment(at);
        (next.base, next.turn, next.since) = (now, turn, at);
        if let Some(seek) = control.seek {
            next.seek(seek)?;
        }
        next.playing = control.playing.unwrap_or(next.playing);
        next.speed = control.speed.unwrap_or(next.speed);
        *replay = next;
        Ok(())
    }

    /// The clock as documents show it.
    pub fn facts(&self, at: Duration) -> ClockFacts {
        let (from, to) = self.bounds();
        let (mode, speed, playing) = match &self.0 {
            Kind::Recorded { .. } => (ClockMode::Recorded, None, false),
            Kind::Replay(replay) => (ClockMode::Replay, Some(replay.speed.get()), replay.moves(at)),
        };
        ClockFacts {
            mode,
            now: self.moment(at).now.to_string(),
            speed,
            playing,
            from: Some(from.to_string()),
            to: Some(to.to_string()),
        }
    }
}

impl Replay {
    fn seek(&mut self, to: Timestamp) -> Result<(), ClockError> {
        if to < self.from || to > self.to {
            return Err(ClockError::Outside { asked: to, from: self.from, to: self.to });
        }
        self.base = to;
        self.turn += 1;
        Ok(())
    }

    /// Whole beats since the clock was last set.
    fn beats(&self, at: Duration) -> i128 {
        let beats = at.saturating_sub(self.since).as_nanos() / BEAT_NS;
        i128::try_from(beats).unwrap_or(i128::MAX)
    }

    /// Time from the beginning of the data, if they went on for ever.
    fn offset_ns(&self, at: Duration) -> i128 {
        let passed = if self.playing { self.beats(at).saturating_mul(self.speed.per_beat_ns()) } else { 0 };
        i128::from(self.base.nanos() - self.from.nanos()).saturating_add(passed)
    }

    fn length_ns(&self) -> i128 {
        i128::from(self.to.nanos() - self.from.nanos())
    }

    fn moment(&self, at: Duration) -> Moment {
        let (offset, length) = (self.offset_ns(at), self.length_ns());
        // The end itself belongs to the turn that comes to it.
        let turns = if self.looping && length > 0 { (offset - 1).max(0) / length } else { 0 };
        let within = (offset - turns * length).clamp(0, length);
        let within = Span::from_nanos(i64::try_from(within).unwrap_or(0));
        let turns = u64::try_from(turns).unwrap_or(u64::MAX);
        Moment { now: self.from + within, turn: self.turn.saturating_add(turns) }
    }

    fn moves(&self, at: Duration) -> bool {
        let length = self.length_ns();
        self.playing && length > 0 && (self.looping || self.offset_ns(at) < length)
    }

    fn next_beat(&self, at: Duration) -> Duration {
        let beats = u32::try_from(self.beats(at)).unwrap_or(u32::MAX).saturating_add(1);
        self.since.saturating_add(BEAT.saturating_mul(beats))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn time(text: &str) -> Timestamp {
        Timestamp::parse_text(text).unwrap()
    }

    fn bounds() -> (Timestamp, Timestamp) {
        (time("2026-03-18T00:00:00Z"), time("2026-03-18T06:00:00Z"))
    }

    const fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    fn replay(start: &str, speed: f64, looping: bool) -> Clock {
        Clock::replay(bounds(), time(start), Speed::new(speed).unwrap(), looping, ms(10_000)).unwrap()
    }

    fn now(clock: &Clock, at: Duration) -> String {
        clock.moment(at).now.to_string()
    }

    #[test]
    fn recorded_time_stands_at_its_end() {
        let (from, to) = bounds();
        let mut clock = Clock::recorded(from, to);
        assert_eq!(clock.moment(ms(5)), clock.moment(ms(5_000_000)));
        assert_eq!(
            (clock.moment(ms(5)).now, clock.newest(ms(5)), clock.next_change(ms(5))),
            (to, None, None)
        );
        assert_eq!(clock.control(Control::default(), ms(5)), Err(ClockError::NotAReplay));
        let facts = clock.facts(ms(5));
        assert_eq!((facts.mode, facts.speed, facts.playing), (ClockMode::Recorded, None, false));
    }

    #[test]
    fn a_replay_passes_in_beats_at_its_speed() {
        let clock = replay("2026-03-18T01:00:00Z", 100.0, false);
        // A hundred seconds a second, 25 a beat.
        for (at, shown) in [
            (10_000, "2026-03-18T01:00:00Z"),
            (10_249, "2026-03-18T01:00:00Z"),
            (10_250, "2026-03-18T01:00:25Z"),
            (11_000, "2026-03-18T01:01:40Z"),
            // Before it began.
            (9_000, "2026-03-18T01:00:00Z"),
        ] {
            assert_eq!(now(&clock, ms(at)), shown, "{at}");
        }
        assert_eq!(clock.next_change(ms(10_249)), Some(ms(10_250)));
        assert_eq!(clock.next_change(ms(10_250)), Some(ms(10_500)));
        let slow = replay("2026-03-18T01:00:00Z", 1.0, false);
        assert_eq!(now(&slow, ms(10_750)), "2026-03-18T01:00:00.75Z");
    }

    #[test]
    fn pausing_holds_and_a_new_speed_goes_on_from_there() {
        let mut clock = replay("2026-03-18T01:00:00Z", 100.0, false);
        let turn = clock.moment(ms(10_000)).turn;
        clock.control(Control { playing: Some(false), ..Control::default() }, ms(11_000)).unwrap();
        assert_eq!(now(&clock, ms(99_000)), "2026-03-18T01:01:40Z");
        assert_eq!(clock.next_change(ms(99_000)), None);
        assert!(!clock.facts(ms(99_000)).playing);
        let faster = Control { playing: Some(true), speed: Speed::new(1_000.0), seek: None };
        clock.control(faster, ms(100_000)).unwrap();
        assert_eq!(now(&clock, ms(101_000)), "2026-03-18T01:18:20Z");
        // Nothing jumped.
        assert_eq!(clock.moment(ms(101_000)).turn, turn);
    }

    #[test]
    fn a_jump_is_a_new_turn_and_only_into_the_data() {
        let mut clock = replay("2026-03-18T01:00:00Z", 100.0, false);
        let turn = clock.moment(ms(10_000)).turn;
        let seek = |to: &str| Control { seek: Some(time(to)), ..Control::default() };
        clock.control(seek("2026-03-18T05:00:00Z"), ms(12_000)).unwrap();
        assert_eq!(now(&clock, ms(12_000)), "2026-03-18T05:00:00Z");
        assert_eq!(clock.moment(ms(12_000)).turn, turn + 1);
        let refused = clock.control(seek("2026-03-19T00:00:00Z"), ms(13_000)).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "nothing was recorded at 2026-03-19T00:00:00Z; the data reach from 2026-03-18T00:00:00Z to \
             2026-03-18T06:00:00Z"
        );
        // What was refused changed nothing.
        assert_eq!(now(&clock, ms(13_000)), "2026-03-18T05:01:40Z");
    }

    #[test]
    fn a_replay_ends_at_the_end_of_the_data() {
        // Ten minutes to go are 600 seconds: six of real time.
        let clock = replay("2026-03-18T05:50:00Z", 100.0, false);
        assert!(clock.facts(ms(15_999)).playing);
        assert_eq!(now(&clock, ms(16_000)), "2026-03-18T06:00:00Z");
        assert_eq!(now(&clock, ms(60_000)), "2026-03-18T06:00:00Z");
        assert!(!clock.facts(ms(16_000)).playing);
        assert_eq!(clock.next_change(ms(16_000)), None);
    }

    #[test]
    fn a_loop_begins_again_as_a_new_turn() {
        let clock = replay("2026-03-18T05:50:00Z", 100.0, true);
        let first = clock.moment(ms(10_000)).turn;
        // The end is shown, then the beginning; six hours are 216 seconds at this speed.
        assert_eq!(clock.moment(ms(16_000)), Moment { now: bounds().1, turn: first });
        assert_eq!(now(&clock, ms(16_250)), "2026-03-18T00:00:25Z");
        assert_eq!(clock.moment(ms(16_250)).turn, first + 1);
        assert_eq!(now(&clock, ms(16_250 + 216_000)), "2026-03-18T00:00:25Z");
        assert_eq!(clock.moment(ms(16_250 + 216_000)).turn, first + 2);
        assert_eq!(clock.next_change(ms(16_250)), Some(ms(16_500)));
    }

    #[test]
    fn speeds_outside_their_range_are_none() {
        for speed in [0.0, 0.99, 1_000.5, -1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(Speed::new(speed), None, "{speed}");
        }
        assert_eq!(Speed::new(1_000.0).map(Speed::get), Some(1_000.0));
    }

    proptest! {
        #[test]
        fn time_never_goes_back_within_a_turn(
            speed in 1.0..=1_000.0_f64,
            looping in any::<bool>(),
            steps in prop::collection::vec(0..2_000_000_u64, 1..30),
        ) {
            let clock = replay("2026-03-18T05:00:00Z", speed, looping);
            let mut at = 0;
            let mut before = clock.moment(ms(at));
            for step in steps {
                at += step;
                let next = clock.moment(ms(at));
                prop_assert!(next.turn > before.turn || next.turn == before.turn && next.now >= before.now);
                prop_assert!(bounds().0 <= next.now && next.now <= bounds().1);
                prop_assert!(looping || next.turn == before.turn);
                if let Some(change) = clock.next_change(ms(at)) {
                    prop_assert!(change > ms(at) || ms(at) < ms(10_000));
                    prop_assert_ne!(clock.moment(change), clock.moment(ms(at)));
                }
                before = next;
            }
        }
    }
}
