//! A stage whose time the test moves, and readers that keep documents as a page does.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use liqlens_ask::request::AsOf;
use liqlens_ask::{Asked, Failure, FromStart, Opened, Question, Scope, Silent, Source, Topic, open};
use liqlens_market::Timestamp;
use liqlens_query::View;
use liqlens_server::folds::{Folds, Wanted};
use liqlens_server::metrics::Metrics;
use liqlens_server::stage::asking::{Asking, Parameters, name};
use liqlens_server::stage::clock::{BEAT, Clock, Control, Speed};
use liqlens_server::stage::events::Room;
use liqlens_server::stage::player::{House, Player, Report, Turn};
use liqlens_server::stage::recorded::Recorded;
use liqlens_server::stage::topics::{Epochs, Found, Reader, Topics};
use serde_json::Value;

/// The bundled market, read once for all tests.
pub(crate) static SOURCE: LazyLock<Arc<Source>> = LazyLock::new(|| Arc::new(Source::open(None).unwrap()));
/// Its states, as requests keep them.
pub(crate) static FOLDS: LazyLock<Arc<Folds>> =
    LazyLock::new(|| Arc::new(Folds::new(SOURCE.clone(), 256 << 20)));

pub(crate) fn time(text: &str) -> Timestamp {
    Timestamp::parse_text(text).unwrap()
}

/// Ends of the bundled data.
pub(crate) fn bounds() -> (Timestamp, Timestamp) {
    let market = SOURCE.markets().unwrap()[0].market.clone();
    (SOURCE.first(&market).unwrap().unwrap(), SOURCE.newest(&market).unwrap().unwrap())
}

/// A server of which only a stage is there.
#[derive(Default)]
pub(crate) struct Bare {
    pub(crate) offered: AtomicU64,
}

impl House for Bare {
    fn problem(&self, failure: &Failure) -> String {
        serde_json::json!({ "code": failure.code }).to_string()
    }
    fn health(&self) -> Result<Vec<u8>, Failure> {
        Ok(b"{\"schema\":\"health/1\"}\n".to_vec())
    }
    fn offer(&self, _: &Opened, _: &Arc<View>) {
        self.offered.fetch_add(1, Ordering::Relaxed);
    }
    fn market(&self, _: &str, _: Duration, _: Duration) {}
    fn wall_ms(&self) -> u64 {
        0
    }
}

/// A stage without its thread.
pub(crate) struct Theatre {
    clock: Mutex<Clock>,
    pub(crate) topics: Topics,
    recording: Recorded,
    pub(crate) house: Bare,
    metrics: Metrics,
}

impl Theatre {
    pub(crate) fn new(clock: Clock, room: Room) -> Self {
        Self {
            clock: Mutex::new(clock),
            topics: Topics::new(Arc::new(Epochs::new(1)), room),
            recording: Recorded { source: SOURCE.clone(), folds: FOLDS.clone() },
            house: Bare::default(),
            metrics: Metrics::new(),
        }
    }

    /// Plays the bundled data.
    pub(crate) fn replay(from: &str, speed: f64) -> Self {
        let speed = Speed::new(speed).unwrap();
        Self::new(Clock::replay(bounds(), time(from), speed, false, Duration::ZERO).unwrap(), Room::STANDARD)
    }

    pub(crate) fn player(&self) -> Player<'_> {
        Player::new(&self.recording, &self.house, &self.clock, &self.topics, self.metrics.stage.clone())
    }

    pub(crate) fn control(&self, control: Control, at: Duration) {
        self.clock.lock().unwrap().control(control, at).unwrap();
    }

    pub(crate) fn subscribe(&self, channel: &str, parameters: &[(&str, &str)]) -> Page {
        let parameters: Parameters =
            parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let asking = Asking::parse(channel, Some("BTC"), &parameters, Timestamp::LATEST).unwrap();
        let name = name(channel, Some("BTC"), &parameters);
        Page::new(self.topics.subscribe(&name, &asking, None).unwrap())
    }

    /// The newest document of a topic, to the byte.
    pub(crate) fn document(&self, page: &Page) -> String {
        use liqlens_server::stage::topics::Channel;
        let topics = self.topics.all();
        let topic = topics.iter().find(|topic| topic.name == *page.reader.name()).unwrap();
        let Channel::State(state) = &topic.channel else { panic!("{} has no state", topic.name) };
        state.document().unwrap_or_else(|| panic!("{} has no document", topic.name))
    }
}

/// Lets a player come to rest at a moment: whatever it needs is there.
pub(crate) fn settle(player: &mut Player<'_>, at: Duration) -> Report {
    let mut published = false;
    // States come from threads of their own; they take a moment, and a bound that is never met.
    for _ in 0..20_000 {
        let report = player.turn(at);
        published |= report.published;
        match report.next {
            Turn::Now => {}
            Turn::At(next) if next < at + BEAT => std::thread::sleep(Duration::from_millis(2)),
            _ => return Report { published, ..report },
        }
    }
    panic!("the stage does not come to rest");
}

/// A reader that keeps the document as a page does.
pub(crate) struct Page {
    pub(crate) reader: Reader,
    pub(crate) document: Value,
    pub(crate) seq: u64,
    pub(crate) epoch: String,
    /// Number of messages by what they were.
    pub(crate) seen: BTreeMap<String, usize>,
    pub(crate) rows: Vec<Value>,
}

impl Page {
    fn new(reader: Reader) -> Self {
        let (document, epoch) = (Value::Null, String::new());
        Self { reader, document, seq: 0, epoch, seen: BTreeMap::new(), rows: Vec::new() }
    }

    /// Takes what has come; answers whether anything did.
    pub(crate) fn read(&mut self) -> bool {
        let Found::Messages(messages, _) = self.reader.look() else { return false };
        for message in messages {
            self.take(&serde_json::from_str(message.text.as_str()).unwrap());
        }
        true
    }

    fn take(&mut self, message: &Value) {
        let op = message["op"].as_str().unwrap();
        let (seq, epoch) = (message["seq"].as_u64().unwrap(), message["epoch"].as_str().unwrap());
        match op {
            "delta" => {
                assert_eq!((seq, epoch), (self.seq + 1, self.epoch.as_str()));
                let patch = serde_json::from_value::<json_patch::Patch>(message["patch"].clone()).unwrap();
                json_patch::patch(&mut self.document, &patch).unwrap();
            }
            "events" => self.rows.extend(message["data"].as_array().unwrap().iter().cloned()),
            _ => self.document = message.get("data").or(message.get("problem")).unwrap().clone(),
        }
        (self.seq, self.epoch) = (seq, epoch.to_owned());
        *self.seen.entry(op.to_owned()).or_default() += 1;
    }

    pub(crate) fn as_of(&self) -> Timestamp {
        time(self.document["as_of"].as_str().unwrap())
    }
}

/// What a request as of a moment gets.
pub(crate) fn requested(topic: Topic, parameters: &[(&str, &str)], at: Timestamp) -> String {
    let wanted = Wanted::default();
    let asked = Asked::new(opened(at), FOLDS.wanted_by(&wanted), false);
    let question = Question::parse(topic, parameters.iter().copied(), at).unwrap();
    String::from_utf8(asked.answer(&question).unwrap().json().unwrap()).unwrap()
}

/// The same, from the first event on.
pub(crate) fn from_start(topic: Topic, parameters: &[(&str, &str)], at: Timestamp) -> String {
    let asked = Asked::new(opened(at), FromStart::new(&SOURCE, &Silent), false);
    let question = Question::parse(topic, parameters.iter().copied(), at).unwrap();
    String::from_utf8(asked.answer(&question).unwrap().json().unwrap()).unwrap()
}

fn opened(at: Timestamp) -> Opened {
    let scope = Scope { as_of: AsOf::At(at), evidence: None, model: None };
    open(&SOURCE, "BTC", &scope).unwrap()
}
