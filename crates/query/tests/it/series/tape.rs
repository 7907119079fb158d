//! Reported liquidations.

use liqlens_market::{Completeness, Event, EventBody, Liquidation, Price, Side, Size, Span, Timestamp};
use liqlens_query::document::{CompletenessName, SideName, TapeRow, Usd};
use liqlens_query::series::{MAX_TAPE_ROWS, SeriesError, TapeOptions, TapeReader, tape};

use super::{ask, log, raw};
use crate::bundle::time;

fn everything(limit: u64) -> TapeOptions {
    TapeOptions { limit, ..TapeOptions::default() }
}

/// `data/README.md`: liquidated by day, shorts / longs in BTC, of the stamps of a day.
#[test]
fn sums_of_a_day_are_those_of_the_recording() {
    let published = [(76.7, 13.4), (138.9, 51.4), (69.9, 81.7), (55.2, 175.6), (87.6, 161.4), (87.5, 86.8)];
    let mut day = time("2026-03-15T00:00:00Z");
    for (shorts, longs) in published {
        let last = day + Span::DAY - Span::MINUTE;
        let document = tape(log(), &ask(day, last), &everything(MAX_TAPE_ROWS)).unwrap();
        let sum = |side| document.rows.iter().filter(|row| row.side == side).map(|row| row.size).sum::<f64>();
        assert!((sum(SideName::Short) - shorts).abs() <= 0.05 + 1e-9, "{day} {}", sum(SideName::Short));
        assert!((sum(SideName::Long) - longs).abs() <= 0.05 + 1e-9, "{day} {}", sum(SideName::Long));
        assert_eq!(document.next, None);
        day = day + Span::DAY;
    }
}

/// Row by row: the size of the file, valued at the close of the minute before.
#[test]
fn rows_are_those_of_the_files() {
    let (from, to) = (time("2026-03-18T10:00:00Z"), time("2026-03-18T18:00:00Z"));
    let minutes = raw::minutes();
    let mut expected = Vec::new();
    for pair in minutes.windows(2).filter(|pair| pair[1].end >= from && pair[1].end <= to) {
        for (side, size) in [SideName::Long, SideName::Short].into_iter().zip(pair[1].liquidated) {
            if size > 0.0 {
                expected.push((pair[1].end.to_string(), side, size, size * pair[0].ohlc[3]));
            }
        }
    }
    let rows = tape(log(), &ask(from, to), &everything(MAX_TAPE_ROWS)).unwrap().rows;
    assert!(rows.len() > 100 && rows.len() == expected.len(), "{} {}", rows.len(), expected.len());
    for (row, (end, side, size, usd)) in rows.iter().zip(expected) {
        assert_eq!((&row.ts, &row.known, row.side, row.size), (&end, &end, side, size));
        assert_eq!(
            (row.period_s, &row.price, row.completeness),
            (Some(60.0), &None, CompletenessName::Floor)
        );
        assert!((row.usd.unwrap().to_f64() - usd).abs() <= 0.005 + 1e-9, "{row:?} {usd}");
    }
}

#[test]
fn pages_of_any_length_give_every_row_once() {
    let (from, to) = (time("2026-03-17T00:00:00Z"), time("2026-03-17T12:00:00Z"));
    let all = tape(log(), &ask(from, to), &everything(MAX_TAPE_ROWS)).unwrap().rows;
    for limit in [1, 7, 50, all.len() as u64] {
        let (mut paged, mut cursor) = (Vec::<TapeRow>::new(), None);
        // One row a page would read the log once a row.
        for _ in 0..20 {
            let options = TapeOptions { limit, cursor, ..TapeOptions::default() };
            let page = tape(log(), &ask(from, to), &options).unwrap();
            assert!(page.rows.len() as u64 <= limit);
            paged.extend(page.rows);
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(paged, all[..paged.len()], "{limit}");
        assert_eq!(cursor.is_none(), paged.len() == all.len(), "{limit}");
        assert!(paged.len() >= all.len().min(usize::try_from(20 * limit).unwrap()));
    }
}

/// A cursor stands for a place in the log, whatever is filtered.
#[test]
fn small_reports_can_be_left_out() {
    let (from, to) = (time("2026-03-17T00:00:00Z"), time("2026-03-17T12:00:00Z"));
    let all = tape(log(), &ask(from, to), &everything(MAX_TAPE_ROWS)).unwrap().rows;
    let min_usd = Some(Usd::from_f64(50_000.0));
    let large = tape(log(), &ask(from, to), &TapeOptions { min_usd, ..everything(3) }).unwrap();
    let expected: Vec<_> = all.iter().filter(|row| row.usd >= min_usd).cloned().collect();
    assert_eq!(large.rows, expected[..3]);
    let rest = tape(log(), &ask(from, to), &TapeOptions { cursor: large.next, ..everything(MAX_TAPE_ROWS) });
    let place = all.iter().position(|row| *row == large.rows[2]).unwrap();
    assert_eq!(rest.unwrap().rows, all[place + 1..]);
}

fn at(second: i64) -> Timestamp {
    time("2026-03-17T00:00:00Z") + Span::SECOND.times(second)
}

fn report(event_ts: i64, known_ts: i64, price: Option<&str>) -> Event {
    let liquidation = Liquidation {
        side: Side::Short,
        size: Size::parse(b"0.5").unwrap(),
        order_price: Some(Price::parse(b"1").unwrap()).filter(|_| price.is_some()),
        fill_price: price.map(|price| Price::parse(price.as_bytes()).unwrap()),
        completeness: Completeness::Full,
    };
    Event { event_ts: at(event_ts), known_ts: at(known_ts), body: EventBody::Liquidation(liquidation) }
}

/// Orders have prices of their own; without any price there are no dollars, and with a least amount no row.
#[test]
fn orders_are_no_sums() {
    let events = vec![report(0, 3, None), report(2, 5, Some("70000.26")), report(1, 5, Some("70000.26"))];
    let ask = ask(at(0), at(9));
    let rows = tape(events.clone(), &ask, &TapeOptions::default()).unwrap().rows;
    assert_eq!(rows[0].usd, None);
    assert_eq!((rows[0].period_s, rows[1].period_s), (None, None));
    assert_eq!(rows[1].price.as_ref().unwrap().as_str(), "70000.26");
    assert_eq!(
        (rows[1].usd, rows[1].completeness),
        (Some(Usd::from_cents(3_500_013)), CompletenessName::Full)
    );
    assert_eq!(
        (rows[1].ts.as_str(), rows[1].known.as_str()),
        ("2026-03-17T00:00:02Z", "2026-03-17T00:00:05Z")
    );
    // Two became known at one moment; a page may end between them.
    let options = |cursor| TapeOptions { cursor, limit: 1, min_usd: Some(Usd::from_cents(1)) };
    let first = tape(events.clone(), &ask, &options(None)).unwrap();
    let second = tape(events.clone(), &ask, &options(first.next.clone())).unwrap();
    assert_eq!([&first.rows[0], &second.rows[0]], [&rows[1], &rows[2]]);
    assert_eq!(second.next, None);
    // As they come, they are the same rows, and the place after the first is where the page ended.
    let mut reader = TapeReader::new(&super::INSTRUMENT);
    assert_eq!(reader.event(&events[0]).as_ref(), Some(&rows[0]));
    assert_eq!(reader.event(&events[1]).as_ref(), Some(&rows[1]));
    assert_eq!(reader.cursor(), first.next);
}

#[test]
fn what_cannot_be_answered_says_why() {
    let (from, to) = (at(0), at(60));
    let refused = |options: TapeOptions| tape(log(), &ask(from, to), &options).unwrap_err();
    for cursor in ["", "-", "1", "1-x", "1-2-3", "x-1", "01-1", "1-+1", "99999999999999999999-1"] {
        let options = TapeOptions { cursor: Some(cursor.to_owned()), ..TapeOptions::default() };
        assert!(matches!(refused(options), SeriesError::Cursor { .. }), "{cursor}");
    }
    let error = refused(everything(10_001)).to_string();
    assert!(error.contains("10001 rows") && error.contains("limit is 10000"), "{error}");
    let backwards = tape(log(), &ask(to, from), &TapeOptions::default()).unwrap_err();
    assert!(matches!(backwards, SeriesError::Backwards { .. }));
}
