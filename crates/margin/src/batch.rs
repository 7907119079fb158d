//! Many isolated positions against one schedule.
//!
//! The same answer as [`crate::liquidation`], arranged for throughput: everything that depends only on the
//! schedule is worked out once, and a position then costs one division and a multiplication per tier.

use liqlens_market::{Contract, MarginTable, Side, TierRule};

use crate::condition::{Position, a_price};

/// A continuous schedule made ready for one contract, with maintenance valued at the liquidation price.
#[derive(Debug, Clone)]
pub struct PreparedTable {
    contract: Contract,
    tiers: Vec<PreparedTier>,
}

#[derive(Debug, Clone, Copy)]
struct PreparedTier {
    amount: f64,
    /// `1/(1 − s·(m + f))` (linear) or `1/(1 + s·(m + f))` (inverse) for longs and shorts.
    per_rate: [f64; 2],
}

impl PreparedTable {
    /// Makes a schedule ready; `None` for a rule other than [`TierRule::Continuous`].
    pub fn new(table: &MarginTable, contract: Contract, fee_rate: f64) -> Option<Self> {
        if table.rule() != TierRule::Continuous {
            return None;
        }
        let tiers = table
            .tiers()
            .iter()
            .map(|tier| {
                let rate = tier.maintenance_rate + fee_rate;
                let signed = match contract {
                    Contract::Linear => [1.0 - rate, 1.0 + rate],
                    Contract::Inverse { .. } => [1.0 + rate, 1.0 - rate],
                };
                PreparedTier { amount: tier.maintenance_amount, per_rate: signed.map(f64::recip) }
            })
            .collect();
        Some(Self { contract, tiers })
    }

    /// The liquidation price of one position, or `None` if there is none.
    ///
    /// Linear: a long dies at the highest, a short at the lowest of the tiers' prices
    /// `(E − s·(M + c)/q) / (1 − s·m)`. Inverse: the same in coin, of `y = S/P`.
    #[inline]
    pub fn price(&self, position: &Position) -> Option<f64> {
        let s = position.side.sign();
        let side = position.side.index();
        match self.contract {
            Contract::Linear => {
                let per_size = s / position.size;
                let bare = position.entry_price - position.margin * per_size;
                let prices =
                    self.tiers.iter().map(|tier| (bare - tier.amount * per_size) * tier.per_rate[side]);
                a_price(match position.side {
                    Side::Long => prices.fold(f64::NEG_INFINITY, f64::max),
                    Side::Short => prices.fold(f64::INFINITY, f64::min),
                })
            }
            Contract::Inverse { contract_value } => {
                let value = position.size * contract_value;
                let bare = value / position.entry_price + s * position.margin;
                let coins = self.tiers.iter().map(|tier| (bare + s * tier.amount) * tier.per_rate[side]);
                a_price(
                    value
                        / match position.side {
                            Side::Long => coins.fold(f64::INFINITY, f64::min),
                            Side::Short => coins.fold(f64::NEG_INFINITY, f64::max),
                        },
                )
            }
        }
    }

    /// Prices of many positions, appended to `prices` in their order.
    pub fn prices(&self, positions: &[Position], prices: &mut Vec<Option<f64>>) {
        prices.extend(positions.iter().map(|position| self.price(position)));
    }
}
