//! What all parts of the server share.

use std::sync::Arc;

use liqlens_ask::{Failure, Source};
use tokio::sync::watch;

use crate::config::Config;
use crate::folds::Folds;
use crate::metrics::Metrics;
use crate::stage::Stage;

/// What all parts of the server share.
pub struct App {
    /// What the server was told.
    pub config: Config,
    /// Where the events are.
    pub source: Arc<Source>,
    /// Markets folded, and views kept.
    pub folds: Arc<Folds>,
    /// The clock, and what moves with it.
    pub stage: Arc<Stage>,
    /// What is counted.
    pub metrics: Metrics,
    /// Turns true when the server is to stop.
    closing: watch::Sender<bool>,
}

impl App {
    /// Opens the data.
    pub fn open(config: Config) -> Result<Arc<Self>, Failure> {
        let source = Arc::new(Source::open(config.data.as_deref())?);
        let folds = Arc::new(Folds::new(source.clone(), config.limits.fold_bytes));
        let stage = Arc::new(Stage::open(&source)?);
        let (closing, _) = watch::channel(false);
        Ok(Arc::new(Self { config, source, folds, stage, metrics: Metrics::new(), closing }))
    }

    /// Tells every part to come to an end.
    pub fn close(&self) {
        self.closing.send_replace(true);
    }

    /// Turns true when the server is to stop: what lives longer than a request watches it.
    pub fn closing(&self) -> watch::Receiver<bool> {
        self.closing.subscribe()
    }
}
