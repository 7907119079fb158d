//! What the accounts of a book hold in one market, each position with the price that liquidates it.

use std::borrow::Cow;

use liqlens_margin::{Outcome, value_account};
use liqlens_market::{AccountMode, AccountName, AccountPosition, Symbol, Timestamp};

use crate::accounts::{Account, AccountBook, AccountSource};

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
    /// Margin behind it, quote currency, see [`liqlens_margin::ValuedPosition::margin`].
    pub margin: Option<f64>,
}

impl Holding {
    /// The price that liquidates it.
    pub const fn liquidation_price(&self) -> Option<f64> {
        match self.outcome {
            Outcome::Priced(price) => Some(price),
            Outcome::Never | Outcome::NoTable(_) | Outcome::PortfolioMargin => None,
        }
    }

    /// Value at the mark it was valued at, quote currency.
    pub fn notional(&self) -> f64 {
        self.position.size.to_f64() * self.position.mark_price.to_f64()
    }

    /// Effective leverage: notional over the margin behind it; infinite where nothing is left behind it,
    /// `None` where that is not known.
    pub fn leverage(&self) -> Option<f64> {
        let margin = self.margin?;
        Some(if margin > 0.0 { self.notional() / margin } else { f64::INFINITY })
    }

    /// Our liquidation price against the venue's own, relative to the venue's; `None` unless both exist.
    pub fn relative_difference(&self) -> Option<f64> {
        let venue = self.position.liquidation_price?.to_f64();
        Some(self.liquidation_price()? / venue - 1.0)
    }
}

impl AccountBook {
    /// Every account's position in a market, in the order of names.
    ///
    /// Each account is valued at the marks it was reported at and by the margin rules of that time, all
    /// other positions held there: the number the venue prints for it. Rebuilt accounts are valued at the
    /// newest marks.
    pub fn holdings(&self, symbol: &Symbol) -> Vec<Holding> {
        self.accounts().flat_map(|account| self.holding(&account, symbol)).collect()
    }

    fn holding(&self, account: &Account<'_>, symbol: &Symbol) -> Vec<Holding> {
        if !account.holds(symbol) {
            return Vec::new();
        }
        let Some(state) = account.state() else { return Vec::new() };
        let reconstructed = matches!(account.source(), AccountSource::Reconstructed(_));
        let on = if reconstructed { self.clock().unwrap_or(account.at()) } else { account.at() };
        let valued = value_account(self.venue(), &state, on);
        let (mode, positions) = match state {
            Cow::Borrowed(state) => (state.mode, state.positions.clone()),
            Cow::Owned(state) => (state.mode, state.positions),
        };
        positions
            .into_iter()
            .zip(valued.positions)
            .filter(|(position, _)| position.symbol == *symbol)
            .map(|(position, valued)| Holding {
                account: account.name().clone(),
                mode,
                reconstructed,
                at: account.at(),
                stirred: account.stirred(),
                position,
                outcome: valued.outcome,
                margin: valued.margin,
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use liqlens_market::{AccountState, Amount, Backing, Event, EventBody, Price, Side, Size, Venue};

    use super::*;

    fn position(coin: &str, size: &str, mark: &str, leverage: u16, venue_price: &str) -> AccountPosition {
        AccountPosition {
            symbol: Symbol::new(coin).unwrap(),
            side: Side::Short,
            size: Size::parse(size.as_bytes()).unwrap(),
            entry_price: None,
            mark_price: Price::parse(mark.as_bytes()).unwrap(),
            backing: Backing::Cross,
            max_leverage: Some(leverage),
            liquidation_price: Price::parse(venue_price.as_bytes()).ok(),
        }
    }

    /// A unified account recorded on 2026-10-08 with the prices the venue printed for it; collateral is its
    /// spot balance.
    fn recorded() -> AccountState {
        AccountState {
            account: AccountName::new("0xunified").unwrap(),
            mode: AccountMode::Unified,
            cross_equity: Amount::parse(b"1279260.79987858").unwrap(),
            cross_maintenance: Some(Amount::parse(b"44258.806876").unwrap()),
            positions: vec![
                position("BTC", "22", "80870", 40, "136313.4115825814"),
                position("ETH", "125", "2423.8", 25, "12110.0901411922"),
                position("NEAR", "70560.4", "4.5238", 10, "21.1930985625"),
            ],
        }
    }

    fn book(state: AccountState) -> AccountBook {
        let at = Timestamp::parse_text("2026-10-08T00:00:00Z").unwrap();
        let mut book = AccountBook::new(Venue::Hyperliquid);
        book.step(&Event::at(at, EventBody::Account(Box::new(state))));
        book
    }

    #[test]
    fn a_recorded_account_has_the_venues_own_prices() {
        let book = book(recorded());
        for (coin, size) in [("BTC", 22.0), ("ETH", 125.0), ("NEAR", 70_560.4)] {
            let holdings = book.holdings(&Symbol::new(coin).unwrap());
            let [holding] = holdings.as_slice() else { panic!("{coin}: {holdings:?}") };
            assert_eq!(holding.position.size.to_f64(), size);
            assert!(holding.relative_difference().unwrap().abs() < 1e-9, "{coin}: {holding:?}");
        }
        assert!(book.holdings(&Symbol::new("SOL").unwrap()).is_empty());
    }

    /// By hand: what the account has above the maintenance of the others is
    /// 1,279,260.80 − 44,258.81 + 22·80,870·0.0125 = 1,257,241.24, so bitcoin worth 1,779,140 is held at
    /// 1.415 times.
    #[test]
    fn leverage_is_notional_over_what_stands_behind_the_position() {
        let book = book(recorded());
        let leverage = book.holdings(&Symbol::new("BTC").unwrap())[0].leverage().unwrap();
        assert!((leverage - 1_779_140.0 / 1_257_241.243).abs() < 1e-6, "{leverage}");
    }

    #[test]
    fn portfolio_accounts_have_no_price() {
        let book = book(AccountState { mode: AccountMode::Portfolio, ..recorded() });
        let holding = &book.holdings(&Symbol::new("BTC").unwrap())[0];
        assert_eq!((holding.liquidation_price(), &holding.outcome), (None, &Outcome::PortfolioMargin));
    }
}
