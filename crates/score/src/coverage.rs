//! Do bands hold what they promise, and are probability transforms uniform?

use crate::bootstrap::Interval;
use crate::error::ScoreError;
use crate::special::{chi_square_survival, kolmogorov_survival, normal_quantile};
use crate::sum::sum;

/// How often a band held the outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Coverage {
    /// Outcomes inside.
    pub inside: u64,
    /// All outcomes.
    pub total: u64,
}

impl Coverage {
    /// Counts one outcome; the ends of a band belong to it.
    pub const fn count(&mut self, inside: bool) {
        self.total += 1;
        if inside {
            self.inside += 1;
        }
    }

    /// Share inside; `None` without outcomes.
    pub fn share(self) -> Option<f64> {
        (self.total > 0).then(|| self.inside as f64 / self.total as f64)
    }

    /// Wilson's score interval for the true coverage (Wilson 1927), at a confidence such as 0.95; `None`
    /// without outcomes or for a confidence outside (0, 1).
    ///
    /// ```text
    /// ( p + z²/2n ± z √( p(1−p)/n + z²/4n² ) ) / (1 + z²/n)
    /// ```
    ///
    /// 81 of 263 at 95 %: 0.2553 to 0.3662. It treats outcomes as independent.
    pub fn interval(self, confidence: f64) -> Option<Interval> {
        let p = self.share()?;
        if !(confidence > 0.0 && confidence < 1.0) {
            return None;
        }
        let n = self.total as f64;
        let z = normal_quantile(0.5 * (1.0 + confidence));
        let centre = p + z * z / (2.0 * n);
        let reach = z * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
        let scale = 1.0 + z * z / n;
        // None inside means the lower end is 0 exactly, all inside that the upper one is 1.
        let lower = if self.inside == 0 { 0.0 } else { (centre - reach) / scale };
        let upper = if self.inside == self.total { 1.0 } else { (centre + reach) / scale };
        Some(Interval { lower, upper })
    }
}

/// Histogram of probability integral transforms and two tests of its flatness.
#[derive(Debug, Clone, PartialEq)]
pub struct Uniformity {
    /// Transforms per bin of equal width. A hump in the middle: bands too wide; a U: too narrow; a slope:
    /// biased.
    pub histogram: Vec<u64>,
    /// Pearson's `Σ (n − N/m)² / (N/m)`, with `m − 1` degrees of freedom.
    pub chi_square: f64,
    /// Chance of a larger one if the transforms are uniform and independent.
    pub chi_square_probability: f64,
    /// Largest distance between the empirical distribution and the uniform one.
    pub kolmogorov: f64,
    /// Chance of a larger one (Kolmogorov's law with Stephens' correction for finite samples).
    pub kolmogorov_probability: f64,
}

impl Uniformity {
    /// Of transforms in `[0, 1]` (see [`crate::WeightedSample::pit`]), in `bins` bins. Both probabilities assume
    /// independent windows.
    ///
    /// Eight transforms, six of them in the first of two bins: chi-square (2² + 2²)/4 = 2, probability 0.157.
    pub fn new(transforms: &[f64], bins: u32) -> Result<Self, ScoreError> {
        if let Some(index) = transforms.iter().position(|u| !(0.0..=1.0).contains(u)) {
            let value = transforms[index];
            return Err(ScoreError::Value { what: "transform", index, value, range: "between 0 and 1" });
        }
        if transforms.is_empty() || bins < 2 {
            return Err(ScoreError::TooLittle { what: "no transform, or less than two bins" });
        }
        let mut histogram = vec![0_u64; usize::try_from(bins).unwrap_or(2)];
        let last = histogram.len() - 1;
        for u in transforms {
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // 0 ≤ u ≤ 1
            let bin = (u * f64::from(bins)) as usize;
            histogram[bin.min(last)] += 1;
        }
        let n = transforms.len() as f64;
        let expected = n / f64::from(bins);
        let chi_square = sum(histogram.iter().map(|count| {
            let difference = *count as f64 - expected;
            difference * difference / expected
        }));
        let mut sorted = transforms.to_vec();
        sorted.sort_by(f64::total_cmp);
        let kolmogorov = sorted.iter().enumerate().fold(0.0_f64, |largest, (index, u)| {
            let (below, above) = (index as f64 / n, (index as f64 + 1.0) / n);
            largest.max(u - below).max(above - u)
        });
        let root = n.sqrt();
        Ok(Self {
            histogram,
            chi_square,
            chi_square_probability: chi_square_survival(f64::from(bins) - 1.0, chi_square),
            kolmogorov,
            kolmogorov_probability: kolmogorov_survival((root + 0.12 + 0.11 / root) * kolmogorov),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;
    use crate::sample::WeightedSample;

    #[test]
    fn wilson_intervals_are_the_published_ones() {
        // Newcombe, Statistics in Medicine 17 (1998), table I, method 3.
        for (inside, total, lower, upper) in [
            (81, 263, 0.2553, 0.3662),
            (15, 148, 0.0624, 0.1605),
            (0, 20, 0.0, 0.1611),
            (1, 29, 0.0061, 0.1718),
        ] {
            let interval = Coverage { inside, total }.interval(0.95).unwrap();
            assert!((interval.lower - lower).abs() < 5.1e-5, "{inside}/{total}: {interval:?}");
            assert!((interval.upper - upper).abs() < 5.1e-5, "{inside}/{total}: {interval:?}");
        }
        assert_eq!(Coverage::default().interval(0.95), None);
        assert_eq!(Coverage { inside: 3, total: 3 }.interval(0.95).unwrap().upper, 1.0);
        let mut coverage = Coverage::default();
        for inside in [true, true, false, true] {
            coverage.count(inside);
        }
        assert_eq!(coverage.share(), Some(0.75));
    }

    #[test]
    fn a_histogram_by_hand() {
        // 6 of 8 in the first of two bins: (2² + 2²)/4 = 2; 1 degree of freedom, P = 0.1573.
        let u = [0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.7, 1.0];
        let test = Uniformity::new(&u, 2).unwrap();
        assert_eq!(test.histogram, [6, 2]);
        assert!((test.chi_square - 2.0).abs() < 1e-12);
        assert!((test.chi_square_probability - 0.157_299_2).abs() < 1e-7);
        // Largest gap right after the sixth: 6/8 − 0.3.
        assert!((test.kolmogorov - 0.45).abs() < 1e-12);
        assert!(Uniformity::new(&[1.1], 10).is_err() && Uniformity::new(&[], 10).is_err());
        assert!(Uniformity::new(&[f64::NAN], 10).is_err() && Uniformity::new(&[0.5], 1).is_err());
    }

    #[test]
    fn an_honest_forecast_is_uniform_and_others_are_not() {
        // Counts with many ties: outcome and draws are Poisson of mean 2; the narrow forecast halves the
        // distance of each draw from 2.
        let mut random = Random::new(6);
        let (mut honest, mut narrow) = (vec![], vec![]);
        for _ in 0..2_000 {
            let draws: Vec<f64> = (0..200).map(|_| f64::from(random.poisson(2.0))).collect();
            let y = f64::from(random.poisson(2.0));
            let v = random.uniform();
            honest.push(WeightedSample::equal(&draws).unwrap().pit(y, v));
            let squeezed: Vec<f64> = draws.iter().map(|x| 2.0 + 0.5 * (x - 2.0)).collect();
            narrow.push(WeightedSample::equal(&squeezed).unwrap().pit(y, v));
        }
        let honest = Uniformity::new(&honest, 10).unwrap();
        assert!(honest.chi_square_probability > 0.01 && honest.kolmogorov_probability > 0.01, "{honest:?}");
        let narrow = Uniformity::new(&narrow, 10).unwrap();
        assert!(narrow.chi_square_probability < 1e-6 && narrow.histogram[0] > 300, "{narrow:?}");
    }

    #[test]
    fn uniform_numbers_fail_as_often_as_the_significance_says() {
        let mut random = Random::new(14);
        let (mut by_bins, mut by_distance) = (0, 0);
        for _ in 0..1_000 {
            let u: Vec<f64> = (0..80).map(|_| random.uniform()).collect();
            let test = Uniformity::new(&u, 10).unwrap();
            by_bins += u32::from(test.chi_square_probability < 0.05);
            by_distance += u32::from(test.kolmogorov_probability < 0.05);
        }
        // 50 ± 7 each.
        assert!(by_bins.abs_diff(50) < 25 && by_distance.abs_diff(50) < 25, "{by_bins} {by_distance}");
    }
}
