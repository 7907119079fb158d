//! Folding a market's events up to one or several moments.

use liqlens_engine::Market;
use liqlens_market::{Event, Timestamp};

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
