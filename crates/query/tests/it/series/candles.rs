//! Candles of the bundled market against its files.

use liqlens_market::{Span, Timestamp};
use liqlens_query::document::{Candle, PriceSeries};
use liqlens_query::series::{Fineness, MAX_POINTS, price};

use super::raw::RawCandle;
use super::{ask, log, raw};
use crate::bundle::time;

fn series(from: &str, to: &str, step: Span) -> PriceSeries {
    let fineness = Fineness { step: Some(step), max_points: MAX_POINTS };
    price(log(), &ask(time(from), time(to)), fineness).unwrap()
}

/// Candles of steps put together one by one from those of a file.
fn plainly(pieces: &[RawCandle], from: Timestamp, to: Timestamp, step: Span) -> Vec<RawCandle> {
    let mut candles: Vec<RawCandle> = Vec::new();
    let mut start = from;
    while start < to {
        let end = start + step;
        let inside: Vec<_> = pieces.iter().filter(|piece| piece.0 >= start && piece.1 <= end).collect();
        if let (Some(first), Some(last)) = (inside.first(), inside.last()) {
            let high = inside.iter().map(|piece| piece.2[1]).fold(f64::MIN, f64::max);
            let low = inside.iter().map(|piece| piece.2[2]).fold(f64::MAX, f64::min);
            let volume = inside.iter().map(|piece| piece.3).sum();
            candles.push((start, end, [first.2[0], high, low, last.2[3]], volume));
        }
        start = end;
    }
    candles
}

fn read(candle: &Candle) -> RawCandle {
    let time = |text: &str| Timestamp::parse_text(text).unwrap();
    let Candle { open, high, low, close, .. } = candle;
    let ohlc = [open, high, low, close].map(|price| price.as_str().parse().unwrap());
    (time(&candle.start), time(&candle.end), ohlc, candle.volume.unwrap())
}

fn same(candles: &[Candle], expected: &[RawCandle]) {
    assert_eq!(candles.len(), expected.len());
    for (candle, expected) in candles.iter().zip(expected) {
        let read = read(candle);
        assert_eq!((read.0, read.1, read.2), (expected.0, expected.1, expected.2), "{candle:?}");
        assert!((read.3 - expected.3).abs() < 1e-6, "{candle:?} {}", expected.3);
    }
}

fn minutes() -> Vec<RawCandle> {
    raw::minutes().iter().map(|m| (m.end - Span::MINUTE, m.end, m.ohlc, m.volume)).collect()
}

#[test]
fn the_feed_gives_candles_of_any_step() {
    let (from, to) = ("2026-03-16T00:00:00Z", "2026-03-17T00:00:00Z");
    let minutes = minutes();
    for step in [Span::MINUTE, Span::MINUTE.times(5), Span::HOUR, Span::HOUR.times(4)] {
        let document = series(from, to, step);
        same(&document.candles, &plainly(&minutes, time(from), time(to), step));
        assert_eq!((document.step_s, document.finer_step_s), (step.seconds(), None));
        assert!(document.gaps.is_empty(), "{:?}", document.gaps);
    }
}

/// Before the feed there are only hours, however fine the step.
#[test]
fn coarse_data_give_coarse_candles() {
    let (from, to) = ("2026-02-01T00:00:00Z", "2026-02-03T00:00:00Z");
    let hours = raw::candles("_1h_", Span::HOUR);
    let expected = plainly(&hours, time(from), time(to), Span::HOUR);
    assert_eq!(expected.len(), 48);
    for step in [Span::MINUTE, Span::MINUTE.times(7), Span::HOUR] {
        same(&series(from, to, step).candles, &expected);
    }
    let days = plainly(&hours, time(from), time(to), Span::DAY);
    same(&series(from, to, Span::DAY).candles, &days);
}

/// The 5-minute file ends at 11:35 of the last day of 2025, in the middle of an hour that the hourly file has: of
/// that hour's candle the rest is used, so that the hour adds up to it.
#[test]
fn a_bar_that_finer_data_cover_in_part_counts_for_the_rest() {
    let (from, to) = ("2025-12-31T08:00:00Z", "2025-12-31T16:00:00Z");
    let hours = plainly(&raw::candles("_1h_", Span::HOUR), time(from), time(to), Span::HOUR);
    same(&series(from, to, Span::HOUR).candles, &hours);
    let fine = series(from, to, Span::MINUTE.times(5));
    let starts: Vec<&str> = fine.candles.iter().skip(41).map(|candle| &candle.start[11..16]).collect();
    assert_eq!(starts, ["11:25", "11:30", "11:35", "12:00", "13:00", "14:00", "15:00"]);
    let rest = read(&fine.candles[43]);
    assert_eq!((rest.1, rest.2[3]), (time("2025-12-31T12:00:00Z"), hours[3].2[3]));
    assert_eq!(rest.2[0], read(&fine.candles[42]).2[3]);
    assert!(fine.gaps.is_empty());
}

/// The crash of 2025-10-10 in three resolutions' time: nothing is counted twice.
#[test]
fn hours_made_of_five_minutes_are_the_hours_of_the_other_file() {
    let (from, to) = ("2025-10-10T00:00:00Z", "2025-10-12T00:00:00Z");
    let hours = plainly(&raw::candles("_1h_", Span::HOUR), time(from), time(to), Span::HOUR);
    same(&series(from, to, Span::HOUR).candles, &hours);
}

#[test]
fn what_is_missing_is_said() {
    let document = series("2026-03-15T09:40:00Z", "2026-03-15T10:00:00Z", Span::MINUTE);
    let gaps: Vec<[&str; 2]> = document.gaps.iter().map(|[from, to]| [&from[11..16], &to[11..16]]).collect();
    assert_eq!(gaps, [["09:46", "09:47"], ["09:49", "09:50"]]);
    assert_eq!(document.candles.len(), 18);
    let after = series("2026-03-20T23:00:00Z", "2026-03-21T02:00:00Z", Span::HOUR);
    assert_eq!(after.gaps, [["2026-03-20T23:59:00Z", "2026-03-21T02:00:00Z"]]);
    let before = series("2025-07-04T10:00:00Z", "2025-07-04T12:00:00Z", Span::HOUR);
    assert_eq!(before.gaps, [["2025-07-04T10:00:00Z", "2025-07-04T11:35:00Z"]]);
    let never = series("2020-01-01T00:00:00Z", "2020-01-02T00:00:00Z", Span::HOUR);
    assert_eq!((never.candles.len(), never.gaps.len()), (0, 1));
}

#[test]
fn a_longer_step_is_chosen_and_said() {
    let ask = ask(time("2025-07-01T00:00:00Z"), time("2026-03-20T23:59:00Z"));
    for (step, max_points) in [(None, 1_000), (Some(Span::MINUTE), 300), (None, 2)] {
        let document = price(log(), &ask, Fineness { step, max_points }).unwrap();
        assert!(document.candles.len() as u64 <= max_points, "{}", document.candles.len());
        assert_eq!(document.finer_step_s, step.map(Span::seconds));
        assert!(document.step_s >= 3_600.0);
        assert!(document.candles.is_sorted_by(|a, b| a.end <= b.start));
    }
}
