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
        Some(leverage) => format!("{margin} {leverage:.1}×"),
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

#[cfg(test)]
mod tests {
    use super::super::{Tabular as _, TextStyle, plain, sample};
    use super::*;

    #[test]
    fn accounts_stand_in_a_table_with_the_venues_price_beside_ours() {
        let text = plain(&sample::accounts().outline(), TextStyle::PIPE);
        assert!(
            text.contains("Liquidation prices of longs from 60,000.0 to 70,000.0: 3 longs ($5.5M)."),
            "{text}"
        );
        let row = text.lines().find(|line| line.contains("0x3b69…07d6")).unwrap();
        for part in ["▼ longs", "22.5", "$1.82M", "cross 1.4×", "65,313.4", "−19.24 %", "65,313.4", "-2e-12"]
        {
            assert!(row.contains(part), "{part} in {row}");
        }
        let rebuilt = text.lines().find(|line| line.contains("(rebuilt)")).unwrap();
        assert!(rebuilt.contains("isolated") && rebuilt.ends_with('–'), "{rebuilt}");
        assert!(text.contains("Not listed: 1 long ($500K)."), "{text}");
        assert!(text.contains("measured 100 %") && !text.contains("not yet estimated"));
    }

    #[test]
    fn rows_of_accounts_have_every_column() {
        let csv = sample::accounts().csv();
        let mut lines = csv.lines();
        let header: Vec<&str> = lines.next().unwrap().split(',').collect();
        let rows: Vec<Vec<&str>> = lines.map(|line| line.split(',').collect()).collect();
        assert_eq!(rows.len(), 2);
        assert!(rows.iter().all(|row| row.len() == header.len()));
        let cell = |row: usize, name: &str| rows[row][header.iter().position(|head| *head == name).unwrap()];
        assert_eq!(cell(0, "liquidation_price"), "65313.4115826");
        assert_eq!((cell(0, "margin"), cell(1, "source")), ("cross", "reconstructed"));
        assert_eq!((cell(1, "venue_liquidation_price"), cell(1, "leverage")), ("", ""));
    }

    #[test]
    fn a_measured_map_counts_the_accounts_of_each_bin() {
        let mut map = sample::map();
        for (count, bin) in map.bins.iter_mut().enumerate() {
            bin.accounts = Some(count);
        }
        let text = plain(&map.outline(), TextStyle::PIPE);
        assert!(text.lines().any(|line| line.trim_end().ends_with("accounts")), "{text}");
        let csv = map.csv();
        assert!(csv.lines().next().unwrap().ends_with(",accounts"));
        assert!(csv.lines().nth(4).unwrap().ends_with(",3"), "{csv}");
        assert!(!sample::map().csv().contains("accounts"), "a modelled map has no such column");
    }
}
