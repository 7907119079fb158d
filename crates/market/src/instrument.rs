//! Venues, the symbols they use, and the rules of one contract.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Price;

/// A place where the instrument trades. One exchange with two margin systems is two venues here, because
/// units, rules and streams differ between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Venue {
    /// Binance futures margined in USDT, USDC and other stablecoins (linear).
    BinanceUsdm,
    /// Binance futures margined in coin (inverse).
    BinanceCoinm,
    /// Hyperliquid perpetuals.
    Hyperliquid,
}

impl Venue {
    /// Every venue, in the order documents list them.
    pub const ALL: [Self; 3] = [Self::BinanceUsdm, Self::BinanceCoinm, Self::Hyperliquid];

    /// Name in commands, paths and documents: lower case, stable.
    pub const fn id(self) -> &'static str {
        match self {
            Self::BinanceUsdm => "binance",
            Self::BinanceCoinm => "binance-coinm",
            Self::Hyperliquid => "hyperliquid",
        }
    }

    /// Name in prose.
    pub const fn title(self) -> &'static str {
        match self {
            Self::BinanceUsdm => "Binance",
            Self::BinanceCoinm => "Binance COIN-M",
            Self::Hyperliquid => "Hyperliquid",
        }
    }
}

impl fmt::Display for Venue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

/// A symbol exactly as the venue writes it (`BTCUSDT`, `BTCUSD_PERP`, `kPEPE`, `币安人生USDT`).
///
/// Letters of any script, digits, `_` and `-` only, at most 64 bytes: what is left out (path separators,
/// control and bidirectional characters, markup) has no business in a symbol and would be dangerous in a
/// path or on a page.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Symbol(String);

/// Why a text is not a symbol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SymbolError {
    /// Nothing.
    #[error("the symbol is empty")]
    Empty,
    /// More than 64 bytes.
    #[error("the symbol is longer than 64 bytes")]
    TooLong,
    /// A character other than a letter, a digit, `_` or `-`.
    #[error("the symbol has a character other than letters, digits, `_` and `-`")]
    ForbiddenCharacter,
}

impl Symbol {
    /// Checks and takes a venue's symbol.
    pub fn new(text: &str) -> Result<Self, SymbolError> {
        if text.is_empty() {
            return Err(SymbolError::Empty);
        }
        if text.len() > 64 {
            return Err(SymbolError::TooLong);
        }
        if !text.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-')) || text.starts_with('-') {
            return Err(SymbolError::ForbiddenCharacter);
        }
        Ok(Self(text.to_owned()))
    }

    /// The text as the venue writes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Symbol {
    type Error = SymbolError;
    fn try_from(text: String) -> Result<Self, SymbolError> {
        Self::new(&text)
    }
}

impl From<Symbol> for String {
    fn from(symbol: Symbol) -> String {
        symbol.0
    }
}

impl fmt::Display for Symbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One market: a venue and its symbol. Written `binance:BTCUSDT`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct MarketId {
    /// Where it trades.
    pub venue: Venue,
    /// What the venue calls it.
    pub symbol: Symbol,
}

impl fmt::Display for MarketId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.venue, self.symbol)
    }
}

impl FromStr for MarketId {
    type Err = InstrumentError;
    fn from_str(text: &str) -> Result<Self, InstrumentError> {
        let (venue, symbol) = text.split_once(':').ok_or(InstrumentError::UnknownVenue)?;
        let venue = Venue::ALL
            .into_iter()
            .find(|v| v.id().eq_ignore_ascii_case(venue))
            .ok_or(InstrumentError::UnknownVenue)?;
        Ok(Self { venue, symbol: Symbol::new(symbol)? })
    }
}

/// How a contract turns price into profit.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum Contract {
    /// Size is in base coin, profit in quote: `q·(P − E)`.
    Linear,
    /// Size is in contracts of a fixed quote value, profit in base: `S·(1/E − 1/P)`.
    Inverse {
        /// Quote value of one contract (100 for `BTCUSD_PERP`).
        contract_value: f64,
    },
}

/// The rules of one market.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Instrument {
    /// Venue and native symbol.
    pub market: MarketId,
    /// Base coin without any multiplier (`BTC`, `PEPE`).
    pub base: String,
    /// Quote currency (`USDT`, `USD`).
    pub quote: String,
    /// Currency margin and profit are paid in.
    pub settle: String,
    /// Linear or inverse.
    pub contract: Contract,
    /// How many base coins one unit of the venue's price stands for (1000 for `1000PEPEUSDT`).
    pub multiplier: f64,
}

/// Why a market cannot be named or understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InstrumentError {
    /// Before the colon stands no known venue.
    #[error("unknown venue (known: binance, binance-coinm, hyperliquid)")]
    UnknownVenue,
    /// The symbol itself is not acceptable.
    #[error(transparent)]
    Symbol(#[from] SymbolError),
    /// The symbol does not end in a quote currency known for the venue.
    #[error("cannot tell base and quote currency from the symbol")]
    UnknownQuote,
}

/// Quote currencies of Binance USD-M perpetuals, longest first where one ends in another.
const USDM_QUOTES: [&str; 5] = ["FDUSD", "USDT", "USDC", "USD1", "BTC"];
/// Multiplier prefixes on Binance (`1000PEPEUSDT`), longest first.
const MULTIPLIERS: [(&str, f64); 2] = [("1000000", 1_000_000.0), ("1000", 1_000.0)];

impl Instrument {
    /// Derives the contract rules from the venue's naming scheme, which on the supported venues is
    /// regular: `1000PEPEUSDT` is linear, base PEPE, multiplier 1000, quote and settlement USDT;
    /// `BTCUSD_PERP` is inverse with contracts of 100 USD; `kPEPE` on Hyperliquid is 1000 PEPE.
    pub fn from_market(market: MarketId) -> Result<Self, InstrumentError> {
        let symbol = market.symbol.as_str();
        let (base, quote, settle, contract, multiplier) = match market.venue {
            Venue::BinanceUsdm => {
                let pair = symbol.split('_').next().unwrap_or(symbol);
                let (base, quote) = USDM_QUOTES
                    .iter()
                    .find_map(|quote| Some((pair.strip_suffix(quote).filter(|b| !b.is_empty())?, *quote)))
                    .ok_or(InstrumentError::UnknownQuote)?;
                let (base, multiplier) = MULTIPLIERS
                    .iter()
                    .find_map(|(prefix, times)| {
                        let rest = base.strip_prefix(prefix)?;
                        rest.starts_with(char::is_alphabetic).then_some((rest, *times))
                    })
                    .unwrap_or((base, 1.0));
                (base, quote, quote, Contract::Linear, multiplier)
            }
            Venue::BinanceCoinm => {
                let pair = symbol.split('_').next().unwrap_or(symbol);
                let base = pair
                    .strip_suffix("USD")
                    .filter(|b| !b.is_empty())
                    .ok_or(InstrumentError::UnknownQuote)?;
                // Contract values: 100 USD for BTC, 10 USD for every other coin (Binance COIN-M rules).
                let contract_value = if base == "BTC" { 100.0 } else { 10.0 };
                (base, "USD", base, Contract::Inverse { contract_value }, 1.0)
            }
            Venue::Hyperliquid => {
                let (base, multiplier) = match symbol.strip_prefix('k') {
                    Some(rest) if rest.starts_with(char::is_uppercase) => (rest, 1_000.0),
                    _ => (symbol, 1.0),
                };
                (base, "USD", "USDC", Contract::Linear, multiplier)
            }
        };
        Ok(Self {
            base: base.to_owned(),
            quote: quote.to_owned(),
            settle: settle.to_owned(),
            contract,
            multiplier,
            market,
        })
    }

    /// `BTC/USDT:USDT`, the name shared by all venues' linear USDT perpetuals on the coin.
    pub fn unified(&self) -> String {
        format!("{}/{}:{}", self.base, self.quote, self.settle)
    }

    /// Dollars that `size` (base for linear, contracts for inverse) stands for at `price`.
    ///
    /// Linear: 0.5 BTC at 70,000 is 35,000. Inverse: 12 contracts of 100 USD are 1,200 at any price.
    #[inline]
    pub fn notional(&self, size: f64, price: f64) -> f64 {
        match self.contract {
            Contract::Linear => size * price,
            Contract::Inverse { contract_value } => size * contract_value,
        }
    }

    /// The price with the fewest decimals that still resolves about a hundred-thousandth of it: the
    /// precision in which derived prices are written (70,123.4; 0.012345).
    pub fn price_decimals(price: Price) -> usize {
        let mut decimals = 1;
        let mut scale = price.to_f64();
        while scale < 10_000.0 && decimals < 8 {
            scale *= 10.0;
            decimals += 1;
        }
        decimals
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instrument(text: &str) -> Instrument {
        Instrument::from_market(text.parse().unwrap()).unwrap()
    }

    #[test]
    fn naming_schemes_are_understood() {
        let btc = instrument("binance:BTCUSDT");
        assert_eq!((btc.base.as_str(), btc.unified().as_str()), ("BTC", "BTC/USDT:USDT"));
        let pepe = instrument("binance:1000PEPEUSDT");
        assert_eq!((pepe.base.as_str(), pepe.multiplier), ("PEPE", 1_000.0));
        let mog = instrument("binance:1000000MOGUSDT");
        assert_eq!((mog.base.as_str(), mog.multiplier), ("MOG", 1_000_000.0));
        let coin = instrument("binance-coinm:ETHUSD_PERP");
        assert_eq!(coin.contract, Contract::Inverse { contract_value: 10.0 });
        assert_eq!(coin.unified(), "ETH/USD:ETH");
        assert_eq!(instrument("hyperliquid:kPEPE").multiplier, 1_000.0);
        assert_eq!(instrument("binance:币安人生USDT").base, "币安人生");
    }

    #[test]
    fn dangerous_symbols_are_refused() {
        for text in
            ["", "../../etc", "<script>", "=HYPERLINK(1)", "BTC\u{202e}USDT", "BTC\0", "A\nB", "-x", "🚀"]
        {
            assert!(Symbol::new(text).is_err(), "{text:?}");
        }
        assert_eq!(Symbol::new(&"A".repeat(10_000)), Err(SymbolError::TooLong));
    }
}
