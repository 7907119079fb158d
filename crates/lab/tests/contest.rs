//! The contest as a whole: hand-computed scores, a planted world, causality, calibration.
#![allow(clippy::unwrap_used)] // helpers of tests fail as tests do

use liqlens_engine::Market;
use liqlens_lab::contest::{
    Cells, Contest, ContestError, Contestant, ForecastOutcome, Horizon, Outcome, Settings, Weights, markdown,
};
use liqlens_market::{
    Bar, BarSource, Completeness, Event, EventBody, Instrument, Liquidation, OpenInterest, Price, Side, Size,
    Span, Timestamp,
};
use liqlens_model::{FlowModel, LogGrid, ModelId};

const GRID: LogGrid = LogGrid::STANDARD;
/// Bin of the price that the made-up markets move about.
const HOME: i32 = 22_000;

fn start() -> Timestamp {
    Timestamp::parse_text("2026-03-01").unwrap()
}

fn minute(n: i64) -> Timestamp {
    start() + Span::MINUTE.times(n)
}

/// A price at a position in bin units relative to `HOME`; a hair above, so that an edge belongs to its
/// bin, and too little above to sweep anything of it.
fn price(position: f64) -> Price {
    Price::from_f64(GRID.price(f64::from(HOME) + position + 5e-10)).unwrap()
}

fn bar(n: i64, [open, high, low, close]: [f64; 4]) -> Event {
    let bar = Bar {
        source: BarSource::Trades,
        length: Span::MINUTE,
        open: price(open),
        high: price(high),
        low: price(low),
        close: price(close),
        volume: Size::parse(b"10").unwrap(),
        taker_buy: None,
    };
    Event::bar(minute(n), bar)
}

fn open_interest(n: i64) -> Event {
    let size = Size::parse(b"2000").unwrap();
    Event::at(minute(n), EventBody::OpenInterest(OpenInterest { size, value: None }))
}

/// A print in minute `n`, `second` seconds into it.
fn print(n: i64, second: i64, side: Side, position: Option<f64>, contracts: f64) -> Event {
    let body = Liquidation {
        side,
        size: Size::from_f64(contracts).unwrap(),
        order_price: None,
        fill_price: position.map(price),
        completeness: Completeness::Full,
    };
    Event::at(minute(n) + Span::SECOND.times(second), EventBody::Liquidation(body))
}

fn market(id: ModelId) -> Market {
    let name = "binance:BTCUSDT".parse().unwrap();
    let table = liqlens_margin::table(&name, start()).unwrap();
    let instrument = Instrument::from_market(name).unwrap();
    let model = FlowModel::new(id, &instrument, &table.table).unwrap();
    Market::new(instrument, model)
}

fn settings(minutes: i64) -> Settings {
    let mut settings = Settings::sample(minute(10));
    settings.horizons = vec![Horizon { length: Span::MINUTE.times(minutes), reach: 0.08 }];
    settings.simulations = 50;
    settings.bootstrap.resamples = 200;
    settings
}

fn forecast<'a>(outcome: &'a Outcome, name: &str) -> &'a ForecastOutcome {
    outcome.horizons[0].forecasts.iter().find(|one| one.name == name).unwrap()
}

/// A market that sweeps one bin down and one up each minute; longs are liquidated in the first bin below the
/// price `rate_low` times a minute on average, shorts above `rate_high` times.
#[derive(Debug, Clone)]
struct Seesaw {
    state: u64,
}

impl Seesaw {
    fn uniform(&mut self) -> f64 {
        self.state =
            self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.state >> 11) as f64 / 9_007_199_254_740_992.0
    }

    fn poisson(&mut self, mean: f64) -> u32 {
        let (limit, mut product, mut count) = ((-mean).exp(), self.uniform(), 0);
        while product > limit {
            product *= self.uniform();
            count += 1;
        }
        count
    }
}

/// Rates of longs and shorts in a minute: they change sides every 7 minutes, which a map can know and no
/// reference can.
fn planted(n: i64) -> [f64; 2] {
    if (n / 7) % 2 == 0 { [2.0, 0.25] } else { [0.25, 2.0] }
}

/// Plays minutes `0..minutes` to a contest; `given` fills the maps of a moment.
fn play(contest: &mut Contest, minutes: i64, seed: u64, mut given: impl FnMut(&mut Contest, i64)) {
    let mut dice = Seesaw { state: seed };
    for n in 0..minutes {
        contest.step(&open_interest(n));
        given(contest, n);
        for (side, rate, position) in [(Side::Long, planted(n)[0], -0.5), (Side::Short, planted(n)[1], 0.5)] {
            for k in 0..dice.poisson(rate) {
                let second = 1 + i64::from(k.min(50));
                contest.step(&print(n, second, side, Some(position), 1.0));
            }
        }
        contest.step(&bar(n, [0.0, 1.0, -1.0, 0.0]));
    }
}

/// Gives a map of `long` contracts in the bin below the price and `short` in the one above.
fn give(contest: &mut Contest, place: usize, [long, short]: [f64; 2]) {
    contest.give(place, Side::Long, HOME - 1, &[long, 0.0]);
    contest.give(place, Side::Short, HOME, &[short]);
}

fn planted_contest(minutes: i64, seed: u64) -> Outcome {
    let contestants = vec![
        Contestant::market("M1", market(ModelId::M1)),
        Contestant::given("truth"),
        Contestant::given("twin"),
        Contestant::given("wrong"),
    ];
    let mut settings = settings(1);
    settings.baselines = vec!["twin".to_owned(), "wrong".to_owned()];
    let mut contest = Contest::new(contestants, settings).unwrap();
    play(&mut contest, minutes, seed, |contest, n| {
        let rates = planted(n);
        give(contest, 1, rates.map(|rate| 100.0 * rate));
        give(contest, 2, rates.map(|rate| 100.0 * rate));
        give(contest, 3, [100.0 * rates[1], 100.0 * rates[0]]);
    });
    contest.finish().unwrap()
}

/// The truth λ is (2, ¼) or (¼, 2); a uniform reference knows 1.125. Its expected gain is
/// `½·[2·ln(2/1.125) + ¼·ln(¼/1.125)]·2 / 2.25` a print: (1.15073 − 0.37602)/2.25 = 0.34432.
#[test]
fn a_planted_truth_wins_by_what_theory_says() {
    let outcome = planted_contest(8_000, 3);
    let horizon = &outcome.horizons[0];
    assert_eq!((horizon.incomplete, horizon.unplaced, horizon.beyond), (0, 0.0, 0));
    assert!(horizon.windows.abs_diff(7_031) < 20, "{}", horizon.windows);
    let truth = forecast(&outcome, "truth");
    let over_uniform = truth.plain.over_uniform.unwrap();
    assert!((over_uniform.value - 0.344_32).abs() < 0.02, "{over_uniform:?}");
    assert!(over_uniform.lower.unwrap() > 0.3 && over_uniform.upper.unwrap() < 0.39, "{over_uniform:?}");
    for other in ["R1", "R2", "M1", "wrong"] {
        let other = forecast(&outcome, other);
        assert!(other.plain.over_uniform.unwrap().value < over_uniform.value - 0.2, "{}", other.name);
    }
    // The map is the truth in units 100 times too large, so its level is 100; most of the prints are put
    // down to it (the bands of distance could explain some of them as well).
    assert!((truth.raw_level.unwrap() - 100.0).abs() < 3.0, "{:?}", truth.raw_level);
    assert!(truth.map_share.unwrap() > 0.9, "{:?}", truth.map_share);
    assert!((truth.product.expected / horizon.events - 1.0).abs() < 0.03);
    // A calibrated Poisson forecast passes every test and has calibrated rows.
    let tests = &truth.product.tests;
    assert!(tests.number.unwrap().into_iter().all(|p| p > 0.01), "{tests:?}");
    assert!(tests.likelihood.unwrap() > 0.01 && tests.space.unwrap() > 0.01, "{tests:?}");
    assert!((truth.plain.calibration_slope.unwrap() - 1.0).abs() < 0.05);
    // A forecast that has the sides the wrong way round is told so by its slope: the head falls back on the
    // uniform part and gains nothing.
    let wrong = forecast(&outcome, "wrong");
    assert!(wrong.map_share.unwrap() < 0.05 && wrong.plain.over_uniform.unwrap().value.abs() < 0.02);
    // Bands of totals that are Poisson with mean 2.25.
    let coverage = &truth.totals.coverage;
    for (band, least) in coverage.iter().zip([0.48, 0.78, 0.93]) {
        assert!(band.share.unwrap() > least && band.share.unwrap() < band.nominal + 0.05, "{coverage:?}");
    }
    assert!((truth.totals.level.unwrap() - 1.0).abs() < 0.03);
    // Totals of single contracts are whole numbers, the law behind the transforms is smooth: one of the
    // steps, 0.24 for a total of one, is missed by about half.
    assert!(truth.totals.transform_distance.unwrap() < 0.2, "{:?}", truth.totals.transform_distance);
    let text = markdown(&outcome);
    assert_eq!(text.matches("| truth |").count(), 2);
}

#[test]
fn a_model_gains_nothing_over_its_twin() {
    let outcome = planted_contest(3_000, 5);
    let (truth, twin) = (forecast(&outcome, "truth"), forecast(&outcome, "twin"));
    assert_eq!((&truth.plain.over_uniform, truth.raw_level), (&twin.plain.over_uniform, twin.raw_level));
    let gain = truth.plain.over_baselines[0].unwrap();
    assert_eq!((gain.value, gain.lower, gain.upper), (0.0, Some(0.0), Some(0.0)));
    // The best baseline of the twin is the other one; of the truth, the twin.
    assert!(twin.plain.over_best_baseline.unwrap().value > 0.2);
    assert_eq!(truth.plain.over_best_baseline.unwrap().value, 0.0);
    assert_eq!(outcome.horizons[0].best_baseline.as_deref(), Some("twin"));
}

/// What comes later does not change what was forecast: the scores of a period are the same whether the feed
/// ends there or goes on.
#[test]
fn the_future_changes_nothing() {
    let contestants = || {
        vec![Contestant::market("M0a", market(ModelId::M0)), Contestant::market("M1", market(ModelId::M1))]
    };
    let limits = || {
        let mut settings = settings(5);
        settings.until = Some(minute(600));
        settings.score_from = Some(minute(200));
        settings
    };
    let outcome = |minutes: i64| {
        let mut contest = Contest::new(contestants(), limits()).unwrap();
        play(&mut contest, minutes, 9, |_, _| ());
        contest.finish().unwrap()
    };
    let (short, long) = (outcome(600), outcome(1_500));
    assert_eq!(short.horizons[0].windows, 80);
    assert!(short.horizons[0].events > 500.0);
    assert_eq!(markdown(&short), markdown(&long));
    assert_eq!(format!("{short:?}"), format!("{long:?}"));
}

/// Two scored windows by hand. The first fit sees 60 prints in a cell of map 10 and none beside it, so it
/// gives the map all but the least share; the rates follow.
#[test]
fn two_windows_by_hand() {
    let contestants = vec![Contestant::market("M1", market(ModelId::M1)), Contestant::given("map")];
    let mut settings = settings(1);
    settings.half_life = Span::DAY.times(100_000);
    settings.score_from = Some(minute(11));
    settings.until = Some(minute(13));
    let mut contest = Contest::new(contestants, settings).unwrap();
    for n in 0..14 {
        contest.step(&open_interest(n));
        // Only longs are swept: one whole bin a minute, uniform mass 2000·5e-4 = 1.
        let map = [10.0, 4.0, 2.0][usize::try_from((n - 10).clamp(0, 2)).unwrap()];
        give(&mut contest, 1, [map, 0.0]);
        let prints = match n {
            10 => 60,
            11 => 30,
            12 => 6,
            _ => 0,
        };
        for k in 0..prints {
            contest.step(&print(n, 1 + k % 50, Side::Long, Some(-0.5), 0.5));
        }
        contest.step(&bar(n, [0.0, 0.0, -1.0, 0.0]));
    }
    let outcome = contest.finish().unwrap();
    let horizon = &outcome.horizons[0];
    assert_eq!((horizon.windows, horizon.burn_in, horizon.cells), (2, 1, 2));
    assert_eq!((horizon.prints, horizon.events, horizon.contracts), (36.0, 36.0, 18.0));
    let map = forecast(&outcome, "map");
    // Swept map 4 + 2 over 15 + 3 contracts.
    assert!((map.raw_level.unwrap() - 6.0 / 18.0).abs() < 1e-6);
    // R1: 60 a bin; then (60 + 30)/2 = 45. Log ratio and excess of the model against it need the model's
    // factors. The first window is one cell, so its likelihood is flat: 30 and 30 stay. κ₁ = 3, κ₀ = 30.
    // Window 11: λ = 3·4 + 30 = 42. Shares of 30: 12/42 and 30/42, so κ₁ = (30 + 8.5714)/14 = 2.7551 and
    // κ₀ = (30 + 21.4286)/2 = 25.7143. Window 12: λ = 2·2.7551 + 25.7143 = 31.2245.
    let gain = 30.0 * (42.0_f64 / 60.0).ln() + 6.0 * (31.224_49_f64 / 45.0).ln()
        - (42.0 - 60.0)
        - (31.224_49 - 45.0);
    let found = map.plain.over_uniform.unwrap().value;
    assert!((found - gain / 36.0).abs() < 1e-5, "{found} instead of {}", gain / 36.0);
    assert!((map.plain.expected - 73.224_49).abs() < 1e-4);
}

/// A feed of minute sums: a five-minute window whose minutes sweep disjoint parts. Groups and bins add up to
/// the same expected totals, prints and contracts; only the groups know no bin.
#[test]
fn groups_and_bins_agree_on_totals() {
    let outcome = |cells: Cells, weights: Weights| {
        let contestants = vec![Contestant::market("M1", market(ModelId::M1)), Contestant::given("flat")];
        let mut settings = settings(5);
        (settings.cells, settings.weights) = (cells, weights);
        let mut contest = Contest::new(contestants, settings).unwrap();
        for n in 0..900 {
            contest.step(&open_interest(n));
            contest.give(1, Side::Long, HOME - 100, &[1.0; 200]);
            contest.give(1, Side::Short, HOME - 100, &[1.0; 200]);
            // Down two bins a minute for five minutes, then back up.
            let phase = n.rem_euclid(10) as f64;
            let from = if phase < 5.0 { -2.0 * phase } else { -2.0 * (10.0 - phase) };
            let to = if phase < 5.0 { from - 2.0 } else { from + 2.0 };
            let side = if phase < 5.0 { Side::Long } else { Side::Short };
            contest.step(&print(n, 60, side, None, 2.0));
            contest.step(&bar(n, [from, from.max(to), from.min(to), to]));
        }
        contest.finish().unwrap()
    };
    let bins = outcome(Cells::Bins, Weights::Prints);
    let minutes = outcome(Cells::Minutes, Weights::Prints);
    let (a, b) = (&bins.horizons[0], &minutes.horizons[0]);
    assert_eq!((a.windows, b.windows), (a.windows, a.windows));
    // Ten bins and a sliver a window against five minutes.
    assert!(a.cells >= 10 * a.windows && b.cells == 5 * b.windows, "{} {} {}", a.cells, b.cells, b.windows);
    assert!((a.prints - b.prints).abs() < 1e-3 && (a.contracts - 2.0 * a.prints).abs() < 1e-2);
    for name in ["R1", "R2", "M1", "flat"] {
        let (a, b) = (forecast(&bins, name), forecast(&minutes, name));
        assert!((a.plain.expected / b.plain.expected - 1.0).abs() < 1e-2, "{name}");
    }
    // Unless told otherwise, a feed without prices is scored by minutes and contracts.
    let auto = outcome(Cells::Auto, Weights::Auto);
    assert_eq!((auto.weights, auto.horizons[0].cells), (Weights::Contracts, b.cells));
    assert!((auto.horizons[0].events - auto.horizons[0].contracts).abs() < 1e-6);
}

#[test]
fn windows_with_missing_minutes_are_left_out_and_counted() {
    let run = |missing: &[i64]| {
        let mut contest =
            Contest::new(vec![Contestant::market("M1", market(ModelId::M1))], settings(5)).unwrap();
        for n in (0..100).filter(|n| !missing.contains(n)) {
            contest.step(&open_interest(n));
            contest.step(&print(n, 5, Side::Long, Some(-0.5), 1.0));
            contest.step(&bar(n, [0.0, 1.0, -1.0, 0.0]));
        }
        // Days later: the window in progress is dropped, and nothing in between is a window.
        contest.step(&open_interest(100_000));
        contest.finish().unwrap().horizons.remove(0)
    };
    let whole = run(&[]);
    // 18 windows of five minutes from 10 to 100; the one that begins at 100 has no minutes.
    assert_eq!((whole.windows + whole.burn_in, whole.incomplete), (18, 1));
    let holed = run(&[42, 43, 61]);
    assert_eq!((holed.windows + holed.burn_in, holed.incomplete), (16, 3));
}

#[test]
fn impossible_contests_are_refused() {
    let new = |contestants, change: &dyn Fn(&mut Settings)| {
        let mut settings = settings(5);
        change(&mut settings);
        Contest::new(contestants, settings).unwrap_err()
    };
    let m1 = || Contestant::market("M1", market(ModelId::M1));
    assert_eq!(new(vec![Contestant::given("x")], &|_| ()), ContestError::NoMarket);
    assert_eq!(new(vec![m1(), m1()], &|_| ()), ContestError::Name("M1".to_owned()));
    let baseline = new(vec![m1()], &|settings| settings.baselines.push("M9".to_owned()));
    assert_eq!(baseline, ContestError::Baseline("M9".to_owned()));
    for length in [Span::ZERO, Span::SECOND, Span::MINUTE.times(7), Span::DAY.times(2)] {
        let error = new(vec![m1()], &|settings| settings.horizons[0].length = length);
        assert_eq!(error, ContestError::Horizon(0));
    }
    let error = new(vec![m1()], &|settings| settings.half_life = Span::ZERO);
    assert!(matches!(error, ContestError::NotPositive(_)));
}
