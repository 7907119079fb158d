//! The forecast head: what turns a map into expected events (model specification, section 7.1).
//!
//! A cell's rate is a sum of parts, `λ = Σ κ_m·x_m`: the map's mass in the cell, and masses that know nothing
//! of the map – open interest spread evenly, or by distance from the price – for positions that do not exist
//! yet. The factors are learned online by expectation–maximisation with forgetting: each event is shared out
//! among the parts in proportion to what they promised, and a part's factor is the ratio of what it was given
//! to what it stood for,
//!
//! ```text
//! p_m = κ_m·x_m/λ      R_m ← f·R_m + Σ n·p_m      D_m ← f·D_m + Σ x_m      κ_m = R_m/D_m
//! ```
//!
//! A forecast is made before its window is learned from. The first windows are collected and fitted together,
//! because a wrong start would be believed for a half-life.

use std::collections::VecDeque;

/// Least share of the events that each group of parts is given: keeps every cell possible, and a part that
/// was wrong for a while able to come back.
const LEAST_SHARE: f64 = 1e-3;
/// Steps of the fit of the first windows.
const FIRST_FIT: u32 = 100;

/// Parts of a rate in one cell.
#[derive(Debug, Clone, Copy)]
pub(super) struct Parts<'a> {
    /// The map's mass; 0 for a head without a map.
    pub(super) map: f64,
    /// Masses that do not depend on the map: one evenly spread, or one per band of distance.
    pub(super) background: &'a [f64],
}

/// Learned factors of one model and horizon.
#[derive(Debug, Clone)]
pub(super) struct Head {
    has_map: bool,
    given_map: f64,
    stood_map: f64,
    given: Vec<f64>,
    stood: Vec<f64>,
    /// Events that the mean background rate counts for in each band.
    prior_events: f64,
    factor_map: f64,
    factors: Vec<f64>,
}

impl Head {
    /// A head with or without a map and with a number of background parts.
    pub(super) fn new(has_map: bool, background: usize) -> Self {
        Self {
            has_map,
            given_map: 0.0,
            stood_map: 0.0,
            given: vec![0.0; background],
            stood: vec![0.0; background],
            prior_events: 1.0,
            factor_map: 0.0,
            factors: vec![0.0; background],
        }
    }

    /// Expected events of a cell.
    pub(super) fn rate(&self, parts: Parts<'_>) -> f64 {
        self.map_rate(parts) + self.background_rate(parts)
    }

    /// The map's part of the expected events of a cell.
    pub(super) fn map_rate(&self, parts: Parts<'_>) -> f64 {
        if self.has_map { self.factor_map * parts.map } else { 0.0 }
    }

    fn background_rate(&self, parts: Parts<'_>) -> f64 {
        self.factors.iter().zip(parts.background).map(|(factor, mass)| factor * mass).sum()
    }

    /// Events per unit of the map.
    #[cfg(test)]
    pub(super) const fn map_factor(&self) -> f64 {
        self.factor_map
    }

    /// Forgets a share `1 − keep` of what was learned: once for every window, before its cells.
    pub(super) fn forget(&mut self, keep: f64) {
        self.given_map *= keep;
        self.stood_map *= keep;
        self.given.iter_mut().chain(&mut self.stood).for_each(|sum| *sum *= keep);
    }

    /// Takes one cell of a closed window; [`Head::settle`] makes the factors of it.
    pub(super) fn learn(&mut self, parts: Parts<'_>, events: f64) {
        if self.has_map {
            self.stood_map += parts.map;
        }
        for (stood, mass) in self.stood.iter_mut().zip(parts.background) {
            *stood += mass;
        }
        if events <= 0.0 {
            return;
        }
        let rate = self.rate(parts);
        if rate <= 0.0 {
            return;
        }
        let per_rate = events / rate;
        self.given_map += per_rate * self.map_rate(parts);
        for ((given, factor), mass) in self.given.iter_mut().zip(&self.factors).zip(parts.background) {
            *given += per_rate * factor * mass;
        }
    }

    /// Makes the factors of what was learned so far.
    pub(super) fn settle(&mut self) {
        let given: f64 = self.given.iter().sum();
        let stood: f64 = self.stood.iter().sum();
        let events = given + self.given_map;
        if events <= 0.0 || stood <= 0.0 {
            return;
        }
        self.factor_map = if self.has_map && self.stood_map > 0.0 {
            self.given_map.max(LEAST_SHARE * events) / self.stood_map
        } else {
            0.0
        };
        let mean = given.max(LEAST_SHARE * events) / stood;
        // A single part needs no prior; bands are drawn to the mean by the weight of one event.
        let prior = if self.given.len() > 1 { self.prior_events } else { 0.0 };
        for ((factor, given), stood) in self.factors.iter_mut().zip(&self.given).zip(&self.stood) {
            let known = (given + prior) / (stood + prior / mean);
            *factor = if prior > 0.0 { known } else { mean };
        }
    }

    /// Fits the first windows together. Half of the events are given to the map to begin with.
    pub(super) fn fit<'a>(
        &mut self,
        cells: &(impl Iterator<Item = (Parts<'a>, f64)> + Clone),
        prior_events: f64,
    ) {
        self.prior_events = prior_events;
        self.forget(0.0);
        let mut events = 0.0;
        for (parts, n) in cells.clone() {
            self.learn(parts, 0.0);
            events += n;
        }
        let stood: f64 = self.stood.iter().sum();
        if events <= 0.0 || stood <= 0.0 {
            return;
        }
        let to_map = if self.has_map && self.stood_map > 0.0 { 0.5 } else { 0.0 };
        self.given_map = to_map * events;
        let share = (1.0 - to_map) * events / stood;
        self.given = self.stood.iter().map(|mass| share * mass).collect();
        self.settle();
        for _ in 0..FIRST_FIT {
            self.forget(0.0);
            for (parts, n) in cells.clone() {
                self.learn(parts, n);
            }
            self.settle();
        }
    }
}

/// Effective size of a print, `Σs²/Σs` over the last prints, sizes cut at their 99.9 % point
/// (section 7.3): the scale of a window's total.
#[derive(Debug, Clone, Default)]
pub(super) struct Sizes {
    newest: VecDeque<f64>,
    since: usize,
    effective: f64,
}

impl Sizes {
    /// Prints remembered, and prints between two readings.
    const MEMORY: usize = 4_096;
    const EVERY: usize = 128;

    /// Takes the size of a print, contracts.
    pub(super) fn add(&mut self, contracts: f64) {
        self.newest.push_back(contracts);
        if self.newest.len() > Self::MEMORY {
            self.newest.pop_front();
        }
        self.since += 1;
        if self.since >= Self::EVERY || self.newest.len() < Self::EVERY {
            self.since = 0;
            self.effective = effective_size(self.newest.iter().copied());
        }
    }

    /// Contracts; 0 before the first print.
    pub(super) const fn effective(&self) -> f64 {
        self.effective
    }
}

fn effective_size(sizes: impl Iterator<Item = f64>) -> f64 {
    let mut sorted: Vec<f64> = sizes.collect();
    sorted.sort_by(f64::total_cmp);
    let cut = liqlens_score::interpolated_quantile(&sorted, 0.999).unwrap_or(0.0);
    let (squares, total) = sorted
        .iter()
        .map(|size| size.min(cut))
        .fold((0.0, 0.0), |(squares, total), size| (squares + size * size, total + size));
    if total > 0.0 { squares / total } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(map: f64, background: &[f64]) -> Parts<'_> {
        Parts { map, background }
    }

    /// Two windows with known factors, by hand. κ₁ = 2, κ₀ = 1 to begin with.
    #[test]
    fn one_step_by_hand() {
        let mut head = Head::new(true, 1);
        (head.given_map, head.stood_map) = (4.0, 2.0);
        (head.given[0], head.stood[0]) = (3.0, 3.0);
        head.settle();
        // A cell of map 3 and width 2: λ = 2·3 + 1·2 = 8; another of map 0 and width 1: λ = 1.
        assert_eq!((head.rate(parts(3.0, &[2.0])), head.rate(parts(0.0, &[1.0]))), (8.0, 1.0));
        // Four events in the first, one in the second; half is forgotten.
        head.forget(0.5);
        head.learn(parts(3.0, &[2.0]), 4.0);
        head.learn(parts(0.0, &[1.0]), 1.0);
        head.settle();
        // Map: R = 2 + 4·6/8 = 5, D = 1 + 3 = 4. Uniform: R = 1.5 + 4·2/8 + 1 = 3.5, D = 1.5 + 3 = 4.5.
        assert!((head.map_factor() - 1.25).abs() < 1e-12);
        assert!((head.rate(parts(0.0, &[1.0])) - 3.5 / 4.5).abs() < 1e-12);
    }

    #[test]
    fn the_first_fit_finds_planted_factors() {
        // Cells of map 0…9 and width 1 whose counts are exactly 0.5·map + 0.2.
        let widths = [1.0];
        let cells: Vec<(f64, f64)> = (0..10).map(|k| (f64::from(k), 0.5 * f64::from(k) + 0.2)).collect();
        let mut head = Head::new(true, 1);
        let fed = cells.iter().map(|(map, n)| (parts(*map, &widths), *n));
        head.fit(&fed, 1.0);
        assert!((head.map_factor() - 0.5).abs() < 1e-3, "{}", head.map_factor());
        assert!((head.rate(parts(0.0, &widths)) - 0.2).abs() < 5e-3);
    }

    #[test]
    fn no_cell_is_ruled_out() {
        let mut head = Head::new(true, 1);
        // All events where the map is: the uniform part still gets its least share.
        let cells = [(parts(1.0, &[1.0]), 5.0), (parts(0.0, &[1e3]), 0.0)];
        head.fit(&cells.into_iter(), 1.0);
        assert!(head.rate(parts(0.0, &[1.0])) >= 0.9e-3 * 5.0 / 1001.0);
        // A band nothing was ever seen in has the mean rate.
        let mut bands = Head::new(false, 3);
        bands.fit(&[(parts(0.0, &[2.0, 2.0, 0.0]), 8.0)].into_iter(), 1.0);
        assert!((bands.rate(parts(0.0, &[0.0, 0.0, 1.0])) - 2.0).abs() < 1e-9);
    }

    #[test]
    fn one_huge_print_moves_the_effective_size_little() {
        let mut sizes = Sizes::default();
        for _ in 0..4_000 {
            sizes.add(2.0);
        }
        sizes.add(1e9);
        for _ in 0..90 {
            sizes.add(2.0);
        }
        for _ in 0..Sizes::EVERY {
            sizes.add(2.0);
        }
        assert!((sizes.effective() - 2.0).abs() < 1e-9, "{}", sizes.effective());
    }
}
