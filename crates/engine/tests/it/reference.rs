//! M1 written down as plainly as the model specification states it: mass by (entry bin, class, pool) in a
//! map, every step a loop over all of it, no lazy factors, no rows by level. Slow, and independent of the
//! engine's data structures.
#![allow(clippy::cast_possible_truncation, clippy::cast_possible_wrap)] // small numbers, written as in the text

use std::collections::BTreeMap;

use liqlens_engine::Market;
use liqlens_market::{
    Bar, BarSource, Completeness, Event, EventBody, Liquidation, OpenInterest, Price, Side, Size, Span,
    Timestamp,
};
use liqlens_model::{FlowModel, Lanes, Pool};
use proptest::prelude::*;

use crate::inputs::{instrument, learning_market, model};

#[derive(Debug, Clone, Copy)]
struct Minute {
    low: f64,
    high: f64,
    close: f64,
    volume: f64,
    open_interest: f64,
}

struct Reference {
    model: FlowModel,
    pools: Vec<Pool>,
    /// Unit flow by (entry bin, class, pool), per side.
    mass: [BTreeMap<(i32, usize, usize), f64>; 2],
    never: [Vec<f64>; 2],
    boundary: [Option<(i32, f64)>; 2],
    /// What was swept under the prior weights by (class, pool), per side, in contracts of open interest.
    swept: [BTreeMap<(usize, usize), f64>; 2],
    open_interest: Option<f64>,
    rate: (f64, f64),
    minutes: usize,
    seeded: bool,
}

impl Reference {
    fn new(model: FlowModel) -> Self {
        let Lanes::Pools(pools) = model.lanes.clone() else { unreachable!("M1 has pools") };
        Self {
            mass: [BTreeMap::new(), BTreeMap::new()],
            never: [vec![0.0; pools.len()], vec![0.0; pools.len()]],
            boundary: [None; 2],
            swept: [BTreeMap::new(), BTreeMap::new()],
            open_interest: None,
            rate: (0.0, 0.0),
            minutes: 0,
            seeded: false,
            pools,
            model,
        }
    }

    fn weight(&self, class: usize, pool: usize) -> f64 {
        self.model.weights[class * self.pools.len() + pool]
    }

    fn level(&self, side: Side, entry: i32, class: usize) -> i32 {
        let shift = self.model.classes[class].shift[side.index()].unwrap();
        if side == Side::Long { entry - shift } else { entry + shift }
    }

    fn minute(&mut self, m: Minute) {
        let h = self.model.grid.width();
        // Crossing removal, section 5.3. What is removed counts in the scale of the map before it (6.1).
        let scale = Side::BOTH.map(|side| self.open_interest.map_or(0.0, |oi| self.scale(side, oi)));
        for (side, extreme) in [(Side::Long, m.low), (Side::Short, m.high)] {
            let position = extreme.ln() / h;
            let b = (position + 1e-12).floor();
            let f = position - b;
            let f = if side == Side::Long { f } else { 1.0 - f };
            let b = b as i32;
            let (ret, prev) = match self.boundary[side.index()] {
                Some((last, prev)) if last == b => ((f / prev).min(1.0), f.min(prev)),
                _ => (f, f),
            };
            self.boundary[side.index()] = Some((b, prev));
            let keys: Vec<_> = self.mass[side.index()].keys().copied().collect();
            for key in keys {
                let level = self.level(side, key.0, key.1);
                let swept = if side == Side::Long { level > b } else { level < b };
                let weight = self.weight(key.1, key.2) * scale[side.index()];
                let cell = self.mass[side.index()].get_mut(&key).unwrap();
                let removed = if swept {
                    *cell
                } else if level == b {
                    *cell * (1.0 - ret)
                } else {
                    0.0
                };
                *self.swept[side.index()].entry((key.1, key.2)).or_default() += removed * weight;
                if swept {
                    *cell = 0.0;
                } else if level == b {
                    *cell *= ret;
                }
            }
        }
        // Voluntary closing, section 5.4.
        let days = 1.0 / 1440.0;
        let mean = self.rate.0 / self.rate.1;
        let ratio = if self.minutes == 0 { 1.0 } else { (m.volume / days / mean).clamp(0.2, 5.0) };
        let keep: Vec<f64> = self
            .pools
            .iter()
            .map(|pool| (-days * ratio.powf(pool.clock_exponent) / pool.holding_days).exp())
            .collect();
        for side in 0..2 {
            self.mass[side].iter_mut().for_each(|((_, _, j), cell)| *cell *= keep[*j]);
            self.never[side].iter_mut().zip(&keep).for_each(|(cell, keep)| *cell *= keep);
        }
        // Openings, section 5.5: volume spread evenly over the range, half of V + ΔOI on each side.
        let change = self.open_interest.map_or(0.0, |before| m.open_interest - before);
        self.open_interest = Some(m.open_interest);
        let change = change.clamp(-m.volume, m.volume);
        let (from, to) = (m.low.ln() / h, m.high.ln() / h);
        let close = (m.close.ln() / h + 1e-12).floor() as i32;
        for bin in from.floor() as i32..=to.floor() as i32 {
            let overlap = (f64::from(bin) + 1.0).min(to) - f64::from(bin).max(from);
            let share = if to.floor() == from.floor() { 1.0 } else { overlap / (to - from) };
            let opened = f64::midpoint(m.volume, change) * share;
            for side in Side::BOTH {
                for pool in 0..self.pools.len() {
                    self.never[side.index()][pool] += opened * self.model.never[pool];
                    for class in 0..self.model.classes.len() {
                        let level = self.level(side, bin, class);
                        let beyond = if side == Side::Long { level < close } else { level > close };
                        if beyond {
                            *self.mass[side.index()].entry((bin, class, pool)).or_default() += opened;
                        }
                    }
                }
            }
        }
        let fade = 0.5_f64.powf(days / 5.0);
        self.rate = (self.rate.0 * fade + m.volume, self.rate.1 * fade + days);
        self.minutes += 1;
        // Cold start, section 5.7, once an hour is known.
        if !self.seeded && self.minutes >= 60 {
            self.seeded = true;
            for (j, pool) in self.pools.iter().enumerate() {
                let filled = 1.0 - (-(self.minutes as f64) * days / pool.holding_days).exp();
                for side in 0..2 {
                    self.mass[side]
                        .iter_mut()
                        .filter(|((_, _, k), _)| *k == j)
                        .for_each(|(_, cell)| *cell /= filled);
                    self.never[side][j] /= filled;
                }
            }
        }
    }

    /// Open interest over everything modelled on a side, section 5.6.
    fn scale(&self, side: Side, open_interest: f64) -> f64 {
        let cells = &self.mass[side.index()];
        let placed: f64 = cells.iter().map(|((_, k, j), cell)| cell * self.weight(*k, *j)).sum();
        let total = placed + self.never[side.index()].iter().sum::<f64>();
        if total > 0.0 { open_interest / total } else { 0.0 }
    }

    /// The map, section 5.6: contracts by level, and what has no level.
    fn map(&self, side: Side) -> (BTreeMap<i32, f64>, f64) {
        let mut levels = BTreeMap::new();
        for (&(entry, class, pool), cell) in &self.mass[side.index()] {
            *levels.entry(self.level(side, entry, class)).or_insert(0.0) += cell * self.weight(class, pool);
        }
        // Unit flow without a level is already weighted.
        let never: f64 = self.never[side.index()].iter().sum();
        let total: f64 = levels.values().sum::<f64>() + never;
        let scale = self.open_interest.unwrap() / total;
        for mass in levels.values_mut() {
            *mass *= scale;
        }
        (levels, never * scale)
    }
}

fn events(start: Timestamp, minutes: &[Minute]) -> Vec<Event> {
    let price = |p: f64| Price::from_f64(p).unwrap();
    let mut events = Vec::new();
    for (index, m) in minutes.iter().enumerate() {
        let from = start + Span::MINUTE.times(index as i64);
        let size = Size::from_f64(m.open_interest).unwrap();
        events.push(Event::at(
            from + Span::MINUTE,
            EventBody::OpenInterest(OpenInterest { size, value: None }),
        ));
        events.push(Event::bar(
            from,
            Bar {
                source: BarSource::Trades,
                length: Span::MINUTE,
                open: price(m.low),
                high: price(m.high),
                low: price(m.low),
                close: price(m.close),
                volume: Size::from_f64(m.volume).unwrap(),
                taker_buy: None,
            },
        ));
    }
    events
}

prop_compose! {
    /// A random walk with wicks, volumes from nothing to wild, open interest that follows volume.
    fn walk()(
        steps in proptest::collection::vec(
            (-0.004..0.004_f64, 0.0..0.003_f64, 0.0..0.003_f64, 0.0..500.0_f64, -1.0..1.0_f64), 61..110),
    ) -> Vec<Minute> {
        let (mut price, mut open_interest) = (70_000.0_f64, 80_000.0_f64);
        steps.into_iter().map(|(drift, up, down, volume, change)| {
            let before = price;
            price *= drift.exp();
            open_interest += change * volume;
            // The fixed-point grid is 1e-8, so both programs see the same prices.
            let round = |p: f64| (p * 1e8).round() / 1e8;
            Minute {
                low: round(price.min(before) * (-down).exp()),
                high: round(price.max(before) * up.exp()),
                close: round(price),
                volume: (volume * 1e8).round() / 1e8,
                open_interest: (open_interest * 1e8).round() / 1e8,
            }
        }).collect()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// The row of the first hour holds what the plain reference swept in it, by class and pool.
    #[test]
    fn the_learner_hears_of_what_the_plain_reference_sweeps(minutes in walk()) {
        let start = Timestamp::parse_text("2026-03-01T00:00:00Z").unwrap();
        let mut market = learning_market();
        let heard = |side, minute: i64| {
            let report = Liquidation {
                side,
                size: Size::from_f64(2.5).unwrap(),
                order_price: None,
                fill_price: None,
                completeness: Completeness::Full,
            };
            Event::at(start + Span::MINUTE.times(minute), EventBody::Liquidation(report))
        };
        let mut events = events(start, &minutes);
        events.extend([heard(Side::Long, 20), heard(Side::Long, 59), heard(Side::Short, 3)]);
        events.sort_by(Event::log_order);
        for event in &events {
            market.step(event);
        }
        let mut reference = Reference::new(model());
        minutes[..60].iter().for_each(|minute| reference.minute(*minute));
        let (_, rows) = market.law().unwrap();
        prop_assert_eq!(rows.len(), 2);
        let lanes = reference.pools.len();
        for (row, (side, reported, count)) in rows.iter().zip([(0, 5.0, 2.0), (1, 2.5, 1.0)]) {
            prop_assert_eq!((row.reported, row.count), (reported, count));
            let total: f64 = reference.swept[side].values().sum();
            for (cell, found) in row.swept.iter().enumerate() {
                let wanted = reference.swept[side].get(&(cell / lanes, cell % lanes)).copied().unwrap_or(0.0);
                prop_assert!((f64::from(*found) - wanted).abs() < 1e-5 * total, "{found} {wanted}");
            }
        }
    }

    #[test]
    fn the_engine_equals_the_plain_reference(minutes in walk()) {
        let start = Timestamp::parse_text("2026-03-01T00:00:00Z").unwrap();
        let mut market = Market::new(instrument(), model());
        for event in events(start, &minutes) {
            market.step(&event);
        }
        let mut reference = Reference::new(model());
        for minute in &minutes {
            reference.minute(*minute);
        }
        let standing = market.standing().unwrap();
        for side in Side::BOTH {
            let levels = &standing.sides[side.index()];
            let (expected, never) = reference.map(side);
            prop_assert!((levels.unliquidatable - never).abs() < 1e-9 * standing.open_interest);
            let mut apart = 0.0;
            let mut seen = 0.0;
            for (bands, bin) in levels.contracts.iter().zip(levels.first..) {
                let mass: f64 = bands.iter().sum();
                let wanted = expected.get(&bin).copied().unwrap_or(0.0);
                apart += (mass - wanted).abs();
                seen += wanted;
            }
            let total: f64 = expected.values().sum();
            prop_assert!((seen - total).abs() < 1e-9 * total, "levels outside the engine's rows");
            prop_assert!(apart < 1e-9 * total, "{side}: {apart} of {total}");
        }
    }
}
