//! Open interest and funding.

use std::collections::BTreeMap;

use liqlens_market::{Span, Timestamp};
use liqlens_query::document::{FundingName, Usd};
use liqlens_query::series::{Fineness, MAX_POINTS, SeriesError, funding, open_interest};

use super::{ask, log, raw};
use crate::bundle::time;

const FINE: Fineness = Fineness { step: Some(Span::SECOND), max_points: MAX_POINTS };

/// Before there was a feed, every reading is a row of the file, with the venue's own valuation.
#[test]
fn open_interest_is_that_of_the_file() {
    let (from, to) = (time("2025-12-10T00:00:00Z"), time("2025-12-10T02:30:00Z"));
    let document = open_interest(log(), &ask(from, to), FINE).unwrap();
    let expected: Vec<(String, f64, Usd)> = raw::rows("_oi_5m_")
        .iter()
        .map(|row| (raw::millis(&row[0]), row[1].parse().unwrap(), row[2].parse().unwrap()))
        .filter(|(ts, ..)| *ts >= from && *ts <= to)
        .map(|(ts, size, usd): (Timestamp, f64, f64)| (ts.to_string(), size, Usd::from_f64(usd)))
        .collect();
    let points: Vec<_> =
        document.points.iter().map(|point| (point.ts.clone(), point.size, point.usd.unwrap())).collect();
    assert_eq!(points.len(), 31);
    assert_eq!(points, expected);
    assert_eq!((document.step_s, document.left_out), (1.0, 0));
}

/// The feed's readings have no valuation: they are taken at the close of the minute before.
#[test]
fn unvalued_open_interest_is_taken_at_the_last_price() {
    let (from, to) = (time("2026-03-18T10:01:00Z"), time("2026-03-18T10:04:00Z"));
    let document = open_interest(log(), &ask(from, to), FINE).unwrap();
    let minutes = raw::minutes();
    let at = minutes.iter().position(|minute| minute.end == from).unwrap();
    assert_eq!(document.points.len(), 4);
    for (point, pair) in document.points.iter().zip(minutes[at - 1..].windows(2)) {
        assert_eq!((&point.ts, point.size), (&pair[1].end.to_string(), pair[1].open_interest));
        let usd = pair[1].open_interest * pair[0].ohlc[3];
        assert!((point.usd.unwrap().to_f64() - usd).abs() < 0.01, "{point:?} {usd}");
    }
}

/// Steps of ten minutes end at a reading of either file, and the last of them in the log, of two at one moment the
/// larger, stands for the step.
#[test]
fn the_last_reading_of_a_step_stands_for_it() {
    let (from, to) = (time("2026-03-18T00:00:00Z"), time("2026-03-18T12:00:00Z"));
    let fineness = Fineness { step: Some(Span::MINUTE.times(10)), max_points: 1_000 };
    let document = open_interest(log(), &ask(from, to), fineness).unwrap();
    let minutes = raw::minutes().into_iter().map(|minute| (minute.end, minute.open_interest));
    let fives = raw::rows("_oi_5m_").into_iter().map(|row| (raw::millis(&row[0]), row[1].parse().unwrap()));
    let mut expected = BTreeMap::<Timestamp, f64>::new();
    for (ts, size) in minutes.chain(fives).filter(|(ts, _)| *ts >= from && *ts <= to) {
        if ts.nanos() % Span::MINUTE.times(10).nanos() == 0 {
            let largest = expected.entry(ts).or_insert(size);
            *largest = largest.max(size);
        }
    }
    let expected: Vec<_> = expected.into_iter().map(|(ts, size)| (ts.to_string(), size)).collect();
    let points: Vec<_> = document.points.iter().map(|point| (point.ts.clone(), point.size)).collect();
    assert_eq!(points, expected);
    assert_eq!(points.len(), 73);
    // 721 minutes, and 145 readings of the other file at the same moments.
    assert_eq!(document.left_out, 721 + 145 - 73);
}

#[test]
fn no_series_is_longer_than_it_may_be() {
    let (from, to) = (time("2025-12-01T00:00:00Z"), time("2026-06-11T00:00:00Z"));
    for (max_points, step) in [(1_000, None), (60, Some(Span::SECOND)), (2, None), (10_000, None)] {
        let fineness = Fineness { step, max_points };
        let readings = open_interest(log(), &ask(from, to), fineness).unwrap();
        let rates = funding(log(), &ask(from, to), fineness).unwrap();
        let most = usize::try_from(max_points).unwrap();
        assert!(readings.points.len() <= most, "{max_points} {}", readings.points.len());
        assert!(rates.points.len() <= most.max(4), "{max_points} {}", rates.points.len());
        assert_eq!(readings.points.last().unwrap().ts, to.to_string());
        assert!(readings.points.is_sorted_by(|a, b| a.ts < b.ts));
    }
    let fineness = Fineness { step: None, max_points: MAX_POINTS + 1 };
    let error = open_interest(log(), &ask(from, to), fineness).unwrap_err().to_string();
    assert!(error.contains("10001 points, the limit is 10000"), "{error}");
    let fineness = Fineness { step: Some(Span::ZERO), max_points: 10 };
    assert!(matches!(funding(log(), &ask(from, to), fineness), Err(SeriesError::NoStep { .. })));
}

/// Settled rates are the rows of one file; predictions are those of the feed; neither hides the other.
#[test]
fn funding_is_that_of_the_files() {
    let (from, to) = (time("2026-03-16T00:00:00Z"), time("2026-03-16T09:00:00Z"));
    let document = funding(log(), &ask(from, to), FINE).unwrap();
    let of = |kind| {
        let points = document.points.iter().filter(move |point| point.kind == kind);
        points.map(|point| (point.ts.clone(), point.rate)).collect::<Vec<_>>()
    };
    let settled: Vec<(String, f64)> = raw::rows("_funding_")
        .iter()
        .map(|row| (raw::millis(&row[0]), row[1].parse().unwrap()))
        .filter(|(ts, _)| *ts >= from && *ts <= to)
        .map(|(ts, rate)| (ts.to_string(), rate))
        .collect();
    assert_eq!((settled.len(), of(FundingName::Settled)), (2, settled));
    let predicted: Vec<(String, f64)> = raw::minutes()
        .iter()
        .filter(|minute| minute.end >= from && minute.end <= to)
        .map(|minute| (minute.end.to_string(), minute.predicted))
        .collect();
    assert_eq!((predicted.len(), of(FundingName::Predicted)), (541, predicted));
    assert!(document.points.iter().all(|point| point.interval_h == 8.0));
    let times = document.points.iter().map(|point| Timestamp::parse_text(&point.ts).unwrap());
    assert!(times.is_sorted());
    // Thinned, the settled ones stay: eight hours are longer than a step.
    let thin = funding(log(), &ask(from, to), Fineness { step: None, max_points: 60 }).unwrap();
    assert!(thin.points.len() <= 60 && thin.left_out + thin.points.len() as u64 == 543);
    assert_eq!(thin.points.iter().filter(|point| point.kind == FundingName::Settled).count(), 2);
}
