//! Failures as they leave over HTTP: `application/problem+json`, in the words of the interface.

use axum::body::Body;
use axum::http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, Response, StatusCode};
use liqlens_ask::{Failure, Kind, Topic};
use serde_json::{Map, Value, json};

/// The status that tells a client what kind of trouble it is.
pub fn status(failure: &Failure) -> StatusCode {
    match failure.code {
        "key-missing" | "key-unknown" => StatusCode::UNAUTHORIZED,
        "scope-too-small" | "host-unknown" | "origin-foreign" => StatusCode::FORBIDDEN,
        "path-unknown" => StatusCode::NOT_FOUND,
        "method-unknown" => StatusCode::METHOD_NOT_ALLOWED,
        "form-unsupported" => StatusCode::NOT_ACCEPTABLE,
        "body-unwanted" => StatusCode::PAYLOAD_TOO_LARGE,
        "url-too-long" => StatusCode::URI_TOO_LONG,
        "too-many-requests" => StatusCode::TOO_MANY_REQUESTS,
        "too-busy" | "stopping" | "abandoned" | "loading" => StatusCode::SERVICE_UNAVAILABLE,
        // Understood, and still not a question that has an answer.
        "as-of-in-future"
        | "too-large"
        | "too-many-moves"
        | "range-empty"
        | "range-contradiction"
        | "evidence-contradiction"
        | "move-out-of-range"
        | "amount-too-small" => StatusCode::UNPROCESSABLE_ENTITY,
        _ => match failure.kind {
            Kind::Usage => StatusCode::BAD_REQUEST,
            Kind::NoData => StatusCode::NOT_FOUND,
            Kind::Withheld => StatusCode::CONFLICT,
            Kind::Internal | Kind::CheckFailed | Kind::Storage => StatusCode::INTERNAL_SERVER_ERROR,
        },
    }
}

/// The problem document of a failure (RFC 9457).
pub fn document(failure: &Failure, trace_id: &str) -> Value {
    let status = status(failure);
    let mut document = Map::new();
    let mut put = |name: &str, value: Value| document.insert(name.to_owned(), value);
    put("type", json!("about:blank"));
    put("title", json!(status.canonical_reason().unwrap_or("Problem")));
    put("status", json!(status.as_u16()));
    put("code", json!(failure.code));
    put("detail", json!(in_words_of_http(format!("{} {}", failure.what, failure.why).trim_end())));
    put("hint", json!(in_words_of_http(&failure.hint)));
    put("trace_id", json!(trace_id));
    for (name, value) in &failure.details {
        // What stands above is never replaced by a detail.
        document.entry(*name).or_insert_with(|| value.clone());
    }
    Value::Object(document)
}

/// A refusal, for the outermost layer to write down: only it knows the request's trace id.
pub(crate) fn refusal(failure: Failure) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status(&failure);
    response.extensions_mut().insert(Refused(failure));
    response
}

#[derive(Debug, Clone)]
struct Refused(Failure);

/// Writes down a refusal made by [`refusal`]; any other response passes.
pub(crate) fn written(mut response: Response<Body>, trace_id: &str) -> Response<Body> {
    let Some(Refused(failure)) = response.extensions_mut().remove::<Refused>() else { return response };
    let status = status(&failure);
    if status.is_server_error() && status != StatusCode::SERVICE_UNAVAILABLE {
        tracing::error!(trace_id, code = failure.code, "{} {}", failure.what, failure.why);
    }
    let mut bytes = document(&failure, trace_id).to_string().into_bytes();
    bytes.push(b'\n');
    *response.body_mut() = Body::from(bytes);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    match status {
        StatusCode::UNAUTHORIZED => {
            // Programs send the key as a bearer token; a browser asks for it as a password.
            headers.append(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"liqlens\""));
            headers.append(WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"liqlens\""));
        }
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
            headers.entry(RETRY_AFTER).or_insert(HeaderValue::from_static("1"));
        }
        StatusCode::METHOD_NOT_ALLOWED => {
            headers.entry(ALLOW).or_insert(HeaderValue::from_static("GET,HEAD"));
        }
        _ => {}
    }
    response
}

/// A hint of the command line in the words of the interface: `--as-of` is the parameter `as_of`, `--within 5%` is
/// `within=5%`, and `liqlens map` is `/v1/map`. Commands that only an operator can give stay as they are.
fn in_words_of_http(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (index, part) in text.split('`').enumerate() {
        if index > 0 {
            out.push('`');
        }
        // Between back quotes stands a command, an option or a value.
        match part.strip_prefix("liqlens ").filter(|_| index % 2 == 1) {
            Some(command) => out.push_str(&path_of(command).unwrap_or_else(|| part.to_owned())),
            None => out.push_str(&options(part)),
        }
    }
    out
}

/// `map --csv` is `/v1/map?format=csv`.
fn path_of(command: &str) -> Option<String> {
    let mut words = command.split(' ');
    let topic = Topic::named(words.next()?)?;
    let options: Vec<&str> = words.filter_map(|word| word.strip_prefix("--")).collect();
    let query = match options[..] {
        [] => String::new(),
        ["csv" | "json"] => format!("?format={}", options[0]),
        _ => return None,
    };
    Some(format!("/v1/{}{query}", topic.name()))
}

/// Options in running text as parameters.
fn options(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("--") {
        let (before, option) = rest.split_at(start);
        out.push_str(before);
        let option = &option[2..];
        let end = option.find(|c: char| !c.is_ascii_lowercase() && c != '-').unwrap_or(option.len());
        let (name, after) = option.split_at(end);
        if name.is_empty() {
            out.push_str("--");
            rest = after;
            continue;
        }
        let parameter = name.replace('-', "_");
        out.push_str(&parameter);
        rest = after;
        if matches!(parameter.as_str(), "allow_stale") {
            out.push_str("=true");
        } else if let Some(value) = after.strip_prefix(' ').filter(|value| is_value(&parameter, value)) {
            out.push('=');
            rest = value.trim_start_matches('\'');
        }
    }
    out.push_str(rest);
    out.replace("'.", ".")
}

/// Whether what follows an option is its value and not the next word of the sentence.
fn is_value(parameter: &str, text: &str) -> bool {
    let word = text.split([' ', ',']).next().unwrap_or_default();
    match parameter {
        "evidence" => word.starts_with("model") || word.starts_with("measured"),
        "in" => true,
        _ => word.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '$' | '\'' | '+' | '-')),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hints_speak_of_parameters() {
        for (typed, spoken) in [
            (
                "Ask for a later time with --as-of, or import older data.",
                "Ask for a later time with as_of, or import older data.",
            ),
            (
                "Ask for a time the data cover with --as-of, or add --allow-stale to see it anyway.",
                "Ask for a time the data cover with as_of, or add allow_stale=true to see it anyway.",
            ),
            ("Write it like --within 5%.", "Write it like within=5%."),
            (
                "Write it like --bin 25bp, --bin 100usd or --bin '$100'.",
                "Write it like bin=25bp, bin=100usd or bin=$100.",
            ),
            ("Write `--in BTC`, `--in USD` or `--in %oi`.", "Write `in=BTC`, `in=USD` or `in=%oi`."),
            ("Leave --model or --evidence away.", "Leave model or evidence away."),
            ("or ask with --evidence modelled.", "or ask with evidence=modelled."),
            (
                "Ask for `liqlens map`, or with --evidence modelled where the market's own data are there.",
                "Ask for `/v1/map`, or with evidence=modelled where the market's own data are there.",
            ),
            (
                "Ask for the whole curve with `liqlens map --csv`.",
                "Ask for the whole curve with `/v1/map?format=csv`.",
            ),
            (
                "Import the missing kind with `liqlens import FILE --data DIR`.",
                "Import the missing kind with `liqlens import FILE --data DIR`.",
            ),
            ("Nothing -- really.", "Nothing -- really."),
        ] {
            assert_eq!(in_words_of_http(typed), spoken);
        }
    }

    #[test]
    fn a_problem_says_what_why_and_what_to_do() {
        let failure = Failure::usage("too-large", "Too large.", "It has 9 cells.", "Take --step 1h.")
            .detail("wanted", 9)
            .detail("limit", 4)
            .detail("status", 200);
        assert_eq!(
            document(&failure, "abc"),
            json!({"type": "about:blank", "title": "Unprocessable Entity", "status": 422, "code": "too-large",
                   "detail": "Too large. It has 9 cells.", "hint": "Take step=1h.", "trace_id": "abc",
                   "wanted": 9, "limit": 4})
        );
    }
}
