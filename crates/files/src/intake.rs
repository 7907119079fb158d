//! The buffer under the readers of lines and of documents.

use std::io::{self, Read};

/// How much is asked of the source at a time: large enough that reads and chunk seams cost nothing per
/// line, small enough to stay in the second-level cache.
pub(crate) const CHUNK_BYTES: usize = 256 * 1024;

/// A source and what has been read of it but not passed over: `buffer[start..end]`.
pub(crate) struct Intake<R> {
    pub(crate) source: R,
    pub(crate) buffer: Vec<u8>,
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// Whether the source has said that it has no more.
    pub(crate) ended: bool,
}

impl<R: Read> Intake<R> {
    /// Nothing read yet.
    pub(crate) fn new(source: R) -> Self {
        Self { source, buffer: vec![0; CHUNK_BYTES], start: 0, end: 0, ended: false }
    }

    /// Moves what is left to the front, makes room for at least something, and reads once.
    pub(crate) fn fill(&mut self) -> io::Result<()> {
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        if self.end == self.buffer.len() {
            self.buffer.resize(self.buffer.len() + CHUNK_BYTES, 0);
        }
        loop {
            match self.source.read(&mut self.buffer[self.end..]) {
                Ok(0) => self.ended = true,
                Ok(count) => self.end = (self.end + count).min(self.buffer.len()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            }
            return Ok(());
        }
    }
}

/// Hands out a few bytes at a time, so that every seam is met.
#[cfg(test)]
pub(crate) struct Trickle<'a>(pub(crate) &'a [u8], pub(crate) usize);

#[cfg(test)]
impl Read for Trickle<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.0.len().min(self.1).min(buffer.len());
        buffer[..count].copy_from_slice(&self.0[..count]);
        self.0 = &self.0[count..];
        Ok(count)
    }
}
