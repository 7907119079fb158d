//! What was recorded, against the recorded files themselves.

mod candles;
mod gaps;
mod made;
mod points;
pub(crate) mod raw;
mod tape;

use std::sync::LazyLock;

use liqlens_market::{Event, Instrument, Timestamp};
use liqlens_query::series::SeriesAsk;

use crate::bundle::{instrument, time};

pub(crate) static INSTRUMENT: LazyLock<Instrument> = LazyLock::new(instrument);

/// A question about the bundled market, asked when its data had ended.
pub(crate) fn ask(from: Timestamp, to: Timestamp) -> SeriesAsk<'static> {
    SeriesAsk { symbol: "BTC", instrument: &INSTRUMENT, as_of: time("2026-06-12T00:00:00Z"), from, to }
}

/// Every bundled event.
fn log() -> impl Iterator<Item = Event> {
    crate::bundle::EVENTS.iter().cloned()
}
