//! The outermost layer: every request gets a trace id, every response its headers, every refusal its words.

use std::hash::{BuildHasher as _, RandomState};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{
    CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, Response};
use axum::middleware::Next;
use axum::response::IntoResponse as _;
use futures_util::FutureExt as _;
use liqlens_ask::Failure;

use crate::problem::Problem;

const TRACE_ID: HeaderName = HeaderName::from_static("x-trace-id");
const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// What a page of ours may do: only its own files, no script within a page, no frame around it.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; \
                      connect-src 'self'; font-src 'self'; manifest-src 'self'; base-uri 'none'; \
                      form-action 'none'; frame-ancestors 'none'";
/// What a document may do that is looked at by itself: show its own styles, and nothing else.
const SHEET_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; \
                            form-action 'none'; frame-ancestors 'none'; sandbox";

/// Wraps a request in all of it.
pub(crate) async fn outer(request: Request, next: Next) -> Response<Body> {
    let began = Instant::now();
    let trace_id = trace_id(request.headers());
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let response = AssertUnwindSafe(next.run(request)).catch_unwind().await;
    let response = response.unwrap_or_else(|_| {
        Problem::from(Failure::internal(
            "The request was not answered.",
            "The server met a defect of its own.",
        ))
        .into_response()
    });
    let mut response = response;
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        *response.body_mut() = Body::from(problem.json(&trace_id).to_string());
    }
    let report = path.starts_with("/v1/") && is_sheet(response.headers());
    let headers = response.headers_mut();
    if let Ok(trace_id) = HeaderValue::from_str(&trace_id) {
        headers.insert(TRACE_ID, trace_id);
    }
    let policy = if report { SHEET_POLICY } else { POLICY };
    for (name, value) in [
        (CONTENT_SECURITY_POLICY, policy),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "no-referrer"),
        (OPENER_POLICY, "same-origin"),
        (RESOURCE_POLICY, "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    let elapsed_ms = began.elapsed().as_secs_f64() * 1e3;
    // Without the query: it may be long, and what is in it is the client's business.
    tracing::debug!(%trace_id, %method, path, status = response.status().as_u16(), elapsed_ms, "answered");
    response
}

/// Documents with styles of their own within them.
fn is_sheet(headers: &HeaderMap) -> bool {
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    content_type.starts_with("text/html") || content_type.starts_with("image/svg+xml")
}

/// The client's own id if it is a plain word, else a new one.
fn trace_id(headers: &HeaderMap) -> Arc<str> {
    let plain = |id: &&str| {
        (1..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    let given = headers.get(TRACE_ID).and_then(|value| value.to_str().ok()).filter(plain);
    given.map_or_else(|| format!("{:016x}", RandomState::new().hash_one(0u8)).into(), Arc::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_id_from_outside_is_taken_only_if_it_is_a_plain_word() {
        let of = |given: &[u8]| {
            let mut headers = HeaderMap::new();
            headers.insert(TRACE_ID, HeaderValue::from_bytes(given).unwrap());
            trace_id(&headers).to_string()
        };
        assert_eq!(of(b"abc-123"), "abc-123");
        for given in [&b"a b"[..], b"", b"a\xff", b"<script>", &[b'a'; 65]] {
            let made = of(given);
            assert!(made.len() == 16 && made.bytes().all(|byte| byte.is_ascii_hexdigit()), "{made}");
        }
        assert_ne!(of(b""), of(b""));
    }
}
