//! What the market's liquidation reports teach about the distance law: hourly rows of what was swept and what
//! was reported, and the fit to them.

use std::sync::Arc;

use liqlens_market::{Completeness, Liquidation, Side, Span, Timestamp};
use liqlens_model::{Deviates, Feed, FlowModel, Law, Learning, Row, occupancy_count};
use serde::{Deserialize, Serialize};

use crate::memo::Memo;
use crate::standing::Learned;

/// Rows older than this many half-lives weigh less than a sixteenth and are dropped.
const HALF_LIVES_KEPT: f64 = 4.0;
/// Days for which rows keep their own length; older ones are joined by the hour, for a fifth of the memory.
const FINE_DAYS: f64 = 5.0;
/// A feed that was silent for longer says nothing about what was liquidated meanwhile.
const SILENCE: Span = Span::DAY;
/// Joins the rows that ended before a moment hour by hour, side by side; in place, for the rows of a hundred days
/// are a good part of what a market weighs.
fn by_the_hour(rows: &mut Vec<Row>, before_days: f64) {
    let hour = |row: &Row| libm::ceil(row.at_days * 24.0 - 1e-6);
    let mut kept = 0;
    for next in 0..rows.len() {
        let (done, later) = rows.split_at_mut(next);
        let [row, ..] = later else { break };
        let newest = done[..kept].iter_mut().rev().take(2).find(|last| last.side == row.side);
        match newest {
            Some(last) if row.at_days <= before_days && hour(last) == hour(row) => last.absorb(row),
            _ => {
                rows.swap(kept, next);
                kept += 1;
            }
        }
    }
    rows.truncate(kept);
}

/// Half-life of the shares by which the kind of feed is recognised.
const FEED_HALF_LIFE_DAYS: f64 = 7.0;

/// Reports since the last interval was closed.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
struct Pending {
    /// Contracts of complete reports, and of sums of incomplete ones.
    as_shown: f64,
    /// Contracts of single reports of a throttled stream.
    throttled: f64,
    /// Number of those.
    throttled_count: f64,
    /// Number of all reports.
    count: f64,
}

/// Reports by what they show, faded.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
struct Kinds {
    full: f64,
    throttled: f64,
    throttled_sums: f64,
}

/// The learner of one market.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Learner {
    learning: Learning,
    /// Shared with whoever froze the book.
    law: Arc<Law>,
    /// Learned weights, `[class][lane]`.
    weights: Vec<f64>,
    /// Rows of both sides by time, the older ones by the hour.
    rows: Vec<Row>,
    /// The running period (counted from 1970) and its rows of longs and shorts.
    period: Option<i64>,
    running: [Row; 2],
    pending: [Pending; 2],
    newest: Option<Timestamp>,
    kinds: Kinds,
    /// When the law was last fitted.
    fitted: Option<Timestamp>,
    /// Scratch for a sweep, `[class][lane]`.
    #[serde(skip)]
    removed: Vec<f64>,
    #[serde(skip)]
    deviates: Memo<Deviates>,
}

impl Learner {
    pub(crate) fn new(model: &FlowModel, learning: Learning) -> Self {
        let (classes, lanes) = (model.classes.len(), model.lane_count());
        let law = Law::prior(classes, lanes, &learning);
        let empty = Row {
            side: Side::Long,
            at_days: 0.0,
            length: 1.0,
            swept: vec![0.0; classes * lanes],
            reported: 0.0,
            count: 0.0,
        };
        Self {
            learning,
            weights: law.weights(&model.weights),
            law: Arc::new(law),
            rows: Vec::new(),
            period: None,
            running: Side::BOTH.map(|side| Row { side, ..empty.clone() }),
            pending: [Pending::default(); 2],
            newest: None,
            kinds: Kinds::default(),
            fitted: None,
            removed: Vec::new(),
            deviates: Memo::default(),
        }
    }

    pub(crate) fn law(&self) -> &Law {
        &self.law
    }

    pub(crate) fn shared_law(&self) -> Arc<Law> {
        self.law.clone()
    }

    /// The numbers behind the draws of a model's maps.
    pub(crate) fn deviates(&self, model: &FlowModel) -> Arc<Deviates> {
        self.deviates.get_or_make(|| {
            let distances: Vec<f64> = model.classes.iter().map(|class| class.distance).collect();
            Deviates::new(&distances, model.lane_count())
        })
    }

    /// Share of what stands at a price that is liquidated when the price gets there.
    pub(crate) const fn realised_share(&self) -> f64 {
        self.learning.realised_share
    }

    pub(crate) fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// Reported contracts per contract standing at its level: what is liquidated of it, times what is shown.
    pub(crate) fn reported_per_standing(&self) -> f64 {
        self.learning.realised_share * self.feed().reported_share().median
    }

    /// What maps are made with.
    pub(crate) fn learned(&self) -> Learned<'_> {
        Learned { weights: &self.weights, share: self.reported_per_standing() }
    }

    pub(crate) fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// What kind of stream the market has, by most of its recent reports.
    pub(crate) fn feed(&self) -> Feed {
        let Kinds { full, throttled, throttled_sums } = self.kinds;
        if full + throttled + throttled_sums <= 0.0 {
            Feed::Absent
        } else if full >= throttled + throttled_sums {
            Feed::Full
        } else if throttled >= throttled_sums {
            Feed::Throttled
        } else {
            Feed::ThrottledSums
        }
    }

    /// Takes a report.
    pub(crate) fn report(&mut self, at: Timestamp, liquidation: &Liquidation) {
        let contracts = liquidation.size.to_f64();
        let pending = &mut self.pending[liquidation.side.index()];
        // A sum has no price; a single report of a throttled stream does.
        let single = liquidation.fill_price.is_some() || liquidation.order_price.is_some();
        pending.count += 1.0;
        match (liquidation.completeness, single) {
            (Completeness::Full, _) => {
                pending.as_shown += contracts;
                self.kinds.full += 1.0;
            }
            (Completeness::Floor, false) => {
                pending.as_shown += contracts;
                self.kinds.throttled_sums += 1.0;
            }
            (Completeness::Floor, true) => {
                pending.throttled += contracts;
                pending.throttled_count += 1.0;
                self.kinds.throttled += 1.0;
            }
        }
        self.newest = self.newest.max(Some(at));
    }

    fn row_length(&self) -> Span {
        Span::MINUTE.times(i64::from(self.learning.row_minutes.max(1)))
    }

    /// Begins an interval: if it is of a new period, the running one becomes a row.
    pub(crate) fn begin(&mut self, end: Timestamp, prior: &[f64]) {
        let length = self.row_length();
        let period = (end - Span::from_nanos(1)).nanos().div_euclid(length.nanos());
        if let Some(running) = self.period.replace(period)
            && running != period
        {
            self.end_row(Timestamp::from_nanos((running + 1).saturating_mul(length.nanos())), prior);
        }
    }

    /// An empty account of a sweep, to be filled and handed to [`Learner::swept`].
    pub(crate) fn account(&mut self) -> Vec<f64> {
        let mut removed = core::mem::take(&mut self.removed);
        removed.clear();
        removed.resize(self.weights.len(), 0.0);
        removed
    }

    /// Takes what a sweep removed of one side in unit flow; `scale` makes it contracts of open interest.
    pub(crate) fn swept(&mut self, side: Side, scale: f64, prior: &[f64], removed: Vec<f64>) {
        let row = &mut self.running[side.index()];
        for ((sum, unit), weight) in row.swept.iter_mut().zip(&removed).zip(prior) {
            #[allow(clippy::cast_possible_truncation)] // seven digits of a count are plenty
            {
                *sum += (scale * weight * unit) as f32;
            }
        }
        self.removed = removed;
    }

    /// Ends an interval: its reports go into the running row. `volume` is bought and sold by takers in it: no
    /// more can have been liquidated. Returns what was reported of longs and of shorts.
    pub(crate) fn close(&mut self, length: Span, volume: [f64; 2]) -> [f64; 2] {
        let shown: f64 = self.pending.iter().map(|pending| pending.throttled_count).sum();
        let seconds = length.seconds().max(1.0);
        let hidden = if shown > 0.0 { occupancy_count(shown, seconds).max(shown) / shown } else { 1.0 };
        Side::BOTH.map(|side| {
            let pending = core::mem::take(&mut self.pending[side.index()]);
            // A forced sell closes a long.
            let most = match side {
                Side::Long => volume[1],
                Side::Short => volume[0],
            };
            let corrected = (pending.throttled * hidden).min(most.max(pending.throttled));
            let row = &mut self.running[side.index()];
            let reported = pending.as_shown + corrected;
            row.reported += reported;
            row.count += pending.count;
            reported
        })
    }

    fn end_row(&mut self, end: Timestamp, prior: &[f64]) {
        let end_days = end.nanos() as f64 / Span::DAY.nanos() as f64;
        let heard = self.newest.is_some_and(|newest| end - newest <= SILENCE);
        for row in &mut self.running {
            if heard && (row.reported > 0.0 || row.swept.iter().any(|b| *b > 0.0)) {
                self.rows.push(Row { at_days: end_days, ..row.clone() });
            }
            row.swept.fill(0.0);
            (row.reported, row.count) = (0.0, 0.0);
        }
        let fade = libm::exp2(-self.row_length().days() / FEED_HALF_LIFE_DAYS);
        let Kinds { full, throttled, throttled_sums } = &mut self.kinds;
        for kind in [full, throttled, throttled_sums] {
            *kind *= fade;
        }
        let refit = Span::HOUR.times(i64::from(self.learning.refit_hours));
        if self.fitted.is_none_or(|fitted| end - fitted >= refit) {
            self.fitted = Some(end);
            let oldest = end_days - HALF_LIVES_KEPT * self.learning.half_life_days;
            self.rows.retain(|row| row.at_days >= oldest);
            by_the_hour(&mut self.rows, end_days - FINE_DAYS);
            Arc::make_mut(&mut self.law).fit(&self.rows, end_days, &self.learning);
            self.weights = self.law.weights(prior);
        }
    }
}
