//! What each interval costs as it closes, apart from and with the learner's fits, and what a market weighs.

use std::error::Error;
use std::io::{self, Write};
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use liqlens_engine::Market;
use liqlens_lab::World;
use liqlens_market::EventBody;

use crate::input;

type Failure = Box<dyn Error>;

const ROUNDS: usize = 5;
/// Figures of one run, in the order they are printed.
const FIGURES: usize = 8;

/// Folds a world and prints the figures of it: microseconds of a close in the mean, of one without a fit in
/// the mean and at the 99th percentile, of a fit in the mean and at worst; fits; MiB of the state as bytes and as
/// resident memory.
pub(crate) fn run(model: &str, world: World, folder: &Path) -> Result<(), Failure> {
    let bytes = input::events(world, folder)?;
    let mut market = input::market(model)?;
    let resident_before = resident_mib();
    let (mut closes_us, mut fits_us) = (Vec::new(), Vec::new());
    let mut bytes = bytes.as_slice();
    let mut fitted = law_mark(&market);
    while let Some(event) = input::next_event(&mut bytes)? {
        if !matches!(event.body, EventBody::Bar(_)) {
            market.step(&event);
            continue;
        }
        let start = Instant::now();
        market.step(&event);
        let took_us = start.elapsed().as_secs_f64() * 1e6;
        let now = law_mark(&market);
        if now == fitted {
            closes_us.push(took_us);
        } else {
            fits_us.push(took_us);
        }
        fitted = now;
    }
    let listed_mib = (closes_us.capacity() + fits_us.capacity()) as f64 * 8.0 / 1_048_576.0;
    let resident = resident_mib() - resident_before - listed_mib;
    let snapshot = market.snapshot()?.len() as f64 / 1_048_576.0;
    closes_us.sort_unstable_by(f64::total_cmp);
    let closes: f64 = closes_us.iter().sum();
    let fits: f64 = fits_us.iter().sum();
    let number = |list: &[f64]| list.len() as f64;
    let all = number(&closes_us) + number(&fits_us);
    let figures: [f64; FIGURES] = [
        (closes + fits) / all,
        closes / number(&closes_us),
        closes_us.get(closes_us.len() * 99 / 100).copied().unwrap_or(f64::NAN),
        fits / number(&fits_us),
        fits_us.iter().copied().reduce(f64::max).unwrap_or(f64::NAN),
        number(&fits_us),
        snapshot,
        resident,
    ];
    let texts = figures.map(|figure| figure.to_string());
    writeln!(io::stdout(), "{}", texts.join(" "))?;
    Ok(())
}

/// Changes with every fit to new reports.
fn law_mark(market: &Market) -> u64 {
    market.law().map_or(0, |(law, _)| law.reports.to_bits())
}

/// Resident memory; not a number where the system does not tell.
fn resident_mib() -> f64 {
    let read = || {
        let status = std::fs::read_to_string("/proc/self/status").ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        let kib: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
        Some(kib / 1_024.0)
    };
    read().unwrap_or(f64::NAN)
}

/// Runs every world and model in five rounds and prints the medians.
pub(crate) fn print_table(folder: &Path, out: &mut impl Write) -> Result<(), Failure> {
    let mut cases = Vec::new();
    for world in input::WORLDS {
        for model in ["m1", "m2"] {
            cases.push((world, model, Vec::new()));
        }
    }
    for _ in 0..ROUNDS {
        for (world, model, runs) in &mut cases {
            runs.push(in_own_process(model, *world, folder)?);
        }
    }
    writeln!(
        out,
        "{:<14} {:>9} {:>12} {:>9} {:>9} {:>9} {:>6} {:>13} {:>13}",
        "",
        "close µs",
        "without fits",
        "99 % of",
        "fit µs",
        "worst fit",
        "fits",
        "snapshot MiB",
        "resident MiB"
    )?;
    for (world, model, runs) in &cases {
        let median = |figure: usize| {
            let mut values: Vec<f64> = runs.iter().map(|run: &[f64; FIGURES]| run[figure]).collect();
            values.sort_unstable_by(f64::total_cmp);
            values[values.len() / 2]
        };
        let [all, without, slow, fit, worst, fits, snapshot, resident] = std::array::from_fn(median);
        writeln!(
            out,
            "{:<14} {all:>9.1} {without:>12.1} {slow:>9.1} {fit:>9.0} {worst:>9.0} {fits:>6} {snapshot:>13.2} {resident:>13.2}",
            format!("{world} {model}"),
        )?;
    }
    writeln!(out, "{:<14} {:>9} {:>95}", "goal", "≤ 50", "≤ 16")?;
    Ok(())
}

fn in_own_process(model: &str, world: World, folder: &Path) -> Result<[f64; FIGURES], Failure> {
    let output = Command::new(std::env::current_exe()?)
        .args(["--closes", model, "--of", world.id(), "--in"])
        .arg(folder)
        .output()?;
    if !output.status.success() {
        return Err(format!("{model} of {world} failed: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    let text = String::from_utf8(output.stdout)?;
    let figures: Vec<f64> = text.split_whitespace().map(str::parse).collect::<Result<_, _>>()?;
    figures.try_into().map_err(|_| "the run printed too little".into())
}
