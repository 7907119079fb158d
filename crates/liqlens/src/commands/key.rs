//! `liqlens key`: a key for a server that other machines reach.

use liqlens_ask::Failure;
use liqlens_server::{NewKey, Scope};
use serde_json::json;

use crate::app::{App, print};
use crate::cli::{KeyArgs, ScopeName};

pub(crate) fn run(app: &App, args: &KeyArgs) -> Result<(), Failure> {
    let scope = match args.scope {
        ScopeName::Read => Scope::Read,
        ScopeName::Write => Scope::Write,
        ScopeName::Admin => Scope::Admin,
    };
    let NewKey { secret, line } = NewKey::make(&args.name, scope)?;
    if app.json {
        return print(format!("{}\n", json!({"key": secret, "line": line})).as_bytes());
    }
    print(
        format!(
            "{secret}\n\nThis is the key; it is shown once. The line for the server's file of keys:\n\n{line}\n\n\
             Start the server with --keys FILE, and send `Authorization: Bearer KEY` with each request.\n"
        )
        .as_bytes(),
    )
}
