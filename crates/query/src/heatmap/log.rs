//! Columns of a market that goes on: appended once, never computed again, at several lengths of step.

use core::fmt;
use std::collections::VecDeque;

use liqlens_engine::Market;
use liqlens_market::{MarketId, Span, Timestamp};
use liqlens_model::BinIndex;

use super::picture::{Picture, rows_around};
use super::taken::{EVERY_ROW, Taken, Taker};
use super::{HeatmapOptions, MAX_COLUMNS};
use crate::document::Heatmap;
use crate::view::{AskError, View};

/// One length of step in a [`HeatmapLog`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HeatmapLevel {
    /// Length of a column: a multiple of the finest level's, at most a day.
    pub step: Span,
    /// Newest columns kept, at most [`MAX_COLUMNS`].
    pub columns: u64,
    /// Rows are kept that begin within this distance from the last price of the column, percent; from 100 on, every
    /// row that holds anything.
    pub reach_pct: f64,
}

impl HeatmapLevel {
    const fn new(step: Span, columns: u64, reach_pct: f64) -> Self {
        Self { step, columns, reach_pct }
    }

    /// Two days by the minute, a week by five minutes, two weeks by the quarter and a month by the half of an hour, a
    /// quarter of a year by the hour, half a year by four hours, three years by the day.
    ///
    /// Once three years have passed that is at most 85 MB a market with rows of five basis points (where the map
    /// spans a factor of thirteen in price) and half of it with rows of ten; after a month it is 40 MB.
    pub const STANDARD: [Self; 7] = [
        Self::new(Span::MINUTE, 2_880, 25.0),
        Self::new(Span::MINUTE.times(5), 2_016, 30.0),
        Self::new(Span::MINUTE.times(15), 1_440, 40.0),
        Self::new(Span::MINUTE.times(30), 1_440, 50.0),
        Self::new(Span::HOUR, 2_160, 50.0),
        Self::new(Span::HOUR.times(4), 1_095, 100.0),
        Self::new(Span::DAY, 1_096, 100.0),
    ];
}

/// Why a log takes no column, or cannot draw what was asked.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum HeatmapLogError {
    /// The market cannot be asked, or the heatmap would be too large.
    #[error(transparent)]
    Ask(#[from] AskError),
    /// The levels make no log.
    #[error(
        "a level of {step} with {columns} columns cannot be kept above one of {finest}; steps rise, each a multiple \
         of the first and at most a day, and a level keeps 1 to {MAX_COLUMNS} columns"
    )]
    Level {
        /// Step of the level.
        step: Span,
        /// Columns it was to keep.
        columns: u64,
        /// Step of the first level.
        finest: Span,
    },
    /// A log without levels.
    #[error("a log needs at least one level of steps")]
    NoLevels,
    /// A column that is not the next one.
    #[error("the next column of {market} ends at {expected}, not at {got}; a log without a hole begins anew")]
    NotNext {
        /// The market.
        market: MarketId,
        /// End of the next column.
        expected: Timestamp,
        /// End asked for.
        got: Timestamp,
    },
    /// The market knows more than it did at the moment asked.
    #[error(
        "{market} has gone on to {clock}, so what it was at {at} can no longer be seen; fold it again to there"
    )]
    Later {
        /// The market.
        market: MarketId,
        /// Newest known time folded.
        clock: Timestamp,
        /// Moment asked for.
        at: Timestamp,
    },
    /// The view is of another moment than the heatmap.
    #[error("the view is of {view}, the heatmap of {to}; make a view of that moment")]
    OtherMoment {
        /// Moment of the view.
        view: Timestamp,
        /// Moment of the heatmap.
        to: Timestamp,
    },
    /// No level has such columns.
    #[error("columns of {step} are not kept; take one of {kept}")]
    Step {
        /// Step asked for.
        step: Span,
        /// Steps kept, as text.
        kept: String,
    },
    /// Rows cannot be made of the rows kept.
    #[error("rows of {asked} bins cannot be made of rows of {kept}; take a multiple")]
    Row {
        /// Row height asked for, bins.
        asked: BinIndex,
        /// Row height kept, bins.
        kept: BinIndex,
    },
    /// The columns are no longer kept, or not yet.
    #[error(
        "columns of {step} are kept {held}, the heatmap begins at {from}; take a later start or a longer step"
    )]
    Columns {
        /// Step asked for.
        step: Span,
        /// First column asked for.
        from: Timestamp,
        /// What is kept.
        held: Held,
    },
    /// Rows so far from the price of a column are not kept.
    #[error(
        "at {at}, rows so far from the price were not kept; take a smaller margin, a later start or a longer step"
    )]
    Rows {
        /// End of the oldest such column.
        at: Timestamp,
    },
}

/// Time that the columns of a level cover.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held(Option<(Timestamp, Timestamp)>);

impl fmt::Display for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some((from, to)) => write!(f, "from {from} to {to}"),
            None => write!(f, "from the next one on"),
        }
    }
}

/// The closed columns of one market at several lengths of step.
///
/// A column is the map at its end, so the column of a longer step has the cells of the last shorter one in it
/// (shared, not copied) beside the prices and reported liquidations of the whole period. Each level keeps a bounded
/// number of columns. What a document shows of a log is what [`heatmap`](super::heatmap) would compute from the same
/// events, byte for byte; where the log cannot tell, it says so instead.
#[derive(Debug, Clone)]
pub struct HeatmapLog {
    taker: Taker,
    finest: Span,
    levels: Vec<Level>,
}

#[derive(Debug, Clone)]
struct Level {
    kept: HeatmapLevel,
    /// Without a hole, oldest first.
    columns: VecDeque<Taken>,
}

impl HeatmapLog {
    /// An empty log of rows of `bins_per_row` grid bins (of five basis points), at least one.
    pub fn new(bins_per_row: BinIndex, levels: &[HeatmapLevel]) -> Result<Self, HeatmapLogError> {
        let finest = levels.first().ok_or(HeatmapLogError::NoLevels)?.step;
        let mut shorter = Span::from_nanos(0);
        for HeatmapLevel { step, columns, .. } in levels.iter().copied() {
            let fits = step > shorter && step <= Span::DAY && step.nanos() % finest.nanos() == 0;
            if !fits || !(1..=MAX_COLUMNS).contains(&columns) {
                return Err(HeatmapLogError::Level { step, columns, finest });
            }
            shorter = step;
        }
        let levels = levels.iter().map(|kept| Level { kept: *kept, columns: VecDeque::new() }).collect();
        Ok(Self { taker: Taker::new(bins_per_row), finest, levels })
    }

    /// End of the newest column.
    pub fn closed_until(&self) -> Option<Timestamp> {
        self.levels.first()?.columns.back().map(|column| column.end)
    }

    /// Takes the column that ends now, and the longer ones that end with it. The caller has folded everything known
    /// by `end`, which is a multiple of the finest step and one such step after the column before, and nothing else.
    pub fn append(&mut self, market: &Market, end: Timestamp) -> Result<(), HeatmapLogError> {
        let expected = match self.closed_until() {
            Some(until) => until + self.finest,
            None if end.floor(self.finest) == end => end,
            None => end.floor(self.finest) + self.finest,
        };
        if end != expected {
            let market = market.instrument().market.clone();
            return Err(HeatmapLogError::NotNext { market, expected, got: end });
        }
        not_later(market, end)?;
        let closes = |kept: &HeatmapLevel| end.floor(kept.step) == end;
        let closing = self.levels.iter().map(|level| level.kept).filter(closes);
        let reach_pct = closing.map(|kept| kept.reach_pct).fold(0.0, f64::max);
        let rows = match market.price() {
            Some(price) if reach_pct < 100.0 => {
                let prices = (price.last, price.last);
                rows_around(market.model().grid, prices, reach_pct, self.taker.bins_per_row())
            }
            _ => EVERY_ROW,
        };
        let cells = self.taker.take(market, &rows);
        for level in self.levels.iter_mut().filter(|level| closes(&level.kept)) {
            let start = end - level.kept.step;
            let (period, cells) = (market.period(start, end), cells.clone());
            level.push(Taken { start, end, period, cells });
        }
        Ok(())
    }

    /// The heatmap as of now: closed columns from the log, the last one, which may be forming, from the market.
    ///
    /// `view` is of `options.to`, `market` is the market at that moment. The step is one of the levels', rows are a
    /// multiple of the log's. Of rows as high as the log's the document is that of [`heatmap`](super::heatmap) byte
    /// for byte; dollars of higher rows are sums of cells and may differ from it in their eighth digit.
    pub fn heatmap(
        &self,
        market: &Market,
        view: &View,
        options: &HeatmapOptions,
    ) -> Result<Heatmap, HeatmapLogError> {
        let options = options.checked()?;
        let (step, to, first) = (options.step, options.to, options.first());
        if view.as_of() != to {
            return Err(HeatmapLogError::OtherMoment { view: view.as_of(), to });
        }
        not_later(market, to)?;
        let kept = self.taker.bins_per_row();
        if options.bins_per_row % kept != 0 {
            return Err(HeatmapLogError::Row { asked: options.bins_per_row, kept });
        }
        let height = options.bins_per_row / kept;
        let level = self.levels.iter().find(|level| level.kept.step == step).ok_or_else(|| {
            let steps: Vec<String> = self.levels.iter().map(|level| level.kept.step.to_string()).collect();
            HeatmapLogError::Step { step, kept: steps.join(", ") }
        })?;

        let ends = options.column_ends();
        let (_, closed) = ends.split_last().unwrap_or((&to, &[]));
        let columns =
            level.of(closed).ok_or(HeatmapLogError::Columns { step, from: first, held: level.held() })?;
        let start = closed.last().copied().unwrap_or(first);
        let period = market.period(start, to);
        let periods = columns.clone().map(|column| column.period.as_ref()).chain([period.as_ref()]);
        let picture = Picture::new(view, market.model().grid, &options, periods)?;
        let rows = picture.rows();
        if let Some(column) = columns.clone().find(|column| !column.cells.know(rows, height)) {
            return Err(HeatmapLogError::Rows { at: column.end });
        }
        let shown = rows.start.saturating_mul(height)..rows.end.saturating_mul(height);
        let cells = Taker::new(kept).take(market, &shown);
        let last = Taken { start, end: to, period, cells };
        let columns = columns.chain([&last]).map(|column| picture.column(column, height)).collect();
        Ok(picture.finish(columns))
    }

    /// Memory that the columns take, bytes: at most four for each row within reach, both sides together where no row
    /// has both, and a hundred or so for each column.
    pub fn bytes(&self) -> usize {
        let mut shared_from: Option<Timestamp> = None;
        let mut bytes = 0;
        for Level { columns, .. } in &self.levels {
            // A column that a finer level still has shares its cells.
            let own = |column: &&Taken| shared_from.is_none_or(|from| column.end < from);
            let cells: usize = columns.iter().take_while(own).map(|column| column.cells.len()).sum();
            bytes += cells * size_of::<f32>() + columns.capacity() * size_of::<Taken>();
            let oldest = columns.front().map(|column| column.end);
            shared_from = shared_from.into_iter().chain(oldest).min();
        }
        bytes
    }
}

impl Level {
    fn push(&mut self, column: Taken) {
        let full = u64::try_from(self.columns.len()).is_ok_and(|kept| kept >= self.kept.columns);
        if full {
            self.columns.pop_front();
        }
        self.columns.push_back(column);
    }

    fn held(&self) -> Held {
        Held(self.columns.front().zip(self.columns.back()).map(|(first, last)| (first.start, last.end)))
    }

    /// The columns with these ends, which follow each other; `None` unless every one is kept.
    fn of(&self, ends: &[Timestamp]) -> Option<impl Iterator<Item = &Taken> + Clone> {
        let first = match (ends.first(), self.columns.front()) {
            (None, _) => 0,
            (Some(first), Some(oldest)) => {
                usize::try_from((*first - oldest.end).nanos() / self.kept.step.nanos()).ok()?
            }
            (Some(_), None) => return None,
        };
        let until = first.checked_add(ends.len())?;
        (until <= self.columns.len()).then(|| self.columns.range(first..until))
    }
}

/// Refuses a market that has seen more than was known at a moment.
fn not_later(market: &Market, at: Timestamp) -> Result<(), HeatmapLogError> {
    match market.clock() {
        Some(clock) if clock > at => {
            Err(HeatmapLogError::Later { market: market.instrument().market.clone(), clock, at })
        }
        _ => Ok(()),
    }
}
