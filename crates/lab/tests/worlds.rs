//! A short cut through the table of all worlds (METHODOLOGY.md has the whole of it): in a world it never saw,
//! M2 is of the right size, beats the peers, comes close to the true map and keeps its promises.

use liqlens_engine::Market;
use liqlens_lab::contest::{Contest, Contestant, Horizon, Settings};
use liqlens_lab::synthetic::{PrintFeed, START, Synthetic, World};
use liqlens_lab::{Baseline, roster_model};
use liqlens_market::{Side, Span};
use liqlens_model::LogGrid;

const DAYS: u32 = 26;
const SKIPPED: i64 = 16;

#[test]
fn m2_is_right_where_the_truth_is_known() {
    let mut synthetic = Synthetic::new(World::Alt, 21, DAYS).unwrap();
    let names = ["m0a", "m0d", "m0e", "m1", "m2"];
    let mut contestants: Vec<Contestant> = names
        .iter()
        .map(|name| {
            let model = roster_model(name, synthetic.instrument(), synthetic.margin_table()).unwrap();
            Contestant::market(name, Market::new(synthetic.instrument().clone(), model.unwrap()))
        })
        .collect();
    contestants.push(Contestant::given("truth"));
    let mut settings = Settings::history(START + Span::DAY);
    settings.score_from = Some(START + Span::DAY.times(SKIPPED));
    settings.horizons = vec![Horizon::PROTOCOL[1]];
    settings.baselines = [Baseline::A, Baseline::D, Baseline::E].map(|one| one.id().to_owned()).to_vec();
    settings.simulations = 10;
    let mut contest = Contest::new(contestants, settings).unwrap();
    while let Some(minute) = synthetic.next() {
        for event in minute.events(PrintFeed::Full) {
            contest.step(&event);
        }
        if contest.is_due(synthetic.now()) {
            for side in Side::BOTH {
                let map = synthetic.truth().map(side, LogGrid::STANDARD);
                contest.give(names.len(), side, map.first, &map.contracts);
            }
        }
    }
    let outcome = contest.finish().unwrap();
    let five = &outcome.horizons[0];
    let of = |name: &str| five.forecasts.iter().find(|forecast| forecast.name == name).unwrap();
    let (m2, truth) = (of("m2"), of("truth"));
    let level = m2.raw_level.unwrap();
    assert!((0.5..2.0).contains(&level), "raw level {level}");
    assert!(of("m0a").raw_level.unwrap() > 20.0 * level, "the peers' size is another matter");
    let over_peer = m2.plain.over_baselines[0].unwrap();
    assert!(over_peer.lower.unwrap() > 0.0, "{over_peer:?}");
    assert!(m2.plain.over_best_baseline.unwrap().value > 0.0);
    let gain = |scores: &liqlens_lab::contest::HeadScores| scores.over_uniform.unwrap().value;
    let share = gain(&m2.plain) / gain(&truth.plain);
    assert!((0.8..1.05).contains(&share), "{share} of the true map's gain");
    for (band, range) in m2.totals.coverage[1..].iter().zip([0.72..0.88, 0.90..0.99]) {
        assert!(range.contains(&band.share.unwrap()), "{band:?}");
    }
}
