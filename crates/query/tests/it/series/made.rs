//! Candles of made-up trades, told in several resolutions at once.

use liqlens_market::{Bar, BarSource, Event, EventBody, Price, Size, Span, Taker, Timestamp, Trade};
use liqlens_query::series::{Fineness, price};
use proptest::prelude::*;

use super::ask;
use crate::bundle::time;

/// Second, price, size in hundredths.
type Tick = (i64, i64, i64);

fn start() -> Timestamp {
    time("2026-03-17T00:00:00Z")
}

fn at(second: i64) -> Timestamp {
    start() + Span::SECOND.times(second)
}

fn cents(units: i64) -> i64 {
    units * 1_000_000
}

fn trade(&(second, price, size): &Tick) -> Event {
    let (price, size) = (Price::from_units(cents(price)).unwrap(), Size::from_units(cents(size)).unwrap());
    Event::at(at(second), EventBody::Trade(Trade { id: None, price, size, taker: Taker::Buy }))
}

/// Open, high, low, close, volume of the ticks of some seconds.
fn summed(ticks: &[Tick], from: i64, to: i64) -> Option<[i64; 5]> {
    let inside: Vec<&Tick> = ticks.iter().filter(|tick| tick.0 >= from && tick.0 < to).collect();
    Some([
        inside.first()?.1,
        inside.iter().map(|tick| tick.1).max()?,
        inside.iter().map(|tick| tick.1).min()?,
        inside.last()?.1,
        inside.iter().map(|tick| tick.2).sum(),
    ])
}

fn bar(ticks: &[Tick], from: i64, length: i64) -> Option<Event> {
    let [open, high, low, close, volume] = summed(ticks, from, from + length)?;
    let price = |units: i64| Price::from_units(cents(units)).unwrap();
    let bar = Bar {
        source: BarSource::Trades,
        length: Span::SECOND.times(length),
        open: price(open),
        high: price(high),
        low: price(low),
        close: price(close),
        volume: Size::from_units(cents(volume)).unwrap(),
        taker_buy: None,
    };
    Some(Event::bar(at(from), bar))
}

proptest! {
    /// Twenty minutes of trades, told as four bars of five minutes; of each, the first minutes also as bars of a
    /// minute, and of those the first also trade by trade. Whatever is told how finely, candles of five minutes and
    /// more are those of the trades.
    #[test]
    fn every_trade_is_counted_once(
        ticks in proptest::collection::btree_map(0_i64..1_200, (9_000_i64..11_000, 1_i64..500), 40..300),
        bars in proptest::array::uniform4(0_i64..=5), traded in proptest::array::uniform4(0_i64..=5),
        step in prop::sample::select(vec![300_i64, 600, 1_200]),
    ) {
        let ticks: Vec<Tick> = ticks.into_iter().map(|(second, (price, size))| (second, price, size)).collect();
        let mut events = Vec::new();
        for (five, (bars, traded)) in (0..4).zip(bars.into_iter().zip(traded)) {
            events.extend(bar(&ticks, five * 300, 300));
            for minute in 0..bars.max(traded) {
                let from = five * 300 + minute * 60;
                let inside = ticks.iter().filter(|tick| tick.0 >= from && tick.0 < from + 60);
                // A minute without a trade is told by a bar or by nothing.
                if minute < traded && (minute >= bars || from % 120 == 0) {
                    events.extend(inside.map(trade));
                } else {
                    events.extend(bar(&ticks, from, 60));
                }
            }
        }
        events.sort_by(Event::log_order);
        let fineness = Fineness { step: Some(Span::SECOND.times(step)), max_points: 1_000 };
        let document = price(events, &ask(start(), at(1_200)), fineness).unwrap();
        let expected: Vec<(String, [i64; 5])> = (0..1_200 / step)
            .filter_map(|n| Some((at(n * step).to_string(), summed(&ticks, n * step, (n + 1) * step)?)))
            .collect();
        prop_assert_eq!(document.candles.len(), expected.len());
        for (candle, (start, [open, high, low, close, volume])) in document.candles.iter().zip(expected) {
            prop_assert_eq!(&candle.start, &start);
            let prices = [&candle.open, &candle.high, &candle.low, &candle.close];
            let hundredths = |units: i64| units as f64 / 100.0;
            prop_assert_eq!(prices.map(|price| price.as_str().parse::<f64>().unwrap()), [open, high, low, close].map(hundredths));
            prop_assert!((candle.volume.unwrap() - hundredths(volume)).abs() < 1e-9);
        }
    }

    /// Trades alone give candles of any step, also of seconds.
    #[test]
    fn trades_give_candles_of_seconds(
        ticks in proptest::collection::btree_map(0_i64..600, (9_000_i64..11_000, 1_i64..500), 1..200),
        step in prop::sample::select(vec![1_i64, 7, 60, 100]),
    ) {
        let ticks: Vec<Tick> = ticks.into_iter().map(|(second, (price, size))| (second, price, size)).collect();
        let events: Vec<Event> = ticks.iter().map(trade).collect();
        let fineness = Fineness { step: Some(Span::SECOND.times(step)), max_points: 1_000 };
        let document = price(events, &ask(start(), at(599)), fineness).unwrap();
        let offset = start().nanos() / 1_000_000_000 % step;
        let mut expected = Vec::new();
        let mut from = -offset;
        while from < 600 {
            expected.extend(summed(&ticks, from, from + step).map(|sum| (at(from).to_string(), sum)));
            from += step;
        }
        let volumes: Vec<_> = document
            .candles
            .iter()
            .map(|candle| (candle.start.clone(), candle.open.as_str().to_owned(), candle.volume.unwrap()))
            .collect();
        prop_assert_eq!(volumes.len(), expected.len());
        for ((start, open, volume), (expected_start, sum)) in volumes.into_iter().zip(expected) {
            prop_assert_eq!(start, expected_start);
            prop_assert_eq!(open.parse::<f64>().unwrap(), sum[0] as f64 / 100.0);
            prop_assert!((volume - sum[4] as f64 / 100.0).abs() < 1e-9);
        }
    }
}

/// Trades fell silent for nine minutes, and again while the log says that they were lost.
#[test]
fn a_quiet_market_is_no_hole_and_a_lost_line_is() {
    let mut events: Vec<Event> = [0, 60, 600, 660, 900].map(|second| trade(&(second, 10_000, 1))).to_vec();
    let gap = liqlens_market::Gap {
        from: at(700),
        to: at(890),
        channel: "trade".to_owned(),
        cause: "disconnected".to_owned(),
    };
    events.push(Event::at(at(890), EventBody::Gap(Box::new(gap))));
    events.sort_by(Event::log_order);
    let asked = |events: Vec<Event>, from, to| {
        price(events, &ask(at(from), at(to)), Fineness::default()).unwrap().gaps
    };
    let lost = [[at(700).to_string(), at(890).to_string()]];
    assert_eq!(asked(events.clone(), 0, 1_000), lost);
    // A bar of a quarter of an hour tells what the trades do not.
    events.extend(bar(&[(0, 10_000, 1)], 0, 900));
    events.sort_by(Event::log_order);
    let minute = [[at(700).to_string(), at(720).to_string()]];
    assert_eq!(asked(events.clone(), 0, 1_000), minute, "the minute that trades tell lacks some");
    // Ten minutes after the last trade it is quiet, later it is missing.
    assert_eq!(asked(events.clone(), 900, 1_500).len(), 0);
    assert_eq!(asked(events, 900, 1_600), [[at(960).to_string(), at(1_600).to_string()]]);
}
