//! Events for tests: one of every kind, and generated sequences.

use liqlens_market::{
    AccountFill, AccountMode, AccountName, AccountPosition, AccountState, AccountTransfer, Amount, Backing,
    Bar, BarSource, Book, BookBand, BookLevel, Completeness, Event, EventBody, Funding, FundingKind, Gap,
    Instrument, Liquidation, LongShortRatio, MarginTable, MarginTier, MarketId, OpenInterest, Price,
    PriceUpdate, RatioPopulation, Side, Size, Span, Symbol, Taker, Timestamp, Trade,
};
use proptest::prelude::*;

/// 2026-01-04T00:00:00Z.
pub(crate) fn midnight() -> Timestamp {
    Timestamp::parse_text("2026-01-04").unwrap()
}

pub(crate) fn market(name: &str) -> MarketId {
    name.parse().unwrap()
}

pub(crate) fn price(units: i64) -> Price {
    Price::from_units(units).unwrap()
}

pub(crate) fn size(units: i64) -> Size {
    Size::from_units(units).unwrap()
}

/// A trade `ms` after midnight of 2026-01-04.
pub(crate) fn trade(ms: i64, id: Option<u64>, price_units: i64) -> Event {
    let ts = midnight() + Span::from_nanos(1_000_000).times(ms);
    let trade = Trade { id, price: price(price_units), size: size(700), taker: Taker::Sell };
    Event::at(ts, EventBody::Trade(trade))
}

/// One event of every kind, and of both forms where a kind has two; one second apart.
pub(crate) fn every_kind() -> Vec<Event> {
    let tier = MarginTier {
        floor: 0.0,
        cap: 300_000.0,
        maintenance_rate: 0.004,
        maintenance_amount: 0.0,
        max_leverage: 125.0,
    };
    let account = || AccountName::new("0x3b69.07d6/1").unwrap();
    let symbol = || Symbol::new("xyz:TSLA").unwrap();
    let level = |p| BookLevel { price: price(p), size: size(9) };
    let bar = Bar {
        source: BarSource::Trades,
        length: Span::MINUTE,
        open: price(10),
        high: price(12),
        low: price(9),
        close: price(11),
        volume: size(50),
        taker_buy: Some(size(20)),
    };
    let bodies = vec![
        EventBody::Instrument(Box::new(Instrument::from_market(market("binance:BTCUSDT")).unwrap())),
        EventBody::MarginTable(Box::new(MarginTable::new(vec![tier]).unwrap())),
        EventBody::Price(PriceUpdate { mark: price(30), index: None }),
        EventBody::OpenInterest(OpenInterest { size: size(1 << 40), value: Some(size(3)) }),
        EventBody::Funding(Funding { rate: -0.0001, interval: Span::HOUR, kind: FundingKind::Settled }),
        EventBody::Funding(Funding { rate: 0.0, interval: Span::HOUR, kind: FundingKind::Predicted }),
        EventBody::LongShortRatio(LongShortRatio { population: RatioPopulation::TakerVolume, ratio: 1.5 }),
        EventBody::Liquidation(Liquidation {
            side: Side::Short,
            size: size(4),
            order_price: Some(price(5)),
            fill_price: None,
            completeness: Completeness::Floor,
        }),
        EventBody::Account(Box::new(AccountState {
            account: account(),
            mode: AccountMode::Unified,
            cross_equity: Amount::from_units(-5),
            cross_maintenance: Some(Amount::from_units(3)),
            positions: vec![AccountPosition {
                symbol: symbol(),
                side: Side::Long,
                size: size(7),
                entry_price: None,
                mark_price: price(6),
                backing: Backing::Isolated(Amount::from_units(4)),
                max_leverage: Some(40),
                liquidation_price: Some(price(1)),
            }],
        })),
        EventBody::AccountTransfer(Box::new(AccountTransfer {
            account: account(),
            amount: Amount::from_units(-9),
        })),
        EventBody::AccountFill(Box::new(AccountFill {
            account: account(),
            symbol: symbol(),
            side: Taker::Buy,
            crossed: true,
            price: price(8),
            size: size(2),
        })),
        EventBody::Trade(Trade { id: None, price: price(3), size: size(2), taker: Taker::Buy }),
        EventBody::Book(Box::new(Book::Levels { bids: vec![level(5), level(4)], asks: vec![] })),
        EventBody::Book(Box::new(Book::Bands(vec![BookBand {
            percent: -0.2,
            size: size(1),
            value: size(2),
        }]))),
        EventBody::Gap(Box::new(Gap {
            from: midnight(),
            to: midnight() + Span::HOUR,
            channel: "trade".into(),
            cause: String::new(),
        })),
    ];
    let ts = |i: usize| midnight() + Span::SECOND.times(i64::try_from(i).unwrap());
    let mut events: Vec<_> = bodies.into_iter().enumerate().map(|(i, body)| Event::at(ts(i), body)).collect();
    events.push(Event::bar(midnight(), bar));
    events
}

/// Sequences around midnight of 2026-01-04 with many equal times and identical events: trades without
/// and with ids, and one of every other kind.
pub(crate) fn any_events(
    length: impl Into<proptest::collection::SizeRange>,
) -> impl Strategy<Value = Vec<Event>> {
    let kinds = every_kind();
    let any_kind = (0..kinds.len(), 0i64..3).prop_map(move |(kind, days)| {
        let mut event = kinds[kind].clone();
        event.event_ts = event.event_ts + Span::DAY.times(days - 1);
        event.known_ts = event.known_ts + Span::DAY.times(days - 1);
        event
    });
    let plain = (-3i64..3, 1i64..3).prop_map(|(ms, price)| trade(ms, None, price));
    // An id always carries the same time and price, as on a venue.
    let with_id = (0u64..12).prop_map(|id| {
        let ms = i64::try_from(id).unwrap() - 6;
        trade(ms, Some(id), 100 + ms.rem_euclid(3))
    });
    proptest::collection::vec(prop_oneof![any_kind, plain, with_id], length)
}
