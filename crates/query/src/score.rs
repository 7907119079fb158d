//! What a score says in words. Nothing is claimed whose 95 % interval holds 0.

use core::fmt::Write as _;

use crate::document::{EventName, Gain, Score, ScoreHorizon};
use crate::format::{figure, score, score_signed};
use crate::tiers::identity;

/// Fewer blocks than this leave an interval rough.
const FEW_BLOCKS: f64 = 20.0;
/// What the protocol asks for before anything is claimed in public.
const LEAST_EVENTS: f64 = 1_000.0;
/// Days, likewise.
const LEAST_DAYS: f64 = 14.0;

/// How two forecasts compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Better,
    /// Better than the best baseline, without a claim against each of the others.
    Partly,
    Worse,
    /// The interval holds 0.
    Open,
    /// There is no interval, or no gain.
    Unknown,
}

/// Fills in the sentences of a score – findings, headline, caveats – and its snapshot id.
pub fn conclude(mut document: Score) -> Score {
    let findings: Vec<String> =
        document.horizons.iter().map(|horizon| finding(&document.subject, horizon)).collect();
    for (horizon, finding) in document.horizons.iter_mut().zip(findings) {
        horizon.finding = finding;
    }
    document.headline = headline(&document);
    document.caveats = caveats(&document);
    document.snapshot = identity(&document);
    document
}

fn verdict(gain: Option<Gain>) -> Verdict {
    match gain {
        Some(Gain { lower: Some(lower), .. }) if lower > 0.0 => Verdict::Better,
        Some(Gain { upper: Some(upper), .. }) if upper < 0.0 => Verdict::Worse,
        Some(Gain { lower: Some(_), upper: Some(_), .. }) => Verdict::Open,
        _ => Verdict::Unknown,
    }
}

/// The subject against all baselines: better only if better than each.
fn against_baselines(subject: &str, horizon: &ScoreHorizon) -> Option<Verdict> {
    let head = &horizon.forecast(subject)?.uniform_head;
    let mut others = head.over_baselines.iter().filter(|named| named.over != subject).peekable();
    others.peek()?;
    let best = verdict(head.over_best_baseline);
    let each = others.all(|named| verdict(named.gain) == Verdict::Better);
    Some(if best == Verdict::Better && !each { Verdict::Partly } else { best })
}

/// `+0.16 nats per event [+0.03, +0.28]`.
fn words(gain: Gain) -> String {
    format!("{} nats per event{}", score_signed(gain.nats), ends(gain))
}

fn ends(gain: Gain) -> String {
    match (gain.lower, gain.upper) {
        (Some(lower), Some(upper)) => format!(" [{}, {}]", score_signed(lower), score_signed(upper)),
        _ => String::new(),
    }
}

fn minutes(minutes: i64) -> String {
    if minutes == 1 { "1 minute".to_owned() } else { format!("{minutes} minutes") }
}

/// The baseline a model's best comparison is with: the best of the others.
fn rival(subject: &str, horizon: &ScoreHorizon) -> String {
    match &horizon.best_baseline {
        Some(best) if best != subject => best.clone(),
        _ => "the best other baseline".to_owned(),
    }
}

/// Baselines other than the subject.
fn others<'a>(subject: &'a str, horizon: &'a ScoreHorizon) -> impl Iterator<Item = &'a str> {
    let head = horizon.forecast(subject).map(|forecast| &forecast.uniform_head);
    let all = head.into_iter().flat_map(|head| &head.over_baselines);
    all.map(|named| named.over.as_str()).filter(move |name| *name != subject)
}

fn several(subject: &str, horizon: &ScoreHorizon) -> bool {
    others(subject, horizon).nth(1).is_some()
}

/// Those a claim of being better is about: their number, or the only one's name.
fn rivals(subject: &str, horizon: &ScoreHorizon) -> String {
    let mut names = others(subject, horizon);
    match (names.next(), names.count()) {
        (Some(only), 0) => format!("{only}, the only baseline that took part"),
        (_, more) => format!("all {} baselines", more + 1),
    }
}

fn finding(subject: &str, horizon: &ScoreHorizon) -> String {
    let at = minutes(horizon.minutes);
    let Some(forecast) = horizon.forecast(subject).filter(|_| horizon.windows > 0 && horizon.events > 0.0)
    else {
        return format!("At {at} nothing was scored: no whole window with a reported liquidation.");
    };
    let head = &forecast.uniform_head;
    let mut text = format!("At {at} ");
    let mut over_r2 = "no gain over distance alone (R2) can be claimed";
    if let (Some(verdict), Some(gain)) = (against_baselines(subject, horizon), head.over_best_baseline) {
        let rival = rival(subject, horizon);
        let gain = words(gain);
        if verdict == Verdict::Open {
            over_r2 = "nor can a gain over distance alone (R2)";
        }
        let sentence = match verdict {
            Verdict::Better => format!(
                "{subject} explains the places and times of liquidations better than {}: {gain} over {rival}{}",
                rivals(subject, horizon),
                if several(subject, horizon) { ", the best of them" } else { "" }
            ),
            Verdict::Partly => format!(
                "{subject} explains the places and times of liquidations better than {rival}, the best baseline: \
                 {gain}; against some other baseline no difference can be claimed"
            ),
            Verdict::Worse => format!("{subject} explains them worse than {rival}: {gain}"),
            Verdict::Open => format!(
                "no difference between {subject} and the best baselines can be claimed: {gain} over {rival}"
            ),
            Verdict::Unknown => format!(
                "the data are too short for an interval, so nothing can be claimed: {subject} has {gain} over \
                 {rival}"
            ),
        };
        text.push_str(&sentence);
        text.push_str("; ");
    }
    if let Some(gain) = head.over_r2 {
        let gain_words = words(gain);
        let sentence = match verdict(Some(gain)) {
            Verdict::Better | Verdict::Partly => format!("it beats distance alone (R2) by {gain_words}"),
            Verdict::Worse => format!("distance alone (R2) does better: {gain_words}"),
            Verdict::Open => {
                format!("{over_r2}: {gain_words}")
            }
            Verdict::Unknown => format!("over distance alone (R2) {gain_words}"),
        };
        text.push_str(&sentence);
    }
    let product =
        forecast.product_head.over_best_baseline.filter(|gain| verdict(Some(*gain)) == Verdict::Worse);
    if let Some(gain) = product {
        // Writing to a string cannot fail.
        let _ = write!(
            text,
            "; with a background by distance under every map, the product, it is worse than the best baseline: {}",
            words(gain)
        );
    }
    if let Some(level) = forecast.raw_level {
        let _ = write!(text, "; uncalibrated its map holds {} × what was liquidated", score(level));
    }
    text.push('.');
    text
}

fn headline(document: &Score) -> String {
    let subject = &document.subject;
    let mut groups: Vec<(Option<Verdict>, Vec<&ScoreHorizon>)> = Vec::new();
    for horizon in document.horizons.iter().filter(|horizon| horizon.events > 0.0) {
        let verdict = against_baselines(subject, horizon);
        match groups.iter_mut().find(|(known, _)| *known == verdict) {
            Some((_, horizons)) => horizons.push(horizon),
            None => groups.push((verdict, vec![horizon])),
        }
    }
    let sentences: Vec<String> =
        groups.iter().map(|(verdict, horizons)| part(subject, *verdict, horizons)).collect();
    if sentences.is_empty() {
        return "Nothing was scored: no whole window with a reported liquidation.".to_owned();
    }
    sentences.join(" ")
}

/// One sentence about the horizons of one verdict.
fn part(subject: &str, verdict: Option<Verdict>, horizons: &[&ScoreHorizon]) -> String {
    let lengths: Vec<String> = horizons.iter().map(|horizon| horizon.minutes.to_string()).collect();
    let unit = if lengths == ["1"] { "minute" } else { "minutes" };
    let at = match lengths.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => lengths.concat(),
    };
    let figures: Vec<String> = horizons
        .iter()
        .filter_map(|horizon| {
            let gain = horizon.forecast(subject)?.uniform_head.over_best_baseline?;
            Some(format!("{}{} over {}", score_signed(gain.nats), ends(gain), rival(subject, horizon)))
        })
        .collect();
    let figures = figures.join(", ");
    match verdict {
        Some(Verdict::Better) => format!(
            "At {at} {unit} {subject} explains the places and times of liquidations better than {}: {figures}, nats \
             per event.",
            horizons.first().map_or_else(String::new, |horizon| rivals(subject, horizon))
        ),
        Some(Verdict::Partly) => format!(
            "At {at} {unit} {subject} is better than the best baseline ({figures}, nats per event), but not clearly \
             better than every other."
        ),
        Some(Verdict::Worse) => {
            format!("At {at} {unit} {subject} is worse than the best baseline: {figures}, nats per event.")
        }
        Some(Verdict::Open) => {
            format!("At {at} {unit} no difference between {subject} and the best baselines can be claimed.")
        }
        Some(Verdict::Unknown) => {
            format!("At {at} {unit} the data are too short for intervals; nothing can be claimed.")
        }
        None => {
            let gains: Vec<String> = horizons
                .iter()
                .filter_map(|horizon| horizon.forecast(subject)?.uniform_head.over_r2)
                .map(|gain| format!("{}{}", score_signed(gain.nats), ends(gain)))
                .collect();
            format!(
                "At {at} {unit} {subject} has {} nats per event over distance alone (R2).",
                gains.join(", ")
            )
        }
    }
}

fn caveats(document: &Score) -> Vec<String> {
    let mut all = Vec::new();
    if document.scope.bundled {
        all.push(
            "These are the bundled days. They were seen when the models' defaults were set, so nothing here is a \
             blind result; import other days and score them with --data."
                .to_owned(),
        );
    }
    let blocks = document.horizons.iter().map(|horizon| horizon.blocks).fold(f64::INFINITY, f64::min);
    let protocol = &document.protocol;
    if blocks < FEW_BLOCKS {
        all.push(format!(
            "Only {blocks:.0} blocks of {} h: intervals are widened as Student's t asks for so few, and remain rough.",
            protocol.block_h
        ));
    }
    let scored = document.horizons.iter().filter(|horizon| horizon.windows > 0);
    let days = scored.map(|horizon| horizon.blocks * protocol.block_h / 24.0).fold(0.0, f64::max);
    let prints = document.scope.prints as f64;
    if days < LEAST_DAYS || prints < LEAST_EVENTS {
        all.push(format!(
            "One market, {days:.0} days, {} reports. In public nothing should be claimed from less than two venues, \
             {LEAST_DAYS:.0} days and {} reports each.",
            figure(prints),
            figure(LEAST_EVENTS)
        ));
    }
    if protocol.event == EventName::Contracts {
        all.push(
            "Contracts are counted, so a few large liquidations weigh as much as many small ones; tests that need \
             single prints (N, L, S, W) do not exist here."
                .to_owned(),
        );
    }
    all.push(
        "Coverage intervals treat windows as independent, which bursts are not: they are too narrow."
            .to_owned(),
    );
    all
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn gain(nats: f64, half_width: f64) -> Value {
        json!({"nats": nats, "lower": nats - half_width, "upper": nats + half_width,
               "share_above_zero": null, "signed_rank": null})
    }

    /// A horizon whose subject `m2` has these gains over m0a and m0b, of which m0b is the best.
    fn horizon(over_m0a: &Value, over_m0b: &Value, over_r2: &Value, product: &Value) -> ScoreHorizon {
        let head = |best: &Value| {
            json!({"over_r1": null, "over_r2": over_r2, "over_m0a": over_m0a, "over_best_baseline": best,
                   "over_baselines": [{"over": "m0a", "gain": over_m0a}, {"over": "m0b", "gain": over_m0b}],
                   "expected": 1.0, "calibration_error": null, "calibration_slope": null, "reliability": [],
                   "auc": null, "lift": null, "number_test": null, "number_test_in_bursts": null,
                   "likelihood_test": null, "spatial_test": null})
        };
        let totals = json!({"windows": 0, "learned_windows": 0, "too_small_windows": 0, "coverage": [], "crps": null,
                            "level": null, "pit": [], "pit_distance": null});
        let forecast = json!({"name": "m2", "raw_level": 0.92, "map_share": null, "mapless_windows": 0,
                              "uniform_head": head(over_m0b), "product_head": head(product), "totals": totals});
        let horizon = json!({"minutes": 5, "finding": "", "first": null, "last": null, "windows": 9,
                             "calibration_windows": 0, "incomplete_windows": 0, "blocks": 10.0, "cells": 9,
                             "events": 9.0, "prints": 9.0, "contracts": 9.0, "unplaced_prints": 0.0,
                             "best_baseline": "m0b", "best": "m2", "forecasts": [forecast]});
        serde_json::from_value(horizon).unwrap()
    }

    #[test]
    fn nothing_is_claimed_whose_interval_holds_zero() {
        let (clear, open, worse) = (gain(0.2, 0.1), gain(0.2, 0.3), gain(-0.2, 0.1));
        let none =
            json!({"nats": 0.2, "lower": null, "upper": null, "share_above_zero": null, "signed_rank": null});
        for (over_m0a, over_m0b, over_r2, product, said, not_said) in [
            (
                &clear,
                &clear,
                &clear,
                &clear,
                "better than all 2 baselines: +0.20 nats per event [+0.10, +0.30]",
                "no ",
            ),
            (&open, &clear, &clear, &clear, "against some other baseline no difference", "all "),
            (&clear, &open, &open, &clear, "nor can a gain over distance alone (R2): +0.20", "better"),
            (&clear, &worse, &worse, &clear, "worse than m0b: −0.20", "better than"),
            (&none, &none, &none, &none, "nothing can be claimed", "better"),
            (&clear, &clear, &open, &worse, "the product, it is worse than the best baseline: −0.20", "nor"),
        ] {
            let text = finding("m2", &horizon(over_m0a, over_m0b, over_r2, product));
            assert!(text.contains(said) && !text.contains(not_said), "{said}: {text}");
        }
    }
}
