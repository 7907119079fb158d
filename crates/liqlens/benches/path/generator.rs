//! Seeded input: a day of aggregate trades as a file, an open-interest series, a month of bars.
//!
//! Integer arithmetic and one multiplication of floats at a time, so that a seed gives the same bytes on
//! every machine.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use liqlens_market::{
    Bar, BarSource, Event, EventBody, NumberError, OpenInterest, Price, Size, Span, Timestamp,
};

/// Name the file has in the venue's archive; the reader takes the market from it.
pub(crate) const TRADES_FILE: &str = "BTCUSDT-aggTrades-2026-03-20.csv";
/// 2026-03-20T00:00:00Z.
pub(crate) const DAY_START_MS: i64 = 1_773_964_800_000;
const DAY_MS: i64 = 86_400_000;
const MINUTE_MS: i64 = 60_000;
const NANOS_PER_MS: i64 = 1_000_000;
/// 70,000.0 in ticks of 0.1.
const FIRST_PRICE_TICKS: i64 = 700_000;
/// 1e-8 in a tick of 0.1, and in a size step of 0.001.
const UNITS_PER_TICK: i64 = 10_000_000;
const UNITS_PER_STEP: i64 = 100_000;
/// Trades that share a millisecond, on average.
const TRADES_PER_BURST: i64 = 3;

/// `SplitMix64`.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Even over `0..bound`, for bounds far below 2^32.
    fn below(&mut self, bound: i64) -> i64 {
        let high = i64::try_from(self.next() >> 32).unwrap_or(0);
        (high * bound) >> 32
    }

    /// Bell-shaped around zero with standard deviation `sd`: a sum of twelve even draws.
    fn bell(&mut self, sd: i64) -> i64 {
        let sum: i64 = (0..12).map(|_| self.below(65_536)).sum();
        (sum - 6 * 65_536) * sd / 65_536
    }

    /// Heavy-tailed around a median of 12: the inverse of an even draw, in size steps.
    fn size_steps(&mut self) -> i64 {
        6 * 65_536 / (self.below(65_536) + 1)
    }
}

/// Writes `rows` aggregate trades of one day: bursts within a millisecond that walk through the book,
/// busier and quieter minutes, a price that moves by about 2.5 % a day. Returns the size in bytes.
pub(crate) fn write_agg_trades(path: &Path, rows: i64) -> io::Result<u64> {
    let mut file = BufWriter::with_capacity(1 << 20, File::create(path)?);
    writeln!(file, "agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,is_buyer_maker")?;
    let mut random = Random(20_260_320);
    let mean_gap_us = DAY_MS * 1_000 * TRADES_PER_BURST / rows;
    // 2.5 % of the price over the square root of the day's bursts.
    let walk_sd = 17_500 / (rows / TRADES_PER_BURST).isqrt().max(1);
    let (mut now_us, mut minute, mut pace) = (0, 0, 256);
    let (mut mid, mut trade_id, mut left_in_burst, mut taker_buys, mut level) =
        (FIRST_PRICE_TICKS, 7_312_345_678_i64, 0, true, 0);
    for row in 0..rows {
        if left_in_burst == 0 {
            left_in_burst = 1 + random.below(2 * TRADES_PER_BURST - 1);
            taker_buys = random.below(2) == 0;
            level = 0;
            mid = (mid + random.bell(walk_sd)).clamp(FIRST_PRICE_TICKS / 2, FIRST_PRICE_TICKS * 2);
            // The mean of u² is a third: many short gaps and few long. Busy minutes hold more of them than
            // quiet ones, hence 3.9 and not 3 for a day in all.
            let u = random.below(4_096);
            now_us += 39 * mean_gap_us / 10 * u / 4_096 * u / 4_096 * pace / 256;
            if now_us / (MINUTE_MS * 1_000) != minute {
                minute = now_us / (MINUTE_MS * 1_000);
                pace = 64 + random.below(385);
            }
        }
        left_in_burst -= 1;
        level += random.below(3) / 2;
        let price = if taker_buys { mid + 1 + level } else { mid - level };
        let size = random.size_steps();
        let fills = 1 + random.below(3) * random.below(3);
        let time_ms = DAY_START_MS + (now_us / 1_000).min(DAY_MS - 1);
        writeln!(
            file,
            "{},{}.{},{}.{:03},{},{},{},{}",
            3_012_345_678 + row,
            price / 10,
            price % 10,
            size / 1_000,
            size % 1_000,
            trade_id,
            trade_id + fills - 1,
            time_ms,
            !taker_buys
        )?;
        trade_id += fills;
    }
    file.into_inner().map_err(io::IntoInnerError::into_error)?.metadata().map(|meta| meta.len())
}

/// Open interest around 85,000 coins every five minutes, from a moment on.
pub(crate) fn open_interest(seed: u64, start_ms: i64, days: i64) -> Result<Vec<Event>, NumberError> {
    let mut random = Random(seed);
    let mut steps = 85_000_000;
    (0..=days * 288)
        .map(|reading| {
            steps = (steps + random.bell(80_000)).clamp(60_000_000, 110_000_000);
            let size = Size::from_units(steps * UNITS_PER_STEP)?;
            let body = EventBody::OpenInterest(OpenInterest { size, value: None });
            Ok(Event::at(minute(start_ms, 5 * reading), body))
        })
        .collect()
}

/// One-minute bars of the last traded price over so many days. A seed has its own first price and its own
/// volatility: 60 to 140 thousand dollars and 2.1 to 4.2 % a day.
pub(crate) fn minute_bars(seed: u64, start_ms: i64, days: i64) -> Result<Vec<Event>, NumberError> {
    let mut random = Random(seed);
    let first = FIRST_PRICE_TICKS * (90 + random.below(111)) / 100;
    let walk_sd = first * (55 + random.below(56)) / 100_000;
    let mut last = first;
    let price = |ticks: i64| Price::from_units(ticks * UNITS_PER_TICK);
    (0..days * 1_440)
        .map(|number| {
            let open = last;
            last = (last + random.bell(walk_sd)).clamp(first * 4 / 5, first * 5 / 4);
            let volume = (20_000 + random.below(100_000)) * UNITS_PER_STEP;
            let bar = Bar {
                source: BarSource::Trades,
                length: Span::MINUTE,
                open: price(open)?,
                high: price(open.max(last) + random.bell(walk_sd / 2).abs())?,
                low: price(open.min(last) - random.bell(walk_sd / 2).abs())?,
                close: price(last)?,
                volume: Size::from_units(volume)?,
                taker_buy: Some(Size::from_units(volume / 100 * (40 + random.below(21)))?),
            };
            Ok(Event::bar(minute(start_ms, number), bar))
        })
        .collect()
}

/// Bars and open interest of a market in the order in which they became known.
pub(crate) fn minutes(seed: u64, start_ms: i64, days: i64) -> Result<Vec<Event>, NumberError> {
    let mut events = minute_bars(seed, start_ms, days)?;
    events.extend(open_interest(seed, start_ms, days)?);
    events.sort_by(Event::log_order);
    Ok(events)
}

fn minute(start_ms: i64, number: i64) -> Timestamp {
    Timestamp::from_nanos((start_ms + number * MINUTE_MS) * NANOS_PER_MS)
}
