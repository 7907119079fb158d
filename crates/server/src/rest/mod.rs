//! A question, an answer, gone.
//!
//! `endpoint` is the table of what is offered. A request is read (`given`), answered from what is kept or by one
//! worker for all who ask the same (`answers`, `flight`), and goes out as bytes with a tag (`reply`).

mod answers;
mod cost;
mod endpoint;
mod flight;
mod form;
pub(crate) mod given;
pub(crate) mod health;
mod openapi;
mod reply;
mod schema;
mod wish;

use std::sync::Arc;

use axum::Router;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderMap;
use axum::routing::{MethodRouter, get};

pub use self::answers::Answers;
use self::endpoint::{ENDPOINTS, Endpoint};
pub use self::openapi::document as openapi;
use crate::app::App;

/// The paths of this half.
pub fn router(app: Arc<App>) -> Router {
    let mut router = Router::new()
        .route("/v1/health", get(health::health))
        .route("/v1/health/live", get(health::live))
        .route("/v1/health/ready", get(health::ready))
        .route("/v1/openapi.json", get(openapi::answer))
        .route("/v1/schema", get(schema::names))
        .route("/v1/schema/{name}", get(schema::one));
    for endpoint in ENDPOINTS {
        router = router.route(endpoint.path, asked(endpoint));
    }
    router.with_state(app)
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
            answers::answer(&app, endpoint, &symbol, &query, &headers).await
        },
    )
}
