//! Hyperliquid recordings, one JSON object a line: trades, asset context, book.
//!
//! Recordings carry no trade ids, and equal rows within a millisecond are usually separate fills, so none is
//! dropped. The book's first row is often there twice.

use liqlens_market::{
    Book, BookLevel, Event, EventBody, Funding, FundingKind, OpenInterest, Price, PriceUpdate, Size, Span,
    Taker, Timestamp, Trade, parse_rate,
};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::LastLine;
use super::json::{json, member};
use crate::row::{Decode, Outcome, Reason, RowError, Skip};

/// More levels on one side than any venue publishes (the deepest archives have 5,000).
const LEVELS_MAX: usize = 5_000;

#[derive(Deserialize)]
struct TradeRow<'a> {
    #[serde(borrow)]
    ts: &'a RawValue,
    #[serde(borrow)]
    px: &'a RawValue,
    #[serde(borrow)]
    sz: &'a RawValue,
    side: &'a str,
}

#[derive(Deserialize)]
struct ContextRow<'a> {
    #[serde(borrow)]
    ts: &'a RawValue,
    #[serde(borrow)]
    funding: &'a RawValue,
    #[serde(borrow)]
    oi: &'a RawValue,
    #[serde(borrow)]
    mark: &'a RawValue,
    #[serde(borrow)]
    oracle: &'a RawValue,
}

#[derive(Deserialize)]
struct BookRow<'a> {
    #[serde(borrow)]
    ts: &'a RawValue,
    #[serde(borrow)]
    bids: Vec<[&'a RawValue; 2]>,
    #[serde(borrow)]
    asks: Vec<[&'a RawValue; 2]>,
}

/// Trades: `{"ts":…,"px":…,"sz":…,"side":"B"}`; the side is the aggressor's, B buy and A sell.
pub(crate) struct Trades;

impl Decode for Trades {
    fn row<S: FnMut(Event)>(&mut self, line: &[u8], sink: &mut S) -> Result<Outcome, RowError> {
        let row: TradeRow<'_> = json("row", line)?;
        let ts = member("ts", row.ts, Timestamp::parse_epoch)?;
        let price = member("px", row.px, Price::parse)?;
        let size = member("sz", row.sz, Size::parse_positive)?;
        let taker = match row.side {
            "B" => Taker::Buy,
            "A" => Taker::Sell,
            _ => return Err(RowError::new("side", Reason::NotASide)),
        };
        sink(Event::at(ts, EventBody::Trade(Trade { id: None, price, size, taker })));
        Ok(Outcome::at(ts))
    }
}

/// Asset context: `{"ts":…,"funding":…,"oi":…,"mark":…,"oracle":…}`; the rate is for one hour.
pub(crate) struct Context;

impl Decode for Context {
    fn row<S: FnMut(Event)>(&mut self, line: &[u8], sink: &mut S) -> Result<Outcome, RowError> {
        let row: ContextRow<'_> = json("row", line)?;
        let ts = member("ts", row.ts, Timestamp::parse_epoch)?;
        let mark = member("mark", row.mark, Price::parse)?;
        let index = member("oracle", row.oracle, Price::parse)?;
        let size = member("oi", row.oi, Size::parse_positive)?;
        let rate = member("funding", row.funding, parse_rate)?;
        if rate.abs() >= super::FUNDING_RATE_MAX {
            return Err(RowError::new("funding", Reason::OutOfRange));
        }
        sink(Event::at(ts, EventBody::Price(PriceUpdate { mark, index: Some(index) })));
        sink(Event::at(ts, EventBody::OpenInterest(OpenInterest { size, value: None })));
        let funding = Funding { rate, interval: Span::HOUR, kind: FundingKind::Predicted };
        sink(Event::at(ts, EventBody::Funding(funding)));
        Ok(Outcome::at(ts))
    }
}

/// Books: `{"ts":…,"bids":[[price,size],…],"asks":[…]}`, best first.
#[derive(Default)]
pub(crate) struct Books {
    last: LastLine,
}

impl Decode for Books {
    fn row<S: FnMut(Event)>(&mut self, line: &[u8], sink: &mut S) -> Result<Outcome, RowError> {
        let row: BookRow<'_> = json("row", line)?;
        let ts = member("ts", row.ts, Timestamp::parse_epoch)?;
        let bids = levels("bids", &row.bids, |better, worse| better > worse)?;
        let asks = levels("asks", &row.asks, |better, worse| better < worse)?;
        match (bids.first(), asks.first()) {
            (Some(bid), Some(ask)) if bid.price >= ask.price => {
                return Err(RowError::new("row", Reason::Crossed));
            }
            (None, None) => return Err(RowError::new("row", Reason::NoLevels)),
            _ => {}
        }
        if self.last.repeats(line) {
            return Ok(Outcome::Skipped(Skip::Duplicate));
        }
        sink(Event::at(ts, EventBody::Book(Box::new(Book::Levels { bids, asks }))));
        Ok(Outcome::at(ts))
    }
}

fn levels(
    name: &'static str,
    raw: &[[&RawValue; 2]],
    in_order: impl Fn(Price, Price) -> bool,
) -> Result<Vec<BookLevel>, RowError> {
    if raw.len() > LEVELS_MAX {
        return Err(RowError::new(name, Reason::TooManyLevels));
    }
    let mut levels: Vec<BookLevel> = Vec::with_capacity(raw.len());
    for [price, size] in raw {
        let level = BookLevel {
            price: member(name, price, Price::parse)?,
            size: member(name, size, Size::parse_positive)?,
        };
        if levels.last().is_some_and(|better| !in_order(better.price, level.price)) {
            return Err(RowError::new(name, Reason::UnsortedLevels));
        }
        levels.push(level);
    }
    Ok(levels)
}
