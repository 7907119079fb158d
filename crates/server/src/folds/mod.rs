//! Markets folded, so that a view as of any moment is near.
//!
//! Folding everything from the first event answers any question, and takes as long as the history. So each market
//! keeps states on the way (`states`): a question about a moment goes on from the last one before it. The newest
//! views are kept as they are. Neither shows in an answer: the events decide it, and a market that goes on from a
//! state is the market that came there by itself.

mod columns;
mod lane;
mod states;
mod views;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use liqlens_ask::{Basis, Failure, Folding, FromStart, Kind, Listener, Opened, Seen, Source};
use liqlens_engine::Market;
use liqlens_market::{MarketId, Timestamp};
use liqlens_model::FlowModel;
use liqlens_query::document::Heatmap;
use liqlens_query::{AskError, HeatmapOptions, View, heatmap};

use self::lane::{Base, Lane};
use self::states::Ledger;
use self::views::Views;

/// Markets folded, and views kept.
pub struct Folds {
    source: Arc<Source>,
    lanes: Mutex<Vec<Arc<Lane>>>,
    /// Bytes of the states of all lanes, and how old their use is.
    ledger: Ledger,
    views: Views,
}

/// Whether anybody still waits for an answer.
#[derive(Debug, Clone, Default)]
pub struct Wanted(Arc<AtomicBool>);

impl Wanted {
    /// Nobody waits any more: the work may end.
    pub fn give_up(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether the work may end.
    pub fn given_up(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Whether it is the same work.
    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// What unfinished work comes to.
    pub(crate) fn checked(&self) -> Result<(), Failure> {
        if self.given_up() { Err(abandoned()) } else { Ok(()) }
    }
}

impl Listener for Wanted {
    fn read(&self, _: u64, _: Timestamp) -> bool {
        !self.given_up()
    }

    fn done(&self, log: &MarketId, count: u64) {
        tracing::debug!(market = %log, events = count, "read");
    }

    fn damage(&self, text: &str) {
        tracing::warn!("{text}");
    }
}

/// Work that ended because nobody waited for it. Nobody sees this.
fn abandoned() -> Failure {
    Failure::new(
        Kind::Internal,
        "abandoned",
        "The question was given up.",
        "Nobody waited for the answer any more.",
        "Ask again.",
    )
}

impl Folds {
    /// Nothing folded yet. States take at most `bytes`, and heatmap columns as much again; views are few.
    pub fn new(source: Arc<Source>, bytes: u64) -> Self {
        Self { source, lanes: Mutex::default(), ledger: Ledger::new(bytes), views: Views::default() }
    }

    /// Folds for somebody who may stop waiting.
    pub const fn wanted_by<'a>(&'a self, wanted: &'a Wanted) -> WantedFolds<'a> {
        WantedFolds { folds: self, wanted }
    }

    /// The market under a model with everything known by a moment, for whoever lets it go on from there.
    pub fn market(
        &self,
        opened: &Opened,
        model: &FlowModel,
        at: Timestamp,
        wanted: &Wanted,
    ) -> Result<Market, Failure> {
        let lane = self.lane(opened, model);
        let base = self.reach(&lane, at, wanted)?;
        self.go_on(&lane, base, at, wanted)
    }

    /// Keeps a view that somebody else made of a market with everything known by its moment and nothing else.
    pub fn offer(&self, opened: &Opened, view: Arc<View>) {
        self.views.keep(opened, view.as_of(), view);
    }

    /// Bytes of states kept, and their number.
    pub fn kept(&self) -> (u64, u64) {
        self.ledger.kept()
    }

    /// The states of a market under a model.
    fn lane(&self, opened: &Opened, model: &FlowModel) -> Arc<Lane> {
        let mut lanes = lock(&self.lanes);
        if let Some(lane) = lanes.iter().find(|lane| lane.is_of(&opened.instrument, model)) {
            return lane.clone();
        }
        // Data that cannot be read have no pillars; the question itself will say so.
        let market = &opened.instrument.market;
        let ends = (self.source.first(market), self.source.newest(market));
        let span = ends.0.ok().flatten().zip(ends.1.ok().flatten());
        let lane = Arc::new(Lane::new(opened.instrument.clone(), model.clone(), span));
        lanes.push(lane.clone());
        lane
    }

    /// Where to go on from to a moment. Whoever is the first to come that far folds the way there and leaves states
    /// behind; others wait for it.
    fn reach(&self, lane: &Lane, at: Timestamp, wanted: &Wanted) -> Result<Base, Failure> {
        if let Some(mut lead) = lane.lead(at, wanted)? {
            let mut base = lane.base(at, &self.ledger);
            while let Some(next) = lane.next_pillar(base.at()).filter(|next| *next <= at) {
                let market = self.first_way(lane, base, next, wanted)?;
                lane.keep(states::Why::Pillar, &market, next, &self.ledger);
                self.thin();
                lead.come_to(next);
                base = Base::Here(Box::new(market), next);
            }
            // Columns are taken to the very end of the data.
            let end = lane.newest().map_or(at, |newest| newest.min(at));
            if lane.keeps_columns() && base.at() < end {
                let market = self.first_way(lane, base, end, wanted)?;
                base = Base::Here(Box::new(market), end);
                self.bound_columns(lane);
            }
            lead.come_to(at);
            return Ok(base);
        }
        Ok(lane.base(at, &self.ledger))
    }

    /// As [`Folds::go_on`], and keeps the heatmap columns that close on the way.
    fn first_way(&self, lane: &Lane, base: Base, at: Timestamp, wanted: &Wanted) -> Result<Market, Failure> {
        let (from, mut here) = (base.next(), base.at());
        let mut market = lane.market(base)?;
        FromStart::new(&self.source, wanted).fold(&lane.instrument().market, (from, at), |log| {
            // Before the first data there is nothing to take.
            here = here.max(lane.first().unwrap_or(here));
            while let Some(end) = lane.next_column(here, at) {
                if wanted.given_up() {
                    return;
                }
                liqlens_query::fold_known(&mut market, log, end);
                lane.close_columns(&market, end);
                here = end;
            }
            liqlens_query::fold_known(&mut market, log, at);
        })?;
        wanted.checked()?;
        Ok(market)
    }

    /// Folds what became known after the base, until a moment.
    fn go_on(&self, lane: &Lane, base: Base, at: Timestamp, wanted: &Wanted) -> Result<Market, Failure> {
        let from = base.next();
        let mut market = lane.market(base)?;
        FromStart::new(&self.source, wanted).fold(&lane.instrument().market, (from, at), |log| {
            liqlens_query::fold_known(&mut market, log, at);
        })?;
        wanted.checked()?;
        Ok(market)
    }

    /// Gives up the columns of a lane if those of all are too many.
    fn bound_columns(&self, lane: &Lane) {
        let all: u64 = lock(&self.lanes).iter().map(|lane| lane.column_bytes()).sum();
        if all > self.ledger.most() {
            tracing::info!(market = %lane.instrument().market, "no room for the columns of its heatmaps");
            lane.give_up_columns();
        }
    }

    /// Gives up states until their bytes are within bounds.
    fn thin(&self) {
        while self.ledger.too_much() {
            let lanes = lock(&self.lanes).clone();
            let Some(least) = lanes.iter().filter(|lane| lane.least().is_some()).min_by(|a, b| {
                let worth = |lane: &Lane| lane.least().map_or(f64::INFINITY, |(worth, _)| worth);
                worth(a).total_cmp(&worth(b))
            }) else {
                return;
            };
            least.give_up_least(&self.ledger);
        }
    }
}

/// [`Folds`] for somebody who may stop waiting.
#[derive(Clone, Copy)]
pub struct WantedFolds<'a> {
    folds: &'a Folds,
    wanted: &'a Wanted,
}

impl WantedFolds<'_> {
    fn modelled(
        &self,
        opened: &Opened,
        model: &FlowModel,
        stops: &[Timestamp],
    ) -> Result<Vec<Seen>, Failure> {
        let Self { folds, wanted } = *self;
        let mut here: Option<Base> = None;
        let mut seen = Vec::with_capacity(stops.len());
        for &stop in stops {
            if let Some(view) = folds.views.get(opened, stop) {
                seen.push(Ok(view));
                continue;
            }
            let lane = folds.lane(opened, model);
            let reached = folds.reach(&lane, stop, wanted)?;
            let base = match here.take() {
                Some(here) if here.at() > reached.at() => here,
                _ => reached,
            };
            // A state on the way, for the next question about these hours.
            let hour = lane.hour_worth_keeping(base.at(), stop);
            let base = match hour {
                Some(hour) => {
                    let market = folds.go_on(&lane, base, hour, wanted)?;
                    lane.keep(states::Why::Visit, &market, hour, &folds.ledger);
                    folds.thin();
                    Base::Here(Box::new(market), hour)
                }
                None => base,
            };
            let market = folds.go_on(&lane, base, stop, wanted)?;
            let view = View::new(&market, opened.subject.clone(), stop).map(Arc::new);
            if let Ok(view) = &view {
                folds.views.keep(opened, stop, view.clone());
            }
            seen.push(view);
            here = Some(Base::Here(Box::new(market), stop));
        }
        Ok(seen)
    }

    /// A heatmap of columns that were kept on the first way; `None`: they are not there.
    fn of_kept_columns(
        &self,
        lane: &Lane,
        opened: &Opened,
        options: &HeatmapOptions,
    ) -> Result<Option<Result<Heatmap, AskError>>, Failure> {
        let Self { folds, wanted } = *self;
        if !lane.keeps_columns() || options.to != opened.as_of {
            return Ok(None);
        }
        let base = folds.reach(lane, options.to, wanted)?;
        let market = folds.go_on(lane, base, options.to, wanted)?;
        match View::new(&market, opened.subject.clone(), options.to) {
            Ok(view) => Ok(lane.heatmap(&market, &view, options)),
            // A fold says the same in its own way.
            Err(_) => Ok(None),
        }
    }

    fn measured(&self, opened: &Opened, stops: &[Timestamp]) -> Result<Vec<Seen>, Failure> {
        let Self { folds, wanted } = *self;
        let missing: Vec<Timestamp> =
            stops.iter().copied().filter(|stop| folds.views.get(opened, *stop).is_none()).collect();
        let mut made = if missing.is_empty() {
            Vec::new()
        } else {
            let made = FromStart::new(&folds.source, wanted).views(opened, &missing)?;
            wanted.checked()?;
            missing.into_iter().zip(made).collect()
        };
        for (stop, view) in &made {
            if let Ok(view) = view {
                folds.views.keep(opened, *stop, view.clone());
            }
        }
        let mut seen = Vec::with_capacity(stops.len());
        for stop in stops {
            match made.iter().position(|(made, _)| made == stop) {
                Some(index) => seen.push(made.swap_remove(index).1),
                None => match folds.views.get(opened, *stop) {
                    Some(view) => seen.push(Ok(view)),
                    // Lost from the cache in between, or asked for twice.
                    None => seen.extend(FromStart::new(&folds.source, wanted).views(opened, &[*stop])?),
                },
            }
        }
        wanted.checked()?;
        Ok(seen)
    }
}

impl Folding for WantedFolds<'_> {
    fn views(&self, opened: &Opened, stops: &[Timestamp]) -> Result<Vec<Seen>, Failure> {
        match &opened.basis {
            Basis::Modelled(model) => self.modelled(opened, model, stops),
            Basis::Measured(_) => self.measured(opened, stops),
        }
    }

    fn heatmap(
        &self,
        opened: &Opened,
        model: &FlowModel,
        options: &HeatmapOptions,
    ) -> Result<Result<Heatmap, AskError>, Failure> {
        let Self { folds, wanted } = *self;
        let lane = folds.lane(opened, model);
        if let Some(kept) = self.of_kept_columns(&lane, opened, options)? {
            return Ok(kept);
        }
        // Columns are taken at the ends of their steps; the first begins here.
        let first = options.from.floor(options.step).min(opened.as_of);
        let base = folds.reach(&lane, first, wanted)?;
        let from = base.next();
        let mut market = lane.market(base)?;
        let log = &opened.instrument.market;
        let drawn = FromStart::new(&folds.source, wanted).fold(log, (from, opened.as_of), |events| {
            heatmap(&mut market, &opened.subject, events, options)
        })?;
        wanted.checked()?;
        Ok(drawn)
    }
}

/// What a panic elsewhere left behind is still whole: entries are put in as they are.
fn lock<T>(shared: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
