//! Whatever is typed, the program answers or refuses; it never breaks.

use proptest::prelude::*;

use crate::context::TestContext;

fn word() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "reach",
        "at",
        "map",
        "clusters",
        "heatmap",
        "brief",
        "schema",
        "version",
        "BTC",
        "binance:BTCUSDT",
        "DOGE",
        "--amount",
        "--move",
        "--within",
        "--bin",
        "--as-of",
        "--in",
        "--step",
        "--last",
        "--row",
        "--csv",
        "--json",
        "--quiet",
        "-v",
        "--model",
        "m0",
        "m1",
        "--allow-stale",
        "1.1B",
        "-1",
        "-2%",
        "+770",
        "to:90000",
        "5%",
        "0",
        "101%",
        "25bp",
        "$100",
        "0.0001bp",
        "2026-03-20",
        "2009-01-04",
        "2099-12-31",
        "now",
        "now-2h",
        "@1773864000",
        "1h",
        "999999999w",
        "%oi",
        "--format",
        "html",
        "card",
        "--size",
        "1600x900",
        "--",
        "-o",
        "x.json",
        "",
    ])
    .prop_map(str::to_owned);
    prop_oneof![8 => known, 1 => "[ -~]{0,12}", 1 => "\\PC{0,12}"]
}

/// A question that is right but for one or two of its words.
fn nearly_right() -> impl Strategy<Value = Vec<String>> {
    let lines = prop::sample::select(vec![
        "reach BTC --amount 250M --in USD",
        "at BTC --move -2% --move +770",
        "map BTC --within 5% --bin 25bp",
        "heatmap BTC --last 6h --step 30m --row 10bp --within 5%",
        "clusters BTC --within 5%",
        "brief BTC --amount 50M --format md",
    ]);
    (lines, prop::collection::vec((any::<prop::sample::Index>(), word()), 0..3)).prop_map(
        |(line, changes)| {
            let mut words: Vec<String> = line.split(' ').map(str::to_owned).collect();
            for (at, word) in changes {
                let at = at.index(words.len());
                words[at] = word;
            }
            words
        },
    )
}

fn check(words: &[String]) -> Result<(), TestCaseError> {
    // A word with a zero byte cannot be passed to a program at all.
    prop_assume!(words.iter().all(|word| !word.contains('\0')));
    let run = TestContext::new().run(words);
    prop_assert!(matches!(run.code, 0 | 2 | 3 | 4 | 7), "{words:?} exits {}: {}", run.code, run.stderr);
    prop_assert!(!run.stderr.contains("panicked"), "{words:?}: {}", run.stderr);
    if run.code == 0 {
        prop_assert!(!run.stderr.contains("error"), "{words:?}: {}", run.stderr);
    } else {
        prop_assert!(!run.stderr.is_empty(), "{words:?} is refused without a word");
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 32,
        max_shrink_iters: 32,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_words_are_answered_or_refused(words in prop::collection::vec(word(), 0..8)) {
        check(&words)?;
    }

    #[test]
    fn nearly_right_questions_are_answered_or_refused(words in nearly_right()) {
        check(&words)?;
    }
}

/// REL-B51: very long words are refused like short ones, and not printed back whole.
#[test]
fn very_long_words_are_refused_briefly() {
    let context = TestContext::new();
    let long = "9".repeat(100_000);
    for line in [
        ["reach", long.as_str(), "--amount", "1M"],
        ["reach", "BTC", "--amount", long.as_str()],
        ["at", "BTC", "--move", long.as_str()],
        ["map", "BTC", "--within", long.as_str()],
        ["map", "BTC", "--bin", long.as_str()],
        ["clusters", "BTC", "--as-of", long.as_str()],
    ] {
        let run = context.run(&line);
        assert_eq!(run.code, 2, "{}", line[0]);
        assert!(run.stderr.len() < 1_000, "{} {}", line[0], run.stderr.len());
    }
}
