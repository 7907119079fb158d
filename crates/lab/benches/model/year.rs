//! A year of one-minute events through the learned model, its bands asked once a day.

use std::fs;
use std::hint::black_box;

use liqlens_bench::{Failure, Goal, Input, Run, Task, once};
use liqlens_market::{Span, Timestamp};

use crate::answers::DrawnSums;
use crate::{input, tasks};

/// Days of the market, full and short.
pub(crate) const DAYS: [u32; 2] = [365, 3];
/// Where its events are.
pub(crate) const FILE: &str = "year.events";
/// The tasks that read them.
pub(crate) const IDS: [&str; 2] = ["year", "year-documents"];

/// The year with 256 draws a day, and with a view and a document a day.
pub(crate) fn all() -> Vec<Task> {
    vec![
        Task::new(IDS[0], "1 year of minutes → M2, 256 draws a day", "events", |input| {
            run(input, |market| {
                let ensemble = market.ensemble().ok_or("no ensemble")?;
                black_box(DrawnSums::new(&ensemble, market.model().grid));
                Ok(())
            })
        })
        .goal(Goal::Seconds(60.0)),
        Task::new(IDS[1], "the same → a view and a reach/1 document a day", "events", |input| {
            run(input, |market| {
                let reach = tasks::view(market)?.reach(liqlens_query::document::Usd::from_f64(1e8));
                black_box(reach);
                Ok(())
            })
        })
        .goal(Goal::Seconds(60.0)),
    ]
}

fn run(input: &Input, ask: impl Fn(&liqlens_engine::Market) -> Result<(), Failure>) -> Result<Run, Failure> {
    let bytes = fs::read(input.file(FILE))?;
    let mut market = input::market("m2")?;
    let mut next_ask: Option<Timestamp> = None;
    let mut asked = 0;
    let run = once(|| {
        let (mut bytes, mut events) = (bytes.as_slice(), 0);
        while let Some(event) = input::next_event(&mut bytes)? {
            let due = *next_ask.get_or_insert(event.known_ts + Span::DAY);
            if event.known_ts > due {
                ask(&market)?;
                asked += 1;
                next_ask = Some(due + Span::DAY);
            }
            market.step(&event);
            events += 1;
        }
        ask(&market)?;
        Ok(events)
    })?;
    Ok(run.with("asked", "times", f64::from(asked + 1)))
}
