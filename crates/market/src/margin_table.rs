//! A venue's maintenance-margin schedule for one instrument: tiers by position notional.

use serde::{Deserialize, Serialize};

/// One bracket of a maintenance schedule. A position whose notional lies in `[floor, cap)` needs
/// `notional × rate − amount` of margin to stay open.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct MarginTier {
    /// Lowest notional of the bracket, quote currency.
    pub floor_notional: f64,
    /// First notional above the bracket, quote currency.
    pub cap_notional: f64,
    /// Maintenance margin rate, a fraction (0.004 = 0.4 %).
    pub maintenance_rate: f64,
    /// Maintenance amount subtracted so that the requirement is continuous across brackets, quote
    /// currency (the venue's "cum" or "deduction").
    pub maintenance_amount: f64,
    /// Largest leverage the venue lets a trader choose in this bracket.
    pub max_leverage: f64,
}

/// The checked schedule of one instrument: contiguous tiers from zero, rates in (0, 1) that rise, and
/// amounts that keep the requirement continuous.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Vec<MarginTier>", into = "Vec<MarginTier>")]
pub struct MarginTable {
    tiers: Vec<MarginTier>,
}

/// Why a schedule cannot be used.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum MarginTableError {
    /// No tier at all.
    #[error("the margin table has no tiers")]
    Empty,
    /// A number is not finite, a rate is outside (0, 1), or a leverage outside [1, 1000].
    #[error("tier {tier} has a rate, leverage or bound outside its range")]
    OutOfRange {
        /// Counted from 1.
        tier: usize,
    },
    /// The tier does not start where the one below ends, or the first one does not start at zero.
    #[error("tier {tier} does not start where the tier below ends")]
    NotContiguous {
        /// Counted from 1.
        tier: usize,
    },
    /// The amount is not `floor·(m_n − m_{n−1}) + c_{n−1}`.
    #[error("tier {tier} has maintenance amount {given}, continuity needs {needed}")]
    NotContinuous {
        /// Counted from 1.
        tier: usize,
        /// Amount in the table.
        given: f64,
        /// Amount that keeps the requirement continuous.
        needed: f64,
    },
}

impl MarginTable {
    /// Checks and takes a schedule.
    pub fn new(tiers: Vec<MarginTier>) -> Result<Self, MarginTableError> {
        if tiers.is_empty() {
            return Err(MarginTableError::Empty);
        }
        let mut below: Option<&MarginTier> = None;
        for (index, tier) in tiers.iter().enumerate() {
            let number = index + 1;
            let in_range = tier.maintenance_rate > 0.0
                && tier.maintenance_rate < 1.0
                && (1.0..=1_000.0).contains(&tier.max_leverage)
                && tier.cap_notional > tier.floor_notional
                && tier.maintenance_amount >= 0.0
                && tier.maintenance_amount.is_finite();
            if !in_range {
                return Err(MarginTableError::OutOfRange { tier: number });
            }
            let (floor, rate, amount) = below.map_or((0.0, tier.maintenance_rate, 0.0), |t| {
                (t.cap_notional, t.maintenance_rate, t.maintenance_amount)
            });
            if tier.floor_notional != floor {
                return Err(MarginTableError::NotContiguous { tier: number });
            }
            let needed = floor * (tier.maintenance_rate - rate) + amount;
            // Venues publish amounts rounded to the cent; rates carry at most four decimals.
            if (tier.maintenance_amount - needed).abs() > 0.01 + 1e-9 * needed {
                return Err(MarginTableError::NotContinuous {
                    tier: number,
                    given: tier.maintenance_amount,
                    needed,
                });
            }
            below = Some(tier);
        }
        Ok(Self { tiers })
    }

    /// The tiers, lowest notional first; never empty.
    pub fn tiers(&self) -> &[MarginTier] {
        &self.tiers
    }

    /// Maintenance rate of the lowest tier: the `m₀` that small positions meet.
    pub fn base_rate(&self) -> f64 {
        self.tiers[0].maintenance_rate
    }
}

impl TryFrom<Vec<MarginTier>> for MarginTable {
    type Error = MarginTableError;
    fn try_from(tiers: Vec<MarginTier>) -> Result<Self, MarginTableError> {
        Self::new(tiers)
    }
}

impl From<MarginTable> for Vec<MarginTier> {
    fn from(table: MarginTable) -> Self {
        table.tiers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tier(floor: f64, cap: f64, rate: f64, amount: f64) -> MarginTier {
        MarginTier {
            floor_notional: floor,
            cap_notional: cap,
            maintenance_rate: rate,
            maintenance_amount: amount,
            max_leverage: 10.0,
        }
    }

    #[test]
    fn inconsistent_schedules_are_refused_with_their_tier() {
        let good = vec![tier(0.0, 300_000.0, 0.004, 0.0), tier(300_000.0, 800_000.0, 0.005, 300.0)];
        assert!(MarginTable::new(good.clone()).is_ok());
        assert_eq!(MarginTable::new(vec![]), Err(MarginTableError::Empty));

        let mut overlapping = good.clone();
        overlapping[1].floor_notional = 200_000.0;
        assert_eq!(MarginTable::new(overlapping), Err(MarginTableError::NotContiguous { tier: 2 }));

        let mut jump = good.clone();
        jump[1].maintenance_amount = 0.0;
        assert!(matches!(MarginTable::new(jump), Err(MarginTableError::NotContinuous { tier: 2, .. })));

        for (rate, leverage) in [(1.0, 10.0), (0.0, 10.0), (f64::NAN, 10.0), (0.004, 0.0), (0.004, 1001.0)] {
            let mut bad = good.clone();
            bad[0].maintenance_rate = rate;
            bad[0].max_leverage = leverage;
            assert_eq!(MarginTable::new(bad), Err(MarginTableError::OutOfRange { tier: 1 }));
        }
    }
}
