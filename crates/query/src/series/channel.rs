//! One kind of data of a market, and where it is missing.

use core::fmt;
use std::collections::VecDeque;

use liqlens_market::{BarSource, Book, EventBody, FundingKind, RatioPopulation, Span, Timestamp};

use super::MAX_HOLES;
use super::holes::QUIET;

/// Readings on either side that tell a channel's pace.
const NEIGHBOURS: usize = 8;

/// A kind of data, in the order of documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Trade,
    Bar(BarSource, Span),
    Price,
    OpenInterest,
    Funding(FundingKind),
    LongShortRatio(RatioPopulation),
    Liquidation,
    BookLevels,
    BookBands,
    Account,
    AccountFill,
    AccountTransfer,
}

/// How data of a channel follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pace {
    /// One at the end of the other.
    Touching(Span),
    /// At equal times.
    Regular,
    /// Again and again.
    Continuous,
    /// When something happens.
    Irregular,
}

impl Kind {
    /// The kind of an event; `None` of rules, which are no feed.
    pub(super) fn of(body: &EventBody) -> Option<Self> {
        Some(match body {
            EventBody::Trade(_) => Self::Trade,
            EventBody::Bar(bar) => Self::Bar(bar.source, bar.length),
            EventBody::Price(_) => Self::Price,
            EventBody::OpenInterest(_) => Self::OpenInterest,
            EventBody::Funding(funding) => Self::Funding(funding.kind),
            EventBody::LongShortRatio(ratio) => Self::LongShortRatio(ratio.population),
            EventBody::Liquidation(_) => Self::Liquidation,
            EventBody::Book(book) => match **book {
                Book::Levels { .. } => Self::BookLevels,
                Book::Bands(_) => Self::BookBands,
            },
            EventBody::Account(_) => Self::Account,
            EventBody::AccountFill(_) => Self::AccountFill,
            EventBody::AccountTransfer(_) => Self::AccountTransfer,
            _ => return None,
        })
    }

    /// When data that begin at a moment end.
    pub(super) fn end(self, start: Timestamp) -> Timestamp {
        if let Self::Bar(_, length) = self { start + length } else { start }
    }

    /// The kind in the words of [`EventBody::kind`].
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Trade => "trade",
            Self::Bar(..) => "bar",
            Self::Price => "price",
            Self::OpenInterest => "open-interest",
            Self::Funding(_) => "funding",
            Self::LongShortRatio(_) => "long-short-ratio",
            Self::Liquidation => "liquidation",
            Self::BookLevels | Self::BookBands => "book",
            Self::Account => "account",
            Self::AccountFill => "account-fill",
            Self::AccountTransfer => "account-transfer",
        }
    }

    const fn pace(self) -> Pace {
        match self {
            Self::Bar(_, length) => Pace::Touching(length),
            Self::OpenInterest | Self::Funding(_) | Self::LongShortRatio(_) => Pace::Regular,
            Self::Trade | Self::Price => Pace::Continuous,
            _ => Pace::Irregular,
        }
    }
}

/// `trade`, `bar-trades-1m`, `funding-settled`, …
impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = self.word();
        match self {
            Self::Bar(BarSource::Trades, length) => write!(f, "{word}-trades-{length}"),
            Self::Bar(BarSource::Mark, length) => write!(f, "{word}-mark-{length}"),
            Self::Bar(BarSource::Index, length) => write!(f, "{word}-index-{length}"),
            Self::Funding(FundingKind::Settled) => write!(f, "{word}-settled"),
            Self::Funding(FundingKind::Predicted) => write!(f, "{word}-predicted"),
            Self::LongShortRatio(population) => write!(
                f,
                "{word}-{}",
                match population {
                    RatioPopulation::AllAccounts => "all-accounts",
                    RatioPopulation::TopAccounts => "top-accounts",
                    RatioPopulation::TopPositions => "top-positions",
                    RatioPopulation::TakerVolume => "taker-volume",
                }
            ),
            Self::BookLevels => write!(f, "{word}-levels"),
            Self::BookBands => write!(f, "{word}-bands"),
            _ => f.write_str(word),
        }
    }
}

/// One channel, read until some moment.
#[derive(Debug)]
pub(super) struct Channel {
    pub(super) kind: Kind,
    pub(super) first: Timestamp,
    /// End of the newest data.
    pub(super) newest: Timestamp,
    /// Holes found that end after `from`, and why they are ones.
    pub(super) holes: Vec<(Timestamp, Timestamp, &'static str)>,
    /// How many there are, beyond those kept.
    pub(super) count: u64,
    from: Timestamp,
    /// The newest readings of a regular channel, oldest first.
    readings: VecDeque<Timestamp>,
    /// Number of the first of them whose distance to the next was not judged.
    judged: usize,
}

impl Channel {
    /// A channel with its first data; of its holes, those that end after `from` are wanted.
    pub(super) fn new(kind: Kind, from: Timestamp, start: Timestamp, end: Timestamp) -> Self {
        Self {
            kind,
            first: start,
            newest: end,
            holes: Vec::new(),
            count: 0,
            from,
            readings: VecDeque::from([start]),
            judged: 0,
        }
    }

    /// Takes the next data. Older ones than the newest say nothing about holes.
    pub(super) fn add(&mut self, start: Timestamp, end: Timestamp) {
        if end <= self.newest {
            return;
        }
        match self.kind.pace() {
            Pace::Touching(_) if start > self.newest => self.hole(self.newest, start, MISSING),
            Pace::Continuous if start - self.newest > QUIET => self.hole(self.newest, start, SILENT),
            Pace::Regular => self.reading(start),
            _ => {}
        }
        self.newest = end;
    }

    /// The time is over: judges what was left open, and whether the newest data are late.
    pub(super) fn finish(&mut self, until: Timestamp) {
        while self.judged + 1 < self.readings.len() {
            self.judge();
        }
        let late = match self.kind.pace() {
            Pace::Continuous => Some(QUIET),
            _ => self.period().map(|period| period.times(2)),
        };
        if late.is_some_and(|late| until - self.newest > late) {
            self.hole(self.newest, until, SINCE);
        }
    }

    /// Usual time between neighbours at the end.
    pub(super) fn period(&self) -> Option<Span> {
        match self.kind.pace() {
            Pace::Touching(length) => Some(length),
            Pace::Regular => {
                let first = self.readings.len().saturating_sub(NEIGHBOURS + 1);
                let mut spans: Vec<Span> = (first..self.readings.len().saturating_sub(1))
                    .map(|at| self.readings[at + 1] - self.readings[at])
                    .collect();
                spans.sort_unstable();
                spans.get(spans.len() / 2).map(|span| rounded(*span))
            }
            Pace::Continuous | Pace::Irregular => None,
        }
    }

    fn reading(&mut self, ts: Timestamp) {
        self.readings.push_back(ts);
        while self.judged + 1 + NEIGHBOURS < self.readings.len() {
            self.judge();
        }
        while self.judged > NEIGHBOURS {
            self.readings.pop_front();
            self.judged -= 1;
        }
    }

    /// A distance is a hole if it is half as long again as most of those before it and most of those after it.
    fn judge(&mut self) {
        let at = self.judged;
        self.judged += 1;
        let distance = |at: usize| (self.readings[at + 1] - self.readings[at]).nanos();
        let judged = i128::from(distance(at)) * 2;
        let most = |neighbours: core::ops::Range<usize>| {
            let count = neighbours.len();
            let shorter = neighbours.filter(|other| judged >= i128::from(distance(*other)) * 3).count();
            (count > 0).then_some(shorter * 2 > count)
        };
        let before = most(at.saturating_sub(NEIGHBOURS)..at);
        let after = most(at + 1..(at + 1 + NEIGHBOURS).min(self.readings.len() - 1));
        let known = before.is_some() || after.is_some();
        if known && before.unwrap_or(true) && after.unwrap_or(true) {
            self.hole(self.readings[at], self.readings[at + 1], MISSING);
        }
    }

    fn hole(&mut self, from: Timestamp, to: Timestamp, cause: &'static str) {
        if to > self.from {
            self.count += 1;
            if self.holes.len() < MAX_HOLES {
                self.holes.push((from, to, cause));
            }
        }
    }
}

/// To whole seconds: readings come a few milliseconds early or late.
fn rounded(span: Span) -> Span {
    let seconds = (span + Span::from_nanos(Span::SECOND.nanos() / 2)).nanos() / Span::SECOND.nanos();
    if seconds > 0 { Span::SECOND.times(seconds) } else { span }
}

const MISSING: &str = "missing from the data";
const SILENT: &str = "nothing for over ten minutes";
const SINCE: &str = "no data since";
