//! Candles, stamped with the START of their period: Binance's twelve columns, with or without a header,
//! of traded, mark or index prices, and the shorter lists other programs keep of them.
//!
//! Mark and index candles look exactly like traded ones in Binance's archive (same file name, volume 0);
//! only the folder tells them apart. When it is gone and the candles move without volume, the reader asks
//! rather than feed an index to a model that expects trades.

use liqlens_market::{Bar, BarSource, Event, Size, Span, Timestamp};

use crate::columns::{Column, Header, Splitter};
use crate::format::KLINE_TIMES;
use crate::report::FileError;
use crate::row::{Decode, Outcome, Reason, RowError};
use crate::setting::Setting;

pub(crate) struct Klines {
    splitter: Splitter,
    length: Span,
    source: BarSource,
    start: Column,
    open: Column,
    high: Column,
    low: Column,
    close: Column,
    volume: Column,
    end: Option<Column>,
    taker_buy: Option<Column>,
}

impl Klines {
    pub(crate) fn new(header: &Header, setting: &Setting<'_>) -> Result<Self, FileError> {
        let name = || setting.name.to_owned();
        if setting.hints.premium_index && setting.options.bar_source.is_none() {
            return Err(FileError::PremiumIndex { name: name() });
        }
        let start = setting.need(header, &KLINE_TIMES)?;
        let volume = setting.need(header, &["volume"])?;
        let high = setting.need(header, &["high"])?;
        let low = setting.need(header, &["low"])?;
        let end = header.find(&["close_time"]);
        let length = setting
            .options
            .interval
            .or(setting.hints.interval)
            .or_else(|| length_in_rows(header, setting, start, end))
            .ok_or_else(|| FileError::IntervalUnknown { name: name() })?;
        let source = match setting.options.bar_source.or(setting.hints.bar_source) {
            Some(source) => source,
            None if move_without_volume(header, setting, volume, high, low) => {
                return Err(FileError::BarSourceUnknown { name: name() });
            }
            None => BarSource::Trades,
        };
        Ok(Self {
            splitter: Splitter::new(header),
            length,
            source,
            start,
            open: setting.need(header, &["open"])?,
            high,
            low,
            close: setting.need(header, &["close"])?,
            volume,
            end,
            // Base coin or contracts in either margin system; its quote twin has another name.
            taker_buy: header
                .find(&["taker_buy_volume", "taker_buy_base_asset_volume", "taker_buy_base_volume"])
                .filter(|_| source == BarSource::Trades),
        })
    }
}

/// The candle length as the first rows have it: from their end, else from the most frequent spacing.
fn length_in_rows(
    header: &Header,
    setting: &Setting<'_>,
    start: Column,
    end: Option<Column>,
) -> Option<Span> {
    let mut lengths: Vec<Span> = Vec::new();
    let mut last: Option<Timestamp> = None;
    setting.each_row(header, |row| {
        let Ok(from) = row.epoch(start) else { return };
        let to = end.and_then(|column| row.epoch(column).ok());
        if let Some(to) = to {
            // Ends are inclusive, one millisecond or microsecond before the next start.
            lengths.push(round_up_to_second(to - from));
        } else if let Some(last) = last {
            lengths.push(from - last);
        }
        last = Some(from);
    });
    let count = |length: Span| lengths.iter().filter(|&&other| other == length).count();
    let length = lengths.iter().copied().max_by_key(|&length| (count(length), core::cmp::Reverse(length)))?;
    (length > Span::ZERO && length <= Span::DAY.times(7) && length.nanos() % Span::SECOND.nanos() == 0)
        .then_some(length)
}

fn round_up_to_second(span: Span) -> Span {
    let second = Span::SECOND.nanos();
    Span::from_nanos(span.nanos().saturating_add(second - 1).div_euclid(second).saturating_mul(second))
}

/// Whether the first rows are candles that move and have no volume, all of them.
fn move_without_volume(
    header: &Header,
    setting: &Setting<'_>,
    volume: Column,
    high: Column,
    low: Column,
) -> bool {
    let (mut moved, mut traded) = (false, false);
    setting.each_row(header, |row| {
        traded |= row.size(volume).is_ok_and(|volume| volume > Size::ZERO);
        moved |= matches!((row.price(high), row.price(low)), (Ok(high), Ok(low)) if high > low);
    });
    moved && !traded
}

impl Decode for Klines {
    fn row<S: FnMut(Event)>(&mut self, line: &[u8], sink: &mut S) -> Result<Outcome, RowError> {
        let row = self.splitter.split(line)?;
        let start = row.epoch(self.start)?;
        if let Some(column) = self.end {
            let last = row.epoch(column)?;
            // The last millisecond (or microsecond) of the period; some programs write its end instead.
            let short_by = (start + self.length) - last;
            if !(Span::ZERO..=Span::from_nanos(1_000_000)).contains(&short_by) {
                return Err(RowError::new(column.name, Reason::NotThePeriod));
            }
        }
        let volume = row.size(self.volume)?;
        let bar = Bar {
            source: self.source,
            length: self.length,
            open: row.price(self.open)?,
            high: row.price(self.high)?,
            low: row.price(self.low)?,
            close: row.price(self.close)?,
            volume: if self.source == BarSource::Trades { volume } else { Size::ZERO },
            taker_buy: self.taker_buy.map(|column| row.size(column)).transpose()?,
        }
        .checked()
        .map_err(|error| RowError::new("row", error.into()))?;
        let event = Event::bar(start, bar);
        let known_ts = event.known_ts;
        sink(event);
        Ok(Outcome::Accepted { event_ts: start, known_ts })
    }
}
