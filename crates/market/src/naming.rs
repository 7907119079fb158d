//! What each venue's symbols say about the contract behind them.

use crate::{Contract, Venue};

/// The parts of a symbol.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Naming<'a> {
    pub(crate) base: &'a str,
    pub(crate) quote: &'a str,
    pub(crate) settle: &'a str,
    pub(crate) contract: Contract,
    pub(crate) multiplier: f64,
}

/// Quote currencies of linear contracts, longest first where one ends in another. `U` (United Stables)
/// comes last, because any symbol may end in that letter.
const LINEAR_QUOTES: [&str; 6] = ["FDUSD", "USDT", "USDC", "USD1", "BTC", "U"];
/// Multiplier prefixes (`1000PEPEUSDT`), longest first.
const MULTIPLIERS: [(&str, f64); 2] = [("1000000", 1_000_000.0), ("1000", 1_000.0)];

/// Reads a symbol of a venue; `None` if base and quote cannot be told from it.
pub(crate) fn read(venue: Venue, symbol: &str) -> Option<Naming<'_>> {
    match venue {
        Venue::BinanceUsdm => linear(symbol.split('_').next()?),
        // Contract values: 100 USD for BTC, 10 USD for every other coin (Binance COIN-M rules).
        Venue::BinanceCoinm => inverse(symbol.split('_').next()?, |base| value_by_coin(base, 100.0, 10.0)),
        Venue::Hyperliquid => Some(hyperliquid(symbol)),
        Venue::Bybit | Venue::Bitget => {
            // `BTCUSDT-26DEC25`; `BTCPERP` is margined in USDC; `BTCUSDZ25` is a dated inverse contract.
            let pair = symbol.split('-').next()?;
            match pair.strip_suffix("PERP") {
                Some(base) => some_linear(base, "USDC"),
                None => linear(pair).or_else(|| inverse(until_usd(pair), |_| 1.0)),
            }
        }
        Venue::Okx => dashed(symbol, |base| value_by_coin(base, 100.0, 10.0)),
        Venue::Htx => dashed(symbol, |base| value_by_coin(base, 100.0, 10.0)),
        Venue::Gate => {
            let (base, quote) = symbol.split_once('_')?;
            let quote = quote.split('_').next()?;
            if quote == "USD" { some_inverse(base, 1.0) } else { some_linear(base, quote) }
        }
        Venue::Kraken => {
            let (family, rest) = symbol.split_once('_')?;
            let base = rest.split('_').next()?.strip_suffix("USD")?;
            match family {
                "PF" | "FF" => some_linear(bitcoin(base), "USD"),
                "PI" | "FI" => some_inverse(bitcoin(base), 1.0),
                _ => None,
            }
        }
        Venue::Deribit => {
            let (base, _) = symbol.split_once('-')?;
            match base.split_once('_') {
                Some((base, quote)) => some_linear(base, quote),
                None => some_inverse(base, 1.0),
            }
        }
        Venue::Dydx => {
            let (base, quote) = symbol.split_once('-')?;
            let naming = some_linear(base, quote)?;
            Some(Naming { settle: "USDC", ..naming })
        }
        Venue::Lighter => Some(Naming { settle: "USDC", ..some_linear(symbol, "USD")? }),
        Venue::Kucoin => {
            let pair = symbol.strip_suffix('M')?;
            let naming = linear(pair).or_else(|| inverse(pair, |_| 1.0))?;
            Some(Naming { base: bitcoin(naming.base), settle: bitcoin(naming.settle), ..naming })
        }
        Venue::Bitmex => {
            let naming = linear(symbol).or_else(|| inverse(until_usd(symbol), |_| 1.0))?;
            Some(Naming { base: bitcoin(naming.base), settle: bitcoin(naming.settle), ..naming })
        }
    }
}

/// `kPEPE` is 1000 PEPE; `xyz:TSLA` is TSLA on a builder-deployed exchange.
fn hyperliquid(symbol: &str) -> Naming<'_> {
    let name = symbol.split_once(':').map_or(symbol, |(_, name)| name);
    let (base, multiplier) = match name.strip_prefix('k') {
        Some(rest) if rest.starts_with(char::is_uppercase) => (rest, 1_000.0),
        _ => (name, 1.0),
    };
    Naming { base, quote: "USD", settle: "USDC", contract: Contract::Linear, multiplier }
}

/// `BTC-USDT-SWAP` is linear, `BTC-USD-SWAP` inverse.
fn dashed(symbol: &str, contract_value: impl Fn(&str) -> f64) -> Option<Naming<'_>> {
    let mut words = symbol.split('-');
    let (base, quote) = (words.next()?, words.next()?);
    if quote == "USD" { some_inverse(base, contract_value(base)) } else { some_linear(base, quote) }
}

fn linear(pair: &str) -> Option<Naming<'_>> {
    LINEAR_QUOTES
        .iter()
        .find_map(|quote| Some((pair.strip_suffix(quote).filter(|base| !base.is_empty())?, *quote)))
        .and_then(|(base, quote)| some_linear(base, quote))
}

fn inverse(pair: &str, contract_value: impl Fn(&str) -> f64) -> Option<Naming<'_>> {
    let base = pair.strip_suffix("USD")?;
    some_inverse(base, contract_value(base))
}

fn some_linear<'a>(base: &'a str, quote: &'a str) -> Option<Naming<'a>> {
    if base.is_empty() || quote.is_empty() {
        return None;
    }
    let (base, multiplier) = MULTIPLIERS
        .iter()
        .find_map(|(prefix, times)| {
            let rest = base.strip_prefix(prefix)?;
            rest.starts_with(char::is_alphabetic).then_some((rest, *times))
        })
        .unwrap_or((base, 1.0));
    Some(Naming { base, quote, settle: quote, contract: Contract::Linear, multiplier })
}

fn some_inverse(base: &str, contract_value: f64) -> Option<Naming<'_>> {
    let contract = Contract::Inverse { contract_value };
    (!base.is_empty()).then_some(Naming { base, quote: "USD", settle: base, contract, multiplier: 1.0 })
}

fn value_by_coin(base: &str, bitcoin: f64, other: f64) -> f64 {
    if base == "BTC" { bitcoin } else { other }
}

/// `BTCUSDZ25` up to and with its quote currency.
fn until_usd(symbol: &str) -> &str {
    symbol.find("USD").map_or(symbol, |at| &symbol[..at + 3])
}

/// Kraken, KuCoin and BitMEX call bitcoin XBT.
fn bitcoin(coin: &str) -> &str {
    if coin == "XBT" { "BTC" } else { coin }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_venue_names_bitcoin_and_ether_its_own_way() {
        let linear = [
            (Venue::BinanceUsdm, "BTCUSDT", "BTC", "USDT"),
            (Venue::BinanceUsdm, "BTCUSDT_260925", "BTC", "USDT"),
            (Venue::BinanceUsdm, "BTCU", "BTC", "U"),
            (Venue::Bybit, "BTCUSDT-26DEC25", "BTC", "USDT"),
            (Venue::Bybit, "BTCPERP", "BTC", "USDC"),
            (Venue::Okx, "ETH-USDT-SWAP", "ETH", "USDT"),
            (Venue::Bitget, "ETHUSDT", "ETH", "USDT"),
            (Venue::Gate, "BTC_USDT", "BTC", "USDT"),
            (Venue::Htx, "BTC-USDT", "BTC", "USDT"),
            (Venue::Kraken, "PF_XBTUSD", "BTC", "USD"),
            (Venue::Deribit, "BTC_USDC-PERPETUAL", "BTC", "USDC"),
            (Venue::Hyperliquid, "xyz:TSLA", "TSLA", "USD"),
            (Venue::Dydx, "ETH-USD", "ETH", "USD"),
            (Venue::Lighter, "BTC", "BTC", "USD"),
            (Venue::Kucoin, "XBTUSDTM", "BTC", "USDT"),
            (Venue::Bitmex, "XBTUSDT", "BTC", "USDT"),
        ];
        for (venue, symbol, base, quote) in linear {
            let naming = read(venue, symbol).unwrap();
            assert_eq!((naming.base, naming.quote, naming.contract), (base, quote, Contract::Linear));
        }
        // Contract values from each venue's contract specification.
        let inverse = [
            (Venue::BinanceCoinm, "BTCUSD_PERP", "BTC", 100.0),
            (Venue::BinanceCoinm, "ETHUSD_PERP", "ETH", 10.0),
            (Venue::Bybit, "BTCUSD", "BTC", 1.0),
            (Venue::Bybit, "BTCUSDZ25", "BTC", 1.0),
            (Venue::Okx, "BTC-USD-SWAP", "BTC", 100.0),
            (Venue::Okx, "ETH-USD-210430", "ETH", 10.0),
            (Venue::Gate, "BTC_USD", "BTC", 1.0),
            (Venue::Htx, "XRP-USD", "XRP", 10.0),
            (Venue::Kraken, "PI_XBTUSD", "BTC", 1.0),
            (Venue::Deribit, "BTC-PERPETUAL", "BTC", 1.0),
            (Venue::Kucoin, "XBTUSDM", "BTC", 1.0),
            (Venue::Bitmex, "XBTUSD", "BTC", 1.0),
        ];
        for (venue, symbol, base, contract_value) in inverse {
            let naming = read(venue, symbol).unwrap();
            let contract = Contract::Inverse { contract_value };
            assert_eq!((naming.base, naming.settle, naming.contract), (base, base, contract), "{symbol}");
        }
        for (venue, symbol) in [(Venue::Okx, "BTC"), (Venue::Kraken, "XBTUSD"), (Venue::Gate, "BTCUSDT")] {
            assert_eq!(read(venue, symbol), None);
        }
    }
}
