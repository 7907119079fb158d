//! The bundled data: unchanged, complete, and saying what `data/README.md` says it says.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use liqlens_files::bundled::FILES;
use liqlens_files::{Format, Options, Report, collect_bytes};
use liqlens_market::{Bar, Completeness, Event, EventBody, FundingKind, Side, Span, Timestamp};
use sha2::{Digest, Sha256};

/// The list that `sha256sum -c SHA256SUMS` in `data/` checks.
const SHA256SUMS: &str = include_str!("../../../../data/SHA256SUMS");
const README: &str = include_str!("../../../../data/README.md");

fn read(part: &str) -> Vec<(Report, Vec<Event>)> {
    FILES
        .iter()
        .filter(|file| file.name.contains(part))
        .map(|file| collect_bytes(file.name, file.bytes, &Options::default()).unwrap())
        .collect()
}

fn bars(part: &str, length: Span) -> Vec<(Timestamp, Bar)> {
    let files = read(part);
    let bars = files.iter().flat_map(|(_, events)| events).filter_map(|event| match event.body {
        EventBody::Bar(bar) if bar.length == length => Some((event.event_ts, bar)),
        _ => None,
    });
    bars.collect()
}

#[test]
fn files_are_byte_for_byte_the_listed_ones() {
    let listed: BTreeMap<&str, &str> = SHA256SUMS
        .lines()
        .filter_map(|line| line.split_once("  binance_btcusdt/").map(|(sum, name)| (name, sum)))
        .collect();
    assert_eq!(listed.len(), FILES.len());
    for file in FILES {
        let mut sum = String::new();
        for byte in Sha256::digest(file.bytes) {
            write!(sum, "{byte:02x}").unwrap();
        }
        assert_eq!(Some(sum.as_str()), listed.get(file.name).copied(), "{}", file.name);
        assert!(README.contains(&sum), "data/README.md has another checksum for {}", file.name);
    }
    let total: usize = FILES.iter().map(|file| file.bytes.len()).sum();
    assert!(total <= 6_000_000, "the bundle is part of every binary: {total} bytes");
}

#[test]
fn every_row_is_read_and_the_counts_are_the_sources() {
    let expected = [
        ("2026-03-15", Format::MinuteFeed, 1_439),
        ("2026-03-16", Format::MinuteFeed, 1_440),
        ("2026-03-17", Format::MinuteFeed, 1_440),
        ("2026-03-18", Format::MinuteFeed, 1_440),
        ("_1m_2026-03-19", Format::MinuteFeed, 1_440),
        ("2026-03-20", Format::MinuteFeed, 1_440),
        ("_oi_5m_", Format::OpenInterest, 55_296),
        ("_funding_", Format::Funding, 546),
        ("_1h_", Format::Klines, 4_500),
        ("_5m_2025-07", Format::Klines, 51_840),
    ];
    for (part, format, rows) in expected {
        let files = read(part);
        assert_eq!(files.len(), 1, "{part}");
        let (report, events) = &files[0];
        assert_eq!((report.format, report.rows), (format, rows), "{report}");
        assert_eq!(report.market.to_string(), "binance:BTCUSDT");
        assert_eq!(report.rejected, [], "{report}");
        assert_eq!(report.out_of_order, 0, "{report}");
        assert!(report.in_log_order, "{report}");
        // One row of one day was filled in by the recorder.
        assert_eq!(report.skipped.total(), u64::from(part == "2026-03-15"), "{report}");
        assert_eq!(report.accepted + report.skipped.total(), rows);
        assert_eq!(report.events, events.len() as u64);
    }
}

#[test]
fn the_feed_is_stamped_at_the_end_and_says_everything_then() {
    let (_, events) = &read("2026-03-15")[0];
    let midnight = Timestamp::parse_text("2026-03-15").unwrap();
    // First row: end 00:00, so the minute before it; no liquidation. Second row: 0.153 BTC of shorts.
    let kinds: Vec<_> = events[..7].iter().map(|event| event.body.kind()).collect();
    assert_eq!(kinds, ["open-interest", "funding", "bar", "open-interest", "funding", "liquidation", "bar"]);
    assert_eq!((events[2].event_ts, events[2].known_ts), (midnight - Span::MINUTE, midnight));
    let EventBody::Bar(bar) = events[2].body else { panic!("a bar") };
    let buys = bar.taker_buy.unwrap();
    assert_eq!(
        [bar.open.to_string(), bar.high.to_string(), bar.low.to_string(), bar.close.to_string()],
        ["71157.6", "71174.4", "71149.4", "71174.4"]
    );
    assert_eq!([bar.volume.to_string(), buys.to_string()], ["46.666", "30.265"]);
    let EventBody::OpenInterest(open_interest) = events[0].body else { panic!("open interest") };
    assert_eq!(open_interest.size.to_string(), "83486.24");
    let EventBody::Funding(funding) = events[1].body else { panic!("funding") };
    assert_eq!(funding.rate, -1.883e-5);
    assert_eq!((funding.kind, funding.interval), (FundingKind::Predicted, Span::HOUR.times(8)));
    let EventBody::Liquidation(liquidation) = events[5].body else { panic!("a liquidation") };
    assert_eq!((liquidation.side, liquidation.size.to_string()), (Side::Short, "0.153".to_owned()));
    assert_eq!(liquidation.completeness, Completeness::Floor);
}

#[test]
fn liquidated_quantities_by_day_are_the_published_totals() {
    // Shorts and longs in BTC, from the description of the recording.
    let published = [(76.7, 13.4), (138.9, 51.4), (69.9, 81.7), (55.2, 175.6), (87.6, 161.4), (87.5, 86.8)];
    for ((_, events), (shorts, longs)) in read("_1m_").iter().zip(published) {
        let mut sums = [0.0; 2];
        for event in events {
            if let EventBody::Liquidation(liquidation) = event.body {
                sums[liquidation.side.index()] += liquidation.size.to_f64();
            }
        }
        assert!((sums[Side::Short.index()] - shorts).abs() <= 0.051, "{sums:?}");
        assert!((sums[Side::Long.index()] - longs).abs() <= 0.051, "{sums:?}");
    }
}

#[test]
fn five_minute_candles_add_up_to_the_hourly_ones() {
    let hours: BTreeMap<Timestamp, Bar> = bars("_1h_", Span::HOUR).into_iter().collect();
    let mut parts: BTreeMap<Timestamp, Vec<Bar>> = BTreeMap::new();
    for (start, bar) in bars("_5m_2025-07", Span::MINUTE.times(5)) {
        parts.entry(start.floor(Span::HOUR)).or_default().push(bar);
    }
    let mut compared = 0;
    for (start, hour) in &hours {
        let Some(parts) = parts.get(start).filter(|parts| parts.len() == 12) else { continue };
        assert_eq!(hour.open, parts[0].open);
        assert_eq!(hour.close, parts[11].close);
        assert_eq!(Some(hour.high), parts.iter().map(|bar| bar.high).max());
        assert_eq!(Some(hour.low), parts.iter().map(|bar| bar.low).min());
        assert_eq!(hour.volume.units(), parts.iter().map(|bar| bar.volume.units()).sum::<i64>());
        compared += 1;
    }
    // From 2025-09-13 08:00 to 2025-12-31 11:00, the last whole hour of the shorter series before 11:35.
    assert_eq!(compared, 109 * 24 + 3);
}

#[test]
fn the_feed_shifted_to_its_starts_agrees_with_the_hourly_candles() {
    let hours: BTreeMap<Timestamp, Bar> = bars("_1h_", Span::HOUR).into_iter().collect();
    let mut minutes: BTreeMap<Timestamp, Vec<Bar>> = BTreeMap::new();
    for (start, bar) in bars("_1m_", Span::MINUTE) {
        minutes.entry(start.floor(Span::HOUR)).or_default().push(bar);
    }
    let mut compared = 0;
    for (start, minutes) in minutes.iter().filter(|(_, minutes)| minutes.len() == 60) {
        let Some(hour) = hours.get(start) else { continue };
        assert_eq!(Some(hour.high), minutes.iter().map(|bar| bar.high).max(), "{start}");
        compared += 1;
    }
    assert!(compared >= 113, "{compared} hours overlap");
}

#[test]
fn the_crash_of_october_is_there() {
    let crash = Timestamp::parse_text("2025-10-10T21:20:00Z").unwrap();
    let (_, bar) =
        bars("_5m_2025-07", Span::MINUTE.times(5)).into_iter().find(|(at, _)| *at == crash).unwrap();
    assert_eq!(bar.low.to_string(), "101516.5");
}
