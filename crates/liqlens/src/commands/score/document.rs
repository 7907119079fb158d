//! From a contest's outcome to the document.

use liqlens_ask::{Failure, Opened, schedule};
use liqlens_lab::contest::{
    Background, Cells, Estimate, ForecastOutcome, HeadScores, HorizonOutcome, Outcome, Settings, Weights,
};
use liqlens_query::document::{
    BackgroundName, BandScore, CellName, EventName, Gain, HeadScore, NamedGain, ReliabilityRow, Score,
    ScoreHorizon, ScoreProtocol, ScoreScope, ScoredForecast, ScoredModel, TotalsScore,
};

use super::period::Period;

/// What was scored and how.
pub(super) struct Held<'a> {
    /// Whether the data are the bundled sample.
    pub(super) bundled: bool,
    pub(super) opened: &'a Opened,
    pub(super) period: &'a Period,
    pub(super) settings: &'a Settings,
    pub(super) models: &'a [&'a str],
}

/// The document without its sentences, checks and snapshot.
pub(super) fn document(held: &Held<'_>, outcome: &Outcome) -> Result<Score, Failure> {
    let Held { bundled, opened, period, settings, models } = *held;
    let instrument = &opened.instrument;
    let market = &instrument.market;
    let (_, margin_table) = schedule(instrument, period.calibrated_from)?;
    Ok(Score {
        schema: Score::SCHEMA.to_owned(),
        snapshot: String::new(),
        market: market.to_string(),
        title: format!("{} {}", market.venue.title(), market.symbol),
        headline: String::new(),
        scope: ScoreScope {
            from: period.scored_from.unwrap_or(period.calibrated_from).to_string(),
            to: period.to.to_string(),
            calibrated_from: period.calibrated_from.to_string(),
            share_left_out: period.scored_from.is_none().then_some(settings.burn_in),
            calibration: period.words(settings),
            prints: period.prints,
            margin_table,
            bundled,
        },
        protocol: protocol(period, settings, outcome.weights),
        models: models
            .iter()
            .map(|name| ScoredModel {
                name: (*name).to_owned(),
                baseline: settings.baselines.iter().any(|baseline| baseline == name),
            })
            .collect(),
        subject: models.last().map_or_else(String::new, |name| (*name).to_owned()),
        horizons: outcome.horizons.iter().map(|one| horizon(one, settings)).collect(),
        caveats: Vec::new(),
        checks: Vec::new(),
    })
}

fn protocol(period: &Period, settings: &Settings, weights: Weights) -> ScoreProtocol {
    let (event, event_meaning) = match (weights, period.priced) {
        (Weights::Contracts, _) => (
            EventName::Contracts,
            "An event is a contract reported as liquidated; gains are per contract, which is the same as per mean \
             liquidation.",
        ),
        (_, true) => (EventName::Prints, "An event is a liquidation the venue reported, whatever its size."),
        (_, false) => (
            EventName::Prints,
            "An event is a minute and side with a reported liquidation, for the feed sums each minute.",
        ),
    };
    let by_minute = match settings.cells {
        Cells::Auto => !period.priced,
        Cells::Bins => false,
        Cells::Minutes => true,
    };
    let (cell, cell_meaning) = match (by_minute, period.priced) {
        (true, _) => (
            CellName::Minutes,
            "A cell is what a minute newly swept on a side: the finest place that a feed without prices tells.",
        ),
        (false, true) => (CellName::Bins, "A cell is a swept price bin of a side."),
        (false, false) => (
            CellName::Bins,
            "A cell is a swept price bin of a side; the feed has no prices, so reports are spread over what \
             their minute swept.",
        ),
    };
    ScoreProtocol {
        event,
        event_meaning: event_meaning.to_owned(),
        cell,
        cell_meaning: cell_meaning.to_owned(),
        background: match settings.background {
            Background::Swept => BackgroundName::Swept,
            Background::Touched => BackgroundName::Touched,
        },
        half_life_days: settings.half_life.days(),
        block_h: settings.bootstrap.block.seconds() / 3_600.0,
        resamples: settings.bootstrap.resamples,
        confidence: 0.95,
    }
}

fn horizon(outcome: &HorizonOutcome, settings: &Settings) -> ScoreHorizon {
    let over_r1 = |forecast: &ForecastOutcome| forecast.plain.over_uniform.map(|gain| gain.value);
    // The references stand first and are no models.
    let best = outcome
        .forecasts
        .iter()
        .skip(2)
        .filter_map(|forecast| Some((over_r1(forecast)?, &forecast.name)))
        .max_by(|a, b| a.0.total_cmp(&b.0));
    let period = outcome.period;
    ScoreHorizon {
        minutes: outcome.minutes,
        finding: String::new(),
        first: period.map(|[first, _]| first.to_string()),
        last: period.map(|[_, last]| last.to_string()),
        windows: outcome.windows as u64,
        calibration_windows: outcome.burn_in as u64,
        incomplete_windows: u64::from(outcome.incomplete),
        blocks: period
            .map_or(0.0, |[first, last]| (last - first).seconds() / settings.bootstrap.block.seconds()),
        cells: outcome.cells as u64,
        events: outcome.events,
        prints: outcome.prints,
        contracts: outcome.contracts,
        unplaced_prints: outcome.unplaced,
        best_baseline: outcome.best_baseline.clone(),
        best: best.map(|(_, name)| name.clone()),
        forecasts: outcome.forecasts.iter().map(|one| forecast(one, &settings.baselines)).collect(),
    }
}

fn forecast(outcome: &ForecastOutcome, baselines: &[String]) -> ScoredForecast {
    let totals = &outcome.totals;
    let coverage = totals.coverage.iter();
    ScoredForecast {
        name: outcome.name.clone(),
        raw_level: outcome.raw_level,
        map_share: outcome.map_share,
        mapless_windows: outcome.mapless,
        uniform_head: head(&outcome.plain, baselines),
        product_head: head(&outcome.product, baselines),
        totals: TotalsScore {
            windows: totals.windows,
            learned_windows: totals.learned,
            too_small_windows: totals.too_small,
            coverage: coverage
                .map(|band| BandScore { nominal: band.nominal, share: band.share, interval: band.interval })
                .collect(),
            crps: totals.crps,
            level: totals.level,
            pit: totals.transforms.clone(),
            pit_distance: totals.transform_distance,
        },
    }
}

fn head(scores: &HeadScores, baselines: &[String]) -> HeadScore {
    let over_baselines: Vec<NamedGain> = baselines
        .iter()
        .zip(&scores.over_baselines)
        .map(|(name, estimate)| NamedGain { over: name.clone(), gain: estimate.map(gain) })
        .collect();
    let rows = scores.reliability.iter();
    HeadScore {
        over_r1: scores.over_uniform.map(gain),
        over_r2: scores.over_distance.map(gain),
        over_m0a: over_baselines.iter().find(|named| named.over == "m0a").and_then(|named| named.gain),
        over_baselines,
        over_best_baseline: scores.over_best_baseline.map(gain),
        expected: scores.expected,
        calibration_error: scores.calibration_error,
        calibration_slope: scores.calibration_slope,
        reliability: rows
            .map(|[cells, expected, observed]| ReliabilityRow {
                cells: *cells,
                expected: *expected,
                observed: *observed,
            })
            .collect(),
        auc: scores.auc,
        lift: scores.lift,
        number_test: scores.tests.number,
        number_test_in_bursts: scores.tests.number_in_bursts,
        likelihood_test: scores.tests.likelihood,
        spatial_test: scores.tests.space,
    }
}

const fn gain(estimate: Estimate) -> Gain {
    let Estimate { value, lower, upper, share_above_zero, signed_rank } = estimate;
    Gain { nats: value, lower, upper, share_above_zero, signed_rank }
}
