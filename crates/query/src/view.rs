//! A market seen at one moment, ready to be asked.

use liqlens_engine::{Counters, Day, Ledger, Market, PriceChannel, Standing, Trigger};
use liqlens_market::{Funding, Instrument, MarketId, Price, Side, Span, Timestamp};
use liqlens_model::ModelId;

use crate::curve::Curve;
use crate::document::{PriceText, SideName};

/// Version of the code that answers, part of every snapshot id.
const CODE_VERSION: &str = env!("CARGO_PKG_VERSION");

/// What the question is about, in the asker's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// The symbol as printed in documents: `BTC`, `BTC/USDT:USDT`, `binance:BTCUSDT`.
    pub symbol: String,
    /// Whether the asker meant every venue's market on the coin (`BTC`) rather than one market.
    pub whole_coin: bool,
    /// Where the maintenance schedule comes from, as printed.
    pub margin_table: String,
}

/// Why a market cannot be asked.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum AskError {
    /// No price before the asked time.
    #[error("{market} has no price known by {as_of}")]
    NoPrice {
        /// Market asked.
        market: MarketId,
        /// Time asked for.
        as_of: Timestamp,
    },
    /// No open interest before the asked time.
    #[error("{market} has no open interest known by {as_of}, so nothing says how large the map is")]
    NoOpenInterest {
        /// Market asked.
        market: MarketId,
        /// Time asked for.
        as_of: Timestamp,
    },
    /// Nothing was opened yet, or less than an hour of history.
    #[error("{market} has less than an hour of history before {as_of}")]
    Warming {
        /// Market asked.
        market: MarketId,
        /// Time asked for.
        as_of: Timestamp,
    },
    /// The question would give an answer beyond a limit.
    #[error("{what} would give {wanted} {unit}, the limit is {limit}; {advice}")]
    TooLarge {
        /// What was asked.
        what: &'static str,
        /// How many it would be.
        wanted: u64,
        /// Of what.
        unit: &'static str,
        /// How many are allowed.
        limit: u64,
        /// A smaller question.
        advice: &'static str,
    },
    /// The fold's state could not be written down for its hash.
    #[error(transparent)]
    Snapshot(#[from] liqlens_engine::SnapshotError),
}

/// A market at one moment: its standing positions, the two curves, and what the documents say around them.
#[derive(Debug, Clone)]
pub struct View {
    pub(crate) subject: Subject,
    pub(crate) instrument: Instrument,
    pub(crate) model: ModelId,
    pub(crate) as_of: Timestamp,
    pub(crate) snapshot: String,
    pub(crate) standing: Standing,
    pub(crate) curves: [Curve; 2],
    pub(crate) price: PriceChannel,
    pub(crate) open_interest: OpenInterestFacts,
    pub(crate) funding: Option<(Timestamp, Funding)>,
    pub(crate) newest_liquidation: Option<Timestamp>,
    pub(crate) history: Span,
    pub(crate) day: Option<Day>,
    /// Reported liquidations (longs, shorts) of the 24 hours before, then of each earlier day, newest first.
    pub(crate) liquidated_by_day: Vec<[f64; 2]>,
    pub(crate) daily_log_returns: Vec<f64>,
    pub(crate) counters: Counters,
}

/// Open interest as a document needs it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct OpenInterestFacts {
    pub(crate) newest: Timestamp,
    pub(crate) period: Option<Span>,
    pub(crate) holding: bool,
}

/// Days looked back for volatility and for the day's place among other days.
const LOOKBACK_DAYS: i64 = 30;

impl View {
    /// Looks at a market as of a moment; the caller has folded everything known by then and nothing else.
    pub fn new(market: &Market, subject: Subject, as_of: Timestamp) -> Result<Self, AskError> {
        let id = || market.instrument().market.clone();
        let price = *market.price().ok_or_else(|| AskError::NoPrice { market: id(), as_of })?;
        let channel = market.open_interest();
        let newest = channel.newest.ok_or_else(|| AskError::NoOpenInterest { market: id(), as_of })?;
        let standing = market
            .standing()
            .filter(|_| market.seeded())
            .ok_or_else(|| AskError::Warming { market: id(), as_of })?;
        let curves = Side::BOTH.map(|side| {
            Curve::new(&standing.sides[side.index()], standing.grid, standing.price, market.instrument())
        });
        let liquidated_by_day = (0..LOOKBACK_DAYS)
            .map(|day| {
                let to = as_of - Span::DAY.times(day);
                market.liquidated_usd(to - Span::DAY, to)
            })
            .collect();
        Ok(Self {
            snapshot: snapshot_id(market, as_of)?,
            subject,
            instrument: market.instrument().clone(),
            model: market.model().id,
            as_of,
            standing,
            curves,
            price,
            open_interest: OpenInterestFacts { newest, period: channel.period, holding: channel.holding() },
            funding: market.funding().copied(),
            newest_liquidation: market.newest_liquidation(),
            history: market.history(),
            day: market.day(),
            liquidated_by_day,
            daily_log_returns: market.daily_log_returns(LOOKBACK_DAYS),
            counters: *market.counters(),
        })
    }

    /// The moment the view is of.
    pub const fn as_of(&self) -> Timestamp {
        self.as_of
    }

    /// Last price.
    pub const fn last_price(&self) -> f64 {
        self.standing.price
    }

    /// One-sided open interest in dollars at the last price.
    pub fn open_interest_usd(&self) -> f64 {
        self.instrument.notional(self.standing.open_interest, self.standing.price)
    }

    /// The standing positions themselves.
    pub const fn standing(&self) -> &Standing {
        &self.standing
    }

    /// Named flows of one side.
    pub fn flows(&self, side: Side) -> &Ledger {
        &self.standing.sides[side.index()].flows
    }

    pub(crate) fn curve(&self, side: Side) -> &Curve {
        &self.curves[side.index()]
    }

    /// Decimals in which this market's prices are written.
    pub(crate) fn decimals(&self) -> usize {
        Price::from_f64(self.standing.price).map_or(2, Instrument::price_decimals)
    }

    pub(crate) fn price_text(&self, price: f64) -> PriceText {
        PriceText::new(price, self.decimals())
    }

    pub(crate) const fn trigger_text(&self) -> &'static str {
        match self.price.trigger {
            Trigger::Mark => "mark price",
            Trigger::Last => "last price",
        }
    }
}

/// Hash of code version, moment and the folded state (which holds the parameters): 32 hex digits.
fn snapshot_id(market: &Market, as_of: Timestamp) -> Result<String, AskError> {
    let mut hasher = blake3::Hasher::new();
    hasher.update(CODE_VERSION.as_bytes());
    hasher.update(&as_of.nanos().to_le_bytes());
    hasher.update(&market.snapshot()?);
    Ok(hasher.finalize().to_hex().as_str()[..32].to_owned())
}

/// A side's name in documents.
pub(crate) const fn side_name(side: Side) -> SideName {
    match side {
        Side::Long => SideName::Long,
        Side::Short => SideName::Short,
    }
}
