//! What can be asked, and what the data of each venue mean: the rows of `symbols/1` and `venues/1`.

use liqlens_market::{Contract, Instrument, Price, Timestamp, Venue};

use crate::document::{
    CompletenessName, ContractName, EvidenceName, LiquidationConvention, LiquidationKind,
    OpenInterestConvention, SymbolFacts, Symbols, TapeRow, VenueFacts, Venues,
};

/// The markets that can be asked, in the order given.
pub fn symbols(symbols: Vec<SymbolFacts>) -> Symbols {
    Symbols { schema: Symbols::SCHEMA.to_owned(), symbols }
}

/// One market: the shortest name that means it, its rules, its last price and the two ends of its data, as far as
/// they are known, and where its positions can come from.
pub fn symbol_facts(
    symbol: &str,
    instrument: &Instrument,
    last_price: Option<Price>,
    data: Option<(Timestamp, Timestamp)>,
    evidence: &[EvidenceName],
) -> SymbolFacts {
    let venue = instrument.market.venue;
    SymbolFacts {
        symbol: symbol.to_owned(),
        market: instrument.market.to_string(),
        venue: venue.id().to_owned(),
        venue_title: venue.title().to_owned(),
        title: format!("{} {}", venue.title(), instrument.market.symbol),
        base: instrument.base.clone(),
        quote: instrument.quote.clone(),
        contract: match instrument.contract {
            Contract::Linear => ContractName::Linear,
            Contract::Inverse { .. } => ContractName::Inverse,
        },
        // As in the documents of a market without a price.
        price_decimals: last_price.map_or(2, Instrument::price_decimals),
        first: data.map(|(first, _)| first.to_string()),
        newest: data.map(|(_, newest)| newest.to_string()),
        evidence: evidence.to_vec(),
    }
}

/// What each venue's data mean: one row a venue of the markets, in a fixed order. `liquidations` tells what reports
/// of a venue are, see [`liquidation_convention`].
pub fn venues(
    instruments: &[Instrument],
    liquidations: impl Fn(Venue) -> Option<LiquidationConvention>,
) -> Venues {
    let of = |venue: Venue| instruments.iter().filter(move |instrument| instrument.market.venue == venue);
    let facts = |venue: Venue| VenueFacts {
        venue: venue.id().to_owned(),
        title: venue.title().to_owned(),
        open_interest: open_interest_convention(of(venue)),
        liquidations: liquidations(venue),
        margin_tables: margin_tables(venue),
        markets: of(venue).map(|instrument| instrument.market.to_string()).collect(),
    };
    let with_data = Venue::ALL.into_iter().filter(|venue| of(*venue).next().is_some());
    Venues { schema: Venues::SCHEMA.to_owned(), venues: with_data.map(facts).collect() }
}

/// Open interest is one-sided in every event ([`liqlens_market::OpenInterest`]); units follow the contract.
fn open_interest_convention<'a>(instruments: impl Iterator<Item = &'a Instrument>) -> OpenInterestConvention {
    let (mut linear, mut inverse) = (false, false);
    for instrument in instruments {
        match instrument.contract {
            Contract::Linear => linear = true,
            Contract::Inverse { .. } => inverse = true,
        }
    }
    let unit = match (linear, inverse) {
        (true, true) => "base coin of linear contracts, in contracts of inverse ones",
        (false, true) => "contracts",
        _ => "base coin",
    };
    OpenInterestConvention { sides: 1, words: format!("one-sided (longs = shorts = this), in {unit}") }
}

/// Days on which a schedule of a venue was recorded.
fn margin_tables(venue: Venue) -> Vec<String> {
    let tables = liqlens_margin::all_tables().iter().filter(|table| table.market.venue == venue);
    let mut days: Vec<String> = tables.map(|table| table.recorded.to_owned()).collect();
    days.sort_unstable();
    days.dedup();
    days
}

/// What reports are, from some of them: a floor if any is; `None` without a report.
pub fn liquidation_convention(reports: &[TapeRow]) -> Option<LiquidationConvention> {
    let sums = reports.iter().any(|row| row.period_s.is_some());
    let orders = reports.iter().any(|row| row.period_s.is_none());
    let kind = match (orders, sums) {
        (false, false) => return None,
        (true, false) => LiquidationKind::Orders,
        (false, true) => LiquidationKind::Sums,
        (true, true) => LiquidationKind::Mixed,
    };
    let floor = reports.iter().any(|row| row.completeness == CompletenessName::Floor);
    let what = match kind {
        LiquidationKind::Orders => "single orders",
        LiquidationKind::Sums => "sums of periods",
        LiquidationKind::Mixed => "single orders and sums of periods",
    };
    let (completeness, how_many) = if floor {
        (CompletenessName::Floor, "not every liquidation is reported, so sums are lower bounds")
    } else {
        (CompletenessName::Full, "every liquidation is reported")
    };
    Some(LiquidationConvention { kind, completeness, words: format!("{what}; {how_many}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instrument(market: &str) -> Instrument {
        Instrument::from_market(market.parse().unwrap()).unwrap()
    }

    fn report(period_s: Option<f64>, completeness: CompletenessName) -> TapeRow {
        TapeRow {
            ts: String::new(),
            known: String::new(),
            period_s,
            side: crate::document::SideName::Long,
            size: 1.0,
            price: None,
            valued_at: None,
            usd: None,
            completeness,
        }
    }

    #[test]
    fn venues_come_once_with_their_markets() {
        let instruments =
            ["okx:BTC-USD-SWAP", "binance:BTCUSDT", "okx:BTC-USDT-SWAP", "binance:ETHUSDT"].map(instrument);
        let feed = liquidation_convention(&[report(Some(60.0), CompletenessName::Floor)]);
        let document = venues(&instruments, |venue| feed.clone().filter(|_| venue == Venue::BinanceUsdm));
        let [binance, okx] = &document.venues[..] else { panic!("two venues") };
        assert_eq!(binance.markets, ["binance:BTCUSDT", "binance:ETHUSDT"]);
        assert_eq!(binance.open_interest.words, "one-sided (longs = shorts = this), in base coin");
        assert!(okx.open_interest.words.contains("contracts of inverse ones"));
        assert_eq!(okx.liquidations, None);
        // The files of data/margin_tables.
        let recorded = ["2020-01-01", "2021-03-18", "2021-06-22", "2026-09-29"];
        assert_eq!(
            (&binance.margin_tables[..], &okx.margin_tables[..]),
            (&recorded.map(str::to_owned)[..], &["2026-05-28".to_owned()][..])
        );
    }

    #[test]
    fn one_report_of_a_sample_makes_sums_a_floor() {
        let (full, floor) = (CompletenessName::Full, CompletenessName::Floor);
        let kinds = |reports: &[TapeRow]| liquidation_convention(reports).map(|c| (c.kind, c.completeness));
        assert_eq!(kinds(&[]), None);
        assert_eq!(kinds(&[report(None, full)]), Some((LiquidationKind::Orders, full)));
        let both = [report(None, full), report(Some(60.0), floor)];
        assert_eq!(kinds(&both), Some((LiquidationKind::Mixed, floor)));
    }

    #[test]
    fn a_market_is_named_with_its_rules() {
        let price = Price::parse(b"0.1234").ok();
        let facts =
            symbol_facts("DOGE", &instrument("binance:DOGEUSDT"), price, None, &[EvidenceName::Modelled]);
        assert_eq!((facts.base.as_str(), facts.title.as_str()), ("DOGE", "Binance DOGEUSDT"));
        assert_eq!((facts.price_decimals, facts.contract, facts.first), (6, ContractName::Linear, None));
        assert_eq!(symbols(Vec::new()).schema, "symbols/1");
    }
}
