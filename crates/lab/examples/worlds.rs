//! The statistics of every world, next to those the specification names for the default one.
//!
//! `cargo run --release -p liqlens-lab --example worlds -- [DAYS] [SEED]`
#![allow(clippy::print_stdout)] // a table for the reader is what this program is for

use std::time::Instant;

use liqlens_lab::synthetic::{Agent, SPECIFIED, Statistics, Synthetic, World};

type Reading = fn(&Statistics) -> f64;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let days: u32 = arguments.next().map_or(Ok(100), |text| text.parse())?;
    let seed: u64 = arguments.next().map_or(Ok(1), |text| text.parse())?;

    let mut measured = Vec::new();
    for world in World::ALL {
        let begun = Instant::now();
        let mut market = Synthetic::new(world, seed, days)?;
        let warm_up = market.parameters().market.warm_up_days;
        let minutes = market.by_ref().count();
        let seconds = begun.elapsed().as_secs_f64();
        println!(
            "{world}: {minutes} minutes and a warm-up of {warm_up} days in {seconds:.1} s, {:.1} days a second",
            (f64::from(days) + warm_up) / seconds
        );
        measured.push(Statistics::measure(Synthetic::new(world, seed, days)?));
    }

    print!("\n{:40} {:>13}", "", "specified");
    for world in World::ALL {
        print!(" {:>9}", world.id());
    }
    println!();
    for row in SPECIFIED {
        let (low, high) = row.range;
        print!("{:40} {:>13}", row.name, format!("{}–{}", figure(low), figure(high)));
        for statistics in &measured {
            print!(" {:>9}", figure((row.get)(statistics)));
        }
        println!();
    }
    let more: [(&str, Reading); 3] = [
        ("open interest, million dollars", |s| s.open_interest_usd / 1e6),
        ("volatility, a day", |s| s.volatility_daily),
        ("liquidated within 30 minutes of opening", |s| s.young_share),
    ];
    for (name, get) in more {
        print!("{name:40} {:>13}", "");
        for statistics in &measured {
            print!(" {:>9}", figure(get(statistics)));
        }
        println!();
    }
    for agent in Agent::ALL {
        print!("{:40} {:>13}", format!("share of opened dollars: {}", agent.id()), "");
        for statistics in &measured {
            print!(" {:>9}", figure(statistics.opened_share[agent as usize]));
        }
        println!();
    }
    Ok(())
}

fn figure(value: f64) -> String {
    if value >= 100.0 { format!("{value:.0}") } else { format!("{value:.4}") }
}
