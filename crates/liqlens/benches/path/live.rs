//! An event in, documents out: what a live engine does for everyone who watches a market.

use std::hint::black_box;
use std::time::{Duration, Instant};

use liqlens_bench::{Failure, Goal, Input, Run, Task, quantile};
use liqlens_engine::Market;
use liqlens_files::{Options, collect_path};
use liqlens_market::Event;
use liqlens_model::ModelId;
use liqlens_query::document::Usd;

use crate::fold::{market, view};
use crate::generator::{self, DAY_START_MS};
use crate::input;

/// Tasks that read the synthetic market.
pub(crate) const OF_WORLD: [&str; 3] = ["live-minutes-m1", "live-minutes-bare", "live-minutes"];
/// Documents asked for in one run, full and short.
const DOCUMENTS: [usize; 2] = [10_000, 20];
/// After the trade that ends an interval, so many are followed by documents; after the others none are, as
/// nothing but the clock changes with them. They count by how many they stand for.
const AFTER_A_CLOSE: usize = 10;
/// Days of bars before the day of trades.
const HISTORY_DAYS: [i64; 2] = [30, 1];
const DAY_MS: i64 = 86_400_000;
/// What a reader of the documents asks.
const AMOUNT_USD: f64 = 1e8;
const MOVES_PCT: [f64; 6] = [-10.0, -5.0, -1.0, 1.0, 5.0, 10.0];

/// What is folded and asked.
#[derive(Clone, Copy)]
struct Asked {
    model: ModelId,
    /// Whether documents have their 80 % intervals, of models that know them.
    intervals: bool,
}

/// Both streams, without bands and with them.
pub(crate) fn all() -> Vec<Task> {
    let m1 = Asked { model: ModelId::M1, intervals: false };
    let bare = Asked { model: ModelId::M2, intervals: false };
    let whole = Asked { model: ModelId::M2, intervals: true };
    vec![
        task(OF_WORLD[0], "a minute's event → M1 → reach/1, at/1", 50.0, move |input| minutes(m1, input)),
        task(OF_WORLD[1], "a minute's event → M2 → reach/1, at/1", 50.0, move |input| {
            minutes(bare, input)
        }),
        task(OF_WORLD[2], "a minute's event → M2 → reach/1, at/1 with bands", 1_000.0, move |input| {
            minutes(whole, input)
        }),
        task("live-trades-m1", "a trade → M1 → reach/1, at/1", 50.0, move |input| trades(m1, input)),
        task("live-trades-bare", "a trade → M2 → reach/1, at/1", 50.0, move |input| trades(bare, input)),
        task("live-trades", "a trade → M2 → reach/1, at/1 with bands", 1_000.0, move |input| {
            trades(whole, input)
        }),
    ]
}

fn task(
    id: &'static str,
    title: &str,
    most_us: f64,
    run: impl Fn(&Input) -> Result<Run, Failure> + 'static,
) -> Task {
    Task::new(id, title, "events", run)
        .per_call()
        .goal(Goal::AtMost("p99", most_us))
        .goal(Goal::AtMost("of closes p99", most_us))
}

/// The end of a synthetic market's month, documents after every event.
fn minutes(asked: Asked, input: &Input) -> Result<Run, Failure> {
    let events: Vec<Event> = input::world(input)?.collect::<Result<_, _>>()?;
    let mut steps = Steps::of(asked)?;
    let (history, live) =
        events.split_at(events.len().saturating_sub(input.full_or(DOCUMENTS[0], DOCUMENTS[1])));
    for event in history {
        steps.market.step(event);
    }
    for event in live {
        steps.live(event, |_| true)?;
    }
    steps.run()
}

/// The end of a day of trades that follows a month of bars, documents after the trades that end an interval
/// and after the next few.
fn trades(asked: Asked, input: &Input) -> Result<Run, Failure> {
    let days = input.full_or(HISTORY_DAYS[0], HISTORY_DAYS[1]);
    let mut steps = Steps::of(asked)?;
    for event in generator::minutes(30, DAY_START_MS - days * DAY_MS, days)? {
        steps.market.step(&event);
    }
    let trades = input::trades(input)?;
    let first = trades.csv.first().ok_or("no file of trades")?;
    let (_, mut events) = collect_path(first, &Options::default())?;
    let last = events.last().ok_or("no trades")?.known_ts;
    events.extend(trades.open_interest.into_iter().filter(|reading| reading.known_ts <= last));
    events.sort_by(Event::log_order);
    let closes = input.full_or(DOCUMENTS[0], DOCUMENTS[1]) / AFTER_A_CLOSE;
    let mut minutes: Vec<i64> = events.iter().map(minute).collect();
    minutes.dedup();
    let from = minutes.get(minutes.len().saturating_sub(closes)).copied().ok_or("no trades")?;
    let (history, live) = events.split_at(events.partition_point(|event| minute(event) < from));
    for event in history {
        steps.market.step(event);
    }
    for event in live {
        steps.live(event, |since_close| since_close < AFTER_A_CLOSE)?;
    }
    steps.run()
}

const fn minute(event: &Event) -> i64 {
    event.known_ts.millis() / 60_000
}

/// A market and the time of its steps.
struct Steps {
    market: Market,
    intervals: bool,
    since_close: usize,
    /// Microseconds of steps with documents that ended an interval, and of the others.
    closing_us: Vec<f64>,
    other_us: Vec<f64>,
    /// Steps that ended no interval, with documents or without.
    others: usize,
    took: Duration,
}

impl Steps {
    fn of(asked: Asked) -> Result<Self, Failure> {
        Ok(Self {
            market: market(asked.model)?,
            intervals: asked.intervals,
            since_close: usize::MAX,
            closing_us: Vec::new(),
            other_us: Vec::new(),
            others: 0,
            took: Duration::ZERO,
        })
    }

    /// Takes an event, and asks for documents if it is one of those, by how many came since an interval ended.
    fn live(&mut self, event: &Event, wanted: impl Fn(usize) -> bool) -> Result<(), Failure> {
        let intervals = self.market.counters().intervals;
        let start = Instant::now();
        self.market.step(event);
        let closes = self.market.counters().intervals > intervals;
        self.since_close = if closes { 0 } else { self.since_close.saturating_add(1) };
        let wanted = wanted(self.since_close);
        if wanted {
            black_box(documents(&mut self.market, event, self.intervals)?);
        }
        let took = start.elapsed();
        self.others += usize::from(!closes);
        if wanted {
            let list = if closes { &mut self.closing_us } else { &mut self.other_us };
            list.push(took.as_secs_f64() * 1e6);
            self.took += took;
        }
        Ok(())
    }

    fn run(self) -> Result<Run, Failure> {
        let asked = self.closing_us.len() + self.other_us.len();
        let stands_for = self.others as f64 / self.other_us.len() as f64;
        let mut closing: Vec<(f64, f64)> = self.closing_us.iter().map(|us| (*us, 1.0)).collect();
        let others = self.other_us.iter().map(|us| (*us, stands_for));
        let mut all: Vec<(f64, f64)> = closing.iter().copied().chain(others).collect();
        let mut run = Run::new(self.took, u64::try_from(asked)?).with("documents", "", asked as f64).with(
            "closes",
            "",
            self.closing_us.len() as f64,
        );
        for (name, share) in [("p50", 0.5), ("p99", 0.99), ("p99.9", 0.999), ("max", 1.0)] {
            run = run.with(name, "µs", quantile(&mut all, share));
            run = run.with(&format!("of closes {name}"), "µs", quantile(&mut closing, share));
        }
        Ok(run)
    }
}

/// Both documents as they go out.
fn documents(market: &mut Market, event: &Event, intervals: bool) -> Result<[Vec<u8>; 2], Failure> {
    let mut view = view(market, event.known_ts)?;
    if !intervals {
        view = view.without_intervals();
    }
    let prices = MOVES_PCT.map(|pct| view.price_moved_by(pct));
    Ok([serde_json::to_vec(&view.reach(Usd::from_f64(AMOUNT_USD)))?, serde_json::to_vec(&view.at(&prices))?])
}
