//! `/v1/sse`: one subscription as server-sent events, for clients that have no WebSocket.
//!
//! Events are named as on the socket (`snapshot`, `delta`, `events`, `heartbeat`), their data are the same messages,
//! and their id is where the client is, so that a browser that comes back goes on by itself.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use futures_util::stream;
use liqlens_ask::Failure;
use serde_json::json;
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval, timeout};

use super::Live;
use super::session::Session;
use super::words::{Param, Resume};
use crate::problem::Problem;
use crate::rest::given::pairs;
use crate::stage::frame::{self, Frame, Message};

/// How often a client is told that all is well.
const HEARTBEAT: Duration = Duration::from_secs(5);
/// Time in which an event must have gone out.
const WRITE_DEADLINE: Duration = Duration::from_secs(30);
/// Where a browser that comes back says it was.
const LAST_EVENT_ID: &str = "last-event-id";

/// Opens an event stream.
pub(super) async fn open(
    State(live): State<Arc<Live>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let mut session = Session::new(live.clone());
    let asked = asked(query.as_deref().unwrap_or_default(), &headers);
    let subscribed = match asked {
        Ok(Asked { channel, symbol, params, resume }) => {
            session.subscribe(1, &channel, symbol.as_deref(), params, resume).await
        }
        Err(failure) => Err(failure),
    };
    let first = match subscribed {
        Ok(frames) => frames,
        Err(failure) => return Problem::from(failure).into_response(),
    };
    // One event waits at most: what comes next is looked up when it has gone.
    let (sender, receiver) = mpsc::channel(1);
    tokio::spawn(tell(live, session, first, sender));
    let events = stream::unfold(receiver, |mut receiver| async move {
        receiver.recv().await.map(|bytes| (Ok::<Bytes, core::convert::Infallible>(bytes), receiver))
    });
    let mut response = Response::new(Body::from_stream(events));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// What a request for a stream says.
struct Asked {
    channel: String,
    symbol: Option<String>,
    params: BTreeMap<String, Param>,
    resume: Option<Resume>,
}

fn asked(query: &str, headers: &HeaderMap) -> Result<Asked, Failure> {
    let mut params: BTreeMap<String, Param> = BTreeMap::new();
    for (name, value) in pairs(query)? {
        if params.insert(name, Param::Text(value)).is_some() {
            return Err(Failure::usage(
                "parameter-twice",
                "A parameter was given twice.",
                "One question has one value of each.",
                "Leave one of them away.",
            ));
        }
    }
    let channel = params.remove("channel").map(Param::text).ok_or_else(|| {
        Failure::usage(
            "channel-missing",
            "No channel was named.",
            "A stream is of one channel.",
            "Name it, such as /v1/sse?channel=map&symbol=BTC.",
        )
    })?;
    let symbol = params.remove("symbol").map(Param::text);
    let resume = headers.get(LAST_EVENT_ID).and_then(|id| id.to_str().ok()).and_then(|id| {
        let (epoch, seq) = id.rsplit_once(':')?;
        Some(Resume { epoch: epoch.to_owned(), seq: seq.parse().ok()? })
    });
    Ok(Asked { channel, symbol, params, resume })
}

/// Tells a client what there is to tell until it leaves, does not read, or the server stops.
async fn tell(live: Arc<Live>, mut session: Session, first: Vec<Frame>, to: mpsc::Sender<Bytes>) {
    let _open = live.app.metrics.live.streams.count();
    let mut heartbeat = interval(HEARTBEAT);
    heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    heartbeat.reset();
    let mut events: Vec<Bytes> = vec![event("hello", None, &session.hello())];
    events.extend(first.iter().map(|frame| event("subscribed", None, frame)));
    let reason = loop {
        let news = session.news();
        events.extend(news.messages.iter().map(numbered));
        if let Some((topic, cursor)) = &news.behind {
            let from = json!({ "topic": &**topic, "epoch": &*cursor.epoch, "seq": cursor.seq });
            events.push(event(
                "closing",
                None,
                &frame::text(&json!({ "op": "closing", "resume_from": from })),
            ));
        }
        let metrics = &live.app.metrics.live;
        metrics.sent.increment(events.len() as u64);
        metrics.sent_bytes.increment(events.iter().map(|event| event.len() as u64).sum());
        let mut sent = Ok(());
        for event in events.drain(..) {
            sent = match timeout(WRITE_DEADLINE, to.send(event)).await {
                Ok(Ok(())) => continue,
                Ok(Err(_)) => Err("left"),
                Err(_) => Err("slow"),
            };
            break;
        }
        if let Err(reason) = sent {
            break reason;
        }
        if news.behind.is_some() {
            break "behind";
        }
        tokio::select! {
            () = session.wait() => events.extend(session.clock_moved().map(|clock| event("clock", None, &clock))),
            _ = heartbeat.tick() => events.push(event("heartbeat", None, &session.heartbeat())),
            () = to.closed() => break "left",
            () = live.app.closed() => break "going-away",
        }
    };
    live.app.metrics.closed(reason);
}

fn numbered(message: &Message) -> Bytes {
    let id = (message.seq > 0).then_some((&*message.epoch, message.seq));
    event(message.op, id, &message.text)
}

/// An event. Messages are JSON on one line, so that one line of data is enough.
fn event(name: &str, id: Option<(&str, u64)>, data: &Frame) -> Bytes {
    let id = id.map_or_else(String::new, |(epoch, seq)| format!("id: {epoch}:{seq}\n"));
    format!("event: {name}\n{id}data: {}\n\n", data.as_str()).into()
}
