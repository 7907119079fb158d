//! What the ensemble says: the same map under many draws of what is uncertain in it.

use core::ops::Range;
use std::sync::Arc;

use liqlens_market::Side;
use liqlens_model::{BinIndex, Draws, LANE_DRAWS, LAW_DRAWS, LevelBook};

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

/// A map under every draw of what is uncertain in it, to be computed where it is looked at.
#[derive(Debug, Clone)]
pub struct DrawnMap {
    /// Weight of each member.
    pub weights: Vec<f64>,
    /// Longs and shorts.
    pub sides: [DrawnSide; 2],
}

/// One side under every draw, computed where it is looked at.
#[derive(Debug, Clone)]
pub struct DrawnSide {
    /// Bins at which rows begin, rising, and the one at which the last ends.
    edges: Vec<BinIndex>,
    source: Source,
}

/// What a row is computed from.
#[derive(Debug, Clone)]
enum Source {
    Book(Box<DrawnBook>),
    Levels(Vec<f32>),
}

/// A side's levels and what draws them.
#[derive(Debug, Clone)]
struct DrawnBook {
    levels: Arc<LevelBook>,
    /// Weights with the lazy factors in them, `[class][lane]`.
    weights: Vec<f64>,
    /// Contracts per unit of flow.
    scale: f64,
    draws: Arc<Draws>,
}

/// How the levels of a side are put together to rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rows {
    /// Ten basis points each: far finer than members differ.
    Even,
    /// As far from a price (its bin) as thirty-two of them are high, and at least ten basis points: as fine as
    /// members differ at any distance.
    From(BinIndex),
}

/// Least bins of the grid in a row.
const LEAST_BINS: BinIndex = 2;
/// A row's distance from the price, in heights of it.
const ROWS_TO_PRICE: BinIndex = 32;

impl DrawnSide {
    pub(crate) fn new(
        side: Side,
        rows: Rows,
        levels: Arc<LevelBook>,
        weights: Vec<f64>,
        scale: f64,
        draws: Arc<Draws>,
    ) -> Self {
        let edges = edges(side, rows, &levels.bins());
        Self { edges, source: Source::Book(Box::new(DrawnBook { levels, weights, scale, draws })) }
    }

    /// Rows of so many members that are there already.
    fn of(levels: DrawnLevels, members: usize) -> Self {
        let DrawnLevels { first, bins_per_row, contracts } = levels;
        let rows = contracts.len().checked_div(members).unwrap_or(0);
        let edge = |row| first.saturating_add(bins_per_row.saturating_mul(row));
        let edges = (0..=BinIndex::try_from(rows).unwrap_or(0)).map(edge).collect();
        Self { edges, source: Source::Levels(contracts) }
    }

    /// Bins at which rows begin, rising, and the one at which the last ends.
    pub fn edges(&self) -> &[BinIndex] {
        &self.edges
    }

    /// Contracts of one row, one figure for each member; zeros beyond the rows.
    pub fn fill(&self, row: usize, contracts: &mut [f32]) {
        contracts.fill(0.0);
        let Some(&[from, to]) = self.edges.get(row..row + 2) else { return };
        match &self.source {
            Source::Levels(levels) => {
                if let Some(levels) = levels.chunks_exact(contracts.len().max(1)).nth(row) {
                    contracts.copy_from_slice(levels);
                }
            }
            Source::Book(book) => book.draw(from..to, contracts),
        }
    }

    /// Every row of so many members; only rows of one height can be told so.
    fn levels(&self, members: usize) -> DrawnLevels {
        let rows = self.edges.len().saturating_sub(1);
        let mut contracts = vec![0.0; rows * members];
        for (row, contracts) in contracts.chunks_exact_mut(members.max(1)).enumerate() {
            self.fill(row, contracts);
        }
        let first = self.edges.first().copied().unwrap_or(0);
        let bins_per_row = self.edges.get(1).map_or(LEAST_BINS, |next| next - first);
        DrawnLevels { first, bins_per_row, contracts }
    }
}

/// The edges of rows over the bins that hold anything.
fn edges(side: Side, rows: Rows, bins: &Range<BinIndex>) -> Vec<BinIndex> {
    let first = bins.start.div_euclid(LEAST_BINS) * LEAST_BINS;
    let end = (bins.end + LEAST_BINS - 1).div_euclid(LEAST_BINS) * LEAST_BINS;
    let price = match rows {
        Rows::Even => return (first..=end).step_by(2).collect(),
        Rows::From(price) => price,
    };
    let height =
        |distance: BinIndex| ((distance / ROWS_TO_PRICE).max(LEAST_BINS) + 1) / LEAST_BINS * LEAST_BINS;
    let mut edges = Vec::new();
    match side {
        Side::Long => {
            let mut edge = end;
            while edge > first {
                edges.push(edge);
                edge -= height(price - edge);
            }
            edges.push(edge);
            edges.reverse();
        }
        Side::Short => {
            let mut edge = first;
            while edge < end {
                edges.push(edge);
                edge += height(edge - price);
            }
            edges.push(edge);
        }
    }
    edges
}

impl DrawnBook {
    /// Adds the contracts of some bins, member by member.
    fn draw(&self, bins: Range<BinIndex>, contracts: &mut [f32]) {
        let Self { levels, weights, scale, draws } = self;
        let lanes = draws.lanes.first().map_or(1, Vec::len);
        let mut cells = vec![0.0; weights.len()];
        for bin in bins {
            let Some(stored) = levels.level_cells(bin) else { continue };
            let classes = levels.held_classes(bin);
            let held = classes.start * lanes..classes.end * lanes;
            let stored = stored[held.clone()].iter().zip(&weights[held.clone()]);
            for (sum, (cell, weight)) in cells[held].iter_mut().zip(stored) {
                *sum += f64::from(*cell) * weight;
            }
        }
        // The classes that hold anything in the row, far from the price few, with their contracts in each draw of
        // the lanes.
        let held = cells.chunks_exact(lanes).zip(&draws.by_class);
        let held = held.filter(|(cells, _)| cells.iter().any(|cell| *cell != 0.0));
        let held: Vec<([f32; LANE_DRAWS], &[f32; LAW_DRAWS])> = held
            .map(|(cells, multipliers)| {
                let mut masses = [0.0; LANE_DRAWS];
                for (cell, lane) in cells.iter().zip(&draws.by_lane) {
                    masses.iter_mut().zip(lane).for_each(|(mass, multiplier)| *mass += cell * multiplier);
                }
                (masses.map(|mass| single(scale * mass)), multipliers)
            })
            .collect();
        for ((draw, members), member_scale) in
            contracts.chunks_exact_mut(LAW_DRAWS).enumerate().zip(&draws.scale)
        {
            let mut sums = [0.0; LAW_DRAWS];
            for (masses, multipliers) in &held {
                let mass = masses[draw];
                sums.iter_mut().zip(*multipliers).for_each(|(sum, multiplier)| *sum += mass * multiplier);
            }
            for ((member, sum), scale) in members.iter_mut().zip(sums).zip(member_scale) {
                *member = sum * single(*scale);
            }
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Rows cover every bin that holds anything once, and none is higher than a thirty-second of its distance.
        #[test]
        fn rows_cover_the_bins_and_grow_with_distance(
            start in -500..500_i32, count in 0..3_000_i32, price in -100..900_i32, long in any::<bool>(),
        ) {
            let side = if long { Side::Long } else { Side::Short };
            let bins = start..start + count;
            for rows in [Rows::Even, Rows::From(price)] {
                let edges = edges(side, rows, &bins);
                prop_assert!(edges.is_sorted_by(|a, b| a < b));
                if count > 0 {
                    prop_assert!(edges[0] <= bins.start && *edges.last().unwrap() >= bins.end);
                }
                for row in edges.windows(2) {
                    let near = if long { price - row[1] } else { row[0] - price };
                    let most = if rows == Rows::Even { 2 } else { (near / 32).max(2) + 1 };
                    prop_assert!(row[1] - row[0] <= most, "{row:?}");
                }
            }
        }
    }
}
