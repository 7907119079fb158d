//! What is subscribed to: topics by name, and who reads them.
//!
//! A topic exists while somebody reads it and a little longer, so that a reader that comes back finds the deltas it
//! missed. Whoever subscribes to the same question reads the same topic: it is computed once.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::asking::Asking;
use super::events::{EventTopic, Next, Room};
use super::frame::Message;
use super::state::{Cursor, StateTopic};

/// Topics a stage has at most.
pub const MOST_TOPICS: usize = 256;

/// A topic.
#[derive(Debug)]
pub struct Topic {
    /// `map:BTC?within=5%25`.
    pub name: Arc<str>,
    /// What is published.
    pub asking: Asking,
    /// How.
    pub channel: Channel,
    readers: AtomicUsize,
    /// Nobody read it for a while: what it holds is old until the stage has seen to it.
    asleep: AtomicBool,
}

/// How a topic is published.
#[derive(Debug)]
pub enum Channel {
    /// Only the newest matters.
    State(StateTopic),
    /// Every event matters.
    Events(EventTopic),
}

/// The topics of a stage.
#[derive(Debug)]
pub struct Topics {
    by_name: Mutex<BTreeMap<Arc<str>, Arc<Topic>>>,
    epochs: Arc<Epochs>,
    room: Room,
}

/// Names for runs of numbers, none of which is given twice.
#[derive(Debug)]
pub struct Epochs {
    boot: u64,
    next: std::sync::atomic::AtomicU64,
}

/// There are as many topics as there may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooManyTopics;

/// A reader of a topic.
#[derive(Debug)]
pub struct Reader {
    topic: Arc<Topic>,
    cursor: Option<Cursor>,
    resumed: bool,
}

/// What a reader finds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// Nothing new.
    Nothing,
    /// Texts, in order, and how many documents were left out before them.
    Messages(Vec<Message>, u64),
    /// The reader fell behind an event channel; the last it read.
    Behind(Cursor),
}

impl Epochs {
    /// `boot` differs between runs of the program.
    pub const fn new(boot: u64) -> Self {
        Self { boot, next: std::sync::atomic::AtomicU64::new(0) }
    }

    /// A new one.
    pub fn next(&self) -> Arc<str> {
        format!("{:x}.{:x}", self.boot, self.next.fetch_add(1, Ordering::Relaxed)).into()
    }
}

impl Topics {
    /// None yet. Event channels keep as much as there is room for.
    pub const fn new(epochs: Arc<Epochs>, room: Room) -> Self {
        Self { by_name: Mutex::new(BTreeMap::new()), epochs, room }
    }

    /// Subscribes, from where a reader was if it says so and that is still known.
    pub fn subscribe(
        &self,
        name: &str,
        asking: &Asking,
        resume: Option<Cursor>,
    ) -> Result<Reader, TooManyTopics> {
        let mut by_name = self.lock();
        let topic = if let Some(topic) = by_name.get(name) {
            topic.clone()
        } else {
            if by_name.len() >= MOST_TOPICS {
                by_name.retain(|_, topic| topic.read());
            }
            if by_name.len() >= MOST_TOPICS {
                return Err(TooManyTopics);
            }
            let topic = Arc::new(Topic::new(name, asking, &self.epochs, self.room));
            by_name.insert(topic.name.clone(), topic.clone());
            topic
        };
        if topic.readers.fetch_add(1, Ordering::AcqRel) == 0 {
            topic.asleep.store(true, Ordering::Release);
        }
        drop(by_name);
        let (cursor, resumed) = match (&topic.channel, resume) {
            (Channel::State(_), None) => (None, false),
            (Channel::State(state), Some(cursor)) => {
                let known = *state.epoch() == *cursor.epoch;
                (Some(cursor), known)
            }
            (Channel::Events(events), resume) => match resume.filter(|at| events.since(at) != Next::Lost) {
                Some(cursor) => (Some(cursor), true),
                None => (Some(events.end()), false),
            },
        };
        Ok(Reader { topic, cursor, resumed })
    }

    /// All of them, by name.
    pub fn all(&self) -> Vec<Arc<Topic>> {
        self.lock().values().cloned().collect()
    }

    /// Forgets a topic that nobody reads.
    pub fn forget(&self, name: &str) {
        let mut by_name = self.lock();
        if by_name.get(name).is_some_and(|topic| !topic.read()) {
            by_name.remove(name);
        }
    }

    /// A new run of numbers for a topic.
    pub fn begin(&self, topic: &Topic) {
        let epoch = self.epochs.next();
        match &topic.channel {
            Channel::State(state) => state.begin(epoch),
            Channel::Events(events) => events.begin(epoch),
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Arc<str>, Arc<Topic>>> {
        // Entries are inserted and removed whole.
        self.by_name.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Topic {
    fn new(name: &str, asking: &Asking, epochs: &Epochs, room: Room) -> Self {
        let (name, epoch): (Arc<str>, _) = (name.into(), epochs.next());
        let channel = if asking.is_events() {
            Channel::Events(EventTopic::new(name.clone(), epoch, room))
        } else {
            Channel::State(StateTopic::new(name.clone(), epoch))
        };
        let (readers, asleep) = (AtomicUsize::new(0), AtomicBool::new(true));
        Self { name, asking: asking.clone(), channel, readers, asleep }
    }

    /// Whether anybody reads it.
    pub fn read(&self) -> bool {
        self.readers.load(Ordering::Acquire) > 0
    }

    /// Says that what it holds is what the stage would publish now.
    pub fn wake(&self) {
        self.asleep.store(false, Ordering::Release);
    }

    /// Whether it waits for the stage to see to it.
    pub fn asleep(&self) -> bool {
        self.asleep.load(Ordering::Acquire)
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        match &self.channel {
            Channel::State(state) => state.bytes(),
            Channel::Events(events) => events.bytes(),
        }
    }
}

impl Reader {
    /// The topic's name.
    pub fn name(&self) -> &Arc<str> {
        &self.topic.name
    }

    /// Whether it goes on from where the reader was.
    pub const fn resumed(&self) -> bool {
        self.resumed
    }

    /// The run of numbers it reads.
    pub fn epoch(&self) -> Arc<str> {
        match &self.topic.channel {
            Channel::State(state) => state.epoch(),
            Channel::Events(events) => events.end().epoch,
        }
    }

    /// What has come since it last looked.
    pub fn look(&mut self) -> Found {
        match &self.topic.channel {
            Channel::State(_) if self.topic.asleep() => Found::Nothing,
            Channel::State(state) => match state.since(self.cursor.as_ref()) {
                None => Found::Nothing,
                Some(missed) => {
                    self.cursor = Some(missed.cursor);
                    Found::Messages(missed.messages, missed.conflated)
                }
            },
            Channel::Events(events) => {
                let cursor = self.cursor.get_or_insert_with(|| events.end());
                match events.since(cursor) {
                    Next::Nothing => Found::Nothing,
                    Next::Events(messages, next) => {
                        *cursor = next;
                        Found::Messages(messages, 0)
                    }
                    // Time jumped: what follows has nothing to do with what was read.
                    Next::Lost if events.end().epoch != cursor.epoch => {
                        *cursor = Cursor { epoch: events.end().epoch, seq: 0 };
                        self.look()
                    }
                    Next::Lost => Found::Behind(cursor.clone()),
                }
            }
        }
    }

    /// Begins anew with the newest document; an event channel goes on as it is.
    pub fn rewind(&mut self) {
        if matches!(self.topic.channel, Channel::State(_)) {
            self.cursor = None;
        }
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.topic.readers.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::super::frame::Body;
    use super::*;

    fn topics() -> Topics {
        Topics::new(Arc::new(Epochs::new(7)), Room { events: 4, bytes: 1 << 20 })
    }

    fn document(topic: &Topic, json: &str) {
        let Channel::State(state) = &topic.channel else { panic!("a state channel") };
        state.publish(Body::Document(json), 5);
        topic.wake();
    }

    fn events(topic: &Topic, rows: &[&str]) {
        let Channel::Events(events) = &topic.channel else { panic!("an event channel") };
        events.publish(&rows.iter().map(|row| (*row).to_owned()).collect::<Vec<_>>(), 5);
    }

    #[test]
    fn the_same_question_is_one_topic() {
        let topics = topics();
        let first = topics.subscribe("map:BTC", &Asking::test("map"), None).unwrap();
        let second = topics.subscribe("map:BTC", &Asking::test("map"), None).unwrap();
        assert!(Arc::ptr_eq(&first.topic, &second.topic));
        assert_eq!(topics.all().len(), 1);
        drop(first);
        topics.forget("map:BTC");
        assert_eq!(topics.all().len(), 1);
        drop(second);
        topics.forget("map:BTC");
        assert!(topics.all().is_empty());
    }

    #[test]
    fn who_finds_an_old_topic_waits_for_it_to_be_seen_to() {
        let topics = topics();
        let mut reader = topics.subscribe("map:BTC", &Asking::test("map"), None).unwrap();
        document(&reader.topic, "{\"n\":1}");
        assert!(matches!(reader.look(), Found::Messages(..)));
        drop(reader);
        let mut reader = topics.subscribe("map:BTC", &Asking::test("map"), None).unwrap();
        assert_eq!(reader.look(), Found::Nothing);
        document(&reader.topic, "{\"n\":2}");
        let Found::Messages(messages, 0) = reader.look() else { panic!("a document") };
        assert!(messages[0].op == "snapshot" && messages[0].text.as_str().contains("\"n\":2"));
    }

    #[test]
    fn a_reader_that_comes_back_goes_on() {
        let topics = topics();
        let first = topics.subscribe("map:BTC", &Asking::test("map"), None).unwrap();
        let epoch = first.epoch();
        let long = "x".repeat(500);
        for n in 1..=3 {
            document(&first.topic, &format!("{{\"n\":{n},\"rest\":\"{long}\"}}"));
        }
        let resume = |epoch: &Arc<str>| Some(Cursor { epoch: epoch.clone(), seq: 1 });
        let mut again = topics.subscribe("map:BTC", &Asking::test("map"), resume(&epoch)).unwrap();
        assert!(again.resumed());
        let Found::Messages(messages, 0) = again.look() else { panic!("deltas") };
        assert_eq!(messages.len(), 2);
        let mut stranger = topics.subscribe("map:BTC", &Asking::test("map"), resume(&"0".into())).unwrap();
        assert!(!stranger.resumed());
        let Found::Messages(messages, _) = stranger.look() else { panic!("a document") };
        assert!(messages[0].op == "snapshot");
    }

    #[test]
    fn who_falls_behind_events_is_told_and_may_not_go_on() {
        let topics = topics();
        let mut slow = topics.subscribe("tape:BTC", &Asking::test("tape"), None).unwrap();
        events(&slow.topic, &["1", "2"]);
        assert!(matches!(slow.look(), Found::Messages(..)));
        events(&slow.topic, &["3", "4", "5", "6"]);
        events(&slow.topic, &["7"]);
        let last = Cursor { epoch: slow.epoch(), seq: 2 };
        assert_eq!(slow.look(), Found::Behind(last.clone()));
        let mut again = topics.subscribe("tape:BTC", &Asking::test("tape"), Some(last)).unwrap();
        assert!(!again.resumed());
        assert_eq!(again.look(), Found::Nothing);
        let in_time = Cursor { epoch: slow.epoch(), seq: 4 };
        let mut again = topics.subscribe("tape:BTC", &Asking::test("tape"), Some(in_time)).unwrap();
        assert!(again.resumed());
        assert!(matches!(again.look(), Found::Messages(messages, 0) if messages.len() == 2));
    }

    #[test]
    fn after_a_jump_events_begin_anew() {
        let topics = topics();
        let mut reader = topics.subscribe("tape:BTC", &Asking::test("tape"), None).unwrap();
        events(&reader.topic, &["1", "2"]);
        topics.begin(&reader.topic);
        assert_eq!(reader.look(), Found::Nothing);
        events(&reader.topic, &["8"]);
        let Found::Messages(messages, 0) = reader.look() else { panic!("events") };
        assert!(messages[0].text.as_str().contains("\"seq\":1,\"at\":5,\"data\":[8]"));
    }

    #[test]
    fn there_are_only_so_many_topics() {
        let topics = topics();
        let subscribe = |n: usize| topics.subscribe(&format!("map:{n}"), &Asking::test("map"), None);
        let mut readers: Vec<Reader> = (0..MOST_TOPICS).map(|n| subscribe(n).unwrap()).collect();
        assert_eq!(subscribe(MOST_TOPICS).unwrap_err(), TooManyTopics);
        // One that nobody reads makes room.
        readers.pop();
        readers.push(subscribe(MOST_TOPICS).unwrap());
        assert_eq!(topics.all().len(), MOST_TOPICS);
    }
}
