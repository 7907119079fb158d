//! What must hold at every step of the bundled days, whatever the numbers are.

use liqlens_engine::{Market, SideLevels};
use liqlens_market::{Bar, Event, EventBody, Liquidation, Price, Side, Size};
use liqlens_model::ModelId;
use liqlens_query::document::Usd;

use crate::bundle::{EVENTS, end, events, instrument, market, model, time, view};

fn relative(a: f64, b: f64) -> f64 {
    (a - b).abs() / a.abs().max(b.abs()).max(f64::MIN_POSITIVE)
}

#[test]
fn longs_equal_shorts_equal_open_interest_at_every_minute() {
    conserves(ModelId::M1);
}

#[test]
fn a_learned_map_is_bounded_by_open_interest_at_every_minute() {
    conserves(ModelId::M2);
}

fn conserves(id: ModelId) {
    let mut market = market(id);
    let from = time("2026-03-15T00:00:00Z");
    let mut checked = 0;
    let mut intervals = 0;
    for event in EVENTS.iter().filter(|e| e.known_ts <= end()) {
        market.step(event);
        // A new interval was folded: its map must conserve open interest.
        if event.known_ts <= from || market.counters().intervals == intervals {
            continue;
        }
        intervals = market.counters().intervals;
        let standing = market.standing().unwrap();
        for side in &standing.sides {
            assert!(relative(side.total(), standing.open_interest) < 1e-9, "{} {side:?}", event.known_ts);
            // Opened − closed − liquidated (and the smaller flows) add up to what stands.
            assert!(relative(side.flows.standing(), standing.open_interest) < 1e-9, "{:?}", side.flows);
            assert!(side.unliquidatable >= 0.0);
            assert!(side.contracts.iter().flatten().all(|mass| mass.is_finite() && *mass >= 0.0));
        }
        no_mass_on_the_wrong_side(&market);
        checked += 1;
    }
    assert!(checked > 8_600, "every minute of six days, got {checked}");
}

/// No longs stand above the price and no shorts below it, beyond the bin that the price is in.
fn no_mass_on_the_wrong_side(market: &Market) {
    let standing = market.standing().unwrap();
    let bin = standing.grid.bin(standing.price);
    let beyond = |side: &SideLevels| {
        side.contracts
            .iter()
            .zip(side.first..)
            .filter(|(mass, level)| {
                mass.iter().sum::<f64>() > 0.0
                    && match side.side {
                        Side::Long => *level > bin,
                        Side::Short => *level < bin,
                    }
            })
            .count()
    };
    assert_eq!(standing.sides.iter().map(beyond).sum::<usize>(), 0);
}

#[test]
fn the_peers_ledger_adds_up_too() {
    let mut market = market(ModelId::M0);
    for event in events(end(), 12) {
        market.step(&event);
    }
    for side in market.standing().unwrap().sides {
        assert!(side.flows.expired > 0.0, "older than seven days");
        assert!(relative(side.flows.standing(), side.total()) < 1e-9, "{:?} {}", side.flows, side.total());
    }
}

#[test]
fn reach_and_at_are_inverse_within_a_bin() {
    for days in [10, 40] {
        let view = view(ModelId::M1, end(), days);
        for pct in [-20.0, -7.3, -2.0, -1.0, 1.0, 2.0, 7.3, 15.0_f64] {
            let price = view.price_moved_by(pct);
            let moved = &view.at(&[price]).moves[0];
            let (usd, opposite) =
                if pct < 0.0 { (moved.long_usd, moved.short_usd) } else { (moved.short_usd, moved.long_usd) };
            assert!(usd > Usd::ZERO);
            assert_eq!(opposite, Usd::ZERO);
            let pair = view.reach(usd).pair;
            let reached = if pct < 0.0 { pair.long } else { pair.short };
            let back = reached.price.unwrap().to_f64();
            assert!((back / price).ln().abs() <= 5e-4, "{pct} %: {price} → {usd} → {back}");
        }
    }
}

/// Reflects prices about the middle of the grid near 70,000, so that a rise becomes a fall of the same log
/// size, and swaps every side.
fn mirrored(event: &Event) -> Event {
    // Bin edges reflect onto bin edges if the centre is one: exp(22,314 × 0.0005) ≈ 70,000.
    let centre = (22_314.0 * 5e-4_f64).exp();
    let price = |p: Price| Price::from_f64(centre * centre / p.to_f64()).unwrap();
    let body = match &event.body {
        EventBody::Bar(bar) => EventBody::Bar(Bar {
            open: price(bar.open),
            high: price(bar.low),
            low: price(bar.high),
            close: price(bar.close),
            taker_buy: bar.taker_buy.map(|buy| bar.volume.saturating_sub(buy)),
            ..*bar
        }),
        EventBody::Liquidation(l) => EventBody::Liquidation(Liquidation { side: l.side.opposite(), ..*l }),
        other => other.clone(),
    };
    Event { body, ..event.clone() }
}

#[test]
fn a_mirrored_market_has_the_mirrored_map() {
    mirrors(ModelId::M1);
    mirrors(ModelId::M2);
}

fn mirrors(id: ModelId) {
    let symmetric = || Market::new(instrument(), model(id).with_symmetric_distances());
    let (mut straight, mut mirror) = (symmetric(), symmetric());
    for event in events(end(), 20) {
        straight.step(&event);
        mirror.step(&mirrored(&event));
    }
    let (straight, mirror) = (straight.standing().unwrap(), mirror.standing().unwrap());
    for side in Side::BOTH {
        let levels = &straight.sides[side.index()];
        let reflected = &mirror.sides[side.opposite().index()];
        assert!(relative(levels.liquidatable(), reflected.liquidatable()) < 1e-6);
        let at = |bin: i32| -> f64 {
            let row = usize::try_from(bin - reflected.first).ok();
            row.and_then(|row| reflected.contracts.get(row)).map_or(0.0, |bands| bands.iter().sum())
        };
        let mut apart = 0.0;
        for (bands, bin) in levels.contracts.iter().zip(levels.first..) {
            let mass: f64 = bands.iter().sum();
            apart += (mass - at(2 * 22_314 - 1 - bin)).abs();
        }
        // Reflected prices are rounded to 1e-8, which moves a share of about 1e-9 between bins.
        assert!(apart / levels.liquidatable() < 1e-5, "{side}: {apart}");
    }
}

#[test]
fn resuming_a_snapshot_equals_a_straight_run_byte_for_byte() {
    resumes(ModelId::M1);
    resumes(ModelId::M2);
}

fn resumes(id: ModelId) {
    let feed: Vec<Event> = events(end(), 9).collect();
    let mut straight = market(id);
    let mut resumed = market(id);
    // Cuts in hours, in five-minute readings and in the middle of a minute's events.
    let cuts = [1, 500, 777, 2_001, 10_000, feed.len() - 3];
    for (index, event) in feed.iter().enumerate() {
        straight.step(event);
        resumed.step(event);
        if cuts.contains(&index) {
            resumed = Market::resume(&resumed.snapshot().unwrap()).unwrap();
        }
    }
    assert_eq!(straight.snapshot().unwrap(), resumed.snapshot().unwrap());
}

#[test]
fn damaged_snapshots_are_refused() {
    let mut market = market(ModelId::M1);
    events(end(), 2).for_each(|event| market.step(&event));
    let bytes = market.snapshot().unwrap();
    for cut in [0, 1, 5, 20, bytes.len() / 2, bytes.len() - 1] {
        assert!(Market::resume(&bytes[..cut]).is_err(), "cut at {cut}");
    }
    let mut other = bytes;
    other[10] ^= 1;
    assert!(Market::resume(&other).is_err(), "another version");
}

#[test]
fn doubling_every_contract_doubles_the_map() {
    let double = |size: Size| Size::from_units(size.units() * 2).unwrap();
    let doubled = |event: Event| {
        let body = match event.body {
            EventBody::Bar(bar) => EventBody::Bar(Bar {
                volume: double(bar.volume),
                taker_buy: bar.taker_buy.map(double),
                ..bar
            }),
            EventBody::OpenInterest(mut reading) => {
                reading.size = double(reading.size);
                EventBody::OpenInterest(reading)
            }
            EventBody::Liquidation(l) => EventBody::Liquidation(Liquidation { size: double(l.size), ..l }),
            other => other,
        };
        Event { body, ..event }
    };
    for id in [ModelId::M1, ModelId::M2] {
        let (mut once, mut twice) = (market(id), market(id));
        for event in events(end(), 6) {
            once.step(&event);
            twice.step(&doubled(event));
        }
        let (once, twice) = (once.standing().unwrap(), twice.standing().unwrap());
        for side in Side::BOTH {
            let (a, b) = (&once.sides[side.index()], &twice.sides[side.index()]);
            for (a, b) in a.contracts.iter().flatten().zip(b.contracts.iter().flatten()) {
                assert!((2.0 * a - b).abs() <= 1e-9 * once.open_interest);
            }
        }
    }
}

/// No look-ahead (specification, A2): what a market says at a moment is the same whether the log ends there or
/// goes on, map, ensemble and learned law included.
#[test]
fn the_future_changes_nothing_already_said() {
    let moments = [time("2026-03-17T12:00:00Z"), time("2026-03-19T03:07:00Z")];
    let mut going_on = market(ModelId::M2);
    let mut seen = Vec::new();
    let mut next = moments.iter().peekable();
    for event in events(end(), 9) {
        while let Some(moment) = next.next_if(|moment| event.known_ts > **moment) {
            going_on.advance(*moment);
            seen.push((going_on.standing(), going_on.ensemble(), going_on.snapshot().unwrap()));
        }
        going_on.step(&event);
    }
    for (moment, (standing, ensemble, snapshot)) in moments.iter().zip(seen) {
        let mut cut_off = market(ModelId::M2);
        for event in events(end(), 9).filter(|event| event.known_ts <= *moment) {
            cut_off.step(&event);
        }
        cut_off.advance(*moment);
        assert!(ensemble.is_some());
        assert_eq!((cut_off.standing(), cut_off.ensemble()), (standing, ensemble));
        assert_eq!(cut_off.snapshot().unwrap(), snapshot);
    }
}

/// Same bytes on one thread and on two.
#[test]
fn threads_change_nothing() {
    let run = || {
        let mut market = market(ModelId::M2);
        events(end(), 8).for_each(|event| market.step(&event));
        (market.standing(), market.ensemble(), market.snapshot().unwrap())
    };
    let alone = run();
    let [a, b] = std::thread::scope(|scope| {
        let both = [scope.spawn(run), scope.spawn(run)];
        both.map(|thread| thread.join().unwrap())
    });
    assert_eq!(alone, a);
    assert_eq!(alone, b);
}
