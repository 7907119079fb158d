//! From an account as its venue publishes it to the price of every position.

use std::borrow::Cow;

use liqlens_market::{
    AccountMode, AccountPosition, AccountState, Backing, Contract, MarginTable, MarketId, Timestamp, Venue,
};

use crate::account::{CrossAccount, Leg};
use crate::condition::Position;
use crate::rules::{ContractKind, MarginMode, Valued, rules};
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

/// Values an account's positions with the schedules of a day.
///
/// Cross positions share [`AccountState::cross_equity`]; each is priced with all others at their marks, as
/// the venues print it. Where a schedule is missing, the venue's own total of maintenance stands in for the
/// part that is not known; without that, none of the account's cross positions can be priced.
pub fn value_account(venue: Venue, state: &AccountState, at: Timestamp) -> ValuedAccount {
    let tables: Vec<_> = state.positions.iter().map(|position| schedule(venue, position, at)).collect();
    let maintenances: Vec<Option<f64>> = state
        .positions
        .iter()
        .zip(&tables)
        .map(|(position, table)| {
            let table = table.as_ref().ok()?;
            Some(maintenance(table, Contract::Linear, position.size.to_f64(), position.mark_price.to_f64()))
        })
        .collect();

    let is_cross = |position: &AccountPosition| position.backing == Backing::Cross;
    let cross = || state.positions.iter().zip(&maintenances).filter(|(position, _)| is_cross(position));
    let known: f64 = cross().filter_map(|(_, maintenance)| *maintenance).sum();
    let unknown = cross().any(|(_, maintenance)| maintenance.is_none());
    let other_maintenance = match (unknown, state.cross_maintenance) {
        (false, _) => Some(0.0),
        (true, Some(stated)) => Some((stated.to_f64() - known).max(0.0)),
        (true, None) => None,
    };
    let missing = || {
        state
            .positions
            .iter()
            .zip(&tables)
            .filter(|(position, _)| is_cross(position))
            .find_map(|(_, t)| t.as_ref().err().cloned())
    };
    // A venue without a dated rule for cross margin prints no price that could be imitated better.
    let valued = rules(venue, ContractKind::Linear, MarginMode::Cross, at)
        .map_or(Valued::AtLiquidation, |rules| rules.valued);
    let account = CrossAccount {
        equity: state.cross_equity.to_f64(),
        other_maintenance: other_maintenance.unwrap_or(0.0),
        valued,
        legs: state
            .positions
            .iter()
            .zip(&tables)
            .filter(|(position, _)| is_cross(position))
            .filter_map(|(position, table)| {
                Some(Leg {
                    side: position.side,
                    size: position.size.to_f64(),
                    mark_price: position.mark_price.to_f64(),
                    table: table.as_ref().ok()?,
                })
            })
            .collect(),
    };
    let available = account.available();
    let mut cross_prices = account.liquidation_prices();

    let positions = state
        .positions
        .iter()
        .zip(&tables)
        .zip(&maintenances)
        .map(|((position, table), maintenance)| {
            let no_table = |error: &MissingTable| ValuedPosition {
                outcome: Outcome::NoTable(error.clone()),
                maintenance: *maintenance,
                margin: None,
            };
            let (found, margin) = match (table, position.backing) {
                (Err(error), _) => return no_table(error),
                (Ok(_), Backing::Cross) => {
                    let found = cross_prices.next().flatten();
                    if other_maintenance.is_none()
                        && let Some(error) = missing()
                    {
                        return no_table(&error);
                    }
                    (found, available + maintenance.unwrap_or(0.0))
                }
                (Ok(table), Backing::Isolated(margin)) => {
                    let own = Position {
                        side: position.side,
                        entry_price: position.mark_price.to_f64(),
                        size: position.size.to_f64(),
                        margin: margin.to_f64(),
                    };
                    (liquidation(&own, Contract::Linear, table), margin.to_f64())
                }
            };
            let outcome = match found {
                _ if state.mode == AccountMode::Portfolio => Outcome::PortfolioMargin,
                Some(found) => Outcome::Priced(found.price),
                None => Outcome::Never,
            };
            ValuedPosition { outcome, maintenance: *maintenance, margin: Some(margin) }
        })
        .collect();
    ValuedAccount { positions, cross_maintenance: (!unknown).then_some(known) }
}

/// The schedule that holds for a position. On Hyperliquid the largest leverage of the position's own record
/// decides: where it is not the first of the market's schedule (protocol vaults keep 50× on every coin), or
/// there is no schedule (markets of builder-deployed exchanges), the rate is half of its inverse at any
/// size.
fn schedule(
    venue: Venue,
    position: &AccountPosition,
    at: Timestamp,
) -> Result<Cow<'static, MarginTable>, MissingTable> {
    let market = MarketId { venue, symbol: position.symbol.clone() };
    let found = table(&market, at);
    let own_leverage = position.max_leverage.map(f64::from).filter(|_| venue == Venue::Hyperliquid);
    let Some(leverage) = own_leverage else { return found.map(|dated| Cow::Borrowed(&dated.table)) };
    if let Ok(dated) = &found
        && dated.table.tiers().first().is_some_and(|tier| tier.max_leverage == leverage)
    {
        return Ok(Cow::Borrowed(&dated.table));
    }
    match MarginTable::flat(0.5 / leverage, leverage) {
        Ok(flat) => Ok(Cow::Owned(flat)),
        Err(_) => found.map(|dated| Cow::Borrowed(&dated.table)),
    }
}
