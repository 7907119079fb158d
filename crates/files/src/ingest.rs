//! From the text of one file to events: recognise, settle what the content leaves open, then run the
//! rows through the format's decoder.

use std::io::Read;

use liqlens_market::{MarketId, Sink};

use crate::Options;
use crate::canonical::Canonical;
use crate::columns::Splitter;
use crate::container::{Opened, read_failure};
use crate::documents::DocumentReader;
use crate::drive;
use crate::format::{Format, Recognised, recognise};
use crate::formats::{
    account_rows, accounts, agg_trades, book_depth, forced_orders, funding, hyperliquid, klines,
    liquidation_snapshot, liquidations, metrics, minute_feed, open_interest, trades,
};
use crate::lines::LineReader;
use crate::name::{NameHints, binance_market, read_name};
use crate::report::{FileError, Report};
use crate::runs;
use crate::setting::Setting;

/// Reads all rows of `text`.
pub(crate) fn ingest<S: Sink>(
    name: &str,
    opened: &Opened,
    text: &mut dyn Read,
    options: &Options,
    sink: &mut S,
) -> Result<Report, FileError> {
    ingest_through(name, opened, text, options, sink, Canonical::of)
}

/// As [`ingest`], with plain rows of trades read by what `plain` makes, if anything.
pub(crate) fn ingest_through<S: Sink>(
    name: &str,
    opened: &Opened,
    text: &mut dyn Read,
    options: &Options,
    sink: &mut S,
    plain: impl Fn(&Recognised) -> Option<Canonical>,
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
        hints = hints.or_inner(read_name(member, format));
    }
    let market = market(name, &recognised, &hints, options, &rows)?;
    let setting = Setting { name, market: &market, hints: &hints, options, rows: &rows };
    let header = &recognised.header;

    macro_rules! run {
        ($decoder:expr) => {{
            let decoder = $decoder;
            drive::rows(decoder, &mut lines, &recognised, &setting, opened, sink)
        }};
    }
    macro_rules! run_trades {
        ($decoder:expr) => {{
            let (decoder, canonical) = ($decoder, plain(&recognised));
            runs::trades(decoder, canonical, &mut lines, &recognised, &setting, opened, sink)
        }};
    }
    macro_rules! run_documents {
        ($decoder:expr) => {{
            let documents = DocumentReader::new(lines.into_rest(), options.limits.document_bytes);
            drive::documents($decoder, documents, format, &setting, opened, sink)
        }};
    }
    match format {
        Format::MinuteFeed => run!(minute_feed::MinuteFeed::new(header, &setting)?),
        Format::OpenInterest => run!(open_interest::OpenInterestRows::new(header, &setting)?),
        Format::Funding => run!(funding::FundingRows::history(header, &setting)?),
        Format::FundingRate => run!(funding::FundingRows::archive(header, &setting)?),
        Format::Klines => run!(klines::Klines::new(header, &setting)?),
        Format::AggTrades => run_trades!(agg_trades::AggTrades::new(header, &setting)?),
        Format::Trades => run_trades!(trades::new(header, &setting)?),
        Format::Metrics => run!(metrics::Metrics::new(header, &setting)?),
        Format::LiquidationSnapshot => run!(liquidation_snapshot::Snapshot::new(header, &setting)?),
        Format::BookDepth => run!(book_depth::BookDepth::new(header, &setting)?),
        Format::ForcedOrders => run!(forced_orders::ForcedOrders::new(header, &setting)?),
        Format::Liquidations => run!(liquidations::Liquidations::new(header, &setting)?),
        Format::HyperliquidTrades => run!(hyperliquid::Trades),
        Format::HyperliquidContext => run!(hyperliquid::Context),
        Format::HyperliquidBook => run!(hyperliquid::Books::default()),
        Format::AccountFills => run!(account_rows::Fills::new(header, &setting)?),
        Format::AccountLedger => run!(account_rows::Ledger::new(header, &setting)?),
        Format::HyperliquidAccounts => run_documents!(accounts::Hyperliquid::new(&hints)),
        Format::DydxAccounts => run_documents!(accounts::Dydx::new(&hints)),
        Format::LighterAccounts => run_documents!(accounts::Lighter::new(&hints)),
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

/// Settles whose data it is: what the caller says, else the name, else the rows. Accounts have a log of
/// their own for each venue.
fn market(
    name: &str,
    recognised: &Recognised,
    hints: &NameHints,
    options: &Options,
    rows: &[u8],
) -> Result<MarketId, FileError> {
    if let Some(venue) = recognised.format.accounts_of() {
        return match &options.market {
            Some(given) if given.venue != venue => {
                Err(FileError::OtherVenue { name: name.to_owned(), venue, given: given.clone() })
            }
            _ => Ok(MarketId::accounts(venue)),
        };
    }
    if let Some(given) = options.market.as_ref().filter(|given| given.is_accounts()) {
        let (name, format, given) = (name.to_owned(), recognised.format, given.clone());
        return Err(FileError::NotAccounts { name, format, given });
    }
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
