//! A market that follows the clock, with what questions about it need of its past.
//!
//! Beside the market as it is now, a brief needs it as it was an hour and a day ago, and a heatmap needs the column
//! before the one that is forming. Both are had without folding anything again: markets that walk behind at a
//! distance, and columns taken as the market passes their ends. Nothing says beforehand who needs what: a question
//! that finds something missing is told so, and asked again when it is there.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;
use std::time::Duration;

use liqlens_ask::{Failure, Folding, Kind, Opened, Seen};
use liqlens_engine::Market;
use liqlens_market::{Event, Span, Timestamp, TradeRun};
use liqlens_model::{BinIndex, FlowModel};
use liqlens_query::document::{Heatmap, TapeRow};
use liqlens_query::series::TapeReader;
use liqlens_query::{AskError, HeatmapLevel, HeatmapLog, HeatmapLogError, HeatmapOptions, Subject};

use super::walker::{Nobody, Recording, Walker, Witness};

/// What nobody asked for this long is not kept up.
const KEPT: Duration = Duration::from_mins(1);
/// What taking a column costs, in events folded.
const COLUMN_COST: u64 = 200;

/// A market that follows the clock.
pub(super) struct Following<'a> {
    recording: &'a dyn Recording,
    /// What is asked of it, at the moment it walks to or stands at.
    opened: Opened,
    main: Walker<'a>,
    tape: Tape,
    /// By how far they walk behind, nanoseconds.
    behind: BTreeMap<i64, Behind<'a>>,
    /// By length of step, nanoseconds, and height of row.
    columns: BTreeMap<(i64, BinIndex), Columns<'a>>,
    /// Views of where it stands.
    views: Vec<(Subject, Seen)>,
    /// Real time, as the caller tells it.
    now: Duration,
}

/// The market some time ago.
struct Behind<'a> {
    walker: Walker<'a>,
    asked: Duration,
}

/// The newest columns of one kind.
struct Columns<'a> {
    log: HeatmapLog,
    step: Span,
    /// Takes the columns until there is none left that the market has passed.
    seed: Option<Walker<'a>>,
    asked: Duration,
}

/// Makes rows of the reports that pass.
struct Tape {
    reader: TapeReader,
    /// Rows that became known later are wanted.
    after: Option<Timestamp>,
    rows: Vec<(Timestamp, TapeRow)>,
}

impl Witness for Tape {
    fn event(&mut self, event: &Event) {
        if let Some(row) = self.reader.event(event)
            && self.after.is_some_and(|after| event.known_ts > after)
        {
            self.rows.push((event.known_ts, row));
        }
    }

    fn trades(&mut self, trades: TradeRun<'_>) {
        self.reader.trades(trades);
    }
}

impl Columns<'_> {
    /// End of the next column.
    fn next(&self) -> Option<Timestamp> {
        self.log.closed_until().map(|until| until + self.step)
    }
}

impl<'a> Following<'a> {
    /// Begins to follow, towards the moment asked about.
    pub(super) fn new(recording: &'a dyn Recording, opened: &Opened) -> Result<Self, Failure> {
        let main = Walker::new(recording, opened, opened.as_of)?;
        let tape = Tape { reader: TapeReader::new(&opened.instrument), after: None, rows: Vec::new() };
        Ok(Self {
            recording,
            opened: opened.clone(),
            main,
            tape,
            behind: BTreeMap::new(),
            columns: BTreeMap::new(),
            views: Vec::new(),
            now: Duration::ZERO,
        })
    }

    /// Whether it can walk on to what is asked; otherwise it has to begin again.
    pub(super) fn can_reach(&self, opened: &Opened) -> bool {
        self.main.fits(opened) && self.opened.as_of <= opened.as_of
    }

    /// Where it stands, if it does.
    pub(super) fn stands(&self) -> Option<Timestamp> {
        self.main.at()
    }

    /// What it was last asked.
    pub(super) const fn opened(&self) -> &Opened {
        &self.opened
    }

    /// Events folded so far.
    pub(super) fn folded(&self) -> u64 {
        self.main.folded()
    }

    /// When the newest event folded became known.
    pub(super) fn newest_known(&self) -> Option<Timestamp> {
        self.main.newest_known()
    }

    /// Length of all holes in the prices folded, nanoseconds.
    pub(super) fn gap_ns(&self) -> i64 {
        self.main.market().map_or(0, |market| market.counters().gap_ns)
    }

    /// Sets out for another moment, not before the last; [`Following::can_reach`] says whether that goes.
    pub(super) fn head_for(&mut self, opened: &Opened) {
        if self.opened.as_of != opened.as_of {
            self.views.clear();
        }
        self.opened = opened.clone();
    }

    /// From when on rows of the tape are to be made; `None`: not at all.
    pub(super) fn want_rows(&mut self, after: Option<Timestamp>) {
        self.tape.after = after;
    }

    /// The reports that became known since they were last taken, with the time of that.
    pub(super) fn take_rows(&mut self) -> Vec<(Timestamp, TapeRow)> {
        core::mem::take(&mut self.tape.rows)
    }

    /// Walks on, at most so many events. Answers whether it stands where it was sent; what walks behind may still
    /// be on its way.
    pub(super) fn walk(&mut self, budget: &mut u64, now: Duration) -> Result<bool, Failure> {
        self.now = now;
        self.forget_unasked();
        if !self.walk_main(budget)? {
            return Ok(false);
        }
        self.walk_behind(budget)?;
        Ok(true)
    }

    fn walk_main(&mut self, budget: &mut u64) -> Result<bool, Failure> {
        let to = self.opened.as_of;
        loop {
            let next =
                self.columns.values().filter(|columns| columns.seed.is_none()).filter_map(Columns::next);
            let stop = next.min().filter(|next| *next <= to).unwrap_or(to);
            if !self.main.walk(stop, budget, &mut self.tape)? {
                return Ok(false);
            }
            let taken = self.take_columns(stop, budget);
            if stop == to && !taken {
                return Ok(true);
            }
            if *budget == 0 {
                return Ok(stop == to);
            }
        }
    }

    /// Takes the columns that end here; answers whether there are any.
    fn take_columns(&mut self, end: Timestamp, budget: &mut u64) -> bool {
        let Some(market) = self.main.market() else { return false };
        let mut any = false;
        self.columns.retain(|_, columns| {
            if columns.seed.is_some() || columns.next() != Some(end) {
                return true;
            }
            any = true;
            *budget = budget.saturating_sub(COLUMN_COST);
            // A log without this column is of no use: whoever asks begins another.
            columns.append(market, end)
        });
        any
    }

    fn walk_behind(&mut self, budget: &mut u64) -> Result<(), Failure> {
        let to = self.opened.as_of;
        for (by, behind) in &mut self.behind {
            behind.walker.walk(to - Span::from_nanos(*by), budget, &mut Nobody)?;
        }
        let mut useful = Vec::with_capacity(self.columns.len());
        for columns in self.columns.values_mut() {
            useful.push(columns.catch_up(to, budget)?);
        }
        let mut useful = useful.into_iter();
        self.columns.retain(|_, _| useful.next().unwrap_or(false));
        Ok(())
    }

    fn forget_unasked(&mut self) {
        let now = self.now;
        self.behind.retain(|_, behind| now.saturating_sub(behind.asked) < KEPT);
        self.columns.retain(|_, columns| now.saturating_sub(columns.asked) < KEPT);
    }

    /// The market where it stands, for one asker's words.
    pub(super) fn view(&mut self, subject: &Subject) -> Result<Seen, Failure> {
        let at = self.main.at().filter(|at| *at == self.opened.as_of).ok_or_else(on_its_way)?;
        if let Some((_, seen)) = self.views.iter().find(|(words, _)| words == subject) {
            return Ok(seen.clone());
        }
        let seen = self.main.view(subject, at).map(Arc::new);
        self.views.push((subject.clone(), seen.clone()));
        Ok(seen)
    }

    /// The market as it was some time ago.
    pub(super) fn view_at(&mut self, subject: &Subject, stop: Timestamp) -> Result<Seen, Failure> {
        if stop == self.opened.as_of {
            return self.view(subject);
        }
        let by = (self.opened.as_of - stop).nanos();
        let behind = match self.behind.entry(by) {
            Entry::Occupied(there) => there.into_mut(),
            Entry::Vacant(place) => {
                let walker = Walker::new(self.recording, &self.opened, stop)?;
                place.insert(Behind { walker, asked: self.now })
            }
        };
        behind.asked = self.now;
        if behind.walker.at() != Some(stop) {
            return Err(on_its_way());
        }
        Ok(behind.walker.view(subject, stop).map(Arc::new))
    }

    fn newest_columns(
        &mut self,
        subject: &Subject,
        options: &HeatmapOptions,
    ) -> Result<Result<Heatmap, AskError>, Failure> {
        let view = match self.view(subject)? {
            Ok(view) => view,
            Err(error) => return Ok(Err(error)),
        };
        let key = (options.step.nanos(), options.bins_per_row);
        let columns = match self.columns.entry(key) {
            Entry::Occupied(there) => there.into_mut(),
            Entry::Vacant(place) => {
                place.insert(Columns::new(self.recording, &self.opened, options, self.now)?)
            }
        };
        columns.asked = self.now;
        let market = self.main.market().filter(|_| columns.seed.is_none()).ok_or_else(on_its_way)?;
        match columns.log.heatmap(market, &view, options) {
            Ok(heatmap) => Ok(Ok(heatmap)),
            Err(HeatmapLogError::Ask(error)) => Ok(Err(error)),
            Err(error) => Err(Failure::internal("The newest columns could not be drawn.", error)),
        }
    }
}

impl<'a> Columns<'a> {
    fn new(
        recording: &'a dyn Recording,
        opened: &Opened,
        options: &HeatmapOptions,
        now: Duration,
    ) -> Result<Self, Failure> {
        let step = options.step;
        // Room for the one that ends now beside the one before; every row, as far as the map goes.
        let level = HeatmapLevel { step, columns: 3, reach_pct: 100.0 };
        let log = HeatmapLog::new(options.bins_per_row, &[level]).map_err(|error| {
            Failure::usage(
                "too-large",
                "The columns cannot be kept.",
                error.to_string(),
                "Take a step between one minute and one day.",
            )
        })?;
        let seed = Walker::new(recording, opened, closed_before(opened.as_of, step))?;
        Ok(Self { log, step, seed: Some(seed), asked: now })
    }

    /// Takes the columns that the market has passed; answers whether the log is of use.
    fn catch_up(&mut self, market_at: Timestamp, budget: &mut u64) -> Result<bool, Failure> {
        while let Some(mut seed) = self.seed.take() {
            let end = self.next().unwrap_or_else(|| closed_before(market_at, self.step));
            if end > market_at {
                return Ok(true);
            }
            if !seed.walk(end, budget, &mut Nobody)? {
                self.seed = Some(seed);
                return Ok(true);
            }
            *budget = budget.saturating_sub(COLUMN_COST);
            match seed.market() {
                Some(market) if self.append(market, end) => self.seed = Some(seed),
                _ => return Ok(false),
            }
        }
        Ok(true)
    }

    fn append(&mut self, market: &Market, end: Timestamp) -> bool {
        let taken = self.log.append(market, end);
        if let Err(error) = &taken {
            tracing::error!(%error, "a column could not be taken");
        }
        taken.is_ok()
    }
}

/// The newest multiple of a step before a moment.
fn closed_before(at: Timestamp, step: Span) -> Timestamp {
    (at - Span::from_nanos(1)).floor(step)
}

/// Questions are put to the market where it stands.
pub(super) struct Standing<'f, 'a>(pub(super) &'f RefCell<Following<'a>>);

impl Folding for Standing<'_, '_> {
    fn views(&self, opened: &Opened, stops: &[Timestamp]) -> Result<Vec<Seen>, Failure> {
        let mut following = self.0.borrow_mut();
        let mut seen = Vec::with_capacity(stops.len());
        let mut missing = None;
        // All that are missing set out together.
        for stop in stops {
            match following.view_at(&opened.subject, *stop) {
                Ok(view) => seen.push(view),
                Err(failure) => missing = Some(failure),
            }
        }
        missing.map_or(Ok(seen), Err)
    }

    fn heatmap(
        &self,
        opened: &Opened,
        _model: &FlowModel,
        options: &HeatmapOptions,
    ) -> Result<Result<Heatmap, AskError>, Failure> {
        self.0.borrow_mut().newest_columns(&opened.subject, options)
    }
}

/// Code of [`on_its_way`].
const ON_ITS_WAY: &str = "on-its-way";

/// The market has not come to the moment asked about.
pub(super) fn on_its_way() -> Failure {
    Failure::new(
        Kind::NoData,
        ON_ITS_WAY,
        "The market is still being read.",
        "Its events are folded up to the moment asked about.",
        "Wait a moment.",
    )
}

/// Whether a question has to be put again when the market has walked on.
pub(super) fn is_on_its_way(failure: &Failure) -> bool {
    failure.code == ON_ITS_WAY
}
