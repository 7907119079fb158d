//! Price line, reach marks, day's ends and cluster labels of the map.

use liqlens_query::document::{Cluster, DayRange, PriceText, ReachSide, SideName, Usd};
use liqlens_query::format;

use super::Chart;
use crate::picture::axis::arrow;
use crate::picture::labels::Placer;
use crate::scene::{Anchor, Ink, Rect, Scene, Stroke, Weight, fit, text_width};

/// Labelled clusters per side.
const CLUSTERS_PER_SIDE: usize = 3;

impl Chart<'_> {
    /// The price line with its tag above the plot; returns the tag's box.
    pub(super) fn draw_price(&self, scene: &mut Scene, top: f64, placer: &mut Placer) -> Rect {
        let Self { plot, metrics, palette, map, .. } = self;
        let x = if self.price.is_finite() { self.x.clamped(self.price) } else { plot.middle().0 };
        let ink = Ink::new(metrics.text, palette.background).bold().anchored(Anchor::Middle);
        let text = fit(&format::price_grouped(&map.stamp.price), ink.size, ink.weight, plot.width() / 4.0);
        let half = text_width(&text, ink.size, ink.weight) / 2.0 + 0.6 * metrics.text;
        let middle = x.clamp(plot.x0 + half.min(plot.width() / 2.0), plot.x1 - half.min(plot.width() / 2.0));
        let baseline = top + 1.25 * metrics.text;
        let tag = Rect::new(
            middle - half,
            baseline - 1.15 * metrics.text,
            middle + half,
            baseline + 0.45 * metrics.text,
        );
        scene.open("price");
        if self.x.holds(self.price) && !self.bins.is_empty() {
            let x = x.round() + 0.5;
            scene.line((x, tag.y1), (x, plot.y1), Stroke::new(palette.ink, 1.5));
            placer.take(Rect::new(x - 4.0, plot.y0, x + 4.0, plot.y1));
        }
        scene.round_rect(tag, 5.0, palette.ink, 1.0);
        scene.text(middle, baseline, &text, &ink);
        scene.close();
        tag
    }

    /// Where the asked amount of each side is reached. Withheld with the other headline figures.
    pub(super) fn draw_marks(&self, scene: &mut Scene, placer: &mut Placer) {
        let Some(pair) = self.map.marks.as_ref().filter(|_| !self.map.stamp.withheld()) else { return };
        scene.open("marks");
        for (side, reach) in [(SideName::Long, &pair.long), (SideName::Short, &pair.short)] {
            self.draw_mark(scene, placer, side, pair.amount_usd, reach);
        }
        scene.close();
    }

    /// The 80 % ranges of the reach marks, behind the bars.
    pub(super) fn draw_intervals(&self, scene: &mut Scene) {
        let Some(pair) = self.map.marks.as_ref().filter(|_| !self.map.stamp.withheld()) else { return };
        scene.open("intervals");
        for (side, reach) in [(SideName::Long, &pair.long), (SideName::Short, &pair.short)] {
            let Some(interval) = &reach.interval else { continue };
            // An open interval runs to the edge of the plot.
            let open = if side == SideName::Long { f64::NEG_INFINITY } else { f64::INFINITY };
            let [one, other] = [interval.lo80, interval.hi80.unwrap_or(open)]
                .map(|distance| self.x.clamped(self.price + distance));
            let band = Rect::new(one.min(other), self.plot.y0, one.max(other), self.plot.y1);
            scene.rect(band, self.palette.side(side), 0.14);
        }
        scene.close();
    }

    fn draw_mark(
        &self,
        scene: &mut Scene,
        placer: &mut Placer,
        side: SideName,
        amount: Usd,
        reach: &ReachSide,
    ) {
        let Self { plot, metrics, palette, .. } = self;
        let (Some(price), Some(percent)) = (&reach.price, reach.move_pct) else { return };
        let at = price.to_f64();
        if !at.is_finite() {
            return;
        }
        let x = self.x.clamped(at).round() + 0.5;
        let text = mark_text(side, amount, price, percent);
        let ink = Ink::new(metrics.label, palette.side(side)).bold();
        let width = text_width(&text, ink.size, ink.weight);
        let baseline = plot.y0 - 1.05 * metrics.label;
        // The flag hangs away from the price, turned round only at the plot's edge.
        let (outer, inner) = match side {
            SideName::Long => (x - width - 0.4 * metrics.label, x + 0.4 * metrics.label),
            SideName::Short => (x + 0.4 * metrics.label, x - width - 0.4 * metrics.label),
        };
        let flags = Rect::new(plot.x0, baseline - 2.0 * metrics.label, plot.x1, plot.y0);
        let middle = self.x.clamped(self.price);
        let own_half = match side {
            SideName::Long => Rect::new(flags.x0, flags.y0, middle - 4.0, flags.y1),
            SideName::Short => Rect::new(middle + 4.0, flags.y0, flags.x1, flags.y1),
        };
        let boxes = [outer, inner].map(|x| ink.bounds(x, baseline, &text));
        let Some(place) = placer.place(&own_half, boxes) else { return };
        if self.x.holds(at) {
            scene.line((x, place.y0), (x, plot.y1), Stroke::new(palette.side(side), 1.75).dashed(6.0, 4.0));
            // Labels stay readable over a dashed line, so it only costs preference.
            placer.avoid((0..60_u8).map(|at| (x, plot.y0 + plot.height() * f64::from(at) / 60.0)));
        }
        scene.text(place.x0, baseline, &text, &ink);
    }

    pub(super) fn draw_day_ends(&self, scene: &mut Scene, day: &DayRange, (x0, x1): (f64, f64)) {
        let Self { metrics, palette, plot, .. } = self;
        let small = metrics.small;
        let baseline = plot.y1 + 1.15 * small;
        let row = Rect::new(plot.x0, plot.y1, plot.x1, baseline + small);
        let ends = [
            (self.x.holds(day.low.to_f64()), "low", &day.low, x0 - 0.5 * small, Anchor::End),
            (self.x.holds(day.high.to_f64()), "high", &day.high, x1 + 0.5 * small, Anchor::Start),
        ];
        for (shown, name, price, x, anchor) in ends {
            let text = format!("24 h {name} {}", format::price_grouped(price));
            let ink = Ink::new(small, palette.muted).anchored(anchor);
            if shown && row.contains(&ink.bounds(x, baseline, &text)) {
                scene.text(x, baseline, &text, &ink);
            }
        }
    }

    /// The largest clusters of each side, labelled above their bars where there is room.
    pub(super) fn draw_clusters(&self, scene: &mut Scene, placer: &mut Placer) {
        let mut chosen: Vec<&Cluster> = Vec::new();
        for side in [SideName::Long, SideName::Short] {
            let of_side = self.map.clusters.iter().filter(|cluster| cluster.side == side);
            chosen.extend(
                of_side.filter(|cluster| self.x.holds(cluster.peak_price.to_f64())).take(CLUSTERS_PER_SIDE),
            );
        }
        // The largest choose first.
        chosen.sort_by(|a, b| b.usd.cmp(&a.usd).then(a.side.cmp(&b.side)).then(a.rank.cmp(&b.rank)));
        scene.open("clusters");
        for cluster in chosen {
            self.draw_cluster(scene, placer, cluster);
        }
        scene.close();
    }

    fn draw_cluster(&self, scene: &mut Scene, placer: &mut Placer, cluster: &Cluster) {
        let text = cluster_text(cluster);
        let size = self.metrics.label;
        let ink = Ink::new(size, self.palette.ink).anchored(Anchor::Middle).haloed(self.palette.panel);
        let (width, height) = (text_width(&text, size, Weight::Regular), 1.25 * size);
        let x = self.x.at(cluster.peak_price.to_f64());
        let tip = self.skyline(x - 1.0, x + 1.0);
        let mut candidates: Vec<(f64, Rect)> = Vec::new();
        for shift in [0.0, -0.2, 0.2, -0.4, 0.4, -0.52, 0.52] {
            let (x0, x1) = (x + shift * width - width / 2.0, x + shift * width + width / 2.0);
            let floor = self.skyline(x0, x1).min(tip) - 0.55 * size;
            for level in 0..14_u8 {
                let y1 = floor - f64::from(level) * 0.6 * size;
                let cost = (tip - y1) + 0.35 * (shift * width).abs();
                candidates.push((cost, Rect::new(x0, y1 - height, x1, y1)));
            }
        }
        candidates.sort_by(|a, b| a.0.total_cmp(&b.0));
        // A label far from its bar, or with a leader through another label, says less than none.
        let leader = |area: &Rect| Rect::new(x - 2.0, area.y1, x + 2.0, tip - 2.0);
        let near = candidates
            .into_iter()
            .filter(|(cost, area)| *cost < 9.0 * size && placer.is_free(&leader(area)))
            .map(|(_, area)| area.grown(0.35 * size, 0.12 * size))
            .collect::<Vec<Rect>>();
        let Some(place) = placer.place(&self.plot, near) else { return };
        placer.take(leader(&place));
        let middle = place.middle().0;
        let stroke = Stroke::new(self.palette.side(cluster.side), 1.25);
        let from = (x.clamp(place.x0 + 0.35 * size, place.x1 - 0.35 * size), place.y1 - 0.1 * size);
        if tip - from.1 > 2.0 {
            scene.line(from, (x, tip - 1.0), stroke);
        }
        scene.circle(
            (x, tip),
            2.5,
            self.palette.side(cluster.side),
            1.0,
            Stroke::new(self.palette.panel, 1.0),
        );
        scene.text(middle, place.y0 + 1.02 * size, &text, &ink);
    }

    /// Top of the bars between two pixels.
    fn skyline(&self, x0: f64, x1: f64) -> f64 {
        self.bins
            .iter()
            .filter(|bar| bar.x0 < x1 && x0 < bar.x1)
            .map(|bar| self.y.clamped(bar.usd))
            .fold(self.plot.y1, f64::min)
    }
}

/// `▼ $1.1B at 90,580 (−2.2 %)`.
fn mark_text(side: SideName, amount: Usd, price: &PriceText, percent: f64) -> String {
    format!(
        "{} {} at {} ({})",
        arrow(side),
        format::usd_short(amount.to_f64()),
        format::price_near(price),
        format::percent_signed_short(percent)
    )
}

/// `$82M @ 90,580 (−2.2 %)`.
fn cluster_text(cluster: &Cluster) -> String {
    format!(
        "{} @ {} ({})",
        format::usd_short(cluster.usd.to_f64()),
        format::price_near(&cluster.peak_price),
        format::percent_signed_short(cluster.distance_pct)
    )
}
