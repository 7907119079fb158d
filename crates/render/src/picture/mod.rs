//! Pictures of documents.

mod axis;
mod card;
mod frame;
mod heatmap;
mod labels;
mod map;
mod palette;
mod scale;
mod score;

pub use card::card_picture;
pub use heatmap::heatmap_picture;
pub use map::map_picture;
pub use score::{score_gain_picture, score_pit_picture, score_reliability_picture};

use crate::RenderError;
use crate::scene::{Scene, to_png};

/// Ground of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Theme {
    /// Dark on white.
    #[default]
    Light,
    /// Light on near-black.
    Dark,
}

/// Size of a picture in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Size {
    /// 1600 × 900, for pages and slides.
    #[default]
    Wide,
    /// 1200 × 630, what link previews show.
    Card,
}

impl Size {
    /// Width and height in pixels.
    pub const fn pixels(self) -> (u32, u32) {
        match self {
            Self::Wide => (1600, 900),
            Self::Card => (1200, 630),
        }
    }
}

/// A finished picture: one standalone SVG, and the way to its PNG.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    svg: String,
    width: u32,
    height: u32,
    description: String,
    snapshot: String,
}

impl Picture {
    fn new(scene: Scene, size: (u32, u32), title: &str, description: String, snapshot: &str) -> Self {
        let (width, height) = size;
        let svg = scene.finish(title, &description);
        Self { svg, width, height, description, snapshot: snapshot.to_owned() }
    }

    /// The SVG, valid on its own; text stays text.
    pub fn svg(&self) -> &str {
        &self.svg
    }

    /// Width in pixels.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Height in pixels.
    pub fn height(&self) -> u32 {
        self.height
    }

    /// One or two sentences for readers who cannot see the picture.
    pub fn alt(&self) -> &str {
        &self.description
    }

    /// The picture as PNG, drawn with the bundled font. The description and the full snapshot id are
    /// stored in it as text (keywords `Description` and `Snapshot`).
    ///
    /// # Errors
    /// [`RenderError`], only on a lack of memory or a defect.
    pub fn to_png(&self) -> Result<Vec<u8>, RenderError> {
        let notes = [
            ("Software", "liqlens"),
            ("Description", self.description.as_str()),
            ("Snapshot", self.snapshot.as_str()),
        ];
        to_png(&self.svg, self.width, self.height, &notes)
    }
}
