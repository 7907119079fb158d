//! What all parts of the server share.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use liqlens_ask::{Failure, Source};
use liqlens_market::Timestamp;
use tokio::sync::watch;

use crate::config::Config;
use crate::folds::Folds;
use crate::loading::Loading;
use crate::metrics::Metrics;
use crate::rest::Answers;
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
    /// How far the first reading of the markets is.
    pub loading: Loading,
    /// Answers being made, and those kept.
    pub answers: Answers,
    /// What is counted.
    pub metrics: Metrics,
    /// When the server was started.
    pub started: Timestamp,
    /// Turns true when the server is to stop.
    closing: watch::Sender<bool>,
}

impl App {
    /// Opens the data.
    pub fn open(config: Config) -> Result<Arc<Self>, Failure> {
        let source = Arc::new(Source::open(config.data.as_deref())?);
        let folds = Arc::new(Folds::new(source.clone(), config.limits.fold_bytes));
        let stage = Arc::new(Stage::open(&source, config.replay.as_ref())?);
        let (closing, _) = watch::channel(false);
        Ok(Arc::new(Self {
            loading: Loading::new(&source)?,
            answers: Answers::new(&config.limits),
            metrics: Metrics::new(),
            started: clock(),
            config,
            source,
            folds,
            stage,
            closing,
        }))
    }

    /// Tells every part to come to an end.
    pub fn close(&self) {
        self.loading.stop();
        self.closing.send_replace(true);
    }

    /// Ready when the server is to stop.
    pub async fn closed(&self) {
        let mut closing = self.closing();
        // The sender lives as long as the app.
        let _ = closing.wait_for(|closing| *closing).await.map(drop);
    }

    /// Turns true when the server is to stop: what lives longer than a request watches it.
    pub fn closing(&self) -> watch::Receiver<bool> {
        self.closing.subscribe()
    }
}

/// What the machine's clock says.
fn clock() -> Timestamp {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_nanos(i64::try_from(since_epoch.as_nanos()).unwrap_or(i64::MAX))
}
