//! Symbols: `BTC`, `BTC/USDT:USDT`, `binance:BTC/USDT:USDT`, `binance:BTCUSDT`, `BTCUSDT`.
//!
//! ASCII letters match in either case; letters of other scripts must match exactly. A name that fits
//! several markets is never resolved by a guess.

use liqlens_market::{Instrument, Venue};

use crate::failure::{Failure, Kind, quoted};

/// A symbol as asked, checked for form but not yet matched with the markets in the data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SymbolQuery {
    typed: String,
    venue: Option<Venue>,
    name: String,
}

/// A market that a symbol means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its place among the markets.
    pub index: usize,
    /// The symbol in its canonical spelling.
    pub name: String,
    /// Whether the coin was named and not one of its markets.
    pub whole_coin: bool,
}

/// Longest symbol that is looked at, bytes.
pub const LONGEST: usize = 128;

impl SymbolQuery {
    /// Checks the form of a symbol.
    pub fn parse(typed: &str) -> Result<Self, Failure> {
        let why = if typed.is_empty() {
            Some("It is empty.")
        } else if typed.len() > LONGEST {
            Some("It is longer than any symbol.")
        } else if !typed.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '/' | ':')) {
            Some("It has a character other than letters, digits and `_ - / :`.")
        } else {
            None
        };
        if let Some(why) = why {
            return Err(Failure::usage(
                "symbol-not-understood",
                format!("The symbol {} was not understood.", quoted(typed)),
                why,
                "Write it like BTC, BTC/USDT:USDT or binance:BTCUSDT.",
            ));
        }
        // The colon of `BTC/USDT:USDT` follows a slash; that of a venue does not.
        let (venue, name) = match typed.split_once(':') {
            Some((before, name)) if !before.contains('/') => {
                let venue = Venue::ALL.into_iter().find(|venue| venue.id().eq_ignore_ascii_case(before));
                let Some(venue) = venue else {
                    return Err(unknown_venue(
                        typed,
                        before,
                        "Name the market by its coin alone to see what the data hold.",
                    ));
                };
                (Some(venue), name)
            }
            _ => (None, typed),
        };
        Ok(Self { typed: typed.to_owned(), venue, name: name.to_owned() })
    }

    /// The venue, where one was named.
    pub const fn venue(&self) -> Option<Venue> {
        self.venue
    }

    /// The one market that is meant.
    pub fn find(&self, markets: &[Instrument]) -> Result<Found, Failure> {
        let index = self.index(markets)?;
        let market = &markets[index];
        let named = |name: &str| name.eq_ignore_ascii_case(&self.name);
        let bare = self.venue.is_none();
        Ok(if bare && named(&market.base) {
            Found { index, name: market.base.clone(), whole_coin: true }
        } else if bare && named(&market.unified()) {
            Found { index, name: market.unified(), whole_coin: false }
        } else {
            Found { index, name: market.market.to_string(), whole_coin: false }
        })
    }

    fn index(&self, markets: &[Instrument]) -> Result<usize, Failure> {
        let on_venue = |market: &Instrument| self.venue.is_none_or(|venue| market.market.venue == venue);
        let named = |name: &str| name.eq_ignore_ascii_case(&self.name);
        // With its venue a native symbol is a full name; `hyperliquid:BTC` means that market and not
        // every market on the coin.
        if self.venue.is_some()
            && let Some(at) = markets.iter().position(|m| on_venue(m) && named(m.market.symbol.as_str()))
        {
            return Ok(at);
        }
        let matches: Vec<usize> = markets
            .iter()
            .enumerate()
            .filter(|(_, m)| {
                on_venue(m) && (named(m.market.symbol.as_str()) || named(&m.unified()) || named(&m.base))
            })
            .map(|(at, _)| at)
            .collect();
        match matches[..] {
            [only] => Ok(only),
            [] => Err(self.unknown(markets)),
            _ => Err(self.ambiguous(markets, &matches)),
        }
    }

    fn ambiguous(&self, markets: &[Instrument], matches: &[usize]) -> Failure {
        let mut names: Vec<String> = matches.iter().map(|at| markets[*at].market.to_string()).collect();
        names.sort();
        Failure::usage(
            "symbol-ambiguous",
            format!("{} fits {} markets in the data.", quoted(&self.typed), names.len()),
            format!("They are {}, and markets are not added up yet.", names.join(", ")),
            format!("Name one, for example {}.", names.first().map_or("", String::as_str)),
        )
        .detail("candidates", names)
    }

    fn unknown(&self, markets: &[Instrument]) -> Failure {
        let mut names: Vec<String> = markets.iter().map(|m| m.market.to_string()).collect();
        names.sort();
        let why = if names.is_empty() {
            "The data hold no market at all.".to_owned()
        } else {
            let listed = names.iter().take(12).cloned().collect::<Vec<_>>().join(", ");
            let more = names.len().saturating_sub(12);
            if more > 0 {
                format!("The data hold {listed} and {more} more.")
            } else {
                format!("The data hold {listed}.")
            }
        };
        let hint = match self.nearest(markets) {
            Some(nearest) => format!("Did you mean {nearest}?"),
            None => "Import data of that market with `liqlens import FILE --data DIR`.".to_owned(),
        };
        Failure::new(
            Kind::NoData,
            "symbol-unknown",
            format!("There is no market {} in the data.", quoted(&self.typed)),
            why,
            hint,
        )
        .detail("markets", names)
    }

    /// The closest name of any market, if it is close enough to be a slip of the finger.
    fn nearest(&self, markets: &[Instrument]) -> Option<String> {
        let asked = self.name.to_ascii_uppercase();
        markets
            .iter()
            .flat_map(|m| {
                [m.base.clone(), m.market.symbol.to_string(), m.unified()]
                    .map(|name| (name, m.market.to_string()))
            })
            .map(|(name, market)| {
                (strsim::damerau_levenshtein(&asked, &name.to_ascii_uppercase()), name, market)
            })
            .filter(|(distance, name, _)| *distance <= 2 && *distance < name.chars().count())
            .min()
            .map(|(_, _, market)| market)
    }
}

/// No such venue; `otherwise` is what to do if the name is not near any.
pub fn unknown_venue(typed: &str, venue: &str, otherwise: &str) -> Failure {
    let known: Vec<&str> = Venue::ALL.iter().map(|venue| venue.id()).collect();
    let lower = venue.to_ascii_lowercase();
    let nearest = known
        .iter()
        .map(|known| (strsim::damerau_levenshtein(&lower, known), *known))
        .filter(|(distance, known)| *distance <= 3 && distance * 2 < known.len())
        .min();
    let hint = match nearest {
        Some((_, nearest)) => format!("Did you mean {nearest}?"),
        None => otherwise.to_owned(),
    };
    Failure::new(
        Kind::NoData,
        "venue-unknown",
        if venue == typed {
            format!("There is no venue {}.", quoted(venue))
        } else {
            format!("There is no venue {} (in {}).", quoted(venue), quoted(typed))
        },
        format!("Known venues are {}.", known.join(", ")),
        hint,
    )
    .detail("venues", known)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn markets(names: &[&str]) -> Vec<Instrument> {
        names.iter().map(|name| Instrument::from_market(name.parse().unwrap()).unwrap()).collect()
    }

    fn find(typed: &str, names: &[&str]) -> Result<usize, Failure> {
        Ok(SymbolQuery::parse(typed)?.find(&markets(names))?.index)
    }

    #[test]
    fn one_market_answers_to_all_of_its_names() {
        let names = ["binance:ETHUSDT", "binance:BTCUSDT"];
        for typed in [
            "BTC",
            "btc",
            "BTC/USDT:USDT",
            "btc/usdt:usdt",
            "binance:BTC/USDT:USDT",
            "Binance:btcusdt",
            "BTCUSDT",
            "binance:BTC",
        ] {
            assert_eq!(find(typed, &names), Ok(1), "{typed}");
        }
    }

    #[test]
    fn the_canonical_name_keeps_what_was_meant() {
        let names = ["binance:BTCUSDT"];
        for (typed, name, whole_coin) in [
            ("btc", "BTC", true),
            ("btc/usdt:usdt", "BTC/USDT:USDT", false),
            ("btcusdt", "binance:BTCUSDT", false),
            ("BINANCE:btc", "binance:BTCUSDT", false),
        ] {
            let found = SymbolQuery::parse(typed).unwrap().find(&markets(&names)).unwrap();
            assert_eq!((found.name.as_str(), found.whole_coin), (name, whole_coin), "{typed}");
        }
    }

    #[test]
    fn a_coin_on_several_markets_is_not_guessed() {
        let names = ["hyperliquid:BTC", "binance:BTCUSDT", "binance-coinm:BTCUSD_PERP"];
        let failure = find("BTC", &names).unwrap_err();
        assert_eq!(failure.kind, Kind::Usage);
        assert!(failure.why.contains("binance-coinm:BTCUSD_PERP, binance:BTCUSDT, hyperliquid:BTC"));
        // With its venue the native name is a full name.
        assert_eq!(find("hyperliquid:BTC", &names), Ok(0));
        assert_eq!(find("btcusd_perp", &names), Ok(2));
        assert_eq!(find("BTC/USD:BTC", &names), Ok(2));
    }

    #[test]
    fn unknown_names_are_answered_with_what_is_there() {
        let names = ["binance:BTCUSDT"];
        let failure = find("BTX", &names).unwrap_err();
        assert_eq!((failure.kind, failure.hint.as_str()), (Kind::NoData, "Did you mean binance:BTCUSDT?"));
        assert_eq!(find("BTCUSTD", &names).unwrap_err().hint, "Did you mean binance:BTCUSDT?");
        let failure = find("DOGE", &names).unwrap_err();
        assert!(failure.why.contains("binance:BTCUSDT") && failure.hint.contains("import"));
        assert_eq!(find("binanse:BTCUSDT", &names).unwrap_err().hint, "Did you mean binance?");
        assert_eq!(find("BTC", &[]).unwrap_err().why, "The data hold no market at all.");
    }

    #[test]
    fn other_scripts_match_exactly_and_dangerous_text_is_refused() {
        let names = ["binance:币安人生USDT"];
        assert_eq!(find("币安人生", &names), Ok(0));
        assert_eq!(find("币安人生usdt", &names), Ok(0));
        for typed in [
            "",
            "<script>",
            "../../etc",
            "=HYPERLINK(1)",
            "BTC\u{202e}",
            "B\u{200b}TC",
            "BTC\0",
            "A\nB",
            "🚀",
            &"A".repeat(10_000),
        ] {
            let failure = SymbolQuery::parse(typed).unwrap_err();
            assert_eq!((failure.kind, failure.code), (Kind::Usage, "symbol-not-understood"), "{typed:?}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(typed in ".{0,140}") {
            let _ = find(&typed, &["binance:BTCUSDT", "hyperliquid:BTC"]);
        }

        #[test]
        fn symbol_like_text_does_not_panic(typed in "[A-Za-z0-9:/_币é-]{0,20}") {
            let _ = find(&typed, &["binance:BTCUSDT", "hyperliquid:BTC"]);
        }
    }
}
