//! The newest views.

use std::sync::Arc;

use liqlens_ask::{Basis, Opened};
use liqlens_market::{MarketId, Timestamp};
use liqlens_model::ModelId;
use liqlens_query::View;
use moka::sync::Cache;

/// Views kept. Each holds the levels of its market, which is about ten megabytes where a model learns.
const MOST_VIEWS: u64 = 32;

/// The newest views, by what decides them.
pub(super) struct Views(Cache<Key, Arc<View>>);

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    market: MarketId,
    /// The market in the asker's words, which documents repeat.
    symbol: String,
    whole_coin: bool,
    /// Names the schedule that the model was set up with.
    margin_table: String,
    measured: bool,
    model: Option<ModelId>,
    as_of: Timestamp,
}

impl Default for Views {
    fn default() -> Self {
        Self(Cache::new(MOST_VIEWS))
    }
}

impl Views {
    pub(super) fn get(&self, opened: &Opened, at: Timestamp) -> Option<Arc<View>> {
        self.0.get(&Key::of(opened, at))
    }

    pub(super) fn keep(&self, opened: &Opened, at: Timestamp, view: Arc<View>) {
        self.0.insert(Key::of(opened, at), view);
    }
}

impl Key {
    fn of(opened: &Opened, as_of: Timestamp) -> Self {
        let (measured, model) = match &opened.basis {
            Basis::Modelled(model) => (false, Some(model.id)),
            Basis::Measured(model) => (true, model.as_ref().map(|model| model.id)),
        };
        Self {
            market: opened.instrument.market.clone(),
            symbol: opened.subject.symbol.clone(),
            whole_coin: opened.subject.whole_coin,
            margin_table: opened.subject.margin_table.clone(),
            measured,
            model,
            as_of,
        }
    }
}
