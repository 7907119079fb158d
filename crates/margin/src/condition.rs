//! The liquidation condition and the price at which it is met.
//!
//! Every supported venue liquidates when the margin balance of a position falls to what it must keep:
//! maintenance, and on some venues the fee of closing it. The venues differ in the contract (linear or
//! inverse) and in the price at which maintenance is valued (at the liquidation price itself, or frozen at
//! entry or at a mark price): four families, one equation, one solver.

use liqlens_market::{Contract, Side};

/// A position and the margin that stands behind it.
///
/// `margin` is counted at `entry_price`: for an isolated position what was allotted to it, for a cross
/// position seen alone `W − TMM + UPNL`, wallet balance less maintenance of all other positions plus their
/// unrealised profit. A position of which only the present equity is known has the mark price for its entry
/// and that equity for its margin; the equation is the same.
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

impl Position {
    /// The margin of an isolated position at a leverage, nothing added: `q·E/L` for linear contracts,
    /// `S/(E·L)` for inverse ones.
    ///
    /// ```
    /// # use liqlens_margin::Position;
    /// # use liqlens_market::{Contract, Side};
    /// let long = Position::at_leverage(Side::Long, 20_000.0, 1.0, 50.0, Contract::Linear);
    /// assert_eq!(long.margin, 400.0);
    /// ```
    pub fn at_leverage(side: Side, entry_price: f64, size: f64, leverage: f64, contract: Contract) -> Self {
        let margin = notional(contract, size, entry_price) / leverage;
        Self { side, entry_price, size, margin }
    }

    /// Margin balance at a price: margin plus unrealised profit, `M + s·q·(P − E)` (linear, quote currency)
    /// or `M + s·S·(1/E − 1/P)` (inverse, base coin).
    pub fn balance(&self, contract: Contract, price: f64) -> f64 {
        let s = self.side.sign();
        self.margin
            + match contract {
                Contract::Linear => s * self.size * (price - self.entry_price),
                Contract::Inverse { contract_value } => {
                    s * self.size * contract_value * (1.0 / self.entry_price - 1.0 / price)
                }
            }
    }
}

/// Notional in the unit of tier bounds and of margin: quote currency for linear contracts (`q·P`), base
/// coin for inverse ones (`S/P`).
pub fn notional(contract: Contract, size: f64, price: f64) -> f64 {
    match contract {
        Contract::Linear => size * price,
        Contract::Inverse { contract_value } => size * contract_value / price,
    }
}

/// What a position must keep: maintenance, `rate × notional − amount`, and `fee × notional` for closing it.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Terms {
    /// Maintenance margin rate `m`, a fraction.
    pub rate: f64,
    /// Maintenance amount `c` (the venues' "cum" or "deduction"), in the unit of margin.
    pub amount: f64,
    /// Fee rate `f` that the venue reserves inside the condition; zero where it does not. The fee is one of
    /// closing, so it is always valued at the liquidation price.
    pub fee: f64,
}

/// The price at which maintenance is valued.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Valuation {
    /// The liquidation price itself: maintenance shrinks as a long falls.
    AtLiquidation,
    /// Frozen at the entry price.
    AtEntry,
    /// Frozen at a given mark price.
    At(f64),
}

/// The price at which the balance equals what must be kept, or `None` if there is none: a long whose margin
/// covers its whole value, an inverse short with more coin than it owes.
///
/// | family | contract | maintenance valued | price |
/// |---|---|---|---|
/// | 1 | linear | at P | `(s·q·E − M − c) / (q·(s − m − f))` |
/// | 2 | inverse | at P | `S·(1 + s·(m + f)) / (S/E + s·(M + c))` |
/// | 3 | linear | at V | `(s·q·E − M + K) / (q·(s − f))`, `K = q·V·m − c` |
/// | 4 | inverse | at V | `S·(1 + s·f) / (S/E + s·(M − K))`, `K = S/V·m − c` |
///
/// Without a fee the third is the `E − s·(M − K)/q` of the venues' help pages.
///
/// Worked numbers. Family 1, the example in Binance's support document on USD-M liquidation prices: long
/// 109.488 BTC from 32,481.98, margin 1,535,443.01, rate 2.5 %, amount 16,300:
/// `(109.488·32,481.98 − 1,535,443.01 − 16,300) / (109.488·0.975) = 18,778.73`. Family 3, Bybit's help page
/// until 2026-05-27: long 1 BTC from 20,000 at 50×, rate 0.5 %: `20,000 − (400 − 100) = 19,700`.
///
/// ```
/// # use liqlens_margin::{Position, Terms, Valuation, solve};
/// # use liqlens_market::{Contract, Side};
/// let binance =
///     Position { side: Side::Long, entry_price: 32_481.98, size: 109.488, margin: 1_535_443.01 };
/// let terms = Terms { rate: 0.025, amount: 16_300.0, fee: 0.0 };
/// let price = solve(&binance, Contract::Linear, Valuation::AtLiquidation, terms).unwrap();
/// assert!((price - 18_778.73).abs() < 0.01);
///
/// let bybit = Position::at_leverage(Side::Long, 20_000.0, 1.0, 50.0, Contract::Linear);
/// let terms = Terms { rate: 0.005, ..Terms::default() };
/// assert_eq!(solve(&bybit, Contract::Linear, Valuation::AtEntry, terms), Some(19_700.0));
/// ```
pub fn solve(position: &Position, contract: Contract, valuation: Valuation, terms: Terms) -> Option<f64> {
    let Position { side, entry_price, size, margin } = *position;
    let s = side.sign();
    // What is kept is `rate · notional at P + kept`.
    let frozen = |price| notional(contract, size, price) * terms.rate - terms.amount;
    let (rate, kept) = match valuation {
        Valuation::AtLiquidation => (terms.rate + terms.fee, -terms.amount),
        Valuation::AtEntry => (terms.fee, frozen(entry_price)),
        Valuation::At(price) => (terms.fee, frozen(price)),
    };
    let price = match contract {
        Contract::Linear => (s * size * entry_price - margin + kept) / (size * (s - rate)),
        Contract::Inverse { contract_value } => {
            let value = size * contract_value;
            let denominator = value / entry_price + s * (margin - kept);
            if denominator <= 0.0 {
                return None;
            }
            value * (1.0 + s * rate) / denominator
        }
    };
    a_price(price)
}

/// A number that can be a price, or none.
pub(crate) fn a_price(price: f64) -> Option<f64> {
    (price > 0.0 && price.is_finite()).then_some(price)
}

/// The price at which the margin is used up entirely: no maintenance, no fee. Forced orders are limited
/// by it, and what they fetch beyond it goes to the insurance fund.
///
/// ```
/// # use liqlens_margin::{Position, bankruptcy_price};
/// # use liqlens_market::{Contract, Side};
/// let long = Position { side: Side::Long, entry_price: 100.0, size: 2.0, margin: 20.0 };
/// assert_eq!(bankruptcy_price(&long, Contract::Linear), Some(90.0)); // 10× leverage, 10 % away
/// ```
pub fn bankruptcy_price(position: &Position, contract: Contract) -> Option<f64> {
    solve(position, contract, Valuation::AtLiquidation, Terms::default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn covered_positions_have_no_price() {
        let terms = Terms { rate: 0.004, ..Terms::default() };
        let long = Position { side: Side::Long, entry_price: 100.0, size: 1.0, margin: 100.0 };
        assert_eq!(solve(&long, Contract::Linear, Valuation::AtLiquidation, terms), None);
        let inverse = Contract::Inverse { contract_value: 100.0 };
        let short = Position { side: Side::Short, entry_price: 100.0, size: 1.0, margin: 1.0 };
        assert_eq!(solve(&short, inverse, Valuation::AtLiquidation, terms), None);
    }

    /// Inverse contracts are linear ones seen in coin: with u = 1/P a long of S is a linear short of S at
    /// 1/E, so the two families must map into each other.
    #[test]
    fn inverse_is_linear_seen_in_coin() {
        let terms = Terms { rate: 0.006, amount: 0.002, fee: 0.0005 };
        for side in Side::BOTH {
            for valuation in [Valuation::AtLiquidation, Valuation::AtEntry] {
                let inverse = Position { side, entry_price: 50_000.0, size: 900.0, margin: 0.1 };
                let contract = Contract::Inverse { contract_value: 100.0 };
                let linear = Position {
                    side: side.opposite(),
                    entry_price: 1.0 / 50_000.0,
                    size: 90_000.0,
                    margin: 0.1,
                };
                let a = solve(&inverse, contract, valuation, terms).unwrap();
                let b = solve(&linear, Contract::Linear, valuation, terms).unwrap();
                assert!((a * b - 1.0).abs() < 1e-12, "{a} {b}");
            }
        }
    }
}
