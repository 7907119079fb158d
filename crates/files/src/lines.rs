//! A bounded line reader over big chunks.
//!
//! Every format this crate reads is made of one-line records, so the line is the unit of damage: a row
//! with an unterminated quote, a stray NUL or a missing column costs that line and nothing after it. A
//! general CSV reader would treat the quote as open and swallow the rest of the file into one field; that
//! is why there is none underneath. The reader holds one buffer of at most the line limit plus a chunk; a
//! longer line is passed over and reported by number.

use std::io::{self, Read};
use std::ops::Range;

use memchr::memchr;

use crate::intake::Intake;

/// How much of a line that is too long is kept to show.
const CLIP_BYTES: usize = 80;

/// One line, without its line ending.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Line<'a> {
    /// The whole line.
    Text(&'a [u8]),
    /// The beginning of a line beyond the limit; the rest has been passed over.
    TooLong(&'a [u8]),
}

enum Found {
    Text(Range<usize>),
    TooLong,
}

/// Reads lines from a source through one reused buffer.
pub(crate) struct LineReader<R> {
    intake: Intake<R>,
    number: u64,
    limit: usize,
    clip: Vec<u8>,
}

impl<R: Read> LineReader<R> {
    /// A reader that passes over lines longer than `limit` bytes.
    pub(crate) fn new(source: R, limit: usize) -> Self {
        Self { intake: Intake::new(source), number: 0, limit, clip: Vec::new() }
    }

    /// The next bytes without consuming them: up to one chunk, less only at the end of the source.
    pub(crate) fn peek(&mut self) -> io::Result<&[u8]> {
        while !self.intake.ended && self.intake.end < self.intake.buffer.len() {
            self.intake.fill()?;
        }
        Ok(&self.intake.buffer[self.intake.start..self.intake.end])
    }

    /// Passes over bytes that [`LineReader::peek`] has shown.
    pub(crate) fn skip(&mut self, bytes: usize) {
        self.intake.start = (self.intake.start + bytes).min(self.intake.end);
    }

    /// What has been read of the source and not passed over.
    pub(crate) fn held(&self) -> &[u8] {
        &self.intake.buffer[self.intake.start..self.intake.end]
    }

    /// Passes over whole lines that [`LineReader::held`] has shown.
    pub(crate) fn pass(&mut self, bytes: usize, lines: usize) {
        self.skip(bytes);
        self.number += lines as u64;
    }

    /// The text that has not been passed over, for a reader of another unit.
    pub(crate) fn into_rest(mut self) -> impl Read {
        self.intake.buffer.truncate(self.intake.end);
        let mut held = io::Cursor::new(self.intake.buffer);
        held.set_position(self.intake.start as u64);
        held.chain(self.intake.source)
    }

    /// Number of the line returned last, counted from 1.
    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    /// The next line, or `None` at the end. A last line without a line ending counts.
    #[inline]
    pub(crate) fn next(&mut self) -> io::Result<Option<Line<'_>>> {
        let found = match memchr(b'\n', &self.intake.buffer[self.intake.start..self.intake.end]) {
            Some(length) => {
                let line = self.intake.start..self.intake.start + length;
                self.intake.start = line.end + 1;
                self.number += 1;
                Found::Text(line)
            }
            None => match self.next_across_chunks()? {
                Some(found) => found,
                None => return Ok(None),
            },
        };
        Ok(Some(match found {
            Found::Text(range) => {
                let line = &self.intake.buffer[range];
                Line::Text(line.strip_suffix(b"\r").unwrap_or(line))
            }
            Found::TooLong => Line::TooLong(&self.clip),
        }))
    }

    #[cold]
    fn next_across_chunks(&mut self) -> io::Result<Option<Found>> {
        loop {
            let seen = self.intake.end - self.intake.start;
            if self.intake.ended {
                if seen == 0 {
                    return Ok(None);
                }
                let line = self.intake.start..self.intake.end;
                self.intake.start = self.intake.end;
                self.number += 1;
                return Ok(Some(if seen > self.limit { self.clip(line) } else { Found::Text(line) }));
            }
            if seen > self.limit {
                let found = self.clip(self.intake.start..self.intake.end);
                self.pass_over_line()?;
                self.number += 1;
                return Ok(Some(found));
            }
            self.intake.fill()?;
            let fresh = self.intake.start + seen..self.intake.end;
            if let Some(offset) = memchr(b'\n', &self.intake.buffer[fresh]) {
                let line = self.intake.start..self.intake.start + seen + offset;
                self.intake.start = line.end + 1;
                self.number += 1;
                return Ok(Some(if line.len() > self.limit { self.clip(line) } else { Found::Text(line) }));
            }
        }
    }

    fn clip(&mut self, line: Range<usize>) -> Found {
        let line = &self.intake.buffer[line];
        self.clip.clear();
        self.clip.extend_from_slice(&line[..line.len().min(CLIP_BYTES)]);
        Found::TooLong
    }

    /// Discards up to and including the next line ending, without keeping anything.
    fn pass_over_line(&mut self) -> io::Result<()> {
        loop {
            self.intake.start = 0;
            self.intake.end = 0;
            self.intake.fill()?;
            if let Some(offset) = memchr(b'\n', &self.intake.buffer[..self.intake.end]) {
                self.intake.start = offset + 1;
                return Ok(());
            }
            if self.intake.ended {
                self.intake.end = 0;
                return Ok(());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::intake::{CHUNK_BYTES, Trickle};

    fn lines(source: impl Read, limit: usize) -> Vec<(u64, bool, Vec<u8>)> {
        let mut reader = LineReader::new(source, limit);
        let mut all = Vec::new();
        while let Some(line) = reader.next().unwrap() {
            let (whole, text) = match line {
                Line::Text(text) => (true, text.to_vec()),
                Line::TooLong(text) => (false, text.to_vec()),
            };
            all.push((reader.number(), whole, text));
        }
        all
    }

    #[test]
    fn line_endings_and_a_missing_last_one() {
        let got = lines(&b"a\r\n\nb\n\rc"[..], 100);
        let expected: [(u64, bool, &[u8]); 4] =
            [(1, true, b"a"), (2, true, b""), (3, true, b"b"), (4, true, b"\rc")];
        assert_eq!(got, expected.map(|(n, w, t)| (n, w, t.to_vec())));
        assert!(lines(&b""[..], 100).is_empty());
    }

    #[test]
    fn a_line_beyond_the_limit_costs_itself_only() {
        let mut text = b"first\n".to_vec();
        text.extend(std::iter::repeat_n(b'x', 3 * CHUNK_BYTES));
        text.extend(b"\nlast");
        let mut reader = LineReader::new(&text[..], 1000);
        assert_eq!(reader.next().unwrap(), Some(Line::Text(b"first")));
        assert_eq!(reader.next().unwrap(), Some(Line::TooLong(&[b'x'; CLIP_BYTES])));
        assert_eq!(reader.number(), 2);
        assert_eq!(reader.next().unwrap(), Some(Line::Text(b"last")));
        assert!(reader.intake.buffer.len() <= 2 * CHUNK_BYTES, "the buffer does not grow with the line");
    }

    proptest! {
        /// Against the plainest reference: split the whole text at line feeds.
        #[test]
        fn equals_a_plain_split(text in "[ab\r\n,]{0,200}", step in 1usize..7) {
            let mut expected: Vec<&[u8]> = text.as_bytes().split(|&b| b == b'\n').collect();
            if expected.last().is_some_and(|last| last.is_empty()) {
                expected.pop();
            }
            let got = lines(Trickle(text.as_bytes(), step), 1000);
            prop_assert_eq!(got.len(), expected.len());
            for (at, (number, whole, line)) in got.iter().enumerate() {
                prop_assert!(*whole);
                prop_assert_eq!(*number, at as u64 + 1);
                prop_assert_eq!(line.as_slice(), expected[at].strip_suffix(b"\r").unwrap_or(expected[at]));
            }
        }
    }
}
