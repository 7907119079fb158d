//! The formula with its symbols, with the numbers put in, and what it comes to.
//!
//! Every number is written with up to ten significant digits, so that anyone can put the line into a
//! calculator and read the price off it.

use liqlens_margin::{AddedMargin, InitialMargin, Terms, notional};
use liqlens_market::{Contract, TierRule};

use super::Case;
use crate::document::{FormulaStep, PriceText, SymbolMeaning};
use crate::format::{figure, price_grouped, rate};
use crate::tiers::{amount_unit, rule_facts, size_unit};

/// A number inside a formula: negative ones in parentheses, because a sign follows another there.
pub(super) fn put(value: f64) -> String {
    if value < 0.0 { format!("({})", figure(value)) } else { figure(value) }
}

pub(super) fn step(
    symbol: &str,
    formula: impl Into<String>,
    numbers: impl Into<String>,
    result: impl Into<String>,
    note: Option<String>,
) -> FormulaStep {
    FormulaStep {
        symbol: symbol.to_owned(),
        formula: formula.into(),
        numbers: numbers.into(),
        result: result.into(),
        note,
    }
}

impl Case<'_> {
    /// From what was asked to the price.
    pub(super) fn steps(&self) -> Vec<FormulaStep> {
        let mut steps = Vec::new();
        steps.extend(self.size_step());
        steps.extend(self.margin_step());
        steps.extend(self.rate_step());
        steps.extend(self.kept_step());
        steps.push(self.price_step());
        steps
    }

    /// Size in the symbol of the formulas: base coin, or quote currency for inverse contracts.
    pub(super) fn value(&self) -> f64 {
        match self.contract() {
            Contract::Linear => self.question.size,
            Contract::Inverse { contract_value } => self.question.size * contract_value,
        }
    }

    /// `S`, where a contract is not one unit of quote currency.
    pub(super) fn size_step(&self) -> Option<FormulaStep> {
        match self.contract() {
            Contract::Inverse { contract_value } if contract_value != 1.0 => Some(step(
                "S",
                "contracts·contract value",
                format!("{}·{}", figure(self.question.size), figure(contract_value)),
                format!("{} {}", figure(self.value()), self.ask.instrument.quote),
                None,
            )),
            _ => None,
        }
    }

    /// `M`, where it does not stand in the question as it is.
    pub(super) fn margin_step(&self) -> Option<FormulaStep> {
        let question = &self.question;
        let (mut formula, mut numbers) = match (self.ask.wallet, question.margin, question.leverage) {
            (Some(wallet), ..) => (
                "W − TMM + UPNL".to_owned(),
                format!(
                    "{} − {} + {}",
                    figure(wallet.balance),
                    put(wallet.other_maintenance),
                    put(wallet.other_profit)
                ),
            ),
            (None, Some(_), _) if question.added_margin == 0.0 => return None,
            (None, Some(margin), _) => ("margin".to_owned(), figure(margin)),
            (None, None, Some(leverage)) => {
                let symbol = match self.rules.initial_margin {
                    InitialMargin::AtEntry => "E",
                    InitialMargin::AtMark => "Pm",
                };
                let (value, price) = (figure(self.value()), figure(self.margin_counted_at()));
                match self.contract() {
                    Contract::Linear => {
                        (format!("q·{symbol}/L"), format!("{value}·{price}/{}", figure(leverage)))
                    }
                    Contract::Inverse { .. } => {
                        (format!("S/({symbol}·L)"), format!("{value}/({price}·{})", figure(leverage)))
                    }
                }
            }
            (None, None, None) => return None,
        };
        if question.added_margin != 0.0 {
            let (added, divisor, divisor_numbers) = self.added_text();
            formula = format!("{formula} + added{divisor}");
            numbers = format!("{numbers} + {added}{divisor_numbers}");
        }
        let result = format!("{} {}", figure(self.position().margin), self.margin_unit());
        Some(step("M", formula, numbers, result, None))
    }

    /// Margin added, and what it is divided by where the venue corrects it by the closing fee.
    fn added_text(&self) -> (String, String, String) {
        let added = put(self.question.added_margin);
        let AddedMargin::WithClosingFee { default_rate } = self.rules.added_margin else {
            return (added, String::new(), String::new());
        };
        let sign = match self.contract() {
            Contract::Linear => '−',
            Contract::Inverse { .. } => '+',
        };
        let fee = figure(self.question.fee_rate.unwrap_or(default_rate));
        let s = put(self.question.side.sign());
        (added, format!("/(1 {sign} s·t)"), format!("/(1 {sign} {s}·{fee})"))
    }

    pub(super) fn margin_unit(&self) -> &str {
        &self.ask.instrument.settle
    }

    /// `m`, where it is not what the schedule has.
    fn rate_step(&self) -> Option<FormulaStep> {
        let terms = self.terms();
        if self.rules.rate_over_leverage {
            let leverage = self.question.leverage?;
            let numbers = format!("{}/{}", figure(terms.rate * leverage), figure(leverage));
            return Some(step(
                "m",
                "adjust factor/L",
                numbers,
                figure(terms.rate),
                Some("the venue divides its adjust factor by the leverage".to_owned()),
            ));
        }
        let (dated, found) = (self.dated?, self.answer.liquidation?);
        let TierRule::Ramp { per_base } = dated.table.rule() else { return None };
        let base = dated.table.base_rate();
        let result = figure(terms.rate);
        Some(match self.contract() {
            Contract::Linear => step(
                "m",
                "m₀ + k·q",
                format!("{} + {}·{}", figure(base), figure(per_base), figure(self.question.size)),
                result,
                None,
            ),
            Contract::Inverse { .. } => step(
                "m",
                "m₀ + k·S/P",
                format!(
                    "{} + {}·{}/{}",
                    figure(base),
                    figure(per_base),
                    figure(self.value()),
                    figure(found.price)
                ),
                result,
                Some(
                    "the rate grows with the position in coin, which depends on the price: P is the root \
                     of a quadratic equation, at which this rate holds"
                        .to_owned(),
                ),
            ),
        })
    }

    /// `K`, maintenance where it is frozen.
    fn kept_step(&self) -> Option<FormulaStep> {
        let price = self.frozen_at()?;
        let terms = self.terms();
        let symbol = if self.rules.valued == liqlens_margin::Valued::AtEntry { "E" } else { "Pm" };
        let (formula, numbers) = match self.contract() {
            Contract::Linear => (
                format!("q·{symbol}·m − c"),
                format!(
                    "{}·{}·{} − {}",
                    figure(self.value()),
                    figure(price),
                    figure(terms.rate),
                    figure(terms.amount)
                ),
            ),
            Contract::Inverse { .. } => (
                format!("S/{symbol}·m − c"),
                format!(
                    "{}/{}·{} − {}",
                    figure(self.value()),
                    figure(price),
                    figure(terms.rate),
                    figure(terms.amount)
                ),
            ),
        };
        let result = format!("{} {}", figure(self.kept(price, terms)), self.margin_unit());
        Some(step(
            "K",
            formula,
            numbers,
            result,
            Some(format!("maintenance is valued {}", rule_facts(self.rules).valued_at)),
        ))
    }

    fn kept(&self, price: f64, terms: Terms) -> f64 {
        notional(self.contract(), self.question.size, price) * terms.rate - terms.amount
    }

    /// The last step.
    fn price_step(&self) -> FormulaStep {
        let terms = self.terms();
        let (numbers, raw) = self.solved(terms);
        let formula = self.rules.formula().trim_start_matches("P = ");
        let Some(found) = self.answer.liquidation else {
            return step("P", formula, numbers, self.text(raw), Some(self.no_price_reason(false)));
        };
        if (raw / found.price - 1.0).abs() < 1e-9 {
            return step("P", formula, numbers, self.text(found.price), None);
        }
        self.jump_step(found)
    }

    /// A price that is not the solution of the formula: that of a bound, or of a position beyond rescue.
    fn jump_step(&self, found: liqlens_margin::Liquidation) -> FormulaStep {
        let floor = self.dated.and_then(|dated| Some(dated.table.tiers().get(found.tier)?.floor));
        let bound = floor.filter(|floor| {
            let there = notional(self.contract(), self.question.size, found.price);
            (there / floor - 1.0).abs() < 1e-9
        });
        match bound {
            Some(floor) => {
                let (formula, numbers) = match self.contract() {
                    Contract::Linear => ("floor/q", format!("{}/{}", figure(floor), figure(self.value()))),
                    Contract::Inverse { .. } => {
                        ("S/floor", format!("{}/{}", figure(self.value()), figure(floor)))
                    }
                };
                let note = format!(
                    "where the position grows into tier {}, maintenance jumps above the margin balance",
                    found.tier + 1
                );
                step("P", formula, numbers, self.text(found.price), Some(note))
            }
            None => step(
                "P",
                "E",
                figure(self.question.entry_price),
                self.text(found.price),
                Some("maintenance exceeds the margin balance at every price".to_owned()),
            ),
        }
    }

    /// The formula with the numbers put in, and its value, which need not be a price.
    fn solved(&self, terms: Terms) -> (String, f64) {
        let position = self.position();
        let s = self.question.side.sign();
        let (value, entry, margin) = (self.value(), self.question.entry_price, position.margin);
        let Terms { rate, amount, fee } = terms;
        let sign = figure(s);
        let [v, e, m] = [value, entry, margin].map(put);
        let [r, c, f] = [rate, amount, fee].map(put);
        let paren = put(s);
        match (self.contract(), self.frozen_at()) {
            (Contract::Linear, None) => (
                format!("({sign}·{v}·{e} − {m} − {c}) / ({v}·({sign} − {r} − {f}))"),
                (s * value * entry - margin - amount) / (value * (s - rate - fee)),
            ),
            (Contract::Linear, Some(price)) => {
                let kept = self.kept(price, terms);
                (
                    format!("({sign}·{v}·{e} − {m} + {}) / ({v}·({sign} − {f}))", put(kept)),
                    (s * value * entry - margin + kept) / (value * (s - fee)),
                )
            }
            (Contract::Inverse { .. }, None) => (
                format!("{v}·(1 + {paren}·({r} + {f})) / ({v}/{e} + {paren}·({m} + {c}))"),
                value * (1.0 + s * (rate + fee)) / (value / entry + s * (margin + amount)),
            ),
            (Contract::Inverse { .. }, Some(price)) => {
                let kept = self.kept(price, terms);
                (
                    format!("{v}·(1 + {paren}·{f}) / ({v}/{e} + {paren}·({m} − {}))", put(kept)),
                    value * (1.0 + s * fee) / (value / entry + s * (margin - kept)),
                )
            }
        }
    }

    /// The bankruptcy price: the same without maintenance and fee.
    pub(super) fn bankruptcy_step(&self) -> FormulaStep {
        let s = self.question.side.sign();
        let [v, e, m] = [self.value(), self.question.entry_price, self.position().margin].map(put);
        let (formula, numbers) = match self.contract() {
            Contract::Linear => ("E − s·M/q", format!("{e} − {}·{m}/{v}", put(s))),
            Contract::Inverse { .. } => ("S / (S/E + s·M)", format!("{v} / ({v}/{e} + {}·{m})", put(s))),
        };
        let result = match self.answer.bankruptcy_price {
            Some(price) => self.text(price),
            None => "none".to_owned(),
        };
        step("P₀", formula, numbers, result, None)
    }

    pub(super) fn text(&self, price: f64) -> String {
        price_grouped(&self.price(price))
    }

    /// The symbols of the steps.
    pub(super) fn symbols(&self) -> Vec<SymbolMeaning> {
        let instrument = self.ask.instrument;
        let terms = self.terms();
        let question = &self.question;
        let mut symbols = vec![self.sign_symbol()];
        match self.contract() {
            Contract::Linear => symbols.push(meaning(
                "q",
                format!("{} {}", figure(question.size), size_unit(instrument)),
                "size",
            )),
            Contract::Inverse { .. } => symbols.push(meaning(
                "S",
                format!("{} {}", figure(self.value()), instrument.quote),
                "size: contracts times contract value",
            )),
        }
        symbols.push(meaning("E", price_grouped(&entry_text(question.entry_price)), "average entry price"));
        symbols.push(meaning(
            "M",
            format!("{} {}", figure(self.position().margin), self.margin_unit()),
            "margin behind the position",
        ));
        if let Some(leverage) = question.leverage {
            symbols.push(meaning("L", format!("{}×", figure(leverage)), "leverage chosen"));
        }
        symbols.push(meaning("m", rate(terms.rate), "maintenance rate"));
        symbols.push(meaning(
            "c",
            format!("{} {}", figure(terms.amount), amount_unit(instrument)),
            "maintenance amount",
        ));
        if let Some(price) = self.frozen_at() {
            let kept = self.kept(price, terms);
            symbols.push(meaning(
                "K",
                format!("{} {}", figure(kept), self.margin_unit()),
                "maintenance, frozen",
            ));
        }
        symbols.push(meaning("f", rate(terms.fee), "closing fee inside the condition"));
        if let AddedMargin::WithClosingFee { default_rate } = self.rules.added_margin
            && question.added_margin != 0.0
        {
            let fee = question.fee_rate.unwrap_or(default_rate);
            symbols.push(meaning("t", rate(fee), "taker fee, which corrects added margin"));
        }
        if let Some(dated) = self.dated
            && let TierRule::Ramp { per_base } = dated.table.rule()
        {
            symbols.push(meaning("m₀", rate(dated.table.base_rate()), "maintenance rate before it grows"));
            symbols.push(meaning("k", rate(per_base), "growth of the rate for each base coin"));
        }
        let mark_used = self.rules.initial_margin == InitialMargin::AtMark
            || matches!(self.answer.condition.valuation, liqlens_margin::Valuation::At(_));
        if mark_used {
            let mark = self.reference();
            symbols.push(meaning("Pm", price_grouped(&entry_text(mark)), "mark price now"));
        }
        symbols
    }

    fn sign_symbol(&self) -> SymbolMeaning {
        meaning("s", figure(self.question.side.sign()), "+1 for a long, −1 for a short")
    }
}

pub(super) fn entry_text(price: f64) -> PriceText {
    PriceText::new(price, super::decimals_of(price))
}

pub(super) fn meaning(symbol: &str, value: String, meaning: &str) -> SymbolMeaning {
    SymbolMeaning { symbol: symbol.to_owned(), value, meaning: meaning.to_owned() }
}
