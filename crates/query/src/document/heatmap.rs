//! `heatmap/1`: the map over time.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{PriceText, Stamp};

/// Dollars by time and liquidation price. A closed column never changes: asking again later returns the
/// same numbers for it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Heatmap {
    /// Head.
    #[serde(flatten)]
    pub stamp: Stamp,
    /// Length of a column, seconds.
    pub step_s: i64,
    /// Price rows, shared by all columns.
    pub rows: HeatRows,
    /// Columns, oldest first.
    pub columns: Vec<Column>,
    /// Colour stops.
    pub scale: HeatScale,
}

/// Price rows of equal width in log price, on a grid that does not depend on the question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct HeatRows {
    /// Width of a row, basis points.
    pub width_bp: f64,
    /// Absolute number of the lowest row on the fixed grid.
    pub first: i64,
    /// Number of rows.
    pub count: usize,
    /// `count + 1` edges, rising.
    pub edges: Vec<PriceText>,
}

/// One column: the map at `end`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Column {
    /// Start of the period (RFC 3339).
    pub start: String,
    /// End of the period; the cells are the map as known then.
    pub end: String,
    /// Complete, hole or still forming.
    pub status: ColumnStatus,
    /// First, highest, lowest and last price of the period; `null` in a gap.
    pub ohlc: Option<[PriceText; 4]>,
    /// Whole dollars of longs per row, lowest row first.
    pub long_usd: Vec<i64>,
    /// Whole dollars of shorts per row, lowest row first.
    pub short_usd: Vec<i64>,
    /// Whole dollars of reported liquidations in the period (longs, shorts); a floor on throttled feeds.
    pub reported_usd: [i64; 2],
}

/// State of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ColumnStatus {
    /// All of the period is in; the column will not change.
    Closed,
    /// The period is not over at `as_of`.
    Forming,
    /// No price in the period.
    Gap,
}

/// Colour stops in dollars per row, quantiles of the non-empty cells shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct HeatScale {
    /// Median.
    pub p50_usd: i64,
    /// 90 %.
    pub p90_usd: i64,
    /// 99 %.
    pub p99_usd: i64,
}

impl Heatmap {
    /// Name and version.
    pub const SCHEMA: &'static str = "heatmap/1";
}
