//! What can be asked: the markets in the data, under the shortest names that mean them, and what their venues'
//! data mean.

use std::collections::{BTreeMap, BTreeSet};

use liqlens_market::{Bar, BarSource, Event, EventBody, Instrument, Price, Span, Timestamp, Venue};
use liqlens_query as query;
use liqlens_query::document::{EvidenceName, SymbolFacts, Symbols, TapeRow, Venues};
use liqlens_query::series::TapeReader;
use liqlens_query::{liquidation_convention, symbol_facts};

use crate::failure::Failure;
use crate::opening::schedule;
use crate::request::SymbolQuery;
use crate::source::{Held, Source};

/// A market in the data.
#[derive(Debug, Clone)]
pub struct Listed {
    /// The market.
    pub instrument: Instrument,
    /// The shortest name that means it and no other.
    pub symbol: String,
    /// Whether the data hold events of its own: prices, open interest.
    pub own_events: bool,
    /// When public accounts were known to hold it.
    pub held: Option<Held>,
}

/// The markets in the data: those with events of their own in the order of the store, then those only accounts hold.
pub fn listed(source: &Source) -> Result<Vec<Listed>, Failure> {
    let own = source.markets()?;
    let held = source.held(None)?;
    let mut instruments = own.to_vec();
    for market in held.keys() {
        if !own.iter().any(|known| known.market == *market) {
            instruments.extend(Instrument::from_market(market.clone()).ok());
        }
    }
    let names = shortest_names(&instruments);
    let listed = instruments.into_iter().zip(names).enumerate().map(|(index, (instrument, symbol))| Listed {
        held: held.get(&instrument.market).copied(),
        own_events: index < own.len(),
        instrument,
        symbol,
    });
    Ok(listed.collect())
}

/// The shortest name of each market that is understood to mean it.
fn shortest_names(instruments: &[Instrument]) -> Vec<String> {
    // A market's names beside its full one, and how many markets answer to each.
    let names = |one: &Instrument| [one.base.clone(), one.unified()];
    let mut meant: BTreeMap<String, usize> = BTreeMap::new();
    for one in instruments {
        let own: BTreeSet<String> = names(one)
            .into_iter()
            .chain([one.market.symbol.as_str().to_owned()])
            .map(|name| name.to_ascii_lowercase())
            .collect();
        for name in own {
            *meant.entry(name).or_default() += 1;
        }
    }
    let only =
        |name: &String| meant.get(&name.to_ascii_lowercase()) == Some(&1) && SymbolQuery::parse(name).is_ok();
    instruments
        .iter()
        .map(|one| names(one).into_iter().find(only).unwrap_or_else(|| one.market.to_string()))
        .collect()
}

impl Listed {
    /// The market's line in `symbols/1`: what was known of it by a moment.
    fn facts(&self, source: &Source, known_by: Timestamp) -> Result<SymbolFacts, Failure> {
        let Self { instrument, symbol, own_events, held } = self;
        let market = &instrument.market;
        let (first, newest) = if *own_events {
            (source.first(market)?, source.newest(market)?)
        } else {
            (held.map(|held| held.first), held.map(|held| held.last))
        };
        let newest = first.filter(|first| *first <= known_by).and(newest).map(|newest| newest.min(known_by));
        let price = newest.map_or(Ok(None), |newest| last_price(source, instrument, newest))?;
        let mut evidence = Vec::new();
        if held.is_some() {
            evidence.push(EvidenceName::Measured);
        }
        let modelled = newest.is_some_and(|newest| *own_events && schedule(instrument, newest).is_ok());
        if modelled {
            evidence.push(EvidenceName::Modelled);
        }
        Ok(symbol_facts(symbol, instrument, price, first.zip(newest), &evidence))
    }
}

/// `symbols/1`: the markets that can be asked, or the one of a name, as they were known by a moment.
pub fn symbols(source: &Source, only: Option<&str>, known_by: Timestamp) -> Result<Symbols, Failure> {
    let mut listed = listed(source)?;
    if let Some(only) = only {
        let instruments: Vec<Instrument> = listed.iter().map(|one| one.instrument.clone()).collect();
        let found = SymbolQuery::parse(only)?.find(&instruments)?;
        listed = vec![listed.swap_remove(found.index)];
    }
    Ok(query::symbols(listed.iter().map(|one| one.facts(source, known_by)).collect::<Result<_, _>>()?))
}

/// `venues/1`: what each venue's data mean. What its reports are is told by the newest of them.
pub fn venues(source: &Source) -> Result<Venues, Failure> {
    let listed = listed(source)?;
    let mut reports: BTreeMap<Venue, Vec<TapeRow>> = BTreeMap::new();
    for one in listed.iter().filter(|one| one.own_events) {
        let venue = one.instrument.market.venue;
        reports.entry(venue).or_default().extend(newest_reports(source, &one.instrument)?);
    }
    let instruments: Vec<Instrument> = listed.into_iter().map(|one| one.instrument).collect();
    Ok(query::venues(&instruments, |venue| liquidation_convention(reports.get(&venue)?)))
}

/// Reports of the hour that ends with the newest one.
fn newest_reports(source: &Source, instrument: &Instrument) -> Result<Vec<TapeRow>, Failure> {
    let market = &instrument.market;
    let Some(newest) = source.newest_report(market)? else { return Ok(Vec::new()) };
    let mut reader = TapeReader::new(instrument);
    let events = source.events_between(market, newest - Span::HOUR, newest)?;
    Ok(events.filter_map(|event| reader.event(&event)).collect())
}

/// Stretches before the newest moment in which a last price is looked for, shortest first.
const LOOKED_BACK: [Span; 3] = [Span::MINUTE.times(5), Span::HOUR.times(2), Span::DAY.times(2)];

fn last_price(source: &Source, instrument: &Instrument, newest: Timestamp) -> Result<Option<Price>, Failure> {
    for back in LOOKED_BACK {
        let mut last = None;
        for event in source.events_between(&instrument.market, newest - back, newest)? {
            last = price_of(&event).or(last);
        }
        if last.is_some() {
            return Ok(last);
        }
    }
    Ok(None)
}

fn price_of(event: &Event) -> Option<Price> {
    match &event.body {
        EventBody::Trade(trade) => Some(trade.price),
        EventBody::Bar(Bar { source: BarSource::Trades | BarSource::Mark, close, .. }) => Some(*close),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use liqlens_query::document::{CompletenessName, ContractName, LiquidationKind};

    use super::*;

    fn names(markets: &[&str]) -> Vec<String> {
        let instruments: Vec<Instrument> =
            markets.iter().map(|name| Instrument::from_market(name.parse().unwrap()).unwrap()).collect();
        let names = shortest_names(&instruments);
        // Whatever is printed means the market when it is asked for.
        for (index, name) in names.iter().enumerate() {
            assert_eq!(SymbolQuery::parse(name).unwrap().find(&instruments).unwrap().index, index, "{name}");
        }
        names
    }

    #[test]
    fn the_shortest_name_means_one_market() {
        assert_eq!(names(&["binance:BTCUSDT", "binance:ETHUSDT"]), ["BTC", "ETH"]);
        assert_eq!(
            names(&["binance:BTCUSDT", "binance-coinm:BTCUSD_PERP"]),
            ["BTC/USDT:USDT", "BTC/USD:BTC"]
        );
        assert_eq!(names(&["binance:BTCUSDT", "bybit:BTCUSDT"]), ["binance:BTCUSDT", "bybit:BTCUSDT"]);
        // On Hyperliquid the native symbol is the coin.
        assert_eq!(names(&["hyperliquid:BTC", "binance:BTCUSDT"])[1], "BTC/USDT:USDT");
    }

    #[test]
    fn the_sample_lists_itself() {
        let source = Source::open(None).unwrap();
        let symbols = symbols(&source, None, Timestamp::LATEST).unwrap().symbols;
        assert_eq!(symbols.len(), 1);
        let btc = &symbols[0];
        assert_eq!((btc.symbol.as_str(), btc.market.as_str()), ("BTC", "binance:BTCUSDT"));
        assert_eq!(
            (btc.base.as_str(), btc.quote.as_str(), btc.contract),
            ("BTC", "USDT", ContractName::Linear)
        );
        assert_eq!(btc.evidence, [EvidenceName::Modelled]);
        // Prices near 70,000 are written to a tenth of a dollar.
        assert_eq!(btc.price_decimals, 1);
        assert!(
            btc.first.as_ref().unwrap().starts_with("2025-12-01")
                && btc.newest.as_ref().unwrap().starts_with("2026-03-20")
        );
        // While the past is played, nothing later shows.
        let then = Timestamp::parse_text("2026-01-04").unwrap();
        let played = super::symbols(&source, None, then).unwrap().symbols;
        assert_eq!(played[0].newest.as_deref(), Some("2026-01-04T00:00:00Z"));
        assert_eq!(
            super::symbols(&source, Some("ETH"), Timestamp::LATEST).unwrap_err().code,
            "symbol-unknown"
        );
    }

    #[test]
    fn the_sample_says_what_its_venue_reports() {
        let venues = venues(&Source::open(None).unwrap()).unwrap().venues;
        assert_eq!(venues.len(), 1);
        // As the files' description says: sums of minutes of a feed that shows at most one order a second.
        let convention = venues[0].liquidations.as_ref().unwrap();
        assert_eq!(
            (convention.kind, convention.completeness),
            (LiquidationKind::Sums, CompletenessName::Floor)
        );
        assert_eq!(
            (venues[0].open_interest.sides, venues[0].markets.as_slice()),
            (1, &["binance:BTCUSDT".to_owned()][..])
        );
        assert!(!venues[0].margin_tables.is_empty());
    }
}
