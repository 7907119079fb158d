//! Documents asked of books: reach, at, map, clusters, heatmap, brief and accounts.
//!
//! A [`View`] is one market at one moment. It answers every question from the same two cumulative curves,
//! so that no two figures of an answer can disagree. Nothing here reads files or clocks: the caller folds
//! events into a market (or lets [`views`] do it) and asks.

mod account;
mod answers;
mod balance;
mod brief;
mod catalogue;
mod clusters;
mod curve;
pub mod document;
mod drawn;
mod heatmap;
mod intervals;
mod ladder;
mod liqprice;
mod measured;
mod overview;
mod replay;
mod reporting;
mod rounding;
mod score;
pub mod series;
mod stamp;
#[cfg(test)]
mod testing;
mod tiers;
#[cfg(test)]
mod under_draws;
mod view;

pub use account::{Betas, account_document};
pub use answers::{MAX_BINS, MapOptions};
pub use brief::{BriefInputs, compose};
pub use catalogue::{liquidation_convention, symbol_facts, symbols, venues};
pub use document::format;
pub use heatmap::{
    HeatmapLevel, HeatmapLog, HeatmapLogError, HeatmapOptions, MAX_CELLS, MAX_COLUMNS, heatmap,
};
pub use ladder::LadderOptions;
pub use liqprice::{HedgeLeg, LiqPriceAsk, LiqPriceError, liqprice};
pub use measured::{AccountsOptions, MAX_ACCOUNTS};
pub use overview::overview;
pub use replay::{IntoLog, Runs, fold_known, measured_views, views};
pub use score::conclude;
pub use tiers::{schedules, tiers};
pub use view::{AskError, Subject, View};
