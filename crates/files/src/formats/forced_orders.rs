//! A recording of Binance's forced-order stream: one order a row, times with a +05:30 offset.

use liqlens_market::{Event, MarketId, Side};

use super::{LastLine, liquidation};
use crate::columns::{Column, Header, Splitter};
use crate::report::FileError;
use crate::row::{Decode, Outcome, RowError, Skip};
use crate::setting::Setting;

pub(crate) struct ForcedOrders {
    splitter: Splitter,
    market: MarketId,
    last: LastLine,
    symbol: Column,
    side: Column,
    price: Column,
    average_price: Column,
    filled: Column,
    sent: Column,
    traded: Column,
}

impl ForcedOrders {
    pub(crate) fn new(header: &Header, setting: &Setting<'_>) -> Result<Self, FileError> {
        Ok(Self {
            splitter: Splitter::new(header),
            market: setting.market.clone(),
            last: LastLine::default(),
            symbol: setting.need(header, &["symbol"])?,
            side: setting.need(header, &["side"])?,
            price: setting.need(header, &["price"])?,
            average_price: setting.need(header, &["average_price"])?,
            filled: setting.need(header, &["filled_quantity"])?,
            sent: setting.need(header, &["event_time_ist"])?,
            traded: setting.need(header, &["trade_time_ist"])?,
        })
    }
}

impl Decode for ForcedOrders {
    fn row<S: FnMut(Event)>(&mut self, line: &[u8], sink: &mut S) -> Result<Outcome, RowError> {
        let row = self.splitter.split(line)?;
        let event_ts = row.time_with_offset(self.traded)?;
        if row.clean(self.symbol) != self.market.symbol.as_str().as_bytes() {
            return Ok(Outcome::Skipped(Skip::OtherSymbol));
        }
        let side = Side::closed_by(row.order_side(self.side)?);
        let size = row.positive(self.filled)?;
        let order_price = row.price(self.price)?;
        let fill_price = row.price(self.average_price)?;
        // Sent out after the trade; a clock that says otherwise must not make it known before it happened.
        let known_ts = row.time_with_offset(self.sent)?.max(event_ts);
        if self.last.repeats(line) {
            return Ok(Outcome::Skipped(Skip::Duplicate));
        }
        let body = liquidation(side, size, Some(order_price), Some(fill_price));
        sink(Event { event_ts, known_ts, body });
        Ok(Outcome::Accepted { event_ts, known_ts })
    }
}
