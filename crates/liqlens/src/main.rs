//! The `liqlens` command: words in, documents out.
//!
//! Read in this order: [`cli`] (the command line as typed), [`request`] (what it means), [`desk`] (where questions
//! are asked), [`commands`] (one module a command) and [`app`] (how an answer leaves).

mod app;
mod cli;
mod commands;
mod desk;
mod help;
mod progress;
mod request;

use std::ffi::OsString;
use std::hash::{BuildHasher as _, RandomState};
use std::process::ExitCode;

use clap::Parser as _;
use clap::error::{ContextKind, ErrorKind};
use liqlens_ask::{Failure, Kind};

use crate::app::{App, print, say};
use crate::cli::Cli;

fn main() -> ExitCode {
    let words: Vec<OsString> = std::env::args_os().collect();
    // Known before the words are understood, because a refusal to understand them must be JSON too.
    let wants_json = words.iter().any(|word| word == "--json");
    let cli = match Cli::try_parse_from(&words) {
        Ok(cli) => cli,
        Err(error) => return refuse_words(&error, wants_json),
    };
    let app = App::new(&cli.global);
    let trace_id = cli.global.trace_id.clone();
    match commands::run(&app, &cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => report(&failure, wants_json || app.json, trace_id.as_deref()),
    }
}

/// Tells people on standard error and, if JSON was asked for, scripts on standard output.
fn report(failure: &Failure, json: bool, trace_id: Option<&str>) -> ExitCode {
    say(failure.text().trim_end());
    if json && !failure.answered {
        let trace_id = trace_id.map_or_else(random_id, str::to_owned);
        // If standard output is gone too, the exit code still tells.
        let _ = print(failure.json(&trace_id).as_bytes());
    }
    exit_code(failure.kind)
}

/// Help and version go to standard output; everything else is a usage error in clap's own words, which
/// already say what, why and how.
fn refuse_words(error: &clap::Error, json: bool) -> ExitCode {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            // A reader that left early has seen enough.
            let _ = error.print();
            ExitCode::SUCCESS
        }
        _ => {
            let _ = error.print();
            if json {
                let text = error.render().to_string();
                let what = text.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned();
                let suggestion = error.context().find_map(|(kind, value)| match kind {
                    ContextKind::SuggestedArg
                    | ContextKind::SuggestedSubcommand
                    | ContextKind::SuggestedValue => Some(format!("Did you mean {value}?")),
                    _ => None,
                });
                let valid = error.context().find_map(|(kind, value)| match kind {
                    ContextKind::ValidValue => Some(format!("Possible values are {value}.")),
                    _ => None,
                });
                let hint = suggestion.unwrap_or_else(|| "See `liqlens --help`.".to_owned());
                let failure = Failure::usage("usage", what, valid.unwrap_or_default(), hint);
                let _ = print(failure.json(&random_id()).as_bytes());
            }
            exit_code(Kind::Usage)
        }
    }
}

/// The program's exit codes: the weight of the trouble. 0 is success; 101 would be a panic and is never meant.
fn exit_code(kind: Kind) -> ExitCode {
    ExitCode::from(kind as u8)
}

/// An id that tells this run from others in a log; nothing is derived from it.
fn random_id() -> String {
    format!("{:016x}", RandomState::new().hash_one(0u8))
}
