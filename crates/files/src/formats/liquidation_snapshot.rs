//! Binance COIN-M forced orders as the archive holds them (2023-06 to 2024-10). The archive repeats many
//! rows exactly; since at most one order a second was published, an exact repeat is the same order.

use liqlens_market::{Event, Side};

use super::{LastLine, liquidation};
use crate::columns::{Column, Header, Splitter};
use crate::report::FileError;
use crate::row::{Decode, Outcome, RowError, Skip};
use crate::setting::Setting;

pub(crate) struct Snapshot {
    splitter: Splitter,
    last: LastLine,
    time: Column,
    side: Column,
    price: Column,
    average_price: Column,
    filled: Column,
}

impl Snapshot {
    pub(crate) fn new(header: &Header, setting: &Setting<'_>) -> Result<Self, FileError> {
        Ok(Self {
            splitter: Splitter::new(header),
            last: LastLine::default(),
            time: setting.need(header, &["time"])?,
            side: setting.need(header, &["side"])?,
            price: setting.need(header, &["price"])?,
            average_price: setting.need(header, &["average_price"])?,
            filled: setting.need(header, &["accumulated_fill_quantity"])?,
        })
    }
}

impl Decode for Snapshot {
    fn row<S: FnMut(Event)>(&mut self, line: &[u8], sink: &mut S) -> Result<Outcome, RowError> {
        let row = self.splitter.split(line)?;
        let ts = row.epoch(self.time)?;
        let side = Side::closed_by(row.order_side(self.side)?);
        let size = row.positive(self.filled)?;
        let order_price = row.price(self.price)?;
        let fill_price = row.price(self.average_price)?;
        if self.last.repeats(line) {
            return Ok(Outcome::Skipped(Skip::Duplicate));
        }
        sink(Event::at(ts, liquidation(side, size, Some(order_price), Some(fill_price))));
        Ok(Outcome::at(ts))
    }
}
