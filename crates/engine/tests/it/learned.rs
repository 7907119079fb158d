//! What a learned map means in contracts, and what rises and falls of open interest open and close.

use liqlens_engine::Market;
use liqlens_market::{Completeness, Event, EventBody, Liquidation, OpenInterest, Side, Span};
use liqlens_model::{Attribution, Lanes, ModelId, Pool};

use crate::inputs::{bar, instrument, learning_market, minutes, model_of, price, size, start};

fn open_interest(minute: i64, contracts: f64) -> Event {
    let reading = OpenInterest { size: size(contracts), value: None };
    Event::at(start() + minutes(minute), EventBody::OpenInterest(reading))
}

/// Four hours of a price that swings, with a report a minute and side.
fn heard(completeness: Completeness) -> Market {
    let mut events = Vec::new();
    for minute in 0..240_i64 {
        let middle = 100.0 + 2.0 * (minute as f64 / 20.0).sin();
        events.push(bar(minute, 1, middle - 0.1, middle + 0.1, 500.0));
        events.push(open_interest(minute + 1, 10_000.0));
        for side in Side::BOTH {
            let report =
                Liquidation { side, size: size(0.3), order_price: None, fill_price: None, completeness };
            let at = start() + Span::MINUTE.times(minute) + Span::SECOND.times(30);
            events.push(Event::at(at, EventBody::Liquidation(report)));
        }
    }
    events.sort_by(Event::log_order);
    let mut market = learning_market();
    for event in &events {
        market.step(event);
    }
    market
}

/// Of a full feed what stands is what will be reported over 0.8; of sums of a throttled one, over 0.8 · 0.24.
#[test]
fn what_stands_is_what_is_reported_over_the_shares() {
    for (completeness, factor) in [(Completeness::Full, 0.8), (Completeness::Floor, 0.8 * 0.24)] {
        let market = heard(completeness);
        let standing = market.standing().unwrap();
        for side in Side::BOTH {
            let levels = &standing.sides[side.index()];
            let mut reported = vec![0.0; levels.contracts.len()];
            assert!(market.reported(side, levels.first, &mut reported));
            let (stands, shown) = (levels.liquidatable(), reported.iter().sum::<f64>());
            assert!(stands < 0.97 * standing.open_interest, "the cap must not bind");
            assert!((shown / stands / factor - 1.0).abs() < 1e-4, "{side}: {shown} of {stands}");
        }
    }
}

/// The share that a throttled feed hides is in every member: their totals spread by at least its 0.55, and
/// the median member is near the map.
#[test]
fn members_differ_by_what_the_feed_hides() {
    let market = heard(Completeness::Floor);
    let ensemble = market.ensemble().unwrap();
    let members = ensemble.weights.len();
    let stands = market.standing().unwrap().sides[0].liquidatable();
    let mut logs: Vec<f64> = (0..members)
        .map(|member| {
            let column = ensemble.sides[0].contracts.iter().skip(member).step_by(members);
            (column.map(|mass| f64::from(*mass)).sum::<f64>() / stands).ln()
        })
        .collect();
    logs.sort_by(f64::total_cmp);
    assert!(logs[members / 2].abs() < 0.3, "{}", logs[members / 2]);
    assert!(logs[members * 9 / 10] - logs[members / 10] > 2.0 * 1.28 * 0.55);
}

/// Thirty of sixty seconds showed a long's liquidation of one contract: 60·ln 2 = 41.6 happened, unless takers
/// sold less than that (a forced sell closes a long; what takers bought is beside the point).
#[test]
fn no_more_is_liquidated_than_takers_sold() {
    for (sold, expected) in [(100.0, 60.0 * core::f64::consts::LN_2), (35.0, 35.0)] {
        let mut market = learning_market();
        for minute in 0..61_i64 {
            market.step(&open_interest(minute, 10_000.0));
            for second in 0..if minute == 5 { 30 } else { 0 } {
                let report = Liquidation {
                    side: Side::Long,
                    size: size(1.0),
                    order_price: None,
                    fill_price: Some(price(100.0)),
                    completeness: Completeness::Floor,
                };
                let at = start() + minutes(minute) + Span::SECOND.times(second);
                market.step(&Event::at(at, EventBody::Liquidation(report)));
            }
            let mut traded = bar(minute, 1, 100.0, 100.0, sold + 500.0);
            let EventBody::Bar(bar) = &mut traded.body else { unreachable!() };
            bar.taker_buy = Some(size(500.0));
            market.step(&traded);
        }
        let (_, rows) = market.law().unwrap();
        let reported: f64 = rows.iter().filter(|row| row.side == Side::Long).map(|row| row.reported).sum();
        assert!((reported - expected).abs() < 1e-6, "{reported} for {expected}");
    }
}

/// By hand: of 200 contracts a minute half are bought; open interest rises by 100, then falls by a tenth.
#[test]
fn rises_open_and_falls_close() {
    let held = |attribution| {
        let mut model = model_of(ModelId::M0);
        let classes = model.classes.len();
        model.attribution = attribution;
        model.lanes = Lanes::Pools(vec![Pool {
            holding_days: f64::INFINITY,
            share: 1.0,
            clock_exponent: 0.0,
            median_distance: 0.1,
            log_sd: 1.0,
            liquidatable: 1.0,
        }]);
        model.weights = vec![1.0 / classes as f64; classes];
        model.never = vec![0.0];
        let mut market = Market::new(instrument(), model);
        let mut totals = Vec::new();
        for (minute, contracts) in [(0, 1_000.0), (1, 1_100.0), (2, 990.0)] {
            market.step(&open_interest(minute + 1, contracts));
            market.step(&bar(minute, 1, 100.0, 100.0, 200.0));
            totals.push(Side::BOTH.map(|side| market.standing().unwrap().sides[side.index()].liquidatable()));
        }
        totals
    };
    let close = |found: Vec<[f64; 2]>, expected: [[f64; 2]; 3]| {
        for (found, expected) in found.iter().flatten().zip(expected.iter().flatten()) {
            assert!((found - expected).abs() < 1e-9, "{found} for {expected}");
        }
    };
    close(held(Attribution::RiseByTaker), [[0.0; 2], [50.0; 2], [45.0; 2]]);
    close(held(Attribution::RiseOnBothSides), [[0.0; 2], [100.0; 2], [100.0; 2]]);
}
