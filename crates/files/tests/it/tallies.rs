//! What must hold whatever bytes a file has: the tally of its rows balances and every event is sound. Shared by the property tests, the replay of the fuzzing seeds
//! and the fuzz targets themselves.

#![allow(unreachable_pub)] // public for the fuzz crate, which includes this file

use liqlens_files::{Options, Report, read_bytes};
use liqlens_market::{AccountState, Book, Event, EventBody, Size, Timestamp};

/// Reads `bytes` as a file called `name` and checks the tally; `None` where the file is refused.
pub fn check(name: &str, bytes: &[u8], options: &Options) -> Option<Report> {
    let mut events: Vec<Event> = Vec::new();
    let result = read_bytes(name, bytes, options, |event| events.push(event));
    for event in &events {
        check_event(event);
    }
    let report = result.ok()?;
    let rejected: u64 = report.rejected.iter().map(|kind| kind.count).sum();
    assert_eq!(report.rows, report.accepted + report.skipped.total() + rejected, "every row has one fate");
    assert!(report.accepted > 0, "a report without an accepted row is an error instead");
    assert_eq!(report.events, events.len() as u64);
    assert_eq!(report.market.is_accounts(), report.accounts > 0, "accounts and markets have separate logs");
    assert!(report.accounts <= report.events);
    assert!(report.first_ts <= report.last_ts);
    for event in &events {
        assert!(report.first_ts <= event.event_ts);
    }
    if report.in_log_order {
        assert!(events.is_sorted_by(|a, b| a.log_order(b).is_le()), "{name} claims to be in log order");
    }
    for kind in &report.rejected {
        assert!(!kind.samples.is_empty() && kind.samples.len() <= options.limits.samples);
        for sample in &kind.samples {
            assert!(!sample.text.contains(char::is_control), "{:?}", sample.text);
        }
    }
    assert!(!report.to_string().contains(char::is_control));
    Some(report)
}

fn check_event(event: &Event) {
    assert!(event.known_ts >= event.event_ts, "{event:?}");
    assert!(event.known_ts >= Timestamp::EARLIEST, "{event:?}");
    assert!(event.event_ts <= Timestamp::LATEST, "{event:?}");
    match &event.body {
        EventBody::Trade(trade) => assert!(trade.size > Size::ZERO),
        EventBody::Bar(bar) => assert!(bar.checked().is_ok(), "{bar:?}"),
        EventBody::OpenInterest(open_interest) => assert!(open_interest.size > Size::ZERO),
        EventBody::Liquidation(liquidation) => assert!(liquidation.size > Size::ZERO),
        EventBody::Funding(funding) => assert!(funding.rate.abs() < 1.0),
        EventBody::LongShortRatio(ratio) => assert!(ratio.ratio.is_finite() && ratio.ratio > 0.0),
        EventBody::Price(_) | EventBody::AccountTransfer(_) => {}
        EventBody::Book(book) => match book.as_ref() {
            Book::Levels { bids, asks } => {
                assert!(bids.is_sorted_by(|a, b| a.price > b.price));
                assert!(asks.is_sorted_by(|a, b| a.price < b.price));
                if let (Some(bid), Some(ask)) = (bids.first(), asks.first()) {
                    assert!(bid.price < ask.price);
                }
            }
            Book::Bands(bands) => assert!(bands.is_sorted_by(|a, b| a.percent < b.percent)),
        },
        EventBody::Account(state) => check_account(state),
        EventBody::AccountFill(fill) => assert!(fill.size > Size::ZERO),
        other => panic!("no file gives {}", other.kind()),
    }
}

/// Positions in the order of their symbols, each market once.
fn check_account(state: &AccountState) {
    assert!(state.positions.is_sorted_by(|a, b| a.symbol < b.symbol), "{state:?}");
    for position in &state.positions {
        assert!(position.size > Size::ZERO, "{position:?}");
        assert_ne!(position.max_leverage, Some(0), "{position:?}");
    }
}

/// Takes a seed apart: its first line is the file's name, the rest its content.
pub fn name_and_content(seed: &[u8]) -> (String, &[u8]) {
    let end = seed.iter().position(|&byte| byte == b'\n').unwrap_or(seed.len());
    (String::from_utf8_lossy(&seed[..end]).into_owned(), seed.get(end + 1..).unwrap_or_default())
}
