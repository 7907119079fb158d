//! How views come about: by folding a market's events up to the moments asked about.
//!
//! [`FromStart`] folds everything from the first event. A process that is asked again and again may keep states on
//! the way ([`Folding`] is the seam); the events decide the answer, so both give the same bytes.

use std::iter::Empty;
use std::sync::Arc;

use liqlens_engine::{AccountBook, Market};
use liqlens_market::{Event, Log, MarketId, Step, Timestamp};
use liqlens_model::FlowModel;
use liqlens_query::document::Heatmap;
use liqlens_query::{AskError, HeatmapOptions, Runs, View, heatmap, measured_views, views};

use crate::failure::Failure;
use crate::opening::{Basis, Opened};
use crate::source::{Feed, Source};

/// A view, shared: its curves are summed as far as anybody asks.
pub type Seen = Result<Arc<View>, AskError>;

/// Makes views.
pub trait Folding {
    /// The market at each of `stops`, which must not fall.
    fn views(&self, opened: &Opened, stops: &[Timestamp]) -> Result<Vec<Seen>, Failure>;

    /// A modelled market over time.
    fn heatmap(
        &self,
        opened: &Opened,
        model: &FlowModel,
        options: &HeatmapOptions,
    ) -> Result<Result<Heatmap, AskError>, Failure>;
}

/// Who is told how the work goes.
pub trait Listener {
    /// Events were read: how many in all, and when the newest was known. Answers whether to go on.
    fn read(&self, count: u64, known_ts: Timestamp) -> bool;

    /// A log was read to the end of what was asked for.
    fn done(&self, log: &MarketId, count: u64);

    /// Part of the data could not be read.
    fn damage(&self, text: &str);
}

/// Nobody.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Listener for Silent {
    fn read(&self, _: u64, _: Timestamp) -> bool {
        true
    }
    fn done(&self, _: &MarketId, _: u64) {}
    fn damage(&self, _: &str) {}
}

/// Folds every question from the first event.
pub struct FromStart<'a, L> {
    source: &'a Source,
    listener: &'a L,
}

impl<'a, L: Listener> FromStart<'a, L> {
    /// Folds the events of `source`.
    pub const fn new(source: &'a Source, listener: &'a L) -> Self {
        Self { source, listener }
    }

    /// Runs a fold over a log's events from `from` to `until`, telling how it goes.
    pub fn fold<T>(
        &self,
        log: &MarketId,
        (from, until): (Timestamp, Timestamp),
        fold: impl FnOnce(&mut Watched<'_, L>) -> T,
    ) -> Result<T, Failure> {
        let feed = self.source.events_between(log, from, until)?;
        let mut watched = Watched { feed, listener: self.listener, count: 0, stopped: false };
        let result = fold(&mut watched);
        let Watched { feed, count, .. } = watched;
        self.listener.done(log, count);
        for damage in feed.damage() {
            self.listener.damage(&damage);
        }
        Ok(result)
    }
}

impl<L: Listener> Folding for FromStart<'_, L> {
    fn views(&self, opened: &Opened, stops: &[Timestamp]) -> Result<Vec<Seen>, Failure> {
        let Opened { instrument, subject, basis, as_of } = opened;
        let range = (Timestamp::EARLIEST, *as_of);
        let market = |model: &FlowModel| Market::new(instrument.clone(), model.clone());
        let log = MarketId::accounts(instrument.market.venue);
        let mut book = AccountBook::new(instrument.market.venue);
        let seen = match basis {
            Basis::Modelled(model) => {
                let mut market = market(model);
                self.fold(&instrument.market, range, |log| views(&mut market, subject, Runs(log), stops))
            }
            Basis::Measured(None) => self.fold(&log, range, |accounts| {
                let market: Option<(&mut Market, Empty<Event>)> = None;
                measured_views(&mut book, Runs(accounts), market, instrument, subject, stops)
            }),
            Basis::Measured(Some(model)) => {
                let mut market = market(model);
                self.fold(&log, range, |accounts| {
                    self.fold(&instrument.market, range, |log| {
                        let market = Some((&mut market, Runs(log)));
                        measured_views(&mut book, Runs(accounts), market, instrument, subject, stops)
                    })
                })?
            }
        };
        Ok(seen?.into_iter().map(|view| view.map(Arc::new)).collect())
    }

    fn heatmap(
        &self,
        opened: &Opened,
        model: &FlowModel,
        options: &HeatmapOptions,
    ) -> Result<Result<Heatmap, AskError>, Failure> {
        let Opened { instrument, subject, as_of, .. } = opened;
        let mut market = Market::new(instrument.clone(), model.clone());
        self.fold(&instrument.market, (Timestamp::EARLIEST, *as_of), |events| {
            heatmap(&mut market, subject, events, options)
        })
    }
}

/// A feed that tells how far it is, and ends early where nobody waits any more.
pub struct Watched<'a, L> {
    feed: Feed<'a>,
    listener: &'a L,
    count: u64,
    stopped: bool,
}

/// Counts what was read, and says so every few thousand events. Answers whether to stop.
fn watch(listener: &impl Listener, count: &mut u64, more: usize, known_ts: Option<Timestamp>) -> bool {
    let before = *count / 8_192;
    *count += more as u64;
    match known_ts {
        Some(known_ts) if *count / 8_192 > before => !listener.read(*count, known_ts),
        _ => false,
    }
}

impl<L: Listener> Iterator for Watched<'_, L> {
    type Item = Event;

    fn next(&mut self) -> Option<Event> {
        if self.stopped {
            return None;
        }
        let event = self.feed.next()?;
        self.stopped = watch(self.listener, &mut self.count, 1, Some(event.known_ts));
        Some(event)
    }
}

impl<L: Listener> Log for Watched<'_, L> {
    fn next_known(&mut self, until: Timestamp) -> Option<Step<'_>> {
        if self.stopped {
            return None;
        }
        let step = self.feed.next_known(until)?;
        let (more, known_ts) = match &step {
            Step::Event(event) => (1, Some(event.known_ts)),
            Step::Trades(trades) => (trades.len(), trades.known_ts().last().copied()),
        };
        self.stopped = watch(self.listener, &mut self.count, more, known_ts);
        Some(step)
    }
}
