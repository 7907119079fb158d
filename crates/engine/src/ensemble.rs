//! What the ensemble says: the same map under many draws of what is uncertain in it.

use std::sync::Arc;

use liqlens_model::{BinIndex, Draws, LAW_DRAWS, LevelBook};

use crate::frozen::DrawnMap;

/// The map of one market at one moment under every member.
///
/// A member is one draw of everything the data leave open: the distance law, the holding times, the share of
/// liquidations the feed shows. An interval of a figure is a weighted quantile of that figure over the members,
/// never a sum of intervals of bins.
#[derive(Debug, Clone, PartialEq)]
pub struct Ensemble {
    /// Weight of each member; they sum to 1.
    pub weights: Vec<f64>,
    /// Longs and shorts.
    pub sides: [DrawnLevels; 2],
}

/// One side's contracts by level and member.
#[derive(Debug, Clone, PartialEq)]
pub struct DrawnLevels {
    /// Bin of the grid where the first row begins.
    pub first: BinIndex,
    /// Bins of the grid in a row.
    pub bins_per_row: BinIndex,
    /// Contracts, row by row, one for each member: `[row][member]`, in the unit of
    /// [`SideLevels::contracts`](crate::SideLevels).
    pub contracts: Vec<f32>,
}

/// One side under every draw, computed where it is looked at.
#[derive(Debug, Clone)]
pub struct DrawnSide {
    first: BinIndex,
    bins_per_row: BinIndex,
    rows: usize,
    source: Source,
}

/// What a row is computed from.
#[derive(Debug, Clone)]
enum Source {
    Book {
        book: Arc<LevelBook>,
        /// Weights with the lazy factors in them, `[class][lane]`.
        weights: Vec<f64>,
        /// Contracts per unit of flow.
        scale: f64,
        draws: Arc<Draws>,
    },
    Levels(Vec<f32>),
}

/// Bins of the grid in a row: ten basis points, far finer than members differ.
const BINS_PER_ROW: BinIndex = 2;

impl DrawnSide {
    pub(crate) fn new(book: Arc<LevelBook>, weights: Vec<f64>, scale: f64, draws: Arc<Draws>) -> Self {
        let bins = book.bins();
        let first = bins.start.div_euclid(BINS_PER_ROW);
        let end = (bins.end + BINS_PER_ROW - 1).div_euclid(BINS_PER_ROW);
        Self {
            first: first * BINS_PER_ROW,
            bins_per_row: BINS_PER_ROW,
            rows: usize::try_from(end - first).unwrap_or(0),
            source: Source::Book { book, weights, scale, draws },
        }
    }

    /// Rows of so many members that are there already.
    fn of(levels: DrawnLevels, members: usize) -> Self {
        let DrawnLevels { first, bins_per_row, contracts } = levels;
        let rows = contracts.len().checked_div(members).unwrap_or(0);
        Self { first, bins_per_row, rows, source: Source::Levels(contracts) }
    }

    /// Bin of the grid where the first row begins.
    pub const fn first(&self) -> BinIndex {
        self.first
    }

    /// Bins of the grid in a row.
    pub const fn bins_per_row(&self) -> BinIndex {
        self.bins_per_row
    }

    /// Number of rows.
    pub const fn rows(&self) -> usize {
        self.rows
    }

    /// Contracts of one row, one figure for each member; zeros beyond the rows.
    pub fn fill(&self, row: usize, contracts: &mut [f32]) {
        contracts.fill(0.0);
        match &self.source {
            Source::Levels(levels) => {
                if let Some(levels) = levels.chunks_exact(contracts.len()).nth(row) {
                    contracts.copy_from_slice(levels);
                }
            }
            Source::Book { book, weights, scale, draws } => {
                let row = BinIndex::try_from(row).unwrap_or(BinIndex::MAX / BINS_PER_ROW);
                let start = self.first.saturating_add(row.saturating_mul(BINS_PER_ROW));
                draw_row(book, start, weights, *scale, draws, contracts);
            }
        }
    }

    /// Every row of so many members.
    fn levels(&self, members: usize) -> DrawnLevels {
        let mut contracts = vec![0.0; self.rows * members];
        for (row, contracts) in contracts.chunks_exact_mut(members.max(1)).enumerate() {
            self.fill(row, contracts);
        }
        DrawnLevels { first: self.first, bins_per_row: self.bins_per_row, contracts }
    }
}

/// Adds the contracts of the row that begins at a bin, member by member.
fn draw_row(
    book: &LevelBook,
    start: BinIndex,
    weights: &[f64],
    scale: f64,
    draws: &Draws,
    contracts: &mut [f32],
) {
    let lanes = draws.lanes.first().map_or(1, Vec::len);
    let mut cells = vec![0.0; weights.len()];
    for bin in start..start.saturating_add(BINS_PER_ROW) {
        let Some(stored) = book.level_cells(bin) else { continue };
        for ((sum, cell), weight) in cells.iter_mut().zip(stored).zip(weights) {
            *sum += f64::from(*cell) * weight;
        }
    }
    // The classes that hold anything in the row; far from the price they are few.
    let held = cells.chunks_exact(lanes).zip(&draws.by_class);
    let held: Vec<_> = held.filter(|(cells, _)| cells.iter().any(|cell| *cell != 0.0)).collect();
    let by_lane_draw = draws.lanes.iter().zip(&draws.scale);
    for (members, (lane, member_scale)) in contracts.chunks_exact_mut(LAW_DRAWS).zip(by_lane_draw) {
        for &(cells, multipliers) in &held {
            let mass = single(scale * cells.iter().zip(lane).map(|(c, l)| c * l).sum::<f64>());
            for (member, multiplier) in members.iter_mut().zip(multipliers) {
                *member += mass * multiplier;
            }
        }
        for (member, scale) in members.iter_mut().zip(member_scale) {
            *member *= single(*scale);
        }
    }
}

impl From<Ensemble> for DrawnMap {
    fn from(ensemble: Ensemble) -> Self {
        let Ensemble { weights, sides } = ensemble;
        let members = weights.len();
        Self { weights, sides: sides.map(|side| DrawnSide::of(side, members)) }
    }
}

impl DrawnMap {
    /// The same level by level.
    pub fn ensemble(&self) -> Ensemble {
        let members = self.weights.len();
        Ensemble { weights: self.weights.clone(), sides: self.sides.each_ref().map(|s| s.levels(members)) }
    }
}

#[allow(clippy::cast_possible_truncation)] // seven digits are plenty for a draw
fn single(value: f64) -> f32 {
    value as f32
}
