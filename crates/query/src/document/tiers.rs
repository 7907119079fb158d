//! `tiers/1` and `schedules/1`: maintenance schedules, and which of them ship.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `tiers/1`: a market's maintenance schedule on a day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Tiers {
    /// Document name and version.
    pub schema: String,
    /// Content hash of code version, question and schedules: same id, same bytes.
    pub snapshot: String,
    /// `binance:BTCUSDT`.
    pub market: String,
    /// `Binance BTCUSDT`.
    pub title: String,
    /// What is traded.
    pub contract: ContractFacts,
    /// The day asked for, `2026-05-27`.
    pub date: String,
    /// The ladder recorded nearest to that day; all recorded ladders, oldest first, if all were asked for.
    pub ladders: Vec<Ladder>,
    /// Days on which this market's ladder was recorded, oldest first.
    pub recorded: Vec<String>,
    /// The venue's liquidation rules for this kind of contract, older before newer.
    pub rules: Vec<RuleFacts>,
}

/// What is traded, and in which units its figures are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ContractFacts {
    /// Linear or inverse.
    pub kind: ContractName,
    /// Base coin.
    pub base: String,
    /// Quote currency, that of prices.
    pub quote: String,
    /// Currency of margin and profit.
    pub settle: String,
    /// Quote value of one inverse contract; `null` for linear ones, whose size is in base coin.
    pub contract_value: Option<f64>,
    /// Base coins that one unit of the venue's price and size stands for (1000 for `1000PEPEUSDT`).
    pub multiplier: f64,
    /// Unit of sizes, in words.
    pub size_unit: String,
}

/// How a contract turns price into profit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ContractName {
    /// Profit in quote currency.
    Linear,
    /// Profit in base coin.
    Inverse,
}

/// A recorded ladder.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Ladder {
    /// The recording.
    pub recording: Recording,
    /// How a position meets the tiers.
    pub rule: TierRuleName,
    /// The same in a sentence.
    pub rule_text: String,
    /// Unit of floors and caps.
    pub bound_unit: String,
    /// Unit of maintenance amounts.
    pub amount_unit: String,
    /// Growth of the rate per base coin, where the rule is a ramp.
    pub rate_per_base: Option<f64>,
    /// Whether the rates are adjust factors, which the venue divides by the leverage.
    pub rate_over_leverage: bool,
    /// The tiers, lowest first.
    pub tiers: Vec<TierRow>,
}

/// One recording of a schedule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Recording {
    /// Day it was recorded.
    pub recorded: String,
    /// Days from the day asked for to the recording; negative if it was recorded before.
    pub days_from_date: i64,
    /// The same in words.
    pub age_text: String,
    /// Where it was published.
    pub source: String,
    /// What else has to be known about it; `null` if nothing.
    pub note: Option<String>,
    /// Whether the ladder is known to its end.
    pub complete: bool,
}

/// How a position meets the tiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TierRuleName {
    /// Each rate applies to the part of the position inside its tier.
    Continuous,
    /// The rate of the tier reached applies to the whole position; bounds are notionals.
    WholeByNotional,
    /// The same; bounds are sizes.
    WholeBySize,
    /// One tier, whose rate grows with the position.
    Ramp,
}

/// One tier.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TierRow {
    /// Place in the ladder, from 1.
    pub number: usize,
    /// Lower bound.
    pub floor: f64,
    /// Upper bound, which still belongs to the tier; `null` if there is none.
    pub cap: Option<f64>,
    /// Maintenance rate, fraction of notional.
    pub maintenance_rate: f64,
    /// Maintenance amount, which is subtracted.
    pub maintenance_amount: f64,
    /// Largest leverage the venue lets a trader choose.
    pub max_leverage: f64,
}

/// The venue's liquidation rule for one kind of contract, margin mode and period.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RuleFacts {
    /// Linear or inverse.
    pub contract: ContractName,
    /// Isolated or cross.
    pub mode: ModeName,
    /// First day in force; `null` where no earlier rule is known.
    pub from: Option<String>,
    /// First day no longer in force; `null` while in force.
    pub until: Option<String>,
    /// Period in words.
    pub period_text: String,
    /// The formula with its symbols.
    pub formula: String,
    /// Where maintenance is valued, in words.
    pub valued_at: String,
    /// Whether the taker fee of closing is part of the condition.
    pub fee_inside: bool,
    /// The price whose touch liquidates, in words.
    pub trigger: String,
    /// How sure the rule is.
    pub proof: ProofFacts,
    /// The venue's document.
    pub source: String,
}

/// Margin mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ModeName {
    /// The position has its own margin.
    Isolated,
    /// The whole wallet backs it.
    Cross,
}

/// How sure a rule is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ProofFacts {
    /// Kind of proof.
    pub kind: ProofKind,
    /// Published or recorded numbers that the rule reproduces, by name.
    pub vectors: Vec<String>,
    /// The same in words.
    pub text: String,
}

/// Kinds of proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ProofKind {
    /// It reproduces published or recorded numbers.
    Reproduced,
    /// The venue publishes the formula; no complete number was found to hold it against.
    Published,
    /// Worked out from the venue's other rules.
    Derived,
}

/// `schedules/1`: the schedules and rules that ship, by venue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Schedules {
    /// Document name and version.
    pub schema: String,
    /// Content hash of code version, question and schedules: same id, same bytes.
    pub snapshot: String,
    /// Part of a symbol that was asked for.
    pub filter: Option<String>,
    /// Venues, in the usual order; only one if one was asked for.
    pub venues: Vec<VenueSchedules>,
}

/// What ships for one venue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct VenueSchedules {
    /// `binance`.
    pub venue: String,
    /// `Binance`.
    pub title: String,
    /// Number of symbols with a schedule.
    pub symbol_count: usize,
    /// Days on which any of them was recorded, oldest first.
    pub recorded: Vec<String>,
    /// The venue's liquidation rules.
    pub rules: Vec<RuleFacts>,
    /// The symbols that fit the filter, sorted; empty unless the venue was asked for.
    pub symbols: Vec<SymbolSchedules>,
}

/// What ships for one symbol.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SymbolSchedules {
    /// As the venue writes it.
    pub symbol: String,
    /// Number of tiers of the newest recording.
    pub tiers: usize,
    /// Maintenance rate of its first tier.
    pub base_rate: f64,
    /// Largest leverage of its first tier.
    pub max_leverage: f64,
    /// Whether its ladder is known to the end.
    pub complete: bool,
    /// Days on which the ladder was recorded, oldest first.
    pub recorded: Vec<String>,
}

impl Tiers {
    /// Name and version.
    pub const SCHEMA: &'static str = "tiers/1";
}

impl Schedules {
    /// Name and version.
    pub const SCHEMA: &'static str = "schedules/1";
}
