//! A question, an answer, gone.

use std::sync::Arc;

use axum::Router;

use crate::app::App;

/// The paths of this half.
pub fn router(app: Arc<App>) -> Router {
    Router::new().with_state(app)
}
