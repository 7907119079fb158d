//! Every number a world is made of, by name, with its range and where it comes from.
//!
//! "Section 13" is the section on the synthetic market in the model specification. Where that section
//! leaves a number open, the source says "chosen" and what it was chosen for.

/// What is known about one named number of `T`.
#[derive(Debug, Clone, Copy)]
pub struct Field<T> {
    /// Name of the struct's field; the unit is part of it.
    pub name: &'static str,
    /// What it means.
    pub meaning: &'static str,
    /// Smallest and largest value accepted.
    pub range: (f64, f64),
    /// Where the default comes from.
    pub source: &'static str,
    /// Reads it.
    pub get: fn(&T) -> f64,
    /// Writes it.
    pub set: fn(&mut T, f64),
}

/// Declares a struct of numbers together with the table that describes them.
macro_rules! numbers {
    ($(#[$doc:meta])* $type:ident {
        $($(#[doc = $meaning:literal])+ $name:ident: $low:literal..=$high:literal, $source:literal;)+
    }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq)]
        pub struct $type { $($(#[doc = $meaning])+ pub $name: f64,)+ }

        impl $type {
            /// Every number with its meaning, range and source.
            pub const FIELDS: &'static [Field<Self>] = &[$(Field {
                name: stringify!($name),
                meaning: concat!($($meaning),+),
                range: ($low as f64, $high as f64),
                source: $source,
                get: |numbers| numbers.$name,
                set: |numbers, value| numbers.$name = value,
            },)+];

            /// The first number outside its range.
            fn out_of_range(&self) -> Option<&'static Field<Self>> {
                Self::FIELDS.iter().find(|field| {
                    let (low, high) = field.range;
                    !(low..=high).contains(&(field.get)(self))
                })
            }
        }
    };
}

numbers! {
    /// The market as a whole.
    Numbers {
        /// Price at the start of the warm-up, dollars.
        start_price_usd: 1e3..=1e6, "section 13, header";
        /// Open interest that impact and market makers are scaled to, dollars.
        reference_open_interest_usd: 1e6..=1e12, "section 13, header";
        /// Days simulated before the first event, so that positions of every age stand.
        warm_up_days: 0..=200, "chosen: three mean holding times of funds";

        /// Mean volatility, log price a day.
        volatility_daily: 0.001..=0.3, "section 13, price; its \"around\" read as the mean, not the median";
        /// Stationary standard deviation of log volatility.
        volatility_log_sd: 0..=2, "section 13, price";
        /// Time in which a deviation of log volatility shrinks by e, days.
        volatility_relaxation_days: 0.01..=100, "section 13, price";
        /// Jumps of the price a day.
        jumps_per_day: 0..=50, "section 13, price";
        /// Standard deviation of a jump, log price.
        jump_sd: 0..=0.2, "section 13, price";
        /// Multiplier of the impact of forced flow.
        impact: 0..=10, "section 13, price";
        /// Forced flow that moves the price by 1 %, as a share of the reference open interest.
        impact_depth: 0.001..=1, "section 13, price";
        /// Part of the impact that relaxes.
        impact_transient_share: 0..=1, "section 13, price";
        /// Time in which it shrinks by e, minutes.
        impact_relaxation_minutes: 0.1..=1e4, "section 13, price";
        /// Impact of a stop order relative to a forced one.
        stop_impact: 0..=2, "section 13, price";

        /// Positions opened a day at median volatility and without momentum.
        openings_per_day: 0..=2e6, "section 13, arrival: makes its 60,000 in the mean over moods";
        /// Growth of the log arrival rate with the log deviation of volatility.
        arrival_volatility: 0..=3, "section 13, arrival";
        /// Growth of the arrival rate per unit of momentum.
        arrival_momentum: 0..=5, "section 13, arrival";
        /// Momentum that counts as one unit, log price.
        arrival_momentum_unit: 0.001..=1, "section 13, arrival";
        /// Most units of momentum that count.
        arrival_momentum_cap: 0..=20, "section 13, arrival";
        /// Amplitude of the daily wave of arrivals.
        arrival_daily_wave: 0..=1, "section 13, arrival";
        /// Window of momentum, hours.
        momentum_hours: 0.1..=48, "section 13, arrival";

        /// Mean share of retail among openings, by count.
        retail_share: 0.01..=0.99, "section 13, agents";
        /// Stationary standard deviation of its logit.
        retail_share_logit_sd: 0..=2, "section 13, agents";
        /// Time in which its deviation shrinks by e, days.
        retail_share_relaxation_days: 0.1..=100, "section 13, agents";
        /// Share of professionals among the rest, by count.
        pro_share_of_rest: 0..=1, "section 13, agents";
        /// Share of funds among the rest, by count; what is left is hedged.
        fund_share_of_rest: 0..=1, "section 13, agents";
        /// Share of opened notional that comes from scalpers.
        scalp_notional_share: 0..=0.9, "section 13, eighth world; zero in the others";
        /// Exponent of the Pareto law of notionals.
        size_exponent: 1.05..=5, "section 13, agents";
        /// Added to every log leverage.
        leverage_shift: -3..=3, "section 13, worlds";
        /// Growth of retail's log leverage with the appetite for risk.
        appetite_effect: 0..=2, "section 13, agents";
        /// Stationary standard deviation of the appetite for risk.
        appetite_sd: 0..=2, "section 13, agents";
        /// Time in which it shrinks by e, days.
        appetite_relaxation_days: 0.1..=100, "section 13, agents";
        /// Stationary standard deviation of retail's sentiment.
        sentiment_sd: 0..=2, "section 13, agents";
        /// Time in which it shrinks by e, days.
        sentiment_relaxation_days: 0.1..=100, "section 13, agents";

        /// Nearest stop, as a share of the distance to liquidation.
        stop_from: 0..=1, "section 13, behaviour";
        /// Farthest stop, as a share of the distance to liquidation.
        stop_to: 0..=1, "section 13, behaviour";
        /// Nearest profit taken, in units of the distance to liquidation.
        take_from: 0.01..=10, "section 13, behaviour";
        /// Farthest profit taken, in units of the distance to liquidation.
        take_to: 0.01..=10, "section 13, behaviour";
        /// Largest distance that profits are measured in, log price.
        take_unit_cap: 0.01..=2, "section 13, behaviour";
        /// Nearest top-up, as a share of the distance to liquidation.
        top_up_from: 0..=1, "section 13, behaviour";
        /// Farthest top-up, as a share of the distance to liquidation.
        top_up_to: 0..=1, "section 13, behaviour";
        /// Least growth of the distance by a top-up.
        top_up_growth_from: 1..=10, "section 13, behaviour";
        /// Most growth of the distance by a top-up.
        top_up_growth_to: 1..=10, "section 13, behaviour";
        /// How often a cross account's collateral changes, a day.
        remargin_per_day: 0..=24, "section 13, behaviour";
        /// Standard deviation of the log distance's change when it does.
        remargin_log_sd: 0..=2, "section 13, behaviour";
        /// Collateral leaves an account only as far as this much log distance to liquidation remains.
        remargin_room: 0..=0.5, "chosen: a venue lets no one withdraw into liquidation";

        /// Mean of open interest above the larger side of the agents, as a share of the reference.
        maker_gap: 0..=2, "section 13, market makers";
        /// Its stationary standard deviation, as a share of the reference.
        maker_gap_sd: 0..=1, "section 13, market makers; width chosen: a tenth of the mean";
        /// Time in which its deviation shrinks by e, days.
        maker_gap_relaxation_days: 0.01..=100, "section 13, market makers; time chosen: one day";

        /// Probability that a closing takes liquidity.
        taker_closing: 0..=1, "section 13, trades";
        /// Churn among market makers per unit of the agents' volume.
        churn_per_volume: 0..=20, "section 13, trades";
        /// Churn among market makers besides that, dollars a day.
        churn_base_usd_per_day: 1e3..=1e12, "section 13, trades; level chosen: turnover of 2.0 a day";
        /// Share of churn bought by takers above one half, in a strongly rising step.
        churn_tilt: 0..=0.5, "chosen: takers lead the price";

        /// Part of a step's prints that fall into two seconds.
        burst_share: 0..=1, "section 13, prints";
        /// Funding rate per eight hours without imbalance.
        funding_base: -0.01..=0.01, "section 13, funding proxy; level chosen: that of the venues";
        /// Funding rate per eight hours when agents hold only longs.
        funding_per_imbalance: 0..=0.1, "section 13, funding proxy; slope chosen: ±0.1 % at the ends";
    }
}

numbers! {
    /// One type of agent.
    AgentNumbers {
        /// Smallest notional, dollars.
        minimum_usd: 1..=1e8, "section 13, agents";
        /// Largest notional, dollars.
        cap_usd: 1..=1e10, "section 13, agents";
        /// Median leverage.
        leverage_median: 1..=150, "section 13, agents";
        /// Standard deviation of log leverage.
        leverage_log_sd: 0..=3, "section 13, agents";
        /// Largest leverage; the venue's own limit for the notional holds as well.
        leverage_cap: 1..=150, "section 13, agents";
        /// Share of positions with isolated margin.
        isolated_share: 0..=1, "section 13, agents";
        /// Mean of the collateral beyond the initial margin of the others, in units of it (exponential).
        collateral_mean: 0..=20, "section 13, agents";
        /// Median holding time, hours.
        holding_median_hours: 0.001..=1e4, "section 13, agents";
        /// Standard deviation of the log holding time.
        holding_log_sd: 0..=4, "section 13, agents";
        /// Leverage from which the holding time is halved.
        hurried_from_leverage: 1..=1e3, "section 13, agents";
        /// Probability of a long without momentum and sentiment.
        long_share: 0..=1, "section 13, agents";
        /// Its change in strong positive momentum.
        long_share_momentum: -1..=1, "section 13, agents";
        /// Momentum that counts as strong, log price.
        long_share_momentum_unit: 0.001..=1, "section 13, agents";
        /// Its change in strong positive sentiment.
        long_share_sentiment: -1..=1, "section 13, agents";
        /// Its change when the agents hold far more longs than shorts: times tanh(6·(L − S)/(L + S) + 0.3).
        long_share_imbalance: -1..=1, "section 13, agents";
        /// Probability of a stop order.
        stop_probability: 0..=1, "section 13, behaviour";
        /// Probability of a take-profit order.
        take_probability: 0..=1, "section 13, behaviour";
        /// Probability of a top-up with isolated margin.
        top_up_isolated: 0..=1, "section 13, behaviour";
        /// Probability of a top-up otherwise.
        top_up_cross: 0..=1, "section 13, behaviour";
        /// Probability that an opening takes liquidity.
        taker_opening: 0..=1, "section 13, trades";
    }
}

/// A type of agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Agent {
    /// Small, at leverages venues offer as buttons.
    Retail,
    /// Larger, at moderate leverage, mostly with cross margin.
    Pro,
    /// Large and slow.
    Fund,
    /// Delta-neutral: never liquidated.
    Hedged,
    /// In and out within minutes at 50× to 125×.
    Scalper,
}

impl Agent {
    /// All types, in the order of [`Parameters::agents`].
    pub const ALL: [Self; 5] = [Self::Retail, Self::Pro, Self::Fund, Self::Hedged, Self::Scalper];

    /// Name in tables.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Retail => "retail",
            Self::Pro => "pro",
            Self::Fund => "fund",
            Self::Hedged => "hedged",
            Self::Scalper => "scalper",
        }
    }

    /// The leverages the type chooses among; empty where any goes.
    pub const fn buttons(self) -> &'static [f64] {
        match self {
            Self::Retail => &[3.0, 5.0, 10.0, 20.0, 25.0, 50.0, 75.0, 100.0, 125.0],
            Self::Scalper => &[50.0, 75.0, 100.0, 125.0],
            _ => &[],
        }
    }
}

/// All numbers of a world.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Parameters {
    /// The market as a whole.
    pub market: Numbers,
    /// Each type of agent, in the order of [`Agent::ALL`].
    pub agents: [AgentNumbers; 5],
}

/// A number that no world can be made with.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{owner}.{name} = {value} is outside {low}..={high}; give it a value in that range")]
pub struct OutOfRange {
    /// `market`, or the type of agent.
    pub owner: &'static str,
    /// Name of the number.
    pub name: &'static str,
    /// Its value.
    pub value: f64,
    /// Smallest value accepted.
    pub low: f64,
    /// Largest value accepted.
    pub high: f64,
}

impl Parameters {
    /// The numbers of one type of agent.
    pub const fn agent(&self, agent: Agent) -> &AgentNumbers {
        &self.agents[agent as usize]
    }

    /// Checks every number against its range.
    pub fn checked(self) -> Result<Self, OutOfRange> {
        fn error<T>(owner: &'static str, field: &Field<T>, value: f64) -> OutOfRange {
            OutOfRange { owner, name: field.name, value, low: field.range.0, high: field.range.1 }
        }
        if let Some(field) = self.market.out_of_range() {
            return Err(error("market", field, (field.get)(&self.market)));
        }
        for (agent, numbers) in Agent::ALL.iter().zip(&self.agents) {
            if let Some(field) = numbers.out_of_range() {
                return Err(error(agent.id(), field, (field.get)(numbers)));
            }
        }
        Ok(self)
    }
}
