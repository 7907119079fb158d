//! The accounts behind a measured map, laid out.

use liqlens_query::document::{
    AccountKnown, AccountRow, AccountTotals, Accounts, MarginKind, PriceText, SideName,
};
use liqlens_query::format;

use super::Readable;
use super::outline::{Block, Cell, Column, Outline, Row, SIDES, Table, foot, head, side_word};

impl Readable for Accounts {
    fn outline(&self) -> Outline {
        let mut blocks = head(&self.stamp, " accounts").to_vec();
        let side = match self.side {
            None => "",
            Some(SideName::Long) => " of longs",
            Some(SideName::Short) => " of shorts",
        };
        let range = match &self.range {
            Some(range) => format!(
                "Liquidation prices{side} from {} to {}",
                format::price_grouped(&range.price_lo),
                format::price_grouped(&range.price_hi)
            ),
            None => format!("Liquidation prices{side} at any distance"),
        };
        blocks.push(Block::Paragraph(format!("{range}: {}.", totals(&self.total))));
        if !self.accounts.is_empty() {
            blocks.push(Block::Table(table(self)));
        }
        if self.left_out.long_accounts + self.left_out.short_accounts > 0 {
            blocks.push(Block::Paragraph(format!("Not listed: {}.", totals(&self.left_out))));
        }
        blocks.push(Block::Paragraph(SIDES.to_owned()));
        blocks.extend(foot(&self.stamp));
        Outline { blocks, compact: false }
    }
}

/// `3 longs ($1.2M), 1 short ($40K)`, sides without accounts left out.
fn totals(totals: &AccountTotals) -> String {
    let side = |count: usize, usd: f64, one: &str| {
        let many = if count == 1 { "" } else { "s" };
        (count > 0).then(|| format!("{count} {one}{many} ({})", format::usd_short(usd)))
    };
    let parts: Vec<String> = [
        side(totals.long_accounts, totals.long_usd.to_f64(), "long"),
        side(totals.short_accounts, totals.short_usd.to_f64(), "short"),
    ]
    .into_iter()
    .flatten()
    .collect();
    if parts.is_empty() { "no account".to_owned() } else { parts.join(", ") }
}

fn table(document: &Accounts) -> Table {
    let compared = document.accounts.iter().any(|row| row.venue_liquidation_price.is_some());
    let mut columns = vec![
        Column::left("side"),
        Column::left("account"),
        Column::right("size"),
        Column::right("worth"),
        Column::right("entry"),
        Column::right("leverage"),
        Column::right("liquidated at"),
        Column::right("distance"),
    ];
    if compared {
        columns.extend([Column::right("venue's own"), Column::right("apart")]);
    }
    let decimals = document.stamp.price_decimals;
    let rows = document.accounts.iter().map(|row| account_row(row, decimals, compared)).collect();
    Table { columns, rows, heads: true }
}

fn account_row(row: &AccountRow, decimals: usize, compared: bool) -> Row {
    // The document compares prices with more digits than the market quotes; people read its own.
    let price = |price: &PriceText| format::price_grouped(&PriceText::new(price.to_f64(), decimals));
    let maybe = |text: Option<String>| Cell::from(text.unwrap_or_else(|| format::NONE.to_owned()));
    let rebuilt = match row.source {
        AccountKnown::Reported => "",
        AccountKnown::Reconstructed => " (rebuilt)",
    };
    let margin = match row.margin {
        MarginKind::Cross => "cross",
        MarginKind::Isolated => "isolated",
    };
    let leverage = match row.leverage {
        Some(leverage) => format!("{margin} {leverage}×"),
        None => margin.to_owned(),
    };
    let mut cells: Vec<Cell> = vec![
        side_word(row.side).into(),
        format!("{}{rebuilt}", row.account).into(),
        row.size.to_string().into(),
        format::usd_short(row.notional_usd.to_f64()).into(),
        maybe(row.entry_price.as_ref().map(format::price_grouped)),
        leverage.into(),
        price(&row.liquidation_price).into(),
        format::percent_signed(row.distance_pct).into(),
    ];
    if compared {
        cells.push(maybe(row.venue_liquidation_price.as_ref().map(price)));
        cells.push(maybe(row.relative_difference.map(|apart| format!("{apart:.0e}"))));
    }
    Row { side: Some(row.side), cells }
}
