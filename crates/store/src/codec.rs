//! Events of one block as bytes.
//!
//! Postcard (variable-length integers, fields in order) over records that hold what changes: the step of
//! the known time since the previous event, how long before it the event happened, and for trades the
//! steps of id and price. A trade takes about 14 bytes before compression instead of 40, and what remains
//! repeats more, so compression is faster too. All differences wrap, so every value survives.
//!
//! The layout follows the declarations in [`liqlens_market`]: a field or variant added there is a new
//! segment format, which the tests below notice.

use liqlens_market::{Event, EventBody, Price, Size, Taker, Timestamp, Trade};
use serde::{Deserialize, Serialize};

#[derive(Serialize)]
enum Record<'a> {
    Trade(TradeRecord),
    Other { known_step_ns: i64, lag_ns: i64, body: &'a EventBody },
}

#[derive(Deserialize)]
enum OwnedRecord {
    Trade(TradeRecord),
    Other { known_step_ns: i64, lag_ns: i64, body: EventBody },
}

#[derive(Serialize, Deserialize)]
struct TradeRecord {
    known_step_ns: i64,
    lag_ns: i64,
    id_step: Option<i64>,
    price_step: i64,
    size: i64,
    taker: Taker,
}

/// What the next record is relative to.
#[derive(Clone, Copy, Default)]
struct Previous {
    known_ns: i64,
    id: u64,
    price: i64,
}

/// Encodes the events of one block, one after the other.
#[derive(Default)]
pub(crate) struct Encoder {
    raw: Vec<u8>,
    previous: Previous,
    events: u32,
    span: Option<(Timestamp, Timestamp)>,
}

/// The bytes are not events.
#[derive(Debug)]
pub(crate) struct Malformed;

impl Encoder {
    /// Adds an event, which must not come before the last one added.
    pub(crate) fn push(&mut self, event: &Event) {
        let known_ns = event.known_ts.nanos();
        let known_step_ns = known_ns.wrapping_sub(self.previous.known_ns);
        let lag_ns = known_ns.wrapping_sub(event.event_ts.nanos());
        let record = if let EventBody::Trade(trade) = &event.body {
            let record = TradeRecord {
                known_step_ns,
                lag_ns,
                id_step: trade.id.map(|id| id.wrapping_sub(self.previous.id).cast_signed()),
                price_step: trade.price.units().wrapping_sub(self.previous.price),
                size: trade.size.units(),
                taker: trade.taker,
            };
            self.previous.id = trade.id.unwrap_or(self.previous.id);
            self.previous.price = trade.price.units();
            Record::Trade(record)
        } else {
            Record::Other { known_step_ns, lag_ns, body: &event.body }
        };
        self.previous.known_ns = known_ns;
        append(&record, &mut self.raw);
        self.events += 1;
        self.span = Some((self.span.map_or(event.known_ts, |(first, _)| first), event.known_ts));
    }

    /// The bytes so far.
    pub(crate) fn raw(&self) -> &[u8] {
        &self.raw
    }

    /// Number of events so far.
    pub(crate) fn events(&self) -> u32 {
        self.events
    }

    /// First and last known time; `None` while empty.
    pub(crate) fn span(&self) -> Option<(Timestamp, Timestamp)> {
        self.span
    }

    /// Makes ready for the next block.
    pub(crate) fn clear(&mut self) {
        self.raw.clear();
        *self = Self { raw: std::mem::take(&mut self.raw), ..Self::default() };
    }
}

/// Reads exactly `count` events that fill `raw` to the last byte.
pub(crate) fn decode(mut raw: &[u8], count: u32) -> Result<Vec<Event>, Malformed> {
    // An event takes at least five bytes: a lying count cannot make us allocate more than the input.
    let count = usize::try_from(count).map_err(|_| Malformed)?;
    let mut events = Vec::with_capacity(count.min(raw.len() / 5 + 1));
    let mut previous = Previous::default();
    for _ in 0..count {
        let (record, rest) = postcard::take_from_bytes::<OwnedRecord>(raw).map_err(|_| Malformed)?;
        raw = rest;
        let (known_step_ns, lag_ns, body) = match record {
            OwnedRecord::Trade(record) => {
                let id = record.id_step.map(|step| previous.id.wrapping_add_signed(step));
                let price = previous.price.wrapping_add(record.price_step);
                previous.id = id.unwrap_or(previous.id);
                previous.price = price;
                let trade = Trade {
                    id,
                    price: Price::from_units(price).map_err(|_| Malformed)?,
                    size: Size::from_units(record.size).map_err(|_| Malformed)?,
                    taker: record.taker,
                };
                (record.known_step_ns, record.lag_ns, EventBody::Trade(trade))
            }
            OwnedRecord::Other { known_step_ns, lag_ns, body } => (known_step_ns, lag_ns, body),
        };
        let known_ns = previous.known_ns.wrapping_add(known_step_ns);
        previous.known_ns = known_ns;
        events.push(Event {
            event_ts: Timestamp::from_nanos(known_ns.wrapping_sub(lag_ns)),
            known_ts: Timestamp::from_nanos(known_ns),
            body,
        });
    }
    if raw.is_empty() { Ok(events) } else { Err(Malformed) }
}

/// The body alone, for telling events of equal time apart.
pub(crate) fn content(event: &Event) -> Vec<u8> {
    let mut bytes = Vec::new();
    append(&event.body, &mut bytes);
    bytes
}

fn append(value: &impl Serialize, bytes: &mut Vec<u8>) {
    struct Sink<'a>(&'a mut Vec<u8>);
    impl Extend<u8> for Sink<'_> {
        fn extend<I: IntoIterator<Item = u8>>(&mut self, bytes: I) {
            self.0.extend(bytes);
        }
    }
    // Writing to memory cannot fail, and no type of the vocabulary has a sequence of unknown length,
    // the only thing this encoding refuses. Were that to change, the truncated record would not decode
    // and the round-trip tests would say so.
    let result = postcard::to_extend(value, Sink(bytes));
    debug_assert!(result.is_ok(), "an event cannot be encoded");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{any_events, every_kind};
    use proptest::prelude::*;

    fn round_trip(events: &[Event]) -> Vec<Event> {
        let mut encoder = Encoder::default();
        for event in events {
            encoder.push(event);
        }
        decode(encoder.raw(), encoder.events()).unwrap()
    }

    /// Worked out by hand from the postcard specification: zigzag then base-128 varints, least
    /// significant group first, one byte for the variant and one for the option.
    #[test]
    fn the_layout_of_a_trade_is_format_2() {
        let trade = |id, price| {
            let (price, size) = (Price::from_units(price).unwrap(), Size::from_units(5).unwrap());
            let event = EventBody::Trade(Trade { id: Some(id), price, size, taker: Taker::Sell });
            Event { event_ts: Timestamp::from_nanos(90), known_ts: Timestamp::from_nanos(100), body: event }
        };
        let mut encoder = Encoder::default();
        encoder.push(&trade(7, 300));
        encoder.push(&trade(8, 299));
        let first = [0, 0xc8, 0x01, 20, 1, 14, 0xd8, 0x04, 10, 1];
        let second = [0, 0, 20, 1, 2, 1, 10, 1];
        assert_eq!(encoder.raw(), [&first[..], &second[..]].concat());
    }

    /// The number of each kind in the format is its place in the declaration; moving one would make old
    /// files read as something else.
    #[test]
    fn the_numbers_of_the_kinds_are_format_2() {
        let numbers = [
            "instrument",
            "margin-table",
            "price",
            "open-interest",
            "funding",
            "long-short-ratio",
            "liquidation",
            "account",
            "trade",
            "bar",
            "book",
            "gap",
            "account-fill",
            "account-transfer",
        ];
        for event in every_kind() {
            let number = usize::from(content(&event)[0]);
            assert_eq!(numbers[number], event.body.kind());
        }
    }

    /// Sizes by the same rules: one byte for each small integer, eight for a float.
    #[test]
    fn the_lengths_of_the_kinds_are_format_2() {
        let length = |kind: &str| {
            let event = every_kind().into_iter().find(|event| event.body.kind() == kind).unwrap();
            content(&event).len()
        };
        // Variant, mark (zigzag of 1..63 is one byte), option.
        assert_eq!(length("price"), 3);
        // Variant, float, span of one hour (zigzag 7.2e12, 43 bits, so 7 bytes), kind.
        assert_eq!(length("funding"), 1 + 8 + 7 + 1);
        // Variant, population, float.
        assert_eq!(length("long-short-ratio"), 1 + 1 + 8);
    }

    #[test]
    fn every_kind_round_trips() {
        let events = every_kind();
        assert_eq!(events.len(), 16);
        assert_eq!(round_trip(&events), events);
    }

    #[test]
    fn extreme_values_round_trip() {
        let trade = |ns, id, price: i64, size: i64| Event {
            event_ts: Timestamp::from_nanos(i64::MAX),
            known_ts: Timestamp::from_nanos(ns),
            body: EventBody::Trade(Trade {
                id,
                price: Price::from_units(price).unwrap(),
                size: Size::from_units(size).unwrap(),
                taker: Taker::Buy,
            }),
        };
        let events = [
            trade(i64::MIN, Some(u64::MAX), i64::MAX, 0),
            trade(i64::MAX, Some(0), 1, i64::MAX),
            trade(0, None, i64::MAX, 1),
            trade(1, Some(u64::MAX / 2 + 1), 1, 1),
        ];
        assert_eq!(round_trip(&events), events);
    }

    proptest! {
        #[test]
        fn any_sequence_round_trips(events in any_events(0..50)) {
            prop_assert_eq!(round_trip(&events), events);
        }

        #[test]
        fn any_bytes_are_answered(raw in proptest::collection::vec(any::<u8>(), 0..200), count in 0u32..100) {
            if let Ok(events) = decode(&raw, count) {
                prop_assert_eq!(u32::try_from(events.len()).unwrap(), count);
            }
        }
    }
}
