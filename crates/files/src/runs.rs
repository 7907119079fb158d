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
            Line::Text(text) => (text, decoder.row(text, &mut |event| push(&mut columns, event))),
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
fn push(columns: &mut TradeColumns, event: Event) {
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
