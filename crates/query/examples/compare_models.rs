//! Prints the first tables of METHODOLOGY.md: M1 and M2 beside M0 on the bundled days.
//!
//! `cargo run --release -p liqlens-query --example compare_models`
#![allow(clippy::print_stdout, clippy::expect_used)] // a report generator on data that ships with it

use liqlens_engine::Market;
use liqlens_files::{Options, bundled, collect_bytes};
use liqlens_market::{Event, Instrument, MarketId, Side, Span, Timestamp};
use liqlens_model::{FlowModel, ModelId};
use liqlens_query::document::{ReachSide, Usd};
use liqlens_query::format::{move_both, usd_short};
use liqlens_query::{Subject, View, views};

const MODELS: [ModelId; 3] = [ModelId::M0, ModelId::M1, ModelId::M2];
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
    println!(
        "| day | price | open interest | M0 longs | M0 shorts | M1 longs | M1 shorts | M2 longs | M2 shorts |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
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
    println!("| amount | M0 longs | M0 shorts | M1 longs | M1 shorts | M2 longs | M2 shorts |");
    println!("|---|---|---|---|---|---|---|");
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
