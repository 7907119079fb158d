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
pub mod format;
mod heatmap;
mod liqprice;
mod score;
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
pub use heatmap::{Column, ColumnStatus, HeatRows, HeatScale, Heatmap};
pub use liqprice::{
    Distance, FeeUsed, FormulaStep, Hedge, LiqPrice, NaivePrice, OwnTermsUsed, PositionInputs,
    ReferencePrice, SymbolMeaning, TierUsed, WalletInputs,
};
pub use score::{
    BackgroundName, BandScore, CellName, EventName, Gain, HeadScore, NamedGain, ReliabilityRow, Score,
    ScoreCheck, ScoreHorizon, ScoreProtocol, ScoreScope, ScoredForecast, ScoredModel, TotalsScore,
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
    ]
}
