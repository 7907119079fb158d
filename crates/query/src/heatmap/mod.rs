//! The map over time.
//!
//! A column is taken from the market once, at the end of its step, and is never computed again ([`taken`]). A
//! picture is cut out of taken columns ([`picture`]). [`heatmap`] takes them while it folds events and forgets them
//! with the picture; a [`HeatmapLog`] keeps them, at several lengths of step, for a process that goes on.

mod log;
mod picture;
mod scale;
mod taken;

use liqlens_engine::Market;
use liqlens_market::{Event, Span, Timestamp};
use liqlens_model::BinIndex;

use self::picture::{Picture, PriceRange};
use self::taken::{EVERY_ROW, Taken, Taker};
use crate::document::Heatmap;
use crate::replay::fold_until;
use crate::view::{AskError, Subject, View};

pub use self::log::{HeatmapLevel, HeatmapLog, HeatmapLogError};

/// Most columns one heatmap may have.
pub const MAX_COLUMNS: u64 = 10_000;
/// Most cells one heatmap may have.
pub const MAX_CELLS: u64 = 4_000_000;

/// What to draw.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HeatmapOptions {
    /// Start of the first column.
    pub from: Timestamp,
    /// Moment the heatmap is for: the last column ends here, or is still forming.
    pub to: Timestamp,
    /// Length of a column, at most a day.
    pub step: Span,
    /// Height of a row in grid bins of five basis points, at least one.
    pub bins_per_row: BinIndex,
    /// Distance shown beyond the lowest and highest price of the range, percent.
    pub margin_pct: f64,
}

/// Folds events into `market` and draws the map at the end of each step.
///
/// Rows and columns lie on grids that do not depend on the question, and each column uses only what was
/// known at its end, so a closed column reads the same whenever and however it is asked for.
pub fn heatmap(
    market: &mut Market,
    subject: &Subject,
    events: impl IntoIterator<Item = Event>,
    options: &HeatmapOptions,
) -> Result<Heatmap, AskError> {
    let options = options.checked()?;
    let stops = options.column_ends();
    // No picture of so many columns has more rows than this, or it is refused.
    let most_rows = most_rows(stops.len());
    let grid = market.model().grid;
    let mut taker = Taker::new(options.bins_per_row);
    let mut taken = Vec::with_capacity(stops.len());
    let mut prices = PriceRange::default();
    let mut view = None;
    let mut start = options.first();
    fold_until(market, events, &stops, |market, end| {
        let period = market.period(start, end);
        prices.add_period(period.as_ref());
        let rows = prices.rows(grid, &options).map_or(EVERY_ROW, |seen| {
            // The rows of the prices so far are in the picture, so rows too far from them are not.
            seen.end.saturating_sub(most_rows)..seen.start.saturating_add(most_rows)
        });
        taken.push(Taken { start, end, period, cells: taker.take(market, &rows) });
        start = end;
        if end == options.to {
            view = Some(View::new(market, subject.clone(), end));
        }
    });
    let Some(view) = view.transpose()? else {
        return Err(AskError::NoPrice { market: market.instrument().market.clone(), as_of: options.to });
    };
    let picture = Picture::new(&view, grid, &options, taken.iter().map(|column| column.period.as_ref()))?;
    // Each column gives up its cells as it is drawn.
    let columns = taken.into_iter().map(|column| picture.column(&column, 1)).collect();
    Ok(picture.finish(columns))
}

/// Rows of the largest picture of so many columns.
fn most_rows(columns: usize) -> BinIndex {
    let columns = u64::try_from(columns).unwrap_or(u64::MAX).max(1);
    BinIndex::try_from(MAX_CELLS / columns).unwrap_or(BinIndex::MAX)
}

impl HeatmapOptions {
    /// The same with a step and a row height that exist, or why it is too much.
    fn checked(&self) -> Result<Self, AskError> {
        let options = Self {
            step: self.step.max(Span::from_nanos(1)),
            bins_per_row: self.bins_per_row.max(1),
            ..*self
        };
        let steps = (options.to - options.first()).nanos() / options.step.nanos();
        let wanted = u64::try_from(steps.saturating_add(1)).unwrap_or(0);
        if wanted > MAX_COLUMNS || options.step > Span::DAY {
            return Err(AskError::TooLarge {
                what: "this range and step",
                wanted,
                unit: "columns",
                limit: MAX_COLUMNS,
                advice: "take a step between one minute and one day that gives fewer columns",
            });
        }
        Ok(options)
    }

    /// Start of the first column.
    const fn first(&self) -> Timestamp {
        self.from.floor(self.step)
    }

    /// Ends of the columns: every multiple of the step, and the asked moment itself.
    fn column_ends(&self) -> Vec<Timestamp> {
        let mut ends = Vec::new();
        let mut end = self.first() + self.step;
        while end < self.to {
            ends.push(end);
            end = end + self.step;
        }
        ends.push(self.to);
        ends
    }
}
