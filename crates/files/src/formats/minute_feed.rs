//! The one-minute feed: a candle with taker split, open interest, predicted funding and the liquidated
//! quantities of one minute in one row.
//!
//! `Timestamp` is the END of the minute: shifted back by one minute, the hours agree with the exchange's
//! own candles. Everything in the row is known at that end. Rows marked `IsSynthetic` were filled in with
//! zero prices where the recorder was down; they are no observation and are skipped.

use liqlens_market::{Bar, BarSource, Event, EventBody, Funding, FundingKind, MarketId, Side, Size, Span};

use super::{JumpGuard, funding_rate, liquidation, open_interest};
use crate::columns::{Column, Header, Splitter};
use crate::report::FileError;
use crate::row::{Decode, Outcome, RowError, Skip};
use crate::setting::Setting;

pub(crate) struct MinuteFeed {
    splitter: Splitter,
    market: MarketId,
    length: Span,
    jumps: JumpGuard,
    timestamp: Column,
    open: Column,
    high: Column,
    low: Column,
    close: Column,
    volume: Column,
    taker_buy: Column,
    open_interest: Column,
    funding: Column,
    forced_buys: Column,
    forced_sells: Column,
    synthetic: Option<Column>,
}

impl MinuteFeed {
    pub(crate) fn new(header: &Header, setting: &Setting<'_>) -> Result<Self, FileError> {
        Ok(Self {
            splitter: Splitter::new(header),
            market: setting.market.clone(),
            length: Span::MINUTE,
            jumps: JumpGuard::default(),
            timestamp: setting.need(header, &["timestamp"])?,
            open: setting.need(header, &["open"])?,
            high: setting.need(header, &["high"])?,
            low: setting.need(header, &["low"])?,
            close: setting.need(header, &["close"])?,
            volume: setting.need(header, &["volume"])?,
            taker_buy: setting.need(header, &["buyqty"])?,
            open_interest: setting.need(header, &["openinterest"])?,
            funding: setting.need(header, &["fundingrate"])?,
            forced_buys: setting.need(header, &["liqbuyqty"])?,
            forced_sells: setting.need(header, &["liqsellqty"])?,
            synthetic: header.find(&["issynthetic"]),
        })
    }
}

impl Decode for MinuteFeed {
    fn row<S: FnMut(Event)>(&mut self, line: &[u8], sink: &mut S) -> Result<Outcome, RowError> {
        let row = self.splitter.split(line)?;
        if let Some(column) = self.synthetic
            && row.integer(column)? != 0
        {
            return Ok(Outcome::Skipped(Skip::Synthetic));
        }
        let end = row.time_with_offset(self.timestamp)?;
        let bar = Bar {
            source: BarSource::Trades,
            length: self.length,
            open: row.price(self.open)?,
            high: row.price(self.high)?,
            low: row.price(self.low)?,
            close: row.price(self.close)?,
            volume: row.size(self.volume)?,
            taker_buy: Some(row.size(self.taker_buy)?),
        }
        .checked()
        .map_err(|error| RowError::new("row", error.into()))?;
        let rate = funding_rate(&row, self.funding)?;
        // A forced BUY closes shorts, a forced SELL closes longs.
        let shorts = row.size(self.forced_buys)?;
        let longs = row.size(self.forced_sells)?;
        let size = row.positive(self.open_interest)?;
        self.jumps.check(size, self.open_interest.name)?;

        sink(Event::at(end, open_interest(size, None, &self.market)));
        let funding = Funding { rate, interval: Span::HOUR.times(8), kind: FundingKind::Predicted };
        sink(Event::at(end, EventBody::Funding(funding)));
        // The minute's sum happened during the minute, and its start is what a period's event is dated by.
        let start = end - self.length;
        for (side, size) in [(Side::Long, longs), (Side::Short, shorts)] {
            if size > Size::ZERO {
                sink(Event { event_ts: start, known_ts: end, body: liquidation(side, size, None, None) });
            }
        }
        sink(Event::bar(start, bar));
        Ok(Outcome::Accepted { event_ts: start, known_ts: end })
    }
}
