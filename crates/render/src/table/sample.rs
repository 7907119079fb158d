//! Small documents for the tests of tables, written as the JSON that a reader of the documents knows.

use liqlens_query::document::{
    FundingSeries, Gaps, LiquidationLadder, OpenInterestSeries, Overview, PriceSeries, Tape,
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::text::sample;

/// A document with the head of a log.
fn with_head<T: DeserializeOwned>(schema: &str, body: &Value) -> T {
    let mut document = json!({
        "schema": schema, "symbol": "BTC", "market": "binance:BTCUSDT", "as_of": "2026-01-04T13:00:00Z",
        "from": "2026-01-03T13:00:00Z", "to": "2026-01-04T13:00:00Z"
    });
    document.as_object_mut().unwrap().extend(body.as_object().unwrap().clone());
    serde_json::from_value(document).unwrap()
}

pub(super) fn tape() -> Tape {
    let body = json!({"min_usd": null, "next": "1-1", "rows": [
        {"ts": "2026-01-04T12:59:00Z", "known": "2026-01-04T12:59:00Z", "period_s": 60.0, "side": "long",
         "size": 0.153, "price": null, "valued_at": "92580.7", "usd": "14164.85", "completeness": "floor"},
        {"ts": "2026-01-04T12:59:30.25Z", "known": "2026-01-04T12:59:30.5Z", "period_s": null, "side": "short",
         "size": 2.0, "price": "92600", "valued_at": "92600", "usd": "185200.00", "completeness": "full"},
        {"ts": "2026-01-04T12:59:31Z", "known": "2026-01-04T12:59:31Z", "period_s": null, "side": "short",
         "size": 1e-8, "price": null, "valued_at": null, "usd": null, "completeness": "full"}
    ]});
    with_head("tape/1", &body)
}

pub(super) fn price() -> PriceSeries {
    let body = json!({"step_s": 60.0, "finer_step_s": 1.0, "gaps": [], "candles": [
        {"start": "2026-01-04T12:58:00Z", "end": "2026-01-04T12:59:00Z", "open": "92580.7", "high": "92600",
         "low": "92580.12345678", "close": "92590.5", "volume": 1407.25},
        {"start": "2026-01-04T12:59:00Z", "end": "2026-01-04T13:00:00Z", "open": "92590.5", "high": "92590.5",
         "low": "92590.5", "close": "92590.5", "volume": null}
    ]});
    with_head("price/1", &body)
}

pub(super) fn open_interest() -> OpenInterestSeries {
    let body = json!({"step_s": 60.0, "left_out": 3, "points": [
        {"ts": "2026-01-04T12:58:00Z", "size": 83486.24, "usd": "7729229000.12"},
        {"ts": "2026-01-04T12:59:00.004Z", "size": 83486.0, "usd": null}
    ]});
    with_head("oi/1", &body)
}

pub(super) fn funding() -> FundingSeries {
    let body = json!({"step_s": 60.0, "left_out": 0, "points": [
        {"ts": "2026-01-04T08:00:00.004Z", "rate": -1.883e-5, "interval_h": 8.0, "kind": "settled"},
        {"ts": "2026-01-04T12:59:00Z", "rate": 0.0001, "interval_h": 8.0, "kind": "predicted"}
    ]});
    with_head("funding/1", &body)
}

pub(super) fn gaps() -> Gaps {
    let body = json!({"channels": [
        {"name": "bar-trades-1m", "first": "2025-09-13T08:00:00Z", "newest": "2026-01-04T13:00:00Z",
         "period_s": 60.0, "gaps": [
            {"from": "2026-01-04T09:46:00Z", "to": "2026-01-04T09:47:00Z", "seconds": 60.0,
             "cause": "=the recorder, \"down\""}]},
        {"name": "liquidation", "first": "2025-09-13T08:00:00Z", "newest": "2026-01-04T12:59:00Z",
         "period_s": null, "gaps": []}
    ]});
    with_head("gaps/1", &body)
}

pub(super) fn ladder() -> LiquidationLadder {
    let (at, reach) = (sample::at(), sample::reach_with_draws());
    LiquidationLadder {
        window: sample::map().window,
        price_step: at.moves[0].price.clone(),
        at: at.moves,
        reach: vec![reach.pair],
        stamp: reach.stamp,
    }
}

/// A market with everything, and one of which little is known.
pub(super) fn overview() -> Overview {
    let (map, at) = (sample::map(), sample::at());
    let stamp = |document: &str| {
        let mut stamp = serde_json::to_value(&map.stamp).unwrap();
        stamp["symbol"] = json!(document);
        stamp
    };
    let cluster = &sample::clusters().clusters[0];
    let row = json!({
        "stamp": stamp("BTC"), "day": map.day, "open_interest_change_24h_pct": -0.25, "funding_rate": 0.0001,
        "funding_interval_h": 8.0, "at": at.moves, "nearest_long": null, "nearest_short": cluster,
        "marks": sample::reach().pair, "reported_24h_usd": ["1.00", "22.50"]
    });
    let bare = json!({
        "stamp": stamp("ETH"), "day": null, "open_interest_change_24h_pct": null, "funding_rate": null,
        "funding_interval_h": null, "at": at.moves, "nearest_long": null, "nearest_short": null, "marks": null,
        "reported_24h_usd": null
    });
    let body =
        json!({"schema": "overview/1", "as_of": "2026-01-04T13:00:00Z", "rows": [row, bare], "failed": []});
    serde_json::from_value(body).unwrap()
}
