//! Single questions to a standing map, on the bundled days: `cargo bench -p liqlens-query --bench pieces`.

#![allow(clippy::panic)] // a benchmark that cannot go on has failed

use std::error::Error;
use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use liqlens_engine::Market;
use liqlens_files::{Options, bundled, collect_bytes};
use liqlens_market::{Event, Instrument, MarketId, Side, Timestamp};
use liqlens_model::{FlowModel, ModelId};
use liqlens_query::document::Usd;
use liqlens_query::{LadderOptions, MapOptions, Subject, View};

/// The bundled days through the learned model.
fn folded() -> Result<(Market, Timestamp), Box<dyn Error>> {
    let mut events = Vec::new();
    for file in bundled::FILES {
        events.extend(collect_bytes(file.name, file.bytes, &Options::default())?.1);
    }
    events.sort_by(Event::log_order);
    let instrument = Instrument::from_market("binance:BTCUSDT".parse::<MarketId>()?)?;
    let end = events.last().ok_or("no events")?.known_ts;
    let schedule = liqlens_margin::table(&instrument.market, end)?;
    let model = FlowModel::new(ModelId::M2, &instrument, &schedule.table)?;
    let mut market = Market::new(instrument, model);
    for event in &events {
        market.step(event);
    }
    market.advance(end);
    Ok((market, end))
}

fn view(market: &Market, as_of: Timestamp) -> Option<View> {
    let subject = Subject { symbol: "BTC".to_owned(), whole_coin: true, margin_table: "shipped".to_owned() };
    View::new(market, subject, as_of).ok()
}

fn questions(criterion: &mut Criterion) {
    let Ok((market, end)) = folded() else { panic!("the bundled days can be folded") };
    let Some(standing) = view(&market, end) else { panic!("the bundled days can be asked") };
    let amount = Usd::from_f64(1e8);
    let mut group = criterion.benchmark_group("questions");
    group.bench_function("new view and its first reach/1", |bencher| {
        bencher.iter(|| view(black_box(&market), end).map(|view| view.reach(amount)));
    });
    group.bench_function("reach of one side", |bencher| {
        bencher.iter(|| standing.reach_pct(Side::Long, black_box(amount)));
    });
    group.bench_function("reach/1", |bencher| bencher.iter(|| standing.reach(black_box(amount))));
    group.bench_function("at/1 of two prices", |bencher| {
        let prices = [-5.0, 5.0].map(|pct| standing.price_moved_by(pct));
        bencher.iter(|| standing.at(black_box(&prices)));
    });
    group.bench_function("map/1", |bencher| bencher.iter(|| standing.map(&MapOptions::default())));
    group.bench_function("ladder/1", |bencher| bencher.iter(|| standing.ladder(&LadderOptions::default())));
    group.bench_function("new view and its first ladder/1", |bencher| {
        bencher.iter(|| view(black_box(&market), end).map(|view| view.ladder(&LadderOptions::default())));
    });
    group.finish();
}

criterion_group! {
    name = pieces;
    config = Criterion::default()
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1))
        .sample_size(30)
        .without_plots();
    targets = questions
}
criterion_main!(pieces);
