//! What is measured, and beside what.

use std::error::Error;
use std::fs::File;
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use liqlens_engine::Market;
use liqlens_files::{Options, Report, read_path};
use liqlens_market::{Event, Instrument, MarketId, Side, Timestamp};
use liqlens_model::{FlowModel, ModelId};
use liqlens_query::document::Usd;
use liqlens_query::{Subject, View};
use simd_csv::{LineReader, ZeroCopyReader};

use crate::generator::{self, TRADES_FILE};

type Failure = Box<dyn Error>;

/// One measurement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Task {
    /// Finding the line ends.
    Lines,
    /// A bare pass of the CSV reader.
    Csv,
    /// The file to events, which are dropped.
    Events,
    /// The file to events to the balanced model to a map to an answer.
    Path,
    /// Bars to heatmap columns, the peers' model of four leverages.
    HeatmapFour,
    /// Bars to heatmap columns, the balanced model of 36 distances.
    HeatmapBalanced,
    /// Both distances asked of a standing map.
    Distance,
    /// The same as a whole document with its head and texts.
    Document,
}

/// Rows of the heatmap: 5 basis points each, 55 % in all.
const PRICE_ROWS: usize = 1_100;
/// Length of the bar history.
const DAYS: i64 = 30;
/// Questions asked in one run.
const DISTANCES: u64 = 2_000_000;
const DOCUMENTS: u64 = 100_000;

impl Task {
    pub(crate) const ALL: [Self; 8] = [
        Self::Lines,
        Self::Csv,
        Self::Events,
        Self::Path,
        Self::HeatmapFour,
        Self::HeatmapBalanced,
        Self::Distance,
        Self::Document,
    ];

    /// Name on the command line.
    pub(crate) const fn id(self) -> &'static str {
        match self {
            Self::Lines => "lines",
            Self::Csv => "csv",
            Self::Events => "events",
            Self::Path => "path",
            Self::HeatmapFour => "heatmap-4",
            Self::HeatmapBalanced => "heatmap-36",
            Self::Distance => "distance",
            Self::Document => "document",
        }
    }

    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::Lines => "bare line reader",
            Self::Csv => "bare CSV reader",
            Self::Events => "file → events",
            Self::Path => "file → events → M1 → map → reach",
            Self::HeatmapFour => "43,200 bars → 1,100 rows, M0 (4 classes)",
            Self::HeatmapBalanced => "43,200 bars → 1,100 rows, M1 (36 classes)",
            Self::Distance => "reach of both sides on a built map",
            Self::Document => "the same as a reach/1 document",
        }
    }

    pub(crate) const fn goal(self) -> &'static str {
        match self {
            Self::Path => "≥ 5 Mrows/s, ≤ 150 MB, ≤ 1.5 × csv",
            Self::HeatmapFour => "< 0.5 s",
            Self::Distance => "< 1,000 ns",
            _ => "",
        }
    }

    pub(crate) const fn baseline(self) -> Option<Self> {
        match self {
            Self::Events | Self::Path => Some(Self::Csv),
            _ => None,
        }
    }

    pub(crate) const fn unit(self) -> &'static str {
        match self {
            Self::Lines | Self::Csv | Self::Events | Self::Path => "rows",
            Self::HeatmapFour | Self::HeatmapBalanced => "bars",
            Self::Distance | Self::Document => "calls",
        }
    }

    pub(crate) const fn per_call(self) -> bool {
        matches!(self, Self::Distance | Self::Document)
    }

    /// Runs twice, the first time to warm up. Returns the second run's time and count.
    pub(crate) fn run(self, folder: &Path) -> Result<(Duration, u64), Failure> {
        let file = folder.join(TRADES_FILE);
        match self {
            Self::Lines => twice(|| lines(&file)),
            Self::Csv => twice(|| csv(&file)),
            Self::Events => twice(|| events(&file)),
            Self::Path => {
                let open_interest = generator::open_interest(1)?;
                twice(|| path(&file, &open_interest))
            }
            Self::HeatmapFour => heatmap(ModelId::M0),
            Self::HeatmapBalanced => heatmap(ModelId::M1),
            Self::Distance => {
                let view = standing_view()?;
                twice(|| Ok(distances(&view)))
            }
            Self::Document => {
                let view = standing_view()?;
                twice(|| Ok(documents(&view)))
            }
        }
    }
}

fn twice(mut run: impl FnMut() -> Result<u64, Failure>) -> Result<(Duration, u64), Failure> {
    run()?;
    let start = Instant::now();
    let count = run()?;
    Ok((start.elapsed(), count))
}

fn lines(file: &Path) -> Result<u64, Failure> {
    let mut reader = LineReader::from_reader(File::open(file)?);
    let (mut rows, mut bytes) = (0, 0);
    while let Some(line) = reader.read_line()? {
        rows += 1;
        bytes += line.len();
    }
    black_box(bytes);
    Ok(rows)
}

fn csv(file: &Path) -> Result<u64, Failure> {
    let mut reader = ZeroCopyReader::from_reader(File::open(file)?);
    let (mut rows, mut bytes) = (0, 0);
    while let Some(record) = reader.read_byte_record()? {
        rows += 1;
        for field in record.iter() {
            bytes += field.len();
        }
    }
    black_box(bytes);
    Ok(rows)
}

fn events(file: &Path) -> Result<u64, Failure> {
    let report = read_path(file, &Options::default(), |event| {
        black_box(event);
    })?;
    all_rows(&report)
}

fn path(file: &Path, open_interest: &[Event]) -> Result<u64, Failure> {
    let mut market = market(ModelId::M1)?;
    let mut readings = open_interest;
    let report = read_path(file, &Options::default(), |event| {
        while let [reading, later @ ..] = readings
            && reading.known_ts <= event.known_ts
        {
            market.step(reading);
            readings = later;
        }
        market.step(&event);
    })?;
    let view = view(&mut market, report.last_ts)?;
    let standing = view.standing().ok_or("a modelled view has standing positions")?;
    for side in &standing.sides {
        let open_interest = standing.open_interest;
        if (side.total() / open_interest - 1.0).abs() > 1e-6 {
            return Err(format!("{:?}: {} is not {open_interest}", side.side, side.total()).into());
        }
    }
    black_box(view.reach(Usd::from_f64(1e8)));
    all_rows(&report)
}

fn all_rows(report: &Report) -> Result<u64, Failure> {
    if report.accepted != report.rows || !report.in_log_order {
        return Err(format!("not every row was read: {report:?}").into());
    }
    Ok(report.rows)
}

/// A column after every bar, as a heatmap at full resolution takes them.
fn heatmap(model: ModelId) -> Result<(Duration, u64), Failure> {
    let events = bar_events()?;
    twice(|| {
        let mut market = market(model)?;
        let lowest_row = market.model().grid.bin(70_000.0) - i32::try_from(PRICE_ROWS / 2)?;
        let (mut long_usd, mut short_usd) = ([0.0; PRICE_ROWS], [0.0; PRICE_ROWS]);
        let (mut bars, mut most) = (0, 0.0_f32);
        for event in &events {
            market.step(event);
            if matches!(event.body, liqlens_market::EventBody::Bar(_)) {
                market.column(1, lowest_row, &mut long_usd, &mut short_usd);
                most = black_box(&long_usd).iter().chain(black_box(&short_usd)).fold(most, |a, b| a.max(*b));
                bars += 1;
            }
        }
        if most > 0.0 { Ok(bars) } else { Err("the heatmap is empty".into()) }
    })
}

fn standing_view() -> Result<View, Failure> {
    let mut market = market(ModelId::M1)?;
    for event in &bar_events()? {
        market.step(event);
    }
    let end = market.covered_until().ok_or("no bars")?;
    view(&mut market, end)
}

fn distances(view: &View) -> u64 {
    for number in 0..DISTANCES {
        let amount = amount(number);
        black_box(view.reach_pct(Side::Long, amount));
        black_box(view.reach_pct(Side::Short, amount));
    }
    DISTANCES
}

fn documents(view: &View) -> u64 {
    for number in 0..DOCUMENTS {
        black_box(view.reach(amount(number)));
    }
    DOCUMENTS
}

/// Amounts from a million to two billion dollars, in an order that no branch predictor learns.
fn amount(number: u64) -> Usd {
    Usd::from_f64(1e6 + (number.wrapping_mul(2_654_435_761) % 2_000) as f64 * 1e6)
}

fn bar_events() -> Result<Vec<Event>, Failure> {
    let mut events = generator::minute_bars(DAYS)?;
    events.extend(generator::open_interest(DAYS)?);
    events.sort_by(Event::log_order);
    Ok(events)
}

fn market(model: ModelId) -> Result<Market, Failure> {
    let id: MarketId = "binance:BTCUSDT".parse()?;
    let schedule = liqlens_margin::table(&id, Timestamp::from_nanos(1_773_964_800_000_000_000))?;
    let instrument = Instrument::from_market(id)?;
    let model = FlowModel::new(model, &instrument, &schedule.table)?;
    Ok(Market::new(instrument, model))
}

fn view(market: &mut Market, as_of: Timestamp) -> Result<View, Failure> {
    market.advance(as_of);
    let subject = Subject { symbol: "BTC".to_owned(), whole_coin: false, margin_table: "shipped".to_owned() };
    Ok(View::new(market, subject, as_of)?)
}
