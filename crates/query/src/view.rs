//! A market seen at one moment, ready to be asked.

use std::sync::{Arc, OnceLock};

use liqlens_engine::{
    Counters, Day, Frozen, Ledger, Market, PriceChannel, Recent, Reporting, Standing, Trigger,
};
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
    /// The state of the accounts could not be written down for its hash.
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
    pub(crate) past: Past,
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
    pub(crate) map: Arc<Frozen>,
    /// What the venue's stream shows, once it was asked.
    pub(crate) facts: OnceLock<Option<Reporting>>,
    /// The curves under every draw of what is uncertain, once they were asked.
    pub(crate) draws: OnceLock<Option<Drawn>>,
    pub(crate) history: Span,
    pub(crate) counters: Counters,
    /// Share of the next hour's liquidations that come from positions which do not exist yet; `None` of
    /// models that do not estimate it.
    pub(crate) next_hour_new: Option<f64>,
}

/// The days before, worked out when first asked.
#[derive(Debug, Clone, Default)]
pub(crate) struct Past {
    from: Option<PastSource>,
    facts: OnceLock<PastFacts>,
}

#[derive(Debug, Clone)]
struct PastSource {
    recent: Arc<Recent>,
    as_of: Timestamp,
    covered_until: Option<Timestamp>,
}

/// What they were.
#[derive(Debug, Clone, Default)]
struct PastFacts {
    day: Option<Day>,
    liquidated_by_day: Vec<[f64; 2]>,
    daily_log_returns: Vec<f64>,
}

impl Past {
    /// The days before a moment, as a market remembers them.
    pub(crate) fn of(market: &Market, as_of: Timestamp) -> Self {
        let covered_until = market.covered_until();
        let from = PastSource { recent: market.recent(), as_of, covered_until };
        Self { from: Some(from), facts: OnceLock::new() }
    }

    /// Days that are known already.
    #[cfg(test)]
    pub(crate) fn known(
        day: Option<Day>,
        liquidated_by_day: Vec<[f64; 2]>,
        daily_log_returns: Vec<f64>,
    ) -> Self {
        let facts = PastFacts { day, liquidated_by_day, daily_log_returns };
        Self { from: None, facts: OnceLock::from(facts) }
    }

    fn facts(&self) -> &PastFacts {
        self.facts.get_or_init(|| {
            let Some(PastSource { recent, as_of, covered_until }) = &self.from else {
                return PastFacts::default();
            };
            let liquidated = |day| {
                let to = *as_of - Span::DAY.times(day);
                recent.liquidated_usd(to - Span::DAY, to)
            };
            PastFacts {
                day: covered_until.and_then(|at| recent.day(at)),
                liquidated_by_day: (0..LOOKBACK_DAYS).map(liquidated).collect(),
                daily_log_returns: covered_until
                    .map(|at| recent.daily_log_returns(at, LOOKBACK_DAYS))
                    .unwrap_or_default(),
            }
        })
    }
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
        let map = market
            .frozen()
            .filter(|_| market.seeded())
            .ok_or_else(|| AskError::Warming { market: id(), as_of })?;
        let map = Arc::new(map);
        Ok(Self {
            snapshot: snapshot_id(as_of, &[&market.digest(), drawn_from(market).as_bytes()]),
            subject,
            instrument: market.instrument().clone(),
            as_of,
            last_price: map.price,
            curves: Side::BOTH.map(|side| Curve::new(side, &map, market.instrument().contract)),
            price: PriceFacts::of(&price),
            open_interest: Some(OpenInterestFacts {
                contracts: map.open_interest,
                newest,
                period: channel.period,
                holding: channel.holding(),
            }),
            funding: market.funding().copied(),
            newest_liquidation: market.newest_liquidation(),
            past: Past::of(market, as_of),
            squeeze_by_day: Vec::new(),
            basis: Basis::Modelled(Box::new(Modelled {
                model: market.model().id,
                map,
                facts: OnceLock::new(),
                draws: OnceLock::new(),
                history: market.history(),
                counters: *market.counters(),
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

    /// The same view without draws of what is uncertain: its documents have no intervals and cost less. They say
    /// so, are graded as if nobody knew better, and keep the snapshot id, which names what was folded.
    #[must_use]
    pub fn without_intervals(mut self) -> Self {
        if let Basis::Modelled(modelled) = &mut self.basis {
            modelled.draws = OnceLock::from(None);
        }
        self
    }

    /// The inferred positions, level by level; `None` of a measured market.
    pub fn standing(&self) -> Option<Standing> {
        self.modelled().map(|modelled| modelled.map.standing())
    }

    /// Named flows of one side; `None` of a measured market.
    pub fn flows(&self, side: Side) -> Option<&Ledger> {
        self.modelled().map(|modelled| modelled.map.flows(side))
    }

    const fn modelled(&self) -> Option<&Modelled> {
        match &self.basis {
            Basis::Modelled(modelled) => Some(modelled),
            Basis::Measured(_) => None,
        }
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
    pub(crate) fn drawn(&self) -> Option<&Drawn> {
        let modelled = self.modelled()?;
        let make = || Drawn::new(modelled.map.drawn()?, self.instrument.contract);
        modelled.draws.get_or_init(make).as_ref()
    }

    /// What the venue's stream shows of the liquidated dollars; `None` where that is not modelled.
    pub(crate) fn reporting(&self) -> Option<&Reporting> {
        let modelled = self.modelled()?;
        modelled.facts.get_or_init(|| modelled.map.reporting()).as_ref()
    }

    /// The 24 hours before.
    pub(crate) fn day(&self) -> Option<&Day> {
        self.past.facts().day.as_ref()
    }

    /// Reported liquidations (longs, shorts) of the 24 hours before, then of each earlier day, newest first.
    pub(crate) fn liquidated_by_day(&self) -> &[[f64; 2]] {
        &self.past.facts().liquidated_by_day
    }

    /// Log returns of the last whole days, newest first.
    pub(crate) fn daily_log_returns(&self) -> &[f64] {
        &self.past.facts().daily_log_returns
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
fn drawn_from(market: &Market) -> String {
    market
        .feed()
        .map_or_else(String::new, |feed| format!("{:?} {:?}", Spread::DEFAULT, feed.reported_share()))
}

/// A side's name in documents.
pub(crate) const fn side_name(side: Side) -> SideName {
    match side {
        Side::Long => SideName::Long,
        Side::Short => SideName::Short,
    }
}
