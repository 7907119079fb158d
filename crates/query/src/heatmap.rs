//! The map over time.

use liqlens_engine::{Market, Period};
use liqlens_market::{Event, Span, Timestamp};
use liqlens_model::{BinIndex, LogGrid};

use crate::document::{Column, ColumnStatus, HeatRows, HeatScale, Heatmap};
use crate::replay::fold_until;
use crate::view::{AskError, Subject, View};

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
    /// Height of a row in grid bins of five basis points.
    pub bins_per_row: BinIndex,
    /// Distance shown beyond the lowest and highest price of the range, percent.
    pub margin_pct: f64,
}

/// A column before the rows of the whole picture are known: every row that holds anything.
struct Raw {
    start: Timestamp,
    end: Timestamp,
    period: Option<Period>,
    first_row: BinIndex,
    cells_usd: [Vec<f32>; 2],
}

impl Raw {
    fn take(market: &Market, start: Timestamp, end: Timestamp, bins_per_row: BinIndex) -> Self {
        let (first_row, count) = market.occupied_rows(bins_per_row);
        let mut cells_usd = [vec![0.0; count], vec![0.0; count]];
        let [long_usd, short_usd] = &mut cells_usd;
        market.column(bins_per_row, first_row, long_usd, short_usd);
        Self { start, end, period: market.period(start, end), first_row, cells_usd }
    }

    /// Whole dollars of one side in the picture's rows.
    fn cut(&self, side: usize, rows: &core::ops::Range<BinIndex>) -> Vec<i64> {
        rows.clone()
            .map(|row| {
                let index = usize::try_from(i64::from(row) - i64::from(self.first_row)).ok();
                let usd = index.and_then(|i| self.cells_usd[side].get(i)).copied().unwrap_or(0.0);
                whole_dollars(f64::from(usd))
            })
            .collect()
    }
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
    let stops = column_ends(options)?;
    let mut raw = Vec::with_capacity(stops.len());
    let mut view = None;
    let mut start = options.from.floor(options.step);
    fold_until(market, events, &stops, |market, end| {
        raw.push(Raw::take(market, start, end, options.bins_per_row));
        start = end;
        if end == options.to {
            view = Some(View::new(market, subject.clone(), end));
        }
    });
    let Some(view) = view.transpose()? else {
        return Err(AskError::NoPrice { market: market.instrument().market.clone(), as_of: options.to });
    };
    let grid = market.model().grid;
    let rows = common_rows(&raw, grid, view.last_price(), options);
    let wanted = rows.len() as u64 * raw.len() as u64;
    if wanted > MAX_CELLS {
        return Err(AskError::TooLarge {
            what: "this heatmap",
            wanted,
            unit: "cells",
            limit: MAX_CELLS,
            advice: "take a longer --step, coarser --rows or a shorter range",
        });
    }
    let columns: Vec<Column> = raw
        .iter()
        .map(|column| Column {
            start: column.start.to_string(),
            end: column.end.to_string(),
            status: match (&column.period, column.end - column.start < options.step) {
                (None, _) => ColumnStatus::Gap,
                (Some(_), true) => ColumnStatus::Forming,
                (Some(_), false) => ColumnStatus::Closed,
            },
            ohlc: column.period.map(|period| period.ohlc.map(|price| view.price_text(price))),
            long_usd: column.cut(0, &rows),
            short_usd: column.cut(1, &rows),
            reported_usd: column.period.map_or([0; 2], |p| p.liquidated_usd.map(whole_dollars)),
        })
        .collect();
    let edges = (rows.start..=rows.end)
        .map(|row| view.price_text(grid.price(f64::from(row) * f64::from(options.bins_per_row))))
        .collect();
    Ok(Heatmap {
        stamp: view.stamp(Heatmap::SCHEMA),
        step_s: options.step.nanos() / Span::SECOND.nanos(),
        scale: scale(&columns),
        rows: HeatRows {
            width_bp: f64::from(options.bins_per_row) * grid.width() * 10_000.0,
            first: i64::from(rows.start),
            count: rows.len(),
            edges,
        },
        columns,
    })
}

/// Ends of the columns: every multiple of the step, and the asked moment itself.
fn column_ends(options: &HeatmapOptions) -> Result<Vec<Timestamp>, AskError> {
    let step = options.step.nanos().max(1);
    let first = options.from.floor(options.step);
    let wanted = u64::try_from((options.to - first).nanos() / step + 1).unwrap_or(0);
    if wanted > MAX_COLUMNS || options.step > Span::DAY {
        return Err(AskError::TooLarge {
            what: "this range and step",
            wanted,
            unit: "columns",
            limit: MAX_COLUMNS,
            advice: "take a step between one minute and one day that gives fewer columns",
        });
    }
    let mut ends = Vec::new();
    let mut end = first + options.step;
    while end < options.to {
        ends.push(end);
        end = end + options.step;
    }
    ends.push(options.to);
    Ok(ends)
}

/// The rows of the picture: the prices of the range and a margin around them.
fn common_rows(
    raw: &[Raw],
    grid: LogGrid,
    last: f64,
    options: &HeatmapOptions,
) -> core::ops::Range<BinIndex> {
    let (mut low, mut high) = (last, last);
    for period in raw.iter().filter_map(|column| column.period) {
        low = low.min(period.ohlc[2]);
        high = high.max(period.ohlc[1]);
    }
    let row = |price: f64| grid.bin(price).div_euclid(options.bins_per_row);
    row(low * (1.0 - options.margin_pct / 100.0))..row(high * (1.0 + options.margin_pct / 100.0)) + 1
}

fn whole_dollars(usd: f64) -> i64 {
    #[allow(clippy::cast_possible_truncation)] // saturates; cells are below 1e13
    {
        usd.round_ties_even() as i64
    }
}

/// Quantiles of the cells that hold anything.
fn scale(columns: &[Column]) -> HeatScale {
    let mut cells: Vec<i64> = columns
        .iter()
        .flat_map(|column| column.long_usd.iter().zip(&column.short_usd).map(|(l, s)| l + s))
        .filter(|usd| *usd > 0)
        .collect();
    cells.sort_unstable();
    let quantile = |per_cent: usize| {
        let index = (cells.len() * per_cent / 100).min(cells.len().saturating_sub(1));
        cells.get(index).copied().unwrap_or(0)
    };
    HeatScale { p50_usd: quantile(50), p90_usd: quantile(90), p99_usd: quantile(99) }
}
