//! Subscriptions: WebSocket and server-sent events.
//!
//! A `session` is one client's conversation, whatever carries it: a socket (`ws`) or an event stream (`sse`).
//! Documents and clock come from a stage; nothing is computed here, and nothing is kept for a client beyond where it
//! is in each topic.

mod session;
mod sse;
mod words;
mod ws;

use std::sync::{Arc, Weak};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderValue, Response};
use axum::routing::get;
use liqlens_ask::{Failure, Kind, Opened};
use liqlens_market::Timestamp;
use liqlens_query::View;
use serde_json::Value;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::app::App;
use crate::metrics::Readings;
use crate::problem::Problem;
use crate::rest::health;
use crate::stage::clock::Speed;
use crate::stage::player::House;
use crate::stage::recorded::Recorded;
use crate::stage::walker::Recording;
use crate::stage::{Stage, refused};

/// Private replays at a time.
pub const MOST_REPLAYS: usize = 8;
/// How often what was counted is summed up.
const UPKEEP: Duration = Duration::from_secs(5);

/// What sockets and event streams share.
pub struct Live {
    app: Arc<App>,
    recording: Arc<dyn Recording>,
    house: Arc<dyn House>,
    replays: Arc<Semaphore>,
}

/// A private replay; it ends when it is dropped.
pub struct Replaying {
    stage: Stage,
    _place: OwnedSemaphorePermit,
}

/// The paths of this half.
pub fn router(app: Arc<App>) -> Router {
    let live = Arc::new(Live::new(app.clone()));
    if let Err(failure) = app.stage.start(live.recording.clone(), live.house.clone(), &app.metrics) {
        tracing::error!("{} {}", failure.what, failure.why);
    }
    Router::new()
        .route("/v1/ws", get(ws::open))
        .route("/v1/sse", get(sse::open))
        .with_state(live)
        .merge(Router::new().route("/metrics", get(metrics)).with_state(app))
}

impl Live {
    /// For sockets of an app.
    pub fn new(app: Arc<App>) -> Self {
        let recording = Arc::new(Recorded { source: app.source.clone(), folds: app.folds.clone() });
        let house = Arc::new(AppHouse(Arc::downgrade(&app)));
        Self { app, recording, house, replays: Arc::new(Semaphore::new(MOST_REPLAYS)) }
    }

    /// Starts a private replay, if there is a place for one.
    fn replay(&self, from: Timestamp, speed: Speed) -> Result<Replaying, Failure> {
        let place = self.replays.clone().try_acquire_owned().map_err(|_| {
            Failure::new(
                Kind::Usage,
                "too-many-replays",
                format!("{MOST_REPLAYS} replays are running already."),
                "Each folds markets of its own.",
                "Try again when one has ended; the pages of a past moment need no replay.",
            )
            .detail("limit", MOST_REPLAYS as u64)
            .detail("wanted", MOST_REPLAYS as u64 + 1)
        })?;
        let stage = self.app.stage.private(from, speed).map_err(|error| refused(&error))?;
        stage.start(self.recording.clone(), self.house.clone(), &self.app.metrics)?;
        Ok(Replaying { stage, _place: place })
    }
}

/// The server, as its stages see it: they do not keep it alive.
struct AppHouse(Weak<App>);

impl House for AppHouse {
    fn problem(&self, failure: &Failure) -> String {
        problem(failure).to_string()
    }

    fn health(&self) -> Result<Vec<u8>, Failure> {
        let app = self.0.upgrade().ok_or_else(|| {
            Failure::new(
                Kind::Internal,
                "stopping",
                "The server stops.",
                "It was told to.",
                "Try again later.",
            )
        })?;
        let health = health::document(&app);
        serde_json::to_vec(&health)
            .map_err(|error| Failure::internal("The document could not be written as JSON.", error))
    }

    fn offer(&self, opened: &Opened, view: &Arc<View>) {
        if let Some(app) = self.0.upgrade() {
            app.folds.offer(opened, view.clone());
        }
    }

    fn market(&self, market: &str, age: Duration, gaps: Duration) {
        if let Some(app) = self.0.upgrade() {
            app.metrics.market(market, age, gaps);
        }
    }

    fn wall_ms(&self) -> u64 {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        u64::try_from(since_epoch.as_millis()).unwrap_or(0)
    }
}

/// A refusal as subscribers get it. It belongs to no request, so it has no trace id.
fn problem(failure: &Failure) -> Value {
    let mut problem = Problem::from(failure.clone()).json("");
    if let Some(fields) = problem.as_object_mut() {
        fields.shift_remove("trace_id");
    }
    problem
}

/// `/metrics`.
async fn metrics(State(app): State<Arc<App>>) -> Response<Body> {
    let (_, running, waiting, answers) = app.answers.load();
    let text = app.metrics.text(&Readings {
        folds_running: running as u64,
        folds_waiting: waiting as u64,
        answers,
        answer_lookups: app.answers.lookups(),
        states: app.folds.kept(),
    });
    let mut response = Response::new(Body::from(text));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Sums up what was counted, until the server closes.
pub(crate) async fn upkeep(app: Arc<App>) {
    let mut every = tokio::time::interval(UPKEEP);
    loop {
        tokio::select! {
            _ = every.tick() => app.metrics.upkeep(),
            () = app.closed() => return,
        }
    }
}
