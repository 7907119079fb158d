//! The tape: every report once, as requests get them.

use std::time::Duration;

use liqlens_market::{Span, Timestamp};
use liqlens_query::document::Usd;
use liqlens_query::series::{SeriesAsk, TapeOptions, tape};
use liqlens_server::stage::clock::{BEAT, Clock, Control, Speed};
use liqlens_server::stage::events::Room;
use liqlens_server::stage::topics::Found;
use serde_json::Value;

use crate::theatre::{SOURCE, Theatre, bounds, settle, time};

/// The reports that became known after `from`, up to `to`, as a request gets them.
fn requested(from: Timestamp, to: Timestamp, min_usd: Option<f64>) -> Vec<Value> {
    let instrument = &SOURCE.markets().unwrap()[0];
    let ask = SeriesAsk { instrument, symbol: "BTC", as_of: to, from: from + Span::from_nanos(1), to };
    // The price that values a report may be older than the report.
    let log = SOURCE.events_between(&instrument.market, from - Span::DAY, to).unwrap();
    let options =
        TapeOptions { min_usd: min_usd.map(Usd::from_f64), limit: 10_000, ..TapeOptions::default() };
    let document = serde_json::to_value(tape(log, &ask, &options).unwrap()).unwrap();
    document["rows"].as_array().unwrap().clone()
}

#[test]
fn every_report_comes_once_as_requests_show_it() {
    let from = "2026-03-18T10:58:20Z";
    let theatre = Theatre::replay(from, 200.0);
    let mut player = theatre.player();
    let mut all = theatre.subscribe("tape", &[]);
    let mut large = theatre.subscribe("tape", &[("min", "50k")]);
    // Rows and documents come from one market that is folded once.
    let _map = theatre.subscribe("at", &[]);
    for beat in 0..=150 {
        settle(&mut player, BEAT * beat);
        if beat % 7 == 0 {
            all.read();
        }
        large.read();
    }
    all.read();
    let (from, to) = (time(from), time(from) + Span::SECOND.times(50 * 150));
    let expected = requested(from, to, None);
    assert!(expected.len() > 20, "{}", expected.len());
    assert_eq!(all.rows, expected);
    assert_eq!(all.seq, u64::try_from(expected.len()).unwrap());
    let expected = requested(from, to, Some(50_000.0));
    assert!(!expected.is_empty() && expected.len() < all.rows.len());
    assert_eq!(large.rows, expected);
}

#[test]
fn a_jump_leaves_out_what_lies_between() {
    let theatre = Theatre::replay("2026-03-18T09:00:00Z", 200.0);
    let mut player = theatre.player();
    let mut page = theatre.subscribe("tape", &[]);
    settle(&mut player, Duration::ZERO);
    let to = "2026-03-18T14:00:00Z";
    theatre.control(Control { seek: Some(time(to)), ..Control::default() }, BEAT);
    for beat in 1..=61 {
        settle(&mut player, BEAT * beat);
        page.read();
    }
    let expected = requested(time(to), time(to) + Span::SECOND.times(50 * 60), None);
    assert!(!expected.is_empty());
    assert_eq!(page.rows, expected);
}

#[test]
fn who_does_not_read_is_told_to_begin_anew() {
    let speed = Speed::new(1_000.0).unwrap();
    let clock = Clock::replay(bounds(), time("2026-03-18T00:00:00Z"), speed, false, Duration::ZERO).unwrap();
    let theatre = Theatre::new(clock, Room { events: 20, bytes: 1 << 20 });
    let mut player = theatre.player();
    let (mut reading, mut asleep) = (theatre.subscribe("tape", &[]), theatre.subscribe("tape", &[]));
    for beat in 0..=60 {
        settle(&mut player, BEAT * beat);
        reading.read();
    }
    assert!(reading.rows.len() > 20);
    assert!(matches!(asleep.reader.look(), Found::Behind(cursor) if cursor.seq == 0));
    assert!(!asleep.read());
}
