//! The page formats figures itself, from the same documents. `web/src/lib/format_vectors.json` holds what the
//! functions of `format` print for many values; the page's tests hold its own functions against that file, and
//! the test here holds the file against these.
//!
//! `LIQLENS_WRITE=1 cargo test -p liqlens-query format_vectors` writes the file anew.

use std::fmt::Write as _;
use std::path::Path;

use liqlens_query::document::{Interval, PriceText};
use liqlens_query::format;
use serde_json::{Value, json};

type OfNumber = fn(f64) -> String;
type OfInterval = fn(&Interval) -> String;
/// An argument and what is printed for it.
type Vector = (Value, String);

const OF_NUMBERS: [(&str, OfNumber); 12] = [
    ("usd", format::usd_short),
    ("usdDistance", format::usd_distance),
    ("usdSigned", format::usd_signed),
    ("percentSigned", format::percent_signed),
    ("percentSignedShort", format::percent_signed_short),
    ("share", format::share),
    ("score", format::score),
    ("scoreSigned", format::score_signed),
    ("figure", format::figure),
    ("rate", format::rate),
    ("age", format::age),
    ("priceNear", |value| format::price_near(&PriceText::new(value, 6))),
];

/// Borders between units, ties of the last digit (exact in binary), and what only looks like one.
const CHOSEN: [f64; 62] = [
    0.0,
    -0.0,
    0.004,
    0.005,
    0.0049,
    0.01,
    0.125,
    0.127,
    0.25,
    0.375,
    0.5,
    0.625,
    0.045,
    0.995,
    0.999,
    0.9995,
    1.0,
    1.005,
    1.25,
    1.5,
    2.5,
    2.675,
    3.5,
    9.995,
    9.9949,
    10.25,
    17.46,
    47.5,
    99.5,
    99.49,
    99.95,
    100.5,
    110.5,
    770.0,
    999.5,
    1_000.0,
    1_234.5,
    1_235.0,
    1_245.0,
    2_000.4,
    5_970.0,
    5_999.0,
    9_995.0,
    12_345.0,
    12_350.0,
    99_996.0,
    171_000.0,
    250_000.0,
    999_499.0,
    999_500.0,
    999_949.0,
    1e6,
    12.4e6,
    999_499_999.0,
    999_500_001.0,
    1.1e9,
    1.005e9,
    2.5e12,
    4.2e15,
    1e21,
    1e23,
    5e-324,
];

/// Numbers over many magnitudes, the same each time.
fn scattered() -> Vec<f64> {
    let mut state: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut next = |below: u32| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        u32::try_from(state >> 33).unwrap_or(0) % below
    };
    (0..80)
        .map(|_| {
            let digits = f64::from(next(2_000_000_000));
            let sign = if next(2) == 0 { 1.0 } else { -1.0 };
            sign * digits / 10f64.powi(i32::try_from(next(16)).unwrap())
        })
        .collect()
}

fn interval(lo80: f64, hi80: Option<f64>) -> Interval {
    Interval { lo80, hi80, widened: false }
}

/// All vectors by function: the arguments (`null` for what is not a number) and what is printed.
fn vectors() -> Vec<(&'static str, Vec<Vector>)> {
    let numbers: Vec<f64> =
        CHOSEN.into_iter().flat_map(|value| [value, -value]).chain(scattered()).chain([f64::NAN]).collect();
    let mut all: Vec<(&'static str, Vec<Vector>)> = OF_NUMBERS
        .into_iter()
        .map(|(name, print)| {
            let given = |value: f64| match name {
                "priceNear" => json!(PriceText::new(value, 6).as_str()),
                _ => json!(value),
            };
            (name, numbers.iter().map(|value| (given(*value), print(*value))).collect())
        })
        .collect();

    let scattered = scattered();
    let pairs: Vec<(f64, Option<f64>)> = scattered
        .chunks_exact(2)
        .map(|pair| (pair[0], Some(pair[1])))
        .chain([
            (0.7e9, Some(1.6e9)),
            (480.0, Some(590.0)),
            (0.7e9, None),
            (-1_480.0, Some(-2_690.3)),
            (590.1, None),
        ])
        .collect();
    let of_intervals: [(&str, OfInterval); 3] = [
        ("usdInterval", format::usd_interval),
        ("distanceRange", format::distance_range),
        ("moveRange", format::move_range),
    ];
    for (name, print) in of_intervals {
        let print =
            |&(lo, hi): &(f64, Option<f64>)| (json!({"lo80": lo, "hi80": hi}), print(&interval(lo, hi)));
        all.push((name, pairs.iter().map(print).collect()));
    }

    let prices =
        ["92580.7", "-2000.40", "0.00001234", "100", "1000", "1234567.00000001", "<b>", "", "1e5", "1."];
    let price = |text: &str| serde_json::from_value::<PriceText>(json!(text)).unwrap();
    all.push((
        "price",
        prices.iter().map(|text| (json!(text), format::price_grouped(&price(text)))).collect(),
    ));
    let times = [
        "2026-01-04T13:00:00Z",
        "2026-01-04T13:00:59.123Z",
        "yesterday",
        "2026-01-04T13:00:00+01:00",
        "ééééééééééZ",
    ];
    all.push(("utcMinute", times.iter().map(|text| (json!(text), format::utc_minute(text))).collect()));
    all.push((
        "snapshotShort",
        ["7f3c9a0be1d2", "7f3c", ""].iter().map(|id| (json!(id), format::snapshot_short(id))).collect(),
    ));
    all
}

/// One vector a line, so that a change shows what it changes.
fn written() -> String {
    let functions: Vec<String> = vectors()
        .into_iter()
        .map(|(name, cases)| {
            let lines: Vec<String> =
                cases.into_iter().map(|(of, is)| format!("    [{of}, {}]", json!(is))).collect();
            format!("  {}: [\n{}\n  ]", json!(name), lines.join(",\n"))
        })
        .collect();
    let mut text = String::new();
    let _ = write!(text, "{{\n{}\n}}\n", functions.join(",\n"));
    text
}

#[test]
fn the_pages_vectors_are_what_is_printed_today() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web/src/lib/format_vectors.json");
    let written = written();
    if std::env::var_os("LIQLENS_WRITE").is_some() {
        std::fs::write(&file, &written).unwrap();
    }
    let committed = std::fs::read_to_string(&file).unwrap();
    assert!(
        committed == written,
        "{} is not what `format` prints today; write it with LIQLENS_WRITE=1 and look at what changed",
        file.display()
    );
}

/// The vectors hold figures that were rounded by hand, from the wording rules.
#[test]
fn the_vectors_hold_what_was_rounded_by_hand() {
    let all = vectors();
    for (name, of, is) in [
        ("usd", json!(1.1e9), "$1.1B"),
        ("usd", json!(999_500_001.0), "$1B"),
        ("usd", json!(-12.4e6), "−$12.4M"),
        ("usdSigned", json!(-2_000.4), "−$2,000"),
        ("percentSigned", json!(2.5), "+2.50 %"),
        ("age", json!(2.5), "2 s"),
        ("age", json!(3.5), "4 s"),
        ("share", json!(0.999), ">99 %"),
        ("price", json!("92580.7"), "92,580.7"),
        ("moveRange", json!({"lo80": -1_480.0, "hi80": -2_690.3}), "−$1,480 … −$2,690"),
    ] {
        let (_, cases) = all.iter().find(|(known, _)| *known == name).unwrap();
        let (_, printed) = cases.iter().find(|(given, _)| *given == of).unwrap();
        assert_eq!(printed, is, "{name} of {of}");
    }
}
