//! Skins of the documents: pictures (SVG and PNG), text, and tables (CSV and Arrow).
//!
//! A renderer computes positions and colours only. Every figure it prints comes from the document and is
//! worded by [`liqlens_query::format`], so a number is the same in a picture, in a table and in JSON.
//! Nothing here reads a file, a clock or a system font: the same document gives the same bytes.

mod picture;
mod scene;
mod table;
pub mod text;

pub use picture::{
    Picture, Size, Theme, card_picture, heatmap_picture, map_picture, score_gain_picture, score_pit_picture,
    score_reliability_picture,
};

pub use table::{Columnar, Tabular};

/// Why a picture or a table could not be made.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// The SVG made from the document was not accepted. A defect of this program.
    #[error("the picture's SVG cannot be drawn: {0}; please report the document it was made from")]
    Svg(String),
    /// No memory for that many pixels, or none asked for.
    #[error("a picture of {width} × {height} pixels cannot be made; ask for another size")]
    Size {
        /// Pixels across.
        width: u32,
        /// Pixels down.
        height: u32,
    },
    /// The PNG could not be encoded.
    #[error("the PNG cannot be written: {0}; export SVG instead")]
    Png(String),
    /// The document does not fit the types of its table.
    #[error("the document cannot be written as a typed table: {0}; take CSV or JSON instead")]
    Table(String),
}
