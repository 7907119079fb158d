//! The Markdown skin: headings, lists and tables, no raw HTML.

use std::fmt::Write as _;

use super::outline::{Align, Block, Cell, Outline, Table};
use super::plain::bar_text;
use super::visible;

/// Dresses an outline as Markdown. Ends with a line break.
pub fn markdown(outline: &Outline) -> String {
    let mut text = String::new();
    for block in &outline.blocks {
        if !text.is_empty() {
            text.push('\n');
        }
        // Writing to a string cannot fail.
        let _ = match block {
            Block::Quote(quote) => writeln!(text, "> {}", paragraph(quote)),
            Block::Title(title) => writeln!(text, "# {}", escape(title)),
            Block::Stamp(line) | Block::Paragraph(line) => writeln!(text, "{}", paragraph(line)),
            Block::Section { title, text: body } => {
                writeln!(text, "## {}\n\n{}", escape(title), paragraph(body))
            }
            Block::Bullets(bullets) => {
                bullets.iter().try_for_each(|bullet| writeln!(text, "- {}", paragraph(bullet)))
            }
            Block::Table(table) => write_table(&mut text, table),
        };
    }
    text
}

fn write_table(out: &mut String, table: &Table) -> std::fmt::Result {
    for column in &table.columns {
        write!(out, "| {} ", escape(column.head))?;
    }
    out.push_str("|\n");
    for column in &table.columns {
        out.push_str(match column.align {
            Align::Left => "|:--",
            Align::Right => "|--:",
        });
    }
    out.push_str("|\n");
    for row in &table.rows {
        for cell in &row.cells {
            match cell {
                Cell::Text(text) => write!(out, "| {} ", escape(text))?,
                Cell::Bar(share) => write!(out, "| {} ", bar_text(*share, 16))?,
            }
        }
        out.push_str("|\n");
    }
    Ok(())
}

/// Characters that Markdown would read as markup get a backslash.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in visible(text) {
        if matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '~' | '&' | '#' | '!') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// As [`escape`], and nothing at the start of the line makes a list or a rule.
fn paragraph(text: &str) -> String {
    let text = escape(text.trim());
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let marker = match text.as_bytes().get(digits) {
        Some(b'.' | b')') if digits > 0 => Some(digits),
        Some(b'-' | b'+' | b'=') if digits == 0 => Some(0),
        _ => None,
    };
    match marker {
        Some(at) => format!("{}\\{}", &text[..at], &text[at..]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{Readable, sample};
    use super::*;

    #[test]
    fn the_brief_starts_with_the_caveat_and_keeps_its_sections() {
        let text = markdown(&sample::brief().outline());
        let lines: Vec<&str> = text.lines().filter(|line| !line.is_empty()).collect();
        assert!(lines[0].starts_with("> Liquidation maps are not price predictions."), "{text}");
        assert_eq!(lines[1], "# BTC liquidation map: $770 up vs. $2,000 down for $1.1B");
        assert!(lines[3].starts_with("- ▼ BTC would need to fall about $2,000"));
        assert!(text.contains("\n## What this tells us\n\nShorts are stacked closer"));
        assert!(text.contains("\n## Bottom line\n"));
    }

    #[test]
    fn markup_in_the_data_stays_text() {
        let mut brief = sample::brief();
        brief.headline = "<script>alert(1)</script> **x** [a](b) BTCUSD_PERP".to_owned();
        brief.bullets = vec!["1. not a list".to_owned(), "- nor this".to_owned()];
        let text = markdown(&brief.outline());
        assert!(
            text.contains("# \\<script\\>alert(1)\\</script\\> \\*\\*x\\*\\* \\[a\\](b) BTCUSD\\_PERP\n"),
            "{text}"
        );
        assert!(text.contains("- 1\\. not a list\n- \\- nor this\n"), "{text}");
    }

    #[test]
    fn tables_have_one_cell_a_column() {
        let text = markdown(&sample::map().outline());
        let rows: Vec<&str> = text.lines().filter(|line| line.starts_with('|')).collect();
        assert_eq!(rows[0], "| side | from – to | distance | dollars | to here |  |");
        assert_eq!(rows[1], "|:--|--:|--:|--:|--:|:--|");
        assert!(rows[2].starts_with("| ▲ shorts | 101.0 – 102.0 |"));
    }

    proptest! {
        /// Taking the backslashes away gives the text back, and no tag can open.
        #[test]
        fn escaping_is_reversible(text in "[^\\p{C}\u{200b}-\u{200f}\u{2028}\u{2029}]{0,80}") {
            let text = text.trim();
            let escaped = paragraph(text);
            let mut plain = String::new();
            let mut chars = escaped.chars();
            while let Some(c) = chars.next() {
                let c = if c == '\\' { chars.next().unwrap() } else {
                    prop_assert!(c != '<' && c != '`');
                    c
                };
                plain.push(c);
            }
            prop_assert_eq!(plain, text);
        }
    }
}
