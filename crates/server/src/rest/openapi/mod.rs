//! The interface described by itself: an `OpenAPI` 3.1 document made from the table of endpoints and the types of
//! the documents.

mod parameters;
mod schemas;

use std::sync::LazyLock;

use axum::body::Body;
use axum::http::{HeaderMap, Response};
use serde_json::{Map, Value, json};

use self::parameters::{in_path, in_query};
use self::schemas::{Schemas, named};
use super::endpoint::{Asks, ENDPOINTS, Endpoint};
use super::form::Form;
use super::reply::{Keep, Reply};
use crate::problem::{PROBLEM_JSON, Problem};

const ABOUT: &str = "Liquidation maps of crypto perpetual futures: how far price must move for how many dollars of longs \
    or shorts to be liquidated, and where.\n\nEvery answer is a document with a version in its name; fields may be added \
    to a version, none are taken away. Money and prices are strings of exact decimals, times are RFC 3339 in UTC. Answers \
    carry an ETag, refusals are problems (RFC 9457) with a stable `code`.\n\nWhat changes can be followed instead of asked \
    for: a WebSocket at `/v1/ws`, or server-sent events at `/v1/sse?channel=map&symbol=BTC` with the parameters of the \
    question of that name.";

static TEXT: LazyLock<Result<Reply, Problem>> = LazyLock::new(|| {
    let mut bytes = serde_json::to_vec(&document()).map_err(|error| {
        Problem::from(liqlens_ask::Failure::internal("The description could not be written.", error))
    })?;
    bytes.push(b'\n');
    Ok(Reply::new("application/json", bytes, true))
});

/// `/v1/openapi.json`.
pub(super) async fn answer(headers: HeaderMap) -> Result<Response<Body>, Problem> {
    match &*TEXT {
        Ok(reply) => Ok(reply.respond(&headers, Keep::Ask)),
        Err(problem) => Err(problem.clone()),
    }
}

/// The description.
pub fn document() -> Value {
    let mut schemas = Schemas::new();
    let mut paths = Map::new();
    for endpoint in ENDPOINTS {
        paths.insert(endpoint.path.to_owned(), json!({"get": operation(endpoint, &mut schemas)}));
    }
    for (path, operation) in fixed(&mut schemas) {
        paths.insert(path.to_owned(), json!({"get": operation}));
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "liqlens",
            "version": env!("CARGO_PKG_VERSION"),
            "description": ABOUT,
            "license": {"name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [{}, {"key": []}],
        "tags": [
            {"name": "questions", "description": "What a map of positions answers."},
            {"name": "records", "description": "What was recorded of a market."},
            {"name": "catalogue", "description": "What can be asked."},
            {"name": "operation", "description": "The server itself."},
        ],
        "paths": paths,
        "components": {
            "schemas": schemas.finish(),
            "securitySchemes": {
                "key": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "Needed where the server was started with keys; `liqlens key NAME` makes one.",
                },
            },
        },
    })
}

fn operation(endpoint: &Endpoint, schemas: &mut Schemas) -> Value {
    let symbol = endpoint.path.contains("{symbol}");
    let parameters: Vec<Value> = symbol
        .then(in_path)
        .into_iter()
        .chain(endpoint.parameters().map(|parameter| in_query(parameter, endpoint.forms)))
        .collect();
    let (tag, graded) = match endpoint.asks {
        Asks::Topic(_) => ("questions", true),
        Asks::Overview => ("questions", false),
        Asks::Recorded(_) => ("records", false),
        Asks::Symbols | Asks::Venues => ("catalogue", false),
    };
    let mut refusals = vec![400, 406, 422];
    if symbol {
        refusals.push(404);
    }
    if graded {
        refusals.push(409);
    }
    json!({
        "operationId": name(endpoint.path),
        "summary": endpoint.summary,
        "tags": [tag],
        "parameters": parameters,
        "responses": responses(&content(endpoint, schemas), &refusals, schemas),
    })
}

/// `/v1/map/{symbol}` is `map`, `/v1/symbols/{symbol}` is `symbol`.
fn name(path: &str) -> String {
    let mut parts = path.trim_start_matches("/v1/").split('/').filter(|part| !part.starts_with('{'));
    let name = parts.next().unwrap_or_default();
    if path == "/v1/symbols/{symbol}" { "symbol".to_owned() } else { name.to_owned() }
}

/// The forms of an answer.
fn content(endpoint: &Endpoint, schemas: &mut Schemas) -> Value {
    let mut content = Map::new();
    for form in endpoint.forms {
        let schema = match form {
            Form::Json => schemas.document(endpoint.document),
            Form::Csv | Form::Svg | Form::Markdown | Form::Html => json!({"type": "string"}),
            // Bytes, which JSON Schema has no word for.
            Form::Arrow | Form::Png => json!({}),
        };
        content.insert(form.media_type().to_owned(), json!({"schema": schema}));
    }
    Value::Object(content)
}

/// The answer and every refusal.
fn responses(content: &Value, refusals: &[u16], schemas: &mut Schemas) -> Value {
    let mut responses = Map::new();
    let header = |meaning: &str| json!({"description": meaning, "schema": {"type": "string"}});
    responses.insert(
        "200".to_owned(),
        json!({
            "description": "The answer.",
            "headers": {
                "etag": header("Names these bytes; send it back as If-None-Match."),
                "cache-control": header("How long the answer may be used again."),
                "x-trace-id": header("Names the request in the log."),
            },
            "content": content,
        }),
    );
    responses.insert("304".to_owned(), json!({"description": "The answer is what If-None-Match names."}));
    let mut codes: Vec<u16> =
        refusals.iter().chain(&[401, 405, 413, 414, 421, 429, 500, 503]).copied().collect();
    codes.sort_unstable();
    for code in codes {
        responses.insert(code.to_string(), refusal(code, schemas));
    }
    Value::Object(responses)
}

fn refusal(code: u16, schemas: &mut Schemas) -> Value {
    let meaning = match code {
        400 => "A parameter was not understood.",
        401 => "A key is needed.",
        404 => "There is no such market or document, or nothing was known of it then.",
        405 => "Everything is asked with GET or HEAD.",
        406 => "The answer has no such form; `detail` names those it has.",
        409 => {
            "The answer is withheld: its grade is D, or the data are too thin. `allow_stale=true` gives it anyway."
        }
        413 => "The request has a body.",
        414 => "The URL is too long.",
        421 => "The server is not called so.",
        422 => {
            "Understood, and not a question with an answer: too large, contradictory, or about the future."
        }
        429 => "Too many requests.",
        500 => "A defect of the server, or its data cannot be read.",
        _ => "Too busy; ask again.",
    };
    let mut response = json!({
        "description": meaning,
        "content": {PROBLEM_JSON: {"schema": schemas.problem()}},
    });
    if matches!(code, 429 | 503) {
        response["headers"] =
            json!({"retry-after": {"description": "Seconds to wait.", "schema": {"type": "integer"}}});
    }
    response
}

/// The paths that are not in the table.
fn fixed(schemas: &mut Schemas) -> Vec<(&'static str, Value)> {
    let mut operation =
        |name: &str, tag: &str, summary: &str, parameters: Value, schema: Value, refusals: &[u16]| {
            let content = json!({"application/json": {"schema": schema}});
            json!({
                "operationId": name,
                "summary": summary,
                "tags": [tag],
                "parameters": parameters,
                "responses": responses(&content, refusals, schemas),
            })
        };
    let state = |state: &str| json!({"type": "object", "properties": {"state": {"const": state}}, "required": ["state"]});
    let names = json!({"type": "array", "items": {"type": "string"}});
    let which = json!([{
        "name": "name", "in": "path", "required": true,
        "description": "Name of a document, with its version (`map/1`, the slash escaped) or without.",
        "schema": {"type": "string", "pattern": "^[a-z]{1,16}(/[0-9]{1,2})?$"}, "example": "map",
    }]);
    let health = named("health/1");
    vec![
        ("/v1/schema", operation("schemas", "catalogue", "Names of all documents.", json!([]), names, &[])),
        (
            "/v1/schema/{name}",
            operation(
                "schema",
                "catalogue",
                "JSON Schema of a document.",
                which,
                json!({"type": "object"}),
                &[404],
            ),
        ),
        (
            "/v1/openapi.json",
            operation("openapi", "catalogue", "This description.", json!([]), json!({"type": "object"}), &[]),
        ),
        (
            "/v1/health",
            operation(
                "health",
                "operation",
                "Whether the server can answer, and which time it is there.",
                json!([]),
                health,
                &[],
            ),
        ),
        (
            "/v1/health/live",
            operation("live", "operation", "The server runs.", json!([]), state("live"), &[]),
        ),
        (
            "/v1/health/ready",
            operation("ready", "operation", "Every market has been read.", json!([]), state("ready"), &[]),
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every `$ref` of a value.
    fn references(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(map) => {
                found.extend(map.get("$ref").and_then(Value::as_str).map(str::to_owned));
                map.values().for_each(|value| references(value, found));
            }
            Value::Array(list) => list.iter().for_each(|value| references(value, found)),
            _ => {}
        }
    }

    #[test]
    fn every_reference_leads_somewhere_and_every_path_is_described_once() {
        let document = document();
        let mut found = Vec::new();
        references(&document, &mut found);
        assert!(found.len() > 100, "{}", found.len());
        for reference in found {
            let pointer = reference.strip_prefix('#').unwrap();
            assert!(document.pointer(pointer).is_some(), "{reference}");
        }
        let mut names: Vec<&str> = document["paths"]
            .as_object()
            .unwrap()
            .values()
            .map(|path| path["get"]["operationId"].as_str().unwrap())
            .collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!((names.len(), count), (ENDPOINTS.len() + 6, ENDPOINTS.len() + 6));
    }

    #[test]
    fn the_committed_description_is_the_one_of_the_code() {
        let committed = include_str!("../../../../../docs/openapi.json");
        let made = serde_json::to_string_pretty(&document()).unwrap() + "\n";
        assert!(
            committed == made,
            "docs/openapi.json is out of date; write it with \
             `cargo run -p liqlens-server --example openapi > docs/openapi.json`"
        );
    }
}
