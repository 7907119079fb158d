//! Where a holding's liquidation price comes from.

use liqlens_market::{AccountMode, AccountState, Backing, Contract, MarketId, Timestamp, Venue};

/// What the margin rules say about a position.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// This price liquidates it.
    Priced(f64),
    /// No price does.
    Never,
    /// The rules of a market it shares margin with are not known.
    NoTable,
    /// Margin by scenarios: no position has a price of its own.
    Portfolio,
}

pub(crate) struct Valued {
    pub(crate) outcome: Outcome,
    pub(crate) leverage: f64,
}

pub(crate) fn value(venue: Venue, state: &AccountState, on: Timestamp) -> Vec<Valued> {
    let tables: Vec<_> = state
        .positions
        .iter()
        .map(|p| liqlens_margin::table(&MarketId { venue, symbol: p.symbol.clone() }, on).ok())
        .collect();
    let need = |i: usize| {
        let p = &state.positions[i];
        let n = p.size.to_f64() * p.mark_price.to_f64();
        tables[i].map(|t| {
            let t = &t.table;
            let tier = &t.tiers()[t.tier_of(n)];
            n * tier.maintenance_rate - tier.maintenance_amount
        })
    };
    let cross: Option<f64> =
        (0..state.positions.len()).filter(|i| state.positions[*i].backing == Backing::Cross).map(need).sum();
    let equity = state.cross_equity.to_f64();
    let gross: f64 = state
        .positions
        .iter()
        .filter(|p| p.backing == Backing::Cross)
        .map(|p| p.size.to_f64() * p.mark_price.to_f64())
        .sum();
    state
        .positions
        .iter()
        .enumerate()
        .map(|(i, p)| {
            let notional = p.size.to_f64() * p.mark_price.to_f64();
            let margin = match p.backing {
                Backing::Isolated(m) => Some(m.to_f64()),
                Backing::Cross => cross.zip(need(i)).map(|(all, own)| equity - all + own),
            };
            let leverage = match p.backing {
                Backing::Isolated(m) => notional / m.to_f64(),
                Backing::Cross => gross / equity,
            };
            let outcome = match (state.mode, margin, tables[i]) {
                (AccountMode::Portfolio, ..) => Outcome::Portfolio,
                (_, Some(margin), Some(table)) => {
                    let position = liqlens_margin::Position {
                        side: p.side,
                        entry_price: p.mark_price.to_f64(),
                        size: p.size.to_f64(),
                        margin,
                    };
                    match liqlens_margin::liquidation(&position, Contract::Linear, &table.table) {
                        Some(l) => Outcome::Priced(l.price),
                        None => Outcome::Never,
                    }
                }
                _ => Outcome::NoTable,
            };
            Valued { outcome, leverage }
        })
        .collect()
}
