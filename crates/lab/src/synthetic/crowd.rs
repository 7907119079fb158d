//! Who opens what: the agents' draws.

use libm::{exp, log, round, tanh};
use liqlens_margin::{Position as Margined, PreparedTable};
use liqlens_market::{Contract, MarginTable, Side, UNITS_PER_ONE};

use super::book::Position;
use super::drift::{Reverting, STEP_SECONDS, STEPS_PER_DAY, STEPS_PER_MINUTE};
use super::parameters::{Agent, Parameters};
use crate::random::Random;

/// Contracts come in thousandths of a coin.
const LOT: i64 = UNITS_PER_ONE / 1_000;

/// The state that the agents' draws depend on within a step.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mood {
    /// Cumulative shares of the types by count.
    types: [f64; 5],
    long_share: [f64; 5],
    /// Median of leverage per type.
    leverage: [f64; 5],
}

/// The agents.
#[derive(Debug, Clone)]
pub(super) struct Crowd {
    parameters: Parameters,
    random: Random,
    table: MarginTable,
    prepared: PreparedTable,
    retail_logit: Reverting,
    appetite: Reverting,
    sentiment: Reverting,
}

/// A drawn opening.
#[derive(Debug, Clone, Copy)]
pub(super) struct Opening {
    pub(super) position: Position,
    /// Whether it crosses the spread.
    pub(super) taker: bool,
}

impl Crowd {
    /// `None` if the schedule is not of the continuous kind.
    pub(super) fn new(parameters: &Parameters, table: MarginTable, seed: u64) -> Option<Self> {
        let numbers = parameters.market;
        let minute = f64::from(STEPS_PER_MINUTE) / f64::from(STEPS_PER_DAY);
        Some(Self {
            parameters: *parameters,
            random: Random::new(seed, 2),
            prepared: PreparedTable::new(&table, Contract::Linear, 0.0)?,
            table,
            retail_logit: Reverting::new(
                minute,
                numbers.retail_share_relaxation_days,
                numbers.retail_share_logit_sd,
            ),
            appetite: Reverting::new(minute, numbers.appetite_relaxation_days, numbers.appetite_sd),
            sentiment: Reverting::new(minute, numbers.sentiment_relaxation_days, numbers.sentiment_sd),
        })
    }

    /// Once a minute.
    pub(super) fn renew_moods(&mut self) {
        for quantity in [&mut self.retail_logit, &mut self.appetite, &mut self.sentiment] {
            quantity.step(&mut self.random);
        }
    }

    /// The mood at a momentum (log price) and an imbalance of the agents, `(L − S)/(L + S)`.
    pub(super) fn mood(&self, momentum: f64, imbalance: f64) -> Mood {
        let numbers = &self.parameters.market;
        let logit = log(numbers.retail_share / (1.0 - numbers.retail_share)) + self.retail_logit.value;
        let retail = 1.0 / (1.0 + exp(-logit));
        let pro = (1.0 - retail) * numbers.pro_share_of_rest;
        let fund = (1.0 - retail) * numbers.fund_share_of_rest;
        let types = [retail, retail + pro, (retail + pro + fund).min(1.0), 1.0, 1.0];
        let pressed = tanh(6.0 * imbalance + 0.3);
        let mut long_share = [0.5; 5];
        let mut leverage = [1.0; 5];
        for agent in Agent::ALL {
            let own = self.parameters.agent(agent);
            let index = agent as usize;
            long_share[index] = own.long_share
                + own.long_share_momentum * tanh(momentum / own.long_share_momentum_unit)
                + own.long_share_sentiment * tanh(self.sentiment.value)
                + own.long_share_imbalance * pressed;
            let appetite =
                if agent == Agent::Retail { numbers.appetite_effect * self.appetite.value } else { 0.0 };
            leverage[index] = own.leverage_median * exp(numbers.leverage_shift + appetite);
        }
        Mood { types, long_share, leverage }
    }

    /// How many more openings there are than the ordinary types make, and the scalpers' share of all by
    /// count, so that they open their share of notional at the mean mix of types.
    pub(super) fn scalpers(&self) -> (f64, f64) {
        let numbers = &self.parameters.market;
        let share = numbers.scalp_notional_share;
        let retail = numbers.retail_share;
        let rest = 1.0 - retail;
        let (pro, fund) = (rest * numbers.pro_share_of_rest, rest * numbers.fund_share_of_rest);
        let hedged = (rest - pro - fund).max(0.0);
        let ordinary = retail * self.mean_notional(Agent::Retail)
            + pro * self.mean_notional(Agent::Pro)
            + fund * self.mean_notional(Agent::Fund)
            + hedged * self.mean_notional(Agent::Hedged);
        let more = share / (1.0 - share) * ordinary / self.mean_notional(Agent::Scalper);
        (1.0 + more, more / (1.0 + more))
    }

    /// Mean of a capped Pareto law.
    fn mean_notional(&self, agent: Agent) -> f64 {
        let own = self.parameters.agent(agent);
        let excess = self.parameters.market.size_exponent - 1.0;
        own.minimum_usd * (1.0 + (1.0 - exp(excess * log(own.minimum_usd / own.cap_usd))) / excess)
    }

    /// Draws an opening at a price.
    pub(super) fn opening(
        &mut self,
        mood: &Mood,
        scalpers: f64,
        price: f64,
        entry: f64,
        step: u32,
    ) -> Opening {
        let Self { parameters, random, .. } = self;
        let Parameters { market: numbers, agents } = &*parameters;
        let agent = if scalpers > 0.0 && random.chance(scalpers) {
            Agent::Scalper
        } else {
            let draw = random.uniform();
            let index = mood.types.iter().take_while(|share| draw >= **share).count();
            Agent::ALL[index.min(Agent::Hedged as usize)]
        };
        let own = &agents[agent as usize];
        let side = if random.chance(mood.long_share[agent as usize]) { Side::Long } else { Side::Short };
        let notional = random.pareto(own.minimum_usd, numbers.size_exponent).min(own.cap_usd);
        let size = lots(notional / price);
        let size_base = size as f64 / UNITS_PER_ONE as f64;

        let median = mood.leverage[agent as usize];
        let drawn = random.log_normal(median, own.leverage_log_sd).clamp(1.0, own.leverage_cap);
        let wanted = nearest(agent.buttons(), drawn);
        let tier = &self.table.tiers()[self.table.tier_of(size_base * price)];
        let leverage = wanted.min(tier.max_leverage);
        let isolated = random.chance(own.isolated_share);
        let collateral = if isolated { 1.0 } else { 1.0 + own.collateral_mean * random.exponential() };

        let hedged = agent == Agent::Hedged;
        let margin = size_base * price * collateral / leverage;
        let margined = Margined { side, entry_price: price, size: size_base, margin };
        // A long whose margin covers its whole value has no price; rounding must not give it one.
        let covered = hedged || (side == Side::Long && collateral >= leverage);
        let level = if covered { None } else { self.prepared.price(&margined) };
        let level = level.map_or(Position::never(side), log);

        let hurried = if leverage >= own.hurried_from_leverage { 0.5 } else { 1.0 };
        let held_hours = random.log_normal(own.holding_median_hours, own.holding_log_sd) * hurried;
        let mut position = Position {
            id: 0,
            side,
            agent,
            cross: !isolated && !hedged,
            #[allow(clippy::cast_possible_truncation)] // a leverage of 1 to 150
            leverage: leverage as f32,
            size,
            entry_price: price,
            entry,
            level,
            stop: Position::never(side),
            top_up: Position::never(side),
            take: Position::never(side.opposite()),
            opened: step,
            leaves: step.saturating_add(steps(held_hours * 3_600.0)),
            remargins: u32::MAX,
        };
        self.plan(&mut position);
        if position.cross {
            position.remargins = self.next_remargin(step);
        }
        let taker = self.random.chance(self.parameters.agents[agent as usize].taker_opening);
        Opening { position, taker }
    }

    /// Orders that wait: stop, profit, top-up.
    fn plan(&mut self, position: &mut Position) {
        let distance = position.distance();
        if !distance.is_finite() {
            return;
        }
        let numbers = &self.parameters.market;
        let own = &self.parameters.agents[position.agent as usize];
        let random = &mut self.random;
        if random.chance(own.stop_probability) {
            position.stop =
                position.at_distance(distance * random.between(numbers.stop_from, numbers.stop_to));
        }
        if random.chance(own.take_probability) {
            let unit = distance.min(numbers.take_unit_cap);
            position.take = position.at_distance(-unit * random.between(numbers.take_from, numbers.take_to));
        }
        let top_up = if position.cross { own.top_up_cross } else { own.top_up_isolated };
        if random.chance(top_up) {
            let share = random.between(numbers.top_up_from, numbers.top_up_to);
            position.top_up = position.at_distance(distance * share);
        }
    }

    /// The level after a top-up.
    pub(super) fn topped_up(&mut self, position: &Position) -> f64 {
        let numbers = &self.parameters.market;
        let growth = self.random.between(numbers.top_up_growth_from, numbers.top_up_growth_to);
        position.at_distance(position.distance() * growth)
    }

    /// The level after a change of collateral at a log price, or `None` if the account may not go there.
    pub(super) fn remargined(&mut self, position: &Position, mark: f64) -> Option<f64> {
        let numbers = &self.parameters.market;
        let factor = exp(numbers.remargin_log_sd * self.random.normal());
        let level = position.at_distance(position.distance() * factor);
        let room = position.side.sign() * (mark - level);
        // Adding collateral is always possible; taking it out only as far as the venue lets it go.
        (level.is_finite() && (factor >= 1.0 || room >= numbers.remargin_room)).then_some(level)
    }

    /// Step of the next change of collateral.
    pub(super) fn next_remargin(&mut self, step: u32) -> u32 {
        let rate = self.parameters.market.remargin_per_day;
        if rate <= 0.0 {
            return u32::MAX;
        }
        step.saturating_add(steps(self.random.exponential() / rate * 86_400.0))
    }

    /// Whether a closing crosses the spread.
    pub(super) fn closes_as_taker(&mut self) -> bool {
        self.random.chance(self.parameters.market.taker_closing)
    }

    /// How many positions open in a step.
    pub(super) fn arrivals(&mut self, mean: f64) -> u32 {
        self.random.poisson(mean)
    }
}

/// Base coin to whole lots, at least one.
#[allow(clippy::cast_possible_truncation)] // notionals are at most 1e10 dollars at prices of at least a dollar
fn lots(size_base: f64) -> i64 {
    (round(size_base * (UNITS_PER_ONE / LOT) as f64) as i64).max(1) * LOT
}

/// Seconds to whole steps, at least one.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // saturates
fn steps(seconds: f64) -> u32 {
    (seconds / f64::from(STEP_SECONDS)).clamp(1.0, f64::from(u32::MAX)) as u32
}

/// The button nearest in logarithm; the value itself without buttons.
fn nearest(buttons: &[f64], value: f64) -> f64 {
    match buttons.iter().position(|button| *button >= value) {
        Some(0) => buttons[0],
        // The border between two buttons is their geometric mean.
        Some(index) if value * value < buttons[index - 1] * buttons[index] => buttons[index - 1],
        Some(index) => buttons[index],
        None => buttons.last().copied().unwrap_or(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leverage_snaps_to_the_nearest_button_in_logarithm() {
        let buttons = Agent::Retail.buttons();
        // sqrt(10·20) = 14.14
        for (value, button) in
            [(1.0, 3.0), (14.1, 10.0), (14.2, 20.0), (20.0, 20.0), (125.0, 125.0), (900.0, 125.0)]
        {
            assert_eq!(nearest(buttons, value), button, "{value}");
        }
        assert_eq!(nearest(&[], 7.3), 7.3);
    }

    #[test]
    fn sizes_are_whole_lots() {
        assert_eq!([0.0, 0.0004, 0.0016, 2.5].map(lots), [100_000, 100_000, 200_000, 250_000_000]);
        assert_eq!([0.0, 9.0, 10.0, 39.0, 1e30].map(steps), [1, 1, 1, 3, u32::MAX]);
    }
}
