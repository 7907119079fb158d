//! A picture cut out of columns that were taken.

use core::ops::Range;

use liqlens_engine::Period;
use liqlens_market::Span;
use liqlens_model::{BinIndex, LogGrid};

use super::scale::scale;
use super::taken::{Taken, whole_dollars};
use super::{HeatmapOptions, MAX_CELLS};
use crate::document::{Column, ColumnStatus, HeatRows, Heatmap};
use crate::view::{AskError, View};

/// Lowest and highest price of what a picture shows; `None` before the first.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct PriceRange(Option<(f64, f64)>);

impl PriceRange {
    pub(super) fn add(&mut self, low: f64, high: f64) {
        self.0 = Some(self.0.map_or((low, high), |(lowest, highest)| (lowest.min(low), highest.max(high))));
    }

    pub(super) fn add_period(&mut self, period: Option<&Period>) {
        if let Some(Period { ohlc: [_, high, low, _], .. }) = period {
            self.add(*low, *high);
        }
    }

    /// Rows of the prices and of the margin around them. More prices never take a row away.
    pub(super) fn rows(&self, grid: LogGrid, options: &HeatmapOptions) -> Option<Range<BinIndex>> {
        let (low, high) = self.0?;
        Some(rows_around(grid, (low, high), options.margin_pct, options.bins_per_row))
    }
}

/// Rows of `bins_per_row` grid bins from a margin below the lower price to a margin above the higher one.
pub(super) fn rows_around(
    grid: LogGrid,
    (low, high): (f64, f64),
    margin_pct: f64,
    bins_per_row: BinIndex,
) -> Range<BinIndex> {
    let row = |price: f64| grid.bin(price).div_euclid(bins_per_row);
    row(low * (1.0 - margin_pct / 100.0))..row(high * (1.0 + margin_pct / 100.0)).saturating_add(1)
}

/// What the columns of a picture have in common.
pub(super) struct Picture<'a> {
    view: &'a View,
    grid: LogGrid,
    options: HeatmapOptions,
    rows: Range<BinIndex>,
}

impl<'a> Picture<'a> {
    /// The rows that show the prices of every period and the last one.
    pub(super) fn new<'p>(
        view: &'a View,
        grid: LogGrid,
        options: &HeatmapOptions,
        periods: impl Iterator<Item = Option<&'p Period>>,
    ) -> Result<Self, AskError> {
        let mut prices = PriceRange::default();
        prices.add(view.last_price(), view.last_price());
        let mut columns = 0_u64;
        for period in periods {
            prices.add_period(period);
            columns += 1;
        }
        let rows = prices.rows(grid, options).unwrap_or(0..0);
        let wanted = u64::try_from(rows.len()).unwrap_or(u64::MAX).saturating_mul(columns);
        if wanted > MAX_CELLS {
            return Err(AskError::TooLarge {
                what: "this heatmap",
                wanted,
                unit: "cells",
                limit: MAX_CELLS,
                advice: "take a longer --step, coarser --rows or a shorter range",
            });
        }
        Ok(Self { view, grid, options: *options, rows })
    }

    /// The rows shown, of [`HeatmapOptions::bins_per_row`] bins each.
    pub(super) const fn rows(&self) -> &Range<BinIndex> {
        &self.rows
    }

    /// One column, whose rows are `height` of the rows that were taken.
    pub(super) fn column(&self, taken: &Taken, height: BinIndex) -> Column {
        Column {
            start: taken.start.to_string(),
            end: taken.end.to_string(),
            status: match (&taken.period, taken.end - taken.start < self.options.step) {
                (None, _) => ColumnStatus::Gap,
                (Some(_), true) => ColumnStatus::Forming,
                (Some(_), false) => ColumnStatus::Closed,
            },
            ohlc: taken.period.map(|period| period.ohlc.map(|price| self.view.price_text(price))),
            long_usd: taken.cells.cut(0, &self.rows, height),
            short_usd: taken.cells.cut(1, &self.rows, height),
            reported_usd: taken.period.map_or([0; 2], |p| p.liquidated_usd.map(whole_dollars)),
        }
    }

    /// The document of these columns.
    pub(super) fn finish(&self, columns: Vec<Column>) -> Heatmap {
        let HeatmapOptions { step, bins_per_row, .. } = self.options;
        let edge = |row: BinIndex| self.grid.price(f64::from(row) * f64::from(bins_per_row));
        Heatmap {
            stamp: self.view.stamp(Heatmap::SCHEMA),
            step_s: step.nanos() / Span::SECOND.nanos(),
            scale: scale(&columns),
            rows: HeatRows {
                width_bp: f64::from(bins_per_row) * self.grid.width() * 10_000.0,
                first: i64::from(self.rows.start),
                count: self.rows.len(),
                edges: (self.rows.start..=self.rows.end).map(|row| self.view.price_text(edge(row))).collect(),
            },
            columns,
        }
    }
}
