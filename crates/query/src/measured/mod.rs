//! A market whose positions are public: the map is a sum over real positions, each at the price that
//! liquidates it by the venue's own rules.
//!
//! Nothing is inferred and nothing is scaled up to open interest: what the known accounts hold is shown,
//! and coverage says how much of the market that is. Answers come from the same two curves as everywhere
//! ([`Curve::steps`]), so reach, at, map, clusters and brief need not know where a market came from.

mod drill_down;
mod stamp;

use liqlens_engine::{AccountBook, Holding, Mark, MarkSource, Market};
use liqlens_margin::Outcome;
use liqlens_market::{Instrument, Side, Size, Span, Timestamp};
use liqlens_model::{BANDS, LogGrid};

pub(crate) use stamp::accounts_words;

pub use drill_down::{AccountsOptions, MAX_ACCOUNTS};

use crate::curve::Curve;
use crate::view::{
    AskError, Basis, LOOKBACK_DAYS, OpenInterestFacts, PriceFacts, PriceResolution, Subject, View,
    liquidated_by_day, snapshot_id,
};

/// Account states older than this are old: positions change within hours.
pub(crate) const STATES_OLD: Span = Span::HOUR;
/// Account states older than this say nothing about now.
pub(crate) const STATES_DEAD: Span = Span::DAY;
/// The age of the states is judged at this share of the size they hold, so that one forgotten account does
/// not condemn a thousand fresh ones.
const AGED_SHARE: f64 = 0.90;

/// A position on the map.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Placed {
    pub(crate) holding: Holding,
    pub(crate) liquidation_price: f64,
    /// From the last price outward, in the curve's unit; zero if the price is already past.
    pub(crate) distance: f64,
    /// Size valued at the liquidation price.
    pub(crate) usd: f64,
    /// Index into [`BANDS`].
    pub(crate) band: usize,
}

/// The accounts behind a measured market.
#[derive(Debug, Clone)]
pub(crate) struct Measured {
    /// Longs and shorts with a liquidation price, from the price outward.
    pub(crate) sides: [Vec<Placed>; 2],
    /// Positions without one.
    pub(crate) unplaced: Vec<Holding>,
    /// Nine tenths of the size are known from this time or later.
    pub(crate) aged: Timestamp,
}

impl Measured {
    fn new(holdings: Vec<Holding>, instrument: &Instrument, price: f64, clock: Timestamp) -> Self {
        let known = |holding: &Holding| if holding.reconstructed { clock } else { holding.at };
        let aged = aged(holdings.iter().map(|h| (known(h), h.position.size.to_f64())).collect(), clock);
        let grid = LogGrid::STANDARD;
        let origin = [Side::Long, Side::Short].map(|side| Curve::steps(side, grid, price, []));
        let mut sides = [Vec::new(), Vec::new()];
        let mut unplaced = Vec::new();
        for holding in holdings {
            let side = holding.position.side.index();
            match holding.liquidation_price().filter(|p| p.is_finite() && *p > 0.0) {
                Some(liquidation_price) => sides[side].push(Placed {
                    liquidation_price,
                    distance: origin[side].distance_to(liquidation_price),
                    usd: instrument.notional(holding.position.size.to_f64(), liquidation_price),
                    band: band(holding.leverage().unwrap_or(f64::INFINITY)),
                    holding,
                }),
                None => unplaced.push(holding),
            }
        }
        for side in &mut sides {
            // Stable: accounts of one price stay in the order of their names.
            side.sort_by(|a, b| a.distance.total_cmp(&b.distance));
        }
        Self { sides, unplaced, aged }
    }

    /// Positions on the map of one side, from the price outward.
    pub(crate) fn placed(&self, side: Side) -> &[Placed] {
        &self.sides[side.index()]
    }

    /// Every position, on the map or not.
    pub(crate) fn holdings(&self) -> impl Iterator<Item = &Holding> {
        self.sides.iter().flatten().map(|placed| &placed.holding).chain(&self.unplaced)
    }

    /// Number of one side's accounts within a distance (in the curve's unit).
    pub(crate) fn within(&self, side: Side, distance: f64) -> usize {
        self.placed(side).partition_point(|placed| placed.distance <= distance)
    }

    pub(crate) fn placed_size(&self, side: Side) -> f64 {
        self.placed(side).iter().map(|placed| placed.holding.position.size.to_f64()).sum()
    }

    pub(crate) fn unplaced_size(&self, side: Side) -> f64 {
        let held = self.unplaced.iter().filter(|holding| holding.position.side == side);
        held.map(|holding| holding.position.size.to_f64()).sum()
    }

    /// Size of one side, with and without a liquidation price.
    pub(crate) fn size(&self, side: Side) -> f64 {
        self.placed_size(side) + self.unplaced_size(side)
    }
}

impl View {
    /// Looks at a market through the public accounts of its venue, as of a moment; the caller has folded
    /// everything known by then and nothing else. `market` is the market's own fold, where it has events:
    /// price, open interest and the like come from it. Without one the price is the newest mark the
    /// accounts were valued at, and open interest is not known.
    ///
    /// # Errors
    /// [`AskError::NoAccounts`] if no known account holds the market.
    pub fn of_accounts(
        accounts: &AccountBook,
        market: Option<&Market>,
        instrument: Instrument,
        subject: Subject,
        as_of: Timestamp,
    ) -> Result<Self, AskError> {
        let symbol = &instrument.market.symbol;
        let missing = || AskError::NoAccounts { market: instrument.market.clone(), as_of };
        let mut holdings = accounts.holdings(symbol);
        holdings.retain(|holding| holding.position.size > Size::ZERO);
        let clock = accounts.clock().ok_or_else(missing)?;
        let mark = accounts.mark(symbol).ok_or_else(missing)?;
        if holdings.is_empty() {
            return Err(missing());
        }
        let (last_price, price) = reference_price(market, mark, as_of);
        let measured = Measured::new(holdings, &instrument, last_price, clock);
        let curves = Side::BOTH.map(|side| {
            let steps = measured.placed(side).iter().map(|p| (p.liquidation_price, p.usd, p.band));
            Curve::steps(side, LogGrid::STANDARD, last_price, steps)
        });
        let folded = match market {
            Some(market) => market.snapshot()?,
            None => Vec::new(),
        };
        let name = instrument.market.to_string();
        Ok(Self {
            snapshot: snapshot_id(as_of, &[name.as_bytes(), &accounts.snapshot()?, &folded]),
            open_interest: market.and_then(open_interest),
            funding: market.and_then(|market| market.funding().copied()),
            newest_liquidation: market.and_then(Market::newest_liquidation),
            day: market.and_then(Market::day),
            liquidated_by_day: market.map(|market| liquidated_by_day(market, as_of)).unwrap_or_default(),
            daily_log_returns: market.map(|m| m.daily_log_returns(LOOKBACK_DAYS)).unwrap_or_default(),
            subject,
            instrument,
            as_of,
            last_price,
            curves,
            price,
            basis: Basis::Measured(Box::new(measured)),
        })
    }
}

fn open_interest(market: &Market) -> Option<OpenInterestFacts> {
    let channel = market.open_interest();
    Some(OpenInterestFacts {
        contracts: channel.accepted.filter(|contracts| *contracts > 0.0)?,
        newest: channel.newest?,
        period: channel.period,
        holding: channel.holding(),
    })
}

/// The market's own price, unless it has none or the accounts have seen a newer one since it went stale.
fn reference_price(market: Option<&Market>, mark: Mark, as_of: Timestamp) -> (f64, PriceFacts) {
    if let Some(own) = market.and_then(Market::price) {
        let fresh = as_of - own.newest <= STATES_OLD || own.newest >= mark.at;
        if fresh {
            return (own.last, PriceFacts::of(own));
        }
    }
    let (resolution, trigger) = match mark.source {
        MarkSource::State => (PriceResolution::AccountMarks, "mark price of account states"),
        MarkSource::Fill => (PriceResolution::AccountFills, "last fill of a public account"),
    };
    (mark.price.to_f64(), PriceFacts { newest: mark.at, resolution, trigger })
}

/// Index of the band of an effective leverage.
fn band(leverage: f64) -> usize {
    BANDS.iter().position(|band| leverage <= band.up_to).unwrap_or(BANDS.len() - 1)
}

/// The latest time such that nine tenths of the size are known from it or later.
fn aged(mut known: Vec<(Timestamp, f64)>, otherwise: Timestamp) -> Timestamp {
    known.sort_by_key(|(at, _)| core::cmp::Reverse(*at));
    let wanted = known.iter().map(|(_, size)| size).sum::<f64>() * AGED_SHARE;
    let mut held = 0.0;
    for (at, size) in known {
        held += size;
        if held >= wanted {
            return at;
        }
    }
    otherwise
}

/// Why a position has no place on the map, in the words of documents; `None` if it has one.
pub(crate) fn absence(outcome: &Outcome) -> Option<Absence> {
    match outcome {
        Outcome::Priced(_) => None,
        Outcome::Never => Some(Absence::Never),
        Outcome::NoTable(_) => Some(Absence::NoTable),
        Outcome::PortfolioMargin => Some(Absence::PortfolioMargin),
    }
}

/// Why a position has no place on the map.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Absence {
    /// No price liquidates it.
    Never,
    /// A margin table is missing.
    NoTable,
    /// Portfolio margin.
    PortfolioMargin,
}
