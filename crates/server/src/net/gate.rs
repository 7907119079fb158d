//! What is asked of each request before a route sees it. In order: the URL's length, the host it was sent to, the
//! origin it comes from, its method and body, its key, its rate.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{
    ALLOW, AUTHORIZATION, CONTENT_LENGTH, HOST, HeaderName, ORIGIN, RETRY_AFTER, TRANSFER_ENCODING, UPGRADE,
    WWW_AUTHENTICATE,
};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use liqlens_ask::{Failure, quoted};

use super::connection::End;
use super::hosts::{Hosts, same_origin};
use super::keys::Keys;
use super::rates::{Client, Rate, Rates};
use crate::problem::Problem;

/// Longest path and query, bytes.
const LONGEST_URL: usize = 4_096;
/// Who may ask, and how.
pub(crate) struct Gate {
    hosts: Hosts,
    keys: Option<Keys>,
    rates: Rates,
}

impl Gate {
    /// A gate for the hosts named; without keys everybody who reaches the server may ask.
    pub(crate) fn new(hosts: Hosts, keys: Option<Keys>, requests_per_second: u32) -> Self {
        Self { hosts, keys, rates: Rates::new(requests_per_second) }
    }

    /// The middleware.
    pub(crate) async fn pass(State(gate): State<Arc<Self>>, mut request: Request, next: Next) -> Response {
        let left = match gate.check(&mut request) {
            Ok(left) => left,
            Err(problem) => return problem.into_response(),
        };
        let mut response = next.run(request).await;
        if let Some(left) = left {
            let headers = response.headers_mut();
            headers.insert(HeaderName::from_static("ratelimit-limit"), gate.rates.burst().into());
            headers.insert(HeaderName::from_static("ratelimit-remaining"), left.into());
        }
        response
    }

    /// Lets a request pass, with what is left of its client's rate where one is counted.
    fn check(&self, request: &mut Request) -> Result<Option<u32>, Problem> {
        let length = request.uri().path_and_query().map_or(0, |url| url.as_str().len());
        if length > LONGEST_URL {
            return Err(url_too_long(length));
        }
        let headers = request.headers();
        let host = header(headers, &HOST).or_else(|| request.uri().authority().map(Authority::as_str));
        let Some(host) = host.filter(|host| self.hosts.knows(host)) else {
            return Err(host_unknown(host.unwrap_or_default()));
        };
        let reads = matches!(*request.method(), Method::GET | Method::HEAD);
        if let Some(origin) = headers.get(ORIGIN)
            && (!reads || headers.contains_key(UPGRADE))
            && !origin.to_str().is_ok_and(|origin| same_origin(origin, host))
        {
            return Err(origin_foreign());
        }
        if !reads {
            return Err(method_unknown(request.method()));
        }
        let empty = header(headers, &CONTENT_LENGTH).is_none_or(|length| length == "0");
        if !empty || headers.contains_key(TRANSFER_ENCODING) {
            return Err(body_unwanted());
        }
        let peer = request.extensions().get::<End>().map(|end| end.peer.ip());
        let key = match &self.keys {
            Some(keys) if needs_key(request.uri().path()) => {
                let secret = header(headers, &AUTHORIZATION).and_then(|value| value.strip_prefix("Bearer "));
                Some(secret.and_then(|secret| keys.find(secret.trim())).ok_or_else(key_missing)?.clone())
            }
            _ => None,
        };
        let client = match (&key, peer) {
            (Some(key), _) => Client::Key(key.name.clone()),
            // Whoever is on this machine has its processor anyway.
            (None, Some(peer)) if !peer.is_loopback() => Client::at(peer),
            (None, _) => return Ok(None),
        };
        if let Some(key) = key {
            request.extensions_mut().insert(key);
        }
        match self.rates.count(&client) {
            Rate::Pass { left } => Ok(Some(left)),
            Rate::Wait { seconds } => Err(too_often(seconds)),
        }
    }
}

/// Figures and figures about the server need a key where keys are asked for; the page itself and the sign of life do not.
fn needs_key(path: &str) -> bool {
    (path.starts_with("/v1/") && path != "/v1/health/live") || path == "/metrics"
}

fn header<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn url_too_long(length: usize) -> Problem {
    let failure = Failure::usage(
        "url-too-long",
        format!("The URL has {length} bytes."),
        format!("At most {LONGEST_URL} are read."),
        "Ask for fewer moves, or in several requests.",
    );
    Problem::new(StatusCode::URI_TOO_LONG, failure.detail("wanted", length).detail("limit", LONGEST_URL))
}

fn host_unknown(host: &str) -> Problem {
    let failure = Failure::usage(
        "host-unknown",
        format!("This server is not called {}.", quoted(host)),
        "A page of another site may have sent the request under a name of its own.",
        "Call it by its address, or start it with --allow-host NAME.",
    );
    Problem::new(StatusCode::MISDIRECTED_REQUEST, failure)
}

fn origin_foreign() -> Problem {
    let failure = Failure::usage(
        "origin-foreign",
        "The request comes from a page of another site.",
        "Only this server's own page may open sockets or send anything but questions.",
        "Open the page of this server, or leave the Origin header away.",
    );
    Problem::new(StatusCode::FORBIDDEN, failure)
}

fn method_unknown(method: &Method) -> Problem {
    let failure = Failure::usage(
        "method-not-allowed",
        format!("The method {} is not answered.", quoted(method.as_str())),
        "Everything here is read.",
        "Use GET or HEAD.",
    );
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, failure).header(ALLOW, HeaderValue::from_static("GET, HEAD"))
}

fn body_unwanted() -> Problem {
    let failure = Failure::usage(
        "body-unwanted",
        "The request has a body.",
        "Questions are in the URL; a body is not read.",
        "Leave the body away.",
    );
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, failure.detail("limit", 0))
        .header(HeaderName::from_static("connection"), HeaderValue::from_static("close"))
}

fn key_missing() -> Problem {
    let failure = Failure::usage(
        "key-missing",
        "The request bears no key that this server knows.",
        "It was started with a file of keys.",
        "Send `Authorization: Bearer KEY`; its operator makes one with `liqlens key NAME`.",
    );
    Problem::new(StatusCode::UNAUTHORIZED, failure)
        .header(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"liqlens\""))
}

fn too_often(seconds: u64) -> Problem {
    let failure = Failure::usage(
        "too-often",
        "There were too many requests.",
        "Each client has a bucket that fills at a steady rate.",
        format!("Wait {seconds} s, or subscribe over the WebSocket."),
    );
    Problem::new(StatusCode::TOO_MANY_REQUESTS, failure.detail("retry_after_s", seconds))
        .header(RETRY_AFTER, seconds.into())
}
