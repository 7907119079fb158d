//! `serve` and `key` as typed.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};

/// `serve`.
#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    /// Address to listen on; port 0 takes a free one. Any but this machine's own needs --keys
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:7878")]
    pub(crate) bind: SocketAddr,
    /// File of keys, one of which every request must bring; `liqlens key` makes them
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) keys: Option<PathBuf>,
    /// Name by which the server may be called beside its address
    #[arg(long, value_name = "NAME")]
    pub(crate) allow_host: Vec<String>,
    /// Play the recorded data from a moment on, as if they arrived now
    #[arg(long, value_name = "TIME")]
    pub(crate) replay: Option<String>,
    /// How fast a replay goes: seconds in a second, 1 to 1000
    #[arg(long, value_name = "N", default_value_t = 1.0, requires = "replay")]
    pub(crate) speed: f64,
    /// Begin again when a replay has come to the end of the data
    #[arg(long = "loop", requires = "replay")]
    pub(crate) looping: bool,
    /// Open the page in a browser
    #[arg(long)]
    pub(crate) open: bool,
    /// Form of the log on standard error
    #[arg(long, value_name = "FORM", value_enum, default_value_t = LogForm::Text)]
    pub(crate) log: LogForm,
}

/// `key`.
#[derive(Debug, Args)]
pub(crate) struct KeyArgs {
    /// Whose key it is: letters, digits and - _ .
    #[arg(allow_hyphen_values = true)]
    pub(crate) name: String,
    /// What it allows; each allows what those before it do
    #[arg(long, value_name = "SCOPE", value_enum, default_value_t = ScopeName::Read)]
    pub(crate) scope: ScopeName,
}

/// What a key allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ScopeName {
    /// Ask.
    Read,
    /// Change what is kept for its owner.
    Write,
    /// Change the server.
    Admin,
}

/// Forms of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogForm {
    /// Lines for people.
    Text,
    /// A JSON object a line.
    Json,
}
