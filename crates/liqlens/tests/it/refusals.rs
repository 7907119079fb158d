//! What a person is told when a command cannot answer. Each message is read by a reviewer here.

use insta::assert_snapshot;

use crate::context::TestContext;

fn refusal(arguments: &[&str]) -> String {
    let run = TestContext::new().run(arguments);
    assert!(run.stdout.is_empty());
    format!("{}exit {}", run.stderr, run.code)
}

/// REL-B48 and REL-B49.
#[test]
fn amounts() {
    assert_snapshot!(refusal(&["reach", "BTC", "--amount", "-1"]), @r"
    error: The amount `-1` was not understood.
      why: An amount of liquidated positions cannot be negative.
      try: Write it like 250k, 500M or 1.1B.
    exit 2
    ");
    assert_snapshot!(refusal(&["reach", "BTC", "--amount", "1.1b$"]), @r"
    error: The amount `1.1b$` was not understood.
      why: Dollars are meant anyway, and `$` is special to most shells.
      try: Write it like 250k, 500M or 1.1B.
    exit 2
    ");
    assert_snapshot!(refusal(&["reach", "BTC", "--amount", "5", "--in", "ETH"]), @r"
    error: The amount is in ETH, the market is on BTC.
      why: An amount in coin is counted in the market's own coin.
      try: Write `--in BTC`, `--in USD` or `--in %oi`.
    exit 2
    ");
}

/// REL-B50.
#[test]
fn windows_moves_and_times() {
    assert_snapshot!(refusal(&["map", "BTC", "--within", "0"]), @r"
    error: The window `0` was not understood.
      why: It is a distance either way from the price, above 0 and below 100 %.
      try: Write it like --within 5%.
    exit 2
    ");
    assert_snapshot!(refusal(&["at", "BTC", "--move", "770"]), @r"
    error: The move `770` was not understood.
      why: Without a sign it could be a move or a price.
      try: Write it like -2%, +770 or to:90000.
    exit 2
    ");
    assert_snapshot!(refusal(&["reach", "BTC", "--amount", "1M", "--as-of", "1767531600"]), @r"
    error: The time `1767531600` was not understood.
      why: A bare number does not say whether it counts seconds, milliseconds or years.
      try: Write seconds since 1970 as @1767531600, or a date such as 2026-01-04.
    exit 2
    ");
}

#[test]
fn symbols() {
    assert_snapshot!(refusal(&["reach", "BTX", "--amount", "1M"]), @r"
    error: There is no market `BTX` in the data.
      why: The data hold binance:BTCUSDT.
      try: Did you mean binance:BTCUSDT?
    exit 3
    ");
    assert_snapshot!(refusal(&["reach", "cryptsy:BTCUSDT", "--amount", "1M"]), @r"
    error: There is no venue `cryptsy` (in `cryptsy:BTCUSDT`).
      why: Known venues are binance, binance-coinm, hyperliquid, bybit, okx, bitget, gate, htx, kraken, deribit, dydx, lighter, kucoin, bitmex.
      try: Name the market by its coin alone to see what the data hold.
    exit 3
    ");
    assert_snapshot!(refusal(&["reach", "BTC\u{202e}TDSU", "--amount", "1M"]), @r"
    error: The symbol `BTC\u{202e}TDSU` was not understood.
      why: It has a character other than letters, digits and `_ - / :`.
      try: Write it like BTC, BTC/USDT:USDT or binance:BTCUSDT.
    exit 2
    ");
}

#[test]
fn forms() {
    assert_snapshot!(refusal(&["reach", "BTC", "--amount", "1M", "-o", "reach.png"]), @r"
    error: This command does not write png.
      why: Its forms are text, json, csv, md, html.
      try: Choose one of these, or ask `liqlens map` or `liqlens heatmap` for a picture.
    exit 2
    ");
    assert_snapshot!(refusal(&["map", "BTC", "--csv", "-o", "map.svg"]), @r"
    error: The file's suffix says svg, the options say csv.
      why: One answer has one form.
      try: Leave the option away or change the suffix.
    exit 2
    ");
    assert_snapshot!(refusal(&["map", "BTC", "-o", "map.svg", "--size", "800x600"]), @r"
    error: Pictures of size `800x600` are not made.
      why: Their layout is made for 1600x900 (pages) and 1200x630 (link previews).
      try: Write --size 1600x900, or save SVG, which scales to any size.
    exit 2
    ");
}

/// UX-C7: with `--json`, scripts get the same on standard output.
#[test]
fn scripts_are_told_too() {
    let context = TestContext::new();
    let run = context.words("reach BTC --amount -1 --json --trace-id abc");
    assert_eq!(run.code, 2);
    assert_snapshot!(run.text(), @r#"{"code":"amount-not-understood","message":"The amount `-1` was not understood. An amount of liquidated positions cannot be negative.","hint":"Write it like 250k, 500M or 1.1B.","details":{},"trace_id":"abc"}"#);
    let run = context.words("reach BTC --amunt 5 --json");
    assert_eq!(run.code, 2);
    let error = run.json();
    assert_eq!(error["hint"], "Did you mean --amount?");
    let ids: Vec<String> = (0..2)
        .map(|_| context.words("schema no --json").json()["trace_id"].as_str().unwrap().to_owned())
        .collect();
    assert_ne!(ids[0], ids[1]);
}

/// REL-B52: a flag given twice is not resolved by a guess.
#[test]
fn a_flag_given_twice_is_refused() {
    let run = TestContext::new().words("reach BTC --amount 1M --amount 2M");
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("cannot be used multiple times"), "{}", run.stderr);
}
