//! A million random intervals: longs = shorts = open interest, whatever the feed does (model specification, A1),
//! and the geometry of single cohorts (A4, A5).

use liqlens_engine::Market;
use liqlens_market::{Bar, BarSource, Event, EventBody, OpenInterest, Side, Span, Timestamp};
use liqlens_model::ModelId;

use crate::inputs::{instrument, minutes, model_of, price, size, start};

/// Numbers from a multiplicative generator: the test needs many, not good ones.
struct Draws(u64);

impl Draws {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// What a side holds, summed the long way.
fn checked(market: &Market, what: &str) {
    let Some(standing) = market.standing() else { return };
    let open_interest = standing.open_interest;
    for side in &standing.sides {
        assert!(
            (side.total() - open_interest).abs() <= 1e-9 * open_interest.max(1e-9),
            "{what}: {} of {open_interest}",
            side.total()
        );
        assert!(side.unliquidatable >= -1e-9 * open_interest, "{what}");
        assert!(side.contracts.iter().flatten().all(|mass| mass.is_finite() && *mass >= 0.0), "{what}");
        // In unit flow the ledger adds up, too: everything that came is standing or has left by a name.
        assert!((side.flows.standing() - open_interest).abs() <= 1e-6 * open_interest.max(1.0), "{what}");
    }
}

#[test]
fn a_million_random_intervals_conserve_open_interest() {
    const INTERVALS: usize = 1_000_000;
    let mut draws = Draws(7);
    for id in [ModelId::M1, ModelId::M2] {
        let mut market = Market::new(instrument(), model_of(id));
        let mut now: Timestamp = start();
        let (mut at_price, mut open_interest) = (100.0_f64, 50_000.0_f64);
        for index in 0..INTERVALS / 2 {
            let kind = draws.uniform();
            // Quiet minutes, ordinary ones, and moves of a percent; the price stays between 50 and 200.
            let step = if kind < 0.01 { 0.02 } else { 0.0006 } * (draws.uniform() - 0.5);
            let (before, pull) = (at_price, 1e-4 * (100.0 / at_price).ln());
            at_price *= (step + pull).exp();
            let volume = if kind > 0.97 { 0.0 } else { 200.0 * draws.uniform() };
            open_interest = match draws.uniform() {
                u if u < 0.02 => open_interest + volume, // ΔOI = V: every trade opened on both sides
                u if u < 0.04 => (open_interest - volume).max(0.0), // ΔOI = −V
                u if u < 0.041 => open_interest * 1.5,   // a jump, to be held
                u if u < 0.0415 => 0.0,                  // the feed drops to nothing
                _ => 50_000.0 + 0.98 * (open_interest - 50_000.0) + volume * (draws.uniform() - 0.5),
            };
            if draws.uniform() < 0.002 {
                now = now + minutes(30); // a hole in the feed
            }
            now = now + Span::MINUTE;
            if draws.uniform() > 0.05 {
                let reading = OpenInterest { size: size(open_interest.max(0.0)), value: None };
                market.step(&Event::at(now, EventBody::OpenInterest(reading)));
            }
            let (low, high) = (before.min(at_price), before.max(at_price));
            let bar = Bar {
                source: BarSource::Trades,
                length: Span::MINUTE,
                open: price(before),
                high: price(high),
                low: price(low),
                close: price(at_price),
                volume: size(volume),
                taker_buy: None,
            };
            market.step(&Event::bar(now - Span::MINUTE, bar));
            if index % 2_000 == 0 {
                checked(&market, &format!("{} after {index}", id.id()));
            }
        }
        assert_eq!(market.counters().intervals, INTERVALS as u64 / 2);
        assert!(market.counters().gaps > 100 && market.open_interest().held_readings > 100);
        checked(&market, "at the end");
    }
}

/// Shifting all prices by whole bins shifts the map and changes nothing else (A5).
#[test]
fn shifted_prices_shift_the_map() {
    const SHIFT: i32 = 137;
    let factor = f64::from(SHIFT) * 5e-4;
    let run = |factor: f64| {
        let mut market = Market::new(instrument(), model_of(ModelId::M1));
        let mut draws = Draws(3);
        let mut at_price = 70_000.0 * factor.exp();
        for minute in 0..600_i64 {
            let before = at_price;
            at_price *= (0.003 * (draws.uniform() - 0.5)).exp();
            let reading = OpenInterest { size: size(1_000.0), value: None };
            let end = start() + minutes(minute + 1);
            market.step(&Event::at(end, EventBody::OpenInterest(reading)));
            market.step(&Event::bar(
                start() + minutes(minute),
                Bar {
                    source: BarSource::Trades,
                    length: Span::MINUTE,
                    open: price(before),
                    high: price(before.max(at_price)),
                    low: price(before.min(at_price)),
                    close: price(at_price),
                    volume: size(50.0),
                    taker_buy: None,
                },
            ));
        }
        market.standing().unwrap()
    };
    let (here, there) = (run(0.0), run(factor));
    for side in Side::BOTH {
        let (a, b) = (&here.sides[side.index()], &there.sides[side.index()]);
        let at = |bin: i32| -> f64 {
            let row = usize::try_from(bin - b.first).ok();
            row.and_then(|row| b.contracts.get(row)).map_or(0.0, |bands| bands.iter().sum())
        };
        let apart: f64 = (a.first..)
            .zip(&a.contracts)
            .map(|(bin, bands)| (bands.iter().sum::<f64>() - at(bin + SHIFT)).abs())
            .sum();
        // Prices are rounded to 1e-8 and logarithms to the last bit; that moves a sliver between bins.
        assert!(apart / a.liquidatable() < 1e-6, "{side}: {apart}");
    }
}
