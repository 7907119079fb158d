//! The score tables of the synthetic worlds: every world and seed, our models beside the peers' and the truth.
//!
//! ```text
//! cargo run --release -p liqlens-lab --example worlds -- --runs DIR [--days 90] [--skip 40] [--seeds 1,2]
//!     [--worlds default,calm,…] [--threads 2]
//! ```
//! Writes one file a run into DIR and the tables to standard output. A run whose file is there is not repeated,
//! so an interrupted table is continued by the same command. A run takes some two minutes of one core.
#![allow(clippy::print_stdout, clippy::print_stderr)] // tables for the reader are what this program is for

#[path = "worlds/run.rs"]
mod run;
#[path = "worlds/tables.rs"]
mod tables;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use liqlens_lab::World;

use run::{Plan, Summary};

type Failure = Box<dyn Error + Send + Sync>;

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let option = |name: &str| {
        let at = arguments.iter().position(|one| one == name)?;
        arguments.get(at + 1).cloned()
    };
    let number = |name: &str, default: u32| option(name).map_or(Ok(default), |text| text.parse::<u32>());
    let directory = PathBuf::from(option("--runs").ok_or("say where the runs are kept: --runs DIR")?);
    std::fs::create_dir_all(&directory)?;
    let worlds: Vec<World> = match option("--worlds") {
        None => World::ALL.to_vec(),
        Some(names) => names.split(',').map(str::parse).collect::<Result<_, _>>()?,
    };
    let seeds = option("--seeds").unwrap_or_else(|| "1,2".to_owned());
    let seeds: Vec<u64> = seeds.split(',').map(str::parse).collect::<Result<_, _>>()?;
    let (days, skip) = (number("--days", 90)?, number("--skip", 40)?);
    // Seeds outermost: after half of the time every world has been seen once.
    let plans: Vec<Plan> = seeds
        .iter()
        .flat_map(|seed| worlds.iter().map(|world| Plan { world: *world, seed: *seed, days, skip }))
        .collect();
    let summaries = all(&plans, &directory, number("--threads", 2)?)?;
    println!("{}", tables::markdown(&summaries, days, skip));
    Ok(())
}

/// Every plan's summary, in the order of the plans; those not on file are run on some threads.
fn all(plans: &[Plan], directory: &Path, threads: u32) -> Result<Vec<Summary>, Failure> {
    let next = Mutex::new(plans.iter());
    // The lock ends with this function; held by a loop's condition it would last for the run.
    let take = || next.lock().map(|mut plans| plans.next()).map_err(|error| error.to_string());
    let work = || -> Result<(), Failure> {
        while let Some(plan) = take()? {
            let file = directory.join(plan.file());
            if !file.exists() {
                let summary = plan.run()?;
                std::fs::write(&file, serde_json::to_string_pretty(&summary)?)?;
                eprintln!("{} {} is done", plan.world.id(), plan.seed);
            }
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let handles: Vec<_> = (0..threads.max(1)).map(|_| scope.spawn(work)).collect();
        handles.into_iter().try_for_each(|handle| handle.join().map_err(|_| "a run panicked")?)
    })?;
    plans
        .iter()
        .map(|plan| Ok(serde_json::from_slice(&std::fs::read(directory.join(plan.file()))?)?))
        .collect()
}
