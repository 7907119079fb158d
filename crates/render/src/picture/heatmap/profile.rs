//! The last column beside the raster, on the same price axis.

use std::fmt::Write as _;

use liqlens_query::document::{Column, SideName};
use liqlens_query::format;

use super::Chart;
use super::raster::has_cells;
use crate::picture::axis::side_words;
use crate::picture::labels::Placer;
use crate::picture::scale::{Scale, top_of};
use crate::scene::{Anchor, Ink, Rect, Scene, Stroke, Weight, number, text_width};

impl Chart<'_> {
    pub(super) fn draw_profile(&self, scene: &mut Scene) {
        let Self { side: area, palette, metrics, .. } = self;
        let rows = self.row_edges.len().saturating_sub(1);
        let small = metrics.small;
        scene.open("profile");
        let caption = Ink::new(small, palette.muted).anchored(Anchor::End);
        let Some(column) = self.map.columns.iter().rev().find(|column| has_cells(column, rows)) else {
            scene.text(area.x1, area.y0 - 0.6 * small, "no column with data", &caption);
            scene.close();
            return;
        };
        scene.text(area.x1, area.y0 - 0.6 * small, "last column, per row", &caption);
        let largest = column.long_usd.iter().chain(&column.short_usd).copied().max().unwrap_or(0) as f64;
        let top = top_of(largest.max(1.0), 2);
        if let Some(x) = Scale::new((0.0, top), (area.x0, area.x1)) {
            for side in [SideName::Long, SideName::Short] {
                scene.fill_path(&self.profile_path(column, side, &x), palette.band(side, 3, 5), 1.0, true);
            }
            self.draw_profile_axis(scene, &x, top);
        }
        self.draw_side_words(scene);
        scene.close();
    }

    fn profile_path(&self, column: &Column, side: SideName, x: &Scale) -> String {
        let cells = match side {
            SideName::Long => &column.long_usd,
            SideName::Short => &column.short_usd,
        };
        let mut path = String::new();
        for (usd, edges) in cells.iter().zip(self.row_edges.windows(2)) {
            let (y1, y0) = (edges[0], edges[1]);
            if *usd > 0 && y1 > y0 {
                let end = x.clamped(*usd as f64).max(self.side.x0 + 1.0);
                let _ = write!(
                    path,
                    "M{} {}H{}V{}H{}Z",
                    number(self.side.x0),
                    number(y0),
                    number(end.round()),
                    number(y1),
                    number(self.side.x0)
                );
            }
        }
        path
    }

    fn draw_profile_axis(&self, scene: &mut Scene, x: &Scale, top: f64) {
        let Self { side: area, palette, metrics, .. } = self;
        let label = metrics.label;
        let baseline = area.y1 + 1.45 * label;
        scene.line((area.x0, area.y1 + 0.5), (area.x1, area.y1 + 0.5), Stroke::new(palette.axis, 1.0));
        let mut placer = Placer::default();
        let row = Rect::new(area.x0, area.y1, area.x1 + label, baseline + label);
        for (usd, anchor) in [(top, Anchor::End), (0.0, Anchor::Start), (top / 2.0, Anchor::Middle)] {
            let at = x.at(usd);
            let ink = Ink::new(label, palette.muted).anchored(anchor);
            let text = format::usd_short(usd);
            scene.line((at, area.y1), (at, area.y1 + 0.4 * label), Stroke::new(palette.axis, 1.0));
            if placer.place(&row, [ink.bounds(at, baseline, &text)]).is_some() {
                scene.text(at, baseline, &text, &ink);
            }
        }
    }

    /// `▲ shorts` at the top and `▼ longs` at the bottom, where the panel has room for the words.
    fn draw_side_words(&self, scene: &mut Scene) {
        let Self { side: area, palette, metrics, .. } = self;
        let size = metrics.small;
        for (side, baseline) in
            [(SideName::Short, area.y0 + 1.4 * size), (SideName::Long, area.y1 - 0.7 * size)]
        {
            let ink = Ink::new(size, palette.side(side)).bold().anchored(Anchor::End).haloed(palette.panel);
            let room = area.width() - size;
            let words = side_words(side);
            let short = words.split(" liquidated").next().unwrap_or(words);
            let fits = |text: &str| text_width(text, size, Weight::SemiBold) <= room;
            if let Some(text) = [words, short].into_iter().find(|text| fits(text)) {
                let x = area.x1 - 0.5 * size;
                // A plate under the words: a long bar would swallow their first letters.
                let plate = ink.bounds(x, baseline, text).grown(0.35 * size, 0.2 * size);
                scene.round_rect(plate, 0.3 * size, palette.panel, 1.0);
                scene.text(x, baseline, text, &ink);
            }
        }
    }
}
