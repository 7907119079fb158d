//! What venues with public accounts say about them: whole states, fills with their account, transfers.
//!
//! One account's margin spans markets, so these facts belong to a venue rather than to one market; their
//! log is [`MarketId::accounts`](crate::MarketId::accounts).

use core::fmt;

use serde::{Deserialize, Serialize};

use crate::{Amount, Price, Side, Size, Symbol, Taker};

/// The venue's name of an account: an address, a subaccount path or an index. Printable, at most 128 bytes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AccountName(String);

/// The text cannot name an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an account's name is 1 to 128 letters, digits, `_`, `-`, `/` or `.`")]
pub struct AccountNameError;

impl AccountName {
    /// Checks and takes a name.
    pub fn new(text: &str) -> Result<Self, AccountNameError> {
        let fits = (1..=128).contains(&text.len());
        let clean = text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'/' | b'.'));
        if fits && clean { Ok(Self(text.to_owned())) } else { Err(AccountNameError) }
    }

    /// The whole name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Enough to recognise it, not to read it off: `0x3b69…7b71`. Names of up to twelve characters stay.
    pub fn short(&self) -> String {
        let text = &self.0;
        if text.len() <= 12 {
            return text.clone();
        }
        format!("{}…{}", &text[..6], &text[text.len() - 4..])
    }
}

impl TryFrom<String> for AccountName {
    type Error = AccountNameError;
    fn try_from(text: String) -> Result<Self, AccountNameError> {
        Self::new(&text)
    }
}

impl From<AccountName> for String {
    fn from(name: AccountName) -> String {
        name.0
    }
}

impl fmt::Display for AccountName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How an account's collateral backs its positions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum AccountMode {
    /// The margin account stands alone.
    Standard,
    /// Spot balances of the collateral token back the positions too.
    Unified,
    /// Margin by scenarios over borrowed, lent and spot assets: no position has a price of its own.
    Portfolio,
}

/// A whole margin account at one moment.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AccountState {
    /// Whose it is.
    pub account: AccountName,
    /// How its collateral works.
    pub mode: AccountMode,
    /// What backs the cross positions: collateral plus their unrealised profit at the mark prices of
    /// [`AccountState::positions`]. Isolated positions and their margin are outside.
    pub cross_equity: Amount,
    /// Maintenance of all cross positions as the venue states it, for comparison with ours.
    pub cross_maintenance: Option<Amount>,
    /// Every open position.
    pub positions: Vec<AccountPosition>,
}

/// One position of an account.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AccountPosition {
    /// The venue's symbol of the market.
    pub symbol: Symbol,
    /// Side held.
    pub side: Side,
    /// Size held, base coin.
    pub size: Size,
    /// Average entry price.
    pub entry_price: Option<Price>,
    /// Mark (or oracle) price at which the state was valued.
    pub mark_price: Price,
    /// What backs it.
    pub backing: Backing,
    /// Largest leverage the venue allows this account here, where it says so: it can differ from the
    /// market's schedule.
    pub max_leverage: Option<u16>,
    /// Liquidation price the venue itself states.
    pub liquidation_price: Option<Price>,
}

/// What backs a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Backing {
    /// The account's cross equity.
    Cross,
    /// Its own margin, including unrealised profit at the mark price.
    Isolated(Amount),
}

/// A fill of a named account.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AccountFill {
    /// Whose fill.
    pub account: AccountName,
    /// The venue's symbol of the market.
    pub symbol: Symbol,
    /// What the account did: bought or sold, as maker or as taker.
    pub side: Taker,
    /// Whether the account crossed the spread.
    pub crossed: bool,
    /// Fill price.
    pub price: Price,
    /// Base coin.
    pub size: Size,
}

/// Collateral moved into an account (positive) or out of it (negative).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AccountTransfer {
    /// Whose account.
    pub account: AccountName,
    /// Quote currency.
    pub amount: Amount,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_shortened_for_readers() {
        let name = AccountName::new("0x3b6996b7aa8371b0301167eefca33efca13307d6").unwrap();
        assert_eq!(name.short(), "0x3b69…07d6");
        assert_eq!(AccountName::new("281474976").unwrap().short(), "281474976");
        for text in ["", "a b", "<b>", "0x\n", &"a".repeat(129)] {
            assert_eq!(AccountName::new(text), Err(AccountNameError), "{text:?}");
        }
    }
}
