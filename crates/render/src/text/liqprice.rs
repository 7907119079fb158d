//! A liquidation price laid out: the answer, what it is compared with, the arithmetic, the sources.

use liqlens_query::document::{Distance, FormulaStep, LiqPrice, ModeName, PriceText, SideName, TierRuleName};
use liqlens_query::format::{self, figure, price_grouped, rate};

use super::outline::{Block, Column, Outline, Row, Table};
use super::rule_words::{bounds, contract_word, mode_word, plain_row};
use super::{Readable, Tabular};
use crate::table::csv::push_text;

impl Readable for LiqPrice {
    fn outline(&self) -> Outline {
        let mut blocks = vec![Block::Title(self.headline.clone())];
        if !self.warnings.is_empty() {
            blocks.push(Block::Bullets(
                self.warnings.iter().map(|warning| format!("Warning: {warning}")).collect(),
            ));
        }
        blocks.push(Block::Table(prices(self)));
        blocks.push(Block::Table(facts(self)));
        blocks.push(Block::Paragraph("How it comes about:".to_owned()));
        blocks.extend(arithmetic(self));
        blocks.push(Block::Table(Table {
            columns: vec![Column::left("symbol"), Column::right("value"), Column::left("meaning")],
            rows: self
                .symbols
                .iter()
                .map(|symbol| plain_row([&symbol.symbol, &symbol.value, &symbol.meaning]))
                .collect(),
            heads: true,
        }));
        blocks.push(Block::Section { title: "Rule".to_owned(), text: rule_text(self) });
        blocks.push(Block::Section { title: "Margin table".to_owned(), text: table_text(self) });
        if !self.assumptions.is_empty() {
            blocks.push(Block::Section {
                title: "Taken for granted".to_owned(),
                text: self.assumptions.join(" "),
            });
        }
        Outline { blocks, compact: false }
    }
}

/// The price and what it is compared with.
fn prices(document: &LiqPrice) -> Table {
    let priced = |price: &Option<PriceText>| price.as_ref().map_or_else(|| "none".to_owned(), price_grouped);
    let mut rows = Vec::new();
    let mut row = |side, cells: [&str; 4]| {
        rows.push(Row { side, cells: cells.map(Into::into).into() });
    };
    row(
        Some(document.side),
        [
            "liquidation",
            &priced(&document.liquidation_price),
            &distance(document.distance.as_ref()),
            &format!("on the {}", document.rule.trigger),
        ],
    );
    if let Some(hedge) = &document.hedge {
        row(None, ["pair, falling to", &priced(&hedge.below), "", ""]);
        row(None, ["pair, rising to", &priced(&hedge.above), "", ""]);
    }
    if let Some(printed) = &document.printed_price {
        row(None, ["as printed", &price_grouped(printed), "", "rounded up to the tick"]);
    }
    row(
        None,
        [
            "bankruptcy",
            &priced(&document.bankruptcy_price),
            &distance(document.bankruptcy_distance.as_ref()),
            "all margin used up",
        ],
    );
    if let Some(naive) = &document.naive {
        let off = match naive.off_pct {
            Some(off) if off.abs() < 0.005 => "the same".to_owned(),
            Some(off) => format!("{} off", format::percent_signed(off)),
            None => String::new(),
        };
        row(None, ["rule of thumb", &priced(&naive.price), &off, &naive.formula]);
    }
    let reference = price_grouped(&document.reference.price);
    row(None, [&document.reference.name, &reference, "", "distances are from here"]);
    Table {
        columns: vec![
            Column::left("price"),
            Column::right("at"),
            Column::right("distance"),
            Column::left(""),
        ],
        rows,
        heads: false,
    }
}

/// What the price rests on.
fn facts(document: &LiqPrice) -> Table {
    let unit = &document.contract.settle;
    let inputs = &document.inputs;
    let mut rows = vec![
        plain_row(["market", &document.market]),
        plain_row([
            "contract",
            &format!(
                "{}, {} margin, rules of {}",
                contract_word(document.contract.kind),
                mode_word(document.mode),
                document.date
            ),
        ]),
    ];
    let margin = match inputs.leverage {
        Some(leverage) if document.mode == ModeName::Isolated => {
            format!("{} {unit} ({}×)", figure(inputs.margin), figure(leverage))
        }
        _ => format!("{} {unit}", figure(inputs.margin)),
    };
    rows.push(plain_row(["margin", &margin]));
    if inputs.added_margin != 0.0 {
        rows.push(plain_row(["added", &format!("{} {unit}", figure(inputs.added_margin))]));
    }
    if let Some(tier) = &document.tier {
        let place = match tier.rule {
            TierRuleName::Ramp => "one, its rate grows with the size".to_owned(),
            _ => format!(
                "{} of {}, {} {}",
                tier.row.number,
                tier.of,
                bounds(tier.row.floor, tier.row.cap),
                tier.bound_unit
            ),
        };
        rows.push(plain_row(["tier", &place]));
        let kept = maintenance(tier.rate_at_price, tier.row.maintenance_amount, &tier.amount_unit);
        rows.push(plain_row(["maintenance", &kept]));
        rows.push(plain_row(["largest leverage", &format!("{}×", figure(tier.row.max_leverage))]));
    } else if let Some(own) = &inputs.own_terms {
        let kept = maintenance(own.rate, own.amount, unit);
        rows.push(plain_row(["maintenance", &format!("{kept}, as given")]));
    }
    if document.rule.fee_inside {
        let assumed = if document.fee.assumed { ", assumed" } else { "" };
        rows.push(plain_row(["closing fee", &format!("{} of value{assumed}", rate(document.fee.rate))]));
    }
    Table { columns: vec![Column::left("fact"), Column::left("value")], rows, heads: false }
}

fn maintenance(kept: f64, amount: f64, unit: &str) -> String {
    if amount == 0.0 {
        format!("{} of value", rate(kept))
    } else {
        format!("{} of value less {} {unit}", rate(kept), figure(amount))
    }
}

/// Longest line of arithmetic that stands in a table; longer ones are wrapped as a list.
const LONGEST_LINE: usize = 72;

/// The arithmetic, one line each for the formula, the numbers and what they come to.
fn arithmetic(document: &LiqPrice) -> Vec<Block> {
    let steps = || document.steps.iter().chain([&document.bankruptcy_step]);
    let fits = |step: &FormulaStep| {
        [&step.formula, &step.numbers].into_iter().all(|text| text.chars().count() <= LONGEST_LINE)
    };
    if !steps().all(fits) {
        return vec![Block::Bullets(steps().map(with_note).collect())];
    }
    let mut rows = Vec::new();
    for step in steps() {
        rows.push(plain_row([step.symbol.as_str(), &format!("= {}", step.formula)]));
        rows.push(plain_row(["", &format!("= {}", step.numbers)]));
        rows.push(plain_row(["", &format!("= {}", step.result)]));
    }
    let columns = vec![Column::left("symbol"), Column::left("arithmetic")];
    let mut blocks = vec![Block::Table(Table { columns, rows, heads: false })];
    let notes: Vec<String> =
        steps().filter_map(|step| Some(format!("{}: {}.", step.symbol, step.note.as_deref()?))).collect();
    if !notes.is_empty() {
        blocks.push(Block::Bullets(notes));
    }
    blocks
}

fn with_note(step: &FormulaStep) -> String {
    match &step.note {
        Some(note) => format!("{} – {note}", step.line()),
        None => step.line(),
    }
}

fn rule_text(document: &LiqPrice) -> String {
    let rule = &document.rule;
    format!(
        "For {} contracts in {} margin ({}): maintenance is valued {}. {} Proof: {}. Source: {}.",
        contract_word(document.contract.kind),
        mode_word(document.mode),
        rule.period_text,
        rule.valued_at,
        document.fee.text,
        rule.proof.text,
        rule.source,
    )
}

fn table_text(document: &LiqPrice) -> String {
    let Some(table) = &document.table else {
        return "None: the maintenance terms came with the question.".to_owned();
    };
    let end = if table.complete { "" } else { " Larger positions meet tiers that are not in it." };
    let note = table.note.as_deref().map(|note| format!(" {note}")).unwrap_or_default();
    format!("Recorded {}, {}.{end} Source: {}.{note}", table.recorded, table.age_text, table.source)
}

fn distance(distance: Option<&Distance>) -> String {
    let Some(distance) = distance else { return String::new() };
    let plus = if distance.usd.as_str().starts_with('-') { "" } else { "+" };
    format!("{plus}{} ({})", price_grouped(&distance.usd), format::percent_signed(distance.pct))
}

/// One row, whose columns stay in place whatever the position.
impl Tabular for LiqPrice {
    fn csv(&self) -> String {
        let text =
            |value: &Option<PriceText>| value.as_ref().map(|v| v.as_str().to_owned()).unwrap_or_default();
        let number = |value: Option<f64>| value.map(|v| v.to_string()).unwrap_or_default();
        let tier = self.tier.as_ref();
        let cells: Vec<(&str, String)> = vec![
            ("market", self.market.clone()),
            ("date", self.date.clone()),
            ("mode", mode_word(self.mode).to_owned()),
            ("side", if self.side == SideName::Long { "long" } else { "short" }.to_owned()),
            ("entry_price", self.inputs.entry_price.as_str().to_owned()),
            ("size", self.inputs.size.to_string()),
            ("leverage", number(self.inputs.leverage)),
            ("margin", self.inputs.margin.to_string()),
            ("added_margin", self.inputs.added_margin.to_string()),
            ("mark_price", text(&self.inputs.mark_price)),
            ("liquidation_price", text(&self.liquidation_price)),
            ("printed_price", text(&self.printed_price)),
            ("bankruptcy_price", text(&self.bankruptcy_price)),
            ("distance_usd", text(&self.distance.as_ref().map(|d| d.usd.clone()))),
            ("distance_pct", number(self.distance.as_ref().map(|d| d.pct))),
            ("naive_price", text(&self.naive.as_ref().and_then(|naive| naive.price.clone()))),
            ("naive_off_pct", number(self.naive.as_ref().and_then(|naive| naive.off_pct))),
            ("tier", tier.map(|t| t.row.number.to_string()).unwrap_or_default()),
            (
                "maintenance_rate",
                number(tier.map(|t| t.rate_at_price).or(self.inputs.own_terms.map(|o| o.rate))),
            ),
            (
                "maintenance_amount",
                number(tier.map(|t| t.row.maintenance_amount).or(self.inputs.own_terms.map(|o| o.amount))),
            ),
            ("fee_rate", self.fee.rate.to_string()),
            ("table_recorded", self.table.as_ref().map(|t| t.recorded.clone()).unwrap_or_default()),
            ("snapshot", self.snapshot.clone()),
        ];
        let mut out = cells.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(",");
        out.push('\n');
        for (at, (name, cell)) in cells.iter().enumerate() {
            if at > 0 {
                out.push(',');
            }
            // Negative numbers stay numbers; only words can be mistaken for formulas.
            if matches!(*name, "market" | "date" | "mode" | "side") {
                push_text(&mut out, cell);
            } else {
                out.push_str(cell);
            }
        }
        out.push('\n');
        out
    }
}
