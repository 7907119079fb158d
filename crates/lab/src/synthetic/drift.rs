//! The processes that nobody in the market controls: volatility, the price's own moves, moods.

use libm::{exp, log, sqrt};

use super::book::PRICE_REACH;
use super::parameters::Numbers;
use crate::random::Random;

/// Length of a step, seconds.
pub(super) const STEP_SECONDS: u32 = 10;
/// Steps in a minute and in a day.
pub(super) const STEPS_PER_MINUTE: u32 = 60 / STEP_SECONDS;
pub(super) const STEPS_PER_DAY: u32 = 86_400 / STEP_SECONDS;

/// A quantity that is drawn back to zero: Ornstein–Uhlenbeck, stepped exactly.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reverting {
    pub(super) value: f64,
    keep: f64,
    noise: f64,
}

impl Reverting {
    /// One step of `days` with a relaxation time and a stationary standard deviation. Starts at zero.
    pub(super) fn new(days: f64, relaxation_days: f64, sd: f64) -> Self {
        let keep = exp(-days / relaxation_days);
        Self { value: 0.0, keep, noise: sd * sqrt(1.0 - keep * keep) }
    }

    pub(super) fn step(&mut self, random: &mut Random) {
        self.value = self.value * self.keep + self.noise * random.normal();
    }
}

/// The price: a walk with changing volatility and jumps, and the impact of forced flow.
#[derive(Debug, Clone)]
pub(super) struct Price {
    random: Random,
    start: f64,
    /// Log price without the part of the impact that relaxes.
    lasting: f64,
    relaxing: f64,
    log_volatility: Reverting,
    median_daily: f64,
    jump_probability: f64,
    jump_sd: f64,
    /// Log price per dollar of forced flow.
    per_dollar: f64,
    transient_share: f64,
    relaxation: f64,
}

impl Price {
    pub(super) fn new(numbers: &Numbers, seed: u64) -> Self {
        let start = log(numbers.start_price_usd);
        let step_days = 1.0 / f64::from(STEPS_PER_DAY);
        Self {
            random: Random::new(seed, 1),
            start,
            lasting: start,
            relaxing: 0.0,
            log_volatility: Reverting::new(
                f64::from(STEPS_PER_MINUTE) * step_days,
                numbers.volatility_relaxation_days,
                numbers.volatility_log_sd,
            ),
            // The mean of a log-normal is its median times exp(sd²/2).
            median_daily: numbers.volatility_daily
                * exp(-0.5 * numbers.volatility_log_sd * numbers.volatility_log_sd),
            jump_probability: numbers.jumps_per_day * step_days,
            jump_sd: numbers.jump_sd,
            per_dollar: 0.01 * numbers.impact / (numbers.impact_depth * numbers.reference_open_interest_usd),
            transient_share: numbers.impact_transient_share,
            relaxation: exp(-f64::from(STEP_SECONDS) / (60.0 * numbers.impact_relaxation_minutes)),
        }
    }

    /// Log deviation of volatility from its median.
    pub(super) fn excitement(&self) -> f64 {
        self.log_volatility.value
    }

    /// Standard deviation of a step without jumps, log price.
    pub(super) fn step_sd(&self) -> f64 {
        self.median_daily * exp(self.log_volatility.value) / sqrt(f64::from(STEPS_PER_DAY))
    }

    /// Once a minute.
    pub(super) fn renew_volatility(&mut self) {
        self.log_volatility.step(&mut self.random);
    }

    /// Moves by one step, pushed by dollars bought (sold if negative) under force since the last one, and
    /// returns the log price.
    pub(super) fn step(&mut self, step_sd: f64, forced_usd: f64) -> f64 {
        self.lasting += step_sd * self.random.student5();
        if self.random.chance(self.jump_probability) {
            self.lasting += self.jump_sd * self.random.normal();
        }
        let impact = forced_usd * self.per_dollar;
        self.lasting += (1.0 - self.transient_share) * impact;
        self.relaxing = (self.relaxing + self.transient_share * impact) * self.relaxation;
        self.lasting = self.lasting.clamp(self.start - PRICE_REACH, self.start + PRICE_REACH);
        (self.lasting + self.relaxing).clamp(self.start - PRICE_REACH, self.start + PRICE_REACH)
    }
}

#[cfg(test)]
mod tests {
    use super::super::World;
    use super::*;

    /// Forced selling of 2.5 % of the reference open interest takes 1 % off, and 60 % of that comes back.
    #[test]
    fn impact_is_the_specified_one_and_relaxes() {
        let mut numbers = World::Default.parameters().market;
        numbers.jumps_per_day = 0.0;
        let mut price = Price::new(&numbers, 1);
        let start = log(60_000.0);
        let relaxed = exp(-10.0 / 900.0);
        let hit = price.step(0.0, -0.025 * numbers.reference_open_interest_usd) - start;
        assert!((hit - (-0.004 - 0.006 * relaxed)).abs() < 1e-12, "{hit}");
        let mut after = 0.0;
        for _ in 0..5_000 {
            after = price.step(0.0, 0.0) - start;
        }
        assert!((after + 0.004).abs() < 1e-12, "{after}");
    }

    #[test]
    fn a_reverting_quantity_has_its_spread_and_memory() {
        let mut random = Random::new(3, 3);
        let mut quantity = Reverting::new(0.1, 1.0, 0.5);
        let values: Vec<f64> = (0..200_000)
            .map(|_| {
                quantity.step(&mut random);
                quantity.value
            })
            .collect();
        let n = values.len() as f64;
        let variance = values.iter().map(|v| v * v).sum::<f64>() / n;
        let lagged = values.windows(11).map(|w| w[0] * w[10]).sum::<f64>() / n;
        // Ten steps of 0.1 days: the correlation is e^−1.
        assert!((variance - 0.25).abs() < 0.02, "{variance}");
        assert!((lagged / variance - exp(-1.0)).abs() < 0.03, "{lagged}");
    }
}
