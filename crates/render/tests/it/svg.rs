//! Reads a finished SVG back, with the renderer's fonts but none of its layout code.

use std::sync::Arc;

use liqlens_render::Picture;
use resvg::usvg::{self, fontdb, roxmltree};

/// A text as drawn: its glyphs' box in pixels (left, top, right, bottom).
pub(crate) struct Drawn {
    pub(crate) text: String,
    pub(crate) edges: [f32; 4],
}

/// Texts of the groups with a class (of all groups for `""`), in painting order.
pub(crate) fn texts_of(picture: &Picture, class: &str) -> Vec<String> {
    let document = roxmltree::Document::parse(picture.svg()).unwrap();
    document
        .descendants()
        .filter(|node| node.has_tag_name("text"))
        .filter(|node| {
            class.is_empty() || node.ancestors().any(|ancestor| ancestor.attribute("class") == Some(class))
        })
        .map(|node| node.text().unwrap_or("").to_owned())
        .collect()
}

/// Every text with the box of its glyphs.
pub(crate) fn drawn(picture: &Picture) -> Vec<Drawn> {
    let mut fonts = fontdb::Database::new();
    fonts.load_font_data(include_bytes!("../../assets/LiqlensSans-Regular.otf").to_vec());
    fonts.load_font_data(include_bytes!("../../assets/LiqlensSans-SemiBold.otf").to_vec());
    let options = usvg::Options { fontdb: Arc::new(fonts), ..usvg::Options::default() };
    let tree = usvg::Tree::from_str(picture.svg(), &options).unwrap();
    let mut drawn = Vec::new();
    collect(tree.root(), &mut drawn);
    drawn
}

fn collect(group: &usvg::Group, drawn: &mut Vec<Drawn>) {
    for node in group.children() {
        match node {
            usvg::Node::Group(group) => collect(group, drawn),
            usvg::Node::Text(text) => {
                let bounds = text.flattened().abs_bounding_box();
                drawn.push(Drawn {
                    text: text.chunks().iter().map(usvg::TextChunk::text).collect(),
                    edges: [bounds.left(), bounds.top(), bounds.right(), bounds.bottom()],
                });
            }
            _ => {}
        }
    }
}

/// Overlap in both directions, pixels, below which two texts do not touch for the eye.
const LEAST: f32 = 1.0;

/// Complains about the first two texts that touch, or one that leaves the picture.
pub(crate) fn check_layout(picture: &Picture) -> Result<(), String> {
    let texts = drawn(picture);
    for (at, one) in texts.iter().enumerate() {
        let [left, top, right, bottom] = one.edges;
        #[allow(clippy::cast_precision_loss)]
        let (width, height) = (picture.width() as f32, picture.height() as f32);
        if left < 0.0 || top < 0.0 || right > width || bottom > height {
            return Err(format!("outside the picture: {:?} at {:?}", one.text, one.edges));
        }
        for other in texts.iter().skip(at + 1) {
            let [l, t, r, b] = other.edges;
            if left + LEAST < r && l + LEAST < right && top + LEAST < b && t + LEAST < bottom {
                return Err(format!(
                    "{:?} at {:?} overlaps {:?} at {:?}",
                    one.text, one.edges, other.text, other.edges
                ));
            }
        }
    }
    Ok(())
}
