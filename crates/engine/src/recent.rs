//! The last thirty days in quarter hours: prices for the price box and the sparkline, reported
//! liquidations for the day's total and its place among other days.

use std::collections::VecDeque;

use liqlens_market::{Side, Span, Timestamp};
use serde::{Deserialize, Serialize};

/// Length of one slot.
pub const RECENT_SLOT: Span = Span::MINUTE.times(15);
/// Slots kept: thirty days and the running one.
const KEPT: usize = 30 * 24 * 4 + 1;

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Slot {
    start: Timestamp,
    high: f64,
    low: f64,
    close: f64,
    liquidated_usd: [f64; 2],
}

/// Prices and reported liquidations of the last thirty days, by quarter of an hour.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Recent {
    slots: VecDeque<Slot>,
}

/// The 24 hours before a moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Day {
    /// Highest trigger price.
    pub high: f64,
    /// Lowest trigger price.
    pub low: f64,
    /// Close of the slot that ended 24 hours ago.
    pub close_before: f64,
    /// Closes, oldest first.
    pub closes: Vec<f64>,
}

impl Recent {
    /// Takes an interval's prices.
    pub(crate) fn record_price(&mut self, end: Timestamp, low: f64, high: f64, close: f64) {
        let slot = self.slot(end - Span::from_nanos(1), close);
        slot.low = slot.low.min(low);
        slot.high = slot.high.max(high);
        slot.close = close;
    }

    /// Takes a reported liquidation.
    pub(crate) fn record_liquidation(&mut self, at: Timestamp, side: Side, usd: f64, price: f64) {
        self.slot(at - Span::from_nanos(1), price).liquidated_usd[side.index()] += usd;
    }

    fn slot(&mut self, at: Timestamp, price: f64) -> &mut Slot {
        let start = at.floor(RECENT_SLOT);
        let fresh = Slot { start, high: price, low: price, close: price, liquidated_usd: [0.0; 2] };
        if self.slots.back().is_none_or(|slot| slot.start < start) {
            self.slots.push_back(fresh);
            if self.slots.len() > KEPT {
                self.slots.pop_front();
            }
        }
        let newest = self.slots.len() - 1;
        &mut self.slots[newest]
    }

    /// Prices of the 24 hours before `at`, or `None` without a slot that old.
    pub fn day(&self, at: Timestamp) -> Option<Day> {
        let from = at - Span::DAY;
        let before = self.slots.iter().rfind(|slot| slot.start + RECENT_SLOT <= from)?;
        // A hole of more than two hours around the reference time makes the change meaningless.
        if from - (before.start + RECENT_SLOT) > Span::HOUR.times(2) {
            return None;
        }
        let inside: Vec<&Slot> = self.slots.iter().filter(|slot| slot.start >= from).collect();
        let first = inside.first()?;
        let (mut high, mut low) = (first.high, first.low);
        for slot in &inside {
            high = high.max(slot.high);
            low = low.min(slot.low);
        }
        Some(Day { high, low, close_before: before.close, closes: inside.iter().map(|s| s.close).collect() })
    }

    /// Reported liquidations (longs, shorts) in dollars over `[from, to)`.
    pub fn liquidated_usd(&self, from: Timestamp, to: Timestamp) -> [f64; 2] {
        let mut total = [0.0; 2];
        for slot in self.slots.iter().filter(|slot| slot.start >= from && slot.start < to) {
            total[0] += slot.liquidated_usd[0];
            total[1] += slot.liquidated_usd[1];
        }
        total
    }

    /// Moves over each of the last `days` whole days before `at`, as log returns, newest first.
    pub fn daily_log_returns(&self, at: Timestamp, days: i64) -> Vec<f64> {
        let close_at =
            |ts: Timestamp| self.slots.iter().rfind(|slot| slot.start + RECENT_SLOT <= ts).map(|s| s.close);
        (0..days)
            .map_while(|day| {
                let newer = close_at(at - Span::DAY.times(day))?;
                let older = close_at(at - Span::DAY.times(day + 1))?;
                Some(libm::log(newer / older))
            })
            .collect()
    }
}
