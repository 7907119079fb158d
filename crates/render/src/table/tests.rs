//! Both forms of every table say the same.

use arrow_array::cast::AsArray;
use arrow_array::types::{Decimal128Type, Float64Type, Int64Type, TimestampNanosecondType};
use arrow_array::{Array, RecordBatch};
use arrow_ipc::reader::StreamReader;
use arrow_schema::DataType;
use liqlens_market::Timestamp;
use liqlens_query::document::{At, PriceText};

use super::{Columnar, Tabular, sample as tables};
use crate::RenderError;
use crate::text::sample;

/// The cells of RFC 4180 text.
fn cells(line: &str) -> Vec<String> {
    let (mut cells, mut cell, mut quoted) = (Vec::new(), String::new(), false);
    let mut characters = line.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            '"' if quoted && characters.peek() == Some(&'"') => {
                characters.next();
                cell.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(core::mem::take(&mut cell)),
            c => cell.push(c),
        }
    }
    cells.push(cell);
    cells
}

/// A decimal without the zeros at its end.
fn shortest(decimal: &str) -> &str {
    if decimal.contains('.') { decimal.trim_end_matches('0').trim_end_matches('.') } else { decimal }
}

/// Holds a cell of a batch against the same cell of the text.
fn same(batch: &RecordBatch, column: usize, row: usize, text: &str) {
    let array = batch.column(column);
    assert_eq!(array.is_null(row), text.is_empty(), "{text}");
    if text.is_empty() {
        return;
    }
    match array.data_type() {
        // What a spreadsheet would run is disarmed in the text only.
        DataType::Utf8 => {
            let said = text.strip_prefix('\'').unwrap_or(text);
            assert_eq!(array.as_string::<i32>().value(row), said);
        }
        DataType::Timestamp(_, Some(zone)) => {
            let nanos = Timestamp::parse_text(text).unwrap().nanos();
            assert_eq!((array.as_primitive::<TimestampNanosecondType>().value(row), &**zone), (nanos, "UTC"));
        }
        DataType::Decimal128(..) => {
            let value = array.as_primitive::<Decimal128Type>().value_as_string(row);
            assert_eq!(shortest(&value), shortest(text));
        }
        DataType::Float64 => {
            assert_eq!(array.as_primitive::<Float64Type>().value(row), text.parse::<f64>().unwrap());
        }
        DataType::Int64 => assert_eq!(array.as_primitive::<Int64Type>().value(row).to_string(), text),
        other => panic!("no column is of {other}"),
    }
}

/// The batches of a document, each cell held against its CSV; and its CSV.
fn compared(document: &dyn Columnar) -> (Vec<RecordBatch>, String) {
    let (text, stream) = (document.csv(), document.arrow().unwrap());
    assert_eq!(stream, document.arrow().unwrap(), "the same bytes every time");
    let reader = StreamReader::try_new(stream.as_slice(), None).unwrap();
    let mut lines = text.lines();
    let names: Vec<String> = reader.schema().fields().iter().map(|field| field.name().clone()).collect();
    assert_eq!(names, cells(lines.next().unwrap()));
    let batches: Vec<RecordBatch> = reader.map(Result::unwrap).collect();
    for batch in &batches {
        for row in 0..batch.num_rows() {
            let cells = cells(lines.next().unwrap());
            assert_eq!(cells.len(), batch.num_columns());
            for (column, text) in cells.iter().enumerate() {
                same(batch, column, row, text);
            }
        }
    }
    assert_eq!(lines.next(), None);
    assert!(text.lines().count() > 1);
    (batches, text)
}

#[test]
fn both_forms_of_every_table_agree_cell_by_cell() {
    let documents: [&dyn Columnar; 14] = [
        &sample::reach(),
        &sample::reach_with_draws(),
        &sample::at(),
        &sample::map(),
        &sample::clusters(),
        &sample::accounts(),
        &sample::heatmap(),
        &tables::ladder(),
        &tables::overview(),
        &tables::tape(),
        &tables::price(),
        &tables::open_interest(),
        &tables::funding(),
        &tables::gaps(),
    ];
    for document in documents {
        compared(document);
    }
}

#[test]
fn a_stream_says_what_it_is_of() {
    let metadata = |document: &dyn Columnar| {
        let stream = document.arrow().unwrap();
        let schema = StreamReader::try_new(stream.as_slice(), None).unwrap().schema();
        ["document", "snapshot"].map(|key| schema.metadata().get(key).map(ToString::to_string))
    };
    assert_eq!(metadata(&sample::reach()), [Some("reach/1".to_owned()), Some("7f3c9a0be1d2".to_owned())]);
    assert_eq!(metadata(&tables::tape()), [Some("tape/1".to_owned()), None]);
}

/// An answer of no rows still has its columns, of the same types.
#[test]
fn types_do_not_depend_on_the_rows() {
    let schema =
        |document: &At| StreamReader::try_new(document.arrow().unwrap().as_slice(), None).unwrap().schema();
    let document = sample::at();
    let empty = At { moves: Vec::new(), ..document.clone() };
    assert_eq!(schema(&empty), schema(&document));
    assert_eq!(schema(&empty).field(5).data_type(), &DataType::Decimal128(38, 8));
    assert_eq!(empty.csv().lines().count(), 1);
}

#[test]
fn many_rows_come_in_batches() {
    let mut heatmap = sample::heatmap();
    let column = heatmap.columns[0].clone();
    heatmap.columns = vec![column; 40_000];
    let (batches, _) = compared(&heatmap);
    let rows: Vec<usize> = batches.iter().map(RecordBatch::num_rows).collect();
    assert_eq!(rows, [65_536, 80_000 - 65_536]);
}

/// Prices come with as many decimals as they have, and what is no price is refused, not made up.
#[test]
fn prices_are_exact_or_refused() {
    let with_price = |text: &str| {
        let mut document = tables::price();
        let price: PriceText = serde_json::from_value(text.into()).unwrap();
        document.candles[0].open = price;
        document
    };
    let (batches, _) = compared(&with_price("0.1234567890123"));
    assert_eq!(batches[0].column(5).data_type(), &DataType::Decimal128(38, 13));
    compared(&with_price("-2000.40"));
    for text in ["", "abc", "1e5", "1.2.3", "--1", "+1", "1,0", "12345678901234567890123456789012"] {
        let error = with_price(text).arrow().unwrap_err();
        assert!(matches!(&error, RenderError::Table(what) if what.contains("open")), "{text} {error}");
    }
    let error = with_price(&format!("0.{}", "0".repeat(300))).arrow().unwrap_err().to_string();
    assert!(error.contains("more than 38 decimals"), "{error}");
    assert!(with_price("=1+1").csv().contains(",\"'=1+1\","));
}

#[test]
fn tables_of_the_log_have_their_columns() {
    let lines = |text: String| text.lines().map(str::to_owned).collect::<Vec<_>>();
    let tape = lines(compared(&tables::tape()).1);
    assert_eq!(tape[0], "symbol,market,as_of,ts,known,period_s,side,size,price,valued_at,usd,completeness");
    assert_eq!(
        tape[1],
        "BTC,binance:BTCUSDT,2026-01-04T13:00:00Z,2026-01-04T12:59:00Z,2026-01-04T12:59:00Z,60,long,0.153,,92580.7,\
         14164.85,floor"
    );
    let gaps = lines(compared(&tables::gaps()).1);
    assert!(
        gaps[1]
            .ends_with(",60,2026-01-04T09:46:00Z,2026-01-04T09:47:00Z,60,\"'=the recorder, \"\"down\"\"\"")
    );
    assert!(gaps[2].ends_with(",liquidation,2025-09-13T08:00:00Z,2026-01-04T12:59:00Z,,,,,"), "{}", gaps[2]);
    let overview = lines(compared(&tables::overview()).1);
    assert!(
        overview[0].contains(",down_2pct_long_usd,up_1pct_short_usd,nearest_long_price,"),
        "{}",
        overview[0]
    );
    assert!(overview[1].starts_with("BTC,") && overview[1].ends_with(",1.00,22.50"), "{}", overview[1]);
    let ladder = lines(compared(&tables::ladder()).1);
    let answered = |line: &str| line.split(',').skip(6).take(4).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(answered(&ladder[1]), ["at", "long", "4000000.00", "98.0"]);
    assert_eq!(answered(&ladder[2]), ["at", "short", "2000000.50", "101.0"]);
    assert_eq!(answered(&ladder[4]), ["reach", "short", "1100000000.00", "93350.9"]);
}
