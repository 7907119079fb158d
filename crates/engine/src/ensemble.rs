//! What the ensemble says: the same map under many draws of what is uncertain in it.

use liqlens_model::BinIndex;

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
