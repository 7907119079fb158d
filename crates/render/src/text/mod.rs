//! Documents as words and tables: terminal text, Markdown and HTML.
//!
//! A document is first laid out as an [`Outline`] – titles, paragraphs, bullets and tables whose cells are
//! finished text – and a skin then dresses that outline. The figures are written once, so the terminal,
//! the Markdown file and the web page cannot disagree; a skin decides about line breaks, escaping and
//! colour and about nothing else. Programs take tables instead ([`Tabular`]): the document's exact decimals,
//! one row a figure.

mod account;
mod accounts;
mod answers;
mod charts;
mod html;
mod liqprice;
mod markdown;
mod outline;
mod page;
mod plain;
mod rule_words;
#[cfg(test)]
pub(crate) mod sample;
mod score;
mod tiers;

pub use crate::table::Tabular;
pub use answers::reach_table;
pub use html::html;
pub use markdown::markdown;
pub use outline::{Align, Block, Cell, Column, Outline, Row, Table};
pub use plain::{TextStyle, plain};

/// A document that people can read.
pub trait Readable {
    /// The document's texts and figures in reading order.
    fn outline(&self) -> Outline;
}

/// Text as it may be shown anywhere: control and bidirectional characters, which could move the cursor or
/// reverse a line, become U+FFFD. Venue names are checked on entry; this is the second lock on the door.
fn visible(text: &str) -> impl Iterator<Item = char> + '_ {
    text.chars().map(|c| match c {
        '\n' | '\t' => ' ',
        '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' => {
            char::REPLACEMENT_CHARACTER
        }
        c if c.is_control() => char::REPLACEMENT_CHARACTER,
        c => c,
    })
}
