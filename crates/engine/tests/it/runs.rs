//! However trades are cut into runs, the fold is the one that steps through them.

use liqlens_engine::Market;
use liqlens_market::{
    Event, EventBody, OpenInterest, Price, PriceUpdate, Size, Span, Taker, Timestamp, Trade, TradeColumns,
};
use liqlens_model::LogGrid;
use proptest::prelude::*;

use crate::inputs::{bar, learning_market, market, minutes, price, size, start};

/// Prices in units of 1e-8: at the edges of bins, anywhere near, far away.
fn price_units() -> impl Strategy<Value = i64> {
    let edge = |around: i32| {
        (0..6_i32, -1..=1_i64)
            .prop_map(move |(bin, off)| LogGrid::STANDARD.lower_edge_units(around + bin) + off)
    };
    prop_oneof![8 => edge(22_300), 4 => 6_950_000_000_000..7_050_000_000_000_i64, 1 => edge(22_000)]
}

/// Nanoseconds since the trade before: mostly a little, sometimes to or over the end of a window or a minute,
/// sometimes back.
fn pause_ns() -> impl Strategy<Value = i64> {
    prop_oneof![
        20 => Just(0),
        20 => 0..900_000_000_i64,
        6 => Just(5_000_000_000_i64),
        2 => Just(60_000_000_000_i64),
        1 => 0..700_000_000_000_i64,
        3 => -8_000_000_000..0_i64,
        1 => -200_000_000_000..0_i64,
    ]
}

fn size_units() -> impl Strategy<Value = i64> {
    prop_oneof![20 => 0..5_000_000_000_i64, 1 => (i64::MAX / 2)..i64::MAX]
}

/// What comes between two runs.
fn between(kind: u8, at: Timestamp) -> Event {
    match kind {
        0 => {
            let reading = OpenInterest { size: size(50_000.0), value: None };
            Event::at(at, EventBody::OpenInterest(reading))
        }
        1 => Event::at(at, EventBody::Price(PriceUpdate { mark: price(70_000.0), index: None })),
        _ => bar(90, 30, 68_000.0, 72_000.0, 1e3),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn runs_are_their_trades(
        // Over the second at which trades begin, nothing or the end of a minute.
        from_ns in prop_oneof![Just(0_i64), Just(59_999_999_999)],
        trades in proptest::collection::vec(
            (pause_ns(), prop_oneof![4 => Just(0_i64), 1 => -70_000_000_000..70_000_000_000_i64],
             price_units(), size_units(), any::<bool>()), 1..120),
        lengths in proptest::collection::vec((0..40_usize, 0..8_u8), 1..12),
        // Now and then prices are so small that no table of edges can be made.
        tiny in proptest::bool::weighted(0.1),
        learns in any::<bool>(),
    ) {
        let mut columns = TradeColumns::default();
        let mut now_ns = (start() + minutes(2)).nanos() + from_ns;
        for &(pause, apart, units, contracts, buy) in &trades {
            now_ns += pause;
            let event_ts = Timestamp::from_nanos(now_ns + apart);
            let trade = Trade {
                id: None,
                price: Price::from_units(if tiny { 1_000 + units % 40 } else { units }).unwrap(),
                size: Size::from_units(contracts).unwrap(),
                taker: if buy { Taker::Buy } else { Taker::Sell },
            };
            columns.push(event_ts, Timestamp::from_nanos(now_ns), trade);
        }
        let new = if learns { learning_market } else { market };
        let (mut stepped, mut run) = (new(), new());
        let same = |stepped: &Market, run: &Market| stepped.snapshot().unwrap() == run.snapshot().unwrap();
        let mut from = 0;
        for (length, kind) in lengths.into_iter().chain([(usize::MAX, 0)]) {
            let cut = columns.run().rows(from..from.saturating_add(length));
            from += cut.len();
            cut.events().for_each(|event| stepped.step(&event));
            run.step_trades(cut);
            prop_assert_eq!(stepped.counters(), run.counters(), "before row {}", from);
            if kind < 3 && !(tiny && kind == 2) {
                let event = between(kind, stepped.clock().unwrap_or(start()));
                stepped.step(&event);
                run.step(&event);
            }
        }
        let end = Timestamp::from_nanos(now_ns) + Span::HOUR;
        stepped.advance(end);
        run.advance(end);
        prop_assert!(run.counters().events >= trades.len() as u64);
        prop_assert!(same(&stepped, &run));
    }
}
