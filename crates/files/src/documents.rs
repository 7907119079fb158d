//! A bounded reader of JSON documents: one object after another, one a line, printed over many lines, or the
//! elements of one array, which are handed out one by one and never held together.
//!
//! Only strings and brackets are followed here; whether a document says anything is its decoder's business.
//! A document that is cut short or mis-nested must not swallow its neighbours, so damage ends it at the
//! first of: a line break inside a string, a bracket closed by the wrong kind, a line that begins another
//! document although the one at hand is not at a comma, colon or opening bracket. Reading goes on at the
//! next line that begins as the damaged document's own line did (the same indentation and a brace). What
//! that costs more than the document itself: the rest of its line, where several stand on one.

use std::io::{self, Read};

use memchr::{memchr, memchr_iter};

use crate::intake::Intake;
use crate::row::Reason;

/// How much of a damaged document is kept to show.
const CLIP_BYTES: usize = 80;
/// Deepest nesting followed. Account answers have eight levels; the parser behind gives up at 128.
const DEPTH_MAX: u32 = 64;

/// One document, or what stands in the place of one.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Document<'a> {
    /// Number of the line it begins on, counted from 1.
    pub(crate) line: u64,
    /// All of it, or the beginning of one at fault.
    pub(crate) text: &'a [u8],
    /// Why it cannot be read, if it cannot.
    pub(crate) fault: Option<Reason>,
}

/// Reads documents from a source through one reused buffer of at most the limit and a chunk.
pub(crate) struct DocumentReader<R> {
    intake: Intake<R>,
    /// Number of the line that `start` is on.
    line: u64,
    /// Blanks before `start` on its line, while there is nothing else.
    indent: Option<usize>,
    in_array: bool,
    limit: usize,
    clip: Vec<u8>,
}

/// Where a scan stopped, counted from its beginning.
enum Stop {
    /// Behind the closing bracket.
    Whole(usize),
    /// At damage; `next` is where another document may begin.
    Damaged { at: usize, next: Option<usize>, reason: Reason },
}

/// What has been seen of the document at hand.
struct Scan {
    /// Open brackets, innermost last; 1 is a brace.
    stack: u64,
    depth: u32,
    in_string: bool,
    escaped: bool,
    /// The last byte that is no blank and in no string (a closing quote counts).
    last: u8,
    /// Blanks since the last line break, while there is nothing else.
    indent: Option<usize>,
    /// The first line that could begin another document.
    next: Option<usize>,
}

impl<R: Read> DocumentReader<R> {
    /// A reader that gives up documents longer than `limit` bytes.
    pub(crate) fn new(source: R, limit: usize) -> Self {
        Self {
            intake: Intake::new(source),
            line: 1,
            indent: Some(0),
            in_array: false,
            limit: limit.max(1),
            clip: Vec::new(),
        }
    }

    /// The next document, or `None` at the end.
    pub(crate) fn next(&mut self) -> io::Result<Option<Document<'_>>> {
        let Some(first) = self.pass_over_separators()? else {
            if self.in_array {
                // Cut off between two elements: those before are whole, the file is not.
                self.in_array = false;
                return Ok(Some(Document { line: self.line, text: b"", fault: Some(Reason::Incomplete) }));
            }
            return Ok(None);
        };
        let line = self.line;
        if !matches!(first, b'{' | b'[') {
            let length = self.junk()?;
            self.keep_clip(length);
            self.consume(length);
            return Ok(Some(Document { line, text: &self.clip, fault: Some(Reason::Json) }));
        }
        match self.scan()? {
            Stop::Whole(length) => {
                let from = self.intake.start;
                self.consume(length);
                // Consuming moves the start alone, so the text is still where it was.
                Ok(Some(Document { line, text: &self.intake.buffer[from..from + length], fault: None }))
            }
            Stop::Damaged { at, next, reason } => {
                let own_indent = self.indent.unwrap_or(0);
                self.keep_clip(next.unwrap_or(at));
                if let Some(next) = next {
                    self.consume(next);
                    self.indent = Some(own_indent);
                } else {
                    self.consume(at);
                    self.pass_over_to_line(own_indent)?;
                }
                Ok(Some(Document { line, text: &self.clip, fault: Some(reason) }))
            }
        }
    }

    /// Passes over what stands between documents; the byte that begins the next one.
    fn pass_over_separators(&mut self) -> io::Result<Option<u8>> {
        loop {
            let Some(byte) = self.byte(0)? else { return Ok(None) };
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' | b',' => {}
                b'[' if !self.in_array => self.in_array = true,
                b']' if self.in_array => self.in_array = false,
                _ => return Ok(Some(byte)),
            }
            self.consume(1);
        }
    }

    /// Length of something that is no document: up to the next separator.
    fn junk(&mut self) -> io::Result<usize> {
        let mut length = 1;
        while length < self.limit {
            match self.byte(length)? {
                None | Some(b' ' | b'\t' | b'\r' | b'\n' | b',' | b'[' | b']' | b'{') => break,
                Some(_) => length += 1,
            }
        }
        Ok(length)
    }

    /// Follows the document that begins at `start`.
    fn scan(&mut self) -> io::Result<Stop> {
        let own_indent = self.indent.unwrap_or(0);
        let mut scan =
            Scan { stack: 0, depth: 0, in_string: false, escaped: false, last: 0, indent: None, next: None };
        let mut at = 0;
        loop {
            if at >= self.limit {
                return Ok(Stop::Damaged { at, next: scan.next, reason: Reason::TooLong });
            }
            let Some(byte) = self.byte(at)? else {
                return Ok(Stop::Damaged { at, next: scan.next, reason: Reason::Incomplete });
            };
            if !scan.in_string && byte == b'{' && scan.indent == Some(own_indent) {
                if !matches!(scan.last, b'[' | b',' | b':') {
                    let next = scan.next.or(Some(at));
                    return Ok(Stop::Damaged { at, next, reason: Reason::Incomplete });
                }
                scan.next.get_or_insert(at);
            }
            if !scan.step(byte) {
                return Ok(Stop::Damaged { at, next: scan.next, reason: Reason::Incomplete });
            }
            at += 1;
            if scan.depth == 0 {
                return Ok(Stop::Whole(at));
            }
        }
    }

    /// Passes over everything up to a line that begins with this many blanks and a brace.
    fn pass_over_to_line(&mut self, indent: usize) -> io::Result<()> {
        while let Some(byte) = self.byte(0)? {
            match byte {
                b'{' if self.indent == Some(indent) => return Ok(()),
                b' ' | b'\t' | b'\r' if self.indent.is_some() => self.consume(1),
                _ => {
                    let held = &self.intake.buffer[self.intake.start..self.intake.end];
                    self.consume(memchr(b'\n', held).map_or(held.len(), |at| at + 1));
                }
            }
        }
        // An array that was left in the middle is not also cut off at its end.
        self.in_array = false;
        Ok(())
    }

    /// The byte this far behind `start`, read if need be.
    #[inline]
    fn byte(&mut self, at: usize) -> io::Result<Option<u8>> {
        loop {
            if let Some(byte) = self.intake.buffer[..self.intake.end].get(self.intake.start + at) {
                return Ok(Some(*byte));
            }
            if self.intake.ended {
                return Ok(None);
            }
            self.intake.fill()?;
        }
    }

    /// Moves on by this many bytes, which have been looked at.
    fn consume(&mut self, count: usize) {
        let passed = &self.intake.buffer[self.intake.start..self.intake.start + count];
        let (mut breaks, mut tail) = (0, None);
        for at in memchr_iter(b'\n', passed) {
            breaks += 1;
            tail = Some(at + 1);
        }
        self.line += breaks;
        let begun = tail.map_or(self.indent, |_| Some(0));
        let rest = &passed[tail.unwrap_or(0)..];
        let blank = rest.iter().all(|byte| matches!(byte, b' ' | b'\t' | b'\r'));
        self.indent = begun.filter(|_| blank).map(|before| before + rest.len());
        self.intake.start += count;
    }

    fn keep_clip(&mut self, length: usize) {
        let text = &self.intake.buffer[self.intake.start..self.intake.start + length];
        self.clip.clear();
        self.clip.extend_from_slice(&text[..text.len().min(CLIP_BYTES)]);
    }
}

impl Scan {
    /// Takes one byte; `false` where no document can go on like this.
    #[inline]
    fn step(&mut self, byte: u8) -> bool {
        if self.in_string {
            match byte {
                // JSON writes line breaks inside strings as `\n`.
                b'\n' => return false,
                _ if self.escaped => self.escaped = false,
                b'\\' => self.escaped = true,
                b'"' => {
                    self.in_string = false;
                    self.last = byte;
                }
                _ => {}
            }
            return true;
        }
        match byte {
            b'\n' => {
                self.indent = Some(0);
                return true;
            }
            b' ' | b'\t' | b'\r' => {
                self.indent = self.indent.map(|blanks| blanks + 1);
                return true;
            }
            b'"' => self.in_string = true,
            b'{' | b'[' => {
                if self.depth == DEPTH_MAX {
                    return false;
                }
                self.stack = self.stack << 1 | u64::from(byte == b'{');
                self.depth += 1;
            }
            b'}' | b']' => {
                if self.stack & 1 != u64::from(byte == b'}') {
                    return false;
                }
                self.stack >>= 1;
                self.depth -= 1;
            }
            _ => {}
        }
        self.indent = None;
        self.last = byte;
        true
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::intake::{CHUNK_BYTES, Trickle};

    fn read(text: &str, limit: usize) -> Vec<(u64, String, Option<Reason>)> {
        let mut reader = DocumentReader::new(Trickle(text.as_bytes(), 3), limit);
        let mut all = Vec::new();
        while let Some(Document { line, text, fault }) = reader.next().unwrap() {
            all.push((line, String::from_utf8_lossy(text).into_owned(), fault));
        }
        all
    }

    /// The whole documents of a text with the lines they begin on.
    fn whole(text: &str) -> Vec<(u64, String)> {
        read(text, 1_000).into_iter().filter(|d| d.2.is_none()).map(|(line, text, _)| (line, text)).collect()
    }

    #[test]
    fn lines_arrays_and_printed_documents_are_taken_apart() {
        let documents = |lines: &[u64]| -> Vec<(u64, String)> {
            let texts = ["{\"a\":1}", "{\"b\":[{}]}", "{}"];
            lines.iter().zip(texts).map(|(line, text)| (*line, text.to_owned())).collect()
        };
        assert_eq!(whole("{\"a\":1}\n{\"b\":[{}]}\r\n\n{}"), documents(&[1, 2, 4]));
        assert_eq!(whole("{\"a\":1}{\"b\":[{}]} {}"), documents(&[1, 1, 1]));
        assert_eq!(whole("[{\"a\":1},\n{\"b\":[{}]}\n,{}]\n"), documents(&[1, 2, 3]));
        assert_eq!(whole("[]"), []);
        let printed = "{\n  \"a\": [\n    {\n      \"}\\\"{\": 1\n    },\n    {}\n  ]\n}";
        assert_eq!(whole(printed), [(1, printed.to_owned())]);
        assert_eq!(whole(&format!("[\n{printed},\n{printed}\n]")).len(), 2);
        // Printed without any indentation, every object begins a line.
        let flat = "{\n\"a\":\n{\n},\n\"b\":[\n{\n},\n{\n}\n]\n}";
        assert_eq!(whole(flat), [(1, flat.to_owned())]);
        // Arrays inside arrays are documents too, for their decoder to refuse.
        assert_eq!(whole("[[1,[2]],{}]"), [(1, "[1,[2]]".to_owned()), (1, "{}".to_owned())]);
    }

    #[test]
    fn damage_costs_its_document_and_is_placed() {
        for bad in [
            "{\"a\": \"open",
            "{\"a\": [1, 2",
            "{\"a\": [1}",
            "{\"a\": {",
            "{\"a\": {},",
            "{\"a\":",
            "null",
            "%",
        ] {
            let text = format!("{{\"x\":1}}\n{bad}\n{{\"y\":2}}\n{{\"z\":3}}");
            let got = read(&text, 1_000);
            assert_eq!(got.len(), 4, "{bad}: {got:?}");
            assert_eq!((got[1].0, got[1].2.is_some()), (2, true), "{bad}");
            assert_eq!((got[2].0, got[2].1.as_str(), got[2].2), (3, "{\"y\":2}", None), "{bad}");
        }
        // Printed elements of an array begin at their own indentation.
        let text = "[\n  {\n    \"a\": [1\n  },\n  {\n    \"b\": {\n    }\n  }\n]\n";
        let got = read(text, 1_000);
        assert_eq!(got.len(), 2, "{got:?}");
        assert_eq!((got[0].0, got[0].2), (2, Some(Reason::Incomplete)));
        assert_eq!((got[1].0, got[1].2), (5, None));
        // Cut off behind an element.
        let got = read("[{\"a\":1},\n", 1_000);
        assert_eq!((got.len(), got[1].2), (2, Some(Reason::Incomplete)));
    }

    #[test]
    fn long_and_deep_documents_are_given_up_without_being_held() {
        let long = format!("{{\"a\":\"{}\"}}", "x".repeat(3 * CHUNK_BYTES));
        let text = format!("{long}\n{{\"b\":1}}\n{long}");
        let mut reader = DocumentReader::new(text.as_bytes(), 1_000);
        let mut got = Vec::new();
        while let Some(Document { line, text, fault }) = reader.next().unwrap() {
            got.push((line, text.len(), fault));
        }
        assert_eq!(
            got,
            [(1, CLIP_BYTES, Some(Reason::TooLong)), (2, 7, None), (3, CLIP_BYTES, Some(Reason::TooLong))]
        );
        assert!(reader.intake.buffer.len() <= 2 * CHUNK_BYTES, "the buffer does not grow with the document");

        let deep = "{\"a\":[".repeat(100_000);
        let got = read(&format!("{deep}\n{{\"b\":1}}"), 10_000_000);
        assert_eq!((got.len(), got[0].2, got[1].0), (2, Some(Reason::Incomplete), 2));
    }

    proptest! {
        /// Whatever the documents and however they are laid out, they come back as they were.
        #[test]
        fn sound_documents_come_back(
            values in prop::collection::vec("[ -~]{0,12}", 1..6), layout in 0u8..4, step in 1usize..9
        ) {
            let documents: Vec<serde_json::Value> =
                values.iter().map(|text| serde_json::json!({"k": [{ text: text }], "n": {}})).collect();
            let text = match layout {
                0 => documents.iter().map(serde_json::Value::to_string).collect::<Vec<_>>().join("\n"),
                1 => documents.iter().map(|d| format!("{d:#}")).collect::<Vec<_>>().join("\n"),
                2 => serde_json::to_string(&documents).unwrap(),
                _ => serde_json::to_string_pretty(&documents).unwrap(),
            };
            let mut reader = DocumentReader::new(Trickle(text.as_bytes(), step), 1 << 20);
            let mut got = Vec::new();
            while let Some(document) = reader.next().unwrap() {
                prop_assert_eq!(document.fault, None);
                got.push(serde_json::from_slice::<serde_json::Value>(document.text).unwrap());
            }
            prop_assert_eq!(got, documents);
        }

        /// Whatever the bytes: it ends, and lines are counted as the line feeds are.
        #[test]
        fn any_text_ends(text in "[{}\\[\\]\":,\n a\\\\]{0,200}", step in 1usize..7, limit in 1usize..60) {
            let mut reader = DocumentReader::new(Trickle(text.as_bytes(), step), limit);
            let (mut documents, mut last) = (0, 1);
            while let Some(document) = reader.next().unwrap() {
                documents += 1;
                prop_assert!(document.line >= last);
                last = document.line;
            }
            prop_assert!(documents <= text.len() + 1);
            let breaks = text.bytes().filter(|byte| *byte == b'\n').count();
            prop_assert_eq!(reader.line, breaks as u64 + 1);
        }
    }
}
