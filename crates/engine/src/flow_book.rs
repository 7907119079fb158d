//! Both sides' standing positions and the four things that happen to them: swept, closed, opened, aged
//! out. Everything here is in *unit flow*, which is linear in traded volume; scaling to open interest
//! happens when a map is taken.

use std::sync::Arc;

use liqlens_market::{Side, Span};
use liqlens_model::{Attribution, BinIndex, BlockPrices, FlowModel, Lanes, LevelBook, Openings};
use serde::{Deserialize, Serialize};

use crate::memo::Memo;

/// Contracts of one side by named flow since the start, in unit flow:
/// `opened + seeded − unrested − closed − liquidated − expired = standing`.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Ledger {
    /// Opened and at rest at the end of their interval (those swept within it included).
    pub opened: f64,
    /// Added at the start for positions older than the history.
    pub seeded: f64,
    /// Opened, but already past their level at the interval's close.
    pub unrested: f64,
    /// Closed by their holders.
    pub closed: f64,
    /// Swept by the trigger price.
    pub liquidated: f64,
    /// Dropped because older than the model's lookback.
    pub expired: f64,
}

impl Ledger {
    /// What the flows say is standing.
    pub fn standing(&self) -> f64 {
        self.opened + self.seeded - self.unrested - self.closed - self.liquidated - self.expired
    }

    /// Every flow times a factor.
    #[must_use]
    pub fn scaled(&self, factor: f64) -> Self {
        Self {
            opened: self.opened * factor,
            seeded: self.seeded * factor,
            unrested: self.unrested * factor,
            closed: self.closed * factor,
            liquidated: self.liquidated * factor,
            expired: self.expired * factor,
        }
    }
}

/// Bins from a class's entries to its levels; `None` where no price liquidates it.
fn offsets(model: &FlowModel, side: Side) -> impl Iterator<Item = Option<BinIndex>> + Clone {
    model.classes.iter().map(move |class| match side {
        Side::Long => class.shift[side.index()].map(|shift| -shift),
        Side::Short => class.shift[side.index()],
    })
}

/// Below this a lane's lazy factor is folded into its masses. Floats keep their relative precision; mass over
/// factor only has to stay clear of overflow (3e38 in single precision).
const FOLD_BELOW: f64 = 1e-20;

/// The span in which opened flow counts as one step; longer bars are treated as that many steps.
const STEP: Span = Span::MINUTE;

/// The standing positions of both sides.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct FlowBook {
    model: FlowModel,
    /// Shared with whoever froze the book; copied when it changes while somebody still holds it.
    sides: [Arc<LevelBook>; 2],
    /// Contracts = stored mass × factor, by lane.
    factors: Vec<f64>,
    /// Stored mass without a liquidation price, by side and lane.
    never: [Vec<f64>; 2],
    /// Share of opened flow without a liquidation price, by side and lane.
    never_weights: [Vec<f64>; 2],
    ledgers: [Ledger; 2],
    /// Number of the current layer, for models that keep layers.
    layer: Option<i64>,
    /// Prices of bins, for columns.
    #[serde(skip)]
    prices: Memo<BlockPrices>,
    /// Room for [`FlowBook::open`].
    #[serde(skip)]
    scratch: Scratch,
}

/// Lists that are filled again at every use: no part of a state.
#[derive(Debug, Clone, Default)]
struct Scratch {
    flow: Openings,
    survival: Vec<f64>,
    stored: Vec<f64>,
    shares: Vec<f64>,
}

impl PartialEq for Scratch {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl FlowBook {
    pub(crate) fn new(model: FlowModel) -> Self {
        let lanes = model.lane_count();
        let never_weights = Side::BOTH.map(|side| {
            let mut weights = model.never.clone();
            for (class, row) in model.classes.iter().zip(model.weights.chunks_exact(lanes)) {
                if class.shift[side.index()].is_none() {
                    weights.iter_mut().zip(row).for_each(|(total, w)| *total += w);
                }
            }
            weights
        });
        Self {
            sides: Side::BOTH.map(|side| {
                let offsets: Vec<_> = offsets(&model, side).map(|offset| offset.unwrap_or(0)).collect();
                Arc::new(LevelBook::new(side, model.grid, &offsets, lanes))
            }),
            factors: vec![1.0; lanes],
            never: [vec![0.0; lanes], vec![0.0; lanes]],
            never_weights,
            ledgers: [Ledger::default(); 2],
            layer: None,
            prices: Memo::default(),
            scratch: Scratch::default(),
            model,
        }
    }

    pub(crate) const fn model(&self) -> &FlowModel {
        &self.model
    }

    pub(crate) fn side(&self, side: Side) -> &LevelBook {
        &self.sides[side.index()]
    }

    /// A side's levels as they are, whatever becomes of the book.
    pub(crate) fn shared_side(&self, side: Side) -> Arc<LevelBook> {
        self.sides[side.index()].clone()
    }

    /// Prices of bins, quick to be had around a bin where levels are.
    pub(crate) fn prices(&self, near: BinIndex) -> Arc<BlockPrices> {
        /// A factor of twelve in price, up and down.
        const REACH: BinIndex = 5_000;
        self.prices.get_or_make(|| BlockPrices::new(self.model.grid).kept_around(near, REACH))
    }

    fn side_mut(&mut self, side: Side) -> &mut LevelBook {
        Arc::make_mut(&mut self.sides[side.index()])
    }

    pub(crate) fn factors(&self) -> &[f64] {
        &self.factors
    }

    pub(crate) const fn ledger(&self, side: Side) -> &Ledger {
        &self.ledgers[side.index()]
    }

    /// Everything standing on one side, from running totals.
    pub(crate) fn standing(&self, side: Side) -> f64 {
        let finite = self.side(side).lane_mass();
        finite.iter().zip(&self.never[side.index()]).zip(&self.factors).map(|((f, n), g)| (f + n) * g).sum()
    }

    /// What has no liquidation price on one side.
    pub(crate) fn unliquidatable(&self, side: Side) -> f64 {
        self.never[side.index()].iter().zip(&self.factors).map(|(n, g)| n * g).sum()
    }

    /// Removes what the trigger price reached of a side when it got to `extreme`; adds the unit flow removed
    /// of each (class, lane) to `removed`, unless that is empty.
    pub(crate) fn sweep(&mut self, side: Side, extreme: f64, removed: &mut [f64]) {
        let grid = self.model.grid;
        let position = grid.position(extreme);
        let bin = grid.bin_at(position);
        // The near edge of the bin that holds the extreme, where bins fall only whole.
        let end = match (self.model.fractional_boundary, side) {
            (true, _) => position,
            (false, Side::Long) => f64::from(bin) + 1.0,
            (false, Side::Short) => f64::from(bin),
        };
        let book = Arc::make_mut(&mut self.sides[side.index()]);
        let swept = book.sweep(bin, end, &self.factors, removed);
        self.ledgers[side.index()].liquidated += swept.mass;
    }

    /// Keeps a share of everything: what a fall of open interest does to a book that is not balanced by it.
    pub(crate) fn shrink(&mut self, keep: f64) {
        for (lane, factor) in self.factors.iter_mut().enumerate() {
            for side in Side::BOTH {
                let stored = self.sides[side.index()].lane_mass()[lane] + self.never[side.index()][lane];
                self.ledgers[side.index()].closed += stored * *factor * (1.0 - keep);
            }
            *factor *= keep;
        }
        if self.factors.iter().any(|factor| *factor < FOLD_BELOW) {
            self.fold();
        }
    }

    /// Lets holders close over `length` at an activity relative to the mean.
    pub(crate) fn close(&mut self, length: Span, activity: f64) {
        let Lanes::Pools(pools) = &self.model.lanes else { return };
        let mut fold = false;
        for (lane, pool) in pools.iter().enumerate() {
            let rate = libm::pow(activity, pool.clock_exponent) / pool.holding_days;
            let keep = libm::exp(-length.days() * rate);
            for side in Side::BOTH {
                let stored = self.sides[side.index()].lane_mass()[lane] + self.never[side.index()][lane];
                self.ledgers[side.index()].closed += stored * self.factors[lane] * (1.0 - keep);
            }
            self.factors[lane] *= keep;
            fold |= self.factors[lane] < FOLD_BELOW;
        }
        if fold {
            self.fold();
        }
    }

    /// Opens positions: for each bin the contracts of longs and of shorts that traded there. `close_bin`
    /// is where the interval ended: what would already be past its level there does not come to rest.
    pub(crate) fn open(
        &mut self,
        openings: &[(BinIndex, [f64; 2])],
        close_bin: BinIndex,
        length: Span,
        activity: f64,
    ) {
        let lanes = self.factors.len();
        let mut scratch = core::mem::take(&mut self.scratch);
        let Scratch { flow, survival, stored, shares } = &mut scratch;
        self.survival(length, activity, survival);
        // Stored units for each contract opened, by lane.
        stored.clear();
        stored.extend(survival.iter().zip(&self.factors).map(|(s, g)| s / g));
        // What of a class's flow comes to rest.
        let by_class = self.model.weights.chunks_exact(lanes);
        shares.clear();
        shares.extend(by_class.map(|row| row.iter().zip(survival.iter()).map(|(w, s)| w * s).sum::<f64>()));
        let prices = self.prices(close_bin);
        for side in Side::BOTH {
            let index = side.index();
            flow.clear(stored);
            let by_bin = openings.iter().map(|(bin, contracts)| (*bin, contracts[index]));
            let opened = flow.fill(by_bin, &prices);
            if opened <= 0.0 {
                continue;
            }
            for lane in 0..lanes {
                let never = opened * self.never_weights[index][lane];
                self.never[index][lane] += never * stored[lane];
                self.ledgers[index].opened += never * survival[lane];
            }
            let book = Arc::make_mut(&mut self.sides[index]);
            let resting = match side {
                Side::Long => BinIndex::MIN..close_bin,
                Side::Short => close_bin.saturating_add(1)..BinIndex::MAX,
            };
            let offsets = offsets(&self.model, side);
            let ledger = &mut self.ledgers[index];
            book.add(flow, offsets, &resting, &self.model.weights, |class, rested| {
                ledger.opened += opened * shares[class];
                ledger.unrested += (opened - rested) * shares[class];
            });
        }
        self.scratch = scratch;
    }

    /// Share of the flow opened during an interval that is still open at its end, by lane.
    ///
    /// An interval of one step keeps everything, by the model's order (closing before opening). A longer
    /// bar is as many steps of equal volume, each closed by the ones after it: `(1 − qⁿ) / (n·(1 − q))`.
    /// So an hourly bar fills the pools exactly as sixty minutes at its mean rate would.
    fn survival(&self, length: Span, activity: f64, shares: &mut Vec<f64>) {
        shares.clear();
        match &self.model.lanes {
            Lanes::Pools(pools) => {
                let steps = length.days() / STEP.days();
                shares.extend(pools.iter().map(|pool| {
                    if steps <= 1.0 {
                        return 1.0;
                    }
                    let rate = libm::pow(activity, pool.clock_exponent) / pool.holding_days;
                    let exponent = STEP.days() * rate;
                    if exponent <= 0.0 {
                        return 1.0; // a pool that holds for ever
                    }
                    libm::expm1(-exponent * steps) / (steps * libm::expm1(-exponent))
                }));
            }
            Lanes::Layers { count, .. } => {
                shares.resize(*count, 0.0);
                if let Some(lane) = self.layer_lane(*count) {
                    shares[lane] = 1.0;
                }
            }
        }
    }

    /// Scales each pool up to what it would hold had the observed history gone on for ever: positions
    /// older than the history, placed where volume traded since (model specification, section 5.7).
    pub(crate) fn seed(&mut self, history: Span) {
        let Lanes::Pools(pools) = &self.model.lanes else { return };
        for (lane, pool) in pools.iter().enumerate() {
            let filled = -libm::expm1(-history.days() / pool.holding_days);
            if filled <= 0.0 {
                continue;
            }
            for side in Side::BOTH {
                let stored = self.sides[side.index()].lane_mass()[lane] + self.never[side.index()][lane];
                self.ledgers[side.index()].seeded += stored * self.factors[lane] * (1.0 / filled - 1.0);
            }
            self.factors[lane] /= filled;
        }
    }

    /// Moves to the layer that a moment falls into and drops the layer that becomes too old.
    pub(crate) fn enter_layer(&mut self, ts_ns: i64) {
        let Lanes::Layers { length, count } = self.model.lanes else { return };
        let layer = ts_ns.div_euclid(length.nanos());
        let Some(previous) = self.layer.replace(layer) else { return };
        let stale = usize::try_from(layer - previous).unwrap_or(0).min(count);
        let lanes = i64::try_from(count).unwrap_or(i64::MAX);
        for age in (0..lanes).take(stale) {
            let lane = usize::try_from((layer - age).rem_euclid(lanes)).unwrap_or(0);
            let mut keep = vec![1.0; count];
            keep[lane] = 0.0;
            for side in Side::BOTH {
                self.ledgers[side.index()].expired += self.sides[side.index()].lane_mass()[lane];
                self.side_mut(side).rescale(&keep);
            }
        }
    }

    fn layer_lane(&self, count: usize) -> Option<usize> {
        usize::try_from(self.layer?.rem_euclid(i64::try_from(count).ok()?)).ok()
    }

    /// Folds the lazy factors into the stored masses.
    fn fold(&mut self) {
        for side in Side::BOTH {
            Arc::make_mut(&mut self.sides[side.index()]).rescale(&self.factors);
            self.never[side.index()].iter_mut().zip(&self.factors).for_each(|(n, g)| *n *= g);
        }
        self.factors.fill(1.0);
    }

    /// Contracts that volume and the change of open interest open at each bin, by the model's attribution.
    ///
    /// Every trade has one buyer and one seller; a buyer opens a long or closes a short. From
    /// `V = O_L + X_S = O_S + X_L` and `ΔOI = O_L − X_L = O_S − X_S` follows `O_L + O_S = V + ΔOI`; with
    /// nothing known about who opened, each side gets half, over the full profile of traded prices.
    pub(crate) fn openings(
        &self,
        traded: &[(BinIndex, [f64; 2])],
        unexplained: &[(BinIndex, f64)],
        oi_change: f64,
    ) -> Vec<(BinIndex, [f64; 2])> {
        match self.model.attribution {
            Attribution::TakerSide => traded.to_vec(),
            Attribution::RiseByTaker => {
                let volume: f64 = traded.iter().map(|(_, [buy, sell])| buy + sell).sum();
                let share = if volume > 0.0 { oi_change.max(0.0) / volume } else { 0.0 };
                traded.iter().map(|&(bin, takers)| (bin, takers.map(|contracts| contracts * share))).collect()
            }
            Attribution::RiseOnBothSides => {
                let spread: f64 = unexplained.iter().map(|(_, volume)| volume).sum();
                let share = if spread > 0.0 { oi_change.max(0.0) / spread } else { 0.0 };
                unexplained.iter().map(|&(bin, volume)| (bin, [volume * share; 2])).collect()
            }
            Attribution::BothSides => {
                let volume: f64 = traded.iter().map(|(_, [buy, sell])| buy + sell).sum();
                // A fall of open interest is taken from this interval's openings; a rise is spread over
                // everything traded since open interest was last known.
                let kept = if volume > 0.0 { ((volume + oi_change.min(0.0)) / volume).max(0.0) } else { 0.0 };
                let mut opened: Vec<(BinIndex, [f64; 2])> =
                    traded.iter().map(|&(bin, [buy, sell])| (bin, [(buy + sell) * kept / 2.0; 2])).collect();
                let spread: f64 = unexplained.iter().map(|(_, volume)| volume).sum();
                if oi_change > 0.0 && spread > 0.0 {
                    let share = oi_change / spread / 2.0;
                    opened.extend(unexplained.iter().map(|&(bin, volume)| (bin, [volume * share; 2])));
                }
                opened
            }
        }
    }
}
