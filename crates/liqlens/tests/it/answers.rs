//! `reach`, `at` and `clusters`.

use liqlens_query::document::{At, Clusters, Reach};
use liqlens_query::format;
use serde_json::Value;

use crate::context::TestContext;

fn number(value: &Value) -> f64 {
    value.as_str().map_or_else(|| value.as_f64().unwrap(), |text| text.parse().unwrap())
}

/// UX-B14, for the command line: every number in the text is the document's, rounded.
#[test]
fn reach_in_words_is_reach_in_json() {
    let context = TestContext::new();
    let reach: Reach = serde_json::from_value(context.json("reach BTC --amount 100M")).unwrap();
    let text = context.text("reach BTC --amount 100M");
    let rows: Vec<&str> =
        text.lines().filter(|line| line.contains("80 %:") && line.starts_with("  ")).collect();
    assert_eq!(rows.len(), 2, "{text}");
    for (row, name, side) in
        [(rows[0], "▼ longs", &reach.pair.long), (rows[1], "▲ shorts", &reach.pair.short)]
    {
        let price = side.price.as_ref().unwrap();
        for part in [
            name.to_owned(),
            "$100M".to_owned(),
            format::usd_signed(side.move_usd.as_ref().unwrap().to_f64()),
            format!("({})", format::percent_signed(side.move_pct.unwrap())),
            format::price_grouped(price),
        ] {
            assert!(row.contains(&part), "{part} in {row}");
        }
    }
    assert!(text.contains(&format::snapshot_short(&reach.stamp.snapshot)));
    for side in [&reach.pair.long, &reach.pair.short] {
        let interval = side.interval.as_ref().expect("a learned map knows how wrong it is");
        let (nearer, farther) = (interval.lo80, interval.hi80.expect("nine of ten draws hold $100M"));
        let moved = side.move_usd.as_ref().unwrap().to_f64();
        assert!(nearer.abs() <= moved.abs() && moved.abs() <= farther.abs(), "{interval:?} around {moved}");
        assert!(text.contains(&format::usd_signed(nearer)), "{nearer} in {text}");
    }
    let text = context.text("reach BTC --amount 100M --model m1");
    assert!(text.contains("not yet estimated"), "an interval that does not exist is said not to");
}

#[test]
fn reach_and_at_are_each_others_inverse() {
    let context = TestContext::new();
    let reach = context.json("reach BTC --amount 100M");
    for (side, own, other) in [("long", "long_usd", "short_usd"), ("short", "short_usd", "long_usd")] {
        let price = reach[side]["price"].as_str().unwrap();
        let at = context.json(&format!("at BTC --move to:{price}"));
        let dollars = number(&at["moves"][0][own]);
        // The price is rounded to a tenth; a tenth of a dollar holds far less than a hundredth of this.
        assert!((dollars / 100e6 - 1.0).abs() < 0.01, "{side}: {dollars}");
        assert_eq!(number(&at["moves"][0][other]), 0.0);
    }
    assert!(number(&reach["long"]["move_usd"]) < 0.0 && number(&reach["short"]["move_usd"]) > 0.0);
}

#[test]
fn moves_are_answered_in_the_order_asked() {
    let context = TestContext::new();
    let at: At = serde_json::from_value(context.json("at BTC --move +1% --move -2% --move +770")).unwrap();
    let price = at.stamp.price.to_f64();
    assert_eq!(at.moves.len(), 3);
    assert!((at.moves[0].price.to_f64() - price * 1.01).abs() < 0.1);
    assert!((at.moves[1].price.to_f64() - price * 0.98).abs() < 0.1);
    assert!((at.moves[2].price.to_f64() - price - 770.0).abs() < 0.1);
    let text = context.text("at BTC --move +1% --move -2% --move +770");
    for asked in &at.moves {
        for usd in [asked.long_usd, asked.short_usd] {
            assert!(text.contains(&format::usd_short(usd.to_f64())), "{usd} in {text}");
        }
    }
}

#[test]
fn units_are_worth_the_same_dollars() {
    let context = TestContext::new();
    let coins = context.json("reach BTC --amount 1000 --in BTC");
    let expected = 1_000.0 * number(&coins["price"]);
    assert!((number(&coins["amount_usd"]) - expected).abs() < 0.01);
    let share = context.json("reach BTC --amount 5 --in %oi");
    let expected = 0.05 * number(&share["markets"][0]["open_interest_usd"]);
    assert!((number(&share["amount_usd"]) / expected - 1.0).abs() < 1e-9);
}

/// UX-C3: every name of the one market gives the same figures under its canonical spelling.
#[test]
fn every_name_of_a_market_gives_the_same_figures() {
    let context = TestContext::new();
    let mut expected: Option<Value> = None;
    for (name, symbol) in [
        ("btc", "BTC"),
        ("BTC/USDT:USDT", "BTC/USDT:USDT"),
        ("binance:btc/usdt:usdt", "binance:BTCUSDT"),
        ("BTCUSDT", "binance:BTCUSDT"),
        ("Binance:BTCUSDT", "binance:BTCUSDT"),
    ] {
        let reach = context.json(&format!("reach {name} --amount 50M"));
        assert_eq!(reach["symbol"], symbol);
        let figures = serde_json::json!([reach["long"], reach["short"], reach["snapshot"]]);
        assert_eq!(*expected.get_or_insert_with(|| figures.clone()), figures, "{name}");
    }
}

#[test]
fn an_amount_beyond_the_map_says_so() {
    let context = TestContext::new();
    let reach = context.json("reach BTC --amount 900B");
    assert!(reach["long"]["price"].is_null() && reach["tilt"].is_null());
    let held = format::usd_short(number(&reach["long"]["available_usd"]));
    assert!(context.text("reach BTC --amount 900B").contains(&format!("the map holds {held} of this side")));
}

#[test]
fn clusters_lie_inside_the_window_and_in_their_order() {
    let context = TestContext::new();
    let answer: Clusters = serde_json::from_value(context.json("clusters BTC --within 5%")).unwrap();
    assert!(!answer.clusters.is_empty());
    let text = context.text("clusters BTC --within 5%");
    for cluster in &answer.clusters {
        assert!(cluster.distance_pct.abs() <= 5.0);
        assert!(text.contains(&format::price_grouped(&cluster.peak_price)), "{text}");
    }
    let csv = context.text("clusters BTC --within 5% --csv");
    assert_eq!(csv.lines().count(), answer.clusters.len() + 1);
}

#[test]
fn the_models_are_told_apart() {
    let context = TestContext::new();
    let m0 = context.json("reach BTC --amount 50M --model m0");
    let m1 = context.json("reach BTC --amount 50M --model m1");
    let m2 = context.json("reach BTC --amount 50M");
    assert_eq!([&m0["model"], &m1["model"], &m2["model"]], ["m0", "m1", "m2"]);
    assert_ne!(m0["snapshot"], m1["snapshot"]);
    assert_ne!(m1["snapshot"], m2["snapshot"]);
    // Only the model that hears liquidations says what of them is reported.
    assert!(m1["reporting"].is_null());
    assert_eq!(m2["reporting"]["feed"], "throttled");
    assert!(!m0["warnings"].as_array().unwrap().is_empty());
}
