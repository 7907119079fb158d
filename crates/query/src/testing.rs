//! Views made by hand, with figures that can be had on paper.

use liqlens_engine::{Counters, DrawnLevels, Ensemble, Ledger, SideLevels, Standing};
use liqlens_market::{Contract, Instrument, Side, Span, Timestamp};
use liqlens_model::{LogGrid, ModelId};

use crate::curve::Curve;
use crate::drawn::Drawn;
use crate::view::{Basis, Modelled, OpenInterestFacts, PriceFacts, PriceResolution, Subject, View};

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
        contract: Contract::Inverse { contract_value: 1.0 },
        ..Instrument::from_market("binance:BTCUSDT".parse().unwrap()).unwrap()
    };
    let sides = [(Side::Long, long, PRICE - BINS), (Side::Short, short, PRICE)].map(|(side, mass, first)| {
        SideLevels {
            side,
            first,
            contracts: (0..BINS).map(|_| [mass, 0.0, 0.0, 0.0, 0.0]).collect(),
            unliquidatable: 0.0,
            boundary: None,
            scale: 1.0,
            flows: Ledger::default(),
        }
    });
    let curves = Side::BOTH.map(|side| Curve::new(&sides[side.index()], grid, price, &instrument));
    let as_of = Timestamp::parse_text("2026-01-04T13:00:00Z").unwrap();
    let open_interest = f64::from(BINS) * long.max(short);
    View {
        subject: Subject { symbol: "BTC".to_owned(), whole_coin: false, margin_table: "test".to_owned() },
        instrument,
        as_of,
        snapshot: "0123456789abcdef".to_owned(),
        last_price: price,
        curves,
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
        day: None,
        liquidated_by_day: Vec::new(),
        daily_log_returns: daily_log_returns.to_vec(),
        squeeze_by_day: Vec::new(),
        basis: Basis::Modelled(Box::new(Modelled {
            model: ModelId::M1,
            standing: Standing { grid, as_of, price, open_interest, sides, reporting: None },
            history: Span::DAY.times(40),
            counters: Counters::default(),
            drawn: None,
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
    let grid = LogGrid::new(0.001).unwrap();
    let drawn = Drawn::new(&ensemble, &view.curves, grid, &view.instrument);
    modelled(&mut view).drawn = drawn;
    view
}

/// What only an inferred map has, to be changed.
pub(crate) fn modelled(view: &mut View) -> &mut Modelled {
    match &mut view.basis {
        Basis::Modelled(modelled) => modelled,
        Basis::Measured(_) => unreachable!("views made by hand are modelled"),
    }
}
