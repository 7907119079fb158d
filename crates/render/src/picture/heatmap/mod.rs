//! The heatmap: the map over time, with prices over it and the last column's profile at its side.

mod overlay;
mod profile;
mod raster;

use std::fmt::Write as _;

use liqlens_query::document::{ColumnStatus, Heatmap};
use liqlens_query::format;

use super::axis::price_ticks;
use super::frame::{Head, Metrics, draw_foot, draw_head, draw_notice, provenance};
use super::labels::Placer;
use super::palette::{Palette, viridis};
use super::scale::Scale;
use super::{Picture, Size, Theme};
use crate::scene::{Anchor, Ink, Rect, Scene, Stroke, Weight, fit, hatch, text_width};

/// Everything the parts of the chart share.
struct Chart<'a> {
    map: &'a Heatmap,
    metrics: Metrics,
    palette: Palette,
    /// The raster.
    plot: Rect,
    /// The last column's profile.
    side: Rect,
    /// Log price to y.
    y: Scale,
    /// Row edges in pixels, lowest price first (so falling y).
    row_edges: Vec<f64>,
}

/// Draws a heatmap.
pub fn heatmap_picture(map: &Heatmap, theme: Theme, size: Size) -> Picture {
    let metrics = Metrics::of(size);
    let palette = Palette::of(theme);
    let (width, height) = size.pixels();
    let mut scene = Scene::new(width, height, palette.background);
    let title = format!("{} liquidation heatmap", map.stamp.symbol);
    let legend = Rect::new(
        metrics.width - metrics.margin - 24.0 * metrics.small,
        metrics.margin * 0.7,
        metrics.width - metrics.margin,
        0.0,
    );
    let head = Head {
        title: &title,
        shows: "Dollars liquidated if price gets there, over time",
        stamp: &map.stamp,
        legend_width: legend.width() + 3.0 * metrics.small,
        tall_legend: true,
    };
    let top = draw_head(&mut scene, &metrics, &palette, &head);
    draw_legend(&mut scene, map, &metrics, &palette, legend);
    let axis = axis_width(map, &metrics, size);
    let side_width = (metrics.width * 0.15).round();
    let right = metrics.width - metrics.margin;
    let (x0, x1) = (metrics.margin.round(), (right - side_width - axis).round());
    let notes = notes(map, overlay::candles_fit(x1 - x0, map.columns.len()));
    let bottom = draw_foot(&mut scene, &metrics, &palette, &notes, &map.stamp.snapshot);

    let (y0, y1) =
        ((top + 1.9 * metrics.small).round(), (bottom - metrics.label * 1.9 - metrics.small * 0.4).round());
    let plot = Rect::new(x0, y0, x1, y1);
    let side = Rect::new(right - side_width, y0, right, y1);
    if let Some(chart) = Chart::new(map, metrics, palette, plot, side) {
        chart.draw(&mut scene, size);
    } else {
        scene.rect(plot, palette.panel, 1.0);
        let lines = [
            "This heatmap has no columns or no price rows",
            "Ask for a longer span of time, or import more history for this market.",
        ];
        draw_notice(&mut scene, &metrics, &palette, plot, lines);
    }
    Picture::new(scene, (width, height), &title, describe(map), &map.stamp.snapshot)
}

/// Price labels at most on one axis.
fn price_labels(size: Size) -> u32 {
    match size {
        Size::Wide => 14,
        Size::Card => 9,
    }
}

/// Width of the gutter for price labels: what the longest needs, within reason.
fn axis_width(map: &Heatmap, metrics: &Metrics, size: Size) -> f64 {
    let ends = map.rows.edges.first().zip(map.rows.edges.last());
    let labels =
        ends.map(|(lo, hi)| price_ticks(lo.to_f64(), hi.to_f64(), price_labels(size))).unwrap_or_default();
    let price = (0.0, format::price_grouped(&map.stamp.price));
    let widest = labels
        .iter()
        .chain([&price])
        .map(|(_, text)| text_width(text, metrics.label, Weight::SemiBold))
        .fold(0.0, f64::max);
    (widest + 1.4 * metrics.label).clamp(5.0 * metrics.label, 10.0 * metrics.label)
}

impl<'a> Chart<'a> {
    fn new(map: &'a Heatmap, metrics: Metrics, palette: Palette, plot: Rect, side: Rect) -> Option<Self> {
        let edges: Vec<f64> = map.rows.edges.iter().map(|edge| edge.to_f64().ln()).collect();
        let rising = edges.windows(2).all(|pair| pair[0] < pair[1]);
        if map.columns.is_empty() || !rising || edges.iter().any(|edge| !edge.is_finite()) {
            return None;
        }
        let y = Scale::new((*edges.first()?, *edges.last()?), (plot.y1, plot.y0))?;
        let row_edges = edges.iter().map(|edge| y.at(*edge).round()).collect();
        Some(Self { map, metrics, palette, plot, side, y, row_edges })
    }

    fn draw(&self, scene: &mut Scene, size: Size) {
        self.draw_price_axis(scene, size);
        self.draw_cells(scene);
        self.draw_time_axis(scene);
        self.draw_overlay(scene);
        self.draw_profile(scene);
        self.draw_price_tag(scene);
    }

    /// Price labels in the gutter between raster and profile.
    fn draw_price_axis(&self, scene: &mut Scene, size: Size) {
        let Self { plot, side, palette, metrics, .. } = self;
        let label = metrics.label;
        scene.open("axis");
        scene.rect(*side, palette.panel, 1.0);
        let tag = self.tag_y();
        let (lo, hi) = (self.y.low().exp(), self.y.top().exp());
        let room = side.x0 - plot.x1 - 0.9 * label;
        let mut placer = Placer::default();
        if let Some(tag) = tag {
            placer.take(Rect::new(plot.x1, tag - 0.95 * label, side.x0, tag + 0.95 * label));
        }
        let column = Rect::new(plot.x1, plot.y0 - 0.6 * label, plot.x1 + 0.7 * label + room, plot.y1);
        // From the top: on a wide range the labels of a log axis crowd there, and the higher ones win.
        for (price, text) in price_ticks(lo, hi, price_labels(size)).into_iter().rev() {
            let y = self.y.at(price.ln());
            let ink = Ink::new(label, palette.ink);
            let (x, baseline) = (plot.x1 + 0.7 * label, y + 0.36 * label);
            scene.line((side.x0, y), (side.x1, y), Stroke::new(palette.grid, 1.0));
            if placer.place(&column, [ink.bounds(x, baseline, &text)]).is_some() {
                scene.line((plot.x1, y), (plot.x1 + 0.4 * label, y), Stroke::new(palette.axis, 1.0));
                scene.text(x, baseline, &text, &ink);
            }
        }
        scene.close();
    }

    fn tag_y(&self) -> Option<f64> {
        let price = self.map.stamp.price.to_f64().ln();
        self.y.holds(price).then(|| self.y.at(price))
    }

    /// The last price across raster and profile, with its tag in the gutter.
    fn draw_price_tag(&self, scene: &mut Scene) {
        let Some(y) = self.tag_y() else { return };
        let Self { plot, side, palette, metrics, .. } = self;
        let label = metrics.label;
        scene.open("price");
        scene.line((side.x0, y), (side.x1, y), Stroke::new(palette.ink, 1.5));
        let gutter = side.x0 - plot.x1 - 0.9 * label;
        let text = fit(&format::price_grouped(&self.map.stamp.price), label, Weight::SemiBold, gutter);
        let tag = Rect::new(plot.x1 + 1.0, y - 0.85 * label, side.x0 - 1.0, y + 0.85 * label);
        scene.round_rect(tag, 4.0, palette.ink, 1.0);
        let ink = Ink::new(label, palette.background).bold().anchored(Anchor::Middle);
        scene.text(tag.middle().0, y + 0.36 * label, &text, &ink);
        scene.close();
    }
}

/// The colour bar with its stops in dollars per row, and what the hatching means.
fn draw_legend(scene: &mut Scene, map: &Heatmap, metrics: &Metrics, palette: &Palette, area: Rect) {
    let small = metrics.small;
    let mut baseline = area.y0 + small;
    scene.open("legend");
    let caption = Ink::new(small, palette.muted);
    scene.text(area.x0, baseline, "dollars per price row", &caption);
    let missing = scene.text(area.x1, baseline, "no data", &caption.anchored(Anchor::End));
    let swatch =
        Rect::new(missing.x0 - 1.6 * small, baseline - 0.8 * small, missing.x0 - 0.4 * small, baseline);
    scene.rect(swatch, palette.missing.0, 1.0);
    scene.stroke_path(&hatch(swatch, 5.0), Stroke::new(palette.missing.1, 1.0));

    baseline += 0.55 * small;
    let bar = Rect::new(area.x0.round(), baseline.round(), area.x1.round(), (baseline + 0.9 * small).round());
    let steps = 64_u8;
    for step in 0..steps {
        let edge = |at: u8| (bar.x0 + bar.width() * f64::from(at) / f64::from(steps)).round();
        let colour = viridis(f64::from(step) / f64::from(steps - 1));
        scene.rect(Rect::new(edge(step), bar.y0, edge(step + 1), bar.y1), colour, 1.0);
    }
    let scale = &map.scale;
    let stops = [
        (0.0, Anchor::Start, format::usd_short(0.0), ""),
        (3.0, Anchor::End, format!("≥ {}", format::usd_short(scale.p99_usd as f64)), "p99"),
        (2.0, Anchor::Middle, format::usd_short(scale.p90_usd as f64), "p90"),
        (1.0, Anchor::Middle, format::usd_short(scale.p50_usd as f64), "p50"),
    ];
    let mut placer = Placer::default();
    let below = bar.y1 + 1.25 * small;
    let row = Rect::new(0.0, bar.y1, metrics.width, below + small);
    for (thirds, anchor, text, name) in stops {
        let x = bar.x0 + thirds * bar.width() / 3.0;
        let tick = x.min(bar.x1 - 0.5);
        scene.line((tick, bar.y1), (tick, bar.y1 + 4.0), Stroke::new(palette.axis, 1.0));
        let ink = Ink::new(small, palette.ink).anchored(anchor);
        if placer.place(&row, [ink.bounds(x, below, &text).grown(0.3 * small, 0.0)]).is_some() {
            scene.text(x, below, &text, &ink);
            if !name.is_empty() {
                let quantile = Ink::new(small * 0.9, palette.muted).anchored(anchor);
                scene.text(x, below + 1.2 * small, name, &quantile);
            }
        }
    }
    scene.close();
}

/// Scale and what the signs over the raster mean.
fn notes(map: &Heatmap, candles: bool) -> String {
    let step = match map.step_s {
        step if step > 0 && step % 86_400 == 0 => format!("{} d", step / 86_400),
        step if step > 0 && step % 3_600 == 0 => format!("{} h", step / 3_600),
        step if step > 0 && step % 60 == 0 => format!("{} min", step / 60),
        step => format!("{step} s"),
    };
    let mut notes = format!(
        "No error interval yet. Rows of {} bp, columns of {step}, log price. {}.",
        map.rows.width_bp,
        if candles { "Candles: white up, black down" } else { "Line: last price of each column" }
    );
    if map.columns.iter().any(|column| column.reported_usd.iter().any(|usd| *usd > 0)) {
        notes.push_str(" Circles: reported liquidations (a floor).");
    }
    if map.columns.iter().any(|column| column.status == ColumnStatus::Forming) {
        notes.push_str(" The last column is still forming.");
    }
    notes
}

/// The picture in two sentences.
fn describe(map: &Heatmap) -> String {
    let mut text = format!("{} liquidation levels over time", map.stamp.symbol);
    if let (Some(first), Some(last)) = (map.columns.first(), map.columns.last()) {
        let _ = write!(
            text,
            ", {} columns from {} to {}",
            map.columns.len(),
            format::utc_minute(&first.start),
            format::utc_minute(&last.end)
        );
    }
    let gaps = map.columns.iter().filter(|column| column.status == ColumnStatus::Gap).count();
    let _ = write!(
        text,
        "; last price {}; {gaps} columns without data. {} Snapshot {}.",
        format::price_grouped(&map.stamp.price),
        provenance(&map.stamp),
        map.stamp.snapshot
    );
    text
}
