//! The fold itself.

use std::collections::VecDeque;
use std::sync::Arc;

use liqlens_market::{
    Bar, BarSource, Event, EventBody, Funding, Instrument, Liquidation, Side, Size, Span, Timestamp, TradeRun,
};
use liqlens_model::{Attribution, BinIndex, Feed, FlowModel, Law, Row, Spread};
use serde::{Deserialize, Serialize};

use crate::activity::Activity;
use crate::ensemble::{Ensemble, Rows};
use crate::flow_book::FlowBook;
use crate::frozen::Frozen;
use crate::interval::{Interval, MarkWindow, PriceChannel, TradeInterval};
use crate::learner::Learner;
use crate::next_hour::NextHour;
use crate::open_interest::OpenInterestChannel;
use crate::recent::Recent;
use crate::standing::{Learned, Reporting, RowShape, Standing};
use crate::trail::Trail;

/// A hole in trades up to this length is a quiet market; a longer one is missing data.
const QUIET: Span = Span::MINUTE.times(10);
/// How far back closed intervals are remembered, to subtract them from a coarser bar that covers them.
const REMEMBERED: Span = Span::DAY;
/// History needed before open interest older than it is placed (see [`FlowBook::seed`]).
const SEED_AFTER: Span = Span::HOUR;

/// Whether the flow models have a use for an event that is no trade. Marks count when the interval they belong to
/// is closed, by its extremes.
fn counts(body: &EventBody) -> bool {
    match body {
        EventBody::Bar(bar) => bar.source == BarSource::Trades,
        EventBody::OpenInterest(_)
        | EventBody::Funding(_)
        | EventBody::Liquidation(_)
        | EventBody::Instrument(_) => true,
        _ => false,
    }
}

/// What was seen and what was set aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Counters {
    /// Events taken.
    pub events: u64,
    /// Intervals folded.
    pub intervals: u64,
    /// Events that came after a later one; taken at the later one's time.
    pub late: u64,
    /// Bars set aside because finer data already covered them.
    pub superseded_bars: u64,
    /// Coarse bars of which only the part not covered by finer data was used.
    pub partial_bars: u64,
    /// Holes in the price data that were bridged by closing at the mean rate.
    pub gaps: u64,
    /// Their total length, nanoseconds.
    pub gap_ns: i64,
    /// Changes of open interest larger than the volume that could have made them; clamped.
    pub clamped_oi_changes: u64,
}

/// One market's state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Market {
    instrument: Instrument,
    book: FlowBook,
    /// Of models that learn from reports.
    learner: Option<Learner>,
    next_hour: NextHour,
    /// Largest known time seen.
    clock: Option<Timestamp>,
    first_interval: Option<Timestamp>,
    /// End of the newest folded interval.
    covered_until: Option<Timestamp>,
    price: Option<PriceChannel>,
    open_interest: OpenInterestChannel,
    activity: Activity,
    trades: TradeInterval,
    mark: MarkWindow,
    /// Volume by bin since open interest was last known.
    unexplained: Vec<(BinIndex, f64)>,
    seeded: bool,
    remembered: VecDeque<Remembered>,
    /// Shared with whoever froze it.
    recent: Arc<Recent>,
    /// Reported liquidations since the last interval was closed, dollars.
    liquidated_usd: [f64; 2],
    funding: Option<(Timestamp, Funding)>,
    newest_liquidation: Option<Timestamp>,
    counters: Counters,
    /// What was folded, for [`Market::digest`].
    trail: Trail,
}

/// A folded interval, for subtraction from a coarser bar and for [`Market::period`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Remembered {
    end: Timestamp,
    volume: f64,
    low: f64,
    high: f64,
    close: f64,
    liquidated_usd: [f64; 2],
}

/// What happened in a period of at most a day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Period {
    /// Price before the period (its first close where there is none), highest and lowest trigger price,
    /// last price.
    pub ohlc: [f64; 4],
    /// Reported liquidations of longs and of shorts, dollars.
    pub liquidated_usd: [f64; 2],
}

/// Why bytes are not a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SnapshotError {
    /// Not written by the `snapshot` of the same type, or by another version of it.
    #[error("not a snapshot of version {0}")]
    Version(&'static str),
    /// Damaged.
    #[error("the snapshot is damaged: {0}")]
    Damaged(String),
}

/// Changes with every change of [`Market`]'s fields or of what they mean.
const SNAPSHOT_VERSION: &str = "liqlens-market/3";

impl Market {
    /// A market without history.
    pub fn new(instrument: Instrument, model: FlowModel) -> Self {
        Self {
            trail: Trail::new(&(SNAPSHOT_VERSION, &instrument, &model)),
            trades: TradeInterval::new(model.grid),
            learner: model.learning.map(|learning| Learner::new(&model, learning)),
            next_hour: NextHour::default(),
            book: FlowBook::new(model),
            instrument,
            clock: None,
            first_interval: None,
            covered_until: None,
            price: None,
            open_interest: OpenInterestChannel::default(),
            activity: Activity::default(),
            mark: MarkWindow::default(),
            unexplained: Vec::new(),
            seeded: false,
            remembered: VecDeque::new(),
            recent: Arc::default(),
            liquidated_usd: [0.0; 2],
            funding: None,
            newest_liquidation: None,
            counters: Counters::default(),
        }
    }

    /// Takes one event. Events come in [`Event::log_order`]; one that comes late is taken as if it had
    /// become known now.
    #[inline]
    pub fn step(&mut self, event: &Event) {
        self.counters.events += 1;
        if self.clock.is_some_and(|clock| event.known_ts < clock) {
            self.counters.late += 1;
        } else {
            self.clock = Some(event.known_ts);
            if self.trades.end().is_some_and(|end| event.known_ts >= end) {
                self.close_trade_interval();
            }
        }
        match &event.body {
            EventBody::Trade(trade) => self.trades.add(event.event_ts, trade),
            other => self.step_rare(event, other),
        }
    }

    /// Takes trades: exactly what [`Market::step`] on each of [`TradeRun::events`] in turn does, several times
    /// faster.
    pub fn step_trades(&mut self, trades: TradeRun<'_>) {
        let mut rest = trades;
        while let Some(&known_ts) = rest.known_ts().first() {
            let stretch = if self.clock.is_some_and(|clock| known_ts < clock) {
                self.counters.late += 1;
                1
            } else {
                if self.trades.end().is_some_and(|end| known_ts >= end) {
                    self.close_trade_interval();
                }
                let stretch = self.trades.stretch(rest);
                self.clock = Some(rest.known_ts()[stretch - 1]);
                stretch
            };
            self.counters.events += stretch as u64;
            self.trades.add_stretch(rest.rows(0..stretch));
            rest = rest.rows(stretch..rest.len());
        }
    }

    /// Tells the fold that time has come to `now` without an event: ends the running interval if it is
    /// over.
    pub fn advance(&mut self, now: Timestamp) {
        if self.clock.is_none_or(|clock| now > clock) {
            self.clock = Some(now);
        }
        if self.trades.end().is_some_and(|end| now >= end) {
            self.close_trade_interval();
        }
    }

    fn step_rare(&mut self, event: &Event, body: &EventBody) {
        let at = event.event_ts;
        if counts(body) {
            self.trail.add(event);
        }
        match body {
            EventBody::Bar(bar) => match bar.source {
                BarSource::Trades => self.take_bar(at, bar),
                BarSource::Mark => self.mark.bar(at, bar),
                BarSource::Index => {}
            },
            EventBody::Price(update) => self.mark.update(at, update.mark),
            EventBody::OpenInterest(reading) => self.open_interest.read(at, reading.size.to_f64()),
            EventBody::Funding(funding) if self.funding.is_none_or(|(newest, _)| newest <= at) => {
                self.funding = Some((at, *funding));
            }
            EventBody::Liquidation(liquidation) => self.take_liquidation(at, liquidation),
            EventBody::Instrument(instrument) if instrument.market == self.instrument.market => {
                self.instrument = (**instrument).clone();
            }
            // Kinds the flow models have no use for.
            _ => {}
        }
    }

    fn take_liquidation(&mut self, at: Timestamp, liquidation: &Liquidation) {
        let fill = liquidation.fill_price.or(liquidation.order_price).map(liqlens_market::Price::to_f64);
        if let Some(price) = fill.or(self.price.map(|p| p.last)) {
            let usd = self.instrument.notional(liquidation.size.to_f64(), price);
            Arc::make_mut(&mut self.recent).record_liquidation(at, liquidation.side, usd, price);
            self.liquidated_usd[liquidation.side.index()] += usd;
        }
        self.newest_liquidation = self.newest_liquidation.max(Some(at));
        if let Some(learner) = &mut self.learner {
            learner.report(at, liquidation);
        }
    }

    fn close_trade_interval(&mut self) {
        if let Some(interval) = self.trades.take() {
            self.trail.add(&interval.traded);
            self.fold(interval);
        }
    }

    /// A bar counts where nothing finer did. Finer data that covers its beginning is subtracted: volume
    /// exactly, extremes as far as the rest of the bar must have made them.
    fn take_bar(&mut self, start: Timestamp, bar: &Bar) {
        let end = start + bar.length;
        let covered = self.covered_until.unwrap_or(start);
        if covered >= end {
            self.counters.superseded_bars += 1;
            return;
        }
        let grid = self.book.model().grid;
        if covered <= start {
            self.fold(Interval::from_bar(start, bar, grid));
            return;
        }
        self.counters.partial_bars += 1;
        let finer = self.remembered.iter().filter(|interval| interval.end > start);
        let (mut volume, mut low, mut high) = (0.0, f64::INFINITY, 0.0_f64);
        for interval in finer {
            volume += interval.volume;
            low = low.min(interval.low);
            high = high.max(interval.high);
        }
        let mut rest = *bar;
        rest.length = end - covered;
        rest.volume = bar.volume.saturating_sub(Size::from_f64(volume).unwrap_or(bar.volume));
        rest.taker_buy = None;
        // The bar's extreme was made in the rest of it unless the finer data already reached it.
        let edge = bar.open.min(bar.close);
        rest.low = if bar.low.to_f64() < low { bar.low } else { edge.max(bar.low) };
        let edge = bar.open.max(bar.close);
        rest.high = if bar.high.to_f64() > high { bar.high } else { edge.min(bar.high) };
        self.fold(Interval::from_bar(covered, &rest, grid));
    }

    /// The normative order within one interval: sweep, close, open, reconcile.
    fn fold(&mut self, mut interval: Interval) {
        let end = interval.end();
        self.bridge(&interval);
        self.mark.apply(&mut interval);
        self.trail.add(&(interval.start, interval.low, interval.high, interval.close));
        self.book.enter_layer(interval.start.nanos());

        self.sweep(&interval);

        let volume = interval.volume();
        let activity = self.activity.ratio(volume, interval.length);
        self.book.close(interval.length, activity);

        let change = self.explained_change(&interval);
        self.shrink(change);
        let openings = self.book.openings(&interval.traded, &self.unexplained, change.unwrap_or(0.0));
        let close_bin = self.book.model().grid.bin(interval.close);
        self.book.open(&openings, close_bin, interval.length, activity);
        if change.is_some() {
            self.unexplained.clear();
        }

        self.activity.record(volume, interval.length);
        self.first_interval.get_or_insert(interval.start);
        self.covered_until = Some(end);
        self.counters.intervals += 1;
        Arc::make_mut(&mut self.recent).record_price(end, interval.low, interval.high, interval.close);
        self.price = Some(PriceChannel {
            last: interval.close,
            newest: end,
            resolution: if interval.from_trades { Span::ZERO } else { interval.length },
            trigger: interval.trigger,
        });
        let liquidated_usd = core::mem::take(&mut self.liquidated_usd);
        let Interval { low, high, close, .. } = interval;
        self.remember(Remembered { end, volume, low, high, close, liquidated_usd });
        self.seed_once();
    }

    /// Removes what the trigger price reached, and tells the learner what it was and what was reported.
    fn sweep(&mut self, interval: &Interval) {
        if let Some(learner) = &mut self.learner {
            learner.begin(interval.end(), &self.book.model().weights);
        }
        self.begin_hour(interval.end());
        for (side, extreme) in [(Side::Long, interval.low), (Side::Short, interval.high)] {
            let Some(learner) = &mut self.learner else {
                self.book.sweep(side, extreme, &mut []);
                continue;
            };
            // The scale of the map that was published before this interval.
            let open_interest = self.open_interest.at_last_interval().unwrap_or(0.0);
            let scale = self.book.scale(side, open_interest).map_or(0.0, |scale| scale.to_open_interest);
            let mut removed = learner.account();
            self.book.sweep(side, extreme, &mut removed);
            self.next_hour.passed(side, self.book.model().grid.position(extreme));
            learner.swept(side, scale, &self.book.model().weights, removed);
        }
        if let Some(learner) = &mut self.learner {
            let volume =
                interval.traded.iter().fold([0.0; 2], |[b, s], (_, [buy, sell])| [b + buy, s + sell]);
            let reported = learner.close(interval.length, volume);
            for side in Side::BOTH {
                self.next_hour.reported(side, reported[side.index()]);
            }
        }
    }

    /// Keeps the map near the price at the start of an hour, of models that know how much of it is reported.
    fn begin_hour(&mut self, end: Timestamp) {
        let (Some(hour), Some(price)) = (self.next_hour.is_new(end), self.price) else { return };
        if self.learner.is_none() {
            return;
        }
        let mut watch = core::mem::take(&mut self.next_hour);
        let bin = self.book.model().grid.bin(price.last);
        watch.begin(hour, bin, |side, first, rows| self.reported(side, first, rows));
        self.next_hour = watch;
    }

    /// What a fall of open interest does where nothing else closes positions.
    fn shrink(&mut self, change: Option<f64>) {
        if self.book.model().attribution == Attribution::RiseByTaker
            && let Some((change, now)) = change.zip(self.open_interest.accepted)
            && change < 0.0
        {
            self.book.shrink(now / (now - change));
        }
    }

    /// Lets holders close over the hole before an interval: at the slowest rate where the market was only
    /// quiet, at the mean rate where data is missing.
    fn bridge(&mut self, interval: &Interval) {
        let Some(covered) = self.covered_until else { return };
        let hole = interval.start - covered;
        if hole <= Span::ZERO {
            return;
        }
        if interval.from_trades && hole <= QUIET {
            let quiet = self.activity.ratio(0.0, hole);
            self.book.close(hole, quiet);
        } else {
            self.book.close(hole, 1.0);
            self.counters.gaps += 1;
            self.counters.gap_ns = self.counters.gap_ns.saturating_add(hole.nanos());
        }
    }

    /// The change of open interest since it was last known, limited to what was traded since; `None`
    /// without a new reading. Adds the interval's volume to what is still to be explained.
    fn explained_change(&mut self, interval: &Interval) -> Option<f64> {
        for &(bin, [buy, sell]) in &interval.traded {
            match self.unexplained.binary_search_by_key(&bin, |(b, _)| *b) {
                Ok(index) => self.unexplained[index].1 += buy + sell,
                Err(index) => self.unexplained.insert(index, (bin, buy + sell)),
            }
        }
        let change = self.open_interest.take_change()?;
        let traded: f64 = self.unexplained.iter().map(|(_, volume)| volume).sum();
        if change.abs() > traded {
            self.counters.clamped_oi_changes += 1;
        }
        Some(change.clamp(-traded, traded))
    }

    fn remember(&mut self, interval: Remembered) {
        self.remembered.push_back(interval);
        while self.remembered.front().is_some_and(|oldest| interval.end - oldest.end > REMEMBERED) {
            self.remembered.pop_front();
        }
    }

    fn seed_once(&mut self) {
        if self.seeded || self.open_interest.accepted.is_none() || self.history() < SEED_AFTER {
            return;
        }
        self.book.seed(self.history());
        self.seeded = true;
    }

    /// The rules of the market.
    pub const fn instrument(&self) -> &Instrument {
        &self.instrument
    }

    /// The model's parameters.
    pub const fn model(&self) -> &FlowModel {
        self.book.model()
    }

    /// Newest known time folded.
    pub const fn clock(&self) -> Option<Timestamp> {
        self.clock
    }

    /// End of the newest folded interval.
    pub const fn covered_until(&self) -> Option<Timestamp> {
        self.covered_until
    }

    /// Price channel, `None` before the first interval.
    pub const fn price(&self) -> Option<&PriceChannel> {
        self.price.as_ref()
    }

    /// Open-interest channel.
    pub const fn open_interest(&self) -> &OpenInterestChannel {
        &self.open_interest
    }

    /// Newest funding rate and its time.
    pub const fn funding(&self) -> Option<&(Timestamp, Funding)> {
        self.funding.as_ref()
    }

    /// Time of the newest reported liquidation.
    pub const fn newest_liquidation(&self) -> Option<Timestamp> {
        self.newest_liquidation
    }

    /// What was seen and set aside.
    pub const fn counters(&self) -> &Counters {
        &self.counters
    }

    /// Length of the folded history.
    pub fn history(&self) -> Span {
        match (self.first_interval, self.covered_until) {
            (Some(first), Some(until)) => until - first,
            _ => Span::ZERO,
        }
    }

    /// Whether positions older than the history have been placed, so that a map can be taken.
    pub const fn seeded(&self) -> bool {
        self.seeded
    }

    /// The last thirty days' prices and reported liquidations, as they are now.
    pub fn recent(&self) -> Arc<Recent> {
        self.recent.clone()
    }

    /// What the intervals that ended in `(from, to]` amount to; `None` if there are none. Intervals are
    /// remembered for a day.
    pub fn period(&self, from: Timestamp, to: Timestamp) -> Option<Period> {
        let inside = |interval: &&Remembered| interval.end > from && interval.end <= to;
        let mut intervals = self.remembered.iter().filter(inside);
        let first = intervals.next()?;
        let before = self.remembered.iter().rfind(|interval| interval.end <= from);
        let open = before.map_or(first.close, |interval| interval.close);
        let start =
            Period { ohlc: [open, first.high, first.low, first.close], liquidated_usd: first.liquidated_usd };
        Some(intervals.fold(start, |mut period, interval| {
            period.ohlc[1] = period.ohlc[1].max(interval.high);
            period.ohlc[2] = period.ohlc[2].min(interval.low);
            period.ohlc[3] = interval.close;
            for (sum, usd) in period.liquidated_usd.iter_mut().zip(interval.liquidated_usd) {
                *sum += usd;
            }
            period
        }))
    }

    /// Absolute rows of `bins_per_row` grid bins that may hold mass of either side: first and count.
    pub fn occupied_rows(&self, bins_per_row: BinIndex) -> (BinIndex, usize) {
        let ranges = Side::BOTH.map(|side| self.book.side(side).bins()).into_iter().filter(|r| !r.is_empty());
        let bounds = ranges.fold(None, |bounds: Option<(BinIndex, BinIndex)>, range| {
            let (low, high) = bounds.unwrap_or((range.start, range.end));
            Some((low.min(range.start), high.max(range.end)))
        });
        let Some((low, high)) = bounds else { return (0, 0) };
        let (first, last) = (low.div_euclid(bins_per_row), (high - 1).div_euclid(bins_per_row));
        (first, usize::try_from(last - first + 1).unwrap_or(0))
    }

    /// The map now, to be computed where it is looked at; `None` until price and open interest are known (and, for
    /// models that balance, something was opened). Free of cost until the book changes while it is held.
    pub fn frozen(&self) -> Option<Frozen> {
        let price = self.price?;
        let open_interest = self.open_interest.accepted?;
        let learner = self.learner.as_ref();
        Frozen::new(&self.book, learner, (price.newest, price.last), open_interest, self.history())
    }

    /// The map now, level by level; `None` whenever [`Market::frozen`] is.
    pub fn standing(&self) -> Option<Standing> {
        self.frozen().map(|frozen| frozen.standing())
    }

    /// What kind of liquidation stream the market has; `None` of models that do not listen to it.
    pub fn feed(&self) -> Option<Feed> {
        self.learner.as_ref().map(Learner::feed)
    }

    /// What the venue's public stream shows of liquidations; `None` of models that do not listen to it, or while
    /// no map can be taken.
    pub fn reporting(&self) -> Option<Reporting> {
        self.frozen()?.reporting()
    }

    fn learned(&self) -> Option<Learned<'_>> {
        self.learner.as_ref().map(Learner::learned)
    }

    /// The map under every draw of what is uncertain in it, level by level; `None` of models that know no
    /// uncertainty and whenever [`Market::frozen`] is.
    pub fn ensemble(&self) -> Option<Ensemble> {
        self.ensemble_under(&Spread::DEFAULT)
    }

    /// The same with draws that spread differently.
    pub fn ensemble_under(&self, spread: &Spread) -> Option<Ensemble> {
        Some(self.frozen()?.drawn_under(spread, Rows::Even)?.ensemble())
    }

    /// What was learned from liquidation reports so far, and the hourly rows it was learned from; `None` of
    /// models that do not learn.
    pub fn law(&self) -> Option<(&Law, &[Row])> {
        self.learner.as_ref().map(|learner| (learner.law(), learner.rows()))
    }

    /// Share of the next hour's liquidations that come from positions which do not exist yet, as the last week's
    /// hours went; `None` of models that do not learn, or before a day of hours was compared.
    pub fn share_from_new_positions(&self) -> Option<f64> {
        self.next_hour.share_new()
    }

    /// Contracts standing on the map per contract expected to be reported: 1 of models that do not learn.
    pub fn standing_per_reported(&self) -> f64 {
        self.learner.as_ref().map_or(1.0, |learner| 1.0 / learner.reported_per_standing())
    }

    /// Contracts of a side by level, from bin `first` on, that the venue's feed is expected to report if price
    /// sweeps them: what is scored against the feed. `false`, and zeros, while no map can be taken.
    pub fn reported(&self, side: Side, first: BinIndex, contracts: &mut [f64]) -> bool {
        contracts.fill(0.0);
        self.open_interest.accepted.is_some_and(|open_interest| {
            let weights = self.learner.as_ref().map(Learner::weights);
            self.book.add_reported(side, open_interest, weights, first, contracts)
        })
    }

    /// One heatmap column: dollars of longs and of shorts in rows of `bins_per_row` grid bins, row `r`
    /// covering bins `r·bins_per_row …` on the absolute grid, starting at `first_row`. The slices are
    /// overwritten; they stay zero while no map can be taken.
    pub fn column(
        &self,
        bins_per_row: BinIndex,
        first_row: BinIndex,
        long_usd: &mut [f32],
        short_usd: &mut [f32],
    ) {
        let Some(open_interest) = self.open_interest.accepted else { return };
        for (side, rows) in [(Side::Long, long_usd), (Side::Short, short_usd)] {
            rows.fill(0.0);
            let learned = self.learned();
            let shape = RowShape { first: first_row, bins: bins_per_row.max(1) };
            self.book.add_dollars(side, open_interest, learned, &self.instrument, shape, rows);
        }
    }

    /// A hash of the parameters and of everything folded: equal for equal states that came about by the same
    /// events, different for different ones. Costs little however large the state is.
    pub fn digest(&self) -> [u8; 32] {
        // What the trail does not hold yet: the running interval, the marks seen in it, the clock, what was set
        // aside.
        self.trail.end(&(&self.trades, &self.mark, self.clock, &self.counters))
    }

    /// The whole state as bytes.
    pub fn snapshot(&self) -> Result<Vec<u8>, SnapshotError> {
        postcard::to_stdvec(&(SNAPSHOT_VERSION, self))
            .map_err(|error| SnapshotError::Damaged(error.to_string()))
    }

    /// Continues from a [`Market::snapshot`].
    pub fn resume(bytes: &[u8]) -> Result<Self, SnapshotError> {
        let version = SnapshotError::Version(SNAPSHOT_VERSION);
        let (found, rest) = postcard::take_from_bytes::<&str>(bytes).map_err(|_| version.clone())?;
        if found != SNAPSHOT_VERSION {
            return Err(version);
        }
        postcard::from_bytes(rest).map_err(|error| SnapshotError::Damaged(error.to_string()))
    }
}
