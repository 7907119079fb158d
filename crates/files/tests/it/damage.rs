//! Bad rows and bad files: each is turned away for the right reason, and costs no more than itself.

use std::fmt::Write as _;

use liqlens_files::{FileError, Format, Limits, Options, Reason, Unrecognised, collect_bytes};
use liqlens_market::{BarError, NumberError, TimeError};
use proptest::prelude::*;

use crate::tallies::check;
use crate::{excerpt_text, read};

/// Reads one bad row among good ones, and returns what was said about it: line, column, reason.
fn rejected(name: &str, good: &[&str], bad: &str) -> (u64, &'static str, Reason) {
    let (header, rows) = good.split_first().unwrap();
    let mut text = format!("{header}\n{}\n{bad}\n", rows[0]);
    for row in &rows[1..] {
        text += row;
        text.push('\n');
    }
    let (report, _) = read(name, &text).unwrap_or_else(|error| panic!("{bad}: {error}"));
    assert_eq!((report.rejected_rows(), report.accepted), (1, rows.len() as u64), "{bad}: {report}");
    let kind = &report.rejected[0];
    (kind.samples[0].line, kind.column, kind.reason)
}

const TRADES: [&str; 4] = [
    "agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,is_buyer_maker",
    "1,108253.8,0.011,1,1,1761091200007,false",
    "2,108253.8,0.011,1,1,1761091200007,false",
    "3,108253.8,0.011,1,1,1761091200007,false",
];

#[test]
fn numbers_that_are_none() {
    for (text, reason) in [
        ("NaN", NumberError::NotANumber),
        ("Infinity", NumberError::NotANumber),
        ("-inf", NumberError::NotANumber),
        ("-0", NumberError::Zero),
        ("0", NumberError::Zero),
        ("0.000000001", NumberError::Zero),
        ("-5", NumberError::Negative),
        ("1E400", NumberError::TooLarge),
        ("1234567890123456789012345678901234567890", NumberError::TooLarge),
        ("", NumberError::Empty),
        ("null", NumberError::NotANumber),
        ("true", NumberError::NotANumber),
        ("[1]", NumberError::NotANumber),
        ("1 000", NumberError::NotANumber),
        ("٣", NumberError::NotANumber),
    ] {
        let row = format!("2,108253.8,{text},1,1,1761091200007,false");
        let expected = (3, "quantity", Reason::Number(reason));
        // A minus sign before nothing is not negative: -0 is zero, which a trade's size must not be.
        assert_eq!(rejected("BTCUSDT.csv", &TRADES, &row), expected, "{text}");
    }
    let row = "2,\"108,253.8\",0.011,1,1,1761091200007,false";
    assert_eq!(rejected("BTCUSDT.csv", &TRADES, row), (3, "row", Reason::ColumnCount { expected: 7 }));
    // An exponent is legal decimal text and read exactly.
    let text = format!("{}\n1,1e5,1e-8,1,1,1761091200007,false", TRADES[0]);
    let (_, events) = read("BTCUSDT.csv", text).unwrap();
    assert!(matches!(&events[0].body, liqlens_market::EventBody::Trade(t) if t.size.units() == 1));
}

#[test]
fn times_that_are_none() {
    for (text, reason) in [
        ("0", TimeError::Implausible),
        ("-1761091200007", TimeError::NotATime),
        ("86400000", TimeError::Implausible),
        ("7258118400000", TimeError::Implausible),
        ("17610912000070000000000", TimeError::NotATime),
        ("1761091200.007", TimeError::NotATime),
        ("1.75392E+12", TimeError::NotATime),
        ("2025-10-22 00:00:00", TimeError::NotATime),
    ] {
        let row = format!("2,108253.8,0.011,1,1,{text},false");
        let expected = (3, "transact_time", Reason::Time(reason));
        assert_eq!(rejected("BTCUSDT.csv", &TRADES, &row), expected, "{text}");
    }
}

#[test]
fn rows_that_are_none() {
    for row in ["2,108253.8", "2,1,1,1,1,1761091200007,false,9", "\"2,108253.8,0.011,1,1,1761091200007", "??"]
    {
        let expected = (3, "row", Reason::ColumnCount { expected: 7 });
        assert_eq!(rejected("BTCUSDT.csv", &TRADES, row), expected, "{row}");
    }
    // An unterminated quote costs its line and nothing after it.
    let row = "2,\"108253.8,0.011,1,1,1761091200007,false";
    let expected = (3, "price", Reason::Number(NumberError::NotANumber));
    assert_eq!(rejected("BTCUSDT.csv", &TRADES, row), expected);
    let row = "2,108253.8,0.011,1,1,1761091200007,maybe";
    assert_eq!(rejected("BTCUSDT.csv", &TRADES, row), (3, "is_buyer_maker", Reason::NotAFlag));
    let row = "-2,108253.8,0.011,1,1,1761091200007,false";
    assert_eq!(rejected("BTCUSDT.csv", &TRADES, row).1, "agg_trade_id");
}

#[test]
fn bytes_that_are_no_text_break_their_row_only() {
    let mut text = TRADES[..2].join("\n").into_bytes();
    text.extend(b"\n2,108253.8,0.\xff\xfe,1,1,1761091200007,false\n\0\0\0\n");
    text.extend(TRADES[2].as_bytes());
    text.extend(b"\n");
    text.extend(TRADES[3].as_bytes());
    let (report, _) = read("BTCUSDT.csv", &text).unwrap();
    assert_eq!((report.accepted, report.rejected_rows()), (3, 2));
    let shown: Vec<&str> = report.rejected.iter().map(|kind| kind.samples[0].text.as_str()).collect();
    assert!(shown.contains(&"\\0\\0\\0") && shown[0].contains('\u{fffd}'), "{shown:?}");
}

#[test]
fn candles_that_are_none() {
    let good = [
        "timestamp,open,high,low,close,volume",
        "1754006400000,10,12,9,11,5",
        "1754010000000,10,12,9,11,5",
        "1754013600000,10,12,9,11,5",
    ];
    for (row, reason) in [
        ("1754006400000,10,8,9,10,5", BarError::HighBelowLow),
        ("1754006400000,10,12,9,13,5", BarError::OutsideRange),
        ("1754006400000,8,12,9,11,5", BarError::OutsideRange),
        ("1754006400000,10,12,9,11,0", BarError::MoveWithoutVolume),
    ] {
        assert_eq!(rejected("BTCUSDT-1h.csv", &good, row), (3, "row", Reason::Bar(reason)), "{row}");
    }
}

#[test]
fn open_interest_that_is_none() {
    let good = ["t,oi,oi_usd", "1764547500000,89832.175,8064963864.4", "1764547800000,89353.3,7961197535.8"];
    for (row, column, reason) in [
        ("1764547500000,-1,5", "oi", Reason::Number(NumberError::Negative)),
        ("1764547500000,0,5", "oi", Reason::Number(NumberError::Zero)),
        ("1764547500000,89832175,5", "oi", Reason::Jump),
        ("1764547500000,8064963864.4,5", "oi", Reason::Jump),
        ("1764547500000,89.8,5", "oi", Reason::Jump),
        ("1764547500000,89832,-5", "oi_usd", Reason::Number(NumberError::Negative)),
    ] {
        assert_eq!(rejected("BTCUSDT_oi_5m.csv", &good, row), (3, column, reason), "{row}");
    }
}

#[test]
fn funding_that_is_none() {
    let good = ["calc_time,funding_interval_hours,last_funding_rate", "1754006400001,8,0.0001"];
    for (row, column, reason) in [
        ("1754006400001,0,0.0001", "funding_interval_hours", Reason::OutOfRange),
        ("1754006400001,48,0.0001", "funding_interval_hours", Reason::OutOfRange),
        ("1754006400001,8,1.5", "last_funding_rate", Reason::OutOfRange),
        ("1754006400001,8,NaN", "last_funding_rate", Reason::Number(NumberError::NotANumber)),
    ] {
        assert_eq!(rejected("BTCUSDT.csv", &good, row), (3, column, reason), "{row}");
    }
}

#[test]
fn books_that_are_none() {
    let book =
        |bids: &str, asks: &str| format!("{{\"ts\":1781999997890,\"bids\":[{bids}],\"asks\":[{asks}]}}");
    let many: Vec<String> = (0..5_001).map(|at| format!("[{},1]", 100_000 - at)).collect();
    let good = book("[10,1],[9,2]", "[11,1],[12,2]");
    for (bad, column, reason) in [
        (book("[11,1]", "[11,1]"), "row", Reason::Crossed),
        (book("[12,1]", "[11,1]"), "row", Reason::Crossed),
        (book("[9,1],[10,1]", "[11,1]"), "bids", Reason::UnsortedLevels),
        (book("[10,1],[10,1]", "[11,1]"), "bids", Reason::UnsortedLevels),
        (book("[10,1]", "[12,1],[11,1]"), "asks", Reason::UnsortedLevels),
        (book("[10,0]", "[11,1]"), "bids", Reason::Number(NumberError::Zero)),
        (book("", ""), "row", Reason::NoLevels),
        (book(&many.join(","), "[200000,1]"), "bids", Reason::TooManyLevels),
    ] {
        let text = format!("{good}\n{bad}\n");
        let (report, events) = read("l2_BTC_20260621.jsonl", &text).unwrap();
        let kind = &report.rejected[0];
        assert_eq!((events.len(), kind.samples[0].line, kind.column, kind.reason), (1, 2, column, reason));
    }
}

#[test]
fn json_that_is_none() {
    let good = "{\"ts\":1781210059172,\"px\":63366.0,\"sz\":0.00017,\"side\":\"B\"}";
    let deep = format!("{{\"ts\":{}1", "[".repeat(100_000));
    for bad in [
        "{\"ts\":1781210059172,\"px\":1,\"px\":2,\"sz\":1,\"side\":\"B\"}",
        "{\"ts\":1781210059172,\"px\":1,\"sz\":1,\"side\":\"B\"} trailing",
        "{\"ts\":1781210059172,\"px\":1,\"sz\":1,\"side\":\"\\ud800\"}",
        "{\"ts\":1781210059172,\"px\":1,\"sz\":1}",
        "{\"ts\":1781210059172",
        "[1781210059172,1,1,\"B\"]x",
        &deep,
    ] {
        let (report, events) = read("trades_BTC_1.jsonl", format!("{good}\n{bad}\n")).unwrap();
        assert_eq!((events.len(), report.rejected[0].reason), (1, Reason::Json), "{bad}");
    }
    for (bad, column) in [
        ("{\"ts\":1781210059172,\"px\":null,\"sz\":1,\"side\":\"B\"}", "px"),
        ("{\"ts\":1781210059172,\"px\":[1],\"sz\":1,\"side\":\"B\"}", "px"),
        ("{\"ts\":1781210059172,\"px\":1,\"sz\":true,\"side\":\"B\"}", "sz"),
        ("{\"ts\":1781210059172.5,\"px\":1,\"sz\":1,\"side\":\"B\"}", "ts"),
        ("{\"ts\":1781210059172,\"px\":1,\"sz\":1,\"side\":\"buy\"}", "side"),
    ] {
        let (report, events) = read("trades_BTC_1.jsonl", format!("{good}\n{bad}\n")).unwrap();
        assert_eq!((events.len(), report.rejected[0].column), (1, column), "{bad}");
    }
}

#[test]
fn a_line_beyond_the_limit_is_reported_and_passed_over() {
    let options = Options { limits: Limits { line_bytes: 200, ..Limits::default() }, ..Options::default() };
    let text = format!("{}\n{}\n{}\n{}\n", TRADES[0], TRADES[1], "9".repeat(3_000_000), TRADES[2]);
    let (report, events) = collect_bytes("BTCUSDT.csv", text.as_bytes(), &options).unwrap();
    assert_eq!((events.len(), report.rows), (2, 3));
    let kind = &report.rejected[0];
    assert_eq!((kind.reason, kind.samples[0].line), (Reason::TooLong, 3));
    assert_eq!(kind.samples[0].text, "9".repeat(80));
}

#[test]
fn rejections_are_counted_by_kind_and_the_first_few_are_kept() {
    let mut text = TRADES[0].to_owned() + "\n";
    for id in 1..=40 {
        let quantity = if id % 4 == 0 { "x" } else { "1" };
        let price = if id % 10 == 1 { "-3" } else { "2" };
        writeln!(text, "{id},{price},{quantity},1,1,1761091200007,false").unwrap();
    }
    let (report, _) = read("BTCUSDT.csv", &text).unwrap();
    // Ids 4, 8, …, 40 are ten; 1, 11, 21, 31 are four, none of them among the ten.
    let counts: Vec<_> =
        report.rejected.iter().map(|kind| (kind.column, kind.count, kind.samples.len())).collect();
    assert_eq!(counts, [("quantity", 10, 5), ("price", 4, 4)]);
    assert_eq!(report.rows, report.accepted + report.rejected_rows());
    let said = report.to_string();
    assert!(
        said.contains("40 rows gave 26 events") && said.contains("10 × quantity is not a decimal"),
        "{said}"
    );
}

#[test]
fn ids_tell_missing_and_repeated_trades() {
    let row = |id: u64| format!("{id},10,1,1,1,1761091200007,false\n");
    let text: String = [5, 6, 6, 10, 9, 11].map(row).concat();
    let (report, events) = read("BTCUSDT.csv", format!("{}\n{text}", TRADES[0])).unwrap();
    // 7, 8, 9 are jumped over. The second 6 is dropped; the late 9 is kept, and sorted by the caller.
    assert_eq!((report.missing_ids, report.duplicate_ids, report.skipped.duplicate), (3, 2, 1));
    assert_eq!(events.len(), 5);
}

#[test]
fn a_file_of_the_wrong_kind_is_given_up_as_a_whole() {
    let mut text = TRADES[0].to_owned() + "\n" + TRADES[1] + "\n";
    for _ in 0..600 {
        text += "1,2,3,4,5,6,7\n";
    }
    text += &"1,108253.8,0.011,1,1,1761091200007,false\n".repeat(5_000);
    match read("BTCUSDT.csv", &text).unwrap_err() {
        FileError::WrongFormat { format, rejected, rows, most_often, .. } => {
            assert_eq!((format, rejected, rows), (Format::AggTrades, 600, 1_000));
            assert_eq!(most_often.count, 600);
        }
        other => panic!("{other}"),
    }
    // Half is not more than half.
    let text = format!("{}\n{}\nbad\n", TRADES[0], TRADES[1]);
    assert!(read("BTCUSDT.csv", text).is_ok());
    let text = format!("{}\nbad\n", TRADES[0]);
    assert!(matches!(read("BTCUSDT.csv", text), Err(FileError::WrongFormat { .. })));
}

#[test]
fn a_file_with_nothing_in_it_is_an_error() {
    assert!(matches!(read("BTCUSDT.csv", ""), Err(FileError::Empty { .. })));
    assert!(matches!(read("BTCUSDT.csv", "\u{feff} \r\n\n"), Err(FileError::Empty { .. })));
    assert!(matches!(read("BTCUSDT.csv", TRADES[0]), Err(FileError::HeaderOnly { .. })));
    let header = excerpt_text("BTCUSDT_forceorder_2024-12-04.csv").lines().next().unwrap().to_owned();
    assert!(matches!(read("BTCUSDT.csv", format!("{header}\r\n\r\n")), Err(FileError::HeaderOnly { .. })));
    let feed = "Timestamp,Open,High,Low,Close,Volume,BuyQty,OpenInterest,FundingRate,LiqBuyQty,LiqSellQty,IsSynthetic\n\
                2026-03-15 09:50:00+00:00,0,0,0,0,0,0,5,0,0,0,1\n";
    assert!(matches!(read("BTCUSDT_1m.csv", feed), Err(FileError::NothingAccepted { rows: 1, .. })));
}

#[test]
fn content_that_is_no_data_is_named() {
    let why = |name: &str, text: &[u8]| match read(name, text).unwrap_err() {
        FileError::NotRecognised { why, .. } => why,
        other => panic!("{other}"),
    };
    assert_eq!(why("BTCUSDT.csv", b"<!DOCTYPE html><html>"), Unrecognised::Markup);
    assert_eq!(
        why("BTCUSDT.csv", TRADES.join("\n").replace(',', ";").as_bytes()),
        Unrecognised::Delimiter(';')
    );
    let text = "Timestamp,Close,OpenInterest,LiqBuyQty,LiqSellQty\n1,2,3,4,5\n";
    assert_eq!(why("BTCUSDT.csv", text.as_bytes()), Unrecognised::MissingColumn("open"));
    let said = read("BTCUSDT.csv", "a,b\n1,2\n").unwrap_err().to_string();
    assert!(said.contains("agg-trades") && said.contains("--format"), "{said}");
}

proptest! {
    /// Whatever happens to the bytes of a good file: no panic, the books of rows balance, and every event
    /// is known no earlier than it happened.
    #[test]
    fn damaged_bytes_never_break_the_tallies(
        which in 0usize..12,
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0u8..3), 0..40),
    ) {
        let name = [
            "BTCUSDT-aggTrades-2025-10-22.csv",
            "1000000MOGUSDT-trades-2025-07-31.csv",
            "BTCUSDT-1h-2025-08.csv",
            "1000000BOBUSDT-metrics-2025-08-01.csv",
            "BTCUSDT-bookDepth-2025-05-19.csv",
            "BTCUSDT_forceorder_2024-12-04.csv",
            "trades_BTC_20260611.jsonl",
            "ctx_BTC_20260611.jsonl",
            "l2_BTC_20260621.jsonl",
            "accounts/hyperliquid/vault_2026-01-14.json",
            "accounts/lighter/account_1077_2025-12-01.json",
            "accounts/dydx/subaccount.json",
        ][which];
        let mut bytes = excerpt_text(name).into_bytes();
        for (at, byte, kind) in edits {
            let at = at.index(bytes.len().max(1)).min(bytes.len());
            match kind {
                0 if at < bytes.len() => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                _ if at < bytes.len() => { bytes.remove(at); }
                _ => {}
            }
        }
        check(name, &bytes, &Options::default());
    }
}
