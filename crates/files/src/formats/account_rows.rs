//! Fills and transfers of named accounts, as Hyperliquid published them for its first months: comma-separated,
//! in whole seconds and without ids, so equal rows are separate facts and none is dropped.

use liqlens_market::{AccountFill, AccountName, AccountTransfer, Amount, Event, EventBody, Taker};

use crate::columns::{Column, Fields, Header, Splitter};
use crate::formats::json::symbol;
use crate::report::FileError;
use crate::row::{Decode, Outcome, Reason, RowError};
use crate::setting::Setting;

/// Fills: `time,user,coin,side,px,sz,crossed`. The side is the account's own: `Bid` bought, `Ask` sold.
pub(crate) struct Fills {
    splitter: Splitter,
    time: Column,
    user: Column,
    coin: Column,
    side: Column,
    price: Column,
    size: Column,
    crossed: Column,
}

impl Fills {
    pub(crate) fn new(header: &Header, setting: &Setting<'_>) -> Result<Self, FileError> {
        Ok(Self {
            splitter: Splitter::new(header),
            time: setting.need(header, &["time"])?,
            user: setting.need(header, &["user"])?,
            coin: setting.need(header, &["coin"])?,
            side: setting.need(header, &["side"])?,
            price: setting.need(header, &["px"])?,
            size: setting.need(header, &["sz"])?,
            crossed: setting.need(header, &["crossed"])?,
        })
    }
}

impl Decode for Fills {
    fn row<S: FnMut(Event)>(&mut self, line: &[u8], sink: &mut S) -> Result<Outcome, RowError> {
        let row = self.splitter.split(line)?;
        let ts = row.time_with_offset(self.time)?;
        let coin = core::str::from_utf8(row.clean(self.coin));
        let side = match row.clean(self.side) {
            b"Bid" => Taker::Buy,
            b"Ask" => Taker::Sell,
            _ => return Err(RowError::new(self.side.name, Reason::NotASide)),
        };
        let fill = AccountFill {
            account: account(&row, self.user)?,
            symbol: symbol(self.coin.name, coin.unwrap_or_default())?,
            side,
            crossed: row.flag(self.crossed)?,
            price: row.price(self.price)?,
            size: row.positive(self.size)?,
        };
        sink(Event::at(ts, EventBody::AccountFill(Box::new(fill))));
        Ok(Outcome::at(ts))
    }
}

/// Deposits (positive) and withdrawals (negative): `time,user,delta_usd`.
pub(crate) struct Ledger {
    splitter: Splitter,
    time: Column,
    user: Column,
    delta: Column,
}

impl Ledger {
    pub(crate) fn new(header: &Header, setting: &Setting<'_>) -> Result<Self, FileError> {
        Ok(Self {
            splitter: Splitter::new(header),
            time: setting.need(header, &["time"])?,
            user: setting.need(header, &["user"])?,
            delta: setting.need(header, &["delta_usd"])?,
        })
    }
}

impl Decode for Ledger {
    fn row<S: FnMut(Event)>(&mut self, line: &[u8], sink: &mut S) -> Result<Outcome, RowError> {
        let row = self.splitter.split(line)?;
        let ts = row.time_with_offset(self.time)?;
        let amount = Amount::parse(row.clean(self.delta))
            .map_err(|error| RowError::new(self.delta.name, error.into()))?;
        let transfer = AccountTransfer { account: account(&row, self.user)?, amount };
        sink(Event::at(ts, EventBody::AccountTransfer(Box::new(transfer))));
        Ok(Outcome::at(ts))
    }
}

fn account(row: &Fields<'_>, column: Column) -> Result<AccountName, RowError> {
    let text = core::str::from_utf8(row.clean(column)).unwrap_or_default();
    super::accounts::account(column.name, text)
}
