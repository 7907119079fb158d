//! Folding a market's events up to one or several moments.

use liqlens_engine::{AccountBook, Market};
use liqlens_market::{Event, EventLog, Instrument, Log, Step, Timestamp};

use crate::view::{AskError, Subject, View};

/// What can be folded: events one by one – anything that yields them in log order – or, in [`Runs`], a log
/// that has its trades in runs.
pub trait IntoLog {
    /// The log.
    type Log: Log;

    /// Makes a log of it.
    fn into_log(self) -> Self::Log;
}

impl<I: IntoIterator<Item = Event>> IntoLog for I {
    type Log = EventLog<I::IntoIter>;

    fn into_log(self) -> Self::Log {
        EventLog::new(self)
    }
}

/// A log taken as it is, and still there afterwards: some tell only then what could not be read.
#[derive(Debug)]
pub struct Runs<'a, L>(pub &'a mut L);

impl<L: Log> Log for Runs<'_, L> {
    fn next_known(&mut self, until: Timestamp) -> Option<Step<'_>> {
        self.0.next_known(until)
    }
}

impl<L: Log> IntoLog for Runs<'_, L> {
    type Log = Self;

    fn into_log(self) -> Self {
        self
    }
}

/// Folds a log into `market` and looks at it at each of `stops`, which must not fall. An event counts for a
/// stop if it was known by then.
///
/// Views come in the order of the stops. A stop at which the market could not be asked has its error.
pub fn views(
    market: &mut Market,
    subject: &Subject,
    log: impl IntoLog,
    stops: &[Timestamp],
) -> Vec<Result<View, AskError>> {
    let mut views = Vec::with_capacity(stops.len());
    fold_until(market, log, stops, |market, stop| {
        views.push(View::new(market, subject.clone(), stop));
    });
    views
}

/// As [`views`], of a market whose venue's accounts are public: folds the account log into `accounts` and,
/// where the market has events of its own, those into `market`.
pub fn measured_views<M: IntoLog>(
    accounts: &mut AccountBook,
    account_log: impl IntoLog,
    market: Option<(&mut Market, M)>,
    instrument: &Instrument,
    subject: &Subject,
    stops: &[Timestamp],
) -> Vec<Result<View, AskError>> {
    let mut account_log = account_log.into_log();
    let mut market = market.map(|(market, log)| (market, log.into_log()));
    stops
        .iter()
        .map(|stop| {
            while let Some(step) = account_log.next_known(*stop) {
                match step {
                    Step::Event(event) => accounts.step(&event),
                    Step::Trades(trades) => trades.events().for_each(|event| accounts.step(&event)),
                }
            }
            if let Some((market, log)) = &mut market {
                fold_known(market, log, *stop);
            }
            let market = market.as_ref().map(|(market, _)| &**market);
            View::of_accounts(accounts, market, instrument.clone(), subject.clone(), *stop)
        })
        .collect()
}

/// Folds a log and calls `at_stop` with the market as it was known at each stop.
pub(crate) fn fold_until(
    market: &mut Market,
    log: impl IntoLog,
    stops: &[Timestamp],
    mut at_stop: impl FnMut(&Market, Timestamp),
) {
    let mut log = log.into_log();
    for stop in stops {
        fold_known(market, &mut log, *stop);
        at_stop(market, *stop);
    }
}

/// Folds what was known by `until`, and lets the time pass until then.
pub fn fold_known(market: &mut Market, log: &mut impl Log, until: Timestamp) {
    while let Some(step) = log.next_known(until) {
        match step {
            Step::Event(event) => market.step(&event),
            Step::Trades(trades) => market.step_trades(trades),
        }
    }
    market.advance(until);
}
