//! A synthetic market flows through the engine like a real one.

use liqlens_engine::Market;
use liqlens_lab::synthetic::{PrintFeed, Synthetic, World};
use liqlens_market::{Side, Span};
use liqlens_model::{FlowModel, ModelId};

#[test]
fn the_engine_answers_from_synthetic_events() {
    let mut world = World::Default.parameters();
    world.market.warm_up_days = 10.0;
    let mut synthetic = Synthetic::with(world, 1, 3).unwrap();
    let model = FlowModel::new(ModelId::M1, synthetic.instrument(), synthetic.margin_table()).unwrap();
    let mut market = Market::new(synthetic.instrument().clone(), model);
    let mut liquidated_usd = 0.0;
    while let Some(minute) = synthetic.next() {
        for event in minute.events(PrintFeed::Full) {
            market.step(&event);
        }
        liquidated_usd += minute
            .liquidations
            .iter()
            .filter(|one| one.at >= synthetic.now() - Span::DAY)
            .map(|one| one.size.to_f64() * one.fill_price.unwrap().to_f64())
            .sum::<f64>();
    }
    let counters = market.counters();
    assert_eq!((counters.intervals, counters.late, counters.gaps), (3 * 1_440, 0, 0));
    assert_eq!((counters.superseded_bars, counters.partial_bars, counters.clamped_oi_changes), (0, 0, 0));
    assert_eq!(market.clock(), Some(synthetic.now()));
    assert_eq!(market.open_interest().held_readings, 0);
    assert!(liquidated_usd > 0.0);

    let truth = synthetic.truth();
    let standing = market.standing().unwrap();
    let open_interest = truth.open_interest().to_f64();
    assert_eq!(standing.open_interest, open_interest);
    assert_eq!(standing.price, truth.mark_price());
    for levels in &standing.sides {
        assert!((levels.total() / open_interest - 1.0).abs() < 1e-9);
    }
    // The estimate and the truth are about the same thing: as much as a fold of three days can know, they
    // put the same order of magnitude within 10 % of the price.
    for side in Side::BOTH {
        let map = truth.map(side, standing.grid);
        let mark = standing.grid.bin(truth.mark_price());
        let reach = standing.grid.shift(0.1);
        let near = |first: i32, contracts: &mut dyn Iterator<Item = f64>| -> f64 {
            (first..).zip(contracts).filter(|(bin, _)| (bin - mark).abs() <= reach).map(|(_, c)| c).sum()
        };
        let levels = &standing.sides[side.index()];
        let estimated = near(levels.first, &mut levels.contracts.iter().map(|bands| bands.iter().sum()));
        let actual = near(map.first, &mut map.contracts.iter().copied());
        let ratio = estimated / actual;
        assert!((0.1..30.0).contains(&ratio), "{side}: {estimated} against {actual}");
    }
}
