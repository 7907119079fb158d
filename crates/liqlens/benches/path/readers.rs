//! Trades from file to map, beside what only reads the bytes.

use std::fs::File;
use std::hint::black_box;
use std::io::Read;
use std::path::PathBuf;

use liqlens_bench::{Failure, Goal, Task, twice};
use liqlens_files::{Options, Report, read_path};
use liqlens_market::Event;
use liqlens_model::ModelId;
use liqlens_query::document::Usd;
use simd_csv::{LineReader, ZeroCopyReader};
use zip::ZipArchive;

use crate::fold::{Fold, market_of, view};
use crate::input::{self, Trades};

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
            twice(|| {
                trades.all_read(&trades.csv, |event| {
                    black_box(event);
                })
            })
        })
        .beside("csv"),
        Task::new("path-m0", "CSV → M0 (4 classes) → map → reach", "rows", |input| {
            let trades = input::trades(input)?;
            twice(|| path(&trades, &trades.csv, ModelId::M0))
        })
        .beside("csv"),
        Task::new("path-m1", "CSV → M1 → map → reach", "rows", |input| {
            let trades = input::trades(input)?;
            twice(|| path(&trades, &trades.csv, ModelId::M1))
        })
        .beside("csv"),
        Task::new("path", "CSV → M2 → map with bands → reach", "rows", |input| {
            let trades = input::trades(input)?;
            twice(|| path(&trades, &trades.csv, ModelId::M2))
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
            twice(|| path(&trades, &trades.zip, ModelId::M2))
        })
        .beside("zip-inflate")
        .goal(Goal::Ratio(1.2)),
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

/// Files to a model to a map to an answer with its 80 % interval, where the model has one.
fn path(trades: &Trades, files: &[PathBuf], model: ModelId) -> Result<u64, Failure> {
    let mut fold = Fold::new(market_of(trades.market.clone(), model)?, &trades.open_interest);
    let mut rows = 0;
    for file in files {
        let report = read_path(file, &Options::default(), |event| {
            liqlens_market::Sink::event(&mut fold, event);
        })?;
        rows += in_order(&report)?;
    }
    let as_of = fold.market.clock().ok_or("no trades")?;
    let view = view(&mut fold.market, as_of)?;
    let standing = view.standing().ok_or("a modelled view has standing positions")?;
    let balanced = if model == ModelId::M0 { &[][..] } else { &standing.sides };
    for side in balanced {
        let open_interest = standing.open_interest;
        if (side.total() / open_interest - 1.0).abs() > 1e-6 {
            return Err(format!("{:?}: {} is not {open_interest}", side.side, side.total()).into());
        }
    }
    let reach = view.reach(Usd::from_f64(1e8));
    let intervals = [&reach.pair.long, &reach.pair.short].map(|side| side.interval.is_some());
    if intervals != [model == ModelId::M2; 2] {
        return Err(format!("{model:?} with intervals: {intervals:?}").into());
    }
    black_box(serde_json::to_string(&reach)?);
    trades.checked(rows)
}

impl Trades {
    fn each_csv(&self, read: impl Fn(&PathBuf) -> Result<(), Failure>) -> Result<u64, Failure> {
        self.csv.iter().try_for_each(read)?;
        Ok(self.rows)
    }

    fn all_read(&self, files: &[PathBuf], mut sink: impl FnMut(Event)) -> Result<u64, Failure> {
        let mut rows = 0;
        for file in files {
            rows += in_order(&read_path(file, &Options::default(), &mut sink)?)?;
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
