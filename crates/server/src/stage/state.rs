//! A channel of which only the newest matters: its document, and how it came from the ones before.
//!
//! Memory does not depend on how many read, or how slowly: a topic keeps its newest document and a bounded run of
//! deltas. Who is behind by less than a document gets the deltas, who is further behind gets the document.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;

use super::delta::delta;
use super::frame::{self, Body, Message};

/// Bytes of deltas a topic keeps for readers that come back.
const RING_BYTES: usize = 256 << 10;
/// Deltas it keeps at most.
const RING_LEN: usize = 1_024;

/// How far a reader has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// Which run of numbers.
    pub epoch: Arc<str>,
    /// Number of the newest that was read.
    pub seq: u64,
}

/// A state channel's topic.
#[derive(Debug)]
pub struct StateTopic {
    name: Arc<str>,
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    epoch: Arc<str>,
    seq: u64,
    newest: Option<Newest>,
    /// Deltas that lead without a hole to the newest document, oldest first.
    ring: VecDeque<Message>,
    ring_bytes: usize,
}

#[derive(Debug, Clone)]
struct Newest {
    message: Message,
    /// Where the JSON stands in its text.
    json: Range<usize>,
    /// `None` of a problem.
    document: Option<Arc<Value>>,
}

/// What a reader gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missed {
    /// Texts, in order.
    pub messages: Vec<Message>,
    /// Where the reader is then.
    pub cursor: Cursor,
    /// Documents it will never have seen.
    pub conflated: u64,
}

/// What was published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Published {
    /// Its number.
    pub seq: u64,
    /// Whether it went out as a delta.
    pub delta: bool,
}

impl StateTopic {
    /// Nothing published yet.
    pub fn new(name: Arc<str>, epoch: Arc<str>) -> Self {
        let inner = Inner { epoch, seq: 0, newest: None, ring: VecDeque::new(), ring_bytes: 0 };
        Self { name, inner: Mutex::new(inner) }
    }

    /// Begins anew: what was published before has nothing to do with what follows.
    pub fn begin(&self, epoch: Arc<str>) {
        let mut inner = self.lock();
        inner.forget_deltas();
        (inner.epoch, inner.seq, inner.newest) = (epoch, 0, None);
    }

    /// The run of numbers published now.
    pub fn epoch(&self) -> Arc<str> {
        self.lock().epoch.clone()
    }

    /// Publishes a document or a problem, unless the newest is the same. `at_ms` is the time, milliseconds since
    /// 1970. Only one may publish at a time.
    pub fn publish(&self, body: Body<'_>, at_ms: u64) -> Option<Published> {
        let json = body.json().trim_end();
        let (epoch, seq, newest) = {
            let inner = self.lock();
            (inner.epoch.clone(), inner.seq + 1, inner.newest.clone())
        };
        if newest.as_ref().is_some_and(|newest| newest.json() == json) {
            return None;
        }
        let document = match body {
            Body::Document(json) => serde_json::from_str::<Value>(json).ok().map(Arc::new),
            Body::Problem(_) => None,
        };
        let before = newest.and_then(|newest| newest.document);
        let patch =
            before.zip(document.as_ref()).and_then(|(before, after)| delta(&before, after, json.len()));
        let patch = patch.map(|patch| frame::delta(&self.name, &epoch, seq, at_ms, &patch));
        let message = frame::snapshot(&self.name, &epoch, seq, at_ms, body);
        // Only a brace comes after it.
        let end = message.text.len().saturating_sub(1);
        let json = end.saturating_sub(json.len())..end;

        let published = Published { seq, delta: patch.is_some() };
        let mut inner = self.lock();
        match patch {
            Some(patch) => inner.remember(patch),
            None => inner.forget_deltas(),
        }
        inner.newest = Some(Newest { message, json, document });
        inner.seq = seq;
        Some(published)
    }

    /// What came after a cursor; `None` if nothing did. Without a cursor, or with one that is not known any more, it
    /// is the newest document.
    pub fn since(&self, cursor: Option<&Cursor>) -> Option<Missed> {
        let inner = self.lock();
        let newest = inner.newest.as_ref()?;
        let here = Cursor { epoch: inner.epoch.clone(), seq: inner.seq };
        let known = cursor.filter(|cursor| cursor.epoch == here.epoch && cursor.seq <= here.seq);
        let behind = known.map_or(0, |cursor| here.seq - cursor.seq);
        if known.is_some() && behind == 0 {
            return None;
        }
        if let (Some(_), Ok(behind)) = (known, usize::try_from(behind))
            && let Some(first) = inner.ring.len().checked_sub(behind)
        {
            let deltas = inner.ring.range(first..);
            // A single one is always shorter than the document.
            if behind == 1
                || deltas.clone().map(|delta| delta.text.len()).sum::<usize>() < newest.message.text.len()
            {
                return Some(Missed { messages: deltas.cloned().collect(), cursor: here, conflated: 0 });
            }
        }
        let conflated = behind.saturating_sub(1);
        Some(Missed { messages: vec![newest.message.clone()], cursor: here, conflated })
    }

    /// The newest document's text as it was published, if it is one.
    pub fn document(&self) -> Option<String> {
        let inner = self.lock();
        let newest = inner.newest.as_ref().filter(|newest| newest.document.is_some())?;
        Some(newest.json().to_owned())
    }

    /// Bytes held, without the parsed document, which is a small multiple of its text.
    pub fn bytes(&self) -> usize {
        let inner = self.lock();
        inner.ring_bytes + inner.newest.as_ref().map_or(0, |newest| newest.message.text.len())
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // Every change is made after everything that can fail.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Newest {
    fn json(&self) -> &str {
        self.message.text.as_str().get(self.json.clone()).unwrap_or_default()
    }
}

impl Inner {
    fn forget_deltas(&mut self) {
        self.ring.clear();
        self.ring_bytes = 0;
    }

    fn remember(&mut self, patch: Message) {
        self.ring_bytes += patch.text.len();
        self.ring.push_back(patch);
        while self.ring_bytes > RING_BYTES || self.ring.len() > RING_LEN {
            let Some(oldest) = self.ring.pop_front() else { break };
            self.ring_bytes -= oldest.text.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn topic() -> StateTopic {
        StateTopic::new("map:BTC".into(), "e1".into())
    }

    /// A document of about 900 bytes of which `n` is the part that changes.
    fn document(n: u64) -> String {
        json!({ "n": n, "rest": vec!["unchanged"; 75] }).to_string()
    }

    fn publish(topic: &StateTopic, n: u64) {
        topic.publish(Body::Document(&document(n)), 5).unwrap();
    }

    fn cursor(seq: u64) -> Cursor {
        Cursor { epoch: "e1".into(), seq }
    }

    /// A reader as the page is one: it knows a document and applies what it gets.
    #[derive(Default)]
    struct Reader {
        cursor: Option<Cursor>,
        seq: u64,
        document: Value,
    }

    impl Reader {
        fn read(&mut self, topic: &StateTopic) -> Option<Vec<String>> {
            let missed = topic.since(self.cursor.as_ref())?;
            let mut ops = Vec::new();
            for sent in &missed.messages {
                let mut message: Value = serde_json::from_str(sent.text.as_str()).unwrap();
                let seq = message["seq"].as_u64().unwrap();
                let op = message["op"].as_str().unwrap().to_owned();
                assert_eq!(message["topic"], "map:BTC");
                assert_eq!((sent.op, sent.seq), (op.as_str(), seq));
                if op == "delta" {
                    assert_eq!(seq, self.seq + 1);
                    let patch = serde_json::from_value::<json_patch::Patch>(message["patch"].take()).unwrap();
                    json_patch::patch(&mut self.document, &patch).unwrap();
                } else {
                    self.document = message["data"].take();
                }
                self.seq = seq;
                ops.push(op);
            }
            assert_eq!(self.seq, missed.cursor.seq);
            self.cursor = Some(missed.cursor);
            Some(ops)
        }
    }

    #[test]
    fn first_the_document_then_what_changed() {
        let (topic, mut reader) = (topic(), Reader::default());
        assert_eq!(reader.read(&topic), None);
        publish(&topic, 1);
        assert_eq!(reader.read(&topic).unwrap(), ["snapshot"]);
        assert_eq!(reader.read(&topic), None);
        publish(&topic, 2);
        assert_eq!(reader.read(&topic).unwrap(), ["delta"]);
        assert_eq!(reader.document, serde_json::from_str::<Value>(&document(2)).unwrap());
    }

    #[test]
    fn the_document_stands_in_the_frame_byte_for_byte() {
        let topic = topic();
        let text = "{\"price\":\"70000.0\",\"usd\":1.50}\n";
        topic.publish(Body::Document(text), 5).unwrap();
        let frame = topic.since(None).unwrap().messages[0].text.clone();
        assert!(frame.as_str().ends_with("\"at\":5,\"data\":{\"price\":\"70000.0\",\"usd\":1.50}}"));
        assert_eq!(topic.document().unwrap(), text.trim_end());
    }

    #[test]
    fn the_same_document_is_not_published_twice() {
        let topic = topic();
        assert_eq!(topic.publish(Body::Document("{\"a\":1}\n"), 5), Some(Published { seq: 1, delta: false }));
        assert_eq!(topic.publish(Body::Document("{\"a\":1}\n"), 5), None);
        assert_eq!(topic.publish(Body::Problem("{\"code\":\"withheld\"}"), 5).unwrap().seq, 2);
        assert_eq!(topic.publish(Body::Problem("{\"code\":\"withheld\"}"), 5), None);
    }

    #[test]
    fn a_slow_reader_gets_the_newest_and_nothing_piles_up() {
        let (topic, mut reader) = (topic(), Reader::default());
        publish(&topic, 0);
        reader.read(&topic);
        for n in 1..=10_000 {
            publish(&topic, n);
        }
        let held = topic.bytes();
        assert!(held <= RING_BYTES + 2_000, "{held}");
        let missed = topic.since(reader.cursor.as_ref()).unwrap();
        assert_eq!((missed.messages.len(), missed.conflated), (1, 9_999));
        assert_eq!(reader.read(&topic).unwrap(), ["snapshot"]);
        assert_eq!(reader.document["n"], 10_000);
    }

    #[test]
    fn who_comes_back_gets_what_was_missed() {
        let topic = topic();
        (1..=5).for_each(|n| publish(&topic, n));
        let missed = topic.since(Some(&cursor(3))).unwrap();
        assert_eq!(missed.messages.len(), 2);
        assert!(missed.messages.iter().all(|message| message.op == "delta"));
        assert_eq!(missed.cursor, cursor(5));
        assert_eq!(topic.since(Some(&cursor(5))), None);
        // Numbers that were never given, and other runs of them.
        for strange in [cursor(6), cursor(u64::MAX), Cursor { epoch: "e0".into(), seq: 4 }] {
            let missed = topic.since(Some(&strange)).unwrap();
            assert!(missed.messages[0].text.as_str().contains("\"op\":\"snapshot\""), "{strange:?}");
        }
    }

    #[test]
    fn a_problem_takes_the_documents_place_and_makes_way_for_it() {
        let (topic, mut reader) = (topic(), Reader::default());
        publish(&topic, 1);
        reader.read(&topic);
        topic.publish(Body::Problem("{\"code\":\"withheld\"}"), 5).unwrap();
        let frame = topic.since(reader.cursor.as_ref()).unwrap().messages[0].text.clone();
        assert!(frame.as_str().ends_with("\"seq\":2,\"at\":5,\"problem\":{\"code\":\"withheld\"}}"));
        assert_eq!(topic.document(), None);
        publish(&topic, 3);
        assert_eq!(reader.read(&topic).unwrap(), ["snapshot"]);
    }

    #[test]
    fn a_new_epoch_begins_with_a_document() {
        let (topic, mut reader) = (topic(), Reader::default());
        publish(&topic, 1);
        reader.read(&topic);
        topic.begin("e2".into());
        assert_eq!(reader.read(&topic), None);
        publish(&topic, 2);
        assert_eq!(reader.read(&topic).unwrap(), ["snapshot"]);
        assert_eq!(reader.cursor, Some(Cursor { epoch: "e2".into(), seq: 1 }));
    }

    proptest! {
        /// However publishing and reading interleave, a reader has the newest document.
        #[test]
        fn every_reader_has_the_newest(
            steps in prop::collection::vec((0..5_u8, 0..4_usize, 0..30_u64), 1..60),
        ) {
            let topic = topic();
            let mut readers: Vec<Reader> = (0..4).map(|_| Reader::default()).collect();
            let mut epoch = 0;
            for (what, reader, n) in steps {
                match what {
                    0 => {
                        epoch += 1;
                        topic.begin(format!("x{epoch}").into());
                    }
                    1 => { topic.publish(Body::Problem("{}"), 5); }
                    2 | 3 => {
                        let list: Vec<u64> = (0..n).collect();
                        let document = json!({ "n": n, "list": list, "rest": vec!["unchanged"; 20] });
                        topic.publish(Body::Document(&document.to_string()), 5);
                    }
                    _ => {
                        let reader = &mut readers[reader];
                        reader.read(&topic);
                        if let Some(document) = topic.document() {
                            prop_assert_eq!(&reader.document, &serde_json::from_str::<Value>(&document).unwrap());
                        }
                    }
                }
            }
        }
    }
}
