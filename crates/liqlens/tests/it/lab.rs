//! `lab world`: a synthetic market as files, imported and asked like a real one.

use std::collections::BTreeMap;
use std::path::Path;

use crate::context::TestContext;

/// The bytes of every file below a directory, by path.
fn files(directory: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if path.is_dir() {
            files.extend(
                self::files(&path).into_iter().map(|(inner, bytes)| (format!("{name}/{inner}"), bytes)),
            );
        } else {
            files.insert(name, std::fs::read(&path).unwrap());
        }
    }
    files
}

#[test]
fn a_world_is_written_the_same_twice_imported_and_asked() {
    let context = TestContext::new();
    let command = "lab world calm --days 1 --seed 3 --prints throttled";
    let text = context.text(&format!("{command} --out first"));
    let report = context.json(&format!("{command} --out second"));
    let (first, second) = (files(&context.path("first")), files(&context.path("second")));
    assert!(first == second, "two runs with the same arguments differ");

    assert_eq!((&report["world"], &report["seed"], &report["days"]), (&"calm".into(), &3.into(), &1.into()));
    assert_eq!(
        (&report["first"], &report["last"]),
        (&"2026-01-01T00:00:00Z".into(), &"2026-01-02T00:00:00Z".into())
    );
    let written = ["feed", "truth"].map(|kind| {
        let files = report[kind].as_array().unwrap().iter();
        files.map(|file| file["path"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    });
    // Both reports and the page name every file, and there is no other.
    let page = String::from_utf8(first["README.md"].clone()).unwrap();
    let named: Vec<&String> = written.iter().flatten().collect();
    for path in &named {
        assert!(first.contains_key(*path) && text.contains(*path) && page.contains(*path), "{path}");
    }
    assert_eq!(first.len(), named.len() + 1);
    for part in ["`calm`", "seed 3", "--prints throttled", "mark price"] {
        assert!(page.contains(part), "{part}");
    }

    // As the page says.
    let feed: Vec<String> = written[0].iter().map(|path| format!("first/{path}")).collect();
    let imported = context.json(&format!("import {} --data calm-3-data", feed.join(" ")));
    let rows: u64 =
        report["feed"].as_array().unwrap().iter().map(|file| file["rows"].as_u64().unwrap()).sum();
    let files = imported["files"].as_array().unwrap();
    assert_eq!(files.iter().map(|file| file["accepted"].as_u64().unwrap()).sum::<u64>(), rows);
    let reach = context.json("reach binance:BTCUSDT --amount 10M --data calm-3-data");
    assert_eq!(reach["as_of"], "2026-01-02T00:00:00Z");
    context.words("brief binance:BTCUSDT --data calm-3-data").ok();

    // The truth stays out of what is asked.
    let truth: Vec<String> = written[1].iter().map(|path| format!("first/{path}")).collect();
    let run = context.words(&format!("import {} --data calm-3-data", truth.join(" ")));
    assert_eq!(run.code, 3);
    assert!(
        run.stderr.contains(&format!("{0} of {0} files were not imported", truth.len())),
        "{}",
        run.stderr
    );
    assert_eq!(context.json("reach binance:BTCUSDT --amount 10M --data calm-3-data"), reach);

    let again = context.words(&format!("{command} --out first"));
    assert_eq!(again.code, 7);
    assert!(again.stderr.contains("not empty"), "{}", again.stderr);
}

#[test]
fn an_unknown_world_or_length_is_refused_with_what_there_is() {
    let context = TestContext::new();
    let run = context.words("lab world nowhere --out out");
    assert_eq!(run.code, 2);
    let worlds = "default, lowlev, degen, nostops, cascades, calm, alt, scalp";
    assert!(run.stderr.contains(worlds), "{}", run.stderr);
    let run = context.words("lab world nowhere --out out --json");
    assert_eq!(run.code, 2);
    assert!(run.json()["message"].as_str().unwrap().contains(worlds), "{}", run.text());
    for line in
        ["lab world calm --out out --days 0", "lab world calm --out out --days 2001", "lab world calm", "lab"]
    {
        assert_eq!(context.words(line).code, 2, "{line}");
    }
    assert!(!context.path("out").exists());
}
