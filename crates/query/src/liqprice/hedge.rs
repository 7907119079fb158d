//! A long and a short of one market in one cross wallet: one price for both legs.

use liqlens_margin::{AnswerError, MarginMode, Position, Terms, hedged, notional};
use liqlens_market::{Contract, MarginTable, Side, Venue};

use super::formula::{entry_text, meaning, put, step};
use super::{Case, HedgeLeg, LiqPriceError};
use crate::document::{FormulaStep, Hedge, ProofFacts, ProofKind, RuleFacts, SymbolMeaning};
use crate::format::{figure, rate};
use crate::tiers::{amount_unit, bound_unit, rule_facts};
use crate::view::side_name;

/// What differs from a position alone.
pub(super) struct Pair {
    pub(super) price: Option<f64>,
    pub(super) bankruptcy: Option<f64>,
    pub(super) already_past: bool,
    pub(super) steps: Vec<FormulaStep>,
    pub(super) bankruptcy_step: FormulaStep,
    pub(super) symbols: Vec<SymbolMeaning>,
    pub(super) document: Hedge,
    pub(super) rule: RuleFacts,
}

/// Both legs as the formula sees them, longs first: sizes are base coin, or quote currency for inverse
/// contracts.
struct Legs {
    values: [f64; 2],
    entries: [f64; 2],
    terms: [Terms; 2],
    margin: f64,
}

/// Prices a pair.
pub(super) fn pair(case: &Case<'_>, other: HedgeLeg) -> Result<Pair, LiqPriceError> {
    let venue = case.ask.instrument.market.venue;
    let mode = case.ask.mode;
    if mode != MarginMode::Cross || !matches!(venue, Venue::BinanceUsdm | Venue::BinanceCoinm) {
        return Err(LiqPriceError::HedgeNotOffered { venue, mode: mode.as_str() });
    }
    let contract = case.contract();
    let own_table;
    let table: &MarginTable = match (case.ask.own_terms, case.dated) {
        (Some(own), _) if own.amount == 0.0 => {
            own_table = MarginTable::flat(own.rate, 1.0).map_err(|_| LiqPriceError::HedgeAmount)?;
            &own_table
        }
        (None, Some(dated)) => &dated.table,
        _ => return Err(LiqPriceError::HedgeAmount),
    };
    let unit = bound_unit(case.ask.instrument, table.rule());
    for (name, value) in [("the entry price of the other leg", other.entry_price), ("its size", other.size)] {
        if !(value > 0.0 && value.is_finite()) {
            return Err(LiqPriceError::Answer { error: AnswerError::NotPositive(name), unit });
        }
    }
    let own = *case.position();
    let opposite =
        Position { side: own.side.opposite(), entry_price: other.entry_price, size: other.size, margin: 0.0 };
    let (long, short) = if own.side == Side::Long { (own, opposite) } else { (opposite, own) };
    let mark = case.reference();
    let prices = hedged(&long, &short, own.margin, contract, table, mark);
    let nearest = [prices.below, prices.above]
        .into_iter()
        .flatten()
        .min_by(|a, b| (a / mark).ln().abs().total_cmp(&(b / mark).ln().abs()));
    // A pair can have a second price where its legs have outgrown the ladder: no venue gets there.
    let largest = long.size.max(short.size);
    let end = table.tiers().last().map_or(f64::INFINITY, |last| last.cap);
    let inside = |price: &f64| Some(*price) == nearest || notional(contract, largest, *price) <= end;
    let (below, above) = (prices.below.filter(inside), prices.above.filter(inside));
    let at = nearest.unwrap_or(mark);
    let terms = [long, short].map(|leg| {
        let tier = &table.tiers()[table.tier_of(notional(contract, leg.size, at))];
        Terms { rate: tier.maintenance_rate, amount: tier.maintenance_amount, fee: 0.0 }
    });
    if let Some(dated) = case.dated {
        let value = notional(contract, largest, at);
        let known_to = dated.known_to();
        if value > known_to {
            return Err(LiqPriceError::Answer { error: AnswerError::BeyondTable { known_to, value }, unit });
        }
    }
    let value = |leg: &Position| match contract {
        Contract::Linear => leg.size,
        Contract::Inverse { contract_value } => leg.size * contract_value,
    };
    let legs = Legs {
        values: [value(&long), value(&short)],
        entries: [long.entry_price, short.entry_price],
        terms,
        margin: own.margin,
    };
    let mut steps = Vec::new();
    steps.extend(case.margin_step());
    steps.push(legs.price_step(case, nearest));
    let (bankruptcy, bankruptcy_step) = legs.bankruptcy(case);
    Ok(Pair {
        price: nearest,
        bankruptcy,
        already_past: prices.below.is_some() && prices.below == prices.above,
        steps,
        bankruptcy_step,
        symbols: legs.symbols(case),
        rule: rule(case),
        document: Hedge {
            side: side_name(own.side.opposite()),
            entry_price: entry_text(other.entry_price),
            size: other.size,
            below: below.map(|price| case.price(price)),
            above: above.map(|price| case.price(price)),
        },
    })
}

/// The formulas of pairs, as [`liqlens_margin::hedged`] documents them.
const LINEAR: &str = "(M + c_L + c_S − q_L·E_L + q_S·E_S) / (q_L·m_L + q_S·m_S − q_L + q_S)";
const INVERSE: &str = "(S_L·(1 + m_L) − S_S·(1 − m_S)) / (M + c_L + c_S + S_L/E_L − S_S/E_S)";

/// The venue's rule for pairs: the published numbers that prove the one of single positions say nothing
/// about it.
fn rule(case: &Case<'_>) -> RuleFacts {
    let (formula, kind, text) = match case.contract() {
        Contract::Linear => {
            (LINEAR, ProofKind::Published, "published formula, no complete number found to hold it against")
        }
        Contract::Inverse { .. } => (
            INVERSE,
            ProofKind::Derived,
            "derived from the formula of linear pairs, no published number found",
        ),
    };
    RuleFacts {
        formula: format!("P = {formula}"),
        proof: ProofFacts { kind, vectors: Vec::new(), text: text.to_owned() },
        ..rule_facts(case.rules)
    }
}

impl Legs {
    fn price_step(&self, case: &Case<'_>, price: Option<f64>) -> FormulaStep {
        let [ql, qs] = self.values.map(put);
        let [el, es] = self.entries.map(put);
        let [ml, ms] = self.terms.map(|terms| put(terms.rate));
        let [cl, cs] = self.terms.map(|terms| put(terms.amount));
        let margin = put(self.margin);
        let (formula, numbers) = match case.contract() {
            Contract::Linear => (
                LINEAR,
                format!(
                    "({margin} + {cl} + {cs} − {ql}·{el} + {qs}·{es}) / ({ql}·{ml} + {qs}·{ms} − {ql} + {qs})"
                ),
            ),
            Contract::Inverse { .. } => (
                INVERSE,
                format!(
                    "({ql}·(1 + {ml}) − {qs}·(1 − {ms})) / ({margin} + {cl} + {cs} + {ql}/{el} − {qs}/{es})"
                ),
            ),
        };
        match price {
            Some(price) => step("P", formula, numbers, case.text(price), None),
            None => step("P", formula, numbers, "none", Some(case.no_price_reason(true))),
        }
    }

    fn bankruptcy(&self, case: &Case<'_>) -> (Option<f64>, FormulaStep) {
        let ([ql, qs], [el, es]) = (self.values, self.entries);
        let (raw, formula, numbers) = match case.contract() {
            Contract::Linear => (
                (ql * el - qs * es - self.margin) / (ql - qs),
                "(q_L·E_L − q_S·E_S − M) / (q_L − q_S)",
                format!(
                    "({}·{} − {}·{} − {}) / ({} − {})",
                    put(ql),
                    put(el),
                    put(qs),
                    put(es),
                    put(self.margin),
                    put(ql),
                    put(qs)
                ),
            ),
            Contract::Inverse { .. } => (
                (ql - qs) / (self.margin + ql / el - qs / es),
                "(S_L − S_S) / (M + S_L/E_L − S_S/E_S)",
                format!(
                    "({} − {}) / ({} + {}/{} − {}/{})",
                    put(ql),
                    put(qs),
                    put(self.margin),
                    put(ql),
                    put(el),
                    put(qs),
                    put(es)
                ),
            ),
        };
        let price = (raw > 0.0 && raw.is_finite()).then_some(raw);
        let result = price.map_or_else(|| "none".to_owned(), |price| case.text(price));
        (price, step("P₀", formula, numbers, result, None))
    }

    fn symbols(&self, case: &Case<'_>) -> Vec<SymbolMeaning> {
        let instrument = case.ask.instrument;
        let (size, unit) = match case.contract() {
            Contract::Linear => ("q", instrument.base.as_str()),
            Contract::Inverse { .. } => ("S", instrument.quote.as_str()),
        };
        let mut symbols = vec![meaning(
            "M",
            format!("{} {}", figure(self.margin), case.margin_unit()),
            "wallet, less maintenance, plus profit of the rest",
        )];
        for (index, (letter, name)) in [("L", "long"), ("S", "short")].into_iter().enumerate() {
            let terms = self.terms[index];
            symbols.extend([
                meaning(
                    &format!("{size}_{letter}"),
                    format!("{} {unit}", figure(self.values[index])),
                    &format!("size of the {name}"),
                ),
                meaning(
                    &format!("E_{letter}"),
                    figure(self.entries[index]),
                    &format!("average entry price of the {name}"),
                ),
                meaning(
                    &format!("m_{letter}"),
                    rate(terms.rate),
                    &format!("maintenance rate of the {name}'s tier"),
                ),
                meaning(
                    &format!("c_{letter}"),
                    format!("{} {}", figure(terms.amount), amount_unit(instrument)),
                    &format!("maintenance amount of the {name}'s tier"),
                ),
            ]);
        }
        symbols
    }
}
