//! One run: a world with a seed, every model on the same events.

use liqlens_engine::Market;
use liqlens_lab::contest::{Contest, Contestant, Horizon, Outcome, Settings, TruthOutcome};
use liqlens_lab::synthetic::{Minute, PrintFeed, START, Synthetic, ThrottleRule};
use liqlens_lab::{Ablation, Baseline, ROSTER, World, roster_model};
use liqlens_market::{Completeness, Event, EventBody, Side, Span};
use liqlens_model::{FlowModel, LogGrid, ModelId};
use serde::{Deserialize, Serialize};

use crate::Failure;

/// The true map as a contestant.
pub(crate) const TRUTH: &str = "truth";
/// M2 that hears one liquidation a second, sized to all of them.
pub(crate) const THROTTLED: &str = "m2, throttled feed";
/// The same, taken as if it were complete.
pub(crate) const AS_SHOWN: &str = "m2, throttled feed as shown";

/// How far the throttled market's map is read for a window, bins of the grid.
const READ_BINS: i32 = 1_000;

/// What to run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    pub(crate) world: World,
    pub(crate) seed: u64,
    pub(crate) days: u32,
    /// Days at the beginning that are not scored.
    pub(crate) skip: u32,
}

/// What a run found.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Summary {
    pub(crate) world: String,
    pub(crate) seed: u64,
    pub(crate) events: f64,
    /// By horizon.
    pub(crate) horizons: Vec<AtHorizon>,
    /// By contestant.
    pub(crate) truth: Vec<BesideTruth>,
}

/// One horizon.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct AtHorizon {
    pub(crate) minutes: i64,
    pub(crate) best_baseline: String,
    pub(crate) models: Vec<Scores>,
}

/// Scores of one model at one horizon; gains of the head of map and uniform background.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Scores {
    pub(crate) name: String,
    pub(crate) raw_level: Option<f64>,
    pub(crate) over_uniform: Option<f64>,
    pub(crate) over_distance: Option<f64>,
    pub(crate) product_over_distance: Option<f64>,
    /// Estimate and 95 % interval over the reference peer, and over the best baseline.
    pub(crate) over_peer: [Option<f64>; 3],
    pub(crate) over_best: [Option<f64>; 3],
    pub(crate) auc: Option<f64>,
    pub(crate) calibration_error: Option<f64>,
    /// Coverage of the 50, 80 and 95 % bands, and windows with one.
    pub(crate) coverage: Vec<Option<f64>>,
    pub(crate) banded: u64,
}

/// One contestant beside the truth: medians over moments and sides.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct BesideTruth {
    pub(crate) name: String,
    pub(crate) wasserstein_bp: Option<f64>,
    pub(crate) overlap: Option<f64>,
    /// Within 5 and 10 %: raw, level set right.
    pub(crate) mass: Vec<[Option<f64>; 2]>,
    /// To 1, 2 and 5 % of open interest: raw, level set right.
    pub(crate) reach: Vec<[Option<f64>; 2]>,
    /// True distances inside the 80 % interval, to 1, 2 and 5 %.
    pub(crate) covered: Vec<Option<f64>>,
}

impl Plan {
    pub(crate) fn file(&self) -> String {
        format!("{}-{}-{}-{}.json", self.world.id(), self.seed, self.days, self.skip)
    }

    pub(crate) fn run(&self) -> Result<Summary, Failure> {
        let mut synthetic = Synthetic::new(self.world, self.seed, self.days)?;
        let (instrument, table) = (synthetic.instrument().clone(), synthetic.margin_table().clone());
        let market = |model: FlowModel| Market::new(instrument.clone(), model);
        let m2 = || FlowModel::new(ModelId::M2, &instrument, &table);

        let mut contestants = Vec::new();
        for name in ROSTER {
            let model = roster_model(name, &instrument, &table).ok_or("a name of the roster")??;
            contestants.push(Contestant::market(name, market(model)));
        }
        for ablation in Ablation::ALL {
            contestants.push(Contestant::market(ablation.id(), market(ablation.model(&instrument, &table))));
        }
        let given = [TRUTH, THROTTLED, AS_SHOWN].map(|name| {
            contestants.push(Contestant::given(name));
            contestants.len() - 1
        });
        let mut settings = self.settings();
        settings.baselines = Baseline::ALL.map(|baseline| baseline.id().to_owned()).to_vec();
        let mut full = Contest::new(contestants, settings)?;

        // What a throttled feed teaches, beside the truth and in the contest of all liquidations.
        let mut throttled = self.alone(THROTTLED, market(m2()?))?;
        let mut as_shown = self.alone(AS_SHOWN, market(m2()?))?;
        let (mut listener, mut believer) = (market(m2()?), market(m2()?));

        while let Some(minute) = synthetic.next() {
            for event in minute.events(PrintFeed::Full) {
                full.step(&event);
            }
            for event in throttle(&minute) {
                throttled.step(&event);
                listener.step(&event);
                let event = declared_complete(event);
                as_shown.step(&event);
                believer.step(&event);
            }
            let now = synthetic.now();
            if full.is_due(now) {
                listener.advance(now);
                believer.advance(now);
                for side in Side::BOTH {
                    let map = synthetic.truth().map(side, LogGrid::STANDARD);
                    full.give(given[0], side, map.first, &map.contracts);
                    for (place, market) in [(given[1], &listener), (given[2], &believer)] {
                        give_near(&mut full, place, side, market);
                    }
                }
            }
            let scored = START + Span::DAY.times(i64::from(self.skip));
            if now >= scored && now.floor(Span::HOUR.times(6)) == now {
                let maps = Side::BOTH.map(|side| synthetic.truth().map(side, LogGrid::STANDARD));
                let truth = [&maps[0], &maps[1]].map(|map| (map.first, map.contracts.as_slice()));
                for contest in [&mut full, &mut throttled, &mut as_shown] {
                    contest.compare(truth)?;
                }
            }
        }
        let outcome = full.finish()?;
        let mut truth: Vec<BesideTruth> = outcome.truth.iter().map(beside).collect();
        truth.retain(|one| ![TRUTH, THROTTLED, AS_SHOWN].contains(&one.name.as_str()));
        for contest in [throttled, as_shown] {
            truth.extend(contest.finish()?.truth.iter().map(beside));
        }
        Ok(self.summary(&outcome, truth))
    }

    fn settings(&self) -> Settings {
        let mut settings = Settings::history(START + Span::DAY);
        settings.score_from = Some(START + Span::DAY.times(i64::from(self.skip)));
        settings.horizons = [Horizon::PROTOCOL[1], Horizon::PROTOCOL[3], Horizon::PROTOCOL[4]].to_vec();
        settings.simulations = 20;
        settings
    }

    /// A contest of one, for what it says beside the truth.
    fn alone(&self, name: &str, market: Market) -> Result<Contest, Failure> {
        let settings = Settings { horizons: vec![Horizon::PROTOCOL[3]], ..self.settings() };
        Ok(Contest::new(vec![Contestant::market(name, market)], settings)?)
    }

    fn summary(&self, outcome: &Outcome, truth: Vec<BesideTruth>) -> Summary {
        let horizons = outcome
            .horizons
            .iter()
            .map(|horizon| AtHorizon {
                minutes: horizon.minutes,
                best_baseline: horizon.best_baseline.clone().unwrap_or_default(),
                models: horizon
                    .forecasts
                    .iter()
                    .map(|forecast| {
                        let value = |estimate: &Option<liqlens_lab::contest::Estimate>| {
                            estimate.map(|estimate| estimate.value)
                        };
                        let whole = |estimate: Option<liqlens_lab::contest::Estimate>| {
                            estimate.map_or([None; 3], |e| [Some(e.value), e.lower, e.upper])
                        };
                        Scores {
                            name: forecast.name.clone(),
                            raw_level: forecast.raw_level,
                            over_uniform: value(&forecast.plain.over_uniform),
                            over_distance: value(&forecast.plain.over_distance),
                            product_over_distance: value(&forecast.product.over_distance),
                            over_peer: whole(forecast.plain.over_baselines.first().copied().flatten()),
                            over_best: whole(forecast.plain.over_best_baseline),
                            auc: forecast.plain.auc,
                            calibration_error: forecast.product.calibration_error,
                            coverage: forecast.totals.coverage.iter().map(|band| band.share).collect(),
                            banded: forecast.totals.windows,
                        }
                    })
                    .collect(),
            })
            .collect();
        let events = outcome.horizons.first().map_or(0.0, |horizon| horizon.events);
        Summary { world: self.world.id().to_owned(), seed: self.seed, events, horizons, truth }
    }
}

fn beside(outcome: &TruthOutcome) -> BesideTruth {
    let errors = |all: &[liqlens_lab::contest::AmountError]| -> Vec<[Option<f64>; 2]> {
        all.iter().map(|error| [error.raw.median, error.calibrated.median]).collect()
    };
    BesideTruth {
        name: outcome.name.clone(),
        wasserstein_bp: outcome.wasserstein_bp.median,
        overlap: outcome.overlap.median,
        mass: errors(&outcome.mass),
        reach: errors(&outcome.reach),
        covered: outcome.reach_coverage.iter().map(|(_, share, _)| *share).collect(),
    }
}

fn throttle(minute: &Minute) -> Vec<Event> {
    minute.events(PrintFeed::Throttled(ThrottleRule::Last))
}

/// The event as a venue that hides nothing would publish it.
fn declared_complete(mut event: Event) -> Event {
    if let EventBody::Liquidation(print) = &mut event.body {
        print.completeness = Completeness::Full;
    }
    event
}

/// Hands in what a market expects to be liquidated, all of it: expected reports over the share shown.
fn give_near(contest: &mut Contest, place: usize, side: Side, market: &Market) {
    let Some((price, standing)) = market.price().zip(market.reporting()) else { return };
    let bin = LogGrid::STANDARD.bin(price.last);
    let first = if side == Side::Long { bin - READ_BINS + 1 } else { bin };
    let mut contracts = vec![0.0; usize::try_from(READ_BINS).unwrap_or(0)];
    if market.reported(side, first, &mut contracts) {
        for mass in &mut contracts {
            *mass /= standing.factor;
        }
        contest.give(place, side, first, &contracts);
    }
}
