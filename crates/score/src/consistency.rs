//! Does what happened look like a draw from the forecast? The N-, L- and S-tests of earthquake forecasting
//! (Schorlemmer and others 2007; Zechar, Gerstenberger and Rhoades 2010; Werner and others 2011).
//!
//! Unlike a gain, which compares two forecasts, these test one forecast against the data: its total, the
//! joint likelihood of its cells, and its spread over places. A small probability rejects it. With thousands
//! of events even a good forecast fails the Poisson number test, because liquidations come in bursts;
//! [`dispersed_number_test`] allows for that.

use std::collections::BTreeMap;

use crate::error::{ScoreError, all_amounts, same_length};
use crate::random::Random;
use crate::special::{beta_cdf, poisson_at_least, poisson_at_most};
use crate::sum::{Sum, sum};

/// Probabilities of the observed total under the forecast.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NumberTest {
    /// Expected events.
    pub expected: f64,
    /// Observed events.
    pub observed: u64,
    /// δ₁ = P(N ≥ observed): small if the forecast promised too few.
    pub at_least: f64,
    /// δ₂ = P(N ≤ observed): small if the forecast promised too many.
    pub at_most: f64,
}

impl NumberTest {
    /// Whether the total is consistent with the forecast at a two-sided significance such as 0.05.
    pub fn passes(self, significance: f64) -> bool {
        self.at_least.min(self.at_most) >= 0.5 * significance
    }
}

/// N-test with a Poisson total. Expected 3, observed 5: P(N ≥ 5) = 0.1847, P(N ≤ 5) = 0.9161.
pub fn number_test(expected: f64, observed: u64) -> Result<NumberTest, ScoreError> {
    all_amounts("expected total", &[expected])?;
    let at_least = poisson_at_least(expected, observed);
    Ok(NumberTest { expected, observed, at_least, at_most: poisson_at_most(expected, observed) })
}

/// N-test with a negative binomial total of the given variance (Kagan 2010), for events that come in
/// bursts; the variance is that of past totals of the same length. A variance not above the mean is the
/// Poisson case. Mean 2, variance 4: P(N = 0) = ¼.
pub fn dispersed_number_test(expected: f64, variance: f64, observed: u64) -> Result<NumberTest, ScoreError> {
    all_amounts("expected total or its variance", &[expected, variance])?;
    // Within a millionth of Poisson the shape parameter only loses digits.
    if expected == 0.0 || variance <= expected * (1.0 + 1e-6) {
        return number_test(expected, observed);
    }
    let shape = expected * expected / (variance - expected);
    let stop = expected / variance;
    let at_least = if observed == 0 { 1.0 } else { beta_cdf(observed as f64, shape, 1.0 - stop) };
    let at_most = beta_cdf(shape, observed as f64 + 1.0, stop);
    Ok(NumberTest { expected, observed, at_least, at_most })
}

/// The observed likelihood among those of simulated catalogues.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LikelihoodTest {
    /// Joint Poisson log-likelihood of what happened, `Σ n ln λ − λ − ln n!`.
    pub observed: f64,
    /// Mean of the simulated ones.
    pub simulated_mean: f64,
    /// Share of the simulated catalogues no more likely than the observed one: small if the events fell
    /// where the forecast had not expected them. Large is no fault.
    pub quantile: f64,
    /// Number of simulated catalogues.
    pub simulations: u32,
}

impl LikelihoodTest {
    /// Whether the forecast survives at a one-sided significance such as 0.05.
    pub fn passes(self, significance: f64) -> bool {
        self.quantile >= significance
    }
}

/// Conditional L-test: catalogues of as many events as observed are drawn from the forecast's cells, so the
/// verdict does not depend on the total (that is the N-test's). Rates 3 and 1, both of two events in the
/// second cell: the least likely of the three possible catalogues, quantile 1/16.
pub fn conditional_likelihood_test(
    prints: &[u32],
    rates: &[f64],
    simulations: u32,
    seed: u64,
) -> Result<LikelihoodTest, ScoreError> {
    same_length("rates", prints.len(), rates.len())?;
    all_amounts("rate", rates)?;
    for (index, (n, rate)) in prints.iter().zip(rates).enumerate() {
        if *n > 0 && *rate == 0.0 {
            return Err(ScoreError::RuledOut { what: "the rate", index, count: f64::from(*n) });
        }
    }
    let events: u64 = prints.iter().map(|n| u64::from(*n)).sum();
    if events == 0 || simulations == 0 {
        return Err(ScoreError::TooLittle { what: "no event, or no simulated catalogue" });
    }
    let logs: Vec<f64> = rates.iter().map(|rate| libm::log(*rate)).collect();
    let expected = sum(rates.iter().copied());
    let of_events = prints
        .iter()
        .zip(&logs)
        .filter(|(n, _)| **n > 0)
        .map(|(n, log)| f64::from(*n) * log - libm::lgamma(f64::from(*n) + 1.0));
    let observed = sum(of_events) - expected;

    let cumulated: Vec<f64> = rates
        .iter()
        .scan(Sum::default(), |running, rate| {
            running.add(*rate);
            Some(running.value())
        })
        .collect();
    let total = cumulated.last().copied().unwrap_or(0.0);
    let last = rates.iter().rposition(|rate| *rate > 0.0).unwrap_or(0);
    let mut random = Random::new(seed);
    let mut drawn = vec![0_u32; rates.len()];
    let mut touched = Vec::new();
    let (mut no_more_likely, mut simulated) = (0_u32, Sum::default());
    for _ in 0..simulations {
        let mut likelihood = Sum::default();
        for _ in 0..events {
            let target = random.uniform() * total;
            let cell = cumulated.partition_point(|mass| *mass <= target).min(last);
            drawn[cell] += 1;
            touched.push(cell);
            // ln λ for the event, and − ln n! built up one factor at a time.
            likelihood.add(logs[cell] - libm::log(f64::from(drawn[cell])));
        }
        let value = likelihood.value() - expected;
        simulated.add(value);
        // Equal catalogues may differ in the last bit by the order of their events.
        no_more_likely += u32::from(value <= observed + 1e-9 * (1.0 + observed.abs()));
        touched.drain(..).for_each(|cell| drawn[cell] = 0);
    }
    let count = f64::from(simulations);
    Ok(LikelihoodTest {
        observed,
        simulated_mean: simulated.value() / count,
        quantile: f64::from(no_more_likely) / count,
        simulations,
    })
}

/// S-test: the same on places instead of cells, all windows together. `places` gives each cell its place –
/// usually the signed offset from the price at issue – and the rates are scaled to the observed total.
pub fn spatial_test(
    places: &[i64],
    prints: &[u32],
    rates: &[f64],
    simulations: u32,
    seed: u64,
) -> Result<LikelihoodTest, ScoreError> {
    same_length("places", prints.len(), places.len())?;
    same_length("rates", prints.len(), rates.len())?;
    all_amounts("rate", rates)?;
    let mut by_place: BTreeMap<i64, (u32, Sum)> = BTreeMap::new();
    for (place, (n, rate)) in places.iter().zip(prints.iter().zip(rates)) {
        let entry = by_place.entry(*place).or_default();
        entry.0 = entry.0.saturating_add(*n);
        entry.1.add(*rate);
    }
    let events = sum(by_place.values().map(|(n, _)| f64::from(*n)));
    let expected = sum(by_place.values().map(|(_, rate)| rate.value()));
    if expected <= 0.0 {
        return Err(ScoreError::TooLittle { what: "the forecast expects nothing anywhere" });
    }
    let prints: Vec<u32> = by_place.values().map(|(n, _)| *n).collect();
    let rates: Vec<f64> = by_place.values().map(|(_, rate)| rate.value() * events / expected).collect();
    conditional_likelihood_test(&prints, &rates, simulations, seed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_by_hand() {
        let test = number_test(3.0, 5).unwrap();
        let e = (-3.0_f64).exp();
        assert!((test.at_least - (1.0 - 16.375 * e)).abs() < 1e-13);
        assert!((test.at_most - 18.4 * e).abs() < 1e-13); // 16.375 + 3⁵/120
        assert!(test.passes(0.05) && !number_test(3.0, 12).unwrap().passes(0.05));
        assert!(!number_test(10.0, 2).unwrap().passes(0.05));
        assert!(number_test(f64::NAN, 1).is_err());
    }

    #[test]
    fn bursts_are_a_geometric_law_in_the_simplest_case() {
        // Mean 2, variance 6: shape 1, so P(N ≥ n) = (2/3)ⁿ.
        for n in 0..6_u64 {
            let test = dispersed_number_test(2.0, 6.0, n).unwrap();
            let tail = (2.0_f64 / 3.0).powi(i32::try_from(n).unwrap());
            assert!((test.at_least - tail).abs() < 1e-12, "{n}: {}", test.at_least);
            assert!((test.at_most - (1.0 - tail * 2.0 / 3.0)).abs() < 1e-12);
        }
        assert!((dispersed_number_test(2.0, 4.0, 0).unwrap().at_most - 0.25).abs() < 1e-12);
        assert_eq!(dispersed_number_test(3.0, 3.0, 5), number_test(3.0, 5));
        let (near, poisson) = (dispersed_number_test(30.0, 30.001, 41), number_test(30.0, 41));
        assert!((near.unwrap().at_least - poisson.unwrap().at_least).abs() < 1e-4);
    }

    #[test]
    fn two_events_in_two_cells_by_hand() {
        // Rates 3 and 1, both events in the second: probability 1/16, the least likely catalogue of
        // {2,0}: 9/16, {1,1}: 6/16, {0,2}: 1/16. Given two events the order of likelihood is the same.
        let test = conditional_likelihood_test(&[0, 2], &[3.0, 1.0], 20_000, 5).unwrap();
        assert!((test.quantile - 1.0 / 16.0).abs() < 0.006, "{}", test.quantile);
        assert!((test.observed - (0.0 - 4.0 - 2.0_f64.ln())).abs() < 1e-12);
        let test = conditional_likelihood_test(&[1, 1], &[3.0, 1.0], 20_000, 5).unwrap();
        assert!((test.quantile - 7.0 / 16.0).abs() < 0.012, "{}", test.quantile);
        let test = conditional_likelihood_test(&[2, 0], &[3.0, 1.0], 20_000, 5).unwrap();
        assert_eq!(test.quantile, 1.0);
        assert!(test.passes(0.05));
    }

    #[test]
    fn the_true_forecast_is_rejected_as_often_as_the_significance_says() {
        let mut random = Random::new(21);
        let rates: Vec<f64> = (0..60).map(|k| 3.0 * (-0.08 * f64::from(k)).exp()).collect();
        let (mut rejected, mut swapped) = (0, 0);
        for seed in 0..300 {
            let prints: Vec<u32> = rates.iter().map(|rate| random.poisson(*rate)).collect();
            let test = conditional_likelihood_test(&prints, &rates, 400, seed).unwrap();
            rejected += u32::from(!test.passes(0.05));
            let reversed: Vec<f64> = rates.iter().rev().copied().collect();
            let test = conditional_likelihood_test(&prints, &reversed, 100, seed).unwrap();
            swapped += u32::from(!test.passes(0.05));
        }
        // 15 ± 3.8 of 300.
        assert!((4..=30).contains(&rejected), "{rejected}");
        assert_eq!(swapped, 300);
    }

    #[test]
    fn the_spatial_test_ignores_when_but_not_where() {
        // Window 1 expects everything, window 2 nothing much; the events come the other way round.
        let (places, rates) = ([-1, 1, -1, 1], [6.0, 2.0, 0.06, 0.02]);
        let prints = [0, 0, 6, 2];
        let by_place = spatial_test(&places, &prints, &rates, 2_000, 3).unwrap();
        assert!(by_place.passes(0.05) && by_place.quantile > 0.5, "{by_place:?}");
        assert!(!conditional_likelihood_test(&prints, &rates, 2_000, 3).unwrap().passes(0.05));
        let elsewhere = spatial_test(&places, &[0, 0, 0, 8], &rates, 2_000, 3).unwrap();
        assert!(!elsewhere.passes(0.05), "{elsewhere:?}");
        // The scale of the forecast does not matter to where.
        let scaled = spatial_test(&places, &prints, &rates.map(|rate| 50.0 * rate), 2_000, 3).unwrap();
        assert_eq!(scaled.quantile, by_place.quantile);
        assert!((scaled.observed - by_place.observed).abs() < 1e-9);
        // Rates 6 and 2 after scaling, as many seen: ln(6⁶/6!) + ln(2²/2!) − 8.
        assert!((by_place.observed - (64.8_f64.ln() + 2.0_f64.ln() - 8.0)).abs() < 1e-9);
    }

    #[test]
    fn impossible_tests_are_refused() {
        assert!(conditional_likelihood_test(&[0], &[1.0], 10, 1).is_err());
        assert!(matches!(
            conditional_likelihood_test(&[1, 1], &[1.0, 0.0], 10, 1),
            Err(ScoreError::RuledOut { index: 1, .. })
        ));
        assert!(spatial_test(&[0], &[1], &[0.0], 10, 1).is_err());
        assert!(spatial_test(&[0, 1], &[1], &[1.0], 10, 1).is_err());
    }
}
