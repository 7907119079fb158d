//! The eight worlds.

use core::fmt;
use core::str::FromStr;

use super::parameters::{Agent, AgentNumbers, Numbers, Parameters};

/// A set of parameters with a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum World {
    /// A large coin in an ordinary quarter.
    Default,
    /// Few retail traders, half the leverage.
    LowLeverage,
    /// Mostly retail, half as much leverage again.
    Degenerate,
    /// Nobody stops out, tops up or changes collateral.
    NoStops,
    /// Twice the impact, a jump or more a day.
    Cascades,
    /// Little volatility, few jumps, half the impact.
    Calm,
    /// A small coin: twice the volatility.
    Alt,
    /// A fifth of the flow is held for minutes at 50× to 125×.
    Scalp,
}

/// There is no world of that name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no such world; known are {}", World::ALL.map(World::id).join(", "))]
pub struct UnknownWorld;

impl World {
    /// All worlds.
    pub const ALL: [Self; 8] = [
        Self::Default,
        Self::LowLeverage,
        Self::Degenerate,
        Self::NoStops,
        Self::Cascades,
        Self::Calm,
        Self::Alt,
        Self::Scalp,
    ];

    /// Name in commands and tables.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::LowLeverage => "lowlev",
            Self::Degenerate => "degen",
            Self::NoStops => "nostops",
            Self::Cascades => "cascades",
            Self::Calm => "calm",
            Self::Alt => "alt",
            Self::Scalp => "scalp",
        }
    }

    /// What it is like, in a few words.
    pub const fn about(self) -> &'static str {
        match self {
            Self::Default => "a large coin in an ordinary quarter",
            Self::LowLeverage => "few retail traders, half the leverage",
            Self::Degenerate => "mostly retail traders, half as much leverage again",
            Self::NoStops => "nobody stops out, tops up or changes collateral",
            Self::Cascades => "twice the price impact, a jump or more a day",
            Self::Calm => "little volatility, few jumps, half the price impact",
            Self::Alt => "a small coin: twice the volatility",
            Self::Scalp => "a fifth of the flow is held for minutes at 50x to 125x",
        }
    }

    /// Its parameters.
    pub fn parameters(self) -> Parameters {
        let mut world = Parameters { market: MARKET, agents: AGENTS };
        let market = &mut world.market;
        match self {
            Self::Default => {}
            Self::LowLeverage => (market.retail_share, market.leverage_shift) = (0.25, -0.7),
            Self::Degenerate => (market.retail_share, market.leverage_shift) = (0.65, 0.4),
            Self::NoStops => {
                market.remargin_per_day = 0.0;
                for agent in &mut world.agents {
                    (agent.stop_probability, agent.top_up_isolated, agent.top_up_cross) = (0.0, 0.0, 0.0);
                }
            }
            Self::Cascades => (market.impact, market.jumps_per_day) = (2.0, 1.2),
            Self::Calm => {
                (market.volatility_daily, market.jumps_per_day, market.impact) = (0.015, 0.1, 0.5);
            }
            Self::Alt => (market.volatility_daily, market.jumps_per_day) = (0.05, 0.6),
            Self::Scalp => market.scalp_notional_share = 0.2,
        }
        world
    }
}

impl fmt::Display for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

impl FromStr for World {
    type Err = UnknownWorld;
    fn from_str(text: &str) -> Result<Self, UnknownWorld> {
        Self::ALL.into_iter().find(|world| world.id() == text).ok_or(UnknownWorld)
    }
}

const MARKET: Numbers = Numbers {
    start_price_usd: 60_000.0,
    reference_open_interest_usd: 2e9,
    warm_up_days: 30.0,
    volatility_daily: 0.024,
    volatility_log_sd: 0.55,
    volatility_relaxation_days: 1.0,
    jumps_per_day: 0.4,
    jump_sd: 0.012,
    impact: 1.0,
    impact_depth: 0.025,
    impact_transient_share: 0.6,
    impact_relaxation_minutes: 15.0,
    stop_impact: 0.5,
    openings_per_day: 42_000.0,
    arrival_volatility: 0.8,
    arrival_momentum: 0.6,
    arrival_momentum_unit: 0.02,
    arrival_momentum_cap: 3.0,
    arrival_daily_wave: 0.3,
    momentum_hours: 6.0,
    retail_share: 0.45,
    retail_share_logit_sd: 0.6,
    retail_share_relaxation_days: 8.0,
    pro_share_of_rest: 0.72,
    fund_share_of_rest: 0.21,
    scalp_notional_share: 0.0,
    size_exponent: 1.35,
    leverage_shift: 0.0,
    appetite_effect: 0.5,
    appetite_sd: 0.5,
    appetite_relaxation_days: 6.0,
    sentiment_sd: 0.25,
    sentiment_relaxation_days: 3.0,
    stop_from: 0.15,
    stop_to: 0.9,
    take_from: 0.3,
    take_to: 2.3,
    take_unit_cap: 0.3,
    top_up_from: 0.5,
    top_up_to: 0.9,
    top_up_growth_from: 1.5,
    top_up_growth_to: 2.5,
    remargin_per_day: 1.0 / 6.0,
    remargin_log_sd: 0.35,
    remargin_room: 0.005,
    maker_gap: 0.1,
    maker_gap_sd: 0.01,
    maker_gap_relaxation_days: 1.0,
    taker_closing: 0.6,
    churn_per_volume: 0.6,
    churn_base_usd_per_day: 5e8,
    churn_tilt: 0.15,
    burst_share: 0.5,
    funding_base: 1e-4,
    funding_per_imbalance: 1e-3,
};

const RETAIL: AgentNumbers = AgentNumbers {
    minimum_usd: 3_000.0,
    cap_usd: 2e6,
    leverage_median: 22.0,
    leverage_log_sd: 0.85,
    leverage_cap: 125.0,
    isolated_share: 0.5,
    collateral_mean: 1.2,
    holding_median_hours: 3.0,
    holding_log_sd: 1.8,
    hurried_from_leverage: 50.0,
    long_share: 0.53,
    long_share_momentum: 0.18,
    long_share_momentum_unit: 0.02,
    long_share_sentiment: 0.08,
    long_share_imbalance: 0.0,
    stop_probability: 0.35,
    take_probability: 0.45,
    top_up_isolated: 0.15,
    top_up_cross: 0.30,
    taker_opening: 0.72,
};

const PRO: AgentNumbers = AgentNumbers {
    minimum_usd: 3_500.0,
    cap_usd: 10e6,
    leverage_median: 8.0,
    leverage_log_sd: 0.7,
    leverage_cap: 50.0,
    isolated_share: 0.2,
    collateral_mean: 1.8,
    holding_median_hours: 14.0,
    holding_log_sd: 1.5,
    hurried_from_leverage: 1_000.0,
    long_share: 0.55,
    long_share_momentum: 0.08,
    long_share_sentiment: 0.0,
    taker_opening: 0.55,
    ..RETAIL
};

const FUND: AgentNumbers = AgentNumbers {
    minimum_usd: 7_500.0,
    cap_usd: 40e6,
    leverage_median: 2.5,
    leverage_log_sd: 0.5,
    isolated_share: 0.0,
    collateral_mean: 0.0,
    holding_median_hours: 120.0,
    holding_log_sd: 1.2,
    long_share: 0.58,
    long_share_momentum: -0.10,
    long_share_momentum_unit: 0.03,
    stop_probability: 0.175,
    ..PRO
};

/// Leverage and collateral are not used: a hedged position has no liquidation price.
const HEDGED: AgentNumbers = AgentNumbers {
    minimum_usd: 13_000.0,
    leverage_median: 1.0,
    leverage_log_sd: 0.0,
    holding_median_hours: 240.0,
    holding_log_sd: 1.0,
    long_share: 0.5,
    long_share_momentum: 0.0,
    long_share_imbalance: -0.48,
    stop_probability: 0.0,
    take_probability: 0.0,
    top_up_isolated: 0.0,
    top_up_cross: 0.0,
    ..FUND
};

const SCALPER: AgentNumbers = AgentNumbers {
    leverage_median: 79.0,
    leverage_log_sd: 0.35,
    isolated_share: 1.0,
    holding_median_hours: 1.0 / 6.0,
    holding_log_sd: 1.2,
    hurried_from_leverage: 1_000.0,
    ..RETAIL
};

const AGENTS: [AgentNumbers; Agent::ALL.len()] = [RETAIL, PRO, FUND, HEDGED, SCALPER];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_world_is_named_and_within_range() {
        for world in World::ALL {
            assert_eq!(world.id().parse(), Ok(world));
            assert_eq!(world.parameters().checked(), Ok(world.parameters()));
        }
        let error = "nowhere".parse::<World>().unwrap_err().to_string();
        assert!(error.ends_with("cascades, calm, alt, scalp"), "{error}");
    }

    #[test]
    fn a_number_out_of_range_is_named() {
        for value in [f64::NAN, -1.0, 11.0] {
            let mut world = World::Default.parameters();
            world.market.impact = value;
            let error = world.checked().unwrap_err();
            assert_eq!((error.owner, error.name), ("market", "impact"));
        }
        let mut world = World::Default.parameters();
        world.agents[Agent::Fund as usize].isolated_share = 1.5;
        let error = world.checked().unwrap_err().to_string();
        assert!(error.starts_with("fund.isolated_share = 1.5 is outside 0..=1"), "{error}");
    }

    /// The table covers every number: writing through it and reading the struct agree.
    #[test]
    fn the_table_reads_and_writes_the_numbers() {
        let mut market = MARKET;
        for field in Numbers::FIELDS {
            (field.set)(&mut market, field.range.1);
            assert_eq!((field.get)(&market), field.range.1, "{}", field.name);
            assert!(!field.meaning.is_empty() && !field.source.is_empty());
        }
        assert_eq!(market.impact, 10.0);
        let names: std::collections::BTreeSet<_> = Numbers::FIELDS.iter().map(|field| field.name).collect();
        assert_eq!(names.len(), Numbers::FIELDS.len());
    }
}
