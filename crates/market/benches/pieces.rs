//! Single steps of reading numbers: `cargo bench -p liqlens-market --bench pieces`.

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use liqlens_market::{Price, Size, Timestamp};

/// As the venue writes them, of different lengths so that no branch predictor learns one.
const PRICES: [&[u8]; 8] =
    [b"70000.9", b"69999.10", b"71234", b"0.00001234", b"104250.55", b"3.1415926", b"70000.0", b"99.5"];
const SIZES: [&[u8]; 8] = [b"0.064", b"12.5", b"1", b"0.001", b"250.125", b"0.00000001", b"3.20", b"1000"];

fn decimals(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("decimals");
    group.throughput(Throughput::Elements(8));
    group.bench_function("price", |bencher| {
        bencher.iter(|| PRICES.map(|text| Price::parse(black_box(text)).is_ok()));
    });
    group.bench_function("size", |bencher| {
        bencher.iter(|| SIZES.map(|text| Size::parse(black_box(text)).is_ok()));
    });
    group.throughput(Throughput::Elements(1));
    group.bench_function("epoch time", |bencher| {
        bencher.iter(|| Timestamp::parse_epoch(black_box(b"1773964800095")).is_ok());
    });
    group.finish();
}

criterion_group! {
    name = pieces;
    config = Criterion::default()
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1))
        .without_plots();
    targets = decimals
}
criterion_main!(pieces);
