//! A month of bars: the heatmap they draw, and questions to the map they leave.

use std::fs::File;
use std::hint::black_box;
use std::io::{BufWriter, Write};

use liqlens_bench::{Failure, Goal, Input, Run, Task, twice};
use liqlens_market::{Bar, EventBody, Side};
use liqlens_model::ModelId;
use liqlens_query::View;
use liqlens_query::document::Usd;

use crate::fold::{market, view};
use crate::generator::{self, DAY_START_MS};

/// Names of the tasks.
pub(crate) const IDS: [&str; 4] = ["heatmap-4", "heatmap-36", "distance", "document"];
/// Rows of the heatmap: 5 basis points each, 55 % in all.
const PRICE_ROWS: usize = 1_100;
/// Length of the history, full and short.
const DAYS: [i64; 2] = [30, 2];
/// Its seed: the price begins near 140,000.
const SEED: u64 = 30;
/// Questions asked in one run, full and short.
const DISTANCES: [u64; 2] = [2_000_000, 1_000];
const DOCUMENTS: [u64; 2] = [100_000, 100];

/// Everything that is measured about bars.
pub(crate) fn all() -> Vec<Task> {
    vec![
        Task::new(IDS[0], "43,200 bars → 1,100 rows, M0 (4 classes)", "bars", |input| {
            heatmap(ModelId::M0, input)
        })
        .goal(Goal::Seconds(0.15))
        .goal(Goal::PeakMb(100.0)),
        Task::new(IDS[1], "43,200 bars → 1,100 rows, M1 (36 classes)", "bars", |input| {
            heatmap(ModelId::M1, input)
        })
        .goal(Goal::Seconds(0.15))
        .goal(Goal::PeakMb(100.0)),
        Task::new(IDS[2], "reach of both sides on a standing map", "calls", |input| {
            let view = standing_view(input)?;
            let calls = input.full_or(DISTANCES[0], DISTANCES[1]);
            twice(|| {
                for number in 0..calls {
                    black_box(view.reach_pct(Side::Long, amount(number)));
                    black_box(view.reach_pct(Side::Short, amount(number)));
                }
                Ok(calls)
            })
        })
        .per_call()
        .goal(Goal::Seconds(200e-9)),
        Task::new(IDS[3], "the same as a reach/1 document", "calls", |input| {
            let view = standing_view(input)?;
            let calls = input.full_or(DOCUMENTS[0], DOCUMENTS[1]);
            twice(|| {
                for number in 0..calls {
                    black_box(view.reach(amount(number)));
                }
                Ok(calls)
            })
        })
        .per_call(),
    ]
}

/// Writes the bars as a file, for whoever wants to draw the same heatmap.
pub(crate) fn write(input: &Input) -> Result<(), Failure> {
    let mut file = BufWriter::new(File::create(input.file("bars.csv"))?);
    writeln!(file, "open_time,open,high,low,close,volume")?;
    for event in generator::minute_bars(SEED, DAY_START_MS, input.full_or(DAYS[0], DAYS[1]))? {
        if let EventBody::Bar(Bar { open, high, low, close, volume, .. }) = event.body {
            writeln!(file, "{},{open},{high},{low},{close},{volume}", event.event_ts.millis())?;
        }
    }
    Ok(file.flush()?)
}

/// A column after every bar, as a heatmap at full resolution takes them.
fn heatmap(model: ModelId, input: &Input) -> Result<Run, Failure> {
    let events = generator::minutes(SEED, DAY_START_MS, input.full_or(DAYS[0], DAYS[1]))?;
    let first = events.iter().find_map(|event| match &event.body {
        EventBody::Bar(bar) => Some(bar.open.to_f64()),
        _ => None,
    });
    let first = first.ok_or("no bars")?;
    twice(|| {
        let mut market = market(model)?;
        let lowest_row = market.model().grid.bin(first) - i32::try_from(PRICE_ROWS / 2)?;
        let (mut long_usd, mut short_usd) = ([0.0; PRICE_ROWS], [0.0; PRICE_ROWS]);
        let (mut bars, mut most) = (0, 0.0_f32);
        for event in &events {
            market.step(event);
            if matches!(event.body, EventBody::Bar(_)) {
                market.column(1, lowest_row, &mut long_usd, &mut short_usd);
                most = black_box(&long_usd).iter().chain(black_box(&short_usd)).fold(most, |a, b| a.max(*b));
                bars += 1;
            }
        }
        if most > 0.0 { Ok(bars) } else { Err("the heatmap is empty".into()) }
    })
}

fn standing_view(input: &Input) -> Result<View, Failure> {
    let mut market = market(ModelId::M1)?;
    for event in &generator::minutes(SEED, DAY_START_MS, input.full_or(DAYS[0], DAYS[1]))? {
        market.step(event);
    }
    let end = market.covered_until().ok_or("no bars")?;
    let view = view(&mut market, end)?;
    // A map sums as far as it is asked; one that stands has done so.
    black_box(view.reach(Usd::from_f64(2e9)));
    Ok(view)
}

/// Amounts from a million to two billion dollars, in an order that no branch predictor learns.
fn amount(number: u64) -> Usd {
    Usd::from_f64(1e6 + (number.wrapping_mul(2_654_435_761) % 2_000) as f64 * 1e6)
}
