//! The documents: versioned JSON answers that every surface renders and none recomputes.
//!
//! Money and prices are exact decimal strings; ratios, percentages and ages are numbers; heatmap cells
//! are whole dollars as integers (exact in JSON, and a third of the bytes). A figure that does not exist
//! yet – an interval, the sign kept by an ensemble – is `null`, never a guess.

mod account;
mod accounts;
mod amount;
mod answers;
mod balance;
mod brief;
mod catalogue;
pub mod format;
mod health;
mod heatmap;
mod ladder;
mod liqprice;
mod overview;
mod score;
mod series;
mod stamp;
mod tiers;

pub use account::{Account, AccountHolding, Joint, PathPoint};
pub use accounts::{
    AccountKnown, AccountRow, AccountTotals, Accounts, MarginKind, PriceRange, Unpriced, VenueCheck,
};
pub use amount::{PriceText, Usd};
pub use answers::{
    At, AtMove, Band, BinWidth, Cluster, Clusters, DayRange, Interval, Map, MapBin, MapSide, Reach,
    ReachPair, ReachSide, Tilt, TiltLabel, Window,
};
pub use balance::{Asymmetry, Balance, Fuel};
pub use brief::{Brief, BriefSection, CAVEAT, CAVEAT_SHORT, Changed, Cover, PriceBox};
pub use catalogue::{
    EvidenceName, LiquidationConvention, LiquidationKind, OpenInterestConvention, SymbolFacts, Symbols,
    VenueFacts, Venues,
};
pub use health::{ClockFacts, ClockMode, Health, Load, MarketHealth, MarketState};
pub use heatmap::{Column, ColumnStatus, HeatRows, HeatScale, Heatmap};
pub use ladder::LiquidationLadder;
pub use liqprice::{
    Distance, FeeUsed, FormulaStep, Hedge, LiqPrice, NaivePrice, OwnTermsUsed, PositionInputs,
    ReferencePrice, SymbolMeaning, TierUsed, WalletInputs,
};
pub use overview::{DayMove, Overview, OverviewFailure, OverviewRow, Tick};
pub use score::{
    BackgroundName, BandScore, CellName, EventName, Gain, HeadScore, NamedGain, ReliabilityRow, Score,
    ScoreCheck, ScoreHorizon, ScoreProtocol, ScoreScope, ScoredForecast, ScoredModel, TotalsScore,
};
pub use series::{
    Candle, ChannelGaps, CompletenessName, FundingName, FundingPoint, FundingSeries, Gaps, Hole,
    OpenInterestPoint, OpenInterestSeries, PriceSeries, SeriesHead, Tape, TapeRow,
};
pub use stamp::{
    Channel, Coverage, Evidence, Feed, Flows, Grade, GradeLetter, MarketStamp, Reporting, SideName, Stamp,
};
pub use tiers::{
    ContractFacts, ContractName, Ladder, ModeName, ProofFacts, ProofKind, Recording, RuleFacts, Schedules,
    SymbolSchedules, TierRow, TierRuleName, Tiers, VenueSchedules,
};

/// Name, version and JSON Schema of every document, in the order `liqlens schema` lists them.
pub fn schemas() -> Vec<(&'static str, schemars::Schema)> {
    vec![
        (Reach::SCHEMA, schemars::schema_for!(Reach)),
        (At::SCHEMA, schemars::schema_for!(At)),
        (Map::SCHEMA, schemars::schema_for!(Map)),
        (Clusters::SCHEMA, schemars::schema_for!(Clusters)),
        (Heatmap::SCHEMA, schemars::schema_for!(Heatmap)),
        (Brief::SCHEMA, schemars::schema_for!(Brief)),
        (Account::SCHEMA, schemars::schema_for!(Account)),
        (Accounts::SCHEMA, schemars::schema_for!(Accounts)),
        (LiqPrice::SCHEMA, schemars::schema_for!(LiqPrice)),
        (Tiers::SCHEMA, schemars::schema_for!(Tiers)),
        (Schedules::SCHEMA, schemars::schema_for!(Schedules)),
        (Score::SCHEMA, schemars::schema_for!(Score)),
        (LiquidationLadder::SCHEMA, schemars::schema_for!(LiquidationLadder)),
        (Overview::SCHEMA, schemars::schema_for!(Overview)),
        (Tick::SCHEMA, schemars::schema_for!(Tick)),
        (Tape::SCHEMA, schemars::schema_for!(Tape)),
        (PriceSeries::SCHEMA, schemars::schema_for!(PriceSeries)),
        (OpenInterestSeries::SCHEMA, schemars::schema_for!(OpenInterestSeries)),
        (FundingSeries::SCHEMA, schemars::schema_for!(FundingSeries)),
        (Gaps::SCHEMA, schemars::schema_for!(Gaps)),
        (Symbols::SCHEMA, schemars::schema_for!(Symbols)),
        (Venues::SCHEMA, schemars::schema_for!(Venues)),
        (Health::SCHEMA, schemars::schema_for!(Health)),
    ]
}
