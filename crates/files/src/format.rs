//! The supported formats and how each is recognised from its first lines.
//!
//! A header is matched by name; without one, the shape of the first rows decides. The file's name has no
//! say in the format, only in what the content leaves open (symbol, interval, which price).

use core::fmt;
use core::str::FromStr;

use liqlens_market::Venue;

use crate::columns::{Header, MAX_COLUMNS, clean};

/// What a file's rows are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Format {
    /// One-minute feed: candle, open interest, predicted funding and liquidated quantities, stamped with
    /// the END of the minute.
    MinuteFeed,
    /// Open-interest history `t,oi,oi_usd`.
    OpenInterest,
    /// Settled funding `ts,rate`, eight-hourly.
    Funding,
    /// Candles of any regular period, stamped with their start.
    Klines,
    /// Binance aggregate trades.
    AggTrades,
    /// Binance single trades.
    Trades,
    /// Binance five-minute metrics: open interest and long/short ratios.
    Metrics,
    /// Binance settled funding with its interval; with a column `kind`, also predicted funding.
    FundingRate,
    /// Binance COIN-M forced orders, as the archive holds them.
    LiquidationSnapshot,
    /// Binance cumulative depth in bands around mid.
    BookDepth,
    /// A recording of Binance's forced-order stream with times in IST.
    ForcedOrders,
    /// Liquidations one by one, with the moment each became known and how complete they are: liqlens's own.
    Liquidations,
    /// Hyperliquid trades, one JSON object a line.
    HyperliquidTrades,
    /// Hyperliquid asset context (funding, open interest, mark, oracle), one JSON object a line.
    HyperliquidContext,
    /// Hyperliquid book, one JSON object a line.
    HyperliquidBook,
    /// Hyperliquid account states: `clearinghouseState` with or without spot balances, JSON documents.
    HyperliquidAccounts,
    /// dYdX subaccounts as the indexer answers, JSON documents.
    DydxAccounts,
    /// Lighter accounts, JSON documents.
    LighterAccounts,
    /// Hyperliquid fills with their account `time,user,coin,side,px,sz,crossed`.
    AccountFills,
    /// Hyperliquid deposits and withdrawals `time,user,delta_usd`.
    AccountLedger,
}

impl Format {
    /// Every format, in the order help lists them.
    pub const ALL: [Self; 20] = [
        Self::MinuteFeed,
        Self::OpenInterest,
        Self::Funding,
        Self::Klines,
        Self::AggTrades,
        Self::Trades,
        Self::Metrics,
        Self::FundingRate,
        Self::LiquidationSnapshot,
        Self::BookDepth,
        Self::ForcedOrders,
        Self::Liquidations,
        Self::HyperliquidTrades,
        Self::HyperliquidContext,
        Self::HyperliquidBook,
        // Before the next, whose one telling member its documents have too.
        Self::DydxAccounts,
        Self::HyperliquidAccounts,
        Self::LighterAccounts,
        Self::AccountFills,
        Self::AccountLedger,
    ];

    /// Name in commands and messages: lower case, stable.
    pub const fn id(self) -> &'static str {
        match self {
            Self::MinuteFeed => "minute-feed",
            Self::OpenInterest => "open-interest",
            Self::Funding => "funding",
            Self::Klines => "klines",
            Self::AggTrades => "agg-trades",
            Self::Trades => "trades",
            Self::Metrics => "metrics",
            Self::FundingRate => "funding-rate",
            Self::LiquidationSnapshot => "liquidation-snapshot",
            Self::BookDepth => "book-depth",
            Self::ForcedOrders => "forced-orders",
            Self::Liquidations => "liquidations",
            Self::HyperliquidTrades => "hyperliquid-trades",
            Self::HyperliquidContext => "hyperliquid-context",
            Self::HyperliquidBook => "hyperliquid-book",
            Self::HyperliquidAccounts => "hyperliquid-accounts",
            Self::DydxAccounts => "dydx-accounts",
            Self::LighterAccounts => "lighter-accounts",
            Self::AccountFills => "account-fills",
            Self::AccountLedger => "account-ledger",
        }
    }

    /// Whether rows are JSON objects rather than comma-separated fields.
    pub const fn is_json(self) -> bool {
        matches!(self, Self::HyperliquidTrades | Self::HyperliquidContext | Self::HyperliquidBook)
            || self.is_document()
    }

    /// Whether the file is JSON documents of any layout rather than rows of one line.
    pub const fn is_document(self) -> bool {
        matches!(self, Self::HyperliquidAccounts | Self::DydxAccounts | Self::LighterAccounts)
    }

    /// The venue whose accounts the rows are about; `None` where they are about a market.
    pub const fn accounts_of(self) -> Option<Venue> {
        match self {
            Self::HyperliquidAccounts | Self::AccountFills | Self::AccountLedger => Some(Venue::Hyperliquid),
            Self::DydxAccounts => Some(Venue::Dydx),
            Self::LighterAccounts => Some(Venue::Lighter),
            _ => None,
        }
    }

    /// The columns (or JSON members) of the format in their usual order, which is also how a file without
    /// a header is read.
    pub const fn columns(self) -> &'static [&'static str] {
        match self {
            Self::MinuteFeed => &[
                "timestamp",
                "open",
                "high",
                "low",
                "close",
                "volume",
                "aggtrades",
                "buyqty",
                "sellqty",
                "vwap",
                "openinterest",
                "fundingrate",
                "liqbuyqty",
                "liqsellqty",
                "issynthetic",
            ],
            Self::OpenInterest => &["t", "oi", "oi_usd"],
            Self::Funding => &["ts", "rate"],
            Self::Klines => &[
                "open_time",
                "open",
                "high",
                "low",
                "close",
                "volume",
                "close_time",
                "quote_volume",
                "count",
                "taker_buy_volume",
                "taker_buy_quote_volume",
                "ignore",
            ],
            Self::AggTrades => &[
                "agg_trade_id",
                "price",
                "quantity",
                "first_trade_id",
                "last_trade_id",
                "transact_time",
                "is_buyer_maker",
            ],
            Self::Trades => &["id", "price", "qty", "quote_qty", "time", "is_buyer_maker"],
            Self::Metrics => &[
                "create_time",
                "symbol",
                "sum_open_interest",
                "sum_open_interest_value",
                "count_toptrader_long_short_ratio",
                "sum_toptrader_long_short_ratio",
                "count_long_short_ratio",
                "sum_taker_long_short_vol_ratio",
            ],
            Self::FundingRate => &["calc_time", "funding_interval_hours", "last_funding_rate"],
            Self::LiquidationSnapshot => &[
                "time",
                "side",
                "order_type",
                "time_in_force",
                "original_quantity",
                "price",
                "average_price",
                "order_status",
                "last_fill_quantity",
                "accumulated_fill_quantity",
            ],
            Self::BookDepth => &["timestamp", "percentage", "depth", "notional"],
            Self::ForcedOrders => &[
                "symbol",
                "side",
                "order_type",
                "time_in_force",
                "quantity",
                "price",
                "average_price",
                "order_status",
                "last_filled_quantity",
                "filled_quantity",
                "event_time_ist",
                "trade_time_ist",
            ],
            Self::Liquidations => &[
                "event_time",
                "known_time",
                "position_side",
                "size",
                "order_price",
                "fill_price",
                "completeness",
            ],
            Self::HyperliquidTrades => &["ts", "px", "sz", "side"],
            Self::HyperliquidContext => &["ts", "funding", "oi", "mark", "oracle"],
            Self::HyperliquidBook => &["ts", "bids", "asks"],
            Self::HyperliquidAccounts => &["assetPositions", "crossMarginSummary", "time"],
            Self::DydxAccounts => &["subaccountNumber", "equity", "openPerpetualPositions"],
            Self::LighterAccounts => &["account_index", "cross_asset_value", "positions"],
            Self::AccountFills => &["time", "user", "coin", "side", "px", "sz", "crossed"],
            Self::AccountLedger => &["time", "user", "delta_usd"],
        }
    }

    /// The names that together occur in this format's header and in no other's. Klines are recognised by
    /// several spellings of their time column, see [`from_header`].
    const fn signature(self) -> &'static [&'static str] {
        match self {
            Self::MinuteFeed => &["timestamp", "close", "openinterest", "liqbuyqty", "liqsellqty"],
            Self::OpenInterest => &["t", "oi"],
            Self::Funding => &["ts", "rate"],
            Self::Klines => &["open", "high", "low", "close", "volume"],
            Self::AggTrades => &["agg_trade_id", "price", "quantity", "transact_time", "is_buyer_maker"],
            Self::Trades => &["id", "price", "qty", "time", "is_buyer_maker"],
            Self::Metrics => &["create_time", "sum_open_interest"],
            Self::FundingRate => &["calc_time", "funding_interval_hours", "last_funding_rate"],
            Self::LiquidationSnapshot => &["time", "side", "average_price", "accumulated_fill_quantity"],
            Self::BookDepth => &["timestamp", "percentage", "depth", "notional"],
            Self::ForcedOrders => &["symbol", "side", "average_price", "filled_quantity", "trade_time_ist"],
            Self::Liquidations => &["event_time", "known_time", "position_side", "size", "completeness"],
            Self::HyperliquidTrades => &["ts", "px", "sz", "side"],
            Self::HyperliquidContext => &["ts", "oi", "mark"],
            Self::HyperliquidBook => &["ts", "bids", "asks"],
            Self::HyperliquidAccounts => &["assetPositions"],
            Self::DydxAccounts => &["subaccountNumber", "equity"],
            Self::LighterAccounts => &["cross_asset_value", "positions"],
            Self::AccountFills => &["time", "user", "coin", "side", "px", "sz", "crossed"],
            Self::AccountLedger => &["time", "user", "delta_usd"],
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

/// The text names no format; the message lists them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown format; known are: {}", known_formats())]
pub struct UnknownFormat;

impl FromStr for Format {
    type Err = UnknownFormat;
    fn from_str(text: &str) -> Result<Self, UnknownFormat> {
        Self::ALL.into_iter().find(|format| format.id() == text).ok_or(UnknownFormat)
    }
}

/// `minute-feed, open-interest, …`
pub(crate) fn known_formats() -> String {
    Format::ALL.map(Format::id).join(", ")
}

/// How a file's text is to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Recognised {
    pub(crate) format: Format,
    /// Its columns; for JSON lines, the usual members.
    pub(crate) header: Header,
    /// The header line as it stands, if there is one: it is passed over wherever it occurs.
    pub(crate) header_line: Option<Vec<u8>>,
}

/// Why the first lines fit no format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unrecognised {
    /// Fields are separated by something other than commas.
    #[error("its fields are separated by {0:?}, not by commas; convert it, e.g. with `tr`")]
    Delimiter(char),
    /// Text in UTF-16.
    #[error("it is UTF-16 text; save it as UTF-8")]
    Utf16,
    /// A web page or an XML answer, usually an error page saved under a data file's name.
    #[error("it is a web page or XML, not data; the download probably failed")]
    Markup,
    /// Binary content of no supported container.
    #[error("it is binary data of no supported kind")]
    Binary,
    /// A JSON array or another document in place of one object per line.
    #[error("it is a JSON document other than an account's state; of the rest only JSON lines are read")]
    JsonDocument,
    /// A header, but of nothing known.
    #[error("its header `{0}` belongs to no supported format")]
    Header(String),
    /// A header of the format, without a column it needs.
    #[error("its header lacks the column `{0}`")]
    MissingColumn(&'static str),
    /// Neither header nor rows of a known shape.
    #[error("its rows have no known shape (first line: `{0}`)")]
    Shape(String),
}

/// How many of the first lines may decide about a file without a header: enough to see past damaged rows.
const LINES_LOOKED_AT: usize = 20;

/// Recognises a file from its first bytes (no byte order mark), or reads it as `wanted`.
pub(crate) fn recognise(head: &[u8], wanted: Option<Format>) -> Result<Recognised, Unrecognised> {
    if head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff") {
        return Err(Unrecognised::Utf16);
    }
    let lines = head.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii).filter(|l| !l.is_empty());
    let first = lines.clone().next().unwrap_or_default();
    if first.starts_with(b"<") {
        return Err(Unrecognised::Markup);
    }
    if first.contains(&0) {
        return Err(Unrecognised::Binary);
    }
    if first.starts_with(b"[") || first.starts_with(b"{") {
        // Asked for explicitly, documents are taken at their word: what they are may only show later.
        let format = wanted.filter(|wanted| wanted.is_document()).or_else(|| from_documents(head, wanted));
        if let Some(format) = format {
            return Ok(Recognised { format, header: Header::of(format.columns()), header_line: None });
        }
    }
    if first.starts_with(b"[") {
        return Err(Unrecognised::JsonDocument);
    }
    let shown = || crate::row::shown(first);
    if first.starts_with(b"{") {
        return lines
            .take(LINES_LOOKED_AT)
            .find_map(from_json)
            .filter(|format| wanted.is_none_or(|wanted| wanted == *format))
            .map(|format| Recognised { format, header: Header::of(format.columns()), header_line: None })
            .ok_or_else(|| Unrecognised::Shape(shown()));
    }
    let header = Header::parse(first);
    if let Some(format) = from_header(&header, wanted) {
        return Ok(Recognised { format, header, header_line: Some(first.to_vec()) });
    }
    if let Some(other) = other_delimiter(first) {
        return Err(Unrecognised::Delimiter(other));
    }
    let shape = lines.take(LINES_LOOKED_AT).find_map(|line| {
        let fields: Vec<&[u8]> = line.split(|&byte| byte == b',').map(clean).collect();
        let format = from_shape(&fields).filter(|format| wanted.is_none_or(|wanted| wanted == *format));
        // Asked for explicitly, a file without a header is taken at its word.
        let format = format.or(wanted.filter(|wanted| {
            !wanted.is_json() && wanted.columns().len() == fields.len() && !looks_like_header(&fields)
        }))?;
        Some((format, fields.len()))
    });
    match shape {
        Some((format, width)) => {
            let names = &format.columns()[..width.min(format.columns().len())];
            Ok(Recognised { format, header: Header::of(names), header_line: None })
        }
        None if looks_like_header(&first.split(|&byte| byte == b',').collect::<Vec<_>>()) => {
            Err(Unrecognised::Header(shown()))
        }
        None => Err(Unrecognised::Shape(shown())),
    }
}

/// The spellings of a candle's start.
pub(crate) const KLINE_TIMES: [&str; 5] = ["open_time", "timestamp", "time", "ts", "t"];

fn from_header(header: &Header, wanted: Option<Format>) -> Option<Format> {
    if header.len() > MAX_COLUMNS {
        return None;
    }
    // In the order of `ALL`, the more specific formats come before klines, whose names they include.
    Format::ALL.into_iter().find(|&format| {
        !format.is_json()
            && wanted.is_none_or(|wanted| wanted == format)
            && header.has(format.signature())
            && (format != Format::Klines || header.find(&KLINE_TIMES).is_some())
    })
}

/// Documents span lines, so all of the head is looked at.
fn from_documents(head: &[u8], wanted: Option<Format>) -> Option<Format> {
    if wanted.is_some() {
        return None;
    }
    Format::ALL.into_iter().find(|format| format.is_document() && has_members(head, *format))
}

fn from_json(line: &[u8]) -> Option<Format> {
    Format::ALL
        .into_iter()
        .find(|format| format.is_json() && !format.is_document() && has_members(line, *format))
}

fn has_members(text: &[u8], format: Format) -> bool {
    let has = |name: &str| memchr::memmem::find(text, format!("\"{name}\"").as_bytes()).is_some();
    format.signature().iter().all(|member| has(member))
}

/// Shapes of rows without a header, as Binance's older archives have them.
fn from_shape(fields: &[&[u8]]) -> Option<Format> {
    let digits =
        |at: usize| fields.get(at).is_some_and(|f| !f.is_empty() && f.iter().all(u8::is_ascii_digit));
    let epoch =
        |at: usize| fields.get(at).is_some_and(|field| liqlens_market::Timestamp::parse_epoch(field).is_ok());
    let number = |at: usize| fields.get(at).is_some_and(|f| liqlens_market::parse_rate(f).is_ok());
    let flag = |at: usize| {
        fields.get(at).is_some_and(|f| f.eq_ignore_ascii_case(b"true") || f.eq_ignore_ascii_case(b"false"))
    };
    let date = |at: usize| {
        fields.get(at).is_some_and(|f| f.len() >= 19 && f.get(4) == Some(&b'-') && f.get(13) == Some(&b':'))
    };
    let side = |at: usize| {
        fields.get(at).is_some_and(|f| f.eq_ignore_ascii_case(b"buy") || f.eq_ignore_ascii_case(b"sell"))
    };
    match fields.len() {
        7 if digits(0) && digits(3) && digits(4) && epoch(5) && flag(6) => Some(Format::AggTrades),
        6 if digits(0) && epoch(4) && flag(5) => Some(Format::Trades),
        6 if epoch(0) && (1..6).all(number) => Some(Format::Klines),
        12 if epoch(0) && (1..6).all(number) && epoch(6) => Some(Format::Klines),
        8 if date(0) && number(2) => Some(Format::Metrics),
        10 if epoch(0) && side(1) => Some(Format::LiquidationSnapshot),
        12 if side(1) && date(10) && date(11) => Some(Format::ForcedOrders),
        4 if date(0) && (1..4).all(number) => Some(Format::BookDepth),
        3 if epoch(0) && digits(1) && fields[1].len() <= 2 && number(2) => Some(Format::FundingRate),
        _ => None,
    }
}

fn other_delimiter(line: &[u8]) -> Option<char> {
    let count = |byte: u8| memchr::memchr_iter(byte, line).count();
    [';', '\t', '|'].into_iter().find(|&other| {
        let there = u8::try_from(other).map_or(0, count);
        there >= 1 && there > count(b',')
    })
}

fn looks_like_header(fields: &[&[u8]]) -> bool {
    fields.iter().all(|field| clean(field).first().is_none_or(u8::is_ascii_alphabetic))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_is_recognised_by_its_usual_header_and_read_back_by_name() {
        for format in Format::ALL {
            assert_eq!(format.id().parse(), Ok(format));
            let head = if format.is_json() {
                let members: Vec<_> = format.columns().iter().map(|name| format!("\"{name}\":1")).collect();
                format!("{{{}}}\n", members.join(","))
            } else {
                format.columns().join(",")
            };
            let got = recognise(head.as_bytes(), None).unwrap();
            assert_eq!(got.format, format);
            assert_eq!(got.header_line.is_some(), !format.is_json());
        }
        assert!("parquet".parse::<Format>().unwrap_err().to_string().contains("minute-feed"));
    }

    #[test]
    fn rows_without_a_header_are_recognised_past_a_damaged_one() {
        let cases: [(&[u8], Format); 5] = [
            (b"26129,9743.10,0.014,100,105,1591677567868,true", Format::AggTrades),
            (b"garbage\n5,9743.10,0.014,136.4,1591677567868,False\n", Format::Trades),
            (b"1757750400000,1,2,1,1,5,1757753999999,9,3,2,4,0", Format::Klines),
            (b"1687656471926,BUY,LIMIT,IOC,7,30741.3,30631.6,FILLED,6,7", Format::LiquidationSnapshot),
            (b"1764547200000,8,0.0000044913", Format::FundingRate),
        ];
        for (head, format) in cases {
            let got = recognise(head, None).unwrap();
            assert_eq!((got.format, got.header_line), (format, None));
        }
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        use Unrecognised as U;
        let refused = |head: &[u8]| recognise(head, None).unwrap_err();
        assert_eq!(refused(b"ts;rate\n1;2"), U::Delimiter(';'));
        assert_eq!(refused(b"open_time\topen\thigh"), U::Delimiter('\t'));
        assert_eq!(refused(b"<!DOCTYPE html>"), U::Markup);
        assert_eq!(refused(b"\xff\xfet\0s\0"), U::Utf16);
        assert_eq!(refused(b"PAR1\x15\0\x15"), U::Binary);
        assert_eq!(refused(b"[{\"ts\":1}]"), U::JsonDocument);
        assert_eq!(refused(b"name,age\nx,3"), U::Header("name,age".into()));
        assert_eq!(refused(b"1,2,3,4,5"), U::Shape("1,2,3,4,5".into()));
    }
}
