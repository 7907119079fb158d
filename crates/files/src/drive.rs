//! Rows and documents through their decoder: counted, kept in order, and judged at the end.

use std::collections::HashSet;
use std::collections::hash_map::DefaultHasher;
use std::hash::{BuildHasher as _, BuildHasherDefault};
use std::io::Read;

use liqlens_market::{Event, EventBody, Sink, Timestamp, Trade, TradeRun};

use crate::container::{Opened, read_failure};
use crate::documents::{Document, DocumentReader};
use crate::format::{Format, Recognised};
use crate::formats::accounts::{DecodeDocument, Row};
use crate::lines::{Line, LineReader};
use crate::report::{FileError, Report, Tally};
use crate::row::{Decode, IdCheck, Outcome, Reason, RowError};
use crate::setting::Setting;

/// After this many rows, a file most of which was rejected is given up as the wrong format.
pub(crate) const TRIAL_ROWS: u64 = 1_000;
/// Different accounts counted in one file.
const ACCOUNTS_COUNTED: usize = 1_000_000;

/// Runs all rows of a file of lines through the decoder.
pub(crate) fn rows<D: Decode, S: Sink>(
    mut decoder: D,
    lines: &mut LineReader<&mut dyn Read>,
    recognised: &Recognised,
    setting: &Setting<'_>,
    opened: &Opened,
    sink: &mut S,
) -> Result<Report, FileError> {
    let name = setting.name;
    let mut tally = Tally::new(setting.options.limits.samples);
    let mut order = Order::default();
    loop {
        let line = match lines.next() {
            Ok(Some(line)) => line,
            Ok(None) => break,
            Err(error) => return Err(read_failure(error, opened, name)),
        };
        let (text, result) = match line {
            Line::Text([]) => continue,
            Line::Text(text) => (text, decoder.row(text, &mut |event| order.pass(event, sink))),
            Line::TooLong(start) => (start, Err(RowError::new("row", Reason::TooLong))),
        };
        match result {
            Ok(Outcome::Accepted { event_ts, known_ts }) => tally.accept(event_ts, known_ts),
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
        if tally.rows == TRIAL_ROWS && tally.rejected_rows > TRIAL_ROWS / 2 {
            break;
        }
    }
    decoder.finish(&mut |event| order.pass(event, sink));
    if tally.rows == 0 {
        return Err(FileError::HeaderOnly { name: name.to_owned() });
    }
    conclude(&tally, &order, decoder.ids(), recognised.format, setting, opened)
}

/// Runs all documents of a file through the decoder.
pub(crate) fn documents<D: DecodeDocument, S: Sink>(
    mut decoder: D,
    mut documents: DocumentReader<impl Read>,
    format: Format,
    setting: &Setting<'_>,
    opened: &Opened,
    sink: &mut S,
) -> Result<Report, FileError> {
    let mut tally = Tally::new(setting.options.limits.samples);
    let mut order = Order::default();
    let mut fates = Vec::new();
    let (mut on_trial, mut ended) = (true, false);
    while !ended {
        match documents.next() {
            Ok(Some(Document { line, text, fault: None })) => decoder.document(line, text, &mut fates),
            Ok(Some(Document { line, text, fault: Some(reason) })) => {
                fates.push(Row::rejected(line, text, RowError::new("document", reason)));
            }
            Ok(None) => {
                decoder.finish(&mut fates);
                ended = true;
            }
            Err(error) => return Err(read_failure(error, opened, setting.name)),
        }
        for fate in fates.drain(..) {
            tally.rows += 1;
            match fate {
                Row::State(event) => {
                    tally.accept(event.event_ts, event.known_ts);
                    order.pass(event, sink);
                }
                Row::Part(moment) => tally.accept(moment.event_ts, moment.known_ts),
                Row::Skipped(why) => tally.skip(why),
                Row::Rejected { line, text, error } => tally.reject(line, &text, error),
            }
        }
        // One document may hold many rows, so the trial may end a little later.
        if on_trial && tally.rows >= TRIAL_ROWS {
            on_trial = false;
            if tally.rejected_rows > tally.rows / 2 {
                return Err(wrong_format(&tally, format, setting.name));
            }
        }
    }
    if tally.rows == 0 {
        return Err(FileError::Empty { name: setting.name.to_owned() });
    }
    conclude(&tally, &order, IdCheck::default(), format, setting, opened)
}

/// Judges a file by what became of its rows.
pub(crate) fn conclude(
    tally: &Tally,
    order: &Order,
    ids: IdCheck,
    format: Format,
    setting: &Setting<'_>,
    opened: &Opened,
) -> Result<Report, FileError> {
    let name = setting.name;
    let few = tally.rows <= TRIAL_ROWS;
    if (few && tally.rejected_rows > tally.rows / 2) || (tally.accepted == 0 && tally.rejected_rows > 0) {
        return Err(wrong_format(tally, format, name));
    }
    if tally.accepted == 0 {
        return Err(FileError::NothingAccepted { name: name.to_owned(), rows: tally.rows });
    }
    Ok(Report {
        name: name.to_owned(),
        format,
        market: setting.market.clone(),
        container: opened.container,
        member: opened.member.clone(),
        rows: tally.rows,
        accepted: tally.accepted,
        skipped: tally.skipped,
        rejected: tally.rejections(),
        events: order.events,
        accounts: order.accounts.len() as u64,
        out_of_order: tally.out_of_order,
        in_log_order: !order.broken && ids.not_increasing == 0,
        duplicate_ids: ids.not_increasing,
        missing_ids: ids.missing,
        first_ts: tally.first_ts,
        last_ts: tally.last_ts,
    })
}

fn wrong_format(tally: &Tally, format: Format, name: &str) -> FileError {
    FileError::WrongFormat {
        name: name.to_owned(),
        format,
        rejected: tally.rejected_rows,
        rows: tally.rows,
        most_often: Box::new(tally.most_often()),
    }
}

/// Counts events on their way out and notices when one precedes another in log order.
pub(crate) struct Order {
    events: u64,
    broken: bool,
    /// Known time, rank and event time of the last event.
    last: (Timestamp, ((u8, i64), Timestamp)),
    /// Hashes of the accounts met.
    accounts: HashSet<u64>,
    /// The last event that was no trade with an id, for the order by content. Among trades with ids the
    /// id decides, and it never decreases unless [`Report::duplicate_ids`] says so.
    last_event: Option<Event>,
}

impl Default for Order {
    fn default() -> Self {
        let first = Timestamp::from_nanos(i64::MIN);
        Self {
            events: 0,
            broken: false,
            last: (first, ((0, i64::MIN), first)),
            accounts: HashSet::new(),
            last_event: None,
        }
    }
}

impl Order {
    #[inline]
    // Whether a trade falls into the same instant as the one before follows no pattern: no branch there.
    #[allow(clippy::needless_bitwise_bool)]
    fn pass<S: Sink>(&mut self, event: Event, sink: &mut S) {
        let (known_ts, place) = (event.known_ts, (event.body.rank(), event.event_ts));
        let (last_known_ts, last_place) = self.last;
        self.broken |= (known_ts < last_known_ts) | ((known_ts == last_known_ts) & (place < last_place));
        self.last = (known_ts, place);
        if !matches!(event.body, EventBody::Trade(Trade { id: Some(_), .. })) {
            self.broken |= self.last_event.as_ref().is_some_and(|last| last.log_order(&event).is_gt());
            self.count_account(&event.body);
            self.last_event = Some(event.clone());
        }
        self.events += 1;
        sink.event(event);
    }

    /// Counts a run of trades with ids that were known when they happened; `rises` says that their times never
    /// fall.
    pub(crate) fn pass_run(&mut self, run: TradeRun<'_>, rises: bool) {
        if let (Some(first), Some(last)) = (run.known_ts().first(), run.known_ts().last()) {
            self.broken |= !rises || *first < self.last.0;
            self.last.0 = *last;
        }
        self.events += run.len() as u64;
    }

    /// Hashes instead of names, so that a file of a million accounts costs a few bytes for each.
    fn count_account(&mut self, body: &EventBody) {
        let account = match body {
            EventBody::Account(state) => &state.account,
            EventBody::AccountFill(fill) => &fill.account,
            EventBody::AccountTransfer(transfer) => &transfer.account,
            _ => return,
        };
        if self.accounts.len() < ACCOUNTS_COUNTED {
            self.accounts.insert(BuildHasherDefault::<DefaultHasher>::default().hash_one(account));
        }
    }
}
