//! The texts that go to subscribers, each written once and shared by all who get it.

use std::sync::Arc;

use liqlens_market::Timestamp;
use liqlens_query::document::ClockFacts;
use serde::Serialize;
use serde_json::{Value, json};

/// A text known to be UTF-8; clones share its bytes.
pub type Frame = axum::extract::ws::Utf8Bytes;

/// A text with a place among those of its topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// What kind it is: `snapshot`, `delta`, `events`.
    pub op: &'static str,
    /// Which run of numbers.
    pub epoch: Arc<str>,
    /// Its number, of several events the last one's.
    pub seq: u64,
    /// The whole text.
    pub text: Frame,
}

/// What stands at a number of a topic.
#[derive(Debug, Clone, Copy)]
pub enum Body<'a> {
    /// A document, JSON.
    Document(&'a str),
    /// Why there is none, a problem as JSON.
    Problem(&'a str),
}

impl<'a> Body<'a> {
    /// The JSON.
    pub const fn json(self) -> &'a str {
        match self {
            Self::Document(json) | Self::Problem(json) => json,
        }
    }
}

/// A whole document, or a problem in its place.
pub fn snapshot(topic: &str, epoch: &Arc<str>, seq: u64, at_ms: u64, body: Body<'_>) -> Message {
    let name = match body {
        Body::Document(_) => "data",
        Body::Problem(_) => "problem",
    };
    numbered("snapshot", topic, (epoch, seq, at_ms), name, body.json().trim_end())
}

/// What turns the document before into this one.
pub fn delta(topic: &str, epoch: &Arc<str>, seq: u64, at_ms: u64, patch: &str) -> Message {
    numbered("delta", topic, (epoch, seq, at_ms), "patch", patch)
}

/// Events; `seq` is the last one's.
pub fn events(topic: &str, epoch: &Arc<str>, seq: u64, at_ms: u64, rows: &str) -> Message {
    numbered("events", topic, (epoch, seq, at_ms), "data", rows)
}

/// `at_ms` is when it was published, milliseconds since 1970.
fn numbered(
    op: &'static str,
    topic: &str,
    (epoch, seq, at_ms): (&Arc<str>, u64, u64),
    name: &str,
    json: &str,
) -> Message {
    let (topic, run) = (Value::from(topic), Value::from(&**epoch));
    let text =
        format!(r#"{{"op":"{op}","topic":{topic},"epoch":{run},"seq":{seq},"at":{at_ms},"{name}":{json}}}"#);
    Message { op, epoch: epoch.clone(), seq, text: text.into() }
}

/// What a clock shows.
pub fn clock(clock: &ClockFacts) -> Frame {
    json!({ "op": "clock", "clock": clock }).to_string().into()
}

/// That all is well, and how far each market is.
pub fn heartbeat<'a>(
    clock: &ClockFacts,
    watermarks: impl IntoIterator<Item = (&'a str, Timestamp)>,
) -> Frame {
    let watermarks: serde_json::Map<String, Value> =
        watermarks.into_iter().map(|(symbol, known)| (symbol.to_owned(), known.to_string().into())).collect();
    json!({ "op": "heartbeat", "clock": clock, "watermarks": watermarks }).to_string().into()
}

/// Anything else that is said once: serialisation of our own types cannot fail, and if it did the text is empty.
pub fn text(message: &impl Serialize) -> Frame {
    serde_json::to_string(message).unwrap_or_default().into()
}
