//! `liqlens schema`: the JSON Schema of a document.

use liqlens_ask::{Failure, Kind, quoted};

use crate::app::{App, print};
use crate::cli::SchemaArgs;

pub(crate) fn run(app: &App, args: &SchemaArgs) -> Result<(), Failure> {
    let schemas = liqlens_query::document::schemas();
    let names: Vec<&str> = schemas.iter().map(|(name, _)| *name).collect();
    let Some(asked) = &args.name else {
        let text = if app.json { super::json(&names)? } else { (names.join("\n") + "\n").into_bytes() };
        return print(&text);
    };
    let found = schemas
        .iter()
        .find(|(name, _)| *name == asked || name.split('/').next().is_some_and(|bare| bare == asked));
    match found {
        Some((_, schema)) => {
            let mut text = serde_json::to_string_pretty(schema)
                .map_err(|error| Failure::internal("The schema could not be written.", error))?;
            text.push('\n');
            print(text.as_bytes())
        }
        None => Err(Failure::new(
            Kind::NoData,
            "schema-unknown",
            format!("There is no document {}.", quoted(asked)),
            format!("The documents are {}.", names.join(", ")),
            "Ask for one of these.",
        )),
    }
}
