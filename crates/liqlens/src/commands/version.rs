//! `liqlens version`: of the program and of its documents.

use liqlens_ask::Failure;
use serde_json::json;

use crate::app::{App, print};

pub(crate) fn run(app: &App) -> Result<(), Failure> {
    let version = env!("CARGO_PKG_VERSION");
    let documents: Vec<&str> = liqlens_query::document::schemas().into_iter().map(|(name, _)| name).collect();
    if app.json {
        return print(&super::json(&json!({"version": version, "documents": documents}))?);
    }
    print(format!("liqlens {version}\ndocuments: {}\n", documents.join(", ")).as_bytes())
}
