//! The HTML skin: one file, no script, no external resource, one printed page.

use std::fmt::Write as _;

use liqlens_query::document::SideName;

use super::outline::{Align, Block, Cell, Outline, Row, Table};
use super::visible;

/// Dresses an outline as a complete HTML page. `figure` is a picture as SVG text made by this crate, which
/// is set below the headline as it is; everything else is escaped.
pub fn html(outline: &Outline, figure: Option<&str>) -> String {
    let mut out = String::with_capacity(16_384 + figure.map_or(0, str::len));
    // Writing to a string cannot fail.
    let _ = write_page(&mut out, outline, figure);
    out
}

/// Nothing may run and nothing may be fetched; inline style is all there is.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; font-src data:; img-src data:; base-uri 'none'; form-action 'none'";

const STYLE: &str = "
:root{color-scheme:light dark;--ink:#1b1f24;--soft:#57606a;--line:#d0d7de;--page:#fff;--long:#b35900;--short:#0550ae}
@media (prefers-color-scheme:dark){:root{--ink:#e6edf3;--soft:#9da7b1;--line:#3d444d;--page:#0d1117;--long:#ff9a3d;--short:#6cb6ff}}
body{margin:0;background:var(--page);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
main{max-width:46rem;margin:0 auto;padding:1.25rem}
h1{font-size:1.6rem;line-height:1.25;margin:.6rem 0}
h2{font-size:1.05rem;margin:1.1rem 0 .2rem}
p{margin:.35rem 0}
blockquote{margin:0;padding:.5rem .8rem;border-left:.25rem solid var(--soft);color:var(--soft)}
.stamp{color:var(--soft)}
ul{padding-left:1.2rem;margin:.4rem 0}
figure{margin:1rem 0}
figure svg{width:100%;height:auto;display:block}
.wide{overflow-x:auto}
table{border-collapse:collapse;font-variant-numeric:tabular-nums;margin:.6rem 0}
th,td{padding:.15rem .6rem;border-bottom:1px solid var(--line);text-align:left;white-space:nowrap}
.r{text-align:right}
.long td:first-child{color:var(--long);font-weight:600}
.short td:first-child{color:var(--short);font-weight:600}
.bar{display:inline-block;height:.8em;min-width:1px;background:var(--soft);vertical-align:middle}
.long .bar{background:var(--long)}
.short .bar{background:var(--short)}
.track{width:10rem}
@page{size:A4;margin:12mm}
@media print{body{font-size:9.5pt;line-height:1.35}main{max-width:none;padding:0}h1{font-size:14pt}h2{font-size:10.5pt;margin:.5rem 0 .1rem}figure svg{max-height:80mm}}
";

fn write_page(out: &mut String, outline: &Outline, figure: Option<&str>) -> std::fmt::Result {
    write!(
        out,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n",
        escape(outline.title())
    )?;
    // The figure follows the last of the blocks that say what it is about.
    let anchor =
        outline.blocks.iter().position(|block| matches!(block, Block::Section { .. } | Block::Table(_)));
    for (at, block) in outline.blocks.iter().enumerate() {
        if Some(at) == anchor {
            write_figure(out, figure)?;
        }
        match block {
            Block::Quote(text) => writeln!(out, "<blockquote>{}</blockquote>", escape(text))?,
            Block::Title(text) => writeln!(out, "<h1>{}</h1>", escape(text))?,
            Block::Stamp(text) => writeln!(out, "<p class=\"stamp\">{}</p>", escape(text))?,
            Block::Paragraph(text) => writeln!(out, "<p>{}</p>", escape(text))?,
            Block::Section { title, text } => {
                writeln!(out, "<section>\n<h2>{}</h2>\n<p>{}</p>\n</section>", escape(title), escape(text))?;
            }
            Block::Bullets(bullets) => {
                out.push_str("<ul>\n");
                for bullet in bullets {
                    writeln!(out, "<li>{}</li>", escape(bullet))?;
                }
                out.push_str("</ul>\n");
            }
            Block::Table(table) => write_table(out, table)?,
        }
    }
    if anchor.is_none() {
        write_figure(out, figure)?;
    }
    out.push_str("</main>\n</body>\n</html>\n");
    Ok(())
}

fn write_figure(out: &mut String, figure: Option<&str>) -> std::fmt::Result {
    match figure {
        Some(svg) => writeln!(out, "<figure>\n{}\n</figure>", svg.trim()),
        None => Ok(()),
    }
}

fn write_table(out: &mut String, table: &Table) -> std::fmt::Result {
    out.push_str("<div class=\"wide\">\n<table>\n<thead><tr>");
    for column in &table.columns {
        write!(out, "<th scope=\"col\"{}>{}</th>", class(column.align), escape(column.head))?;
    }
    out.push_str("</tr></thead>\n<tbody>\n");
    for row in &table.rows {
        write!(out, "<tr{}>", side_class(row))?;
        for (column, cell) in table.columns.iter().zip(&row.cells) {
            match cell {
                Cell::Text(text) => write!(out, "<td{}>{}</td>", class(column.align), escape(text))?,
                Cell::Bar(share) if *share > 0.0 => {
                    let percent = share.min(1.0) * 100.0;
                    write!(
                        out,
                        "<td class=\"track\"><span class=\"bar\" style=\"width:{percent:.1}%\"></span></td>"
                    )?;
                }
                Cell::Bar(_) => out.push_str("<td class=\"track\"></td>"),
            }
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody>\n</table>\n</div>\n");
    Ok(())
}

const fn class(align: Align) -> &'static str {
    match align {
        Align::Left => "",
        Align::Right => " class=\"r\"",
    }
}

const fn side_class(row: &Row) -> &'static str {
    match row.side {
        Some(SideName::Long) => " class=\"long\"",
        Some(SideName::Short) => " class=\"short\"",
        None => "",
    }
}

/// Text for content and for quoted attributes alike.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in visible(text) {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::{Readable, sample};
    use super::*;

    /// Every tag opened is closed in order; void elements aside.
    fn balanced(page: &str) -> bool {
        let mut open = Vec::new();
        let mut rest = page;
        while let Some((_, after)) = rest.split_once('<') {
            let (tag, after) = after.split_once('>').unwrap();
            rest = after;
            let name = tag.trim_start_matches('/').split_whitespace().next().unwrap().to_lowercase();
            if tag.starts_with('/') {
                if open.pop() != Some(name) {
                    return false;
                }
            } else if !matches!(name.as_str(), "meta" | "!doctype") && !tag.ends_with('/') {
                open.push(name);
            }
        }
        open.is_empty()
    }

    #[test]
    fn a_page_is_whole_and_asks_for_nothing() {
        for outline in [sample::brief().outline(), sample::map().outline(), sample::reach().outline()] {
            let page = html(&outline, Some("<svg viewBox=\"0 0 1 1\"><path d=\"M0 0\"/></svg>"));
            assert!(balanced(&page), "{page}");
            for word in ["<script", "http:", "https:", "src=", "href=", "@import", "url("] {
                assert!(!page.contains(word), "{word}");
            }
            assert_eq!(page.matches("<svg").count(), 1);
        }
    }

    #[test]
    fn everything_in_the_document_is_escaped() {
        let mut brief = sample::brief();
        let attack = "</title><script>alert('1')</script>&\"";
        brief.headline = attack.to_owned();
        brief.caveat = attack.to_owned();
        brief.stamp_line = attack.to_owned();
        brief.bullets = vec![attack.to_owned()];
        brief.sections[0].title = attack.to_owned();
        brief.sections[0].sentences = vec![attack.to_owned()];
        let page = html(&brief.outline(), None);
        assert!(!page.contains("<script"), "{page}");
        assert_eq!(
            page.matches("&lt;/title&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;&quot;").count(),
            7
        );
        assert!(balanced(&page));
    }
}
