//! A market seen at one moment, ready to be asked.

use liqlens_engine::{Counters, Day, Ledger, Market, PriceChannel, Reporting, Standing, Trigger};
use liqlens_market::{Funding, Instrument, MarketId, Price, Side, Span, Timestamp};
use liqlens_model::{ModelId, Spread};

use crate::curve::Curve;
use crate::document::{PriceText, SideName};
use crate::drawn::Drawn;
use crate::measured::placed::Measured;

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
    /// No public account holds the market, or none was known by then.
    #[error("no account that holds {market} is known by {as_of}")]
    NoAccounts {
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

/// A market at one moment: its positions, the two curves, and what the documents say around them.
#[derive(Debug, Clone)]
pub struct View {
    pub(crate) subject: Subject,
    pub(crate) instrument: Instrument,
    pub(crate) as_of: Timestamp,
    pub(crate) snapshot: String,
    pub(crate) last_price: f64,
    pub(crate) curves: [Curve; 2],
    pub(crate) price: PriceFacts,
    pub(crate) open_interest: Option<OpenInterestFacts>,
    pub(crate) funding: Option<(Timestamp, Funding)>,
    pub(crate) newest_liquidation: Option<Timestamp>,
    pub(crate) day: Option<Day>,
    /// Reported liquidations (longs, shorts) of the 24 hours before, then of each earlier day, newest first.
    pub(crate) liquidated_by_day: Vec<[f64; 2]>,
    pub(crate) daily_log_returns: Vec<f64>,
    /// Squeeze scores of the days before, newest first; empty where nobody kept them.
    pub(crate) squeeze_by_day: Vec<f64>,
    pub(crate) basis: Basis,
}

/// Where the positions come from.
#[derive(Debug, Clone)]
pub(crate) enum Basis {
    /// Inferred by a model.
    Modelled(Box<Modelled>),
    /// Read from public accounts.
    Measured(Box<Measured>),
}

/// What only an inferred map has.
#[derive(Debug, Clone)]
pub(crate) struct Modelled {
    pub(crate) model: ModelId,
    pub(crate) standing: Standing,
    pub(crate) history: Span,
    pub(crate) counters: Counters,
    /// The curves under every draw of what is uncertain; `None` of models that know no uncertainty.
    pub(crate) drawn: Option<Drawn>,
    /// Share of the next hour's liquidations that come from positions which do not exist yet; `None` of
    /// models that do not estimate it.
    pub(crate) next_hour_new: Option<f64>,
}

/// The price as a document needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PriceFacts {
    /// End of the data it is from.
    pub(crate) newest: Timestamp,
    /// What it was read from, as the channel says: `trades`, `1m bars`, …
    pub(crate) resolution: PriceResolution,
    /// Which price it is.
    pub(crate) trigger: &'static str,
}

/// What a price was read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PriceResolution {
    /// The market's own trades (zero) or bars of a length.
    Market(Span),
    /// The marks that account states were valued at.
    AccountMarks,
    /// Fills of public accounts.
    AccountFills,
}

/// Open interest as a document needs it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct OpenInterestFacts {
    /// Contracts (or base coin), one-sided.
    pub(crate) contracts: f64,
    pub(crate) newest: Timestamp,
    pub(crate) period: Option<Span>,
    pub(crate) holding: bool,
}

/// Days looked back for volatility and for the day's place among other days.
pub(crate) const LOOKBACK_DAYS: i64 = 30;

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
        let drawn = market
            .ensemble()
            .and_then(|ensemble| Drawn::new(&ensemble, &curves, standing.grid, market.instrument()));
        Ok(Self {
            snapshot: snapshot_id(as_of, &[&market.snapshot()?, drawn_from(&standing).as_bytes()]),
            subject,
            instrument: market.instrument().clone(),
            as_of,
            last_price: standing.price,
            curves,
            price: PriceFacts::of(&price),
            open_interest: Some(OpenInterestFacts {
                contracts: standing.open_interest,
                newest,
                period: channel.period,
                holding: channel.holding(),
            }),
            funding: market.funding().copied(),
            newest_liquidation: market.newest_liquidation(),
            day: market.day(),
            liquidated_by_day: liquidated_by_day(market, as_of),
            daily_log_returns: market.daily_log_returns(LOOKBACK_DAYS),
            squeeze_by_day: Vec::new(),
            basis: Basis::Modelled(Box::new(Modelled {
                model: market.model().id,
                standing,
                history: market.history(),
                counters: *market.counters(),
                drawn,
                next_hour_new: market.share_from_new_positions(),
            })),
        })
    }

    /// The moment the view is of.
    pub const fn as_of(&self) -> Timestamp {
        self.as_of
    }

    /// Last price.
    pub const fn last_price(&self) -> f64 {
        self.last_price
    }

    /// One-sided open interest in dollars at the last price; `None` where it is not known, which only a
    /// measured market can do without.
    pub fn open_interest_usd(&self) -> Option<f64> {
        let contracts = self.open_interest?.contracts;
        Some(self.instrument.notional(contracts, self.last_price))
    }

    /// The inferred positions; `None` of a measured market.
    pub const fn standing(&self) -> Option<&Standing> {
        match &self.basis {
            Basis::Modelled(modelled) => Some(&modelled.standing),
            Basis::Measured(_) => None,
        }
    }

    /// Named flows of one side; `None` of a measured market.
    pub fn flows(&self, side: Side) -> Option<&Ledger> {
        self.standing().map(|standing| &standing.sides[side.index()].flows)
    }

    /// The accounts behind a measured market.
    pub(crate) const fn measured(&self) -> Option<&Measured> {
        match &self.basis {
            Basis::Measured(measured) => Some(measured),
            Basis::Modelled(_) => None,
        }
    }

    /// The curves under every draw of what is uncertain; `None` where nothing is (measured), or nothing is
    /// known about it.
    pub(crate) const fn drawn(&self) -> Option<&Drawn> {
        match &self.basis {
            Basis::Modelled(modelled) => modelled.drawn.as_ref(),
            Basis::Measured(_) => None,
        }
    }

    /// What the venue's stream shows of the liquidated dollars; `None` where that is not modelled.
    pub(crate) const fn reporting(&self) -> Option<&Reporting> {
        match &self.basis {
            Basis::Modelled(modelled) => modelled.standing.reporting.as_ref(),
            Basis::Measured(_) => None,
        }
    }

    /// Share of the next hour's liquidations that come from positions which do not exist yet.
    pub(crate) const fn next_hour_new(&self) -> Option<f64> {
        match &self.basis {
            Basis::Modelled(modelled) => modelled.next_hour_new,
            Basis::Measured(_) => None,
        }
    }

    pub(crate) fn curve(&self, side: Side) -> &Curve {
        &self.curves[side.index()]
    }

    /// Decimals in which this market's prices are written.
    pub(crate) fn decimals(&self) -> usize {
        Price::from_f64(self.last_price).map_or(2, Instrument::price_decimals)
    }

    pub(crate) fn price_text(&self, price: f64) -> PriceText {
        PriceText::new(price, self.decimals())
    }
}

impl PriceFacts {
    /// The market's own price.
    pub(crate) const fn of(channel: &PriceChannel) -> Self {
        Self {
            newest: channel.newest,
            resolution: PriceResolution::Market(channel.resolution),
            trigger: match channel.trigger {
                Trigger::Mark => "mark price",
                Trigger::Last => "last price",
            },
        }
    }
}

/// Reported liquidations (longs, shorts) of the 24 hours before a moment, then of each earlier day.
pub(crate) fn liquidated_by_day(market: &Market, as_of: Timestamp) -> Vec<[f64; 2]> {
    (0..LOOKBACK_DAYS)
        .map(|day| {
            let to = as_of - Span::DAY.times(day);
            market.liquidated_usd(to - Span::DAY, to)
        })
        .collect()
}

/// Hash of code version, moment and what was folded (which holds the parameters): 32 hex digits.
pub(crate) fn snapshot_id(as_of: Timestamp, parts: &[&[u8]]) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(CODE_VERSION.as_bytes());
    hasher.update(&as_of.nanos().to_le_bytes());
    for part in parts {
        hasher.update(part);
    }
    hasher.finalize().to_hex().as_str()[..32].to_owned()
}

/// The constants of a learned map that are not part of the folded state: how draws spread, what the feed shows.
fn drawn_from(standing: &Standing) -> String {
    standing.reporting.map_or_else(String::new, |reporting| {
        format!("{:?} {:?} {:?}", Spread::DEFAULT, reporting.feed.reported_share(), reporting.realised)
    })
}

/// A side's name in documents.
pub(crate) const fn side_name(side: Side) -> SideName {
    match side {
        Side::Long => SideName::Long,
        Side::Short => SideName::Short,
    }
}
