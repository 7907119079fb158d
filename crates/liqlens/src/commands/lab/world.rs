//! `liqlens lab world`: a synthetic market as archive files, with the truth beside them.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use liqlens_ask::Failure;
use liqlens_lab::synthetic::{PrintFeed, START, Synthetic, ThrottleRule};
use liqlens_market::{Span, Timestamp};
use serde_json::{Value, json};

use super::feed::{Feed, SYMBOL};
use super::made::{Made, Reported, days, name};
use super::output::{Output, Written};
use super::readme::readme;
use super::truth::TruthFiles;
use crate::app::{App, print, write_file};
use crate::cli::WorldArgs;
use crate::progress::Progress;

pub(crate) fn run(app: &App, args: &WorldArgs) -> Result<(), Failure> {
    let output = Output::create(&args.out)?;
    let mut progress = Progress::start(app);
    progress.tell(|| format!("warming {} up", args.world));
    let impossible = |error| Failure::internal("The synthetic market could not be made.", error);
    let mut market = Synthetic::new(args.world, args.seed, args.days).map_err(impossible)?;
    let (feed, truth) = write(&output, &mut market, feed(args.prints), |now| {
        progress.tell(|| format!("{}: {now}", args.world));
    })?;
    let out: PathBuf = args.out.components().collect();
    let made =
        Made { world: args.world, seed: args.seed, days: args.days, prints: args.prints, end: market.now() };
    // Last, so that a directory with this page is complete.
    write_file(&args.out.join("README.md"), readme(&made, &feed, &truth).as_bytes())?;
    drop(progress);
    if app.json {
        return print(&super::super::json(&document(&made, &out, &feed, &truth))?);
    }
    print(text(&made, &out, &feed, &truth).as_bytes())
}

/// Runs a market to its end, minute by minute, and writes what is published and what stands behind it.
pub(super) fn write(
    output: &Output,
    market: &mut Synthetic,
    prints: PrintFeed,
    mut tell: impl FnMut(Timestamp),
) -> Result<(Vec<Written>, Vec<Written>), Failure> {
    let mut feed = Feed::create(output)?;
    let mut truth = TruthFiles::create(output)?;
    truth.hour(market.now(), &market.truth())?;
    while let Some(minute) = market.next() {
        feed.minute(&minute.events(prints))?;
        truth.liquidations(&minute.liquidations)?;
        let now = market.now();
        if now.floor(Span::HOUR) == now {
            truth.hour(now, &market.truth())?;
            tell(now);
        }
    }
    truth.positions(&market.truth())?;
    let (feed, truth) = (feed.finish()?, truth.finish()?);
    Ok((Output::keep(feed)?, Output::keep(truth)?))
}

const fn feed(prints: Reported) -> PrintFeed {
    match prints {
        Reported::Full => PrintFeed::Full,
        Reported::Throttled => PrintFeed::Throttled(ThrottleRule::Last),
        Reported::Off => PrintFeed::Off,
    }
}

/// The report for people.
fn text(made: &Made, out: &Path, feed: &[Written], truth: &[Written]) -> String {
    let (out, data) = (out.display(), made.data());
    let mut text = format!(
        "{}, seed {}, {} from {START} to {}, in {out}\n",
        made.world,
        made.seed,
        days(made.days),
        made.end
    );
    for Written { table, rows } in feed.iter().chain(truth) {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "  {:36} {rows:>9} rows", table.path);
    }
    let _ = write!(
        text,
        "  README.md says what each file and column is\n\
         \nTry next, with a data directory of its own, because the files bear the name of a real market:\n  \
         liqlens import {out}/feed/* --data {data}\n  \
         liqlens brief binance:{SYMBOL} --data {data}\n"
    );
    text
}

/// The report for scripts.
fn document(made: &Made, out: &Path, feed: &[Written], truth: &[Written]) -> Value {
    let files = |files: &[Written]| -> Vec<Value> {
        files.iter().map(|file| json!({"path": file.table.path, "rows": file.rows})).collect()
    };
    json!({
        "schema": "lab-world/1",
        "world": made.world.id(),
        "seed": made.seed,
        "days": made.days,
        "prints": name(made.prints),
        "market": format!("binance:{SYMBOL}"),
        "first": START.to_string(),
        "last": made.end.to_string(),
        "directory": out.to_string_lossy(),
        "feed": files(feed),
        "truth": files(truth),
    })
}
