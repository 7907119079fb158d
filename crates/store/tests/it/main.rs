//! The store as its callers see it, against plain references and damaged on purpose.

#![allow(clippy::unwrap_used, clippy::panic)] // a test that cannot go on has failed

mod damage;
mod imports;
mod reading;
#[path = "../../src/testing.rs"]
mod testing;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use liqlens_market::{Event, MarketId};
use liqlens_store::{ImportOptions, ImportReport, Store};
use tempfile::TempDir;

/// A store in its own directory, removed at the end.
struct Fixture {
    _directory: TempDir,
    store: Store,
}

impl Fixture {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::create(&directory.path().join("data")).unwrap();
        Self { _directory: directory, store }
    }

    fn import(&self, events: &[Event]) -> ImportReport {
        self.import_spilling(events, 500_000)
    }

    /// Imports into the log of another market.
    fn import_of(&self, market: &MarketId, events: &[Event]) -> ImportReport {
        let mut import = self.store.begin_import().unwrap();
        for event in events {
            import.push(market, event.clone()).unwrap();
        }
        import.commit().unwrap()
    }

    /// Imports with room for `events_in_memory` before temporary files are used.
    fn import_spilling(&self, events: &[Event], events_in_memory: usize) -> ImportReport {
        let mut import = self.store.begin_import_with(ImportOptions { events_in_memory }).unwrap();
        for event in events {
            import.push(&btc(), event.clone()).unwrap();
        }
        import.commit().unwrap()
    }

    /// All events, which must be undamaged.
    fn read(&self) -> Vec<Event> {
        let mut events = self.store.events(&btc(), None).unwrap();
        let list = events.by_ref().collect();
        assert_eq!(events.damage(), []);
        list
    }

    /// Every file with its content, by path below the store; the lock's content is a process id.
    fn files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        fn walk(root: &Path, directory: &Path, files: &mut BTreeMap<PathBuf, Vec<u8>>) {
            for entry in fs::read_dir(directory).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    walk(root, &path, files);
                } else if !path.ends_with(".lock") {
                    files.insert(path.strip_prefix(root).unwrap().to_owned(), fs::read(&path).unwrap());
                }
            }
        }
        let mut files = BTreeMap::new();
        walk(self.store.directory(), self.store.directory(), &mut files);
        files
    }

    fn path(&self, below: &str) -> PathBuf {
        self.store.directory().join(below)
    }
}

fn btc() -> MarketId {
    testing::market("binance:BTCUSDT")
}

/// Events as texts, sorted: equal if and only if the same events are there equally often.
fn multiset(events: &[Event]) -> Vec<String> {
    let mut texts: Vec<_> = events.iter().map(|event| format!("{event:?}")).collect();
    texts.sort();
    texts
}
