//! A market whose truth is known (model specification, section 13).
//!
//! Thousands of agents open positions at leverages of their own, stop out, take profits, top up, change
//! their collateral and are liquidated by the venue's rules; forced orders push the price, which reaches
//! further levels. None of it comes from the estimators' family of models, on purpose: holding times are
//! log-normal, levels move, moods drift.
//!
//! The market emits what a venue publishes and keeps the positions behind it. Time moves in steps of ten
//! seconds, in which the mark goes straight from one price to the next; everything waiting on that way is
//! met. The mark alone triggers liquidations, and trades print at it: the high and low of an emitted bar of
//! trades are the mark's own, so no bars of mark prices are emitted beside them. It trades the venue's own contract, `binance:BTCUSDT`, under its maintenance schedule.
//!
//! ```
//! use liqlens_lab::synthetic::{PrintFeed, Synthetic, World};
//! use liqlens_market::Side;
//! use liqlens_model::LogGrid;
//!
//! let mut market = Synthetic::new(World::Calm, 7, 1)?;
//! while let Some(minute) = market.next() {
//!     for _event in minute.events(PrintFeed::Full) { /* into the fold */ }
//! }
//! let truth = market.truth();
//! let longs = truth.map(Side::Long, LogGrid::STANDARD);
//! let total: f64 = longs.contracts.iter().sum::<f64>() + longs.unliquidatable;
//! assert!((total / truth.open_interest().to_f64() - 1.0).abs() < 1e-9);
//! # Ok::<(), liqlens_lab::SyntheticError>(())
//! ```

mod book;
mod crowd;
mod drift;
mod emit;
mod floor;
mod lists;
mod parameters;
mod statistics;
mod truth;
mod world;

pub use emit::{Liquidated, Minute, PrintFeed, ThrottleRule};
pub use parameters::{Agent, AgentNumbers, Field, Numbers, OutOfRange, Parameters};
pub use statistics::{Expected, SPECIFIED, Statistics};
pub use truth::{Holding, SideFlows, TrueSide, Truth};
pub use world::{UnknownWorld, World};

use liqlens_margin::{MissingTable, table};
use liqlens_market::{Instrument, InstrumentError, MarginTable, MarketId, Span, Timestamp};

use self::crowd::Crowd;
use self::drift::{STEP_SECONDS, STEPS_PER_DAY, STEPS_PER_MINUTE};
use self::emit::Emitter;
use self::floor::Floor;

/// Start of the first minute: 2026-01-01T00:00:00Z.
pub const START: Timestamp = Timestamp::from_nanos(1_767_225_600_000_000_000);
/// The market whose rules hold.
const MARKET: &str = "binance:BTCUSDT";
/// Longest market, days: what a step counter and the list of moments are made for.
pub const MOST_DAYS: u32 = 2_000;

/// Why a synthetic market cannot be made.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SyntheticError {
    /// A number without sense.
    #[error(transparent)]
    Parameter(#[from] OutOfRange),
    /// Too many days.
    #[error("{0} days are more than the {MOST_DAYS} a synthetic market can run; ask for fewer")]
    TooLong(u32),
    /// The contract's name is not understood.
    #[error(transparent)]
    Instrument(#[from] InstrumentError),
    /// The venue's maintenance schedule is missing.
    #[error(transparent)]
    Table(#[from] MissingTable),
    /// The venue's maintenance schedule is not of the kind that agents can calculate with.
    #[error("the schedule of {0} is not continuous in notional; use a market of binance")]
    Rule(MarketId),
}

/// Where steps lie in time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    /// Steps before the first event.
    warm_up: u32,
}

impl Clock {
    /// Start of a step.
    fn start_of(self, step: u32) -> Timestamp {
        START + Span::SECOND.times((i64::from(step) - i64::from(self.warm_up)) * i64::from(STEP_SECONDS))
    }

    /// End of a step.
    fn end_of(self, step: u32) -> Timestamp {
        self.start_of(step) + Span::SECOND.times(i64::from(STEP_SECONDS))
    }
}

/// A market in motion: an iterator over its minutes, with the truth at the end of the last one.
#[derive(Debug, Clone)]
pub struct Synthetic {
    floor: Floor,
    emitter: Emitter,
    instrument: Instrument,
    table: MarginTable,
    clock: Clock,
    /// Steps in all, warm-up included.
    steps: u32,
}

impl Synthetic {
    /// A world with a seed, for a number of days. The same world and seed give the same events whatever
    /// the number of days. The warm-up is simulated here.
    pub fn new(world: World, seed: u64, days: u32) -> Result<Self, SyntheticError> {
        Self::with(world.parameters(), seed, days)
    }

    /// A world of one's own.
    pub fn with(parameters: Parameters, seed: u64, days: u32) -> Result<Self, SyntheticError> {
        let parameters = parameters.checked()?;
        if days > MOST_DAYS {
            return Err(SyntheticError::TooLong(days));
        }
        let market: MarketId = MARKET.parse()?;
        let margin_table = table(&market, START)?.table.clone();
        let instrument = Instrument::from_market(market.clone())?;
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // at most 200 days
        let warm_up = (parameters.market.warm_up_days * 1_440.0) as u32 * STEPS_PER_MINUTE;
        let steps = warm_up + days * STEPS_PER_DAY;
        let crowd =
            Crowd::new(&parameters, margin_table.clone(), seed).ok_or(SyntheticError::Rule(market))?;
        let mut floor = Floor::new(&parameters, crowd, seed, steps);
        while floor.step < warm_up {
            floor.minute();
        }
        let clock = Clock { warm_up };
        let emitter = Emitter::new(&parameters.market, margin_table.clone(), clock, seed);
        Ok(Self { floor, emitter, instrument, table: margin_table, clock, steps })
    }

    /// The contract that is traded.
    pub const fn instrument(&self) -> &Instrument {
        &self.instrument
    }

    /// Its maintenance schedule.
    pub const fn margin_table(&self) -> &MarginTable {
        &self.table
    }

    /// The parameters of the world.
    pub const fn parameters(&self) -> &Parameters {
        &self.floor.parameters
    }

    /// The moment that [`Synthetic::truth`] is about: the end of the last minute.
    pub fn now(&self) -> Timestamp {
        self.clock.start_of(self.floor.step)
    }

    /// What stands behind the events so far.
    pub const fn truth(&self) -> Truth<'_> {
        Truth { floor: &self.floor, table: &self.table, clock: self.clock }
    }
}

impl Iterator for Synthetic {
    type Item = Minute;

    fn next(&mut self) -> Option<Minute> {
        if self.floor.step >= self.steps {
            return None;
        }
        self.floor.minute();
        Some(self.emitter.minute(&self.floor))
    }
}
