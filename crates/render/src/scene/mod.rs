//! A flat list of shapes and texts that becomes one standalone SVG.
//!
//! The scene knows nothing of documents. It escapes every text, rounds every coordinate to a hundredth
//! of a pixel (so the bytes do not depend on the last bit of a float) and needs no ids, which would clash
//! when several pictures stand in one page.

mod font;
mod geometry;
mod raster;

use std::fmt::{self, Write as _};

pub(crate) use font::{Weight, fit, text_width, wrap, wrap_even};
pub(crate) use geometry::{Rect, hatch, number};
pub(crate) use raster::to_png;

/// An opaque colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rgb(pub(crate) u8, pub(crate) u8, pub(crate) u8);

impl fmt::Display for Rgb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }
}

/// Which point of a text stands at the given x.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

/// How a text is set.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ink {
    pub(crate) size: f64,
    pub(crate) weight: Weight,
    pub(crate) fill: Rgb,
    pub(crate) anchor: Anchor,
    /// Colour of an outline that keeps the text readable over other shapes.
    pub(crate) halo: Option<Rgb>,
}

impl Ink {
    pub(crate) const fn new(size: f64, fill: Rgb) -> Self {
        Self { size, weight: Weight::Regular, fill, anchor: Anchor::Start, halo: None }
    }
    pub(crate) const fn bold(self) -> Self {
        Self { weight: Weight::SemiBold, ..self }
    }
    pub(crate) const fn anchored(self, anchor: Anchor) -> Self {
        Self { anchor, ..self }
    }
    pub(crate) const fn haloed(self, halo: Rgb) -> Self {
        Self { halo: Some(halo), ..self }
    }

    /// The box of a text with its baseline start, middle or end at a point.
    pub(crate) fn bounds(&self, x: f64, baseline: f64, text: &str) -> Rect {
        let width = text_width(text, self.size, self.weight);
        let x0 = match self.anchor {
            Anchor::Start => x,
            Anchor::Middle => x - width / 2.0,
            Anchor::End => x - width,
        };
        Rect::new(x0, baseline - 0.80 * self.size, x0 + width, baseline + 0.24 * self.size)
    }
}

/// How a line is drawn.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stroke {
    pub(crate) colour: Rgb,
    pub(crate) width: f64,
    /// Lengths of dash and space; `None` for a solid line.
    pub(crate) dash: Option<(f64, f64)>,
    pub(crate) opacity: f64,
}

impl Stroke {
    pub(crate) const fn new(colour: Rgb, width: f64) -> Self {
        Self { colour, width, dash: None, opacity: 1.0 }
    }
    pub(crate) const fn dashed(self, dash: f64, space: f64) -> Self {
        Self { dash: Some((dash, space)), ..self }
    }
    pub(crate) const fn faded(self, opacity: f64) -> Self {
        Self { opacity, ..self }
    }
}

impl fmt::Display for Stroke {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, r#" fill="none" stroke="{}" stroke-width="{}""#, self.colour, number(self.width))?;
        if let Some((dash, space)) = self.dash {
            write!(f, r#" stroke-dasharray="{} {}""#, number(dash), number(space))?;
        }
        if self.opacity < 1.0 {
            write!(f, r#" stroke-opacity="{}""#, number(self.opacity))?;
        }
        Ok(())
    }
}

/// Shapes in painting order.
pub(crate) struct Scene {
    width: u32,
    height: u32,
    body: String,
}

impl Scene {
    pub(crate) fn new(width: u32, height: u32, background: Rgb) -> Self {
        let mut scene = Self { width, height, body: String::new() };
        scene.rect(Rect::new(0.0, 0.0, f64::from(width), f64::from(height)), background, 1.0);
        scene
    }

    /// Starts a group; its class says what the shapes inside are.
    pub(crate) fn open(&mut self, class: &'static str) {
        self.push(format_args!("<g class=\"{class}\">\n"));
    }

    pub(crate) fn close(&mut self) {
        self.push(format_args!("</g>\n"));
    }

    pub(crate) fn rect(&mut self, rect: Rect, fill: Rgb, opacity: f64) {
        self.round_rect(rect, 0.0, fill, opacity);
    }

    pub(crate) fn round_rect(&mut self, rect: Rect, radius: f64, fill: Rgb, opacity: f64) {
        // Written so that a width that is not a number draws nothing either.
        if !(rect.width() > 0.0 && rect.height() > 0.0) {
            return;
        }
        let (x, y, w, h) = (number(rect.x0), number(rect.y0), number(rect.width()), number(rect.height()));
        self.push(format_args!(r#"<rect x="{x}" y="{y}" width="{w}" height="{h}""#));
        if radius > 0.0 {
            self.push(format_args!(r#" rx="{}""#, number(radius)));
        }
        self.push(format_args!(r#" fill="{fill}""#));
        if opacity < 1.0 {
            self.push(format_args!(r#" fill-opacity="{}""#, number(opacity)));
        }
        self.push(format_args!("/>\n"));
    }

    pub(crate) fn line(&mut self, from: (f64, f64), to: (f64, f64), stroke: Stroke) {
        self.push(format_args!(
            "<path d=\"M{} {}L{} {}\"{stroke}/>\n",
            number(from.0),
            number(from.1),
            number(to.0),
            number(to.1)
        ));
    }

    pub(crate) fn polyline(&mut self, points: &[(f64, f64)], stroke: Stroke) {
        let mut path = String::with_capacity(points.len() * 14);
        for (at, (x, y)) in points.iter().enumerate() {
            path.push(if at == 0 { 'M' } else { 'L' });
            path.push_str(&number(*x));
            path.push(' ');
            path.push_str(&number(*y));
        }
        if points.len() > 1 {
            self.push(format_args!("<path d=\"{path}\"{stroke} stroke-linejoin=\"round\"/>\n"));
        }
    }

    /// A filled path; `crisp` switches anti-aliasing off for shapes that lie on whole pixels.
    pub(crate) fn fill_path(&mut self, path: &str, fill: Rgb, opacity: f64, crisp: bool) {
        if path.is_empty() {
            return;
        }
        self.push(format_args!(r#"<path d="{path}" fill="{fill}""#));
        if opacity < 1.0 {
            self.push(format_args!(r#" fill-opacity="{}""#, number(opacity)));
        }
        self.push(format_args!("{}/>\n", if crisp { r#" shape-rendering="crispEdges""# } else { "" }));
    }

    pub(crate) fn stroke_path(&mut self, path: &str, stroke: Stroke) {
        if !path.is_empty() {
            self.push(format_args!("<path d=\"{path}\"{stroke}/>\n"));
        }
    }

    pub(crate) fn circle(&mut self, centre: (f64, f64), radius: f64, fill: Rgb, opacity: f64, edge: Stroke) {
        self.push(format_args!(
            r#"<circle cx="{}" cy="{}" r="{}" fill="{fill}" fill-opacity="{}" stroke="{}" stroke-width="{}"/>"#,
            number(centre.0),
            number(centre.1),
            number(radius),
            number(opacity),
            edge.colour,
            number(edge.width)
        ));
        self.body.push('\n');
    }

    /// Writes a text and returns the box it takes.
    pub(crate) fn text(&mut self, x: f64, baseline: f64, text: &str, ink: &Ink) -> Rect {
        self.push(format_args!(
            r#"<text x="{}" y="{}" font-size="{}" fill="{}""#,
            number(x),
            number(baseline),
            number(ink.size),
            ink.fill
        ));
        match ink.anchor {
            Anchor::Start => {}
            Anchor::Middle => self.body.push_str(r#" text-anchor="middle""#),
            Anchor::End => self.body.push_str(r#" text-anchor="end""#),
        }
        if ink.weight == Weight::SemiBold {
            self.body.push_str(r#" font-weight="600""#);
        }
        if let Some(halo) = ink.halo {
            self.push(format_args!(
                r#" paint-order="stroke" stroke="{halo}" stroke-width="{}" stroke-linejoin="round""#,
                number(ink.size * 0.28)
            ));
        }
        self.body.push('>');
        escape_into(&mut self.body, text);
        self.body.push_str("</text>\n");
        ink.bounds(x, baseline, text)
    }

    /// The SVG: `title` and `description` are its alternative text.
    pub(crate) fn finish(self, title: &str, description: &str) -> String {
        let Self { width, height, body } = self;
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {width} {height}\" role=\"img\" font-family=\"{}\">\n<title>",
            font::FAMILY_LIST
        );
        escape_into(&mut svg, title);
        svg.push_str("</title>\n<desc>");
        escape_into(&mut svg, description);
        svg.push_str("</desc>\n<style>");
        svg.push_str(&font::FONT_FACES);
        svg.push_str("</style>\n");
        svg.push_str(&body);
        svg.push_str("</svg>\n");
        svg
    }

    fn push(&mut self, text: fmt::Arguments<'_>) {
        // Writing to a string cannot fail.
        let _ = self.body.write_fmt(text);
    }
}

/// Symbols and venue names come from outside: markup characters are escaped, and characters that XML 1.0
/// does not allow at all are replaced.
fn escape_into(out: &mut String, text: &str) {
    for ch in text.chars() {
        match ch {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' => out.push(' '),
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            _ => out.push(ch),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_outside_cannot_become_markup() {
        let mut scene = Scene::new(100, 50, Rgb(255, 255, 255));
        scene.text(0.0, 10.0, "<script>\u{1}&\"'\u{ffff}", &Ink::new(10.0, Rgb(0, 0, 0)));
        let svg = scene.finish("a<b", "c&d");
        assert!(svg.contains("&lt;script&gt; &amp;&quot;&#39;\u{fffd}</text>"), "{svg}");
        assert!(svg.contains("<title>a&lt;b</title>\n<desc>c&amp;d</desc>"), "{svg}");
        assert!(!svg.contains("<script>"));
    }
}
