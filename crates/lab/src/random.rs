//! Seeded draws from the laws the worlds need.
//!
//! The generator is PCG (128-bit state, multiplicative), whose output is fixed for a seed; what is made of
//! it uses only IEEE arithmetic and a software logarithm and exponential. Each process draws from a stream
//! of its own, so that a change in how one is drawn leaves the others as they were.

use libm::{exp, log, sqrt};
use rand_core::{Rng, SeedableRng};
use rand_pcg::Pcg64Mcg;

/// A stream of draws.
#[derive(Debug, Clone)]
pub(crate) struct Random {
    generator: Pcg64Mcg,
    /// The second half of the last pair of normal draws.
    spare: Option<f64>,
}

/// 2⁻⁵³: the spacing of the uniform draws.
const SPACING: f64 = 1.0 / 9_007_199_254_740_992.0;

impl Random {
    /// Stream number `stream` of a seed.
    pub(crate) fn new(seed: u64, stream: u64) -> Self {
        // Pcg64Mcg takes 128 bits; both halves pass through a mixer, since seeds and streams are small
        // numbers that differ in few bits.
        let low = mix(seed ^ mix(stream.wrapping_add(0x9e37_79b9_7f4a_7c15)));
        let high = mix(low ^ seed.rotate_left(32));
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&low.to_le_bytes());
        bytes[8..].copy_from_slice(&high.to_le_bytes());
        Self { generator: Pcg64Mcg::from_seed(bytes), spare: None }
    }

    /// Uniform in (0, 1): never either end, so that its logarithm is finite.
    #[inline]
    pub(crate) fn uniform(&mut self) -> f64 {
        ((self.generator.next_u64() >> 11) as f64 + 0.5) * SPACING
    }

    /// Uniform in (`low`, `high`).
    #[inline]
    pub(crate) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.uniform()
    }

    /// True with a probability.
    #[inline]
    pub(crate) fn chance(&mut self, probability: f64) -> bool {
        self.uniform() < probability
    }

    /// Standard normal, by Marsaglia's polar method.
    #[inline]
    pub(crate) fn normal(&mut self) -> f64 {
        if let Some(spare) = self.spare.take() {
            return spare;
        }
        loop {
            let (x, y) = (2.0 * self.uniform() - 1.0, 2.0 * self.uniform() - 1.0);
            let square = x * x + y * y;
            if square < 1.0 && square > 0.0 {
                let scale = sqrt(-2.0 * log(square) / square);
                self.spare = Some(y * scale);
                return x * scale;
            }
        }
    }

    /// Exponential with mean 1.
    #[inline]
    pub(crate) fn exponential(&mut self) -> f64 {
        -log(self.uniform())
    }

    /// Student's t with five degrees of freedom, scaled to unit variance.
    #[inline]
    pub(crate) fn student5(&mut self) -> f64 {
        let chi_square: f64 = (0..5).map(|_| self.normal()).map(|z| z * z).sum();
        // t = z / sqrt(χ²/5) has variance 5/3.
        self.normal() * sqrt(3.0 / chi_square)
    }

    /// Pareto with a minimum and an exponent.
    #[inline]
    pub(crate) fn pareto(&mut self, minimum: f64, exponent: f64) -> f64 {
        minimum * exp(self.exponential() / exponent)
    }

    /// Log-normal with a median and a standard deviation of the logarithm.
    #[inline]
    pub(crate) fn log_normal(&mut self, median: f64, log_sd: f64) -> f64 {
        median * exp(log_sd * self.normal())
    }

    /// Poisson, by walking the distribution function; means above [`Self::MOST`] are cut to it.
    pub(crate) fn poisson(&mut self, mean: f64) -> u32 {
        let mean = mean.min(Self::MOST);
        let target = self.uniform();
        let mut probability = exp(-mean);
        let mut reached = probability;
        let mut count = 0_u32;
        // Beyond this count nothing is left that a draw of 53 bits could ask for.
        let last = mean + 40.0 * sqrt(mean) + 40.0;
        while reached < target && f64::from(count) < last {
            count += 1;
            probability *= mean / f64::from(count);
            reached += probability;
        }
        count
    }

    /// Largest mean of [`Self::poisson`]: e^−600 is still a normal number.
    const MOST: f64 = 600.0;
}

/// The finaliser of `SplitMix64`.
const fn mix(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DRAWS: usize = 200_000;

    fn mean_and_variance(mut draw: impl FnMut(&mut Random) -> f64) -> (f64, f64) {
        let mut random = Random::new(7, 1);
        let draws: Vec<f64> = (0..DRAWS).map(|_| draw(&mut random)).collect();
        let mean = draws.iter().sum::<f64>() / DRAWS as f64;
        (mean, draws.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / DRAWS as f64)
    }

    /// Moments against the textbook, within five standard errors (Student's variance: its fourth moment is
    /// 9, so the error of the variance is sqrt(8/n)).
    #[test]
    fn laws_have_their_moments() {
        let n = DRAWS as f64;
        let near = |value: f64, expected: f64, error: f64| {
            assert!((value - expected).abs() < 5.0 * error, "{value} instead of {expected}");
        };
        let (mean, variance) = mean_and_variance(Random::uniform);
        near(mean, 0.5, sqrt(1.0 / 12.0 / n));
        near(variance, 1.0 / 12.0, sqrt(1.0 / 180.0 / n));
        let (mean, variance) = mean_and_variance(Random::normal);
        near(mean, 0.0, sqrt(1.0 / n));
        near(variance, 1.0, sqrt(2.0 / n));
        let (mean, variance) = mean_and_variance(Random::exponential);
        near(mean, 1.0, sqrt(1.0 / n));
        near(variance, 1.0, sqrt(8.0 / n));
        let (mean, variance) = mean_and_variance(Random::student5);
        near(mean, 0.0, sqrt(1.0 / n));
        near(variance, 1.0, sqrt(8.0 / n));
        for rate in [0.3, 7.0, 80.0] {
            let (mean, variance) = mean_and_variance(|random| f64::from(random.poisson(rate)));
            near(mean, rate, sqrt(rate / n));
            near(variance, rate, sqrt((rate + 2.0 * rate * rate) / n));
        }
        // Pareto 3 from 2: mean 3, variance 3; median of a log-normal by its logarithm.
        let (mean, _) = mean_and_variance(|random| random.pareto(2.0, 3.0));
        near(mean, 3.0, sqrt(3.0 / n));
        let (mean, variance) = mean_and_variance(|random| log(random.log_normal(5.0, 1.5)));
        near(mean, log(5.0), 1.5 / sqrt(n));
        near(variance, 2.25, 2.25 * sqrt(2.0 / n));
    }

    #[test]
    fn streams_and_seeds_differ() {
        let first = |seed, stream| Random::new(seed, stream).uniform();
        assert_eq!(first(1, 1), first(1, 1));
        assert_ne!(first(1, 1), first(1, 2));
        assert_ne!(first(1, 1), first(2, 1));
        assert_ne!(first(0, 0), first(0, 1));
    }
}
