//! From an account as its venue publishes it to the price of every position.

use std::borrow::Cow;

use liqlens_market::{
    AccountMode, AccountPosition, AccountState, Backing, Contract, MarginTable, MarketId, Timestamp, Venue,
};

use crate::account::{CrossAccount, Leg};
use crate::condition::Position;
use crate::in_force::rules;
use crate::rules::{ContractKind, MarginMode, Valued};
use crate::tables::{MissingTable, table};
use crate::tiers::{liquidation, maintenance};

/// An account's positions with their liquidation prices, in the order of the state.
#[derive(Debug, Clone, PartialEq)]
pub struct ValuedAccount {
    /// One for each position of the state.
    pub positions: Vec<ValuedPosition>,
    /// Maintenance of all cross positions by our schedules; `None` if one of them has no schedule.
    pub cross_maintenance: Option<f64>,
}

/// A position of a public account, valued.
#[derive(Debug, Clone, PartialEq)]
pub struct ValuedPosition {
    /// What came out.
    pub outcome: Outcome,
    /// Maintenance at the mark price, quote currency; `None` without a schedule.
    pub maintenance: Option<f64>,
    /// Margin behind the position with everything else at its mark, quote currency: its own if isolated,
    /// what the account has above the maintenance of the others if cross.
    pub margin: Option<f64>,
}

impl ValuedPosition {
    /// The liquidation price, if there is one.
    pub const fn price(&self) -> Option<f64> {
        match self.outcome {
            Outcome::Priced(price) => Some(price),
            Outcome::Never | Outcome::NoTable(_) | Outcome::PortfolioMargin => None,
        }
    }
}

/// What became of a position.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// It is liquidated here, everything else at its mark.
    Priced(f64),
    /// No price liquidates it.
    Never,
    /// Its market's schedule, or that of another position it shares margin with, is not known.
    NoTable(MissingTable),
    /// Portfolio margin: its positions have no price of their own.
    PortfolioMargin,
}

/// Values an account's positions with the schedules of a day: [`PublicAccount::new`] and
/// [`PublicAccount::value`].
pub fn value_account(venue: Venue, state: &AccountState, at: Timestamp) -> ValuedAccount {
    PublicAccount::new(venue, state, at).value()
}

/// An account as its venue publishes it, with the schedule of each of its positions.
///
/// Cross positions share [`AccountState::cross_equity`]; each is priced with all others at their marks, as
/// the venues print it. Where a schedule is missing, the venue's own total of maintenance stands in for the
/// part that is not known; without that, none of the account's cross positions can be priced.
#[derive(Debug, Clone)]
pub struct PublicAccount<'a> {
    state: &'a AccountState,
    tables: Vec<Result<Cow<'static, MarginTable>, MissingTable>>,
    valued: Valued,
}

impl<'a> PublicAccount<'a> {
    /// Finds the schedules of a day.
    pub fn new(venue: Venue, state: &'a AccountState, at: Timestamp) -> Self {
        let tables = state.positions.iter().map(|position| schedule(venue, position, at)).collect();
        // A venue without a dated rule for cross margin prints no price that could be imitated better.
        let valued = rules(venue, ContractKind::Linear, MarginMode::Cross, at)
            .map_or(Valued::AtLiquidation, |rules| rules.valued);
        Self { state, tables, valued }
    }

    /// The positions that share the account's equity, in the order of [`PublicAccount::cross`]'s legs.
    pub fn cross_positions(&self) -> impl Iterator<Item = &'a AccountPosition> {
        self.scheduled().filter(|(_, table)| table.is_ok()).map(|(position, _)| position)
    }

    /// The cross account, for the prices of its legs and the joint question.
    pub fn cross(&self) -> Result<CrossAccount<'_>, MissingTable> {
        let legs: Vec<Leg<'_>> = self
            .scheduled()
            .filter_map(|(position, table)| {
                Some(Leg {
                    side: position.side,
                    size: position.size.to_f64(),
                    mark_price: position.mark_price.to_f64(),
                    table: table.as_ref().ok()?,
                })
            })
            .collect();
        let mut account = CrossAccount {
            equity: self.state.cross_equity.to_f64(),
            other_maintenance: 0.0,
            valued: self.valued,
            legs,
        };
        if let Some(missing) = self.missing() {
            let stated = self.state.cross_maintenance.ok_or_else(|| missing.clone())?;
            account.other_maintenance = (stated.to_f64() - account.maintenance()).max(0.0);
        }
        Ok(account)
    }

    /// Every position with its liquidation price.
    pub fn value(&self) -> ValuedAccount {
        let cross = self.cross();
        let available = cross.as_ref().map_or(0.0, CrossAccount::available);
        let mut cross_prices = cross.iter().flat_map(CrossAccount::liquidation_prices);
        let positions = self
            .state
            .positions
            .iter()
            .zip(&self.tables)
            .map(|(position, table)| {
                let (size, mark_price) = (position.size.to_f64(), position.mark_price.to_f64());
                let maintenance =
                    table.as_ref().ok().map(|table| maintenance(table, Contract::Linear, size, mark_price));
                let priced = match (table, position.backing, &cross) {
                    (Err(missing), _, _) | (Ok(_), Backing::Cross, Err(missing)) => Err(missing),
                    (Ok(_), Backing::Cross, Ok(_)) => {
                        Ok((cross_prices.next().flatten(), available + maintenance.unwrap_or(0.0)))
                    }
                    (Ok(table), Backing::Isolated(margin), _) => {
                        let margin = margin.to_f64();
                        let own = Position { side: position.side, entry_price: mark_price, size, margin };
                        Ok((liquidation(&own, Contract::Linear, table), margin))
                    }
                };
                let outcome = match &priced {
                    Err(missing) => Outcome::NoTable((*missing).clone()),
                    Ok(_) if self.state.mode == AccountMode::Portfolio => Outcome::PortfolioMargin,
                    Ok((Some(found), _)) => Outcome::Priced(found.price),
                    // So far under water that no price of this coin would save it: liquidated where it is.
                    Ok((None, margin)) if maintenance.is_some_and(|needed| *margin <= needed) => {
                        Outcome::Priced(mark_price)
                    }
                    Ok((None, _)) => Outcome::Never,
                };
                ValuedPosition { outcome, maintenance, margin: priced.ok().map(|(_, margin)| margin) }
            })
            .collect();
        let cross_maintenance =
            self.missing().is_none().then(|| cross.as_ref().map_or(0.0, CrossAccount::maintenance));
        ValuedAccount { positions, cross_maintenance }
    }

    /// The cross positions with their schedules.
    fn scheduled(
        &self,
    ) -> impl Iterator<Item = (&'a AccountPosition, &Result<Cow<'static, MarginTable>, MissingTable>)> {
        let positions: &'a [AccountPosition] = &self.state.positions;
        positions.iter().zip(&self.tables).filter(|(position, _)| position.backing == Backing::Cross)
    }

    /// The first schedule that a cross position lacks.
    fn missing(&self) -> Option<&MissingTable> {
        self.scheduled().find_map(|(_, table)| table.as_ref().err())
    }
}

/// The schedule that holds for a position. On Hyperliquid the largest leverage of the position's own record
/// decides. Where it is that of the market's first tier, or of the tier that the position has grown into (the
/// record then shows the lower number), the market's schedule holds. Where it is neither (protocol vaults
/// keep 50× on every coin), or there is no schedule (markets of builder-deployed exchanges), the rate is half
/// of its inverse at any size.
fn schedule(
    venue: Venue,
    position: &AccountPosition,
    at: Timestamp,
) -> Result<Cow<'static, MarginTable>, MissingTable> {
    let market = MarketId { venue, symbol: position.symbol.clone() };
    let found = table(&market, at);
    let own_leverage = position.max_leverage.map(f64::from).filter(|_| venue == Venue::Hyperliquid);
    let Some(leverage) = own_leverage else { return found.map(|dated| Cow::Borrowed(&dated.table)) };
    if let Ok(dated) = &found {
        let tiers = dated.table.tiers();
        let reached = dated.table.tier_of(position.size.to_f64() * position.mark_price.to_f64());
        if [0, reached].iter().any(|&tier| tiers[tier].max_leverage == leverage) {
            return Ok(Cow::Borrowed(&dated.table));
        }
    }
    match MarginTable::flat(0.5 / leverage, leverage) {
        Ok(flat) => Ok(Cow::Owned(flat)),
        Err(_) => found.map(|dated| Cow::Borrowed(&dated.table)),
    }
}

#[cfg(test)]
mod tests {
    use liqlens_market::{AccountName, Amount, Price, Side, Size, Symbol};

    use super::*;

    /// A short of 2 at 100 behind an equity of −250 is lost at any price of its coin: at zero it would still
    /// owe 50. Behind −150 it would be saved at 25/1.01 (by hand: −150 + 2·(100 − P) = 0.02·P at 1 %).
    #[test]
    fn a_hopeless_position_is_liquidated_where_it_stands() {
        let state = |equity: &str| AccountState {
            account: AccountName::new("0x01").unwrap(),
            mode: AccountMode::Standard,
            cross_equity: Amount::parse(equity.as_bytes()).unwrap(),
            cross_maintenance: None,
            positions: vec![AccountPosition {
                symbol: Symbol::new("BTC").unwrap(),
                side: Side::Short,
                size: Size::parse(b"2").unwrap(),
                entry_price: None,
                mark_price: Price::parse(b"100").unwrap(),
                backing: Backing::Cross,
                max_leverage: Some(50),
                liquidation_price: None,
            }],
        };
        let at = Timestamp::parse_text("2026-10-08").unwrap();
        let price = |equity| value_account(Venue::Hyperliquid, &state(equity), at).positions[0].price();
        assert_eq!(price("-250"), Some(100.0));
        assert!((price("-150").unwrap() - 25.0 / 1.01).abs() < 1e-9);
    }
}
