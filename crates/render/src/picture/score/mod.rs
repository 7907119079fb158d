//! Pictures of a score, one panel a horizon: gains with their intervals, reliability, and the histogram of
//! probability integral transforms.

mod gain;
mod pit;
mod reliability;

pub use gain::score_gain_picture;
pub use pit::score_pit_picture;
pub use reliability::score_reliability_picture;

use liqlens_query::document::{Score, ScoreHorizon};
use liqlens_query::format;

use super::frame::Metrics;
use super::palette::Palette;
use super::{Picture, Size, Theme};
use crate::scene::{Anchor, Ink, Rect, Scene, Weight, fit, wrap};

/// Most panels: two rows of three.
const MOST: usize = 6;

/// A picture in progress: title and two lines above, notes below, panels between.
struct Sheet {
    scene: Scene,
    metrics: Metrics,
    palette: Palette,
    body: Rect,
}

/// What stands around the panels.
struct Words<'a> {
    title: &'a str,
    /// How to read it.
    shows: &'a str,
    notes: &'a str,
}

impl Sheet {
    fn new(document: &Score, theme: Theme, words: &Words<'_>) -> Self {
        let metrics = Metrics::of(Size::Wide);
        let palette = Palette::of(theme);
        let (width, height) = Size::Wide.pixels();
        let mut scene = Scene::new(width, height, palette.background);
        let Metrics { margin, title, text, small, .. } = metrics;
        let room = metrics.width - 2.0 * margin;
        scene.open("head");
        let mut baseline = margin + title * 0.66;
        let shown = fit(words.title, title, Weight::SemiBold, room);
        scene.text(margin, baseline, &shown, &Ink::new(title, palette.ink).bold());
        baseline += text * 0.4;
        for line in wrap(words.shows, text, Weight::Regular, room, 2) {
            baseline += text * 1.35;
            scene.text(margin, baseline, &line, &Ink::new(text, palette.ink));
        }
        baseline += small * 1.65;
        let about = fit(&about(document), small, Weight::Regular, room);
        scene.text(margin, baseline, &about, &Ink::new(small, palette.muted));
        scene.close();

        scene.open("foot");
        let foot = metrics.height - margin * 0.72;
        let id = format!("liqlens · snapshot {}", format::snapshot_short(&document.snapshot));
        let right = Ink::new(small, palette.muted).anchored(Anchor::End);
        let id = scene.text(metrics.width - margin, foot, &id, &right);
        let room = id.x0 - margin - text;
        let notes = fit(words.notes, small, Weight::Regular, room);
        scene.text(margin, foot, &notes, &Ink::new(small, palette.muted));
        let mut bottom = foot - small * 1.6;
        if let Some(caveat) = document.caveats.first() {
            let caveat = fit(caveat, small, Weight::SemiBold, metrics.width - 2.0 * margin);
            scene.text(margin, bottom, &caveat, &Ink::new(small, palette.ink).bold());
            bottom -= small * 1.6;
        }
        scene.close();
        let body = Rect::new(margin, baseline + small * 0.9, metrics.width - margin, bottom);
        Self { scene, metrics, palette, body }
    }

    /// The panel of each scored horizon, with its caption drawn.
    fn panels<'a>(
        &mut self,
        document: &'a Score,
        caption: impl Fn(&ScoreHorizon) -> String,
    ) -> Vec<(Rect, &'a ScoreHorizon)> {
        let scored: Vec<&ScoreHorizon> =
            document.horizons.iter().filter(|horizon| horizon.windows > 0).take(MOST).collect();
        let across: usize = match scored.len() {
            0 | 1 => 1,
            2 | 4 => 2,
            _ => 3,
        };
        let down = scored.len().div_ceil(across).max(1);
        let gap = self.metrics.text * 2.2;
        let width = (self.body.width() - gap * (across - 1) as f64) / across as f64;
        let height = (self.body.height() - gap * 0.4 * (down - 1) as f64) / down as f64;
        let ink = Ink::new(self.metrics.text, self.palette.ink).bold();
        self.scene.open("captions");
        let panels = scored
            .into_iter()
            .enumerate()
            .map(|(at, horizon)| {
                let (column, row) = ((at % across) as f64, (at / across) as f64);
                let (x, y) =
                    (self.body.x0 + column * (width + gap), self.body.y0 + row * (height + 0.4 * gap));
                let text = fit(&caption(horizon), ink.size, ink.weight, width);
                self.scene.text(x, y + ink.size, &text, &ink);
                (Rect::new(x, y + 1.9 * ink.size, x + width, y + height), horizon)
            })
            .collect();
        self.scene.close();
        panels
    }

    fn finish(self, document: &Score, title: &str, description: String) -> Picture {
        let (width, height) = Size::Wide.pixels();
        Picture::new(self.scene, (width, height), title, description, &document.snapshot)
    }
}

/// Market and period on one line.
fn about(document: &Score) -> String {
    let scope = &document.scope;
    format!(
        "{} · scored from {} to {} · {} reports",
        document.title,
        format::utc_minute(&scope.from),
        format::utc_minute(&scope.to),
        format::figure(scope.prints as f64),
    )
}

/// `1 minute`, `30 minutes`.
fn length(minutes: i64) -> String {
    if minutes == 1 { "1 minute".to_owned() } else { format!("{minutes} minutes") }
}
