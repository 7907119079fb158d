//! Was a cell that was promised twice as much hit twice as often?

use liqlens_query::document::{ReliabilityRow, Score, ScoreHorizon, SideName};

use super::super::scale::Scale;
use super::super::{Picture, Theme};
use super::{Sheet, Words, length};
use crate::scene::{Anchor, Ink, Rect, Rgb, Stroke};

/// Draws, for each horizon, observed against expected events per cell in ten rows of equal expected mass, of
/// the product head: the subject and the best baseline.
pub fn score_reliability_picture(document: &Score, theme: Theme) -> Picture {
    let title = format!("Does it happen as often as {} says?", document.subject);
    let words = Words {
        title: &title,
        shows: "Observed against expected events per cell, ten groups of equal expected number. On the line is right; \
                below it more was promised than came.",
        notes: "Both axes logarithmic. Open at the lower edge: nothing observed. Product head: map and background by \
                distance.",
    };
    let mut sheet = Sheet::new(document, theme, &words);
    for (panel, horizon) in sheet.panels(document, |horizon| caption(document, horizon)) {
        draw(&mut sheet, document, horizon, panel);
    }
    let description = format!("{} {}", words.shows, document.headline);
    sheet.finish(document, &title, description)
}

fn caption(document: &Score, horizon: &ScoreHorizon) -> String {
    let error =
        horizon.forecast(&document.subject).and_then(|forecast| forecast.product_head.calibration_error);
    match error {
        Some(error) => format!("{} · ECE {error:.2}", length(horizon.minutes)),
        None => length(horizon.minutes),
    }
}

/// Expected and observed events per cell.
fn rates(rows: &[ReliabilityRow]) -> Vec<(f64, f64)> {
    rows.iter()
        .filter(|row| row.cells > 0.0 && row.expected > 0.0)
        .map(|row| (row.expected / row.cells, row.observed / row.cells))
        .collect()
}

/// The forecasts drawn, what is compared first, so that the subject lies on top.
fn drawn<'a>(document: &'a Score, horizon: &'a ScoreHorizon) -> Vec<(&'a str, Vec<(f64, f64)>)> {
    let best = horizon.best_baseline.as_deref().filter(|best| *best != document.subject);
    best.into_iter()
        .chain([document.subject.as_str()])
        .filter_map(|name| Some((name, rates(&horizon.forecast(name)?.product_head.reliability))))
        .filter(|(_, rates)| !rates.is_empty())
        .collect()
}

fn draw(sheet: &mut Sheet, document: &Score, horizon: &ScoreHorizon, panel: Rect) {
    let (label, small) = (sheet.metrics.label, sheet.metrics.small);
    let palette = sheet.palette;
    let plot = Rect::new(panel.x0 + 3.6 * label, panel.y0, panel.x1, panel.y1 - 2.9 * small);
    let drawn = drawn(document, horizon);
    let positive =
        drawn.iter().flat_map(|(_, rates)| rates).flat_map(|(a, b)| [*a, *b]).filter(|rate| *rate > 0.0);
    let (low, high) =
        positive.fold((f64::INFINITY, 0.0_f64), |(low, high), rate| (low.min(rate), high.max(rate)));
    let (from, to) = (low.log10() - 0.15, high.log10() + 0.15);
    let scales = Scale::new((from, to), (plot.x0, plot.x1)).zip(Scale::new((from, to), (plot.y1, plot.y0)));
    let scene = &mut sheet.scene;
    scene.rect(plot, palette.panel, 1.0);
    let Some((x, y)) = scales else { return };
    scene.open("axis");
    #[allow(clippy::cast_possible_truncation)] // logarithms of finite numbers
    let powers = (from.ceil() as i32)..=(to.floor() as i32);
    let every = if powers.clone().count() > 7 { 2 } else { 1 };
    for power in powers.step_by(every) {
        let (px, py) = (x.at(f64::from(power)).round() + 0.5, y.at(f64::from(power)).round() + 0.5);
        scene.line((px, plot.y0), (px, plot.y1), Stroke::new(palette.grid, 1.0));
        scene.line((plot.x0, py), (plot.x1, py), Stroke::new(palette.grid, 1.0));
        let text = power_text(power);
        let ink = Ink::new(small, palette.muted);
        scene.text(px, plot.y1 + 1.3 * small, &text, &ink.anchored(Anchor::Middle));
        scene.text(plot.x0 - 0.4 * label, py + 0.36 * small, &text, &ink.anchored(Anchor::End));
    }
    let ink = Ink::new(small, palette.muted);
    scene.text(plot.x1, plot.y1 + 2.6 * small, "expected per cell", &ink.anchored(Anchor::End));
    scene.text(plot.x0 + 0.5 * small, plot.y0 + 1.3 * small, "observed per cell", &ink);
    scene.line((plot.x0, plot.y1), (plot.x1, plot.y0), Stroke::new(palette.axis, 1.5).dashed(6.0, 5.0));
    scene.close();

    scene.open("rates");
    let mut legend = plot.x0;
    for (name, rates) in &drawn {
        let subject = *name == document.subject;
        let colour: Rgb = palette.side(if subject { SideName::Short } else { SideName::Long });
        let at = |(expected, observed): &(f64, f64)| {
            let observed = if *observed > 0.0 { y.at(observed.log10()) } else { plot.y1 };
            (x.at(expected.log10()), observed)
        };
        let points: Vec<(f64, f64)> = rates.iter().map(at).collect();
        let stroke = Stroke::new(colour, if subject { 2.5 } else { 1.5 });
        scene.polyline(&points, if subject { stroke } else { stroke.dashed(3.0, 4.0) });
        for (point, (_, observed)) in points.iter().zip(rates) {
            let fill = if *observed > 0.0 { colour } else { palette.panel };
            scene.circle(*point, if subject { 5.5 } else { 4.5 }, fill, 1.0, Stroke::new(colour, 1.5));
        }
        let ink = Ink::new(small, colour).bold();
        let swatch = (legend + 0.4 * small, plot.y1 + 2.6 * small - 0.34 * small);
        scene.circle(swatch, 5.0, colour, 1.0, Stroke::new(colour, 1.0));
        legend = scene.text(legend + 1.1 * small, plot.y1 + 2.6 * small, name, &ink).x1 + 1.2 * small;
    }
    scene.close();
}

/// A power of ten as a plain number.
fn power_text(power: i32) -> String {
    match power {
        0..=5 => format!("{:.0}", 10_f64.powi(power)),
        -4..0 => format!("{:.*}", power.unsigned_abs() as usize, 10_f64.powi(power)),
        _ => format!("1e{power}").replace('-', "−"),
    }
}
