//! Tables of what is read off a market's state: reach, at, ladder, map, clusters, heatmap, accounts, overview.

use liqlens_query::document::{
    AccountKnown, AccountRow, Accounts, At, AtMove, Band, Cluster, Clusters, ColumnStatus, Heatmap,
    LiquidationLadder, Map, MapBin, MarginKind, Overview, OverviewRow, Reach, ReachPair, ReachSide, SideName,
    Stamp, Usd,
};

use super::{Cell, Column, Label, Rows, Sheet};

/// Columns every row starts with, and those of the document.
fn columns<const N: usize>(own: [Column; N]) -> Vec<Column> {
    let mut columns = vec![
        Column::text("symbol"),
        Column::time("as_of"),
        Column::text("model"),
        Column::text("snapshot"),
        Column::text("grade"),
        Column::price("price"),
    ];
    columns.extend(own);
    columns
}

/// The cells under them.
fn head(stamp: &Stamp) -> [Cell<'_>; 6] {
    [
        Cell::Text(&stamp.symbol),
        Cell::Time(&stamp.as_of),
        Cell::Text(&stamp.model),
        Cell::Text(&stamp.snapshot),
        Cell::Text(stamp.grade.letter.as_str()),
        Cell::Price(&stamp.price),
    ]
}

fn label(stamp: &Stamp) -> Label<'_> {
    Label { document: &stamp.schema, snapshot: Some(&stamp.snapshot) }
}

/// Both sides of an amount.
fn sides(pair: &ReachPair) -> [(SideName, &ReachSide); 2] {
    [(SideName::Long, &pair.long), (SideName::Short, &pair.short)]
}

impl Rows for Reach {
    fn label(&self) -> Label<'_> {
        label(&self.stamp)
    }

    fn columns(&self) -> Vec<Column> {
        columns([
            Column::text("side"),
            Column::usd("amount_usd"),
            Column::price("reach_price"),
            Column::price("move_usd"),
            Column::float("move_pct"),
            Column::float("lo80"),
            Column::float("hi80"),
            Column::usd("available_usd"),
            Column::float("held_in"),
            Column::usd("reported_amount_usd"),
        ])
    }

    fn rows(&self, sheet: &mut Sheet<'_>) {
        sheet.head(&head(&self.stamp));
        for (side, answer) in sides(&self.pair) {
            let ReachSide { price, move_usd, move_pct, interval, held_in, available_usd } = answer;
            sheet
                .row()
                .side(side)
                .put(self.pair.amount_usd)
                .put(price.as_ref())
                .put(move_usd.as_ref())
                .put(*move_pct)
                .bounds(interval.as_ref())
                .put(*available_usd)
                .put(*held_in)
                .put(self.pair.reported_amount_usd);
        }
    }
}

impl Rows for At {
    fn label(&self) -> Label<'_> {
        label(&self.stamp)
    }

    fn columns(&self) -> Vec<Column> {
        columns([
            Column::float("move_pct"),
            Column::price("move_usd"),
            Column::price("to_price"),
            Column::usd("long_usd"),
            Column::usd("short_usd"),
            Column::float("lo80"),
            Column::float("hi80"),
            Column::usd("reported_long_usd"),
            Column::usd("reported_short_usd"),
        ])
    }

    fn rows(&self, sheet: &mut Sheet<'_>) {
        sheet.head(&head(&self.stamp));
        for asked in &self.moves {
            sheet
                .row()
                .put(asked.move_pct)
                .put(&asked.move_usd)
                .put(&asked.price)
                .put(asked.long_usd)
                .put(asked.short_usd)
                .bounds(asked.interval.as_ref())
                .put(asked.reported_long_usd)
                .put(asked.reported_short_usd);
        }
    }
}

/// Both questions in one table of sides, amounts and prices: `question` says which of the two was asked for and which
/// was answered. Bounds are dollars where the amount is the answer and price differences where the price is.
impl Rows for LiquidationLadder {
    fn label(&self) -> Label<'_> {
        label(&self.stamp)
    }

    fn columns(&self) -> Vec<Column> {
        columns([
            Column::text("question"),
            Column::text("side"),
            Column::usd("amount_usd"),
            Column::price("to_price"),
            Column::price("move_usd"),
            Column::float("move_pct"),
            Column::float("lo80"),
            Column::float("hi80"),
            Column::usd("available_usd"),
            Column::float("held_in"),
            Column::usd("reported_amount_usd"),
        ])
    }

    fn rows(&self, sheet: &mut Sheet<'_>) {
        sheet.head(&head(&self.stamp));
        for rung in &self.at {
            let (side, usd, reported) = liquidated(rung);
            sheet
                .row()
                .text("at")
                .text(side)
                .put(usd)
                .put(&rung.price)
                .put(&rung.move_usd)
                .put(rung.move_pct)
                .bounds(rung.interval.as_ref())
                .empty(2)
                .put(reported);
        }
        for pair in &self.reach {
            for (side, answer) in sides(pair) {
                let ReachSide { price, move_usd, move_pct, interval, held_in, available_usd } = answer;
                sheet
                    .row()
                    .text("reach")
                    .side(side)
                    .put(pair.amount_usd)
                    .put(price.as_ref())
                    .put(move_usd.as_ref())
                    .put(*move_pct)
                    .bounds(interval.as_ref())
                    .put(*available_usd)
                    .put(*held_in)
                    .put(pair.reported_amount_usd);
            }
        }
    }
}

/// The side that a move liquidates, and its dollars: longs of a fall, shorts of a rise.
fn liquidated(rung: &AtMove) -> (&'static str, Usd, Option<Usd>) {
    if rung.move_pct < 0.0 {
        ("long", rung.long_usd, rung.reported_long_usd)
    } else {
        ("short", rung.short_usd, rung.reported_short_usd)
    }
}

impl Rows for Map {
    fn label(&self) -> Label<'_> {
        label(&self.stamp)
    }

    fn columns(&self) -> Vec<Column> {
        let mut columns = columns([
            Column::text("side"),
            Column::price("price_lo"),
            Column::price("price_hi"),
            Column::float("distance_pct"),
            Column::usd("usd"),
            Column::usd("cumulative_usd"),
        ]);
        columns.extend(self.bands.iter().map(|band| Column::usd(band_column(band))));
        columns.extend([Column::usd("usd_lo80"), Column::usd("usd_hi80")]);
        columns.extend(counted(self).then(|| Column::integer("accounts")));
        columns
    }

    fn rows(&self, sheet: &mut Sheet<'_>) {
        sheet.head(&head(&self.stamp));
        let counted = counted(self);
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
            row.side(*side).put(price_lo).put(price_hi).put(*distance_pct).put(*usd).put(*cumulative_usd);
            for at in 0..self.bands.len() {
                row.put(by_band.get(at).copied());
            }
            row.put(*usd_lo80).put(*usd_hi80);
            if counted {
                row.put(*accounts);
            }
        }
    }
}

/// Whether a map knows who stands behind its bins: only measured ones do.
fn counted(map: &Map) -> bool {
    map.bins.iter().any(|bin| bin.accounts.is_some())
}

/// `usd_leverage_5_10`, `usd_leverage_50_up`.
fn band_column(band: &Band) -> String {
    match band.leverage_max {
        Some(max) => format!("usd_leverage_{}_{max}", band.leverage_min),
        None => format!("usd_leverage_{}_up", band.leverage_min),
    }
}

impl Rows for Clusters {
    fn label(&self) -> Label<'_> {
        label(&self.stamp)
    }

    fn columns(&self) -> Vec<Column> {
        columns([
            Column::text("side"),
            Column::integer("rank"),
            Column::price("price_lo"),
            Column::price("price_hi"),
            Column::price("peak_price"),
            Column::float("distance_pct"),
            Column::price("distance_usd"),
            Column::usd("usd"),
            Column::float("share_of_side"),
            Column::float("prominence"),
            Column::float("usd_lo80"),
            Column::float("usd_hi80"),
            Column::usd("reported_usd"),
        ])
    }

    fn rows(&self, sheet: &mut Sheet<'_>) {
        sheet.head(&head(&self.stamp));
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
            sheet
                .row()
                .side(*side)
                .put(*rank)
                .put(price_lo)
                .put(price_hi)
                .put(peak_price)
                .put(*distance_pct)
                .put(distance_usd)
                .put(*usd)
                .put(*share_of_side)
                .put(*prominence)
                .bounds(interval.as_ref())
                .put(*reported_usd);
        }
    }
}

impl Rows for Accounts {
    fn label(&self) -> Label<'_> {
        label(&self.stamp)
    }

    fn columns(&self) -> Vec<Column> {
        columns([
            Column::text("account"),
            Column::text("source"),
            Column::time("known_at"),
            Column::text("side"),
            Column::float("size"),
            Column::usd("notional_usd"),
            Column::usd("usd"),
            Column::price("entry_price"),
            Column::float("leverage"),
            Column::text("margin"),
            Column::price("liquidation_price"),
            Column::price("venue_liquidation_price"),
            Column::float("relative_difference"),
            Column::float("distance_pct"),
        ])
    }

    fn rows(&self, sheet: &mut Sheet<'_>) {
        sheet.head(&head(&self.stamp));
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
                .time(known_at)
                .side(*side)
                .put(*size)
                .put(*notional_usd)
                .put(*usd)
                .put(entry_price.as_ref())
                .put(*leverage)
                .text(match margin {
                    MarginKind::Cross => "cross",
                    MarginKind::Isolated => "isolated",
                })
                .put(liquidation_price)
                .put(venue_liquidation_price.as_ref())
                .put(*relative_difference)
                .put(*distance_pct);
        }
    }
}

/// One row a cell, columns in time order and rows from the lowest price up. A column without data is one
/// row whose prices and dollars are empty: a hole is not a zero.
impl Rows for Heatmap {
    fn label(&self) -> Label<'_> {
        label(&self.stamp)
    }

    fn columns(&self) -> Vec<Column> {
        columns([
            Column::time("start"),
            Column::time("end"),
            Column::text("status"),
            Column::price("price_lo"),
            Column::price("price_hi"),
            Column::integer("long_usd"),
            Column::integer("short_usd"),
        ])
    }

    fn rows(&self, sheet: &mut Sheet<'_>) {
        sheet.head(&head(&self.stamp));
        for column in &self.columns {
            let status = match column.status {
                ColumnStatus::Closed => "closed",
                ColumnStatus::Forming => "forming",
                ColumnStatus::Gap => "gap",
            };
            if column.status == ColumnStatus::Gap {
                sheet.row().time(&column.start).time(&column.end).text(status).empty(4);
                continue;
            }
            for (at, edges) in self.rows.edges.windows(2).enumerate() {
                sheet
                    .row()
                    .time(&column.start)
                    .time(&column.end)
                    .text(status)
                    .put(&edges[0])
                    .put(&edges[1])
                    .put(column.long_usd.get(at).copied())
                    .put(column.short_usd.get(at).copied());
            }
        }
    }
}

/// One row a market; the moves are those of the document, named by their percent.
impl Rows for Overview {
    fn label(&self) -> Label<'_> {
        Label { document: &self.schema, snapshot: None }
    }

    fn columns(&self) -> Vec<Column> {
        let mut columns = columns([
            Column::float("change_24h_pct"),
            Column::price("high_24h"),
            Column::price("low_24h"),
            Column::float("open_interest_change_24h_pct"),
            Column::float("funding_rate"),
            Column::float("funding_interval_h"),
        ]);
        columns.extend(moves(self).iter().map(|asked| Column::usd(move_column(asked))));
        for side in ["long", "short"] {
            columns.extend([
                Column::price(format!("nearest_{side}_price")),
                Column::float(format!("nearest_{side}_distance_pct")),
                Column::usd(format!("nearest_{side}_usd")),
            ]);
        }
        columns.extend([
            Column::usd("reach_amount_usd"),
            Column::price("reach_long_price"),
            Column::price("reach_short_price"),
            Column::usd("reported_24h_long_usd"),
            Column::usd("reported_24h_short_usd"),
        ]);
        columns
    }

    fn rows(&self, sheet: &mut Sheet<'_>) {
        let asked = moves(self).len();
        for row in &self.rows {
            let OverviewRow {
                stamp,
                day,
                open_interest_change_24h_pct,
                funding_rate,
                funding_interval_h,
                at,
                nearest_long,
                nearest_short,
                marks,
                reported_24h_usd,
            } = row;
            sheet.head(&head(stamp));
            let mut row = sheet.row();
            row.put(day.as_ref().map(|day| day.change_pct))
                .put(day.as_ref().map(|day| &day.high))
                .put(day.as_ref().map(|day| &day.low))
                .put(*open_interest_change_24h_pct)
                .put(*funding_rate)
                .put(*funding_interval_h);
            for place in 0..asked {
                row.put(at.get(place).map(|rung| liquidated(rung).1));
            }
            for nearest in [nearest_long, nearest_short] {
                row.put(nearest.as_ref().map(|cluster| &cluster.peak_price))
                    .put(nearest.as_ref().map(|cluster| cluster.distance_pct))
                    .put(nearest.as_ref().map(|cluster| cluster.usd));
            }
            row.put(marks.as_ref().map(|pair| pair.amount_usd))
                .put(marks.as_ref().and_then(|pair| pair.long.price.as_ref()))
                .put(marks.as_ref().and_then(|pair| pair.short.price.as_ref()))
                .put(reported_24h_usd.map(|sides| sides[0]))
                .put(reported_24h_usd.map(|sides| sides[1]));
        }
    }
}

/// The moves that the rows of an overview answer, the same in all.
fn moves(overview: &Overview) -> &[AtMove] {
    overview.rows.first().map_or(&[], |row| &row.at)
}

/// `down_5pct_long_usd`, `up_1pct_short_usd`.
fn move_column(asked: &AtMove) -> String {
    let (side, ..) = liquidated(asked);
    let direction = if asked.move_pct < 0.0 { "down" } else { "up" };
    format!("{direction}_{}pct_{side}_usd", asked.move_pct.abs())
}
