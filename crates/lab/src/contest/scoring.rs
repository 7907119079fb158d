//! From the record of a contest to its scores.

use liqlens_market::Span;
use liqlens_score::{
    BlockBootstrap, Reliability, ScoreError, Term, TopMass, Window, auc, conditional_likelihood_test,
    dispersed_number_test, event_gains, gain_of_windows, number_test, raw_level, signed_rank_test,
    spatial_test, sum,
};

use super::outcome::{
    CONFIDENCE, Estimate, ForecastOutcome, HeadScores, HorizonOutcome, Outcome, ROWS, Tests,
};
use super::record::Record;
use super::runner::Runner;
use super::settings::{ContestError, Settings, Weights};
use super::totals::total_scores;

/// Simulated events of one likelihood test, at most.
const MOST_SIMULATED: f64 = 2e6;

/// The scored part of a record, in 64 bits.
struct Scored<'a> {
    record: &'a Record,
    windows: Vec<Window>,
    first_cell: usize,
    counts: Vec<f64>,
    whole_prints: Option<Vec<u32>>,
    places: Vec<i64>,
    bootstrap: BlockBootstrap,
    simulations: u32,
}

pub(super) fn outcome(
    runners: &[Runner],
    names: &[String],
    settings: &Settings,
    weights: Weights,
) -> Result<Outcome, ContestError> {
    let horizons = runners.iter().map(|runner| horizon(runner, names, settings, weights));
    Ok(Outcome {
        weights,
        baselines: settings.baselines.clone(),
        horizons: horizons.collect::<Result<_, _>>()?,
        truth: Vec::new(),
    })
}

fn horizon(
    runner: &Runner,
    names: &[String],
    settings: &Settings,
    weights: Weights,
) -> Result<HorizonOutcome, ContestError> {
    let record = &runner.record;
    let first = first_scored(record, settings);
    let scored = Scored::new(record, first, settings, weights);
    let baselines: Vec<usize> =
        settings.baselines.iter().filter_map(|name| names.iter().position(|other| other == name)).collect();

    let uniform = scored.column(&record.uniform);
    let distance = scored.column(&record.distance);
    let heads: [fn(&super::record::ModelColumns) -> &Vec<f32>; 2] = [|m| &m.plain, |m| &m.product];
    let mut by_head = Vec::new();
    let mut best_plain = None;
    for (head, column_of) in heads.into_iter().enumerate() {
        let gain_of = |model: usize| {
            let rates = scored.column(column_of(&record.models[model]));
            scored.total_gain(&rates, &uniform).unwrap_or(f64::NEG_INFINITY)
        };
        let mut ranked: Vec<(f64, usize)> = baselines.iter().map(|model| (gain_of(*model), *model)).collect();
        ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        if head == 0 {
            best_plain = ranked.first().map(|(_, model)| *model);
        }
        let compared: Vec<Vec<f64>> =
            baselines.iter().map(|model| scored.column(column_of(&record.models[*model]))).collect();
        let mut scores = Vec::new();
        for place in 0..names.len() + 2 {
            let own = place.checked_sub(2);
            let rates = match own {
                None if place == 0 => uniform.clone(),
                None => distance.clone(),
                Some(model) => scored.column(column_of(&record.models[model])),
            };
            let best = ranked.iter().map(|(_, model)| *model).find(|model| Some(*model) != own);
            let best = best.and_then(|model| baselines.iter().position(|other| *other == model));
            scores.push(HeadScores {
                over_uniform: scored.gain(&rates, &uniform)?,
                over_distance: scored.gain(&rates, &distance)?,
                over_baselines: compared
                    .iter()
                    .map(|other| scored.ranked_gain(&rates, other))
                    .collect::<Result<_, _>>()?,
                over_best_baseline: match best {
                    Some(place) => scored.ranked_gain(&rates, &compared[place])?,
                    None => None,
                },
                ..scored.consistency(&rates, head == 1)?
            });
        }
        by_head.push(scores);
    }
    let product = by_head.pop().unwrap_or_default();
    let plain = by_head.pop().unwrap_or_default();
    let contracts: Vec<f64> =
        record.cells[scored.first_cell..].iter().map(|cell| f64::from(cell.contracts)).collect();
    let events = sum(scored.counts.iter().copied());
    let mut forecasts = Vec::new();
    for (place, (plain, product)) in plain.into_iter().zip(product).enumerate() {
        let model = place.checked_sub(2).and_then(|model| record.models.get(model));
        let name = match place {
            0 => "R1",
            1 => "R2",
            _ => &names[place - 2],
        };
        let (raw_level, map_share, mapless) = match model {
            None => (None, None, 0),
            Some(columns) => {
                let map = scored.column(&columns.map);
                let by_map = sum(columns.by_map[first..].iter().map(|n| f64::from(*n)));
                let mapless = columns.had_map[first..].iter().filter(|had| !**had).count();
                (raw_level(&map, &contracts)?, (events > 0.0).then(|| by_map / events), mapless)
            }
        };
        forecasts.push(ForecastOutcome {
            name: name.to_owned(),
            raw_level,
            map_share,
            mapless: mapless as u64,
            plain,
            product,
            totals: total_scores(&record.totals[place][first..], &record.contracts[first..]),
        });
    }
    let prints = record.cells[scored.first_cell..].iter().map(|cell| f64::from(cell.prints));
    Ok(HorizonOutcome {
        minutes: runner.horizon.length.nanos() / Span::MINUTE.nanos(),
        period: scored.windows.first().zip(scored.windows.last()).map(|(a, b)| [a.from, b.until]),
        windows: scored.windows.len(),
        burn_in: first,
        incomplete: record.incomplete,
        cells: scored.counts.len(),
        beyond: record.beyond,
        events,
        prints: sum(prints),
        contracts: sum(contracts.iter().copied()),
        unplaced: record.unplaced,
        best_baseline: best_plain.map(|model| names[model].clone()),
        forecasts,
    })
}

/// Number of the first window that is scored: after the burn-in, and after the heads were fitted.
fn first_scored(record: &Record, settings: &Settings) -> usize {
    let all = record.windows.len();
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a share of a length
    let burnt = libm::ceil(settings.burn_in.clamp(0.0, 1.0) * all as f64) as usize;
    let after_burn_in =
        settings.score_from.map_or(burnt, |from| record.windows.partition_point(|window| window.from < from));
    after_burn_in.max(record.first_fitted.unwrap_or(all)).min(all)
}

impl<'a> Scored<'a> {
    fn new(record: &'a Record, first_window: usize, settings: &Settings, weights: Weights) -> Self {
        let first_cell = record.windows.get(first_window).map_or(record.cells.len(), |window| window.first);
        let windows = record.windows[first_window..]
            .iter()
            .map(|window| Window { first: window.first - first_cell, ..*window })
            .collect();
        let cells = &record.cells[first_cell..];
        let counts: Vec<f64> = cells
            .iter()
            .map(|cell| f64::from(if weights == Weights::Contracts { cell.contracts } else { cell.prints }))
            .collect();
        let whole = weights != Weights::Contracts
            && counts.iter().all(|n| *n == libm::rint(*n) && *n < f64::from(u32::MAX));
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // just checked
        let whole_prints = whole.then(|| counts.iter().map(|n| *n as u32).collect());
        Self {
            record,
            windows,
            first_cell,
            counts,
            whole_prints,
            places: cells.iter().map(|cell| i64::from(cell.place)).collect(),
            bootstrap: settings.bootstrap,
            simulations: settings.simulations,
        }
    }

    fn column(&self, rates: &[f32]) -> Vec<f64> {
        rates[self.first_cell..].iter().map(|rate| f64::from(*rate)).collect()
    }

    /// Nats per event without an interval.
    fn total_gain(&self, model: &[f64], reference: &[f64]) -> Option<f64> {
        liqlens_score::information_gain(&self.counts, model, reference).ok()?.per_event()
    }

    fn gain(&self, model: &[f64], reference: &[f64]) -> Result<Option<Estimate>, ScoreError> {
        let gains = gain_of_windows(&self.windows, &self.counts, model, reference)?;
        let terms: Vec<Term> = gains.iter().map(liqlens_score::WindowGain::term).collect();
        let events = sum(terms.iter().map(|term| term.denominator));
        if events <= 0.0 {
            return Ok(None);
        }
        let value = sum(terms.iter().map(|term| term.numerator)) / events;
        let resampled = match self.bootstrap.ratio(&terms) {
            Ok(resampled) => Some(resampled),
            Err(ScoreError::TooLittle { .. }) => None,
            Err(error) => return Err(error),
        };
        let interval = resampled.as_ref().map(|resampled| resampled.widened(CONFIDENCE));
        Ok(Some(Estimate {
            value,
            lower: interval.map(|interval| interval.lower),
            upper: interval.map(|interval| interval.upper),
            share_above_zero: resampled.map(|resampled| resampled.share_above(0.0)),
            signed_rank: None,
        }))
    }

    /// As [`Scored::gain`], with the W-test where events are whole prints.
    fn ranked_gain(&self, model: &[f64], reference: &[f64]) -> Result<Option<Estimate>, ScoreError> {
        let gain = self.gain(model, reference)?;
        let (Some(estimate), Some(prints)) = (gain, &self.whole_prints) else { return Ok(gain) };
        let test = Self::optional(signed_rank_test(&event_gains(prints, model, reference)?))?;
        Ok(Some(Estimate { signed_rank: test.map(|test| test.two_sided), ..estimate }))
    }

    /// What needs no other forecast; gains are filled in by the caller.
    fn consistency(&self, rates: &[f64], tested: bool) -> Result<HeadScores, ScoreError> {
        let hit: Vec<bool> = self.counts.iter().map(|n| *n > 0.0).collect();
        let cells = &self.record.cells[self.first_cell..];
        let widths: Vec<f64> = cells.iter().map(|cell| f64::from(cell.width)).collect();
        let reliability = Self::optional(Reliability::new(rates, &self.counts, ROWS))?;
        let top = Self::optional(TopMass::new(rates, &self.counts, &widths, 0.1))?;
        let rows =
            |r: &Reliability| r.bins.iter().map(|bin| [bin.cells, bin.expected, bin.observed]).collect();
        Ok(HeadScores {
            over_uniform: None,
            over_distance: None,
            over_baselines: Vec::new(),
            over_best_baseline: None,
            expected: sum(rates.iter().copied()),
            calibration_error: reliability.as_ref().and_then(|r| r.calibration_error),
            calibration_slope: reliability.as_ref().and_then(|r| r.slope),
            reliability: reliability.as_ref().map(rows).unwrap_or_default(),
            auc: auc(rates, &hit)?,
            lift: top.map(TopMass::lift),
            tests: if tested { self.tests(rates)? } else { Tests::default() },
        })
    }

    /// `None` where there is too little to score.
    fn optional<T>(result: Result<T, ScoreError>) -> Result<Option<T>, ScoreError> {
        match result {
            Ok(value) => Ok(Some(value)),
            Err(ScoreError::TooLittle { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn tests(&self, rates: &[f64]) -> Result<Tests, ScoreError> {
        let Some(prints) = &self.whole_prints else { return Ok(Tests::default()) };
        let observed: u64 = prints.iter().map(|n| u64::from(*n)).sum();
        if observed == 0 {
            return Ok(Tests::default());
        }
        let expected = sum(rates.iter().copied());
        let number = number_test(expected, observed)?;
        let bursts = dispersed_number_test(expected, self.block_variance(rates), observed)?;
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // between 50 and the setting
        let simulations =
            (MOST_SIMULATED / observed as f64).clamp(50.0, f64::from(self.simulations.max(50))) as u32;
        let seed = self.bootstrap.seed;
        let likelihood = conditional_likelihood_test(prints, rates, simulations, seed)?;
        let space = spatial_test(&self.places, prints, rates, simulations, seed)?;
        Ok(Tests {
            number: Some([number.at_least, number.at_most]),
            number_in_bursts: Some([bursts.at_least, bursts.at_most]),
            likelihood: Some(likelihood.quantile),
            space: Some(space.quantile),
        })
    }

    /// Variance of the total: the squared misses of whole blocks, added up.
    fn block_variance(&self, rates: &[f64]) -> f64 {
        let block = |window: &Window| window.from.floor(self.bootstrap.block);
        let misses = self.windows.chunk_by(|a, b| block(a) == block(b)).map(|windows| {
            let cells = windows.iter().flat_map(|window| window.first..window.first + window.count);
            let miss = sum(cells.map(|cell| self.counts[cell] - rates[cell]));
            miss * miss
        });
        sum(misses)
    }
}
