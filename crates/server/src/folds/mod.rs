//! Markets folded, so that a view as of any moment is near.

use std::sync::Arc;

use liqlens_ask::{Failure, Folding, FromStart, Opened, Seen, Silent, Source};
use liqlens_market::Timestamp;
use liqlens_model::FlowModel;
use liqlens_query::document::Heatmap;
use liqlens_query::{AskError, HeatmapOptions};

/// Markets folded, and views kept.
pub struct Folds {
    source: Arc<Source>,
}

impl Folds {
    /// Nothing folded yet.
    pub const fn new(source: Arc<Source>, _bytes: u64) -> Self {
        Self { source }
    }
}

impl Folding for &Folds {
    fn views(&self, opened: &Opened, stops: &[Timestamp]) -> Result<Vec<Seen>, Failure> {
        FromStart::new(&self.source, &Silent).views(opened, stops)
    }

    fn heatmap(
        &self,
        opened: &Opened,
        model: &FlowModel,
        options: &HeatmapOptions,
    ) -> Result<Result<Heatmap, AskError>, Failure> {
        FromStart::new(&self.source, &Silent).heatmap(opened, model, options)
    }
}
