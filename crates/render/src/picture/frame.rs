//! What every chart has around its plot: title, two lines about where it comes from, and the foot with
//! the caveat, notes and the snapshot id.

use liqlens_query::document::{Evidence, Stamp};
use liqlens_query::format;

use super::Size;
use super::palette::Palette;
use crate::scene::{Anchor, Ink, Rect, Scene, Weight, fit, text_width};

/// The fixed sentence under every chart.
pub(crate) use liqlens_query::document::CAVEAT_SHORT as CAVEAT;

/// Type sizes and margins of one picture size, pixels.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Metrics {
    pub(crate) width: f64,
    pub(crate) height: f64,
    pub(crate) margin: f64,
    pub(crate) title: f64,
    pub(crate) text: f64,
    pub(crate) label: f64,
    pub(crate) small: f64,
}

impl Metrics {
    pub(crate) fn of(size: Size) -> Self {
        let (width, height) = size.pixels();
        let (width, height) = (f64::from(width), f64::from(height));
        match size {
            Size::Wide => {
                Self { width, height, margin: 40.0, title: 36.0, text: 18.0, label: 16.5, small: 15.5 }
            }
            Size::Card => {
                Self { width, height, margin: 30.0, title: 29.0, text: 15.5, label: 14.5, small: 13.5 }
            }
        }
    }
}

/// Head texts of a chart.
pub(crate) struct Head<'a> {
    pub(crate) title: &'a str,
    pub(crate) shows: &'a str,
    pub(crate) stamp: &'a Stamp,
    /// Width at the right of the title kept free for a legend.
    pub(crate) legend_width: f64,
    /// Whether the legend also stands beside the two lines under the title.
    pub(crate) tall_legend: bool,
}

/// Draws the head and returns the y below it.
pub(crate) fn draw_head(scene: &mut Scene, metrics: &Metrics, palette: &Palette, head: &Head<'_>) -> f64 {
    let Metrics { width, margin, title, text, small, .. } = *metrics;
    let full = width - 2.0 * margin;
    let beside_legend = full - head.legend_width;
    let lines = if head.tall_legend { beside_legend } else { full };
    scene.open("head");
    let mut baseline = margin + title * 0.66;
    let badge = format!("grade {}", head.stamp.grade.letter.as_str());
    let badge_ink = Ink::new(small, palette.ink).bold().anchored(Anchor::Middle);
    let badge_width = text_width(&badge, small, Weight::SemiBold) + 1.3 * small;
    let ink = Ink::new(title, palette.ink).bold();
    let shown = fit(head.title, title, Weight::SemiBold, beside_legend - badge_width - 0.5 * title);
    let at = scene.text(margin, baseline, &shown, &ink);
    // The grade stands beside the name: how far to trust the figures is read with the first look.
    let middle = baseline - 0.36 * title;
    let left = at.x1 + 0.45 * title;
    let pill = Rect::new(left, middle - 0.85 * small, left + badge_width, middle + 0.85 * small);
    scene.round_rect(pill, 0.85 * small, palette.grid, 1.0);
    scene.text(pill.middle().0, middle + 0.36 * small, &badge, &badge_ink);

    baseline += text * 1.75;
    let shows = shows_line(head.shows, head.stamp, text, lines);
    scene.text(margin, baseline, &shows, &Ink::new(text, palette.ink));
    baseline += small * 1.65;
    scene.text(
        margin,
        baseline,
        &fit(&provenance(head.stamp), small, Weight::Regular, lines),
        &Ink::new(small, palette.muted),
    );
    scene.close();
    baseline + small * 0.5
}

/// Draws the foot (notes above, caveat and snapshot below) and returns the y above it.
pub(crate) fn draw_foot(
    scene: &mut Scene,
    metrics: &Metrics,
    palette: &Palette,
    notes: &str,
    snapshot: &str,
) -> f64 {
    let Metrics { width, height, margin, text, small, .. } = *metrics;
    scene.open("foot");
    let baseline = height - margin * 0.72;
    let id = format!("liqlens · snapshot {}", format::snapshot_short(snapshot));
    let right = Ink::new(small, palette.muted).anchored(Anchor::End);
    let id_at = scene.text(width - margin, baseline, &fit(&id, small, Weight::Regular, width / 3.0), &right);
    let room = id_at.x0 - margin - text;
    scene.text(
        margin,
        baseline,
        &fit(CAVEAT, small, Weight::SemiBold, room),
        &Ink::new(small, palette.ink).bold(),
    );
    let above = baseline - small * 1.6;
    let notes = fit(notes, small, Weight::Regular, width - 2.0 * margin);
    scene.text(margin, above, &notes, &Ink::new(small, palette.muted));
    scene.close();
    above - small * 1.25
}

/// Says in the middle of an empty plot what is missing.
pub(crate) fn draw_notice(
    scene: &mut Scene,
    metrics: &Metrics,
    palette: &Palette,
    plot: Rect,
    lines: [&str; 2],
) {
    scene.open("notice");
    let (x, y) = plot.middle();
    let room = plot.width() - 2.0 * metrics.text;
    let bold = Ink::new(metrics.text * 1.25, palette.ink).bold().anchored(Anchor::Middle);
    scene.text(x, y - 0.3 * metrics.text, &fit(lines[0], bold.size, Weight::SemiBold, room), &bold);
    let plain = Ink::new(metrics.text, palette.muted).anchored(Anchor::Middle);
    scene.text(x, y + 1.4 * metrics.text, &fit(lines[1], plain.size, Weight::Regular, room), &plain);
    scene.close();
}

/// Time, age, model, coverage and evidence on one line.
pub(crate) fn provenance(stamp: &Stamp) -> String {
    format!(
        "{} · data {} old · {} · {} · model {}",
        format::utc_minute(&stamp.as_of),
        format::age(stamp.age_s),
        stamp.coverage.text,
        evidence(&stamp.evidence),
        stamp.model,
    )
}

/// The evidence mix without the classes that are absent.
pub(crate) fn evidence(evidence: &Evidence) -> String {
    let parts: Vec<String> =
        [("measured", evidence.measured), ("reported", evidence.reported), ("modelled", evidence.modelled)]
            .into_iter()
            .filter(|(_, share)| *share > 0.0)
            .map(|(name, share)| format!("{name} {}", format::share(share)))
            .collect();
    if parts.is_empty() { "no evidence".to_owned() } else { parts.join(", ") }
}

/// What a chart shows and the markets behind it: as many of their names as there is room for, never a
/// piece of one.
fn shows_line(shows: &str, stamp: &Stamp, size: f64, room: f64) -> String {
    let lines = (0..=3_usize).rev().map(|named| format!("{shows} · {}", markets(stamp, named)));
    let fits = |line: &String| text_width(line, size, Weight::Regular) <= room;
    lines.into_iter().find(fits).unwrap_or_else(|| fit(shows, size, Weight::Regular, room))
}

fn markets(stamp: &Stamp, named: usize) -> String {
    let names: Vec<&str> = stamp.markets.iter().take(named).map(|market| market.title.as_str()).collect();
    match (names.len(), stamp.markets.len()) {
        (_, 0) => "no market".to_owned(),
        (0, 1) => "1 market".to_owned(),
        (0, all) => format!("{all} markets"),
        (shown, all) if shown < all => format!("{} and {} more", names.join(", "), all - shown),
        _ => names.join(", "),
    }
}
