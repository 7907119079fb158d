//! How much of an hour's liquidations comes from positions that do not exist at its start.
//!
//! A map shows what stands now. In an hour much is opened, and what is opened at high leverage is near its
//! liquidation price at once. So at every full hour the map near the price is kept; an hour later what it
//! held on the path the price took is compared with all that the model swept meanwhile. The difference had
//! not been opened yet.

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
    /// Expected reports of all that was swept since.
    swept: f64,
    /// Faded sums over past hours: what stood at the start, and all.
    stood: f64,
    all: f64,
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
        if self.hour.is_some_and(|last| last + 1 == hour) && self.swept > 0.0 {
            let stood: f64 = Side::BOTH.map(|side| self.stood_on_path(side)).iter().sum();
            let fade = libm::exp2(-1.0 / HALF_LIFE_HOURS);
            self.stood = self.stood * fade + stood.min(self.swept);
            self.all = self.all * fade + self.swept;
            self.hours = self.hours.saturating_add(1);
        }
        self.hour = Some(hour);
        self.swept = 0.0;
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

    /// Takes a sweep: how far the price went, and the expected reports of what it removed.
    pub(crate) fn swept(&mut self, side: Side, position: f64, expected: f64) {
        let farther = |old: f64| if side == Side::Long { old.min(position) } else { old.max(position) };
        let extreme = &mut self.extreme[side.index()];
        *extreme = Some(extreme.map_or(position, farther));
        self.swept += expected;
    }

    /// Share of the next hour's liquidations that positions not yet open will make, from the hours of about the
    /// last week.
    pub(crate) fn share_new(&self) -> Option<f64> {
        (self.hours >= LEAST_HOURS && self.all > 0.0).then(|| 1.0 - self.stood / self.all)
    }

    fn stood_on_path(&self, side: Side) -> f64 {
        let Some(extreme) = self.extreme[side.index()] else { return 0.0 };
        let (first, rows) = &self.kept[side.index()];
        let passed = |bin: BinIndex| match side {
            Side::Long => f64::from(bin) + 1.0 - extreme,
            Side::Short => extreme - f64::from(bin),
        };
        (*first..).zip(rows).map(|(bin, mass)| f64::from(*mass) * passed(bin).clamp(0.0, 1.0)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each hour 1 contract a bin stands from bin 100 up; the price rises to 103.5 and 7 are swept: 3.5 stood.
    #[test]
    fn what_was_not_there_is_new() {
        let mut watch = NextHour::default();
        for hour in 0..40 {
            assert_eq!(watch.share_new().is_some(), hour > 24, "{hour}");
            watch.begin(hour, 100, |side, _, rows| {
                rows.fill(if side == Side::Short { 1.0 } else { 0.0 });
                true
            });
            watch.swept(Side::Short, 102.0, 4.0);
            watch.swept(Side::Short, 103.5, 3.0);
            watch.swept(Side::Long, 99.0, 0.0);
        }
        assert!((watch.share_new().unwrap() - 0.5).abs() < 1e-6);
    }
}
