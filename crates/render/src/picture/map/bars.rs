//! Bars and running totals of the map.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use liqlens_query::document::{Map, SideName};

use super::Chart;
use crate::picture::scale::Scale;
use crate::scene::{Rect, Scene, Stroke, hatch, number};

/// One bin on the plot.
#[derive(Debug, Clone)]
pub(super) struct Bar {
    pub(super) side: SideName,
    /// Edges in whole pixels.
    pub(super) x0: f64,
    pub(super) x1: f64,
    pub(super) usd: f64,
    pub(super) by_band: Vec<f64>,
    pub(super) total_usd: f64,
    /// Edge away from the price, exact.
    far_x: f64,
}

/// The bins that can be drawn: non-empty price range, at least partly inside the window, finite dollars.
pub(super) fn bars(map: &Map, x: &Scale) -> Vec<Bar> {
    map.bins
        .iter()
        .filter_map(|bin| {
            let (lo, hi) = (bin.price_lo.to_f64(), bin.price_hi.to_f64());
            let drawable = lo < hi && hi > x.low() && lo < x.top() && bin.usd.cents() >= 0;
            let (x0, x1) = (x.clamped(lo), x.clamped(hi));
            let far_x = match bin.side {
                SideName::Long => x0,
                SideName::Short => x1,
            };
            drawable.then(|| Bar {
                side: bin.side,
                x0: x0.round(),
                x1: x1.round(),
                usd: bin.usd.to_f64(),
                by_band: bin.by_band.iter().map(|usd| usd.to_f64().max(0.0)).collect(),
                total_usd: bin.cumulative_usd.to_f64().max(0.0),
                far_x,
            })
        })
        .collect()
}

impl Chart<'_> {
    /// Bars as one path a side and band; every edge lies on a whole pixel, so they are crisp.
    pub(super) fn draw_bars(&self, scene: &mut Scene) {
        let bands = self.map.bands.len();
        let mut paths: BTreeMap<(SideName, usize), String> = BTreeMap::new();
        for bar in &self.bins {
            let width = bar.x1 - bar.x0;
            let gap = if width >= 4.0 { 1.0 } else { 0.0 };
            let (x0, x1) = (bar.x0, (bar.x1 - gap).max(bar.x0 + 1.0));
            let mut below = 0.0;
            let mut y_below = self.plot.y1;
            let whole = [bar.usd];
            let parts = if bar.by_band.is_empty() { whole.as_slice() } else { bar.by_band.as_slice() };
            for (band, usd) in parts.iter().enumerate() {
                // The parts sum to the bin; should a document say otherwise, the bin's total wins.
                below = (below + usd).min(bar.usd);
                let y = self.y.clamped(below).round();
                if y < y_below {
                    let path = paths.entry((bar.side, band)).or_default();
                    let _ = write!(
                        path,
                        "M{} {}H{}V{}H{}Z",
                        number(x0),
                        number(y_below),
                        number(x1),
                        number(y),
                        number(x0)
                    );
                    y_below = y;
                }
            }
        }
        scene.open("bars");
        for ((side, band), path) in paths {
            scene.fill_path(&path, self.palette.band(side, band, bands), 1.0, true);
        }
        scene.close();
    }

    /// Running totals from the price outwards. Returns their points, for labels to avoid.
    pub(super) fn draw_curves(&self, scene: &mut Scene) -> Vec<(f64, f64)> {
        let mut all = Vec::new();
        scene.open("totals");
        for side in [SideName::Long, SideName::Short] {
            let mut points: Vec<(f64, f64)> = self
                .bins
                .iter()
                .filter(|bar| bar.side == side)
                .map(|bar| (bar.far_x, self.y_total.clamped(bar.total_usd)))
                .collect();
            points.sort_by(|a, b| a.0.total_cmp(&b.0));
            if points.is_empty() {
                continue;
            }
            if self.x.holds(self.price) {
                let start = (self.x.at(self.price), self.plot.y1);
                match side {
                    SideName::Long => points.push(start),
                    SideName::Short => points.insert(0, start),
                }
            }
            scene.polyline(&points, Stroke::new(self.palette.panel, 6.0).faded(0.85));
            scene.polyline(&points, Stroke::new(self.palette.side(side), 2.5));
            all.extend(dense(&points));
        }
        scene.close();
        all
    }

    /// The last day's range: a hatched strip in the plot and its two ends under the axis.
    pub(super) fn draw_day(&self, scene: &mut Scene) {
        let Some(day) = &self.map.day else { return };
        let (low, high) = (day.low.to_f64(), day.high.to_f64());
        if !(low <= high && high >= self.x.low() && low <= self.x.top()) {
            return;
        }
        let (x0, x1) = (self.x.clamped(low), self.x.clamped(high));
        scene.open("day");
        let strip = Rect::new(x0, self.plot.y0, x1, self.plot.y1);
        scene.stroke_path(&hatch(strip, 9.0), Stroke::new(self.palette.axis, 1.0).faded(0.35));
        let y = self.plot.y1;
        scene.rect(Rect::new(x0, y + 2.0, x1.max(x0 + 1.0), y + 6.0), self.palette.muted, 1.0);
        self.draw_day_ends(scene, day, (x0, x1));
        scene.close();
    }
}

/// The points of a line and four between each two, for labels to keep off the line and not only its ends.
fn dense(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let between = |pair: &[(f64, f64)]| {
        let (from, to) = (pair[0], pair[1]);
        (0..5_u8).map(move |at| {
            let share = f64::from(at) / 5.0;
            (from.0 + (to.0 - from.0) * share, from.1 + (to.1 - from.1) * share)
        })
    };
    points.windows(2).flat_map(between).chain(points.last().copied()).collect()
}
