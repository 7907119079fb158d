//! `liqlens serve`: the page and the HTTP interface.

use std::process::{Command, Stdio};

use liqlens_ask::Failure;
use liqlens_ask::request::moment;
use liqlens_market::Timestamp;
use liqlens_server::stage::Replay;
use liqlens_server::stage::clock::Speed;
use liqlens_server::{Config, Limits, serve};
use tracing::level_filters::LevelFilter;

use crate::app::{App, Talk, print, say};
use crate::cli::{Global, LogForm, ServeArgs};

pub(crate) fn run(app: &App, global: &Global, args: &ServeArgs) -> Result<(), Failure> {
    if global.as_of.is_some() || global.model.is_some() || global.evidence.is_some() || global.allow_stale {
        return Err(Failure::usage(
            "serve-has-no-question",
            "A server takes no option that belongs to a question.",
            "Each request says itself as of when and how it is to be answered.",
            "Leave --as-of, --model, --evidence and --allow-stale away.",
        ));
    }
    log_to_stderr(app, args.log);
    let config = Config {
        data: global.data.clone(),
        bind: args.bind,
        keys: args.keys.clone(),
        allow_hosts: args.allow_host.clone(),
        replay: replay(args)?,
        limits: Limits::default(),
    };
    serve(config, |url| {
        if app.json {
            print(format!("{}\n", serde_json::json!({"url": url})).as_bytes())?;
        } else {
            app.note(&format!("listening on {url}"));
        }
        if args.open && !opened(url) {
            say(&format!("warning: no browser was found; open {url} yourself"));
        }
        Ok(())
    })
}

/// How recorded data are played, if they are.
fn replay(args: &ServeArgs) -> Result<Option<Replay>, Failure> {
    let Some(from) = &args.replay else { return Ok(None) };
    let speed = Speed::new(args.speed).ok_or_else(|| {
        Failure::usage(
            "speed-out-of-range",
            format!("A replay does not go at {} times the speed of time.", args.speed),
            "It goes at 1 to 1,000 times.",
            "Choose a --speed between them.",
        )
    })?;
    // There is no clock yet that `now` could mean.
    let from = match moment(from, Timestamp::EARLIEST) {
        Ok(from) if !from_now(args.replay.as_deref()) => from,
        Ok(_) => {
            return Err(Failure::usage(
                "time-not-understood",
                "The beginning of a replay is a moment of the data.",
                "What `now` is follows from the replay itself.",
                "Write it like 2026-03-18T00:00:00Z.",
            ));
        }
        Err(failure) => return Err(failure),
    };
    Ok(Some(Replay { from: Some(from), speed, looping: args.looping }))
}

/// Whether a moment is told relative to now.
fn from_now(text: Option<&str>) -> bool {
    text.is_some_and(|text| text.starts_with("now"))
}

/// One line an event on standard error.
fn log_to_stderr(app: &App, form: LogForm) {
    let level = match app.talk {
        Talk::Errors => LevelFilter::ERROR,
        Talk::Remarks => LevelFilter::INFO,
        Talk::Details => LevelFilter::DEBUG,
    };
    let log = tracing_subscriber::fmt().with_writer(std::io::stderr).with_max_level(level).with_ansi(false);
    // Set once, at the start; there is no other.
    let _ = match form {
        LogForm::Text => log.with_target(false).try_init(),
        LogForm::Json => log.json().flatten_event(true).with_target(false).try_init(),
    };
}

/// Asks the desktop to open an address.
fn opened(url: &str) -> bool {
    let opener = if cfg!(target_os = "macos") {
        "open"
    } else if cfg!(windows) {
        "explorer"
    } else {
        "xdg-open"
    };
    let nothing = Stdio::null;
    Command::new(opener).arg(url).stdin(nothing()).stdout(nothing()).stderr(nothing()).spawn().is_ok()
}
