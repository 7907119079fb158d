//! `score`: the contest as a command.

use std::sync::LazyLock;

use liqlens_engine::Market;
use liqlens_files::{Options, bundled, collect_bytes};
use liqlens_lab::contest::{Contest, Contestant, Estimate, Horizon, Outcome, Settings};
use liqlens_lab::roster_model;
use liqlens_market::{Event, Instrument, MarketId, Timestamp};
use liqlens_query::document::{Gain, Score};
use serde_json::Value;

use crate::context::{Run, TestContext};

const MODELS: [&str; 2] = ["m0a", "m1"];
const ASKED: &str = "score BTC --models m0a,m1 --horizons 5m,30m";

/// One run for several tests: with pictures, a check that holds whatever the figures and one that cannot.
struct Shared {
    context: TestContext,
    run: Run,
    score: Score,
}

static SHARED: LazyLock<Shared> = LazyLock::new(|| {
    let context = TestContext::new();
    let checks = "--min auc_5m=0..1 --min coverage80_30m=..0.0 --out out --json";
    let run = context.words(&format!("{ASKED} {checks}"));
    let score = serde_json::from_value(run.json()).unwrap();
    Shared { context, run, score }
});

/// The same contest, held by hand on the days the documentation names.
fn reference() -> Outcome {
    let mut events = Vec::new();
    for file in bundled::FILES {
        events.extend(collect_bytes(file.name, file.bytes, &Options::default()).unwrap().1);
    }
    events.sort_by(Event::log_order);
    let day = |text: &str| Timestamp::parse_text(text).unwrap();
    let market: MarketId = "binance:BTCUSDT".parse().unwrap();
    let table = liqlens_margin::table(&market, day("2026-03-15")).unwrap();
    let instrument = Instrument::from_market(market).unwrap();
    let mut settings = Settings::sample(day("2026-03-15"));
    settings.baselines = vec!["m0a".to_owned()];
    settings.horizons = vec![Horizon::PROTOCOL[1], Horizon::PROTOCOL[2]];
    settings.score_from = Some(day("2026-03-16"));
    settings.until = Some(day("2026-03-21"));
    let contestants = MODELS.map(|name| {
        let model = roster_model(name, &instrument, &table.table).unwrap().unwrap();
        Contestant::market(name, Market::new(instrument.clone(), model))
    });
    let mut contest = Contest::new(contestants.to_vec(), settings).unwrap();
    for event in &events {
        contest.step(event);
    }
    contest.finish().unwrap()
}

/// To the last bit but one: the document was read back from its decimals.
#[track_caller]
fn same(found: Option<[Option<f64>; 3]>, expected: Option<[Option<f64>; 3]>) {
    let flat = |all: Option<[Option<f64>; 3]>| all.into_iter().flatten().collect::<Vec<_>>();
    let (found, expected) = (flat(found), flat(expected));
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.into_iter().zip(expected) {
        assert_eq!(found.is_some(), expected.is_some());
        let apart = found.unwrap_or_default() - expected.unwrap_or_default();
        assert!(apart.abs() < 1e-12, "{found:?} {expected:?}");
    }
}

fn ends(gain: Option<Gain>) -> Option<[Option<f64>; 3]> {
    gain.map(|gain| [Some(gain.nats), gain.lower, gain.upper])
}

fn known(estimate: Option<Estimate>) -> Option<[Option<f64>; 3]> {
    estimate.map(|estimate| [Some(estimate.value), estimate.lower, estimate.upper])
}

#[test]
fn the_defaults_are_the_contest_of_the_documentation() {
    let Shared { score, .. } = &*SHARED;
    assert_eq!((score.scope.from.as_str(), score.scope.bundled), ("2026-03-16T00:00:00Z", true));
    assert_eq!((score.protocol.block_h, score.protocol.half_life_days), (12.0, 3.0));
    let outcome = reference();
    assert_eq!(score.horizons.len(), 2);
    for (found, expected) in score.horizons.iter().zip(&outcome.horizons) {
        assert_eq!((found.minutes, found.windows), (expected.minutes, expected.windows as u64));
        same(
            Some([Some(found.events), Some(found.prints), None]),
            Some([Some(expected.events), Some(expected.prints), None]),
        );
        assert_eq!(found.forecasts.len(), 4, "two references, two models");
        for (found, expected) in found.forecasts.iter().zip(&expected.forecasts) {
            assert_eq!(found.name, expected.name);
            same(Some([found.raw_level; 3]), Some([expected.raw_level; 3]));
            let (head, known_head) = (&found.uniform_head, &expected.plain);
            same(ends(head.over_r2), known(known_head.over_distance));
            same(ends(head.over_m0a), known(known_head.over_baselines[0]));
            same(ends(found.product_head.over_r2), known(expected.product.over_distance));
            assert_eq!(found.totals.pit, expected.totals.transforms);
        }
    }
}

#[test]
fn a_figure_out_of_bounds_is_exit_5_with_the_whole_answer() {
    let Shared { run, score, .. } = &*SHARED;
    assert_eq!(run.code, 5, "{}", run.stderr);
    let passed: Vec<bool> = score.checks.iter().map(|check| check.passed).collect();
    assert_eq!(passed, [true, false]);
    let figure = score.horizons[1].forecast("m1").unwrap().totals.coverage[1].share.unwrap();
    assert_eq!(score.checks[1].figure, Some(figure));
    assert!(
        run.stderr.contains(&format!("coverage80_30m is {figure:.2}, wanted at most 0 ")),
        "{}",
        run.stderr
    );
    assert!(run.stderr.contains("1 of 2 checks failed") && !run.stderr.contains("auc_5m"), "{}", run.stderr);
}

#[test]
fn the_document_keeps_to_its_schema_and_to_itself() {
    let Shared { context, run, score } = &*SHARED;
    let schema = context.words("schema score").ok().json();
    keeps_to(&run.json(), &schema, &schema, "score");
    let on_disk: Value =
        serde_json::from_slice(&std::fs::read(context.path("out/score.json")).unwrap()).unwrap();
    assert_eq!(on_disk, run.json());
    assert!(score.caveats[0].contains("seen when the models' defaults were set"), "{}", score.caveats[0]);
    for horizon in &score.horizons {
        let head = |name: &str| &horizon.forecast(name).unwrap().uniform_head;
        // A gain over another is its loss over one; gains add up along a chain.
        let (r2, m0a) = (head("R2").over_m0a.unwrap(), head("m0a").over_r2.unwrap());
        assert!((r2.nats + m0a.nats).abs() < 1e-9);
        let chain = head("m1").over_m0a.unwrap().nats + m0a.nats - head("m1").over_r2.unwrap().nats;
        assert!(chain.abs() < 1e-9, "{chain}");
        for forecast in &horizon.forecasts {
            let rows = &forecast.product_head.reliability;
            let observed: f64 = rows.iter().map(|row| row.observed).sum();
            assert!((observed - horizon.events).abs() < 1e-6 * horizon.events, "{observed}");
            assert!(forecast.totals.pit.iter().sum::<u64>() <= horizon.windows);
        }
    }
}

/// The parts of JSON Schema that the published schemas use.
fn keeps_to(value: &Value, schema: &Value, root: &Value, path: &str) {
    if let Some(name) = schema["$ref"].as_str() {
        let target = root.pointer(name.trim_start_matches('#')).unwrap();
        return keeps_to(value, target, root, path);
    }
    if let Some(choices) = schema["anyOf"].as_array() {
        let nullable = choices.iter().any(|choice| choice["type"] == "null");
        let other = choices.iter().find(|choice| choice["type"] != "null").unwrap();
        assert!(nullable || !value.is_null(), "{path} is null");
        if !value.is_null() {
            keeps_to(value, other, root, path);
        }
        return;
    }
    if let Some(choices) = schema["oneOf"].as_array() {
        assert!(choices.iter().any(|choice| choice["const"] == *value), "{path}: {value}");
        return;
    }
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let fits = |allowed: &Value| allowed == kind || (allowed == "number" && kind == "integer");
    let allowed = &schema["type"];
    assert!(
        allowed.as_array().map_or(fits(allowed), |all| all.iter().any(fits)),
        "{path}: {kind}, {allowed}"
    );
    if let Some(fields) = value.as_object() {
        for (name, field) in fields {
            let known = &schema["properties"][name];
            assert!(!known.is_null(), "{path}.{name} is not in the schema");
            keeps_to(field, known, root, &format!("{path}.{name}"));
        }
        for name in schema["required"].as_array().into_iter().flatten() {
            assert!(fields.contains_key(name.as_str().unwrap()), "{path} lacks {name}");
        }
    }
    if schema["items"].is_object() {
        for item in value.as_array().into_iter().flatten() {
            keeps_to(item, &schema["items"], root, path);
        }
    }
}

#[test]
fn pictures_are_written() {
    let Shared { context, score, .. } = &*SHARED;
    for name in ["gain", "reliability", "pit"] {
        let png = std::fs::read(context.path(&format!("out/{name}.png"))).unwrap();
        assert_eq!(&png[..8], b"\x89PNG\r\n\x1a\n", "{name}");
        let svg = std::fs::read_to_string(context.path(&format!("out/{name}.svg"))).unwrap();
        assert!(
            svg.contains("m1") && svg.contains("5 minutes") && svg.contains(&score.snapshot[..8]),
            "{name}"
        );
    }
}

#[test]
fn imported_days_score_as_the_bundled_ones_and_read_well() {
    let Shared { score, .. } = &*SHARED;
    let context = TestContext::new();
    let names: Vec<&str> = (0..bundled::FILES.len()).map(|index| context.bundled(index)).collect();
    context.words(&format!("import {} --data days", names.join(" "))).ok();
    let run = context.words(&format!("{ASKED} --data days")).ok();
    let text = run.text();
    let widest = text.lines().map(|line| line.chars().count()).max().unwrap();
    assert!(widest <= 100, "{widest}: {text}");
    let finding = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for horizon in &score.horizons {
        assert!(finding.contains(&horizon.finding), "{}", horizon.finding);
        let gain = horizon.forecast("m1").unwrap().uniform_head.over_m0a.unwrap();
        let open = gain.lower.unwrap() <= 0.0 && gain.upper.unwrap() >= 0.0;
        assert_eq!(horizon.finding.contains("no difference between m1"), open, "{}", horizon.finding);
    }
    assert!(finding.contains(&score.headline));
    // Only the bundled days are known to have been seen.
    assert!(!finding.contains("seen when"), "{text}");
}

#[test]
fn what_cannot_be_scored_is_refused() {
    let context = TestContext::new();
    for (line, code, said) in [
        ("score BTC --min beauty_1m=1", 2, "gain_best, gain_m0a"),
        ("score BTC --min level_1m=high", 2, "LOW..HIGH"),
        ("score BTC --min gain_best_2m=0", 2, "_1m, _5m, _30m, _60m"),
        ("score BTC --models m7", 2, "m0a, m0b"),
        ("score BTC --horizons 7m", 2, "divides a day"),
        ("score BTC --model m1", 2, "--models"),
        ("score BTC --to 2026-03-18 --as-of 2026-03-18", 2, "--as-of"),
        ("score BTC --from 2026-03-20T23:50:00Z", 3, "at least 50"),
        ("score BTC --to 2026-03-01", 3, "no liquidation"),
        ("score NOPE", 3, "NOPE"),
    ] {
        let run = context.words(line);
        assert_eq!(run.code, code, "{line}: {}", run.stderr);
        assert!(run.stderr.contains(said), "{line}: {}", run.stderr);
        assert!(run.stdout.is_empty(), "{line}");
    }
}
