//! The maintenance schedules that ship with the program, each with the day it was recorded.
//!
//! They live in `data/margin_tables`, one file a venue and recording, with their sources.

use std::borrow::Cow;
use std::sync::{Arc, LazyLock};

use liqlens_market::{
    MarginTable, MarginTableError, MarginTier, MarketId, Symbol, TierRule, Timestamp, Venue,
};
use serde::Deserialize;

/// A schedule and where it comes from.
#[derive(Debug, Clone, PartialEq)]
pub struct DatedTable {
    /// The market it is for.
    pub market: MarketId,
    /// Day it was recorded, `2026-09-29`.
    pub recorded: &'static str,
    /// Where it was published.
    pub source: Arc<str>,
    /// What else has to be known about it; may be empty.
    pub note: Arc<str>,
    /// Whether the ladder is known to its end. If not, larger positions meet tiers that are not here.
    pub complete: bool,
    /// The schedule.
    pub table: MarginTable,
}

impl DatedTable {
    /// Largest value, in the unit of the tier bounds, for which the schedule is known: infinite for a
    /// complete one, whose last tier keeps applying to what grows beyond it.
    pub fn known_to(&self) -> f64 {
        match self.table.tiers().last() {
            Some(last) if !self.complete => last.cap,
            _ => f64::INFINITY,
        }
    }
}

/// There is no schedule for a market: an error, never a silent default.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no margin table for {market} on {date}; shipped are {known}")]
pub struct MissingTable {
    /// The market asked for.
    pub market: MarketId,
    /// The day asked for.
    pub date: String,
    /// Which markets of the venue have one, in words.
    pub known: String,
}

/// The shipped files.
macro_rules! shipped {
    ($($name:literal),* $(,)?) => {
        [$(include_str!(concat!("../../../data/margin_tables/", $name))),*]
    };
}

static FILES: [&str; 22] = shipped![
    "binance_2020-01-01.json",
    "binance_2021-03-18.json",
    "binance_2021-06-22.json",
    "binance_2026-09-29.json",
    "binance-coinm_2020-06-11.json",
    "bitget_2026-09-25.json",
    "bitmex_2024-11-24.json",
    "bybit_2024-12-25.json",
    "bybit_2025-12-29.json",
    "bybit_2026-09-25.json",
    "deribit_2025-12-01.json",
    "dydx_2025-12-08.json",
    "gate_2023-05-24.json",
    "gate_2026-09-25.json",
    "hyperliquid_2023-03-27.json",
    "hyperliquid_2024-10-01.json",
    "hyperliquid_2026-03-31.json",
    "kraken_2022-06-28.json",
    "kraken_2025-07-01.json",
    "kraken_2026-09-25.json",
    "lighter_2026-05-05.json",
    "okx_2026-05-28.json",
];

/// All schedules, sorted by market, then by day.
static TABLES: LazyLock<Vec<DatedTable>> = LazyLock::new(|| {
    // The files are part of the program; `shipped_tables_are_consistent` proves that each one loads.
    let mut tables: Vec<_> = FILES.iter().filter_map(|text| parse(text).ok()).flatten().collect();
    tables.sort_by(|a, b| (&a.market, a.recorded).cmp(&(&b.market, b.recorded)));
    tables
});

/// Every shipped schedule, by market, then by day.
pub fn all_tables() -> &'static [DatedTable] {
    &TABLES
}

/// The shipped schedules of a market, oldest first.
pub fn tables(market: &MarketId) -> &'static [DatedTable] {
    let start = TABLES.partition_point(|table| table.market < *market);
    let end = TABLES.partition_point(|table| table.market <= *market);
    &TABLES[start..end]
}

/// The schedule of a market for a day: the one recorded nearest to it, the earlier of two equally near.
///
/// Venues change schedules without notice and recordings are rare, so the recording can lie years before
/// the day or after it; [`DatedTable::recorded`] says so, and documents print it.
pub fn table(market: &MarketId, at: Timestamp) -> Result<&'static DatedTable, MissingTable> {
    let distance = |dated: &DatedTable| {
        Timestamp::parse_text(dated.recorded).map_or(i64::MAX, |day| (day - at).nanos().saturating_abs())
    };
    tables(market).iter().min_by_key(|dated| distance(dated)).ok_or_else(|| MissingTable {
        market: market.clone(),
        date: at.date(),
        known: known(market.venue),
    })
}

/// `907 of binance (BTCUSDT, ETHUSDT, SOLUSDT, …)`.
fn known(venue: Venue) -> String {
    let mut symbols: Vec<&Symbol> =
        TABLES.iter().map(|t| &t.market).filter(|m| m.venue == venue).map(|m| &m.symbol).collect();
    symbols.dedup();
    if symbols.is_empty() {
        return format!("none of {venue}");
    }
    let count = symbols.len();
    // The majors first, since they are what a reader knows the naming scheme by.
    let rank = |symbol: &Symbol| {
        let text = symbol.as_str();
        ["BTC", "XBT", "ETH", "SOL"].iter().position(|coin| text.contains(coin)).unwrap_or(9)
    };
    symbols.sort_by_key(|symbol| (rank(symbol), symbol.as_str().len()));
    let shown: Vec<&str> = symbols.iter().take(4).map(|symbol| symbol.as_str()).collect();
    let more = if count > shown.len() { ", …" } else { "" };
    format!("{count} of {venue} ({}{more})", shown.join(", "))
}

#[derive(Debug, Deserialize)]
struct TableFile<'a> {
    venue: &'a str,
    recorded: &'a str,
    #[serde(borrow)]
    source: Cow<'a, str>,
    #[serde(default, borrow)]
    note: Cow<'a, str>,
    #[serde(borrow)]
    schedules: Vec<Schedule<'a>>,
}

#[derive(Debug, Deserialize)]
struct Schedule<'a> {
    #[serde(borrow)]
    symbols: Vec<&'a str>,
    rule: &'a str,
    complete: bool,
    #[serde(default)]
    per_base: f64,
    /// Floor, cap (null = open), rate, amount, largest leverage.
    tiers: Vec<(f64, Option<f64>, f64, f64, f64)>,
}

#[derive(Debug, thiserror::Error)]
enum TableFileError {
    #[error("not a margin table file: {0}")]
    Json(#[from] serde_json::Error),
    #[error("unknown venue {0}")]
    Venue(String),
    #[error("unknown rule {0}")]
    Rule(String),
    #[error("{symbol}: {error}")]
    Symbol { symbol: String, error: liqlens_market::SymbolError },
    #[error("{symbol}: {error}")]
    Table { symbol: String, error: MarginTableError },
    #[error("{symbol}: the ladder goes on, but its last cap is open")]
    OpenEnd { symbol: String },
}

fn parse(text: &'static str) -> Result<Vec<DatedTable>, TableFileError> {
    let file: TableFile<'static> = serde_json::from_str(text)?;
    let venue = Venue::ALL
        .into_iter()
        .find(|v| v.id() == file.venue)
        .ok_or_else(|| TableFileError::Venue(file.venue.to_owned()))?;
    let (source, note): (Arc<str>, Arc<str>) = (file.source.into(), file.note.into());
    let mut tables = Vec::new();
    for schedule in &file.schedules {
        let table = schedule.table()?;
        for symbol in &schedule.symbols {
            let symbol = Symbol::new(symbol)
                .map_err(|error| TableFileError::Symbol { symbol: (*symbol).to_owned(), error })?;
            tables.push(DatedTable {
                market: MarketId { venue, symbol },
                recorded: file.recorded,
                source: Arc::clone(&source),
                note: Arc::clone(&note),
                complete: schedule.complete,
                table: table.clone(),
            });
        }
    }
    Ok(tables)
}

impl Schedule<'_> {
    fn table(&self) -> Result<MarginTable, TableFileError> {
        let symbol = || self.symbols.first().map_or_else(String::new, |symbol| (*symbol).to_owned());
        let rule = match self.rule {
            "continuous" => TierRule::Continuous,
            "whole-by-notional" => TierRule::WholeByNotional,
            "whole-by-size" => TierRule::WholeBySize,
            "ramp" => TierRule::Ramp { per_base: self.per_base },
            other => return Err(TableFileError::Rule(other.to_owned())),
        };
        if !self.complete && self.tiers.last().is_none_or(|last| last.1.is_none()) {
            return Err(TableFileError::OpenEnd { symbol: symbol() });
        }
        let tiers = self
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
        MarginTable::with_rule(rule, tiers).map_err(|error| TableFileError::Table { symbol: symbol(), error })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(market: &str, date: &str) -> &'static DatedTable {
        table(&market.parse().unwrap(), Timestamp::parse_text(date).unwrap()).unwrap()
    }

    #[test]
    fn shipped_tables_are_consistent() {
        for text in FILES {
            for dated in parse(text).unwrap() {
                assert!(Timestamp::parse_text(dated.recorded).is_ok(), "{}", dated.recorded);
                assert!(!dated.source.is_empty());
            }
        }
        assert!(
            TABLES
                .windows(2)
                .all(|pair| (&pair[0].market, pair[0].recorded) != (&pair[1].market, pair[1].recorded))
        );
        // As many as the exchange listed on that day.
        assert_eq!(TABLES.iter().filter(|table| table.recorded == "2026-09-29").count(), 907);
    }

    #[test]
    fn the_nearest_recording_is_taken() {
        let first = found("binance:BTCUSDT", "2026-03-20").table.tiers()[0];
        assert_eq!((first.maintenance_rate, first.max_leverage, first.cap), (0.004, 150.0, 300_000.0));
        assert_eq!(found("binance:BTCUSDT", "2020-12-01").recorded, "2021-03-18");
        // Bitcoin was 50x on Hyperliquid until 2025 and is 40x since.
        assert_eq!(found("hyperliquid:BTC", "2024-10-20").table.base_rate(), 0.01);
        assert_eq!(found("hyperliquid:BTC", "2026-10-08").table.base_rate(), 0.0125);
    }

    #[test]
    fn a_missing_table_names_market_and_day() {
        let at = Timestamp::parse_text("2026-03-20").unwrap();
        let error = table(&"binance:NOSUCHUSDT".parse().unwrap(), at).unwrap_err().to_string();
        assert!(error.contains("binance:NOSUCHUSDT on 2026-03-20"), "{error}");
        assert!(error.contains("907 of binance (BTC"), "{error}");
        let error = table(&"htx:BTC-USDT".parse().unwrap(), at).unwrap_err().to_string();
        assert!(error.contains("none of htx"), "{error}");
    }

    #[test]
    fn a_ladder_seen_in_part_says_where_it_ends() {
        assert_eq!(found("bybit:BTCUSDT", "2026-10-01").known_to(), 2_000_000.0);
        assert_eq!(found("binance:BTCUSDT", "2026-10-01").known_to(), f64::INFINITY);
    }
}
