//! What an archive gives back, what reading a part of it costs, and what damage and forgery come to.

use std::fs;
use std::path::{Path, PathBuf};

use liqlens_market::{Event, EventBody, Log, MarketId, Price, Size, Span, Step, Taker, Timestamp, Trade};
use proptest::prelude::*;
use tempfile::TempDir;

use super::*;
use crate::channel::Day;
use crate::error::{Damage, DamageReason};
use crate::order;
use crate::store::Store;
use crate::testing::{any_events, every_kind, market, midnight, price, size, trade};

fn btc() -> MarketId {
    market("binance:BTCUSDT")
}

fn all_days() -> RangeInclusive<Day> {
    Day::of(Timestamp::EARLIEST)..=Day::of(Timestamp::LATEST)
}

fn all_time() -> RangeInclusive<Timestamp> {
    Timestamp::EARLIEST..=Timestamp::LATEST
}

/// An archive of events in a directory of its own.
fn archive(events: &[Event]) -> (TempDir, Archive) {
    let directory = tempfile::tempdir().unwrap();
    let archive = Archive::create(&directory.path().join("archive")).unwrap();
    export(&archive, events);
    (directory, archive)
}

fn export(archive: &Archive, events: &[Event]) -> ExportReport {
    let mut export = archive.begin_export().unwrap();
    export.events(&btc(), events.iter().cloned(), &all_days(), |_| {}).unwrap();
    export.finish().unwrap()
}

fn store(directory: &Path, events: &[Event]) -> Store {
    let store = Store::create(directory).unwrap();
    let mut import = store.begin_import().unwrap();
    for event in events {
        import.push(&btc(), event.clone()).unwrap();
    }
    import.commit().unwrap();
    store
}

/// The events of the steps of a log, asked for up to one moment after the other.
fn steps(log: &mut impl Log, stops: &[Timestamp]) -> Vec<Event> {
    let mut events = Vec::new();
    for stop in stops {
        while let Some(step) = log.next_known(*stop) {
            match step {
                Step::Event(event) => events.push(event),
                Step::Trades(trades) => {
                    assert!(!trades.is_empty());
                    events.extend(trades.events());
                }
            }
        }
        assert!(events.iter().all(|event| event.known_ts <= *stop));
    }
    events
}

/// A busy day: a trade every second, with ids, times that repeat, sizes beyond the dictionary and a minute
/// bar for every minute.
fn busy_day(trades: i64) -> Vec<Event> {
    let mut events = Vec::new();
    for number in 0..trades {
        let ts = midnight() + Span::from_nanos(86_400_000_000_000 / trades).times(number - number % 3);
        let taker = if number * number % 7 < 3 { Taker::Buy } else { Taker::Sell };
        let size = size(if number % 2 == 0 { 100_000 } else { number * 1_000 });
        let price = price(6_000_000_000_000 + (number * 7_919) % 1_000_003 * 1_000_000);
        let id = Some(u64::try_from(number).unwrap() + 5_000_000_000);
        let trade = EventBody::Trade(Trade { id, price, size, taker });
        events.push(Event { event_ts: ts - Span::SECOND, known_ts: ts, body: trade });
    }
    let bar = every_kind().pop().unwrap();
    let EventBody::Bar(bar) = bar.body else { panic!("the last kind is the bar") };
    events.extend((0..1_440).map(|minute| Event::bar(midnight() + Span::MINUTE.times(minute - 1), bar)));
    events.sort_by(order::total);
    events
}

fn file(archive: &Archive, channel: &str) -> PathBuf {
    archive.directory().join(format!("binance/BTCUSDT/{channel}/2026-01-04.parquet"))
}

#[test]
fn every_kind_comes_back_exactly() {
    let mut events = every_kind();
    let extreme = |id, price, size, ns| {
        let trade = Trade {
            id,
            price: Price::from_units(price).unwrap(),
            size: Size::from_units(size).unwrap(),
            taker: Taker::Buy,
        };
        let known_ts = midnight() + Span::HOUR;
        Event { event_ts: known_ts - Span::from_nanos(ns), known_ts, body: EventBody::Trade(trade) }
    };
    events.push(extreme(Some(u64::MAX), i64::MAX, i64::MAX, 0));
    events.push(extreme(Some(0), 1, 0, i64::MAX / 2));
    events.push(extreme(None, 1, 1, 1));
    events.sort_by(order::total);
    let (_directory, archive) = archive(&events);
    let mut log = archive.log(&btc(), all_time()).unwrap();
    assert_eq!(log.by_ref().collect::<Vec<_>>(), events);
    assert_eq!(log.damage(), []);
    let counted: u64 = archive.channels(&btc()).unwrap().iter().map(|info| info.events).sum();
    assert_eq!(counted, events.len() as u64);
}

#[test]
fn a_large_day_comes_back_from_several_row_groups_in_runs() {
    let events = busy_day(100_000);
    let (_directory, archive) = archive(&events);
    let stops: Vec<_> = (0..50).map(|half_hour| midnight() + Span::MINUTE.times(30 * half_hour)).collect();
    assert_eq!(steps(&mut archive.log(&btc(), all_time()).unwrap(), &stops), events);
    assert_eq!(archive.log(&btc(), all_time()).unwrap().collect::<Vec<_>>(), events);
    // Between two bars there is one run, or two where a page ends.
    let mut log = archive.log(&btc(), all_time()).unwrap();
    let mut runs = 0;
    while let Some(step) = log.next_known(Timestamp::LATEST) {
        runs += usize::from(matches!(step, Step::Trades(_)));
    }
    assert!((1_440..1_500).contains(&runs), "{runs} runs");
}

#[test]
fn an_hour_costs_about_an_hour() {
    let events: Vec<Event> = busy_day(600_000).into_iter().filter(|e| e.body.kind() == "trade").collect();
    let (_directory, archive) = archive(&events);
    let bytes = fs::metadata(file(&archive, "trade")).unwrap().len();
    let (from, until) =
        (midnight() + Span::HOUR.times(7), midnight() + Span::HOUR.times(8) - Span::from_nanos(1));
    let mut log = archive.log(&btc(), from..=until).unwrap();
    let expected: Vec<&Event> = events.iter().filter(|e| (from..=until).contains(&e.known_ts)).collect();
    assert_eq!(log.by_ref().collect::<Vec<_>>().iter().collect::<Vec<_>>(), expected);
    assert!(log.bytes_read() * 23 < bytes, "{} of {bytes} bytes", log.bytes_read());
}

#[test]
fn export_repeats_itself_and_writes_only_what_changed() {
    let directory = tempfile::tempdir().unwrap();
    let store = store(&directory.path().join("store"), &every_kind());
    let archive = Archive::create(&directory.path().join("archive")).unwrap();
    let export = || {
        let mut export = archive.begin_export().unwrap();
        export.market(&store, &btc(), &all_days(), |_| {}).unwrap();
        export.finish().unwrap()
    };
    let first = export().total();
    assert_eq!((first.days, first.days_written, first.events), (16, 16, 16));
    let bytes = fs::read(file(&archive, "trade")).unwrap();
    assert_eq!(export().total(), ExportCounts { days_written: 0, ..first });
    fs::remove_file(file(&archive, "trade")).unwrap();
    assert_eq!(export().total().days_written, 1);
    assert_eq!(fs::read(file(&archive, "trade")).unwrap(), bytes);
    // A damaged file is written again, and one more trade is one more file.
    let mut flipped = bytes.clone();
    flipped[10] ^= 1;
    fs::write(file(&archive, "trade"), flipped).unwrap();
    assert_eq!(export().total().days_written, 1);
    let mut import = store.begin_import().unwrap();
    import.push(&btc(), trade(5, Some(9), 3)).unwrap();
    import.commit().unwrap();
    assert_eq!(export().total(), ExportCounts { days_written: 1, events: 17, ..export().total() });
    assert_eq!(
        archive.log(&btc(), all_time()).unwrap().collect::<Vec<_>>(),
        store.events(&btc(), None).unwrap().collect::<Vec<_>>()
    );
    // From memory the same bytes come about.
    let (_other, of_memory) = super::tests::archive(&store.events(&btc(), None).unwrap().collect::<Vec<_>>());
    assert_eq!(fs::read(file(&of_memory, "trade")).unwrap(), fs::read(file(&archive, "trade")).unwrap());
}

#[test]
fn what_the_store_lost_the_archive_says_too() {
    let directory = tempfile::tempdir().unwrap();
    let events = busy_day(40_000);
    let store = store(&directory.path().join("store"), &events);
    let segment = store.directory().join("binance/BTCUSDT/trade/2026-01-04.seg");
    let whole = fs::read(&segment).unwrap();
    let mut damaged = whole.clone();
    let middle = damaged.len() / 2;
    damaged[middle] ^= 1;
    fs::write(&segment, damaged).unwrap();
    let archive = Archive::create(&directory.path().join("archive")).unwrap();
    let export = || {
        let mut export = archive.begin_export().unwrap();
        export.market(&store, &btc(), &all_days(), |_| {}).unwrap();
        export.finish().unwrap()
    };
    let lost = |damage: &[Damage]| damage.iter().filter_map(|damage| damage.events_lost).sum::<u64>();
    let report = export();
    assert_eq!(lost(&report.damage), 16_384);
    let mut log = archive.log(&btc(), all_time()).unwrap();
    assert_eq!(log.by_ref().count() + 16_384, events.len());
    assert_eq!(lost(&log.damage()), 16_384);
    assert_eq!(log.damage()[0].reason, DamageReason::LostEarlier);
    // Mended, the day is written anew; damaged again, the whole day stays.
    fs::write(&segment, &whole).unwrap();
    assert_eq!(export().damage, []);
    let mut damaged = whole;
    damaged[30] ^= 1;
    damaged[middle] ^= 1;
    fs::write(&segment, damaged).unwrap();
    assert!(lost(&export().damage) >= 16_384);
    assert_eq!(archive.log(&btc(), all_time()).unwrap().collect::<Vec<_>>(), events);
}

/// Everything a file says after `change`, which may be nothing; never a wrong event.
fn read_changed(archive: &Archive, path: &Path, good: &[Event], change: impl FnOnce(&mut Vec<u8>)) {
    let whole = fs::read(path).unwrap();
    let mut bytes = whole.clone();
    change(&mut bytes);
    fs::write(path, &bytes).unwrap();
    let mut log = archive.log(&btc(), all_time()).unwrap();
    let read: Vec<Event> = log.by_ref().collect();
    if read != good {
        let lost: Option<u64> = log.damage().iter().map(|damage| damage.events_lost).sum();
        assert_ne!(log.damage(), [], "a loss is told");
        assert!(lost.is_none_or(|lost| lost + read.len() as u64 == good.len() as u64));
        let mut rest = good.iter();
        assert!(read.iter().all(|event| rest.any(|good| good == event)), "what is read is true");
    }
    fs::write(path, whole).unwrap();
}

#[test]
fn a_flipped_byte_or_a_missing_end_costs_a_row_group_and_is_told() {
    let events = busy_day(50_000);
    let (_directory, archive) = archive(&events);
    for channel in ["trade", "bar-trades-1m"] {
        let path = file(&archive, channel);
        let bytes = fs::read(&path).unwrap();
        let step = bytes.len() / 60;
        for at in (0..bytes.len()).step_by(step).chain(bytes.len() - 60..bytes.len()) {
            read_changed(&archive, &path, &events, |bytes| bytes[at] ^= 1 << (at % 8));
        }
        for at in (0..bytes.len()).step_by(step * 4).chain([bytes.len() - 1]) {
            read_changed(&archive, &path, &events, |bytes| bytes.truncate(at));
        }
        read_changed(&archive, &path, &events, |bytes| bytes.extend_from_slice(b"PAR1"));
        read_changed(&archive, &path, &events, Vec::clear);
    }
    let mut changed = fs::read(file(&archive, "trade")).unwrap();
    changed[1_000] ^= 1;
    fs::write(file(&archive, "trade"), changed).unwrap();
    let mut log = archive.log(&btc(), all_time()).unwrap();
    log.by_ref().for_each(drop);
    let [damage] = &log.damage()[..] else { panic!("one row group") };
    assert_eq!(
        (damage.reason, damage.block, damage.events_lost),
        (DamageReason::Checksum, Some(1), Some(16_668))
    );
}

/// The file with checksums that fit what stands in it now.
fn sealed_again(mut bytes: Vec<u8>, groups: &[core::ops::Range<u64>]) -> Option<Vec<u8>> {
    let text = |bytes: &[u8], key: &[u8]| {
        let at = bytes.windows(key.len()).position(|window| window == key)? + key.len();
        Some(at + if bytes[at + 1] < 0x80 { 2 } else { 3 })
    };
    let crcs = text(&bytes, b"liqlens.crc32")?;
    for (number, group) in groups.iter().enumerate() {
        let range = usize::try_from(group.start).unwrap()..usize::try_from(group.end).unwrap();
        let crc = format!("{:08x}", crc32fast::hash(&bytes[range]));
        bytes.get_mut(crcs + 9 * number..crcs + 9 * number + 8)?.copy_from_slice(crc.as_bytes());
    }
    let data_end = groups.last()?.end;
    footer::seal(&mut bytes[usize::try_from(data_end).unwrap()..], data_end).ok()?;
    Some(bytes)
}

/// A forger's checksums fit. What is read may be wrong then, but reading ends, in bounded memory and without
/// a panic, and what is read is in order and in its place.
#[test]
fn forged_files_are_read_or_refused() {
    let mut events = busy_day(600);
    events.retain(|event| event.body.kind() == "trade");
    events.extend(every_kind());
    events.sort_by(order::total);
    let (_directory, archive) = archive(&events);
    let (mut read, mut refused) = (0, 0);
    for channel in ["trade", "liquidation", "book-levels", "bar-trades-1m", "gap"] {
        let path = file(&archive, channel);
        let whole = fs::read(&path).unwrap();
        let place =
            Place { market: btc(), channel: Channel::parse(channel).unwrap(), day: Day::of(midnight()) };
        let contents = footer::Contents::read(&mut File::open(&path).unwrap(), &place).unwrap();
        let groups: Vec<_> = contents.groups.iter().map(|group| group.range.clone()).collect();
        assert_eq!(sealed_again(whole.clone(), &groups).as_ref(), Some(&whole));
        for at in 4..whole.len() - 8 {
            // Every byte one of four ways, in turn.
            for value in [[0, 0xff, whole[at] ^ 1, whole[at] ^ 0x80][at % 4]] {
                let mut bytes = whole.clone();
                bytes[at] = value;
                let Some(bytes) = sealed_again(bytes, &groups).filter(|bytes| *bytes != whole) else {
                    continue;
                };
                fs::write(&path, bytes).unwrap();
                let files = VecDeque::from([(place.clone(), path.clone())]);
                let mut log = if channel == "trade" {
                    ArchiveLog::new(files, Vec::new(), &all_time(), Vec::new())
                } else {
                    ArchiveLog::new(VecDeque::new(), vec![files], &all_time(), Vec::new())
                };
                let found: Vec<Event> = log.by_ref().collect();
                assert!(found.is_sorted_by(|a, b| a.log_order(b).is_le()));
                assert!(found.iter().all(|event| Channel::of(event) == Some(place.channel)));
                assert!(found.len() <= 700);
                *(if log.damage().is_empty() { &mut read } else { &mut refused }) += 1;
            }
        }
        fs::write(&path, whole).unwrap();
    }
    assert!(read > 300 && refused > 1_000, "{read} read, {refused} refused");
}

#[test]
fn a_file_in_another_place_is_refused() {
    let events = busy_day(100);
    let (_directory, archive) = archive(&events);
    let elsewhere = archive.directory().join("binance/BTCUSDT/trade/2026-01-05.parquet");
    fs::copy(file(&archive, "trade"), elsewhere).unwrap();
    let mut log = archive.log(&btc(), all_time()).unwrap();
    assert_eq!(log.by_ref().collect::<Vec<_>>(), events);
    assert_eq!(log.damage()[0].reason, DamageReason::WrongPlace);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]
    #[test]
    fn an_archive_reads_as_its_store(events in any_events(0..60), stops in proptest::collection::vec(-3i64..20_000, 1..6)) {
        let directory = tempfile::tempdir().unwrap();
        let store = store(&directory.path().join("store"), &events);
        let archive = Archive::create(&directory.path().join("archive")).unwrap();
        let mut export = archive.begin_export().unwrap();
        export.market(&store, &btc(), &all_days(), |_| {}).unwrap();
        export.finish().unwrap();
        let expected: Vec<Event> = store.events(&btc(), None).unwrap().collect();
        prop_assert_eq!(&archive.log(&btc(), all_time()).unwrap().collect::<Vec<_>>(), &expected);
        let mut stops: Vec<_> = stops.iter().map(|ms| midnight() + Span::from_nanos(1_000_000).times(*ms)).collect();
        stops.sort();
        let by_last: Vec<Event> = expected.iter().filter(|e| e.known_ts <= *stops.last().unwrap()).cloned().collect();
        prop_assert_eq!(&steps(&mut archive.log(&btc(), all_time()).unwrap(), &stops), &by_last);
        prop_assert_eq!(&steps(&mut store.events(&btc(), None).unwrap(), &stops), &by_last);
        let (from, until) = (stops[0], *stops.last().unwrap());
        let within: Vec<Event> = expected.into_iter().filter(|e| (from..=until).contains(&e.known_ts)).collect();
        prop_assert_eq!(&archive.log(&btc(), from..=until).unwrap().collect::<Vec<_>>(), &within);
    }
}
