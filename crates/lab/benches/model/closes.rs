//! What each interval costs as it closes, apart from and with the learner's fits, and what a market weighs.

use std::time::{Duration, Instant};

use liqlens_bench::{Failure, Goal, Input, Run, Task, quantile, resident_mb};
use liqlens_engine::Market;
use liqlens_lab::World;
use liqlens_market::EventBody;

use crate::input;

/// The closes of each of our models in each world.
pub(crate) fn all() -> Vec<Task> {
    [
        ("closes-m1", "m1", World::Default),
        ("closes-m2", "m2", World::Default),
        ("closes-m1-alt", "m1", World::Alt),
        ("closes-m2-alt", "m2", World::Alt),
    ]
    .into_iter()
    .map(|(id, model, world)| {
        let title = format!("{}, {world}: an interval's close", model.to_uppercase());
        Task::new(id, title, "closes", move |input| run(model, world, input))
            .per_call()
            .goal(Goal::Seconds(50e-6))
            .goal(Goal::AtMost("a market", 16.0))
    })
    .collect()
}

/// Folds a world and takes the time of every bar's step.
fn run(model: &str, world: World, input: &Input) -> Result<Run, Failure> {
    let bytes = input::events(world, &input.folder)?;
    let mut market = input::market(model)?;
    let resident_before = resident_mb();
    let (mut closes_us, mut fits_us) = (Vec::new(), Vec::new());
    let mut bytes = bytes.as_slice();
    let mut fitted = law_mark(&market);
    while let Some(event) = input::next_event(&mut bytes)? {
        if !matches!(event.body, EventBody::Bar(_)) {
            market.step(&event);
            continue;
        }
        let start = Instant::now();
        market.step(&event);
        let took_us = start.elapsed().as_secs_f64() * 1e6;
        let now = law_mark(&market);
        let list = if now == fitted { &mut closes_us } else { &mut fits_us };
        list.push((took_us, 1.0));
        fitted = now;
    }
    let listed_mb = (closes_us.capacity() + fits_us.capacity()) as f64 * 16.0 / 1e6;
    let resident = resident_mb().zip(resident_before).map(|(now, before)| now - before - listed_mb);
    let snapshot_mb = market.snapshot()?.len() as f64 / 1e6;
    let sum = |list: &[(f64, f64)]| list.iter().map(|(us, _)| us).sum::<f64>();
    let all = closes_us.len() + fits_us.len();
    let took = Duration::from_secs_f64((sum(&closes_us) + sum(&fits_us)) / 1e6);
    Ok(Run::new(took, u64::try_from(all)?)
        .with("without fits", "µs", sum(&closes_us) / closes_us.len() as f64)
        .with("99 % below", "µs", quantile(&mut closes_us, 0.99))
        .with("a fit", "µs", sum(&fits_us) / fits_us.len() as f64)
        .with("worst fit", "µs", quantile(&mut fits_us, 1.0))
        .with("fits", "", fits_us.len() as f64)
        .with("snapshot", "MB", snapshot_mb)
        .with("a market", "MB", resident.unwrap_or(f64::NAN)))
}

/// Changes with every fit to new reports.
fn law_mark(market: &Market) -> u64 {
    market.law().map_or(0, |(law, _)| law.reports.to_bits())
}
