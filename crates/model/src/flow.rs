//! The parameter set that turns traded volume and open interest into standing positions.

use liqlens_market::{Instrument, MarginTable, MarginTableError, MarginTier, Span};
use serde::{Deserialize, Serialize};

use crate::classes::{Class, distance_classes, leverage_classes};
use crate::grid::LogGrid;
use crate::law::Learning;
use crate::pools::{Pool, SPEC_POOLS, prior_weights};

/// The models that can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ModelId {
    /// The peers' way: traded volume × fixed leverages, deleted on touch, never balanced.
    M0,
    /// Flow model that conserves open interest on both sides.
    M1,
    /// M1 with the distance law learned from the liquidations that the venue reports.
    M2,
}

impl ModelId {
    /// Name in commands and documents.
    pub const fn id(self) -> &'static str {
        match self {
            Self::M0 => "m0",
            Self::M1 => "m1",
            Self::M2 => "m2",
        }
    }
}

/// How positions leave, other than by being swept: the lanes that share a class's row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Lanes {
    /// Exponential holding-time pools with a volume clock.
    Pools(Vec<Pool>),
    /// No closing at all; mass older than `count − 1` layers is dropped.
    Layers {
        /// Length of one layer.
        length: Span,
        /// Layers kept, including the current one.
        count: usize,
    },
}

/// Which side traded volume opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Attribution {
    /// Each contract traded may open one long and one short: `(V + ΔOI)/2` on each side.
    BothSides,
    /// Taker buys open longs, taker sells open shorts (the peers' habit; it breaks longs = shorts).
    TakerSide,
    /// A rise of open interest opens on both sides over the profile of traded prices; nothing else does.
    RiseOnBothSides,
    /// A rise of open interest opens longs where takers bought and shorts where takers sold; a fall removes the
    /// same share everywhere.
    RiseByTaker,
}

/// A model's parameters, resolved for one market.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FlowModel {
    /// Which model.
    pub id: ModelId,
    /// The grid its mass lives on.
    pub grid: LogGrid,
    /// Distance classes.
    pub classes: Vec<Class>,
    /// How positions leave.
    pub lanes: Lanes,
    /// Share of opened flow per (class, lane), row by row.
    pub weights: Vec<f64>,
    /// Share of opened flow per lane that has no liquidation price.
    pub never: Vec<f64>,
    /// Which side volume opens.
    pub attribution: Attribution,
    /// Whether a sweep that ends inside a bin removes the part of it that was passed. Switched off, the bin stands
    /// until it is passed as a whole: an ablation, no model does it.
    pub fractional_boundary: bool,
    /// Whether output is scaled to open interest.
    pub reconciled: bool,
    /// How the weights are learned from liquidation reports; `None` keeps the prior ones.
    pub learning: Option<Learning>,
}

/// Why a model cannot be set up for a market.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ModelError {
    /// The peers' flat schedule could not be built.
    #[error(transparent)]
    Table(#[from] MarginTableError),
}

/// M0a: nominal leverages assumed by the reference peer, equal weights.
const PEER_LEVERAGES: [f64; 4] = [10.0, 25.0, 50.0, 100.0];
/// Flat maintenance rate the peers assume.
const PEER_MAINTENANCE: f64 = 0.005;
/// Days of volume the reference peer keeps, in daily layers.
const PEER_LOOKBACK_DAYS: usize = 7;

impl FlowModel {
    /// The model `id` for an instrument with its maintenance schedule.
    pub fn new(id: ModelId, instrument: &Instrument, table: &MarginTable) -> Result<Self, ModelError> {
        match id {
            ModelId::M0 => Self::m0(instrument),
            ModelId::M1 => Ok(Self::m1(instrument, table, &SPEC_POOLS)),
            ModelId::M2 => Ok(Self::m2(instrument, table, &SPEC_POOLS, Learning::SPEC)),
        }
    }

    /// M0a of the model specification, section 4: each taker buy puts long mass at its price less the
    /// distance of 10×, 25×, 50× and 100×, each taker sell short mass above; swept mass is deleted, the
    /// rest after seven days. It is not scaled to open interest, because its users do not scale it.
    fn m0(instrument: &Instrument) -> Result<Self, ModelError> {
        let flat = MarginTable::new(vec![MarginTier {
            floor: 0.0,
            cap: f64::INFINITY,
            maintenance_rate: PEER_MAINTENANCE,
            maintenance_amount: 0.0,
            max_leverage: 125.0,
        }])?;
        let grid = LogGrid::STANDARD;
        let count = PEER_LOOKBACK_DAYS + 1;
        let weight = 1.0 / PEER_LEVERAGES.len() as f64;
        Ok(Self {
            id: ModelId::M0,
            grid,
            classes: leverage_classes(grid, instrument.contract, &flat, &PEER_LEVERAGES),
            lanes: Lanes::Layers { length: Span::DAY, count },
            weights: vec![weight; PEER_LEVERAGES.len() * count],
            never: vec![0.0; count],
            attribution: Attribution::TakerSide,
            fractional_boundary: true,
            reconciled: false,
            learning: None,
        })
    }

    /// M1 of the model specification, section 5, with the given pools.
    pub fn m1(instrument: &Instrument, table: &MarginTable, pools: &[Pool]) -> Self {
        let grid = LogGrid::STANDARD;
        let (classes, edges) = distance_classes(grid, instrument.contract, table);
        let (weights, never) = prior_weights(pools, &edges);
        Self {
            id: ModelId::M1,
            grid,
            classes,
            lanes: Lanes::Pools(pools.to_vec()),
            weights,
            never,
            attribution: Attribution::BothSides,
            fractional_boundary: true,
            reconciled: true,
            learning: None,
        }
    }

    /// M2 of the model specification, section 6: M1 that learns its distance law.
    pub fn m2(instrument: &Instrument, table: &MarginTable, pools: &[Pool], learning: Learning) -> Self {
        Self { id: ModelId::M2, learning: Some(learning), ..Self::m1(instrument, table, pools) }
    }

    /// Number of lanes.
    pub fn lane_count(&self) -> usize {
        match &self.lanes {
            Lanes::Pools(pools) => pools.len(),
            Lanes::Layers { count, .. } => *count,
        }
    }

    /// The same model with both sides' distances set to the longs': what makes a mirror image exact.
    #[must_use]
    pub fn with_symmetric_distances(mut self) -> Self {
        for class in &mut self.classes {
            class.shift[1] = class.shift[0];
        }
        self
    }
}
