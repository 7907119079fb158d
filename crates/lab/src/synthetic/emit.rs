//! What the venue publishes of a minute.

use libm::{exp, round};
use liqlens_margin::maintenance;
use liqlens_market::{
    Bar, BarSource, Completeness, Contract, Event, EventBody, Funding, FundingKind, Liquidation,
    LongShortRatio, MarginTable, OpenInterest, Price, RatioPopulation, Side, Size, Span, Timestamp,
    UNITS_PER_ONE,
};

use super::Clock;
use super::drift::{STEP_SECONDS, STEPS_PER_MINUTE};
use super::floor::{Floor, Forced, TICKS_PER_DOLLAR};
use super::parameters::{Agent, Numbers};
use super::truth::size;
use crate::random::Random;

/// Which liquidations the venue's public stream shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrintFeed {
    /// None.
    Off,
    /// All, each when it happened.
    Full,
    /// One a second, at the end of the second.
    Throttled(ThrottleRule),
}

/// Which liquidation of a second a throttled stream shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ThrottleRule {
    /// The latest.
    Last,
    /// The largest.
    Largest,
}

/// A liquidation, with the position behind it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Liquidated {
    /// When the order was filled.
    pub at: Timestamp,
    /// Number of the position.
    pub id: u64,
    /// Side of the position.
    pub side: Side,
    /// Type of its owner.
    pub agent: Agent,
    /// Contracts (base coin).
    pub size: Size,
    /// Entry price of the position, dollars.
    pub entry_price: f64,
    /// Mark price that triggered it, dollars.
    pub liquidation_price: f64,
    /// Limit of the forced order: the bankruptcy price.
    pub order_price: Option<Price>,
    /// Average fill price: the trigger, on the price grid.
    pub fill_price: Option<Price>,
    /// When the position was opened: the end of its ten-second step.
    pub opened_at: Timestamp,
}

/// One minute.
#[derive(Debug, Clone, PartialEq)]
pub struct Minute {
    /// Its start; it ends 60 seconds later.
    pub start: Timestamp,
    /// Open interest, funding, ratio of accounts and the bar of trades, all known at its end.
    pub published: Vec<Event>,
    /// Every liquidation in it, by time.
    pub liquidations: Vec<Liquidated>,
}

impl Minute {
    /// The minute as the venue's streams show it, in [`Event::log_order`].
    pub fn events(&self, feed: PrintFeed) -> Vec<Event> {
        let mut events = self.prints(feed);
        events.extend_from_slice(&self.published);
        events.sort_by(Event::log_order);
        events
    }

    /// The liquidations that a stream shows.
    pub fn prints(&self, feed: PrintFeed) -> Vec<Event> {
        match feed {
            PrintFeed::Off => Vec::new(),
            PrintFeed::Full => {
                self.liquidations.iter().map(|one| Event::at(one.at, one.print(Completeness::Full))).collect()
            }
            PrintFeed::Throttled(rule) => self
                .liquidations
                .chunk_by(|a, b| a.at.floor(Span::SECOND) == b.at.floor(Span::SECOND))
                .filter_map(|second| match rule {
                    ThrottleRule::Last => second.last(),
                    ThrottleRule::Largest => second.iter().max_by_key(|one| one.size),
                })
                .map(|shown| Event {
                    event_ts: shown.at,
                    known_ts: shown.at.floor(Span::SECOND) + Span::SECOND,
                    body: shown.print(Completeness::Floor),
                })
                .collect(),
        }
    }
}

impl Liquidated {
    fn print(&self, completeness: Completeness) -> EventBody {
        EventBody::Liquidation(Liquidation {
            side: self.side,
            size: self.size,
            order_price: self.order_price,
            fill_price: self.fill_price,
            completeness,
        })
    }
}

/// Minutes between readings of the ratio of accounts, and hours between settlements of funding.
const RATIO_MINUTES: i64 = 5;
const FUNDING_HOURS: i64 = 8;
/// Length of the window that part of a step's prints falls into.
const BURST_SECONDS: f64 = 2.0;

/// Turns the floor's tape into events.
#[derive(Debug, Clone)]
pub(super) struct Emitter {
    random: Random,
    table: MarginTable,
    clock: Clock,
    burst_share: f64,
    funding_base: f64,
    funding_per_imbalance: f64,
}

impl Emitter {
    pub(super) fn new(numbers: &Numbers, table: MarginTable, clock: Clock, seed: u64) -> Self {
        Self {
            random: Random::new(seed, 4),
            table,
            clock,
            burst_share: numbers.burst_share,
            funding_base: numbers.funding_base,
            funding_per_imbalance: numbers.funding_per_imbalance,
        }
    }

    /// The minute that the floor has just traded.
    pub(super) fn minute(&mut self, floor: &Floor) -> Minute {
        let end = self.clock.start_of(floor.step);
        let start = self.clock.start_of(floor.step - STEPS_PER_MINUTE);
        let mut published = Vec::with_capacity(5);
        published.push(Event::at(
            end,
            EventBody::OpenInterest(OpenInterest { size: size(floor.open_interest()), value: None }),
        ));
        let interval = Span::HOUR.times(FUNDING_HOURS);
        let rate = self.funding_base + self.funding_per_imbalance * floor.imbalance();
        let funding = |kind| Event::at(end, EventBody::Funding(Funding { rate, interval, kind }));
        if end.floor(interval) == end {
            published.push(funding(FundingKind::Settled));
        }
        published.push(funding(FundingKind::Predicted));
        let [longs, shorts] = floor.holders.map(f64::from);
        if end.floor(Span::MINUTE.times(RATIO_MINUTES)) == end && longs > 0.0 && shorts > 0.0 {
            let ratio = LongShortRatio { population: RatioPopulation::AllAccounts, ratio: longs / shorts };
            published.push(Event::at(end, EventBody::LongShortRatio(ratio)));
        }
        // Ticks are at least one, so all four prices exist.
        let prices = floor.tape.ohlc.map(price_of_ticks);
        if let [Some(open), Some(high), Some(low), Some(close)] = prices {
            let bar = Bar {
                source: BarSource::Trades,
                length: Span::MINUTE,
                open,
                high,
                low,
                close,
                volume: size(floor.tape.volume),
                taker_buy: Some(size(floor.tape.taker_buy)),
            };
            published.push(Event::bar(start, bar));
        }
        published.sort_by(Event::log_order);
        Minute { start, published, liquidations: self.liquidations(&floor.tape.forced) }
    }

    /// Gives the liquidations of each step their times: the order is the one in which the mark passed
    /// them, and part of them falls into two seconds, as forced orders do in fast moves.
    fn liquidations(&mut self, forced: &[Forced]) -> Vec<Liquidated> {
        let mut liquidations = Vec::with_capacity(forced.len());
        let length = f64::from(STEP_SECONDS);
        for step in forced.chunk_by(|a, b| a.step == b.step) {
            let burst = self.random.between(0.0, length - BURST_SECONDS);
            let mut seconds: Vec<f64> = step
                .iter()
                .map(|_| {
                    if self.random.chance(self.burst_share) {
                        self.random.between(burst, burst + BURST_SECONDS)
                    } else {
                        self.random.between(0.0, length)
                    }
                })
                .collect();
            seconds.sort_by(f64::total_cmp);
            let times = step.iter().zip(&seconds);
            liquidations.extend(times.map(|(one, seconds)| self.liquidated(one, *seconds)));
        }
        liquidations
    }

    fn liquidated(&self, forced: &Forced, seconds: f64) -> Liquidated {
        let Forced { step, position, range: [low, high] } = forced;
        let size = size(position.size);
        let size_base = size.to_f64();
        let level = exp(position.level);
        // The price at which nothing is left lies beyond the level by the maintenance per contract.
        let kept = maintenance(&self.table, Contract::Linear, size_base, level);
        let bankruptcy = level - position.side.sign() * kept / size_base;
        #[allow(clippy::cast_possible_truncation)] // less than 10,000 ms
        let milliseconds = (seconds * 1_000.0) as i64;
        Liquidated {
            at: self.clock.start_of(*step) + Span::from_nanos(milliseconds * 1_000_000),
            id: position.id,
            side: position.side,
            agent: position.agent,
            size,
            entry_price: position.entry_price,
            liquidation_price: level,
            order_price: on_tick(bankruptcy),
            fill_price: on_tick(level.clamp(*low, *high)),
            opened_at: self.clock.end_of(position.opened),
        }
    }
}

/// A price on the venue's grid; `None` below half a tick.
#[allow(clippy::cast_possible_truncation)] // prices lie within e^±3 of the start
fn on_tick(price: f64) -> Option<Price> {
    price_of_ticks(round(price * TICKS_PER_DOLLAR) as i64)
}

#[allow(clippy::cast_possible_truncation)] // ten
fn price_of_ticks(ticks: i64) -> Option<Price> {
    Price::from_units(ticks.checked_mul(UNITS_PER_ONE / TICKS_PER_DOLLAR as i64)?).ok()
}
