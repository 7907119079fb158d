//! One step of the market: the mark moves, orders that waited are met, owners leave, others arrive.

use core::f64::consts::TAU;

use libm::{exp, log, round, sin, tanh};
use liqlens_market::{Side, UNITS_PER_ONE};

use super::book::{Book, Move, Position, Reached};
use super::crowd::{Crowd, Mood};
use super::drift::{Price, Reverting, STEPS_PER_DAY, STEPS_PER_MINUTE};
use super::parameters::Parameters;
use crate::random::Random;

/// Prices move in tenths of a dollar, as the venue's do.
pub(super) const TICKS_PER_DOLLAR: f64 = 10.0;

/// Contracts of one side that changed hands since the beginning, by reason; units of 1e-8 base coin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Flows {
    pub(super) opened: i64,
    pub(super) left: i64,
    pub(super) stopped: i64,
    pub(super) taken: i64,
    pub(super) liquidated: i64,
}

impl Flows {
    /// What stands.
    pub(super) const fn standing(&self) -> i64 {
        self.opened - self.left - self.stopped - self.taken - self.liquidated
    }
}

/// A liquidation as it happened.
#[derive(Debug, Clone, Copy)]
pub(super) struct Forced {
    /// Step in which the mark passed the level.
    pub(super) step: u32,
    pub(super) position: Position,
    /// Lowest and highest mark of the step, dollars.
    pub(super) range: [f64; 2],
}

/// What trading left behind in a minute.
#[derive(Debug, Clone, Default)]
pub(super) struct Tape {
    /// Open, high, low and close, in ticks.
    pub(super) ohlc: [i64; 4],
    /// Contracts traded and those bought by takers, units.
    pub(super) volume: i64,
    pub(super) taker_buy: i64,
    pub(super) forced: Vec<Forced>,
}

/// The market.
#[derive(Debug, Clone)]
pub(super) struct Floor {
    pub(super) parameters: Parameters,
    price: Price,
    crowd: Crowd,
    churn: Random,
    gap: Reverting,
    pub(super) book: Book,
    pub(super) tape: Tape,
    /// Longs and shorts.
    pub(super) flows: [Flows; 2],
    /// Open positions of agents, longs and shorts.
    pub(super) holders: [u32; 2],
    /// Opened dollars by type of agent.
    pub(super) opened_usd: [f64; 5],
    /// Open interest beyond the agents' larger side, units.
    gap_units: i64,
    pub(super) step: u32,
    /// Mark in ticks, dollars and log.
    ticks: i64,
    mark: f64,
    log_mark: f64,
    /// Log marks of the last momentum window, one a minute, oldest at the next minute's place.
    past: Vec<f64>,
    /// Dollars bought under force since the last move.
    pressure_usd: f64,
    /// Dollars traded by agents in the step.
    agents_usd: f64,
    scalpers: (f64, f64),
    mood: Mood,
    /// Mean openings per step at present.
    arrivals: f64,
}

impl Floor {
    pub(super) fn new(parameters: &Parameters, crowd: Crowd, seed: u64, steps: u32) -> Self {
        let numbers = parameters.market;
        let ticks = whole(numbers.start_price_usd * TICKS_PER_DOLLAR);
        let mark = ticks as f64 / TICKS_PER_DOLLAR;
        let log_mark = log(mark);
        let minute_days = f64::from(STEPS_PER_MINUTE) / f64::from(STEPS_PER_DAY);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // at most two days of minutes
        let window = (numbers.momentum_hours * 60.0).max(1.0) as usize;
        let mut floor = Self {
            price: Price::new(&numbers, seed),
            churn: Random::new(seed, 3),
            gap: Reverting::new(minute_days, numbers.maker_gap_relaxation_days, numbers.maker_gap_sd),
            book: Book::new(log_mark, steps),
            tape: Tape { ohlc: [ticks; 4], ..Tape::default() },
            flows: [Flows::default(); 2],
            holders: [0; 2],
            opened_usd: [0.0; 5],
            gap_units: 0,
            step: 0,
            ticks,
            mark,
            log_mark,
            past: vec![log_mark; window],
            pressure_usd: 0.0,
            agents_usd: 0.0,
            scalpers: crowd.scalpers(),
            mood: crowd.mood(0.0, 0.0),
            arrivals: 0.0,
            crowd,
            parameters: *parameters,
        };
        floor.gap_units = floor.wanted_gap();
        floor
    }

    /// Last mark, dollars.
    pub(super) const fn mark(&self) -> f64 {
        self.mark
    }

    /// Contracts held by agents on a side, units.
    pub(super) fn agents(&self, side: Side) -> i64 {
        self.flows[side.index()].standing()
    }

    /// One-sided open interest, units: market makers take what the agents' sides differ by, and hold some
    /// against each other.
    pub(super) fn open_interest(&self) -> i64 {
        self.agents(Side::Long).max(self.agents(Side::Short)) + self.gap_units
    }

    /// Imbalance of the agents, `(L − S)/(L + S)`; zero for an empty market.
    pub(super) fn imbalance(&self) -> f64 {
        let [long, short] = Side::BOTH.map(|side| self.agents(side) as f64);
        if long + short > 0.0 { (long - short) / (long + short) } else { 0.0 }
    }

    /// Trades one minute; the tape then holds it.
    pub(super) fn minute(&mut self) {
        self.tape.ohlc = [self.ticks; 4];
        (self.tape.volume, self.tape.taker_buy) = (0, 0);
        self.tape.forced.clear();
        self.renew();
        for _ in 0..STEPS_PER_MINUTE {
            self.one_step();
        }
        let wanted = self.wanted_gap();
        let before = core::mem::replace(&mut self.gap_units, wanted);
        // Market makers change what they hold against each other by trading.
        let traded = (self.gap_units - before).abs();
        self.trade(traded, traded / 2);
    }

    /// What changes once a minute.
    fn renew(&mut self) {
        self.price.renew_volatility();
        self.crowd.renew_moods();
        self.gap.step(&mut self.churn);
        let minute = (self.step / STEPS_PER_MINUTE) as usize;
        let slot = minute % self.past.len();
        let momentum = self.log_mark - core::mem::replace(&mut self.past[slot], self.log_mark);
        self.mood = self.crowd.mood(momentum, self.imbalance());

        let numbers = &self.parameters.market;
        let moved = (momentum.abs() / numbers.arrival_momentum_unit).min(numbers.arrival_momentum_cap);
        let day = f64::from(self.step) / f64::from(STEPS_PER_DAY);
        self.arrivals = numbers.openings_per_day / f64::from(STEPS_PER_DAY)
            * exp(numbers.arrival_volatility * self.price.excitement())
            * (1.0 + numbers.arrival_momentum * moved)
            * (1.0 + numbers.arrival_daily_wave * sin(TAU * day))
            * self.scalpers.0;
    }

    fn one_step(&mut self) {
        let step_sd = self.price.step_sd();
        let before = self.log_mark;
        let log_price = self.price.step(step_sd, core::mem::take(&mut self.pressure_usd));
        self.move_mark(log_price);
        self.agents_usd = 0.0;
        self.meet(before);
        self.leave();
        self.arrive();
        self.churn((self.log_mark - before) / step_sd.max(1e-9));
        self.step += 1;
    }

    /// The mark is the price on the tick grid, so that what is published is what triggers.
    fn move_mark(&mut self, log_price: f64) {
        self.ticks = whole(exp(log_price) * TICKS_PER_DOLLAR).max(1);
        self.mark = self.ticks as f64 / TICKS_PER_DOLLAR;
        self.log_mark = log(self.mark);
        let [_, high, low, close] = &mut self.tape.ohlc;
        (*high, *low, *close) = ((*high).max(self.ticks), (*low).min(self.ticks), self.ticks);
    }

    /// Everything that the mark passes on its way from `before`.
    fn meet(&mut self, before: f64) {
        let motion = if self.log_mark < before { Move::Fall } else { Move::Rise };
        let ends = [exp(before), self.mark];
        let range = [ends[0].min(ends[1]), ends[0].max(ends[1])];
        let mut cursor = self.book.start(before);
        while let Some((slot, reached)) = self.book.reached(motion, &mut cursor, self.log_mark) {
            let position = *self.book.get(slot);
            let size = position.size;
            let flows = &mut self.flows[position.side.index()];
            match reached {
                Reached::TopUp => {
                    let level = self.crowd.topped_up(&position);
                    self.book.clear_top_up(slot);
                    self.book.set_level(slot, level);
                    continue;
                }
                Reached::Liquidation => {
                    flows.liquidated += size;
                    self.tape.forced.push(Forced { step: self.step, position, range });
                }
                Reached::Stop => flows.stopped += size,
                Reached::Profit => flows.taken += size,
            }
            let (taker, weight) = match reached {
                Reached::Profit => (false, 0.0),
                Reached::Stop => (true, self.parameters.market.stop_impact),
                _ => (true, 1.0),
            };
            self.pressure_usd -= position.side.sign() * weight * self.dollars(size);
            self.close(slot, &position, taker);
        }
    }

    /// Owners whose time has come, and accounts whose collateral changes.
    fn leave(&mut self) {
        while let Some(slot) = self.book.due(self.step) {
            let position = *self.book.get(slot);
            if position.leaves <= self.step {
                self.flows[position.side.index()].left += position.size;
                let taker = self.crowd.closes_as_taker();
                self.close(slot, &position, taker);
            } else {
                if let Some(level) = self.crowd.remargined(&position, self.log_mark) {
                    self.book.set_level(slot, level);
                }
                let next = self.crowd.next_remargin(self.step);
                self.book.set_remargin(slot, next);
            }
        }
    }

    fn arrive(&mut self) {
        for _ in 0..self.crowd.arrivals(self.arrivals) {
            let opening =
                self.crowd.opening(&self.mood, self.scalpers.1, self.mark, self.log_mark, self.step);
            let position = opening.position;
            let side = position.side.index();
            self.flows[side].opened += position.size;
            self.holders[side] += 1;
            let usd = self.dollars(position.size);
            self.opened_usd[position.agent as usize] += usd;
            self.agents_usd += usd;
            self.book.open(position);
            self.agent_trade(position.size, position.side == Side::Long, opening.taker);
        }
    }

    fn close(&mut self, slot: u32, position: &Position, taker: bool) {
        self.book.close(slot);
        self.holders[position.side.index()] -= 1;
        self.agents_usd += self.dollars(position.size);
        self.agent_trade(position.size, position.side == Side::Short, taker);
    }

    /// Trades among market makers and others who hold nothing.
    fn churn(&mut self, surprise: f64) {
        let numbers = &self.parameters.market;
        let base = numbers.churn_base_usd_per_day / f64::from(STEPS_PER_DAY);
        let usd = self.churn.exponential() * (numbers.churn_per_volume * self.agents_usd + base);
        let bought = 0.5 + numbers.churn_tilt * tanh(surprise);
        let size = whole(usd / self.mark * UNITS_PER_ONE as f64).max(2);
        self.trade(size, whole(size as f64 * bought));
    }

    /// An agent's trade with a market maker.
    fn agent_trade(&mut self, size: i64, buys: bool, takes: bool) {
        self.trade(size, if buys == takes { size } else { 0 });
    }

    fn trade(&mut self, size: i64, bought_by_takers: i64) {
        self.tape.volume += size;
        self.tape.taker_buy += bought_by_takers;
    }

    fn wanted_gap(&self) -> i64 {
        let numbers = &self.parameters.market;
        let contracts = numbers.reference_open_interest_usd / numbers.start_price_usd;
        whole((numbers.maker_gap + self.gap.value) * contracts * UNITS_PER_ONE as f64).max(0)
    }

    fn dollars(&self, size: i64) -> f64 {
        size as f64 / UNITS_PER_ONE as f64 * self.mark
    }
}

/// The nearest whole number; saturates.
#[allow(clippy::cast_possible_truncation)]
fn whole(value: f64) -> i64 {
    round(value) as i64
}
