//! `export`, and answers from an archive.

use std::fs;

use liqlens_files::bundled;

use crate::context::{TestContext, VAULT};

fn imported(context: &TestContext) {
    let files: Vec<&str> = (0..bundled::FILES.len()).map(|index| context.bundled(index)).collect();
    context.words(&format!("import {} --data store", files.join(" "))).ok();
}

/// The sample in memory, in a store and in archives of both are the same log, so they give the same
/// documents, byte for byte, snapshot id included.
#[test]
fn an_archive_answers_like_what_it_was_written_from() {
    let context = TestContext::new();
    imported(&context);
    context.words("export -o of-sample").ok();
    context.words("export BTC --data store -o of-store").ok();
    for question in [
        "reach BTC --amount 50M",
        "map BTC",
        "brief BTC --as-of 2026-03-16T02:00Z",
        "heatmap BTC --last 3h --step 30m",
        "at BTC --move -2% --model m1",
    ] {
        let answer = context.words(&format!("{question} --json")).ok().stdout;
        for data in ["store", "of-sample", "of-store"] {
            let run = context.words(&format!("{question} --json --data {data}")).ok();
            assert_eq!(run.stdout, answer, "{question} from {data}");
            assert_eq!(run.stderr, "", "{question} from {data}");
        }
    }
}

#[test]
fn public_accounts_are_archived_with_their_markets() {
    let context = TestContext::new();
    let name = "0x3b6996b7aa8371b0301167eefca33efca13307d6.json";
    fs::write(context.path(name), VAULT).unwrap();
    context.run(&["import", name, "--data", "store"]).ok();
    context.words("export --data store -o archive").ok();
    for question in ["map BTC", "accounts BTC", "account hyperliquid 0x3b69"] {
        let stored = context.words(&format!("{question} --json --data store")).ok().stdout;
        let archived = context.words(&format!("{question} --json --data archive")).ok().stdout;
        assert_eq!(archived, stored, "{question}");
    }
}

#[test]
fn what_has_not_changed_is_left_alone() {
    let context = TestContext::new();
    let first = context.json("export BTC --from 2026-03-15 --to 2026-03-16T12:00Z -o archive");
    let again = context.json("export BTC --from 2026-03-15 --to 2026-03-16T12:00Z -o archive");
    assert_eq!(first["schema"], "export/1");
    assert_eq!((&first["complete"], &first["damage"]), (&true.into(), &serde_json::json!([])));
    assert_eq!(first["days_written"], first["days"]);
    assert_eq!(again["days_written"], 0);
    assert_eq!((&again["events"], &again["bytes"]), (&first["events"], &first["bytes"]));
    // Two days: one-minute candles of a day are 1,440, each known at its end.
    let bars =
        first["channels"].as_array().unwrap().iter().find(|c| c["channel"] == "bar-trades-1m").unwrap();
    assert_eq!((bars["days"].as_u64(), bars["market"].as_str()), (Some(2), Some("binance:BTCUSDT")));
    let text = context.text("export -o archive");
    assert!(text.contains("  bar-trades-1m: "), "{text}");
    assert!(text.lines().last().unwrap().starts_with("archive: "), "{text}");
}

/// REL-R8: an archive written from damaged data is never taken for complete.
#[test]
fn damage_is_told_when_writing_and_when_reading() {
    let context = TestContext::new();
    imported(&context);
    let segment = context.path("store/binance/BTCUSDT/open-interest/2026-03-16.seg");
    let mut bytes = fs::read(&segment).unwrap();
    let end = bytes.len() - 10;
    bytes[end] ^= 1;
    fs::write(&segment, bytes).unwrap();
    let run = context.words("export --data store -o archive --json");
    assert_eq!((run.code, &run.json()["complete"]), (7, &false.into()));
    assert_eq!(run.json()["damage"].as_array().unwrap().len(), 1);
    assert!(run.stderr.contains("open-interest/2026-03-16.seg"), "{}", run.stderr);
    assert!(run.stderr.contains("incomplete"), "{}", run.stderr);
    let question = "reach BTC --amount 50M --json --data";
    let stored = context.words(&format!("{question} store")).ok();
    let archived = context.words(&format!("{question} archive")).ok();
    assert_eq!(archived.stdout, stored.stdout);
    assert!(
        archived.stderr.contains("2026-03-16.parquet: lost before it was archived"),
        "{}",
        archived.stderr
    );
    // The file cannot be read at all: said too.
    let file = context.path("archive/binance/BTCUSDT/open-interest/2026-03-17.parquet");
    fs::write(file, b"PAR1").unwrap();
    let run = context.words(&format!("{question} archive")).ok();
    assert!(run.stderr.contains("2026-03-17.parquet: unreadable file footer"), "{}", run.stderr);
}

#[test]
fn what_cannot_be_exported_is_refused() {
    let context = TestContext::new();
    context.words("export -o archive").ok();
    fs::create_dir(context.path("full")).unwrap();
    fs::write(context.path("full/notes.txt"), "mine").unwrap();
    for (line, code, words) in [
        ("export", 2, "--output <DIR>"),
        ("export -o other --data archive", 2, "an archive already"),
        ("export -o full", 2, "not an archive"),
        ("export DOGE -o archive", 3, "DOGE"),
        ("export -o archive --from 2026-03-17 --to 2026-03-16", 2, "no day"),
        ("export -o archive --from 2030-01-01", 3, "Nothing was exported"),
        ("import x.csv --data archive", 7, "not a liqlens data directory"),
    ] {
        let run = context.words(line);
        assert_eq!(run.code, code, "{line}: {}", run.stderr);
        assert!(run.stderr.contains(words), "{line}: {}", run.stderr);
    }
    assert_eq!(fs::read_to_string(context.path("full/notes.txt")).unwrap(), "mine");
}
