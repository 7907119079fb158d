//! Cells of the heatmap, as rectangles on whole pixels: crisp, never interpolated.

use std::fmt::Write as _;

use liqlens_query::document::{Column, ColumnStatus, HeatScale};

use super::Chart;
use crate::picture::palette::viridis;
use crate::scene::{Rect, Scene, Stroke, hatch, number};

/// Colours of the raster; cells of one colour next to each other become one rectangle.
const LEVELS: u8 = 96;
/// Cells are never narrower or lower than this, pixels. A document with more of them is drawn with the
/// largest cell of each group, which also bounds the size of the picture.
const LEAST_CELL: f64 = 2.0;

/// Where a number of dollars stands on the colour bar, 0 to 1: straight between zero and the three stops,
/// which stand at thirds of the bar.
pub(super) fn heat(usd: i64, scale: &HeatScale) -> f64 {
    let mut below = 0.0;
    for (at, stop) in [scale.p50_usd, scale.p90_usd, scale.p99_usd].into_iter().enumerate() {
        let (usd, stop) = (usd as f64, stop as f64);
        if usd < stop {
            return (at as f64 + (usd - below).max(0.0) / (stop - below)) / 3.0;
        }
        below = stop.max(below);
    }
    if usd > 0 { 1.0 } else { 0.0 }
}

fn level(usd: i64, scale: &HeatScale) -> u8 {
    let heat = heat(usd, scale);
    // Zero alone has the darkest colour.
    (1..LEVELS)
        .rev()
        .find(|level| f64::from(*level) <= heat * f64::from(LEVELS - 1))
        .unwrap_or(u8::from(usd > 0))
}

/// Whether a column can be drawn: not a gap, and one cell for each row.
pub(super) fn has_cells(column: &Column, rows: usize) -> bool {
    column.status != ColumnStatus::Gap && column.long_usd.len() == rows && column.short_usd.len() == rows
}

impl Chart<'_> {
    /// Left edge of a column, in whole pixels; of the number of columns, the right edge of the raster.
    pub(super) fn column_x(&self, column: usize) -> f64 {
        let share = column as f64 / self.map.columns.len() as f64;
        (self.plot.x0 + share * self.plot.width()).round()
    }

    /// Middle of a column.
    pub(super) fn column_middle(&self, column: usize) -> f64 {
        f64::midpoint(self.column_x(column), self.column_x(column + 1))
    }

    pub(super) fn draw_cells(&self, scene: &mut Scene) {
        let rows = self.row_edges.len().saturating_sub(1);
        let columns = &self.map.columns;
        let row_group = group(rows, self.plot.height());
        let column_group = group(columns.len(), self.plot.width());
        let mut paths = vec![String::new(); usize::from(LEVELS)];
        let mut missing: Vec<Rect> = Vec::new();
        let tops: Vec<usize> = (0..rows).step_by(row_group).collect();
        // Open runs of equal colour, one a row: level and left edge.
        let mut runs: Vec<(u8, f64)> = vec![(0, self.plot.x0); tops.len()];
        let mut close = |row: usize, run: (u8, f64), x1: f64| {
            let Some(path) = paths.get_mut(usize::from(run.0)) else { return };
            let (low, high) = (row * row_group, ((row + 1) * row_group).min(rows));
            let (Some(y1), Some(y0)) = (self.row_edges.get(low), self.row_edges.get(high)) else { return };
            if run.0 > 0 && x1 > run.1 && y1 > y0 {
                let _ = write!(
                    path,
                    "M{} {}H{}V{}H{}Z",
                    number(run.1),
                    number(*y0),
                    number(x1),
                    number(*y1),
                    number(run.1)
                );
            }
        };
        for (at, grouped) in columns.chunks(column_group).enumerate() {
            let (x0, x1) = (
                self.column_x(at * column_group),
                self.column_x((at * column_group + grouped.len()).min(columns.len())),
            );
            let drawn: Vec<&Column> = grouped.iter().filter(|column| has_cells(column, rows)).collect();
            if drawn.is_empty() {
                match missing.last_mut().filter(|last| last.x1 == x0) {
                    Some(last) => last.x1 = x1,
                    None => missing.push(Rect::new(x0, self.plot.y0, x1, self.plot.y1)),
                }
            }
            for (row, low) in tops.iter().enumerate() {
                let cells = *low..(low + row_group).min(rows);
                let largest =
                    drawn.iter().flat_map(|column| cells.clone().map(|row| cell(column, row))).max();
                let level = level(largest.unwrap_or(0), &self.map.scale);
                if let Some(run) = runs.get_mut(row).filter(|run| run.0 != level) {
                    close(row, *run, x0);
                    *run = (level, x0);
                }
            }
        }
        for (row, run) in runs.iter().enumerate() {
            close(row, *run, self.plot.x1);
        }
        scene.open("cells");
        scene.rect(self.plot, viridis(0.0), 1.0);
        for (level, path) in (0..LEVELS).zip(&paths) {
            scene.fill_path(path, viridis(f64::from(level) / f64::from(LEVELS - 1)), 1.0, true);
        }
        for area in missing {
            scene.rect(area, self.palette.missing.0, 1.0);
            scene.stroke_path(&hatch(area, 8.0), Stroke::new(self.palette.missing.1, 1.0));
        }
        scene.close();
    }
}

fn cell(column: &Column, row: usize) -> i64 {
    let side = |cells: &[i64]| cells.get(row).copied().unwrap_or(0);
    side(&column.long_usd).saturating_add(side(&column.short_usd))
}

/// Cells drawn as one so that none is smaller than [`LEAST_CELL`].
fn group(cells: usize, pixels: f64) -> usize {
    let mut group = 1;
    while cells / group > 1 && pixels / (cells as f64) * (group as f64) < LEAST_CELL {
        group += 1;
    }
    group
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCALE: HeatScale = HeatScale { p50_usd: 100, p90_usd: 1_000, p99_usd: 4_000 };

    #[test]
    fn stops_stand_at_thirds_and_only_zero_is_darkest() {
        assert_eq!(heat(0, &SCALE), 0.0);
        assert_eq!(heat(50, &SCALE), 0.5 / 3.0);
        assert_eq!(heat(100, &SCALE), 1.0 / 3.0);
        assert_eq!(heat(1_000, &SCALE), 2.0 / 3.0);
        assert_eq!([heat(4_000, &SCALE), heat(i64::MAX, &SCALE)], [1.0, 1.0]);
        assert_eq!([level(0, &SCALE), level(1, &SCALE), level(9_999, &SCALE)], [0, 1, LEVELS - 1]);
    }

    #[test]
    fn equal_or_empty_stops_still_give_a_colour() {
        let flat = HeatScale { p50_usd: 7, p90_usd: 7, p99_usd: 7 };
        assert_eq!([heat(0, &flat), heat(7, &flat)], [0.0, 1.0]);
        let empty = HeatScale { p50_usd: 0, p90_usd: 0, p99_usd: 0 };
        assert_eq!([heat(0, &empty), heat(1, &empty)], [0.0, 1.0]);
        let wrong = HeatScale { p50_usd: 9, p90_usd: -3, p99_usd: 5 };
        assert!([0, 4, 8, 10].into_iter().all(|usd| (0.0..=1.0).contains(&heat(usd, &wrong))));
    }

    #[test]
    fn cells_are_grouped_only_when_they_would_vanish() {
        assert_eq!(
            [group(0, 500.0), group(160, 600.0), group(600, 600.0), group(2_000, 500.0)],
            [1, 1, 2, 8]
        );
    }
}
