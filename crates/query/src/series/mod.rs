//! What was recorded of a market: reported liquidations, prices, open interest, funding, and what is missing.
//!
//! Each document is read off a log in one pass that keeps no more than the document holds. What is read is what
//! was known by the last moment asked for, so an answer about the past never changes.

mod channel;
mod gaps;
mod holes;
mod points;
mod price;
mod steps;
mod tape;

pub use gaps::gaps;
pub use points::{funding, open_interest};
pub use price::price;
pub use tape::{MAX_TAPE_ROWS, TapeOptions, TapeReader, tape};

use core::ops::ControlFlow;

use liqlens_market::{
    Bar, BarSource, Event, EventBody, Instrument, Log, Price, Span, Step, Timestamp, TradeRun,
};

use crate::document::{SeriesHead, Usd};
use crate::replay::IntoLog;

/// Most candles or points of one document.
pub const MAX_POINTS: u64 = 10_000;
/// Most holes of one document.
const MAX_HOLES: usize = 10_000;

/// Which market, and which stretch of time.
#[derive(Debug, Clone, Copy)]
pub struct SeriesAsk<'a> {
    /// The symbol as printed in documents.
    pub symbol: &'a str,
    /// The market's rules.
    pub instrument: &'a Instrument,
    /// Nothing known later is used.
    pub as_of: Timestamp,
    /// First moment asked for.
    pub from: Timestamp,
    /// Last moment asked for; nothing known later is used either.
    pub to: Timestamp,
}

/// How fine a series is to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fineness {
    /// Length of a step; `None` chooses the shortest that the number of points allows.
    pub step: Option<Span>,
    /// Most points wanted, at most [`MAX_POINTS`]. A step that gives more is replaced by a longer one.
    pub max_points: u64,
}

impl Default for Fineness {
    fn default() -> Self {
        Self { step: None, max_points: 1_000 }
    }
}

/// Why a series cannot be given.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SeriesError {
    /// The stretch ends before it begins.
    #[error("nothing lies between {from} and {to}; let the range start before its end")]
    Backwards {
        /// First moment asked for.
        from: Timestamp,
        /// Last moment asked for, or known.
        to: Timestamp,
    },
    /// The step has no length.
    #[error("a step of {step} has no length; take 1s or more")]
    NoStep {
        /// The step asked for.
        step: Span,
    },
    /// The place where a page should begin is not one that a page ended with.
    #[error("{cursor:?} is no place to go on from; take `next` of the page before, or none for the first")]
    Cursor {
        /// What was given.
        cursor: String,
    },
    /// The answer would be beyond a limit.
    #[error("{what} would give {wanted} {unit}, the limit is {limit}; {advice}")]
    TooLarge {
        /// What was asked.
        what: &'static str,
        /// How many it would be; at least, where counting stopped.
        wanted: u64,
        /// Of what.
        unit: &'static str,
        /// How many are allowed.
        limit: u64,
        /// A smaller question.
        advice: &'static str,
    },
}

impl SeriesAsk<'_> {
    /// The moment up to which the log is read.
    fn until(&self) -> Result<Timestamp, SeriesError> {
        let to = self.to.min(self.as_of);
        if self.from > to { Err(SeriesError::Backwards { from: self.from, to }) } else { Ok(to) }
    }

    fn head(&self, schema: &str) -> SeriesHead {
        SeriesHead {
            schema: schema.to_owned(),
            symbol: self.symbol.to_owned(),
            market: self.instrument.market.to_string(),
            as_of: self.as_of.to_string(),
            from: self.from.to_string(),
            to: self.to.min(self.as_of).to_string(),
        }
    }

    /// Dollars that a size stands for at a price.
    fn usd(&self, size: f64, price: Price) -> Usd {
        Usd::from_f64(self.instrument.notional(size, price.to_f64()))
    }
}

/// Takes the steps of a log one after the other.
trait Reader {
    /// Takes one event, and says whether it wants more.
    fn event(&mut self, event: &Event) -> ControlFlow<()>;

    /// Takes several trades.
    fn trades(&mut self, trades: TradeRun<'_>);
}

/// Hands a reader everything known by a moment, or until it has enough.
fn read(log: impl IntoLog, until: Timestamp, reader: &mut impl Reader) {
    let mut log = log.into_log();
    while let Some(step) = log.next_known(until) {
        match step {
            Step::Event(event) => {
                if reader.event(&event).is_break() {
                    break;
                }
            }
            Step::Trades(trades) => reader.trades(trades),
        }
    }
}

/// The newest price traded, from trades and bars of any length.
#[derive(Debug, Clone, Copy, Default)]
struct LastPrice {
    newest: Option<(Timestamp, Price)>,
}

impl LastPrice {
    fn get(self) -> Option<Price> {
        self.newest.map(|(_, price)| price)
    }

    fn event(&mut self, event: &Event) {
        match &event.body {
            EventBody::Trade(trade) => self.at(event.event_ts, trade.price),
            // A bar that ends no later than what is known already is covered by it.
            EventBody::Bar(Bar { source: BarSource::Trades, length, close, .. }) => {
                let end = event.event_ts + *length;
                if self.newest.is_none_or(|(newest, _)| end > newest) {
                    self.newest = Some((end, *close));
                }
            }
            _ => {}
        }
    }

    fn trades(&mut self, trades: TradeRun<'_>) {
        if let (Some(at), Some(price)) = (trades.event_ts().last(), trades.price().last()) {
            self.at(*at, *price);
        }
    }

    fn at(&mut self, at: Timestamp, price: Price) {
        if self.newest.is_none_or(|(newest, _)| at >= newest) {
            self.newest = Some((at, price));
        }
    }
}
