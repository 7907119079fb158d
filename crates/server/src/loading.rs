//! Reading every market once, in the background, so that questions find it folded.

use std::sync::{Arc, Mutex, PoisonError};

use liqlens_ask::request::AsOf;
use liqlens_ask::{Failure, Folding as _, Scope, Source, open};
use liqlens_market::Timestamp;
use liqlens_query::document::{MarketHealth, MarketState};

use crate::app::App;
use crate::folds::Wanted;

/// How far the reading is.
#[derive(Debug)]
pub struct Loading {
    markets: Mutex<Vec<MarketHealth>>,
    from: Mutex<Option<Timestamp>>,
    wanted: Wanted,
}

impl Loading {
    /// Nothing read yet.
    pub(crate) fn new(source: &Source) -> Result<Self, Failure> {
        let instruments = source.markets()?;
        let markets = instruments.iter().map(|instrument| {
            let market = &instrument.market;
            let named = instruments.iter().filter(|other| other.base == instrument.base).count();
            MarketHealth {
                symbol: if named == 1 { instrument.base.clone() } else { market.to_string() },
                market: market.to_string(),
                state: MarketState::Loading,
                newest: None,
                problem: None,
            }
        });
        let markets = Mutex::new(markets.collect());
        Ok(Self { markets, from: Mutex::default(), wanted: Wanted::default() })
    }

    /// The markets as they are now.
    pub fn markets(&self) -> Vec<MarketHealth> {
        lock(&self.markets).clone()
    }

    /// Beginning of the data, once it is known.
    pub fn from(&self) -> Option<Timestamp> {
        *lock(&self.from)
    }

    /// Ends the reading early.
    pub(crate) fn stop(&self) {
        self.wanted.give_up();
    }

    /// Reads every market, one after the other.
    pub(crate) fn run(app: &Arc<App>) {
        let loading = &app.loading;
        let markets = loading.markets();
        for (index, market) in markets.iter().enumerate() {
            let read = loading.read(app, &market.market);
            if loading.wanted.given_up() {
                return;
            }
            if let Some(market) = lock(&loading.markets).get_mut(index) {
                match read {
                    Ok(newest) => {
                        market.state = MarketState::Ready;
                        market.newest = Some(newest.to_string());
                    }
                    Err(failure) => {
                        tracing::warn!(market = market.market, "{} {}", failure.what, failure.why);
                        market.state = MarketState::Failed;
                        market.problem = Some(format!("{} {}", failure.what, failure.why));
                    }
                }
            }
        }
        tracing::info!(markets = markets.len(), "all markets are read");
    }

    fn read(&self, app: &App, market: &str) -> Result<Timestamp, Failure> {
        let scope = Scope { as_of: AsOf::Newest, evidence: None, model: None };
        let opened = open(&app.source, market, &scope)?;
        if let Some(first) = app.source.first(&opened.instrument.market)? {
            let mut from = lock(&self.from);
            *from = Some(from.map_or(first, |from| from.min(first)));
        }
        // A market too young to be asked is read all the same.
        app.folds.wanted_by(&self.wanted).views(&opened, &[opened.as_of])?;
        Ok(opened.as_of)
    }
}

fn lock<T>(shared: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
