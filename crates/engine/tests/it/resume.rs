//! A snapshot taken anywhere, resumed, is invisible in what follows.

use liqlens_engine::Market;
use liqlens_market::{
    Completeness, Event, EventBody, Funding, FundingKind, Liquidation, OpenInterest, PriceUpdate, Side, Span,
    Taker, Timestamp, Trade,
};
use proptest::prelude::*;

use crate::inputs::{bar, learning_market, market, minutes, price, size, start};

/// Ninety minutes of trades, marks, readings of open interest every five minutes, liquidations, funding and
/// an hourly bar that is partly covered: every part of the state is in use somewhere.
fn busy(steps: &[(f64, f64, bool)]) -> Vec<Event> {
    let mut events = Vec::new();
    let mut at_price = 70_000.0_f64;
    let at = |second: usize| start() + Span::SECOND.times(i64::try_from(second).unwrap());
    for (index, (step, contracts, buy)) in steps.iter().enumerate() {
        let second = index * 7;
        at_price *= step.exp();
        let taker = if *buy { Taker::Buy } else { Taker::Sell };
        let trade = Trade { id: Some(index as u64), price: price(at_price), size: size(*contracts), taker };
        events.push(Event::at(at(second), EventBody::Trade(trade)));
        let update = PriceUpdate { mark: price(at_price * 1.0001), index: None };
        // Dense marks in the second half only.
        if index * 2 > steps.len() || index % 40 == 0 {
            events.push(Event::at(at(second + 1), EventBody::Price(update)));
            events.push(Event::at(at(second + 4), EventBody::Price(update)));
        }
        if index % 43 == 0 {
            let reading = OpenInterest { size: size(50_000.0 + 100.0 * step * 1e3), value: None };
            events.push(Event::at(at(second), EventBody::OpenInterest(reading)));
        }
        if index % 31 == 0 {
            let side = if *buy { Side::Long } else { Side::Short };
            let forced = Liquidation {
                side,
                size: size(*contracts),
                order_price: None,
                fill_price: Some(price(at_price)),
                completeness: Completeness::Floor,
            };
            events.push(Event::at(at(second), EventBody::Liquidation(forced)));
        }
    }
    let funding = Funding { rate: 1e-4, interval: Span::HOUR.times(8), kind: FundingKind::Settled };
    events.push(Event::at(start() + minutes(45), EventBody::Funding(funding)));
    events.push(bar(30, 90, 68_000.0, 72_000.0, 1e6));
    events.sort_by(Event::log_order);
    events
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn resuming_anywhere_is_invisible(
        steps in proptest::collection::vec((-0.002..0.002_f64, 0.001..20.0_f64, any::<bool>()), 770..800),
        cuts in proptest::collection::vec(0.0..1.0_f64, 6),
        learns in any::<bool>(),
    ) {
        let events = busy(&steps);
        let cuts: Vec<usize> = cuts.iter().map(|c| (c * events.len() as f64).floor()).map(index).collect();
        let new = if learns { learning_market } else { market };
        let (mut straight, mut resumed) = (new(), new());
        for (index, event) in events.iter().enumerate() {
            if cuts.contains(&index) {
                resumed = Market::resume(&resumed.snapshot().unwrap()).unwrap();
            }
            straight.step(event);
            resumed.step(event);
        }
        let end: Timestamp = start() + minutes(130);
        straight.advance(end);
        resumed.advance(end);
        prop_assert!(straight.standing().is_some());
        prop_assert_eq!(straight.counters(), resumed.counters());
        prop_assert_eq!(straight.standing(), resumed.standing());
        if learns {
            prop_assert!(straight.law().is_some_and(|(law, rows)| law.reports > 0.0 && !rows.is_empty()));
        }
        prop_assert_eq!(straight.ensemble().is_some(), learns);
        prop_assert_eq!(straight.ensemble(), resumed.ensemble());
        prop_assert!(straight.snapshot().unwrap() == resumed.snapshot().unwrap());
        prop_assert_eq!(straight.digest(), resumed.digest());
    }

    /// Whatever is different about one event is different about the digest, unless it made no difference at all.
    #[test]
    fn the_digest_tells_states_apart(
        steps in proptest::collection::vec((-0.002..0.002_f64, 0.001..20.0_f64, any::<bool>()), 770..800),
        changed in 0.0..1.0_f64,
    ) {
        let events = busy(&steps);
        let folded = |events: &[Event]| {
            let mut market = learning_market();
            for event in events {
                market.step(event);
            }
            market
        };
        let mut other = events.clone();
        let at = index(changed * events.len() as f64);
        match &mut other[at].body {
            EventBody::Trade(trade) => trade.size = size(trade.size.to_f64() + 1.0),
            EventBody::Price(update) => update.mark = price(update.mark.to_f64() * 1.01),
            EventBody::OpenInterest(reading) => reading.size = size(reading.size.to_f64() + 1.0),
            EventBody::Liquidation(forced) => forced.size = size(forced.size.to_f64() + 1.0),
            EventBody::Funding(funding) => funding.rate *= 2.0,
            EventBody::Bar(bar) => bar.volume = size(bar.volume.to_f64() + 1.0),
            body => prop_assert!(false, "no such event among these: {body:?}"),
        }
        let (one, two) = (folded(&events), folded(&other));
        let no_difference = || {
            // Outside the marks everything counts; a mark counts if it is an extreme of a dense interval.
            matches!(events[at].body, EventBody::Price(_))
                && one.standing() == two.standing()
                && one.ensemble() == two.ensemble()
                && one.recent() == two.recent()
        };
        prop_assert!(one.digest() != two.digest() || no_difference(), "{:?}", events[at]);
    }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a share of a length
fn index(value: f64) -> usize {
    value as usize
}
