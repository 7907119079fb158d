//! Writes the description of the interface, which is committed as `docs/openapi.json`.

use std::io::{self, Write as _};

fn main() -> io::Result<()> {
    let text = serde_json::to_string_pretty(&liqlens_server::rest::openapi())?;
    writeln!(io::stdout().lock(), "{text}")
}
