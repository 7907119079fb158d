//! The bundled font: its bytes, and how wide a text is in it.
//!
//! Layout and rasteriser use the same two files and nothing of the system, so a picture is the same
//! everywhere. Kerning is left out of the measure: it only makes texts narrower than planned.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, OnceLock};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use resvg::usvg::fontdb;
use skrifa::instance::{LocationRef, Size};
use skrifa::{FontRef, MetadataProvider};

/// Font families in the SVG, ours first.
pub(crate) const FAMILY_LIST: &str = "'Liqlens Sans', Inter, 'Helvetica Neue', 'Segoe UI', Arial, sans-serif";
const FAMILY: &str = "Liqlens Sans";

/// The font as a style sheet, so that a browser shows a saved picture with the widths it was laid out for.
/// The rasteriser has the font already and passes this over.
pub(crate) static FONT_FACES: LazyLock<String> = LazyLock::new(|| {
    [(REGULAR, 400), (SEMI_BOLD, 600)]
        .map(|(bytes, weight)| {
            let data = BASE64_STANDARD.encode(bytes);
            format!(
                "@font-face{{font-family:'{FAMILY}';font-weight:{weight};src:url(data:font/otf;base64,{data})}}"
            )
        })
        .concat()
});

static REGULAR: &[u8] = include_bytes!("../../assets/LiqlensSans-Regular.otf");
static SEMI_BOLD: &[u8] = include_bytes!("../../assets/LiqlensSans-SemiBold.otf");

/// The two cuts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Weight {
    Regular,
    SemiBold,
}

/// Width of a text in pixels. Characters outside the font count as one em, the width of a CJK glyph.
pub(crate) fn text_width(text: &str, size: f64, weight: Weight) -> f64 {
    static WIDTHS: OnceLock<[BTreeMap<char, f64>; 2]> = OnceLock::new();
    let widths = WIDTHS.get_or_init(|| [advances(REGULAR), advances(SEMI_BOLD)]);
    let widths = match weight {
        Weight::Regular => &widths[0],
        Weight::SemiBold => &widths[1],
    };
    text.chars().map(|ch| widths.get(&ch).copied().unwrap_or(1.0)).sum::<f64>() * size
}

/// Advance widths in em.
fn advances(bytes: &[u8]) -> BTreeMap<char, f64> {
    let Ok(font) = FontRef::new(bytes) else { return BTreeMap::new() };
    let metrics = font.glyph_metrics(Size::new(1.0), LocationRef::default());
    font.charmap()
        .mappings()
        .filter_map(|(code, glyph)| Some((char::from_u32(code)?, f64::from(metrics.advance_width(glyph)?))))
        .collect()
}

/// The text, cut with `…` where it would be wider than `max_width`; empty if not even that fits.
pub(crate) fn fit(text: &str, size: f64, weight: Weight, max_width: f64) -> String {
    if text_width(text, size, weight) <= max_width {
        return text.to_owned();
    }
    let mut room = max_width - text_width("…", size, weight);
    if room < 0.0 {
        return String::new();
    }
    let mut cut = String::new();
    for ch in text.chars() {
        room -= text_width(ch.encode_utf8(&mut [0; 4]), size, weight);
        if room < 0.0 {
            break;
        }
        cut.push(ch);
    }
    format!("{}…", cut.trim_end_matches([' ', ',', '·', '(']))
}

/// The text on at most `lines` lines, broken at blanks; the last line is cut if there is more.
pub(crate) fn wrap(text: &str, size: f64, weight: Weight, max_width: f64, lines: usize) -> Vec<String> {
    let mut wrapped: Vec<String> = Vec::new();
    let mut line = String::new();
    let mut words = text.split_whitespace().peekable();
    while let Some(word) = words.peek() {
        let longer = if line.is_empty() { (*word).to_owned() } else { format!("{line} {word}") };
        if line.is_empty() || text_width(&longer, size, weight) <= max_width {
            line = longer;
            words.next();
        } else if wrapped.len() + 1 >= lines {
            break;
        } else {
            wrapped.push(std::mem::take(&mut line));
        }
    }
    for word in words {
        line.push(' ');
        line.push_str(word);
    }
    wrapped.push(line);
    wrapped.iter().map(|line| fit(line, size, weight, max_width)).filter(|line| !line.is_empty()).collect()
}

/// As [`wrap`], with lines of about equal length, so that no single word is left over.
pub(crate) fn wrap_even(text: &str, size: f64, weight: Weight, max_width: f64, lines: usize) -> Vec<String> {
    let mut best = wrap(text, size, weight, max_width, lines);
    for percent in (50..100_u8).rev() {
        let narrower = wrap(text, size, weight, max_width * f64::from(percent) / 100.0, lines);
        // Narrower until a line more would be needed or something would be cut.
        if narrower.len() != best.len() || narrower.iter().any(|line| line.ends_with('…')) {
            break;
        }
        best = narrower;
    }
    best
}

/// The fonts the rasteriser may use.
pub(super) fn database() -> Arc<fontdb::Database> {
    static DATABASE: OnceLock<Arc<fontdb::Database>> = OnceLock::new();
    let database = DATABASE.get_or_init(|| {
        let mut database = fontdb::Database::new();
        database.load_font_source(fontdb::Source::Binary(Arc::new(REGULAR)));
        database.load_font_source(fontdb::Source::Binary(Arc::new(SEMI_BOLD)));
        database.set_sans_serif_family(FAMILY);
        Arc::new(database)
    });
    Arc::clone(database)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_tabular_and_signs_are_in_the_font() {
        for weight in [Weight::Regular, Weight::SemiBold] {
            let zero = text_width("0", 1000.0, weight);
            for digit in "123456789".chars() {
                // SemiBold's 4 is a thousandth of an em narrower in the source font.
                assert!((text_width(&digit.to_string(), 1000.0, weight) - zero).abs() < 2.0, "{digit}");
            }
            for sign in "▲▼−×≤≥–…·$%@±≈".chars() {
                assert_ne!(text_width(&sign.to_string(), 1.0, weight), 1.0, "{sign} is missing");
            }
        }
        assert_eq!(database().faces().count(), 2);
        assert!(database().faces().all(|face| face.families.iter().any(|(name, _)| name == FAMILY)));
    }

    #[test]
    fn cutting_and_wrapping_keep_the_width() {
        let text = "Liquidation maps are not price predictions. They show where leverage sits.";
        for width in [0.0, 20.0, 80.0, 200.0, 1000.0] {
            let cut = fit(text, 14.0, Weight::Regular, width);
            assert!(text_width(&cut, 14.0, Weight::Regular) <= width, "{cut}");
            let lines = wrap(text, 14.0, Weight::Regular, width, 3);
            assert!(lines.len() <= 3);
            assert!(lines.iter().all(|line| text_width(line, 14.0, Weight::Regular) <= width));
        }
        assert_eq!(wrap(text, 14.0, Weight::Regular, 1000.0, 3), [text]);
        assert_eq!(wrap(text, 14.0, Weight::Regular, 300.0, 9).join(" "), text);
        assert_eq!(wrap_even(text, 14.0, Weight::Regular, 1000.0, 3), [text]);
        let even = wrap_even(text, 14.0, Weight::Regular, 480.0, 3);
        assert_eq!((even.len(), even.join(" ").as_str()), (2, text));
        let [first, second] = [0, 1].map(|at: usize| text_width(&even[at], 14.0, Weight::Regular));
        assert!((first - second).abs() < 0.4 * first, "{even:?}");
        assert_eq!(wrap("", 14.0, Weight::Regular, 300.0, 9), Vec::<String>::new());
    }
}
