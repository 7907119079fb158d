//! Open-interest history: time, open interest in coin, its value in quote currency.

use liqlens_market::{Event, MarketId};

use super::{JumpGuard, open_interest};
use crate::columns::{Column, Header, Splitter};
use crate::report::FileError;
use crate::row::{Decode, Outcome, RowError};
use crate::setting::Setting;

pub(crate) struct OpenInterestRows {
    splitter: Splitter,
    market: MarketId,
    jumps: JumpGuard,
    time: Column,
    size: Column,
    value: Option<Column>,
}

impl OpenInterestRows {
    pub(crate) fn new(header: &Header, setting: &Setting<'_>) -> Result<Self, FileError> {
        Ok(Self {
            splitter: Splitter::new(header),
            market: setting.market.clone(),
            jumps: JumpGuard::default(),
            time: setting.need(header, &["t"])?,
            size: setting.need(header, &["oi"])?,
            value: header.find(&["oi_usd"]),
        })
    }
}

impl Decode for OpenInterestRows {
    fn row<S: FnMut(Event)>(&mut self, line: &[u8], sink: &mut S) -> Result<Outcome, RowError> {
        let row = self.splitter.split(line)?;
        let ts = row.epoch(self.time)?;
        let size = row.positive(self.size)?;
        let value = self.value.map(|column| row.positive(column)).transpose()?;
        self.jumps.check(size, self.size.name)?;
        sink(Event::at(ts, open_interest(size, value, &self.market)));
        Ok(Outcome::at(ts))
    }
}
