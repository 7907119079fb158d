//! What importing promises: all or nothing, each event once, the same bytes in any order.

use std::collections::BTreeMap;
use std::fs;

use liqlens_market::{Event, MarketId, Span, Timestamp, Venue};
use liqlens_store::{Channel, ImportCounts, Store, StoreError};
use proptest::prelude::*;

use crate::testing::{any_events, every_kind, market, midnight, trade};
use crate::{Fixture, btc, multiset};

fn counts(added: u64, already_present: u64, conflicts: u64) -> ImportCounts {
    ImportCounts { added, already_present, conflicts }
}

#[test]
fn every_kind_comes_back_and_lies_where_documented() {
    let fixture = Fixture::new();
    let report = fixture.import(&every_kind());
    assert_eq!((report.counts, report.segments_written), (counts(16, 0, 0), 16));
    assert_eq!(multiset(&fixture.read()), multiset(&every_kind()));
    let names: Vec<_> = fixture.files().into_keys().map(|path| path.to_string_lossy().into_owned()).collect();
    let channels = [
        "account",
        "account-fill",
        "account-transfer",
        "bar-trades-1m",
        "book-bands",
        "book-levels",
        "funding-predicted",
        "funding-settled",
        "gap",
        "instrument",
        "liquidation",
        "long-short-ratio-taker-volume",
        "margin-table",
        "open-interest",
        "price",
        "trade",
    ];
    let mut expected = vec!["LIQLENS".to_owned()];
    expected.extend(channels.map(|channel| format!("binance/BTCUSDT/{channel}/2026-01-04.seg")));
    assert_eq!(names, expected);
}

#[test]
fn equal_fills_of_one_file_are_separate_but_overlapping_files_do_not_add_up() {
    let (fill, later) = (trade(0, None, 5), trade(1, None, 6));
    let fixture = Fixture::new();
    let first = fixture.import(&[fill.clone(), fill.clone(), later.clone()]);
    assert_eq!(first.counts, counts(3, 0, 0));
    // The overlapping file has three of the first fill and none of the second.
    let second = fixture.import(&vec![fill.clone(); 3]);
    assert_eq!(second.counts, counts(1, 2, 0));
    assert_eq!(fixture.read(), [fill.clone(), fill.clone(), fill.clone(), later]);
    // A file with fewer copies takes none away.
    assert_eq!(fixture.import(&[fill]).counts, counts(0, 1, 0));
    assert_eq!(fixture.read().len(), 4);
}

#[test]
fn accounts_twice_over_change_nothing_and_equal_fills_of_a_second_are_separate() {
    let log = MarketId::accounts(Venue::Hyperliquid);
    let accounts: Vec<Event> =
        every_kind().into_iter().filter(|event| event.body.kind().starts_with("account")).collect();
    // A state, a transfer and a fill; the venue's files of 2023 give whole seconds and no ids, so equal
    // fills and equal transfers are told apart by their number alone.
    let file = [accounts.clone(), accounts[1..].to_vec()].concat();
    let fixture = Fixture::new();
    assert_eq!(fixture.import_of(&log, &file).counts, counts(5, 0, 0));
    let before = fixture.files();
    assert_eq!(fixture.import_of(&log, &file).counts, counts(0, 5, 0));
    assert_eq!(fixture.import_of(&log, &accounts).counts, counts(0, 3, 0));
    assert_eq!(fixture.files(), before);
    let read: Vec<Event> = fixture.store.events(&log, None).unwrap().collect();
    assert_eq!(multiset(&read), multiset(&file));
}

#[test]
fn a_trade_id_is_taken_once_and_the_first_trade_under_it_stays() {
    let fixture = Fixture::new();
    let kept = [trade(0, Some(1), 5), trade(10, Some(2), 5)];
    // Inside the file: id 2 again as it was, and id 1 again five milliseconds later at another price.
    let file = [kept[1].clone(), kept[1].clone(), trade(5, Some(1), 6), kept[0].clone()];
    let report = fixture.import(&file);
    assert_eq!(report.counts, counts(2, 1, 1));
    // Against the store: another time, another price, and one that is new.
    let new = trade(3, Some(3), 5);
    let report = fixture.import(&[trade(-0, Some(2), 5), trade(10, Some(2), 7), new.clone()]);
    assert_eq!(report.counts, counts(1, 0, 2));
    assert_eq!(report.channels, BTreeMap::from([((btc(), Channel::Trade), counts(1, 0, 2))]));
    assert_eq!(fixture.read(), [kept[0].clone(), new, kept[1].clone()]);
}

#[test]
fn an_import_without_news_touches_no_file() {
    let fixture = Fixture::new();
    fixture.import(&every_kind());
    let before = fixture.files();
    let path = fixture.path("binance/BTCUSDT/trade/2026-01-04.seg");
    let written = fs::metadata(&path).unwrap().modified().unwrap();
    let report = fixture.import(&every_kind());
    assert_eq!((report.counts, report.segments_written), (counts(0, 16, 0), 0));
    assert_eq!(fixture.files(), before);
    assert_eq!(fs::metadata(&path).unwrap().modified().unwrap(), written);
}

#[test]
fn what_is_not_committed_leaves_nothing_behind() {
    let fixture = Fixture::new();
    let before = fixture.files();
    for abort in [true, false] {
        let options = liqlens_store::ImportOptions { events_in_memory: 3 };
        let mut import = fixture.store.begin_import_with(options).unwrap();
        for event in every_kind() {
            import.push(&btc(), event).unwrap();
        }
        assert!(fixture.files().len() > before.len(), "spilled");
        if abort {
            import.abort();
        } else {
            drop(import);
        }
        assert_eq!(fixture.files(), before);
    }
    assert_eq!(fixture.store.markets().unwrap(), []);
}

#[test]
fn a_commit_that_fails_changes_no_segment() {
    let fixture = Fixture::new();
    fixture.import(&[trade(0, None, 1)]);
    // The second channel of the file cannot get its directory.
    fs::write(fixture.path("binance/BTCUSDT/price"), b"in the way").unwrap();
    let before = fixture.files();
    let mut import = fixture.store.begin_import().unwrap();
    for event in every_kind() {
        import.push(&btc(), event).unwrap();
    }
    let error = import.commit().unwrap_err();
    assert!(matches!(&error, StoreError::Io { path, .. } if path.ends_with("price")), "{error}");
    assert_eq!(fixture.files(), before);
    fs::remove_file(fixture.path("binance/BTCUSDT/price")).unwrap();
    assert_eq!(fixture.import(&every_kind()).counts, counts(16, 0, 0));
}

#[test]
fn leftovers_of_a_killed_import_are_removed_by_the_next() {
    let fixture = Fixture::new();
    fs::create_dir(fixture.path(".staging")).unwrap();
    fs::write(fixture.path(".staging/run-1"), b"half").unwrap();
    fs::write(fixture.path(".staging/segment-2"), b"half").unwrap();
    assert_eq!(fixture.read(), []);
    fixture.import(&[trade(0, None, 1)]);
    assert!(!fixture.path(".staging").exists());
}

#[test]
fn a_second_writer_is_refused_by_process_id_and_readers_are_not() {
    let fixture = Fixture::new();
    fixture.import(&[trade(0, None, 1)]);
    let first = fixture.store.begin_import().unwrap();
    let Err(StoreError::Locked { pid, .. }) = fixture.store.begin_import() else { panic!("two writers") };
    assert_eq!(pid, Some(std::process::id()));
    assert_eq!(fixture.read().len(), 1);
    first.abort();
    fixture.store.begin_import().unwrap().abort();
}

#[test]
fn only_a_store_is_opened_and_only_an_empty_directory_becomes_one() {
    let directory = tempfile::tempdir().unwrap();
    assert!(matches!(Store::open(directory.path()), Err(StoreError::NotAStore(_))));
    fs::write(directory.path().join("letter.txt"), b"dear").unwrap();
    assert!(matches!(Store::create(directory.path()), Err(StoreError::NotEmpty(_))));
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1, "untouched");
    let inner = directory.path().join("a/b");
    Store::create(&inner).unwrap();
    Store::open(&inner).unwrap();
    Store::create(&inner).unwrap();
}

#[test]
fn times_that_are_none_are_refused() {
    let fixture = Fixture::new();
    let mut import = fixture.store.begin_import().unwrap();
    let mut early = trade(0, None, 1);
    early.known_ts = early.event_ts - Span::SECOND;
    let at = |ts| Event::at(ts, trade(0, None, 1).body);
    for event in [early, at(Timestamp::from_nanos(0)), at(Timestamp::LATEST), at(Timestamp::from_nanos(-1))] {
        let refused = import.push(&btc(), event);
        assert!(matches!(refused, Err(StoreError::ImplausibleTime { .. })));
    }
}

#[test]
fn markets_of_one_file_are_kept_apart() {
    let fixture = Fixture::new();
    let names = ["hyperliquid:kPEPE", "binance:币安人生USDT", "binance:BTCUSDT"];
    let mut import = fixture.store.begin_import().unwrap();
    for (ms, name) in (0..).zip(names) {
        import.push(&market(name), trade(ms, Some(1), 1)).unwrap();
    }
    assert_eq!(import.commit().unwrap().counts, counts(3, 0, 0));
    let markets: Vec<_> = fixture.store.markets().unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(markets, ["binance:BTCUSDT", "binance:币安人生USDT", "hyperliquid:kPEPE"]);
    for (ms, name) in (0..).zip(names) {
        let events: Vec<_> = fixture.store.events(&market(name), None).unwrap().collect();
        assert_eq!(events, [trade(ms, Some(1), 1)]);
    }
}

/// With room for one event in memory, 600 events make 600 runs, merged into 37 of sixteen and those into
/// two of 256.
#[test]
fn many_spilled_runs_equal_none() {
    let events: Vec<_> = (0..600).map(|i| trade(i * 7_919 % 600, None, 1 + i % 5)).collect();
    let (plain, spilled) = (Fixture::new(), Fixture::new());
    let report = plain.import(&events);
    assert_eq!(spilled.import_spilling(&events, 1), report);
    assert_eq!(report.counts, counts(600, 0, 0));
    assert_eq!(spilled.files(), plain.files());
    assert_eq!(multiset(&plain.read()), multiset(&events));
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_the_data() {
    use std::os::unix::fs::PermissionsExt;
    let fixture = Fixture::new();
    fixture.import(&[trade(0, None, 1)]);
    let mode = |below: &str| fs::metadata(fixture.path(below)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode("binance/BTCUSDT/trade/2026-01-04.seg"), 0o600);
    assert_eq!(mode(".lock"), 0o600);
    for directory in ["", "binance", "binance/BTCUSDT", "binance/BTCUSDT/trade"] {
        assert_eq!(mode(directory), 0o700, "{directory}");
    }
}

/// The union rule, plainly: as many copies of each event as the file that has most of them, but one of
/// each trade id.
fn union(files: &[Vec<Event>]) -> Vec<String> {
    let mut most: BTreeMap<String, usize> = BTreeMap::new();
    for file in files {
        let mut copies: BTreeMap<String, usize> = BTreeMap::new();
        for event in file {
            let text = format!("{event:?}");
            let count = copies.entry(text.clone()).or_default();
            *count = if text.contains("id: Some") { 1 } else { *count + 1 };
        }
        for (text, count) in copies {
            let known = most.entry(text).or_default();
            *known = (*known).max(count);
        }
    }
    most.into_iter().flat_map(|(text, count)| vec![text; count]).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn imports_form_the_union_in_any_order(
        files in proptest::collection::vec(any_events(0..30), 1..4), rotate in 0usize..4, memory in 1usize..12
    ) {
        let (forward, shuffled) = (Fixture::new(), Fixture::new());
        for file in &files {
            let report = forward.import(file);
            let counts = report.counts;
            prop_assert_eq!(counts.added + counts.already_present, file.len() as u64);
            prop_assert_eq!(counts.conflicts, 0);
        }
        let read = forward.read();
        prop_assert_eq!(multiset(&read), union(&files));
        prop_assert!(read.is_sorted_by(|a, b| a.log_order(b).is_le()));

        // Other order of files, other order inside them, and hardly any memory: the same bytes.
        let mut others = files.clone();
        let middle = rotate % files.len();
        others.rotate_left(middle);
        for file in &mut others {
            file.reverse();
            shuffled.import_spilling(file, memory);
        }
        prop_assert_eq!(shuffled.files(), forward.files());

        // Again, and nothing changes.
        for file in &files {
            prop_assert_eq!(shuffled.import_spilling(file, memory).counts.added, 0);
        }
        prop_assert_eq!(shuffled.files(), forward.files());
    }

    #[test]
    fn overlapping_day_files_equal_the_whole(
        events in any_events(1..40), cut in any::<prop::sample::Index>(), overlap in 0usize..20
    ) {
        // Split by time as venues split files, so that identical events stay together, with an overlap.
        let mut sorted = events.clone();
        sorted.sort_by_key(|event| event.known_ts);
        let boundary = sorted[cut.index(sorted.len())].known_ts;
        let until = sorted[(cut.index(sorted.len()) + overlap).min(sorted.len() - 1)].known_ts;
        let (first, second): (Vec<_>, Vec<_>) = (
            sorted.iter().filter(|event| event.known_ts <= until).cloned().collect(),
            sorted.iter().filter(|event| event.known_ts >= boundary).cloned().collect(),
        );
        let (whole, parts) = (Fixture::new(), Fixture::new());
        whole.import(&events);
        parts.import(&second);
        parts.import(&first);
        prop_assert_eq!(parts.files(), whole.files());
    }
}

#[test]
fn a_day_is_that_of_the_known_time() {
    let fixture = Fixture::new();
    let mut late = trade(-1, None, 1);
    late.known_ts = midnight();
    fixture.import(&[late, trade(-1, None, 2)]);
    let days: Vec<_> =
        fixture.files().into_keys().filter_map(|path| Some(path.file_stem()?.to_owned())).collect();
    assert_eq!(days, ["LIQLENS", "2026-01-03", "2026-01-04"]);
}
