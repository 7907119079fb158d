//! Distribution functions: normal, gamma, Poisson, chi-square, beta, Student and Kolmogorov.
//!
//! Series and continued fractions as in Abramowitz and Stegun (chapters 6 and 26) and *Numerical Recipes*
//! (sections 6.2 and 6.4), on a software logarithm and exponential, so that every machine gives the same
//! bits. Arguments outside the domain give NaN, never a panic.

use core::f64::consts::{PI, SQRT_2};

const LAST_TERM: f64 = 1e-16;
const MAX_TERMS: u32 = 200_000;
const TINY: f64 = 1e-300;

/// Φ(z), the standard normal distribution function.
pub fn normal_cdf(z: f64) -> f64 {
    0.5 * libm::erfc(-z / SQRT_2)
}

/// φ(z), the standard normal density.
pub fn normal_pdf(z: f64) -> f64 {
    libm::exp(-0.5 * z * z) / (2.0 * PI).sqrt()
}

/// Φ⁻¹(p): −∞ at 0, +∞ at 1, NaN outside.
///
/// A rational start (Abramowitz and Stegun 26.2.23, error below 4.5e-4), then three Newton steps in the
/// lower tail, where `erfc` keeps full relative precision.
pub fn normal_quantile(p: f64) -> f64 {
    if !(0.0..=1.0).contains(&p) {
        return f64::NAN;
    }
    if p > 0.5 {
        return -normal_quantile(1.0 - p);
    }
    if p == 0.0 {
        return f64::NEG_INFINITY;
    }
    let t = (-2.0 * libm::log(p)).sqrt();
    let numerator = 2.515_517 + t * (0.802_853 + t * 0.010_328);
    let denominator = 1.0 + t * (1.432_788 + t * (0.189_269 + t * 0.001_308));
    let mut z = numerator / denominator - t;
    for _ in 0..3 {
        let density = normal_pdf(z);
        if density < TINY {
            break;
        }
        // Halley's correction: the curvature of Φ is −z·φ.
        let step = (normal_cdf(z) - p) / density;
        z -= step / (1.0 + 0.5 * z * step);
    }
    z
}

/// `P(a, x)`, the regularised lower incomplete gamma function: the distribution function of a gamma
/// variable of shape `a` and scale 1.
pub fn gamma_cdf(shape: f64, x: f64) -> f64 {
    if shape > 0.0 && x < shape + 1.0 { gamma_series(shape, x) } else { 1.0 - gamma_survival(shape, x) }
}

/// `Q(a, x) = 1 − P(a, x)`, without cancellation in the upper tail.
pub fn gamma_survival(shape: f64, x: f64) -> f64 {
    if shape.is_nan() || x.is_nan() || shape <= 0.0 || x < 0.0 {
        return f64::NAN;
    }
    if x.is_infinite() {
        return 0.0;
    }
    if x < shape + 1.0 { 1.0 - gamma_series(shape, x) } else { gamma_fraction(shape, x) }
}

fn gamma_series(shape: f64, x: f64) -> f64 {
    if x.is_nan() || x < 0.0 {
        return f64::NAN;
    }
    if x == 0.0 {
        return 0.0;
    }
    // P = x^a e^{-x} / Γ(a + 1) · [1 + x/(a+1) + x²/((a+1)(a+2)) + …]
    let (mut term, mut total, mut a) = (1.0, 1.0, shape);
    for _ in 0..MAX_TERMS {
        a += 1.0;
        term *= x / a;
        total += term;
        if term < total * LAST_TERM {
            break;
        }
    }
    (total * libm::exp(shape * libm::log(x) - x - libm::lgamma(shape + 1.0))).min(1.0)
}

/// Lentz's evaluation of the continued fraction for the upper tail.
fn gamma_fraction(shape: f64, x: f64) -> f64 {
    let mut b = x + 1.0 - shape;
    let mut c = 1.0 / TINY;
    let mut d = 1.0 / b;
    let mut value = d;
    for i in 1..MAX_TERMS {
        let i = f64::from(i);
        let an = -i * (i - shape);
        b += 2.0;
        d = 1.0 / away_from_zero(an * d + b);
        c = away_from_zero(b + an / c);
        value *= d * c;
        if (d * c - 1.0).abs() < LAST_TERM {
            break;
        }
    }
    (value * libm::exp(shape * libm::log(x) - x - libm::lgamma(shape))).clamp(0.0, 1.0)
}

fn away_from_zero(x: f64) -> f64 {
    if x.abs() < TINY { TINY } else { x }
}

/// The `p`-quantile of a gamma variable of shape `a` and scale 1, by bisection in `ln x`; NaN unless
/// `a > 0` and `0 ≤ p ≤ 1`. Quantiles below 1e-300 come out as 1e-300 at most.
pub fn gamma_quantile(shape: f64, p: f64) -> f64 {
    if !(shape > 0.0 && shape.is_finite() && (0.0..=1.0).contains(&p)) {
        return f64::NAN;
    }
    if p == 0.0 {
        return 0.0;
    }
    if p == 1.0 {
        return f64::INFINITY;
    }
    let (mut low, mut high) = (libm::log(TINY), libm::log(shape + 1.0));
    while gamma_cdf(shape, libm::exp(high)) < p && high < 700.0 {
        high += 1.0;
    }
    for _ in 0..80 {
        let middle = 0.5 * (low + high);
        if gamma_cdf(shape, libm::exp(middle)) < p {
            low = middle;
        } else {
            high = middle;
        }
    }
    libm::exp(0.5 * (low + high))
}

/// Chance that a chi-square variable exceeds `x`.
pub fn chi_square_survival(degrees_of_freedom: f64, x: f64) -> f64 {
    gamma_survival(0.5 * degrees_of_freedom, 0.5 * x)
}

/// `P(X ≤ n)` of a Poisson variable.
pub fn poisson_at_most(mean: f64, n: u64) -> f64 {
    gamma_survival(n as f64 + 1.0, mean)
}

/// `P(X ≥ n)` of a Poisson variable.
pub fn poisson_at_least(mean: f64, n: u64) -> f64 {
    if n == 0 && mean >= 0.0 { 1.0 } else { gamma_cdf(n as f64, mean) }
}

/// `I_x(a, b)`, the regularised incomplete beta function.
pub fn beta_cdf(a: f64, b: f64, x: f64) -> f64 {
    if !(a > 0.0 && b > 0.0 && (0.0..=1.0).contains(&x)) {
        return f64::NAN;
    }
    if x == 0.0 || x == 1.0 {
        return x;
    }
    let front = libm::exp(
        libm::lgamma(a + b) - libm::lgamma(a) - libm::lgamma(b) + a * libm::log(x) + b * libm::log1p(-x),
    );
    // The fraction converges fast on the near side of the mean; the far side is its mirror image.
    if x < (a + 1.0) / (a + b + 2.0) {
        front * beta_fraction(a, b, x) / a
    } else {
        1.0 - front * beta_fraction(b, a, 1.0 - x) / b
    }
}

fn beta_fraction(a: f64, b: f64, x: f64) -> f64 {
    let mut c = 1.0;
    let mut d = 1.0 / away_from_zero(1.0 - (a + b) * x / (a + 1.0));
    let mut value = d;
    for m in 1..MAX_TERMS {
        let m = f64::from(m);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / away_from_zero(1.0 + even * d);
        c = away_from_zero(1.0 + even / c);
        value *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / away_from_zero(1.0 + odd * d);
        c = away_from_zero(1.0 + odd / c);
        value *= d * c;
        if (d * c - 1.0).abs() < LAST_TERM {
            break;
        }
    }
    value
}

/// The `p`-quantile of Student's t, by bisection to 1e-12; NaN outside `0 < p < 1`.
pub fn student_quantile(degrees_of_freedom: f64, p: f64) -> f64 {
    if !(degrees_of_freedom > 0.0 && p > 0.0 && p < 1.0) {
        return f64::NAN;
    }
    if p < 0.5 {
        return -student_quantile(degrees_of_freedom, 1.0 - p);
    }
    let upper_tail = |t: f64| {
        0.5 * beta_cdf(0.5 * degrees_of_freedom, 0.5, degrees_of_freedom / (degrees_of_freedom + t * t))
    };
    let (mut low, mut high) = (0.0, 1.0);
    while upper_tail(high) > 1.0 - p && high < 1e12 {
        high *= 2.0;
    }
    for _ in 0..100 {
        let middle = 0.5 * (low + high);
        if upper_tail(middle) > 1.0 - p {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}

/// Chance that the Kolmogorov distribution exceeds `x`: `2 Σ (−1)^{k−1} exp(−2k²x²)`.
pub fn kolmogorov_survival(x: f64) -> f64 {
    if x.is_nan() {
        return x;
    }
    if x < 0.2 {
        return 1.0; // 1 − 5e-13 at 0.2, and the alternating series stops converging below
    }
    let mut total = 0.0;
    for k in 1..=100_i32 {
        let term = libm::exp(-2.0 * f64::from(k * k) * x * x);
        total += if k % 2 == 1 { term } else { -term };
        if term < LAST_TERM {
            break;
        }
    }
    (2.0 * total).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn close(found: f64, expected: f64, tolerance: f64) {
        assert!((found - expected).abs() <= tolerance, "{found} instead of {expected}");
    }

    #[test]
    fn normal_values_are_those_of_the_tables() {
        close(normal_cdf(1.0), 0.841_344_746_068_543, 1e-14);
        close(normal_quantile(0.975), 1.959_963_984_540_054, 1e-13);
        close(normal_quantile(0.9), 1.281_551_565_544_6, 1e-13);
        close(normal_quantile(1e-10), -6.361_340_902_404_056, 1e-11);
        assert_eq!(normal_quantile(0.0), f64::NEG_INFINITY);
        assert_eq!(normal_quantile(1.0), f64::INFINITY);
        assert!(normal_quantile(1.1).is_nan() && normal_quantile(f64::NAN).is_nan());
    }

    #[test]
    fn chi_square_meets_its_critical_values() {
        // Tables at 5 % and 1 %: 1, 9 and 100 degrees of freedom.
        close(chi_square_survival(1.0, 3.841_459), 0.05, 1e-7);
        close(chi_square_survival(9.0, 16.918_978), 0.05, 1e-7);
        close(chi_square_survival(100.0, 135.806_723), 0.01, 1e-7);
    }

    #[test]
    fn gamma_of_integer_shape_is_a_finite_sum() {
        // Q(5, 3) = e^{-3}(1 + 3 + 9/2 + 27/6 + 81/24) = 16.375 e^{-3}
        close(gamma_survival(5.0, 3.0), 16.375 * (-3.0_f64).exp(), 1e-14);
        close(gamma_cdf(1.0, 2.0), 1.0 - (-2.0_f64).exp(), 1e-14);
        close(gamma_cdf(0.5, 0.5), 0.682_689_492_137_086, 1e-13); // P(|Z| < 1)
        assert!(gamma_cdf(-1.0, 1.0).is_nan() && gamma_cdf(1.0, -1.0).is_nan());
    }

    #[test]
    fn poisson_tails_share_the_observed_count() {
        close(poisson_at_least(3.0, 5), 1.0 - 16.375 * (-3.0_f64).exp(), 1e-14);
        close(poisson_at_most(3.0, 0), (-3.0_f64).exp(), 1e-15);
        close(poisson_at_least(0.0, 0), 1.0, 0.0);
        close(poisson_at_most(0.0, 4), 1.0, 0.0);
    }

    #[test]
    fn student_meets_its_table() {
        for (df, value) in
            [(1.0, 12.706_205), (4.0, 2.776_445), (6.0, 2.446_912), (9.0, 2.262_157), (30.0, 2.042_272)]
        {
            close(student_quantile(df, 0.975), value, 1e-6);
        }
        close(student_quantile(4.0, 0.025), -2.776_445, 1e-6);
    }

    #[test]
    fn kolmogorov_meets_its_critical_values() {
        close(kolmogorov_survival(1.358_10), 0.05, 1e-6);
        close(kolmogorov_survival(1.627_62), 0.01, 1e-6);
        close(kolmogorov_survival(0.1), 1.0, 0.0);
    }

    #[test]
    fn beta_of_integer_shapes_is_a_binomial_tail() {
        // P(Bin(5, 0.3) ≥ 2) = 1 − 0.7^5 − 5·0.3·0.7^4
        close(beta_cdf(2.0, 4.0, 0.3), 1.0 - 0.16807 - 0.36015, 1e-13);
    }

    proptest! {
        #[test]
        fn the_gamma_quantile_undoes_its_distribution(shape in 0.3..2_000.0_f64, p in 0.001..0.999_f64) {
            let x = gamma_quantile(shape, p);
            prop_assert!((gamma_cdf(shape, x) - p).abs() < 1e-9, "{} {}", x, gamma_cdf(shape, x));
        }

        #[test]
        fn no_argument_panics(a in proptest::num::f64::ANY, b in proptest::num::f64::NORMAL,
                              x in proptest::num::f64::ANY) {
            let _ = normal_quantile(x);
            let _ = kolmogorov_survival(x);
            let _ = beta_cdf(a.abs().min(1e6), b.abs().min(1e6), x);
            let p = gamma_cdf(a.abs().min(1e6), x);
            prop_assert!(p.is_nan() || (-1e-9..=1.0 + 1e-9).contains(&p), "P({}, {}) = {}", a, x, p);
        }
    }
}
