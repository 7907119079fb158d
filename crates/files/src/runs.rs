//! Files of trades: counted, kept in order and handed on in runs.
//!
//! The same rules as for all files of lines ([`crate::drive`]), for formats of which every accepted row is a
//! trade with an id. Rows of the plain form are read many at a time; all others, and all rows of files with other
//! columns, go through the decoder one by one.

use std::io::Read;

use liqlens_market::{Event, EventBody, Sink, TradeColumns};

use crate::canonical::Canonical;
use crate::container::{Opened, read_failure};
use crate::drive::{Order, TRIAL_ROWS, conclude};
use crate::format::Recognised;
use crate::formats::agg_trades::AggTrades;
use crate::lines::{Line, LineReader};
use crate::report::{FileError, Report, Tally};
use crate::row::{Decode as _, Outcome, Reason, RowError};
use crate::setting::Setting;

/// Trades in a run: their columns take 100 kB, a small part of the second-level cache.
const RUN_ROWS: usize = 2_048;
/// Plain rows in a row that make up for having looked for them.
const WORTH_ROWS: usize = 8;
/// Rows that go to the decoder at most before plain ones are looked for again.
const PATIENCE_ROWS: u32 = 64;

/// Reads all rows of a file of trades. `canonical` reads those of the plain form; without it all go through the
/// decoder, with the same result.
pub(crate) fn trades(
    mut decoder: AggTrades,
    mut canonical: Option<Canonical>,
    lines: &mut LineReader<&mut dyn Read>,
    recognised: &Recognised,
    setting: &Setting<'_>,
    opened: &Opened,
    sink: &mut impl Sink,
) -> Result<Report, FileError> {
    let name = setting.name;
    let mut tally = Tally::new(setting.options.limits.samples);
    let mut order = Order::default();
    let mut columns = TradeColumns::with_capacity(RUN_ROWS);
    // Rows that go to the decoder before the next look for plain ones, and how many the time after.
    let (mut wait, mut patience) = (0, 1);
    loop {
        if columns.len() == RUN_ROWS {
            hand_on(&mut columns, &mut tally, &mut order, sink);
        }
        if wait == 0
            && let (Some(canonical), Some(last_id)) = (&mut canonical, decoder.ids.last())
        {
            let room = RUN_ROWS - columns.len();
            // The trial ends after a certain row.
            let limit = match TRIAL_ROWS.checked_sub(tally.rows) {
                Some(left @ 1..) => room.min(usize::try_from(left).unwrap_or(room)),
                _ => room,
            };
            let taken = canonical.read(lines.held(), limit, last_id, &mut columns);
            if taken.rows > 0 {
                lines.pass(taken.bytes, taken.rows);
                decoder.ids.pass(taken.last_id, taken.missing_ids);
                tally.rows += taken.rows as u64;
                if is_wrong(&tally) {
                    break;
                }
            }
            if taken.rows == limit {
                continue;
            }
            patience = if taken.rows >= WORTH_ROWS { 1 } else { (2 * patience).min(PATIENCE_ROWS) };
            wait = patience;
        }
        wait = wait.saturating_sub(1);
        let line = match lines.next() {
            Ok(Some(line)) => line,
            Ok(None) => break,
            Err(error) => return Err(read_failure(error, opened, name)),
        };
        let (text, result) = match line {
            Line::Text([]) => continue,
            Line::Text(text) => (text, decoder.row(text, &mut |event| push(&mut columns, &event))),
            Line::TooLong(start) => (start, Err(RowError::new("row", Reason::TooLong))),
        };
        match result {
            // Counted with its run.
            Ok(Outcome::Accepted { .. }) => {}
            Ok(Outcome::Skipped(why)) => tally.skip(why),
            Err(error) => {
                // Files put together from several have their header more than once.
                let text = text.trim_ascii();
                if text.is_empty() || recognised.header_line.as_deref() == Some(text) {
                    continue;
                }
                let text = text.to_vec();
                tally.reject(lines.number(), &text, error);
            }
        }
        tally.rows += 1;
        if is_wrong(&tally) {
            break;
        }
    }
    hand_on(&mut columns, &mut tally, &mut order, sink);
    if tally.rows == 0 {
        return Err(FileError::HeaderOnly { name: name.to_owned() });
    }
    conclude(&tally, &order, decoder.ids(), recognised.format, setting, opened)
}

/// Whether the trial has just ended and the file is given up.
fn is_wrong(tally: &Tally) -> bool {
    tally.rows == TRIAL_ROWS && tally.rejected_rows > TRIAL_ROWS / 2
}

#[inline]
fn push(columns: &mut TradeColumns, event: &Event) {
    // The decoder makes nothing else.
    if let EventBody::Trade(trade) = event.body {
        columns.push(event.event_ts, event.known_ts, trade);
    }
}

fn hand_on(columns: &mut TradeColumns, tally: &mut Tally, order: &mut Order, sink: &mut impl Sink) {
    if columns.is_empty() {
        return;
    }
    let run = columns.run();
    let rises = run.known_ts().is_sorted();
    tally.accept_run(run.known_ts(), rises);
    order.pass_run(run, rises);
    sink.trades(run);
    columns.clear();
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use proptest::prelude::*;

    use super::*;
    use crate::Options;
    use crate::ingest::ingest_through;
    use crate::intake::Trickle;
    use crate::packing::Container;

    /// What a row of a file looks like, before its numbers.
    #[derive(Debug, Clone)]
    enum Form {
        Plain,
        Ended(&'static str),
        Whole(&'static str),
        /// One of its fields is something else.
        Field(usize, &'static str),
        /// One of its bytes is another.
        Byte(usize, u8),
    }

    #[derive(Debug, Clone)]
    struct Row {
        form: Form,
        id_step: i64,
        price: String,
        size: String,
        ms_step: i64,
        flag: bool,
    }

    const ODD_FIELDS: [&str; 33] = [
        "",
        "0",
        "0.0",
        "0.00",
        ".",
        ".5",
        "5.",
        "1.2.3",
        "-1",
        "+1",
        "1e3",
        "\"7\"",
        " 7",
        "7 ",
        "NaN",
        "true",
        "True",
        "x",
        "12345678",
        "123456789",
        "1234567890123456",
        "12345678901234567",
        "99999999999999999999",
        "99999999.9999999",
        "99999999.99999999",
        "123456789.5",
        "0.000000004",
        "1773964800",
        "1773964800000000",
        "9999999999999",
        "ü",
        "7,7",
        "1230940799999",
    ];
    const ODD_ROWS: [&str; 6] = [
        "",
        " ",
        "agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,is_buyer_maker",
        "id,price,qty,quote_qty,time,is_buyer_maker",
        "garbage",
        ",,,,,,",
    ];

    fn forms() -> impl Strategy<Value = Form> {
        prop_oneof![
            40 => Just(Form::Plain),
            1 => prop::sample::select(vec!["\r", " ", "x", ",", "\n\n"]).prop_map(Form::Ended),
            1 => prop::sample::select(ODD_ROWS.to_vec()).prop_map(Form::Whole),
            2 => (0usize..7, prop::sample::select(ODD_FIELDS.to_vec())).prop_map(|(at, text)| Form::Field(at, text)),
            1 => (0usize..80, any::<u8>()).prop_map(|(at, byte)| Form::Byte(at, byte)),
        ]
    }

    fn rows() -> impl Strategy<Value = Row> {
        let number = || prop_oneof!["[1-9][0-9]{0,8}", "[0-9]{1,8}\\.[0-9]{1,8}"];
        let id_step = prop_oneof![30 => 1i64..3, 1 => -2i64..2, 1 => 0i64..90_000_000];
        let ms_step = prop_oneof![30 => 0i64..3, 1 => -2i64..2, 1 => 0i64..90_000_000];
        (forms(), id_step, number(), number(), ms_step, any::<bool>()).prop_map(
            |(form, id_step, price, size, ms_step, flag)| Row { form, id_step, price, size, ms_step, flag },
        )
    }

    /// A file of these rows, several times over.
    fn file(rows: &[Row], times: usize, first_id: i64, aggregates: bool, header: bool) -> Vec<u8> {
        let mut text = Vec::new();
        if header {
            let columns = if aggregates { ODD_ROWS[2] } else { ODD_ROWS[3] };
            text.extend_from_slice(format!("{columns}\n").as_bytes());
        }
        let (mut id, mut ms) = (first_id, 1_773_964_800_000i64);
        for row in (0..times).flat_map(|_| rows) {
            (id, ms) = ((id + row.id_step).max(0), ms + row.ms_step);
            let mut fields = vec![id.to_string(), row.price.clone(), row.size.clone()];
            if aggregates {
                fields.extend([(2 * id).to_string(), (2 * id + 1).to_string()]);
            } else {
                fields.push(format!("{}.{}", id % 1_000, row.size.len()));
            }
            fields.extend([ms.to_string(), row.flag.to_string()]);
            let mut end = "";
            match &row.form {
                Form::Plain | Form::Byte(..) => {}
                Form::Ended(with) => end = with,
                Form::Whole(line) => fields = vec![(*line).to_owned()],
                Form::Field(at, with) => {
                    let at = at % fields.len();
                    (*with).clone_into(&mut fields[at]);
                }
            }
            let mut line = String::new();
            writeln!(line, "{}{end}", fields.join(",")).unwrap();
            let mut line = line.into_bytes();
            if let Form::Byte(at, byte) = row.form {
                let at = at % line.len();
                line[at] = byte;
            }
            text.extend(line);
        }
        text
    }

    /// All that a call says: the events of a success in their order, or what is wrong.
    fn read(text: &[u8], step: usize, plain: bool) -> Result<(Report, Vec<Event>), String> {
        let mut events = Vec::new();
        let opened = Opened { container: Container::Plain, member: None };
        let options = Options::default();
        let mut source = Trickle(text, step);
        let canonical = |recognised: &Recognised| Canonical::of(recognised).filter(|_| plain);
        ingest_through(
            "BTCUSDT.csv",
            &opened,
            &mut source,
            &options,
            &mut |event| events.push(event),
            canonical,
        )
        .map(|report| (report, events))
        .map_err(|error| error.to_string())
    }

    fn first_ids() -> impl Strategy<Value = i64> {
        prop_oneof![0i64..20, 99_999_990i64..100_000_010, Just(3_012_345_678), Just(1_000_000_000_000_000)]
    }

    proptest! {
        /// Against the decoder alone: the same events, the same report, the same refusal.
        #[test]
        fn plain_rows_are_what_the_decoder_makes_of_them(
            rows in prop::collection::vec(rows(), 1..120),
            times in prop_oneof![6 => 1usize..4, 1 => 10usize..40],
            first_id in first_ids(),
            (aggregates, header, cut) in (any::<bool>(), any::<bool>(), 0usize..30),
        ) {
            let mut text = file(&rows, times, first_id, aggregates, header);
            text.truncate(text.len() - cut.min(text.len()));
            prop_assert_eq!(read(&text, 1 << 20, true), read(&text, 1 << 20, false));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        /// The same across the seams of what is read at a time.
        #[test]
        fn seams_change_nothing(
            rows in prop::collection::vec(rows(), 50..120),
            aggregates in any::<bool>(),
            step in 100usize..40_000,
        ) {
            let text = file(&rows, 600_000 / (60 * rows.len()), 3_012_345_678, aggregates, true);
            prop_assert_eq!(read(&text, step, true), read(&text, step, false));
        }
    }

    #[test]
    fn a_file_in_the_archives_form_needs_the_decoder_for_its_first_row_only() {
        for aggregates in [true, false] {
            let row = |flag| Row {
                form: Form::Plain,
                id_step: 2,
                price: "108253.8".into(),
                size: "0.011".into(),
                ms_step: 1,
                flag,
            };
            let text = file(&[row(true), row(false)], 5_000, 2_907_604_449, aggregates, true);
            let head = text.iter().position(|byte| *byte == b'\n').unwrap() + 1;
            let recognised = crate::format::recognise(&text, None).unwrap();
            let mut canonical = Canonical::of(&recognised).unwrap();
            let mut columns = TradeColumns::default();
            let taken = canonical.read(&text[head..], usize::MAX, 2_907_604_449, &mut columns);
            assert_eq!((taken.rows, taken.bytes), (10_000, text.len() - head));
            assert_eq!((taken.last_id, taken.missing_ids), (2_907_604_449 + 20_000, 10_000));
            let taken = canonical.read(&text[head..], 77, 0, &mut columns);
            assert_eq!((taken.rows, columns.len()), (77, 10_077));
        }
    }

    #[test]
    fn other_columns_and_other_orders_are_left_to_the_decoder() {
        let of =
            |head: &str| Canonical::of(&crate::format::recognise(head.as_bytes(), None).unwrap()).is_some();
        assert!(of(ODD_ROWS[2]) && of(ODD_ROWS[3]));
        assert!(of("26129,9743.10,0.014,100,105,1591677567868,true\n"));
        assert!(!of("price,agg_trade_id,quantity,first_trade_id,last_trade_id,transact_time,is_buyer_maker"));
        assert!(!of("agg_trade_id,price,quantity,transact_time,is_buyer_maker"));
        assert!(!of("id,price,qty,quote_qty,time,is_buyer_maker,is_best_match"));
        assert!(!of("ts,rate"));
    }
}
