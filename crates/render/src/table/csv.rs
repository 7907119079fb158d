//! The CSV form: a header row, one row a figure, the document's exact decimals, stable column names.

use std::fmt::Write as _;

use super::{Cell, Rows, Sheet, Sink};

/// A document as CSV.
pub(super) fn write(document: &dyn Rows) -> String {
    let mut sink = Csv { text: String::new(), head: String::new(), at_start: true };
    for column in document.columns() {
        sink.separate();
        sink.text.push_str(&column.name);
    }
    sink.end();
    document.rows(&mut Sheet { sink: &mut sink });
    sink.text
}

/// CSV text under construction.
struct Csv {
    text: String,
    /// The first cells of every row.
    head: String,
    /// Whether the next cell is the first of its row.
    at_start: bool,
}

impl Csv {
    fn separate(&mut self) {
        if !core::mem::take(&mut self.at_start) {
            self.text.push(',');
        }
    }
}

impl Sink for Csv {
    fn head(&mut self, cells: &[Cell<'_>]) {
        self.head.clear();
        for (at, cell) in cells.iter().enumerate() {
            if at > 0 {
                self.head.push(',');
            }
            push(&mut self.head, *cell);
        }
    }

    fn begin(&mut self) {
        self.text.push_str(&self.head);
        self.at_start = self.head.is_empty();
    }

    fn cell(&mut self, cell: Cell<'_>) {
        self.separate();
        push(&mut self.text, cell);
    }

    fn end(&mut self) {
        self.text.push('\n');
        self.at_start = true;
    }
}

/// A cell. Figures stand as in the JSON and are never quoted, so `-2000.4` stays a number.
fn push(out: &mut String, cell: Cell<'_>) {
    // Writing to a string cannot fail.
    let _ = match cell {
        Cell::Empty => Ok(()),
        Cell::Text(text) | Cell::Time(text) => {
            push_text(out, text);
            Ok(())
        }
        Cell::Price(price) if !is_number(price.as_str()) => {
            push_text(out, price.as_str());
            Ok(())
        }
        Cell::Price(price) => write!(out, "{price}"),
        Cell::Usd(usd) => write!(out, "{usd}"),
        Cell::Float(value) => write!(out, "{value}"),
        Cell::Integer(value) => write!(out, "{value}"),
    };
}

/// Whether the text of a price is one: a document made by hand can hold anything.
fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}

/// A text cell. What a spreadsheet would run as a formula gets a leading apostrophe, which spreadsheets
/// read as "text follows".
pub(crate) fn push_text(out: &mut String, text: &str) {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if !formula && !text.contains([',', '"', '\n', '\r']) {
        out.push_str(text);
        return;
    }
    out.push('"');
    if formula {
        out.push('\'');
    }
    out.push_str(&text.replace('"', "\"\""));
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::super::Tabular as _;
    use super::*;
    use crate::text::sample;

    #[test]
    fn cells_carry_the_exact_decimals_of_the_document() {
        let text = sample::reach().csv();
        let rows: Vec<&str> = text.lines().collect();
        assert_eq!(
            rows,
            [
                "symbol,as_of,model,snapshot,grade,price,side,amount_usd,reach_price,move_usd,move_pct,lo80,hi80,available_usd,held_in,reported_amount_usd",
                "BTC,2026-01-04T13:00:00Z,m1,7f3c9a0be1d2,C,92580.7,long,1100000000.00,90580.3,-2000.4,-2.1607,,,5100000000.00,,",
                "BTC,2026-01-04T13:00:00Z,m1,7f3c9a0be1d2,C,92580.7,short,1100000000.00,93350.9,770.2,0.8319,,,4200000000.00,,",
            ]
        );
    }

    /// An open bound is an empty cell beside one that is not.
    #[test]
    fn intervals_and_reported_dollars_have_columns() {
        let text = sample::reach_with_draws().csv();
        let rows: Vec<&str> = text.lines().skip(1).collect();
        assert!(rows[0].ends_with(",-2.1607,-1480,-2690.3,5100000000.00,1,385000000.00"), "{text}");
        assert!(rows[1].ends_with(",0.8319,590.1,,4200000000.00,0.85,385000000.00"), "{text}");
    }

    #[test]
    fn every_row_has_as_many_cells_as_the_header() {
        for text in
            [sample::map().csv(), sample::clusters().csv(), sample::at().csv(), sample::heatmap().csv()]
        {
            let mut lines = text.lines();
            let cells = lines.next().unwrap().split(',').count();
            assert!(lines.clone().count() > 0);
            for line in lines {
                assert_eq!(line.split(',').count(), cells, "{line}");
            }
        }
        assert!(
            sample::map().csv().lines().next().unwrap().contains(",usd_leverage_0_5,usd_leverage_50_up,")
        );
    }

    #[test]
    fn a_hole_in_the_heatmap_is_one_row_without_dollars() {
        let text = sample::heatmap().csv();
        let gaps: Vec<&str> = text.lines().filter(|line| line.contains(",gap,")).collect();
        assert_eq!(gaps.len(), 1);
        assert!(gaps[0].ends_with(",gap,,,,"), "{}", gaps[0]);
        assert_eq!(text.lines().filter(|line| line.contains(",closed,")).count(), 2);
    }

    #[test]
    fn formulas_are_disarmed_and_quotes_doubled() {
        for (text, cell) in [
            ("=HYPERLINK(\"x\")", "\"'=HYPERLINK(\"\"x\"\")\""),
            ("@SUM", "\"'@SUM\""),
            ("+1", "\"'+1\""),
            ("-1", "\"'-1\""),
            ("a,b", "\"a,b\""),
            ("BTCUSDT", "BTCUSDT"),
        ] {
            let mut out = String::new();
            push_text(&mut out, text);
            assert_eq!(out, cell);
        }
    }
}
