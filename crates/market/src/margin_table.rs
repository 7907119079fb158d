//! A venue's maintenance-margin schedule for one instrument: tiers, and how a position meets them.

use serde::{Deserialize, Serialize};

/// One bracket of a maintenance schedule.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct MarginTier {
    /// Lower bound of the bracket, in the unit that [`TierRule`] names.
    pub floor: f64,
    /// First value above the bracket.
    pub cap: f64,
    /// Maintenance margin rate, a fraction (0.004 = 0.4 %).
    pub maintenance_rate: f64,
    /// Maintenance amount subtracted so that the requirement is continuous across brackets (the venue's
    /// "cum" or "deduction"): quote currency for linear contracts, base coin for inverse ones. Zero unless
    /// the rule is [`TierRule::Continuous`].
    pub maintenance_amount: f64,
    /// Largest leverage the venue lets a trader choose in this bracket.
    pub max_leverage: f64,
}

/// How a position meets the tiers.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum TierRule {
    /// Bounds are notionals (quote currency for linear contracts, base coin for inverse ones); each rate
    /// applies to the part of the position inside its tier, which `notional × rate − amount` comes to.
    Continuous,
    /// Bounds are notionals; the rate of the tier reached applies to the whole position, so that the
    /// requirement jumps at each bound.
    WholeByNotional,
    /// As above, but the bounds are sizes (base coin for linear contracts, contracts for inverse ones), so
    /// that the tier does not depend on the price.
    WholeBySize,
    /// One tier, whose rate grows with the position: `rate + per_base × size in base coin`.
    Ramp {
        /// Growth of the rate per base coin (0.00005 = 0.005 % a coin).
        per_base: f64,
    },
}

/// The checked schedule of one instrument: contiguous tiers from zero, rates in (0, 1) that never fall, and
/// amounts that keep the requirement continuous where the rule says so.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked", into = "Unchecked")]
pub struct MarginTable {
    rule: TierRule,
    tiers: Vec<MarginTier>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Unchecked {
    rule: TierRule,
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
    /// The rate is below that of the tier below.
    #[error("tier {tier} has a lower rate than the tier below")]
    Falling {
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
    /// A ramp with several tiers, or one that does not rise.
    #[error("a ramp has exactly one tier and a positive slope")]
    NotARamp,
}

impl MarginTable {
    /// Checks and takes a schedule of the commonest kind, [`TierRule::Continuous`].
    pub fn new(tiers: Vec<MarginTier>) -> Result<Self, MarginTableError> {
        Self::with_rule(TierRule::Continuous, tiers)
    }

    /// Checks and takes a schedule.
    pub fn with_rule(rule: TierRule, tiers: Vec<MarginTier>) -> Result<Self, MarginTableError> {
        if tiers.is_empty() {
            return Err(MarginTableError::Empty);
        }
        if let TierRule::Ramp { per_base } = rule
            && (tiers.len() != 1 || !(per_base > 0.0 && per_base < 1.0))
        {
            return Err(MarginTableError::NotARamp);
        }
        let mut below: Option<&MarginTier> = None;
        for (index, tier) in tiers.iter().enumerate() {
            check(index + 1, tier, below, rule)?;
            below = Some(tier);
        }
        Ok(Self { rule, tiers })
    }

    /// One rate for any size, as on venues without tiers.
    ///
    /// ```
    /// # use liqlens_market::MarginTable;
    /// assert_eq!(MarginTable::flat(0.0125, 40.0).unwrap().base_rate(), 0.0125);
    /// assert!(MarginTable::flat(1.0, 40.0).is_err());
    /// ```
    pub fn flat(maintenance_rate: f64, max_leverage: f64) -> Result<Self, MarginTableError> {
        Self::new(vec![MarginTier {
            floor: 0.0,
            cap: f64::INFINITY,
            maintenance_rate,
            maintenance_amount: 0.0,
            max_leverage,
        }])
    }

    /// How a position meets the tiers.
    pub const fn rule(&self) -> TierRule {
        self.rule
    }

    /// The tiers, lowest first; never empty.
    pub fn tiers(&self) -> &[MarginTier] {
        &self.tiers
    }

    /// Maintenance rate of the lowest tier: the `m₀` that small positions meet.
    pub fn base_rate(&self) -> f64 {
        self.tiers[0].maintenance_rate
    }

    /// Index of the tier that a value in the unit of the bounds falls into. A bound belongs to the lower
    /// tier; what exceeds the last cap stays in the last tier.
    pub fn tier_of(&self, value: f64) -> usize {
        self.tiers.partition_point(|tier| tier.cap < value).min(self.tiers.len() - 1)
    }
}

fn check(
    number: usize,
    tier: &MarginTier,
    below: Option<&MarginTier>,
    rule: TierRule,
) -> Result<(), MarginTableError> {
    let in_range = tier.maintenance_rate > 0.0
        && tier.maintenance_rate < 1.0
        && (1.0..=1_000.0).contains(&tier.max_leverage)
        && tier.cap > tier.floor
        && tier.maintenance_amount >= 0.0
        && tier.maintenance_amount.is_finite();
    if !in_range {
        return Err(MarginTableError::OutOfRange { tier: number });
    }
    let (floor, rate, amount) = below
        .map_or((0.0, tier.maintenance_rate, 0.0), |t| (t.cap, t.maintenance_rate, t.maintenance_amount));
    if tier.floor != floor {
        return Err(MarginTableError::NotContiguous { tier: number });
    }
    if tier.maintenance_rate < rate {
        return Err(MarginTableError::Falling { tier: number });
    }
    let needed = match rule {
        TierRule::Continuous => floor * (tier.maintenance_rate - rate) + amount,
        TierRule::WholeByNotional | TierRule::WholeBySize | TierRule::Ramp { .. } => 0.0,
    };
    // Venues publish amounts rounded to the cent; rates carry at most four decimals.
    if (tier.maintenance_amount - needed).abs() > 0.01 + 1e-9 * needed {
        return Err(MarginTableError::NotContinuous { tier: number, given: tier.maintenance_amount, needed });
    }
    Ok(())
}

impl TryFrom<Unchecked> for MarginTable {
    type Error = MarginTableError;
    fn try_from(table: Unchecked) -> Result<Self, MarginTableError> {
        Self::with_rule(table.rule, table.tiers)
    }
}

impl From<MarginTable> for Unchecked {
    fn from(table: MarginTable) -> Self {
        Self { rule: table.rule, tiers: table.tiers }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tier(floor: f64, cap: f64, rate: f64, amount: f64) -> MarginTier {
        MarginTier { floor, cap, maintenance_rate: rate, maintenance_amount: amount, max_leverage: 10.0 }
    }

    #[test]
    fn inconsistent_schedules_are_refused_with_their_tier() {
        let good = vec![tier(0.0, 300_000.0, 0.004, 0.0), tier(300_000.0, 800_000.0, 0.005, 300.0)];
        assert!(MarginTable::new(good.clone()).is_ok());
        assert_eq!(MarginTable::new(vec![]), Err(MarginTableError::Empty));

        let mut overlapping = good.clone();
        overlapping[1].floor = 200_000.0;
        assert_eq!(MarginTable::new(overlapping), Err(MarginTableError::NotContiguous { tier: 2 }));

        let mut jump = good.clone();
        jump[1].maintenance_amount = 0.0;
        assert!(matches!(
            MarginTable::new(jump.clone()),
            Err(MarginTableError::NotContinuous { tier: 2, .. })
        ));
        assert!(MarginTable::with_rule(TierRule::WholeBySize, jump).is_ok(), "jumps are this rule's nature");
        assert!(MarginTable::with_rule(TierRule::WholeByNotional, good.clone()).is_err());

        let falling = vec![tier(0.0, 10.0, 0.005, 0.0), tier(10.0, 20.0, 0.004, 0.0)];
        let falling = MarginTable::with_rule(TierRule::WholeBySize, falling);
        assert_eq!(falling, Err(MarginTableError::Falling { tier: 2 }));

        assert_eq!(
            MarginTable::with_rule(TierRule::Ramp { per_base: 0.0001 }, good.clone()),
            Err(MarginTableError::NotARamp)
        );

        for (rate, leverage) in [(1.0, 10.0), (0.0, 10.0), (f64::NAN, 10.0), (0.004, 0.0), (0.004, 1001.0)] {
            let mut bad = good.clone();
            bad[0].maintenance_rate = rate;
            bad[0].max_leverage = leverage;
            assert_eq!(MarginTable::new(bad), Err(MarginTableError::OutOfRange { tier: 1 }));
        }
    }

    #[test]
    fn a_bound_belongs_to_the_lower_tier() {
        let table = MarginTable::new(vec![tier(0.0, 300.0, 0.004, 0.0), tier(300.0, 800.0, 0.005, 0.3)]);
        let table = table.unwrap();
        let found = [0.0, 300.0, 300.1, 800.0, 9_000.0].map(|notional| table.tier_of(notional));
        assert_eq!(found, [0, 0, 1, 1, 1]);
    }
}
