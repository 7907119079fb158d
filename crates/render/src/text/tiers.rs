//! Maintenance schedules laid out: a market's ladder, and the list of what ships.

use std::fmt::Write as _;

use liqlens_query::document::{
    ContractName, Ladder, ModeName, RuleFacts, Schedules, TierRuleName, Tiers, VenueSchedules,
};
use liqlens_query::format::{figure, rate};

use super::outline::{Block, Column, Outline, Table};
use super::rule_words::{contract_word, mode_word, plain_row};
use super::{Readable, Tabular};
use crate::table::csv::push_text;

impl Readable for Tiers {
    fn outline(&self) -> Outline {
        let mut blocks = vec![
            Block::Title(format!("{} maintenance tiers", self.title)),
            Block::Stamp(format!(
                "for {} · {}, margin in {}",
                self.date,
                contract_word(self.contract.kind),
                self.contract.settle
            )),
        ];
        for ladder in &self.ladders {
            blocks.push(Block::Paragraph(ladder_line(ladder)));
            blocks.push(Block::Table(ladder_table(ladder)));
            blocks.push(Block::Paragraph(ladder.rule_text.clone()));
            blocks.push(Block::Paragraph(format!("Source: {}.", ladder.recording.source)));
            if let Some(note) = &ladder.recording.note {
                blocks.push(Block::Paragraph(note.clone()));
            }
        }
        if self.recorded.len() > self.ladders.len() {
            blocks.push(Block::Paragraph(format!(
                "Recorded on {}; the nearest to the day asked for is shown.",
                self.recorded.join(", ")
            )));
        }
        blocks.push(Block::Paragraph("The liquidation rules that use them:".to_owned()));
        blocks.push(Block::Bullets(self.rules.iter().map(rule_line).collect()));
        Outline { blocks, compact: false }
    }
}

impl Readable for Schedules {
    fn outline(&self) -> Outline {
        let mut blocks = Vec::new();
        match self.venues.as_slice() {
            [venue] => {
                blocks.push(Block::Title(format!("{}: {}", venue.title, symbol_count(venue))));
                if let Some(filter) = &self.filter {
                    blocks.push(Block::Paragraph(format!("Symbols that contain {filter}.")));
                }
                if !venue.symbols.is_empty() {
                    blocks.push(Block::Table(symbol_table(venue)));
                }
                blocks.push(Block::Paragraph("Liquidation rules:".to_owned()));
                blocks.push(Block::Bullets(venue.rules.iter().map(rule_line).collect()));
            }
            venues => {
                blocks.push(Block::Title("Margin tables and liquidation rules by venue".to_owned()));
                blocks.push(Block::Table(venue_table(venues)));
                blocks.push(Block::Paragraph(
                    "Symbols: markets with a margin table, and when the newest was recorded. Rules: liquidation \
                     rules by contract, margin mode and period; the proven ones reproduce published or recorded \
                     numbers. Linear, inverse: the margin modes, isolated or cross, whose rule is known."
                        .to_owned(),
                ));
            }
        }
        Outline { blocks, compact: false }
    }
}

fn symbol_count(venue: &VenueSchedules) -> String {
    match venue.symbol_count {
        0 => "no margin table".to_owned(),
        1 => "1 symbol with a margin table".to_owned(),
        many => format!("{} symbols with a margin table", figure(many as f64)),
    }
}

fn ladder_line(ladder: &Ladder) -> String {
    let recording = &ladder.recording;
    let end = if recording.complete { "" } else { "; only its first tiers are known" };
    format!("Recorded {}, {}{end}. Bounds in {}.", recording.recorded, recording.age_text, ladder.bound_unit)
}

fn ladder_table(ladder: &Ladder) -> Table {
    let ramp = ladder.rule == TierRuleName::Ramp;
    let rate_head = if ladder.rate_over_leverage { "adjust factor" } else { "rate" };
    let rows = ladder.tiers.iter().map(|tier| {
        let growth = match ladder.rate_per_base {
            Some(per_base) if ramp => format!(" + {}/{}", rate(per_base), ladder.bound_unit),
            _ => String::new(),
        };
        plain_row([
            &tier.number.to_string(),
            &figure(tier.floor),
            &tier.cap.map_or_else(|| "open".to_owned(), figure),
            &format!("{}{growth}", rate(tier.maintenance_rate)),
            &figure(tier.maintenance_amount),
            &format!("{}×", figure(tier.max_leverage)),
        ])
    });
    Table {
        columns: vec![
            Column::right("tier"),
            Column::right("above"),
            Column::right("up to"),
            Column::right(rate_head),
            Column::right("amount"),
            Column::right("largest leverage"),
        ],
        rows: rows.collect(),
        heads: true,
    }
}

fn symbol_table(venue: &VenueSchedules) -> Table {
    let rows = venue.symbols.iter().map(|symbol| {
        let recorded = match symbol.recorded.as_slice() {
            [only] => only.clone(),
            [.., newest] => format!("{newest} and {} more", symbol.recorded.len() - 1),
            [] => String::new(),
        };
        plain_row([
            &symbol.symbol,
            &format!("{}{}", symbol.tiers, if symbol.complete { "" } else { "+" }),
            &rate(symbol.base_rate),
            &format!("{}×", figure(symbol.max_leverage)),
            &recorded,
        ])
    });
    Table {
        columns: vec![
            Column::left("symbol"),
            Column::right("tiers"),
            Column::right("first rate"),
            Column::right("leverage"),
            Column::left("recorded"),
        ],
        rows: rows.collect(),
        heads: true,
    }
}

fn venue_table(venues: &[VenueSchedules]) -> Table {
    let rows = venues.iter().map(|venue| {
        let proven = venue.rules.iter().filter(|rule| !rule.proof.vectors.is_empty()).count();
        plain_row([
            &venue.venue,
            &figure(venue.symbol_count as f64),
            venue.recorded.last().map_or("–", String::as_str),
            &venue.rules.len().to_string(),
            &proven.to_string(),
            modes(venue, ContractName::Linear),
            modes(venue, ContractName::Inverse),
        ])
    });
    Table {
        columns: vec![
            Column::left("venue"),
            Column::right("symbols"),
            Column::left("newest"),
            Column::right("rules"),
            Column::right("proven"),
            Column::left("linear"),
            Column::left("inverse"),
        ],
        rows: rows.collect(),
        heads: true,
    }
}

/// The margin modes whose rule is known.
fn modes(venue: &VenueSchedules, contract: ContractName) -> &'static str {
    let known = |mode| venue.rules.iter().any(|rule| rule.contract == contract && rule.mode == mode);
    match (known(ModeName::Isolated), known(ModeName::Cross)) {
        (true, true) => "both",
        (true, false) => "isolated",
        (false, true) => "cross",
        (false, false) => "–",
    }
}

fn rule_line(rule: &RuleFacts) -> String {
    let fee = if rule.fee_inside { ", closing fee inside" } else { "" };
    format!(
        "{} {}, {}: {}, maintenance valued {}{fee}, on the {}; {}",
        contract_word(rule.contract),
        mode_word(rule.mode),
        rule.period_text,
        rule.formula,
        rule.valued_at,
        rule.trigger,
        rule.proof.text
    )
}

const fn rule_word(rule: TierRuleName) -> &'static str {
    match rule {
        TierRuleName::Continuous => "continuous",
        TierRuleName::WholeByNotional => "whole-by-notional",
        TierRuleName::WholeBySize => "whole-by-size",
        TierRuleName::Ramp => "ramp",
    }
}

/// One row a tier.
impl Tabular for Tiers {
    fn csv(&self) -> String {
        let mut out = "market,recorded,rule,complete,tier,floor,cap,maintenance_rate,maintenance_amount,\
                       max_leverage,bound_unit\n"
            .to_owned();
        for ladder in &self.ladders {
            for tier in &ladder.tiers {
                push_text(&mut out, &self.market);
                let cap = tier.cap.map(|cap| cap.to_string()).unwrap_or_default();
                // Writing to a string cannot fail.
                let _ = write!(
                    out,
                    ",{},{},{},{},{},{cap},{},{},{},",
                    ladder.recording.recorded,
                    rule_word(ladder.rule),
                    ladder.recording.complete,
                    tier.number,
                    tier.floor,
                    tier.maintenance_rate,
                    tier.maintenance_amount,
                    tier.max_leverage,
                );
                push_text(&mut out, &ladder.bound_unit);
                out.push('\n');
            }
        }
        out
    }
}

/// One row a symbol, or a venue if none was named.
impl Tabular for Schedules {
    fn csv(&self) -> String {
        let mut out = "venue,symbol,symbols,tiers,base_rate,max_leverage,complete,recorded\n".to_owned();
        for venue in &self.venues {
            if venue.symbols.is_empty() {
                let recorded = venue.recorded.join(" ");
                let _ = writeln!(out, "{},,{},,,,,{recorded}", venue.venue, venue.symbol_count);
            }
            for symbol in &venue.symbols {
                let _ = write!(out, "{},", venue.venue);
                push_text(&mut out, &symbol.symbol);
                let _ = writeln!(
                    out,
                    ",{},{},{},{},{},{}",
                    venue.symbol_count,
                    symbol.tiers,
                    symbol.base_rate,
                    symbol.max_leverage,
                    symbol.complete,
                    symbol.recorded.join(" ")
                );
            }
        }
        out
    }
}
