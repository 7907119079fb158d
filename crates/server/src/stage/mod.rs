//! The clock of the server and the markets that move with it.
//!
//! A [`Stage`] is a clock, the topics that are read, and a thread that lets markets follow the clock and publishes
//! what changed (`player`). The server has one; whoever replays the past alone has one of their own. What follows
//! the clock comes from a log, and what the clock shows from a seam too ([`walker::Recording`], [`clock::Clock`]), so
//! that data which arrive as we speak take the same way as recorded ones.

pub mod asking;
pub mod clock;
mod delta;
pub mod events;
mod following;
pub mod frame;
pub mod player;
pub mod recorded;
mod running;
pub mod state;
pub mod topics;
pub mod walker;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use liqlens_ask::{Failure, Source};
use liqlens_market::Timestamp;
use liqlens_query::document::ClockFacts;
use tokio::sync::watch;

use self::asking::Asking;
use self::clock::{Clock, ClockError, Control, Speed};
use self::events::Room;
use self::frame::Frame;
use self::player::House;
use self::state::Cursor;
use self::topics::{Epochs, Reader, TooManyTopics, Topics};
use self::walker::Recording;
use crate::metrics::Metrics;

/// How recorded data are played.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Replay {
    /// From when on; `None`: the last day of the data.
    pub from: Option<Timestamp>,
    /// How fast.
    pub speed: Speed,
    /// Whether it begins again at its end.
    pub looping: bool,
}

/// What sockets are told with each turn that showed something new.
#[derive(Debug, Clone)]
pub struct Beat {
    /// What the clock shows, as a text of its own.
    pub clock: Frame,
    /// That all is well, with how far each market is.
    pub heartbeat: Frame,
    /// Whether the clock has moved since the beat before.
    pub moved: bool,
}

/// The clock, and what moves with it.
pub struct Stage {
    shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// What a stage shares with its thread.
struct Shared {
    clock: Mutex<Clock>,
    /// When the time handed to the clock began.
    origin: Instant,
    topics: Topics,
    epochs: Arc<Epochs>,
    beat: watch::Sender<Beat>,
    /// Whether it is the server's own.
    everybodys: bool,
    signal: Signal,
}

/// Wakes the thread.
#[derive(Default)]
struct Signal {
    poked: Mutex<bool>,
    woken: Condvar,
    stopped: AtomicBool,
}

impl Stage {
    /// The server's: stands at the newest recorded moment, or plays what was recorded.
    pub fn open(source: &Source, replay: Option<&Replay>) -> Result<Self, Failure> {
        let bounds = bounds(source)?;
        let clock = match replay {
            None => Clock::recorded(bounds.0, bounds.1),
            Some(replay) => {
                let last_day = (bounds.1 - liqlens_market::Span::DAY).max(bounds.0);
                let from = replay.from.unwrap_or(last_day);
                Clock::replay(bounds, from, replay.speed, replay.looping, Duration::ZERO)
                    .map_err(|error| refused(&error))?
            }
        };
        let boot = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        let boot = boot.map_or(0, |since| u64::try_from(since.as_nanos()).unwrap_or(0));
        Ok(Self::of(clock, Arc::new(Epochs::new(boot)), true))
    }

    /// One that plays the same data for somebody alone.
    pub fn private(&self, from: Timestamp, speed: Speed) -> Result<Self, ClockError> {
        let bounds = lock(&self.shared.clock).bounds();
        let clock = Clock::replay(bounds, from, speed, false, Duration::ZERO)?;
        Ok(Self::of(clock, self.shared.epochs.clone(), false))
    }

    fn of(clock: Clock, epochs: Arc<Epochs>, everybodys: bool) -> Self {
        let facts = clock.facts(Duration::ZERO);
        let beat = Beat {
            clock: frame::clock(&facts),
            heartbeat: frame::heartbeat(&facts, core::iter::empty()),
            moved: false,
        };
        let shared = Shared {
            clock: Mutex::new(clock),
            origin: Instant::now(),
            topics: Topics::new(epochs.clone(), Room::STANDARD),
            epochs,
            beat: watch::Sender::new(beat),
            everybodys,
            signal: Signal::default(),
        };
        Self { shared: Arc::new(shared), thread: Mutex::new(None) }
    }

    /// Lets it run, on a thread of its own, until it is dropped.
    pub fn start(
        &self,
        recording: Arc<dyn Recording>,
        house: Arc<dyn House>,
        metrics: &Metrics,
    ) -> Result<(), Failure> {
        let mut thread = lock(&self.thread);
        if thread.is_none() {
            let (shared, metrics) = (self.shared.clone(), metrics.stage.clone());
            let run = move || running::run(&shared, &*recording, &*house, &metrics);
            let started = std::thread::Builder::new().name("stage".to_owned()).spawn(run);
            let started = started.map_err(|error| {
                Failure::new(
                    liqlens_ask::Kind::Storage,
                    "thread-not-started",
                    "A thread could not be started.",
                    format!("{error}."),
                    "Try again when the machine is less busy.",
                )
            })?;
            *thread = Some(started);
        }
        Ok(())
    }

    /// What its clock says: nothing known later may show in an answer.
    pub fn now(&self) -> Timestamp {
        lock(&self.shared.clock).moment(self.shared.at()).now
    }

    /// The moment an answer is for when none was named; `None`: each market's own newest.
    pub fn newest(&self) -> Option<Timestamp> {
        lock(&self.shared.clock).newest(self.shared.at())
    }

    /// Its clock, as documents show it.
    pub fn clock(&self) -> ClockFacts {
        lock(&self.shared.clock).facts(self.shared.at())
    }

    /// Has a replay do as told.
    pub fn control(&self, control: Control) -> Result<(), ClockError> {
        lock(&self.shared.clock).control(control, self.shared.at())?;
        self.shared.signal.poke();
        Ok(())
    }

    /// Subscribes to a topic, from where a reader was if it says so and that is still known.
    pub fn subscribe(
        &self,
        name: &str,
        asking: &Asking,
        resume: Option<Cursor>,
    ) -> Result<Reader, TooManyTopics> {
        let reader = self.shared.topics.subscribe(name, asking, resume)?;
        self.shared.signal.poke();
        Ok(reader)
    }

    /// Changes whenever there may be something new to read.
    pub fn beats(&self) -> watch::Receiver<Beat> {
        self.shared.beat.subscribe()
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.shared.signal.stop();
        // The thread is not waited for: its turn takes a moment, and this may be a place that must not block.
        drop(lock(&self.thread).take());
    }
}

impl core::fmt::Debug for Stage {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Stage").field("clock", &self.clock()).finish_non_exhaustive()
    }
}

impl Shared {
    /// Time passed on the clock that never goes back.
    fn at(&self) -> Duration {
        self.origin.elapsed()
    }
}

impl Signal {
    fn poke(&self) {
        *lock(&self.poked) = true;
        self.woken.notify_one();
    }

    fn stop(&self) {
        self.stopped.store(true, Ordering::Release);
        self.poke();
    }

    fn stopped(&self) -> bool {
        self.stopped.load(Ordering::Acquire)
    }

    /// Waits until poked, at most so long.
    fn wait(&self, most: Option<Duration>) {
        let poked = lock(&self.poked);
        let asleep = |poked: &mut bool| !*poked;
        let mut poked = match most {
            Some(most) => {
                let woken = self.woken.wait_timeout_while(poked, most, asleep);
                woken.unwrap_or_else(PoisonError::into_inner).0
            }
            None => self.woken.wait_while(poked, asleep).unwrap_or_else(PoisonError::into_inner),
        };
        *poked = false;
    }
}

/// Why a clock does not do as told, as a failure.
pub fn refused(error: &ClockError) -> Failure {
    match error {
        ClockError::NotAReplay => Failure::usage(
            "no-replay",
            "There is no replay to set.",
            "The server's own clock is everybody's.",
            "Start one of your own with {\"op\":\"replay\",\"from\":\"…\"}.",
        ),
        ClockError::Outside { asked, from, to } => Failure::usage(
            "replay-outside-data",
            format!("A replay cannot go to {asked}."),
            format!("The data reach from {from} to {to}."),
            "Choose a time inside this window.",
        )
        .detail("first", from.to_string())
        .detail("newest", to.to_string()),
    }
}

/// First and newest moment of all markets.
fn bounds(source: &Source) -> Result<(Timestamp, Timestamp), Failure> {
    let mut bounds: Option<(Timestamp, Timestamp)> = None;
    for instrument in source.markets()? {
        let ends = source.first(&instrument.market)?.zip(source.newest(&instrument.market)?);
        if let Some((first, newest)) = ends {
            let (from, to) = bounds.unwrap_or((first, newest));
            bounds = Some((from.min(first), to.max(newest)));
        }
    }
    Ok(bounds.unwrap_or((Timestamp::EARLIEST, Timestamp::EARLIEST)))
}

/// What a panic elsewhere left behind is whole: clocks and flags are replaced, never changed in part.
fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
