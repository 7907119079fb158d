//! A question, an answer, gone.
//!
//! [`endpoint`] is the table of what is offered. A request is read ([`given`]), answered from what is kept or by one
//! worker for all who ask the same ([`answers`], [`flight`]), and goes out as bytes with a tag ([`reply`]).

mod answers;
mod endpoint;
mod flight;
mod form;
mod given;
mod health;
mod reply;
mod schema;

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, Response};
use axum::routing::{MethodRouter, get};
use liqlens_ask::{Failure, Kind};

pub use self::answers::Answers;
use self::endpoint::{ENDPOINTS, Endpoint};
use crate::app::App;
use crate::problem::refusal;

/// The paths of this half.
pub fn router(app: Arc<App>) -> Router {
    let mut router = Router::new()
        .route("/v1/health", get(health::health))
        .route("/v1/health/live", get(health::live))
        .route("/v1/health/ready", get(health::ready))
        .route("/v1/schema", get(schema::names))
        .route("/v1/schema/{name}", get(schema::one));
    for endpoint in ENDPOINTS {
        router = router.route(endpoint.path, asked(endpoint));
    }
    router.fallback(unknown_path).method_not_allowed_fallback(unknown_method).with_state(app)
}

/// Answers what an endpoint of the table is asked.
fn asked(endpoint: &'static Endpoint) -> MethodRouter<Arc<App>> {
    get(
        move |State(app): State<Arc<App>>,
              symbol: Result<Path<String>, PathRejection>,
              RawQuery(query): RawQuery,
              headers: HeaderMap| async move {
            let symbol = symbol.map_or_else(|_| String::new(), |Path(symbol)| symbol);
            let query = query.unwrap_or_default();
            respond(answers::answer(&app, endpoint, &symbol, &query, &headers).await)
        },
    )
}

fn respond(answer: Result<Response<Body>, Failure>) -> Response<Body> {
    answer.unwrap_or_else(refusal)
}

async fn unknown_path() -> Response<Body> {
    refusal(Failure::new(
        Kind::NoData,
        "path-unknown",
        "There is nothing at this path.",
        "The interface is under /v1; /v1/openapi.json says what is there.",
        "Check the path; a symbol with a slash in it is written with %2F.",
    ))
}

async fn unknown_method() -> Response<Body> {
    refusal(Failure::usage(
        "method-unknown",
        "This method is not answered here.",
        "Everything is asked with GET.",
        "Ask with GET, or with HEAD for the headers alone.",
    ))
}
