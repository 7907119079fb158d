//! One account laid out.

use liqlens_query::document::{Account, AccountHolding, Joint, PathPoint, SideName};
use liqlens_query::format;

use super::outline::{Block, Cell, Column, Outline, Row, Table, side_word, time};
use super::{Readable, Tabular};

impl Readable for Account {
    fn outline(&self) -> Outline {
        let mut blocks = vec![
            Block::Title(format!("{} account {}", self.venue, self.account)),
            Block::Stamp(format!(
                "as of {} · state of {} ({} old) · {} · {} margin",
                time(&self.as_of),
                time(&self.state_at),
                format::age(self.age_s),
                self.source,
                self.mode,
            )),
            Block::Paragraph(backing(self)),
        ];
        if self.positions.is_empty() {
            blocks.push(Block::Paragraph("It holds no position.".to_owned()));
        } else {
            blocks.push(Block::Table(positions(&self.positions)));
        }
        if let Some(joint) = &self.joint {
            blocks.push(Block::Section {
                title: "Coins moving together".to_owned(),
                text: format!(
                    "Each coin moving by its beta times a common move, the cross positions {}.",
                    joint_words(joint)
                ),
            });
            blocks.push(Block::Table(path(&self.path)));
        }
        if !self.warnings.is_empty() {
            blocks.push(Block::Bullets(self.warnings.clone()));
        }
        Outline { blocks, compact: false }
    }
}

fn joint_words(joint: &Joint) -> String {
    let by = |word: &str, pct: f64| format!("by a {word} of {}", format::percent_signed(pct));
    match (joint.fall_pct, joint.rise_pct) {
        (Some(0.0), Some(0.0)) => "can be liquidated where they stand".to_owned(),
        (Some(fall), Some(rise)) => {
            format!("are liquidated {} or {}", by("fall", fall), by("rise", rise))
        }
        (Some(fall), None) => format!("are liquidated {} and by no rise", by("fall", fall)),
        (None, Some(rise)) => format!("are liquidated {} and by no fall", by("rise", rise)),
        (None, None) => "are liquidated by no such move".to_owned(),
    }
}

fn backing(account: &Account) -> String {
    let maintenance = match (account.maintenance_usd, account.venue_maintenance_usd) {
        (Some(ours), Some(venues)) => format!(
            "maintenance {} (the venue says {})",
            format::usd_short(ours.to_f64()),
            format::usd_short(venues.to_f64())
        ),
        (Some(ours), None) => format!("maintenance {}", format::usd_short(ours.to_f64())),
        (None, Some(venues)) => {
            format!("maintenance {} as the venue states it", format::usd_short(venues.to_f64()))
        }
        (None, None) => "maintenance not known".to_owned(),
    };
    format!(
        "Equity behind the cross positions {}, {maintenance}.",
        format::usd_short(account.equity_usd.to_f64())
    )
}

fn positions(holdings: &[AccountHolding]) -> Table {
    Table {
        columns: vec![
            Column::left("market"),
            Column::left("side"),
            Column::right("notional"),
            Column::right("mark"),
            Column::right("liquidated at"),
            Column::right("venue says"),
            Column::left("backing"),
            Column::right("beta"),
        ],
        rows: holdings
            .iter()
            .map(|held| {
                let price = |price: &Option<_>| {
                    price.as_ref().map_or_else(|| format::NONE.to_owned(), format::price_grouped)
                };
                Row {
                    side: Some(held.side),
                    cells: vec![
                        held.symbol.as_str().into(),
                        side_word(held.side).trim_end_matches('s').into(),
                        format::usd_short(held.notional_usd.to_f64()).into(),
                        format::price_grouped(&held.mark_price).into(),
                        price(&held.liquidation_price).into(),
                        price(&held.venue_liquidation_price).into(),
                        held.backing.as_str().into(),
                        held.beta.to_string().into(),
                    ],
                }
            })
            .collect(),
        heads: true,
    }
}

fn path(points: &[PathPoint]) -> Table {
    Table {
        columns: vec![
            Column::right("move"),
            Column::right("equity"),
            Column::right("maintenance"),
            Column::left(""),
        ],
        rows: points
            .iter()
            .map(|point| {
                let dead = point.equity_usd <= point.maintenance_usd;
                Row {
                    side: None,
                    cells: vec![
                        format::percent_signed(point.move_pct).into(),
                        money(point.equity_usd.to_f64()).into(),
                        money(point.maintenance_usd.to_f64()).into(),
                        Cell::from(if dead { "liquidated before this" } else { "" }),
                    ],
                }
            })
            .collect(),
        heads: true,
    }
}

/// Dollars that may be below zero.
fn money(usd: f64) -> String {
    if usd < 0.0 { format!("−{}", format::usd_short(-usd)) } else { format::usd_short(usd) }
}

impl Tabular for Account {
    fn csv(&self) -> String {
        let mut text = String::from(
            "venue,account,as_of,state_at,symbol,side,size,entry_price,mark_price,notional_usd,backing,beta,\
             liquidation_price,venue_liquidation_price,difference,maintenance_usd\n",
        );
        for held in &self.positions {
            let side = match held.side {
                SideName::Long => "long",
                SideName::Short => "short",
            };
            let cells = [
                self.venue.clone(),
                self.account.clone(),
                self.as_of.clone(),
                self.state_at.clone(),
                held.symbol.clone(),
                side.to_owned(),
                held.size.clone(),
                maybe(held.entry_price.as_ref()),
                held.mark_price.to_string(),
                held.notional_usd.to_string(),
                held.backing.clone(),
                held.beta.to_string(),
                maybe(held.liquidation_price.as_ref()),
                maybe(held.venue_liquidation_price.as_ref()),
                maybe(held.difference.as_ref()),
                maybe(held.maintenance_usd.as_ref()),
            ];
            text.push_str(&cells.join(","));
            text.push('\n');
        }
        text
    }
}

fn maybe(value: Option<&impl std::fmt::Display>) -> String {
    value.map_or_else(String::new, ToString::to_string)
}
