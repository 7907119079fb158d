//! Documents agree with themselves, with each other, and with what was known.

use liqlens_market::{Event, Span};
use liqlens_model::ModelId;
use liqlens_query::document::{BinWidth, Brief, Map, MapBin, SideName, Usd, schemas};
use liqlens_query::series::{self, Fineness, TapeOptions};
use liqlens_query::{BriefInputs, LadderOptions, MapOptions, View, compose, overview, views};
use proptest::prelude::*;
use serde_json::Value;

use crate::bundle::{EVENTS, end, events, market, subject, time, view};
use crate::series::ask;

fn map(view: &View, window_pct: f64, bin: BinWidth) -> Map {
    view.map(&MapOptions { window_pct, bin: Some(bin) }).unwrap()
}

fn total(map: &Map, side: SideName) -> Usd {
    map.bins.iter().filter(|bin| bin.side == side).map(|bin| bin.usd).sum()
}

#[test]
fn any_bin_width_sums_to_the_same_total_to_the_cent() {
    let view = view(ModelId::M1, end(), 30);
    for window in [0.7, 5.0, 10.0, 33.0] {
        let widths = [
            BinWidth::Bp(1.0),
            BinWidth::Bp(5.0),
            BinWidth::Bp(7.3),
            BinWidth::Bp(100.0),
            BinWidth::Usd(13.0),
            BinWidth::Usd(100.0),
            BinWidth::Usd(1e6),
        ];
        for width in widths {
            let map = map(&view, window, width);
            assert_eq!(total(&map, SideName::Long), map.long.in_window_usd, "{window} % {width:?}");
            assert_eq!(total(&map, SideName::Short), map.short.in_window_usd, "{window} % {width:?}");
            for side in [&map.long, &map.short] {
                assert_eq!(side.in_window_usd + side.beyond_window_usd, side.liquidatable_usd);
            }
            bins_are_consistent(&map.bins);
        }
    }
}

fn bins_are_consistent(bins: &[MapBin]) {
    for bin in bins {
        assert_eq!(bin.by_band.iter().copied().sum::<Usd>(), bin.usd);
        assert!(bin.by_band.iter().all(|usd| *usd >= Usd::ZERO));
    }
    for pair in bins.windows(2) {
        assert_eq!(pair[0].price_hi, pair[1].price_lo, "bins touch");
        let outward =
            if pair[0].side == SideName::Long { (&pair[1], &pair[0]) } else { (&pair[0], &pair[1]) };
        if pair[0].side == pair[1].side {
            assert_eq!(outward.0.cumulative_usd + outward.1.usd, outward.1.cumulative_usd);
        }
    }
}

#[test]
fn the_maps_cumulative_dollars_are_what_at_answers() {
    let view = view(ModelId::M1, end(), 30);
    let map = map(&view, 10.0, BinWidth::Usd(500.0));
    for bin in &map.bins {
        let far = if bin.side == SideName::Long { &bin.price_lo } else { &bin.price_hi };
        let row = &view.at(&[far.to_f64()]).moves[0];
        let usd = if bin.side == SideName::Long { row.long_usd } else { row.short_usd };
        // The window's own ends are printed rounded to a tick, so they are asked at a slightly other price.
        let printed_exactly = far.to_f64() % 500.0 == 0.0;
        if printed_exactly {
            assert_eq!(usd, bin.cumulative_usd, "{far}");
        }
    }
}

#[test]
fn nothing_known_later_changes_an_answer() {
    let at = time("2026-03-18T12:30:00Z");
    let known: Vec<Event> = EVENTS.iter().filter(|e| e.known_ts <= at).cloned().collect();
    let documents = |events: Vec<Event>| -> Vec<String> {
        let stops = [at - Span::DAY, at - Span::HOUR, at];
        let views: Vec<View> = views(&mut market(ModelId::M1), &subject(), events, &stops)
            .into_iter()
            .map(Result::unwrap)
            .collect();
        let brief = compose(&BriefInputs {
            now: &views[2],
            hour_ago: Some(&views[1]),
            day_ago: Some(&views[0]),
            amount: None,
            window_pct: None,
            allow_stale: false,
        });
        let map = views[2].map(&MapOptions::default()).unwrap();
        vec![serde_json::to_string(&brief).unwrap(), serde_json::to_string(&map).unwrap()]
    };
    let truncated = documents(known);
    let all = documents(EVENTS.clone());
    assert!(EVENTS.iter().any(|e| e.known_ts > at), "there is a future to leak");
    assert_eq!(truncated, all);
    // And a second run is the same to the byte.
    assert_eq!(documents(EVENTS.clone()), all);
}

fn brief(at: &str, amount: Option<f64>, allow_stale: bool) -> Brief {
    let at = time(at);
    let stops = [at - Span::DAY, at - Span::HOUR, at];
    let views = views(&mut market(ModelId::M1), &subject(), events(at, 40), &stops);
    let view = |i: usize| views[i].as_ref().ok();
    compose(&BriefInputs {
        now: view(2).unwrap(),
        hour_ago: view(1),
        day_ago: view(0),
        amount: amount.map(Usd::from_f64),
        window_pct: None,
        allow_stale,
    })
}

/// UX-B7: no word about what price does next, no instruction, outside the caveat.
#[test]
fn no_brief_forecasts_or_instructs() {
    const BANNED: [&str; 27] = [
        "will",
        "going to",
        "likely to",
        "expected to",
        "target",
        "magnet",
        "attract",
        "hunt",
        "inevitable",
        "opportunity",
        "signal",
        "bullish",
        "bearish",
        "forecast",
        "predict",
        "may favor",
        "should buy",
        "should sell",
        "should long",
        "should short",
        "consider buying",
        "consider selling",
        "consider long",
        "consider short",
        "time to buy",
        "time to sell",
        "time to long",
    ];
    for (at, amount) in [
        ("2026-03-20T23:59:00Z", None),
        ("2026-03-17T08:00:00Z", Some(2.5e8)),
        ("2026-01-05T02:00:00Z", Some(1.1e9)),
        ("2026-03-16T00:03:00Z", Some(9e12)),
        ("2026-03-22T00:00:00Z", None),
    ] {
        let brief = brief(at, amount, false);
        let text: Vec<&str> = brief
            .sections
            .iter()
            .filter(|section| section.id != "caveat")
            .flat_map(|section| section.sentences.iter().map(String::as_str))
            .chain(brief.bullets.iter().map(String::as_str))
            .chain([brief.headline.as_str(), brief.stamp_line.as_str()])
            .collect();
        let text = text.join(" ").to_lowercase();
        for word in BANNED {
            assert!(!text.contains(word), "{at}: {word:?} in {text}");
        }
        assert!(brief.headline.chars().count() <= 90, "{}", brief.headline);
        if brief.withheld.is_none() {
            // UX-B15, titles and the caveat line included.
            let titles = brief.sections.iter().map(|section| section.title.as_str());
            let caveats = [brief.caveat.as_str(); 2];
            let word = |token: &&str| token.chars().any(char::is_alphanumeric);
            let count = |text: &str| text.split_whitespace().filter(word).count();
            let words: usize = titles.chain(caveats).chain([text.as_str()]).map(count).sum();
            assert!((250..=450).contains(&words), "{at}: {words} words");
        }
        assert!(brief.caveat.contains("not price predictions"));
        assert_eq!(brief.sections.iter().filter(|s| s.id == "caveat").count(), 1);
    }
}

#[test]
fn a_stale_brief_withholds_its_numbers() {
    let late = brief("2026-03-22T00:00:00Z", None, false);
    assert!(late.withheld.is_some() && late.reach.is_none() && late.at.is_empty() && late.changed.is_empty());
    assert!(!late.headline.contains('$'), "{}", late.headline);
    assert!(late.stamp.withheld());
    let allowed = brief("2026-03-22T00:00:00Z", None, true);
    assert!(allowed.withheld.is_none() && allowed.reach.is_some());
}

#[test]
fn money_words_agree_with_the_numbers() {
    let brief = brief("2026-03-20T23:59:00Z", Some(5e7), false);
    let pair = brief.reach.unwrap();
    let tilt = pair.tilt.unwrap();
    let [down, up] = [&pair.long, &pair.short].map(|side| side.move_pct.unwrap().abs());
    assert_eq!(tilt.side, if down < up { SideName::Long } else { SideName::Short });
    assert!((tilt.ratio - down.max(up) / down.min(up)).abs() < 1e-3);
}

/// Every document satisfies the schema published for it (types and required fields).
#[test]
fn documents_have_the_fields_of_their_schema() {
    let view = view(ModelId::M1, end(), 10);
    let ask = ask(end() - Span::DAY, end());
    let log = || EVENTS.iter().cloned();
    let documents = [
        serde_json::to_value(view.reach(Usd::from_f64(1e8))).unwrap(),
        serde_json::to_value(view.at(&[70_000.0])).unwrap(),
        serde_json::to_value(view.map(&MapOptions::default()).unwrap()).unwrap(),
        serde_json::to_value(view.clusters(10.0)).unwrap(),
        serde_json::to_value(view.ladder(&LadderOptions::default())).unwrap(),
        serde_json::to_value(overview(end(), vec![view.overview_row(None)], Vec::new())).unwrap(),
        serde_json::to_value(view.tick()).unwrap(),
        serde_json::to_value(series::tape(log(), &ask, &TapeOptions::default()).unwrap()).unwrap(),
        serde_json::to_value(series::price(log(), &ask, Fineness::default()).unwrap()).unwrap(),
        serde_json::to_value(series::open_interest(log(), &ask, Fineness::default()).unwrap()).unwrap(),
        serde_json::to_value(series::funding(log(), &ask, Fineness::default()).unwrap()).unwrap(),
        serde_json::to_value(series::gaps(log(), &ask).unwrap()).unwrap(),
    ];
    for document in documents {
        let name = document["schema"].as_str().unwrap();
        let (_, schema) = schemas().into_iter().find(|(n, _)| *n == name).unwrap();
        let schema = schema.as_value();
        let known = schema["properties"].as_object().unwrap();
        for field in document.as_object().unwrap().keys() {
            assert!(known.contains_key(field), "{name} has {field}, its schema does not");
        }
        for required in schema["required"].as_array().unwrap() {
            assert!(document.get(required.as_str().unwrap()).is_some(), "{name} lacks {required}");
        }
        assert!(!has_null_number(&document), "{name} has a number that is not finite");
    }
}

/// JSON writes NaN and infinity as null; the only nulls allowed are the fields documented so.
fn has_null_number(value: &Value) -> bool {
    const NULLABLE: [&str; 31] = [
        "interval",
        "sign_held",
        "oi_share",
        "newest",
        "age_s",
        "leverage_max",
        "marks",
        "day",
        "tilt",
        // Without an ensemble or a model of the venue's stream.
        "held_in",
        "reporting",
        "reported_amount_usd",
        "reported_long_usd",
        "reported_short_usd",
        "reported_usd",
        "reported_liquidatable_usd",
        "reported_in_window_usd",
        "liquidatable_interval",
        "in_window_interval",
        "usd_lo80",
        "usd_hi80",
        "sigmas",
        "squeeze_z",
        "open_interest_change_24h_pct",
        "min_usd",
        "next",
        "period_s",
        "finer_step_s",
        // A reach that the map does not hold, a report without a price.
        "price",
        "move_usd",
        "move_pct",
    ];
    match value {
        Value::Object(fields) => fields
            .iter()
            .any(|(key, v)| (v.is_null() && !NULLABLE.contains(&key.as_str())) || has_null_number(v)),
        Value::Array(items) => items.iter().any(has_null_number),
        _ => false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn reach_is_monotone_in_the_amount(a in 1e4..5e9_f64, b in 1e4..5e9_f64) {
        static VIEW: std::sync::LazyLock<View> = std::sync::LazyLock::new(|| view(ModelId::M1, end(), 10));
        let [near, far] = [a.min(b), a.max(b)].map(|usd| VIEW.reach(Usd::from_f64(usd)).pair);
        for (near, far) in [(&near.long, &far.long), (&near.short, &far.short)] {
            match (near.move_pct, far.move_pct) {
                (Some(near), Some(far)) => prop_assert!(near.abs() <= far.abs()),
                (None, Some(_)) => prop_assert!(false, "a larger amount is reached, a smaller is not"),
                _ => {}
            }
        }
    }
}
