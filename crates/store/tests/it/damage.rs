//! Damaged and missing files: found, fenced, reported, healed by importing again.

use std::fs;

use liqlens_market::Event;
use liqlens_store::{Damage, DamageReason};
use proptest::prelude::*;

use crate::testing::trade;
use crate::{Fixture, btc, multiset};

const SEGMENT: &str = "binance/BTCUSDT/trade/2026-01-04.seg";

fn trades() -> Vec<Event> {
    (0..50).map(|i| trade(i, Some(i.unsigned_abs()), 1 + i)).collect()
}

/// Flips one bit in the events of the first block.
fn damage(fixture: &Fixture) -> Vec<u8> {
    let path = fixture.path(SEGMENT);
    let mut bytes = fs::read(&path).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 4;
    fs::write(&path, &bytes).unwrap();
    bytes
}

fn read(fixture: &Fixture) -> (Vec<Event>, Vec<Damage>) {
    let mut events = fixture.store.events(&btc(), None).unwrap();
    (events.by_ref().collect(), events.damage())
}

#[test]
fn importing_again_heals_and_keeps_the_damaged_file() {
    let fixture = Fixture::new();
    fixture.import(&trades());
    let before = fixture.files();
    let damaged = damage(&fixture);

    let report = fixture.import(&trades());
    assert_eq!(report.counts.added, 50);
    assert_eq!((report.damage.len(), report.damage[0].events_lost), (1, Some(50)));
    let mut after = fixture.files();
    let kept =
        after.remove(&std::path::PathBuf::from(format!(".quarantine/{SEGMENT}").replace(".seg", ".1.seg")));
    assert_eq!(kept, Some(damaged));
    assert_eq!(after, before, "byte for byte");
}

#[test]
fn what_stays_lost_stays_reported_until_it_is_back() {
    let fixture = Fixture::new();
    fixture.import(&trades());
    damage(&fixture);
    // Another trade of the day, outside the lost stretch: the loss is remembered.
    fixture.import(&[trade(1_000, Some(1_000), 9)]);
    let (events, damage) = read(&fixture);
    assert_eq!(events, [trade(1_000, Some(1_000), 9)]);
    assert_eq!(
        (damage.len(), damage[0].reason, damage[0].events_lost),
        (1, DamageReason::LostEarlier, Some(50))
    );
    assert_eq!((damage[0].from, damage[0].to), (trades()[0].known_ts, trades()[49].known_ts));
    // Twenty of them return.
    fixture.import(&trades()[..20]);
    let (events, damage) = read(&fixture);
    assert_eq!((events.len(), damage[0].events_lost), (21, Some(30)));
    // All of them.
    fixture.import(&trades());
    let (events, damage) = read(&fixture);
    assert_eq!((events.len(), damage.len()), (51, 0));
}

#[test]
fn an_import_without_news_leaves_a_damaged_segment_alone() {
    let fixture = Fixture::new();
    let mut all = trades();
    all.extend((0..20_000).map(|i| trade(1_000 + i, Some(1_000 + i.unsigned_abs()), 1)));
    fixture.import(&all);
    damage(&fixture);
    let before = fixture.files();
    // These lie in the first of two blocks; the second is the damaged one.
    let report = fixture.import(&trades());
    assert_eq!((report.counts.added, report.damage.len()), (0, 1));
    assert_eq!(fixture.files(), before);
    let (events, damage) = read(&fixture);
    assert_eq!(events, all[..16_384]);
    assert_eq!((damage[0].block, damage[0].events_lost), (Some(2), Some(20_050 - 16_384)));
}

#[test]
fn a_deleted_day_leaves_the_others() {
    let fixture = Fixture::new();
    fixture.import(&[trade(-1, None, 1), trade(0, None, 2), trade(86_400_000, None, 3)]);
    let before = fixture.files();
    fs::remove_file(fixture.path(SEGMENT)).unwrap();
    assert_eq!(fixture.read(), [trade(-1, None, 1), trade(86_400_000, None, 3)]);
    assert_eq!(fixture.import(&[trade(0, None, 2)]).counts.added, 1);
    assert_eq!(fixture.files(), before);
}

#[test]
fn messages_name_file_block_reason_and_loss() {
    let fixture = Fixture::new();
    fixture.import(&trades());
    damage(&fixture);
    let (_, damage) = read(&fixture);
    let text = damage[0].to_string().replace(fixture.store.directory().to_str().unwrap(), "DIR");
    assert_eq!(
        text,
        "DIR/binance/BTCUSDT/trade/2026-01-04.seg, block 1: checksum mismatch; 50 events lost, \
         2026-01-04T00:00:00Z to 2026-01-04T00:00:00.049Z; import \
         the files of that day again"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_damage_is_reported_fenced_and_healed(
        at in any::<prop::sample::Index>(), bit in 0u32..8, cut in any::<bool>()
    ) {
        let fixture = Fixture::new();
        fixture.import(&trades());
        let before = fixture.files();
        let path = fixture.path(SEGMENT);
        let mut bytes = fs::read(&path).unwrap();
        let at = at.index(bytes.len());
        if cut {
            bytes.truncate(at);
        } else {
            bytes[at] ^= 1 << bit;
        }
        fs::write(&path, &bytes).unwrap();

        let (events, damage) = read(&fixture);
        prop_assert_eq!(damage.len(), 1);
        prop_assert!(events.is_empty() || multiset(&events) == multiset(&trades()));

        fixture.import(&trades());
        let (events, after) = read(&fixture);
        prop_assert_eq!(events, trades());
        // Only where the file's header went with its events can nobody tell that all are back.
        prop_assert_eq!(after.is_empty(), damage[0].events_lost.is_some());
        if damage[0].events_lost.is_some() {
            let mut after = fixture.files();
            after.retain(|path, _| !path.starts_with(".quarantine"));
            prop_assert_eq!(after, before);
        }
    }
}
