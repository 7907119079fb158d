//! `import`, and answers from a data directory.

use liqlens_files::bundled;

use crate::context::TestContext;

/// REL-R8 and REL-R9: neither the order of the files nor reading one twice changes a byte of an answer.
#[test]
fn the_order_of_files_and_repeats_change_nothing() {
    let context = TestContext::new();
    let files: Vec<&str> = (0..bundled::FILES.len()).map(|index| context.bundled(index)).collect();
    context.words(&format!("import {} --data forward", files.join(" "))).ok();
    let mut backward: Vec<&str> = files.iter().rev().copied().collect();
    backward.push(files[0]);
    let report = context.words(&format!("import {} --data backward --json", backward.join(" "))).ok().json();
    let reports = report["files"].as_array().unwrap();
    assert_eq!(reports.len(), backward.len());
    let (first, again) = (&reports[files.len() - 1], &reports[files.len()]);
    assert_eq!(first["file"], again["file"]);
    assert!(first["events"]["added"].as_u64().unwrap() > 0);
    assert_eq!(again["events"]["added"], 0);
    for question in ["reach BTC --amount 50M", "map BTC", "brief BTC", "heatmap BTC --last 3h"] {
        assert_eq!(
            context.json(&format!("{question} --data backward")),
            context.json(&format!("{question} --data forward")),
            "{question}"
        );
    }
}

/// The sample in memory and the same files in a store are the same log, so they give the same documents,
/// snapshot id included.
#[test]
fn stored_data_answers_like_the_same_data_in_memory() {
    let context = TestContext::new();
    let files: Vec<&str> = (0..bundled::FILES.len()).map(|index| context.bundled(index)).collect();
    context.words(&format!("import {} --data store", files.join(" "))).ok();
    for question in ["reach BTC --amount 50M", "map BTC", "brief BTC --as-of 2026-01-05T02:00Z"] {
        assert_eq!(context.json(question), context.json(&format!("{question} --data store")), "{question}");
    }
}

#[test]
fn a_bad_file_does_not_stop_the_good_ones() {
    let context = TestContext::new();
    let good = context.bundled(0);
    std::fs::write(context.path("bad.csv"), "what,is,this\n1,2,3\n").unwrap();
    let whole = std::fs::read(context.path(good)).unwrap();
    std::fs::write(context.path("BTCUSDT_1m_cut.csv.gz"), &whole[..whole.len() / 2]).unwrap();
    let run = context.words(&format!("import bad.csv BTCUSDT_1m_cut.csv.gz missing.csv {good} --data store"));
    assert_eq!(run.code, 3, "{}", run.stderr);
    for part in ["bad.csv", "cut short", "missing.csv", "does not exist", "3 of 4 files"] {
        assert!(run.stderr.contains(part), "{part} in {}", run.stderr);
    }
    assert!(run.text().starts_with(good), "{}", run.text());
    // Nothing of the file that was cut short got in: the good file's own rows are all that is there.
    let again = context.words(&format!("import {good} --data store --json")).ok().json();
    assert_eq!(again["files"][0]["events"]["added"], 0);
    assert_eq!(
        again["files"][0]["events"]["already_present"].as_u64().unwrap().to_string(),
        run.text().lines().find(|l| l.contains("events added")).unwrap().split_whitespace().next().unwrap()
    );
}

#[test]
fn rejected_rows_are_reported_with_their_line() {
    let context = TestContext::new();
    std::fs::write(
        context.path("BTCUSDT-metrics-2026-03-20.csv"),
        "create_time,symbol,sum_open_interest,sum_open_interest_value\n\
         2026-03-20 00:05:00,BTCUSDT,86000.5,6000000000.25\n\
         2026-03-20 00:10:00,BTCUSDT,minus,6000000000.25\n\
         2026-03-20 00:15:00,BTCUSDT,86001.5,6000000000.25\n\
         2026-03-20 00:20:00,BTCUSDT,86002.5,6000000000.25\n",
    )
    .unwrap();
    let run = context.words("import BTCUSDT-metrics-2026-03-20.csv --data store").ok();
    let text = run.text();
    assert!(text.contains("4 rows: 3 accepted, 0 skipped, 1 rejected"), "{text}");
    assert!(text.contains("is not a decimal number"), "{text}");
    assert!(text.contains("line 3: 2026-03-20 00:10:00,BTCUSDT,minus"), "{text}");
    let json = context.json("import BTCUSDT-metrics-2026-03-20.csv --data other");
    assert_eq!(json["files"][0]["rejections"][0]["samples"][0]["line"], 3);
    // Open interest alone is no map.
    let ask = context.words("reach BTC --amount 1M --data store");
    assert_eq!(ask.code, 3);
    assert!(ask.stderr.contains("both prices and open interest"), "{}", ask.stderr);
}

#[test]
fn directories_and_wrong_places_are_refused() {
    let context = TestContext::new();
    std::fs::create_dir(context.path("archive")).unwrap();
    let run = context.words("import archive --data store");
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("archive/*"), "{}", run.stderr);
    let good = context.bundled(0);
    assert_eq!(context.words(&format!("import {good}")).code, 2, "without --data");
    let run = context.words(&format!("import {good} --data ."));
    assert_eq!(run.code, 7);
    assert!(run.stderr.contains("not empty"), "{}", run.stderr);
    let run = context.words("reach BTC --amount 1M --data nowhere");
    assert_eq!(run.code, 3);
    assert!(run.stderr.contains("not a data directory"), "{}", run.stderr);
}

/// Account states go to a log of their venue's accounts: one bad state costs itself, importing twice changes
/// nothing, and the market options of other venues are refused.
#[test]
fn account_states_are_imported_counted_and_kept_apart_by_venue() {
    let context = TestContext::new();
    let state = |user: &str, value: &str, time: u64| {
        format!(
            r#"{{"user":"{user}","clearinghouseState":{{"assetPositions":[],"time":{time},
                "crossMarginSummary":{{"accountValue":"{value}"}}}}}}"#
        )
    };
    let (first, second) =
        ("0x3b6996b7aa8371b0301167eefca33efca13307d6", "0x677d831aef5328190852e24f13c46cac05f984e7");
    let states = [
        state(first, "10.5", 1_754_467_216_357),
        state(first, "11", 1_754_467_276_357),
        state(second, "1.5", 1_754_467_216_357),
        state(second, "much", 1_754_467_276_357),
    ];
    std::fs::write(context.path("states.json"), states.join("\n")).unwrap();
    let run = context.words("import states.json --data store").ok();
    let text = run.text();
    for part in [
        "hyperliquid-accounts of hyperliquid, 2025-08-06T08:00:16.357Z",
        "4 entries: 3 accepted, 0 skipped, 1 rejected",
        "3 account states of 2 accounts",
        "accountValue is not a decimal number",
        // Each state takes two lines.
        "line 7: {",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    let again = context.json("import states.json --data store");
    assert_eq!(again["files"][0]["events"]["added"], 0);
    assert_eq!(again["files"][0]["accounts"], 2);
    assert_eq!(again["files"][0]["market"], "hyperliquid:_accounts");
    let run = context.words("import states.json --data store --market hyperliquid:BTC").ok();
    assert!(run.text().contains("0 events added, 3 already present"), "{}", run.text());
    let run = context.words("import states.json --data store --market lighter:BTC");
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("accounts of Hyperliquid"), "{}", run.stderr);
    let good = context.bundled(0);
    let run = context.words(&format!("import {good} --data store --market hyperliquid:_accounts"));
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("not accounts"), "{}", run.stderr);

    // What the document leaves out, the file's name can say.
    let undated = state(first, "1", 0).replace("\"time\":0,", "");
    std::fs::write(context.path("undated.json"), &undated).unwrap();
    std::fs::write(context.path("dated_2026-10-05.json"), &undated).unwrap();
    let run = context.words("import undated.json --data store");
    assert_eq!(run.code, 3);
    assert!(run.stderr.contains("the date into its name"), "{}", run.stderr);
    let run = context.words("import dated_2026-10-05.json --data store").ok();
    assert!(run.text().contains("1 account state of 1 account"), "{}", run.text());
}
