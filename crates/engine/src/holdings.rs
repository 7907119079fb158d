//! What the accounts of a book hold in one market, each position with the price that liquidates it.

use std::borrow::Cow;

use liqlens_market::{AccountMode, AccountName, AccountPosition, Symbol, Timestamp};

use crate::accounts::{Account, AccountBook, AccountSource};
use crate::valuation::{Outcome, value};

/// One account's position in a market.
#[derive(Debug, Clone, PartialEq)]
pub struct Holding {
    /// Whose it is.
    pub account: AccountName,
    /// How the account's collateral works.
    pub mode: AccountMode,
    /// Whether the account was rebuilt from fills rather than reported.
    pub reconstructed: bool,
    /// When it was so, see [`Account::at`].
    pub at: Timestamp,
    /// The newest fill or transfer after that, see [`Account::stirred`].
    pub stirred: Option<Timestamp>,
    /// The position as reported or rebuilt.
    pub position: AccountPosition,
    /// The price that liquidates it by the venue's rules, or why there is none.
    pub outcome: Outcome,
    /// Effective leverage: notional over the margin that stands behind the position.
    pub leverage: f64,
}

impl Holding {
    /// The price that liquidates it.
    pub const fn liquidation_price(&self) -> Option<f64> {
        match self.outcome {
            Outcome::Priced(price) => Some(price),
            _ => None,
        }
    }
}

impl AccountBook {
    /// Every account's position in a market, in the order of names, priced by the margin rules of `on`.
    ///
    /// Each account is valued at the marks it was reported at (rebuilt ones at the newest marks), all other
    /// positions held there: the number the venue prints for it.
    pub fn holdings(&self, symbol: &Symbol, on: Timestamp) -> Vec<Holding> {
        self.accounts().flat_map(|account| self.holding(&account, symbol, on)).collect()
    }

    fn holding(&self, account: &Account<'_>, symbol: &Symbol, on: Timestamp) -> Vec<Holding> {
        if !account.holds(symbol) {
            return Vec::new();
        }
        let Some(state) = account.state() else { return Vec::new() };
        let valued = value(self.venue(), &state, on);
        let reconstructed = matches!(account.source(), AccountSource::Reconstructed(_));
        let (mode, positions) = match state {
            Cow::Borrowed(state) => (state.mode, state.positions.clone()),
            Cow::Owned(state) => (state.mode, state.positions),
        };
        positions
            .into_iter()
            .zip(valued)
            .filter(|(position, _)| position.symbol == *symbol)
            .map(|(position, valued)| Holding {
                account: account.name().clone(),
                mode,
                reconstructed,
                at: account.at(),
                stirred: account.stirred(),
                position,
                outcome: valued.outcome,
                leverage: valued.leverage,
            })
            .collect()
    }
}
