//! The pictures of scores that lack figures.

use liqlens_query::document::Score;
use liqlens_render::{Picture, Theme, score_gain_picture, score_pit_picture, score_reliability_picture};
use serde_json::{Value, json};

use crate::svg::{check_layout, texts_of};

fn forecast(name: &str, gain: &Value, rows: &Value, pit: &Value) -> Value {
    let head = json!({"over_r1": gain, "over_r2": gain, "over_m0a": gain, "over_best_baseline": gain,
        "over_baselines": [], "expected": 1.0, "calibration_error": null, "calibration_slope": null,
        "reliability": rows, "auc": null, "lift": null, "number_test": null, "number_test_in_bursts": null,
        "likelihood_test": null, "spatial_test": null});
    json!({"name": name, "raw_level": null, "map_share": null, "mapless_windows": 0, "uniform_head": head,
        "product_head": head, "totals": {"windows": 0, "learned_windows": 0, "too_small_windows": 0,
        "coverage": [], "crps": null, "level": null, "pit": pit, "pit_distance": null}})
}

fn score(horizons: usize, gain: &Value, rows: &Value, pit: &Value) -> Score {
    let horizon = |at: usize| {
        let names = ["R1", "R2", "m0a", "m2"];
        let forecasts: Vec<Value> = names.iter().map(|name| forecast(name, gain, rows, pit)).collect();
        json!({"minutes": 5 * at + 1, "finding": "", "first": null, "last": null, "windows": 9,
            "calibration_windows": 0, "incomplete_windows": 0, "blocks": 1.0, "cells": 9, "events": 9.0,
            "prints": 9.0, "contracts": 9.0, "unplaced_prints": 0.0, "best_baseline": "m0a", "best": "m2",
            "forecasts": forecasts})
    };
    let document = json!({"schema": "score/1", "snapshot": "0123456789abcdef", "market": "binance:BTCUSDT",
        "title": "Binance BTCUSDT", "headline": "h", "subject": "m2", "caveats": [], "checks": [],
        "scope": {"from": "2026-03-16T00:00:00Z", "to": "2026-03-21T00:00:00Z",
            "calibrated_from": "2026-03-15T00:00:00Z", "share_left_out": null, "calibration": "", "prints": 9,
            "margin_table": "", "bundled": false},
        "protocol": {"event": "prints", "event_meaning": "", "cell": "bins", "cell_meaning": "",
            "background": "swept", "half_life_days": 3.0, "block_h": 12.0, "resamples": 1000, "confidence": 0.95},
        "models": [{"name": "m0a", "baseline": true}, {"name": "m2", "baseline": false}],
        "horizons": (0..horizons).map(horizon).collect::<Vec<_>>()});
    serde_json::from_value(document).unwrap()
}

fn pictures(score: &Score) -> [Picture; 3] {
    [score_gain_picture, score_reliability_picture, score_pit_picture].map(|draw| draw(score, Theme::Dark))
}

#[test]
fn a_score_with_holes_is_still_drawn_and_nothing_overlaps() {
    let gain =
        json!({"nats": -0.25, "lower": -1.5, "upper": 0.125, "share_above_zero": null, "signed_rank": null});
    let bare =
        json!({"nats": 1e-12, "lower": null, "upper": null, "share_above_zero": null, "signed_rank": null});
    let rows = json!([{"cells": 4.0, "expected": 1e-3, "observed": 0.0}, {"cells": 2.0, "expected": 3.0, "observed": 5.0}]);
    let zero = json!([{"cells": 4.0, "expected": 0.0, "observed": 0.0}]);
    let (pit, none) = (json!([0, 1, 2, 40, 0, 0, 0, 0, 1, 3]), json!([]));
    for horizons in 0..=7 {
        for (gain, rows, pit) in [(&gain, &rows, &pit), (&bare, &zero, &none), (&Value::Null, &none, &none)] {
            for picture in pictures(&score(horizons, gain, rows, pit)) {
                check_layout(&picture).unwrap_or_else(|error| panic!("{horizons}: {error}"));
            }
        }
    }
}

#[test]
fn figures_on_the_gains_are_the_documents() {
    let gain =
        json!({"nats": -0.25, "lower": -1.5, "upper": 0.125, "share_above_zero": null, "signed_rank": null});
    let [picture, ..] = pictures(&score(1, &gain, &json!([]), &json!([])));
    assert_eq!(
        texts_of(&picture, "gains"),
        ["R1", "−0.25", "R2", "−0.25", "m0a", "is the line", "m2", "−0.25"]
    );
}
