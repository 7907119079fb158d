//! The event: one typed, immutable fact about one market.
//!
//! Live, historical, synthetic and replayed data differ only in who writes events. Each carries two
//! times: when it happened (`event_ts`) and when it could have been known (`known_ts`). Questions asked
//! as of `T` use only events with `known_ts ≤ T`, so a bar counts from its end, not from its start.

use core::cmp::Ordering;

use serde::{Deserialize, Serialize};

use crate::{
    AccountFill, AccountState, AccountTransfer, Instrument, MarginTable, MarketId, Notional, Price, Side,
    Size, Span, Taker, Timestamp,
};

/// One fact about one market.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// When it happened, in the venue's time. For a bar: its start.
    pub event_ts: Timestamp,
    /// When it could first be known. For a bar: its end. Never before `event_ts`.
    pub known_ts: Timestamp,
    /// What happened.
    pub body: EventBody,
}

/// What an event says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum EventBody {
    /// The contract's rules changed or became known.
    Instrument(Box<Instrument>),
    /// The maintenance schedule changed or became known.
    MarginTable(Box<MarginTable>),
    /// Mark or index price.
    Price(PriceUpdate),
    /// Open interest, one-sided.
    OpenInterest(OpenInterest),
    /// Funding rate, settled or predicted.
    Funding(Funding),
    /// Ratio of longs to shorts.
    LongShortRatio(LongShortRatio),
    /// A forced liquidation the venue reported.
    Liquidation(Liquidation),
    /// A whole account, where accounts are public.
    Account(Box<AccountState>),
    /// One trade, or one aggregate of fills at one price from one taker order.
    Trade(Trade),
    /// Open, high, low, close of a period: the coarse substitute for trades or mark prices.
    Bar(Bar),
    /// Resting orders.
    Book(Box<Book>),
    /// A hole in a channel.
    Gap(Box<Gap>),
    /// A fill of a named account.
    AccountFill(Box<AccountFill>),
    /// A deposit into a named account, or a withdrawal.
    AccountTransfer(Box<AccountTransfer>),
}

/// A trade.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Trade {
    /// The venue's id; `None` where it publishes none. Ids make ingestion idempotent and gaps visible.
    pub id: Option<u64>,
    /// Fill price.
    pub price: Price,
    /// Base coin (linear) or contracts (inverse).
    pub size: Size,
    /// Who crossed the spread.
    pub taker: Taker,
}

/// Which price a bar or an update is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum BarSource {
    /// The venue's mark price, which triggers liquidations.
    Mark,
    /// The index of spot prices behind the mark.
    Index,
    /// Traded prices.
    Trades,
}

/// Mark and index price at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PriceUpdate {
    /// Mark price.
    pub mark: Price,
    /// Index (or oracle) price where published together.
    pub index: Option<Price>,
}

/// Open interest at a moment, one-sided: longs = shorts = this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct OpenInterest {
    /// Base coin (linear) or contracts (inverse).
    pub size: Size,
    /// The venue's own valuation in quote currency, where published.
    pub value: Option<Size>,
}

/// A funding rate.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Funding {
    /// Fraction of notional paid by longs to shorts per interval; negative when shorts pay.
    pub rate: f64,
    /// Length of the interval the rate is for.
    pub interval: Span,
    /// Settled or still a prediction.
    pub kind: FundingKind,
}

/// Whether a funding rate has been exchanged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum FundingKind {
    /// Paid at `event_ts`.
    Settled,
    /// The venue's running prediction.
    Predicted,
}

/// Long/short ratio over a stated population.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LongShortRatio {
    /// What is counted.
    pub population: RatioPopulation,
    /// Longs divided by shorts.
    pub ratio: f64,
}

/// What a long/short ratio counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum RatioPopulation {
    /// All accounts, one each.
    AllAccounts,
    /// The venue's top traders, one each.
    TopAccounts,
    /// The venue's top traders by position size.
    TopPositions,
    /// Taker buy volume over taker sell volume.
    TakerVolume,
}

/// How much of the truth a liquidation feed shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Completeness {
    /// Every liquidation.
    Full,
    /// A sample (at most one a second per symbol on Binance): sums are lower bounds.
    Floor,
}

/// A reported forced liquidation, or the sum of those reported in a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Liquidation {
    /// Side of the position that was closed (a forced sell closes a long).
    pub side: Side,
    /// Base coin (linear) or contracts (inverse).
    pub size: Size,
    /// Limit price of the forced order, near the bankruptcy price, where published.
    pub order_price: Option<Price>,
    /// Average fill price, where published.
    pub fill_price: Option<Price>,
    /// What a sum of such events means.
    pub completeness: Completeness,
}

/// Open, high, low, close over `[event_ts, event_ts + length)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Bar {
    /// Which price.
    pub source: BarSource,
    /// Length of the period.
    pub length: Span,
    /// First price.
    pub open: Price,
    /// Highest price.
    pub high: Price,
    /// Lowest price.
    pub low: Price,
    /// Last price.
    pub close: Price,
    /// Base coin (linear) or contracts (inverse), each trade counted once; zero for mark and index bars.
    pub volume: Size,
    /// The part of `volume` bought by takers, where the source splits it.
    pub taker_buy: Option<Size>,
}

/// Why four prices and a volume are not a bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BarError {
    /// High below low.
    #[error("high is below low")]
    HighBelowLow,
    /// Open or close outside `[low, high]`.
    #[error("open or close lies outside low..high")]
    OutsideRange,
    /// Price moved although nothing traded.
    #[error("price moves without volume")]
    MoveWithoutVolume,
    /// Takers bought more than was traded.
    #[error("taker buy volume exceeds volume")]
    TakerBuyExceedsVolume,
    /// A length that is not positive.
    #[error("the period has no length")]
    NoLength,
}

impl Bar {
    /// Checks the bar's parts against each other.
    pub fn checked(self) -> Result<Self, BarError> {
        if self.length <= Span::ZERO {
            return Err(BarError::NoLength);
        }
        if self.high < self.low {
            return Err(BarError::HighBelowLow);
        }
        let range = self.low..=self.high;
        if !range.contains(&self.open) || !range.contains(&self.close) {
            return Err(BarError::OutsideRange);
        }
        if self.source == BarSource::Trades && self.volume == Size::ZERO && self.low != self.high {
            return Err(BarError::MoveWithoutVolume);
        }
        if self.taker_buy.is_some_and(|buy| buy > self.volume) {
            return Err(BarError::TakerBuyExceedsVolume);
        }
        Ok(self)
    }
}

/// One level of an order book.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct BookLevel {
    /// Limit price.
    pub price: Price,
    /// Resting size.
    pub size: Size,
}

/// Cumulative depth from the touch out to a distance.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct BookBand {
    /// Distance from mid in percent; negative on the bid side.
    pub percent: f64,
    /// Size resting within the distance.
    pub size: Size,
    /// Its value in quote currency.
    pub value: Size,
}

/// Resting orders, by level or by distance band.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Book {
    /// Levels, best first.
    Levels {
        /// Bids, highest first.
        bids: Vec<BookLevel>,
        /// Asks, lowest first.
        asks: Vec<BookLevel>,
    },
    /// Cumulative bands.
    Bands(Vec<BookBand>),
}

/// A period in which a channel is known to be incomplete.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// First missing moment.
    pub from: Timestamp,
    /// First moment present again.
    pub to: Timestamp,
    /// What is missing, in the words of [`EventBody::kind`].
    pub channel: String,
    /// Why, where known.
    pub cause: String,
}

impl EventBody {
    /// Name of the kind in paths, counts and messages.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Instrument(_) => "instrument",
            Self::MarginTable(_) => "margin-table",
            Self::Price(_) => "price",
            Self::OpenInterest(_) => "open-interest",
            Self::Funding(_) => "funding",
            Self::LongShortRatio(_) => "long-short-ratio",
            Self::Liquidation(_) => "liquidation",
            Self::Account(_) => "account",
            Self::Trade(_) => "trade",
            Self::Bar(_) => "bar",
            Self::Book(_) => "book",
            Self::Gap(_) => "gap",
            Self::AccountFill(_) => "account-fill",
            Self::AccountTransfer(_) => "account-transfer",
        }
    }

    /// Place among events known at the same instant. Rules come before prices, and open interest before
    /// the trades or bar it closes, because the fold explains a period's volume by the change of open
    /// interest over that same period. Finer bars come before coarser ones that cover them.
    pub const fn rank(&self) -> (u8, i64) {
        match self {
            Self::Gap(_) => (0, 0),
            Self::Instrument(_) => (1, 0),
            Self::MarginTable(_) => (2, 0),
            Self::Price(_) => (3, 0),
            Self::OpenInterest(_) => (4, 0),
            Self::Funding(_) => (5, 0),
            Self::LongShortRatio(_) => (6, 0),
            Self::Liquidation(_) => (7, 0),
            // Money comes before the fills it pays for, and a state before what changes it.
            Self::Account(_) => (8, 0),
            Self::AccountTransfer(_) => (8, 1),
            Self::AccountFill(_) => (8, 2),
            Self::Book(_) => (9, 0),
            Self::Trade(_) => (10, 0),
            Self::Bar(bar) => match bar.source {
                BarSource::Mark => (11, bar.length.nanos()),
                BarSource::Index => (12, bar.length.nanos()),
                BarSource::Trades => (13, bar.length.nanos()),
            },
        }
    }
}

impl Event {
    /// An event known the moment it happened.
    pub const fn at(ts: Timestamp, body: EventBody) -> Self {
        Self { event_ts: ts, known_ts: ts, body }
    }

    /// A bar that starts at `start` and is known at its end.
    pub fn bar(start: Timestamp, bar: Bar) -> Self {
        Self { event_ts: start, known_ts: start + bar.length, body: EventBody::Bar(bar) }
    }

    /// The order of a log: by known time, then rank, then event time, then content (trades by their id
    /// first). Sorting by it gives the same log whichever sources the events came from and in whichever
    /// order they arrived. Events that still compare equal are interchangeable for every fold.
    pub fn log_order(&self, other: &Self) -> Ordering {
        self.known_ts
            .cmp(&other.known_ts)
            .then_with(|| self.body.rank().cmp(&other.body.rank()))
            .then_with(|| self.event_ts.cmp(&other.event_ts))
            .then_with(|| self.body.content_order(&other.body))
    }
}

impl EventBody {
    /// Order among events of one kind at one instant.
    fn content_order(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Trade(a), Self::Trade(b)) => a.cmp(b),
            (Self::Bar(a), Self::Bar(b)) => a.cmp(b),
            (Self::OpenInterest(a), Self::OpenInterest(b)) => a.cmp(b),
            (Self::Liquidation(a), Self::Liquidation(b)) => a.cmp(b),
            (Self::Price(a), Self::Price(b)) => a.cmp(b),
            (Self::Account(a), Self::Account(b)) => a.cmp(b),
            (Self::AccountFill(a), Self::AccountFill(b)) => a.cmp(b),
            (Self::AccountTransfer(a), Self::AccountTransfer(b)) => a.cmp(b),
            (Self::Funding(a), Self::Funding(b)) => {
                (a.kind, a.interval).cmp(&(b.kind, b.interval)).then(a.rate.total_cmp(&b.rate))
            }
            (Self::LongShortRatio(a), Self::LongShortRatio(b)) => {
                a.population.cmp(&b.population).then(a.ratio.total_cmp(&b.ratio))
            }
            _ => Ordering::Equal,
        }
    }
}

impl Trade {
    /// Exact value in quote currency (linear contracts).
    pub fn notional(&self) -> Notional {
        self.price.times(self.size)
    }
}

/// Events of one market in log order: the unit that files, logs and sockets hand to the fold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Frame {
    /// The market all events are about.
    pub market: MarketId,
    /// The events, in [`Event::log_order`].
    pub events: Vec<Event>,
}
