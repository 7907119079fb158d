//! The vocabulary every other crate speaks: exact numbers, time, sides, venues, instruments, and the
//! [`Event`] – one immutable fact about one market.
//!
//! Nothing here knows a file, a socket or a clock. Numbers that come from outside enter through a
//! constructor that checks them, so the rest of the program never meets a NaN, a negative price or a
//! timestamp that is off by a factor of a thousand.

mod account;
mod decimal;
mod digits;
mod event;
mod instrument;
mod margin_table;
mod naming;
mod side;
mod time;
mod trades;
mod venue;

pub use account::{
    AccountFill, AccountMode, AccountName, AccountNameError, AccountPosition, AccountState, AccountTransfer,
    Backing,
};
pub use decimal::{Amount, Notional, NumberError, Price, Size, UNITS_PER_ONE, parse_id, parse_rate};
pub use digits::eight_digits;
pub use event::{
    Bar, BarError, BarSource, Book, BookBand, BookLevel, Completeness, Event, EventBody, Frame, Funding,
    FundingKind, Gap, Liquidation, LongShortRatio, OpenInterest, PriceUpdate, RatioPopulation, Trade,
};
pub use instrument::{Contract, Instrument, InstrumentError, MarketId, Symbol, SymbolError};
pub use margin_table::{MarginTable, MarginTableError, MarginTier, TierRule};
pub use side::{Side, Taker};
pub use time::{Span, TimeError, Timestamp};
pub use trades::{EventLog, Log, Sink, Step, TradeColumns, TradeRun};
pub use venue::Venue;
