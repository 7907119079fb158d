//! A row of trades: `cargo bench -p liqlens-files --bench pieces`.

use std::fmt::Write;
use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use liqlens_files::{Options, read_bytes_into};
use liqlens_market::{Event, Sink, TradeRun};

const ROWS: u64 = 1_000;

/// Trades of one market in the layout of the venue's archive, three to a millisecond.
fn agg_trades() -> String {
    let mut text = String::from(
        "agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,is_buyer_maker\n",
    );
    for row in 0..ROWS {
        let (price, size, time) =
            (700_000 + row * 7 % 90, 1 + row * 131 % 4_000, 1_773_964_800_000 + row / 3);
        let written = writeln!(
            text,
            "{},{}.{},{}.{:03},{row},{row},{time},{}",
            3_012_345_678 + row,
            price / 10,
            price % 10,
            size / 1_000,
            size % 1_000,
            row % 2 == 0
        );
        assert!(written.is_ok());
    }
    text
}

/// Drops what it is given.
struct Dropped;

impl Sink for Dropped {
    fn event(&mut self, event: Event) {
        black_box(event);
    }

    fn trades(&mut self, trades: TradeRun<'_>) {
        black_box(trades);
    }
}

fn rows(criterion: &mut Criterion) {
    let text = agg_trades();
    let read = |text: &str| {
        let name = "BTCUSDT-aggTrades-2026-03-20.csv";
        read_bytes_into(name, text.as_bytes(), &Options::default(), &mut Dropped)
            .map(|report| report.accepted)
    };
    assert_eq!(read(&text).ok(), Some(ROWS));
    let mut group = criterion.benchmark_group("rows");
    group.throughput(Throughput::Elements(ROWS));
    group.bench_function("aggregate trade", |bencher| bencher.iter(|| read(black_box(&text)).is_ok()));
    group.finish();
}

criterion_group! {
    name = pieces;
    config = Criterion::default()
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1))
        .without_plots();
    targets = rows
}
criterion_main!(pieces);
