//! Binance cumulative depth: how much rests within ±0.2 … ±5 % of mid, one row per band. The rows of one
//! moment become one book. `timestamp` is text in UTC without an offset, documented so.
//!
//! The archive has known defects that rows alone do not show: values that lag the mark price (issue 431 of
//! binance/binance-public-data) and inner ask bands frozen since 2026-09-03 (issue 496).

use liqlens_market::{Book, BookBand, Event, EventBody, Timestamp};

use crate::columns::{Column, Header, Splitter};
use crate::report::FileError;
use crate::row::{Decode, Outcome, Reason, RowError};
use crate::setting::Setting;

/// More bands at one moment than any archive has (12): bounds the group held back.
const BANDS_MAX: usize = 200;

pub(crate) struct BookDepth {
    splitter: Splitter,
    time: Column,
    percent: Column,
    size: Column,
    value: Column,
    group: Vec<BookBand>,
    group_ts: Option<Timestamp>,
}

impl BookDepth {
    pub(crate) fn new(header: &Header, setting: &Setting<'_>) -> Result<Self, FileError> {
        Ok(Self {
            splitter: Splitter::new(header),
            time: setting.need(header, &["timestamp"])?,
            percent: setting.need(header, &["percentage"])?,
            size: setting.need(header, &["depth"])?,
            value: setting.need(header, &["notional"])?,
            group: Vec::new(),
            group_ts: None,
        })
    }

    fn hand_out<S: FnMut(Event)>(&mut self, sink: &mut S) {
        if let Some(ts) = self.group_ts.take() {
            let mut bands = core::mem::take(&mut self.group);
            bands.sort_by(|a, b| a.percent.total_cmp(&b.percent));
            sink(Event::at(ts, EventBody::Book(Box::new(Book::Bands(bands)))));
        }
    }
}

impl Decode for BookDepth {
    fn row<S: FnMut(Event)>(&mut self, line: &[u8], sink: &mut S) -> Result<Outcome, RowError> {
        let row = self.splitter.split(line)?;
        let ts = row.time_utc(self.time)?;
        let percent = row.rate(self.percent)?;
        if percent == 0.0 || percent.abs() > 100.0 {
            return Err(RowError::new(self.percent.name, Reason::OutOfRange));
        }
        let band = BookBand { percent, size: row.size(self.size)?, value: row.size(self.value)? };
        if self.group_ts != Some(ts) {
            self.hand_out(sink);
        } else if self.group.iter().any(|other| other.percent == percent) {
            return Err(RowError::new(self.percent.name, Reason::RepeatedBand));
        } else if self.group.len() >= BANDS_MAX {
            return Err(RowError::new(self.percent.name, Reason::TooManyLevels));
        }
        self.group_ts = Some(ts);
        self.group.push(band);
        Ok(Outcome::at(ts))
    }

    fn finish<S: FnMut(Event)>(&mut self, sink: &mut S) {
        self.hand_out(sink);
    }
}
