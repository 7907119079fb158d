//! Trades from file to map, beside what only reads the bytes.

use std::fs::File;
use std::hint::black_box;
use std::io::Read;
use std::path::PathBuf;

use liqlens_bench::{Failure, Goal, Run, Task, twice};
use liqlens_engine::Market;
use liqlens_files::{Options, Report, read_path_into};
use liqlens_market::{Event, Log, Sink, Step, Timestamp, TradeRun};
use liqlens_model::ModelId;
use liqlens_query::document::Usd;
use liqlens_store::Archive;
use simd_csv::{LineReader, ZeroCopyReader};
use zip::ZipArchive;

use crate::fold::{Fold, market_of, view};
use crate::input::{self, Trades};

/// Tasks that read the archive.
pub(crate) const OF_ARCHIVE: [&str; 2] = ["archive-read", "archive-path"];

/// Everything that is measured about files of trades.
pub(crate) fn all() -> Vec<Task> {
    vec![
        Task::new("lines", "bare line reader", "rows", |input| {
            let trades = input::trades(input)?;
            twice(|| trades.each_csv(lines))
        }),
        Task::new("csv", "bare CSV reader", "rows", |input| {
            let trades = input::trades(input)?;
            twice(|| trades.each_csv(csv))
        }),
        Task::new("events", "CSV → events", "rows", |input| {
            let trades = input::trades(input)?;
            twice(|| trades.dropped())
        })
        .beside("csv"),
        Task::new("path-m0", "CSV → M0 (4 classes) → map → reach", "rows", |input| {
            let trades = input::trades(input)?;
            path(&trades, &trades.csv, ModelId::M0)
        })
        .beside("csv"),
        Task::new("path-m1", "CSV → M1 → map → reach", "rows", |input| {
            let trades = input::trades(input)?;
            path(&trades, &trades.csv, ModelId::M1)
        })
        .beside("csv"),
        Task::new("path", "CSV → M2 → map with bands → reach", "rows", |input| {
            let trades = input::trades(input)?;
            path(&trades, &trades.csv, ModelId::M2)
        })
        .beside("csv")
        .goal(Goal::Ratio(1.3))
        .goal(Goal::PerSecond(8e6))
        .goal(Goal::PeakMb(60.0)),
        Task::new("zip-inflate", "inflating alone", "rows", |input| {
            let trades = input::trades(input)?;
            twice(|| inflate(&trades))
        }),
        Task::new("zip-path", "zip → M2 → map with bands → reach", "rows", |input| {
            let trades = input::trades(input)?;
            path(&trades, &trades.zip, ModelId::M2)
        })
        .beside("zip-inflate")
        .goal(Goal::Ratio(1.2)),
        Task::new(OF_ARCHIVE[0], "archive, read alone", "rows", |input| {
            let trades = input::trades(input)?;
            twice(|| {
                let mut rows = 0;
                each_step(&trades, |step| match black_box(step) {
                    Step::Event(_) => {}
                    Step::Trades(run) => rows += run.len() as u64,
                })?;
                trades.checked(rows)
            })
        }),
        Task::new(OF_ARCHIVE[1], "archive → M2 → map with bands → reach", "rows", |input| {
            let trades = input::trades(input)?;
            asked(ModelId::M2, || {
                let mut market = market_of(trades.market.clone(), ModelId::M2)?;
                each_step(&trades, |step| match step {
                    Step::Event(event) => market.step(&event),
                    Step::Trades(run) => market.step_trades(run),
                })?;
                Ok((market, trades.rows))
            })
        })
        .beside(OF_ARCHIVE[0])
        .goal(Goal::PerSecond(25e6)),
    ]
}

fn lines(file: &PathBuf) -> Result<(), Failure> {
    let mut reader = LineReader::from_reader(File::open(file)?);
    let mut bytes = 0;
    while let Some(line) = reader.read_line()? {
        bytes += line.len();
    }
    black_box(bytes);
    Ok(())
}

fn csv(file: &PathBuf) -> Result<(), Failure> {
    let mut reader = ZeroCopyReader::from_reader(File::open(file)?);
    let mut bytes = 0;
    while let Some(record) = reader.read_byte_record()? {
        for field in record.iter() {
            bytes += field.len();
        }
    }
    black_box(bytes);
    Ok(())
}

fn inflate(trades: &Trades) -> Result<u64, Failure> {
    let mut buffer = vec![0; 1 << 16];
    for file in &trades.zip {
        let mut archive = ZipArchive::new(File::open(file)?)?;
        let mut member = archive.by_index(0)?;
        while member.read(&mut buffer)? > 0 {
            black_box(&buffer);
        }
    }
    Ok(trades.rows)
}

/// Files to a model to a map to an answer.
fn path(trades: &Trades, files: &[PathBuf], model: ModelId) -> Result<Run, Failure> {
    asked(model, || {
        let mut fold = Fold::new(market_of(trades.market.clone(), model)?, &trades.open_interest);
        let mut rows = 0;
        for file in files {
            rows += in_order(&read_path_into(file, &Options::default(), &mut fold)?)?;
        }
        Ok((fold.market, trades.checked(rows)?))
    })
}

/// Folds twice, each time to a map that is asked, and checks the map and the answer.
fn asked(model: ModelId, mut fold: impl FnMut() -> Result<(Market, u64), Failure>) -> Result<Run, Failure> {
    let mut answer = String::new();
    let mut last = None;
    let run = twice(|| {
        last = None; // before there is another, for the sake of the peak of memory
        let (mut market, rows) = fold()?;
        let as_of = market.clock().ok_or("no trades")?;
        let view = view(&mut market, as_of)?;
        let reach = view.reach(Usd::from_f64(1e8));
        answer = serde_json::to_string(&reach)?;
        let intervals = [&reach.pair.long, &reach.pair.short].map(|side| side.interval.is_some());
        if intervals != [model == ModelId::M2; 2] {
            return Err(format!("{model:?} with intervals: {intervals:?}").into());
        }
        last = Some(market);
        Ok(rows)
    })?;
    balanced(&last.ok_or("no market")?, model)?;
    Ok(run.that_gave(&format!("reach of {model:?}"), &blake3::hash(answer.as_bytes())))
}

/// Both sides of a balanced map are open interest.
fn balanced(market: &Market, model: ModelId) -> Result<(), Failure> {
    let standing = market.standing().ok_or("nothing stands")?;
    let sides = if model == ModelId::M0 { &[][..] } else { &standing.sides };
    for side in sides {
        let open_interest = standing.open_interest;
        if (side.total() / open_interest - 1.0).abs() > 1e-6 {
            return Err(format!("{:?}: {} is not {open_interest}", side.side, side.total()).into());
        }
    }
    Ok(())
}

/// The archive's log from beginning to end.
fn each_step(trades: &Trades, mut take: impl FnMut(Step<'_>)) -> Result<(), Failure> {
    let end = Timestamp::from_nanos(i64::MAX);
    let mut log =
        Archive::open(&trades.archive)?.log(&trades.market, Timestamp::from_nanos(i64::MIN)..=end)?;
    while let Some(step) = log.next_known(end) {
        take(step);
    }
    if log.damage().is_empty() { Ok(()) } else { Err(format!("damaged: {:?}", log.damage()).into()) }
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

impl Trades {
    fn each_csv(&self, read: impl Fn(&PathBuf) -> Result<(), Failure>) -> Result<u64, Failure> {
        self.csv.iter().try_for_each(read)?;
        Ok(self.rows)
    }

    fn dropped(&self) -> Result<u64, Failure> {
        let mut rows = 0;
        for file in &self.csv {
            rows += in_order(&read_path_into(file, &Options::default(), &mut Dropped)?)?;
        }
        self.checked(rows)
    }

    fn checked(&self, rows: u64) -> Result<u64, Failure> {
        if rows == self.rows { Ok(rows) } else { Err(format!("read {rows} of {} rows", self.rows).into()) }
    }
}

/// The rows of a file of which every one became an event, in order.
fn in_order(report: &Report) -> Result<u64, Failure> {
    if report.accepted != report.rows || !report.in_log_order {
        return Err(format!("not every row was read: {report:?}").into());
    }
    Ok(report.rows)
}
