//! `/v1/ws`: a session over a WebSocket.
//!
//! One task reads and writes. While a client does not read, nothing is prepared for it: at most the message that is
//! being written waits, and what comes next is looked up when it has gone. Who does not read at all is closed.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, WebSocketUpgrade};
use axum::response::{IntoResponse as _, Response};
use futures_util::SinkExt as _;
use liqlens_ask::Failure;
use serde_json::json;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};

use super::Live;
use super::session::{Session, problem};
use crate::problem::Problem;
use crate::stage::frame::{self, Frame};

/// Longest message of a client, bytes.
const LONGEST: usize = 64 << 10;
/// How often a client is told that all is well, and asked whether it is there.
const HEARTBEAT: Duration = Duration::from_secs(5);
/// Time in which a message must have gone out.
const WRITE_DEADLINE: Duration = Duration::from_secs(30);
/// Time without a sign of life after which a client is taken to be gone.
const SILENT: Duration = Duration::from_secs(45);
/// Time in which a client may answer that it is closed.
const FAREWELL: Duration = Duration::from_secs(1);
/// Messages that may not be understood before a client is closed.
const MOST_MALFORMED: u32 = 5;
/// Messages a client may send at once, and a second in the long run.
const MOST_AT_ONCE: f64 = 250.0;
const PER_SECOND: f64 = 25.0;

/// Why a conversation ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// The client left.
    Left,
    /// The server stops.
    GoingAway,
    /// The client did not read.
    Slow,
    /// The client gave no sign of life.
    Silent,
    /// The client fell behind an event channel.
    Behind,
    /// The client sent bytes where text is spoken.
    Binary,
    /// The client sent what nobody understands, or too much.
    Malformed,
    /// A message was too long.
    TooLong,
}

impl End {
    /// Code and words of the closing frame; `None`: it would not be read.
    const fn words(self) -> Option<(u16, &'static str)> {
        match self {
            Self::Left | Self::Slow | Self::Silent => None,
            Self::GoingAway => Some((1001, "the server stops")),
            Self::Behind => Some((4008, "fell behind an event channel")),
            Self::Binary => Some((1003, "messages are text")),
            Self::Malformed => Some((1008, "messages were not understood, or too many")),
            Self::TooLong => Some((1009, "a message was longer than 64 KiB")),
        }
    }

    const fn reason(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::GoingAway => "going-away",
            Self::Slow => "slow",
            Self::Silent => "silent",
            Self::Behind => "behind",
            Self::Binary | Self::Malformed | Self::TooLong => "malformed",
        }
    }
}

/// Opens a socket.
pub(super) async fn open(
    State(live): State<Arc<Live>>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    match upgrade {
        Ok(upgrade) => upgrade
            .max_message_size(LONGEST)
            .max_frame_size(LONGEST)
            .on_upgrade(move |socket| talk(live, socket)),
        Err(rejection) => Problem::from(Failure::usage(
            "websocket-expected",
            "This path is a WebSocket.",
            format!("{rejection}."),
            "Connect to it with a WebSocket client, or take /v1/sse.",
        ))
        .into_response(),
    }
}

async fn talk(live: Arc<Live>, socket: WebSocket) {
    let metrics = &live.app.metrics;
    let _open = metrics.live.sockets.count();
    let mut talk =
        Talk { live: live.clone(), socket, malformed: 0, heard: Instant::now(), room: MOST_AT_ONCE };
    let end = talk.converse().await;
    metrics.closed(end.reason());
    if let Some((code, reason)) = end.words() {
        let close = Message::Close(Some(CloseFrame { code, reason: Utf8Bytes::from_static(reason) }));
        let farewell = async {
            // Data that nobody reads would have the connection reset, and the words lost.
            if talk.socket.send(close).await.is_ok() {
                while let Some(Ok(_)) = talk.socket.recv().await {}
            }
        };
        let _ = timeout(FAREWELL, farewell).await;
    }
}

struct Talk {
    live: Arc<Live>,
    socket: WebSocket,
    malformed: u32,
    /// Last sign of life.
    heard: Instant,
    /// Messages the client may send now.
    room: f64,
}

/// What happened.
enum Event {
    Heard(Option<Result<Message, axum::Error>>),
    News,
    Heartbeat,
    Closing,
}

impl Talk {
    async fn converse(&mut self) -> End {
        match self.exchange().await {
            Ok(end) | Err(end) => end,
        }
    }

    async fn exchange(&mut self) -> Result<End, End> {
        let live = self.live.clone();
        let closed = live.app.closed();
        tokio::pin!(closed);
        let mut session = Session::new(live.clone());
        let mut heartbeat = interval(HEARTBEAT);
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        heartbeat.reset();
        self.send(vec![session.hello()]).await?;
        loop {
            let event = tokio::select! {
                heard = self.socket.recv() => Event::Heard(heard),
                () = session.wait() => Event::News,
                _ = heartbeat.tick() => Event::Heartbeat,
                () = &mut closed => Event::Closing,
            };
            let mut frames = Vec::new();
            match event {
                Event::Heard(None) => return Ok(End::Left),
                Event::Heard(Some(message)) => frames = self.hear(&mut session, message).await?,
                Event::News => frames.extend(session.clock_moved()),
                Event::Heartbeat => {
                    if self.heard.elapsed() > SILENT {
                        return Ok(End::Silent);
                    }
                    frames.push(session.heartbeat());
                    self.write(Message::Ping(bytes::Bytes::new())).await?;
                }
                Event::Closing => return Ok(End::GoingAway),
            }
            let news = session.news();
            frames.extend(news.messages.into_iter().map(|message| message.text));
            let behind = news.behind.map(|(topic, cursor)| {
                let from = json!({ "topic": &*topic, "epoch": &*cursor.epoch, "seq": cursor.seq });
                frames.push(frame::text(&json!({ "op": "closing", "resume_from": from })));
                End::Behind
            });
            self.send(frames).await?;
            if let Some(end) = behind {
                return Ok(end);
            }
        }
    }

    async fn hear(
        &mut self,
        session: &mut Session,
        message: Result<Message, axum::Error>,
    ) -> Result<Vec<Frame>, End> {
        let elapsed = self.heard.elapsed().as_secs_f64();
        self.heard = Instant::now();
        self.room = (self.room + elapsed * PER_SECOND).min(MOST_AT_ONCE) - 1.0;
        let metrics = &self.live.app.metrics.live;
        let (frame, end) = match message {
            // The length is the only limit that is met before a message is whole.
            Err(error) if error.to_string().contains("too long") => return Err(End::TooLong),
            Err(_) | Ok(Message::Close(_)) => return Err(End::Left),
            Ok(_) if self.room < 0.0 => return Err(End::Malformed),
            Ok(Message::Ping(_) | Message::Pong(_)) => return Ok(Vec::new()),
            Ok(Message::Binary(_)) => {
                let refused = Failure::usage(
                    "message-not-text",
                    "The message was not understood.",
                    "It was binary, and text is spoken here.",
                    "Send JSON as text frames.",
                );
                (problem(None, &refused), End::Binary)
            }
            Ok(Message::Text(text)) => {
                metrics.received.increment(1);
                metrics.received_bytes.increment(text.len() as u64);
                match session.hear(text.as_str()).await {
                    Ok(frames) => return Ok(frames),
                    Err(frame) => (frame, End::Malformed),
                }
            }
        };
        metrics.malformed.increment(1);
        self.malformed += 1;
        if self.malformed < MOST_MALFORMED {
            return Ok(vec![frame]);
        }
        self.send(vec![frame]).await?;
        Err(end)
    }

    /// Sends texts; waits until they have gone.
    async fn send(&mut self, frames: Vec<Frame>) -> Result<(), End> {
        if frames.is_empty() {
            return Ok(());
        }
        let metrics = &self.live.app.metrics.live;
        metrics.sent.increment(frames.len() as u64);
        metrics.sent_bytes.increment(frames.iter().map(|frame| frame.len() as u64).sum());
        for frame in frames {
            self.write(Message::Text(frame)).await?;
        }
        within(self.socket.flush()).await
    }

    async fn write(&mut self, message: Message) -> Result<(), End> {
        within(self.socket.feed(message)).await
    }
}

/// Writing ends in time, or the client does not read.
async fn within(written: impl Future<Output = Result<(), axum::Error>>) -> Result<(), End> {
    match timeout(WRITE_DEADLINE, written).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) => Err(End::Left),
        Err(_) => Err(End::Slow),
    }
}
