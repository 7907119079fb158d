//! Which of the formulas a venue uses, by contract, margin mode and day.
//!
//! The rules themselves stand with each venue in [`crate::venues`]; here is what they are made of, how the
//! one in force is found, and how a position is put to it.

use core::fmt;

use liqlens_market::{Contract, MarginTable, MarginTier, Side, TierRule, Timestamp, Venue};

use crate::condition::{Position, Terms, Valuation, bankruptcy_price, notional, solve};
use crate::tables::DatedTable;
use crate::tiers::{Condition, Liquidation, liquidation_under};
use crate::venues;

/// Linear or inverse, without the contract's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContractKind {
    /// Profit in quote currency.
    Linear,
    /// Profit in base coin.
    Inverse,
}

impl From<Contract> for ContractKind {
    fn from(contract: Contract) -> Self {
        match contract {
            Contract::Linear => Self::Linear,
            Contract::Inverse { .. } => Self::Inverse,
        }
    }
}

/// What a position's margin is shared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MarginMode {
    /// Nothing: the position has its own margin.
    Isolated,
    /// The whole wallet backs it, less what the other positions need.
    Cross,
}

/// The price at which the venue values maintenance, before a position says which price that is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Valued {
    /// The liquidation price itself.
    AtLiquidation,
    /// The entry price.
    AtEntry,
    /// The mark price at the time of asking.
    AtMark,
}

/// Whether closing costs are part of the condition.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum FeeRule {
    /// They are not.
    Outside,
    /// The account's taker fee is reserved; `default_rate` is the venue's for ordinary accounts.
    Taker {
        /// Fraction of notional.
        default_rate: f64,
    },
    /// The same, as a part of the maintenance rate: valued where maintenance is.
    InRate {
        /// Fraction of notional.
        default_rate: f64,
    },
}

/// The price on which the initial margin of an isolated position is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InitialMargin {
    /// Entry.
    AtEntry,
    /// Mark.
    AtMark,
}

/// What margin added later counts for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum AddedMargin {
    /// Its amount.
    Whole,
    /// Its amount corrected by the closing fee: `extra/(1 − s·t)` (linear) or `extra/(1 + s·t)` (inverse),
    /// with the taker rate `t`.
    WithClosingFee {
        /// The venue's rate for ordinary accounts, fraction of notional.
        default_rate: f64,
    },
}

/// How the venue rounds what it prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rounding {
    /// It does not, or not observably.
    None,
    /// Up to the next tick for longs (towards the mark price); shorts as they are.
    UpForLongs,
}

/// The price whose touch liquidates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trigger {
    /// The venue's mark price.
    Mark,
    /// An oracle's price.
    Oracle,
    /// The index of spot prices.
    Index,
}

impl fmt::Display for Trigger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Mark => "mark price",
            Self::Oracle => "oracle price",
            Self::Index => "index price",
        })
    }
}

/// How sure the rules are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// They reproduce these published or recorded numbers (ids in `tests/data/liquidation_vectors.json`).
    Vectors(&'static [&'static str]),
    /// The venue publishes the formula; no complete number was found to hold it against.
    Published,
    /// Worked out from the venue's other rules; the venue's document has no formula of this form.
    Derived,
}

/// One venue's choice for one kind of contract, margin mode and period.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rules {
    /// The venue.
    pub venue: Venue,
    /// Linear or inverse contracts.
    pub contract: ContractKind,
    /// Isolated or cross margin.
    pub mode: MarginMode,
    /// First day in force, `2026-05-27`; empty where no earlier rule is known.
    pub from: &'static str,
    /// First day no longer in force; empty where still in force.
    pub until: &'static str,
    /// Where maintenance is valued.
    pub valued: Valued,
    /// Closing costs.
    pub fee: FeeRule,
    /// Initial margin.
    pub initial_margin: InitialMargin,
    /// Margin added later.
    pub added_margin: AddedMargin,
    /// Whether the schedule's number is divided by the leverage to give the rate (an "adjust factor").
    pub rate_over_leverage: bool,
    /// Rounding of the printed price.
    pub rounding: Rounding,
    /// What triggers.
    pub trigger: Trigger,
    /// How sure it is.
    pub proof: Proof,
    /// The venue's document.
    pub source: &'static str,
}

/// No rules for what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MissingRules {
    /// The venue does not offer this combination, or its rule is not known.
    #[error("no {mode} margin rule is known for {kind} contracts on {venue}")]
    NotOffered {
        /// The venue.
        venue: Venue,
        /// `linear` or `inverse`.
        kind: &'static str,
        /// `isolated` or `cross`.
        mode: &'static str,
    },
    /// The venue had closed.
    #[error("{venue} closed on {closed}")]
    Closed {
        /// The venue.
        venue: Venue,
        /// Its last day.
        closed: &'static str,
    },
}

/// Every rule of every venue, in the order of [`Venue::ALL`].
pub fn all_rules() -> impl Iterator<Item = &'static Rules> {
    Venue::ALL.into_iter().flat_map(|venue| venues::of(venue).iter())
}

/// The rules in force on a day.
///
/// ```
/// # use liqlens_margin::{ContractKind, MarginMode, Valued, rules};
/// # use liqlens_market::{Timestamp, Venue};
/// let on = |date| {
///     let at = Timestamp::parse_text(date).unwrap();
///     rules(Venue::Bybit, ContractKind::Linear, MarginMode::Isolated, at).unwrap().valued
/// };
/// assert_eq!((on("2026-05-26"), on("2026-05-27")), (Valued::AtEntry, Valued::AtLiquidation));
/// ```
pub fn rules(
    venue: Venue,
    kind: ContractKind,
    mode: MarginMode,
    at: Timestamp,
) -> Result<&'static Rules, MissingRules> {
    let date = at.date();
    let mut closed = None;
    for rules in venues::of(venue).iter().filter(|rules| rules.contract == kind && rules.mode == mode) {
        if date.as_str() >= rules.from && (rules.until.is_empty() || date.as_str() < rules.until) {
            return Ok(rules);
        }
        closed = Some(rules.until);
    }
    Err(match closed {
        Some(closed) => MissingRules::Closed { venue, closed },
        None => MissingRules::NotOffered { venue, kind: kind.as_str(), mode: mode.as_str() },
    })
}

impl ContractKind {
    /// `linear` or `inverse`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Linear => "linear",
            Self::Inverse => "inverse",
        }
    }
}

impl MarginMode {
    /// `isolated` or `cross`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Isolated => "isolated",
            Self::Cross => "cross",
        }
    }
}

/// A position put to a venue's rules.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Question {
    /// Side held.
    pub side: Side,
    /// Average entry price.
    pub entry_price: f64,
    /// Base coin (linear) or contracts (inverse).
    pub size: f64,
    /// Leverage chosen: gives the margin of an isolated position where `margin` does not.
    pub leverage: Option<f64>,
    /// Margin before anything added: isolated, the allotted amount; cross, `W − TMM + UPNL`. Quote
    /// currency (linear) or base coin (inverse).
    pub margin: Option<f64>,
    /// Margin added later, or taken out if negative; the same unit.
    pub added_margin: f64,
    /// Mark price now.
    pub mark_price: Option<f64>,
    /// The account's taker fee rate; the venue's ordinary one if not given.
    pub fee_rate: Option<f64>,
    /// Price tick, for venues that round.
    pub tick: Option<f64>,
}

/// What was taken for granted because the question did not say.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Assumed {
    /// The venue's ordinary taker fee rate.
    FeeRate(f64),
    /// The mark price equals the entry price.
    MarkAtEntry,
}

/// A venue's answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The position as the formula saw it.
    pub position: Position,
    /// The condition as the formula saw it.
    pub condition: Condition,
    /// Liquidation price and its tier; `None` if no price liquidates the position.
    pub liquidation: Option<Liquidation>,
    /// Rate, amount and fee at the liquidation price.
    pub terms: Option<Terms>,
    /// The price as the venue rounds it.
    pub printed_price: Option<f64>,
    /// Where the margin is used up.
    pub bankruptcy_price: Option<f64>,
    /// What was assumed.
    pub assumed: Vec<Assumed>,
}

/// Why a position cannot be put to the rules.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum AnswerError {
    /// A quantity is not positive and finite.
    #[error("{0} must be above zero")]
    NotPositive(&'static str),
    /// Neither leverage nor margin, or a cross position without margin.
    #[error("the margin is not known: give it, or for an isolated position the leverage")]
    NoMargin,
    /// The venue divides its rate by the leverage.
    #[error("this venue's rate depends on the leverage: give it")]
    NoLeverage,
    /// The schedule is known only in part, and the position lies beyond that part.
    #[error("the margin table is known up to {known_to}, the position meets it at {value}")]
    BeyondTable {
        /// Where the known part ends, in the unit of the tier bounds.
        known_to: f64,
        /// Where the position lies.
        value: f64,
    },
}

/// A question as the formula sees it.
struct Put {
    position: Position,
    condition: Condition,
    /// What the venue adds to the maintenance rate.
    rate_fee: f64,
    mark_price: f64,
    assumed: Vec<Assumed>,
}

impl Rules {
    /// Solves for a position under these rules and a schedule.
    pub fn answer(
        &self,
        contract: Contract,
        dated: &DatedTable,
        question: &Question,
    ) -> Result<Answer, AnswerError> {
        let put = self.put(contract, question)?;
        let Put { position, condition, rate_fee, mark_price, .. } = put;
        let divisor = self.rate_divisor(question)?;
        let adjusted;
        let table = if divisor == 1.0 && rate_fee == 0.0 {
            &dated.table
        } else {
            adjusted = adjust(&dated.table, divisor, rate_fee)?;
            &adjusted
        };
        let liquidation = liquidation_under(&position, contract, table, &condition);
        let known_to = dated.known_to();
        if let Some(value) = self.met_at(contract, table.rule(), &position, liquidation, mark_price)
            && value > known_to * (1.0 + 1e-12)
        {
            return Err(AnswerError::BeyondTable { known_to, value });
        }
        let terms = liquidation.map(|found| {
            let tier = &table.tiers()[found.tier];
            let ramp = match table.rule() {
                TierRule::Ramp { per_base } => {
                    per_base
                        * match contract {
                            Contract::Linear => position.size,
                            Contract::Inverse { .. } => notional(contract, position.size, found.price),
                        }
                }
                _ => 0.0,
            };
            Terms {
                rate: tier.maintenance_rate + ramp,
                amount: tier.maintenance_amount,
                fee: condition.fee_rate,
            }
        });
        Ok(self.answered(contract, question, put, liquidation, terms))
    }

    /// As [`Rules::answer`] where no schedule ships, or in place of one: maintenance is `rate × notional −
    /// amount` at any size. On venues whose schedules are of adjust factors, `rate` is such a factor.
    ///
    /// ```
    /// # use liqlens_margin::{ContractKind, MarginMode, Question, rules};
    /// # use liqlens_market::{Contract, Side, Timestamp, Venue};
    /// // BitMEX's example: long 20 ETH from 1,000 with a wallet of 10,000 and a rate of 1 %.
    /// let day = Timestamp::parse_text("2024-01-01").unwrap();
    /// let rules = rules(Venue::Bitmex, ContractKind::Linear, MarginMode::Cross, day).unwrap();
    /// let question = Question {
    ///     side: Side::Long,
    ///     entry_price: 1_000.0,
    ///     size: 20.0,
    ///     leverage: None,
    ///     margin: Some(10_000.0),
    ///     added_margin: 0.0,
    ///     mark_price: None,
    ///     fee_rate: None,
    ///     tick: None,
    /// };
    /// let answer = rules.answer_for_rate(Contract::Linear, 0.01, 0.0, &question).unwrap();
    /// assert_eq!(answer.liquidation.unwrap().price, 510.0);
    /// ```
    pub fn answer_for_rate(
        &self,
        contract: Contract,
        rate: f64,
        amount: f64,
        question: &Question,
    ) -> Result<Answer, AnswerError> {
        let put = self.put(contract, question)?;
        if !(rate > 0.0 && rate < 1.0) {
            return Err(AnswerError::NotPositive("the maintenance rate, which is below one,"));
        }
        if !(amount >= 0.0 && amount.is_finite()) {
            return Err(AnswerError::NotPositive("the maintenance amount, unless it is zero,"));
        }
        let rate = rate / self.rate_divisor(question)? + put.rate_fee;
        let terms = Terms { rate, amount, fee: put.condition.fee_rate };
        let liquidation = solve(&put.position, contract, put.condition.valuation, terms)
            .map(|price| Liquidation { price, tier: 0 });
        Ok(self.answered(contract, question, put, liquidation, liquidation.map(|_| terms)))
    }

    /// What the schedule's rates are divided by.
    fn rate_divisor(&self, question: &Question) -> Result<f64, AnswerError> {
        if self.rate_over_leverage { question.leverage.ok_or(AnswerError::NoLeverage) } else { Ok(1.0) }
    }

    /// The position and the condition as the formula sees them.
    fn put(&self, contract: Contract, question: &Question) -> Result<Put, AnswerError> {
        check(question)?;
        let mut assumed = Vec::new();
        let mark_price = question.mark_price.unwrap_or(question.entry_price);
        if question.mark_price.is_none()
            && (self.valued == Valued::AtMark || self.initial_margin == InitialMargin::AtMark)
        {
            assumed.push(Assumed::MarkAtEntry);
        }
        let fee = |default_rate: f64, assumed: &mut Vec<Assumed>| {
            question.fee_rate.unwrap_or_else(|| {
                assumed.push(Assumed::FeeRate(default_rate));
                default_rate
            })
        };
        let (fee_rate, rate_fee) = match self.fee {
            FeeRule::Outside => (0.0, 0.0),
            FeeRule::Taker { default_rate } => (fee(default_rate, &mut assumed), 0.0),
            FeeRule::InRate { default_rate } => (0.0, fee(default_rate, &mut assumed)),
        };
        let s = question.side.sign();
        let added = match (self.added_margin, contract) {
            _ if question.added_margin == 0.0 => 0.0,
            (AddedMargin::Whole, _) => question.added_margin,
            (AddedMargin::WithClosingFee { default_rate }, Contract::Linear) => {
                question.added_margin / (1.0 - s * fee(default_rate, &mut assumed))
            }
            (AddedMargin::WithClosingFee { default_rate }, Contract::Inverse { .. }) => {
                question.added_margin / (1.0 + s * fee(default_rate, &mut assumed))
            }
        };
        let own = match (question.margin, question.leverage, self.mode) {
            (Some(margin), _, _) => margin,
            (None, Some(leverage), MarginMode::Isolated) => {
                let counted_at = match self.initial_margin {
                    InitialMargin::AtEntry => question.entry_price,
                    InitialMargin::AtMark => mark_price,
                };
                notional(contract, question.size, counted_at) / leverage
            }
            _ => return Err(AnswerError::NoMargin),
        };
        let position = Position {
            side: question.side,
            entry_price: question.entry_price,
            size: question.size,
            margin: own + added,
        };
        let valuation = match self.valued {
            Valued::AtLiquidation => Valuation::AtLiquidation,
            Valued::AtEntry => Valuation::AtEntry,
            Valued::AtMark => Valuation::At(mark_price),
        };
        let condition = Condition { valuation, fee_rate };
        Ok(Put { position, condition, rate_fee, mark_price, assumed })
    }

    fn answered(
        &self,
        contract: Contract,
        question: &Question,
        put: Put,
        liquidation: Option<Liquidation>,
        terms: Option<Terms>,
    ) -> Answer {
        Answer {
            position: put.position,
            condition: put.condition,
            liquidation,
            terms,
            printed_price: liquidation.map(|found| self.rounded(found.price, question)),
            bankruptcy_price: bankruptcy_price(&put.position, contract),
            assumed: put.assumed,
        }
    }

    /// Where the position meets the schedule, in the unit of its bounds.
    fn met_at(
        &self,
        contract: Contract,
        rule: TierRule,
        position: &Position,
        liquidation: Option<Liquidation>,
        mark_price: f64,
    ) -> Option<f64> {
        if rule == TierRule::WholeBySize {
            return Some(position.size);
        }
        let price = match self.valued {
            Valued::AtLiquidation => liquidation?.price,
            Valued::AtEntry => position.entry_price,
            Valued::AtMark => mark_price,
        };
        Some(notional(contract, position.size, price))
    }

    fn rounded(&self, price: f64, question: &Question) -> f64 {
        match (self.rounding, question.side, question.tick) {
            (Rounding::UpForLongs, Side::Long, Some(tick)) => (price / tick - 1e-9).ceil() * tick,
            _ => price,
        }
    }

    /// The formula with its symbols, as [`crate::solve`] documents them.
    pub const fn formula(&self) -> &'static str {
        match (self.contract, self.valued) {
            (ContractKind::Linear, Valued::AtLiquidation) => "P = (s·q·E − M − c) / (q·(s − m − f))",
            (ContractKind::Linear, _) => "P = (s·q·E − M + K) / (q·(s − f))",
            (ContractKind::Inverse, Valued::AtLiquidation) => "P = S·(1 + s·(m + f)) / (S/E + s·(M + c))",
            (ContractKind::Inverse, _) => "P = S·(1 + s·f) / (S/E + s·(M − K))",
        }
    }
}

fn check(question: &Question) -> Result<(), AnswerError> {
    let positive = |name, value: f64| {
        if value > 0.0 && value.is_finite() { Ok(()) } else { Err(AnswerError::NotPositive(name)) }
    };
    positive("the entry price", question.entry_price)?;
    positive("the size", question.size)?;
    positive("the leverage", question.leverage.unwrap_or(1.0))?;
    positive("the mark price", question.mark_price.unwrap_or(1.0))?;
    positive("the tick", question.tick.unwrap_or(1.0))?;
    let margin = question.margin.unwrap_or(0.0) + question.added_margin;
    if margin.is_finite() { Ok(()) } else { Err(AnswerError::NotPositive("the margin")) }
}

/// A schedule with its rates divided (adjust factors) and raised (a fee inside the rate). Amounts follow the
/// rates, so that what was continuous stays so.
fn adjust(table: &MarginTable, divisor: f64, rate_fee: f64) -> Result<MarginTable, AnswerError> {
    let tiers = table
        .tiers()
        .iter()
        .map(|tier| MarginTier {
            maintenance_rate: tier.maintenance_rate / divisor + rate_fee,
            maintenance_amount: tier.maintenance_amount / divisor,
            ..*tier
        })
        .collect();
    MarginTable::with_rule(table.rule(), tiers)
        .map_err(|_| AnswerError::NotPositive("the maintenance rate, which is below one,"))
}
