//! Figures of a position: side, prices, sizes, leverage, margins, rates.
//!
//! Numbers are plain decimals with a point. What could be misread – commas, exponents, a rate above one
//! without its percent sign – is refused rather than guessed.

use liqlens_ask::{Failure, quoted};
use liqlens_market::{Contract, Instrument, Side};
use liqlens_query::format;

/// Quote currencies that count as dollars.
const DOLLARS: [&str; 6] = ["USD", "USDT", "USDC", "FDUSD", "USD1", "U"];
/// Beyond this nothing is a price, a size or an amount of money.
const LARGEST: f64 = 1e15;

/// Reads `long` or `short`.
pub(crate) fn side(text: &str) -> Result<Side, Failure> {
    Side::BOTH.into_iter().find(|side| side.to_string().eq_ignore_ascii_case(text)).ok_or_else(|| {
        Failure::usage(
            "side-not-understood",
            format!("The side {} was not understood.", quoted(text)),
            "A position is long (it gains when the price rises) or short.",
            "Write long or short after the symbol.",
        )
    })
}

/// Reads a price or a tick, above zero; `option` names where it stands.
pub(crate) fn price(option: &'static str, text: &str) -> Result<f64, Failure> {
    decimal(text).filter(|value| *value > 0.0).ok_or_else(|| {
        refused(
            option,
            text,
            "It is a number above zero, with a point and without commas.",
            &format!("Write it like {option} 65000.5."),
        )
    })
}

/// Reads a leverage: `20`, `20x`.
pub(crate) fn leverage(text: &str) -> Result<f64, Failure> {
    let digits = text.strip_suffix(['x', 'X', '×']).unwrap_or(text);
    decimal(digits).filter(|value| *value > 0.0 && *value <= 1_000.0).ok_or_else(|| {
        refused(
            "--leverage",
            text,
            "It is a number above 0 and up to 1000.",
            "Write it like --leverage 20 or --leverage 20x.",
        )
    })
}

/// Reads a rate: `0.05%` or `0.0005`; from zero to below one.
pub(crate) fn rate(option: &'static str, text: &str) -> Result<f64, Failure> {
    let value = match text.strip_suffix('%') {
        Some(percent) => decimal(percent.trim_end()).map(|percent| percent / 100.0),
        None => decimal(text),
    };
    value.filter(|value| (0.0..1.0).contains(value)).ok_or_else(|| {
        refused(
            option,
            text,
            "It is a fraction below one, or a percentage below 100 with its sign.",
            &format!("Write it like {option} 0.05% or {option} 0.0005."),
        )
    })
}

/// Reads an amount of the currency that margins are in, with or without its name: `1625`, `1625USDT`,
/// `-0.5BTC`.
pub(crate) fn money(option: &'static str, text: &str, instrument: &Instrument) -> Result<f64, Failure> {
    let unit = instrument.settle.as_str();
    let (minus, positive) = match text.strip_prefix(['-', '\u{2212}']) {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (digits, name) = split_unit(positive);
    let fits = name.is_empty() || name.eq_ignore_ascii_case(unit) || both_dollars(name, unit);
    match decimal(digits).filter(|_| fits) {
        Some(value) if minus => Ok(-value),
        Some(value) => Ok(value),
        None => Err(refused(
            option,
            text,
            &format!("It is an amount of {unit}, the currency of this market's margin."),
            &format!("Write it like {option} 1500.25."),
        )),
    }
}

/// Reads a size: plain numbers are base coin on linear contracts and contracts on inverse ones; `0.5BTC`,
/// `20000USD` and `12contracts` are converted at the entry price.
pub(crate) fn size(
    option: &'static str,
    text: &str,
    instrument: &Instrument,
    entry_price: f64,
) -> Result<f64, Failure> {
    let (digits, unit) = split_unit(text);
    let base = instrument.base.as_str();
    let not_understood = || {
        let plain = match instrument.contract {
            Contract::Linear => base.to_owned(),
            Contract::Inverse { contract_value } => {
                format!("contracts of {} {}", format::figure(contract_value), instrument.quote)
            }
        };
        let contracts = match instrument.contract {
            Contract::Linear => "",
            Contract::Inverse { .. } => " or contracts",
        };
        refused(
            option,
            text,
            &format!(
                "It is a number of {plain} above zero; behind it may stand {base} or {}{contracts}.",
                instrument.quote
            ),
            &format!("Write it like {option} 0.5{base} or {option} 20000{}.", instrument.quote),
        )
    };
    let number = decimal(digits).filter(|value| *value > 0.0).ok_or_else(not_understood)?;
    let (unit, times) = match Unit::of(unit, instrument) {
        Some(unit) => (unit, 1.0),
        None => thousands(unit)
            .and_then(|(times, rest)| Some((Unit::of(rest, instrument)?, times)))
            .ok_or_else(not_understood)?,
    };
    let number = number * times;
    let size = match (unit, instrument.contract) {
        (Unit::Plain, _) | (Unit::Contracts, Contract::Inverse { .. }) => number,
        (Unit::Base, Contract::Linear) => number / instrument.multiplier,
        (Unit::Base, Contract::Inverse { contract_value }) => number * entry_price / contract_value,
        (Unit::Quote, Contract::Linear) => number / entry_price,
        (Unit::Quote, Contract::Inverse { contract_value }) => number / contract_value,
        (Unit::Contracts, Contract::Linear) => {
            return Err(Failure::usage(
                "size-not-convertible",
                format!("The size {} cannot be converted.", quoted(text)),
                format!("How much {base} one contract of {} is, is not known here.", instrument.market),
                format!("Give the size in {base} or {}, like {option} 0.5{base}.", instrument.quote),
            ));
        }
    };
    if size > 0.0 && size <= LARGEST { Ok(size) } else { Err(not_understood()) }
}

/// What the digits of a size count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    /// Whatever the contract counts in.
    Plain,
    Base,
    Quote,
    Contracts,
}

impl Unit {
    fn of(name: &str, instrument: &Instrument) -> Option<Self> {
        let is = |other: &str| name.eq_ignore_ascii_case(other);
        if name.is_empty() {
            Some(Self::Plain)
        } else if ["contract", "contracts", "ct", "cont"].into_iter().any(is) {
            Some(Self::Contracts)
        } else if is(&instrument.base) {
            Some(Self::Base)
        } else if is(&instrument.quote) || both_dollars(name, &instrument.quote) {
            Some(Self::Quote)
        } else {
            None
        }
    }
}

fn both_dollars(a: &str, b: &str) -> bool {
    [a, b].into_iter().all(|name| DOLLARS.into_iter().any(|dollar| dollar.eq_ignore_ascii_case(name)))
}

/// `k`, `M` or `B` before a unit.
fn thousands(unit: &str) -> Option<(f64, &str)> {
    let times = match unit.chars().next()? {
        'k' | 'K' => 1e3,
        'M' | 'm' => 1e6,
        'B' | 'b' => 1e9,
        _ => return None,
    };
    Some((times, &unit[1..]))
}

/// Digits and what follows them.
fn split_unit(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    (&text[..end], text[end..].trim_start())
}

/// A plain decimal from zero to [`LARGEST`].
fn decimal(text: &str) -> Option<f64> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    if !plain || text.len() > 32 || !text.starts_with(|c: char| c.is_ascii_digit()) || text.ends_with('.') {
        return None;
    }
    text.parse::<f64>().ok().filter(|value| *value <= LARGEST)
}

fn refused(option: &'static str, text: &str, why: &str, hint: &str) -> Failure {
    Failure::usage(
        "position-not-understood",
        format!("The value {} of {option} was not understood.", quoted(text)),
        why,
        hint,
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn market(text: &str) -> Instrument {
        Instrument::from_market(text.parse().unwrap()).unwrap()
    }

    fn sized(text: &str, symbol: &str, entry_price: f64) -> Result<f64, &'static str> {
        size("--size", text, &market(symbol), entry_price).map_err(|failure| failure.code)
    }

    /// By hand, from each contract's definition.
    #[test]
    fn sizes_are_converted_at_the_entry_price() {
        let linear = "binance:BTCUSDT";
        for text in ["0.5", "0.5BTC", "0.5 btc", "32500USDT", "32500USD", "32.5kUSD", "0.0325MUSDT"] {
            assert_eq!(sized(text, linear, 65_000.0), Ok(0.5), "{text}");
        }
        // Contracts of 100 dollars: 1,200 dollars are 12 of them, and so are 0.02 BTC at 60,000.
        let inverse = "binance-coinm:BTCUSD_PERP";
        for text in ["12", "12contracts", "12 contracts", "1200USD", "1.2kUSD", "0.02BTC"] {
            assert_eq!(sized(text, inverse, 60_000.0), Ok(12.0), "{text}");
        }
        // One unit is a thousand coins.
        assert_eq!(sized("5000PEPE", "hyperliquid:kPEPE", 0.01), Ok(5.0));
        assert_eq!(sized("5kPEPE", "hyperliquid:kPEPE", 0.01), Ok(5.0));
        assert_eq!(sized("5", "hyperliquid:kPEPE", 0.01), Ok(5.0));
        assert_eq!(sized("12contracts", linear, 65_000.0), Err("size-not-convertible"));
        for text in ["0", "-1", "", "BTC", "1,5", "1e3", "NaN", "inf", "5ETH", "0.5BTCUSDT", "1.2.3", "٣"] {
            assert_eq!(sized(text, linear, 65_000.0), Err("position-not-understood"), "{text}");
        }
        assert_eq!(sized("1USD", "binance:ETHBTC", 0.05), Err("position-not-understood"));
        assert_eq!(sized("1BTC", "binance:ETHBTC", 0.05), Ok(20.0));
    }

    #[test]
    fn rates_leverages_and_amounts() {
        assert_eq!(rate("--fee", "0.05%").unwrap(), 0.0005);
        assert_eq!(rate("--fee", "0.0005").unwrap(), 0.0005);
        assert_eq!(rate("--fee", "0").unwrap(), 0.0);
        assert_eq!(leverage("20x").unwrap(), 20.0);
        assert_eq!(leverage("0.5").unwrap(), 0.5);
        let btc = market("binance-coinm:BTCUSD_PERP");
        assert_eq!(money("--margin", "-0.5BTC", &btc).unwrap(), -0.5);
        assert!(money("--margin", "0.5USD", &btc).is_err());
        assert_eq!(money("--margin", "5USD", &market("binance:BTCUSDT")).unwrap(), 5.0);
        for text in ["1", "100%", "5", "-0.1%", "NaN", "%", ""] {
            assert!(rate("--fee", text).is_err(), "{text}");
        }
        for text in ["0", "-5", "1001", "NaN", "inf", "x", ""] {
            assert!(leverage(text).is_err(), "{text}");
        }
        for text in ["0", "-1", "65,000", "1e400", "NaN", ""] {
            assert!(price("--entry", text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in ".{0,60}") {
            for symbol in ["binance:BTCUSDT", "okx:BTC-USD-SWAP"] {
                let _ = size("--size", &text, &market(symbol), 65_000.0);
                let _ = money("--margin", &text, &market(symbol));
            }
            let _ = (price("--entry", &text), leverage(&text), rate("--fee", &text), side(&text));
        }
    }
}
