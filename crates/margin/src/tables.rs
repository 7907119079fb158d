//! The maintenance schedules that ship with the program, each with the day it was recorded.

use std::sync::LazyLock;

use liqlens_market::{MarginTable, MarginTableError, MarginTier, MarketId, Symbol, Timestamp, Venue};
use serde::Deserialize;

/// A schedule and where it comes from.
#[derive(Debug, Clone, PartialEq)]
pub struct DatedTable {
    /// The market it is for.
    pub market: MarketId,
    /// Day it was recorded, `2026-09-29`.
    pub recorded: String,
    /// Where it was published.
    pub source: String,
    /// The schedule.
    pub table: MarginTable,
}

/// There is no schedule for a market: an error, never a silent default.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no margin table for {market} on {date}; shipped tables: {known}")]
pub struct MissingTable {
    /// The market asked for.
    pub market: MarketId,
    /// The day asked for.
    pub date: String,
    /// Markets that have one.
    pub known: String,
}

/// The shipped files, one venue and recording each.
const FILES: [&str; 2] = [
    include_str!("../../../data/margin_tables/binance_2026-09-29.json"),
    include_str!("../../../data/margin_tables/hyperliquid_2026-03-31.json"),
];

static TABLES: LazyLock<Vec<DatedTable>> = LazyLock::new(|| {
    // The files are part of the program; `shipped_tables_are_consistent` proves that each one loads.
    FILES.iter().filter_map(|text| parse(text).ok()).flatten().collect()
});

/// The schedule of a market for a day: the newest one recorded by then, else the earliest recorded after
/// it. One recording a market exists so far, so its date can be later than `at`; documents say so.
pub fn table(market: &MarketId, at: Timestamp) -> Result<&'static DatedTable, MissingTable> {
    let date = at.date();
    let mut candidates: Vec<_> = TABLES.iter().filter(|t| t.market == *market).collect();
    candidates.sort_by(|a, b| a.recorded.cmp(&b.recorded));
    let by_then = candidates.iter().rfind(|t| t.recorded <= date);
    by_then.or(candidates.first()).copied().ok_or_else(|| MissingTable {
        market: market.clone(),
        date,
        known: TABLES.iter().map(|t| t.market.to_string()).collect::<Vec<_>>().join(", "),
    })
}

#[derive(Debug, Deserialize)]
struct TableFile {
    venue: String,
    recorded: String,
    source: String,
    tables: Vec<SymbolTable>,
}

#[derive(Debug, Deserialize)]
struct SymbolTable {
    symbol: String,
    /// Floor, cap (null = open), rate, amount, largest leverage.
    tiers: Vec<(f64, Option<f64>, f64, f64, f64)>,
}

#[derive(Debug, thiserror::Error)]
enum TableFileError {
    #[error("not a margin table file: {0}")]
    Json(#[from] serde_json::Error),
    #[error("unknown venue {0}")]
    Venue(String),
    #[error("{0}")]
    Symbol(#[from] liqlens_market::SymbolError),
    #[error("{symbol}: {error}")]
    Table { symbol: String, error: MarginTableError },
}

fn parse(text: &str) -> Result<Vec<DatedTable>, TableFileError> {
    let file: TableFile = serde_json::from_str(text)?;
    let venue =
        Venue::ALL.into_iter().find(|v| v.id() == file.venue).ok_or(TableFileError::Venue(file.venue))?;
    file.tables
        .into_iter()
        .map(|entry| {
            let tiers = entry
                .tiers
                .iter()
                .map(|&(floor, cap, maintenance_rate, maintenance_amount, max_leverage)| MarginTier {
                    floor,
                    cap: cap.unwrap_or(f64::INFINITY),
                    maintenance_rate,
                    maintenance_amount,
                    max_leverage,
                })
                .collect();
            let table = MarginTable::new(tiers)
                .map_err(|error| TableFileError::Table { symbol: entry.symbol.clone(), error })?;
            Ok(DatedTable {
                market: MarketId { venue, symbol: Symbol::new(&entry.symbol)? },
                recorded: file.recorded.clone(),
                source: file.source.clone(),
                table,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shipped_tables_are_consistent() {
        for text in FILES {
            parse(text).unwrap();
        }
    }

    #[test]
    fn btcusdt_starts_at_the_published_rate() {
        let at = Timestamp::parse_text("2026-03-20").unwrap();
        let dated = table(&"binance:BTCUSDT".parse().unwrap(), at).unwrap();
        let first = dated.table.tiers()[0];
        assert_eq!((first.maintenance_rate, first.max_leverage, first.cap), (0.004, 150.0, 300_000.0));
    }

    #[test]
    fn a_missing_table_names_market_and_day() {
        let at = Timestamp::parse_text("2026-03-20").unwrap();
        let error = table(&"binance:NOSUCHUSDT".parse().unwrap(), at).unwrap_err().to_string();
        assert!(error.contains("binance:NOSUCHUSDT on 2026-03-20"), "{error}");
    }
}
