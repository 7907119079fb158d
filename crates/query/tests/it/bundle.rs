//! The bundled market, folded.

use std::sync::LazyLock;

use liqlens_engine::Market;
use liqlens_files::{Options, bundled, collect_bytes};
use liqlens_market::{Event, Instrument, MarketId, Span, Timestamp};
use liqlens_model::{FlowModel, ModelId};
use liqlens_query::{Subject, View, views};

/// Every bundled event in log order.
pub(crate) static EVENTS: LazyLock<Vec<Event>> = LazyLock::new(|| {
    let mut events = Vec::new();
    for file in bundled::FILES {
        let (_, read) = collect_bytes(file.name, file.bytes, &Options::default()).unwrap();
        events.extend(read);
    }
    events.sort_by(Event::log_order);
    events
});

pub(crate) fn time(text: &str) -> Timestamp {
    Timestamp::parse_text(text).unwrap()
}

/// Last minute of the bundled one-minute feed.
pub(crate) fn end() -> Timestamp {
    time("2026-03-20T23:59:00Z")
}

pub(crate) fn instrument() -> Instrument {
    let market: MarketId = "binance:BTCUSDT".parse().unwrap();
    Instrument::from_market(market).unwrap()
}

pub(crate) fn model(id: ModelId) -> FlowModel {
    let instrument = instrument();
    let table = liqlens_margin::table(&instrument.market, end()).unwrap();
    FlowModel::new(id, &instrument, &table.table).unwrap()
}

pub(crate) fn subject() -> Subject {
    Subject { symbol: "BTC".to_owned(), whole_coin: true, margin_table: "test".to_owned() }
}

/// Events known from `days` before `to` until `to`, in log order.
pub(crate) fn events(to: Timestamp, days: i64) -> impl Iterator<Item = Event> {
    let from = to - Span::DAY.times(days);
    EVENTS.iter().filter(move |e| e.known_ts > from && e.known_ts <= to).cloned()
}

/// A fresh market of the bundled instrument.
pub(crate) fn market(id: ModelId) -> Market {
    Market::new(instrument(), model(id))
}

/// The market at a moment, after `days` of history.
pub(crate) fn view(id: ModelId, at: Timestamp, days: i64) -> View {
    views(&mut market(id), &subject(), events(at, days), &[at]).remove(0).unwrap()
}
