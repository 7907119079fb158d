//! `/v1/sse` over real sockets.

use std::collections::BTreeMap;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

use crate::client::Running;

/// A client of an event stream.
struct Events(BufReader<TcpStream>);

impl Events {
    async fn open(server: &Running, query: &str, last: Option<&str>) -> Self {
        let mut stream = TcpStream::connect(&server.address).await.unwrap();
        let last = last.map_or_else(String::new, |id| format!("Last-Event-ID: {id}\r\n"));
        let request = format!("GET /v1/sse?{query} HTTP/1.1\r\nHost: {}\r\n{last}\r\n", server.address);
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut events = Self(BufReader::new(stream));
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            events.0.read_line(&mut head).await.unwrap();
        }
        assert!(head.contains(" 200 ") && head.contains("text/event-stream"), "{head}");
        events
    }

    /// The next event's fields.
    async fn next(&mut self) -> BTreeMap<String, String> {
        let mut fields = BTreeMap::new();
        loop {
            let mut line = String::new();
            assert_ne!(self.0.read_line(&mut line).await.unwrap(), 0, "the stream ended");
            match line.trim_end().split_once(": ") {
                Some((name, value)) => {
                    fields.insert(name.to_owned(), value.to_owned());
                }
                // An empty line ends the event; lengths of chunks belong to none.
                None if line.trim_end().is_empty() && !fields.is_empty() => return fields,
                None => {}
            }
        }
    }

    async fn until(&mut self, event: &str) -> BTreeMap<String, String> {
        loop {
            let fields = self.next().await;
            if fields["event"] == event {
                return fields;
            }
        }
    }
}

#[tokio::test]
async fn a_stream_tells_what_a_socket_tells_and_goes_on_after_a_break() {
    let server = Running::start(Some(("2026-03-18T12:00:05Z", 1.0))).await;
    let mut events = Events::open(&server, "channel=at&symbol=BTC", None).await;
    assert_eq!(events.next().await["event"], "hello");
    let subscribed: Value = serde_json::from_str(&events.until("subscribed").await["data"]).unwrap();
    let first = events.until("snapshot").await;
    let message: Value = serde_json::from_str(&first["data"]).unwrap();
    assert_eq!(message["data"]["schema"], "at/1");
    assert_eq!(first["id"], format!("{}:1", subscribed["epoch"].as_str().unwrap()));
    events.until("clock").await;
    let delta = events.until("delta").await;
    drop(events);
    // Whoever comes back with the id of the first gets the second again.
    let mut events = Events::open(&server, "channel=at&symbol=BTC", Some(&first["id"])).await;
    assert_eq!(events.until("delta").await, delta);
    drop(events);
    server.stop().await;
}

#[tokio::test]
async fn what_cannot_be_subscribed_to_is_refused_as_a_request() {
    let server = Running::start(None).await;
    for (query, code) in [
        ("symbol=BTC", "channel-missing"),
        ("channel=depth&symbol=BTC", "channel-unknown"),
        ("channel=map&symbol=DOGE", "symbol-unknown"),
        ("channel=map&symbol=BTC&withn=5%25", "parameter-unknown"),
        ("channel=map&symbol=BTC&symbol=ETH", "parameter-twice"),
    ] {
        let body = server.get(&format!("/v1/sse?{query}")).await;
        let problem: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(problem["code"], code, "{query}: {body}");
        assert!(problem["trace_id"].is_string());
    }
    let problem: Value = serde_json::from_str(&server.get("/v1/ws").await).unwrap();
    assert_eq!(problem["code"], "websocket-expected");
    server.stop().await;
}
