//! The score tables of METHODOLOGY.md on the bundled days: every model in the same contest, then what M2's bands
//! were worth, then M2 without one ingredient each.
//!
//! `cargo run --release -p liqlens-lab --example sample`
#![allow(clippy::print_stdout)] // tables for the reader are what this program is for

use std::error::Error;

use liqlens_engine::Market;
use liqlens_files::{Options, bundled, collect_bytes};
use liqlens_lab::contest::{
    Contest, Contestant, Estimate, ForecastOutcome, Horizon, HorizonOutcome, Outcome, Settings,
};
use liqlens_lab::{Ablation, Baseline, ROSTER, roster_model};
use liqlens_market::{Event, Instrument, MarketId, Timestamp};

type Failure = Box<dyn Error>;

/// The first day with prints: heads calibrate on it.
const FROM: &str = "2026-03-15";
/// First scored issue.
const SCORED: &str = "2026-03-16";
const UNTIL: &str = "2026-03-21";
/// 1, 5, 30 and 60 minutes.
const HORIZONS: usize = 4;

fn main() -> Result<(), Failure> {
    let adaptive = Settings::sample(Timestamp::parse_text(FROM)?).band_step;
    let outcome = held(adaptive)?;
    gains(&outcome);
    bands(&outcome, &held(0.0)?);
    ablations(&outcome);
    Ok(())
}

/// The contest, with a step of the bands' adapted level.
fn held(band_step: f64) -> Result<Outcome, Failure> {
    let mut events = Vec::new();
    for file in bundled::FILES {
        events.extend(collect_bytes(file.name, file.bytes, &Options::default())?.1);
    }
    events.sort_by(Event::log_order);
    let market: MarketId = "binance:BTCUSDT".parse()?;
    let from = Timestamp::parse_text(FROM)?;
    let table = liqlens_margin::table(&market, from)?;
    let instrument = Instrument::from_market(market)?;
    let mut contestants = Vec::new();
    for name in ROSTER {
        let model = roster_model(name, &instrument, &table.table).ok_or("a name of the roster")??;
        contestants.push(Contestant::market(name, Market::new(instrument.clone(), model)));
    }
    for ablation in Ablation::ALL {
        let model = ablation.model(&instrument, &table.table);
        contestants.push(Contestant::market(ablation.id(), Market::new(instrument.clone(), model)));
    }
    let mut settings = Settings::sample(from);
    settings.baselines = Baseline::ALL.map(|baseline| baseline.id().to_owned()).to_vec();
    settings.horizons = Horizon::PROTOCOL[..HORIZONS].to_vec();
    settings.score_from = Some(Timestamp::parse_text(SCORED)?);
    settings.until = Some(Timestamp::parse_text(UNTIL)?);
    settings.simulations = 20;
    settings.band_step = band_step;
    let mut contest = Contest::new(contestants, settings)?;
    for event in &events {
        contest.step(event);
    }
    Ok(contest.finish()?)
}

fn of<'a>(horizon: &'a HorizonOutcome, name: &str) -> Option<&'a ForecastOutcome> {
    horizon.forecasts.iter().find(|forecast| forecast.name == name)
}

fn value(estimate: Option<Estimate>) -> String {
    estimate.map_or_else(|| "–".to_owned(), |estimate| format!("{:.2}", estimate.value))
}

fn interval(estimate: Option<Estimate>) -> String {
    match estimate {
        Some(Estimate { value, lower: Some(lower), upper: Some(upper), .. }) => {
            format!("{value:.2} [{lower:.2}, {upper:.2}]")
        }
        other => value(other),
    }
}

/// One figure at each horizon, between slashes.
fn at_each(outcome: &Outcome, figure: impl Fn(&HorizonOutcome) -> String) -> String {
    outcome.horizons.iter().map(figure).collect::<Vec<_>>().join(" / ")
}

fn gains(outcome: &Outcome) {
    let events = at_each(outcome, |horizon| format!("{:.0}", horizon.prints));
    println!(
        "Scored {SCORED} to {UNTIL}, after {FROM} for calibration; {events} non-empty (minute, side) sums at 1 / 5 \
         / 30 / 60 minutes. Gains in nats per mean such sum, weighted by contracts; intervals from paired \
         12-hour blocks, 95 %.\n"
    );
    println!(
        "| model | raw level, 5 min | gain over R1 | gain over R2 | M2 minus model, 1 min | 5 min | 30 min | 60 \
         min | AUC, 1 min |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    for name in ["R2"].into_iter().chain(ROSTER) {
        let Some(five) = outcome.horizons.get(1).and_then(|horizon| of(horizon, name)) else { continue };
        let paired: Vec<String> =
            outcome.horizons.iter().map(|horizon| paired(outcome, horizon, name)).collect();
        println!(
            "| {name} | {} | {} | {} | {} | {} |",
            five.raw_level.map_or_else(|| "–".to_owned(), |level| format!("{level:.1}")),
            at_each(outcome, |h| value(of(h, name).and_then(|f| f.plain.over_uniform))),
            at_each(outcome, |h| value(of(h, name).and_then(|f| f.plain.over_distance))),
            paired.join(" | "),
            outcome
                .horizons
                .first()
                .and_then(|horizon| of(horizon, name)?.plain.auc)
                .map_or_else(|| "–".to_owned(), |auc| format!("{auc:.2}")),
        );
    }
    let best = outcome.horizons.iter().map(|horizon| {
        let gain = of(horizon, "m2").and_then(|m2| m2.plain.over_best_baseline);
        format!(
            "{} min {} ({})",
            horizon.minutes,
            interval(gain),
            horizon.best_baseline.as_deref().unwrap_or("–")
        )
    });
    println!("\nM2 over the best baseline of each horizon: {}.\n", best.collect::<Vec<_>>().join("; "));
}

/// M2's gain over another forecast, paired.
fn paired(outcome: &Outcome, horizon: &HorizonOutcome, name: &str) -> String {
    let Some(m2) = of(horizon, "m2") else { return "–".to_owned() };
    match (name, outcome.baselines.iter().position(|baseline| baseline == name)) {
        ("R2", _) => interval(m2.plain.over_distance),
        (_, Some(place)) => interval(m2.plain.over_baselines.get(place).copied().flatten()),
        _ => "–".to_owned(),
    }
}

fn bands(outcome: &Outcome, rolling: &Outcome) {
    println!(
        "What M2's forecasts of window totals were worth (product head; Wilson intervals as if windows were \
         independent). *Map share* is the part of the events that the head puts down to positions on the map.\n"
    );
    println!(
        "| horizon | windows with a band | in 50 % | in 80 % | in 95 % | expected ÷ seen | calibration error | map \
         share | in 80 % without the adaptive step | 80 % bands of M0a, M0b |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|");
    for (horizon, rolling) in outcome.horizons.iter().zip(&rolling.horizons) {
        let Some(m2) = of(horizon, "m2") else { continue };
        let band = |forecast: &ForecastOutcome, place: usize| {
            forecast
                .totals
                .coverage
                .get(place)
                .and_then(|band| Some((band.share?, band.interval?)))
                .map_or_else(
                    || "–".to_owned(),
                    |(share, [low, high])| {
                        format!("{:.0} [{:.0}, {:.0}]", share * 100.0, low * 100.0, high * 100.0)
                    },
                )
        };
        let peers = ["m0a", "m0b"].map(|name| of(horizon, name).map_or_else(String::new, |f| band(f, 1)));
        let percent =
            |share: Option<f64>| share.map_or_else(|| "–".to_owned(), |s| format!("{:.0} %", s * 100.0));
        println!(
            "| {} min | {} | {} | {} | {} | {} | {} | {} | {} | {} |",
            horizon.minutes,
            m2.totals.windows,
            band(m2, 0),
            band(m2, 1),
            band(m2, 2),
            m2.totals.level.map_or_else(|| "–".to_owned(), |level| format!("{level:.2}")),
            m2.product.calibration_error.map_or_else(|| "–".to_owned(), |error| format!("{error:.2}")),
            percent(m2.map_share),
            of(rolling, "m2").map_or_else(String::new, |m2| band(m2, 1)),
            peers.join(", "),
        );
    }
}

fn ablations(outcome: &Outcome) {
    println!("\nM2 without one ingredient, gain over R1 at 1 / 5 / 30 / 60 minutes and raw level at 5:\n");
    println!("| | gain over R1 | raw level |\n|---|---|---|");
    for name in ["m2"].into_iter().chain(Ablation::ALL.map(Ablation::id)) {
        let level = outcome.horizons.get(1).and_then(|horizon| of(horizon, name)?.raw_level);
        println!(
            "| {name} | {} | {} |",
            at_each(outcome, |h| value(of(h, name).and_then(|f| f.plain.over_uniform))),
            level.map_or_else(|| "–".to_owned(), |level| format!("{level:.2}")),
        );
    }
}
