//! Map and heatmap laid out: the pictures' content for a terminal, a mail or a screen reader.

use std::fmt::Write as _;

use liqlens_query::document::{
    Balance, BinWidth, Column as HeatColumn, ColumnStatus, Heatmap, Interval, Map, MapBin, SideName, Usd,
};
use liqlens_query::format;

use super::Readable;
use super::answers::{cluster_table, pair_table, tilt_line};
use super::outline::{Block, Cell, Column, Outline, Row, SIDES, Table, foot, head, side_word, time};

/// Rows of the map's table per side; finer maps are shown with several bins a row.
const ROWS_PER_SIDE: usize = 20;

impl Readable for Map {
    fn outline(&self) -> Outline {
        let mut blocks = head(&self.stamp, " liquidation map").to_vec();
        blocks.push(Block::Paragraph(SIDES.to_owned()));
        let (table, bins_a_row) = bars(self);
        blocks.push(Block::Table(table));
        if bins_a_row > 1 {
            blocks.push(Block::Paragraph(format!(
                "Each row adds up {bins_a_row} bins of {}; the CSV and JSON forms list every bin.",
                bin_width(self.bin)
            )));
        }
        let totals = [("Longs", &self.long), ("Shorts", &self.short)].map(|(name, side)| {
            format!(
                "{name}: {} within ±{} %{}, {} beyond, {} in all{}",
                format::usd_short(side.in_window_usd.to_f64()),
                self.window.pct,
                range(side.in_window_interval.as_ref()),
                format::usd_short(side.beyond_window_usd.to_f64()),
                format::usd_short(side.liquidatable_usd.to_f64()),
                range(side.liquidatable_interval.as_ref()),
            )
        });
        blocks.push(Block::Bullets(totals.to_vec()));
        blocks.extend(balance_table(&self.balance).map(Block::Table));
        blocks.extend(fuel_line(&self.balance).map(Block::Paragraph));
        if let Some(pair) = &self.marks {
            blocks.push(Block::Table(pair_table(std::slice::from_ref(pair), self.stamp.is_measured())));
            blocks.push(Block::Paragraph(tilt_line(pair, self.stamp.is_measured())));
        }
        if !self.clusters.is_empty() {
            blocks.push(Block::Table(cluster_table(&self.clusters)));
        }
        blocks.extend(foot(&self.stamp));
        Outline { blocks, compact: false }
    }
}

/// ` (80 %: $0.7–1.6B)`, or nothing.
fn range(interval: Option<&Interval>) -> String {
    interval.map(|interval| format!(" (80 %: {})", format::usd_interval(interval))).unwrap_or_default()
}

/// Both sides within equal distances; nothing if nothing stands within any of them.
fn balance_table(balance: &Balance) -> Option<Table> {
    let mut columns = vec![
        Column::left("within"),
        Column::right("▼ longs"),
        Column::right("▲ shorts"),
        Column::right("asymmetry"),
    ];
    let ranged = balance.asymmetry.iter().any(|row| row.interval.is_some());
    columns.extend(ranged.then(|| Column::left("80 %")));
    let rows: Vec<Row> = balance
        .asymmetry
        .iter()
        .filter_map(|row| {
            let within = match row.sigmas {
                Some(sigmas) => format!("{sigmas} σ ({:.1} %)", row.distance_pct),
                None => format!("±{} %", row.distance_pct),
            };
            let mut cells: Vec<Cell> = vec![
                within.into(),
                format::usd_short(row.long_usd.to_f64()).into(),
                format::usd_short(row.short_usd.to_f64()).into(),
                format::score_signed(row.value?).into(),
            ];
            let interval = row.interval.as_ref().map_or_else(String::new, format::score_range);
            cells.extend(ranged.then(|| Cell::from(interval)));
            Some(Row { side: None, cells })
        })
        .collect();
    (!rows.is_empty()).then_some(Table { columns, rows, heads: true })
}

/// The fuel of both sides and their squeeze score in a sentence.
fn fuel_line(balance: &Balance) -> Option<String> {
    let (sigma, fuel) = (balance.day_sigma_pct?, balance.fuel.as_ref()?);
    let mut line = format!(
        "Weighted by a day's reach (σ {sigma:.1} %): {} of shorts above, {} of longs below; squeeze score {}",
        format::usd_short(fuel.up_usd.to_f64()),
        format::usd_short(fuel.down_usd.to_f64()),
        format::score_signed(fuel.squeeze?)
    );
    // Writing to a string cannot fail.
    if let Some(interval) = &fuel.interval {
        let _ = write!(line, " (80 %: {})", format::score_range(interval));
    }
    if let Some(z) = fuel.squeeze_z {
        let _ = write!(line, ", {} sd from its mean", format::score_signed(z));
    }
    Some(line)
}

/// Width of a bin in words.
fn bin_width(width: BinWidth) -> String {
    match width {
        BinWidth::Usd(usd) => format::usd_distance(usd),
        BinWidth::Bp(bp) => format!("{bp} bp"),
    }
}

/// Several bins of one side, side by side.
struct Group<'a> {
    side: SideName,
    near: &'a MapBin,
    far: &'a MapBin,
    usd: Usd,
    /// Accounts behind it, on measured maps.
    accounts: Option<usize>,
}

/// The map as horizontal bars, highest price on top and the last price between the sides.
fn bars(map: &Map) -> (Table, usize) {
    let of = |side: SideName| map.bins.iter().filter(move |bin| bin.side == side);
    // Nearest to the price first on both sides, so that rows next to the price are never cut short.
    let longs: Vec<&MapBin> = of(SideName::Long).rev().collect();
    let shorts: Vec<&MapBin> = of(SideName::Short).collect();
    let bins_a_row = longs.len().max(shorts.len()).div_ceil(ROWS_PER_SIDE).max(1);
    let longs = groups(&longs, bins_a_row);
    let shorts = groups(&shorts, bins_a_row);
    let largest = longs.iter().chain(&shorts).map(|group| group.usd).max().unwrap_or(Usd::ZERO);
    let mut rows: Vec<Row> = shorts.iter().rev().map(|group| bar_row(group, largest)).collect();
    let price = format::price_grouped(&map.stamp.price);
    let counted = map.bins.iter().any(|bin| bin.accounts.is_some());
    let mut middle: Vec<Cell> = vec!["price".into(), price.into(), "".into(), "".into(), "".into()];
    middle.extend(counted.then(|| Cell::from("")));
    middle.push(Cell::Bar(0.0));
    rows.push(Row { side: None, cells: middle });
    rows.extend(longs.iter().map(|group| bar_row(group, largest)));
    let mut columns = vec![
        Column::left("side"),
        Column::right("from – to"),
        Column::right("distance"),
        Column::right("dollars"),
        Column::right("to here"),
    ];
    columns.extend(counted.then(|| Column::right("accounts")));
    columns.push(Column::left(""));
    (Table { columns, rows, heads: true }, bins_a_row)
}

fn groups<'a>(bins: &[&'a MapBin], size: usize) -> Vec<Group<'a>> {
    bins.chunks(size)
        .filter_map(|chunk| {
            let (near, far) = (*chunk.first()?, *chunk.last()?);
            Some(Group {
                side: near.side,
                near,
                far,
                usd: chunk.iter().map(|bin| bin.usd).sum(),
                accounts: chunk.iter().map(|bin| bin.accounts).sum(),
            })
        })
        .collect()
}

fn bar_row(group: &Group<'_>, largest: Usd) -> Row {
    let (low, high) = match group.side {
        SideName::Long => (&group.far.price_lo, &group.near.price_hi),
        SideName::Short => (&group.near.price_lo, &group.far.price_hi),
    };
    let share =
        if largest == Usd::ZERO { 0.0 } else { (group.usd.to_f64() / largest.to_f64()).clamp(0.0, 1.0) };
    let distance = f64::midpoint(group.near.distance_pct, group.far.distance_pct);
    let mut cells: Vec<Cell> = vec![
        side_word(group.side).into(),
        format!("{} – {}", format::price_grouped(low), format::price_grouped(high)).into(),
        format::percent_signed(distance).into(),
        format::usd_short(group.usd.to_f64()).into(),
        format::usd_short(group.far.cumulative_usd.to_f64()).into(),
    ];
    cells.extend(group.accounts.map(|count| Cell::from(count.to_string())));
    cells.push(Cell::Bar(share));
    Row { side: Some(group.side), cells }
}

impl Readable for Heatmap {
    fn outline(&self) -> Outline {
        let mut blocks = head(&self.stamp, " liquidation heatmap").to_vec();
        let (Some(first), Some(last)) = (self.columns.first(), self.columns.last()) else {
            blocks.push(Block::Paragraph("No columns in this range.".to_owned()));
            blocks.extend(foot(&self.stamp));
            return Outline { blocks, compact: false };
        };
        let count = |status| self.columns.iter().filter(|column| column.status == status).count();
        let (low, high) = match (self.rows.edges.first(), self.rows.edges.last()) {
            (Some(low), Some(high)) => (format::price_grouped(low), format::price_grouped(high)),
            _ => (format::NONE.to_owned(), format::NONE.to_owned()),
        };
        blocks.push(Block::Bullets(vec![
            format!(
                "{} to {}, {} columns of {}",
                time(&first.start),
                time(&last.end),
                self.columns.len(),
                step(self.step_s)
            ),
            format!("{low} to {high}, {} rows of {} bp", self.rows.count, self.rows.width_bp),
            format!(
                "{} columns complete, {} still forming, {} without data",
                count(ColumnStatus::Closed),
                count(ColumnStatus::Forming),
                count(ColumnStatus::Gap)
            ),
            format!(
                "Colour stops per row: {} (half of the cells lie below), {} (90 %), {} (99 %)",
                whole_usd(self.scale.p50_usd),
                whole_usd(self.scale.p90_usd),
                whole_usd(self.scale.p99_usd)
            ),
        ]));
        let newest = self.columns.iter().rev().find(|column| column.status != ColumnStatus::Gap);
        if let Some(table) = newest.and_then(|column| heaviest(self, column)) {
            blocks.push(Block::Paragraph(
                "Heaviest rows of the newest column, and what stood there at the start:".to_owned(),
            ));
            blocks.push(Block::Table(table));
        }
        blocks.push(Block::Paragraph(SIDES.to_owned()));
        blocks.extend(foot(&self.stamp));
        Outline { blocks, compact: false }
    }
}

/// The three heaviest rows of each side in one column, beside the same rows of the first column.
fn heaviest(map: &Heatmap, column: &HeatColumn) -> Option<Table> {
    let first = map.columns.iter().find(|column| column.status != ColumnStatus::Gap)?;
    let mut rows = Vec::new();
    for (side, now, then) in [
        (SideName::Long, &column.long_usd, &first.long_usd),
        (SideName::Short, &column.short_usd, &first.short_usd),
    ] {
        let mut order: Vec<usize> = (0..now.len()).filter(|&row| now[row] > 0).collect();
        order.sort_by_key(|&row| (std::cmp::Reverse(now[row]), row));
        for row in order.into_iter().take(3) {
            let (Some(low), Some(high)) = (map.rows.edges.get(row), map.rows.edges.get(row + 1)) else {
                continue;
            };
            rows.push(Row {
                side: Some(side),
                cells: vec![
                    side_word(side).into(),
                    format!("{} – {}", format::price_grouped(low), format::price_grouped(high)).into(),
                    whole_usd(now[row]).into(),
                    then.get(row).map_or_else(|| format::NONE.to_owned(), |usd| whole_usd(*usd)).into(),
                ],
            });
        }
    }
    let columns = vec![
        Column::left("side"),
        Column::right("from – to"),
        Column::right("dollars"),
        Column::right("at the start"),
    ];
    (!rows.is_empty()).then_some(Table { columns, rows, heads: true })
}

fn whole_usd(usd: i64) -> String {
    format::usd_short(usd as f64)
}

/// A column's length in its largest whole unit.
fn step(seconds: i64) -> String {
    match seconds {
        s if s > 0 && s % 86_400 == 0 => format!("{} d", s / 86_400),
        s if s > 0 && s % 3_600 == 0 => format!("{} h", s / 3_600),
        s if s > 0 && s % 60 == 0 => format!("{} min", s / 60),
        s => format!("{s} s"),
    }
}
