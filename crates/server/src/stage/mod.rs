//! The clock of the server and the markets that move with it.

use liqlens_ask::{Failure, Source};
use liqlens_market::Timestamp;

/// The clock, and what moves with it.
#[derive(Debug)]
pub struct Stage {
    now: Timestamp,
}

impl Stage {
    /// Stands at the newest recorded moment.
    pub fn open(source: &Source) -> Result<Self, Failure> {
        let mut now = Timestamp::EARLIEST;
        for instrument in source.markets()? {
            now = source.newest(&instrument.market)?.map_or(now, |newest| now.max(newest));
        }
        Ok(Self { now })
    }

    /// What the server's clock says: nothing known later may show in an answer.
    pub const fn now(&self) -> Timestamp {
        self.now
    }

    /// The moment an answer is for when none was named; `None`: each market's own newest.
    pub const fn newest(&self) -> Option<Timestamp> {
        None
    }
}
