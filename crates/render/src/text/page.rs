//! The brief laid out: its own texts in their fixed order, none added.

use liqlens_query::document::Brief;

use super::Readable;
use super::outline::{Block, Outline};

impl Readable for Brief {
    fn outline(&self) -> Outline {
        let mut blocks = vec![
            Block::Quote(self.caveat.clone()),
            Block::Title(self.headline.clone()),
            Block::Paragraph(self.stamp_line.clone()),
        ];
        if !self.bullets.is_empty() {
            blocks.push(Block::Bullets(self.bullets.clone()));
        }
        blocks.extend(self.sections.iter().map(|section| Block::Section {
            title: section.title.clone(),
            text: section.sentences.join(" "),
        }));
        Outline { blocks, compact: false }
    }
}
