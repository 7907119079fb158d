//! What comes and goes at levels, by hand and against plain sums.

use proptest::prelude::*;

use super::*;

const ONE: [f64; 1] = [1.0];

fn book(side: Side, levels: &[(BinIndex, f64)]) -> LevelBook {
    let mut book = LevelBook::new(side, LogGrid::STANDARD, &[-9; 1], 1);
    add(&mut book, 0, levels, &ONE, &ONE);
    book
}

/// Adds flow of one class at several levels.
fn add(book: &mut LevelBook, class: usize, levels: &[(BinIndex, f64)], stored: &[f64], weights: &[f64]) {
    let mut openings = Openings::default();
    openings.clear(stored);
    // Entries lie nine bins above their levels.
    let entries = levels.iter().map(|(level, contracts)| (level + 9, *contracts));
    let opened = openings.fill(entries, &BlockPrices::new(LogGrid::STANDARD));
    let offsets = (0..book.classes).map(|other| (other == class).then_some(-9));
    let weights = weights.repeat(book.classes);
    book.add(&openings, offsets, &(BinIndex::MIN..BinIndex::MAX), &weights, |added_to, added| {
        assert_eq!((added_to, added), (class, opened));
    });
}

fn masses(book: &LevelBook, levels: &[BinIndex]) -> Vec<f64> {
    levels.iter().map(|level| book.level_mass(*level, &ONE)).collect()
}

#[test]
fn a_fall_clears_longs_above_it_and_part_of_its_bin() {
    let mut book = book(Side::Long, &[(8, 1.0), (9, 2.0), (10, 4.0)]);
    // The price falls to 9.25: bin 10 is gone, a quarter of bin 9 (the part below the price) stands.
    assert_eq!(book.sweep(9, 9.25, &ONE, &mut []).mass, 4.0 + 1.5);
    assert_eq!(masses(&book, &[8, 9, 10]), [1.0, 0.5, 0.0]);
    // Falling further inside the bin removes in proportion to what was left: 0.5 → 0.25 at 9.125.
    assert_eq!(book.sweep(9, 9.125, &ONE, &mut []).mass, 0.25);
    // A higher low afterwards removes nothing.
    assert_eq!(book.sweep(9, 9.9, &ONE, &mut []).mass, 0.0);
    assert_eq!(book.lane_mass(), [1.25]);
}

#[test]
fn a_rise_is_the_mirror_image_for_shorts() {
    let mut book = book(Side::Short, &[(8, 4.0), (9, 2.0), (10, 1.0)]);
    assert_eq!(book.sweep(9, 9.75, &ONE, &mut []).mass, 4.0 + 1.5);
    assert_eq!(masses(&book, &[8, 9, 10]), [0.0, 0.5, 1.0]);
    assert_eq!(book.bins(), 9..11);
}

#[test]
fn storage_grows_both_ways_without_moving_mass() {
    let mut book = book(Side::Long, &[(0, 1.0)]);
    for (level, mass) in [(5_000, 2.0), (-5_000, 3.0)] {
        add(&mut book, 0, &[(level, mass)], &ONE, &ONE);
    }
    assert_eq!(masses(&book, &[-5_000, 0, 5_000, 1]), [3.0, 1.0, 2.0, 0.0]);
    assert_eq!(book.lane_mass(), [6.0]);
    assert_eq!(book.sweep(-6_000, -6_000.0, &ONE, &mut []).mass, 6.0);
    assert!(book.bins().is_empty());
}

/// The loops for six and eight lanes against the plain one for seven, lane by lane.
#[test]
fn the_number_of_lanes_changes_nothing() {
    let stored = [1.0, 0.5, 2.0, 4.0, 0.25, 1.0, 8.0, 0.125];
    let weights = [0.5, 0.25, 1.0, 0.125, 0.5, 0.75, 0.0, 2.0];
    let factors = [1.0, 2.0, 0.5, 0.25, 4.0, 1.0, 0.5, 1.0];
    let book = |from: usize, lanes: usize| {
        let mut book = LevelBook::new(Side::Short, LogGrid::STANDARD, &[-9; 2], lanes);
        let lanes = from..from + lanes;
        let levels = [(4, 3.0), (5, 1.0), (4, 2.0)];
        add(&mut book, 1, &levels, &stored[lanes.clone()], &weights[lanes.clone()]);
        let mut masses = [0.0; 3];
        book.level_masses(3, &factors[lanes.clone()], &mut masses);
        let one_by_one = [3, 4, 5].map(|level| book.level_mass(level, &factors[lanes.clone()]));
        assert_eq!(masses, one_by_one);
        let mut by_class = [0.0; 2];
        let effective = lanes.clone().map(|lane| single(weights[lane] * factors[lane]));
        let twice: Vec<f32> = effective.clone().chain(effective).collect();
        let count = lanes.len();
        book.add_level_mass_by_run(4, &twice, &[(0, 0..count), (1, count..2 * count)], &mut by_class);
        assert_eq!(by_class, [0.0, masses[1]]);
        // Six contracts in all, of the second class.
        let flow = [vec![0.0; count], stored[lanes].iter().map(|stored| 6.0 * stored).collect()].concat();
        assert_eq!(book.flow(), flow);
        (masses, book.lane_mass().to_vec())
    };
    // All figures are short binary fractions, so that the order of the sums does not matter.
    let alone: Vec<_> = (0..8).map(|lane| book(lane, 1)).collect();
    for lanes in [6, 7, 8] {
        let (masses, lane_mass) = book(0, lanes);
        for (level, mass) in masses.iter().enumerate() {
            assert_eq!(*mass, alone[..lanes].iter().map(|(masses, _)| masses[level]).sum::<f64>());
        }
        assert_eq!(lane_mass, alone[..lanes].iter().map(|(_, mass)| mass[0]).collect::<Vec<_>>());
    }
    // By hand, lane 0: 5 contracts × 1 × 0.5 at level 4.
    assert_eq!(alone[0].0, [0.0, 2.5, 0.5]);
}

/// Specification, A8: the map is linear in the weights. Figures are short binary fractions.
#[test]
fn maps_add_up_as_their_weights_do() {
    let mut book = LevelBook::new(Side::Short, LogGrid::STANDARD, &[-9; 3], 2);
    for class in 0..3 {
        let levels = [(10, 2.0 + class as f64), (12, 0.5)];
        add(&mut book, class, &levels, &[1.0, 4.0], &[1.0, 1.0]);
    }
    let (a, b) = ([1.0, 0.5, 0.25, 2.0, 4.0, 0.0], [0.5, 0.5, 8.0, 1.0, 0.25, 16.0]);
    let both: Vec<f64> = a.iter().zip(&b).map(|(a, b)| a + b).collect();
    let map = |weights: &[f64]| {
        let mut masses = [0.0; 4];
        book.level_masses_under(10, weights, &mut masses);
        masses
    };
    let sum: Vec<f64> = map(&a).iter().zip(map(&b)).map(|(a, b)| a + b).collect();
    assert_eq!(map(&both).to_vec(), sum);
    // By hand, weights a at level 12: ½·(1·1 + 4·½) + ½·(1·¼ + 4·2) + ½·(1·4 + 0).
    assert_eq!(map(&a)[2], 1.5 + 4.125 + 2.0);
}

proptest! {
    /// Whatever comes and goes, the running totals are the sums of the cells, with their prices and without,
    /// for every number of lanes.
    #[test]
    fn the_totals_are_the_sums_of_the_cells(
        lanes in 5..9_usize,
        steps in proptest::collection::vec((0..2_usize, -900..900_i32, 0.1..9.0_f64, 0.0..1.0_f64), 1..60),
    ) {
        let mut book = LevelBook::new(Side::Long, LogGrid::STANDARD, &[-9; 2], lanes);
        let (stored, factors) = (&[1.0, 0.3, 7.0, 2.0, 0.1, 4.0, 1.0, 9.0][..lanes], &[1.0; 8][..lanes]);
        for (class, level, contracts, far) in steps {
            let levels = [(level, contracts), (level - 3, contracts)];
            add(&mut book, class, &levels, stored, &factors.iter().map(|_| 0.5).collect::<Vec<_>>());
            if far < 0.3 {
                book.sweep(level, f64::from(level) + far, factors, &mut []);
            }
            if far > 0.9 {
                book.rescale(&[far, 1.0, 0.5, 1.0, 1.0, 0.1, 1.0, 2.0][..lanes]);
            }
            for cell in 0..2 * lanes {
                let levels = || book.bins().filter_map(|level| Some((level, book.level_cells(level)?[cell])));
                let flow: f64 = levels().map(|(_, mass)| f64::from(mass)).sum();
                let worth = |(level, mass)| f64::from(mass) * LogGrid::STANDARD.middle(level);
                let worth: f64 = levels().map(worth).sum();
                prop_assert!((book.flow()[cell] - flow).abs() <= 1e-4 * (1.0 + flow));
                prop_assert!((book.worth()[cell] - worth).abs() <= 1e-4 * (1.0 + worth));
            }
        }
    }
}

#[test]
fn rescaling_folds_factors_in() {
    let mut book = LevelBook::new(Side::Long, LogGrid::STANDARD, &[-9; 2], 2);
    add(&mut book, 0, &[(3, 4.0)], &[1.0, 2.0], &[0.5, 0.25]);
    add(&mut book, 1, &[(3, 4.0)], &[1.0, 2.0], &[0.5, 0.5]);
    assert_eq!(book.lane_mass(), [4.0, 6.0]);
    book.rescale(&[0.5, 0.0]);
    assert_eq!(book.lane_mass(), [2.0, 0.0]);
    assert_eq!(book.flow(), [2.0, 0.0, 2.0, 0.0]);
    let mut by_class = [0.0; 2];
    let runs = [(0, 0..2), (1, 2..4)];
    book.add_level_mass_by_run(3, &[0.5, 0.25, 0.5, 0.5], &runs, &mut by_class);
    book.add_level_mass_by_run(900, &[0.5, 0.25, 0.5, 0.5], &runs, &mut by_class);
    assert_eq!(by_class, [1.0, 1.0]);
}
