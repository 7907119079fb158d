//! What is counted.

use std::fmt::Write;
use std::hint::black_box;

use liqlens_bench::Failure;
use liqlens_engine::Market;
use liqlens_files::{Options, bundled, collect_bytes, read_bytes_into};
use liqlens_market::{
    Event, EventBody, Instrument, MarketId, Price, Side, Sink, Size, Span, Taker, Trade, TradeColumns,
    TradeRun,
};
use liqlens_model::{FlowModel, ModelId};
use liqlens_query::document::Usd;
use liqlens_query::{Subject, View};

/// One thing that is counted.
pub(crate) struct Piece {
    pub(crate) id: &'static str,
    /// What one of it is.
    pub(crate) what: &'static str,
    /// How often its measured part does it.
    pub(crate) times: u64,
    pub(crate) run: fn() -> Result<(), Failure>,
}

pub(crate) const PIECES: &[Piece] = &[
    Piece { id: "decimal", what: "price read from text", times: ROWS, run: decimal },
    Piece { id: "row", what: "aggregate trade, text → run", times: ROWS, run: row },
    Piece { id: "trade", what: "trade of a run within a minute, M2", times: ROWS, run: trade },
    Piece { id: "close", what: "one-minute bar, M2, fits among them", times: BARS, run: close },
    Piece { id: "map", what: "map of the standing book", times: 1, run: map },
    Piece { id: "members", what: "map under 256 members", times: 1, run: members },
    Piece { id: "column", what: "heatmap column of 1,100 rows", times: COLUMNS, run: column },
    Piece { id: "view", what: "new view, its first reach/1 with bands", times: 1, run: view },
    Piece { id: "reach", what: "distance on a standing view", times: REACHES, run: reach },
    Piece { id: "document", what: "further reach/1 document with bands", times: DOCUMENTS, run: document },
];

const ROWS: u64 = 10_000;
const BARS: u64 = 1_440;
const COLUMNS: u64 = 50;
const REACHES: u64 = 1_000;
const DOCUMENTS: u64 = 20;

/// Keeps the counted part apart from what prepares it. The counter starts and ends at this function, by its
/// name.
#[inline(never)]
pub(crate) fn measured<T>(run: impl FnOnce() -> T) -> T {
    black_box(run())
}

fn decimal() -> Result<(), Failure> {
    let texts: Vec<String> = (0..ROWS).map(|row| format!("{}.{}", 70_000 + row * 7 % 90, row % 10)).collect();
    let good = measured(|| texts.iter().filter(|text| Price::parse(text.as_bytes()).is_ok()).count());
    if good == texts.len() { Ok(()) } else { Err("a price was refused".into()) }
}

fn row() -> Result<(), Failure> {
    let mut text = String::new();
    for row in 0..ROWS {
        let (price, size, time) =
            (700_000 + row * 7 % 90, 1 + row * 131 % 4_000, 1_773_964_800_000 + row / 3);
        writeln!(
            text,
            "{},{}.{},{}.{:03},{row},{row},{time},{}",
            3_012_345_678 + row,
            price / 10,
            price % 10,
            size / 1_000,
            size % 1_000,
            row % 2 == 0
        )?;
    }
    let report = measured(|| {
        let name = "BTCUSDT-aggTrades-2026-03-20.csv";
        read_bytes_into(name, text.as_bytes(), &Options::default(), &mut Dropped)
    })?;
    if report.accepted == ROWS { Ok(()) } else { Err("a row was refused".into()) }
}

/// Drops what it is given.
struct Dropped;

impl Sink for Dropped {
    fn event(&mut self, event: Event) {
        black_box(event);
    }

    fn trades(&mut self, trades: TradeRun<'_>) {
        black_box(trades);
    }
}

fn trade() -> Result<(), Failure> {
    let (mut market, _) = folded()?;
    let start = market.clock().ok_or("no events")?;
    let last = market.price().ok_or("no price")?.last;
    let mut trades = TradeColumns::default();
    for number in 0..i32::try_from(ROWS)? {
        let at = start + Span::from_nanos(i64::from(number) * 5_000_000);
        let price = Price::from_f64(last * (1.0 + 1e-5 * f64::from(number / 8 % 37 - 18)))?;
        let taker = if number % 3 == 0 { Taker::Buy } else { Taker::Sell };
        trades.push(at, at, Trade { id: None, price, size: Size::from_f64(0.25)?, taker });
    }
    measured(|| market.step_trades(trades.run()));
    Ok(())
}

fn close() -> Result<(), Failure> {
    let (mut market, bars) = folded()?;
    let bars = bars.get(bars.len() - usize::try_from(BARS)?..).ok_or("too few bars")?;
    let start = market.covered_until().ok_or("no bars")?;
    let later: Vec<Event> = (0..)
        .zip(bars)
        .filter_map(|(number, event)| match &event.body {
            EventBody::Bar(bar) => Some(Event::bar(start + Span::MINUTE.times(number), *bar)),
            _ => None,
        })
        .collect();
    measured(|| {
        for event in &later {
            market.step(event);
        }
    });
    Ok(())
}

fn map() -> Result<(), Failure> {
    let (market, _) = folded()?;
    measured(|| market.standing()).ok_or("nothing stands")?;
    Ok(())
}

fn members() -> Result<(), Failure> {
    let (market, _) = folded()?;
    measured(|| market.ensemble()).ok_or("no ensemble")?;
    Ok(())
}

fn column() -> Result<(), Failure> {
    let (market, _) = folded()?;
    let lowest = market.model().grid.bin(market.price().ok_or("no price")?.last) - 550;
    let (mut long_usd, mut short_usd) = ([0.0; 1_100], [0.0; 1_100]);
    measured(|| {
        for _ in 0..COLUMNS {
            market.column(1, lowest, &mut long_usd, &mut short_usd);
            black_box((&long_usd, &short_usd));
        }
    });
    Ok(())
}

fn view() -> Result<(), Failure> {
    let (market, _) = folded()?;
    measured(|| view_of(&market).map(|view| view.reach(amount(100)))).map(|_| ())
}

fn reach() -> Result<(), Failure> {
    let view = asked_before()?;
    measured(|| {
        for number in 0..REACHES {
            black_box(view.reach_pct(Side::Long, amount(number)));
        }
    });
    Ok(())
}

fn document() -> Result<(), Failure> {
    let view = asked_before()?;
    measured(|| {
        for number in 0..DOCUMENTS {
            black_box(view.reach(amount(number)));
        }
    });
    Ok(())
}

/// A view that has already summed as far as questions will go.
fn asked_before() -> Result<View, Failure> {
    let view = view_of(&folded()?.0)?;
    black_box(view.reach(Usd::from_f64(2e9)));
    Ok(view)
}

fn amount(number: u64) -> Usd {
    Usd::from_f64(1e6 + (number.wrapping_mul(2_654_435_761) % 2_000) as f64 * 1e6)
}

/// The bundled days through the learned model, and their one-minute bars.
fn folded() -> Result<(Market, Vec<Event>), Failure> {
    let mut events = Vec::new();
    for file in bundled::FILES.iter().filter(|file| file.name.contains("_1m_") || file.name.contains("_oi_"))
    {
        events.extend(collect_bytes(file.name, file.bytes, &Options::default())?.1);
    }
    events.sort_by(Event::log_order);
    let is_minute = |event: &&Event| matches!(&event.body, EventBody::Bar(bar) if bar.length == Span::MINUTE);
    let bars: Vec<Event> = events.iter().filter(is_minute).cloned().collect();
    let end = bars.last().ok_or("no bars")?.known_ts;
    let instrument = Instrument::from_market("binance:BTCUSDT".parse::<MarketId>()?)?;
    let schedule = liqlens_margin::table(&instrument.market, end)?;
    let model = FlowModel::new(ModelId::M2, &instrument, &schedule.table)?;
    let mut market = Market::new(instrument, model);
    for event in events.iter().filter(|event| event.known_ts <= end) {
        market.step(event);
    }
    Ok((market, bars))
}

fn view_of(market: &Market) -> Result<View, Failure> {
    let as_of = market.clock().ok_or("no events")?;
    let subject = Subject { symbol: "BTC".to_owned(), whole_coin: true, margin_table: "shipped".to_owned() };
    Ok(View::new(market, subject, as_of)?)
}
