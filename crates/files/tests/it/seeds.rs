//! Replays the committed fuzzing seeds, so that what they stand for is checked without a fuzzer.

use std::path::Path;

use liqlens_files::Options;

use crate::tallies::{check, name_and_content};

#[test]
fn every_seed_balances_and_most_are_read() {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds");
    for (target, least_read) in [("csv_any", 14), ("jsonl_any", 3), ("accounts_any", 10), ("container", 2)] {
        let mut read = 0;
        for entry in std::fs::read_dir(seeds.join(target)).unwrap() {
            let seed = std::fs::read(entry.unwrap().path()).unwrap();
            let (name, content) = name_and_content(&seed);
            read += usize::from(check(&name, content, &Options::default()).is_some());
        }
        assert!(read >= least_read, "{target}: only {read} seeds are read");
    }
}
