//! SVG to PNG with the bundled font only.

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg;

use super::font;
use crate::RenderError;

/// PNG signature and the header chunk that must stand first.
const HEAD_BYTES: usize = 8 + 25;

/// Draws an SVG at its own size. `notes` are stored as text chunks (keyword, text) in front of the
/// pixels, so that a picture on its own still says what it shows and where it comes from.
pub(crate) fn to_png(
    svg: &str,
    width: u32,
    height: u32,
    notes: &[(&str, &str)],
) -> Result<Vec<u8>, RenderError> {
    let options = usvg::Options { fontdb: font::database(), ..usvg::Options::default() };
    let tree = usvg::Tree::from_str(svg, &options).map_err(|error| RenderError::Svg(error.to_string()))?;
    let mut pixmap = Pixmap::new(width, height).ok_or(RenderError::Size { width, height })?;
    resvg::render(&tree, Transform::identity(), &mut pixmap.as_mut());
    let png = pixmap.encode_png().map_err(|error| RenderError::Png(error.to_string()))?;
    let Some((head, rest)) = png.split_at_checked(HEAD_BYTES) else {
        return Err(RenderError::Png("the encoder wrote no header".to_owned()));
    };
    let mut noted = head.to_vec();
    for (keyword, text) in notes {
        push_text_chunk(&mut noted, keyword, text)?;
    }
    noted.extend_from_slice(rest);
    Ok(noted)
}

/// An uncompressed `iTXt` chunk (PNG third edition, 11.3.3.4): keyword, four empty fields, UTF-8 text.
fn push_text_chunk(png: &mut Vec<u8>, keyword: &str, text: &str) -> Result<(), RenderError> {
    let mut chunk = b"iTXt".to_vec();
    chunk.extend_from_slice(keyword.as_bytes());
    chunk.extend_from_slice(&[0; 5]);
    chunk.extend(text.bytes().filter(|byte| *byte != 0));
    let length = u32::try_from(chunk.len() - 4)
        .map_err(|_| RenderError::Png(format!("the note {keyword} is too long")))?;
    png.extend_from_slice(&length.to_be_bytes());
    png.extend_from_slice(&chunk);
    png.extend_from_slice(&crc32fast::hash(&chunk).to_be_bytes());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_stand_between_header_and_pixels_and_the_file_still_decodes() {
        let svg = r#"<svg xmlns="http://www.w3.org/2000/svg" width="3" height="2"><rect width="3" height="2"/></svg>"#;
        let png = to_png(svg, 3, 2, &[("Description", "one ▼")]).unwrap();
        assert_eq!(&png[12..16], b"IHDR");
        assert_eq!(&png[37..41], b"iTXt");
        let decoded = Pixmap::decode_png(&png).unwrap();
        assert_eq!((decoded.width(), decoded.height()), (3, 2));
        assert!(to_png("<svg", 3, 2, &[]).is_err());
        assert!(to_png(svg, 0, 2, &[]).is_err());
    }
}
