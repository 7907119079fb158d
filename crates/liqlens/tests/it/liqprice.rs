//! Liquidation prices against numbers that venues published, and against hand calculations.

use insta::assert_snapshot;
use proptest::prelude::*;
use serde_json::Value;

use crate::context::{Run, TestContext};

fn asked(line: &str) -> Value {
    TestContext::new().json(&format!("liqprice {line}"))
}

#[track_caller]
fn price(document: &Value) -> f64 {
    document["liquidation_price_exact"].as_f64().unwrap_or_else(|| panic!("{document}"))
}

/// The venue's number, and how far from it ours may be: half a unit of its last digit.
#[track_caller]
fn meets(line: &str, published: f64, tolerance: f64) -> Value {
    let document = asked(line);
    let ours = price(&document);
    assert!((ours - published).abs() <= tolerance, "{line}: {ours}, published {published}");
    document
}

/// Binance support, "How to calculate liquidation price of USD-M futures contracts": the examples were
/// computed with the brackets of 2020 and 2021. The ether example's bracket is given, because its ladder of
/// that time does not ship.
#[test]
fn binance_support_examples() {
    let btc = "binance BTCUSDT long --entry 32481.98 --size 109.488 --date 2020-06-01";
    let isolated = meets(&format!("{btc} --margin 1535443.01"), 18_778.73, 0.005);
    assert_eq!(isolated["tier"]["maintenance_rate"], 0.025);
    assert_eq!(isolated["tier"]["maintenance_amount"], 16_300.0);
    let wallet = "--mode cross --wallet 1535443.01";
    meets(
        &format!("{btc} {wallet} --other-maintenance 356512.508 --other-profit -448192.89"),
        26_316.89,
        0.005,
    );
    let eth = "binance ETHUSDT long --entry 1456.84 --size 3683.979 --rate 10% --amount 135365";
    meets(&format!("{eth} --margin 1535443.01"), 1_114.78, 0.005);
    let cross = meets(
        &format!("{eth} {wallet} --other-maintenance 71200.81144 --other-profit -56354.57"),
        1_153.26,
        0.005,
    );
    assert_eq!(cross["steps"][0]["formula"], "W − TMM + UPNL");
    assert_eq!(cross["mode"], "cross");
}

/// Bybit's help page until 2026-05-27: 19,700, and 23,300 for a short with 3,000 added. Since then
/// maintenance follows the mark: (20,000 − 400)/(1 − 0.005) = 19,698.49 by hand.
#[test]
fn bybit_changed_on_a_day() {
    let old = "--size 1 --entry 20000 --leverage 50 --rate 0.5% --date 2026-05-26";
    let document = meets(&format!("bybit BTCUSDT long {old}"), 19_700.0, 1e-9);
    let kept = document["steps"].as_array().unwrap().iter().find(|step| step["symbol"] == "K").unwrap();
    assert_eq!((&kept["formula"], &kept["result"]), (&"q·E·m − c".into(), &"100 USDT".into()));
    meets(&format!("bybit BTCUSDT short {old} --added 3000"), 23_300.0, 1e-9);
    let new = "bybit BTCUSDT long --size 1 --entry 20000 --leverage 50 --rate 0.5% --date 2026-05-27";
    meets(new, 19_600.0 / 0.995, 1e-9);
}

/// One published or recorded number of each other venue.
#[test]
fn every_venue_gives_its_own_number() {
    for (line, published, tolerance) in [
        // Kraken support, PI_XBTUSD: 7,481, bankruptcy 7,407.
        ("kraken PI_XBTUSD long --entry 8000 --size 1000 --mode cross --margin 0.01", 7_481.0, 0.5),
        // A position recorded from HTX, 2021.
        (
            "htx BTC-USDT long --entry 47151.3 --size 0.001 --leverage 2 --margin 24.96572007 --rate 1.5%",
            22_353.23,
            0.005,
        ),
        // dYdX documentation: 3,174.60; with 175 kept for another position 3,380.95.
        ("dydx ETH-USD short --entry 3000 --size 3 --margin 1000 --rate 5%", 3_174.60, 0.005),
        (
            "dydx ETH-USD short --entry 3000 --size 1.5 --wallet 1000 --other-maintenance 175 --rate 5%",
            3_380.95,
            0.005,
        ),
        // Bitget V2 interface documentation, 2023.
        (
            "bitget BTCUSDT long --entry 25000 --size 0.01 --margin 9.669505009337334 --rate 0.4% --fee 0.06% \
             --date 2023-08-01",
            24_144.112_416,
            1e-6,
        ),
        // BitMEX's example.
        (
            "bitmex ETHUSDT long --entry 1000 --size 20 --mode cross --margin 10000 --rate 1% --date 2024-01-01",
            510.0,
            1e-9,
        ),
        // A mainnet position of 2026-09-26; its rate is in the shipped table.
        (
            "hyperliquid BTC long --entry 83985.7 --size 0.06075 --margin 1273.313495 --date 2026-09-26",
            63_823.602_104,
            1e-5,
        ),
        // Recorded from Binance COIN-M in 2022: two contracts of 100 dollars.
        (
            "binance-coinm BTCUSD_PERP long --entry 37643.10000021 --size 2 --margin 0.00268058 --date 2022-02-01",
            25_119.974_457_6,
            1e-4,
        ),
    ] {
        meets(line, published, tolerance);
    }
    // KuCoin, recorded: what must stay, 0.50707892, is 0.6052 % of value at entry and has the fee in it. It
    // prints 4,044.55 with a tick of 0.05.
    let kucoin = asked(
        "kucoin ETHUSDTM long --entry 4189.35 --size 0.02 --margin 3.40376309 --rate 0.605200% --fee 0 --tick 0.05",
    );
    assert_eq!(kucoin["printed_price"], "4044.55");
}

/// BTCUSDT on Binance with the ladder recorded on 2026-09-29, whose first tier is 0.4 % up to 300,000 and
/// whose second is 0.5 % less 300. By hand: 0.5 BTC from 65,000 at 20× keeps 1,625, so
/// (32,500 − 1,625)/(0.5·0.996) = 61,997.99. A short of 10 BTC from 65,000 at 20× is in the second tier
/// throughout: (650,000 + 32,500 + 300)/(10·1.005) = 67,940.30.
#[test]
fn the_shipped_ladder_by_hand() {
    let long = asked("binance:BTCUSDT long --entry 65000 --size 0.5 --leverage 20 --date 2026-09-29");
    assert_eq!(long["liquidation_price"], "61997.99");
    assert_eq!(long["bankruptcy_price"], "61750.00");
    assert_eq!(long["distance"]["usd"], "-3002.01");
    assert_eq!(long["distance"]["pct"], -4.6185);
    // 61,750 against 61,997.99.
    assert_eq!(long["naive"]["price"], "61750.00");
    assert_eq!(long["naive"]["off_pct"], -0.4);
    assert_eq!(
        long["headline"],
        "A long of 0.5 BTC from 65,000 at 20× on Binance is liquidated at 61,997.99, 4.62 % below entry."
    );
    let last = long["steps"].as_array().unwrap().last().unwrap();
    assert_eq!(last["formula"], "(s·q·E − M − c) / (q·(s − m − f))");
    assert_eq!(last["numbers"], "(1·0.5·65,000 − 1,625 − 0) / (0.5·(1 − 0.004 − 0))");
    assert_eq!(last["result"], "61,997.99");
    assert_eq!(long["warnings"], Value::Array(Vec::new()));

    let short =
        asked("binance BTCUSDT short --entry 65000 --size 650000USDT --leverage 20 --date 2026-09-29");
    assert_eq!(short["liquidation_price"], "67940.30");
    assert_eq!((&short["tier"]["number"], &short["tier"]["floor"]), (&2.into(), &300_000.0.into()));
}

/// The pair of the module documentation, solved by hand. Long 2 BTC from 60,000 and short 1 BTC from 62,000
/// with 5,000 behind both, at the ladder of 2026-09-29: both legs are in the first tier (0.4 %), so
/// 5,000 + 2·(P − 60,000) − (P − 62,000) = 0.004·3·P, which is 0.988·P = 53,000 and P = 53,643.72.
#[test]
fn a_hedged_pair_has_one_price() {
    let pair = asked(
        "binance BTCUSDT long --entry 60000 --size 2 --margin 5000 --hedge-size 1 --hedge-entry 62000 \
         --date 2026-09-29",
    );
    assert!((price(&pair) - 53_000.0 / 0.988).abs() < 1e-6, "{pair}");
    assert_eq!(pair["hedge"]["below"], "53643.72");
    assert_eq!(pair["hedge"]["above"], Value::Null);
    // Everything is lost where 5,000 + P − 58,000 = 0.
    assert_eq!(pair["bankruptcy_price"], "53000.00");
    // The numbers that prove the rule of single positions prove nothing here.
    assert_eq!(pair["rule"]["proof"]["kind"], "published");
    // Seen from the short it is the same pair.
    let other = asked(
        "binance BTCUSDT short --entry 62000 --size 1 --margin 5000 --hedge-size 2 --hedge-entry 60000 \
         --date 2026-09-29",
    );
    assert_eq!(other["liquidation_price"], pair["liquidation_price"]);
}

/// A long with more margin than it is worth, and an inverse short with more coin than it owes.
#[test]
fn some_positions_cannot_be_liquidated() {
    let covered = asked("binance BTCUSDT long --entry 65000 --size 1 --margin 65000 --date 2026-09-29");
    assert_eq!(covered["liquidation_price"], Value::Null);
    assert!(covered["headline"].as_str().unwrap().contains("has no liquidation price"), "{covered}");
    assert_eq!(covered["distance"], Value::Null);
    let coin = asked("kraken PI_XBTUSD short --entry 8000 --size 1000 --mode cross --margin 0.125");
    assert_eq!(coin["liquidation_price"], Value::Null);
}

/// What is dubious is said.
#[test]
fn warnings_and_assumptions() {
    let said = |line: &str, list: &str| asked(line)[list].to_string();
    let high = "binance BTCUSDT long --entry 65000 --size 10 --leverage 125 --date 2026-09-29";
    assert!(said(high, "warnings").contains("125× is above the 100×"), "{}", said(high, "warnings"));
    let past = "binance BTCUSDT long --entry 65000 --size 1 --leverage 20 --mark 61000 --date 2026-09-29";
    assert!(said(past, "warnings").contains("already past"));
    assert_eq!(asked(past)["already_past"], true);
    let never = "binance BTCUSDT long --entry 65000 --size 1 --leverage 500 --date 2026-09-29";
    assert!(said(never, "warnings").contains("does not cover maintenance at entry"));
    let old = "binance BTCUSDT long --entry 65000 --size 1 --leverage 20 --date 2026-03-20";
    assert!(said(old, "warnings").contains("193 days after the day asked for"), "{}", said(old, "warnings"));
    let okx = "okx BTC-USDT-SWAP long --entry 65000 --size 1 --leverage 20";
    assert!(said(okx, "assumptions").contains("0.05 %, OKX's for ordinary accounts"));
    assert_eq!(asked(okx)["fee"]["assumed"], true);
    assert_eq!(asked(&format!("{okx} --fee 0.02%"))["fee"]["assumed"], false);
}

/// Amounts with a unit, a date by `--as-of`, a leverage with its sign: other spellings of the same question.
#[test]
fn spellings_of_one_question_have_one_answer() {
    let plain = asked("binance BTCUSDT long --entry 65000 --size 0.5 --leverage 20 --date 2026-09-29");
    for line in [
        "binance:btcusdt LONG --entry 65000.0 --size 32.5kUSD --leverage 20x --date 2026-09-29",
        "Binance BTC/USDT:USDT long --entry 65000 --size 0.5BTC --leverage 20 --as-of 2026-09-29",
    ] {
        assert_eq!(asked(line), plain, "{line}");
    }
}

#[test]
fn the_document_is_what_its_schema_says() {
    let context = TestContext::new();
    for line in [
        "liqprice binance BTCUSDT long --entry 65000 --size 0.5 --leverage 20",
        "liqprice binance BTCUSDT long --entry 60000 --size 2 --margin 5000 --hedge-size 1 --hedge-entry 62000",
        "liqprice binance BTCUSDT long --entry 65000 --size 1 --margin 70000",
        "liqprice htx BTC-USDT long --entry 47151.3 --size 0.001 --leverage 2 --rate 1.5%",
        "tiers binance BTCUSDT",
        "tiers deribit BTC-PERPETUAL",
        "tiers bybit BTCUSDT --all-dates",
        "tiers",
        "tiers binance --filter ETH",
    ] {
        let document = context.json(line);
        let name = document["schema"].as_str().unwrap();
        let schema = context.words(&format!("schema {name}")).ok().json();
        conforms(&document, &schema, &schema, name);
    }
}

/// As much of JSON Schema as the published schemas use.
#[track_caller]
fn conforms(value: &Value, schema: &Value, root: &Value, place: &str) {
    if let Some(reference) = schema["$ref"].as_str() {
        let name = reference.strip_prefix("#/$defs/").unwrap();
        let target = &root["$defs"][name];
        assert!(target.is_object(), "{place}: no definition {name}");
        return conforms(value, target, root, place);
    }
    if let Some(choices) = schema.get("anyOf").or_else(|| schema.get("oneOf")).and_then(Value::as_array) {
        let null = choices.iter().any(|choice| choice["type"] == "null");
        if value.is_null() {
            assert!(null, "{place} is null");
            return;
        }
        if let Some(constant) = choices.iter().find(|choice| choice["const"] == *value) {
            assert!(constant.is_object());
            return;
        }
        let rest: Vec<&Value> =
            choices.iter().filter(|c| c["type"] != "null" && c.get("const").is_none()).collect();
        assert_eq!(rest.len(), 1, "{place}: {value} is none of {choices:?}");
        return conforms(value, rest[0], root, place);
    }
    if let Some(names) = schema["enum"].as_array() {
        assert!(names.contains(value), "{place}: {value}");
        return;
    }
    let types: Vec<&str> = match &schema["type"] {
        Value::String(one) => vec![one],
        Value::Array(many) => many.iter().filter_map(Value::as_str).collect(),
        _ => panic!("{place}: {schema} says no type"),
    };
    let is = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => {
            if types.contains(&"integer") {
                "integer"
            } else {
                "number"
            }
        }
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    assert!(types.contains(&is), "{place} is {is}, not {types:?}");
    if let Some(values) = value.as_array() {
        for (at, each) in values.iter().enumerate() {
            conforms(each, &schema["items"], root, &format!("{place}[{at}]"));
        }
    }
    if let Some(fields) = value.as_object() {
        for (name, each) in fields {
            let of =
                schema["properties"].get(name).unwrap_or_else(|| panic!("{place}.{name} is in no schema"));
            conforms(each, of, root, &format!("{place}.{name}"));
        }
        for name in schema["required"].as_array().into_iter().flatten() {
            assert!(fields.contains_key(name.as_str().unwrap()), "{place} lacks {name}");
        }
    }
}

fn refusal(line: &str) -> String {
    let run = TestContext::new().words(line);
    assert!(run.stdout.is_empty());
    format!("{}exit {}", run.stderr, run.code)
}

#[test]
fn refusals() {
    assert_snapshot!(refusal("liqprice binanse BTCUSDT long --entry 1 --size 1 --leverage 5"), @r"
    error: There is no venue `binanse`.
      why: Known venues are binance, binance-coinm, hyperliquid, bybit, okx, bitget, gate, htx, kraken, deribit, dydx, lighter, kucoin, bitmex.
      try: Did you mean binance?
    exit 3
    ");
    assert_snapshot!(refusal("liqprice binance BTCUSTD long --entry 1 --size 1 --leverage 5"), @r"
    error: Binance has no symbol `BTCUSTD`.
      why: It is not written as the venue writes its symbols.
      try: Did you mean binance:BTCUSDT?
    exit 3
    ");
    assert_snapshot!(refusal("liqprice binance BTC long --entry 1 --size 1 --leverage 5"), @r"
    error: `BTC` fits 4 symbols of Binance.
      why: They are BTCUSDT, BTCU, BTCUSD1, BTCUSDC.
      try: Name one, for example binance:BTCUSDT.
    exit 2
    ");
    assert_snapshot!(refusal("liqprice htx BTC-USDT long --entry 65000 --size 1 --leverage 5 --date 2026-01-05"), @r"
    error: There is no margin table for htx:BTC-USDT on 2026-01-05.
      why: None ships for HTX.
      try: With --rate, and --amount if your tier has one, a price needs no table.
    exit 3
    ");
    assert_snapshot!(refusal("liqprice gate ETH_USDT long --entry 2000 --size 500 --leverage 5 --date 2026-09-25"), @r"
    error: The margin table of gate:ETH_USDT is not known for a position of this size.
      why: It is known up to 300,000 USDT; the position meets it at 803,011.29.
      try: Give the maintenance terms of its tier with --rate and --amount, or another --date.
    exit 3
    ");
    assert_snapshot!(refusal("liqprice bitmex XBTUSD long --entry 65000 --size 100 --leverage 5 --date 2026-10-01"), @r"
    error: BitMEX was closed on 2026-10-01.
      why: Its rules ended on 2026-09-23.
      try: Ask for an earlier day with --date.
    exit 3
    ");
    assert_snapshot!(refusal("liqprice deribit BTC-PERPETUAL long --entry 65000 --size 100 --leverage 5"), @r"
    error: No isolated margin rule is known for inverse contracts on Deribit.
      why: The venue does not offer it, or its rule was not found; none is guessed.
      try: Ask with --mode cross.
    exit 3
    ");
    assert_snapshot!(refusal("liqprice binance BTCUSDT long --entry 65000 --size 12contracts --leverage 5"), @r"
    error: The size `12contracts` cannot be converted.
      why: How much BTC one contract of binance:BTCUSDT is, is not known here.
      try: Give the size in BTC or USDT, like --size 0.5BTC.
    exit 2
    ");
    assert_snapshot!(refusal("liqprice binance BTCUSDT long --entry 65000 --size 0 --leverage 5"), @r"
    error: The value `0` of --size was not understood.
      why: It is a number of BTC above zero; behind it may stand BTC or USDT.
      try: Write it like --size 0.5BTC or --size 20000USDT.
    exit 2
    ");
    assert_snapshot!(refusal("liqprice binance BTCUSDT long --entry NaN --size 1 --leverage 5"), @r"
    error: The value `NaN` of --entry was not understood.
      why: It is a number above zero, with a point and without commas.
      try: Write it like --entry 65000.5.
    exit 2
    ");
    assert_snapshot!(refusal("liqprice binance BTCUSDT long --entry 65000 --size 1 --leverage -5"), @r"
    error: The value `-5` of --leverage was not understood.
      why: It is a number above 0 and up to 1000.
      try: Write it like --leverage 20 or --leverage 20x.
    exit 2
    ");
    assert_snapshot!(refusal("liqprice binance BTCUSDT long --entry 65000 --size 1"), @r"
    error: It was not said how much margin is behind the position.
      why: The liquidation price is where that margin is down to maintenance.
      try: Give --leverage 20 or --margin 1500.
    exit 2
    ");
    assert_snapshot!(refusal("liqprice binance BTCUSDT long --entry 65000 --size 1 --mode cross"), @r"
    error: It was not said how much margin is behind the cross position.
      why: It is the wallet balance, less what other positions must keep, plus their profit; leverage does not tell.
      try: Give --wallet with --other-maintenance and --other-profit, or the sum as --margin.
    exit 2
    ");
    assert_snapshot!(refusal("liqprice binance BTCUSDT buy --entry 65000 --size 1 --leverage 5"), @r"
    error: The side `buy` was not understood.
      why: A position is long (it gains when the price rises) or short.
      try: Write long or short after the symbol.
    exit 2
    ");
    assert_snapshot!(refusal("liqprice binance BTCUSDT long --entry 65000 --size 1 --leverage 5 --rate 40"), @r"
    error: The value `40` of --rate was not understood.
      why: It is a fraction below one, or a percentage below 100 with its sign.
      try: Write it like --rate 0.05% or --rate 0.0005.
    exit 2
    ");
}

/// Eighty columns hold the answer, and the first line is the answer itself.
#[test]
fn a_new_reader_sees_the_answer_first() {
    let context = TestContext::new();
    for line in [
        "liqprice binance BTCUSDT long --entry 65000 --size 0.5 --leverage 20",
        "liqprice deribit BTC-PERPETUAL short --entry 50000 --size 10000000 --mode cross --margin 20",
        "liqprice binance BTCUSDT long --entry 60000 --size 2 --margin 5000 --hedge-size 1 --hedge-entry 62000",
        "tiers",
        "tiers kraken PI_XBTUSD",
    ] {
        let words: Vec<&str> = line.split(' ').collect();
        let output = context.command().env("COLUMNS", "80").args(&words).output().unwrap();
        let text = Run::of(output).ok().text();
        for printed in text.lines() {
            assert!(printed.chars().count() <= 80, "{line}: {printed}");
        }
    }
    let text = context
        .text("liqprice binance BTCUSDT long --entry 65000 --size 0.5 --leverage 20 --date 2026-09-29");
    assert_snapshot!(text, @r#"
    A long of 0.5 BTC from 65,000 at 20× on Binance is liquidated at 61,997.99, 4.62 % below entry.

      liquidation    61,997.99  −3,002.01 (−4.62 %)  on the mark price
      bankruptcy     61,750.00  −3,250.00 (−5.00 %)  all margin used up
      rule of thumb  61,750.00          −0.40 % off  65,000·(1 − 1/20)
      entry price       65,000                       distances are from here

      market            binance:BTCUSDT
      contract          linear, isolated margin, rules of 2026-09-29
      margin            1,625 USDT (20×)
      tier              1 of 12, up to 300,000 USDT
      maintenance       0.4 % of value
      largest leverage  150×

    How it comes about:

      M   = q·E/L
          = 0.5·65,000/20
          = 1,625 USDT
      P   = (s·q·E − M − c) / (q·(s − m − f))
          = (1·0.5·65,000 − 1,625 − 0) / (0.5·(1 − 0.004 − 0))
          = 61,997.99
      P₀  = E − s·M/q
          = 65,000 − 1·1,625/0.5
          = 61,750.00

      symbol       value  meaning
      s                1  +1 for a long, −1 for a short
      q          0.5 BTC  size
      E           65,000  average entry price
      M       1,625 USDT  margin behind the position
      L              20×  leverage chosen
      m            0.4 %  maintenance rate
      c           0 USDT  maintenance amount
      f              0 %  closing fee inside the condition

    Rule: For linear contracts in isolated margin (no change known): maintenance is valued at the
    liquidation price. No closing fee is part of Binance's condition. Proof: reproduces 3 published or
    recorded numbers. Source: Binance support, "How to calculate liquidation price of USD-M futures
    contracts" (b3c689c1f50a44cabb3a84e663b81d93).

    Margin table: Recorded 2026-09-29, on the day asked for. Source: Binance USD-M leverageBracket
    endpoint (/fapi/v1/leverageBracket), read from the table shipped with freqtrade 2026.9:
    freqtrade/freqtrade, freqtrade/exchange/binance_leverage_tiers.json. The day is that of the
    freqtrade 2026.9 release; the brackets were read from the venue shortly before it. The cap of the
    last tier is the largest position the venue admits, not the start of a further tier.

    Taken for granted: The margin is what the leverage asks for: no fee or funding has been paid out of
    it since.
    "#);
}

fn word() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "liqprice",
        "tiers",
        "binance",
        "okx",
        "binance:BTCUSDT",
        "BTC-USDT-SWAP",
        "long",
        "short",
        "--entry",
        "--size",
        "--leverage",
        "--margin",
        "--mode",
        "cross",
        "--added",
        "--mark",
        "--date",
        "--fee",
        "--tick",
        "--rate",
        "--amount",
        "--wallet",
        "--hedge-size",
        "--hedge-entry",
        "--all-dates",
        "--filter",
        "65000",
        "0.5",
        "-5",
        "0.4%",
        "999999999999999",
        "0.000000000001",
        "12contracts",
        "2009-01-04",
        "--json",
        "--csv",
    ])
    .prop_map(str::to_owned);
    prop_oneof![8 => known, 1 => "[ -~]{0,12}", 1 => "\\PC{0,12}"]
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 64,
        max_shrink_iters: 32,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// A question that is right but for one or two of its words is answered or refused.
    #[test]
    fn nearly_right_questions_are_answered_or_refused(
        cross in any::<bool>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), word()), 0..3),
    ) {
        let line = if cross {
            "liqprice okx BTC-USDT-SWAP short --entry 65000 --size 0.5 --mode cross --wallet 9000 --other-profit -5"
        } else {
            "liqprice binance BTCUSDT long --entry 65000 --size 0.5 --leverage 20 --added 5 --mark 64000 --tick 0.1"
        };
        let mut words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        for (at, word) in changes {
            let at = at.index(words.len());
            words[at] = word;
        }
        prop_assume!(words.iter().all(|word| !word.contains('\0')));
        let run = TestContext::new().run(&words);
        prop_assert!(matches!(run.code, 0 | 2 | 3 | 4 | 7), "{words:?} exits {}: {}", run.code, run.stderr);
        prop_assert!(!run.stderr.contains("panicked"), "{words:?}: {}", run.stderr);
    }
}
