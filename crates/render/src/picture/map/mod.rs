//! The map: dollars by liquidation price, stacked by leverage, with the running totals from the price
//! outwards and the two reach marks.

mod bars;
mod marks;

use std::fmt::Write as _;

use liqlens_query::document::{BinWidth, Feed, Map, ReachPair, SideName};
use liqlens_query::format;

use super::axis::{price_ticks, side_words};
use super::frame::{Head, Metrics, draw_foot, draw_head, draw_notice};
use super::labels::Placer;
use super::palette::Palette;
use super::scale::{Scale, top_of};
use super::{Picture, Size, Theme};
use crate::scene::{Anchor, Ink, Rect, Scene, Stroke, Weight, fit, text_width};

/// Everything the parts of the chart share.
struct Chart<'a> {
    map: &'a Map,
    metrics: Metrics,
    palette: Palette,
    plot: Rect,
    x: Scale,
    /// Dollars per bin.
    y: Scale,
    /// Dollars from the price outwards.
    y_total: Scale,
    bins: Vec<bars::Bar>,
    price: f64,
}

/// Draws a map.
pub fn map_picture(map: &Map, theme: Theme, size: Size) -> Picture {
    let metrics = Metrics::of(size);
    let palette = Palette::of(theme);
    let (width, height) = size.pixels();
    let mut scene = Scene::new(width, height, palette.background);
    let title = format!("{} liquidation map", map.stamp.symbol);
    let legend_width = legend_width(map, &metrics);
    let head = Head {
        title: &title,
        shows: "Dollars liquidated if price gets there, by effective leverage",
        stamp: &map.stamp,
        legend_width,
        tall_legend: false,
    };
    let top = draw_head(&mut scene, &metrics, &palette, &head);
    draw_legend(&mut scene, map, &metrics, &palette, legend_width);
    let bottom = draw_foot(&mut scene, &metrics, &palette, &notes(map), &map.stamp.snapshot);

    let plot = plot_area(&metrics, top, bottom);
    scene.rect(plot, palette.panel, 1.0);
    match Chart::new(map, metrics, palette, plot, size) {
        Some(chart) => chart.draw(&mut scene, top, size),
        None => draw_notice(
            &mut scene,
            &metrics,
            &palette,
            plot,
            [
                "The price window of this map cannot be drawn",
                "It needs a lowest and a highest price; ask for the map again with another window.",
            ],
        ),
    }
    Picture::new(scene, (width, height), &title, describe(map), &map.stamp.snapshot)
}

/// Room for two rows of labels above the plot, three below it, and one axis on each side.
fn plot_area(metrics: &Metrics, top: f64, bottom: f64) -> Rect {
    let axis = metrics.label * 4.4;
    Rect::new(
        (metrics.margin + axis).round(),
        (top + metrics.text * 1.75 + metrics.label * 2.3).round(),
        (metrics.width - metrics.margin - axis).round(),
        (bottom - metrics.small * 1.75 - metrics.label * 1.45 - metrics.small * 1.3).round(),
    )
}

impl<'a> Chart<'a> {
    fn new(map: &'a Map, metrics: Metrics, palette: Palette, plot: Rect, size: Size) -> Option<Self> {
        let window = (map.window.price_lo.to_f64(), map.window.price_hi.to_f64());
        let x = Scale::new(window, (plot.x0, plot.x1))?;
        let bins = bars::bars(map, &x);
        let intervals = intervals(size);
        let largest = bins.iter().map(|bar| bar.usd).fold(0.0, f64::max);
        let total = bins.iter().map(|bar| bar.total_usd).fold(0.0, f64::max);
        // A little air above the tallest bar for its label.
        let y = Scale::new((0.0, top_of(largest * 1.1, intervals)), (plot.y1, plot.y0))?;
        let y_total = Scale::new((0.0, top_of(total * 1.02, intervals)), (plot.y1, plot.y0))?;
        Some(Self { map, metrics, palette, plot, x, y, y_total, bins, price: map.stamp.price.to_f64() })
    }

    fn draw(&self, scene: &mut Scene, top: f64, size: Size) {
        self.draw_price_axis(scene, size);
        let mut placer = Placer::default();
        if self.bins.is_empty() {
            let tag = self.draw_price(scene, top, &mut placer);
            self.draw_sides(scene, top, &tag);
            let lines = [
                "No liquidation levels in this window",
                "Either no position is liquidated here, or there is no history to infer one from.",
            ];
            draw_notice(scene, &self.metrics, &self.palette, self.plot, lines);
            return;
        }
        self.draw_dollar_axes(scene, size);
        self.draw_day(scene);
        self.draw_intervals(scene);
        self.draw_bars(scene);
        placer.avoid(self.draw_curves(scene));
        let tag = self.draw_price(scene, top, &mut placer);
        self.draw_sides(scene, top, &tag);
        self.draw_marks(scene, &mut placer);
        self.draw_clusters(scene, &mut placer);
    }

    /// Dollars per bin on the left and running totals on the right share the grid lines.
    fn draw_dollar_axes(&self, scene: &mut Scene, size: Size) {
        let Self { plot, palette, metrics, .. } = self;
        let label = metrics.label;
        let ink = Ink::new(label, palette.muted);
        scene.open("axis");
        let intervals = intervals(size);
        for at in 0..=intervals {
            let share = f64::from(at) / f64::from(intervals);
            let y = (plot.y1 - share * plot.height()).round() + 0.5;
            if at > 0 {
                scene.line((plot.x0, y), (plot.x1, y), Stroke::new(palette.grid, 1.0));
            }
            let baseline = y + 0.36 * label;
            let [per_bin, total] = [&self.y, &self.y_total].map(|y| format::usd_short(y.top() * share));
            scene.text(plot.x0 - 0.6 * label, baseline, &per_bin, &ink.anchored(Anchor::End));
            scene.text(plot.x1 + 0.6 * label, baseline, &total, &ink);
        }
        let above = plot.y0 - 1.2 * label;
        let caption = Ink::new(metrics.small, palette.muted);
        scene.text(metrics.margin, above, "per bin", &caption);
        scene.text(metrics.width - metrics.margin, above, "total", &caption.anchored(Anchor::End));
        scene.close();
    }

    /// Prices, and how far they are from the last one.
    fn draw_price_axis(&self, scene: &mut Scene, size: Size) {
        let Self { plot, palette, metrics, .. } = self;
        let (label, small) = (metrics.label, metrics.small);
        let ink = Ink::new(label, palette.ink).anchored(Anchor::Middle);
        let distance_ink = Ink::new(small, palette.muted).anchored(Anchor::Middle);
        let most = if size == Size::Wide { 12 } else { 9 };
        let row = plot.y1 + 1.75 * small + label;
        let mut free_from = metrics.margin / 2.0;
        scene.open("axis");
        scene.line((plot.x0, plot.y1 + 0.5), (plot.x1, plot.y1 + 0.5), Stroke::new(palette.axis, 1.0));
        for (price, text) in price_ticks(self.x.low(), self.x.top(), most) {
            let x = self.x.at(price);
            let distance = format::percent_signed_short((price / self.price - 1.0) * 100.0);
            let boxes = [ink.bounds(x, row, &text), distance_ink.bounds(x, row, &distance)];
            let (x0, x1) = (boxes[0].x0.min(boxes[1].x0), boxes[0].x1.max(boxes[1].x1));
            if x0 < free_from || x1 > metrics.width - metrics.margin / 2.0 {
                continue;
            }
            free_from = x1 + 0.8 * label;
            scene.line((x, plot.y1), (x, plot.y1 + 0.4 * small), Stroke::new(palette.axis, 1.0));
            scene.text(x, row, &text, &ink);
            if self.price > 0.0 {
                scene.text(x, row + 1.3 * small, &distance, &distance_ink);
            }
        }
        scene.close();
    }

    /// The words of each side, in its colour, over its half.
    fn draw_sides(&self, scene: &mut Scene, top: f64, tag: &Rect) {
        let Self { plot, palette, metrics, map, .. } = self;
        let baseline = top + 1.25 * metrics.text;
        scene.open("sides");
        for (side, usd) in
            [(SideName::Long, map.long.in_window_usd), (SideName::Short, map.short.in_window_usd)]
        {
            let words = side_words(side);
            let full = format!("{words}: {} in window", format::usd_short(usd.to_f64()));
            let (x, anchor, room) = match side {
                SideName::Long => (plot.x0, Anchor::Start, tag.x0 - plot.x0 - metrics.text),
                SideName::Short => (plot.x1, Anchor::End, plot.x1 - tag.x1 - metrics.text),
            };
            let ink = Ink::new(metrics.text, palette.side(side)).bold().anchored(anchor);
            // Never cut inside the figure: the shorter wording, or nothing.
            let fits = |text: &str| text_width(text, ink.size, ink.weight) <= room;
            if let Some(text) = [full.as_str(), words].into_iter().find(|text| fits(text)) {
                scene.text(x, baseline, text, &ink);
            }
        }
        scene.close();
    }
}

fn intervals(size: Size) -> u32 {
    match size {
        Size::Wide => 5,
        Size::Card => 4,
    }
}

fn legend_width(map: &Map, metrics: &Metrics) -> f64 {
    let entries: f64 = map
        .bands
        .iter()
        .take(6)
        .map(|band| text_width(&fit_band(&band.label, metrics), metrics.small, Weight::Regular))
        .sum();
    let caption = text_width(LEGEND, metrics.small, Weight::Regular);
    let shown = map.bands.len().min(6) as f64;
    if map.bands.is_empty() {
        0.0
    } else {
        (entries + shown * 3.3 * metrics.small).max(caption) + 2.0 * metrics.small
    }
}

const LEGEND: &str = "effective leverage of the positions";

fn fit_band(label: &str, metrics: &Metrics) -> String {
    fit(label, metrics.small, Weight::Regular, 5.5 * metrics.small)
}

/// A pair of swatches (longs, shorts) for each band, at the right of the title.
fn draw_legend(scene: &mut Scene, map: &Map, metrics: &Metrics, palette: &Palette, width: f64) {
    if map.bands.is_empty() {
        return;
    }
    let small = metrics.small;
    let mut x = metrics.width - metrics.margin - width + 2.0 * small;
    let baseline = metrics.margin + 0.3 * small;
    scene.open("legend");
    scene.text(x, baseline, LEGEND, &Ink::new(small, palette.muted));
    let baseline = baseline + 1.75 * small;
    for (at, band) in map.bands.iter().take(6).enumerate() {
        let side = 0.82 * small;
        for (side_name, shift) in [(SideName::Long, 0.0), (SideName::Short, side + 1.0)] {
            let colour = palette.band(side_name, at, map.bands.len());
            let swatch = Rect::new(x + shift, baseline - side, x + shift + side, baseline);
            scene.round_rect(swatch, 2.0, colour, 1.0);
        }
        x += 2.0 * side + 1.0 + 0.4 * small;
        let label = scene.text(
            x,
            baseline - 0.06 * small,
            &fit_band(&band.label, metrics),
            &Ink::new(small, palette.ink),
        );
        x = label.x1 + 1.1 * small;
    }
    scene.close();
}

/// What is not (yet) known, first because the line may be cut; then scale, window and signs.
fn notes(map: &Map) -> String {
    let bin = match map.bin {
        BinWidth::Usd(width) => format!("{} bins", format::usd_distance(width)),
        BinWidth::Bp(width) => format!("{width} bp bins"),
    };
    let without = |pair: &ReachPair| pair.long.interval.is_none() || pair.short.interval.is_none();
    let interval = if map.stamp.withheld() {
        "Grade D: reach marks are withheld."
    } else if map.stamp.is_measured() {
        "Measured positions, each at its own liquidation price."
    } else if map.marks.as_ref().is_none_or(without) {
        "No error interval yet."
    } else {
        "Shaded: 80 % range of the marks."
    };
    let reporting = match &map.stamp.reporting {
        Some(reporting) if reporting.feed == Feed::Throttled => format!(
            " Estimated true dollars; the stream shows {} of liquidations.",
            format::share(reporting.factor)
        ),
        _ => String::new(),
    };
    let mut notes = format!(
        "{interval}{reporting} Bars: {bin}. Lines: totals. Beyond ±{} %: {} longs, {} shorts.",
        map.window.pct,
        format::usd_short(map.long.beyond_window_usd.to_f64()),
        format::usd_short(map.short.beyond_window_usd.to_f64())
    );
    if map.day.is_some() && !map.bins.is_empty() {
        notes.push_str(" Hatched: traded through in 24 h.");
    }
    notes
}

/// The picture in two sentences.
fn describe(map: &Map) -> String {
    let mut text = format!(
        "{} at {}. Inside ±{} %: {} of longs liquidated if price falls, {} of shorts liquidated if price rises.",
        map.stamp.symbol,
        format::price_grouped(&map.stamp.price),
        map.window.pct,
        format::usd_short(map.long.in_window_usd.to_f64()),
        format::usd_short(map.short.in_window_usd.to_f64()),
    );
    if let Some(pair) = map.marks.as_ref().filter(|_| !map.stamp.withheld()) {
        for (side, reach) in [("longs", &pair.long), ("shorts", &pair.short)] {
            if let (Some(price), Some(percent)) = (&reach.price, reach.move_pct) {
                let _ = write!(
                    text,
                    " {} of {side} at {} ({}).",
                    format::usd_short(pair.amount_usd.to_f64()),
                    format::price_near(price),
                    format::percent_signed(percent)
                );
                if let Some(interval) = &reach.interval {
                    text.pop();
                    let _ = write!(text, ", 80 %: {}.", format::move_range(interval));
                }
            }
        }
    }
    let _ = write!(text, " {} Snapshot {}.", super::frame::provenance(&map.stamp), map.stamp.snapshot);
    text
}
