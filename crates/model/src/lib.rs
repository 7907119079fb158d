//! What is assumed about positions: where they open, how far their liquidation lies, how they close.
//!
//! A [`FlowModel`] is a set of named parameters, not code: the peers' method (M0) and the flow model that
//! conserves open interest (M1) are two parameter sets of one machine, run by the engine crate over the
//! same events. All geometry is in log price on a fixed [`LogGrid`].

mod classes;
mod ensemble;
mod extents;
mod flow;
mod grid;
mod law;
mod levels;
mod occupancy;
mod openings;
mod pools;
mod reporting;

pub use classes::{BANDS, Class, LeverageBand, distance_classes, leverage_classes};
pub use ensemble::{Deviates, Draws, LANE_DRAWS, LAW_DRAWS, MEMBERS, Spread};
pub use flow::{Attribution, FlowModel, Lanes, ModelError, ModelId};
pub use grid::{BinIndex, BlockPrices, LogGrid, PriceWalk};
pub use law::{INFORMED_COUNT, Law, Learning, Row};
pub use levels::{LevelBook, Swept};
pub use occupancy::{is_saturated, occupancy_count};
pub use openings::Openings;
pub use pools::{Pool, SPEC_POOLS, prior_weights};
pub use reporting::{Feed, ReportedShare};
