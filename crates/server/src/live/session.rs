//! What one client has subscribed to, and what it is told: the conversation without the socket.

use std::collections::BTreeMap;
use std::sync::Arc;

use liqlens_ask::request::{AsOf, moment};
use liqlens_ask::{Failure, Kind, Scope};
use liqlens_market::Timestamp;
use serde_json::{Value, json};
use tokio::sync::watch;

use super::words::{Incoming, Param, ReplayOrder, Resume};
use super::{Live, Replaying};
use crate::metrics::Counted;
use crate::stage::asking::{Asking, Parameters, name};
use crate::stage::clock::{Control, Speed};
use crate::stage::frame::{self, Frame, Message};
use crate::stage::state::Cursor;
use crate::stage::topics::{Found, Reader};
use crate::stage::{Beat, Stage, refused};

/// Subscriptions of one client at most.
pub(super) const MOST_SUBSCRIPTIONS: usize = 100;
/// What was built: another means another page.
const BUILD: &str = env!("CARGO_PKG_VERSION");

/// One client.
pub(super) struct Session {
    live: Arc<Live>,
    /// What feeds it: the server's stage or its own replay.
    feed: Feed,
    beats: watch::Receiver<Beat>,
    /// By the client's numbers.
    subscriptions: BTreeMap<u64, Subscription>,
    /// Times the clock has moved since the client was told.
    moved: u32,
    /// By topic: several subscriptions to one topic read it once.
    readers: BTreeMap<Arc<str>, Following>,
}

/// A topic that is read.
struct Following {
    reader: Reader,
    /// The run of numbers that the client was told of.
    epoch: Arc<str>,
}

enum Feed {
    Shared(Arc<Stage>),
    Private(Replaying),
}

struct Subscription {
    topic: Arc<str>,
    asking: Asking,
    _counted: Counted,
}

/// What there is to tell.
#[derive(Debug, Default)]
pub(super) struct News {
    /// Texts, in order.
    pub(super) messages: Vec<Message>,
    /// An event channel that the client could not follow, and the last it had of it.
    pub(super) behind: Option<(Arc<str>, Cursor)>,
}

impl Session {
    /// A client of the server's stage.
    pub(super) fn new(live: Arc<Live>) -> Self {
        let feed = Feed::Shared(live.app.stage.clone());
        let beats = live.app.stage.beats();
        Self { live, feed, beats, moved: 0, subscriptions: BTreeMap::new(), readers: BTreeMap::new() }
    }

    fn stage(&self) -> &Stage {
        match &self.feed {
            Feed::Shared(stage) => stage,
            Feed::Private(replaying) => &replaying.stage,
        }
    }

    /// What a client is told first.
    pub(super) fn hello(&self) -> Frame {
        let version = env!("CARGO_PKG_VERSION");
        frame::text(&json!({
            "op": "hello",
            "version": version,
            "build": BUILD,
            "clock": self.stage().clock(),
        }))
    }

    /// That all is well.
    pub(super) fn heartbeat(&self) -> Frame {
        self.beats.borrow().heartbeat.clone()
    }

    /// Ready when there may be news.
    pub(super) async fn wait(&mut self) {
        if self.beats.changed().await.is_err() {
            // The stage is gone, and with it all news.
            core::future::pending::<()>().await;
        }
    }

    /// The clock as a text, if it has moved: a replay's own client sees every beat, everybody else every fourth.
    pub(super) fn clock_moved(&mut self) -> Option<Frame> {
        let beat = self.beats.borrow_and_update();
        if !beat.moved {
            return None;
        }
        self.moved += 1;
        let every = if matches!(self.feed, Feed::Private(_)) { 1 } else { 4 };
        if self.moved < every {
            return None;
        }
        self.moved = 0;
        Some(beat.clock.clone())
    }

    /// What has come since this was last called.
    pub(super) fn news(&mut self) -> News {
        let mut news = News::default();
        for (topic, following) in &mut self.readers {
            match following.reader.look() {
                Found::Nothing => {}
                Found::Messages(messages, conflated) => {
                    self.live.app.metrics.live.conflated.increment(conflated);
                    if let Some(first) = messages.first().filter(|first| first.epoch != following.epoch) {
                        // Time has jumped: what was held means nothing any more.
                        following.epoch = first.epoch.clone();
                        let ids = self.subscriptions.iter().filter(|(_, other)| other.topic == *topic);
                        let told = ids.map(|(id, _)| Message {
                            op: "subscribed",
                            epoch: first.epoch.clone(),
                            seq: 0,
                            text: subscribed(*id, topic, &first.epoch, false),
                        });
                        news.messages.extend(told);
                    }
                    news.messages.extend(messages);
                }
                Found::Behind(cursor) => news.behind = Some((topic.clone(), cursor)),
            }
        }
        news
    }

    /// Answers what a client said. What was not understood at all is an error that counts against it.
    pub(super) async fn hear(&mut self, text: &str) -> Result<Vec<Frame>, Frame> {
        let said: Incoming = match serde_json::from_str(text) {
            Ok(said) => said,
            Err(error) => return Err(problem(None, &not_understood(&error))),
        };
        let id = said.id();
        let answered = match said {
            Incoming::Ping { t } => Ok(vec![frame::text(&json!({ "op": "pong", "t": t }))]),
            Incoming::Subscribe { id, channel, symbol, params, resume } => {
                self.subscribe(id, &channel, symbol.as_deref(), params, resume).await
            }
            Incoming::Unsubscribe { id } => self.unsubscribe(id),
            Incoming::Replay(order) => self.replay(&order),
        };
        Ok(answered.unwrap_or_else(|failure| vec![problem(id, &failure)]))
    }

    /// Subscribes; the answer comes before the first document.
    pub(super) async fn subscribe(
        &mut self,
        id: u64,
        channel: &str,
        symbol: Option<&str>,
        params: BTreeMap<String, Param>,
        resume: Option<Resume>,
    ) -> Result<Vec<Frame>, Failure> {
        if self.subscriptions.contains_key(&id) {
            return Err(Failure::usage(
                "id-in-use",
                format!("There is a subscription {id} already."),
                "Each has a number of its own.",
                "Choose another number, or end that one first.",
            ));
        }
        if self.subscriptions.len() >= MOST_SUBSCRIPTIONS {
            return Err(Failure::usage(
                "too-many-subscriptions",
                format!("There are {MOST_SUBSCRIPTIONS} subscriptions already."),
                "A socket has no more.",
                "End one first, or open another socket.",
            )
            .detail("limit", MOST_SUBSCRIPTIONS as u64)
            .detail("wanted", MOST_SUBSCRIPTIONS as u64 + 1));
        }
        let parameters: Parameters = params.into_iter().map(|(name, value)| (name, value.text())).collect();
        let asking = Asking::parse(channel, symbol, &parameters, self.stage().now())?;
        let canonical = match &asking {
            Asking::Overview | Asking::Health => None,
            _ => Some(self.canonical(&asking).await?),
        };
        let topic = name(channel, canonical.as_deref(), &parameters);
        let resume = resume.map(|Resume { epoch, seq }| Cursor { epoch: epoch.into(), seq });
        let counted = self.live.app.metrics.live.subscriptions.count();
        let subscription = Subscription { topic: topic.as_str().into(), asking, _counted: counted };
        let following = self.read(&subscription, resume)?;
        let reply = subscribed(id, &subscription.topic, &following.epoch, following.reader.resumed());
        self.subscriptions.insert(id, subscription);
        Ok(vec![reply])
    }

    /// The name of the market that was meant, if there is one.
    async fn canonical(&self, asking: &Asking) -> Result<String, Failure> {
        let Some(whom) = asking.whom() else { return Ok(String::new()) };
        // Whether it can be answered now is another question; the newest moment says whether it ever can.
        let scope = Scope { as_of: AsOf::Newest, ..whom.scope(None) };
        let (recording, symbol) = (self.live.recording.clone(), whom.symbol.clone());
        let opened = tokio::task::spawn_blocking(move || recording.open(&symbol, &scope)).await;
        let opened = opened.map_err(|error| Failure::internal("The market was not looked up.", error))?;
        Ok(opened?.subject.symbol)
    }

    /// Reads a topic, together with whoever of this client reads it already.
    fn read(&mut self, subscription: &Subscription, resume: Option<Cursor>) -> Result<&Following, Failure> {
        let topic = &subscription.topic;
        if let Some(following) = self.readers.get_mut(topic) {
            // One more subscription to it: it begins with a document, which is good for all.
            following.reader.rewind();
        } else {
            let reader = self.stage().subscribe(topic, &subscription.asking, resume);
            let reader = reader.map_err(|_| too_many_topics())?;
            let epoch = reader.epoch();
            self.readers.insert(topic.clone(), Following { reader, epoch });
        }
        self.readers.get(topic).ok_or_else(|| Failure::internal("The topic is missing.", topic))
    }

    fn unsubscribe(&mut self, id: u64) -> Result<Vec<Frame>, Failure> {
        let Some(Subscription { topic, .. }) = self.subscriptions.remove(&id) else {
            return Err(Failure::usage(
                "id-unknown",
                format!("There is no subscription {id}."),
                "It was not made, or has ended.",
                "Nothing needs to be done.",
            ));
        };
        if !self.subscriptions.values().any(|other| other.topic == topic) {
            self.readers.remove(&topic);
        }
        Ok(vec![frame::text(&json!({ "op": "unsubscribed", "id": id, "topic": &*topic }))])
    }

    /// Starts, sets or ends a replay of this client's own.
    fn replay(&mut self, order: &ReplayOrder) -> Result<Vec<Frame>, Failure> {
        let time = |text: &Option<String>| text.as_deref().map(|text| self.time(text)).transpose();
        let (from, seek) = (time(&order.from)?, time(&order.seek)?);
        let speed = order.speed.map(speed).transpose()?;
        let contradiction = [order.from.is_some(), order.seek.is_some(), order.end == Some(true)];
        if contradiction.iter().filter(|given| **given).count() > 1 {
            return Err(Failure::usage(
                "replay-contradiction",
                "A replay was told two things that do not go together.",
                "`from` starts one, `seek` jumps in it, `end` ends it.",
                "Say one of them at a time.",
            ));
        }
        if order.end == Some(true) {
            let shared = Feed::Shared(self.live.app.stage.clone());
            return self.switch(shared);
        }
        let control = Control { playing: order.playing, speed, seek: seek.or(from) };
        match (&self.feed, from) {
            (Feed::Private(replaying), _) => {
                // Starting again is a jump, and goes on playing.
                let playing = control.playing.or(from.map(|_| true));
                replaying.stage.control(Control { playing, ..control }).map_err(|error| refused(&error))?;
                Ok(Vec::new())
            }
            (Feed::Shared(_), Some(from)) => {
                let replaying = self.live.replay(from, speed.unwrap_or(Speed::REAL))?;
                if order.playing == Some(false) {
                    let pause = Control { playing: Some(false), ..Control::default() };
                    replaying.stage.control(pause).map_err(|error| refused(&error))?;
                }
                self.switch(Feed::Private(replaying))
            }
            (Feed::Shared(_), None) => Err(refused(&crate::stage::clock::ClockError::NotAReplay)),
        }
    }

    /// Has everything fed by another stage. What was read of the old one has nothing to do with the new one.
    fn switch(&mut self, feed: Feed) -> Result<Vec<Frame>, Failure> {
        self.readers.clear();
        self.feed = feed;
        self.beats = self.stage().beats();
        let mut frames = vec![self.beats.borrow_and_update().clock.clone()];
        let mut failed = Ok(());
        for (id, subscription) in core::mem::take(&mut self.subscriptions) {
            match self.read(&subscription, None) {
                Ok(following) => {
                    frames.push(subscribed(id, &subscription.topic, &following.epoch, false));
                    self.subscriptions.insert(id, subscription);
                }
                Err(failure) => failed = Err(failure),
            }
        }
        failed.map(|()| frames)
    }

    fn time(&self, text: &str) -> Result<Timestamp, Failure> {
        moment(text, self.stage().now())
    }
}

fn subscribed(id: u64, topic: &str, epoch: &str, resumed: bool) -> Frame {
    frame::text(&json!({ "op": "subscribed", "id": id, "topic": topic, "epoch": epoch, "resumed": resumed }))
}

/// An error as a client gets it.
pub(super) fn problem(id: Option<u64>, failure: &Failure) -> Frame {
    let problem = super::problem(failure);
    let message = match id {
        Some(id) => json!({ "op": "error", "id": id, "problem": problem }),
        None => json!({ "op": "error", "problem": problem }),
    };
    frame::text(&message)
}

fn speed(speed: f64) -> Result<Speed, Failure> {
    Speed::new(speed).ok_or_else(|| {
        Failure::usage(
            "speed-out-of-range",
            format!("A replay does not go at {speed} times the speed of time."),
            "It goes at 1 to 1,000 times.",
            "Choose a speed between them.",
        )
        .detail("limit", Value::from(Speed::MOST))
        .detail("wanted", Value::from(speed))
    })
}

fn not_understood(error: &serde_json::Error) -> Failure {
    Failure::usage(
        "message-not-understood",
        "The message was not understood.",
        format!("{error}."),
        "Messages are JSON objects such as {\"op\":\"subscribe\",\"id\":1,\"channel\":\"map\",\"symbol\":\"BTC\"}.",
    )
}

fn too_many_topics() -> Failure {
    Failure::new(
        Kind::Usage,
        "too-many-topics",
        "The server does not keep up more different questions.",
        "Each different question of all clients is one topic, and their number is limited.",
        "Leave parameters away so that the question is one that others ask too, or try again later.",
    )
    .detail("limit", crate::stage::topics::MOST_TOPICS as u64)
}
