//! Maintenance by tier, and the tier that holds at the liquidation price.

use liqlens_market::{Contract, MarginTable, MarginTier, Side, TierRule};

use crate::condition::{Position, Terms, Valuation, a_price, notional, solve};

/// How a venue states its liquidation condition, apart from the rates.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Condition {
    /// Price at which maintenance is valued.
    pub valuation: Valuation,
    /// Fee rate reserved inside the condition.
    pub fee_rate: f64,
}

impl Condition {
    /// Maintenance revalued at the liquidation price, no fee: the commonest.
    pub const PLAIN: Self = Self { valuation: Valuation::AtLiquidation, fee_rate: 0.0 };
}

/// A liquidation price and the tier that makes it so.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Liquidation {
    /// Price at which margin balance equals maintenance.
    pub price: f64,
    /// Index into [`MarginTable::tiers`] of the tier that holds there.
    pub tier: usize,
}

/// Maintenance margin of a position at a price: quote currency (linear) or base coin (inverse).
///
/// ```
/// # use liqlens_margin::maintenance;
/// # use liqlens_market::{Contract, MarginTable, MarginTier};
/// let tier = |floor, cap, maintenance_rate, maintenance_amount| MarginTier {
///     floor, cap, maintenance_rate, maintenance_amount, max_leverage: 100.0,
/// };
/// let table = MarginTable::new(vec![tier(0.0, 300e3, 0.004, 0.0), tier(300e3, 800e3, 0.005, 300.0)]).unwrap();
/// // 5 BTC at 100,000: 0.4 % of the first 300,000 and 0.5 % of the other 200,000.
/// assert_eq!(maintenance(&table, Contract::Linear, 5.0, 100_000.0), 2_200.0);
/// ```
pub fn maintenance(table: &MarginTable, contract: Contract, size: f64, price: f64) -> f64 {
    let (rate, amount) = rate_and_amount(table, contract, size, price);
    notional(contract, size, price) * rate - amount
}

/// The rate and the amount that maintenance at a price is counted with.
pub(crate) fn rate_and_amount(table: &MarginTable, contract: Contract, size: f64, price: f64) -> (f64, f64) {
    let tiers = table.tiers();
    let (index, ramp) = match table.rule() {
        TierRule::Continuous | TierRule::WholeByNotional => {
            (table.tier_of(notional(contract, size, price)), 0.0)
        }
        TierRule::WholeBySize => (table.tier_of(size), 0.0),
        TierRule::Ramp { per_base } => (0, per_base * base_coins(contract, size, price)),
    };
    (tiers[index].maintenance_rate + ramp, tiers[index].maintenance_amount)
}

fn base_coins(contract: Contract, size: f64, price: f64) -> f64 {
    match contract {
        Contract::Linear => size,
        Contract::Inverse { .. } => notional(contract, size, price),
    }
}

/// The liquidation price of a position, or `None` if no price liquidates it. As [`liquidation_under`] with
/// [`Condition::PLAIN`].
///
/// The tier is the one that holds *at the liquidation price*, not at entry. Binance's own example: long
/// 109.488 BTC from 32,481.98 with 1,535,443.01 of margin has a notional of 3.56M at entry and of 2.06M at
/// 18,778.73, where it dies.
pub fn liquidation(position: &Position, contract: Contract, table: &MarginTable) -> Option<Liquidation> {
    liquidation_under(position, contract, table, &Condition::PLAIN)
}

/// The liquidation price under a venue's condition: the first price at which the balance no longer exceeds
/// what must be kept, going from entry in the direction of loss. A position for which that is so at entry
/// already (a cross position may have lost its margin to others) gets the price on the other side of entry
/// at which it would be safe again; where rates apply to the whole position, that of the tier at entry.
///
/// Beyond the last cap a venue opens no position, but one may grow into it: the last tier's rules keep
/// applying.
pub fn liquidation_under(
    position: &Position,
    contract: Contract,
    table: &MarginTable,
    condition: &Condition,
) -> Option<Liquidation> {
    let fixed = match condition.valuation {
        Valuation::AtLiquidation => None,
        Valuation::AtEntry => Some(position.entry_price),
        Valuation::At(price) => Some(price),
    };
    match (table.rule(), fixed) {
        (TierRule::Continuous, None) => envelope(position, contract, table, condition),
        (TierRule::WholeByNotional, None) => walk(position, contract, table, condition),
        (TierRule::Ramp { per_base }, None) => ramp(position, contract, table, condition, per_base),
        (TierRule::WholeBySize, _) => {
            in_tier(position, contract, table, condition, table.tier_of(position.size))
        }
        (TierRule::Continuous | TierRule::WholeByNotional, Some(price)) => {
            let tier = table.tier_of(notional(contract, position.size, price));
            in_tier(position, contract, table, condition, tier)
        }
        (TierRule::Ramp { per_base }, Some(price)) => {
            let grown = per_base * base_coins(contract, position.size, price);
            let first = &table.tiers()[0];
            let terms = Terms { rate: first.maintenance_rate + grown, ..terms(first, condition) };
            let price = solve(position, contract, condition.valuation, terms)?;
            Some(Liquidation { price, tier: 0 })
        }
    }
}

fn terms(tier: &MarginTier, condition: &Condition) -> Terms {
    Terms { rate: tier.maintenance_rate, amount: tier.maintenance_amount, fee: condition.fee_rate }
}

fn in_tier(
    position: &Position,
    contract: Contract,
    table: &MarginTable,
    condition: &Condition,
    tier: usize,
) -> Option<Liquidation> {
    let price = solve(position, contract, condition.valuation, terms(&table.tiers()[tier], condition))?;
    Some(Liquidation { price, tier })
}

/// Continuous maintenance is the highest of the tiers' lines `m_n·N − c_n` (each bound is where the next
/// line overtakes the last), so a position falls to it at the first of the prices that the lines give: the
/// highest for a long, the lowest for a short. No tier has to be searched for.
///
/// A tier's line may have no price. For a position that shrinks as it loses, the balance then stays above
/// that line for ever. One that grows as it loses is below it even where it is worth nothing, so no price
/// changes that it can be liquidated, and the other tiers have nothing to say.
fn envelope(
    position: &Position,
    contract: Contract,
    table: &MarginTable,
    condition: &Condition,
) -> Option<Liquidation> {
    let nearer = |a: f64, b: f64| match position.side {
        Side::Long => a > b,
        Side::Short => a < b,
    };
    let mut best: Option<Liquidation> = None;
    for (tier, rules) in table.tiers().iter().enumerate() {
        let found = solve(position, contract, condition.valuation, terms(rules, condition));
        let price = match found {
            Some(price) => price,
            None if grows(position, contract) => return None,
            None => continue,
        };
        // On a bound two lines agree; the lower tier is named.
        if best.is_none_or(|best| nearer(price, best.price)) {
            best = Some(Liquidation { price, tier });
        }
    }
    // Tiers of the same rate share their line; the one reached is named.
    let tiers = table.tiers();
    best.map(|Liquidation { price, mut tier }| {
        let value = notional(contract, position.size, price);
        while tier + 1 < tiers.len()
            && tiers[tier + 1].maintenance_rate == tiers[tier].maintenance_rate
            && value > tiers[tier].cap
        {
            tier += 1;
        }
        Liquidation { price, tier }
    })
}

/// Whether the position's value, in the unit of its margin, grows as it loses: a linear short and an
/// inverse long.
fn grows(position: &Position, contract: Contract) -> bool {
    matches!(
        (contract, position.side),
        (Contract::Linear, Side::Short) | (Contract::Inverse { .. }, Side::Long)
    )
}

/// Where the rate of the tier reached applies to the whole position, maintenance jumps at each bound. The
/// tiers are passed in the order in which the losing position meets them, from the one at entry. Into a
/// higher tier the jump itself may liquidate, at the bound; of two self-consistent tiers the one nearer to
/// entry wins.
fn walk(
    position: &Position,
    contract: Contract,
    table: &MarginTable,
    condition: &Condition,
) -> Option<Liquidation> {
    let tiers = table.tiers();
    let start = table.tier_of(notional(contract, position.size, position.entry_price));
    let size_at = |price| notional(contract, position.size, price);
    let at_tier = |tier: usize| in_tier(position, contract, table, condition, tier);
    if !grows(position, contract) {
        // A tier's price that lies below its floor belongs to a lower tier.
        let reached = |found: &Liquidation| size_at(found.price) > tiers[found.tier].floor;
        return (0..=start).rev().filter_map(at_tier).find(reached);
    }
    (start..tiers.len()).find_map(|tier| {
        let found = at_tier(tier)?;
        if tier + 1 < tiers.len() && size_at(found.price) > tiers[tier].cap {
            return None;
        }
        if tier > start && size_at(found.price) < tiers[tier].floor {
            // `notional` is its own inverse in price: the price at which the position reaches the floor.
            let price = match contract {
                Contract::Linear => tiers[tier].floor / position.size,
                Contract::Inverse { .. } => size_at(tiers[tier].floor),
            };
            return Some(Liquidation { price, tier });
        }
        Some(found)
    })
}

/// A rate that grows with the position. For linear contracts the size in coin is fixed, and so is the rate.
/// For inverse ones it is `y = S/P`, and `M + s·(S/E − y) = (m + f + k·y)·y` is a quadratic in `y`:
/// `k·y² + (m + f + s)·y − (M + s·S/E) = 0`. The root in the direction of loss is taken.
///
/// Worked number: short 10,000,000 USD from 50,000 with 20 BTC, m = 1 %, k = 0.005 % a coin:
/// `0.00005·y² − 0.99·y + 180 = 0` gives y = 183.519 and P = 54,490.2. There the balance is
/// 20 − 200 + 183.519 = 3.519 BTC, and (1 % + 0.917598 %) of 183.519 BTC is the same.
fn ramp(
    position: &Position,
    contract: Contract,
    table: &MarginTable,
    condition: &Condition,
    per_base: f64,
) -> Option<Liquidation> {
    let first = &table.tiers()[0];
    let Contract::Inverse { contract_value } = contract else {
        let rate = first.maintenance_rate + per_base * position.size;
        let price =
            solve(position, contract, condition.valuation, Terms { rate, ..terms(first, condition) })?;
        return Some(Liquidation { price, tier: 0 });
    };
    let s = position.side.sign();
    let value = position.size * contract_value;
    let linear = first.maintenance_rate + condition.fee_rate + s;
    let constant = -(position.margin + s * value / position.entry_price);
    let discriminant = linear * linear - 4.0 * per_base * constant;
    if discriminant < 0.0 {
        // Maintenance exceeds the balance at every price: it can be liquidated where it stands.
        return Some(Liquidation { price: position.entry_price, tier: 0 });
    }
    // The root of smaller magnitude for a short (coin size shrinks as price rises), the positive one for a
    // long; written so that no two nearly equal numbers are subtracted.
    let coins = -2.0 * constant / (linear + s * discriminant.sqrt());
    Some(Liquidation { price: a_price(value / coins)?, tier: 0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tier(floor: f64, cap: f64, maintenance_rate: f64, maintenance_amount: f64) -> MarginTier {
        MarginTier { floor, cap, maintenance_rate, maintenance_amount, max_leverage: 1.0 }
    }

    /// BTCUSDT brackets of 2020/21, which Binance's published examples were computed with.
    fn btcusdt_2020() -> MarginTable {
        MarginTable::new(vec![
            tier(0.0, 50e3, 0.004, 0.0),
            tier(50e3, 250e3, 0.005, 50.0),
            tier(250e3, 1e6, 0.01, 1_300.0),
            tier(1e6, 10e6, 0.025, 16_300.0),
            tier(10e6, 20e6, 0.05, 266_300.0),
            tier(20e6, 50e6, 0.10, 1_266_300.0),
        ])
        .unwrap()
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

    /// Two tiers of whole-position rates, worked by hand. A short of 10 from 100 (notional 1,000) with 150:
    /// in the tier up to 1,200 at 1 % it would die at 1,150/10.1 = 113.861, notional 1,138.6, inside. With
    /// 300 it would die at 1,300/10.1 = 128.7 (1,287, outside); at 20 % beyond 1,200 at 1,300/12 = 108.3,
    /// below that tier's floor: so the jump kills it at the bound, 120.
    #[test]
    fn a_jump_of_maintenance_liquidates_at_the_bound() {
        let rule = TierRule::WholeByNotional;
        let tiers = vec![tier(0.0, 1_200.0, 0.01, 0.0), tier(1_200.0, 1e9, 0.2, 0.0)];
        let table = MarginTable::with_rule(rule, tiers).unwrap();
        let short = |margin| Position { side: Side::Short, entry_price: 100.0, size: 10.0, margin };
        let inside = liquidation(&short(150.0), Contract::Linear, &table).unwrap();
        assert_eq!((inside.tier, (inside.price * 1e3).round()), (0, 113_861.0));
        let jumped = liquidation(&short(300.0), Contract::Linear, &table).unwrap();
        assert_eq!(jumped, Liquidation { price: 120.0, tier: 1 });
        // A long of 20 from 100 (2,000, upper tier) with 1,000: 20·100 − 1,000 over 20·0.8 is 62.5 → 1,250,
        // still above the floor. With 1,100 it is 56.25 → 1,125, below: the lower tier gives 900/19.8.
        let long = |margin| Position { side: Side::Long, entry_price: 100.0, size: 20.0, margin };
        let upper = liquidation(&long(1_000.0), Contract::Linear, &table).unwrap();
        assert_eq!(upper, Liquidation { price: 62.5, tier: 1 });
        let lower = liquidation(&long(1_100.0), Contract::Linear, &table).unwrap();
        assert_eq!((lower.tier, (lower.price * 1e6).round()), (0, 45_454_545.0));
        // The same seen in coin: an inverse long grows as it loses.
        let coin = Position { side: Side::Long, entry_price: 0.01, size: 10.0, margin: 300.0 };
        let contract = Contract::Inverse { contract_value: 1.0 };
        let jumped = liquidation(&coin, contract, &table).unwrap();
        assert!((jumped.price - 1.0 / 120.0).abs() < 1e-15 && jumped.tier == 1);
    }
}
