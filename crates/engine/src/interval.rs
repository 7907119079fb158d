//! One closed interval of trading, and how it is put together from trades and mark prices.

use liqlens_market::{Bar, Price, Size, Span, Timestamp, Trade, TradeRun};
use liqlens_model::{BinIndex, LogGrid};
use serde::{Deserialize, Serialize};

use crate::histogram::{BinFinder, Histogram};

/// Length of an interval built from trades.
pub(crate) const TRADE_INTERVAL: Span = Span::MINUTE;
/// Trades in windows of this length vote for the extreme of an interval.
const EXTREME_WINDOW: Span = Span::from_nanos(5 * Span::SECOND.nanos());
/// Windows in an interval of trades.
const EXTREME_WINDOWS: usize = 12;

/// Which price decided what was swept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Trigger {
    /// The venue's mark price, which triggers liquidations.
    Mark,
    /// Traded prices, because mark prices were missing or too sparse.
    Last,
}

/// The state of the price channel.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PriceChannel {
    /// Last price.
    pub last: f64,
    /// End of the newest complete interval, or the newest trade.
    pub newest: Timestamp,
    /// Length of the newest bar; zero for trades.
    pub resolution: Span,
    /// Which price decided the newest sweep.
    pub trigger: Trigger,
}

/// A closed interval.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Interval {
    pub(crate) start: Timestamp,
    pub(crate) length: Span,
    /// Lowest and highest trigger price.
    pub(crate) low: f64,
    pub(crate) high: f64,
    pub(crate) close: f64,
    /// Contracts by bin (bought, sold by takers).
    pub(crate) traded: Vec<(BinIndex, [f64; 2])>,
    pub(crate) from_trades: bool,
    pub(crate) trigger: Trigger,
}

impl Interval {
    pub(crate) fn end(&self) -> Timestamp {
        self.start + self.length
    }

    pub(crate) fn volume(&self) -> f64 {
        self.traded.iter().map(|(_, [buy, sell])| buy + sell).sum()
    }

    /// A bar as an interval: its volume spread evenly in log price over its range. Where the source does
    /// not split volume by taker, half is taken to be bought.
    pub(crate) fn from_bar(start: Timestamp, bar: &Bar, grid: LogGrid) -> Self {
        let volume = bar.volume.to_f64();
        let bought = bar.taker_buy.map_or(volume / 2.0, Size::to_f64);
        let by_taker = [bought, volume - bought];
        let (low, high) = (bar.low.to_f64(), bar.high.to_f64());
        Self {
            start,
            length: bar.length,
            low,
            high,
            close: bar.close.to_f64(),
            traded: spread(grid, low, high, by_taker),
            from_trades: false,
            trigger: Trigger::Last,
        }
    }
}

/// Spreads contracts evenly in log price over `[low, high]`.
fn spread(grid: LogGrid, low: f64, high: f64, contracts: [f64; 2]) -> Vec<(BinIndex, [f64; 2])> {
    let (from, to) = (grid.position(low), grid.position(high));
    let (first, last) = (grid.bin_at(from), grid.bin_at(to));
    if first == last {
        return vec![(first, contracts)];
    }
    (first..=last)
        .map(|bin| {
            let overlap = (f64::from(bin) + 1.0).min(to) - f64::from(bin).max(from);
            let share = overlap.max(0.0) / (to - from);
            (bin, contracts.map(|c| c * share))
        })
        .collect()
}

/// The window of an interval that a moment so long after its start falls into. Whatever lies outside counts in
/// the first or the last.
#[inline]
fn window(after_start: Span) -> usize {
    let window = after_start.nanos().max(0) / EXTREME_WINDOW.nanos();
    usize::try_from(window).unwrap_or(0).min(EXTREME_WINDOWS - 1)
}

/// The first and the last moment of a window of an interval.
#[inline]
fn window_bounds(start: Timestamp, window: usize) -> (Timestamp, Timestamp) {
    let number = i64::try_from(window).unwrap_or(0);
    let from = start + EXTREME_WINDOW.times(number);
    let last = from + EXTREME_WINDOW - Span::from_nanos(1);
    (
        if window == 0 { Timestamp::from_nanos(i64::MIN) } else { from },
        if window + 1 == EXTREME_WINDOWS { Timestamp::from_nanos(i64::MAX) } else { last },
    )
}

/// The running interval of trades.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct TradeInterval {
    start: Option<Timestamp>,
    finder: BinFinder,
    histogram: Histogram,
    last: Option<Price>,
    /// Close of each five-second window that traded.
    closes: [Option<Price>; EXTREME_WINDOWS],
}

impl TradeInterval {
    pub(crate) const fn new(grid: LogGrid) -> Self {
        Self {
            start: None,
            finder: BinFinder::new(grid),
            histogram: Histogram { first: 0, bins: Vec::new() },
            last: None,
            closes: [None; EXTREME_WINDOWS],
        }
    }

    /// End of the running interval, if one is running.
    #[inline]
    pub(crate) fn end(&self) -> Option<Timestamp> {
        self.start.map(|start| start + TRADE_INTERVAL)
    }

    /// Takes a trade; the caller has closed the interval before if the trade is past its end. Trades that
    /// come late count in the running interval.
    #[inline]
    pub(crate) fn add(&mut self, at: Timestamp, trade: &Trade) {
        let start = *self.start.get_or_insert(at.floor(TRADE_INTERVAL));
        self.histogram.add(self.finder.bin(trade.price), trade.size, trade.taker);
        self.last = Some(trade.price);
        self.closes[window(at - start)] = Some(trade.price);
    }

    /// How many of the first trades become known in order before the running interval ends and fall into one
    /// window of it; at least one.
    #[inline]
    pub(crate) fn stretch(&self, trades: TradeRun<'_>) -> usize {
        let (Some(start), Some(end)) = (self.start, self.end()) else { return 1 };
        let (Some(&at), Some(&known_ts)) = (trades.event_ts().first(), trades.known_ts().first()) else {
            return 1;
        };
        let (from, to) = window_bounds(start, window(at - start));
        let mut newest = known_ts;
        let mut count = 0;
        for (&at, &known_ts) in trades.event_ts().iter().zip(trades.known_ts()) {
            if known_ts < newest || known_ts >= end || at < from || at > to {
                break;
            }
            newest = known_ts;
            count += 1;
        }
        count.max(1)
    }

    /// Takes a [`TradeInterval::stretch`] of trades: what [`TradeInterval::add`] does one by one.
    #[inline]
    pub(crate) fn add_stretch(&mut self, trades: TradeRun<'_>) {
        let (Some(&at), Some(&last)) = (trades.event_ts().first(), trades.price().last()) else { return };
        let start = *self.start.get_or_insert(at.floor(TRADE_INTERVAL));
        self.last = Some(last);
        self.closes[window(at - start)] = Some(last);
        self.histogram.add_run(&mut self.finder, trades.price(), trades.size(), trades.taker());
    }

    /// Ends the running interval. Its extremes are the second lowest and second highest five-second
    /// closes: one print outside the market cannot sweep the book (mark prices do not follow it either).
    pub(crate) fn take(&mut self) -> Option<Interval> {
        let start = self.start.take()?;
        let last = self.last?;
        let mut closes = [last; EXTREME_WINDOWS];
        let mut count = 0;
        for close in self.closes.iter_mut().filter_map(Option::take) {
            closes[count] = close;
            count += 1;
        }
        let closes = &mut closes[..count.max(1)];
        closes.sort_unstable();
        let second = usize::from(closes.len() > 2);
        let (low, high) = (closes[second], closes[closes.len() - 1 - second]);
        let interval = Interval {
            start,
            length: TRADE_INTERVAL,
            low: low.min(last).to_f64(),
            high: high.max(last).to_f64(),
            close: last.to_f64(),
            traded: self.histogram.contracts(),
            from_trades: true,
            trigger: Trigger::Last,
        };
        self.histogram.clear();
        Some(interval)
    }
}

/// Mark prices seen since the last interval was closed.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct MarkWindow {
    updates: Option<MarkUpdates>,
    bar: Option<MarkBar>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct MarkUpdates {
    low: Price,
    high: Price,
    first: Timestamp,
    newest: Timestamp,
    largest_hole: Span,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct MarkBar {
    start: Timestamp,
    length: Span,
    low: Price,
    high: Price,
}

/// Mark prices this close together follow the trigger; sparser ones could miss a sweep.
const MARK_HOLE: Span = Span::from_nanos(5 * Span::SECOND.nanos());

impl MarkWindow {
    pub(crate) fn update(&mut self, at: Timestamp, mark: Price) {
        self.updates = Some(match self.updates {
            None => MarkUpdates { low: mark, high: mark, first: at, newest: at, largest_hole: Span::ZERO },
            Some(seen) => MarkUpdates {
                low: seen.low.min(mark),
                high: seen.high.max(mark),
                first: seen.first,
                newest: at,
                largest_hole: seen.largest_hole.max(at - seen.newest),
            },
        });
    }

    pub(crate) fn bar(&mut self, start: Timestamp, bar: &Bar) {
        self.bar = Some(MarkBar { start, length: bar.length, low: bar.low, high: bar.high });
    }

    /// Replaces the extremes of an interval by those of the mark price if it was seen all through, and
    /// starts a new window.
    pub(crate) fn apply(&mut self, interval: &mut Interval) {
        let seen = core::mem::take(self);
        let by_bar = seen
            .bar
            .filter(|bar| bar.start == interval.start && bar.length == interval.length)
            .map(|bar| (bar.low, bar.high));
        let by_updates = seen
            .updates
            .filter(|mark| {
                mark.first <= interval.start + MARK_HOLE
                    && mark.newest + MARK_HOLE >= interval.end()
                    && mark.largest_hole <= MARK_HOLE
            })
            .map(|mark| (mark.low, mark.high));
        if let Some((low, high)) = by_bar.or(by_updates) {
            (interval.low, interval.high) = (low.to_f64(), high.to_f64());
            interval.trigger = Trigger::Mark;
        }
    }
}

#[cfg(test)]
mod tests {
    use liqlens_market::{BarSource, Taker};

    use super::*;

    fn price(text: &str) -> Price {
        Price::parse(text.as_bytes()).unwrap()
    }

    fn start() -> Timestamp {
        Timestamp::parse_text("2026-03-20T10:00:00Z").unwrap()
    }

    fn trade(text: &str) -> Trade {
        Trade { id: None, price: price(text), size: Size::parse(b"1").unwrap(), taker: Taker::Buy }
    }

    #[test]
    fn one_stray_print_does_not_set_the_extreme() {
        let mut running = TradeInterval::new(LogGrid::STANDARD);
        for (second, text) in [(0, "100"), (6, "99"), (12, "50"), (18, "98"), (24, "101"), (30, "100")] {
            running.add(start() + Span::SECOND.times(second), &trade(text));
        }
        let interval = running.take().unwrap();
        assert_eq!((interval.low, interval.high, interval.close), (98.0, 100.0, 100.0));
        assert_eq!(interval.volume(), 6.0);
        assert!(running.take().is_none());
    }

    #[test]
    fn marks_count_only_if_dense() {
        let mut mark = MarkWindow::default();
        let bar = Bar {
            source: BarSource::Trades,
            length: Span::MINUTE,
            open: price("100"),
            high: price("110"),
            low: price("90"),
            close: price("100"),
            volume: Size::parse(b"1").unwrap(),
            taker_buy: None,
        };
        let mut interval = Interval::from_bar(start(), &bar, LogGrid::STANDARD);
        for second in (0..60).step_by(3) {
            mark.update(start() + Span::SECOND.times(second), price("101"));
        }
        mark.apply(&mut interval);
        assert_eq!((interval.low, interval.high, interval.trigger), (101.0, 101.0, Trigger::Mark));

        mark.update(start(), price("95"));
        mark.update(start() + Span::SECOND.times(58), price("95"));
        let mut interval = Interval::from_bar(start(), &bar, LogGrid::STANDARD);
        mark.apply(&mut interval);
        assert_eq!((interval.low, interval.trigger), (90.0, Trigger::Last));
    }

    #[test]
    fn a_bars_volume_is_spread_over_its_range() {
        let grid = LogGrid::new(0.01).unwrap();
        let (low, high) = (grid.price(10.5), grid.price(12.5));
        let spread = spread(grid, low, high, [4.0, 0.0]);
        let shares: Vec<_> = spread.iter().map(|(bin, [buy, _])| (*bin, (buy * 1e6).round() / 1e6)).collect();
        assert_eq!(shares, [(10, 1.0), (11, 2.0), (12, 1.0)]);
    }
}
