//! How a refusal leaves: `application/problem+json` (RFC 9457) with the sentences of a [`Failure`].
//!
//! A handler does not know the request's trace id, so a [`Problem`] travels as an extension of its response and
//! becomes a body at the edge, in [`crate::net`].

use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use liqlens_ask::{Failure, Kind};
use serde_json::{Map, Value, json};

/// Why a request was not answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem(Box<Parts>);

#[derive(Debug, Clone, PartialEq)]
struct Parts {
    status: StatusCode,
    failure: Failure,
    headers: Vec<(HeaderName, HeaderValue)>,
}

/// Media type of a problem.
pub const PROBLEM_JSON: &str = "application/problem+json";

impl Problem {
    /// A failure with the status that stands for it.
    pub fn new(status: StatusCode, failure: Failure) -> Self {
        Self(Box::new(Parts { status, failure, headers: Vec::new() }))
    }

    /// With a header, `Retry-After` or `Allow`.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.headers.push((name, value));
        self
    }

    /// The status.
    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    /// The failure in its own words.
    pub fn failure(&self) -> &Failure {
        &self.0.failure
    }

    /// The document.
    pub fn json(&self, trace_id: &str) -> Value {
        let Failure { code, what, why, hint, details, .. } = &self.0.failure;
        let mut document = Map::new();
        for (name, value) in [
            ("type", json!("about:blank")),
            ("title", json!(what)),
            ("status", json!(self.0.status.as_u16())),
            ("code", json!(code)),
            ("detail", json!(api_words(why))),
            ("hint", json!(api_words(hint))),
            ("trace_id", json!(trace_id)),
        ] {
            document.insert(name.to_owned(), value);
        }
        for (name, value) in details {
            // What a problem has itself is not overwritten.
            document.entry(*name).or_insert_with(|| value.clone());
        }
        Value::Object(document)
    }
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        let status = match (failure.kind, failure.code) {
            (_, "form-unsupported") => StatusCode::NOT_ACCEPTABLE,
            // Understood, and still not a question with an answer.
            (
                _,
                "too-large"
                | "too-many-moves"
                | "as-of-in-future"
                | "range-empty"
                | "range-contradiction"
                | "evidence-contradiction"
                | "move-out-of-range"
                | "amount-too-small",
            ) => StatusCode::UNPROCESSABLE_ENTITY,
            (_, "busy" | "abandoned" | "stopping") => StatusCode::SERVICE_UNAVAILABLE,
            (Kind::Usage, _) => StatusCode::BAD_REQUEST,
            (Kind::NoData, _) => StatusCode::NOT_FOUND,
            (Kind::Withheld | Kind::CheckFailed, _) => StatusCode::CONFLICT,
            (Kind::Internal | Kind::Storage, _) => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Self::new(status, failure)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = self.0.status;
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        // What is refused now may be answered in a moment.
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        for (name, value) in &self.0.headers {
            response.headers_mut().insert(name, value.clone());
        }
        response.extensions_mut().insert(self);
        response
    }
}

/// Options of whoever starts the server, which are no parameters; and two dashes that are no option.
const OPERATORS: [&str; 6] = ["", "allow-host", "bind", "data", "keys", "replay"];

/// Options of the command line as the parameters that they are here: `--as-of` is `as_of`.
fn api_words(text: &str) -> String {
    let mut words = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("--") {
        let (before, option) = rest.split_at(at);
        let name = &option[2..];
        let end = name.find(|c: char| !c.is_ascii_lowercase() && c != '-').unwrap_or(name.len());
        words.push_str(before);
        if OPERATORS.contains(&&name[..end]) {
            words.push_str(&option[..2 + end]);
        } else {
            words.push('`');
            words.push_str(&name[..end].replace('-', "_"));
            words.push('`');
        }
        rest = &name[end..];
    }
    words.push_str(rest);
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_become_parameters() {
        assert_eq!(
            api_words("Ask for a later time with --as-of, or add --allow-stale."),
            "Ask for a later time with `as_of`, or add `allow_stale`."
        );
        assert_eq!(api_words("a -- b --"), "a -- b --");
        assert_eq!(api_words("Start it with --allow-host NAME."), "Start it with --allow-host NAME.");
        assert_eq!(api_words("Write it like --bin '$100'."), "Write it like `bin` '$100'.");
    }

    #[test]
    fn a_failure_keeps_its_sentences_and_its_facts() {
        let failure = Failure::usage("too-large", "Too large.", "It is.", "Ask for less.")
            .detail("limit", 10)
            .detail("status", "not this");
        let problem = Problem::from(failure);
        assert_eq!(
            problem.json("t"),
            json!({"type": "about:blank", "title": "Too large.", "status": 422, "code": "too-large",
                   "detail": "It is.", "hint": "Ask for less.", "trace_id": "t", "limit": 10})
        );
    }
}
