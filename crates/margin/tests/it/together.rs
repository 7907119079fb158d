//! Positions that share margin: cross accounts coin by coin and coins together, and hedged pairs, against a
//! bisection of equity less maintenance.

use liqlens_margin::{CrossAccount, Leg, Position, Valued, hedged};
use liqlens_market::{Contract, MarginTable, Side, TierRule};

use crate::draws::Draws;
use crate::reference::{bisect, maintenance};

const DRAWS: usize = 30_000;
const TICK: f64 = 1e-9;

/// What is left of an account when each leg stands at a price.
fn left(account: &CrossAccount<'_>, prices: impl Fn(usize) -> f64) -> f64 {
    let legs = account.legs.iter().enumerate().map(|(index, leg)| {
        let (price, size) = (prices(index), leg.size);
        let gained = leg.side.sign() * size * (price - leg.mark_price);
        gained - maintenance(leg.table, size * price, size, size)
    });
    account.equity - account.other_maintenance + legs.sum::<f64>()
}

fn tables(draws: &mut Draws) -> Vec<MarginTable> {
    let rules = [TierRule::Continuous, TierRule::WholeBySize, TierRule::Ramp { per_base: 1e-5 }];
    (0..60)
        .map(|index| {
            // A ramp needs few coins, or its rate passes one.
            let first_cap = draws.log_between(100.0, 1e6);
            draws.schedule(rules[if index % 3 == 0 { index / 3 % 3 } else { 0 }], first_cap)
        })
        .collect()
}

fn leg<'a>(draws: &mut Draws, tables: &'a [MarginTable]) -> Leg<'a> {
    let table = draws.pick(tables);
    let met = draws.value_in(table);
    let mark_price = draws.log_between(1e-3, 1e5);
    let size = match table.rule() {
        TierRule::WholeBySize => met,
        TierRule::Ramp { .. } => draws.log_between(1.0, 10_000.0),
        _ => met / mark_price,
    };
    Leg { side: draws.side(), size, mark_price, table }
}

fn account<'a>(draws: &mut Draws, tables: &'a [MarginTable]) -> CrossAccount<'a> {
    let legs: Vec<_> = (0..=draws.below(6)).map(|_| leg(draws, tables)).collect();
    let value: f64 = legs.iter().map(|leg| leg.size * leg.mark_price).sum();
    let kept: f64 =
        legs.iter().map(|leg| maintenance(leg.table, leg.size * leg.mark_price, leg.size, leg.size)).sum();
    let other_maintenance = if draws.chance(0.3) { value * draws.log_between(1e-4, 0.1) } else { 0.0 };
    let equity = kept + other_maintenance + value * draws.log_between(1e-3, 2.0);
    CrossAccount { equity, other_maintenance, valued: Valued::AtLiquidation, legs }
}

/// The move, from zero to `end`, at which nothing is left.
fn joint_move(account: &CrossAccount<'_>, betas: &[f64], end: f64) -> Option<f64> {
    let at = |moved: f64| {
        left(account, |index| {
            let beta = betas.get(index).copied().unwrap_or(0.0);
            (account.legs[index].mark_price * (1.0 + beta * moved)).max(0.0)
        })
    };
    (at(end) < 0.0).then(|| bisect(0.0, end, |moved| at(moved) > 0.0))
}

#[test]
fn joint_moves_agree_with_bisection() {
    let mut draws = Draws::seeded(0x101);
    let tables = tables(&mut draws);
    let (mut found, mut none) = (0, 0);
    for _ in 0..DRAWS {
        let account = account(&mut draws, &tables);
        let betas: Vec<f64> = (0..account.legs.len())
            .map(|_| match draws.below(4) {
                0 => 0.0,
                1 => -draws.log_between(0.05, 3.0),
                _ => draws.log_between(0.05, 3.0),
            })
            .collect();
        // No coin below zero, no fall of the whole beyond the whole.
        let end = |sign: f64, most: f64| {
            betas.iter().filter(|beta| **beta * sign < 0.0).map(|beta| 1.0 / beta.abs()).fold(most, f64::min)
                * sign
        };
        let ours = account.joint_liquidation(&betas);
        for (ours, end) in [(ours.fall, end(-1.0, 1.0)), (ours.rise, end(1.0, 1e6))] {
            let plain = joint_move(&account, &betas, end);
            let context = || format!("{account:?} {betas:?} ours {ours:?} plain {plain:?}");
            match (ours, plain) {
                (None, None) => none += 1,
                (Some(ours), Some(plain)) => {
                    assert!((ours - plain).abs() <= TICK * plain.abs().max(1e-3), "{}", context());
                    found += 1;
                }
                // A root on the very end.
                (at, other) => {
                    let at = at.or(other).unwrap();
                    assert!((at / end - 1.0).abs() < TICK, "{}", context());
                }
            }
        }
    }
    println!("{found} moves, {none} without");
    assert!(found > DRAWS / 2 && none > DRAWS / 10, "{found} {none}");
}

/// One leg moving alone, seen as a price and seen as a joint move with all other betas zero.
#[test]
fn a_legs_price_is_the_joint_move_of_that_leg_alone() {
    let mut draws = Draws::seeded(0xa10e);
    let tables = tables(&mut draws);
    let mut compared = 0;
    for _ in 0..DRAWS {
        let account = account(&mut draws, &tables);
        let index = draws.below(account.legs.len());
        let leg = account.legs[index];
        let mut betas = vec![0.0; account.legs.len()];
        betas[index] = 1.0;
        let moves = account.joint_liquidation(&betas);
        let price = account.liquidation_price(index).map(|found| found.price);
        let (towards, away) = match leg.side {
            Side::Long => (moves.fall, moves.rise),
            Side::Short => (moves.rise, moves.fall),
        };
        assert_eq!(away, None, "{account:?}");
        assert_eq!(account.liquidation_prices().nth(index), Some(account.liquidation_price(index)));
        match (price, towards) {
            (None, None) => {}
            (Some(price), Some(moved)) => {
                let there = leg.mark_price * (1.0 + moved);
                assert!((price - there).abs() <= TICK * price.max(leg.mark_price), "{account:?} {index}");
                compared += 1;
            }
            // At the end of all prices, or a rise beyond the millionfold.
            (price, moved) => {
                let price = price.or(moved.map(|moved| leg.mark_price * (1.0 + moved))).unwrap();
                let relative = price / leg.mark_price;
                assert!(!(TICK..=1e6 * (1.0 - TICK)).contains(&relative), "{account:?} {index}");
            }
        }
        // And the price itself against a bisection, other legs at their marks.
        if let Some(price) = price {
            let at = |x: f64| left(&account, |of| if of == index { x } else { account.legs[of].mark_price });
            let hair = TICK * price.max(leg.mark_price);
            let (dead, alive) = (price - leg.side.sign() * hair, price + leg.side.sign() * hair);
            assert!(at(alive) > 0.0 && at(dead.max(0.0)) <= 0.0, "{account:?} {index} {price}");
        }
    }
    assert!(compared > DRAWS / 2, "{compared}");
}

/// The sums an account is made of, and what becomes of it after a move.
#[test]
fn equity_and_maintenance_after_a_move_are_plain_sums() {
    let mut draws = Draws::seeded(0xe9e9);
    let tables = tables(&mut draws);
    for _ in 0..DRAWS / 10 {
        let account = account(&mut draws, &tables);
        let betas: Vec<f64> = account.legs.iter().map(|_| draws.between(-2.0, 2.0)).collect();
        let moved = draws.between(-0.4, 0.4);
        let price = |index: usize| account.legs[index].mark_price * (1.0 + betas[index] * moved);
        let ours = account.equity_after(&betas, moved) - account.maintenance_after(&betas, moved);
        let scale = account.equity.abs() + account.legs.iter().map(|l| l.size * l.mark_price).sum::<f64>();
        assert!((ours - left(&account, price)).abs() < 1e-12 * scale);
        let now = left(&account, |index| account.legs[index].mark_price);
        assert!((account.available() - now).abs() < 1e-12 * scale);
        // Nothing is worth less than nothing: a leg of twice the move is at zero from half of it on.
        let legs = account.legs.len();
        let [half, all] = [-0.5, -1.0].map(|moved| account.equity_after(&vec![2.0; legs], moved));
        assert!((half - all).abs() < 1e-12 * scale);
        assert_eq!(account.maintenance_after(&vec![2.0; legs], -1.0), account.other_maintenance);
        // Legs without a beta stay.
        assert_eq!(account.equity_after(&[], moved), account.equity);
    }
}

/// Where maintenance is held at today's mark, the price only loses what the position loses.
#[test]
fn accounts_with_frozen_maintenance_divide_by_size_alone() {
    let mut draws = Draws::seeded(0x2023);
    let tables = tables(&mut draws);
    for _ in 0..DRAWS / 10 {
        let account = CrossAccount { valued: Valued::AtMark, ..account(&mut draws, &tables) };
        let now = left(&account, |index| account.legs[index].mark_price);
        for (index, leg) in account.legs.iter().enumerate() {
            let expected = leg.mark_price - leg.side.sign() * now / leg.size;
            let ours = account.liquidation_price(index).map_or(0.0, |found| found.price);
            let scale = leg.mark_price + account.equity / leg.size;
            assert!((ours - expected.max(0.0)).abs() < 1e-11 * scale, "{account:?} {index}");
        }
    }
}

#[test]
fn hedged_pairs_agree_with_bisection() {
    let mut draws = Draws::seeded(0x4ed6e);
    let (mut below, mut above, mut both) = (0, 0, 0);
    for _ in 0..DRAWS {
        let first_cap = draws.log_between(1.0, 1e6);
        let table = draws.schedule(TierRule::Continuous, first_cap);
        let inverse = draws.chance(0.5);
        let (a, contract) = draws.position(&table, inverse);
        // Often nearly balanced, where the two maintenances decide.
        let ratio = if draws.chance(0.5) { draws.between(0.9, 1.1) } else { draws.log_between(0.1, 10.0) };
        let long = Position { side: Side::Long, ..a };
        let short = Position {
            side: Side::Short,
            entry_price: a.entry_price * draws.log_between(0.8, 1.25),
            size: a.size * ratio,
            margin: 0.0,
        };
        let mark = a.entry_price * draws.log_between(0.8, 1.25);
        let (value, x_of): (f64, fn(f64) -> f64) = match contract {
            Contract::Linear => (1.0, |price| price),
            Contract::Inverse { contract_value } => (contract_value, |price| 1.0 / price),
        };
        let long_gains_upwards = if inverse { -1.0 } else { 1.0 };
        let left = |margin: f64, x: f64| {
            let of = |position: &Position, gains: f64| {
                let size = position.size * value;
                gains * size * (x - x_of(position.entry_price)) - maintenance(&table, size * x, size, size)
            };
            margin + of(&long, long_gains_upwards) + of(&short, -long_gains_upwards)
        };
        let here = x_of(mark);
        let margin = -left(0.0, here) + a.size * value * here * draws.log_between(1e-3, 2.0);
        let ours = hedged(&long, &short, margin, contract, &table, mark);
        let context = || format!("{long:?} {short:?} {margin} {contract:?} {table:?} {mark} {ours:?}");

        let downwards = (left(margin, 0.0) < 0.0).then(|| bisect(here, 0.0, |x| left(margin, x) > 0.0));
        let top = here * (1.0 + 1e6);
        let upwards = (left(margin, top) < 0.0).then(|| bisect(here, top, |x| left(margin, x) > 0.0));
        // In coin a fall of the search variable is a rise in price.
        let pairs = if inverse {
            [(ours.above, downwards), (ours.below, upwards)]
        } else {
            [(ours.below, downwards), (ours.above, upwards)]
        };
        for (price, x) in pairs {
            match (price.map(x_of), x) {
                (None, None) => {}
                (Some(ours), Some(x)) => {
                    assert!((ours - x).abs() <= 10.0 * TICK * x.max(here), "{ours} {x} {}", context());
                }
                (ours, x) => {
                    let x = ours.or(x).unwrap();
                    assert!(x < 10.0 * TICK * here || x > 0.999 * top, "{x} {}", context());
                }
            }
        }
        below += usize::from(ours.below.is_some());
        above += usize::from(ours.above.is_some());
        both += usize::from(ours.below.is_some() && ours.above.is_some());
    }
    println!("below {below}, above {above}, both {both}");
    assert!(below > DRAWS / 5 && above > DRAWS / 5 && both > 0, "{below} {above} {both}");
}
