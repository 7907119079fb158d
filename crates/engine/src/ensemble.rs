//! What the ensemble says: the same map under many draws of what is uncertain in it.

use liqlens_market::{Side, Span};
use liqlens_model::{BinIndex, Draws, LAW_DRAWS, MEMBERS, Spread};

use crate::flow_book::FlowBook;
use crate::learner::Learner;

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

/// Bins of the grid in a row: ten basis points, far finer than members differ.
const BINS_PER_ROW: BinIndex = 2;

impl Ensemble {
    /// The members' maps of a learned book; `None` while nothing has been opened.
    pub(crate) fn new(
        book: &FlowBook,
        learner: &Learner,
        open_interest: f64,
        history: Span,
        spread: &Spread,
    ) -> Option<Self> {
        let distances: Vec<f64> = book.model().classes.iter().map(|class| class.distance).collect();
        let share = learner.feed().reported_share();
        let draws = Draws::new(learner.law(), &distances, share.log_sd, history.days(), spread);
        let [Some(long), Some(short)] = Side::BOTH.map(|side| {
            let scale = book.scale(side, open_interest)?.to_open_interest / learner.reported_per_standing();
            Some(DrawnLevels::new(book, side, &book.with_factors(learner.weights()), scale, &draws))
        }) else {
            return None;
        };
        Some(Self { weights: vec![1.0 / MEMBERS as f64; MEMBERS], sides: [long, short] })
    }
}

impl DrawnLevels {
    /// One side under every draw. `weights` have the lazy factors in them, `scale` makes unit flow contracts.
    fn new(book: &FlowBook, side: Side, weights: &[f64], scale: f64, draws: &Draws) -> Self {
        let bins = book.side(side).bins();
        let lanes = book.model().lane_count();
        let first = bins.start.div_euclid(BINS_PER_ROW) * BINS_PER_ROW;
        let mut contracts = Vec::new();
        let mut cells = vec![0.0; weights.len()];
        // The classes that hold anything in the row; far from the price they are few.
        let mut held = Vec::with_capacity(weights.len() / lanes);
        for row in (first..bins.end).step_by(usize::try_from(BINS_PER_ROW).unwrap_or(1)) {
            cells.fill(0.0);
            for bin in row..row + BINS_PER_ROW {
                let Some(stored) = book.side(side).level_cells(bin) else { continue };
                for ((sum, cell), weight) in cells.iter_mut().zip(stored).zip(weights) {
                    *sum += f64::from(*cell) * weight;
                }
            }
            held.clear();
            let classes = cells.chunks_exact(lanes).enumerate();
            let holds = |(class, cells): (usize, &[f64])| cells.iter().any(|c| *c != 0.0).then_some(class);
            held.extend(classes.filter_map(holds));
            for (lane, member_scale) in draws.lanes.iter().zip(&draws.scale) {
                let start = contracts.len();
                contracts.resize(start + LAW_DRAWS, 0.0);
                let members = &mut contracts[start..];
                for class in &held {
                    let cells = &cells[class * lanes..(class + 1) * lanes];
                    let mass = single(scale * cells.iter().zip(lane).map(|(c, l)| c * l).sum::<f64>());
                    for (member, multiplier) in members.iter_mut().zip(&draws.by_class[*class]) {
                        *member += mass * multiplier;
                    }
                }
                for (member, scale) in members.iter_mut().zip(member_scale) {
                    *member *= single(*scale);
                }
            }
        }
        Self { first, bins_per_row: BINS_PER_ROW, contracts }
    }
}

#[allow(clippy::cast_possible_truncation)] // seven digits are plenty for a draw
fn single(value: f64) -> f32 {
    value as f32
}
