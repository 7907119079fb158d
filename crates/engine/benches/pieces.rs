//! Single steps of the fold, on the bundled days: `cargo bench -p liqlens-engine --bench pieces`.

#![allow(clippy::panic)] // a benchmark that cannot go on has failed

use std::error::Error;
use std::hint::black_box;
use std::time::Duration;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use liqlens_engine::Market;
use liqlens_files::{Options, bundled, collect_bytes};
use liqlens_market::{
    Bar, Event, EventBody, Instrument, MarketId, Price, Size, Span, Taker, Trade, TradeColumns,
};
use liqlens_model::{FlowModel, LogGrid, ModelId};

/// The bundled days through the learned model, and the last bar of trades among them.
fn folded() -> Result<(Market, Bar), Box<dyn Error>> {
    let mut events = Vec::new();
    for file in bundled::FILES {
        events.extend(collect_bytes(file.name, file.bytes, &Options::default())?.1);
    }
    events.sort_by(Event::log_order);
    let instrument = Instrument::from_market("binance:BTCUSDT".parse::<MarketId>()?)?;
    let last = events.last().ok_or("no events")?.known_ts;
    let schedule = liqlens_margin::table(&instrument.market, last)?;
    let model = FlowModel::new(ModelId::M2, &instrument, &schedule.table)?;
    let mut market = Market::new(instrument, model);
    let mut newest = None;
    for event in &events {
        market.step(event);
        if let EventBody::Bar(bar) = &event.body
            && bar.length == Span::MINUTE
        {
            newest = Some(*bar);
        }
    }
    Ok((market, newest.ok_or("no bars")?))
}

fn steps(criterion: &mut Criterion) {
    let Ok((market, bar)) = folded() else { panic!("the bundled days can be folded") };
    let (Some(start), Some(price)) = (market.clock(), market.price()) else { panic!("there is a price") };
    let last = price.last;
    let mut group = criterion.benchmark_group("fold");

    // 512 trades within a minute, up and down over some bins.
    let mut trades = TradeColumns::default();
    for number in 0..512_i32 {
        let at = start + Span::SECOND + Span::from_nanos(i64::from(number) * 100_000_000);
        let price = Price::from_f64(last * (1.0 + 1e-5 * f64::from(number % 37 - 18)));
        let taker = if number % 3 == 0 { Taker::Buy } else { Taker::Sell };
        if let (Ok(price), Ok(size)) = (price, Size::from_f64(0.25)) {
            trades.push(at, at, Trade { id: None, price, size, taker });
        }
    }
    assert_eq!(trades.len(), 512);
    group.bench_function("512 trades, one by one", |bencher| {
        let trades: Vec<Event> = trades.run().events().collect();
        bencher.iter_batched_ref(
            || market.clone(),
            |market| trades.iter().for_each(|trade| market.step(black_box(trade))),
            BatchSize::LargeInput,
        );
    });
    group.bench_function("512 trades, as a run", |bencher| {
        bencher.iter_batched_ref(
            || market.clone(),
            |market| market.step_trades(black_box(trades.run())),
            BatchSize::LargeInput,
        );
    });
    group.bench_function("close of a minute", |bencher| {
        let event = Event::bar(start, bar);
        bencher.iter_batched_ref(
            || market.clone(),
            |market| market.step(black_box(&event)),
            BatchSize::LargeInput,
        );
    });
    group.bench_function("map", |bencher| bencher.iter(|| black_box(&market).standing()));
    group.bench_function("map under 256 members", |bencher| bencher.iter(|| black_box(&market).ensemble()));
    group.bench_function("bin of a price", |bencher| {
        bencher.iter(|| LogGrid::STANDARD.bin(black_box(last)));
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
    targets = steps
}
criterion_main!(pieces);
