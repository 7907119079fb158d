//! `price/1`: what was traded, as candles.
//!
//! As in the fold, a bar counts where nothing finer did: trades own the minutes they fall into, and of a bar that
//! finer data cover in part only the rest is used. So every trade is in one candle, once.

use core::ops::ControlFlow;
use std::collections::VecDeque;

use liqlens_market::{
    Bar, BarSource, Event, EventBody, Price, Size, Span, Timestamp, Trade, TradeRun, UNITS_PER_ONE,
};

use super::holes::Unknown;
use super::{Fineness, Reader, SeriesAsk, SeriesError, read, steps};
use crate::document::{Candle, PriceSeries, PriceText};
use crate::replay::IntoLog;

/// Trades own the minutes they fall into.
const TRADE_PIECE: Span = Span::MINUTE;
/// How far back pieces are remembered, to subtract them from a bar that covers them.
const REMEMBERED: Span = Span::DAY;
/// Most pieces remembered: a day of seconds.
const MOST_REMEMBERED: usize = 86_400;

/// The candles that overlap the time from `from` to `to`.
///
/// The log has to begin at least the longest bar before `from`, so that what a bar covers is known.
pub fn price(log: impl IntoLog, ask: &SeriesAsk<'_>, fineness: Fineness) -> Result<PriceSeries, SeriesError> {
    let until = ask.until()?;
    // One more candle may reach in from before.
    let most = fineness.max_points.saturating_sub(1);
    let chosen = steps::choose(fineness, most, ask.from, until)?;
    let mut reader = Candles::new(ask.from, chosen.step);
    read(log, until, &mut reader);
    reader.close_minute();
    Ok(PriceSeries {
        head: ask.head(PriceSeries::SCHEMA),
        step_s: chosen.step.seconds(),
        finer_step_s: chosen.finer.map(Span::seconds),
        gaps: reader
            .unknown
            .finish(until)?
            .into_iter()
            .map(|(from, to)| [from.to_string(), to.to_string()])
            .collect(),
        candles: reader.list.into_iter().map(Piece::document).collect(),
    })
}

/// What was traded in a stretch of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Piece {
    start: Timestamp,
    end: Timestamp,
    open: Price,
    high: Price,
    low: Price,
    close: Price,
    /// In units of 1e-8, so that sums are exact.
    volume: i128,
}

impl Piece {
    fn add(&mut self, other: &Self) {
        self.end = self.end.max(other.end);
        self.high = self.high.max(other.high);
        self.low = self.low.min(other.low);
        self.close = other.close;
        self.volume += other.volume;
    }

    fn document(self) -> Candle {
        Candle {
            start: self.start.to_string(),
            end: self.end.to_string(),
            open: PriceText::exact(self.open),
            high: PriceText::exact(self.high),
            low: PriceText::exact(self.low),
            close: PriceText::exact(self.close),
            volume: Some(self.volume as f64 / UNITS_PER_ONE as f64),
        }
    }
}

/// Candles under construction.
struct Candles {
    /// First moment asked for.
    from: Timestamp,
    step: Span,
    list: Vec<Piece>,
    unknown: Unknown,
    /// End of what was counted.
    covered: Option<Timestamp>,
    /// The part of it that bars told: trades before that are in them.
    told_by_bars: Option<Timestamp>,
    minute: Option<Minute>,
    remembered: VecDeque<Piece>,
}

/// The minute that trades are falling into.
struct Minute {
    whole: Piece,
    /// By candle.
    parts: Vec<Piece>,
    /// Time of the newest trade.
    newest: Timestamp,
}

impl Candles {
    fn new(from: Timestamp, step: Span) -> Self {
        Self {
            from,
            step,
            list: Vec::new(),
            unknown: Unknown::new(from),
            covered: None,
            told_by_bars: None,
            minute: None,
            remembered: VecDeque::new(),
        }
    }

    /// Ends the running minute if it is over.
    fn know(&mut self, known_ts: Timestamp) {
        if self.minute.as_ref().is_some_and(|minute| known_ts >= minute.whole.end) {
            self.close_minute();
        }
    }

    fn trade(&mut self, ts: Timestamp, known_ts: Timestamp, price: Price, size: Size) {
        self.know(known_ts);
        if self.told_by_bars.is_some_and(|told| ts < told) {
            return;
        }
        // One that comes late counts as if it had happened now.
        let newest = self.minute.as_ref().map(|minute| minute.newest);
        let ts = ts.max(newest.or(self.covered).unwrap_or(ts));
        if self.minute.as_ref().is_some_and(|minute| ts >= minute.whole.end) {
            self.close_minute();
        }
        let volume = i128::from(size.units());
        let trade = Piece { start: ts, end: ts, open: price, high: price, low: price, close: price, volume };
        let Some(minute) = &mut self.minute else {
            let start = ts.floor(TRADE_PIECE);
            let whole =
                Piece { start: start.max(self.covered.unwrap_or(start)), end: start + TRADE_PIECE, ..trade };
            self.minute = Some(Minute { whole, parts: vec![trade], newest: ts });
            return;
        };
        minute.newest = ts;
        minute.whole.add(&trade);
        match minute.parts.last_mut() {
            Some(part) if part.start.floor(self.step) == ts.floor(self.step) => part.add(&trade),
            _ => minute.parts.push(trade),
        }
    }

    fn close_minute(&mut self) {
        let Some(Minute { whole, parts, .. }) = self.minute.take() else { return };
        self.unknown.trades(whole.start, whole.end);
        self.remember(whole);
        for part in &parts {
            self.candle(part);
        }
    }

    fn bar(&mut self, start: Timestamp, bar: &Bar) {
        let end = start + bar.length;
        let covered = self.covered.unwrap_or(start);
        if covered >= end {
            return;
        }
        let Bar { open, high, low, close, volume, .. } = *bar;
        let mut piece = Piece { start, end, open, high, low, close, volume: i128::from(volume.units()) };
        if covered > start {
            piece = self.rest(&piece, covered);
        }
        self.unknown.bar(piece.start, piece.end);
        self.told_by_bars = Some(end);
        self.remember(piece);
        self.candle(&piece);
    }

    /// The rest of a bar whose beginning finer data cover. It made the bar's extremes if they did not.
    fn rest(&self, bar: &Piece, covered: Timestamp) -> Piece {
        let mut rest = Piece { start: covered, ..*bar };
        let finer = self.remembered.iter().filter(|piece| piece.end > bar.start);
        let Some(finer) = finer.copied().reduce(|mut sum, piece| {
            sum.add(&piece);
            sum
        }) else {
            return rest;
        };
        rest.open = finer.close;
        rest.volume = (bar.volume - finer.volume).max(0);
        if bar.low >= finer.low {
            rest.low = rest.open.min(rest.close);
        }
        if bar.high <= finer.high {
            rest.high = rest.open.max(rest.close);
        }
        rest.low = rest.low.min(rest.open);
        rest.high = rest.high.max(rest.open);
        rest
    }

    fn remember(&mut self, piece: Piece) {
        self.covered = self.covered.max(Some(piece.end));
        self.remembered.push_back(piece);
        let forgotten = piece.end - REMEMBERED;
        while self.remembered.len() > MOST_REMEMBERED
            || self.remembered.front().is_some_and(|oldest| oldest.end < forgotten)
        {
            self.remembered.pop_front();
        }
    }

    fn candle(&mut self, piece: &Piece) {
        // The first candle is whole, and of the data before it only what reaches into the time asked for counts.
        if piece.end <= self.from && piece.start < self.from.floor(self.step) {
            return;
        }
        let before = match self.list.last_mut() {
            Some(last) if piece.start < last.end => return last.add(piece),
            Some(last) => last.end,
            None => Timestamp::from_nanos(i64::MIN),
        };
        let start = piece.start.floor(self.step);
        let end = start + self.step;
        self.list.push(if piece.end > end {
            *piece // coarser than a step, so it is a candle of its own
        } else {
            Piece { start: start.max(before), end, ..*piece }
        });
    }
}

impl Reader for Candles {
    fn event(&mut self, event: &Event) -> ControlFlow<()> {
        match &event.body {
            EventBody::Trade(Trade { price, size, .. }) => {
                self.trade(event.event_ts, event.known_ts, *price, *size);
            }
            EventBody::Bar(bar) if bar.source == BarSource::Trades => {
                self.know(event.known_ts);
                self.bar(event.event_ts, bar);
            }
            EventBody::Gap(gap) if gap.channel == "trade" => self.unknown.told(gap.from, gap.to),
            _ => {}
        }
        ControlFlow::Continue(())
    }

    fn trades(&mut self, trades: TradeRun<'_>) {
        let times = trades.event_ts().iter().zip(trades.known_ts());
        for ((ts, known_ts), (price, size)) in times.zip(trades.price().iter().zip(trades.size())) {
            self.trade(*ts, *known_ts, *price, *size);
        }
    }
}
