//! The two sides of a position and of a trade. They are different types because mixing them up flips a
//! whole venue: a forced SELL order closes a LONG position.

use core::fmt;

use serde::{Deserialize, Serialize};

/// The side of a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Side {
    /// Gains when price rises; liquidated when it falls.
    Long,
    /// Gains when price falls; liquidated when it rises.
    Short,
}

impl Side {
    /// Both sides, longs first: the order used in every document.
    pub const BOTH: [Self; 2] = [Self::Long, Self::Short];

    /// Index into a two-element array ordered as [`Side::BOTH`].
    #[inline]
    pub const fn index(self) -> usize {
        match self {
            Self::Long => 0,
            Self::Short => 1,
        }
    }

    /// +1 for longs, −1 for shorts: the `s` of the venues' formulas.
    #[inline]
    pub const fn sign(self) -> f64 {
        match self {
            Self::Long => 1.0,
            Self::Short => -1.0,
        }
    }

    /// The other side.
    #[must_use]
    pub const fn opposite(self) -> Self {
        match self {
            Self::Long => Self::Short,
            Self::Short => Self::Long,
        }
    }

    /// The side of the position that a forced order closes: a forced sell closes a long.
    pub const fn closed_by(order: Taker) -> Self {
        match order {
            Taker::Sell => Self::Long,
            Taker::Buy => Self::Short,
        }
    }
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Long => "long",
            Self::Short => "short",
        })
    }
}

/// The direction of the order that took liquidity (the aggressor).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Taker {
    /// Bought at the ask.
    Buy,
    /// Sold at the bid.
    Sell,
}

impl fmt::Display for Taker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Buy => "buy",
            Self::Sell => "sell",
        })
    }
}
