//! What is measured, and beside what.

use std::hint::black_box;
use std::path::Path;

use liqlens_bench::{Failure, Goal, Run, Task, once, twice};
use liqlens_engine::Market;
use liqlens_lab::World;
use liqlens_market::Side;
use liqlens_query::document::Usd;
use liqlens_query::{Subject, View};

use crate::answers::{DrawnSums, Sums};
use crate::input;

/// A state of one of our own models, and what its rows are called.
#[derive(Clone, Copy)]
struct State {
    model: &'static str,
    world: World,
    title: &'static str,
    /// Names of the tasks: map, answers, snapshot, view.
    ids: [&'static str; 4],
}

const M1: State = State {
    model: "m1",
    world: World::Default,
    title: "M1",
    ids: ["map-m1", "answers-m1", "snapshot-m1", "view-m1"],
};
const M2: State = State {
    model: "m2",
    world: World::Default,
    title: "M2",
    ids: ["map-m2", "answers-m2", "snapshot-m2", "view-m2"],
};
const M2_ALT: State = State {
    model: "m2",
    world: World::Alt,
    title: "M2, alt",
    ids: ["map-m2-alt", "answers-m2-alt", "snapshot-m2-alt", "view-m2-alt"],
};
/// Distances asked of one map.
const REACHES: u64 = 20;

/// Everything that is measured on the hundred days.
pub(crate) fn all() -> Vec<Task> {
    let mut tasks = vec![Task::new("events", "100 days of events, read and dropped", "events", |input| {
        let bytes = input::events(World::Default, &input.folder)?;
        once(|| {
            each_event(&bytes, |event| {
                black_box(event);
            })
        })
    })];
    for (id, title, model) in [
        ("fold-m0a", "100 days → M0a", "m0a"),
        ("fold-m0b", "100 days → M0b", "m0b"),
        ("fold-m0c", "100 days → M0c", "m0c"),
        ("fold-m0d", "100 days → M0d", "m0d"),
        ("fold-m0e", "100 days → M0e", "m0e"),
    ] {
        tasks.push(fold(id, title, model, World::Default).beside("events"));
    }
    let ten_seconds = Goal::Seconds(10.0);
    tasks.push(fold("fold-m1", "100 days → M1", "m1", World::Default).beside("events").goal(ten_seconds));
    tasks.push(fold("fold-m2", "100 days → M2", "m2", World::Default).beside("fold-m1").goal(ten_seconds));
    tasks.push(fold("fold-m2-alt", "100 days of alt → M2", "m2", World::Alt).goal(ten_seconds));
    for state in [M1, M2, M2_ALT] {
        tasks.extend(of_state(state));
    }
    for (ids, state) in [(["ensemble", "band"], M2), (["ensemble-alt", "band-alt"], M2_ALT)] {
        tasks.extend(of_members(ids, state));
    }
    let document = Task::new("document", "M2: a reach/1 document of a view", "calls", |input| {
        let view = view(&state(M2, &input.folder)?)?;
        calls(input.full_or(2_000, 20), |call| {
            black_box(view.reach(Usd::from_f64(amount_usd(call))));
            Ok(())
        })
    });
    tasks.push(document.per_call());
    tasks
}

/// The events of a world through a model.
fn fold(id: &'static str, title: &str, model: &'static str, world: World) -> Task {
    Task::new(id, title, "events", move |input| {
        let bytes = input::events(world, &input.folder)?;
        let mut market = input::market(model)?;
        let run = once(|| each_event(&bytes, |event| market.step(event)))?;
        market.standing().ok_or("nothing stands after the fold")?;
        Ok(run)
    })
}

/// What is asked of a state.
fn of_state(of: State) -> [Task; 4] {
    let [map, answers_id, snapshot, view_id] = of.ids;
    let title = |what: &str| format!("{}: {what}", of.title);
    [
        Task::new(map, title("map"), "calls", move |input| {
            let market = state(of, &input.folder)?;
            calls(input.full_or(500, 5), |_| Ok(black_box(market.standing())))
        })
        .per_call(),
        Task::new(answers_id, title("map, sums, 20 reaches"), "calls", move |input| {
            let market = state(of, &input.folder)?;
            calls(input.full_or(500, 5), |call| answers(&market, call))
        })
        .per_call()
        .beside(map)
        .goal(Goal::Seconds(1e-3)),
        Task::new(snapshot, title("state as bytes"), "calls", move |input| {
            let market = state(of, &input.folder)?;
            calls(input.full_or(20, 1), |_| Ok(black_box(market.snapshot()?)))
        })
        .per_call(),
        Task::new(view_id, title("view with its id, 20 reaches"), "calls", move |input| {
            let market = state(of, &input.folder)?;
            calls(input.full_or(20, 1), |call| {
                let view = view(&market)?;
                for number in 0..REACHES {
                    let amount = Usd::from_f64(amount_usd(call * REACHES + number));
                    black_box(view.reach_pct(side(number), amount));
                }
                Ok(())
            })
        })
        .per_call()
        .beside(map),
    ]
}

/// What is asked of a state under every member.
fn of_members(ids: [&'static str; 2], of: State) -> [Task; 2] {
    let title = |what: &str| format!("{}: {what}", of.title);
    [
        Task::new(ids[0], title("map under 256 members"), "calls", move |input| {
            let market = state(of, &input.folder)?;
            calls(input.full_or(50, 1), |_| Ok(black_box(market.ensemble())))
        })
        .per_call()
        .beside(of.ids[0])
        .goal(Goal::Ratio(10.0)),
        Task::new(ids[1], title("the same, sums, a reach's interval"), "calls", move |input| {
            let market = state(of, &input.folder)?;
            calls(input.full_or(50, 1), |call| {
                let sums = drawn_sums(&market)?;
                black_box(sums.reach(side(call), amount_usd(call)));
                Ok(())
            })
        })
        .per_call()
        .beside(of.ids[0])
        .goal(Goal::Seconds(10e-3)),
    ]
}

fn state(of: State, folder: &Path) -> Result<Market, Failure> {
    input::state(of.world, of.model, folder)
}

/// Calls something so many times to warm up, and as often again.
fn calls<T>(times: u64, mut call: impl FnMut(u64) -> Result<T, Failure>) -> Result<Run, Failure> {
    twice(|| {
        for number in 0..times {
            call(number)?;
        }
        Ok(times)
    })
}

fn each_event(mut bytes: &[u8], mut take: impl FnMut(&liqlens_market::Event)) -> Result<u64, Failure> {
    let mut events = 0;
    while let Some(event) = input::next_event(&mut bytes)? {
        take(&event);
        events += 1;
    }
    Ok(events)
}

fn answers(market: &Market, call: u64) -> Result<(), Failure> {
    let standing = market.standing().ok_or("nothing stands")?;
    let sums = Sums::new(&standing);
    for number in 0..REACHES {
        black_box(sums.reach(side(number), amount_usd(call * REACHES + number)));
    }
    Ok(())
}

fn drawn_sums(market: &Market) -> Result<DrawnSums, Failure> {
    let ensemble = market.ensemble().ok_or("no ensemble")?;
    Ok(DrawnSums::new(&ensemble, market.model().grid))
}

pub(crate) fn view(market: &Market) -> Result<View, Failure> {
    let as_of = market.covered_until().ok_or("no bars")?;
    let subject = Subject { symbol: "BTC".to_owned(), whole_coin: false, margin_table: "shipped".to_owned() };
    Ok(View::new(market, subject, as_of)?)
}

fn side(number: u64) -> Side {
    Side::BOTH[usize::from(number % 2 == 1)]
}

/// Amounts from a million to two billion dollars, in an order that no branch predictor learns.
fn amount_usd(number: u64) -> f64 {
    1e6 + (number.wrapping_mul(2_654_435_761) % 2_000) as f64 * 1e6
}
