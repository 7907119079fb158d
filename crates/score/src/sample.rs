//! A forecast given as a sample: quantiles, distribution function, and the scores of the whole law.
//!
//! Every figure is that of the empirical law of the draws, each with its weight: no smoothing, no
//! assumption about the shape.

use crate::error::{ScoreError, all_amounts, all_finite, same_length};
use crate::sum::{Sum, sum};

/// Draws of one quantity, sorted, with weights that add up to 1.
#[derive(Debug, Clone, PartialEq)]
pub struct WeightedSample {
    values: Vec<f64>,
    weights: Vec<f64>,
    /// Weight of the draws up to and including each one; the last is exactly 1.
    cumulated: Vec<f64>,
}

impl WeightedSample {
    /// From draws in any order and their weights in any unit. At least one weight must be positive;
    /// draws of weight 0 are dropped.
    pub fn new(values: &[f64], weights: &[f64]) -> Result<Self, ScoreError> {
        same_length("weights", values.len(), weights.len())?;
        all_finite("draw", values)?;
        all_amounts("weight", weights)?;
        let total = sum(weights.iter().copied());
        if !(total > 0.0 && total.is_finite()) {
            return Err(ScoreError::TooLittle {
                what: "no draw has a positive weight (or their sum overflows)",
            });
        }
        let mut draws: Vec<(f64, f64)> = values
            .iter()
            .zip(weights)
            .filter(|(_, weight)| **weight > 0.0)
            .map(|(value, weight)| (*value, weight / total))
            .collect();
        draws.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut running = Sum::default();
        let mut cumulated: Vec<f64> = draws
            .iter()
            .map(|(_, weight)| {
                running.add(*weight);
                running.value().min(1.0)
            })
            .collect();
        if let Some(last) = cumulated.last_mut() {
            *last = 1.0;
        }
        let (values, weights) = draws.into_iter().unzip();
        Ok(Self { values, weights, cumulated })
    }

    /// From draws that all count the same.
    pub fn equal(values: &[f64]) -> Result<Self, ScoreError> {
        Self::new(values, &vec![1.0; values.len()])
    }

    /// The smallest draw `x` with `P(X ≤ x) ≥ p`; `p` is clamped to `[0, 1]`.
    ///
    /// ```
    /// # use liqlens_score::WeightedSample;
    /// let sample = WeightedSample::new(&[30.0, 10.0, 20.0], &[1.0, 1.0, 2.0]).unwrap();
    /// assert_eq!(sample.quantile(0.25), 10.0);
    /// assert_eq!(sample.quantile(0.26), 20.0);
    /// assert_eq!(sample.quantile(0.80), 30.0);
    /// ```
    pub fn quantile(&self, p: f64) -> f64 {
        // Weights like 1/256 do not add up to k/256 in the last bit: a hair below still counts.
        let at = self.cumulated.partition_point(|weight| *weight < p - 1e-12);
        self.values[at.min(self.values.len() - 1)]
    }

    /// `P(X ≤ x)`.
    pub fn cdf(&self, x: f64) -> f64 {
        self.before(self.values.partition_point(|value| *value <= x))
    }

    /// `P(X < x)`.
    pub fn cdf_below(&self, x: f64) -> f64 {
        self.before(self.values.partition_point(|value| *value < x))
    }

    fn before(&self, count: usize) -> f64 {
        count.checked_sub(1).map_or(0.0, |last| self.cumulated[last])
    }

    /// Weighted mean.
    pub fn mean(&self) -> f64 {
        sum(self.values.iter().zip(&self.weights).map(|(value, weight)| value * weight))
    }

    /// Kish's effective sample size `(Σw)² / Σw²`: how many equal draws carry as much information.
    pub fn effective_size(&self) -> f64 {
        1.0 / sum(self.weights.iter().map(|weight| weight * weight))
    }

    /// Share of the weight with the given sign property, for "how many draws keep the sign".
    pub fn share_where(&self, mut holds: impl FnMut(f64) -> bool) -> f64 {
        sum(self.values.iter().zip(&self.weights).filter(|(value, _)| holds(**value)).map(|(_, w)| *w))
    }

    /// Continuous ranked probability score of the outcome `y`, in the unit of the draws; smaller is better,
    /// and for a single draw it is the absolute error.
    ///
    /// `∫ (F(x) − 1{x ≥ y})² dx` of the empirical `F` (Gneiting and Raftery 2007, section 4.2), which equals
    /// `E|X − y| − ½E|X − X′|`. Two draws 0 and 1, outcome 0: ½ − ½·½ = 0.25.
    pub fn crps(&self, y: f64) -> f64 {
        let mut total = Sum::default();
        let mut left = f64::NAN;
        let mut below = 0.0;
        let mut piece = |from: f64, to: f64, cdf: f64| {
            // The indicator switches from 0 to 1 at y, so a piece that contains y is two pieces.
            let split = y.clamp(from, to);
            total.add((split - from) * cdf * cdf);
            total.add((to - split) * (1.0 - cdf) * (1.0 - cdf));
        };
        for (value, cumulated) in self.values.iter().zip(&self.cumulated) {
            if left.is_nan() {
                piece(y.min(*value), *value, 0.0);
            } else {
                piece(left, *value, below);
            }
            (left, below) = (*value, *cumulated);
        }
        piece(left, y.max(left), 1.0);
        total.value()
    }

    /// Probability integral transform of the outcome, randomised over ties: `P(X < y) + v·P(X = y)` with
    /// `v` uniform in `[0, 1)`. Uniform if and only if the forecast is right.
    pub fn pit(&self, y: f64, v: f64) -> f64 {
        let below = self.cdf_below(y);
        below + v.clamp(0.0, 1.0) * (self.cdf(y) - below)
    }
}

/// The `p`-quantile of sorted numbers with linear interpolation between order statistics (Hyndman and Fan's
/// type 7, the default of most statistical software); `None` without numbers or with `p` outside `[0, 1]`.
///
/// 1, 2, 3, 4 at 0.4: position 0.4·3 = 1.2, hence 2.2.
pub fn interpolated_quantile(sorted: &[f64], p: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    if !(0.0..=1.0).contains(&p) {
        return None;
    }
    let position = p * last as f64;
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // 0 ≤ position ≤ last
    let below = (libm::floor(position) as usize).min(last);
    let above = (below + 1).min(last);
    let share = position - below as f64;
    // Not `a + share·(b − a)` alone: with share 0 an infinite neighbour must not leak in.
    Some(if share == 0.0 { sorted[below] } else { (1.0 - share) * sorted[below] + share * sorted[above] })
}

/// Pinball loss of the forecast `quantile` for `level` when `y` happens: `(y − q)·level` above it,
/// `(q − y)·(1 − level)` below. Its mean is smallest at the true quantile.
///
/// Level 0.9, quantile 10: outcome 12 costs 1.8, outcome 8 costs 0.2.
pub fn pinball(level: f64, quantile: f64, y: f64) -> f64 {
    if y >= quantile { (y - quantile) * level } else { (quantile - y) * (1.0 - level) }
}

/// Interval score of a central band that promises `nominal` coverage: its width, plus `2/(1 − nominal)`
/// times the distance by which it missed (Winkler 1972). 80 %, band [2, 6], outcome 7: 4 + 10·1 = 14.
pub fn interval_score(nominal: f64, lower: f64, upper: f64, y: f64) -> f64 {
    let missed = (lower - y).max(0.0) + (y - upper).max(0.0);
    (upper - lower) + 2.0 / (1.0 - nominal) * missed
}

/// CRPS of a forecast given as quantiles: twice the integral of the pinball loss over the levels, each
/// level standing for the stretch nearer to it than to its neighbours.
///
/// `levels` must rise strictly inside (0, 1).
pub fn crps_of_quantiles(levels: &[f64], quantiles: &[f64], y: f64) -> Result<f64, ScoreError> {
    same_length("quantiles", levels.len(), quantiles.len())?;
    all_finite("quantile", quantiles)?;
    if levels.is_empty() {
        return Err(ScoreError::TooLittle { what: "no quantile" });
    }
    let mut total = Sum::default();
    let mut from = 0.0;
    for (index, (level, quantile)) in levels.iter().zip(quantiles).enumerate() {
        let previous = index.checked_sub(1).map_or(0.0, |before| levels[before]);
        if !(*level > previous && *level < 1.0) {
            let range = "above the level before it and below 1";
            return Err(ScoreError::Value { what: "level", index, value: *level, range });
        }
        let to = levels.get(index + 1).map_or(1.0, |next| 0.5 * (level + next));
        total.add(2.0 * (to - from) * pinball(*level, *quantile, y));
        from = to;
    }
    Ok(total.value())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::special::{normal_cdf, normal_pdf, normal_quantile};

    /// The other form of the score, term by term.
    fn crps_by_pairs(values: &[f64], weights: &[f64], y: f64) -> f64 {
        let total: f64 = weights.iter().sum();
        let (mut spread, mut error) = (0.0, 0.0);
        for (a, v) in values.iter().zip(weights) {
            error += v * (a - y).abs() / total;
            for (b, w) in values.iter().zip(weights) {
                spread += v * w * (a - b).abs() / (total * total);
            }
        }
        error - 0.5 * spread
    }

    #[test]
    fn crps_of_a_normal_forecast_meets_the_closed_form() {
        let levels: Vec<f64> = (0..2_000).map(|k| (f64::from(k) + 0.5) / 2_000.0).collect();
        let draws: Vec<f64> = levels.iter().map(|p| 3.0 + 2.0 * normal_quantile(*p)).collect();
        let sample = WeightedSample::equal(&draws).unwrap();
        for y in [3.0, 4.5, -2.0, 9.0] {
            // Gneiting and Raftery 2007, equation (21); at the centre 2·(√2 − 1)/√π = 0.4674.
            let z = (y - 3.0) / 2.0;
            let exact = 2.0
                * (z * (2.0 * normal_cdf(z) - 1.0) + 2.0 * normal_pdf(z)
                    - 1.0 / core::f64::consts::PI.sqrt());
            assert!((sample.crps(y) - exact).abs() < 2e-3, "{y}: {} {exact}", sample.crps(y));
            let by_quantiles = crps_of_quantiles(&levels, &draws, y).unwrap();
            assert!((by_quantiles - exact).abs() < 2e-3, "{y}: {by_quantiles} {exact}");
        }
        assert!((sample.crps(3.0) - 0.467_390).abs() < 1e-3);
    }

    #[test]
    fn hand_numbers() {
        let two = WeightedSample::equal(&[0.0, 1.0]).unwrap();
        assert!((two.crps(0.0) - 0.25).abs() < 1e-15);
        assert!((two.crps(3.0) - (2.5 - 0.25)).abs() < 1e-15);
        assert!(
            (pinball(0.9, 10.0, 12.0) - 1.8).abs() < 1e-12 && (pinball(0.9, 10.0, 8.0) - 0.2).abs() < 1e-12
        );
        assert!((interval_score(0.8, 2.0, 6.0, 7.0) - 14.0).abs() < 1e-12);
        assert_eq!(interval_score(0.8, 2.0, 6.0, 5.0), 4.0);
        assert_eq!(interpolated_quantile(&[1.0, 2.0, 3.0, 4.0], 0.4), Some(2.2));
        assert_eq!(interpolated_quantile(&[1.0, 2.0, 3.0, 4.0], 1.0), Some(4.0));
        assert_eq!(interpolated_quantile(&[], 0.5), None);
        assert_eq!(interpolated_quantile(&[1.0], f64::NAN), None);
        // (1 + 1 + 2)² / (1 + 1 + 4) = 16/6
        let sample = WeightedSample::new(&[1.0, 2.0, 3.0], &[1.0, 1.0, 2.0]).unwrap();
        assert!((sample.effective_size() - 16.0 / 6.0).abs() < 1e-12);
        assert!((sample.mean() - 2.25).abs() < 1e-12);
        assert_eq!(sample.share_where(|x| x > 1.5), 0.75);
        // PIT of a tie: a quarter lies below 2, a quarter on it.
        assert_eq!(sample.pit(2.0, 0.0), 0.25);
        assert_eq!(sample.pit(2.0, 0.5), 0.375);
        assert_eq!((sample.pit(0.0, 0.9), sample.pit(9.0, 0.1)), (0.0, 1.0));
    }

    #[test]
    fn bad_samples_are_refused() {
        assert!(matches!(WeightedSample::equal(&[]), Err(ScoreError::TooLittle { .. })));
        assert!(matches!(WeightedSample::new(&[1.0], &[0.0]), Err(ScoreError::TooLittle { .. })));
        assert!(matches!(WeightedSample::new(&[1.0], &[]), Err(ScoreError::Length { .. })));
        assert!(matches!(WeightedSample::equal(&[f64::NAN]), Err(ScoreError::Value { index: 0, .. })));
        assert!(matches!(
            WeightedSample::new(&[1.0, 2.0], &[1.0, -1.0]),
            Err(ScoreError::Value { index: 1, .. })
        ));
        assert!(crps_of_quantiles(&[0.5, 0.5], &[1.0, 2.0], 1.0).is_err());
        assert!(crps_of_quantiles(&[], &[], 1.0).is_err());
    }

    proptest! {
        #[test]
        fn crps_equals_its_form_by_pairs(
            draws in prop::collection::vec((-20_i32..20, 0_u32..5), 1..30), y in -25.0..25.0_f64,
        ) {
            let values: Vec<f64> = draws.iter().map(|d| f64::from(d.0)).collect();
            let weights: Vec<f64> = draws.iter().map(|d| f64::from(d.1)).collect();
            prop_assume!(weights.iter().any(|w| *w > 0.0));
            let sample = WeightedSample::new(&values, &weights).unwrap();
            prop_assert!((sample.crps(y) - crps_by_pairs(&values, &weights, y)).abs() < 1e-9);
        }

        #[test]
        fn a_quantile_holds_what_its_definition_says(
            draws in prop::collection::vec((-20_i32..20, 1_u32..5), 1..30), p in 0.0..1.0_f64,
        ) {
            let values: Vec<f64> = draws.iter().map(|d| f64::from(d.0)).collect();
            let weights: Vec<f64> = draws.iter().map(|d| f64::from(d.1)).collect();
            let total: u32 = draws.iter().map(|d| d.1).sum();
            let share = |holds: &dyn Fn(f64) -> bool| {
                let part: u32 = draws.iter().filter(|d| holds(f64::from(d.0))).map(|d| d.1).sum();
                f64::from(part) / f64::from(total)
            };
            let sample = WeightedSample::new(&values, &weights).unwrap();
            let q = sample.quantile(p);
            prop_assert!(share(&|x| x <= q) >= p - 1e-9);
            prop_assert!(share(&|x| x < q) < p + 1e-9);
            prop_assert!((sample.cdf(q) - share(&|x| x <= q)).abs() < 1e-12);
        }

        #[test]
        fn the_true_quantile_has_the_least_pinball_loss(level in 0.05..0.95_f64, other in -3.0..3.0_f64) {
            let loss = |q: f64| -> f64 {
                (0..2_000).map(|k| pinball(level, q, normal_quantile((f64::from(k) + 0.5) / 2_000.0))).sum()
            };
            prop_assert!(loss(normal_quantile(level)) <= loss(other) + 1e-6 * 2_000.0);
        }
    }
}
