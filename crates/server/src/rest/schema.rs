//! The JSON Schemas of the documents.

use std::sync::LazyLock;

use axum::body::Body;
use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::http::{HeaderMap, Response};
use liqlens_ask::{Failure, Kind, quoted};

use super::reply::{Keep, Reply};
use crate::problem::Problem;

static SCHEMAS: LazyLock<Vec<(&'static str, schemars::Schema)>> =
    LazyLock::new(liqlens_query::document::schemas);

/// Names of all documents.
pub(super) async fn names(headers: HeaderMap) -> Result<Response<Body>, Problem> {
    let names: Vec<&str> = SCHEMAS.iter().map(|(name, _)| *name).collect();
    Ok(json(&names)?.respond(&headers, Keep::Ask))
}

/// The schema of one: `map` or `map/1`.
pub(super) async fn one(
    name: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response<Body>, Problem> {
    let name = name.map_or_else(|_| String::new(), |Path(name)| name);
    Ok(json(found(&name)?)?.respond(&headers, Keep::Ask))
}

fn found(asked: &str) -> Result<&'static schemars::Schema, Failure> {
    let bare = |name: &'static str| name.split('/').next().unwrap_or(name);
    let found = SCHEMAS.iter().find(|(name, _)| *name == asked || bare(name) == asked);
    found.map(|(_, schema)| schema).ok_or_else(|| {
        let names: Vec<&str> = SCHEMAS.iter().map(|(name, _)| *name).collect();
        Failure::new(
            Kind::NoData,
            "schema-unknown",
            format!("There is no document {}.", quoted(asked)),
            format!("The documents are {}.", names.join(", ")),
            "Ask for one of these.",
        )
    })
}

fn json(value: &impl serde::Serialize) -> Result<Reply, Failure> {
    let mut bytes = serde_json::to_vec(value)
        .map_err(|error| Failure::internal("The schema could not be written.", error))?;
    bytes.push(b'\n');
    Ok(Reply::new("application/json", bytes, true))
}
