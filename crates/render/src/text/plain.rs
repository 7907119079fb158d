//! The terminal skin: wrapped paragraphs, aligned tables, bars of block characters.

use liqlens_query::document::SideName;

use super::outline::{Align, Block, Cell, Outline, Row, Table};
use super::visible;

/// How wide and how colourful a terminal's text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextStyle {
    /// Characters a line, at least 20.
    pub width: usize,
    /// Whether side colours and bold are written as ANSI sequences.
    pub colour: bool,
}

impl TextStyle {
    /// What goes into a file or a pipe: 100 characters, no colour.
    pub const PIPE: Self = Self { width: 100, colour: false };
}

/// Fewest cells in which a bar still says something.
const BAR_MIN: usize = 8;
const BAR_MAX: usize = 32;

/// Dresses an outline for a terminal. Ends with a line break.
pub fn plain(outline: &Outline, style: TextStyle) -> String {
    let style = TextStyle { width: style.width.max(20), ..style };
    let mut text = String::new();
    let mut blocks = outline.blocks.iter().peekable();
    while let Some(block) = blocks.next() {
        if !outline.compact && !text.is_empty() {
            text.push('\n');
        }
        match block {
            Block::Title(title) => {
                let stamp = match blocks.peek() {
                    Some(Block::Stamp(stamp)) => Some(clean(stamp)),
                    _ => None,
                };
                let title = clean(title);
                let bold = paint(&title, "1", style);
                match stamp {
                    Some(stamp) if length(&title) + 3 + length(&stamp) <= style.width => {
                        line(&mut text, &format!("{bold}   {stamp}"));
                    }
                    Some(stamp) => {
                        if length(&title) > style.width {
                            wrap(&mut text, &title, "", "", style.width);
                        } else {
                            line(&mut text, &bold);
                        }
                        wrap(&mut text, &stamp, "", "", style.width);
                    }
                    None if length(&title) > style.width => wrap(&mut text, &title, "", "", style.width),
                    None => line(&mut text, &bold),
                }
                if stamp_follows(blocks.peek()) {
                    blocks.next();
                }
            }
            Block::Quote(quote) => wrap(&mut text, &clean(quote), "> ", "> ", style.width),
            Block::Stamp(stamp) => wrap(&mut text, &clean(stamp), "", "", style.width),
            Block::Paragraph(paragraph) => {
                let indent = if outline.compact { "  " } else { "" };
                wrap(&mut text, &clean(paragraph), indent, indent, style.width);
            }
            Block::Section { title, text: body } => {
                wrap(&mut text, &format!("{}: {}", clean(title), clean(body)), "", "", style.width);
            }
            Block::Bullets(bullets) => {
                let (first, rest) = if outline.compact { ("  - ", "    ") } else { ("- ", "  ") };
                for bullet in bullets {
                    wrap(&mut text, &clean(bullet), first, rest, style.width);
                }
            }
            Block::Table(table) => write_table(&mut text, table, style),
        }
    }
    text
}

fn stamp_follows(block: Option<&&Block>) -> bool {
    matches!(block, Some(Block::Stamp(_)))
}

fn clean(text: &str) -> String {
    visible(text).collect()
}

fn length(text: &str) -> usize {
    text.chars().count()
}

fn line(out: &mut String, text: &str) {
    out.push_str(text.trim_end());
    out.push('\n');
}

/// Breaks at blanks, never between a figure and its percent sign or before a separating dot. A word
/// longer than the line stands alone on one.
fn wrap(out: &mut String, text: &str, first: &str, rest: &str, width: usize) {
    let mut current = first.to_owned();
    let mut empty = true;
    for word in unbroken(text) {
        if !empty && length(&current) + 1 + length(&word) > width {
            line(out, &current);
            rest.clone_into(&mut current);
            empty = true;
        }
        if !empty {
            current.push(' ');
        }
        current.push_str(&word);
        empty = false;
    }
    line(out, &current);
}

/// Words, with a percent sign kept at its figure (`−2.16 %`) and a dot at what it ends.
fn unbroken(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match words.last_mut() {
            Some(before) if word.starts_with('%') || word == "·" => {
                before.push(' ');
                before.push_str(word);
            }
            _ => words.push(word.to_owned()),
        }
    }
    words
}

fn write_table(out: &mut String, table: &Table, style: TextStyle) {
    let heads: Vec<String> = table.columns.iter().map(|column| clean(column.head)).collect();
    let mut widths: Vec<usize> =
        heads.iter().map(|head| if table.heads { length(head) } else { 0 }).collect();
    for row in &table.rows {
        for (width, cell) in widths.iter_mut().zip(&row.cells) {
            if let Cell::Text(text) = cell {
                *width = (*width).max(length(text));
            }
        }
    }
    let used: usize = widths.iter().map(|width| width + 2).sum();
    let bar = style.width.saturating_sub(used + 2).min(BAR_MAX);
    let bar = if bar < BAR_MIN { 0 } else { bar };
    if table.heads {
        let cells: Vec<String> = table
            .columns
            .iter()
            .zip(&heads)
            .zip(&widths)
            .map(|((column, head), width)| pad(head, *width, column.align))
            .collect();
        line(out, &format!("  {}", cells.join("  ")));
    }
    for row in &table.rows {
        let cells: Vec<String> = table
            .columns
            .iter()
            .zip(&row.cells)
            .zip(&widths)
            .map(|((column, cell), width)| match cell {
                Cell::Text(text) => pad(&clean(text), *width, column.align),
                Cell::Bar(share) => bar_text(*share, bar),
            })
            .collect();
        let text = format!("  {}", cells.join("  "));
        line(out, &paint(text.trim_end(), side_code(row), style));
    }
}

fn pad(text: &str, width: usize, align: Align) -> String {
    match align {
        Align::Left => format!("{text:<width$}"),
        Align::Right => format!("{text:>width$}"),
    }
}

/// A bar in eighths of a cell; something that is not nothing shows at least one eighth.
pub(super) fn bar_text(share: f64, cells: usize) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    if cells == 0 || share <= 0.0 || !share.is_finite() {
        return String::new();
    }
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // 0 to 1 times a terminal's width
    let eighths = ((share.min(1.0) * (cells * 8) as f64).round() as usize).max(1);
    format!("{}{}", "█".repeat(eighths / 8), EIGHTHS[eighths % 8])
}

/// Orange for longs, blue for shorts: told apart with every common colour blindness.
fn side_code(row: &Row) -> &'static str {
    match row.side {
        Some(SideName::Long) => "38;5;208",
        Some(SideName::Short) => "38;5;39",
        None => "1",
    }
}

fn paint(text: &str, code: &str, style: TextStyle) -> String {
    if style.colour && !text.is_empty() { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use liqlens_query::document::{Interval, TiltLabel};
    use proptest::prelude::*;

    use super::super::sample;
    use super::super::{Readable, outline::Column};
    use super::*;

    #[test]
    fn reach_reads_as_the_command_line_promises() {
        let text = plain(&sample::reach().outline(), TextStyle::PIPE);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(
            lines[0],
            "BTC 92,580.7   as of 2026-01-04 13:00:00Z · age 2 s · Binance BTCUSDT, 1 of 3 known venues · grade C"
        );
        assert!(lines[1].starts_with("  ▼ longs   $1.1B  −$2,000  (−2.16 %)  to 90,580.3  80 %: "), "{text}");
        assert!(lines[2].starts_with("  ▲ shorts  $1.1B    +$770  (+0.83 %)  to 93,350.9  80 %: "), "{text}");
        assert!(lines[1].ends_with("not yet estimated"));
        assert_eq!(lines[3], "  tilt: shorts sit closer (clear, 2.6×; how firmly is not yet estimated)");
    }

    /// The lines of the specification's example of `reach`, and what follows them.
    #[test]
    fn reach_shows_its_intervals_and_what_a_dollar_means() {
        let mut reach = sample::reach_with_draws();
        let text = plain(&reach.outline(), TextStyle::PIPE);
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[1].ends_with("  80 %: −$1,480 … −$2,690"), "{text}");
        assert!(lines[2].ends_with("  80 %: +$590 … open"), "{text}");
        assert_eq!(lines[3], "  tilt: shorts sit closer (clear, 2.6×; sign held in 97 % of draws)");
        assert!(lines[4].starts_with("  The venue's public stream shows about 35 % (18–66 %)"), "{text}");
        assert!(!text.contains("not yet estimated"), "{text}");
        if let Some(tilt) = &mut reach.pair.tilt {
            (tilt.label, tilt.sign_held) = (TiltLabel::Balanced, Some(0.62));
        }
        reach.pair.short.price = None;
        let text = plain(&reach.outline(), TextStyle::PIPE);
        assert!(text.contains("tilt: balanced (2.60×; sign held in 62 % of draws)"), "{text}");
        assert!(text.contains("at any distance; 85 % of draws hold the amount"), "{text}");
    }

    #[test]
    fn moves_maps_and_clusters_show_their_ranges() {
        let interval = |lo80, hi80| Some(Interval { lo80, hi80: Some(hi80), widened: false });
        let text = plain(&sample::at().outline(), TextStyle::PIPE);
        assert!(text.contains("$1–3M") && text.contains("not yet estimated"), "{text}");
        let mut map = sample::map();
        map.long.in_window_interval = interval(4e6, 7e6);
        map.clusters[0].interval = interval(1e6, 4e6);
        let text = plain(&map.outline(), TextStyle { width: 200, colour: false });
        for part in [
            "Longs: $5M within ±2 % (80 %: $4–7M), $4M beyond",
            "2 σ (5.0 %)",
            "−0.17  −0.40 … +0.05",
            "squeeze score −0.20 (80 %: −0.50 … +0.10), −1.50 sd from its mean",
            "$3M  $1–4M",
        ] {
            assert!(text.contains(part), "{part} in\n{text}");
        }
        // Where nothing stands there is nothing to compare.
        assert!(!text.contains("±1 %"), "{text}");
        let without = plain(&sample::clusters().outline(), TextStyle::PIPE);
        assert!(!without.contains("80 %"), "{without}");
    }

    #[test]
    fn a_side_that_does_not_hold_the_amount_says_what_it_holds() {
        let mut reach = sample::reach();
        reach.pair.short.price = None;
        reach.pair.tilt = None;
        let text = plain(&reach.outline(), TextStyle::PIPE);
        assert!(text.contains("the map holds $4.2B of this side at any distance"), "{text}");
        assert!(!text.contains("shorts sit closer"));
    }

    #[test]
    fn a_map_has_its_highest_price_on_top_and_shows_the_exact_dollars() {
        let text = plain(&sample::map().outline(), TextStyle::PIPE);
        let at = |needle: &str| text.find(needle).unwrap_or_else(|| panic!("{needle} in\n{text}"));
        assert!(at("▲ shorts  101.0 – 102.0") < at("▲ shorts  100.0 – 101.0"));
        assert!(at("▲ shorts  100.0 – 101.0") < at("\n  price "));
        assert!(at("▼ longs    99.0 – 100.0") < at("▼ longs     98.0 – 99.0"));
        assert!(at("\n  price ") < at("▼ longs    99.0 – 100.0"));
        // The largest bin fills the column; half of it fills half.
        assert!(text.lines().any(|l| l.contains("$3M") && l.ends_with(&"█".repeat(16))), "{text}");
    }

    #[test]
    fn every_document_fits_a_narrow_terminal_where_it_can_wrap() {
        let style = TextStyle { width: 60, colour: false };
        let text = plain(&sample::brief().outline(), style);
        for line in text.lines() {
            assert!(length(line) <= 60, "{line}");
        }
    }

    #[test]
    fn control_characters_never_reach_the_terminal() {
        let mut brief = sample::brief();
        brief.headline = "a\u{1b}[31mred\u{202e}\u{7}".to_owned();
        brief.sections[0].sentences[0] = "b\u{9b}1m".to_owned();
        let text = plain(&brief.outline(), TextStyle::PIPE);
        assert!(text.chars().all(|c| c == '\n' || !c.is_control() && c != '\u{202e}'), "{text:?}");
    }

    #[test]
    fn colour_adds_nothing_but_sequences() {
        let outline = sample::map().outline();
        let coloured = plain(&outline, TextStyle { width: 100, colour: true });
        let mut stripped = String::new();
        let mut rest = coloured.as_str();
        while let Some((before, after)) = rest.split_once('\u{1b}') {
            stripped.push_str(before);
            rest = after.split_once('m').unwrap().1;
        }
        stripped.push_str(rest);
        assert_eq!(stripped, plain(&outline, TextStyle::PIPE));
        assert!(coloured.contains('\u{1b}'));
    }

    proptest! {
        /// Wrapping loses and adds no word.
        #[test]
        fn wrapping_keeps_every_word(text in "[a-z%$0-9 ]{0,300}", width in 20usize..120) {
            let mut out = String::new();
            wrap(&mut out, &text, "", "", width);
            prop_assert_eq!(
                out.split_whitespace().collect::<Vec<_>>(),
                text.split_whitespace().collect::<Vec<_>>()
            );
        }

        #[test]
        fn any_table_is_printed(cells in proptest::collection::vec(".{0,30}", 0..6), share in any::<f64>()) {
            let columns = vec![Column::left("a"); cells.len() + 1];
            let mut row: Vec<Cell> = cells.iter().map(|c| c.as_str().into()).collect();
            row.push(Cell::Bar(share));
            let table = Table { columns, rows: vec![Row { side: None, cells: row }], heads: true };
            let outline = Outline { blocks: vec![Block::Table(table)], compact: false };
            prop_assert_eq!(plain(&outline, TextStyle { width: 0, colour: false }).lines().count(), 2);
        }
    }
}
