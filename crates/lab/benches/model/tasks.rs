//! What is measured, and beside what.

use std::error::Error;
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use liqlens_engine::Market;
use liqlens_lab::World;
use liqlens_market::Side;
use liqlens_query::document::Usd;
use liqlens_query::{Subject, View};

use crate::answers::{DrawnSums, Sums};
use crate::input;

type Failure = Box<dyn Error>;

/// One measurement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Task {
    /// The events, read and dropped.
    Events,
    /// The events through a model, by its place in [`FOLDS`].
    Fold(usize),
    /// The map of a state, by its place in [`STATES`].
    Standing(usize),
    /// The map, sums from the price outward, twenty distances.
    Answers(usize),
    /// The state as bytes.
    Snapshot(usize),
    /// The same as a view with its snapshot id and twenty distances.
    View(usize),
    /// The map under every member.
    Ensemble(usize),
    /// That, its sums, and the interval of one distance.
    EnsembleAndBand(usize),
    /// A distance of a standing view as a whole document.
    Document,
}

/// Models folded: name, command, title, world.
const FOLDS: [(&str, &str, &str, World); 8] = [
    ("m0a", "fold-m0a", "100 days → M0a", World::Default),
    ("m0b", "fold-m0b", "100 days → M0b", World::Default),
    ("m0c", "fold-m0c", "100 days → M0c", World::Default),
    ("m0d", "fold-m0d", "100 days → M0d", World::Default),
    ("m0e", "fold-m0e", "100 days → M0e", World::Default),
    ("m1", "fold-m1", "100 days → M1", World::Default),
    ("m2", "fold-m2", "100 days → M2", World::Default),
    ("m2", "fold-m2-alt", "100 days of alt → M2", World::Alt),
];
/// States that are asked, our own models'.
const STATES: [(&str, World); 3] = [("m1", World::Default), ("m2", World::Default), ("m2", World::Alt)];
const M2: usize = 1;
/// Distances asked of one map.
const REACHES: u64 = 20;

impl Task {
    pub(crate) const ALL: [Self; 26] = [
        Self::Events,
        Self::Fold(0),
        Self::Fold(1),
        Self::Fold(2),
        Self::Fold(3),
        Self::Fold(4),
        Self::Fold(5),
        Self::Fold(6),
        Self::Fold(7),
        Self::Standing(0),
        Self::Standing(1),
        Self::Standing(2),
        Self::Answers(0),
        Self::Answers(1),
        Self::Answers(2),
        Self::Snapshot(0),
        Self::Snapshot(1),
        Self::Snapshot(2),
        Self::View(0),
        Self::View(1),
        Self::View(2),
        Self::Ensemble(1),
        Self::Ensemble(2),
        Self::EnsembleAndBand(1),
        Self::EnsembleAndBand(2),
        Self::Document,
    ];

    /// Name on the command line.
    pub(crate) const fn id(self) -> &'static str {
        match self {
            Self::Events => "events",
            Self::Fold(model) => FOLDS[model].1,
            Self::Standing(state) => ["map-m1", "map-m2", "map-m2-alt"][state],
            Self::Answers(state) => ["answers-m1", "answers-m2", "answers-m2-alt"][state],
            Self::Snapshot(state) => ["snapshot-m1", "snapshot-m2", "snapshot-m2-alt"][state],
            Self::View(state) => ["view-m1", "view-m2", "view-m2-alt"][state],
            Self::Ensemble(state) => ["", "ensemble", "ensemble-alt"][state],
            Self::EnsembleAndBand(state) => ["", "band", "band-alt"][state],
            Self::Document => "document",
        }
    }

    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::Events => "100 days of events, read and dropped",
            Self::Fold(model) => FOLDS[model].2,
            Self::Standing(state) => ["M1: map", "M2: map", "M2, alt: map"][state],
            Self::Answers(state) => {
                ["M1: map, sums, 20 reaches", "M2: map, sums, 20 reaches", "M2, alt: map, sums, 20 reaches"]
                    [state]
            }
            Self::Snapshot(state) => {
                ["M1: state as bytes", "M2: state as bytes", "M2, alt: state as bytes"][state]
            }
            Self::View(state) => [
                "M1: view with its id, 20 reaches",
                "M2: view with its id, 20 reaches",
                "M2, alt: view with its id, 20 reaches",
            ][state],
            Self::Ensemble(state) => {
                ["", "M2: map under 256 members", "M2, alt: map under 256 members"][state]
            }
            Self::EnsembleAndBand(state) => {
                ["", "M2: the same, sums, a reach's interval", "M2, alt: the same"][state]
            }
            Self::Document => "M2: a reach/1 document of a view",
        }
    }

    pub(crate) const fn goal(self) -> &'static str {
        match self {
            Self::Fold(5..) => "≤ 10 s",
            Self::Answers(_) => "≤ 1 ms",
            Self::Ensemble(_) => "≤ 10 × the map",
            Self::EnsembleAndBand(_) => "≤ 10 ms",
            _ => "",
        }
    }

    pub(crate) const fn baseline(self) -> Option<Self> {
        match self {
            Self::Fold(6) => Some(Self::Fold(5)),
            Self::Fold(..6) => Some(Self::Events),
            Self::Answers(state)
            | Self::View(state)
            | Self::Ensemble(state)
            | Self::EnsembleAndBand(state) => Some(Self::Standing(state)),
            _ => None,
        }
    }

    pub(crate) const fn unit(self) -> &'static str {
        match self {
            Self::Events | Self::Fold(_) => "events",
            _ => "calls",
        }
    }

    pub(crate) const fn per_call(self) -> bool {
        !matches!(self, Self::Events | Self::Fold(_))
    }

    /// Runs a fold once, which warms itself, and everything else twice, the first time to warm up. Returns
    /// the last run's time and count.
    pub(crate) fn run(self, folder: &Path) -> Result<(Duration, u64), Failure> {
        let state = |place: usize| input::state(STATES[place].1, STATES[place].0, folder);
        match self {
            Self::Events => {
                let bytes = input::events(World::Default, folder)?;
                timed(|| {
                    each_event(&bytes, |event| {
                        black_box(event);
                    })
                })
            }
            Self::Fold(model) => {
                let bytes = input::events(FOLDS[model].3, folder)?;
                let mut market = input::market(FOLDS[model].0)?;
                let measured = timed(|| each_event(&bytes, |event| market.step(event)))?;
                market.standing().ok_or("nothing stands after the fold")?;
                Ok(measured)
            }
            Self::Standing(place) => {
                let market = state(place)?;
                twice(500, |_| Ok(black_box(market.standing())))
            }
            Self::Answers(place) => {
                let market = state(place)?;
                twice(500, |call| answers(&market, call))
            }
            Self::Snapshot(place) => {
                let market = state(place)?;
                twice(20, |_| Ok(black_box(market.snapshot()?)))
            }
            Self::View(place) => {
                let market = state(place)?;
                twice(20, |call| {
                    let view = view(&market)?;
                    for number in 0..REACHES {
                        let amount = Usd::from_f64(amount_usd(call * REACHES + number));
                        black_box(view.reach_pct(side(number), amount));
                    }
                    Ok(())
                })
            }
            Self::Ensemble(place) => {
                let market = state(place)?;
                twice(50, |_| Ok(black_box(market.ensemble())))
            }
            Self::EnsembleAndBand(place) => {
                let market = state(place)?;
                twice(50, |call| {
                    let sums = drawn_sums(&market)?;
                    black_box(sums.reach(side(call), amount_usd(call)));
                    Ok(())
                })
            }
            Self::Document => {
                let view = view(&state(M2)?)?;
                twice(2_000, |call| {
                    black_box(view.reach(Usd::from_f64(amount_usd(call))));
                    Ok(())
                })
            }
        }
    }
}

fn timed(run: impl FnOnce() -> Result<u64, Failure>) -> Result<(Duration, u64), Failure> {
    let start = Instant::now();
    let count = run()?;
    Ok((start.elapsed(), count))
}

fn twice<T>(calls: u64, mut call: impl FnMut(u64) -> Result<T, Failure>) -> Result<(Duration, u64), Failure> {
    for number in 0..calls {
        call(number)?;
    }
    timed(|| {
        for number in 0..calls {
            call(number)?;
        }
        Ok(calls)
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

fn view(market: &Market) -> Result<View, Failure> {
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
