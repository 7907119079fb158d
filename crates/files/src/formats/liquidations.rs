//! Liquidations one by one, in a layout of liqlens's own: the archives of venues hold them as a sample, or
//! without the moment they became known, and say nowhere how complete they are.
//!
//! Times are epoch numbers, the side is that of the position. A price that was not published is empty.
//! Equal rows are separate facts and none is dropped: two positions may be closed alike at one moment.

use liqlens_market::{Completeness, Event, EventBody, Liquidation, Price, Side};

use crate::columns::{Column, Fields, Header, Splitter};
use crate::report::FileError;
use crate::row::{Decode, Outcome, Reason, RowError};
use crate::setting::Setting;

pub(crate) struct Liquidations {
    splitter: Splitter,
    happened: Column,
    known: Column,
    side: Column,
    size: Column,
    order_price: Column,
    fill_price: Column,
    completeness: Column,
}

impl Liquidations {
    pub(crate) fn new(header: &Header, setting: &Setting<'_>) -> Result<Self, FileError> {
        Ok(Self {
            splitter: Splitter::new(header),
            happened: setting.need(header, &["event_time"])?,
            known: setting.need(header, &["known_time"])?,
            side: setting.need(header, &["position_side"])?,
            size: setting.need(header, &["size"])?,
            order_price: setting.need(header, &["order_price"])?,
            fill_price: setting.need(header, &["fill_price"])?,
            completeness: setting.need(header, &["completeness"])?,
        })
    }
}

impl Decode for Liquidations {
    fn row<S: FnMut(Event)>(&mut self, line: &[u8], sink: &mut S) -> Result<Outcome, RowError> {
        let row = self.splitter.split(line)?;
        let event_ts = row.epoch(self.happened)?;
        let known_ts = row.epoch(self.known)?;
        if known_ts < event_ts {
            return Err(RowError::new(self.known.name, Reason::KnownTooEarly));
        }
        let text = row.clean(self.side);
        let side = Side::BOTH
            .into_iter()
            .find(|side| text.eq_ignore_ascii_case(side.to_string().as_bytes()))
            .ok_or(RowError::new(self.side.name, Reason::NotAPositionSide))?;
        let completeness = match row.clean(self.completeness) {
            b"full" => Completeness::Full,
            b"floor" => Completeness::Floor,
            _ => return Err(RowError::new(self.completeness.name, Reason::NotACompleteness)),
        };
        let liquidation = Liquidation {
            side,
            size: row.positive(self.size)?,
            order_price: published(&row, self.order_price)?,
            fill_price: published(&row, self.fill_price)?,
            completeness,
        };
        sink(Event { event_ts, known_ts, body: EventBody::Liquidation(liquidation) });
        Ok(Outcome::Accepted { event_ts, known_ts })
    }
}

/// A price, if there is one.
fn published(row: &Fields<'_>, column: Column) -> Result<Option<Price>, RowError> {
    if row.clean(column).is_empty() { Ok(None) } else { row.price(column).map(Some) }
}
