//! The CSV form: a header row, one row a figure, the document's exact decimals, stable column names.

use std::fmt::{Display, Write as _};

use liqlens_query::document::{
    AccountKnown, AccountRow, Accounts, At, Band, Cluster, Clusters, ColumnStatus, Heatmap, Interval, Map,
    MapBin, MarginKind, Reach, ReachSide, SideName, Stamp,
};

/// A document that is a table.
pub trait Tabular {
    /// The rows as RFC 4180 text with `\n` line ends. Missing values are empty cells.
    fn csv(&self) -> String;
}

/// Columns every row starts with, so that rows of several answers can be put into one file.
const HEAD: [&str; 6] = ["symbol", "as_of", "model", "snapshot", "grade", "price"];

impl Tabular for Reach {
    fn csv(&self) -> String {
        let mut sheet = Sheet::new(
            &self.stamp,
            &[
                "side",
                "amount_usd",
                "reach_price",
                "move_usd",
                "move_pct",
                "lo80",
                "hi80",
                "available_usd",
                "held_in",
                "reported_amount_usd",
            ],
        );
        for (side, answer) in [(SideName::Long, &self.pair.long), (SideName::Short, &self.pair.short)] {
            let ReachSide { price, move_usd, move_pct, interval, held_in, available_usd } = answer;
            let (lo, hi) = bounds(interval.as_ref());
            sheet
                .row()
                .text(side_name(side))
                .number(self.pair.amount_usd)
                .maybe(price.as_ref())
                .maybe(move_usd.as_ref())
                .maybe(*move_pct)
                .maybe(lo)
                .maybe(hi)
                .number(available_usd)
                .maybe(*held_in)
                .maybe(self.pair.reported_amount_usd);
        }
        sheet.finish()
    }
}

impl Tabular for At {
    fn csv(&self) -> String {
        let mut sheet = Sheet::new(
            &self.stamp,
            &[
                "move_pct",
                "move_usd",
                "to_price",
                "long_usd",
                "short_usd",
                "lo80",
                "hi80",
                "reported_long_usd",
                "reported_short_usd",
            ],
        );
        for asked in &self.moves {
            let (lo, hi) = bounds(asked.interval.as_ref());
            sheet
                .row()
                .number(asked.move_pct)
                .number(&asked.move_usd)
                .number(&asked.price)
                .number(asked.long_usd)
                .number(asked.short_usd)
                .maybe(lo)
                .maybe(hi)
                .maybe(asked.reported_long_usd)
                .maybe(asked.reported_short_usd);
        }
        sheet.finish()
    }
}

impl Tabular for Map {
    fn csv(&self) -> String {
        let bands: Vec<String> = self.bands.iter().map(band_column).collect();
        let mut columns = vec!["side", "price_lo", "price_hi", "distance_pct", "usd", "cumulative_usd"];
        columns.extend(bands.iter().map(String::as_str));
        columns.extend(["usd_lo80", "usd_hi80"]);
        // Only measured maps know who stands behind a bin.
        let counted = self.bins.iter().any(|bin| bin.accounts.is_some());
        columns.extend(counted.then_some("accounts"));
        let mut sheet = Sheet::new(&self.stamp, &columns);
        for bin in &self.bins {
            let MapBin {
                side,
                price_lo,
                price_hi,
                distance_pct,
                usd,
                usd_lo80,
                usd_hi80,
                by_band,
                cumulative_usd,
                accounts,
            } = bin;
            let mut row = sheet.row();
            row.text(side_name(*side))
                .number(price_lo)
                .number(price_hi)
                .number(distance_pct)
                .number(usd)
                .number(cumulative_usd);
            for at in 0..self.bands.len() {
                row.maybe(by_band.get(at));
            }
            row.maybe(*usd_lo80).maybe(*usd_hi80);
            if counted {
                row.maybe(accounts.as_ref());
            }
        }
        sheet.finish()
    }
}

impl Tabular for Clusters {
    fn csv(&self) -> String {
        let mut sheet = Sheet::new(
            &self.stamp,
            &[
                "side",
                "rank",
                "price_lo",
                "price_hi",
                "peak_price",
                "distance_pct",
                "distance_usd",
                "usd",
                "share_of_side",
                "prominence",
                "usd_lo80",
                "usd_hi80",
                "reported_usd",
            ],
        );
        for cluster in &self.clusters {
            let Cluster {
                side,
                rank,
                price_lo,
                price_hi,
                peak_price,
                distance_pct,
                distance_usd,
                usd,
                interval,
                reported_usd,
                share_of_side,
                prominence,
            } = cluster;
            let (lo, hi) = bounds(interval.as_ref());
            sheet
                .row()
                .text(side_name(*side))
                .number(rank)
                .number(price_lo)
                .number(price_hi)
                .number(peak_price)
                .number(distance_pct)
                .number(distance_usd)
                .number(usd)
                .number(share_of_side)
                .number(prominence)
                .maybe(lo)
                .maybe(hi)
                .maybe(*reported_usd);
        }
        sheet.finish()
    }
}

impl Tabular for Accounts {
    fn csv(&self) -> String {
        let mut sheet = Sheet::new(
            &self.stamp,
            &[
                "account",
                "source",
                "known_at",
                "side",
                "size",
                "notional_usd",
                "usd",
                "entry_price",
                "leverage",
                "margin",
                "liquidation_price",
                "venue_liquidation_price",
                "relative_difference",
                "distance_pct",
            ],
        );
        for row in &self.accounts {
            let AccountRow {
                account,
                source,
                known_at,
                side,
                size,
                notional_usd,
                usd,
                entry_price,
                leverage,
                margin,
                liquidation_price,
                venue_liquidation_price,
                relative_difference,
                distance_pct,
            } = row;
            sheet
                .row()
                .text(account)
                .text(match source {
                    AccountKnown::Reported => "reported",
                    AccountKnown::Reconstructed => "reconstructed",
                })
                .text(known_at)
                .text(side_name(*side))
                .number(size)
                .number(notional_usd)
                .number(usd)
                .maybe(entry_price.as_ref())
                .maybe(*leverage)
                .text(match margin {
                    MarginKind::Cross => "cross",
                    MarginKind::Isolated => "isolated",
                })
                .number(liquidation_price)
                .maybe(venue_liquidation_price.as_ref())
                .maybe(*relative_difference)
                .number(distance_pct);
        }
        sheet.finish()
    }
}

/// One row a cell, columns in time order and rows from the lowest price up. A column without data is one
/// row whose prices and dollars are empty: a hole is not a zero.
impl Tabular for Heatmap {
    fn csv(&self) -> String {
        let mut sheet = Sheet::new(
            &self.stamp,
            &["start", "end", "status", "price_lo", "price_hi", "long_usd", "short_usd"],
        );
        for column in &self.columns {
            let status = match column.status {
                ColumnStatus::Closed => "closed",
                ColumnStatus::Forming => "forming",
                ColumnStatus::Gap => "gap",
            };
            if column.status == ColumnStatus::Gap {
                sheet
                    .row()
                    .text(&column.start)
                    .text(&column.end)
                    .text(status)
                    .text("")
                    .text("")
                    .text("")
                    .text("");
                continue;
            }
            for (at, edges) in self.rows.edges.windows(2).enumerate() {
                sheet
                    .row()
                    .text(&column.start)
                    .text(&column.end)
                    .text(status)
                    .number(&edges[0])
                    .number(&edges[1])
                    .maybe(column.long_usd.get(at))
                    .maybe(column.short_usd.get(at));
            }
        }
        sheet.finish()
    }
}

const fn side_name(side: SideName) -> &'static str {
    match side {
        SideName::Long => "long",
        SideName::Short => "short",
    }
}

fn bounds(interval: Option<&Interval>) -> (Option<f64>, Option<f64>) {
    (interval.map(|i| i.lo80), interval.and_then(|i| i.hi80))
}

/// `usd_leverage_5_10`, `usd_leverage_50_up`.
fn band_column(band: &Band) -> String {
    match band.leverage_max {
        Some(max) => format!("usd_leverage_{}_{max}", band.leverage_min),
        None => format!("usd_leverage_{}_up", band.leverage_min),
    }
}

/// CSV text under construction.
struct Sheet {
    text: String,
    /// The first cells of every row.
    head: String,
}

/// One row under construction; ends its line when it goes out of scope.
struct SheetRow<'a> {
    text: &'a mut String,
}

impl Sheet {
    fn new(stamp: &Stamp, columns: &[&str]) -> Self {
        let mut head = String::new();
        for cell in [
            &stamp.symbol,
            &stamp.as_of,
            &stamp.model,
            &stamp.snapshot,
            stamp.grade.letter.as_str(),
            stamp.price.as_str(),
        ] {
            push_text(&mut head, cell);
            head.push(',');
        }
        head.pop();
        let mut text = HEAD.join(",");
        for column in columns {
            text.push(',');
            text.push_str(column);
        }
        text.push('\n');
        Self { text, head }
    }

    fn row(&mut self) -> SheetRow<'_> {
        self.text.push_str(&self.head);
        SheetRow { text: &mut self.text }
    }

    fn finish(self) -> String {
        self.text
    }
}

impl SheetRow<'_> {
    fn text(&mut self, text: &str) -> &mut Self {
        self.text.push(',');
        push_text(self.text, text);
        self
    }

    /// A number as it stands in the JSON; never quoted, so `-2000.4` stays a number.
    fn number(&mut self, number: impl Display) -> &mut Self {
        // Writing to a string cannot fail.
        let _ = write!(self.text, ",{number}");
        self
    }

    fn maybe(&mut self, number: Option<impl Display>) -> &mut Self {
        match number {
            Some(number) => self.number(number),
            None => self.text(""),
        }
    }
}

impl Drop for SheetRow<'_> {
    fn drop(&mut self) {
        self.text.push('\n');
    }
}

/// A text cell. What a spreadsheet would run as a formula gets a leading apostrophe, which spreadsheets
/// read as "text follows".
pub(super) fn push_text(out: &mut String, text: &str) {
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
    use super::super::sample;
    use super::*;

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
