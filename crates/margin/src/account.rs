//! Cross margin over a whole account: one equity behind many positions.
//!
//! A position's price in a cross account is a partial derivative: it holds while every other position
//! stays where it is. Venues print it that way, and [`CrossAccount::liquidation_price`] does too. What
//! happens when several coins move together is another question, which no single price answers:
//! [`CrossAccount::joint_liquidation`].

use liqlens_market::{Contract, MarginTable, Side};

use crate::condition::{Position, Valuation};
use crate::rules::Valued;
use crate::tiers::{Condition, Liquidation, liquidation_under, maintenance, rate_and_amount};

/// A linear position inside a cross account.
#[derive(Debug, Clone, Copy)]
pub struct Leg<'a> {
    /// Side held.
    pub side: Side,
    /// Base coin.
    pub size: f64,
    /// Mark (or oracle) price now.
    pub mark_price: f64,
    /// The market's maintenance schedule.
    pub table: &'a MarginTable,
}

impl Leg<'_> {
    /// Maintenance at a price.
    fn maintenance(&self, price: f64) -> f64 {
        maintenance(self.table, Contract::Linear, self.size, price)
    }

    /// What maintenance grows by per unit of price.
    fn maintenance_slope(&self, price: f64) -> f64 {
        self.size * rate_and_amount(self.table, Contract::Linear, self.size, price).0
    }
}

/// A cross account: positions and the equity that backs them all.
#[derive(Debug, Clone)]
pub struct CrossAccount<'a> {
    /// Collateral plus unrealised profit of all cross positions at their marks, quote currency.
    pub equity: f64,
    /// Maintenance of cross positions that are not among the legs, quote currency; held constant.
    pub other_maintenance: f64,
    /// Where the venue values maintenance when it prints a leg's price: at the price itself, or at today's
    /// mark. The joint question always revalues it.
    pub valued: Valued,
    /// The positions.
    pub legs: Vec<Leg<'a>>,
}

/// Moves at which a whole account is liquidated when its coins move together, as fractions (−0.08 is a fall
/// of 8 %). Both are zero for an account that can be liquidated where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct JointMove {
    /// The fall that does it; `None` if none above the loss of the whole price does.
    pub fall: Option<f64>,
    /// The rise that does it; `None` if none does before some coin's price reaches zero.
    pub rise: Option<f64>,
}

/// A rise beyond which nothing is looked for: a millionfold.
const RISE_MAX: f64 = 1e6;

impl CrossAccount<'_> {
    /// Maintenance of all positions at their marks.
    pub fn maintenance(&self) -> f64 {
        self.other_maintenance + self.legs.iter().map(|leg| leg.maintenance(leg.mark_price)).sum::<f64>()
    }

    /// Equity above maintenance; at or below zero the account can be liquidated.
    pub fn available(&self) -> f64 {
        self.equity - self.maintenance()
    }

    /// The price of one leg's market at which the account is liquidated, everything else at its mark:
    /// `P = Pm − s·avail/q / (1 − s·m)` in the tier that holds at `P`. This is the number Hyperliquid, dYdX
    /// and Lighter print; `None` where they print nothing.
    ///
    /// Worked number (a Hyperliquid account of 2026-10-08): 1,279,260.80 of collateral, 44,258.81 of
    /// maintenance over three shorts. The bitcoin leg, 22 at a mark of 80,870 and 1.25 %:
    /// `80,870 + 1,235,001.99 / 22 / 1.0125 = 136,313.41`.
    pub fn liquidation_price(&self, leg: usize) -> Option<Liquidation> {
        self.priced(self.legs.get(leg)?, self.available())
    }

    /// All legs' prices in the order of the legs; the same as asking one by one, at a fraction of the cost.
    pub fn liquidation_prices(&self) -> impl Iterator<Item = Option<Liquidation>> + '_ {
        let available = self.available();
        self.legs.iter().map(move |leg| self.priced(leg, available))
    }

    fn priced(&self, leg: &Leg<'_>, available: f64) -> Option<Liquidation> {
        let position = Position {
            side: leg.side,
            entry_price: leg.mark_price,
            size: leg.size,
            margin: available + leg.maintenance(leg.mark_price),
        };
        let valuation = match self.valued {
            Valued::AtLiquidation => Valuation::AtLiquidation,
            Valued::AtEntry | Valued::AtMark => Valuation::At(leg.mark_price),
        };
        let condition = Condition { valuation, fee_rate: 0.0 };
        liquidation_under(&position, Contract::Linear, leg.table, &condition)
    }

    /// Equity after a move: each coin's price becomes `mark·(1 + β·move)`, not below zero. `betas` are in
    /// the order of the legs; a leg without one stays.
    pub fn equity_after(&self, betas: &[f64], moved: f64) -> f64 {
        self.equity
            + self
                .moved(betas, moved)
                .map(|(leg, _, price)| leg.side.sign() * leg.size * (price - leg.mark_price))
                .sum::<f64>()
    }

    /// Maintenance after a move, as [`CrossAccount::equity_after`].
    pub fn maintenance_after(&self, betas: &[f64], moved: f64) -> f64 {
        self.other_maintenance
            + self.moved(betas, moved).map(|(leg, _, price)| leg.maintenance(price)).sum::<f64>()
    }

    /// The smallest joint fall and rise at which equity meets maintenance.
    ///
    /// Equity is linear in the move and maintenance convex (its rates rise with size), so what is left
    /// between them is concave: at most one root lies on each side. From beyond a root, Newton's step along
    /// the present tiers never passes it and ends on it after as many steps as there are tiers to cross.
    /// Schedules by [`TierRule::WholeByNotional`](liqlens_market::TierRule), which no venue with public
    /// accounts has, jump and are not convex: among them the move found is one where equity meets
    /// maintenance, not always the smallest.
    ///
    /// Worked number: long 1 at 100 and long 2 at 50 with equity 40, both at 5 %: together they lose 200 a
    /// unit of move and keep 10, so `40 − 200·x = 0.05·200·(1 − x)` gives a fall of 30/190 = 15.79 %; with
    /// β = 0 for the second, `40 − 100·x = 5·(1 − x) + 5` gives 31.58 %.
    pub fn joint_liquidation(&self, betas: &[f64]) -> JointMove {
        if self.surplus(betas, 0.0) <= 0.0 {
            return JointMove { fall: Some(0.0), rise: Some(0.0) };
        }
        // No coin's price may pass zero, where its path would have a kink.
        let ends = |sign: f64, most: f64| {
            let first_zero = |beta: &f64| (beta * sign < 0.0).then(|| -1.0 / (beta * sign));
            sign * betas.iter().take(self.legs.len()).filter_map(first_zero).fold(most, f64::min)
        };
        JointMove {
            fall: self.root_towards(betas, ends(-1.0, 1.0)),
            rise: self.root_towards(betas, ends(1.0, RISE_MAX)),
        }
    }

    fn surplus(&self, betas: &[f64], moved: f64) -> f64 {
        self.equity_after(betas, moved) - self.maintenance_after(betas, moved)
    }

    fn root_towards(&self, betas: &[f64], end: f64) -> Option<f64> {
        let mut at = end;
        let mut left = self.surplus(betas, at);
        if left >= 0.0 {
            return None;
        }
        // Each step crosses into another tier of some leg or lands on the root; two more take out what the
        // first, from far away, leaves of rounding.
        let tiers: usize = self.legs.iter().map(|leg| leg.table.tiers().len()).sum();
        for _ in 0..tiers + 2 {
            let slope: f64 = self
                .moved(betas, at)
                .map(|(leg, beta, price)| {
                    let gain = leg.side.sign() * leg.size - leg.maintenance_slope(price);
                    gain * leg.mark_price * beta
                })
                .sum();
            let next = at - left / slope;
            if !next.is_finite() || next == at {
                break;
            }
            at = next;
            left = self.surplus(betas, at);
        }
        Some(at)
    }

    fn moved<'b>(
        &'b self,
        betas: &'b [f64],
        moved: f64,
    ) -> impl Iterator<Item = (&'b Leg<'b>, f64, f64)> + 'b {
        self.legs.iter().enumerate().map(move |(index, leg)| {
            let beta = betas.get(index).copied().unwrap_or(0.0);
            (leg, beta, leg.mark_price * (1.0 + beta * moved).max(0.0))
        })
    }
}

/// The two prices of a hedged pair: a long and a short of the same market that share a cross wallet and
/// are liquidated together.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct HedgedPrices {
    /// Liquidated when the mark price falls to it.
    pub below: Option<f64>,
    /// Liquidated when the mark price rises to it. Both can exist: maintenance is kept on both legs, so a
    /// nearly balanced pair dies of a rise too, whichever leg is larger.
    pub above: Option<f64>,
}

/// Liquidation prices of a hedged pair (Binance's hedge mode, cross margin), one wallet behind both legs.
///
/// Linear: `P = (M + c_L + c_S − q_L·E_L + q_S·E_S) / (q_L·m_L + q_S·m_S − q_L + q_S)`. Inverse:
/// `P = (S_L·(1 + m_L) − S_S·(1 − m_S)) / (M + c_L + c_S + S_L/E_L − S_S/E_S)`. `margin` is
/// `W − TMM + UPNL` of everything else in the wallet; the legs' own `margin` is not looked at. `mark_price`
/// says on which side of the price the pair stands now.
pub fn hedged(
    long: &Position,
    short: &Position,
    margin: f64,
    contract: Contract,
    table: &MarginTable,
    mark_price: f64,
) -> HedgedPrices {
    // In units of u = 1/P an inverse contract is a linear one of the other side.
    let (sizes, entries, mark, flip) = match contract {
        Contract::Linear => {
            ([long.size, short.size], [long.entry_price, short.entry_price], mark_price, false)
        }
        Contract::Inverse { contract_value } => (
            [long.size * contract_value, short.size * contract_value],
            [1.0 / long.entry_price, 1.0 / short.entry_price],
            1.0 / mark_price,
            true,
        ),
    };
    let mut equity = margin;
    let legs = Side::BOTH
        .into_iter()
        .map(|side| {
            let side_here = if flip { side.opposite() } else { side };
            let (size, entry) = (sizes[side.index()], entries[side.index()]);
            equity += side_here.sign() * size * (mark - entry);
            Leg { side: side_here, size, mark_price: mark, table }
        })
        .collect();
    let account = CrossAccount { equity, other_maintenance: 0.0, valued: Valued::AtLiquidation, legs };
    let JointMove { fall, rise } = account.joint_liquidation(&[1.0, 1.0]);
    let price = |moved: Option<f64>| {
        let there = mark * (1.0 + moved?);
        (there > 0.0).then(|| if flip { 1.0 / there } else { there })
    };
    let (fall, rise) = (price(fall), price(rise));
    if flip { HedgedPrices { below: rise, above: fall } } else { HedgedPrices { below: fall, above: rise } }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flat(rate: f64) -> MarginTable {
        MarginTable::flat(rate, 1.0).unwrap()
    }

    #[test]
    fn joint_moves_by_hand() {
        let table = flat(0.05);
        let leg = |size, mark_price| Leg { side: Side::Long, size, mark_price, table: &table };
        let account = CrossAccount {
            equity: 40.0,
            other_maintenance: 0.0,
            valued: Valued::AtLiquidation,
            legs: vec![leg(1.0, 100.0), leg(2.0, 50.0)],
        };
        let together = account.joint_liquidation(&[1.0, 1.0]);
        assert!((together.fall.unwrap() + 30.0 / 190.0).abs() < 1e-12 && together.rise.is_none());
        let alone = account.joint_liquidation(&[1.0, 0.0]);
        assert!((alone.fall.unwrap() + 30.0 / 95.0).abs() < 1e-12);
        // Alone is what the venue prints for the first leg.
        let price = account.liquidation_price(0).unwrap().price;
        assert!((price - 100.0 * (1.0 + alone.fall.unwrap())).abs() < 1e-9);
        let broke = CrossAccount { equity: 10.0, ..account };
        assert_eq!(broke.joint_liquidation(&[1.0, 1.0]), JointMove { fall: Some(0.0), rise: Some(0.0) });
    }

    /// A nearly balanced pair loses on a rise, because maintenance is kept on both legs. By hand: long 10
    /// from 100, short 9 from 100, 10 % on both, margin 250 at 100: `250 + (P − 100) = 1.9·P` gives
    /// 150/0.9 = 166.7 above and nothing below.
    #[test]
    fn a_balanced_pair_dies_of_a_rise() {
        let table = flat(0.1);
        let leg = |side, size| Position { side, entry_price: 100.0, size, margin: 0.0 };
        let prices =
            hedged(&leg(Side::Long, 10.0), &leg(Side::Short, 9.0), 250.0, Contract::Linear, &table, 100.0);
        assert_eq!(prices.below, None);
        assert!((prices.above.unwrap() - 150.0 / 0.9).abs() < 1e-9);
    }

    /// The inverse formula of the module's documentation, with the tiers flat.
    #[test]
    fn an_inverse_pair_follows_its_formula() {
        let table = flat(0.01);
        let long = Position { side: Side::Long, entry_price: 50_000.0, size: 900.0, margin: 0.0 };
        let short = Position { side: Side::Short, entry_price: 52_000.0, size: 300.0, margin: 0.0 };
        let contract = Contract::Inverse { contract_value: 100.0 };
        let prices = hedged(&long, &short, 0.4, contract, &table, 51_000.0);
        let expected =
            (90_000.0 * 1.01 - 30_000.0 * 0.99) / (0.4 + 90_000.0 / 50_000.0 - 30_000.0 / 52_000.0);
        assert!((prices.below.unwrap() - expected).abs() < 1e-6, "{prices:?} {expected}");
        assert_eq!(prices.above, None);
    }
}
