//! What is scored and how: horizons, what counts as an event, what is left out.

use liqlens_market::{Span, Timestamp};
use liqlens_score::BlockBootstrap;

pub use super::path::Cells;
use serde::{Deserialize, Serialize};

/// A length of forecast.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Horizon {
    /// Length of a window; windows begin at its multiples on the clock and do not overlap.
    pub length: Span,
    /// How far from the price maps are read, as a share of it. Cells beyond have no map mass; they are counted.
    pub reach: f64,
}

impl Horizon {
    /// The protocol's horizons: 1, 5, 30, 60 and 240 minutes.
    pub const PROTOCOL: [Self; 5] = [
        Self { length: Span::MINUTE, reach: 0.03 },
        Self { length: Span::MINUTE.times(5), reach: 0.08 },
        Self { length: Span::MINUTE.times(30), reach: 0.15 },
        Self { length: Span::HOUR, reach: 0.15 },
        Self { length: Span::HOUR.times(4), reach: 0.3 },
    ];
}

/// What one event is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Weights {
    /// Prints if the first of them has a price; contracts if it has none, for then it is a sum of many and
    /// their number says little.
    #[default]
    Auto,
    /// A print, whatever its size. Of a feed that sums each minute: a minute and side with anything in it.
    Prints,
    /// A contract. Gains are then per mean print, `n = y/ȳ`, which is the same as per contract: no choice of
    /// unit changes them.
    Contracts,
}

/// What the parts of a rate that know no map are spread over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Background {
    /// The swept part of each bin, as the map is: the formula of section 7.1.
    #[default]
    Swept,
    /// Each touched bin whole. It makes the references worse, because a sliver then counts as much as a bin, and
    /// so flatters every map; only for comparison with figures that were measured so.
    Touched,
}

/// Settings of a contest.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// The horizons, each a whole number of minutes up to a day.
    pub horizons: Vec<Horizon>,
    /// First issue; what comes before only warms the models up.
    pub from: Timestamp,
    /// No window begins at or after this.
    pub until: Option<Timestamp>,
    /// First issue that is scored; `None` leaves out the first [`Settings::burn_in`] of the windows instead.
    pub score_from: Option<Timestamp>,
    /// Share of each horizon's windows that only calibrates, where `score_from` is not given.
    pub burn_in: f64,
    /// Half-life of the factors of the heads.
    pub half_life: Span,
    /// Step by which the level of a band adapts after each window (0.02–0.1); 0 keeps plain quantiles of past
    /// windows, an ablation.
    pub band_step: f64,
    /// What a cell is.
    pub cells: Cells,
    /// What an event is.
    pub weights: Weights,
    /// What the backgrounds are spread over.
    pub background: Background,
    /// Names of the contestants that are baselines, the reference peer first.
    pub baselines: Vec<String>,
    /// Intervals of gains.
    pub bootstrap: BlockBootstrap,
    /// Simulated catalogues of the likelihood and spatial tests; fewer where there are very many events.
    pub simulations: u32,
}

impl Settings {
    /// The protocol's settings for markets with months of history: half-life 10 days, blocks of a day.
    pub fn history(from: Timestamp) -> Self {
        Self {
            horizons: Horizon::PROTOCOL.to_vec(),
            from,
            until: None,
            score_from: None,
            burn_in: 0.12,
            half_life: Span::DAY.times(10),
            band_step: 0.05,
            cells: Cells::Auto,
            weights: Weights::Auto,
            background: Background::Swept,
            baselines: Vec::new(),
            bootstrap: BlockBootstrap { block: Span::DAY, resamples: 1_000, seed: 12 },
            simulations: 1_000,
        }
    }

    /// The protocol's settings for days of a live feed: half-life 3 days, blocks of 12 hours.
    pub fn sample(from: Timestamp) -> Self {
        let bootstrap = BlockBootstrap { block: Span::HOUR.times(12), resamples: 1_000, seed: 12 };
        Self { half_life: Span::DAY.times(3), bootstrap, ..Self::history(from) }
    }
}

/// Why a contest cannot be held.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ContestError {
    /// Nobody to give the price path.
    #[error("no contestant is a market, so there is no price path; add one")]
    NoMarket,
    /// Maps on different grids cannot be scored in the same cells.
    #[error("{0} is on another grid than the first contestant; give all models one grid")]
    Grid(String),
    /// Two contestants of one name.
    #[error("two contestants are named {0}; names must differ")]
    Name(String),
    /// A baseline that does not take part.
    #[error("no contestant is named {0}, which is to be a baseline")]
    Baseline(String),
    /// A horizon that is no whole number of minutes up to a day, or a reach outside (0, 0.95].
    #[error(
        "a horizon must be a whole number of minutes up to a day that divides a day, and reach between 0 and 0.95 of the price; number {0} does not"
    )]
    Horizon(usize),
    /// A number without sense.
    #[error("{0} must be positive")]
    NotPositive(&'static str),
    /// A score could not be computed.
    #[error(transparent)]
    Score(#[from] liqlens_score::ScoreError),
}
