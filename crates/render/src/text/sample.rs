//! Small documents for the tests of the skins, written as the JSON that a reader of the documents knows.

use liqlens_query::document::{Accounts, At, Brief, Clusters, Heatmap, Interval, Map, Reach, Reporting, Usd};
use serde_json::{Value, json};

fn with_stamp(schema: &str, price: &str, body: &Value) -> Value {
    let mut document = json!({
        "schema": schema,
        "symbol": "BTC",
        "model": "m1",
        "as_of": "2026-01-04T13:00:00Z",
        "snapshot": "7f3c9a0be1d2",
        "age_s": 2.1,
        "price": price,
        "price_decimals": 1,
        "grade": {"letter": "C", "reasons": ["no checked interval"]},
        "coverage": {
            "oi_share": null, "venues": 1, "missing": ["bybit", "okx"],
            "text": "Binance BTCUSDT, 1 of 3 known venues"
        },
        "evidence": {"measured": 0.0, "reported": 0.0, "modelled": 1.0},
        "markets": [],
        "warnings": []
    });
    let (Some(target), Some(body)) = (document.as_object_mut(), body.as_object()) else {
        panic!("a document is an object");
    };
    target.extend(body.clone());
    document
}

fn pair() -> Value {
    json!({
        "amount_usd": "1100000000.00",
        "long": {
            "price": "90580.3", "move_usd": "-2000.4", "move_pct": -2.1607, "interval": null,
            "available_usd": "5100000000.00"
        },
        "short": {
            "price": "93350.9", "move_usd": "770.2", "move_pct": 0.8319, "interval": null,
            "available_usd": "4200000000.00"
        },
        "tilt": {"side": "short", "ratio": 2.597, "sign_held": null, "label": "clear"}
    })
}

/// What a throttled stream of liquidations adds to the head of a document.
pub(crate) fn reporting() -> Reporting {
    let body = json!({
        "feed": "throttled", "factor": 0.35, "lo80": 0.18, "hi80": 0.66, "realised": 0.8, "informed": 0.7,
        "words": "The venue's public stream shows about 35 % (18–66 %) of liquidated dollars; figures are the \
                  estimated whole."
    });
    serde_json::from_value(body).unwrap()
}

/// The reach with all that an ensemble adds to it: one interval closed, one open.
pub(crate) fn reach_with_draws() -> Reach {
    let mut reach = reach();
    reach.stamp.reporting = Some(reporting());
    reach.pair.reported_amount_usd = Some(Usd::from_f64(385e6));
    reach.pair.long.interval = Some(Interval { lo80: -1_480.0, hi80: Some(-2_690.3), widened: false });
    reach.pair.short.interval = Some(Interval { lo80: 590.1, hi80: None, widened: false });
    reach.pair.long.held_in = Some(1.0);
    reach.pair.short.held_in = Some(0.85);
    if let Some(tilt) = &mut reach.pair.tilt {
        tilt.sign_held = Some(0.97);
    }
    reach
}

pub(crate) fn reach() -> Reach {
    serde_json::from_value(with_stamp("reach/1", "92580.7", &pair())).unwrap()
}

pub(crate) fn at() -> At {
    let moves = json!({"moves": [
        {"move_pct": -2.0, "move_usd": "-2.0", "price": "98.0", "long_usd": "4000000.00",
         "short_usd": "0.00", "interval": null},
        {"move_pct": 1.0, "move_usd": "1.0", "price": "101.0", "long_usd": "0.00",
         "short_usd": "2000000.50", "interval": {"lo80": 1e6, "hi80": 3e6}}
    ]});
    serde_json::from_value(with_stamp("at/1", "100.0", &moves)).unwrap()
}

fn bin(side: &str, low: &str, high: &str, distance: f64, usd: &str, cumulative: &str) -> Value {
    json!({"side": side, "price_lo": low, "price_hi": high, "distance_pct": distance, "usd": usd,
           "by_band": [usd, "0.00"], "cumulative_usd": cumulative})
}

fn cluster() -> Value {
    json!({"side": "short", "rank": 1, "price_lo": "101.0", "price_hi": "102.0", "peak_price": "101.5",
           "distance_pct": 1.5, "distance_usd": "1.5", "usd": "3000000.00", "share_of_side": 0.6,
           "prominence": 1.2})
}

/// Nothing within 1 %, and a sixth more longs than shorts within 5 %.
fn balance() -> Value {
    json!({
        "day_sigma_pct": 2.5,
        "asymmetry": [
            {"distance_pct": 1.0, "sigmas": null, "long_usd": "0.00", "short_usd": "0.00", "value": null,
             "interval": null},
            {"distance_pct": 5.0, "sigmas": 2.0, "long_usd": "7000000.00", "short_usd": "5000000.00",
             "value": -0.1667, "interval": {"lo80": -0.4, "hi80": 0.05}}
        ],
        "fuel": {"horizon_h": 24, "up_usd": "2000000.00", "down_usd": "3000000.00", "squeeze": -0.2,
                 "interval": {"lo80": -0.5, "hi80": 0.1}, "squeeze_z": -1.5}
    })
}

pub(crate) fn map() -> Map {
    let side = json!({"liquidatable_usd": "9000000.00", "in_window_usd": "5000000.00",
                      "beyond_window_usd": "4000000.00", "liquidatable_size": 90.0,
                      "unliquidatable_size": 10.0});
    let body = json!({
        "window": {"price_lo": "98.0", "price_hi": "102.0", "pct": 2.0},
        "bin": {"kind": "usd", "width": 1.0},
        "bands": [{"label": "≤5×", "leverage_min": 0.0, "leverage_max": 5.0},
                  {"label": ">50×", "leverage_min": 50.0, "leverage_max": null}],
        "bins": [
            bin("long", "98.0", "99.0", -1.5, "2500000.00", "4000000.00"),
            bin("long", "99.0", "100.0", -0.5, "1500000.00", "1500000.00"),
            bin("short", "100.0", "101.0", 0.5, "2000000.00", "2000000.00"),
            bin("short", "101.0", "102.0", 1.5, "3000000.00", "5000000.00"),
        ],
        "long": side, "short": side, "marks": null, "clusters": [cluster()], "balance": balance(),
        "day": null
    });
    serde_json::from_value(with_stamp("map/1", "100.0", &body)).unwrap()
}

/// Longs between 60,000 and 70,000 of a measured map: three, of which two are listed.
pub(crate) fn accounts() -> Accounts {
    let total = |accounts: usize, usd: &str| json!({"long_accounts": accounts, "short_accounts": 0, "long_usd": usd, "short_usd": "0.00"});
    let body = json!({
        "model": "m3",
        "evidence": {"measured": 1.0, "reported": 0.0, "modelled": 0.0},
        "range": {"price_lo": "60000.0", "price_hi": "70000.0"},
        "side": "long",
        "accounts": [
            {"account": "0x3b69…07d6", "source": "reported", "known_at": "2026-01-04T12:59:00Z", "side": "long",
             "size": 22.5, "notional_usd": "1819575.00", "usd": "3000000.00", "entry_price": "81134.2",
             "leverage": 1.41, "margin": "cross", "liquidation_price": "65313.4115826",
             "venue_liquidation_price": "65313.4115826", "relative_difference": -2e-12,
             "distance_pct": -19.24},
            {"account": "281474976", "source": "reconstructed", "known_at": "2026-01-04T12:59:00Z",
             "side": "long", "size": 0.5, "notional_usd": "40000.00", "usd": "2000000.00",
             "entry_price": null, "leverage": null, "margin": "isolated",
             "liquidation_price": "61000.0000000", "venue_liquidation_price": null,
             "relative_difference": null, "distance_pct": -24.5}
        ],
        "total": total(3, "5500000.00"),
        "left_out": total(1, "500000.00"),
        "unpriced": [],
        "check": {"compared": 1, "misses": 0, "median": 2e-12, "max": 2e-12}
    });
    serde_json::from_value(with_stamp("accounts/1", "80870.0", &body)).unwrap()
}

pub(crate) fn clusters() -> Clusters {
    let body = json!({
        "window": {"price_lo": "98.0", "price_hi": "102.0", "pct": 2.0}, "clusters": [cluster()]
    });
    serde_json::from_value(with_stamp("clusters/1", "100.0", &body)).unwrap()
}

pub(crate) fn heatmap() -> Heatmap {
    let column = |start: &str, end: &str, status: &str, usd: i64| {
        let cells = if status == "gap" { json!([]) } else { json!([usd, 2 * usd]) };
        json!({"start": start, "end": end, "status": status, "ohlc": null, "long_usd": cells,
               "short_usd": cells, "reported_usd": [0, 0]})
    };
    let body = json!({
        "step_s": 300,
        "rows": {"width_bp": 50.0, "first": 10, "count": 2, "edges": ["99.0", "99.5", "100.0"]},
        "columns": [
            column("2026-01-04T12:45:00Z", "2026-01-04T12:50:00Z", "closed", 1_000_000),
            column("2026-01-04T12:50:00Z", "2026-01-04T12:55:00Z", "gap", 0),
            column("2026-01-04T12:55:00Z", "2026-01-04T13:00:00Z", "forming", 3_000_000),
        ],
        "scale": {"p50_usd": 2_000_000, "p90_usd": 5_000_000, "p99_usd": 6_000_000}
    });
    serde_json::from_value(with_stamp("heatmap/1", "100.0", &body)).unwrap()
}

pub(crate) fn brief() -> Brief {
    let body = json!({
        "caveat": "Liquidation maps are not price predictions. They show where leverage sits, not where price must go.",
        "headline": "BTC liquidation map: $770 up vs. $2,000 down for $1.1B",
        "stamp_line": "2026-01-04 13:00 UTC · Binance BTCUSDT only · data 2 s old · grade C · snapshot 7f3c9a0b",
        "withheld": null,
        "bullets": [
            "▼ BTC would need to fall about $2,000 (−2.16 %) to liquidate $1.1B of longs",
            "▲ BTC would need to rise about $770 (+0.83 %) to liquidate $1.1B of shorts"
        ],
        "sections": [
            {"id": "what-this-tells-us", "title": "What this tells us", "sentences": [
                "Shorts are stacked closer to price than longs.",
                "Much of it sits in one band: $520M near 93,200."]},
            {"id": "bottom-line", "title": "Bottom line", "sentences": [
                "The same $1.1B sits 2.6× closer above price than below it."]}
        ],
        "window_pct": 5.0,
        "reach": pair(),
        "at": [],
        "price_box": {"price": "92580.7", "source": "Binance BTCUSDT", "day": null},
        "changed": [],
        "cover": {"amount_usd": "1100000000.00", "alt": "Two bars"}
    });
    serde_json::from_value(with_stamp("brief/1", "92580.7", &body)).unwrap()
}
