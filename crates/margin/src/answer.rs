//! A position put to a venue's rules, and the answer.

use liqlens_market::{Contract, MarginTable, MarginTier, Side, TierRule};

use crate::condition::{Position, Terms, Valuation, bankruptcy_price, notional, solve};
use crate::rules::{AddedMargin, FeeRule, InitialMargin, MarginMode, Rounding, Rules, Valued};
use crate::tables::DatedTable;
use crate::tiers::{Condition, Liquidation, liquidation_under};

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
