//! Information gain: how much better one forecast of a point process is than another.
//!
//! For expected counts `λ_A` and `λ_B` of the same cells and `n` events in them, the difference of the two
//! Poisson log-likelihoods per event is
//!
//! ```text
//! IG = [ Σ n·ln(λ_A/λ_B) − Σ (λ_A − λ_B) ] / Σ n        nats per event
//! ```
//!
//! (Vere-Jones 1998; Rhoades and others 2011). `exp(IG)` is the factor by which A gave each event more
//! probability. The second sum makes the score proper: a forecast cannot win by promising more everywhere.
//! Two cells, A (3, 1), B (2, 2), three events in the first and one in the second:
//! (3·ln 1.5 + ln 0.5 − 0)/4 = 0.1308.

use core::ops::{Add, AddAssign};

use liqlens_market::Timestamp;

use crate::bootstrap::Term;
use crate::cells::{Catalogue, Window};
use crate::error::{ScoreError, all_amounts, same_length};
use crate::sum::Sum;

/// The three sums of an information gain, which add over windows, days and markets.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Gain {
    /// `Σ n·ln(λ_A/λ_B)`, nats.
    pub log_ratio: f64,
    /// `Σ (λ_A − λ_B)`, expected events.
    pub rate_excess: f64,
    /// `Σ n`, events.
    pub events: f64,
}

impl Gain {
    /// Difference of the log-likelihoods, nats.
    pub fn total(self) -> f64 {
        self.log_ratio - self.rate_excess
    }

    /// Nats per event; `None` without events.
    pub fn per_event(self) -> Option<f64> {
        (self.events > 0.0).then(|| self.total() / self.events)
    }
}

impl Add for Gain {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self {
            log_ratio: self.log_ratio + other.log_ratio,
            rate_excess: self.rate_excess + other.rate_excess,
            events: self.events + other.events,
        }
    }
}

impl AddAssign for Gain {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

/// Gain of `model` over `reference`, both expected counts per cell, for `counts` events per cell (prints,
/// or contracts in units of the mean print). A forecast of 0 where something happened is an error: no gain
/// is finite then, and leaving the cell out would reward it.
pub fn information_gain(counts: &[f64], model: &[f64], reference: &[f64]) -> Result<Gain, ScoreError> {
    same_length("model rates", counts.len(), model.len())?;
    same_length("reference rates", counts.len(), reference.len())?;
    all_amounts("count", counts)?;
    all_amounts("model rate", model)?;
    all_amounts("reference rate", reference)?;
    gain_of(0, counts, model, reference)
}

/// As [`information_gain`] on checked columns whose first cell has number `first`.
fn gain_of(first: usize, counts: &[f64], model: &[f64], reference: &[f64]) -> Result<Gain, ScoreError> {
    let (mut log_ratio, mut rate_excess, mut events) = (Sum::default(), Sum::default(), Sum::default());
    for (place, ((n, a), b)) in counts.iter().zip(model).zip(reference).enumerate() {
        rate_excess.add(a - b);
        if *n > 0.0 {
            for (what, rate) in [("the model's rate", a), ("the reference's rate", b)] {
                if *rate <= 0.0 {
                    return Err(ScoreError::RuledOut { what, index: first + place, count: *n });
                }
            }
            log_ratio.add(n * (libm::log(*a) - libm::log(*b)));
            events.add(*n);
        }
    }
    Ok(Gain { log_ratio: log_ratio.value(), rate_excess: rate_excess.value(), events: events.value() })
}

/// The gain of one window of a catalogue.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WindowGain {
    /// When the forecast was issued.
    pub from: Timestamp,
    /// End of the window.
    pub until: Timestamp,
    /// Its sums.
    pub gain: Gain,
}

impl WindowGain {
    /// The window as a term of a block bootstrap: its mean ratio is the gain per event.
    pub fn term(&self) -> Term {
        Term {
            from: self.from,
            until: self.until,
            numerator: self.gain.total(),
            denominator: self.gain.events,
        }
    }
}

/// The gain window by window, for block bootstraps and sums over months. `counts` is usually
/// [`Catalogue::print_counts`] or [`Catalogue::contract_counts`].
pub fn gain_by_window(
    catalogue: &Catalogue,
    counts: &[f64],
    model: &[f64],
    reference: &[f64],
) -> Result<Vec<WindowGain>, ScoreError> {
    same_length("counts", catalogue.cells().len(), counts.len())?;
    gain_of_windows(catalogue.windows(), counts, model, reference)
}

/// As [`gain_by_window`] for windows whose cells are kept elsewhere: window `k` owns the rows
/// `first..first + count` of the columns.
pub fn gain_of_windows(
    windows: &[Window],
    counts: &[f64],
    model: &[f64],
    reference: &[f64],
) -> Result<Vec<WindowGain>, ScoreError> {
    information_gain(counts, model, reference)?;
    windows
        .iter()
        .map(|window| {
            let at = window.first..window.first.saturating_add(window.count);
            let (Some(n), Some(a), Some(b)) =
                (counts.get(at.clone()), model.get(at.clone()), reference.get(at.clone()))
            else {
                return Err(ScoreError::Length { what: "cells", expected: at.end, found: counts.len() });
            };
            let gain = gain_of(window.first, n, a, b)?;
            Ok(WindowGain { from: window.from, until: window.until, gain })
        })
        .collect()
}

/// The gain per event, event by event: `ln(λ_A/λ_B) − Σ(λ_A − λ_B)/N` for each of the `N` events, cell by
/// cell. Their mean is the information gain; their signs and ranks are what [`crate::signed_rank_test`] looks
/// at.
pub fn event_gains(prints: &[u32], model: &[f64], reference: &[f64]) -> Result<Vec<f64>, ScoreError> {
    let counts: Vec<f64> = prints.iter().map(|n| f64::from(*n)).collect();
    let gain = information_gain(&counts, model, reference)?;
    if gain.events == 0.0 {
        return Ok(Vec::new());
    }
    let offset = gain.rate_excess / gain.events;
    Ok(prints
        .iter()
        .zip(model.iter().zip(reference))
        .filter(|(n, _)| **n > 0)
        .flat_map(|(n, (a, b))| {
            let value = libm::log(*a) - libm::log(*b) - offset;
            core::iter::repeat_n(value, usize::try_from(*n).unwrap_or(0))
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use liqlens_market::Side;
    use proptest::prelude::*;

    use super::*;
    use crate::cells::{Path, Print};
    use crate::random::Random;

    #[test]
    fn two_cells_by_hand() {
        let gain = information_gain(&[3.0, 1.0], &[3.0, 1.0], &[2.0, 2.0]).unwrap();
        // (3·0.4054651 − 0.6931472) / 4
        assert!((gain.per_event().unwrap() - 0.130_812_04).abs() < 1e-7);
        // Twice the rate everywhere: 4 ln 2 − 4 = −1.2274 nats in all.
        let gain = information_gain(&[3.0, 1.0], &[4.0, 4.0], &[2.0, 2.0]).unwrap();
        assert!((gain.total() - (4.0 * core::f64::consts::LN_2 - 4.0)).abs() < 1e-12);
        let none = information_gain(&[0.0], &[1.0], &[2.0]).unwrap();
        assert_eq!((none.per_event(), none.total()), (None, 1.0));
    }

    #[test]
    fn a_forecast_that_rules_out_what_happened_is_an_error() {
        let error = information_gain(&[0.0, 2.0], &[0.0, 0.0], &[1.0, 1.0]).unwrap_err();
        assert_eq!(error, ScoreError::RuledOut { what: "the model's rate", index: 1, count: 2.0 });
        assert!(information_gain(&[0.0, 1.0], &[0.0, 1.0], &[1.0, 1.0]).is_ok());
        assert!(information_gain(&[1.0], &[1.0], &[0.0]).is_err());
        assert!(information_gain(&[1.0], &[f64::NAN], &[1.0]).is_err());
        assert!(information_gain(&[1.0], &[1.0, 1.0], &[1.0]).is_err());
    }

    #[test]
    fn event_gains_average_to_the_gain() {
        let (prints, a, b) = ([3, 0, 1], [3.0, 0.5, 1.0], [2.0, 1.5, 2.0]);
        let events = event_gains(&prints, &a, &b).unwrap();
        let gain = information_gain(&[3.0, 0.0, 1.0], &a, &b).unwrap();
        assert_eq!(events.len(), 4);
        assert!((events.iter().sum::<f64>() / 4.0 - gain.per_event().unwrap()).abs() < 1e-12);
        assert_eq!(event_gains(&[0], &[1.0], &[1.0]).unwrap(), Vec::<f64>::new());
    }

    /// A catalogue of random paths with prints drawn from `truth(side, offset)` per full bin.
    fn world(seed: u64, windows: i64, truth: impl Fn(Side, u32) -> f64) -> Catalogue {
        let mut random = Random::new(seed);
        let mut catalogue = Catalogue::new();
        for index in 0..windows {
            let open = 1_000.0 + 50.0 * random.uniform();
            let path = Path { open, low: open - 8.0 * random.uniform(), high: open + 8.0 * random.uniform() };
            let mut empty = Catalogue::new();
            let window = (Timestamp::from_nanos(index * 300), Timestamp::from_nanos(index * 300 + 300));
            empty.push(window, path, &[]).unwrap();
            let mut prints = Vec::new();
            for cell in empty.cells() {
                let n = random.poisson(truth(cell.side, cell.offset) * cell.fraction);
                prints.extend((0..n).map(|_| Print { side: cell.side, bin: cell.bin, contracts: 1.0 }));
            }
            catalogue.push(window, path, &prints).unwrap();
        }
        catalogue
    }

    fn rates(catalogue: &Catalogue, rate: impl Fn(Side, u32) -> f64) -> Vec<f64> {
        catalogue.cells().iter().map(|cell| rate(cell.side, cell.offset) * cell.fraction).collect()
    }

    type Rate = fn(Side, u32) -> f64;

    /// Longs are liquidated three times as often, and less far away.
    fn truth(side: Side, offset: u32) -> f64 {
        let level = if side == Side::Long { 0.9 } else { 0.3 };
        level * (-0.4 * f64::from(offset)).exp()
    }

    #[test]
    fn the_true_intensity_beats_every_other_by_its_divergence() {
        let catalogue = world(11, 4_000, truth);
        let counts = catalogue.print_counts();
        let own = rates(&catalogue, truth);
        let others: [(&str, Rate); 4] = [
            ("uniform", |_, _| 0.2),
            ("twice as much", |side, offset| 2.0 * truth(side, offset)),
            ("a tenth less", |side, offset| 0.9 * truth(side, offset)),
            ("sides swapped", |side, offset| truth(side.opposite(), offset)),
        ];
        for (name, other) in others {
            let other = rates(&catalogue, other);
            let windows = gain_by_window(&catalogue, &counts, &own, &other).unwrap();
            let mut total = Gain::default();
            for window in &windows {
                total += window.gain;
            }
            assert!(total.total() > 0.0, "{name}");
            // Expectation given the path: Σ λ ln(λ/μ) − λ + μ, variance Σ λ ln²(λ/μ).
            let (mut mean, mut variance) = (0.0, 0.0);
            for (l, m) in own.iter().zip(&other) {
                mean += l * (l / m).ln() - l + m;
                variance += l * (l / m).ln().powi(2);
            }
            let z = (total.total() - mean) / f64::sqrt(variance);
            assert!(z.abs() < 3.0, "{name}: {z}");
            let whole = information_gain(&counts, &own, &other).unwrap();
            assert!((whole.total() - total.total()).abs() < 1e-8 * total.total(), "{name}");
        }
    }

    proptest! {
        #[test]
        fn a_model_gains_nothing_over_itself(
            cells in prop::collection::vec((0_u32..9, 1e-9..1e6_f64), 1..40),
        ) {
            let counts: Vec<f64> = cells.iter().map(|c| f64::from(c.0)).collect();
            let rate: Vec<f64> = cells.iter().map(|c| c.1).collect();
            let gain = information_gain(&counts, &rate, &rate).unwrap();
            prop_assert_eq!(gain.total(), 0.0);
        }

        #[test]
        fn gains_are_antisymmetric_and_chain(
            cells in prop::collection::vec((0_u32..9, 1e-3..1e3_f64, 1e-3..1e3_f64, 1e-3..1e3_f64), 1..40),
        ) {
            let counts: Vec<f64> = cells.iter().map(|c| f64::from(c.0)).collect();
            let a: Vec<f64> = cells.iter().map(|cell| cell.1).collect();
            let b: Vec<f64> = cells.iter().map(|cell| cell.2).collect();
            let c: Vec<f64> = cells.iter().map(|cell| cell.3).collect();
            let total = |x: &[f64], y: &[f64]| information_gain(&counts, x, y).unwrap().total();
            let size = 1.0 + total(&a, &b).abs() + total(&b, &c).abs();
            prop_assert!((total(&a, &b) + total(&b, &a)).abs() < 1e-10 * size);
            prop_assert!((total(&a, &b) + total(&b, &c) - total(&a, &c)).abs() < 1e-9 * size);
        }

        #[test]
        fn in_expectation_the_truth_is_never_beaten(
            cells in prop::collection::vec((0.05..5.0_f64, 0.05..5.0_f64), 1..20), seed in any::<u64>(),
        ) {
            let (truth, other): (Vec<f64>, Vec<f64>) = cells.into_iter().unzip();
            let mut random = Random::new(seed);
            let draws = 400;
            let mut counts = vec![0.0; truth.len()];
            for _ in 0..draws {
                for (count, mean) in counts.iter_mut().zip(&truth) {
                    *count += f64::from(random.poisson(*mean));
                }
            }
            // The mean of the score over the draws is the score of the mean counts.
            let mean: Vec<f64> = counts.iter().map(|n| n / f64::from(draws)).collect();
            let gain = information_gain(&mean, &truth, &other).unwrap().total();
            let variance: f64 = truth.iter().zip(&other).map(|(l, m)| l * (l / m).ln().powi(2)).sum();
            prop_assert!(gain > -5.0 * (variance / f64::from(draws)).sqrt(), "{}", gain);
        }
    }
}
