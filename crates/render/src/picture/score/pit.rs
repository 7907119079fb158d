//! Are the bands as wide as they should be?

use liqlens_query::document::{Score, ScoreHorizon, SideName};

use super::super::scale::{Scale, top_of};
use super::super::{Picture, Theme};
use super::{Sheet, Words, length};
use crate::scene::{Anchor, Ink, Rect, Stroke};

/// Draws, for each horizon, how often a window's total fell into each tenth of its predicted distribution.
pub fn score_pit_picture(document: &Score, theme: Theme) -> Picture {
    let title = format!("Where totals fell in {}’s own forecast", document.subject);
    let words = Words {
        title: &title,
        shows: "Share of windows by the tenth of the predicted distribution that the total fell into. Flat is right; a \
                hump: bands too wide; a U: too narrow; a slope: biased.",
        notes: "Shaded: where 95 % of a right forecast's bars lie, if windows were independent. Shown is the law itself; \
                the bands learn from its misses.",
    };
    let mut sheet = Sheet::new(document, theme, &words);
    for (panel, horizon) in sheet.panels(document, |horizon| caption(document, horizon)) {
        draw(&mut sheet, document, horizon, panel);
    }
    let description = format!("{} {}", words.shows, document.headline);
    sheet.finish(document, &title, description)
}

fn caption(document: &Score, horizon: &ScoreHorizon) -> String {
    let totals = horizon.forecast(&document.subject).map(|forecast| &forecast.totals);
    let share = totals.and_then(|totals| totals.coverage.get(1)?.share);
    match share {
        Some(share) => format!("{} · 80 % band held {:.0} %", length(horizon.minutes), 100.0 * share),
        None => length(horizon.minutes),
    }
}

fn draw(sheet: &mut Sheet, document: &Score, horizon: &ScoreHorizon, panel: Rect) {
    let (label, small) = (sheet.metrics.label, sheet.metrics.small);
    let palette = sheet.palette;
    let plot = Rect::new(panel.x0 + 3.0 * label, panel.y0, panel.x1, panel.y1 - 1.7 * small);
    let scene = &mut sheet.scene;
    scene.rect(plot, palette.panel, 1.0);
    let pit: &[u64] = horizon.forecast(&document.subject).map_or(&[], |forecast| &forecast.totals.pit);
    let windows: u64 = pit.iter().sum();
    if windows == 0 {
        let ink = Ink::new(label, palette.muted).anchored(Anchor::Middle);
        scene.text(plot.middle().0, plot.middle().1, "no forecast of totals", &ink);
        return;
    }
    let (bars, all) = (pit.len() as f64, windows as f64);
    let flat = 1.0 / bars;
    // A binomial share about the flat line.
    let spread = 1.96 * (flat * (1.0 - flat) / all).sqrt();
    let largest = pit.iter().map(|count| *count as f64 / all).fold(flat + spread, f64::max);
    let Some(y) = Scale::new((0.0, top_of(largest * 1.05, 4)), (plot.y1, plot.y0)) else { return };
    scene.open("axis");
    for step in 0..=4 {
        let value = y.top() * f64::from(step) / 4.0;
        let at = y.at(value).round() + 0.5;
        scene.line((plot.x0, at), (plot.x1, at), Stroke::new(palette.grid, 1.0));
        let ink = Ink::new(small, palette.muted).anchored(Anchor::End);
        let text = format!("{} %", trimmed(100.0 * value));
        scene.text(plot.x0 - 0.4 * label, at + 0.36 * small, &text, &ink);
    }
    for step in 0..=5 {
        let share = f64::from(step) / 5.0;
        let ink = Ink::new(small, palette.muted).anchored(Anchor::Middle);
        let text = if step == 0 { "0".to_owned() } else { format!("{share:.1}") };
        scene.text(plot.x0 + share * plot.width(), plot.y1 + 1.3 * small, &text, &ink);
    }
    scene.close();
    scene.open("bars");
    let width = plot.width() / bars;
    for (at, count) in pit.iter().enumerate() {
        let left = plot.x0 + at as f64 * width;
        let top = y.at(*count as f64 / all);
        let bar = Rect::new(left + 2.0, top, left + width - 2.0, plot.y1);
        scene.rect(bar, palette.band(SideName::Short, 2, 5), 1.0);
    }
    scene.close();
    scene.open("flat");
    let band = Rect::new(plot.x0, y.clamped(flat + spread), plot.x1, y.clamped((flat - spread).max(0.0)));
    scene.rect(band, palette.muted, 0.18);
    scene.line((plot.x0, y.at(flat)), (plot.x1, y.at(flat)), Stroke::new(palette.ink, 1.5));
    scene.close();
}

/// Whole percents, or one decimal.
fn trimmed(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}
