//! A market whose positions are public: the map is a sum over real positions, each at the price that
//! liquidates it by the venue's own rules.
//!
//! Nothing is inferred and nothing is scaled up to open interest: what the known accounts hold is shown,
//! and coverage says how much of the market that is. Answers come from the same two curves as everywhere
//! ([`Curve::steps`]), so reach, at, map, clusters and brief need not know where a market came from.

mod drill_down;
pub(crate) mod placed;
mod stamp;

use liqlens_engine::{AccountBook, Mark, MarkSource, Market};
use liqlens_market::{Instrument, Side, Size, Span, Timestamp};
use liqlens_model::LogGrid;

pub(crate) use stamp::accounts_words;

pub use drill_down::{AccountsOptions, MAX_ACCOUNTS};

use crate::curve::Curve;
use crate::measured::placed::Measured;
use crate::view::{
    AskError, Basis, OpenInterestFacts, Past, PriceFacts, PriceResolution, Subject, View, snapshot_id,
};

/// Account states older than this are old: positions change within hours.
pub(crate) const STATES_OLD: Span = Span::HOUR;
/// Account states older than this say nothing about now.
pub(crate) const STATES_DEAD: Span = Span::DAY;

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
        let folded = market.map(Market::digest).unwrap_or_default();
        let name = instrument.market.to_string();
        Ok(Self {
            snapshot: snapshot_id(as_of, &[name.as_bytes(), &accounts.snapshot()?, &folded]),
            open_interest: market.and_then(open_interest),
            funding: market.and_then(|market| market.funding().copied()),
            newest_liquidation: market.and_then(Market::newest_liquidation),
            past: market.map(|market| Past::of(market, as_of)).unwrap_or_default(),
            squeeze_by_day: Vec::new(),
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
