//! Settled funding: the plain history `ts,rate` of an eight-hourly market, and Binance's archive, which
//! states the interval in each row. A file in the archive's layout may add a column `kind`, settled or
//! predicted: the archive itself holds no predictions.

use liqlens_market::{Event, EventBody, Funding, FundingKind, Span};

use super::funding_rate;
use crate::columns::{Column, Header, Splitter};
use crate::report::FileError;
use crate::row::{Decode, Outcome, Reason, RowError};
use crate::setting::Setting;

pub(crate) struct FundingRows {
    splitter: Splitter,
    time: Column,
    hours: Option<Column>,
    kind: Option<Column>,
    rate: Column,
}

impl FundingRows {
    /// `ts,rate`, every eight hours.
    pub(crate) fn history(header: &Header, setting: &Setting<'_>) -> Result<Self, FileError> {
        Ok(Self {
            splitter: Splitter::new(header),
            time: setting.need(header, &["ts"])?,
            hours: None,
            kind: None,
            rate: setting.need(header, &["rate"])?,
        })
    }

    /// `calc_time,funding_interval_hours,last_funding_rate`, perhaps with a `kind`.
    pub(crate) fn archive(header: &Header, setting: &Setting<'_>) -> Result<Self, FileError> {
        Ok(Self {
            splitter: Splitter::new(header),
            time: setting.need(header, &["calc_time"])?,
            hours: Some(setting.need(header, &["funding_interval_hours"])?),
            kind: header.find(&["kind"]),
            rate: setting.need(header, &["last_funding_rate"])?,
        })
    }
}

impl Decode for FundingRows {
    fn row<S: FnMut(Event)>(&mut self, line: &[u8], sink: &mut S) -> Result<Outcome, RowError> {
        let row = self.splitter.split(line)?;
        let ts = row.epoch(self.time)?;
        let hours = match self.hours {
            Some(column) => i64::try_from(row.integer(column)?)
                .ok()
                .filter(|hours| (1..=24).contains(hours))
                .ok_or(RowError::new(column.name, Reason::OutOfRange))?,
            None => 8,
        };
        let rate = funding_rate(&row, self.rate)?;
        let kind = match self.kind.map(|column| (column.name, row.clean(column))) {
            None | Some((_, b"settled")) => FundingKind::Settled,
            Some((_, b"predicted")) => FundingKind::Predicted,
            Some((name, _)) => return Err(RowError::new(name, Reason::NotAFundingKind)),
        };
        let funding = Funding { rate, interval: Span::HOUR.times(hours), kind };
        sink(Event::at(ts, EventBody::Funding(funding)));
        Ok(Outcome::at(ts))
    }
}
