//! `liqprice/1`: the liquidation price of one position under a venue's rules, and how it comes about.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::tiers::{ContractFacts, ModeName, Recording, RuleFacts, TierRow, TierRuleName};
use super::{PriceText, SideName};

/// The liquidation price of one position.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LiqPrice {
    /// Document name and version.
    pub schema: String,
    /// Content hash of code version, question, rule and schedule: same id, same bytes.
    pub snapshot: String,
    /// `binance:BTCUSDT`.
    pub market: String,
    /// `Binance BTCUSDT`.
    pub title: String,
    /// `binance`.
    pub venue: String,
    /// The symbol as the venue writes it.
    pub symbol: String,
    /// What is traded.
    pub contract: ContractFacts,
    /// Isolated or cross margin.
    pub mode: ModeName,
    /// The day whose rules were used, `2026-05-27`.
    pub date: String,
    /// Side held.
    pub side: SideName,
    /// The answer in one sentence.
    pub headline: String,
    /// The position as asked.
    pub inputs: PositionInputs,
    /// The price that liquidates; `null` if none does.
    pub liquidation_price: Option<PriceText>,
    /// The same unrounded.
    pub liquidation_price_exact: Option<f64>,
    /// Why no price liquidates; `null` if one does.
    pub no_price_reason: Option<String>,
    /// The liquidation price as the venue prints it; `null` where it does not round or the tick is not known.
    pub printed_price: Option<PriceText>,
    /// Where the margin is used up; `null` if nowhere.
    pub bankruptcy_price: Option<PriceText>,
    /// What distances are measured from.
    pub reference: ReferencePrice,
    /// From the reference to the liquidation price.
    pub distance: Option<Distance>,
    /// From the reference to the bankruptcy price.
    pub bankruptcy_distance: Option<Distance>,
    /// Whether the reference price is already past the liquidation price.
    pub already_past: bool,
    /// What the rule of thumb gives; `null` for a hedged pair, of which it knows nothing.
    pub naive: Option<NaivePrice>,
    /// The maintenance tier that holds at the liquidation price; `null` without a price or a schedule.
    pub tier: Option<TierUsed>,
    /// The schedule the tier is from; `null` if the maintenance terms came with the question.
    pub table: Option<Recording>,
    /// Closing fee.
    pub fee: FeeUsed,
    /// The other leg of a hedged pair, which is liquidated at the same price; `null` in one-way mode.
    pub hedge: Option<Hedge>,
    /// How the price comes about, step by step; the last step is the price.
    pub steps: Vec<FormulaStep>,
    /// The bankruptcy price in the same manner.
    pub bankruptcy_step: FormulaStep,
    /// What the symbols in the steps stand for.
    pub symbols: Vec<SymbolMeaning>,
    /// The venue's rule.
    pub rule: RuleFacts,
    /// What was taken for granted because the question did not say.
    pub assumptions: Vec<String>,
    /// What a reader should know before relying on the number.
    pub warnings: Vec<String>,
}

/// The position as asked. Sizes are in the unit of `contract.size_unit`, margins in `contract.settle`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PositionInputs {
    /// Average entry price.
    pub entry_price: PriceText,
    /// Size.
    pub size: f64,
    /// Value at the entry price, in `contract.settle`.
    pub notional: f64,
    /// Leverage chosen.
    pub leverage: Option<f64>,
    /// Margin before anything added.
    pub margin: f64,
    /// Margin added later, negative if taken out.
    pub added_margin: f64,
    /// Wallet balance, other positions' maintenance and profit that make up a cross position's margin.
    pub wallet: Option<WalletInputs>,
    /// Mark price now.
    pub mark_price: Option<PriceText>,
    /// Price tick.
    pub tick: Option<f64>,
    /// Maintenance terms that came with the question, in place of a schedule.
    pub own_terms: Option<OwnTermsUsed>,
}

/// What stands behind a cross position: `W − TMM + UPNL`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct WalletInputs {
    /// Wallet balance `W`.
    pub balance: f64,
    /// Maintenance of all other cross positions, `TMM`.
    pub other_maintenance: f64,
    /// Unrealised profit of all other cross positions, `UPNL`.
    pub other_profit: f64,
}

/// Maintenance terms that came with the question.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OwnTermsUsed {
    /// Maintenance rate (or adjust factor), a fraction.
    pub rate: f64,
    /// Maintenance amount.
    pub amount: f64,
}

/// What distances are measured from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ReferencePrice {
    /// `mark price` or `entry price`.
    pub name: String,
    /// The price.
    pub price: PriceText,
}

/// A signed distance from the reference price.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Distance {
    /// Price difference.
    pub usd: PriceText,
    /// Percent of the reference price.
    pub pct: f64,
}

/// The rule of thumb `entry × (1 ∓ 1/leverage)`, which knows no maintenance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct NaivePrice {
    /// What it gives; `null` if that is not a price.
    pub price: Option<PriceText>,
    /// The leverage put in: the one chosen, or notional over margin.
    pub leverage: f64,
    /// The formula with the numbers put in.
    pub formula: String,
    /// How far it is from the liquidation price, percent of the latter; positive if it is higher.
    pub off_pct: Option<f64>,
}

/// The maintenance tier that holds at the liquidation price.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TierUsed {
    /// The tier as the schedule has it.
    #[serde(flatten)]
    pub row: TierRow,
    /// Number of tiers in the ladder.
    pub of: usize,
    /// Unit of floor and cap.
    pub bound_unit: String,
    /// Unit of the maintenance amount.
    pub amount_unit: String,
    /// How a position meets the tiers.
    pub rule: TierRuleName,
    /// The rate that holds at the price: the tier's, grown along a ramp or divided by the leverage where
    /// the venue does so.
    pub rate_at_price: f64,
}

/// The closing fee.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FeeUsed {
    /// Rate inside the condition, fraction of notional; 0 where the venue reserves none.
    pub rate: f64,
    /// Whether the rate was assumed.
    pub assumed: bool,
    /// What the venue does, in words.
    pub text: String,
}

/// The other leg of a hedged pair.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Hedge {
    /// Side of the other leg.
    pub side: SideName,
    /// Its average entry price.
    pub entry_price: PriceText,
    /// Its size.
    pub size: f64,
    /// Both legs are liquidated if the price falls to this one; `null` if at none before the ladder ends.
    pub below: Option<PriceText>,
    /// Both legs are liquidated if the price rises to this one; `null` if at none before the ladder ends.
    pub above: Option<PriceText>,
}

/// One line of arithmetic.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FormulaStep {
    /// What is computed: `M`, `K`, `m`, `P`.
    pub symbol: String,
    /// The formula with its symbols, without the left side.
    pub formula: String,
    /// The same with the numbers put in.
    pub numbers: String,
    /// What it comes to.
    pub result: String,
    /// What there is to say about it; `null` if nothing.
    pub note: Option<String>,
}

/// What a symbol stands for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SymbolMeaning {
    /// The symbol.
    pub symbol: String,
    /// Its value, with its unit.
    pub value: String,
    /// What it means.
    pub meaning: String,
}

impl LiqPrice {
    /// Name and version.
    pub const SCHEMA: &'static str = "liqprice/1";
}

impl FormulaStep {
    /// `P = formula = numbers = result`.
    pub fn line(&self) -> String {
        format!("{} = {} = {} = {}", self.symbol, self.formula, self.numbers, self.result)
    }
}
