//! From the text of one file to events: recognise, settle what the content leaves open, then run the
//! rows through the format's decoder.

use std::io::Read;

use liqlens_market::{Event, EventBody, MarketId, Timestamp, Trade};

use crate::Options;
use crate::columns::{Column, Fields, Header, Splitter};
use crate::container::{Opened, read_failure};
use crate::format::{Format, Recognised, Unrecognised, recognise};
use crate::formats::{
    agg_trades, book_depth, forced_orders, funding, hyperliquid, klines, liquidation_snapshot, metrics,
    minute_feed, open_interest, trades,
};
use crate::lines::{Line, LineReader};
use crate::name::{NameHints, binance_market, read_name};
use crate::report::{FileError, Report, Tally};
use crate::row::{Decode, Outcome, Reason, RowError};

/// After this many rows, a file most of which was rejected is given up as the wrong format.
const TRIAL_ROWS: u64 = 1_000;

/// What decoders need beyond their columns.
pub(crate) struct Setting<'a> {
    pub(crate) name: &'a str,
    pub(crate) market: &'a MarketId,
    pub(crate) hints: &'a NameHints,
    pub(crate) options: &'a Options,
    /// The first rows, for what has to be settled before the first event.
    pub(crate) rows: &'a [u8],
}

/// Reads all rows of `text`.
pub(crate) fn ingest<S: FnMut(Event)>(
    name: &str,
    opened: &Opened,
    text: &mut dyn Read,
    options: &Options,
    sink: S,
) -> Result<Report, FileError> {
    let mut lines = LineReader::new(text, options.limits.line_bytes);
    let failed = |error| read_failure(error, opened, name);
    let head = lines.peek().map_err(failed)?;
    if head.starts_with(b"\xef\xbb\xbf") {
        lines.skip(3);
    }
    let head = lines.peek().map_err(failed)?;
    if head.trim_ascii().is_empty() {
        return Err(FileError::Empty { name: name.to_owned() });
    }
    let recognised = recognise(head, options.format)
        .map_err(|why| FileError::NotRecognised { name: name.to_owned(), why })?;
    let format = recognised.format;
    // A copy of the first rows, because the reader moves on while decoders are built from them.
    let rows = first_rows(head, &recognised);

    let mut hints = read_name(name, format);
    if let Some(member) = &opened.member {
        let inner = read_name(member, format);
        hints = NameHints {
            market: hints.market.or(inner.market),
            interval: hints.interval.or(inner.interval),
            bar_source: hints.bar_source.or(inner.bar_source),
            spot: hints.spot || inner.spot,
            premium_index: hints.premium_index || inner.premium_index,
        };
    }
    let market = market(name, &recognised, &hints, options, &rows)?;
    let setting = Setting { name, market: &market, hints: &hints, options, rows: &rows };
    let header = &recognised.header;

    macro_rules! run {
        ($decoder:expr) => {{
            let decoder = $decoder;
            drive(decoder, &mut lines, &recognised, &setting, opened, sink)
        }};
    }
    match format {
        Format::MinuteFeed => run!(minute_feed::MinuteFeed::new(header, &setting)?),
        Format::OpenInterest => run!(open_interest::OpenInterestRows::new(header, &setting)?),
        Format::Funding => run!(funding::FundingRows::history(header, &setting)?),
        Format::FundingRate => run!(funding::FundingRows::archive(header, &setting)?),
        Format::Klines => run!(klines::Klines::new(header, &setting)?),
        Format::AggTrades => run!(agg_trades::AggTrades::new(header, &setting)?),
        Format::Trades => run!(trades::new(header, &setting)?),
        Format::Metrics => run!(metrics::Metrics::new(header, &setting)?),
        Format::LiquidationSnapshot => run!(liquidation_snapshot::Snapshot::new(header, &setting)?),
        Format::BookDepth => run!(book_depth::BookDepth::new(header, &setting)?),
        Format::ForcedOrders => run!(forced_orders::ForcedOrders::new(header, &setting)?),
        Format::HyperliquidTrades => run!(hyperliquid::Trades),
        Format::HyperliquidContext => run!(hyperliquid::Context),
        Format::HyperliquidBook => run!(hyperliquid::Books::default()),
    }
}

impl Setting<'_> {
    /// The column called by the first of `names` that exists; a file without it is not of this format.
    pub(crate) fn need(&self, header: &Header, names: &[&'static str]) -> Result<Column, FileError> {
        header.find(names).ok_or_else(|| FileError::NotRecognised {
            name: self.name.to_owned(),
            why: Unrecognised::MissingColumn(names[0]),
        })
    }

    /// Cuts the first rows for `splitter`, leaving out those with another number of columns.
    pub(crate) fn each_row(&self, header: &Header, mut look: impl FnMut(&Fields<'_>)) {
        let mut splitter = Splitter::new(header);
        for line in self.rows.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii_end) {
            if let Ok(fields) = splitter.split(line) {
                look(&fields);
            }
        }
    }
}

/// The first whole rows below the header.
fn first_rows(head: &[u8], recognised: &Recognised) -> Vec<u8> {
    let mut rows = Vec::new();
    let looked_at = head.split_inclusive(|&byte| byte == b'\n').filter(|line| !line.trim_ascii().is_empty());
    for line in looked_at.take(64) {
        if recognised.header_line.as_deref() != Some(line.trim_ascii()) && line.len() < 4_096 {
            rows.extend_from_slice(line);
        }
    }
    rows
}

/// Settles whose data it is: what the caller says, else the name, else the rows.
fn market(
    name: &str,
    recognised: &Recognised,
    hints: &NameHints,
    options: &Options,
    rows: &[u8],
) -> Result<MarketId, FileError> {
    if let Some(market) = options.market.as_ref().or(hints.market.as_ref()) {
        return Ok(market.clone());
    }
    if hints.spot {
        return Err(FileError::SpotMarket { name: name.to_owned() });
    }
    let in_rows = recognised.header.find(&["symbol"]).and_then(|symbol| {
        let mut splitter = Splitter::new(&recognised.header);
        rows.split(|&byte| byte == b'\n').find_map(|line| {
            let fields = splitter.split(line.trim_ascii_end()).ok()?;
            binance_market(core::str::from_utf8(fields.clean(symbol)).ok()?)
        })
    });
    in_rows.ok_or_else(|| FileError::MarketUnknown {
        name: name.to_owned(),
        example: if recognised.format.is_json() { "hyperliquid:BTC" } else { "binance:BTCUSDT" },
    })
}

/// Runs all rows through the decoder.
fn drive<D: Decode, S: FnMut(Event)>(
    mut decoder: D,
    lines: &mut LineReader<&mut dyn Read>,
    recognised: &Recognised,
    setting: &Setting<'_>,
    opened: &Opened,
    mut sink: S,
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
            Line::Text(text) => (text, decoder.row(text, &mut |event| order.pass(event, &mut sink))),
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
    decoder.finish(&mut |event| order.pass(event, &mut sink));
    if tally.rows == 0 {
        return Err(FileError::HeaderOnly { name: name.to_owned() });
    }
    let few = tally.rows <= TRIAL_ROWS;
    if (few && tally.rejected_rows > tally.rows / 2) || (tally.accepted == 0 && tally.rejected_rows > 0) {
        return Err(FileError::WrongFormat {
            name: name.to_owned(),
            format: recognised.format,
            rejected: tally.rejected_rows,
            rows: tally.rows,
            most_often: Box::new(tally.most_often()),
        });
    }
    if tally.accepted == 0 {
        return Err(FileError::NothingAccepted { name: name.to_owned(), rows: tally.rows });
    }
    let ids = decoder.ids();
    Ok(Report {
        name: name.to_owned(),
        format: recognised.format,
        market: setting.market.clone(),
        container: opened.container,
        member: opened.member.clone(),
        rows: tally.rows,
        accepted: tally.accepted,
        skipped: tally.skipped,
        rejected: tally.rejections(),
        events: order.events,
        out_of_order: tally.out_of_order,
        in_log_order: !order.broken && ids.not_increasing == 0,
        duplicate_ids: ids.not_increasing,
        missing_ids: ids.missing,
        first_ts: tally.first_ts,
        last_ts: tally.last_ts,
    })
}

/// Counts events on their way out and notices when one precedes another in log order.
struct Order {
    events: u64,
    broken: bool,
    /// Known time, rank and event time of the last event.
    last: (Timestamp, ((u8, i64), Timestamp)),
    /// The last event that was no trade with an id, for the order by content. Among trades with ids the
    /// id decides, and it never decreases unless [`Report::duplicate_ids`] says so.
    last_event: Option<Event>,
}

impl Default for Order {
    fn default() -> Self {
        let first = Timestamp::from_nanos(i64::MIN);
        Self { events: 0, broken: false, last: (first, ((0, i64::MIN), first)), last_event: None }
    }
}

impl Order {
    #[inline]
    // Whether a trade falls into the same instant as the one before follows no pattern: no branch there.
    #[allow(clippy::needless_bitwise_bool)]
    fn pass<S: FnMut(Event)>(&mut self, event: Event, sink: &mut S) {
        let (known_ts, place) = (event.known_ts, (event.body.rank(), event.event_ts));
        let (last_known_ts, last_place) = self.last;
        self.broken |= (known_ts < last_known_ts) | ((known_ts == last_known_ts) & (place < last_place));
        self.last = (known_ts, place);
        if !matches!(event.body, EventBody::Trade(Trade { id: Some(_), .. })) {
            self.broken |= self.last_event.as_ref().is_some_and(|last| last.log_order(&event).is_gt());
            self.last_event = Some(event.clone());
        }
        self.events += 1;
        sink(event);
    }
}
