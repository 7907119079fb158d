//! What is missing.

use liqlens_market::{Event, EventBody, Gap, OpenInterest, Size, Span, Timestamp};
use liqlens_query::document::ChannelGaps;
use liqlens_query::series::gaps;

use super::{ask, log};
use crate::bundle::time;

fn at(minute: i64) -> Timestamp {
    time("2026-03-15T00:00:00Z") + Span::MINUTE.times(minute)
}

fn holes(channel: &ChannelGaps) -> Vec<(&str, &str, f64)> {
    channel.gaps.iter().map(|hole| (&hole.from[11..16], &hole.to[11..16], hole.seconds)).collect()
}

/// `data/README.md`: 2026-03-15 lacks 09:47, its 09:50 is no observation, and nothing else is missing.
#[test]
fn the_recordings_holes_are_those_it_is_known_for() {
    let document = gaps(log(), &ask(at(0), time("2026-03-19T20:00:00Z"))).unwrap();
    let summary: Vec<_> =
        document.channels.iter().map(|channel| (channel.name.as_str(), channel.period_s)).collect();
    let expected = [
        ("bar-trades-1m", Some(60.0)),
        ("bar-trades-5m", Some(300.0)),
        ("bar-trades-1h", Some(3_600.0)),
        ("open-interest", Some(60.0)),
        ("funding-settled", Some(28_800.0)),
        ("funding-predicted", Some(60.0)),
        ("liquidation", None),
    ];
    assert_eq!(summary, expected);
    let [minutes, fives, hours, readings, settled, predicted, liquidations] = &document.channels[..] else {
        panic!("seven channels")
    };
    // Stamps are ends of minutes.
    assert_eq!(holes(minutes), [("09:46", "09:47", 60.0), ("09:49", "09:50", 60.0)]);
    assert_eq!(holes(predicted), [("09:46", "09:48", 120.0), ("09:49", "09:51", 120.0)]);
    // At 09:50 the other file has a reading.
    assert_eq!(holes(readings), [("09:46", "09:48", 120.0)]);
    assert!(hours.gaps.is_empty() && settled.gaps.is_empty() && liquidations.gaps.is_empty());
    assert_eq!(
        (minutes.first.as_str(), hours.newest.as_str()),
        ("2026-03-14T23:59:00Z", "2026-03-19T20:00:00Z")
    );
    // The 5-minute file ended long before.
    assert_eq!(fives.gaps.len(), 1);
    assert_eq!(
        (fives.gaps[0].from.as_str(), fives.gaps[0].cause.as_str()),
        ("2025-12-31T11:35:00Z", "no data since")
    );
}

/// Two and a half months with one change of pace into the feed and one out of it: no hole but those two.
#[test]
fn a_change_of_pace_is_no_hole() {
    let document = gaps(log(), &ask(time("2026-01-01T00:00:00Z"), time("2026-05-31T16:10:00Z"))).unwrap();
    let readings = document.channels.iter().find(|channel| channel.name == "open-interest").unwrap();
    assert_eq!((holes(readings).len(), readings.period_s), (1, Some(300.0)));
    let settled = document.channels.iter().find(|channel| channel.name == "funding-settled").unwrap();
    assert!(settled.gaps.is_empty(), "{settled:?}");
}

fn reading(minute: i64) -> Event {
    let reading = OpenInterest { size: Size::parse(b"5").unwrap(), value: None };
    Event::at(at(minute), EventBody::OpenInterest(reading))
}

/// Every fifth minute; 45 and 50 are missing, and the log tells why and that it lasted until 57.
#[test]
fn a_hole_that_is_told_and_found_is_one() {
    let told = |from, to, channel: &str| {
        let (channel, cause) = (channel.to_owned(), "the recorder was down".to_owned());
        Event::at(at(57), EventBody::Gap(Box::new(Gap { from: at(from), to: at(to), channel, cause })))
    };
    let mut events: Vec<Event> =
        (0..30).map(|n| 5 * n).filter(|m| ![45, 50].contains(m)).map(reading).collect();
    events.extend([told(43, 57, "open-interest"), told(20, 30, "trade")]);
    events.sort_by(Event::log_order);
    let document = gaps(events.clone(), &ask(at(0), at(145))).unwrap();
    assert_eq!(document.channels.len(), 1);
    assert_eq!(holes(&document.channels[0]), [("00:40", "00:57", 1_020.0)]);
    assert_eq!(document.channels[0].gaps[0].cause, "missing from the data");
    // Later the newest reading is late, and what ended before the time asked for is of no interest.
    let late = gaps(events, &ask(at(100), at(200))).unwrap();
    assert_eq!(holes(&late.channels[0]), [("02:25", "03:20", 3_300.0)]);
}
