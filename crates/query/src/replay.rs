//! Folding a market's events up to one or several moments.

use liqlens_engine::{AccountBook, Market};
use liqlens_market::{Event, Instrument, Timestamp};

use crate::view::{AskError, Subject, View};

/// Folds events (in log order) into `market` and looks at it at each of `stops`, which must not fall. An
/// event counts for a stop if it was known by then.
///
/// Views come in the order of the stops. A stop at which the market could not be asked has its error.
pub fn views(
    market: &mut Market,
    subject: &Subject,
    events: impl IntoIterator<Item = Event>,
    stops: &[Timestamp],
) -> Vec<Result<View, AskError>> {
    let mut views = Vec::with_capacity(stops.len());
    fold_until(market, events, stops, |market, stop| {
        views.push(View::new(market, subject.clone(), stop));
    });
    views
}

/// As [`views`], of a market whose venue's accounts are public: folds the account log into `accounts` and,
/// where the market has events of its own, those into `market`.
pub fn measured_views<M: IntoIterator<Item = Event>>(
    accounts: &mut AccountBook,
    account_events: impl IntoIterator<Item = Event>,
    market: Option<(&mut Market, M)>,
    instrument: &Instrument,
    subject: &Subject,
    stops: &[Timestamp],
) -> Vec<Result<View, AskError>> {
    let mut account_events = account_events.into_iter().peekable();
    let mut market = market.map(|(market, events)| (market, events.into_iter().peekable()));
    stops
        .iter()
        .map(|stop| {
            while let Some(event) = account_events.next_if(|event| event.known_ts <= *stop) {
                accounts.step(&event);
            }
            if let Some((market, events)) = &mut market {
                while let Some(event) = events.next_if(|event| event.known_ts <= *stop) {
                    market.step(&event);
                }
                market.advance(*stop);
            }
            let market = market.as_ref().map(|(market, _)| &**market);
            View::of_accounts(accounts, market, instrument.clone(), subject.clone(), *stop)
        })
        .collect()
}

/// Folds events and calls `at_stop` with the market as it was known at each stop.
pub(crate) fn fold_until(
    market: &mut Market,
    events: impl IntoIterator<Item = Event>,
    stops: &[Timestamp],
    mut at_stop: impl FnMut(&Market, Timestamp),
) {
    let mut stops = stops.iter().copied().peekable();
    for event in events {
        while let Some(stop) = stops.next_if(|stop| event.known_ts > *stop) {
            market.advance(stop);
            at_stop(market, stop);
        }
        if stops.peek().is_none() {
            return;
        }
        market.step(&event);
    }
    for stop in stops {
        market.advance(stop);
        at_stop(market, stop);
    }
}
