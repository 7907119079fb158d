//! A document laid out but not yet dressed.

use std::fmt::Write as _;

use liqlens_query::document::{SideName, Stamp};
use liqlens_query::format;

/// What a skin prints, in order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Outline {
    /// Blocks from top to bottom.
    pub blocks: Vec<Block>,
    /// Few enough lines to stand without blank lines between the blocks in a terminal.
    pub compact: bool,
}

/// One piece of an outline.
#[derive(Debug, Clone, PartialEq)]
pub enum Block {
    /// The fixed caveat, set apart from the text.
    Quote(String),
    /// The headline.
    Title(String),
    /// When and from what the answer was made; stands beside or below the headline.
    Stamp(String),
    /// Sentences that belong together.
    Paragraph(String),
    /// A titled paragraph.
    Section {
        /// Title as printed.
        title: String,
        /// Sentences, in order.
        text: String,
    },
    /// A list.
    Bullets(Vec<String>),
    /// Figures in rows.
    Table(Table),
}

/// Figures in rows and columns.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// What each column holds.
    pub columns: Vec<Column>,
    /// Rows, each with one cell a column.
    pub rows: Vec<Row>,
    /// Whether a terminal prints the column heads (Markdown and HTML always do).
    pub heads: bool,
}

/// One column of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Head of the column.
    pub head: &'static str,
    /// Which edge its cells line up on.
    pub align: Align,
}

/// The edge on which a column's cells line up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// Words.
    Left,
    /// Figures.
    Right,
}

/// One row of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The side the row is about, for its colour; the cells always name it in words too.
    pub side: Option<SideName>,
    /// Cells, one a column.
    pub cells: Vec<Cell>,
}

/// One cell of a table.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Finished text.
    Text(String),
    /// A bar whose length is this share (0 to 1) of the column.
    Bar(f64),
}

impl Column {
    /// A column of words.
    pub const fn left(head: &'static str) -> Self {
        Self { head, align: Align::Left }
    }

    /// A column of figures.
    pub const fn right(head: &'static str) -> Self {
        Self { head, align: Align::Right }
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl Outline {
    /// The headline, for a page's title.
    pub fn title(&self) -> &str {
        self.blocks
            .iter()
            .find_map(|block| match block {
                Block::Title(title) => Some(title.as_str()),
                _ => None,
            })
            .unwrap_or("liqlens")
    }
}

/// The fixed wording of a side, with its arrow: position and word carry the meaning, colour only helps.
pub(super) const fn side_word(side: SideName) -> &'static str {
    match side {
        SideName::Long => "▼ longs",
        SideName::Short => "▲ shorts",
    }
}

/// What the two arrows mean, in the fixed wording.
pub(super) const SIDES: &str = "▼ longs liquidated if price falls · ▲ shorts liquidated if price rises";

/// Headline and stamp of every document but the brief.
pub(super) fn head(stamp: &Stamp, name: &str) -> [Block; 2] {
    let price = format::price_grouped(&stamp.price);
    let title = format!("{}{name} {price}", stamp.symbol);
    let grade = stamp.grade.letter.as_str();
    let line = format!(
        "as of {} · age {} · {} · grade {grade}",
        time(&stamp.as_of),
        format::age(stamp.age_s),
        stamp.coverage.text,
    );
    [Block::Title(title), Block::Stamp(line)]
}

/// Evidence, model, snapshot, the reasons for the grade and every warning: what a reader needs to weigh
/// the figures above.
pub(super) fn foot(stamp: &Stamp) -> Vec<Block> {
    let evidence = [
        ("measured", stamp.evidence.measured),
        ("reported", stamp.evidence.reported),
        ("modelled", stamp.evidence.modelled),
    ];
    let evidence: Vec<String> = evidence
        .iter()
        .filter(|(_, share)| *share > 0.0)
        .map(|(name, share)| format!("{name} {}", format::share(*share)))
        .collect();
    let mut line = evidence.join(" · ");
    if !line.is_empty() {
        line.push_str(" · ");
    }
    // Writing to a string cannot fail.
    let _ = write!(line, "model {} · snapshot {}", stamp.model, format::snapshot_short(&stamp.snapshot));
    let mut blocks: Vec<Block> =
        stamp.reporting.iter().map(|reporting| Block::Paragraph(reporting.words.clone())).collect();
    blocks.push(Block::Paragraph(line));
    let mut notes = Vec::new();
    if let Some(reason) = stamp.grade.reasons.first() {
        notes.push(format!("Grade {}: {reason}", stamp.grade.letter.as_str()));
    }
    notes.extend(stamp.warnings.iter().cloned());
    if !notes.is_empty() {
        blocks.push(Block::Bullets(notes));
    }
    blocks
}

/// `2026-01-04 13:00:00Z`: the exact moment, with a blank for the `T`.
pub(super) fn time(rfc3339: &str) -> String {
    rfc3339.replacen('T', " ", 1)
}
