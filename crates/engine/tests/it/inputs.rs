//! Odd inputs: overlapping resolutions, late events, holes, missing open interest.

use liqlens_engine::Market;
use liqlens_market::{
    Bar, BarSource, Event, EventBody, Instrument, MarginTable, MarginTier, OpenInterest, Price, Side, Size,
    Span, Taker, Timestamp, Trade,
};
use liqlens_model::{FlowModel, Learning, ModelId};

pub(crate) fn instrument() -> Instrument {
    Instrument::from_market("binance:BTCUSDT".parse().unwrap()).unwrap()
}

/// M1 with one flat maintenance rate of 0.4 %.
pub(crate) fn model() -> FlowModel {
    model_of(ModelId::M1)
}

/// A model with one flat maintenance rate of 0.4 %.
pub(crate) fn model_of(id: ModelId) -> FlowModel {
    let tier = MarginTier {
        floor: 0.0,
        cap: 1e12,
        maintenance_rate: 0.004,
        maintenance_amount: 0.0,
        max_leverage: 125.0,
    };
    FlowModel::new(id, &instrument(), &MarginTable::new(vec![tier]).unwrap()).unwrap()
}

pub(crate) fn market() -> Market {
    Market::new(instrument(), model())
}

/// M2 that fits every hour, so that short histories learn.
pub(crate) fn learning_market() -> Market {
    let mut model = model_of(ModelId::M2);
    model.learning = Some(Learning { refit_hours: 1, row_minutes: 60, ..Learning::SPEC });
    Market::new(instrument(), model)
}

pub(crate) fn start() -> Timestamp {
    Timestamp::parse_text("2026-03-01T00:00:00Z").unwrap()
}

pub(crate) fn minutes(count: i64) -> Span {
    Span::MINUTE.times(count)
}

pub(crate) fn price(value: f64) -> Price {
    Price::from_f64(value).unwrap()
}

pub(crate) fn size(value: f64) -> Size {
    Size::from_f64(value).unwrap()
}

pub(crate) fn bar(from: i64, length: i64, low: f64, high: f64, volume: f64) -> Event {
    Event::bar(
        start() + minutes(from),
        Bar {
            source: BarSource::Trades,
            length: minutes(length),
            open: price(low),
            high: price(high),
            low: price(low),
            close: price(high),
            volume: size(volume),
            taker_buy: None,
        },
    )
}

fn open_interest(minute: i64, contracts: f64) -> Event {
    let reading = OpenInterest { size: size(contracts), value: None };
    Event::at(start() + minutes(minute), EventBody::OpenInterest(reading))
}

fn run(mut events: Vec<Event>) -> Market {
    events.sort_by(Event::log_order);
    let mut market = market();
    for event in &events {
        market.step(event);
    }
    market
}

fn opened(market: &Market) -> f64 {
    let flows = market.standing().unwrap().sides[Side::Long.index()].flows;
    let scale = market.standing().unwrap().sides[Side::Long.index()].scale;
    flows.opened / scale
}

/// 73 % of the flow that opens ever rests (the pools' shares); half of volume opens each side.
fn rested(volume: f64) -> f64 {
    volume / 2.0 * 0.73
}

#[test]
fn a_coarse_bar_counts_only_where_nothing_finer_did() {
    // One hour, of which the first 40 minutes are covered by five-minute bars holding 80 of 120 contracts.
    let mut events: Vec<Event> = (0..8).map(|i| bar(i * 5, 5, 100.0, 101.0, 10.0)).collect();
    events.push(bar(0, 60, 100.0, 103.0, 120.0));
    events.push(open_interest(0, 1_000.0));
    let market = run(events);
    let counters = market.counters();
    assert_eq!((counters.partial_bars, counters.superseded_bars, counters.gaps), (1, 0, 0));
    let period = market.period(start(), start() + minutes(60)).unwrap();
    assert_eq!(period.ohlc[1..], [103.0, 100.0, 103.0]);
    assert_eq!(market.history(), Span::HOUR);

    // The same hour in five-minute bars throughout sets the coarse bar aside.
    let mut events: Vec<Event> = (0..12).map(|i| bar(i * 5, 5, 100.0, 101.0, 10.0)).collect();
    events.push(open_interest(0, 1_000.0));
    let fine = run(events.clone());
    events.push(bar(0, 60, 100.0, 101.0, 120.0));
    let both = run(events);
    assert_eq!(both.counters().superseded_bars, 1);
    assert_eq!(fine.standing(), both.standing());
}

#[test]
fn an_hourly_bar_opens_what_its_minutes_would() {
    let by_minute: Vec<Event> =
        (0..120).map(|i| bar(i, 1, 100.0, 100.01, 2.0)).chain([open_interest(0, 1_000.0)]).collect();
    let by_hour: Vec<Event> =
        (0..2).map(|i| bar(i * 60, 60, 100.0, 100.01, 120.0)).chain([open_interest(0, 1_000.0)]).collect();
    let (by_minute, by_hour) = (run(by_minute), run(by_hour));
    for side in Side::BOTH {
        let [a, b] = [&by_minute, &by_hour].map(|m| m.standing().unwrap().sides[side.index()].liquidatable());
        // Equal but for what the sweep of the second hour's own range removes.
        assert!((a / b - 1.0).abs() < 0.02, "{side}: {a} by minute, {b} by hour");
    }
}

#[test]
fn trades_are_the_finest_resolution() {
    let trade = |second: i64, at: f64| {
        let body = Trade { id: None, price: price(at), size: size(1.0), taker: Taker::Buy };
        Event::at(start() + Span::SECOND.times(second), EventBody::Trade(body))
    };
    let mut events: Vec<Event> = (0..3_660).step_by(10).map(|s| trade(s, 100.0)).collect();
    events.push(open_interest(0, 1_000.0));
    let alone = run(events.clone());
    events.extend((0..61).map(|i| bar(i, 1, 100.0, 100.0, 6.0)));
    let with_bars = run(events);
    assert_eq!(with_bars.counters().superseded_bars, 61);
    // The 61st minute is still running until something known at its end says that it is over.
    assert!((opened(&alone) - rested(60.0 * 6.0)).abs() < 1e-6);
    assert!((opened(&with_bars) - rested(61.0 * 6.0)).abs() < 1e-6);
}

#[test]
fn late_events_are_counted_and_taken_now() {
    let mut market = market();
    for event in [bar(0, 1, 100.0, 101.0, 1.0), bar(5, 1, 100.0, 101.0, 1.0), bar(2, 1, 100.0, 101.0, 1.0)] {
        market.step(&event);
    }
    assert_eq!((market.counters().late, market.counters().superseded_bars), (1, 1));
    assert_eq!((market.counters().gaps, market.counters().gap_ns), (1, minutes(4).nanos()));
}

#[test]
fn without_open_interest_there_is_no_map() {
    let market = run((0..120).map(|i| bar(i, 1, 100.0, 101.0, 1.0)).collect());
    assert!(market.standing().is_none());
    assert!(market.price().is_some());
}

#[test]
fn open_interest_falling_to_zero_empties_the_map_and_it_recovers() {
    let mut events: Vec<Event> = (0..300).map(|i| bar(i, 1, 100.0, 101.0, 50.0)).collect();
    events.extend((0..60).map(|i| open_interest(i, 1_000.0)));
    // A drop to nothing is held for an hour, then believed.
    events.extend((60..180).map(|i| open_interest(i, 0.0)));
    let empty = run(events.iter().filter(|e| e.known_ts <= start() + minutes(170)).cloned().collect());
    let standing = empty.standing().unwrap();
    assert_eq!(standing.open_interest, 0.0);
    assert!(standing.sides.iter().all(|side| side.total() == 0.0));
    events.extend((180..300).map(|i| open_interest(i, 500.0)));
    let recovered = run(events).standing().unwrap();
    for side in recovered.sides {
        assert!((side.total() - 500.0).abs() < 1e-6);
    }
}

#[test]
fn a_flat_market_fills_its_pools_as_the_closed_form_says() {
    // Constant flow at one price, nothing ever swept: pool j holds π_j τ_j V/2 (specification A3). With the
    // clock at its mean rate every exponent gives the same.
    let days = 30;
    let volume = 100.0;
    let mut events: Vec<Event> = (0..days * 24 * 60).map(|i| bar(i, 1, 100.0, 100.0, volume)).collect();
    events.push(open_interest(days * 24 * 60 - 1, 1e6));
    let market = run(events);
    let long = &market.standing().unwrap().sides[0];
    let per_day = volume * 1440.0 / 2.0;
    let pools =
        [(5.0 / 1440.0, 0.15), (30.0 / 1440.0, 0.15), (0.125, 0.15), (0.75, 0.12), (4.0, 0.10), (25.0, 0.06)];
    // Discrete minutes: π V/2 Σ q^i = π V/2 (1 − qⁿ)/(1 − q); the seed then fills pools up to n → ∞.
    let expected: f64 = pools
        .iter()
        .map(|(tau, share)| {
            let q = f64::exp(-1.0 / 1440.0 / tau);
            share * per_day / 1440.0 / (1.0 - q)
        })
        .sum();
    let standing = long.flows.standing() / long.scale;
    assert!((standing / expected - 1.0).abs() < 1e-6, "{standing} {expected}");
}
