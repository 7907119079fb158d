//! Whether the server can answer.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode};
use liqlens_ask::{Failure, Kind};
use liqlens_query::document::{Health, Load, MarketState};

use super::reply::{Keep, Reply};
use crate::app::App;
use crate::problem::Problem;

/// `health/1`.
pub(super) async fn health(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
) -> Result<Response<Body>, Problem> {
    Ok(reply(&document(&app), &headers)?)
}

/// The server runs.
pub(super) async fn live(headers: HeaderMap) -> Result<Response<Body>, Problem> {
    Ok(reply(&serde_json::json!({"state": "live"}), &headers)?)
}

/// Every market has been read; until then a load balancer may wait.
pub(super) async fn ready(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
) -> Result<Response<Body>, Problem> {
    let markets = app.loading.markets();
    let loading = markets.iter().filter(|market| market.state == MarketState::Loading).count();
    if loading == 0 {
        return Ok(reply(&serde_json::json!({"state": "ready"}), &headers)?);
    }
    let failure = Failure::new(
        Kind::Internal,
        "loading",
        "The server is still reading.",
        format!("{loading} of {} markets are not read yet.", markets.len()),
        "Questions are answered all the same; the first ones may take longer.",
    );
    Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, failure)
        .header(RETRY_AFTER, HeaderValue::from_static("1")))
}

/// What the server says of itself.
pub(crate) fn document(app: &App) -> Health {
    let (places, running, waiting, documents) = app.answers.load();
    Health {
        schema: Health::SCHEMA.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        started: app.started.to_string(),
        clock: app.stage.clock(),
        markets: app.loading.markets(),
        load: Load {
            running: running as u64,
            waiting: waiting as u64,
            places: places as u64,
            sockets: app.metrics.live.sockets.get() + app.metrics.live.streams.get(),
            subscriptions: app.metrics.live.subscriptions.get(),
            documents,
        },
    }
}

fn reply(value: &impl serde::Serialize, headers: &HeaderMap) -> Result<Response<Body>, Failure> {
    let mut bytes = serde_json::to_vec(value)
        .map_err(|error| Failure::internal("The document could not be written as JSON.", error))?;
    bytes.push(b'\n');
    Ok(Reply::new("application/json", bytes, true).respond(headers, Keep::Ask))
}
