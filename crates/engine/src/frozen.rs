//! A market's map held still: computed where it is looked at, and nowhere else.
//!
//! Most questions look at a few hundred levels around the price, of ten thousand. So what a view takes along is not
//! a map but everything a map is computed from: the levels themselves, shared with the market until that changes
//! them, the weights with their lazy factors, and one scale a side. A level's contracts are then a few hundred
//! products whenever somebody asks for that level.

use core::ops::Range;
use std::sync::Arc;

use liqlens_market::{Contract, Side, Span, Timestamp};
use liqlens_model::{BANDS, BinIndex, Deviates, Draws, Feed, Law, LevelBook, LogGrid, MEMBERS, Spread};

use crate::ensemble::{DrawnMap, DrawnSide, Ensemble, Rows};
use crate::flow_book::{FlowBook, Ledger};
use crate::learner::Learner;
use crate::standing::{Reporting, SideLevels, Standing};

/// One market's map at one moment.
#[derive(Debug, Clone)]
pub struct Frozen {
    /// The grid of the levels.
    pub grid: LogGrid,
    /// End of the last interval folded in.
    pub as_of: Timestamp,
    /// Last price.
    pub price: f64,
    /// Accepted open interest, contracts.
    pub open_interest: f64,
    source: Source,
}

/// What the levels are read from.
#[derive(Debug, Clone)]
enum Source {
    /// A book as it was.
    Book { sides: [BookSide; 2], cells: Cells, learned: Option<LearnedParts> },
    /// A map that is there level by level.
    Levels { standing: Standing, ensemble: Option<Ensemble> },
}

/// One side of a book.
#[derive(Debug, Clone)]
struct BookSide {
    book: Arc<LevelBook>,
    /// Contracts of open interest per unit of modelled flow.
    scale: f64,
    /// Contracts on the map per unit of modelled flow.
    factor: f64,
    /// Contracts on the map and off it.
    liquidatable: f64,
    unliquidatable: f64,
    flows: Ledger,
}

/// How the cells of a level become contracts by leverage band.
#[derive(Debug, Clone)]
struct Cells {
    /// Weights with the lazy factors of their lanes, `[class][lane]`.
    effective: Vec<f64>,
    /// The same in the cells' precision.
    weights: Vec<f32>,
    /// Bands with the neighbouring cells that are of them.
    runs: Vec<(usize, Range<usize>)>,
    /// Lazy factors, of models whose levels keep an exact sum under the prior weights.
    factors: Option<Vec<f64>>,
    classes: usize,
    lanes: usize,
}

/// What only a model that learns has.
#[derive(Debug, Clone)]
struct LearnedParts {
    law: Arc<Law>,
    feed: Feed,
    /// Share of what stands at a price that is liquidated there.
    realised: f64,
    /// Reported contracts per contract standing at its level.
    share: f64,
    deviates: Arc<Deviates>,
    history: Span,
}

/// Distance (log price) within which [`Reporting::informed`] is measured.
const NEAR: f64 = 0.05;

impl Frozen {
    /// Holds a book still; `None` while nothing has been opened.
    pub(crate) fn new(
        book: &FlowBook,
        learner: Option<&Learner>,
        (as_of, price): (Timestamp, f64),
        open_interest: f64,
        history: Span,
    ) -> Option<Self> {
        let learned = learner.map(|learner| LearnedParts {
            law: learner.shared_law(),
            feed: learner.feed(),
            realised: learner.realised_share(),
            share: learner.reported_per_standing(),
            deviates: learner.deviates(book.model()),
            history,
        });
        let cells = Cells::new(book, learner);
        let sides = Side::BOTH.map(|side| BookSide::new(book, side, &cells, learned.as_ref(), open_interest));
        let [Some(long), Some(short)] = sides else { return None };
        let source = Source::Book { sides: [long, short], cells, learned };
        Some(Self { grid: book.model().grid, as_of, price, open_interest, source })
    }

    /// A map that is there level by level already, and its draws if there are any.
    pub fn of(standing: Standing, ensemble: Option<Ensemble>) -> Self {
        let Standing { grid, as_of, price, open_interest, .. } = standing;
        Self { grid, as_of, price, open_interest, source: Source::Levels { standing, ensemble } }
    }

    /// The bins of a side that may hold anything.
    pub fn bins(&self, side: Side) -> Range<BinIndex> {
        match &self.source {
            Source::Book { sides, .. } => sides[side.index()].book.bins(),
            Source::Levels { standing, .. } => {
                let levels = &standing.sides[side.index()];
                let count = BinIndex::try_from(levels.contracts.len()).unwrap_or(BinIndex::MAX);
                levels.first..levels.first.saturating_add(count)
            }
        }
    }

    /// The bin that the last sweep of a side ended in, and the share of it left standing: its part away from the
    /// price.
    pub fn boundary(&self, side: Side) -> Option<(BinIndex, f64)> {
        match &self.source {
            Source::Book { sides, .. } => sides[side.index()].book.boundary(),
            Source::Levels { standing, .. } => standing.sides[side.index()].boundary,
        }
    }

    /// Contracts of a side by leverage band whose liquidation price lies in a bin.
    #[inline]
    pub fn at(&self, side: Side, bin: BinIndex) -> [f64; BANDS.len()] {
        match &self.source {
            Source::Book { sides, cells, .. } => sides[side.index()].at(bin, cells),
            Source::Levels { standing, .. } => {
                let levels = &standing.sides[side.index()];
                let row = usize::try_from(i64::from(bin) - i64::from(levels.first)).ok();
                row.and_then(|row| levels.contracts.get(row)).copied().unwrap_or_default()
            }
        }
    }

    /// Contracts of a side on the map.
    pub fn liquidatable(&self, side: Side) -> f64 {
        match &self.source {
            Source::Book { sides, .. } => sides[side.index()].liquidatable,
            Source::Levels { standing, .. } => standing.sides[side.index()].liquidatable(),
        }
    }

    /// Dollars of a side on the map by leverage band, each level's at the price in the middle of its bin; `None`
    /// where nobody keeps count of them, so that they must be summed.
    pub fn total_usd(&self, side: Side, contract: Contract) -> Option<[f64; BANDS.len()]> {
        let Source::Book { sides, cells, learned: Some(_) } = &self.source else { return None };
        let BookSide { book, factor, .. } = &sides[side.index()];
        let (flow, value) = match contract {
            Contract::Linear => (book.worth(), 1.0),
            Contract::Inverse { contract_value } => (book.flow(), contract_value),
        };
        let mut by_band = [0.0; BANDS.len()];
        for (band, run) in &cells.runs {
            let flow = flow.get(run.clone()).into_iter().flatten();
            let mass: f64 = flow.zip(&cells.effective[run.clone()]).map(|(flow, weight)| flow * weight).sum();
            by_band[*band] += mass.max(0.0) * value * factor;
        }
        Some(by_band)
    }

    /// The rest of a side's open interest: see [`SideLevels::unliquidatable`].
    pub const fn unliquidatable(&self, side: Side) -> f64 {
        match &self.source {
            Source::Book { sides, .. } => sides[side.index()].unliquidatable,
            Source::Levels { standing, .. } => standing.sides[side.index()].unliquidatable,
        }
    }

    /// A side's named flows, scaled as the map is.
    pub const fn flows(&self, side: Side) -> &Ledger {
        match &self.source {
            Source::Book { sides, .. } => &sides[side.index()].flows,
            Source::Levels { standing, .. } => &standing.sides[side.index()].flows,
        }
    }

    /// The whole map, level by level.
    pub fn standing(&self) -> Standing {
        match &self.source {
            Source::Levels { standing, .. } => standing.clone(),
            Source::Book { sides, cells, .. } => Standing {
                grid: self.grid,
                as_of: self.as_of,
                price: self.price,
                open_interest: self.open_interest,
                sides: Side::BOTH.map(|side| sides[side.index()].levels(side, cells)),
                reporting: self.reporting(),
            },
        }
    }

    /// What the venue's public stream shows of liquidations; `None` of models that do not listen to it.
    pub fn reporting(&self) -> Option<Reporting> {
        match &self.source {
            Source::Levels { standing, .. } => standing.reporting,
            Source::Book { sides, cells, learned } => {
                let LearnedParts { law, feed, realised, .. } = learned.as_ref()?;
                Some(Reporting::new(*feed, *realised, self.informed(sides, cells, law)))
            }
        }
    }

    /// Share of the contracts near the price in classes that reports inform.
    fn informed(&self, sides: &[BookSide; 2], cells: &Cells, law: &Law) -> f64 {
        #[allow(clippy::cast_possible_truncation)] // a hundred bins
        let reach = (NEAR / self.grid.width()) as BinIndex;
        let here = self.grid.bin(self.price);
        let runs = runs_of((0..cells.classes).map(|class| usize::from(law.informed(class))), cells.lanes);
        let mut masses = [0.0; 2];
        for BookSide { book, scale, .. } in sides {
            let mut of_side = [0.0; 2];
            for level in here - reach..=here + reach {
                book.add_level_mass_by_run(level, &cells.weights, &runs, &mut of_side);
            }
            masses.iter_mut().zip(of_side).for_each(|(sum, mass)| *sum += mass * scale);
        }
        let [assumed, informed] = masses;
        if assumed + informed > 0.0 { informed / (assumed + informed) } else { 0.0 }
    }

    /// Whether the map comes with draws of what is uncertain in it.
    pub const fn is_drawn(&self) -> bool {
        match &self.source {
            Source::Book { learned, .. } => learned.is_some(),
            Source::Levels { ensemble, .. } => ensemble.is_some(),
        }
    }

    /// The map under every draw, in rows that grow with their distance; `None` of models that know no uncertainty.
    pub fn drawn(&self) -> Option<DrawnMap> {
        self.drawn_under(&Spread::DEFAULT, Rows::From(self.grid.bin(self.price)))
    }

    /// The same with draws that spread differently and in other rows, where they are not given.
    pub fn drawn_under(&self, spread: &Spread, rows: Rows) -> Option<DrawnMap> {
        let (sides, cells, learned) = match &self.source {
            Source::Book { sides, cells, learned } => (sides, cells, learned.as_ref()?),
            Source::Levels { ensemble, .. } => return ensemble.clone().map(DrawnMap::from),
        };
        let share_sd = learned.feed.reported_share().log_sd;
        let LearnedParts { law, deviates, history, share, .. } = learned;
        let draws = Arc::new(Draws::around(law, deviates, share_sd, history.days(), spread));
        let sides = Side::BOTH.map(|side| {
            let BookSide { book, scale, .. } = &sides[side.index()];
            let effective = cells.effective.clone();
            DrawnSide::new(side, rows, book.clone(), effective, scale / share, draws.clone())
        });
        Some(DrawnMap { weights: vec![1.0 / MEMBERS as f64; MEMBERS], sides })
    }
}

impl BookSide {
    fn new(
        book: &FlowBook,
        side: Side,
        cells: &Cells,
        learned: Option<&LearnedParts>,
        open_interest: f64,
    ) -> Option<Self> {
        let scale = book.scale(side, open_interest)?;
        let levels = book.shared_side(side);
        let (factor, liquidatable, unliquidatable) = if let Some(learned) = learned {
            let placed: f64 = levels.flow().iter().zip(&cells.effective).map(|(f, w)| f * w).sum();
            let factor = scale.learned(learned.share, placed, open_interest);
            (factor, placed * factor, open_interest - placed * factor)
        } else {
            let placed: f64 = levels.lane_mass().iter().zip(book.factors()).map(|(m, g)| m * g).sum();
            let all = placed * scale.to_open_interest;
            let off = book.unliquidatable(side) * scale.to_open_interest;
            (scale.to_open_interest * scale.cap, all * scale.cap, off + all * (1.0 - scale.cap))
        };
        Some(Self {
            book: levels,
            scale: scale.to_open_interest,
            factor,
            liquidatable,
            unliquidatable,
            flows: book.ledger(side).scaled(scale.to_open_interest),
        })
    }

    fn at(&self, bin: BinIndex, cells: &Cells) -> [f64; BANDS.len()] {
        let mut by_band = [0.0; BANDS.len()];
        self.book.add_level_mass_by_run(bin, &cells.weights, &cells.runs, &mut by_band);
        let mut factor = self.factor;
        if let Some(factors) = &cells.factors {
            // Cells have single precision; a level's sum under the prior weights is kept in double.
            let sum: f64 = by_band.iter().sum();
            factor = if sum > 0.0 { factor * (self.book.level_mass(bin, factors) / sum) } else { 0.0 };
        }
        by_band.map(|mass| mass * factor)
    }

    fn levels(&self, side: Side, cells: &Cells) -> SideLevels {
        let bins = self.book.bins();
        let contracts: Vec<[f64; BANDS.len()]> = bins.clone().map(|bin| self.at(bin, cells)).collect();
        // What the levels leave of all, in whatever precision they are.
        let on_levels: f64 = contracts.iter().flatten().sum();
        SideLevels {
            side,
            first: bins.start,
            contracts,
            unliquidatable: self.liquidatable + self.unliquidatable - on_levels,
            boundary: self.book.boundary(),
            scale: self.scale,
            flows: self.flows,
        }
    }
}

impl Cells {
    fn new(book: &FlowBook, learner: Option<&Learner>) -> Self {
        let model = book.model();
        let lanes = model.lane_count();
        let effective = book.with_factors(learner.map_or(model.weights.as_slice(), Learner::weights));
        Self {
            #[allow(clippy::cast_possible_truncation)] // the precision cells are kept in
            weights: effective.iter().map(|weight| *weight as f32).collect(),
            effective,
            runs: runs_of(model.classes.iter().map(|class| class.band), lanes),
            factors: learner.is_none().then(|| book.factors().to_vec()),
            classes: model.classes.len(),
            lanes,
        }
    }
}

/// Kinds with the neighbouring classes of them, as ranges of cells.
fn runs_of(kinds: impl Iterator<Item = usize>, lanes: usize) -> Vec<(usize, Range<usize>)> {
    let mut runs: Vec<(usize, Range<usize>)> = Vec::new();
    for (class, kind) in kinds.enumerate() {
        match runs.last_mut() {
            Some((last, range)) if *last == kind => range.end = (class + 1) * lanes,
            _ => runs.push((kind, class * lanes..(class + 1) * lanes)),
        }
    }
    runs
}
