//! Documents asked of books: reach, at, map, clusters, heatmap and brief.

pub mod document;

pub use document::format;
