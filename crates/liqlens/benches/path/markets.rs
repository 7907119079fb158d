//! Many markets at once: throughput on one core and on two, and what a market weighs.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use liqlens_bench::{Failure, Goal, Input, Run, Task, once, peak_mb, resident_mb};
use liqlens_engine::Market;
use liqlens_model::ModelId;

use crate::fold::market;
use crate::generator::{self, DAY_START_MS};

/// Names of the tasks.
pub(crate) const IDS: [&str; 2] = ["markets-1", "markets-2"];
/// Markets and days of each, full and short.
const MARKETS: [usize; 2] = [500, 4];
const DAYS: [i64; 2] = [30, 1];

/// On one thread and on two.
pub(crate) fn all() -> Vec<Task> {
    vec![
        Task::new(IDS[0], "500 markets × 30 days → M2, 1 thread", "events", |input| markets(1, input))
            // Nothing to compare with on one core.
            .on_cores(2)
            .goal(Goal::AtMost("a market", 16.0)),
        Task::new(IDS[1], "500 markets × 30 days → M2, 2 threads", "events", |input| markets(2, input))
            .beside(IDS[0])
            .on_cores(2)
            .goal(Goal::Speedup(1.9))
            .goal(Goal::AtMost("a market", 16.0)),
    ]
}

/// Folds every market on one of some threads and keeps all states. A thread makes a market's events from
/// its seed, which is part of the time as reading would be, folds it to the end, and takes the next: nothing
/// is shared but the number of the next market.
fn markets(threads: usize, input: &Input) -> Result<Run, Failure> {
    let (number, days) = (input.full_or(MARKETS[0], MARKETS[1]), input.full_or(DAYS[0], DAYS[1]));
    let before_mb = resident_mb();
    let mut states: Vec<(usize, Market)> = Vec::new();
    let run = once(|| {
        let next = AtomicUsize::new(0);
        let work = || {
            let (mut states, mut events) = (Vec::new(), 0);
            loop {
                let place = next.fetch_add(1, Ordering::Relaxed);
                if place >= number {
                    return Ok((states, events));
                }
                let (state, folded) = one_market(place, days).map_err(|error| error.to_string())?;
                states.push((place, state));
                events += folded;
            }
        };
        thread::scope(|scope| {
            let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
            let mut events = 0;
            for worker in workers {
                let result: Result<_, String> = worker.join().map_err(|_| "a worker failed")?;
                let (folded, of_worker) = result.map(|(states, events)| (events, states))?;
                events += folded;
                states.extend(of_worker);
            }
            Ok(events)
        })
    })?;
    let peak = peak_mb();
    states.sort_by_key(|(place, _)| *place);
    let mut hash = blake3::Hasher::new();
    for (_, state) in &states {
        hash.update(&state.snapshot()?);
    }
    let a_market = peak.zip(before_mb).map_or(f64::NAN, |(peak, before)| (peak - before) / number as f64);
    Ok(run.at_peak(peak).with("a market", "MB", a_market).that_gave("states", &hash.finalize()))
}

fn one_market(place: usize, days: i64) -> Result<(Market, u64), Failure> {
    let events = generator::minutes(1_000 + u64::try_from(place)?, DAY_START_MS, days)?;
    let mut market = market(ModelId::M2)?;
    for event in &events {
        market.step(event);
    }
    Ok((market, u64::try_from(events.len())?))
}
