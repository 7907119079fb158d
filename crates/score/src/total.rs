//! The law of a window's liquidated total: a compound Poisson sum, as gamma laws.
//!
//! Liquidations come as a number of prints of very unequal sizes. With `Λ` contracts expected and an effective
//! print size `s = Σs²/Σs` the total has mean `Λ` and variance `Λ·s`, which a gamma law of shape `Λ/s` and
//! scale `s` shares. A gamma law never gives exactly nothing; where that matters, [`BurstLaw`] keeps the
//! chance of no print apart.

use crate::special::gamma_cdf;

/// Continuous ranked probability score of a gamma law for the outcome `y`, in the unit of `scale`; NaN for a
/// shape or scale that is not positive.
///
/// `y(2F(y) − 1) − kθ(2F₊(y) − 1) − θ/B(½, k)` with `F₊` the law of shape `k + 1` (Scheuerer and Möller 2015).
/// The exponential law at 0: `∫ e^(−2x) dx = ½`.
pub fn gamma_crps(shape: f64, scale: f64, y: f64) -> f64 {
    if !(shape > 0.0 && scale > 0.0 && y >= 0.0) {
        return f64::NAN;
    }
    let x = y / scale;
    let beta = libm::exp(libm::lgamma(0.5) + libm::lgamma(shape) - libm::lgamma(shape + 0.5));
    let at_y = 2.0 * gamma_cdf(shape, x) - 1.0;
    let above = 2.0 * gamma_cdf(shape + 1.0, x) - 1.0;
    scale * (x * at_y - shape * above - 1.0 / beta)
}

/// A total that may be exactly nothing: with the chance `exp(−N)` of no print among `N` expected, and
/// otherwise gamma, with the mean and variance of the compound Poisson sum.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BurstLaw {
    none: f64,
    shape: f64,
    scale: f64,
}

impl BurstLaw {
    /// From the expected number of prints, the expected total and the effective print size; `None` unless all
    /// are positive.
    ///
    /// `N = 1`, `Λ = 1`, `s = 1`: nothing with chance 0.368; otherwise mean 1.582 and variance
    /// 2/0.632 − 1.582² = 0.661.
    pub fn new(prints: f64, expected: f64, effective_size: f64) -> Option<Self> {
        if !(prints > 0.0 && expected > 0.0 && effective_size > 0.0) {
            return None;
        }
        let some = -libm::expm1(-prints);
        let mean = expected / some;
        let variance = expected * (effective_size + expected) / some - mean * mean;
        // Very unequal readings of the number and the size can leave no variance: then what remains is one
        // print of the effective size.
        let variance = if variance > 0.0 { variance } else { mean * effective_size };
        let (shape, scale) = (mean * mean / variance, variance / mean);
        (shape.is_finite() && scale.is_finite()).then_some(Self { none: 1.0 - some, shape, scale })
    }

    /// Chance of nothing at all.
    pub const fn none(self) -> f64 {
        self.none
    }

    /// `P(Y ≤ y)` for `y ≥ 0`.
    pub fn cdf(self, y: f64) -> f64 {
        self.none + (1.0 - self.none) * gamma_cdf(self.shape, y / self.scale)
    }

    /// Probability integral transform of a total, randomised by `v` in `[0, 1)` where it is nothing.
    pub fn transform(self, y: f64, v: f64) -> f64 {
        let transform = if y > 0.0 { self.cdf(y) } else { v.clamp(0.0, 1.0) * self.none };
        transform.clamp(0.0, 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    #[test]
    fn the_exponential_law_by_hand() {
        // CRPS of the exponential law: y + 2e^(−y) − 3/2.
        for y in [0.0, 0.3, 1.0, 4.0] {
            let expected = y + 2.0 * f64::exp(-y) - 1.5;
            assert!((gamma_crps(1.0, 1.0, y) - expected).abs() < 1e-12, "{y}");
            assert!((gamma_crps(1.0, 7.0, 7.0 * y) - 7.0 * expected).abs() < 1e-11);
        }
        assert!(gamma_crps(0.0, 1.0, 1.0).is_nan() && gamma_crps(1.0, 1.0, -1.0).is_nan());
    }

    #[test]
    fn the_score_is_the_integral_it_stands_for() {
        // Plain summation of (F − 1{x ≥ y})² over a fine grid.
        for (shape, y) in [(0.4, 0.2), (2.5, 1.0), (8.0, 15.0)] {
            let step = 1e-3;
            let area: f64 = (0..60_000)
                .map(|k| (f64::from(k) + 0.5) * step)
                .map(|x| gamma_cdf(shape, x) - if x >= y { 1.0 } else { 0.0 })
                .map(|difference| difference * difference * step)
                .sum();
            assert!((gamma_crps(shape, 1.0, y) - area).abs() < 2e-4, "{shape}: {area}");
        }
    }

    #[test]
    fn a_burst_law_by_hand() {
        let law = BurstLaw::new(1.0, 1.0, 1.0).unwrap();
        assert!((law.none() - f64::exp(-1.0)).abs() < 1e-15);
        let some = 1.0 - f64::exp(-1.0);
        assert!((law.shape * law.scale - 1.0 / some).abs() < 1e-12);
        let variance = 2.0 / some - 1.0 / (some * some);
        assert!((law.shape * law.scale * law.scale - variance).abs() < 1e-12);
        assert!((law.transform(0.0, 0.5) - 0.5 * law.none()).abs() < 1e-15);
        assert!(BurstLaw::new(0.0, 1.0, 1.0).is_none() && BurstLaw::new(1.0, f64::NAN, 1.0).is_none());
    }

    #[test]
    fn transforms_of_a_compound_sum_are_nearly_uniform() {
        // Poisson(3) prints of exponential size 1: effective size 2.
        let mut random = Random::new(8);
        let law = BurstLaw::new(3.0, 3.0, 2.0).unwrap();
        let n = 20_000;
        let mut transforms: Vec<f64> = (0..n)
            .map(|_| {
                let total: f64 = (0..random.poisson(3.0)).map(|_| random.exponential()).sum();
                law.transform(total, random.uniform())
            })
            .collect();
        transforms.sort_by(f64::total_cmp);
        let distance = (0..).zip(&transforms).map(|(k, u)| (u - f64::from(k) / f64::from(n)).abs());
        // Sampling alone gives 0.0096 at 95 %; the gamma law is an approximation.
        let distance = distance.fold(0.0, f64::max);
        assert!(distance < 0.03, "{distance}");
    }
}
