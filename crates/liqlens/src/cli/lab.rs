//! `lab`: what tests models rather than answers about a market.

use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand, ValueEnum, ValueHint};
use liqlens_lab::World;
use liqlens_lab::synthetic::MOST_DAYS;

use crate::help;

/// `lab`.
#[derive(Debug, Args)]
#[command(arg_required_else_help = true)]
pub(crate) struct LabArgs {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: LabCommand,
}

/// What the lab does.
#[derive(Debug, Subcommand)]
pub(crate) enum LabCommand {
    /// Write a synthetic market whose true positions are known: archive files to import, the truth beside them
    #[command(before_help = help::LAB)]
    World(WorldArgs),
}

/// `lab world`.
#[derive(Debug, Args)]
pub(crate) struct WorldArgs {
    /// World
    #[arg(value_name = "NAME", value_parser = worlds())]
    pub(crate) world: World,
    /// Length in days, after a warm-up that is not written
    #[arg(
        long, value_name = "N", default_value_t = 30,
        value_parser = clap::value_parser!(u32).range(1..=i64::from(MOST_DAYS)),
    )]
    pub(crate) days: u32,
    /// Start of the random numbers
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub(crate) seed: u64,
    /// Liquidations the venue reports
    #[arg(long, value_name = "FEED", value_enum, default_value_t = PrintsName::Full)]
    pub(crate) prints: PrintsName,
    /// Directory to write, new or empty
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) out: PathBuf,
}

/// Which liquidations the venue reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PrintsName {
    /// Every one, when it happens.
    Full,
    /// The last of each second, at the second's end, as Binance's stream does.
    Throttled,
    /// None.
    Off,
}

/// The worlds by name, with what each is like.
fn worlds() -> impl TypedValueParser<Value = World> {
    let values = World::ALL.map(|world| PossibleValue::new(world.id()).help(world.about()));
    PossibleValuesParser::new(values).try_map(|name| name.parse::<World>())
}
