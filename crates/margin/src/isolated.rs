//! The two formula families in which maintenance is revalued at the liquidation price.
//!
//! Linear (Binance USD-M, Hyperliquid and others): margin balance `M + s·q·(P − E)` meets maintenance
//! `q·P·m − c` at
//!
//! ```text
//! P = (s·q·E − M − c) / (q·(s − m))
//! ```
//!
//! Inverse (Binance COIN-M): with `S` the quote value of all contracts and margin in coin,
//!
//! ```text
//! P = S·(1 + s·m) / (S/E + s·(M + c))
//! ```

use liqlens_market::{Contract, MarginTable, MarginTier, Side};

/// A position and the margin that stands behind it.
///
/// For an isolated position `margin` is what was allotted to it. For a cross position seen alone it is
/// wallet balance − maintenance of all other positions + their unrealised profit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Position {
    /// Side held.
    pub side: Side,
    /// Average entry price, quote per base.
    pub entry_price: f64,
    /// Base coin (linear) or number of contracts (inverse).
    pub size: f64,
    /// Quote currency (linear) or base coin (inverse).
    pub margin: f64,
}

/// A liquidation price and the tier that makes it so.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Liquidation {
    /// Price at which margin balance equals maintenance.
    pub price: f64,
    /// Index into [`MarginTable::tiers`] of the tier that holds there.
    pub tier: usize,
}

/// The liquidation price of a position, or `None` if no price liquidates it (a long whose margin covers
/// its whole value, an inverse short with more coin than it owes).
///
/// Each tier is solved on its own; the one whose bracket contains the notional at its own solution is the
/// answer. With continuous maintenance amounts exactly one qualifies, except on a boundary, where two
/// agree and the lower is named.
///
/// Worked number (Binance's own example, tiers of 2020): long 109.488 BTC from 32,481.98 with 1,535,443.01
/// of margin. In the tier 1M–10M (2.5 %, amount 16,300):
/// `(109.488·32,481.98 − 1,535,443.01 − 16,300) / (109.488·0.975) = 18,778.73`, where the notional is
/// 2.06M, inside that tier.
pub fn liquidation(position: &Position, contract: Contract, table: &MarginTable) -> Option<Liquidation> {
    let last = table.tiers().len() - 1;
    table.tiers().iter().enumerate().find_map(|(tier, rules)| {
        let price = solve(position, contract, rules.maintenance_rate, rules.maintenance_amount)?;
        let notional = notional_in_tier_unit(position, contract, price);
        // Beyond the last cap a venue opens no position, but one may grow into it: the last tier's rules
        // keep applying.
        let inside = holds(rules, notional) || (tier == last && notional > rules.cap);
        inside.then_some(Liquidation { price, tier })
    })
}

/// The price at which the margin is used up entirely: the formula with no maintenance and no fee. Forced
/// orders are limited by it.
///
/// ```
/// # use liqlens_margin::{Position, bankruptcy_price};
/// # use liqlens_market::{Contract, Side};
/// let long = Position { side: Side::Long, entry_price: 100.0, size: 2.0, margin: 20.0 };
/// assert_eq!(bankruptcy_price(&long, Contract::Linear), Some(90.0)); // 10× leverage, 10 % away
/// ```
pub fn bankruptcy_price(position: &Position, contract: Contract) -> Option<f64> {
    solve(position, contract, 0.0, 0.0)
}

/// The unknown price for given maintenance terms.
fn solve(position: &Position, contract: Contract, rate: f64, amount: f64) -> Option<f64> {
    let Position { side, entry_price, size, margin } = *position;
    let s = side.sign();
    let price = match contract {
        Contract::Linear => (s * size * entry_price - margin - amount) / (size * (s - rate)),
        Contract::Inverse { contract_value } => {
            let value = size * contract_value;
            let denominator = value / entry_price + s * (margin + amount);
            if denominator <= 0.0 {
                return None;
            }
            value * (1.0 + s * rate) / denominator
        }
    };
    (price > 0.0 && price.is_finite()).then_some(price)
}

/// Notional in the unit of the tier bounds: quote for linear contracts, base coin for inverse ones.
fn notional_in_tier_unit(position: &Position, contract: Contract, price: f64) -> f64 {
    match contract {
        Contract::Linear => position.size * price,
        Contract::Inverse { contract_value } => position.size * contract_value / price,
    }
}

/// Whether a notional lies in the tier. The cap counts as inside, so that the lower tier is taken on a
/// boundary; both give the same price there.
fn holds(tier: &MarginTier, notional: f64) -> bool {
    (tier.floor..=tier.cap).contains(&notional)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn table(rows: &[(f64, f64, f64, f64)]) -> MarginTable {
        let tiers = rows
            .iter()
            .map(|&(floor, cap, maintenance_rate, maintenance_amount)| MarginTier {
                floor,
                cap,
                maintenance_rate,
                maintenance_amount,
                max_leverage: 1.0,
            })
            .collect();
        MarginTable::new(tiers).unwrap()
    }

    /// BTCUSDT brackets of 2020/21, which Binance's published examples were computed with.
    fn btcusdt_2020() -> MarginTable {
        table(&[
            (0.0, 50e3, 0.004, 0.0),
            (50e3, 250e3, 0.005, 50.0),
            (250e3, 1e6, 0.01, 1_300.0),
            (1e6, 10e6, 0.025, 16_300.0),
            (10e6, 20e6, 0.05, 266_300.0),
            (20e6, 50e6, 0.10, 1_266_300.0),
        ])
    }

    /// Binance support, "How to calculate liquidation price of USD-M futures contracts", isolated example.
    #[test]
    fn binance_published_isolated_long_btc() {
        let position =
            Position { side: Side::Long, entry_price: 32_481.98, size: 109.488, margin: 1_535_443.01 };
        let answer = liquidation(&position, Contract::Linear, &btcusdt_2020()).unwrap();
        assert!((answer.price - 18_778.73).abs() < 0.01, "{answer:?}");
        assert_eq!(answer.tier, 3, "tier at the liquidation price, not at entry");
    }

    /// The same document, cross margin: 1,535,443.01 − 71,200.81144 − 56,354.57 behind the ETH leg,
    /// maintenance 10 % less 135,365.
    #[test]
    fn binance_published_cross_long_eth() {
        let position = Position {
            side: Side::Long,
            entry_price: 1_456.84,
            size: 3_683.979,
            margin: 1_535_443.01 - 71_200.811_44 - 56_354.57,
        };
        let price = solve(&position, Contract::Linear, 0.10, 135_365.0).unwrap();
        assert!((price - 1_153.26).abs() < 0.01, "{price}");
        let isolated = Position { margin: 1_535_443.01, ..position };
        let price = solve(&isolated, Contract::Linear, 0.10, 135_365.0).unwrap();
        assert!((price - 1_114.78).abs() < 0.01, "{price}");
    }

    #[test]
    fn covered_positions_have_no_price() {
        let long = Position { side: Side::Long, entry_price: 100.0, size: 1.0, margin: 100.0 };
        assert_eq!(liquidation(&long, Contract::Linear, &btcusdt_2020()), None);
        let inverse = Contract::Inverse { contract_value: 100.0 };
        let short = Position { side: Side::Short, entry_price: 100.0, size: 1.0, margin: 1.0 };
        assert_eq!(liquidation(&short, inverse, &btcusdt_2020()), None);
    }

    proptest! {
        /// The defining equation, checked directly: at the liquidation price the margin balance equals the
        /// maintenance of the tier that the notional falls into.
        #[test]
        fn balance_equals_maintenance_at_the_price(
            long in any::<bool>(), size in 0.01..300.0_f64, leverage in 1.2..120.0_f64,
        ) {
            let table = btcusdt_2020();
            let side = if long { Side::Long } else { Side::Short };
            let entry_price = 30_000.0;
            let position = Position { side, entry_price, size, margin: size * entry_price / leverage };
            if let Some(answer) = liquidation(&position, Contract::Linear, &table) {
                let notional = size * answer.price;
                let needed = table
                    .tiers()
                    .iter()
                    .map(|t| notional * t.maintenance_rate - t.maintenance_amount)
                    .fold(f64::MIN, f64::max); // continuous and convex: the tier that holds asks most
                let balance = position.margin + side.sign() * size * (answer.price - entry_price);
                prop_assert!((balance - needed).abs() < 1e-6 * notional);
            } else {
                prop_assert!(false, "a leveraged linear position always has a price");
            }
        }

        /// The same equation for inverse contracts, where profit is paid in coin.
        #[test]
        fn inverse_balance_equals_maintenance(long in any::<bool>(), leverage in 1.5..100.0_f64) {
            let table = table(&[(0.0, 5.0, 0.004, 0.0), (5.0, 1e9, 0.005, 0.005)]);
            let side = if long { Side::Long } else { Side::Short };
            let (entry, value, size) = (50_000.0, 100.0, 1_000.0);
            let contract = Contract::Inverse { contract_value: value };
            let margin = size * value / entry / leverage;
            let position = Position { side, entry_price: entry, size, margin };
            if let Some(answer) = liquidation(&position, contract, &table) {
                let coin = size * value / answer.price;
                let profit = side.sign() * size * value * (1.0 / entry - 1.0 / answer.price);
                let tier = &table.tiers()[answer.tier];
                let needed = coin * tier.maintenance_rate - tier.maintenance_amount;
                prop_assert!((margin + profit - needed).abs() < 1e-9 * coin);
            }
        }
    }
}
