//! What the venues' documents say, evaluated as it stands and searched by bisection: nothing here solves an
//! equation or looks for a tier beforehand.
//!
//! Prices are searched in the variable in which balance is a straight line: the price of a linear contract,
//! one over the price of an inverse one.

use liqlens_margin::{Position, Valuation};
use liqlens_market::{Contract, MarginTable, Side, TierRule};

/// A position with all that its liquidation depends on.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    pub position: Position,
    pub contract: Contract,
    pub table: &'a MarginTable,
    pub valuation: Valuation,
    pub fee_rate: f64,
}

/// What a bisection says about a condition that holds at a start.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Found {
    /// Here it ceases to hold.
    At(f64),
    /// It holds as far as there are prices.
    Never,
}

impl Case<'_> {
    /// The search variable of a price.
    pub fn variable(&self, price: f64) -> f64 {
        Self::variable_of(self.contract, price)
    }

    /// The same of a contract.
    pub fn variable_of(contract: Contract, price: f64) -> f64 {
        match contract {
            Contract::Linear => price,
            Contract::Inverse { .. } => 1.0 / price,
        }
    }

    /// Value of the position in the unit of its margin: `q·P`, or `S·u` in coin.
    pub fn notional(&self, x: f64) -> f64 {
        match self.contract {
            Contract::Linear => self.position.size * x,
            Contract::Inverse { contract_value } => self.position.size * contract_value * x,
        }
    }

    /// Margin plus profit. A long gains on a linear contract as `P` rises, on an inverse one as `u` falls.
    pub fn equity(&self, x: f64) -> f64 {
        let entry = self.variable(self.position.entry_price);
        let gained = self.notional(x) - self.notional(entry);
        let gains_with_x = (self.position.side == Side::Long) == (self.contract == Contract::Linear);
        self.position.margin + if gains_with_x { gained } else { -gained }
    }

    /// Maintenance at the price at which the venue values it, and the fee of closing here.
    pub fn required(&self, x: f64) -> f64 {
        let valued_at = match self.valuation {
            Valuation::AtLiquidation => x,
            Valuation::AtEntry => self.variable(self.position.entry_price),
            Valuation::At(price) => self.variable(price),
        };
        self.maintenance(valued_at) + self.fee_rate * self.notional(x)
    }

    /// Maintenance as the venue's page defines it, from bounds and rates alone.
    pub fn maintenance(&self, x: f64) -> f64 {
        let coins = match self.contract {
            Contract::Linear => self.position.size,
            Contract::Inverse { .. } => self.notional(x),
        };
        maintenance(self.table, self.notional(x), self.position.size, coins)
    }

    /// What is left above the condition; the position is liquidated at or below zero.
    pub fn left(&self, x: f64) -> f64 {
        self.equity(x) - self.required(x)
    }

    /// Whether the search variable grows as the position loses.
    pub fn loses_upwards(&self) -> bool {
        (self.position.side == Side::Short) == (self.contract == Contract::Linear)
    }

    /// Index of the tier of a value, looked up plainly: a bound belongs to the lower tier.
    pub fn tier_at(&self, x: f64) -> usize {
        tier_at(self.table, self.notional(x), self.position.size)
    }

    /// The first value of the search variable, from `from` in the direction of loss, at which nothing is
    /// left; from a start where nothing is left already, the last one of that kind in the other direction.
    ///
    /// What is left jumps at the bounds of whole-position rates, so each stretch between bounds is looked at
    /// on its own, end before inside; within one it falls in the direction of loss.
    pub fn search(&self, from: f64) -> Found {
        if self.left(from) > 0.0 { self.ahead(from) } else { self.back(from) }
    }

    fn ahead(&self, from: f64) -> Found {
        let mut near = from;
        for bound in self.jumps(from, self.loses_upwards()) {
            // Just before the bound, still at the rates of this side of it.
            if self.left_beside(bound, near) <= 0.0 {
                return Found::At(bisect(near, bound, |x| self.left(x) > 0.0));
            }
            // Just after it.
            if self.left_beside(bound, beyond(bound, self.loses_upwards())) <= 0.0 {
                return Found::At(bound);
            }
            near = beyond(bound, self.loses_upwards());
        }
        if self.loses_upwards() {
            let mut far = near * 2.0 + f64::MIN_POSITIVE;
            while self.left(far) > 0.0 {
                if far > 1e200 {
                    return Found::Never;
                }
                far *= 2.0;
            }
            Found::At(bisect(near, far, |x| self.left(x) > 0.0))
        } else if self.left(0.0) >= 0.0 {
            Found::Never
        } else {
            Found::At(bisect(near, 0.0, |x| self.left(x) > 0.0))
        }
    }

    fn back(&self, from: f64) -> Found {
        if self.loses_upwards() {
            if self.left(0.0) <= 0.0 {
                return Found::Never;
            }
            return Found::At(bisect(0.0, from, |x| self.left(x) > 0.0));
        }
        let mut far = from * 2.0;
        while self.left(far) <= 0.0 {
            if far > 1e200 {
                return Found::Never;
            }
            far *= 2.0;
        }
        Found::At(bisect(far, from, |x| self.left(x) > 0.0))
    }

    /// What is left at a bound with the maintenance of the tier on the side of `beside`.
    fn left_beside(&self, bound: f64, beside: f64) -> f64 {
        if self.valuation != Valuation::AtLiquidation {
            return self.left(bound);
        }
        let inside = bound + (beside - bound).clamp(-bound * 1e-12, bound * 1e-12);
        let rate = self.table.tiers()[self.tier_at(inside)].maintenance_rate;
        self.equity(bound) - self.notional(bound) * (rate + self.fee_rate)
    }

    /// Where maintenance jumps, in the order in which they are met.
    fn jumps(&self, from: f64, upwards: bool) -> Vec<f64> {
        if self.table.rule() != TierRule::WholeByNotional || self.valuation != Valuation::AtLiquidation {
            return Vec::new();
        }
        let one = self.notional(1.0);
        let mut bounds: Vec<f64> = self.table.tiers().iter().skip(1).map(|tier| tier.floor / one).collect();
        if !upwards {
            bounds.reverse();
        }
        bounds.retain(|bound| if upwards { *bound > from } else { *bound < from });
        bounds
    }

    /// How far cent-rounded maintenance amounts let the answer be off: their largest step at a bound, over
    /// the slope of what is left.
    pub fn slack(&self) -> f64 {
        let TierRule::Continuous = self.table.rule() else { return 0.0 };
        let mut exact = 0.0;
        let mut rate = 0.0;
        let mut worst = 0.0_f64;
        for tier in self.table.tiers() {
            exact += tier.floor * (tier.maintenance_rate - rate);
            rate = tier.maintenance_rate;
            worst = worst.max((tier.maintenance_amount - exact).abs());
        }
        2.0 * worst / self.notional(1.0) / (1.0 - rate - self.fee_rate).max(0.01)
    }
}

/// Maintenance of a value: each part of it at the rate of its own tier, or all of it at the rate of the tier
/// it reaches.
pub fn maintenance(table: &MarginTable, notional: f64, size: f64, coins: f64) -> f64 {
    match table.rule() {
        TierRule::Continuous => {
            let last = table.tiers().len() - 1;
            table
                .tiers()
                .iter()
                .enumerate()
                .map(|(index, tier)| {
                    // Beyond the last cap the last rate goes on.
                    let cap = if index == last { f64::INFINITY } else { tier.cap };
                    (notional.min(cap) - tier.floor).max(0.0) * tier.maintenance_rate
                })
                .sum()
        }
        TierRule::WholeByNotional | TierRule::WholeBySize => {
            notional * table.tiers()[tier_at(table, notional, size)].maintenance_rate
        }
        TierRule::Ramp { per_base } => notional * (table.tiers()[0].maintenance_rate + per_base * coins),
    }
}

fn tier_at(table: &MarginTable, notional: f64, size: f64) -> usize {
    let value = match table.rule() {
        TierRule::WholeBySize => size,
        TierRule::Continuous | TierRule::WholeByNotional => notional,
        TierRule::Ramp { .. } => return 0,
    };
    let tiers = table.tiers();
    (0..tiers.len()).rev().find(|&index| value > tiers[index].floor).unwrap_or(0)
}

fn beyond(bound: f64, upwards: bool) -> f64 {
    if upwards { bound * (1.0 + 1e-13) } else { bound * (1.0 - 1e-13) }
}

/// Where a condition that holds at `good` and not at `bad` ceases to, to the last digits.
pub fn bisect(good: f64, bad: f64, holds: impl Fn(f64) -> bool) -> f64 {
    let (mut good, mut bad) = (good, bad);
    for _ in 0..400 {
        let middle = good + (bad - good) / 2.0;
        if (bad - good).abs() <= 1e-14 * good.abs().max(bad.abs()) || middle == good || middle == bad {
            break;
        }
        if holds(middle) { good = middle } else { bad = middle }
    }
    bad
}
