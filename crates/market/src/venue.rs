//! The venues.

use core::fmt;

use serde::{Deserialize, Serialize};

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
    /// Bybit perpetuals and futures, linear and inverse.
    Bybit,
    /// OKX swaps and futures, margined in USDT, USDC or coin.
    Okx,
    /// Bitget futures.
    Bitget,
    /// Gate futures.
    Gate,
    /// HTX swaps and futures.
    Htx,
    /// Kraken Futures: `PF_` linear multi-collateral, `PI_` inverse.
    Kraken,
    /// Deribit futures.
    Deribit,
    /// dYdX v4.
    Dydx,
    /// Lighter.
    Lighter,
    /// KuCoin futures.
    Kucoin,
    /// BitMEX, closed on 2026-09-23; for replay of history.
    Bitmex,
}

impl Venue {
    /// Every venue, in the order documents list them.
    pub const ALL: [Self; 14] = [
        Self::BinanceUsdm,
        Self::BinanceCoinm,
        Self::Hyperliquid,
        Self::Bybit,
        Self::Okx,
        Self::Bitget,
        Self::Gate,
        Self::Htx,
        Self::Kraken,
        Self::Deribit,
        Self::Dydx,
        Self::Lighter,
        Self::Kucoin,
        Self::Bitmex,
    ];

    /// Name in commands, paths and documents: lower case, stable.
    pub const fn id(self) -> &'static str {
        match self {
            Self::BinanceUsdm => "binance",
            Self::BinanceCoinm => "binance-coinm",
            Self::Hyperliquid => "hyperliquid",
            Self::Bybit => "bybit",
            Self::Okx => "okx",
            Self::Bitget => "bitget",
            Self::Gate => "gate",
            Self::Htx => "htx",
            Self::Kraken => "kraken",
            Self::Deribit => "deribit",
            Self::Dydx => "dydx",
            Self::Lighter => "lighter",
            Self::Kucoin => "kucoin",
            Self::Bitmex => "bitmex",
        }
    }

    /// Name in prose.
    pub const fn title(self) -> &'static str {
        match self {
            Self::BinanceUsdm => "Binance",
            Self::BinanceCoinm => "Binance COIN-M",
            Self::Hyperliquid => "Hyperliquid",
            Self::Bybit => "Bybit",
            Self::Okx => "OKX",
            Self::Bitget => "Bitget",
            Self::Gate => "Gate",
            Self::Htx => "HTX",
            Self::Kraken => "Kraken",
            Self::Deribit => "Deribit",
            Self::Dydx => "dYdX",
            Self::Lighter => "Lighter",
            Self::Kucoin => "KuCoin",
            Self::Bitmex => "BitMEX",
        }
    }
}

impl fmt::Display for Venue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}
