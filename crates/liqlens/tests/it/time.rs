//! `--as-of`: what was known then, and refusals outside the data.

use serde_json::Value;

use crate::context::TestContext;

#[test]
fn every_form_of_a_moment_is_the_same_moment() {
    let context = TestContext::new();
    let ask =
        |time: &str| context.run(&["at", "BTC", "--move", "-2%", "--as-of", time, "--json"]).ok().stdout;
    let expected = ask("2026-03-18T20:00:00Z");
    for time in ["2026-03-18 21:00:00+01:00", "@1773864000", "@1773864000000ms"] {
        assert_eq!(ask(time), expected, "{time}");
    }
}

#[test]
fn an_earlier_moment_knows_less_and_a_later_file_changes_nothing() {
    let context = TestContext::new();
    let at = |time: &str| context.json(&format!("reach BTC --amount 50M --as-of {time}"));
    let (early, late) = (at("2026-03-16T12:00:00Z"), at("2026-03-17T12:00:00Z"));
    assert_eq!(early["as_of"], "2026-03-16T12:00:00Z");
    assert_ne!(early["snapshot"], late["snapshot"]);
    // The answer of a time is the same whether the files of later days are there or not: file 0 is the
    // minutes of 2026-03-15, file 1 those of the day after, the others go back for months.
    let first_day = [0, 6, 7, 8, 9].map(|index| context.bundled(index)).join(" ");
    context.words(&format!("import {first_day} --data store")).ok();
    let ask = "reach BTC --amount 50M --as-of 2026-03-15T12:00:00Z --data store";
    let before = context.json(ask);
    context.words(&format!("import {} --data store", context.bundled(1))).ok();
    assert_eq!(context.json(ask), before);
}

#[test]
fn before_the_data_the_window_is_named() {
    let context = TestContext::new();
    let run = context.words("reach BTC --amount 1M --as-of 2020-01-01 --json");
    assert_eq!(run.code, 3);
    let error = run.json();
    assert_eq!(error["code"], "before-data");
    let (first, newest) =
        (error["details"]["first"].as_str().unwrap(), error["details"]["newest"].as_str().unwrap());
    assert!(first < newest);
    assert!(run.stderr.contains(first) && run.stderr.contains(newest));
    // Both ends of the window named are inside it.
    for time in [first, newest] {
        context.words(&format!("reach BTC --amount 1M --as-of {time}")).ok();
    }
}

#[test]
fn after_the_data_the_answer_is_withheld_unless_asked_for() {
    let context = TestContext::new();
    for question in ["reach BTC --amount 50M", "at BTC --move -2%", "map BTC", "clusters BTC", "heatmap BTC"]
    {
        let stale = format!("{question} --as-of 2026-03-25");
        let run = context.words(&stale);
        assert_eq!(run.code, 4, "{question}: {}", run.stderr);
        assert!(run.stdout.is_empty(), "{question}");
        let error = context.words(&format!("{stale} --json")).json();
        assert_eq!(
            (&error["code"], &error["details"]["grade"]),
            (&Value::from("withheld"), &Value::from("D"))
        );
        let shown = context.words(&format!("{stale} --allow-stale")).ok().text();
        assert!(shown.contains("grade D"), "{shown}");
    }
    assert_eq!(context.words("reach BTC --amount 50M --as-of now").code, 4);
}
