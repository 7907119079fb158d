//! Gain of every forecast over the peers' reference method, with its interval.

use liqlens_query::document::{Gain, Score, ScoreHorizon, ScoredForecast, SideName};
use liqlens_query::format::score_signed;

use super::super::scale::{Scale, decimals_of, ticks};
use super::super::{Picture, Theme};
use super::{Sheet, Words, length};
use crate::scene::{Anchor, Ink, Rect, Rgb, Stroke};

/// Draws, for each horizon, the gain of each forecast over m0a – over R2 where m0a did not take part – with
/// its 95 % interval.
pub fn score_gain_picture(document: &Score, theme: Theme) -> Picture {
    let over = reference(document);
    let title = format!("Who foretells liquidations best: gain over {over}");
    let words = Words {
        title: &title,
        shows: "Nats per event; right of the line is better. The bar is the 95 % interval of the paired difference: \
                where it crosses the line, no difference can be claimed.",
        notes: "Every map goes through the same head. R1 knows how much price goes over, R2 also the distance. \
                m0a–m0e: peers' methods.",
    };
    let mut sheet = Sheet::new(document, theme, &words);
    let limits = limits(document, over);
    for (panel, horizon) in sheet.panels(document, |horizon| length(horizon.minutes)) {
        draw(&mut sheet, document, horizon, panel, over, limits);
    }
    sheet.finish(document, &title, document.headline.clone())
}

/// `m0a`, or `R2`.
fn reference(document: &Score) -> &'static str {
    if document.models.iter().any(|model| model.name == "m0a") { "m0a" } else { "R2" }
}

fn gain_of(forecast: &ScoredForecast, over: &str) -> Option<Gain> {
    let head = &forecast.uniform_head;
    if over == "R2" { head.over_r2 } else { head.over_m0a }
}

/// One scale for all panels, so that horizons can be compared.
fn limits(document: &Score, over: &str) -> (f64, f64) {
    let gains = document.horizons.iter().flat_map(|horizon| &horizon.forecasts);
    let ends = gains
        .filter_map(|forecast| gain_of(forecast, over))
        .flat_map(|gain| [gain.nats, gain.lower.unwrap_or(gain.nats), gain.upper.unwrap_or(gain.nats)]);
    let (low, high) = ends
        .filter(|end| end.is_finite())
        .fold((0.0_f64, 0.0_f64), |(low, high), end| (low.min(end), high.max(end)));
    let air = 0.05 * (high - low).max(0.02);
    (low - air, high + air)
}

fn draw(
    sheet: &mut Sheet,
    document: &Score,
    horizon: &ScoreHorizon,
    panel: Rect,
    over: &str,
    limits: (f64, f64),
) {
    let (label, small) = (sheet.metrics.label, sheet.metrics.small);
    let palette = sheet.palette;
    let names = 2.6 * label;
    let figures = 4.9 * label;
    let plot = Rect::new(panel.x0 + names, panel.y0, panel.x1 - figures, panel.y1 - 1.7 * small);
    let Some(x) = Scale::new(limits, (plot.x0, plot.x1)) else { return };
    let scene = &mut sheet.scene;
    scene.rect(plot, palette.panel, 1.0);
    scene.open("axis");
    let (values, step) = ticks(limits.0, limits.1, 6);
    for value in values {
        let at = x.at(value).round() + 0.5;
        scene.line((at, plot.y0), (at, plot.y1), Stroke::new(palette.grid, 1.0));
        let text = format!("{value:.*}", decimals_of(step)).replace('-', "−");
        let text = if value.abs() < step / 2.0 { "0".to_owned() } else { text };
        let ink = Ink::new(small, palette.muted).anchored(Anchor::Middle);
        scene.text(at, plot.y1 + 1.3 * small, &text, &ink);
    }
    let zero = x.at(0.0).round() + 0.5;
    scene.line((zero, plot.y0), (zero, plot.y1), Stroke::new(palette.ink, 1.5));
    scene.close();

    scene.open("gains");
    let height = plot.height() / horizon.forecasts.len().max(1) as f64;
    for (row, forecast) in horizon.forecasts.iter().enumerate() {
        let y = plot.y0 + (row as f64 + 0.5) * height;
        let baseline = y + 0.36 * label;
        let colour = colour(document, forecast, &palette);
        let subject = forecast.name == document.subject;
        let plain = Ink::new(label, if subject { colour } else { palette.ink }).anchored(Anchor::End);
        let ink = if subject { plain.bold() } else { plain };
        scene.text(plot.x0 - 0.5 * label, baseline, &forecast.name, &ink);
        let Some(gain) = gain_of(forecast, over) else { continue };
        let right = Ink { anchor: Anchor::Start, ..ink };
        if forecast.name == over {
            scene.text(plot.x1 + 0.5 * label, baseline, "is the line", &Ink::new(small, palette.muted));
            continue;
        }
        if let (Some(lower), Some(upper)) = (gain.lower, gain.upper) {
            let stroke = Stroke::new(colour, if subject { 5.0 } else { 3.0 });
            scene.line((x.at(lower), y), (x.at(upper), y), stroke.faded(0.55));
        }
        let radius = if subject { 6.5 } else { 5.0 };
        scene.circle((x.at(gain.nats), y), radius, colour, 1.0, Stroke::new(palette.panel, 1.5));
        scene.text(plot.x1 + 0.5 * label, baseline, &score_signed(gain.nats), &right);
    }
    scene.close();
}

/// Ours in blue, the peers' in orange, references grey; the name beside each says the same.
fn colour(document: &Score, forecast: &ScoredForecast, palette: &super::Palette) -> Rgb {
    match document.models.iter().find(|model| model.name == forecast.name) {
        None => palette.muted,
        Some(model) if model.baseline => palette.side(SideName::Long),
        Some(_) => palette.side(SideName::Short),
    }
}
