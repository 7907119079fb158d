//! A position put to a venue's rules, as a document: the price, how it comes about, and what it rests on.
//!
//! The arithmetic is that of [`liqlens_margin`]; here its answer is spelled out, with every number that
//! went into it.

mod formula;
mod hedge;
#[cfg(test)]
mod printed;
mod words;

use liqlens_margin::{
    Answer, AnswerError, Assumed, ContractKind, DatedTable, MarginMode, MissingRules, MissingTable, Position,
    Question, Rules, Terms, Valuation, notional, rules, table,
};
use liqlens_market::{Contract, Instrument, Side, TierRule, Timestamp};

use crate::document::{
    Distance, FeeUsed, LiqPrice, NaivePrice, OwnTermsUsed, PositionInputs, PriceText, ReferencePrice,
    TierUsed, WalletInputs,
};
use crate::format;
use crate::rounding::round;
use crate::tiers::{
    amount_unit, bound_unit, contract_facts, identity, mode_name, recording, rule_facts, rule_name, tier_row,
};
use crate::view::side_name;

/// A position and what is known around it.
#[derive(Debug, Clone, Copy)]
pub struct LiqPriceAsk<'a> {
    /// The market.
    pub instrument: &'a Instrument,
    /// Isolated or cross margin.
    pub mode: MarginMode,
    /// The day whose rules and schedule are used.
    pub date: Timestamp,
    /// The position. In cross mode its margin is `W − TMM + UPNL`, unless `wallet` says what that is.
    pub question: Question,
    /// What a cross position's margin is made of, in place of the question's margin.
    pub wallet: Option<WalletInputs>,
    /// Maintenance terms in place of a schedule.
    pub own_terms: Option<OwnTermsUsed>,
    /// The opposite leg of a hedged pair.
    pub hedge: Option<HedgeLeg>,
}

/// The opposite leg of a hedged pair in one cross wallet.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HedgeLeg {
    /// Average entry price.
    pub entry_price: f64,
    /// Size, in the unit of the position's.
    pub size: f64,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum LiqPriceError {
    /// The venue has no such rules on that day.
    #[error(transparent)]
    Rules(#[from] MissingRules),
    /// No schedule ships for the market.
    #[error(transparent)]
    Table(#[from] MissingTable),
    /// The position cannot be put to the rules.
    #[error("{error} {unit}")]
    Answer {
        /// Why.
        error: AnswerError,
        /// Unit of the amounts in it.
        unit: String,
    },
    /// A hedged pair where the venue has no shared price for one, or outside cross margin.
    #[error("no shared liquidation price of hedged pairs is known for {mode} margin on {venue}")]
    HedgeNotOffered {
        /// The venue.
        venue: liqlens_market::Venue,
        /// `isolated` or `cross`.
        mode: &'static str,
    },
    /// A hedged pair with a maintenance amount of its own.
    #[error("a hedged pair needs a schedule or a rate alone: the amount differs between its legs")]
    HedgeAmount,
}

/// What the parts of the document are made from.
struct Case<'a> {
    ask: &'a LiqPriceAsk<'a>,
    question: Question,
    rules: &'static Rules,
    dated: Option<&'static DatedTable>,
    answer: Answer,
    /// Decimals of derived prices.
    decimals: usize,
}

/// The liquidation price of a position under its venue's rules.
///
/// # Errors
/// See [`LiqPriceError`].
pub fn liqprice(ask: &LiqPriceAsk<'_>) -> Result<LiqPrice, LiqPriceError> {
    let contract = ask.instrument.contract;
    let market = &ask.instrument.market;
    let rules = rules(market.venue, ContractKind::from(contract), ask.mode, ask.date)?;
    let dated = match ask.own_terms {
        Some(_) => None,
        None => Some(table(market, ask.date)?),
    };
    let mut question = ask.question;
    if let Some(wallet) = ask.wallet {
        question.margin = Some(wallet.balance - wallet.other_maintenance + wallet.other_profit);
    }
    let answered = match (ask.own_terms, dated) {
        (Some(own), _) => rules.answer_for_rate(contract, own.rate, own.amount, &question),
        (None, Some(dated)) => rules.answer(contract, dated, &question),
        (None, None) => Err(AnswerError::NoMargin),
    };
    let unit_of = |dated: Option<&DatedTable>| {
        dated.map_or_else(String::new, |dated| bound_unit(ask.instrument, dated.table.rule()))
    };
    // A leg of a pair may lie beyond a ladder's known part where the pair does not; the pair is checked on
    // its own.
    let answer = answered.map_err(|error| LiqPriceError::Answer { error, unit: unit_of(dated) })?;
    let decimals = decimals(question.entry_price, question.tick);
    let case = Case { ask, question, rules, dated, answer, decimals };
    let pair = ask.hedge.map(|leg| hedge::pair(&case, leg)).transpose()?;
    Ok(case.document(pair))
}

impl Case<'_> {
    fn contract(&self) -> Contract {
        self.ask.instrument.contract
    }

    fn price(&self, price: f64) -> PriceText {
        PriceText::new(price, self.decimals)
    }

    /// The mark price if it is known, else the entry price.
    fn reference(&self) -> f64 {
        self.question.mark_price.unwrap_or(self.question.entry_price)
    }

    fn position(&self) -> &Position {
        &self.answer.position
    }

    /// Margin before anything was added.
    fn own_margin(&self) -> f64 {
        let position = self.position();
        match (self.question.margin, self.question.leverage) {
            (Some(margin), _) => margin,
            (None, Some(leverage)) => {
                notional(self.contract(), position.size, self.margin_counted_at()) / leverage
            }
            (None, None) => position.margin,
        }
    }

    /// The price on which the margin of a leverage is counted.
    fn margin_counted_at(&self) -> f64 {
        match self.rules.initial_margin {
            liqlens_margin::InitialMargin::AtEntry => self.question.entry_price,
            liqlens_margin::InitialMargin::AtMark => self.reference(),
        }
    }

    /// The leverage chosen, or what the margin amounts to.
    fn leverage(&self) -> f64 {
        self.question.leverage.unwrap_or_else(|| self.notional_at_entry() / self.own_margin())
    }

    fn notional_at_entry(&self) -> f64 {
        notional(self.contract(), self.question.size, self.question.entry_price)
    }

    /// The terms that hold at the price; without a price, those of the smallest position, which is what a
    /// position becomes on the way to no price at all.
    fn terms(&self) -> Terms {
        if let Some(terms) = self.answer.terms {
            return terms;
        }
        let over = match (self.rules.rate_over_leverage, self.question.leverage) {
            (true, Some(leverage)) => leverage,
            _ => 1.0,
        };
        let fee = self.answer.condition.fee_rate;
        match (self.ask.own_terms, self.dated) {
            (Some(own), _) => Terms { rate: own.rate / over, amount: own.amount, fee },
            (None, Some(dated)) => {
                let met = match (dated.table.rule(), self.frozen_at()) {
                    (TierRule::WholeBySize, _) => self.question.size,
                    (_, Some(price)) => notional(self.contract(), self.question.size, price),
                    (_, None) => 0.0,
                };
                let tier = &dated.table.tiers()[dated.table.tier_of(met)];
                Terms { rate: tier.maintenance_rate / over, amount: tier.maintenance_amount, fee }
            }
            (None, None) => Terms { fee, ..Terms::default() },
        }
    }

    /// The price at which maintenance is frozen.
    fn frozen_at(&self) -> Option<f64> {
        match self.answer.condition.valuation {
            Valuation::AtLiquidation => None,
            Valuation::AtEntry => Some(self.question.entry_price),
            Valuation::At(price) => Some(price),
        }
    }

    fn document(&self, pair: Option<hedge::Pair>) -> LiqPrice {
        let ask = self.ask;
        let market = &ask.instrument.market;
        let price = match &pair {
            Some(pair) => pair.price,
            None => self.answer.liquidation.map(|found| found.price),
        };
        let bankruptcy = match &pair {
            Some(pair) => pair.bankruptcy,
            None => self.answer.bankruptcy_price,
        };
        let reference = self.reference();
        let already_past = match &pair {
            Some(pair) => pair.already_past,
            None => price.is_some_and(|price| (reference - price) * self.question.side.sign() <= 0.0),
        };
        let distance = |to: Option<f64>| {
            to.map(|to| Distance {
                usd: self.price(to - reference),
                pct: round((to / reference - 1.0) * 100.0, 4),
            })
        };
        let (steps, bankruptcy_step, symbols) = match &pair {
            Some(pair) => (pair.steps.clone(), pair.bankruptcy_step.clone(), pair.symbols.clone()),
            None => (self.steps(), self.bankruptcy_step(), self.symbols()),
        };
        let mut document = LiqPrice {
            schema: LiqPrice::SCHEMA.to_owned(),
            snapshot: String::new(),
            market: market.to_string(),
            title: format!("{} {}", market.venue.title(), market.symbol),
            venue: market.venue.id().to_owned(),
            symbol: market.symbol.to_string(),
            contract: contract_facts(ask.instrument),
            mode: mode_name(ask.mode),
            date: ask.date.date(),
            side: side_name(self.question.side),
            headline: self.headline(price, already_past, pair.as_ref()),
            inputs: self.inputs(),
            liquidation_price: price.map(|price| self.price(price)),
            liquidation_price_exact: price,
            no_price_reason: price.is_none().then(|| self.no_price_reason(pair.is_some())),
            printed_price: self.printed(pair.is_some()),
            bankruptcy_price: bankruptcy.map(|price| self.price(price)),
            reference: ReferencePrice {
                name: self.reference_name().to_owned(),
                price: PriceText::new(reference, decimals_of(reference)),
            },
            distance: distance(price),
            bankruptcy_distance: distance(bankruptcy),
            already_past,
            naive: if pair.is_some() { None } else { Some(self.naive(price)) },
            tier: if pair.is_some() { None } else { self.tier() },
            table: self.dated.map(|dated| recording(dated, ask.date)),
            fee: self.fee(),
            hedge: pair.as_ref().map(|pair| pair.document.clone()),
            steps,
            bankruptcy_step,
            symbols,
            rule: pair.map_or_else(|| rule_facts(self.rules), |pair| pair.rule),
            assumptions: self.assumptions(),
            warnings: self.warnings(already_past),
        };
        document.snapshot = identity(&document);
        document
    }

    fn reference_name(&self) -> &'static str {
        if self.question.mark_price.is_some() { "mark price" } else { "entry price" }
    }

    fn inputs(&self) -> PositionInputs {
        let typed = |price: f64| PriceText::new(price, decimals_of(price));
        PositionInputs {
            entry_price: typed(self.question.entry_price),
            size: self.question.size,
            notional: self.notional_at_entry(),
            leverage: self.question.leverage,
            margin: self.own_margin(),
            added_margin: self.question.added_margin,
            wallet: self.ask.wallet,
            mark_price: self.question.mark_price.map(typed),
            tick: self.question.tick,
            own_terms: self.ask.own_terms,
        }
    }

    /// Only where the venue rounds and the tick is known.
    fn printed(&self, pair: bool) -> Option<PriceText> {
        let tick = self.question.tick?;
        match self.rules.rounding {
            liqlens_margin::Rounding::UpForLongs if !pair && self.question.side == Side::Long => {
                self.answer.printed_price.map(|price| PriceText::new(price, decimals_of(tick)))
            }
            _ => None,
        }
    }

    fn naive(&self, price: Option<f64>) -> NaivePrice {
        let leverage = self.leverage();
        let s = self.question.side.sign();
        let naive = self.question.entry_price * (1.0 - s / leverage);
        let sign = if s > 0.0 { '−' } else { '+' };
        NaivePrice {
            price: (naive > 0.0 && naive.is_finite()).then(|| self.price(naive)),
            leverage,
            formula: format!(
                "{}·(1 {sign} 1/{})",
                format::figure(self.question.entry_price),
                format::figure(round(leverage, 4))
            ),
            off_pct: price
                .filter(|_| naive > 0.0 && naive.is_finite())
                .map(|price| round((naive / price - 1.0) * 100.0, 4)),
        }
    }

    fn tier(&self) -> Option<TierUsed> {
        let (dated, found) = (self.dated?, self.answer.liquidation?);
        let rule = dated.table.rule();
        Some(TierUsed {
            row: tier_row(dated, found.tier)?,
            of: dated.table.tiers().len(),
            bound_unit: bound_unit(self.ask.instrument, rule),
            amount_unit: amount_unit(self.ask.instrument),
            rule: rule_name(rule),
            rate_at_price: self.terms().rate,
        })
    }

    fn fee(&self) -> FeeUsed {
        FeeUsed {
            rate: self.answer.condition.fee_rate,
            assumed: self.answer.assumed.iter().any(|assumed| matches!(assumed, Assumed::FeeRate(_))),
            text: self.fee_text(),
        }
    }
}

/// Decimals in which a price derived from `entry` is written: seven significant digits, at least cents, and
/// never fewer than the entry price or the tick has.
fn decimals(entry: f64, tick: Option<f64>) -> usize {
    let mut decimals = 2;
    let mut scale = entry;
    while scale < 1_000.0 && decimals < 12 {
        scale *= 10.0;
        decimals += 1;
    }
    decimals.max(decimals_of(entry)).max(tick.map_or(0, decimals_of))
}

/// Decimals of a number as it was typed.
fn decimals_of(value: f64) -> usize {
    format!("{value}").split_once('.').map_or(0, |(_, decimals)| decimals.len()).min(12)
}
