//! `liqlens completions`: a completion script for a shell.

use clap::CommandFactory as _;
use liqlens_ask::Failure;

use crate::app::print;
use crate::cli::{Cli, CompletionsArgs};

pub(crate) fn run(args: &CompletionsArgs) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "liqlens", &mut script);
    print(&script)
}
