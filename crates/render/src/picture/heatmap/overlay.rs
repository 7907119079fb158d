//! Prices, reported liquidations and the time axis over the heatmap.

use std::fmt::Write as _;

use liqlens_market::Timestamp;
use liqlens_query::document::{Column, ColumnStatus, SideName};

use super::Chart;
use crate::scene::{Anchor, Ink, Rgb, Scene, Stroke, number};

const WHITE: Rgb = Rgb(0xff, 0xff, 0xff);
const BLACK: Rgb = Rgb(0x05, 0x07, 0x0a);
/// Columns narrower than this show a line through the closes in place of candles, pixels.
const LEAST_CANDLE: f64 = 4.0;
/// Circles drawn at most, a side.
const CIRCLES: usize = 14;
/// Steps between time labels, hours.
const TIME_STEPS_H: [i64; 12] = [1, 2, 3, 6, 12, 24, 48, 96, 168, 336, 672, 1344];

/// Whether columns are wide enough for candles.
pub(super) fn candles_fit(plot_width: f64, columns: usize) -> bool {
    plot_width / columns as f64 >= LEAST_CANDLE
}

impl Chart<'_> {
    pub(super) fn draw_overlay(&self, scene: &mut Scene) {
        scene.open("prices");
        let width = self.plot.width() / self.map.columns.len() as f64;
        if candles_fit(self.plot.width(), self.map.columns.len()) {
            self.draw_candles(scene, width);
        } else {
            self.draw_closes(scene);
        }
        scene.close();
        self.draw_circles(scene);
        if let Some(at) = self.map.columns.iter().position(|column| column.status == ColumnStatus::Forming) {
            let x = self.column_x(at) + 0.5;
            scene.line((x, self.plot.y0), (x, self.plot.y1), Stroke::new(WHITE, 1.0).dashed(3.0, 4.0));
        }
    }

    /// First, highest, lowest and last price of a column in pixels, inside the plot.
    fn pixels(&self, column: &Column) -> Option<[f64; 4]> {
        let prices = column.ohlc.as_ref()?;
        let logs = [0, 1, 2, 3].map(|at: usize| prices[at].to_f64().ln());
        logs.iter().all(|log| log.is_finite()).then(|| logs.map(|log| self.y.clamped(log)))
    }

    /// White for a rise and black for a fall, each with an edge of the other: readable on every heat.
    fn draw_candles(&self, scene: &mut Scene, width: f64) {
        let mut wicks = String::new();
        let mut bodies = [String::new(), String::new()];
        let body = (width * 0.62).clamp(2.0, 14.0).round();
        for (at, column) in self.map.columns.iter().enumerate() {
            let Some([open, high, low, close]) = self.pixels(column) else { continue };
            let middle = self.column_middle(at);
            let x0 = (middle - body / 2.0).round();
            let _ = write!(wicks, "M{} {}V{}", number(x0 + body / 2.0), number(high), number(low));
            let (top, bottom) = (open.min(close), open.max(close).max(open.min(close) + 1.0));
            let path = &mut bodies[usize::from(close > open)];
            let _ = write!(
                path,
                "M{} {}h{}V{}h-{}Z",
                number(x0),
                number(top),
                number(body),
                number(bottom),
                number(body)
            );
        }
        scene.stroke_path(&wicks, Stroke::new(BLACK, 3.2).faded(0.7));
        scene.stroke_path(&wicks, Stroke::new(WHITE, 1.2));
        for (path, fill, edge) in [(&bodies[0], WHITE, BLACK), (&bodies[1], BLACK, WHITE)] {
            scene.fill_path(path, fill, 1.0, false);
            scene.stroke_path(path, Stroke::new(edge, 0.9));
        }
    }

    /// A line through the closes, interrupted at gaps.
    fn draw_closes(&self, scene: &mut Scene) {
        let mut pieces: Vec<Vec<(f64, f64)>> = vec![Vec::new()];
        for (at, column) in self.map.columns.iter().enumerate() {
            match self.pixels(column) {
                Some([_, _, _, close]) => {
                    let x = self.column_middle(at);
                    if let Some(piece) = pieces.last_mut() {
                        piece.push((x, close));
                    }
                }
                None => pieces.push(Vec::new()),
            }
        }
        for piece in pieces {
            scene.polyline(&piece, Stroke::new(BLACK, 4.0).faded(0.75));
            scene.polyline(&piece, Stroke::new(WHITE, 1.8));
        }
    }

    /// The largest reported liquidations, at the end of the candle that hit them; area by dollars.
    fn draw_circles(&self, scene: &mut Scene) {
        let columns = &self.map.columns;
        let largest = columns.iter().flat_map(|column| column.reported_usd).max().unwrap_or(0) as f64;
        scene.open("reported");
        for (side, name) in [(0, SideName::Long), (1, SideName::Short)] {
            let mut circles: Vec<(i64, usize)> = columns
                .iter()
                .enumerate()
                .filter_map(|(at, column)| column.reported_usd.get(side).map(|usd| (*usd, at)))
                .filter(|(usd, _)| *usd > 0)
                .collect();
            circles.sort_by(|a, b| b.cmp(a));
            for (usd, at) in circles.into_iter().take(CIRCLES) {
                let radius = (usd as f64 / largest).sqrt() * self.metrics.small * 0.75;
                let ends = columns.get(at).and_then(|column| self.pixels(column));
                if let Some([_, high, low, _]) = ends.filter(|_| radius >= 2.5) {
                    let y = if name == SideName::Long { low } else { high };
                    let x = self.column_middle(at);
                    let centre = (
                        x.clamp(self.plot.x0 + radius, self.plot.x1 - radius),
                        y.clamp(self.plot.y0 + radius, self.plot.y1 - radius),
                    );
                    let fill = circle_fill(name);
                    scene.circle(centre, radius, fill, 0.55, Stroke::new(WHITE, 1.5));
                }
            }
        }
        scene.close();
    }

    /// UTC days and hours under the raster.
    pub(super) fn draw_time_axis(&self, scene: &mut Scene) {
        let label = self.metrics.label;
        let starts: Vec<Option<i64>> = self.map.columns.iter().map(|column| seconds(&column.start)).collect();
        let Some(step_s) = self.time_step(&starts) else { return };
        scene.open("axis");
        let baseline = self.plot.y1 + 0.45 * label + label;
        let zone = scene.text(
            self.plot.x1 + 0.7 * label,
            baseline,
            "UTC",
            &Ink::new(self.metrics.small, self.palette.muted),
        );
        let mut free_from = self.plot.x0 - self.metrics.margin * 0.5;
        for ((at, start), column) in starts.iter().enumerate().zip(&self.map.columns) {
            let Some(start) = start.filter(|start| start.rem_euclid(step_s) == 0) else { continue };
            let x = self.column_x(at);
            scene.line(
                (x + 0.5, self.plot.y1),
                (x + 0.5, self.plot.y1 + 0.4 * label),
                Stroke::new(self.palette.axis, 1.0),
            );
            let midnight = start.rem_euclid(86_400) == 0;
            let text =
                if midnight { day(&column.start) } else { column.start.get(11..16).unwrap_or("").to_owned() };
            let ink = Ink::new(label, if midnight { self.palette.ink } else { self.palette.muted });
            let ink = if midnight { ink.bold() } else { ink }.anchored(Anchor::Middle);
            let bounds = ink.bounds(x, baseline, &text);
            if bounds.x0 >= free_from && bounds.x1 < zone.x0 - 0.5 * label {
                scene.text(x, baseline, &text, &ink);
                free_from = bounds.x1 + 0.8 * label;
            }
        }
        scene.close();
    }

    /// The smallest step whose labels have room.
    fn time_step(&self, starts: &[Option<i64>]) -> Option<i64> {
        let known = || starts.iter().flatten();
        let span_s = known().max()?.saturating_sub(*known().min()?).max(1);
        let room = self.plot.width() / (5.2 * self.metrics.label);
        TIME_STEPS_H.map(|hours| hours * 3_600).into_iter().find(|step| span_s as f64 / *step as f64 <= room)
    }
}

fn circle_fill(side: SideName) -> Rgb {
    match side {
        SideName::Long => Rgb(0xd5, 0x5e, 0x00),
        SideName::Short => Rgb(0x00, 0x72, 0xb2),
    }
}

fn seconds(rfc3339: &str) -> Option<i64> {
    Timestamp::parse_text(rfc3339).ok().map(|time| time.millis().div_euclid(1_000))
}

/// `14 Mar` of an RFC 3339 time.
fn day(rfc3339: &str) -> String {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let month = rfc3339.get(5..7).and_then(|month| month.parse::<usize>().ok());
    let name = month.and_then(|month| MONTHS.get(month.checked_sub(1)?));
    match (name, rfc3339.get(8..10)) {
        (Some(name), Some(day)) => format!("{} {name}", day.trim_start_matches('0')),
        _ => rfc3339.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_read_as_days() {
        assert_eq!(day("2026-03-04T00:00:00Z"), "4 Mar");
        assert_eq!(day("nonsense"), "nonsense");
        assert_eq!(seconds("1970-01-02T00:00:00Z"), None, "before the first coin");
        // 56 years with 14 leap days after 1970.
        assert_eq!(seconds("2026-01-01T00:00:00Z"), Some((56 * 365 + 14) * 86_400));
    }
}
