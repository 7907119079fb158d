//! A channel of which every event matters: a bounded run of the newest ones.
//!
//! Events are never left out silently. Who has not read an event when it falls out of the run is told so and has to
//! begin anew; nothing is kept for a reader that does not read.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::frame::{self, Message};
use super::state::Cursor;

/// What a topic keeps.
#[derive(Debug, Clone, Copy)]
pub struct Room {
    /// Events.
    pub events: u64,
    /// Bytes of their texts.
    pub bytes: usize,
}

impl Room {
    /// What an event channel has: hours of the busiest market.
    pub const STANDARD: Self = Self { events: 10_000, bytes: 2 << 20 };
}

/// An event channel's topic.
#[derive(Debug)]
pub struct EventTopic {
    name: Arc<str>,
    room: Room,
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    epoch: Arc<str>,
    /// Number of the newest event.
    seq: u64,
    batches: VecDeque<Batch>,
    bytes: usize,
}

/// Events that were published together.
#[derive(Debug, Clone)]
struct Batch {
    /// Number of the event before the first.
    after: u64,
    message: Message,
}

/// What a reader finds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// Nothing new.
    Nothing,
    /// Texts, in order, and where the reader is then.
    Events(Vec<Message>, Cursor),
    /// Events that it has not read are gone, or its numbers are not those of this run.
    Lost,
}

impl EventTopic {
    /// Nothing published yet.
    pub fn new(name: Arc<str>, epoch: Arc<str>, room: Room) -> Self {
        let inner = Inner { epoch, seq: 0, batches: VecDeque::new(), bytes: 0 };
        Self { name, room, inner: Mutex::new(inner) }
    }

    /// Begins anew: what was published before has nothing to do with what follows.
    pub fn begin(&self, epoch: Arc<str>) {
        let mut inner = self.lock();
        *inner = Inner { epoch, seq: 0, batches: VecDeque::new(), bytes: 0 };
    }

    /// Where a reader is that has read everything.
    pub fn end(&self) -> Cursor {
        let inner = self.lock();
        Cursor { epoch: inner.epoch.clone(), seq: inner.seq }
    }

    /// Publishes events, each a JSON text, oldest first; `at_ms` is the time, milliseconds since 1970.
    pub fn publish(&self, rows: &[String], at_ms: u64) {
        let mut inner = self.lock();
        // More at once than there is room for would leave at once again: they go out in parts.
        let part = usize::try_from(self.room.events / 2).unwrap_or(usize::MAX).max(1);
        for rows in rows.chunks(part) {
            let after = inner.seq;
            inner.seq += u64::try_from(rows.len()).unwrap_or(0);
            let text = format!("[{}]", rows.join(","));
            let message = frame::events(&self.name, &inner.epoch, inner.seq, at_ms, &text);
            inner.bytes += message.text.len();
            inner.batches.push_back(Batch { after, message });
        }
        inner.drop_oldest(self.room);
    }

    /// What came after a cursor.
    pub fn since(&self, cursor: &Cursor) -> Next {
        let inner = self.lock();
        if cursor.epoch != inner.epoch || cursor.seq > inner.seq {
            return Next::Lost;
        }
        if cursor.seq == inner.seq {
            return Next::Nothing;
        }
        let first = inner.batches.partition_point(|batch| batch.after < cursor.seq);
        match inner.batches.get(first) {
            // Readers get whole batches, so that theirs is the number before one.
            Some(batch) if batch.after == cursor.seq => {
                let messages = inner.batches.range(first..).map(|batch| batch.message.clone()).collect();
                Next::Events(messages, Cursor { epoch: cursor.epoch.clone(), seq: inner.seq })
            }
            _ => Next::Lost,
        }
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        self.lock().bytes
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // A panic between two changes would leave at worst a number of bytes that is too large.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn drop_oldest(&mut self, room: Room) {
        while let Some(oldest) = self.batches.front() {
            if self.seq - oldest.after <= room.events && self.bytes <= room.bytes {
                break;
            }
            self.bytes = self.bytes.saturating_sub(oldest.message.text.len());
            self.batches.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    fn topic(events: u64) -> EventTopic {
        EventTopic::new("tape:BTC".into(), "e1".into(), Room { events, bytes: 1 << 20 })
    }

    fn publish(topic: &EventTopic, rows: impl Iterator<Item = u64>) {
        topic.publish(&rows.map(|row| row.to_string()).collect::<Vec<_>>(), 5);
    }

    fn rows(messages: &[Message]) -> Vec<u64> {
        let read = |message: &Message| serde_json::from_str::<Value>(message.text.as_str()).unwrap();
        messages
            .iter()
            .flat_map(|message| read(message)["data"].as_array().unwrap().clone())
            .map(|row| row.as_u64().unwrap())
            .collect()
    }

    #[test]
    fn a_reader_gets_every_event_once_and_in_order() {
        let topic = topic(100);
        let cursor = topic.end();
        assert_eq!(topic.since(&cursor), Next::Nothing);
        publish(&topic, 1..4);
        publish(&topic, 4..6);
        let Next::Events(messages, cursor) = topic.since(&cursor) else { panic!("there are events") };
        assert_eq!(rows(&messages), [1, 2, 3, 4, 5]);
        assert_eq!(
            messages[1].text.as_str(),
            r#"{"op":"events","topic":"tape:BTC","epoch":"e1","seq":5,"at":5,"data":[4,5]}"#
        );
        assert_eq!((cursor.seq, topic.since(&cursor)), (5, Next::Nothing));
    }

    #[test]
    fn who_comes_late_is_told_so() {
        let topic = topic(10);
        let cursor = topic.end();
        publish(&topic, 0..4);
        publish(&topic, 4..8);
        assert!(matches!(topic.since(&cursor), Next::Events(..)));
        publish(&topic, 8..12);
        assert_eq!(topic.since(&cursor), Next::Lost);
        // Who has read the first four is still in time.
        let cursor = Cursor { seq: 4, ..cursor };
        let Next::Events(messages, _) = topic.since(&cursor) else { panic!("there are events") };
        assert_eq!(rows(&messages), (4..12).collect::<Vec<_>>());
    }

    #[test]
    fn foreign_numbers_are_refused() {
        let topic = topic(100);
        publish(&topic, 0..4);
        publish(&topic, 4..8);
        for seq in [1, 9, u64::MAX] {
            assert_eq!(topic.since(&Cursor { epoch: "e1".into(), seq }), Next::Lost, "{seq}");
        }
        assert_eq!(topic.since(&Cursor { epoch: "e0".into(), seq: 4 }), Next::Lost);
        topic.begin("e2".into());
        assert_eq!(topic.since(&Cursor { epoch: "e1".into(), seq: 8 }), Next::Lost);
        assert_eq!(topic.end(), Cursor { epoch: "e2".into(), seq: 0 });
    }

    proptest! {
        #[test]
        fn memory_is_bounded_and_no_event_is_left_out(
            batches in prop::collection::vec(0..40_u64, 1..40),
            reads in prop::collection::vec(any::<bool>(), 40),
        ) {
            let topic = topic(50);
            let mut cursor = topic.end();
            let (mut read, mut sent) = (0, 0);
            for (len, reads) in batches.into_iter().zip(reads) {
                publish(&topic, sent..sent + len);
                sent += len;
                prop_assert!(topic.bytes() < 50 * 2 * 80 + 4_000);
                if reads {
                    match topic.since(&cursor) {
                        Next::Nothing => prop_assert_eq!(read, sent),
                        Next::Events(messages, next) => {
                            prop_assert_eq!(rows(&messages), (read..sent).collect::<Vec<_>>());
                            (read, cursor) = (sent, next);
                        }
                        Next::Lost => {
                            prop_assert!(sent - read > 50);
                            (read, cursor) = (sent, topic.end());
                        }
                    }
                }
            }
        }
    }
}
