//! Stretches without data.

use liqlens_market::{Span, Timestamp};

use super::{MAX_HOLES, SeriesError};

/// Trades may be silent this long; a longer silence is missing data.
pub(super) const QUIET: Span = Span::MINUTE.times(10);

/// Stretches of time, as many as a document may have.
#[derive(Debug, Default)]
pub(super) struct Stretches {
    pub(super) list: Vec<(Timestamp, Timestamp)>,
    /// How many there were.
    count: u64,
}

impl Stretches {
    pub(super) fn add(&mut self, from: Timestamp, to: Timestamp) {
        if to > from {
            self.count += 1;
            if self.list.len() < MAX_HOLES {
                self.list.push((from, to));
            }
        }
    }

    /// An error if there were more than a document may have.
    pub(super) fn check(&self) -> Result<(), SeriesError> {
        too_many_holes(self.count)
    }
}

pub(super) fn too_many_holes(wanted: u64) -> Result<(), SeriesError> {
    if wanted <= MAX_HOLES as u64 {
        return Ok(());
    }
    Err(SeriesError::TooLarge {
        what: "this range",
        wanted,
        unit: "holes",
        limit: MAX_HOLES as u64,
        advice: "take a shorter one, such as a week",
    })
}

/// What is not known of a price from some moment on, found while its pieces come in the order of time.
#[derive(Debug)]
pub(super) struct Unknown {
    from: Timestamp,
    /// End of the newest piece, and how much later the next may end.
    newest: Option<(Timestamp, Span)>,
    found: Stretches,
    /// Holes in trades that the log tells of.
    told: Stretches,
}

impl Unknown {
    pub(super) fn new(from: Timestamp) -> Self {
        Self { from, newest: None, found: Stretches::default(), told: Stretches::default() }
    }

    /// A minute with trades. A short silence before it is none of trades that are missing.
    pub(super) fn trades(&mut self, start: Timestamp, end: Timestamp) {
        self.piece(start, end, QUIET, QUIET);
    }

    /// A bar. Bars have no silence, and come late by no more than one of them.
    pub(super) fn bar(&mut self, start: Timestamp, end: Timestamp) {
        self.piece(start, end, Span::ZERO, (end - start).times(2));
        // What a bar tells is known, whatever trades are missing.
        let told = core::mem::take(&mut self.told.list);
        self.told.list = told.into_iter().flat_map(|hole| outside(hole, (start, end))).collect();
    }

    fn piece(&mut self, start: Timestamp, end: Timestamp, silence: Span, late: Span) {
        let before = self.newest.map_or(self.from, |(newest, _)| newest);
        if start - before > silence {
            self.found.add(before.max(self.from), start);
        }
        self.newest = Some((end, late));
    }

    /// The log tells of a hole in trades.
    pub(super) fn told(&mut self, from: Timestamp, to: Timestamp) {
        if to > self.from {
            self.told.add(from.max(self.from), to);
        }
    }

    /// All that is unknown until a moment, in order and without overlap.
    pub(super) fn finish(mut self, until: Timestamp) -> Result<Vec<(Timestamp, Timestamp)>, SeriesError> {
        let (newest, late) = self.newest.unwrap_or((self.from, Span::ZERO));
        if until - newest > late {
            self.found.add(newest.max(self.from), until);
        }
        self.found.check()?;
        self.told.check()?;
        let mut all = self.found.list;
        all.extend(self.told.list.iter().map(|(from, to)| (*from, (*to).min(until))));
        all.sort_unstable();
        let mut apart: Vec<(Timestamp, Timestamp)> = Vec::with_capacity(all.len());
        for (from, to) in all {
            match apart.last_mut() {
                Some(last) if from <= last.1 => last.1 = last.1.max(to),
                _ => apart.push((from, to)),
            }
        }
        Ok(apart)
    }
}

/// What of a stretch lies before and after another.
fn outside(
    (from, to): (Timestamp, Timestamp),
    (start, end): (Timestamp, Timestamp),
) -> impl Iterator<Item = (Timestamp, Timestamp)> {
    [(from, to.min(start)), (from.max(end), to)].into_iter().filter(|(from, to)| from < to)
}
