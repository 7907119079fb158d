//! Binance metrics: open interest and four long/short ratios every five minutes.
//!
//! `create_time` is text in UTC without an offset (documented so, hence no guess), and rows are not always
//! in time order. The ratios may be empty; open interest may not. The taker ratio covers the five minutes
//! that begin at the stamp, so it is known five minutes later; the others are states at the stamp.

use liqlens_market::{Event, EventBody, LongShortRatio, MarketId, RatioPopulation, Span};

use super::{JumpGuard, open_interest};
use crate::columns::{Column, Header, Splitter};
use crate::report::FileError;
use crate::row::{Decode, Outcome, Reason, RowError, Skip};
use crate::setting::Setting;

/// A ratio of longs to shorts beyond this (or below its inverse) is damage.
const RATIO_MAX: f64 = 1e6;

pub(crate) struct Metrics {
    splitter: Splitter,
    market: MarketId,
    jumps: JumpGuard,
    time: Column,
    symbol: Option<Column>,
    size: Column,
    value: Option<Column>,
    ratios: Vec<(Column, RatioPopulation)>,
}

impl Metrics {
    pub(crate) fn new(header: &Header, setting: &Setting<'_>) -> Result<Self, FileError> {
        let ratios = [
            ("count_long_short_ratio", RatioPopulation::AllAccounts),
            ("count_toptrader_long_short_ratio", RatioPopulation::TopAccounts),
            ("sum_toptrader_long_short_ratio", RatioPopulation::TopPositions),
            ("sum_taker_long_short_vol_ratio", RatioPopulation::TakerVolume),
        ];
        Ok(Self {
            splitter: Splitter::new(header),
            market: setting.market.clone(),
            jumps: JumpGuard::default(),
            time: setting.need(header, &["create_time"])?,
            symbol: header.find(&["symbol"]),
            size: setting.need(header, &["sum_open_interest"])?,
            value: header.find(&["sum_open_interest_value"]),
            ratios: ratios
                .into_iter()
                .filter_map(|(name, population)| Some((header.find(&[name])?, population)))
                .collect(),
        })
    }
}

/// Written where the venue had no figure, which for some ratios of 2022 was so for months.
fn absent(field: &[u8]) -> bool {
    field.is_empty() || field.eq_ignore_ascii_case(b"null")
}

impl Decode for Metrics {
    fn row<S: FnMut(Event)>(&mut self, line: &[u8], sink: &mut S) -> Result<Outcome, RowError> {
        let row = self.splitter.split(line)?;
        let ts = row.time_utc(self.time)?;
        if self.symbol.is_some_and(|column| row.clean(column) != self.market.symbol.as_str().as_bytes()) {
            return Ok(Outcome::Skipped(Skip::OtherSymbol));
        }
        let size = row.positive(self.size)?;
        let value = match self.value {
            Some(column) if !absent(row.clean(column)) => Some(row.positive(column)?),
            _ => None,
        };
        let mut ratios = [None; 4];
        for (slot, (column, population)) in ratios.iter_mut().zip(&self.ratios) {
            if absent(row.clean(*column)) {
                continue;
            }
            let ratio = row.rate(*column)?;
            if !(1.0 / RATIO_MAX..=RATIO_MAX).contains(&ratio) {
                return Err(RowError::new(column.name, Reason::OutOfRange));
            }
            *slot = Some(LongShortRatio { population: *population, ratio });
        }
        self.jumps.check(size, self.size.name)?;

        sink(Event::at(ts, open_interest(size, value, &self.market)));
        for ratio in ratios.into_iter().flatten() {
            let body = EventBody::LongShortRatio(ratio);
            let lag = match ratio.population {
                RatioPopulation::TakerVolume => Span::MINUTE.times(5),
                _ => Span::ZERO,
            };
            sink(Event { event_ts: ts, known_ts: ts + lag, body });
        }
        Ok(Outcome::at(ts))
    }
}
