//! `liqlens lab`: markets to test models on.

mod feed;
mod made;
mod output;
mod readme;
#[cfg(test)]
mod tests;
mod truth;
mod world;

use liqlens_ask::Failure;

use crate::app::App;
use crate::cli::{LabArgs, LabCommand};

pub(crate) fn run(app: &App, args: &LabArgs) -> Result<(), Failure> {
    match &args.command {
        LabCommand::World(args) => world::run(app, args),
    }
}
