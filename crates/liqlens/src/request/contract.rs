//! A market named outside the data: `binance BTCUSDT`, `binance:BTCUSDT`, `okx:BTC-USDT-SWAP`.
//!
//! The commands that ask a venue's rules rather than a data directory know every market that a margin table
//! ships for, and, where the question brings its own terms, any symbol whose contract can be read off it.

use liqlens_ask::request::{LONGEST_SYMBOL, unknown_venue};
use liqlens_ask::{Failure, Kind, quoted};
use liqlens_margin::all_tables;
use liqlens_market::{Instrument, MarketId, Symbol, Timestamp, Venue};

/// Most candidates a message lists.
const LISTED: usize = 6;

/// What a market is named for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To see its margin table.
    Table,
    /// To compute a price with its margin table.
    Price,
    /// To compute a price with maintenance terms that came with the question.
    PriceWithOwnTerms,
}

/// Reads a venue's name.
pub(crate) fn venue(typed: &str) -> Result<Venue, Failure> {
    Venue::ALL
        .into_iter()
        .find(|venue| venue.id().eq_ignore_ascii_case(typed))
        .ok_or_else(|| unknown_venue(typed, typed, "`liqlens tiers` lists what is known of each."))
}

/// Takes `VENUE:SYMBOL` or `VENUE SYMBOL` off the front of some words: venue, symbol, the other words.
pub(crate) fn venue_and_symbol(words: &[String]) -> Result<(Venue, &str, &[String]), Failure> {
    let missing = || {
        Failure::usage(
            "market-missing",
            "No market was named.",
            "A market is a venue and the venue's own symbol.",
            "Write it like binance BTCUSDT or binance:BTCUSDT.",
        )
    };
    let (first, rest) = words.split_first().ok_or_else(missing)?;
    if let Some((before, symbol)) = first.split_once(':')
        && !before.contains('/')
    {
        return Ok((venue(before)?, symbol, rest));
    }
    let venue = venue(first)?;
    let (symbol, rest) = rest.split_first().ok_or_else(missing)?;
    Ok((venue, symbol, rest))
}

/// The contract that a venue's symbol means; without a margin table only to a question that needs none.
pub(crate) fn contract(
    venue: Venue,
    typed: &str,
    date: Timestamp,
    purpose: Purpose,
) -> Result<Instrument, Failure> {
    check(typed)?;
    let markets = known(venue);
    if let Some(found) = find(venue, typed, &markets)? {
        return Ok(found);
    }
    // Venues write their symbols in capitals; where they mix, the user has to.
    let small = !typed.contains(char::is_uppercase);
    let spelled = if small { typed.to_uppercase() } else { typed.to_owned() };
    let named = [spelled, typed.to_owned()].into_iter().find_map(|text| {
        let market = MarketId { venue, symbol: Symbol::new(&text).ok()? };
        Instrument::from_market(market).ok()
    });
    match named {
        Some(instrument) if purpose == Purpose::PriceWithOwnTerms => Ok(instrument),
        Some(instrument) => Err(no_table(&instrument.market, date, &markets, purpose)),
        None => Err(unknown(venue, typed, &markets)),
    }
}

fn check(typed: &str) -> Result<(), Failure> {
    let fits = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '/' | ':');
    if !typed.is_empty() && typed.len() <= LONGEST_SYMBOL && typed.chars().all(fits) {
        return Ok(());
    }
    Err(Failure::usage(
        "symbol-not-understood",
        format!("The symbol {} was not understood.", quoted(typed)),
        "It is letters, digits and `_ - / :`, as the venue writes it.",
        "Write it like BTCUSDT or BTC-USDT-SWAP.",
    ))
}

/// The markets of a venue that a table ships for.
fn known(venue: Venue) -> Vec<Instrument> {
    let mut markets: Vec<&MarketId> =
        all_tables().iter().map(|dated| &dated.market).filter(|market| market.venue == venue).collect();
    markets.dedup();
    markets.into_iter().filter_map(|market| Instrument::from_market(market.clone()).ok()).collect()
}

/// The venue's own spelling wins; a coin or a unified name must fit one market only.
fn find(venue: Venue, typed: &str, markets: &[Instrument]) -> Result<Option<Instrument>, Failure> {
    let native = |same: fn(&str, &str) -> bool| {
        markets.iter().find(move |market| same(market.market.symbol.as_str(), typed))
    };
    if let Some(market) = native(|a, b| a == b).or_else(|| native(str::eq_ignore_ascii_case)) {
        return Ok(Some(market.clone()));
    }
    let fitting: Vec<&Instrument> = markets
        .iter()
        .filter(|market| {
            market.base.eq_ignore_ascii_case(typed) || market.unified().eq_ignore_ascii_case(typed)
        })
        .collect();
    // A contract with a delivery date is meant only by its full name: `BTCUSDT_261225` is not `BTC/USDT`.
    let with_date = |market: &Instrument| {
        fitting.iter().any(|other| {
            let rest = market.market.symbol.as_str().strip_prefix(other.market.symbol.as_str());
            rest.is_some_and(|rest| rest.starts_with(['_', '-']))
        })
    };
    let fitting: Vec<&Instrument> = fitting.iter().copied().filter(|market| !with_date(market)).collect();
    match fitting[..] {
        [] => Ok(None),
        [only] => Ok(Some(only.clone())),
        _ => {
            let mut names: Vec<&str> = fitting.iter().map(|m| m.market.symbol.as_str()).collect();
            // The commonest quote currency first: it is the example, and most likely meant.
            names.sort_by_key(|name| (!name.contains("USDT"), name.len(), *name));
            Err(Failure::usage(
                "symbol-ambiguous",
                format!("{} fits {} symbols of {}.", quoted(typed), names.len(), venue.title()),
                format!("They are {}.", shortened(&names)),
                format!("Name one, for example {}:{}.", venue.id(), names.first().copied().unwrap_or("")),
            )
            .detail("candidates", names))
        }
    }
}

fn shortened(names: &[&str]) -> String {
    let more = names.len().saturating_sub(LISTED);
    let listed = names.iter().take(LISTED).copied().collect::<Vec<_>>().join(", ");
    if more == 0 { listed } else { format!("{listed} and {more} more") }
}

fn nearest(typed: &str, markets: &[Instrument]) -> Option<String> {
    let asked = typed.to_ascii_uppercase();
    markets
        .iter()
        .map(|market| market.market.symbol.as_str())
        .map(|name| (strsim::damerau_levenshtein(&asked, &name.to_ascii_uppercase()), name))
        .filter(|(distance, name)| *distance <= 2 && *distance < name.chars().count())
        .min()
        .map(|(_, name)| name.to_owned())
}

fn unknown(venue: Venue, typed: &str, markets: &[Instrument]) -> Failure {
    let hint = match nearest(typed, markets) {
        Some(nearest) => format!("Did you mean {}:{nearest}?", venue.id()),
        None => format!("See `liqlens tiers {}` for the symbols known.", venue.id()),
    };
    Failure::new(
        Kind::NoData,
        "symbol-unknown",
        format!("{} has no symbol {}.", venue.title(), quoted(typed)),
        "It is not written as the venue writes its symbols.",
        hint,
    )
}

/// No schedule ships for a market.
fn no_table(market: &MarketId, date: Timestamp, markets: &[Instrument], purpose: Purpose) -> Failure {
    let venue = market.venue;
    let names: Vec<&str> = markets.iter().map(|market| market.market.symbol.as_str()).collect();
    let why = match names.len() {
        0 => format!("None ships for {}.", venue.title()),
        count => format!("They ship for {count} symbols of {}: {}.", venue.title(), shortened(&names)),
    };
    let own = match purpose {
        Purpose::Table => "`liqlens tiers` lists what ships.",
        Purpose::Price | Purpose::PriceWithOwnTerms => {
            "With --rate, and --amount if your tier has one, a price needs no table."
        }
    };
    let hint = match nearest(market.symbol.as_str(), markets) {
        Some(nearest) => format!("Did you mean {}:{nearest}? {own}", venue.id()),
        None => own.to_owned(),
    };
    Failure::new(
        Kind::NoData,
        "margin-table-missing",
        format!("There is no margin table for {market} on {}.", date.date()),
        why,
        hint,
    )
    .detail("venue", venue.id())
    .detail("symbol", market.symbol.as_str())
    .detail("date", date.date())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn found(venue: Venue, typed: &str) -> Result<String, &'static str> {
        contract(venue, typed, Timestamp::LATEST, Purpose::Price)
            .map(|found| found.market.to_string())
            .map_err(|failure| failure.code)
    }

    #[test]
    fn a_market_answers_to_its_own_name_and_never_to_a_guess() {
        assert_eq!(found(Venue::BinanceUsdm, "btcusdt"), Ok("binance:BTCUSDT".to_owned()));
        assert_eq!(found(Venue::BinanceUsdm, "BTC/USDC:USDC"), Ok("binance:BTCUSDC".to_owned()));
        assert_eq!(found(Venue::BinanceUsdm, "BTC/USDT:USDT"), Ok("binance:BTCUSDT".to_owned()));
        assert_eq!(found(Venue::BinanceUsdm, "BTCUSDT_261225"), Ok("binance:BTCUSDT_261225".to_owned()));
        assert_eq!(found(Venue::BinanceUsdm, "BTC"), Err("symbol-ambiguous"));
        assert_eq!(found(Venue::Hyperliquid, "kpepe"), Ok("hyperliquid:kPEPE".to_owned()));
        assert_eq!(found(Venue::Okx, "BTC"), Ok("okx:BTC-USDT-SWAP".to_owned()));
        assert_eq!(found(Venue::Bybit, "DOGEUSDT"), Err("margin-table-missing"));
        assert_eq!(found(Venue::Okx, "BTCUSDT"), Err("symbol-unknown"));
        assert_eq!(found(Venue::Okx, "../etc"), Err("symbol-not-understood"));
        let htx = contract(Venue::Htx, "btc-usdt", Timestamp::LATEST, Purpose::PriceWithOwnTerms).unwrap();
        assert_eq!(htx.market.to_string(), "htx:BTC-USDT");
    }

    #[test]
    fn a_venue_and_its_symbol_may_be_one_word_or_two() {
        let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        for text in ["hyperliquid:xyz:TSLA long", "hyperliquid xyz:TSLA long", "Hyperliquid xyz:TSLA long"] {
            let words = words(text);
            let (venue, symbol, rest) = venue_and_symbol(&words).unwrap();
            assert_eq!((venue, symbol, rest), (Venue::Hyperliquid, "xyz:TSLA", &["long".to_owned()][..]));
        }
        assert_eq!(venue_and_symbol(&words("binanse BTCUSDT")).unwrap_err().hint, "Did you mean binance?");
        assert_eq!(venue_and_symbol(&words("binance")).unwrap_err().code, "market-missing");
    }

    proptest! {
        #[test]
        fn no_text_panics(typed in ".{0,140}") {
            for venue in [Venue::Hyperliquid, Venue::Kraken, Venue::Kucoin] {
                let _ = contract(venue, &typed, Timestamp::LATEST, Purpose::PriceWithOwnTerms);
            }
        }
    }
}
