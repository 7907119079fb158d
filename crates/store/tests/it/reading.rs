//! What reading promises: log order, nothing known later than asked, and headers that tell the truth.

use std::fs;
use std::path::Path;

use liqlens_market::{Event, MarketId, Span, Timestamp, Venue};
use liqlens_store::{Channel, DamageReason, Day, StoreError};
use proptest::prelude::*;

use crate::testing::{any_events, every_kind, market, midnight, trade};
use crate::{Fixture, btc};

#[test]
fn nothing_known_after_the_moment_asked_about_is_given_or_opened() {
    let fixture = Fixture::new();
    let all = [trade(-1, None, 1), trade(0, None, 2), trade(1, None, 3), trade(86_400_000, None, 4)];
    fixture.import(&all);
    // Were the next day opened, this would be damage.
    let next_day = fixture.path("binance/BTCUSDT/trade/2026-01-05.seg");
    fs::write(&next_day, b"not a segment").unwrap();
    for (known, count) in [(-2, 0), (-1, 1), (0, 2), (1, 3), (86_399_999, 3)] {
        let until = midnight() + Span::from_nanos(1_000_000).times(known);
        let mut events = fixture.store.events(&btc(), Some(until)).unwrap();
        assert_eq!(events.by_ref().collect::<Vec<_>>(), all[..count], "{until}");
        assert_eq!(events.damage(), []);
    }
    let mut events = fixture.store.events(&btc(), None).unwrap();
    assert_eq!(events.by_ref().count(), 3);
    assert_eq!(events.damage().len(), 1);
    // Nor is a day opened that ended before the first moment asked about.
    let mut later = fixture.store.events_between(&btc(), midnight() + Span::DAY..=Timestamp::LATEST).unwrap();
    assert_eq!((later.by_ref().count(), later.damage().len()), (0, 1));
}

#[test]
fn headers_tell_days_counts_and_times() {
    let fixture = Fixture::new();
    assert_eq!(fixture.store.channels(&btc()).unwrap(), []);
    let days = |count| Span::DAY.times(count);
    let mut events = every_kind();
    events.push(Event { known_ts: midnight() + days(3), event_ts: midnight(), body: trade(0, None, 1).body });
    fixture.import(&events);
    let infos = fixture.store.channels(&btc()).unwrap();
    assert_eq!(infos.len(), 16);
    let trades = infos.iter().find(|info| info.channel == Channel::Trade).unwrap();
    assert_eq!(
        (trades.first_day, trades.last_day, trades.days),
        (Day::of(midnight()), Day::of(midnight() + days(3)), 2)
    );
    assert_eq!((trades.events, trades.last_known_ts), (2, midnight() + days(3)));
    let on_disk: usize = fixture
        .files()
        .iter()
        .filter_map(|(path, bytes)| path.starts_with("binance/BTCUSDT/trade").then_some(bytes.len()))
        .sum();
    assert_eq!(trades.bytes, on_disk as u64);
}

/// Rewrites the format number of a segment and the checksum that covers it.
fn set_format(path: &Path, format: u8) {
    let mut bytes = fs::read(path).unwrap();
    bytes[6] = format;
    let length = 12 + usize::from(bytes[8]);
    // CRC-32 as in its standard, bit by bit.
    let mut crc = u32::MAX;
    for byte in &bytes[..length] {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 };
        }
    }
    bytes[length..length + 4].copy_from_slice(&(!crc).to_le_bytes());
    fs::write(path, &bytes).unwrap();
}

#[test]
fn a_segment_of_the_first_format_is_read_and_added_to() {
    let fixture = Fixture::new();
    fixture.import(&[trade(0, Some(1), 5), trade(1, None, 6)]);
    let path = fixture.path("binance/BTCUSDT/trade/2026-01-04.seg");
    assert_eq!(fs::read(&path).unwrap()[6], 2);
    set_format(&path, 1);
    assert_eq!(fixture.read(), [trade(0, Some(1), 5), trade(1, None, 6)]);
    let infos = fixture.store.channels(&btc()).unwrap();
    assert_eq!((infos.len(), infos[0].events), (1, 2));
    // What is in it already is known as such; what is not brings it to the format of today.
    assert_eq!(fixture.import(&[trade(1, None, 6)]).counts.added, 0);
    assert_eq!(fs::read(&path).unwrap()[6], 1);
    assert_eq!(fixture.import(&[trade(2, None, 7)]).counts.added, 1);
    assert_eq!(fs::read(&path).unwrap()[6], 2);
    assert_eq!(fixture.read(), [trade(0, Some(1), 5), trade(1, None, 6), trade(2, None, 7)]);
}

#[test]
fn markets_are_listed_with_account_logs_and_with_colons_in_their_symbols() {
    let fixture = Fixture::new();
    let (tesla, accounts) = (market("hyperliquid:xyz:TSLA"), MarketId::accounts(Venue::Hyperliquid));
    for market in [&tesla, &accounts, &btc()] {
        fixture.import_of(market, &[trade(0, None, 1)]);
    }
    // Colons have a meaning in the paths of some systems.
    assert!(fixture.path("hyperliquid/xyz+TSLA/trade/2026-01-04.seg").is_file());
    let markets = fixture.store.markets().unwrap();
    assert_eq!(markets, [btc(), accounts, tesla.clone()]);
    let tradable: Vec<MarketId> = markets.into_iter().filter(|market| !market.is_accounts()).collect();
    assert_eq!(tradable, [btc(), tesla.clone()]);
    assert_eq!(fixture.store.events(&tesla, None).unwrap().count(), 1);
}

#[test]
fn a_newer_format_is_refused_and_left_untouched() {
    let fixture = Fixture::new();
    fixture.import(&[trade(0, None, 1), trade(-1, None, 1)]);
    let path = fixture.path("binance/BTCUSDT/trade/2026-01-04.seg");
    set_format(&path, 3);
    let before = fixture.files();

    let newer = |error| matches!(error, StoreError::NewerFormat { found: 3, supported: 2, .. });
    assert!(fixture.store.events(&btc(), None).err().is_some_and(newer));
    assert!(fixture.store.channels(&btc()).err().is_some_and(newer));
    let mut import = fixture.store.begin_import().unwrap();
    import.push(&btc(), trade(5, None, 1)).unwrap();
    import.push(&btc(), trade(-5, None, 1)).unwrap();
    assert!(import.commit().err().is_some_and(newer));
    assert_eq!(fixture.files(), before, "not even the day before, which could have been written");
}

#[test]
fn what_the_store_did_not_write_is_named_and_not_read() {
    let fixture = Fixture::new();
    fixture.import(&[trade(0, None, 1)]);
    let directory = fixture.path("binance/BTCUSDT");
    fs::create_dir(directory.join("order-flow")).unwrap();
    fs::write(directory.join("trade/notes.txt"), b"x").unwrap();
    fs::write(directory.join("trade/.hidden"), b"x").unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink("2026-01-04.seg", directory.join("trade/2026-01-05.seg")).unwrap();
    let mut events = fixture.store.events(&btc(), None).unwrap();
    assert_eq!(events.by_ref().count(), 1);
    let mut damage = events.damage();
    damage.sort_by(|a, b| a.path.cmp(&b.path));
    let names: Vec<_> =
        damage.iter().map(|damage| damage.path.file_name().unwrap().to_str().unwrap()).collect();
    assert!(damage.iter().all(|damage| damage.reason == DamageReason::Foreign));
    assert_eq!(
        names,
        if cfg!(unix) {
            &["order-flow", "2026-01-05.seg", "notes.txt"][..]
        } else {
            &["order-flow", "notes.txt"]
        }
    );
    fs::create_dir_all(fixture.path("binance/..evil")).unwrap();
    assert_eq!(fixture.store.markets().unwrap(), [btc()]);
}

#[test]
fn the_fingerprint_follows_the_events_and_nothing_else() {
    let fixture = Fixture::new();
    let print = |until| fixture.store.fingerprint(&btc(), until).unwrap();
    let empty = print(None);
    fixture.import(&[trade(0, None, 1)]);
    let one = print(None);
    assert_ne!(one, empty);
    fixture.import(&[trade(0, None, 1)]);
    assert_eq!(print(None), one);
    fixture.import(&[trade(86_400_000, None, 1)]);
    assert_ne!(print(None), one);
    assert_eq!(print(Some(midnight())), one, "the next day does not matter yet");

    let other = Fixture::new();
    other.import(&[trade(0, None, 2)]);
    assert_ne!(other.store.fingerprint(&btc(), None).unwrap(), one, "a price differs");
    assert_ne!(other.store.fingerprint(&market("binance:ETHUSDT"), None).unwrap(), empty);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn channels_are_merged_in_log_order(events in any_events(0..60), from in -2i64..3, until in -2i64..3) {
        let fixture = Fixture::new();
        fixture.import(&events);
        let [from, until] = [from, until].map(|ms| midnight() + Span::from_nanos(1_000_000).times(ms));
        let early: Vec<_> = fixture.read().into_iter().filter(|event| event.known_ts <= until).collect();
        let read: Vec<_> = fixture.store.events(&btc(), Some(until)).unwrap().collect();
        prop_assert!(read.is_sorted_by(|a, b| a.log_order(b).is_le()));
        prop_assert_eq!(&read, &early);
        let between: Vec<_> = fixture.store.events_between(&btc(), from..=until).unwrap().collect();
        let late: Vec<_> = early.into_iter().filter(|event| event.known_ts >= from).collect();
        prop_assert_eq!(between, late);
    }
}
