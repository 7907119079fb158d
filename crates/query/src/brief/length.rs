//! Keeps the brief short enough to be read: at most 450 words, whatever happens to be worth telling.
//!
//! Some sentences are dispensable – their figures stand in the document's own fields or elsewhere in the
//! text. While the brief is too long they go, in a fixed order, so that the same view still gives the same
//! bytes.

use crate::document::Brief;

/// Most words of a brief, titles and both caveats included.
const MOST_WORDS: usize = 450;

/// Removes dispensable sentences, first ones first, until the brief is short enough or none is left.
pub(super) fn shorten(brief: &mut Brief, dispensable: &[String]) {
    for sentence in dispensable {
        if words(brief) <= MOST_WORDS {
            return;
        }
        for section in &mut brief.sections {
            section.sentences.retain(|kept| kept != sentence);
        }
    }
}

/// Words as a reader counts them: a lone sign or arrow is none.
fn words(brief: &Brief) -> usize {
    let sections = brief.sections.iter();
    let texts = sections.flat_map(|section| std::iter::once(&section.title).chain(&section.sentences));
    let head = [&brief.caveat, &brief.headline, &brief.stamp_line];
    head.into_iter()
        .chain(&brief.bullets)
        .chain(texts)
        .flat_map(|text| text.split_whitespace())
        .filter(|word| word.chars().any(char::is_alphanumeric))
        .count()
}
