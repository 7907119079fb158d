//! What is kept of closed windows: cells and rates in columns of 32-bit numbers, so that a hundred days of
//! one-minute windows and a dozen models fit into memory.

use liqlens_score::Window;

/// A cell of a closed window.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Kept {
    /// Signed whole bins from the price at issue, longs below 0, of the cell's nearest piece, and beyond by one
    /// so that both sides of the price's own bin differ.
    pub(super) place: i32,
    /// Swept bins.
    pub(super) width: f32,
    /// Prints.
    pub(super) prints: f32,
    /// Contracts printed.
    pub(super) contracts: f32,
}

/// One model's columns.
#[derive(Debug, Clone, Default)]
pub(super) struct ModelColumns {
    /// Map mass per cell, contracts.
    pub(super) map: Vec<f32>,
    /// Expected events per cell, map and uniform.
    pub(super) plain: Vec<f32>,
    /// Expected events per cell, map and bands of distance.
    pub(super) product: Vec<f32>,
    /// Events per window that the product head puts down to the map.
    pub(super) by_map: Vec<f32>,
    /// Whether the model had a map, per window.
    pub(super) had_map: Vec<bool>,
}

/// How the forecast of one window's total fared.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct TotalKept {
    /// Predicted contracts.
    pub(super) expected: f32,
    /// Probability integral transform; NaN without a forecast.
    pub(super) transform: f32,
    /// CRPS of the predictive law, contracts; NaN without a forecast.
    pub(super) crps: f32,
    /// Pinball losses at the ends of the 80 % band, contracts; NaN without a band.
    pub(super) pinball: [f32; 2],
    /// Bit `k`: the `k`-th band held the total.
    pub(super) inside: u8,
    /// Whether bands were given, and whether they were learned ones.
    pub(super) banded: bool,
    pub(super) learned: bool,
}

/// Everything kept of one horizon.
#[derive(Debug, Clone, Default)]
pub(super) struct Record {
    pub(super) windows: Vec<Window>,
    /// Per window: contracts printed, placed or not.
    pub(super) contracts: Vec<f64>,
    pub(super) cells: Vec<Kept>,
    /// References: uniform, and by distance.
    pub(super) uniform: Vec<f32>,
    pub(super) distance: Vec<f32>,
    pub(super) models: Vec<ModelColumns>,
    /// Totals by forecast (the two references, then the models) and window.
    pub(super) totals: Vec<Vec<TotalKept>>,
    /// Windows whose heads had been fitted when they opened.
    pub(super) first_fitted: Option<usize>,
    /// Windows left out because a minute in them was missing.
    pub(super) incomplete: u32,
    /// Cells that reach beyond the part of the map that was read.
    pub(super) beyond: u64,
    pub(super) unplaced: f64,
}

impl Record {
    pub(super) fn new(models: usize) -> Self {
        Self {
            models: vec![ModelColumns::default(); models],
            totals: vec![Vec::new(); models + 2],
            ..Self::default()
        }
    }
}

#[allow(clippy::cast_possible_truncation)] // seven digits are plenty for a score
pub(super) const fn narrow(value: f64) -> f32 {
    value as f32
}
