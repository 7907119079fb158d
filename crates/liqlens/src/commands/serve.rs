//! `liqlens serve`: the page and the HTTP interface.

use std::process::{Command, Stdio};

use liqlens_ask::Failure;
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
