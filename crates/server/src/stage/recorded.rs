//! Recorded data as a stage follows them: logs from the source, beginnings from the states that requests keep.

use std::sync::{Arc, mpsc};

use liqlens_ask::{Failure, Opened, Scope, Source, listed, open};
use liqlens_market::{Log, MarketId, Timestamp};
use liqlens_model::FlowModel;

use super::walker::{Recording, Telling};
use crate::folds::{Folds, Wanted};

/// Recorded data.
pub struct Recorded {
    /// Where the events are.
    pub source: Arc<Source>,
    /// Markets folded.
    pub folds: Arc<Folds>,
}

/// Ends the work when nobody is interested any more.
struct Interest(Wanted);

impl Drop for Interest {
    fn drop(&mut self) {
        self.0.give_up();
    }
}

impl Recording for Recorded {
    fn open(&self, symbol: &str, scope: &Scope) -> Result<Opened, Failure> {
        open(&self.source, symbol, scope)
    }

    fn log(&self, log: &MarketId, from: Timestamp) -> Result<Box<dyn Log + '_>, Failure> {
        Ok(Box::new(self.source.events_between(log, from, Timestamp::LATEST)?))
    }

    fn state(&self, opened: &Opened, model: &FlowModel, at: Timestamp) -> Option<Telling> {
        let (sender, receiver) = mpsc::channel();
        let wanted = Wanted::default();
        let (folds, opened, model) = (self.folds.clone(), opened.clone(), model.clone());
        let interest = Interest(wanted.clone());
        let work = move || {
            if let Ok(market) = folds.market(&opened, &model, at, &wanted) {
                // Whoever asked may be gone.
                let _ = sender.send(Box::new(market));
            }
        };
        std::thread::Builder::new().name("state".to_owned()).spawn(work).ok()?;
        Some(Telling { receiver, wanted: Box::new(interest) })
    }

    fn symbols(&self) -> Result<Vec<String>, Failure> {
        Ok(listed(&self.source)?.into_iter().map(|market| market.symbol).collect())
    }
}
