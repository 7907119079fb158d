//! How much of an hour's liquidations comes from positions that do not exist at its start.
//!
//! A map shows what stands now. In an hour much is opened, and what is opened at high leverage is near its
//! liquidation price at once. So at every full hour the map near the price is kept. An hour later what was
//! reported is divided between what the kept map held on the path the price took and a background that only
//! knows how far price went, in the proportions that past hours bear out:
//!
//! ```text
//! reported ≈ κ₁ · kept map on the path + κ₀ · bins passed
//! ```
//!
//! with κ ≥ 0 by online expectation–maximisation (model specification, section 7.1). The background's share is
//! what no map could have shown.

use liqlens_market::{Side, Span, Timestamp};
use liqlens_model::BinIndex;
use serde::{Deserialize, Serialize};

/// Bins kept on each side: ten percent.
const BINS: usize = 200;
/// Half-life of the share, hours.
const HALF_LIFE_HOURS: f64 = 168.0;
/// Hours that must have been compared before the share is told.
const LEAST_HOURS: u32 = 24;

/// The hour in progress and the share so far.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct NextHour {
    hour: Option<i64>,
    /// Expected reports by bin at the hour's start: first bin and contracts of longs and of shorts.
    kept: [(BinIndex, Vec<f32>); 2],
    /// Farthest the price went in each side's direction, bin units.
    extreme: [Option<f64>; 2],
    /// Contracts reported since.
    reported: [f64; 2],
    /// Of the kept map, then of the background: reports put down to it, and its amount, faded.
    attributed: [f64; 2],
    offered: [f64; 2],
    hours: u32,
}

impl NextHour {
    /// Number of the hour that an interval ending at `end` belongs to, if it is not the one in progress.
    pub(crate) fn is_new(&self, end: Timestamp) -> Option<i64> {
        let hour = (end - Span::from_nanos(1)).nanos().div_euclid(Span::HOUR.nanos());
        (self.hour != Some(hour)).then_some(hour)
    }

    /// Ends the hour in progress and begins another. `near` writes a side's expected reports from a bin on and
    /// says whether there are any; `price` is in bin units.
    pub(crate) fn begin(
        &mut self,
        hour: i64,
        price: BinIndex,
        near: impl Fn(Side, BinIndex, &mut [f64]) -> bool,
    ) {
        if self.hour.is_some_and(|last| last + 1 == hour) {
            self.learn();
        }
        self.hour = Some(hour);
        self.reported = [0.0; 2];
        self.extreme = [None; 2];
        let reach = BinIndex::try_from(BINS).unwrap_or(0);
        let mut contracts = [0.0; BINS];
        for side in Side::BOTH {
            let first = if side == Side::Long { price - reach + 1 } else { price };
            let known = near(side, first, &mut contracts);
            let (start, rows) = &mut self.kept[side.index()];
            *start = first;
            rows.clear();
            if known {
                #[allow(clippy::cast_possible_truncation)] // seven digits are plenty for a share
                rows.extend(contracts.iter().map(|mass| *mass as f32));
            }
        }
    }

    /// Takes how far the price went in a side's direction, and what was reported of the side meanwhile.
    pub(crate) fn passed(&mut self, side: Side, position: f64) {
        let farther = |old: f64| if side == Side::Long { old.min(position) } else { old.max(position) };
        let extreme = &mut self.extreme[side.index()];
        *extreme = Some(extreme.map_or(position, farther));
    }

    /// Takes contracts reported as liquidated.
    pub(crate) fn reported(&mut self, side: Side, contracts: f64) {
        self.reported[side.index()] += contracts;
    }

    /// Share of the next hour's liquidations that positions not yet open will make, from the hours of about the
    /// last week.
    pub(crate) fn share_new(&self) -> Option<f64> {
        let [map, background] = self.attributed;
        (self.hours >= LEAST_HOURS && map + background > 0.0).then(|| background / (map + background))
    }

    /// One step of the expectation–maximisation with the hour that ended.
    fn learn(&mut self) {
        let fade = libm::exp2(-1.0 / HALF_LIFE_HOURS);
        for sum in self.attributed.iter_mut().chain(&mut self.offered) {
            *sum *= fade;
        }
        for side in Side::BOTH {
            let (kept, bins) = self.on_path(side);
            let amounts = [kept, bins];
            let rate = |place: usize| match (self.attributed[place], self.offered[place]) {
                // Before the first reports nothing is known but that each explains something.
                (reports, amount) if self.hours == 0 || amount <= 0.0 || reports <= 0.0 => 1.0,
                (reports, amount) => reports / amount,
            };
            let expected = [rate(0) * amounts[0], rate(1) * amounts[1]];
            let sum = expected[0] + expected[1];
            for place in 0..2 {
                self.offered[place] += amounts[place];
                if sum > 0.0 {
                    self.attributed[place] += self.reported[side.index()] * expected[place] / sum;
                }
            }
        }
        self.hours = self.hours.saturating_add(1);
    }

    /// What the kept map held of a side on the path, and the bins passed.
    fn on_path(&self, side: Side) -> (f64, f64) {
        let Some(extreme) = self.extreme[side.index()] else { return (0.0, 0.0) };
        let (first, rows) = &self.kept[side.index()];
        let passed = |bin: BinIndex| match side {
            Side::Long => f64::from(bin) + 1.0 - extreme,
            Side::Short => extreme - f64::from(bin),
        };
        (*first..).zip(rows).fold((0.0, 0.0), |(mass, bins), (bin, row)| {
            let share = passed(bin).clamp(0.0, 1.0);
            (mass + f64::from(*row) * share, bins + share)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Hours of two kinds: the price passes two bins that hold 10 contracts each, or eight that hold nothing.
    /// What is reported follows a planted split, and is told apart again.
    #[test]
    fn what_was_not_there_is_new() {
        for (by_map, by_bin) in [(0.5, 0.0), (0.0, 1.0), (0.25, 0.5)] {
            let mut watch = NextHour::default();
            let (mut of_map, mut of_path) = (0.0, 0.0);
            for hour in 0..400 {
                assert_eq!(watch.share_new().is_some(), hour > 24, "{hour}");
                let full = hour % 2 == 0;
                watch.begin(hour, 100, |side, _, rows| {
                    rows.fill(if side == Side::Short && full { 10.0 } else { 0.0 });
                    true
                });
                let bins = if full { 2.0 } else { 8.0 };
                watch.passed(Side::Short, 100.5);
                watch.passed(Side::Short, 100.0 + bins);
                let (map, path) = (by_map * if full { 20.0 } else { 0.0 }, by_bin * bins);
                watch.reported(Side::Short, map + path);
                of_map += map;
                of_path += path;
            }
            let expected = of_path / (of_map + of_path);
            let found = watch.share_new().unwrap();
            assert!((found - expected).abs() < 0.08, "{found} for {expected}");
        }
    }
}
