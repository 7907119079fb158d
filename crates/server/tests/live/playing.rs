//! What a stage publishes, on virtual time, against what requests get.

use std::sync::atomic::Ordering;
use std::time::Duration;

use liqlens_ask::Topic;
use liqlens_market::{Span, Timestamp};
use liqlens_server::stage::clock::{BEAT, Clock, Control};
use liqlens_server::stage::events::Room;
use liqlens_server::stage::player::Turn;
use serde_json::Value;

use crate::theatre::{Page, Theatre, bounds, from_start, requested, settle, time};

const CHANNELS: [(Topic, &[(&str, &str)]); 7] = [
    (Topic::Reach, &[("amount", "250M")]),
    (Topic::At, &[]),
    (Topic::Map, &[("within", "5%")]),
    (Topic::Ladder, &[]),
    (Topic::Clusters, &[]),
    (Topic::Brief, &[]),
    (Topic::Heatmap, &[("step", "5m")]),
];

/// Beats played, at 100 times the speed of time: an hour and a half of the data.
const BEATS: u32 = 216;

/// The document a request gets, of a heatmap for the columns that a subscription has.
fn expected(topic: Topic, parameters: &[(&str, &str)], page: &Page, at: Timestamp) -> String {
    if topic != Topic::Heatmap {
        return requested(topic, parameters, at);
    }
    let first = page.document["columns"][0]["start"].as_str().unwrap().to_owned();
    let mut parameters = parameters.to_vec();
    parameters.push(("from", &first));
    requested(topic, &parameters, at)
}

#[test]
fn what_is_published_is_what_a_request_gets_byte_for_byte() {
    let theatre = Theatre::replay("2026-03-18T11:57:00Z", 100.0);
    let mut player = theatre.player();
    let mut pages: Vec<Page> =
        CHANNELS.iter().map(|(topic, parameters)| theatre.subscribe(topic.name(), parameters)).collect();
    let mut price = theatre.subscribe("price", &[]);
    for beat in 0..=BEATS {
        let at = BEAT * beat;
        settle(&mut player, at);
        price.read();
        for (page, (topic, parameters)) in pages.iter_mut().zip(CHANNELS) {
            // Once a second.
            assert_eq!(page.read(), beat % 4 == 0, "{topic:?} at beat {beat}");
            if beat % 24 != 0 {
                continue;
            }
            let now = time("2026-03-18T11:57:00Z") + Span::SECOND.times(25 * i64::from(beat));
            assert_eq!(page.as_of(), now);
            let published = theatre.document(page);
            let expected = expected(topic, parameters, page, now);
            assert!(published == expected.trim_end(), "{topic:?} at {now}:\n{published}\n{expected}");
            // And a page that applied every delta has the same.
            assert_eq!(page.document, serde_json::from_str::<Value>(&expected).unwrap(), "{topic:?}");
        }
    }
    // Once with every minute that brought events, beginning with the first.
    assert_eq!(price.seen.values().sum::<usize>(), 91, "{:?}", price.seen);
    assert_eq!(price.as_of().to_string(), "2026-03-18T13:27:00Z");
    // What was made of the market was there for requests too.
    assert!(theatre.house.offered.load(Ordering::Relaxed) > u64::from(BEATS));
}

#[test]
fn the_first_event_on_leads_to_the_same() {
    let theatre = Theatre::replay("2026-03-19T08:30:00Z", 1.0);
    let mut player = theatre.player();
    let mut pages: Vec<Page> =
        CHANNELS.iter().map(|(topic, parameters)| theatre.subscribe(topic.name(), parameters)).collect();
    settle(&mut player, Duration::ZERO);
    for (page, (topic, parameters)) in pages.iter_mut().zip(CHANNELS).take(3) {
        assert!(page.read());
        let expected = from_start(topic, parameters, time("2026-03-19T08:30:00Z"));
        assert_eq!(theatre.document(page), expected.trim_end(), "{topic:?}");
    }
}

#[test]
fn columns_of_a_subscription_are_those_of_the_whole_heatmap() {
    let theatre = Theatre::replay("2026-03-18T23:54:00Z", 60.0);
    let mut player = theatre.player();
    let mut page = theatre.subscribe("heatmap", &[("step", "5m"), ("row", "5bp"), ("within", "3%")]);
    // Columns by their beginning, as a page merges them, and by row.
    let mut columns: Vec<(String, Value)> = Vec::new();
    for beat in 0..=80 {
        settle(&mut player, BEAT * beat);
        if page.read() {
            for column in page.document["columns"].as_array().unwrap() {
                let start = column["start"].as_str().unwrap().to_owned();
                columns.retain(|(known, _)| *known != start);
                let first = page.document["rows"]["first"].as_i64().unwrap();
                columns.push((start, serde_json::json!({ "first": first, "column": column })));
            }
        }
    }
    let at = page.as_of();
    assert_eq!(at.to_string(), "2026-03-19T00:14:00Z");
    let parameters = [("step", "5m"), ("row", "5bp"), ("within", "3%"), ("from", "2026-03-18T23:45:00Z")];
    let whole: Value = serde_json::from_str(&requested(Topic::Heatmap, &parameters, at)).unwrap();
    let whole_first = whole["rows"]["first"].as_i64().unwrap();
    assert_eq!(whole["columns"].as_array().unwrap().len(), columns.len());
    for column in whole["columns"].as_array().unwrap() {
        let (_, merged) = columns.iter().find(|(start, _)| column["start"] == **start).unwrap();
        let shown = &merged["column"];
        for field in ["end", "status", "ohlc", "reported_usd"] {
            assert_eq!(shown[field], column[field], "{field} of {}", column["start"]);
        }
        // Rows of both pictures hold the same dollars.
        let shift = merged["first"].as_i64().unwrap() - whole_first;
        for side in ["long_usd", "short_usd"] {
            let of_whole = column[side].as_array().unwrap();
            for (index, usd) in shown[side].as_array().unwrap().iter().enumerate() {
                let row = i64::try_from(index).unwrap() + shift;
                if let Some(expected) = usize::try_from(row).ok().and_then(|row| of_whole.get(row)) {
                    assert_eq!(usd, expected, "{side} of row {row}, {}", column["start"]);
                }
            }
        }
    }
}

#[test]
fn a_jump_begins_a_new_epoch_with_whole_documents() {
    let theatre = Theatre::replay("2026-03-18T12:00:00Z", 100.0);
    let mut player = theatre.player();
    let mut pages: Vec<Page> =
        CHANNELS.iter().map(|(topic, parameters)| theatre.subscribe(topic.name(), parameters)).collect();
    settle(&mut player, Duration::ZERO);
    let mut epochs: Vec<Vec<String>> = vec![Vec::new(); pages.len()];
    // Back by half a day, and on by more than that.
    for (step, to) in [(1_u32, "2026-03-18T00:07:30Z"), (2, "2026-03-19T03:30:00Z")] {
        let at = BEAT * step;
        theatre.control(Control { seek: Some(time(to)), ..Control::default() }, at);
        for (page, epochs) in pages.iter_mut().zip(&mut epochs) {
            page.read();
            epochs.push(page.epoch.clone());
        }
        settle(&mut player, at);
        for ((page, (topic, parameters)), epochs) in pages.iter_mut().zip(CHANNELS).zip(&epochs) {
            assert!(page.read(), "{topic:?}");
            assert!(!epochs.contains(&page.epoch) && page.seq == 1, "{topic:?}");
            let expected = expected(topic, parameters, page, time(to));
            assert_eq!(theatre.document(page), expected.trim_end(), "{topic:?}");
        }
    }
}

#[test]
fn a_pause_publishes_nothing_and_needs_no_turns() {
    let theatre = Theatre::replay("2026-03-18T12:00:00Z", 100.0);
    let mut player = theatre.player();
    let mut page = theatre.subscribe("at", &[]);
    settle(&mut player, Duration::ZERO);
    page.read();
    theatre.control(Control { playing: Some(false), ..Control::default() }, BEAT);
    // It was published a moment ago, and stands now where no document is of: that comes in due time, and then nothing.
    let paused = settle(&mut player, BEAT);
    assert_eq!((paused.next, page.read()), (Turn::At(BEAT * 4), false));
    let paused = settle(&mut player, BEAT * 4);
    assert_eq!((paused.next, page.read()), (Turn::WhenAsked, true));
    assert_eq!(page.document["as_of"], "2026-03-18T12:00:25Z");
    let later = settle(&mut player, BEAT * 400);
    assert!(!later.published && !page.read());
    assert_eq!(later.next, Turn::WhenAsked);
    theatre.control(Control { playing: Some(true), ..Control::default() }, BEAT * 400);
    assert!(settle(&mut player, BEAT * 404).published);
    assert!(page.read());
}

#[test]
fn without_news_a_document_is_published_only_to_say_that_it_is_older() {
    // The sample has events by the minute; at the speed of time most beats bring none.
    let theatre = Theatre::replay("2026-03-18T12:00:05Z", 1.0);
    let mut player = theatre.player();
    let mut page = theatre.subscribe("at", &[]);
    let mut published = 0;
    for beat in 0..=40 {
        settle(&mut player, BEAT * beat);
        published += usize::from(page.read());
    }
    // Ten seconds: once at first, then every two seconds.
    assert_eq!(published, 6);
    assert_eq!(page.document["as_of"], "2026-03-18T12:00:15Z");
    assert_eq!(page.document["age_s"], 15.0);
}

#[test]
fn a_recorded_clock_stands_and_answers_for_the_newest_moment() {
    let (first, newest) = bounds();
    let theatre = Theatre::new(Clock::recorded(first, newest), Room::STANDARD);
    let mut player = theatre.player();
    let mut page = theatre.subscribe("map", &[]);
    let report = settle(&mut player, Duration::ZERO);
    assert!(page.read());
    assert_eq!((page.as_of(), report.next), (newest, Turn::WhenAsked));
    assert_eq!(theatre.document(&page), requested(Topic::Map, &[], newest).trim_end());
    // A second page finds the same without anything being computed.
    let mut second = theatre.subscribe("map", &[]);
    settle(&mut player, BEAT);
    assert!(second.read() && !page.read());
    assert_eq!(second.document, page.document);
}

#[test]
fn what_cannot_be_answered_is_a_problem_said_once() {
    let theatre = Theatre::replay("2026-03-18T12:00:00Z", 100.0);
    let mut player = theatre.player();
    // The sample knows no accounts; and no price is eleven times another.
    let mut accounts = theatre.subscribe("map", &[("evidence", "measured")]);
    let mut far = theatre.subscribe("at", &[("move", "to:9000000")]);
    for beat in 0..=20 {
        settle(&mut player, BEAT * beat);
        assert_eq!((accounts.read(), far.read()), (beat == 0, beat == 0), "{beat}");
    }
    assert_eq!(accounts.document["code"], "accounts-unknown");
    assert_eq!(far.document["code"], "move-out-of-range");
}

#[test]
fn what_nobody_reads_is_forgotten() {
    let theatre = Theatre::replay("2026-03-18T12:00:00Z", 100.0);
    let mut player = theatre.player();
    let page = theatre.subscribe("at", &[]);
    settle(&mut player, Duration::ZERO);
    assert_eq!(player.watermarks().len(), 1);
    drop(page);
    let unread = settle(&mut player, BEAT);
    assert!(player.watermarks().is_empty());
    assert!(matches!(unread.next, Turn::At(at) if at >= Duration::from_mins(1)), "{unread:?}");
    assert_eq!(theatre.topics.all().len(), 1);
    settle(&mut player, Duration::from_secs(61));
    assert!(theatre.topics.all().is_empty());
}

#[test]
fn an_overview_has_a_row_for_every_market() {
    let theatre = Theatre::replay("2026-03-18T12:00:00Z", 100.0);
    let mut player = theatre.player();
    let (mut overview, mut at) = (theatre.subscribe("overview", &[]), theatre.subscribe("at", &[]));
    settle(&mut player, Duration::ZERO);
    assert!(overview.read() && at.read());
    let row = &overview.document["rows"][0];
    assert_eq!(row["stamp"]["snapshot"], at.document["snapshot"]);
    assert_eq!(row["at"], at.document["moves"]);
    assert_eq!(overview.document["failed"], Value::Array(Vec::new()));
}
