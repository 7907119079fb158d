//! The heatmap: closed columns never change, and the last column is the map.

mod log;
mod plain;

use liqlens_market::{Span, Timestamp};
use liqlens_model::ModelId;
use liqlens_query::document::{BinWidth, ColumnStatus, Heatmap, SideName};
use liqlens_query::{HeatmapOptions, MapOptions, heatmap};

use crate::bundle::{end, events, market, subject, time, view};

fn draw(from: Timestamp, to: Timestamp, step: Span) -> Heatmap {
    let options = HeatmapOptions { from, to, step, bins_per_row: 2, margin_pct: 5.0 };
    // The same history for every drawing, so that only the question differs.
    let history = events(end(), 20);
    heatmap(&mut market(ModelId::M1), &subject(), history, &options).unwrap()
}

#[test]
fn closed_columns_are_immutable() {
    let from = time("2026-03-18T00:00:00Z");
    let early = draw(from, time("2026-03-18T20:10:00Z"), Span::HOUR);
    let late = draw(time("2026-03-17T12:00:00Z"), end(), Span::HOUR);
    assert_eq!(early.columns.last().unwrap().status, ColumnStatus::Forming);
    let mut compared = 0;
    for column in early.columns.iter().filter(|c| c.status == ColumnStatus::Closed) {
        let again = late.columns.iter().find(|c| c.start == column.start).unwrap();
        assert_eq!((&again.ohlc, again.reported_usd), (&column.ohlc, column.reported_usd));
        // The two pictures show different rows; on the rows they share, every cell is equal.
        for (index, row) in (early.rows.first..).take(early.rows.count).enumerate() {
            let Ok(other) = usize::try_from(row - late.rows.first) else { continue };
            if other >= late.rows.count {
                continue;
            }
            assert_eq!(column.long_usd[index], again.long_usd[other], "{} row {row}", column.start);
            assert_eq!(column.short_usd[index], again.short_usd[other], "{} row {row}", column.start);
            compared += 1;
        }
    }
    assert!(compared > 20 * 100, "{compared} cells compared");
}

#[test]
fn the_last_column_is_the_map() {
    let picture = draw(time("2026-03-20T20:00:00Z"), end(), Span::HOUR);
    let view = view(ModelId::M1, end(), 20);
    let map = view.map(&MapOptions { window_pct: 4.9, bin: Some(BinWidth::Bp(10.0)) }).unwrap();
    let last = picture.columns.last().unwrap();
    let mut compared = 0;
    for (index, edges) in picture.rows.edges.windows(2).enumerate() {
        let same = map.bins.iter().filter(|bin| bin.price_lo == edges[0] && bin.price_hi == edges[1]);
        for bin in same {
            let cell = if bin.side == SideName::Long { last.long_usd[index] } else { last.short_usd[index] };
            let usd = bin.usd.to_f64();
            // Cells keep seven digits and are whole dollars.
            assert!((cell as f64 - usd).abs() <= 0.51 + usd * 1e-6, "{edges:?}: cell {cell}, map {usd}");
            compared += 1;
        }
    }
    assert!(compared > 80, "{compared} rows compared");
}

#[test]
fn a_hole_is_a_gap_not_a_zero() {
    // 2026-03-15 has no bar for the minute that ends at 09:47 and a synthetic one at 09:50.
    let picture = draw(time("2026-03-15T09:40:00Z"), time("2026-03-15T09:55:00Z"), Span::MINUTE);
    let gaps: Vec<&str> = picture
        .columns
        .iter()
        .filter(|column| column.status == ColumnStatus::Gap)
        .map(|column| column.end.as_str())
        .collect();
    assert!(gaps.contains(&"2026-03-15T09:47:00Z"), "{gaps:?}");
    assert!(picture.columns.iter().filter(|c| c.status == ColumnStatus::Gap).all(|c| c.ohlc.is_none()));
}
