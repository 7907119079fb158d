//! What must hold in every synthetic market, whatever its world.

#![allow(clippy::unwrap_used)] // in helpers of tests

use std::collections::HashMap;

use liqlens_lab::synthetic::{Minute, PrintFeed, START, Synthetic, ThrottleRule, World};
use liqlens_margin::{Position, liquidation};
use liqlens_market::{Contract, Event, EventBody, Side, Size, Span};
use liqlens_model::LogGrid;

/// A market that is quick to set up: a short warm-up and a quarter of the agents are enough for what is
/// tested here.
fn market(world: World, seed: u64, days: u32) -> Synthetic {
    let mut parameters = world.parameters();
    parameters.market.warm_up_days = 2.0;
    parameters.market.openings_per_day = 15_000.0;
    Synthetic::with(parameters, seed, days).unwrap()
}

fn units(size: Size) -> i64 {
    size.units()
}

#[test]
fn longs_shorts_and_open_interest_are_equal_every_minute_and_flows_add_up() {
    for world in World::ALL {
        let mut market = market(world, 11, 1);
        let mut before = units(market.truth().open_interest());
        while let Some(minute) = market.next() {
            let truth = market.truth();
            let open_interest = units(truth.open_interest());
            let mut held = [0_i64; 2];
            let mut holders = [0_u32; 2];
            for holding in truth.positions() {
                held[holding.side.index()] += units(holding.size);
                holders[holding.side.index()] += 1;
            }
            for side in Side::BOTH {
                let agents = units(truth.agents(side));
                let makers = units(truth.makers(side));
                assert!(makers >= 0 && agents + makers == open_interest, "{world} at {}", minute.start);
                // Counted position by position.
                assert_eq!((held[side.index()], holders[side.index()]), (agents, truth.holders(side)));
                let flows = truth.flows(side);
                let gone = [flows.left, flows.stopped, flows.profit_taken, flows.liquidated];
                assert_eq!(units(flows.opened) - gone.map(units).iter().sum::<i64>(), agents);
            }
            // A change of open interest is made by trades.
            let volume = minute.published.iter().find_map(|event| match &event.body {
                EventBody::Bar(bar) => Some(units(bar.volume)),
                _ => None,
            });
            assert!((open_interest - before).abs() <= volume.unwrap(), "{world} at {}", minute.start);
            before = open_interest;
        }
    }
}

#[test]
fn liquidations_add_up_to_the_flow() {
    let mut market = market(World::Alt, 5, 2);
    let at_start = Side::BOTH.map(|side| units(market.truth().flows(side).liquidated));
    let mut printed = [0_i64; 2];
    for minute in market.by_ref() {
        for event in minute.prints(PrintFeed::Full) {
            let EventBody::Liquidation(print) = event.body else { panic!("{event:?}") };
            printed[print.side.index()] += units(print.size);
        }
    }
    for side in Side::BOTH {
        let flow = units(market.truth().flows(side).liquidated) - at_start[side.index()];
        assert!(printed[side.index()] > 0);
        assert_eq!(printed[side.index()], flow);
    }
}

/// Everyone whose liquidation price the mark passed in a minute is gone after it, and nobody was
/// liquidated whose price it did not pass.
#[test]
fn a_liquidation_happens_when_and_only_when_the_mark_passes_its_price() {
    for world in [World::Default, World::NoStops, World::Scalp] {
        let mut market = market(world, 3, 1);
        let mut standing: Vec<(u64, Side, f64)> = Vec::new();
        let (mut met, mut escaped) = (0, 0);
        while let Some(minute) = market.next() {
            let (low, high) = range(&minute);
            // The level is kept as a logarithm, hence the last digits.
            let slack = 1e-12;
            let passed = |side: Side, price: f64, slack: f64| match side {
                Side::Long => low <= price * (1.0 + slack),
                Side::Short => high >= price * (1.0 - slack),
            };
            for one in &minute.liquidations {
                assert!(passed(one.side, one.liquidation_price, slack), "{world}: {one:?}");
                assert!(minute.start <= one.at && one.at < minute.start + Span::MINUTE);
                assert!(one.opened_at <= one.at + Span::SECOND.times(10));
                let fill = one.fill_price.unwrap().to_f64();
                let order = one.order_price.unwrap().to_f64();
                assert!((low..=high).contains(&fill), "{one:?}");
                // Beyond the bankruptcy price nothing would be left.
                assert!(one.side.sign() * (one.liquidation_price - order) > 0.0, "{one:?}");
                if let Ok(at) = standing.binary_search_by_key(&one.id, |(id, ..)| *id) {
                    assert_eq!(standing[at].1, one.side);
                    met += 1;
                }
            }
            let liquidated: Vec<u64> = minute.liquidations.iter().map(|one| one.id).collect();
            let mut now: Vec<(u64, Side, f64)> = market
                .truth()
                .positions()
                .filter_map(|holding| Some((holding.id, holding.side, holding.liquidation_price?)))
                .collect();
            now.sort_unstable_by_key(|(id, ..)| *id);
            for (id, side, price) in &standing {
                if !passed(*side, *price, -slack) || liquidated.contains(id) {
                    continue;
                }
                // Saved by a top-up, a stop or its owner's leaving; never standing at a passed price.
                escaped += 1;
                if let Ok(at) = now.binary_search_by_key(id, |(id, ..)| *id) {
                    assert_ne!(now[at].2, *price, "{world}: position {id} outlived its level");
                }
            }
            let mark = market.truth().mark_price();
            for (id, side, price) in &now {
                assert!(side.sign() * (mark - price) > 0.0, "{world}: position {id} stands beyond its level");
            }
            standing = now;
        }
        assert!(met > 100, "{world}: {met}");
        // Nobody stops out or tops up there; owners may still leave in the same minute.
        assert!(world != World::NoStops || escaped * 20 < met, "{escaped} of {met}");
    }
}

fn range(minute: &Minute) -> (f64, f64) {
    let bar = minute.published.iter().find_map(|event| match &event.body {
        EventBody::Bar(bar) => Some(*bar),
        _ => None,
    });
    let bar = bar.unwrap();
    (bar.low.to_f64(), bar.high.to_f64())
}

/// The margin that the truth reports, put through the venue's rules, gives the price it reports.
#[test]
fn liquidation_prices_are_those_of_the_venue() {
    let mut market = market(World::Default, 9, 1);
    market.by_ref().for_each(drop);
    let truth = market.truth();
    let mut checked = 0;
    for holding in truth.positions() {
        let Some(price) = holding.liquidation_price else { continue };
        let position = Position {
            side: holding.side,
            entry_price: holding.entry_price,
            size: holding.size.to_f64(),
            margin: truth.margin_usd(&holding).unwrap(),
        };
        let found = liquidation(&position, Contract::Linear, market.margin_table()).unwrap();
        assert!((found.price - price).abs() < 1e-9 * holding.entry_price, "{holding:?}");
        // Nobody holds more leverage than the venue grants for the notional.
        let notional = position.size * position.entry_price;
        let tier = market.margin_table().tier_of(notional);
        assert!(holding.leverage <= market.margin_table().tiers()[tier].max_leverage, "{holding:?}");
        checked += 1;
    }
    assert!(checked > 1_000, "{checked}");
}

#[test]
fn the_true_map_sums_to_open_interest_on_any_grid() {
    let mut market = market(World::Default, 4, 1);
    market.by_ref().for_each(drop);
    let truth = market.truth();
    for width in [2.5e-4, 5e-4, 1e-2] {
        for side in Side::BOTH {
            let map = truth.map(side, LogGrid::new(width).unwrap());
            let mapped: f64 = map.contracts.iter().sum();
            assert!(mapped > 0.0 && map.unliquidatable >= 0.0);
            let total = (mapped + map.unliquidatable) / truth.open_interest().to_f64();
            assert!((total - 1.0).abs() < 1e-9, "{total}");
        }
    }
    // Bin by bin against the positions.
    let grid = LogGrid::new(1e-2).unwrap();
    let map = truth.map(Side::Short, grid);
    for (row, contracts) in map.contracts.iter().enumerate() {
        let bin = map.first + i32::try_from(row).unwrap();
        let counted: f64 = truth
            .positions()
            .filter(|h| h.side == Side::Short && h.liquidation_price.is_some_and(|p| grid.bin(p) == bin))
            .map(|h| h.size.to_f64())
            .sum();
        assert!((counted - contracts).abs() < 1e-6, "bin {bin}");
    }
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_others() {
    let text = |seed, days: u32| -> Vec<String> {
        let minutes = market(World::Cascades, seed, days).take(600);
        minutes.map(|minute| format!("{minute:?}")).collect()
    };
    let first = text(1, 1);
    assert_eq!(first, text(1, 1));
    // Days to come change nothing.
    assert_eq!(first, text(1, 3));
    assert_ne!(first, text(2, 1));
}

/// The checks that events read from files pass: bars agree with themselves, open interest is positive, and
/// the log is in order without holes.
#[test]
fn events_are_those_of_a_sound_log() {
    let feeds = [
        PrintFeed::Off,
        PrintFeed::Full,
        PrintFeed::Throttled(ThrottleRule::Last),
        PrintFeed::Throttled(ThrottleRule::Largest),
    ];
    for world in World::ALL {
        for feed in feeds {
            let mut last: Option<Event> = None;
            let mut close = None;
            let mut minutes = 0;
            for (index, minute) in (0..).zip(market(world, 21, 1)) {
                assert_eq!(minute.start, START + Span::MINUTE.times(index));
                for event in minute.events(feed) {
                    assert!(last.as_ref().is_none_or(|last| last.log_order(&event).is_le()), "{event:?}");
                    assert!(event.event_ts <= event.known_ts);
                    match &event.body {
                        EventBody::Bar(bar) => {
                            bar.checked().unwrap();
                            assert!(
                                bar.taker_buy.unwrap() < bar.volume && bar.taker_buy.unwrap() > Size::ZERO
                            );
                            assert!(close.is_none_or(|close| close == bar.open));
                            close = Some(bar.close);
                            minutes += 1;
                        }
                        EventBody::OpenInterest(reading) => assert!(reading.size > Size::ZERO),
                        EventBody::Funding(funding) => assert!(funding.rate.abs() < 0.01),
                        EventBody::LongShortRatio(ratio) => assert!((0.2..5.0).contains(&ratio.ratio)),
                        EventBody::Liquidation(print) => assert!(print.size > Size::ZERO),
                        other => panic!("{other:?}"),
                    }
                    last = Some(event);
                }
            }
            assert_eq!(minutes, 1_440);
        }
    }
}

#[test]
fn a_throttled_stream_shows_one_print_a_second_and_the_right_one() {
    let (mut shown, mut hidden) = (0, 0);
    for minute in market(World::Alt, 2, 2) {
        let mut by_second: HashMap<i64, Vec<Size>> = HashMap::new();
        for one in &minute.liquidations {
            by_second.entry(one.at.nanos() / 1_000_000_000).or_default().push(one.size);
        }
        for (rule, pick) in [
            (ThrottleRule::Last, (|sizes| sizes.last().copied()) as fn(&[Size]) -> Option<Size>),
            (ThrottleRule::Largest, |sizes| sizes.iter().max().copied()),
        ] {
            let prints = minute.prints(PrintFeed::Throttled(rule));
            assert_eq!(prints.len(), by_second.len());
            assert!(prints.windows(2).all(|two| two[1].known_ts - two[0].known_ts >= Span::SECOND));
            for event in prints {
                let EventBody::Liquidation(print) = event.body else { panic!("{event:?}") };
                let sizes = &by_second[&(event.event_ts.nanos() / 1_000_000_000)];
                assert_eq!(Some(print.size), pick(sizes));
                shown += 1;
                hidden += sizes.len() - 1;
            }
        }
    }
    assert!(shown > 100 && hidden > shown / 2, "{shown} shown, {hidden} hidden");
}

#[test]
fn a_world_that_cannot_be_is_refused() {
    let error = Synthetic::new(World::Default, 1, 5_000).unwrap_err().to_string();
    assert!(error.contains("5000 days are more than"), "{error}");
    let mut parameters = World::Default.parameters();
    parameters.market.start_price_usd = f64::INFINITY;
    assert!(Synthetic::with(parameters, 1, 1).is_err());
}
