//! The seeded random numbers behind bootstraps and simulated catalogues.
//!
//! `SplitMix64` (Steele, Lea and Flood, *Fast splittable pseudorandom number generators*, 2014): one 64-bit
//! state, integer arithmetic only, so a seed gives the same draws on every machine.

/// A `SplitMix64` generator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Random {
    state: u64,
}

impl Random {
    /// The generator of a seed. Every seed is as good as any other.
    pub const fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// The next 64 random bits.
    #[inline]
    pub const fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A uniform number in `[0, 1)`, a multiple of 2⁻⁵³.
    #[inline]
    pub fn uniform(&mut self) -> f64 {
        (self.bits() >> 11) as f64 * (1.0 / 9_007_199_254_740_992.0)
    }

    /// A uniform integer in `0..bound`, without bias; 0 for a bound of 0.
    #[inline]
    pub fn below(&mut self, bound: u64) -> u64 {
        if bound == 0 {
            return 0;
        }
        // Draws above the largest multiple of `bound` would favour small results: draw again.
        let rest = (u64::MAX % bound + 1) % bound;
        loop {
            let bits = self.bits();
            if bits <= u64::MAX - rest {
                return bits % bound;
            }
        }
    }
}

#[cfg(test)]
pub(crate) mod draws {
    //! Random variables that only simulations in tests need.

    use super::Random;
    use crate::special::normal_quantile;

    impl Random {
        /// Standard normal.
        pub(crate) fn normal(&mut self) -> f64 {
            normal_quantile(self.uniform() + 0.5 / 9_007_199_254_740_992.0)
        }

        /// Exponential of mean 1.
        pub(crate) fn exponential(&mut self) -> f64 {
            -libm::log1p(-self.uniform())
        }

        /// Poisson, by counting exponential gaps: exact for every mean.
        pub(crate) fn poisson(&mut self, mean: f64) -> u32 {
            let (mut count, mut time) = (0, self.exponential());
            while time < mean {
                count += 1;
                time += self.exponential();
            }
            count
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bits_are_those_of_the_published_generator() {
        // The values other implementations print for this seed.
        let mut random = Random::new(1_234_567);
        let expected = [
            6_457_827_717_110_365_317,
            3_203_168_211_198_807_973,
            9_817_491_932_198_370_423,
            4_593_380_528_125_082_431,
            16_408_922_859_458_223_821,
        ];
        assert_eq!(expected.map(|_| random.bits()), expected);
    }

    #[test]
    fn integers_below_a_bound_are_equally_frequent() {
        let mut random = Random::new(3);
        let mut counts = [0_u32; 7];
        for _ in 0..70_000 {
            counts[usize::try_from(random.below(7)).unwrap()] += 1;
        }
        // Standard deviation of one count: √(70,000·6/49) = 92.6.
        assert!(counts.iter().all(|count| count.abs_diff(10_000) < 400), "{counts:?}");
        assert_eq!(random.below(0), 0);
        assert_eq!(random.below(1), 0);
    }

    #[test]
    fn uniform_numbers_have_the_moments_of_their_law() {
        let mut random = Random::new(4);
        let draws: Vec<f64> = (0..100_000).map(|_| random.uniform()).collect();
        let mean = draws.iter().sum::<f64>() / 1e5;
        let square = draws.iter().map(|u| u * u).sum::<f64>() / 1e5;
        assert!(draws.iter().all(|u| (0.0..1.0).contains(u)));
        assert!((mean - 0.5).abs() < 0.004 && (square - 1.0 / 3.0).abs() < 0.004, "{mean} {square}");
    }
}
