//! Inflating on a thread of its own, beside the reading of what has been inflated.
//!
//! To inflate a row takes several times as long as to read it, so where there are two cores the second one's
//! work costs no time. The text comes over in a few buffers that go back and forth; what it is, and how it ends,
//! is what the source would have said itself. A text of up to one chunk is read without a thread, as are all
//! texts where there is one core only.

use std::io::{self, Read};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, Builder, Scope};

use crate::intake::CHUNK_BYTES;

/// Buffers that go back and forth. Two would do if both sides were equally quick all the time.
const BUFFERS: usize = 4;

/// Hands the text of `source` to `read`. On return the source has been given up, its end reached or not.
pub(crate) fn beside<R: Read + Send, T>(source: R, read: impl FnOnce(&mut dyn Read) -> T) -> T {
    let alone = thread::available_parallelism().is_ok_and(|cores| cores.get() == 1);
    // Left early or not: the reader is dropped before the scope waits for the thread, which then finds nobody
    // to send to.
    thread::scope(|scope| read(&mut Ahead { scope, alone, state: State::Here { source, bytes: 0 } }))
}

struct Ahead<'scope, 'env, R> {
    scope: &'scope Scope<'scope, 'env>,
    /// No thread is to be started.
    alone: bool,
    state: State<R>,
}

enum State<R> {
    /// Nothing but the beginning has been read.
    Here { source: R, bytes: usize },
    /// The thread has the source.
    Beside(Parts),
    /// Between the two.
    Moving,
}

/// What comes from the thread.
struct Parts {
    full: Receiver<io::Result<Part>>,
    empty: Sender<Vec<u8>>,
    /// What has not been read of the part at hand.
    part: Part,
}

/// A buffer and which of its bytes are text.
#[derive(Default)]
struct Part {
    buffer: Vec<u8>,
    start: usize,
    end: usize,
}

impl<'scope, R: Read + Send + 'scope> Ahead<'scope, '_, R> {
    /// Lets a thread go on with the source; it stays here if none can be had.
    fn hand_over(&mut self) {
        let State::Here { source, bytes } = std::mem::replace(&mut self.state, State::Moving) else {
            return;
        };
        let (full_to, full) = channel();
        let (empty, empty_from) = channel();
        // Sent over rather than moved in, because a thread that cannot be started would take it along.
        let (source_to, source_from) = channel::<R>();
        let work = move || {
            if let Ok(source) = source_from.recv() {
                fill_parts(source, &empty_from, &full_to);
            }
        };
        let started = Builder::new().name("inflate".to_owned()).spawn_scoped(self.scope, work);
        let moved = match started {
            Ok(_) => source_to.send(source).map_err(|error| error.0),
            Err(_) => Err(source),
        };
        self.state = match moved {
            Ok(()) => {
                for _ in 0..BUFFERS {
                    // The thread is there until the last of these is gone.
                    let _ = empty.send(Vec::new());
                }
                State::Beside(Parts { full, empty, part: Part::default() })
            }
            Err(source) => {
                self.alone = true;
                State::Here { source, bytes }
            }
        };
    }
}

impl<'scope, R: Read + Send + 'scope> Read for Ahead<'scope, '_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if !self.alone && matches!(&self.state, State::Here { bytes, .. } if *bytes >= CHUNK_BYTES) {
            self.hand_over();
        }
        match &mut self.state {
            State::Here { source, bytes } => {
                let count = source.read(buffer)?;
                *bytes = bytes.saturating_add(count);
                Ok(count)
            }
            State::Beside(parts) => parts.read(buffer),
            State::Moving => Ok(0),
        }
    }
}

impl Parts {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.part.start == self.part.end {
            // No part is empty, and none comes after the last one or an error.
            let Ok(next) = self.full.recv() else { return Ok(0) };
            let spent = std::mem::replace(&mut self.part, next?);
            if !spent.buffer.is_empty() {
                // The thread may have come to the end and be gone.
                let _ = self.empty.send(spent.buffer);
            }
        }
        let text = self.part.buffer.get(self.part.start..self.part.end).unwrap_or_default();
        let count = text.len().min(buffer.len());
        buffer[..count].copy_from_slice(&text[..count]);
        self.part.start += count;
        Ok(count)
    }
}

/// The thread's work: fills buffers until the source ends, fails, or nobody wants more.
fn fill_parts(mut source: impl Read, empty: &Receiver<Vec<u8>>, full: &Sender<io::Result<Part>>) {
    while let Ok(mut buffer) = empty.recv() {
        buffer.resize(CHUNK_BYTES, 0);
        let (mut end, mut last) = (0, None);
        while end < buffer.len() && last.is_none() {
            match source.read(&mut buffer[end..]) {
                Ok(0) => last = Some(None),
                Ok(count) => end = (end + count).min(buffer.len()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => last = Some(Some(error)),
            }
        }
        // What came before an error counts, as it would have without a thread.
        if end > 0 && full.send(Ok(Part { buffer, start: 0, end })).is_err() {
            return;
        }
        if let Some(error) = last {
            if let Some(error) = error {
                // Nobody to hear it: then nobody misses it.
                let _ = full.send(Err(error));
            }
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// So many bytes in pieces of changing size, then the end or an error.
    struct Source {
        bytes: usize,
        at: usize,
        fails: bool,
        dropped: Option<Sender<()>>,
    }

    impl Read for Source {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            if self.at == self.bytes && self.fails {
                return Err(io::Error::other("damaged"));
            }
            let count = (self.at % 70_001 + 1).min(self.bytes - self.at).min(buffer.len());
            for (at, place) in buffer[..count].iter_mut().enumerate() {
                *place = byte(self.at + at);
            }
            self.at += count;
            Ok(count)
        }
    }

    impl Drop for Source {
        fn drop(&mut self) {
            if let Some(dropped) = self.dropped.take() {
                dropped.send(()).unwrap();
            }
        }
    }

    fn byte(at: usize) -> u8 {
        (at % 251).to_le_bytes()[0]
    }

    #[test]
    fn the_text_and_its_end_are_the_sources() {
        for bytes in [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 11 * CHUNK_BYTES + 77] {
            for fails in [false, true] {
                let source = Source { bytes, at: 0, fails, dropped: None };
                let (text, result) = beside(source, |text| {
                    let mut all = Vec::new();
                    let result = text.read_to_end(&mut all);
                    (all, result)
                });
                assert_eq!(text.len(), bytes);
                assert!(text.iter().enumerate().all(|(at, have)| *have == byte(at)));
                match result {
                    Ok(count) => assert_eq!((count, fails), (bytes, false)),
                    Err(error) => assert!(fails && error.to_string() == "damaged", "{error}"),
                }
            }
        }
    }

    #[test]
    fn a_reader_that_stops_early_leaves_nothing_running() {
        for read in [0, 10, CHUNK_BYTES + 10, 3 * CHUNK_BYTES] {
            let (dropped_to, dropped) = channel();
            let source = Source { bytes: usize::MAX, at: 0, fails: false, dropped: Some(dropped_to) };
            let got = beside(source, |text| io::copy(&mut text.take(read as u64), &mut io::sink()).unwrap());
            assert_eq!(got, read as u64);
            // The thread had the source: by now it has given it up.
            assert_eq!(dropped.try_recv(), Ok(()));
        }
    }

    #[test]
    fn without_a_second_core_everything_is_read_here() {
        let source = Source { bytes: 3 * CHUNK_BYTES, at: 0, fails: false, dropped: None };
        let mut all = Vec::new();
        thread::scope(|scope| {
            let mut ahead = Ahead { scope, alone: true, state: State::Here { source, bytes: 0 } };
            ahead.read_to_end(&mut all).unwrap();
            assert!(matches!(ahead.state, State::Here { .. }));
        });
        assert_eq!(all.len(), 3 * CHUNK_BYTES);
    }
}
