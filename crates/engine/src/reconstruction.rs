//! One account rebuilt from its fills and transfers: exact cash, signed positions, and its equity over time.
//!
//! A fill of size `q` at price `p` moves `q·p` between cash and position and nothing else, so cash is an
//! integer sum that never rounds: transfers in, less what was bought, plus what was sold. Fees and funding
//! are not part of fills and therefore missing from it; what they can amount to is for the reader to bound.

use std::collections::BTreeMap;

use liqlens_market::{AccountFill, Amount, Price, Symbol, Taker, Timestamp, UNITS_PER_ONE};
use serde::{Deserialize, Serialize};

/// Integer units of one quote unit at the resolution of cash: products of price and size are exact to 1e-16.
const CASH_PER_ONE: i128 = (UNITS_PER_ONE as i128) * (UNITS_PER_ONE as i128);

/// An exact, signed sum of quote currency in units of 1e-16, the resolution of price × size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Cash(i128);

impl Cash {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// A transferred amount.
    pub fn from_amount(amount: Amount) -> Self {
        Self(i128::from(amount.units()) * i128::from(UNITS_PER_ONE))
    }

    /// What a signed size (units of 1e-8) is worth at a price.
    fn of_position(size_units: i64, price: Price) -> Self {
        Self(i128::from(size_units) * i128::from(price.units()))
    }

    /// Integer units of 1e-16.
    pub const fn units(self) -> i128 {
        self.0
    }

    /// In whole quote units, for figures shown to people.
    pub fn to_f64(self) -> f64 {
        self.0 as f64 / CASH_PER_ONE as f64
    }

    /// The nearest [`Amount`] towards zero; `None` beyond its range.
    pub fn to_amount(self) -> Option<Amount> {
        i64::try_from(self.0 / i128::from(UNITS_PER_ONE)).ok().map(Amount::from_units)
    }

    /// `self + other`, or `None` beyond 1.7e22 quote units.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    fn saturating_add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

/// A position rebuilt from fills.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Leg {
    /// Signed size in units of 1e-8 base coin: above zero is long.
    pub size_units: i64,
    /// Average entry price: weighted by size while the position grows, unchanged while it shrinks, the
    /// fill's own price when it turns around. Meaningless while the position is flat.
    pub entry_price: f64,
}

/// How an account's equity went, looked at after each of its own fills and transfers at the marks known
/// then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct EquityPath {
    /// Lowest equity seen and when.
    pub lowest: Option<(Cash, Timestamp)>,
    /// Fills and transfers after which equity was below zero.
    pub times_below_zero: u64,
    /// Withdrawals larger than the equity they were taken from.
    pub overdrafts: u64,
    /// By how much the worst of them was larger.
    pub largest_overdraft: Cash,
}

/// One account rebuilt from its fills and transfers.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Reconstruction {
    cash: Cash,
    legs: BTreeMap<Symbol, Leg>,
    path: EquityPath,
    transferred: Cash,
    traded: Cash,
    transfers: u64,
    fills: u64,
}

impl Reconstruction {
    /// Transfers, less purchases, plus sales.
    pub const fn cash(&self) -> Cash {
        self.cash
    }

    /// Positions by symbol, flat ones included: they say that the account traded there.
    pub const fn legs(&self) -> &BTreeMap<Symbol, Leg> {
        &self.legs
    }

    /// The equity path.
    pub const fn path(&self) -> &EquityPath {
        &self.path
    }

    /// Deposits less withdrawals.
    pub const fn transferred(&self) -> Cash {
        self.transferred
    }

    /// Turnover: Σ price × size of all fills. What fees are charged on.
    pub const fn traded(&self) -> Cash {
        self.traded
    }

    /// Number of transfers.
    pub const fn transfers(&self) -> u64 {
        self.transfers
    }

    /// Number of fills.
    pub const fn fills(&self) -> u64 {
        self.fills
    }

    /// Whether no position is open.
    pub fn is_flat(&self) -> bool {
        self.legs.values().all(|leg| leg.size_units == 0)
    }

    /// Cash and the value of all positions; a symbol without a mark counts nothing (there is none: a fill
    /// is a mark). Saturates at 1.7e22 quote units.
    pub fn equity(&self, mark: impl Fn(&Symbol) -> Option<Price>) -> Cash {
        self.legs.iter().filter(|(_, leg)| leg.size_units != 0).fold(self.cash, |equity, (symbol, leg)| {
            match mark(symbol) {
                Some(price) => equity.saturating_add(Cash::of_position(leg.size_units, price)),
                None => equity,
            }
        })
    }

    /// Takes a transfer. `false` if the sums would leave their range; nothing is changed then.
    pub(crate) fn transfer(
        &mut self,
        at: Timestamp,
        amount: Amount,
        mark: impl Fn(&Symbol) -> Option<Price>,
    ) -> bool {
        let moved = Cash::from_amount(amount);
        let (Some(cash), Some(transferred)) =
            (self.cash.checked_add(moved), self.transferred.checked_add(moved))
        else {
            return false;
        };
        (self.cash, self.transferred) = (cash, transferred);
        self.transfers += 1;
        let after = self.equity(mark);
        if moved < Cash::ZERO && after < Cash::ZERO {
            self.path.overdrafts += 1;
            // What was missing before the withdrawal is not its fault.
            let missing = Cash::ZERO.saturating_sub(after).min(Cash::ZERO.saturating_sub(moved));
            self.path.largest_overdraft = self.path.largest_overdraft.max(missing);
        }
        self.path.look(at, after);
        true
    }

    /// Takes a fill, whose price is already the mark of its symbol. `false` if the sums would leave their
    /// range; nothing is changed then.
    pub(crate) fn fill(
        &mut self,
        at: Timestamp,
        fill: &AccountFill,
        mark: impl Fn(&Symbol) -> Option<Price>,
    ) -> bool {
        let signed = match fill.side {
            Taker::Buy => fill.size.units(),
            Taker::Sell => -fill.size.units(),
        };
        let leg = self.legs.get(&fill.symbol).copied().unwrap_or_default();
        let value = Cash::of_position(signed, fill.price);
        let turnover = Cash::of_position(fill.size.units(), fill.price);
        let sums = (
            leg.size_units.checked_add(signed),
            self.cash.0.checked_sub(value.0),
            self.traded.checked_add(turnover),
        );
        let (Some(size_units), Some(cash), Some(traded)) = sums else { return false };
        let entry_price = entry_after(leg, signed, size_units, fill.price.to_f64());
        self.legs.insert(fill.symbol.clone(), Leg { size_units, entry_price });
        (self.cash, self.traded) = (Cash(cash), traded);
        self.fills += 1;
        let equity = self.equity(mark);
        self.path.look(at, equity);
        true
    }
}

impl EquityPath {
    fn look(&mut self, at: Timestamp, equity: Cash) {
        if self.lowest.is_none_or(|(lowest, _)| equity < lowest) {
            self.lowest = Some((equity, at));
        }
        if equity < Cash::ZERO {
            self.times_below_zero += 1;
        }
    }
}

/// Average entry price after a signed change of a position.
fn entry_after(leg: Leg, change: i64, size_units: i64, price: f64) -> f64 {
    let grows = leg.size_units.signum() == change.signum();
    let turns = leg.size_units == 0 || leg.size_units.signum() * size_units.signum() < 0;
    if turns {
        price
    } else if grows {
        let (held, added) = (leg.size_units as f64, change as f64);
        (leg.entry_price * held + price * added) / (held + added)
    } else {
        leg.entry_price
    }
}

#[cfg(test)]
mod tests {
    use liqlens_market::{AccountName, Size};
    use proptest::prelude::*;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_seconds(1_680_000_000 + second).unwrap()
    }

    fn fill(side: Taker, price: &str, size: &str) -> AccountFill {
        AccountFill {
            account: AccountName::new("a").unwrap(),
            symbol: Symbol::new("ETH").unwrap(),
            side,
            crossed: true,
            price: Price::parse(price.as_bytes()).unwrap(),
            size: Size::parse(size.as_bytes()).unwrap(),
        }
    }

    fn amount(text: &str) -> Amount {
        Amount::parse(text.as_bytes()).unwrap()
    }

    /// By hand: 100 in; buy 2 at 30 (cash 40); buy 2 at 40 (cash −40, entry 35); sell 3 at 50 (cash 110,
    /// entry stays); sell 2 at 45 (cash 200, short 1 from 45).
    #[test]
    fn cash_and_entries_follow_the_fills() {
        let mut account = Reconstruction::default();
        assert!(account.transfer(at(0), amount("100"), |_| None));
        let steps = [
            (fill(Taker::Buy, "30", "2"), 40.0, 2.0, 30.0),
            (fill(Taker::Buy, "40", "2"), -40.0, 4.0, 35.0),
            (fill(Taker::Sell, "50", "3"), 110.0, 1.0, 35.0),
            (fill(Taker::Sell, "45", "2"), 200.0, -1.0, 45.0),
        ];
        for (second, (fill, cash, size, entry)) in (1..).zip(steps) {
            assert!(account.fill(at(second), &fill, |_| Some(fill.price)));
            let leg = account.legs()[&fill.symbol];
            assert_eq!(account.cash().to_f64(), cash);
            assert_eq!((leg.size_units as f64 / 1e8, leg.entry_price), (size, entry));
        }
        assert_eq!(account.equity(|_| Price::parse(b"45").ok()).to_f64(), 155.0);
        // Equity after each step: 100, 100, 120, 160, 155.
        assert_eq!(account.path().lowest, Some((Cash::from_amount(amount("100")), at(0))));
        assert_eq!(account.traded().to_f64(), 60.0 + 80.0 + 150.0 + 90.0);
        assert!(!account.is_flat());
    }

    #[test]
    fn an_overdraft_is_what_the_withdrawal_itself_lacked() {
        let mut account = Reconstruction::default();
        account.transfer(at(0), amount("10"), |_| None);
        account.transfer(at(1), amount("-12.5"), |_| None);
        account.transfer(at(2), amount("-4"), |_| None);
        let path = account.path();
        assert_eq!((path.overdrafts, path.times_below_zero), (2, 2));
        assert_eq!(path.largest_overdraft, Cash::from_amount(amount("4")));
        assert_eq!(path.lowest, Some((Cash::from_amount(amount("-6.5")), at(2))));
    }

    #[test]
    fn sums_beyond_the_range_are_refused_and_change_nothing() {
        let mut account = Reconstruction::default();
        let huge = fill(Taker::Buy, "92233720368", "92233720368");
        assert!(account.fill(at(0), &huge, |_| Some(huge.price)));
        let before = account.clone();
        assert!(!account.fill(at(1), &huge, |_| Some(huge.price)));
        assert_eq!(account, before);
    }

    proptest! {
        /// What is held is what was bought less what was sold, and cash is transfers less purchases plus
        /// sales, exactly.
        #[test]
        fn nothing_is_lost(fills in proptest::collection::vec((any::<bool>(), 1..1_000_000_000_i64, 1..1_000_000_000_i64), 0..60)) {
            let mut account = Reconstruction::default();
            let (mut size, mut cash) = (0_i128, 0_i128);
            for (buy, price, quantity) in fills {
                let side = if buy { Taker::Buy } else { Taker::Sell };
                let fill = AccountFill {
                    side,
                    price: Price::from_units(price).unwrap(),
                    size: Size::from_units(quantity).unwrap(),
                    ..fill(side, "1", "1")
                };
                account.fill(at(0), &fill, |_| Some(fill.price));
                let sign = if buy { 1 } else { -1 };
                size += sign * i128::from(quantity);
                cash -= sign * i128::from(quantity) * i128::from(price);
            }
            let held: i128 = account.legs().values().map(|leg| i128::from(leg.size_units)).sum();
            prop_assert_eq!((held, account.cash().units()), (size, cash));
        }
    }
}
