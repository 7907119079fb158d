//! Binance aggregate trades: the fills of one taker order at one price, as one row.

use liqlens_market::{Event, EventBody, Taker, Trade};

use crate::columns::{Column, Header, Splitter};
use crate::report::FileError;
use crate::row::{Decode, IdCheck, Outcome, RowError, Skip};
use crate::setting::Setting;

pub(crate) struct AggTrades {
    splitter: Splitter,
    pub(crate) ids: IdCheck,
    id: Column,
    price: Column,
    size: Column,
    time: Column,
    buyer_is_maker: Column,
}

impl AggTrades {
    pub(crate) fn new(header: &Header, setting: &Setting<'_>) -> Result<Self, FileError> {
        Self::with_names(header, setting, "agg_trade_id", "quantity", "transact_time")
    }

    /// Single trades differ from aggregates in three names only.
    pub(super) fn with_names(
        header: &Header,
        setting: &Setting<'_>,
        id: &'static str,
        size: &'static str,
        time: &'static str,
    ) -> Result<Self, FileError> {
        Ok(Self {
            splitter: Splitter::new(header),
            ids: IdCheck::default(),
            id: setting.need(header, &[id])?,
            price: setting.need(header, &["price"])?,
            size: setting.need(header, &[size])?,
            time: setting.need(header, &[time])?,
            buyer_is_maker: setting.need(header, &["is_buyer_maker"])?,
        })
    }
}

impl Decode for AggTrades {
    #[inline]
    fn row<S: FnMut(Event)>(&mut self, line: &[u8], sink: &mut S) -> Result<Outcome, RowError> {
        let row = self.splitter.split(line)?;
        let id = row.integer(self.id)?;
        let ts = row.epoch(self.time)?;
        // Where the buyer rested, the seller crossed the spread.
        let taker = if row.flag(self.buyer_is_maker)? { Taker::Sell } else { Taker::Buy };
        let trade =
            Trade { id: Some(id), price: row.price(self.price)?, size: row.positive(self.size)?, taker };
        if !self.ids.next(id) {
            return Ok(Outcome::Skipped(Skip::Duplicate));
        }
        sink(Event::at(ts, EventBody::Trade(trade)));
        Ok(Outcome::at(ts))
    }

    fn ids(&self) -> IdCheck {
        self.ids
    }
}
