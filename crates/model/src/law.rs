//! The distance law as liquidation reports teach it (model specification, section 6).
//!
//! In every few minutes the price swept some mass of each (class, lane) on each side, and the venue reported some
//! liquidations. What is reported is a sum over the classes of what was swept, each class with an unknown share:
//!
//! ```text
//! E[y_n] = Σ_k r_k Σ_j c_j B_nkj        r_k ≥ 0 by distance class, c_j ≥ 0 by holding-time lane
//! ```
//!
//! with `B` the swept contracts under the prior weights. That is emission tomography – a non-negative linear
//! inverse problem with Poisson-like noise – and is solved as such: expectation–maximisation (Shepp and Vardi
//! 1982) with a gamma prior that pulls classes nothing was heard of towards the overall level, and light
//! smoothing over neighbouring classes inside every round.

use liqlens_market::Side;
use serde::{Deserialize, Serialize};

/// How the law is learned. Defaults: model specification, sections 6.2 and 14.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Learning {
    /// Days after which a report counts half (5–30).
    pub half_life_days: f64,
    /// Strength of the prior on a class, in days of mean reports (0.01–1; scores do not react below 0.2).
    pub prior_days: f64,
    /// Strength of the prior on a lane's multiplier, as a share of all reports over the number of lanes.
    pub lane_prior: f64,
    /// Passes of (¼, ½, ¼) over `ln r` in every round (0–2).
    pub smoothing: u32,
    /// Rounds of a fit from scratch.
    pub rounds: u32,
    /// Rounds of a fit that starts from the last solution.
    pub warm_rounds: u32,
    /// Minutes of sweeps and reports in a row: short rows tell which minutes swept far.
    pub row_minutes: u32,
    /// Hours between fits.
    pub refit_hours: u32,
    /// Share of the prior's swept mass that is reported, until reports say otherwise. Of the synthetic worlds,
    /// where the truth is known, the prior is between 1.8 and 17 times too large, 4 in the median.
    pub level: f64,
    /// Share of the mass standing at a level that is liquidated when price gets there; the rest stops out or
    /// is topped up on the way (0.74–0.84 within one hour, 0.62–0.73 within four, synthetic worlds).
    pub realised_share: f64,
}

impl Learning {
    /// The defaults.
    pub const SPEC: Self = Self {
        half_life_days: 15.0,
        prior_days: 0.05,
        lane_prior: 0.3,
        smoothing: 1,
        rounds: 40,
        warm_rounds: 4,
        row_minutes: 10,
        refit_hours: 6,
        level: 0.25,
        realised_share: 0.80,
    };
}

/// What was swept and reported on one side in a few minutes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// Side of the positions.
    pub side: Side,
    /// End in days, any origin.
    pub at_days: f64,
    /// Length in rows of [`Learning::row_minutes`]: old rows are kept by the hour.
    pub length: f64,
    /// Contracts swept under the prior weights, `[class][lane]`.
    pub swept: Vec<f32>,
    /// Contracts reported (after correction for what a throttle hides).
    pub reported: f64,
    /// Number of reports.
    pub count: f64,
}

/// Attributed reports above which a class counts as informed.
pub const INFORMED_COUNT: f64 = 30.0;

/// Multipliers on the prior weights: `w_kj = w⁰_kj · r_k · c_j`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Law {
    /// By distance class.
    pub distance: Vec<f64>,
    /// By lane.
    pub lane: Vec<f64>,
    /// Number of reports attributed to each class at the last fit, faded like the reports themselves.
    pub attributed: Vec<f64>,
    /// The one-number fit: reported over swept.
    pub level: f64,
    /// Reports behind the last fit, faded; zero before the first.
    pub reports: f64,
    /// Contracts swept under the prior weights, faded, `[class][lane]`.
    pub swept: Vec<f64>,
}

impl Row {
    /// Takes a later row of the same side in.
    pub fn absorb(&mut self, later: &Self) {
        self.at_days = later.at_days;
        self.length += later.length;
        for (sum, more) in self.swept.iter_mut().zip(&later.swept) {
            *sum += more;
        }
        self.reported += later.reported;
        self.count += later.count;
    }
}

impl Law {
    /// Nothing heard yet.
    pub fn prior(classes: usize, lanes: usize, learning: &Learning) -> Self {
        Self {
            distance: vec![learning.level; classes],
            lane: vec![1.0; lanes],
            attributed: vec![0.0; classes],
            level: learning.level,
            reports: 0.0,
            swept: vec![0.0; classes * lanes],
        }
    }

    /// Whether reports, rather than the prior, say how much of a class is liquidated.
    pub fn informed(&self, class: usize) -> bool {
        self.attributed.get(class).is_some_and(|count| *count >= INFORMED_COUNT)
    }

    /// The learned weights from the prior ones, both `[class][lane]`.
    pub fn weights(&self, prior: &[f64]) -> Vec<f64> {
        let rows = prior.chunks_exact(self.lane.len()).zip(&self.distance);
        rows.flat_map(|(row, r)| row.iter().zip(&self.lane).map(move |(w, c)| w * r * c)).collect()
    }

    /// Fits the multipliers to rows, starting from the present ones; `now_days` counts like the rows' times.
    /// Rows without any report keep the level honest. Leaves everything as it is without a single report.
    pub fn fit(&mut self, rows: &[Row], now_days: f64, learning: &Learning) {
        let (classes, lanes) = (self.distance.len(), self.lane.len());
        let fade = |row: &Row| libm::exp2(-(now_days - row.at_days).max(0.0) / learning.half_life_days);
        let mut heard: Vec<(&Row, f64)> = Vec::new();
        let mut swept = vec![0.0; classes * lanes];
        let (mut reported, mut faded_rows, mut reports) = (0.0, 0.0, 0.0);
        for row in rows {
            let f = fade(row);
            add_faded(f, &row.swept, &mut swept);
            reported += f * row.reported;
            reports += f * row.count;
            faded_rows += f * row.length;
            if row.reported > 0.0 {
                heard.push((row, f * row.reported));
            }
        }
        let mass: f64 = swept.iter().sum();
        if !(reported > 0.0 && mass > 0.0 && reports > 0.0) {
            return;
        }
        let level = reported / mass;
        if self.reports == 0.0 {
            self.distance.fill(level);
        }
        self.level = level;
        let rows_a_day = 2.0 * 1_440.0 / f64::from(learning.row_minutes.max(1));
        let strength = learning.prior_days * (reported / faded_rows * rows_a_day) / level;
        let lane_strength = learning.lane_prior * reported / lanes as f64;
        let rounds = if self.reports == 0.0 { learning.rounds } else { learning.warm_rounds };
        for _ in 0..rounds {
            self.distance_round(&heard, &swept, strength, learning.smoothing);
            self.lane_round(&heard, &swept, lane_strength);
        }
        self.attribute(&heard);
        self.reports = reports;
        self.swept = swept;
    }

    fn distance_round(&mut self, heard: &[(&Row, f64)], swept: &[f64], strength: f64, smoothing: u32) {
        let lanes = self.lane.len();
        let mut gained = vec![0.0; self.distance.len()];
        let mut by_class = vec![0.0; self.distance.len()];
        for (row, weight) in heard {
            let expected = self.expected_by_class(row, &mut by_class);
            let ratio = weight / expected;
            for (gain, mass) in gained.iter_mut().zip(&by_class) {
                *gain += ratio * mass;
            }
        }
        for ((r, gain), row) in self.distance.iter_mut().zip(&gained).zip(swept.chunks_exact(lanes)) {
            let offered: f64 = row.iter().zip(&self.lane).map(|(b, c)| b * c).sum();
            *r = (strength * self.level + gain) / (strength + offered);
        }
        for _ in 0..smoothing {
            smooth_logs(&mut self.distance);
        }
    }

    fn lane_round(&mut self, heard: &[(&Row, f64)], swept: &[f64], strength: f64) {
        let lanes = self.lane.len();
        let mut gained = vec![0.0; lanes];
        let mut by_lane = vec![0.0; lanes];
        for (row, weight) in heard {
            match lanes {
                6 => sum_by_lane::<6>(&row.swept, &self.distance, &mut by_lane),
                8 => sum_by_lane::<8>(&row.swept, &self.distance, &mut by_lane),
                _ => {
                    by_lane.fill(0.0);
                    for (cells, r) in row.swept.chunks_exact(lanes).zip(&self.distance) {
                        for (sum, b) in by_lane.iter_mut().zip(cells) {
                            *sum += r * f64::from(*b);
                        }
                    }
                }
            }
            for (sum, c) in by_lane.iter_mut().zip(&self.lane) {
                *sum *= c;
            }
            let ratio = weight / (by_lane.iter().sum::<f64>() + LEAST);
            for (gain, mass) in gained.iter_mut().zip(&by_lane) {
                *gain += ratio * mass;
            }
        }
        for (lane, (c, gain)) in self.lane.iter_mut().zip(&gained).enumerate() {
            let column = swept.iter().skip(lane).step_by(lanes);
            let offered: f64 = column.zip(&self.distance).map(|(b, r)| b * r).sum();
            *c = (strength + gain) / (strength + offered);
        }
    }

    /// Writes what each class is expected to contribute to a row's reports and returns the sum.
    fn expected_by_class(&self, row: &Row, by_class: &mut [f64]) -> f64 {
        let lanes = self.lane.len();
        match lanes {
            6 => sum_by_class::<6>(&row.swept, &self.lane, &self.distance, by_class),
            8 => sum_by_class::<8>(&row.swept, &self.lane, &self.distance, by_class),
            _ => {
                for ((mass, cells), r) in
                    by_class.iter_mut().zip(row.swept.chunks_exact(lanes)).zip(&self.distance)
                {
                    *mass = r * cells.iter().zip(&self.lane).map(|(b, c)| f64::from(*b) * c).sum::<f64>();
                }
            }
        }
        by_class.iter().fold(LEAST, |expected, mass| expected + mass)
    }

    /// Counts the reports that each class explains.
    fn attribute(&mut self, heard: &[(&Row, f64)]) {
        self.attributed.fill(0.0);
        let mut by_class = vec![0.0; self.distance.len()];
        for (row, weight) in heard {
            let expected = self.expected_by_class(row, &mut by_class);
            let faded_count = weight / row.reported * row.count;
            for (count, mass) in self.attributed.iter_mut().zip(&by_class) {
                *count += faded_count * mass / expected;
            }
        }
    }
}

/// Keeps an hour that swept nothing from dividing by zero, contracts.
const LEAST: f64 = 1e-12;

/// Adds a row's swept contracts, faded, to their sums.
fn add_faded(fade: f64, swept: &[f32], sums: &mut [f64]) {
    for (sum, b) in sums.iter_mut().zip(swept) {
        *sum += fade * f64::from(*b);
    }
}

// The loops below do what their plain forms for any number of lanes do, addition by addition, several sums side
// by side. The shipped models have six lanes.

/// Σ over lanes of swept × `lane`, times `distance`, by class: two classes at a time.
fn sum_by_class<const LANES: usize>(swept: &[f32], lane: &[f64], distance: &[f64], by_class: &mut [f64]) {
    let Some(lane) = lane.first_chunk::<LANES>() else { return };
    let (classes, _) = swept.as_chunks::<LANES>();
    let (pairs, last) = by_class.as_chunks_mut::<2>();
    let (distances, last_distance) = distance.as_chunks::<2>();
    let (class_pairs, last_class) = classes.as_chunks::<2>();
    for ((masses, [a, b]), r) in pairs.iter_mut().zip(class_pairs).zip(distances) {
        let mut sums = [f64::from(a[0]) * lane[0], f64::from(b[0]) * lane[0]];
        for i in 1..LANES {
            sums[0] += f64::from(a[i]) * lane[i];
            sums[1] += f64::from(b[i]) * lane[i];
        }
        *masses = [r[0] * sums[0], r[1] * sums[1]];
    }
    if let ([mass], [cells], [r]) = (last, last_class, last_distance) {
        *mass = r * cells.iter().zip(lane).map(|(b, c)| f64::from(*b) * c).sum::<f64>();
    }
}

/// Σ over classes of swept × `distance`, by lane.
fn sum_by_lane<const LANES: usize>(swept: &[f32], distance: &[f64], by_lane: &mut [f64]) {
    let mut sums = [0.0; LANES];
    for (cells, r) in swept.as_chunks::<LANES>().0.iter().zip(distance) {
        for i in 0..LANES {
            sums[i] += r * f64::from(cells[i]);
        }
    }
    by_lane.copy_from_slice(&sums);
}

/// One pass of (¼, ½, ¼) over the logarithms, the ends repeated.
fn smooth_logs(values: &mut [f64]) {
    let logs: Vec<f64> = values.iter().map(|v| libm::log(v.max(1e-300))).collect();
    let last = logs.len().saturating_sub(1);
    for (i, value) in values.iter_mut().enumerate() {
        let (before, after) = (logs[i.saturating_sub(1)], logs[(i + 1).min(last)]);
        *value = libm::exp(before / 4.0 + logs[i] / 2.0 + after / 4.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(at_days: f64, swept: &[f32], reported: f64, count: f64) -> Row {
        Row { side: Side::Long, at_days, length: 1.0, swept: swept.to_vec(), reported, count }
    }

    /// Two classes that were each swept alone: without prior or smoothing the fit is reported over swept.
    #[test]
    fn classes_swept_alone_get_their_own_share() {
        let learning = Learning { prior_days: 0.0, smoothing: 0, lane_prior: 1e12, ..Learning::SPEC };
        let rows = [
            row(0.0, &[10.0, 0.0], 1.0, 10.0),
            row(0.0, &[0.0, 20.0], 8.0, 50.0),
            row(0.0, &[10.0, 0.0], 0.0, 0.0),
        ];
        let mut law = Law::prior(2, 1, &learning);
        law.fit(&rows, 0.0, &learning);
        assert!((law.distance[0] - 0.05).abs() < 1e-9, "1 of 20 swept: {law:?}");
        assert!((law.distance[1] - 0.4).abs() < 1e-9, "8 of 20 swept: {law:?}");
        assert!((law.level - 9.0 / 40.0).abs() < 1e-12);
        assert_eq!((law.informed(0), law.informed(1)), (false, true));
        assert!((law.attributed[1] - 50.0).abs() < 1e-9);
    }

    /// A report 15 days old counts half: (2·½ + 0·1) ÷ (10·½ + 10·1).
    #[test]
    fn old_reports_fade() {
        let learning = Learning { prior_days: 0.0, smoothing: 0, lane_prior: 1e12, ..Learning::SPEC };
        let rows = [row(0.0, &[10.0], 2.0, 5.0), row(15.0, &[10.0], 0.0, 0.0)];
        let mut law = Law::prior(1, 1, &learning);
        law.fit(&rows, 15.0, &learning);
        assert!((law.distance[0] - 1.0 / 15.0).abs() < 1e-9, "{law:?}");
    }

    #[test]
    fn silence_leaves_the_prior() {
        let mut law = Law::prior(2, 1, &Learning::SPEC);
        let before = law.clone();
        law.fit(&[row(0.0, &[10.0, 5.0], 0.0, 0.0)], 1.0, &Learning::SPEC);
        law.fit(&[], 1.0, &Learning::SPEC);
        assert_eq!(law, before);
    }

    /// A class nothing was heard of stays near the overall level; the prior's strength is a twentieth of a
    /// day of reports.
    #[test]
    fn unheard_classes_stay_at_the_level() {
        let learning = Learning { smoothing: 0, ..Learning::SPEC };
        let rows: Vec<Row> = (0..5_760).map(|i| row(f64::from(i) / 288.0, &[10.0, 0.0], 1.0, 4.0)).collect();
        let mut law = Law::prior(2, 1, &learning);
        law.fit(&rows, 20.0, &learning);
        assert!((law.distance[0] * law.lane[0] - 0.1).abs() < 0.002, "{law:?}");
        assert!((law.distance[1] - law.level).abs() < 1e-9, "{law:?}");
    }
}
