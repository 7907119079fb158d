//! What is written, read back.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::Path;

use liqlens_files::{Options, collect_path};
use liqlens_lab::World;
use liqlens_lab::synthetic::{PrintFeed, Synthetic, ThrottleRule};
use liqlens_market::{Completeness, Event, EventBody};

use super::output::{Output, Written};
use super::world::write;

/// A day of a market that is quick to set up: a short warm-up, a quarter of the agents.
fn market() -> Synthetic {
    let mut parameters = World::Alt.parameters();
    parameters.market.warm_up_days = 2.0;
    parameters.market.openings_per_day = 15_000.0;
    Synthetic::with(parameters, 5, 1).unwrap()
}

fn written(market: &Synthetic, prints: PrintFeed, directory: &Path) -> (Vec<Written>, Vec<Written>) {
    write(&Output::create(directory).unwrap(), &mut market.clone(), prints, |_| {}).unwrap()
}

/// All events of the files, as a reader of archives hands them out.
fn read(files: &[Written], directory: &Path) -> Vec<Event> {
    let mut events = Vec::new();
    for file in files {
        let (report, read) = collect_path(&directory.join(file.table.path), &Options::default()).unwrap();
        assert_eq!(report.market.to_string(), "binance:BTCUSDT");
        assert_eq!((report.rows, report.accepted), (file.rows, file.rows), "{report}");
        events.extend(read);
    }
    events.sort_by(Event::log_order);
    events
}

#[test]
fn the_events_read_back_are_those_of_the_market() {
    let market = market();
    let last = PrintFeed::Throttled(ThrottleRule::Last);
    for (prints, completeness, files) in [
        (PrintFeed::Full, Some(Completeness::Full), 4),
        (last, Some(Completeness::Floor), 4),
        (PrintFeed::Off, None, 3),
    ] {
        let directory = tempfile::tempdir().unwrap();
        let (feed, _) = written(&market, prints, directory.path());
        assert_eq!(feed.len(), files);
        let expected: Vec<Event> = market.clone().flat_map(|minute| minute.events(prints)).collect();
        let events = read(&feed, directory.path());
        assert!(events == expected, "{prints:?}");
        assert_eq!(serde_json::to_vec(&events).unwrap(), serde_json::to_vec(&expected).unwrap());
        let mut liquidations = 0;
        for event in &events {
            if let EventBody::Liquidation(one) = event.body {
                assert_eq!(Some(one.completeness), completeness);
                liquidations += 1;
            }
        }
        assert_eq!(liquidations > 100, completeness.is_some(), "{liquidations}");
    }
}

/// A table as rows of fields by the name of the column.
fn table(path: &Path) -> Vec<BTreeMap<String, String>> {
    let mut text = String::new();
    flate2::read::GzDecoder::new(std::fs::File::open(path).unwrap()).read_to_string(&mut text).unwrap();
    let mut lines = text.lines().map(|line| line.split(',').map(str::to_owned));
    let names: Vec<String> = lines.next().unwrap().collect();
    lines
        .map(|fields| {
            let row: BTreeMap<String, String> = names.iter().cloned().zip(fields).collect();
            assert_eq!(row.len(), names.len());
            row
        })
        .collect()
}

/// The sum of a column over the rows that are let through.
fn sum(
    rows: &[BTreeMap<String, String>],
    name: &str,
    keep: impl Fn(&BTreeMap<String, String>) -> bool,
) -> f64 {
    rows.iter().filter(|row| keep(row)).map(|row| row[name].parse::<f64>().unwrap()).sum()
}

/// The three tables of the truth agree with each other, and none is a file that `import` takes.
#[test]
fn the_truth_adds_up_and_is_no_market_data() {
    let directory = tempfile::tempdir().unwrap();
    let (_, truth) = written(&market(), PrintFeed::Full, directory.path());
    for file in &truth {
        let path = directory.path().join(file.table.path);
        assert_eq!(table(&path).len() as u64, file.rows);
        for market in [None, Some("binance:BTCUSDT".parse().unwrap())] {
            assert!(collect_path(&path, &Options { market, ..Options::default() }).is_err(), "{path:?}");
        }
    }
    let [hourly, map, liquidations, positions] = ["hourly", "map_hourly", "liquidations", "positions"]
        .map(|name| table(&directory.path().join(format!("truth/{name}.csv.gz"))));
    assert_eq!(hourly.len(), 25);
    assert_eq!(hourly[0]["time"], "2026-01-01T00:00:00Z");
    let near = |a: f64, b: f64| (a - b).abs() < 1e-6;
    for row in &hourly {
        let number = |name: String| row[&name].parse::<f64>().unwrap();
        for side in ["long", "short"] {
            let mapped = sum(&map, "size", |bin| bin["time"] == row["time"] && bin["side"] == side);
            let all = mapped + number(format!("{side}_unliquidatable"));
            assert!(mapped > 0.0 && near(all, number("open_interest".to_owned())), "{side} {all} {row:?}");
        }
    }
    let (first, last) = (&hourly[0], &hourly[24]);
    for side in ["long", "short"] {
        let at = |row: &BTreeMap<String, String>, what: &str| {
            row[&format!("{side}_{what}")].parse::<f64>().unwrap()
        };
        let flow = at(last, "liquidated") - at(first, "liquidated");
        let liquidated = sum(&liquidations, "size", |one| one["side"] == side);
        assert!(liquidated > 0.0 && near(flow, liquidated), "{flow} {liquidated}");
        let of_side = |one: &BTreeMap<String, String>| one["side"] == side;
        assert_eq!(
            positions.iter().filter(|one| of_side(one)).count().to_string(),
            last[&format!("{side}_positions")]
        );
        let held = sum(&positions, "size", of_side);
        assert!(near(held + at(last, "makers"), last["open_interest"].parse().unwrap()));
        // Bin by bin: each position stands where the logarithm of its price says.
        let mut bins: BTreeMap<i32, f64> = BTreeMap::new();
        for one in positions.iter().filter(|one| of_side(one) && !one["liquidation_price"].is_empty()) {
            let price: f64 = one["liquidation_price"].parse().unwrap();
            #[allow(clippy::cast_possible_truncation)] // a bin's number
            let bin = (price.ln() / 5e-4).floor() as i32;
            *bins.entry(bin).or_default() += one["size"].parse::<f64>().unwrap();
        }
        let rows: Vec<_> = map.iter().filter(|bin| bin["time"] == last["time"] && of_side(bin)).collect();
        assert!(rows.len() > 100);
        for row in rows {
            let bin: i32 = row["bin"].parse().unwrap();
            assert!(near(bins[&bin], row["size"].parse().unwrap()), "{row:?}");
            let low: f64 = row["low_price"].parse().unwrap();
            assert!((low - (f64::from(bin) * 5e-4).exp()).abs() < 0.051, "{row:?}");
        }
    }
}

#[test]
fn a_directory_that_holds_something_is_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    // What a run that failed leaves behind does not stand in the way.
    std::fs::create_dir(directory.path().join("feed")).unwrap();
    Output::create(directory.path()).unwrap();
    std::fs::write(directory.path().join("feed/mine.csv"), "mine").unwrap();
    let failure = Output::create(directory.path()).unwrap_err();
    assert_eq!(failure.kind, liqlens_ask::Kind::Storage);
    assert!(failure.why.contains("not empty"), "{failure:?}");
}
