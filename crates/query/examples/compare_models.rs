//! Prints the tables of METHODOLOGY.md: M1 beside M0 on the bundled days, without any tuning.
//!
//! `cargo run --release -p liqlens-query --example compare_models`
#![allow(clippy::print_stdout, clippy::expect_used)] // a report generator on data that ships with it

use liqlens_engine::{Market, SideLevels};
use liqlens_files::{Options, bundled, collect_bytes};
use liqlens_market::{Bar, BarSource, Event, EventBody, Instrument, MarketId, Side, Span, Timestamp};
use liqlens_model::{FlowModel, LogGrid, ModelId};
use liqlens_query::document::{ReachSide, Usd};
use liqlens_query::format::{move_both, usd_short};
use liqlens_query::{Subject, View, views};

const MODELS: [ModelId; 2] = [ModelId::M0, ModelId::M1];
/// The days with one-minute bars and liquidation prints.
const DAYS: [&str; 6] = ["2026-03-15", "2026-03-16", "2026-03-17", "2026-03-18", "2026-03-19", "2026-03-20"];
const AMOUNTS_USD: [f64; 4] = [10e6, 50e6, 100e6, 250e6];

fn main() {
    let mut events = Vec::new();
    for file in bundled::FILES {
        let read = collect_bytes(file.name, file.bytes, &Options::default());
        events.extend(read.expect("bundled files are readable").1);
    }
    events.sort_by(Event::log_order);
    let market: MarketId = "binance:BTCUSDT".parse().expect("a market");
    let instrument = Instrument::from_market(market).expect("a known naming scheme");
    totals_and_reach(&events, &instrument);
    dense_bins(&events, &instrument);
    the_published_brief(&events, &instrument);
}

fn market(id: ModelId, instrument: &Instrument) -> Market {
    let table = liqlens_margin::table(&instrument.market, at("2026-03-20")).expect("a shipped table");
    let model = FlowModel::new(id, instrument, &table.table).expect("a usable table");
    Market::new(instrument.clone(), model)
}

fn subject() -> Subject {
    Subject { symbol: "BTC".to_owned(), whole_coin: false, margin_table: String::new() }
}

fn at(text: &str) -> Timestamp {
    Timestamp::parse_text(text).expect("a time")
}

/// Views of both models at the end of each bundled day.
fn day_ends(events: &[Event], instrument: &Instrument) -> Vec<(ModelId, Vec<View>)> {
    let stops: Vec<Timestamp> = DAYS.iter().map(|day| at(day) + Span::DAY - Span::MINUTE).collect();
    MODELS
        .iter()
        .map(|id| {
            let seen = views(&mut market(*id, instrument), &subject(), events.iter().cloned(), &stops);
            (*id, seen.into_iter().map(|view| view.expect("the day has data")).collect())
        })
        .collect()
}

fn totals_and_reach(events: &[Event], instrument: &Instrument) {
    let by_model = day_ends(events, instrument);
    println!(
        "Total mass against open interest (at 23:59 UTC of each day; contracts of the map over open interest):\n"
    );
    println!("| day | price | open interest | M0 longs | M0 shorts | M1 longs | M1 shorts |");
    println!("|---|---|---|---|---|---|---|");
    for (index, day) in DAYS.iter().enumerate() {
        let ratios: Vec<String> = by_model
            .iter()
            .flat_map(|(_, views)| {
                let standing = views[index].standing().expect("a modelled view");
                Side::BOTH.map(|side| {
                    format!("{:.2}", standing.sides[side.index()].liquidatable() / standing.open_interest)
                })
            })
            .collect();
        let view = &by_model[1].1[index];
        println!(
            "| {day} | {:.1} | {} | {} |",
            view.last_price(),
            usd_short(view.open_interest_usd().expect("a modelled view")),
            ratios.join(" | ")
        );
    }
    println!("\nReach at 2026-03-20 23:59 UTC:\n");
    println!("| amount | M0 longs | M0 shorts | M1 longs | M1 shorts |");
    println!("|---|---|---|---|---|");
    for amount in AMOUNTS_USD {
        let cells: Vec<String> = by_model
            .iter()
            .flat_map(|(_, views)| {
                let pair = views[DAYS.len() - 1].reach(Usd::from_f64(amount)).pair;
                [distance(&pair.long), distance(&pair.short)]
            })
            .collect();
        println!("| {} | {} |", usd_short(amount), cells.join(" | "));
    }
}

fn distance(side: &ReachSide) -> String {
    match (&side.move_usd, side.move_pct) {
        (Some(usd), Some(pct)) => move_both(usd.to_f64(), pct),
        _ => "not reached".to_owned(),
    }
}

/// Sums over hours of what was liquidated and of what the map said.
#[derive(Default)]
struct Capture {
    hours: usize,
    liquidated: f64,
    in_dense: f64,
    dense_bins: f64,
    swept_bins: f64,
    on_map: f64,
}

/// For each full hour of the bundled days: the map at its start, the bins the price then swept on the
/// side, and where the hour's forced liquidations fell among them. Dense = the quarter of the swept bins
/// with the most mass.
fn dense_bins(events: &[Event], instrument: &Instrument) {
    let first = at(DAYS[0]) + Span::HOUR;
    let hours: Vec<Timestamp> = (0..142).map(|hour| first + Span::HOUR.times(hour)).collect();
    println!("\nForced liquidations of the following hour in the densest quarter of the bins then swept:\n");
    println!(
        "| model | side | hours | liquidated (BTC) | in dense bins | share | by chance | map ÷ liquidated |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    for id in MODELS {
        let mut captures = [Capture::default(), Capture::default()];
        let mut state = market(id, instrument);
        let mut feed = events.iter().peekable();
        for hour in &hours {
            while let Some(event) = feed.next_if(|event| event.known_ts <= *hour) {
                state.step(event);
            }
            state.advance(*hour);
            let Some(standing) = state.standing() else { continue };
            let next: Vec<&Event> =
                feed.clone().take_while(|event| event.known_ts <= *hour + Span::HOUR).collect();
            for side in Side::BOTH {
                let levels = &standing.sides[side.index()];
                score_hour(levels, standing.grid, standing.price, &next, &mut captures[side.index()]);
            }
        }
        for side in Side::BOTH {
            let c = &captures[side.index()];
            println!(
                "| {} | {side}s | {} | {:.1} | {:.1} | {:.1} % | {:.1} % | {:.1} |",
                id.id(),
                c.hours,
                c.liquidated,
                c.in_dense,
                100.0 * c.in_dense / c.liquidated,
                100.0 * c.dense_bins / c.swept_bins,
                c.on_map / c.liquidated
            );
        }
    }
}

fn score_hour(levels: &SideLevels, grid: LogGrid, price: f64, next: &[&Event], capture: &mut Capture) {
    let minutes: Vec<(f64, f64, f64)> = minutes(levels.side, next);
    // Bins the price swept on this side, from the price at the hour's start outward.
    let start = grid.bin(price);
    let swept: Vec<i32> = match levels.side {
        Side::Long => {
            let low = minutes.iter().map(|(low, _, _)| *low).fold(price, f64::min);
            (grid.bin(low)..=start).collect()
        }
        Side::Short => {
            let high = minutes.iter().map(|(_, high, _)| *high).fold(price, f64::max);
            (start..=grid.bin(high)).collect()
        }
    };
    let quarter = swept.len() / 4;
    let liquidated: f64 = minutes.iter().map(|(_, _, size)| size).sum();
    if quarter == 0 || liquidated == 0.0 {
        return; // fewer than four bins have no quarter
    }
    let mass = |bin: i32| -> f64 {
        let row = usize::try_from(bin - levels.first).ok();
        row.and_then(|row| levels.contracts.get(row)).map_or(0.0, |bands| bands.iter().sum())
    };
    let mut ranked = swept.clone();
    ranked.sort_by(|a, b| mass(*b).total_cmp(&mass(*a)).then(a.cmp(b)));
    let dense = &ranked[..quarter];
    capture.hours += 1;
    capture.dense_bins += quarter as f64;
    capture.swept_bins += swept.len() as f64;
    capture.on_map += swept.iter().map(|bin| mass(*bin)).sum::<f64>();
    for (low, high, size) in minutes.iter().filter(|(_, _, size)| *size > 0.0) {
        // The feed gives no price with a liquidation: it fell somewhere in its minute's range.
        let range: Vec<i32> = (grid.bin(*low)..=grid.bin(*high)).filter(|bin| swept.contains(bin)).collect();
        capture.liquidated += size;
        if range.is_empty() {
            continue; // outside what was swept since the hour began: counts as a miss
        }
        let hits = range.iter().filter(|bin| dense.contains(bin)).count();
        capture.in_dense += size * hits as f64 / range.len() as f64;
    }
}

/// Low, high and liquidated size of one side for each minute.
fn minutes(side: Side, next: &[&Event]) -> Vec<(f64, f64, f64)> {
    let mut size = 0.0;
    let mut minutes = Vec::new();
    for event in next {
        match &event.body {
            EventBody::Liquidation(l) if l.side == side => size += l.size.to_f64(),
            EventBody::Bar(Bar { source: BarSource::Trades, length, low, high, .. })
                if *length == Span::MINUTE =>
            {
                minutes.push((low.to_f64(), high.to_f64(), core::mem::take(&mut size)));
            }
            _ => {}
        }
    }
    minutes
}

fn the_published_brief(events: &[Event], instrument: &Instrument) {
    println!("\nThe evening of 4 January 2026 (as of 2026-01-05 02:00 UTC):\n");
    println!("| | venues | $1.1B of longs | $1.1B of shorts |");
    println!("|---|---|---|---|");
    println!("| published brief | all, by its own statement | −$2,000 | +$770 |");
    let stop = at("2026-01-05T02:00:00Z");
    for id in MODELS {
        let seen = views(&mut market(id, instrument), &subject(), events.iter().cloned(), &[stop]).remove(0);
        let view = seen.expect("the evening has data");
        let pair = view.reach(Usd::from_f64(1.1e9)).pair;
        let title = format!("{}, Binance BTCUSDT alone", id.id());
        println!(
            "| {title} | 1, open interest {} | {} | {} |",
            usd_short(view.open_interest_usd().expect("a modelled view")),
            distance(&pair.long),
            distance(&pair.short)
        );
        if let Some(amount) = view.comparable_amount(view.comparison_window_pct()) {
            let pair = view.reach(amount).pair;
            println!(
                "| {title}, at {} | 1 | {} | {} |",
                usd_short(amount.to_f64()),
                distance(&pair.long),
                distance(&pair.short)
            );
        }
    }
}
