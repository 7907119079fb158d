//! The card: a brief's headline and its two distances, for link previews.

use liqlens_query::document::{Brief, ReachPair, ReachSide, SideName};
use liqlens_query::format;

use super::axis::{arrow, side_words};
use super::frame::Metrics;
use super::palette::Palette;
use super::{Picture, Size, Theme};
use crate::scene::{Anchor, Ink, Rect, Scene, Stroke, Weight, fit, text_width, wrap, wrap_even};

/// Draws the 1200×630 card of a brief: headline, two bars, price, time, grade, caveat, snapshot id.
pub fn card_picture(brief: &Brief, theme: Theme) -> Picture {
    let metrics = Metrics { margin: 56.0, ..Metrics::of(Size::Card) };
    let palette = Palette::of(theme);
    let (width, height) = Size::Card.pixels();
    let mut scene = Scene::new(width, height, palette.background);
    let card = Card { brief, metrics, palette };
    card.draw_edge(&mut scene);
    let top = card.draw_head(&mut scene);
    let bottom = card.draw_foot(&mut scene);
    let middle = Rect::new(metrics.margin, top, metrics.width - metrics.margin, bottom);
    match (&brief.withheld, &brief.reach) {
        (Some(reason), _) => card.draw_withheld(&mut scene, middle, reason),
        (None, Some(pair)) => card.draw_bars(&mut scene, middle, pair),
        (None, None) => card.draw_moves(&mut scene, middle),
    }
    Picture::new(scene, (width, height), &brief.headline, brief.cover.alt.clone(), &brief.stamp.snapshot)
}

/// At most this many times the longer bar is shown of a range.
const MOST_STRETCH: f64 = 2.0;

struct Card<'a> {
    brief: &'a Brief,
    metrics: Metrics,
    palette: Palette,
}

impl Card<'_> {
    /// A thin band in both side colours, so that the card is recognised at thumbnail size.
    fn draw_edge(&self, scene: &mut Scene) {
        let half = self.metrics.width / 2.0;
        scene.rect(Rect::new(0.0, 0.0, half, 8.0), self.palette.band(SideName::Long, 3, 5), 1.0);
        scene.rect(
            Rect::new(half, 0.0, self.metrics.width, 8.0),
            self.palette.band(SideName::Short, 3, 5),
            1.0,
        );
    }

    fn draw_head(&self, scene: &mut Scene) -> f64 {
        let Self { brief, metrics, palette } = self;
        let room = metrics.width - 2.0 * metrics.margin;
        scene.open("head");
        // One line in slightly smaller type reads better than a second line of one word.
        let one_line = [42.0, 40.0, 38.0, 36.0]
            .into_iter()
            .find(|size| text_width(&brief.headline, *size, Weight::SemiBold) <= room);
        let size = one_line.unwrap_or(42.0);
        let mut baseline = metrics.margin + 32.0;
        for line in wrap_even(&brief.headline, size, Weight::SemiBold, room, 2) {
            scene.text(metrics.margin, baseline, &line, &Ink::new(size, palette.ink).bold());
            baseline += size * 1.24;
        }
        let stamp = fit(&brief.stamp_line, 17.0, Weight::Regular, room);
        baseline -= 12.0;
        scene.text(metrics.margin, baseline, &stamp, &Ink::new(17.0, palette.muted));
        scene.close();
        baseline + 18.0
    }

    fn draw_foot(&self, scene: &mut Scene) -> f64 {
        let Self { brief, metrics, palette } = self;
        let size = 16.0;
        scene.open("foot");
        let baseline = metrics.height - 30.0;
        let id = format!(
            "grade {} · snapshot {}",
            brief.stamp.grade.letter.as_str(),
            format::snapshot_short(&brief.stamp.snapshot)
        );
        let right = Ink::new(size, palette.muted).anchored(Anchor::End);
        let id_at = scene.text(metrics.width - metrics.margin, baseline, &id, &right);
        let left = format!("liqlens · {}", format::utc_minute(&brief.stamp.as_of));
        let left = fit(&left, size, Weight::Regular, id_at.x0 - metrics.margin - size);
        scene.text(metrics.margin, baseline, &left, &Ink::new(size, palette.muted));
        let rule = baseline - 1.75 * size;
        let right_edge = metrics.width - metrics.margin;
        scene.line((metrics.margin, rule), (right_edge, rule), Stroke::new(palette.grid, 1.0));
        let lines = wrap_even(&brief.caveat, size, Weight::SemiBold, right_edge - metrics.margin, 3);
        let mut line_at = rule - 0.85 * size;
        for line in lines.iter().rev() {
            scene.text(metrics.margin, line_at, line, &Ink::new(size, palette.ink).bold());
            line_at -= 1.4 * size;
        }
        scene.close();
        line_at
    }

    /// The two distances on one axis through the price: the shorter bar is the nearer side.
    fn draw_bars(&self, scene: &mut Scene, area: Rect, pair: &ReachPair) {
        let Self { palette, .. } = self;
        let centre = area.middle().0;
        let distance = |side: &ReachSide| side.move_pct.filter(|pct| pct.is_finite()).map_or(0.0, f64::abs);
        let farthest = |side: &ReachSide| {
            range_pct(side).filter(|(_, far)| far.is_finite()).map_or(0.0, |(_, far)| far).max(distance(side))
        };
        let points = distance(&pair.long).max(distance(&pair.short));
        // A range that runs far away is cut at the edge of the card before it squeezes the bars.
        let longest = farthest(&pair.long).max(farthest(&pair.short)).min(MOST_STRETCH * points);
        let price_tag = self.draw_price(scene, area, centre);
        let bar_y = f64::midpoint(price_tag.y1, area.y1) - 4.0;
        let half_height = 42.0;
        let most = area.width() / 2.0;
        scene.open("bars");
        for (side, reach) in [(SideName::Long, &pair.long), (SideName::Short, &pair.short)] {
            let (sign, anchor, edge) = match side {
                SideName::Long => (-1.0, Anchor::Start, area.x0),
                SideName::Short => (1.0, Anchor::End, area.x1),
            };
            let scaled = |pct: f64| if longest > 0.0 { (pct / longest).min(1.0) * most } else { 0.0 };
            let end = centre + sign * scaled(distance(reach));
            let bar = Rect::new(centre.min(end), bar_y - half_height, centre.max(end), bar_y + half_height);
            scene.round_rect(bar, 4.0, palette.band(side, 3, 5), 1.0);
            if let Some((near, far)) = range_pct(reach) {
                let whisker = Stroke::new(palette.ink, 2.0);
                let x = |pct: f64| centre + sign * scaled(pct);
                scene.line((x(near), bar_y), (x(far), bar_y), whisker);
                // An end that is not on the card has no tick.
                for pct in [near, far].into_iter().filter(|pct| *pct <= longest) {
                    scene.line((x(pct), bar_y - 10.0), (x(pct), bar_y + 10.0), whisker);
                }
            }
            let room = area.width() / 2.0 - 20.0;
            let bold = Ink::new(32.0, palette.side(side)).bold().anchored(anchor);
            let above = bar_y - half_height - 18.0;
            scene.text(edge, above, &fit(&distance_text(side, reach), bold.size, bold.weight, room), &bold);
            let plain = Ink::new(19.0, palette.ink).anchored(anchor);
            let words = fit(&side_words(side)[4..], plain.size, plain.weight, room);
            let below = bar_y + half_height;
            scene.text(edge, below + 30.0, &words, &plain);
            let muted = Ink::new(17.0, palette.muted).anchored(anchor);
            let level = fit(&level_text(pair, reach), muted.size, muted.weight, room);
            scene.text(edge, below + 56.0, &level, &muted);
        }
        let line = Stroke::new(palette.ink, 2.5);
        scene.line((centre, price_tag.y1), (centre, bar_y + half_height + 12.0), line);
        scene.close();
    }

    /// The price in a tag; its box is returned.
    fn draw_price(&self, scene: &mut Scene, area: Rect, centre: f64) -> Rect {
        let Self { brief, palette, .. } = self;
        let day = brief.price_box.day.as_ref();
        let change =
            day.map(|day| format!(" ({} 24 h)", format::percent_signed(day.change_pct))).unwrap_or_default();
        let text =
            format!("{} {}{change}", brief.stamp.symbol, format::price_grouped(&brief.price_box.price));
        let ink = Ink::new(22.0, palette.background).bold().anchored(Anchor::Middle);
        let text = fit(&text, ink.size, ink.weight, area.width() - 40.0);
        let half = text_width(&text, ink.size, ink.weight) / 2.0 + 16.0;
        let y = area.y0 + 8.0;
        let tag = Rect::new(centre - half, y, centre + half, y + 40.0);
        scene.open("price");
        scene.round_rect(tag, 6.0, palette.ink, 1.0);
        scene.text(centre, y + 28.0, &text, &ink);
        scene.close();
        tag
    }

    /// The price still stands; the figures that cannot be relied on do not.
    fn draw_withheld(&self, scene: &mut Scene, area: Rect, reason: &str) {
        let tag = self.draw_price(scene, area, area.middle().0);
        let rest = Rect::new(area.x0, tag.y1, area.x1, area.y1);
        self.draw_text(scene, rest, "The distances are withheld", reason);
    }

    /// Without a comparable amount: what moves of fixed size would liquidate.
    fn draw_moves(&self, scene: &mut Scene, area: Rect) {
        let Self { brief, palette, .. } = self;
        let tag = self.draw_price(scene, area, area.middle().0);
        scene.open("moves");
        let (top, bottom) = (tag.y1 + 16.0, area.y1 - 10.0);
        let rows = brief.at.len().clamp(1, 6);
        let step = ((bottom - top) / rows as f64).min(46.0);
        let usd = |row: &liqlens_query::document::AtMove| row.long_usd.max(row.short_usd).to_f64();
        let longest = brief.at.iter().map(usd).fold(0.0, f64::max);
        let names = area.x0 + 170.0;
        for (at, row) in brief.at.iter().take(6).enumerate() {
            let side = if row.move_pct < 0.0 { SideName::Long } else { SideName::Short };
            let baseline = top + (at as f64 + 0.68) * step;
            let moved = format!("{} {}", arrow(side), format::percent_signed(row.move_pct));
            let moved = fit(&moved, 20.0, Weight::SemiBold, 160.0);
            scene.text(area.x0, baseline, &moved, &Ink::new(20.0, palette.side(side)).bold());
            let length = if longest > 0.0 { usd(row) / longest * (area.x1 - names - 290.0) } else { 0.0 };
            let bar = Rect::new(names, baseline - 18.0, names + length.max(1.0), baseline + 4.0);
            scene.round_rect(bar, 3.0, palette.band(side, 3, 5), 1.0);
            let right = Ink::new(20.0, palette.ink).bold();
            let holders = match side {
                SideName::Long => "longs",
                SideName::Short => "shorts",
            };
            let amount = format!("{} {holders} liquidated", format::usd_short(usd(row)));
            scene.text(bar.x1 + 12.0, baseline, &fit(&amount, 20.0, Weight::SemiBold, 278.0), &right);
        }
        scene.close();
        if brief.at.is_empty() {
            let rest = Rect::new(area.x0, top, area.x1, bottom);
            self.draw_text(
                scene,
                rest,
                "No comparable amount on both sides",
                "The map holds too little to compare.",
            );
        }
    }

    fn draw_text(&self, scene: &mut Scene, area: Rect, title: &str, text: &str) {
        let Self { palette, .. } = self;
        scene.open("notice");
        let mut baseline = area.y0 + 64.0;
        scene.text(
            area.x0,
            baseline,
            &fit(title, 30.0, Weight::SemiBold, area.width()),
            &Ink::new(30.0, palette.ink).bold(),
        );
        for line in wrap(text, 22.0, Weight::Regular, area.width(), 4) {
            baseline += 36.0;
            if baseline < area.y1 {
                scene.text(area.x0, baseline, &line, &Ink::new(22.0, palette.muted));
            }
        }
        scene.close();
    }
}

/// `▼ −$2,000 (−2.16 %)`, or that the side holds less than the amount.
fn distance_text(side: SideName, reach: &ReachSide) -> String {
    match (&reach.move_usd, reach.move_pct) {
        (Some(usd), Some(percent)) => format!("{} {}", arrow(side), format::move_both(usd.to_f64(), percent)),
        _ => format!("{} not on the map", arrow(side)),
    }
}

/// The 80 % interval of a distance in percent of the last price, unsigned; infinite where it is open.
fn range_pct(reach: &ReachSide) -> Option<(f64, f64)> {
    let interval = reach.interval.as_ref()?;
    let per_dollar = reach.move_pct? / reach.move_usd.as_ref()?.to_f64();
    let pct = |usd: f64| (usd * per_dollar).abs();
    let (near, far) = (pct(interval.lo80), interval.hi80.map_or(f64::INFINITY, pct));
    (near.is_finite() && !far.is_nan()).then_some((near, far))
}

/// `$1.1B reached at 90,580 · 80 %: $1,480–2,690`.
fn level_text(pair: &ReachPair, reach: &ReachSide) -> String {
    match &reach.price {
        Some(price) => {
            let range = reach.interval.as_ref().map(|i| format!(" · 80 %: {}", format::distance_range(i)));
            format!(
                "{} reached at {}{}",
                format::usd_short(pair.amount_usd.to_f64()),
                format::price_near(price),
                range.unwrap_or_default()
            )
        }
        None => format!("{} on the map in all", format::usd_short(reach.available_usd.to_f64())),
    }
}
