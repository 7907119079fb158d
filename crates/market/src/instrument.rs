//! Symbols, markets, and the rules of one contract.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::naming::{self, Naming};
use crate::{Price, Venue};

/// A symbol exactly as the venue writes it (`BTCUSDT`, `BTCUSD_PERP`, `kPEPE`, `xyz:TSLA`, `币安人生USDT`).
///
/// Letters of any script, digits, `_` and `-`, and one colon between two of them, at most 64 bytes: what is
/// left out (path separators, control and bidirectional characters, markup) has no business in a symbol and
/// would be dangerous in a path or on a page.
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
    /// A character other than a letter, a digit, `_` or `-`, or a colon out of place.
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
        // Hyperliquid names the markets of builder-deployed exchanges `dex:SYMBOL`.
        let (dex, name) = text.split_once(':').unwrap_or(("main", text));
        let clean = |part: &str| {
            !part.is_empty()
                && !part.starts_with('-')
                && part.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'))
        };
        if !clean(dex) || !clean(name) {
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

/// The reserved symbol of a venue's account log, see [`MarketId::accounts`].
const ACCOUNTS: &str = "_accounts";

/// One market: a venue and its symbol. Written `binance:BTCUSDT`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct MarketId {
    /// Where it trades.
    pub venue: Venue,
    /// What the venue calls it.
    pub symbol: Symbol,
}

impl MarketId {
    /// The log of a venue's public accounts. One account's margin spans all markets of its venue, so facts
    /// about accounts are kept in a log of their own, under a symbol that no market has.
    pub fn accounts(venue: Venue) -> Self {
        Self { venue, symbol: Symbol(ACCOUNTS.to_owned()) }
    }

    /// Whether this is the log of a venue's accounts rather than a market.
    pub fn is_accounts(&self) -> bool {
        self.symbol.as_str() == ACCOUNTS
    }
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

impl Contract {
    /// Value in quote currency of a size at a price, see [`Instrument::notional`].
    #[inline]
    pub fn notional(self, size: f64, price: f64) -> f64 {
        match self {
            Self::Linear => size * price,
            Self::Inverse { contract_value } => size * contract_value,
        }
    }
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
    #[error("unknown venue (known: {})", Venue::ALL.map(Venue::id).join(", "))]
    UnknownVenue,
    /// The symbol itself is not acceptable.
    #[error(transparent)]
    Symbol(#[from] SymbolError),
    /// The symbol does not end in a quote currency known for the venue.
    #[error("cannot tell base and quote currency from the symbol")]
    UnknownQuote,
}

impl Instrument {
    /// Derives the contract rules from the venue's naming scheme, which on the supported venues is
    /// regular: `1000PEPEUSDT` is linear, base PEPE, multiplier 1000, quote and settlement USDT;
    /// `BTCUSD_PERP` is inverse with contracts of 100 USD; `kPEPE` on Hyperliquid is 1000 PEPE;
    /// `PI_XBTUSD` on Kraken is inverse bitcoin with contracts of 1 USD.
    pub fn from_market(market: MarketId) -> Result<Self, InstrumentError> {
        let Naming { base, quote, settle, contract, multiplier } =
            naming::read(market.venue, market.symbol.as_str()).ok_or(InstrumentError::UnknownQuote)?;
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
        self.contract.notional(size, price)
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
