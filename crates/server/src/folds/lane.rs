//! One market under one model: how far it has been folded, and its states on the way.

use std::sync::{Arc, Condvar, Mutex, PoisonError, RwLock, RwLockReadGuard};
use std::time::Duration;

use liqlens_ask::Failure;
use liqlens_engine::Market;
use liqlens_market::{Instrument, Span, Timestamp};
use liqlens_model::{FlowModel, ModelId};
use liqlens_query::document::Heatmap;
use liqlens_query::{AskError, HeatmapOptions, View};

use super::columns::Columns;
use super::states::{Ledger, States, Why, next_pillar};
use super::{Wanted, lock};

/// How often somebody who waits for another's fold looks whether it is still wanted.
const LOOK: Duration = Duration::from_millis(50);

/// One market under one model.
pub(super) struct Lane {
    instrument: Instrument,
    model: FlowModel,
    /// First and last moment at which the market could be asked when the lane began: pillars stand between them, at
    /// distances reckoned from the end.
    span: Option<(Timestamp, Timestamp)>,
    states: Mutex<States>,
    /// Of the model that is asked for heatmaps again and again, while there is room.
    columns: RwLock<Option<Columns>>,
    progress: Mutex<Progress>,
    moved: Condvar,
}

#[derive(Debug, Default)]
struct Progress {
    /// Pillars stand everywhere until here.
    frontier: Option<Timestamp>,
    /// Whether somebody is folding beyond the frontier.
    led: bool,
}

/// Where a fold goes on from.
pub(super) enum Base {
    /// The first event.
    Start,
    /// A state that is kept.
    State(Arc<[u8]>, Timestamp),
    /// A market that has come so far.
    Here(Box<Market>, Timestamp),
}

impl Base {
    /// Until when everything known is folded.
    pub(super) const fn at(&self) -> Timestamp {
        match self {
            Self::Start => Timestamp::EARLIEST,
            Self::State(_, at) | Self::Here(_, at) => *at,
        }
    }

    /// Known time of the first event that is not folded.
    pub(super) fn next(&self) -> Timestamp {
        match self {
            Self::Start => Timestamp::EARLIEST,
            Self::State(_, at) | Self::Here(_, at) => *at + Span::from_nanos(1),
        }
    }
}

impl Lane {
    pub(super) fn new(
        instrument: Instrument,
        model: FlowModel,
        span: Option<(Timestamp, Timestamp)>,
    ) -> Self {
        // The usual model: others are asked now and then.
        let usual = span.filter(|_| model.id == ModelId::M2);
        let columns = usual.and_then(|(_, newest)| Columns::new(newest).ok());
        Self {
            instrument,
            model,
            span,
            states: Mutex::default(),
            columns: RwLock::new(columns),
            progress: Mutex::default(),
            moved: Condvar::new(),
        }
    }

    pub(super) fn is_of(&self, instrument: &Instrument, model: &FlowModel) -> bool {
        self.instrument == *instrument && self.model == *model
    }

    pub(super) const fn instrument(&self) -> &Instrument {
        &self.instrument
    }

    /// The newest state until a moment.
    pub(super) fn base(&self, at: Timestamp, ledger: &Ledger) -> Base {
        match lock(&self.states).before(at, ledger) {
            Some((time, bytes)) => Base::State(bytes, time),
            None => Base::Start,
        }
    }

    /// The market at a base.
    pub(super) fn market(&self, base: Base) -> Result<Market, Failure> {
        match base {
            Base::Start => Ok(Market::new(self.instrument.clone(), self.model.clone())),
            Base::State(bytes, _) => Market::resume(&bytes).map_err(|error| {
                Failure::internal("A state of the market could not be gone on from.", error)
            }),
            Base::Here(market, _) => Ok(*market),
        }
    }

    /// Keeps the state of a market that knows everything until a moment. One that cannot be written is not kept.
    pub(super) fn keep(&self, why: Why, market: &Market, at: Timestamp, ledger: &Ledger) {
        match market.snapshot() {
            Ok(bytes) => lock(&self.states).keep(at, why, bytes, ledger),
            Err(error) => tracing::warn!(market = %self.instrument.market, %error, "a state was not kept"),
        }
    }

    /// First moment at which the market could be asked.
    pub(super) fn first(&self) -> Option<Timestamp> {
        self.span.map(|(first, _)| first)
    }

    /// End of the market's data when the lane began.
    pub(super) fn newest(&self) -> Option<Timestamp> {
        self.span.map(|(_, newest)| newest)
    }

    /// The next pillar after a moment.
    pub(super) fn next_pillar(&self, after: Timestamp) -> Option<Timestamp> {
        let (first, newest) = self.span?;
        Some(next_pillar(after.max(first), newest)).filter(|next| *next <= newest)
    }

    /// An hour between a base and a moment that is worth a state of its own: near the moment, far from the base.
    pub(super) fn hour_worth_keeping(&self, base: Timestamp, at: Timestamp) -> Option<Timestamp> {
        let hour = at.floor(Span::HOUR);
        let far = hour - base >= Span::HOUR;
        (far && !lock(&self.states).contains(hour)).then_some(hour)
    }

    /// The next moment after `after`, until `until`, at which the market is to be shown to [`Lane::close_columns`].
    pub(super) fn next_column(&self, after: Timestamp, until: Timestamp) -> Option<Timestamp> {
        self.kept_columns().as_ref().map(|columns| columns.next_end(after)).filter(|end| *end <= until)
    }

    /// Takes the heatmap columns that close now. A market that is not the next one is left out: its pictures are
    /// folded.
    pub(super) fn close_columns(&self, market: &Market, end: Timestamp) {
        let mut columns = self.columns.write().unwrap_or_else(PoisonError::into_inner);
        let closed = columns.as_mut().map_or(Ok(()), |columns| columns.close(market, end));
        if let Err(error) = closed {
            tracing::debug!(market = %self.instrument.market, %error, "a column was not kept");
        }
    }

    /// A heatmap of columns that were kept.
    pub(super) fn heatmap(
        &self,
        market: &Market,
        view: &View,
        options: &HeatmapOptions,
    ) -> Option<Result<Heatmap, AskError>> {
        self.kept_columns().as_ref()?.heatmap(market, view, options)
    }

    /// Whether heatmaps of this market may be made of columns that were kept.
    pub(super) fn keeps_columns(&self) -> bool {
        self.kept_columns().is_some()
    }

    /// Memory that the kept columns take, bytes.
    pub(super) fn column_bytes(&self) -> u64 {
        self.kept_columns().as_ref().map_or(0, Columns::bytes)
    }

    /// Gives up the kept columns; heatmaps are folded from now on.
    pub(super) fn give_up_columns(&self) {
        *self.columns.write().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn kept_columns(&self) -> RwLockReadGuard<'_, Option<Columns>> {
        self.columns.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// What [`States::least`] says.
    pub(super) fn least(&self) -> Option<(f64, Timestamp)> {
        lock(&self.states).least()
    }

    /// Gives up the state that is worth least.
    pub(super) fn give_up_least(&self, ledger: &Ledger) {
        let mut states = lock(&self.states);
        if let Some((_, at)) = states.least() {
            states.give_up(at, ledger);
        }
    }

    /// The right to fold beyond the frontier, if `at` lies beyond it. Waits for whoever has it.
    pub(super) fn lead(&self, at: Timestamp, wanted: &Wanted) -> Result<Option<Lead<'_>>, Failure> {
        let mut progress = lock(&self.progress);
        loop {
            wanted.checked()?;
            if progress.frontier.is_some_and(|frontier| at <= frontier) {
                return Ok(None);
            }
            if !progress.led {
                progress.led = true;
                return Ok(Some(Lead { lane: self }));
            }
            let waited = self.moved.wait_timeout(progress, LOOK);
            progress = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

/// The right to fold beyond the frontier.
pub(super) struct Lead<'a> {
    lane: &'a Lane,
}

impl Lead<'_> {
    /// Pillars stand until here.
    pub(super) fn come_to(&mut self, at: Timestamp) {
        let mut progress = lock(&self.lane.progress);
        progress.frontier = progress.frontier.max(Some(at));
        self.lane.moved.notify_all();
    }
}

impl Drop for Lead<'_> {
    fn drop(&mut self) {
        lock(&self.lane.progress).led = false;
        self.lane.moved.notify_all();
    }
}
