//! Views made by hand, with figures that can be had on paper.

use std::sync::{Arc, OnceLock};

use liqlens_engine::{Counters, DrawnLevels, Ensemble, Frozen, Ledger, Reporting, SideLevels, Standing};
use liqlens_market::{Contract, Instrument, Side, Span, Timestamp};
use liqlens_model::{LogGrid, ModelId};

use crate::curve::Curve;
use crate::view::{Basis, Modelled, OpenInterestFacts, Past, PriceFacts, PriceResolution, Subject, View};

/// A dollar a contract.
const CONTRACT: Contract = Contract::Inverse { contract_value: 1.0 };
/// Bins of either side of the price.
const BINS: i32 = 500;
/// Bins of the grid in a row of the ensemble.
const ROW: i32 = 4;
/// Where the price stands, in bins of 0.001: 8,103 dollars.
const PRICE: i32 = 9_000;

/// A market of inverse contracts of one dollar, so that contracts are dollars, with the same mass in each bin of
/// a side: 500 bins of 0.001 in log price either way.
pub(crate) fn even_view(long: f64, short: f64, daily_log_returns: &[f64]) -> View {
    let grid = LogGrid::new(0.001).unwrap();
    let price = grid.price(f64::from(PRICE));
    let instrument = Instrument {
        contract: CONTRACT,
        ..Instrument::from_market("binance:BTCUSDT".parse().unwrap()).unwrap()
    };
    let levels = |side, mass, first| levels(side, first, vec![[mass, 0.0, 0.0, 0.0, 0.0]; 500], None);
    let sides = [levels(Side::Long, long, PRICE - BINS), levels(Side::Short, short, PRICE)];
    let as_of = Timestamp::parse_text("2026-01-04T13:00:00Z").unwrap();
    let open_interest = f64::from(BINS) * long.max(short);
    let standing = Standing { grid, as_of, price, open_interest, sides, reporting: None };
    let map = Arc::new(Frozen::of(standing, None));
    View {
        subject: Subject { symbol: "BTC".to_owned(), whole_coin: false, margin_table: "test".to_owned() },
        instrument,
        as_of,
        snapshot: "0123456789abcdef".to_owned(),
        last_price: price,
        curves: Side::BOTH.map(|side| Curve::new(side, &map, CONTRACT)),
        past: Past::known(None, Vec::new(), daily_log_returns.to_vec()),
        price: PriceFacts {
            newest: as_of,
            resolution: PriceResolution::Market(Span::MINUTE),
            trigger: "mark price",
        },
        open_interest: Some(OpenInterestFacts {
            contracts: open_interest,
            newest: as_of,
            period: Some(Span::MINUTE.times(5)),
            holding: false,
        }),
        funding: None,
        newest_liquidation: None,
        squeeze_by_day: Vec::new(),
        basis: Basis::Modelled(Box::new(Modelled {
            model: ModelId::M1,
            map,
            facts: OnceLock::new(),
            draws: OnceLock::new(),
            history: Span::DAY.times(40),
            counters: Counters::default(),
            next_hour_new: None,
        })),
    }
}

/// The same with members `(weight, longs a bin, shorts a bin)` beside the map's own `(longs, shorts)`, and a
/// volatility of 2 % a day.
#[allow(clippy::cast_possible_truncation)] // small figures
pub(crate) fn member_view((long, short): (f64, f64), members: &[(f64, f64, f64)]) -> View {
    let mut view = even_view(long, short, &[0.02; 6]);
    let rows = usize::try_from(BINS / ROW).unwrap();
    let levels = |first, of: fn(&(f64, f64, f64)) -> f64| DrawnLevels {
        first,
        bins_per_row: ROW,
        contracts: members
            .iter()
            .map(|member| (of(member) * f64::from(ROW)) as f32)
            .collect::<Vec<_>>()
            .repeat(rows),
    };
    let ensemble = Ensemble {
        weights: members.iter().map(|(weight, ..)| *weight).collect(),
        sides: [levels(PRICE - BINS, |member| member.1), levels(PRICE, |member| member.2)],
    };
    remake(&mut view, |standing, _| (standing, Some(ensemble)));
    view
}

/// A view of the same market in which something else is known of the venue's stream.
pub(crate) fn with_reporting(view: &mut View, reporting: Option<Reporting>) {
    remake(view, |standing, ensemble| (Standing { reporting, ..standing }, ensemble));
}

fn remake(view: &mut View, change: impl FnOnce(Standing, Option<Ensemble>) -> (Standing, Option<Ensemble>)) {
    let contract = view.instrument.contract;
    let modelled = modelled(view);
    let ensemble = modelled.map.drawn().map(|drawn| drawn.ensemble());
    let (standing, ensemble) = change(modelled.map.standing(), ensemble);
    let map = Arc::new(Frozen::of(standing, ensemble));
    modelled.map = map.clone();
    (modelled.facts, modelled.draws) = (OnceLock::new(), OnceLock::new());
    view.curves = Side::BOTH.map(|side| Curve::new(side, &map, contract));
}

/// A map with one side that holds anything.
pub(crate) fn one_sided(
    grid: LogGrid,
    price: f64,
    side: Side,
    first: i32,
    contracts: Vec<[f64; 5]>,
    boundary: Option<(i32, f64)>,
) -> Arc<Frozen> {
    let as_of = Timestamp::from_nanos(0);
    let mut sides = Side::BOTH.map(|side| levels(side, 0, Vec::new(), None));
    sides[side.index()] = levels(side, first, contracts, boundary);
    Arc::new(Frozen::of(Standing { grid, as_of, price, open_interest: 1.0, sides, reporting: None }, None))
}

fn levels(side: Side, first: i32, contracts: Vec<[f64; 5]>, boundary: Option<(i32, f64)>) -> SideLevels {
    let flows = Ledger::default();
    SideLevels { side, first, contracts, unliquidatable: 0.0, boundary, scale: 1.0, flows }
}

/// What only an inferred map has, to be changed.
pub(crate) fn modelled(view: &mut View) -> &mut Modelled {
    match &mut view.basis {
        Basis::Modelled(modelled) => modelled,
        Basis::Measured(_) => unreachable!("views made by hand are modelled"),
    }
}
