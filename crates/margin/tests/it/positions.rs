//! Single positions: the closed forms against a bisection of what the venues' documents say, over random
//! positions of every venue's rules with its shipped schedules and with random ones.
//!
//! `LIQLENS_DRAWS` sets the number of draws.

use liqlens_margin::{
    Condition, FeeRule, Liquidation, Position, PreparedTable, Terms, Valuation, Valued, all_rules,
    bankruptcy_price, liquidation_under, maintenance, solve,
};
use liqlens_market::{Contract, MarginTable, Side, TierRule};

use crate::draws::{Draws, shipped};
use crate::reference::{Case, Found};

/// A tick, as a share of a price.
const TICK: f64 = 1e-9;

/// How often the expensive property is drawn.
fn draws() -> usize {
    std::env::var("LIQLENS_DRAWS").ok().map_or(1_000_000, |text| text.parse().expect("a number"))
}

fn solved(case: &Case<'_>) -> Option<Liquidation> {
    let condition = Condition { valuation: case.valuation, fee_rate: case.fee_rate };
    liquidation_under(&case.position, case.contract, case.table, &condition)
}

/// One kind of question: a venue's rule with its fee, and the schedules it may meet.
struct Kind {
    name: String,
    valued: Valued,
    inverse: bool,
    fees: Vec<f64>,
    tables: Vec<MarginTable>,
}

/// Every rule of every venue, and every combination that a rule could make.
fn kinds(draws: &mut Draws) -> Vec<Kind> {
    let mut kinds = Vec::new();
    for rule in all_rules() {
        let inverse = rule.contract == liqlens_margin::ContractKind::Inverse;
        let fees = match rule.fee {
            FeeRule::Outside | FeeRule::InRate { .. } => vec![0.0],
            FeeRule::Taker { default_rate } => vec![default_rate, default_rate / 2.0],
        };
        let mut tables: Vec<MarginTable> = shipped(rule.venue).into_iter().cloned().collect();
        if tables.is_empty() {
            tables = (0..10).map(|_| draws.schedule(TierRule::Continuous, 1e5)).collect();
        }
        let name = format!("{} {} {} {}", rule.venue, rule.contract.as_str(), rule.mode.as_str(), rule.from);
        kinds.push(Kind { name, valued: rule.valued, inverse, fees, tables });
    }
    let fees = || vec![0.0, 0.000_5, 0.01];
    for inverse in [false, true] {
        for valued in [Valued::AtLiquidation, Valued::AtEntry, Valued::AtMark] {
            for rule in [
                TierRule::Continuous,
                TierRule::WholeByNotional,
                TierRule::WholeBySize,
                TierRule::Ramp { per_base: 0.000_01 },
            ] {
                let tables = (0..200)
                    .map(|_| {
                        let rule = match rule {
                            TierRule::Ramp { .. } => {
                                TierRule::Ramp { per_base: draws.log_between(1e-9, 1e-4) }
                            }
                            rule => rule,
                        };
                        let first_cap = draws.log_between(1.0, 1e6);
                        draws.schedule(rule, first_cap)
                    })
                    .collect();
                let name = format!("any {rule:?} {valued:?} inverse {inverse}");
                kinds.push(Kind { name, valued, inverse, fees: fees(), tables });
            }
        }
    }
    kinds
}

/// A random question of a kind. Where what is left is not monotone in price (jumps, and the parabola of an
/// inverse ramp) only positions that their venue would let stand are asked about.
fn draw<'a>(draws: &mut Draws, kind: &'a Kind) -> Option<Case<'a>> {
    let table = draws.pick(&kind.tables);
    let (position, contract) = draws.position(table, kind.inverse);
    let valuation = match kind.valued {
        Valued::AtLiquidation => Valuation::AtLiquidation,
        Valued::AtEntry => Valuation::AtEntry,
        Valued::AtMark => Valuation::At(position.entry_price * draws.log_between(0.5, 2.0)),
    };
    let case = Case { position, contract, table, valuation, fee_rate: *draws.pick(&kind.fees) };
    let monotone = match table.rule() {
        TierRule::Continuous | TierRule::WholeBySize => true,
        TierRule::WholeByNotional => valuation != Valuation::AtLiquidation,
        TierRule::Ramp { per_base } => {
            // A rate of one and more has no meaning; the venue's limits keep positions far below.
            if table.base_rate() + per_base * 2.0 * position.size > 0.9 && !kind.inverse {
                return None;
            }
            valuation != Valuation::AtLiquidation || !kind.inverse
        }
    };
    let stands = case.left(case.variable(position.entry_price)) > 0.0;
    (monotone || stands).then_some(case)
}

#[test]
fn the_closed_forms_agree_with_bisection() {
    let mut numbers = Draws::seeded(0x11a0);
    let kinds = kinds(&mut numbers);
    let (mut asked, mut never, mut dead, mut worst) = (0, 0, 0, 0.0_f64);
    let mut of_kind = vec![0; kinds.len()];
    let mut tiers_reached = [0; 12];
    while asked < draws() {
        let index = numbers.below(kinds.len());
        let Some(case) = draw(&mut numbers, &kinds[index]) else { continue };
        asked += 1;
        of_kind[index] += 1;
        let entry = case.variable(case.position.entry_price);
        let stands = case.left(entry) > 0.0;
        dead += usize::from(!stands);
        let ours = solved(&case);
        let context = || format!("{}: {case:?}\nours {ours:?}", kinds[index].name);
        let allowed = |x: f64| TICK * x.max(entry) + case.slack();
        let x = match (ours, case.search(entry)) {
            (None, Found::Never) => {
                never += 1;
                continue;
            }
            (Some(found), Found::At(x)) => {
                let off = (case.variable(found.price) - x).abs();
                assert!(off <= allowed(x), "{}, bisection {x}", context());
                if case.slack() == 0.0 {
                    worst = worst.max(off / x.max(entry));
                }
                x
            }
            // At zero (or at infinity, for inverse contracts) the two may round to different sides.
            (Some(found), Found::Never) => {
                assert!(case.variable(found.price) <= allowed(0.0), "{}, bisection: never", context());
                continue;
            }
            (None, Found::At(x)) => {
                assert!(x <= allowed(0.0), "{}, bisection {x}", context());
                continue;
            }
        };
        let found = ours.unwrap();
        // Below for a long, above for a short, seen from where the position stands.
        if stands {
            assert!((x - entry) * if case.loses_upwards() { 1.0 } else { -1.0 } >= 0.0, "{}", context());
        }
        // The tier is that of the value at the price at which maintenance is valued.
        let valued_at = match case.valuation {
            Valuation::AtLiquidation => case.variable(found.price),
            Valuation::AtEntry => entry,
            Valuation::At(price) => case.variable(price),
        };
        let near = (2.0 * TICK + case.slack() / x.max(entry)) * (1.0 + entry / valued_at);
        let tiers = [case.tier_at(valued_at * (1.0 - near)), case.tier_at(valued_at * (1.0 + near))];
        assert!((tiers[0]..=tiers[1]).contains(&found.tier), "{}, tiers {tiers:?}", context());
        tiers_reached[found.tier.min(11)] += 1;
    }
    println!(
        "{asked} draws over {} kinds; {never} without a price, {dead} already below maintenance; \
         worst difference {worst:.1e} of the price; tiers reached {tiers_reached:?}",
        kinds.len()
    );
    let least = draws() / kinds.len() / 4;
    for (kind, count) in kinds.iter().zip(&of_kind) {
        assert!(*count > least, "{} was drawn {count} times only", kind.name);
    }
    assert!(tiers_reached.iter().all(|count| *count > 0), "{tiers_reached:?}");
    assert!(never * 50 > draws() && dead * 50 > draws(), "{never} {dead}");
}

/// Where maintenance jumps and nothing is left at entry already, the tier at entry decides.
#[test]
fn lost_positions_among_jumps_keep_the_tier_of_their_entry() {
    let mut numbers = Draws::seeded(0x7055);
    let mut asked = 0;
    while asked < draws() / 50 {
        let first_cap = numbers.log_between(1.0, 1e6);
        let table = numbers.schedule(TierRule::WholeByNotional, first_cap);
        let inverse = numbers.chance(0.5);
        let (position, contract) = numbers.position(&table, inverse);
        let valuation = Valuation::AtLiquidation;
        let case = Case { position, contract, table: &table, valuation, fee_rate: 0.0 };
        let entry = case.variable(position.entry_price);
        if case.left(entry) > 0.0 {
            continue;
        }
        asked += 1;
        let tier = case.tier_at(entry);
        let flat = MarginTable::flat(table.tiers()[tier].maintenance_rate, 1.0).unwrap();
        let expected = Case { table: &flat, ..case }.search(entry);
        match (solved(&case), expected) {
            (Some(found), Found::At(x)) => {
                let off = (case.variable(found.price) - x).abs();
                assert!(off <= TICK * x.max(entry) && found.tier == tier, "{case:?} {found:?} {x}");
            }
            (None, Found::Never) => {}
            (ours, expected) => panic!("{case:?} {ours:?} {expected:?}"),
        }
    }
}

/// Relations that no table is needed for, on every draw that stands.
#[test]
fn prices_move_as_they_must() {
    let mut numbers = Draws::seeded(0x5ca1e);
    let kinds = kinds(&mut numbers);
    let (mut asked, mut none_bankrupt, mut none_after_more) = (0, 0, 0);
    while asked < draws() / 5 {
        let index = numbers.below(kinds.len());
        let Some(case) = draw(&mut numbers, &kinds[index]) else { continue };
        let entry = case.variable(case.position.entry_price);
        if case.left(entry) <= 0.0 {
            continue;
        }
        asked += 1;
        let context = || format!("{}: {case:?}", kinds[index].name);
        let Position { side, margin, .. } = case.position;
        let ours = solved(&case).map(|found| found.price);
        // How far a price is away, so that for both sides farther is more and no price is the farthest.
        let far = |price: Option<f64>| match side {
            Side::Long => -price.unwrap_or(0.0),
            Side::Short => price.unwrap_or(f64::INFINITY),
        };
        let hair = ours.unwrap_or(0.0) * TICK + case.slack() * ours.unwrap_or(0.0) / entry;

        let bankrupt = bankruptcy_price(&case.position, case.contract);
        assert!(
            far(bankrupt) >= far(ours) - hair,
            "bankrupt at {bankrupt:?}, liquidated at {ours:?}: {}",
            context()
        );
        none_bankrupt += usize::from(bankrupt.is_none());

        let with = |position: Position| solved(&Case { position, ..case }).map(|found| found.price);
        let more = with(Position { margin: margin + margin.abs() * 0.1, ..case.position });
        assert!(far(more) >= far(ours) - hair, "{ours:?}, with more margin {more:?}: {}", context());
        let jump = case.table.rule() == TierRule::WholeByNotional;
        assert!(jump || ours.is_none() || far(more) > far(ours), "{ours:?} {more:?}: {}", context());
        none_after_more += usize::from(more.is_none());

        // Less to keep never brings it nearer.
        let free = solved(&Case { fee_rate: 0.0, ..case }).map(|found| found.price);
        assert!(far(free) >= far(ours) - hair, "{ours:?}, without fee {free:?}: {}", context());
    }
    println!("{asked} draws; bankrupt nowhere {none_bankrupt}, safe with more margin {none_after_more}");
}

/// With `u = 1/P` an inverse position is a linear one of the other side, of `S` coins at `1/E`: the same
/// schedule in the same unit gives reciprocal prices and the same tier.
#[test]
fn inverse_and_linear_mirror_each_other() {
    let mut numbers = Draws::seeded(0x0717);
    let mut priced = 0;
    for _ in 0..draws() / 10 {
        let rule = *numbers.pick(&[TierRule::Continuous, TierRule::WholeByNotional]);
        let first_cap = numbers.log_between(1.0, 1e6);
        let table = numbers.schedule(rule, first_cap);
        let (position, contract) = numbers.position(&table, true);
        let Contract::Inverse { contract_value } = contract else { continue };
        let linear = Position {
            side: position.side.opposite(),
            entry_price: 1.0 / position.entry_price,
            size: position.size * contract_value,
            margin: position.margin,
        };
        let mark = numbers.log_between(0.5, 2.0) * position.entry_price;
        let (here, there) = *numbers.pick(&[
            (Valuation::AtLiquidation, Valuation::AtLiquidation),
            (Valuation::AtEntry, Valuation::AtEntry),
            (Valuation::At(mark), Valuation::At(1.0 / mark)),
        ]);
        let fee_rate = *numbers.pick(&[0.0, 0.000_6]);
        let inverse =
            liquidation_under(&position, contract, &table, &Condition { valuation: here, fee_rate });
        let mirrored =
            liquidation_under(&linear, Contract::Linear, &table, &Condition { valuation: there, fee_rate });
        match (inverse, mirrored) {
            (None, None) => {}
            (Some(a), Some(b)) => {
                let off = (1.0 / a.price - b.price).abs();
                assert!(off < TICK * b.price.max(linear.entry_price), "{position:?} {a:?} {b:?}");
                priced += 1;
            }
            // Rounding at the end of all prices.
            (a, b) => {
                let u = a.map_or(0.0, |found| 1.0 / found.price) + b.map_or(0.0, |found| found.price);
                assert!(u < TICK * linear.entry_price, "{position:?} {a:?} {b:?}");
            }
        }
        let bankrupt = [bankruptcy_price(&position, contract), bankruptcy_price(&linear, Contract::Linear)];
        if let [Some(a), Some(b)] = bankrupt {
            assert!((1.0 / a - b).abs() < TICK * b.max(linear.entry_price));
        }
    }
    assert!(priced > draws() / 20, "{priced}");
}

/// Size and margin together `k` times as large leave the price where it was, if every tier is too.
#[test]
fn prices_do_not_depend_on_the_unit_of_size() {
    let mut numbers = Draws::seeded(0x517e);
    for _ in 0..draws() / 10 {
        let inverse = numbers.chance(0.5);
        let table = MarginTable::flat(numbers.log_between(0.001, 0.5), 1.0).unwrap();
        let (position, contract) = numbers.position(&table, inverse);
        let k = numbers.log_between(1e-6, 1e6);
        let scaled = Position { size: position.size * k, margin: position.margin * k, ..position };
        let valuation = *numbers.pick(&[Valuation::AtLiquidation, Valuation::AtEntry]);
        let condition = Condition { valuation, fee_rate: *numbers.pick(&[0.0, 0.000_5]) };
        let [a, b] = [position, scaled]
            .map(|position| liquidation_under(&position, contract, &table, &condition))
            .map(|found| found.map_or(0.0, |found| Case::variable_of(contract, found.price)));
        let entry = Case::variable_of(contract, position.entry_price);
        assert!((a - b).abs() <= 1e-12 * a.max(entry), "{position:?} ×{k}: {a} {b}");
    }
}

#[test]
fn prepared_tables_give_the_same_prices() {
    let mut numbers = Draws::seeded(0xba7c);
    let shipped = shipped(liqlens_market::Venue::BinanceUsdm);
    let mut none = 0;
    for _ in 0..draws() / 100 {
        let first_cap = numbers.log_between(1.0, 1e6);
        let random = numbers.schedule(TierRule::Continuous, first_cap);
        let table = if numbers.chance(0.5) { *numbers.pick(&shipped) } else { &random };
        let (inverse, fee_rate) = (numbers.chance(0.5), *numbers.pick(&[0.0, 0.000_75]));
        let (positions, contracts): (Vec<_>, Vec<_>) =
            (0..10).map(|_| numbers.position(table, inverse)).unzip();
        let contract = contracts[0];
        let prepared = PreparedTable::new(table, contract, fee_rate).unwrap();
        let mut prices = Vec::new();
        prepared.prices(&positions, &mut prices);
        assert_eq!(prices.len(), positions.len());
        for (position, price) in positions.iter().zip(prices) {
            let condition = Condition { valuation: Valuation::AtLiquidation, fee_rate };
            let one = liquidation_under(position, contract, table, &condition).map(|found| found.price);
            let x = |price: Option<f64>| price.map_or(0.0, |price| Case::variable_of(contract, price));
            let entry = Case::variable_of(contract, position.entry_price);
            assert!((x(one) - x(price)).abs() <= 1e-12 * x(one).max(entry), "{position:?} {one:?} {price:?}");
            none += usize::from(price.is_none());
        }
    }
    assert!(none > draws() / 1_000);
    for rule in [TierRule::WholeByNotional, TierRule::WholeBySize, TierRule::Ramp { per_base: 1e-5 }] {
        let table = numbers.schedule(rule, 1.0);
        assert!(PreparedTable::new(&table, Contract::Linear, 0.0).is_none());
    }
}

/// Maintenance summed part by part is rate times value less amount.
#[test]
fn maintenance_is_the_sum_over_the_tiers_parts() {
    let mut numbers = Draws::seeded(0x333);
    let kinds = kinds(&mut numbers);
    for _ in 0..draws() / 5 {
        let kind = numbers.pick(&kinds);
        let table = numbers.pick(&kind.tables);
        let (position, contract) = numbers.position(table, kind.inverse);
        let case = Case { position, contract, table, valuation: Valuation::AtLiquidation, fee_rate: 0.0 };
        let price = position.entry_price * numbers.log_between(0.3, 3.0);
        let x = case.variable(price);
        let (ours, plain) = (maintenance(table, contract, position.size, price), case.maintenance(x));
        let cents = case.slack() * case.notional(1.0);
        assert!((ours - plain).abs() <= 1e-12 * plain + cents, "{}: {position:?} {ours} {plain}", kind.name);
    }
}

/// The bare equation: at its price the balance is what the terms ask for.
#[test]
fn the_equation_balances_at_its_price() {
    let mut numbers = Draws::seeded(0xe9);
    let flat = MarginTable::flat(0.5, 1.0).unwrap();
    for _ in 0..draws() / 10 {
        let inverse = numbers.chance(0.5);
        let (position, contract) = numbers.position(&flat, inverse);
        let case = Case { position, contract, table: &flat, valuation: Valuation::AtEntry, fee_rate: 0.0 };
        let entry = case.variable(position.entry_price);
        let notional = case.notional(entry);
        let terms = Terms {
            rate: numbers.between(0.0, 0.5),
            amount: notional * numbers.between(0.0, 0.01),
            fee: numbers.between(0.0, 0.01),
        };
        let mark = position.entry_price * numbers.log_between(0.5, 2.0);
        let valuation = *numbers.pick(&[Valuation::AtLiquidation, Valuation::AtEntry, Valuation::At(mark)]);
        let Some(price) = solve(&position, contract, valuation, terms) else { continue };
        let x = case.variable(price);
        let valued_at = match valuation {
            Valuation::AtLiquidation => x,
            Valuation::AtEntry => entry,
            Valuation::At(price) => case.variable(price),
        };
        let kept = case.notional(valued_at) * terms.rate - terms.amount + case.notional(x) * terms.fee;
        let scale = case.notional(x) + notional + position.margin.abs();
        assert!(
            (case.equity(x) - kept).abs() < 1e-12 * scale,
            "{position:?} {valuation:?} {terms:?} {price}"
        );
        // And the library's balance is the plain one.
        let balance = position.balance(contract, price);
        assert!((balance - case.equity(x)).abs() < 1e-12 * scale);
    }
}
