//! The heatmap again, as plainly as it can be written: every row of every column in memory, everything sorted.

use liqlens_engine::Market;
use liqlens_market::{Event, Instrument, Price, Span};
use liqlens_query::HeatmapOptions;
use liqlens_query::document::{Column, ColumnStatus, HeatRows, HeatScale, PriceText};

/// What a heatmap shows beside its head.
#[derive(Debug, PartialEq)]
pub(crate) struct Shown {
    pub(crate) step_s: i64,
    pub(crate) rows: HeatRows,
    pub(crate) columns: Vec<Column>,
    pub(crate) scale: HeatScale,
}

/// All rows of a market: number of the first one, longs and shorts.
type Rows = (i32, [Vec<f32>; 2]);

fn all_rows(market: &Market, bins_per_row: i32) -> Rows {
    let (first, count) = market.occupied_rows(bins_per_row);
    let (mut long_usd, mut short_usd) = (vec![0.0; count], vec![0.0; count]);
    market.column(bins_per_row, first, &mut long_usd, &mut short_usd);
    (first, [long_usd, short_usd])
}

/// Dollars of a side in a row.
fn cell((first, sides): &Rows, side: usize, row: i32) -> i64 {
    let index = usize::try_from(row - first).ok();
    let usd = index.and_then(|index| sides[side].get(index)).copied().unwrap_or(0.0);
    whole(f64::from(usd))
}

#[allow(clippy::cast_possible_truncation)] // far below the largest
fn whole(usd: f64) -> i64 {
    usd.round_ties_even() as i64
}

pub(crate) fn draw(
    market: &mut Market,
    events: impl IntoIterator<Item = Event>,
    options: &HeatmapOptions,
) -> Shown {
    let HeatmapOptions { from, to, step, bins_per_row, margin_pct } = *options;
    let mut events = events.into_iter().peekable();
    let mut taken = Vec::new();
    let mut start = from.floor(step);
    while start < to {
        let end = to.min(start + step);
        while let Some(event) = events.next_if(|event| event.known_ts <= end) {
            market.step(&event);
        }
        market.advance(end);
        taken.push((start, end, market.period(start, end), all_rows(market, bins_per_row)));
        start = end;
    }
    let last = market.price().unwrap().last;
    let periods: Vec<_> = taken.iter().filter_map(|(_, _, period, _)| *period).collect();
    let low = periods.iter().map(|period| period.ohlc[2]).fold(last, f64::min);
    let high = periods.iter().map(|period| period.ohlc[1]).fold(last, f64::max);
    let grid = market.model().grid;
    let row = |price: f64| grid.bin(price).div_euclid(bins_per_row);
    let rows = row(low * (1.0 - margin_pct / 100.0))..=row(high * (1.0 + margin_pct / 100.0));
    let decimals = Price::from_f64(last).map_or(2, Instrument::price_decimals);
    let text = |price: f64| PriceText::new(price, decimals);
    let columns: Vec<Column> = taken
        .iter()
        .map(|(start, end, period, cells)| Column {
            start: start.to_string(),
            end: end.to_string(),
            status: match period {
                None => ColumnStatus::Gap,
                Some(_) if *end - *start < step => ColumnStatus::Forming,
                Some(_) => ColumnStatus::Closed,
            },
            ohlc: period.map(|period| period.ohlc.map(text)),
            long_usd: rows.clone().map(|row| cell(cells, 0, row)).collect(),
            short_usd: rows.clone().map(|row| cell(cells, 1, row)).collect(),
            reported_usd: period.map_or([0; 2], |period| period.liquidated_usd.map(whole)),
        })
        .collect();
    let mut held: Vec<i64> = columns
        .iter()
        .flat_map(|column| column.long_usd.iter().zip(&column.short_usd).map(|(long, short)| long + short))
        .filter(|usd| *usd > 0)
        .collect();
    held.sort_unstable();
    let quantile = |per_cent: usize| held.get(held.len() * per_cent / 100).copied().unwrap_or(0);
    let (first, end) = (*rows.start(), *rows.end() + 1);
    Shown {
        step_s: step.nanos() / Span::SECOND.nanos(),
        rows: HeatRows {
            width_bp: f64::from(bins_per_row) * grid.width() * 10_000.0,
            first: i64::from(first),
            count: usize::try_from(end - first).unwrap(),
            edges: (first..=end).map(|row| text(grid.price(f64::from(row * bins_per_row)))).collect(),
        },
        columns,
        scale: HeatScale { p50_usd: quantile(50), p90_usd: quantile(90), p99_usd: quantile(99) },
    }
}
