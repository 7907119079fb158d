//! Lighter: answers to `account`, each with the accounts that were asked for.
//!
//! `cross_asset_value` is the equity of the cross positions. What backs an isolated one is its
//! `allocated_margin` plus its unrealised profit: with that sum, and with neither part alone, the venue's own
//! liquidation price of a recorded isolated position gives back the market's maintenance rate (account
//! 270812: 6443.9 MEGA worth 225.794256, margin 73.792252 + 1.058630, price 0.0292802835 ⇒ 20.0000 %).
//! Markets without a position are listed with a size of zero, and `0` stands for no liquidation price.

use liqlens_market::{AccountMode, AccountPosition, AccountState, Amount, Backing, Event, Side};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use super::{DecodeDocument, Row, account, moment, price_of, state, sum};
use crate::formats::json::{
    amount, json, magnitude, member, need, optional_amount, price_or_none, symbol, text,
};
use crate::name::NameHints;
use crate::row::{Reason, RowError, Skip};

#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow)]
    accounts: Option<Vec<&'a RawValue>>,
    /// Of an account that stands alone.
    cross_asset_value: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct Detail<'a> {
    #[serde(borrow)]
    account_index: Option<&'a RawValue>,
    #[serde(borrow)]
    index: Option<&'a RawValue>,
    #[serde(borrow)]
    account_trading_mode: Option<&'a RawValue>,
    #[serde(borrow)]
    cross_asset_value: Option<&'a RawValue>,
    #[serde(borrow)]
    cross_maintenance_margin_requirement: Option<&'a RawValue>,
    #[serde(borrow)]
    transaction_time: Option<&'a RawValue>,
    #[serde(borrow)]
    positions: Option<Vec<Listed<'a>>>,
}

#[derive(Deserialize)]
struct Listed<'a> {
    symbol: String,
    #[serde(borrow)]
    sign: Option<&'a RawValue>,
    #[serde(borrow)]
    position: Option<&'a RawValue>,
    #[serde(borrow)]
    avg_entry_price: Option<&'a RawValue>,
    #[serde(borrow)]
    position_value: Option<&'a RawValue>,
    #[serde(borrow)]
    unrealized_pnl: Option<&'a RawValue>,
    #[serde(borrow)]
    liquidation_price: Option<&'a RawValue>,
    #[serde(borrow)]
    margin_mode: Option<&'a RawValue>,
    #[serde(borrow)]
    allocated_margin: Option<&'a RawValue>,
}

/// Reads the venue's documents.
pub(crate) struct Lighter<'a> {
    hints: &'a NameHints,
}

impl<'a> Lighter<'a> {
    pub(crate) fn new(hints: &'a NameHints) -> Self {
        Self { hints }
    }

    fn account(&self, document: &[u8]) -> Result<Event, RowError> {
        let read: Detail<'_> = json("document", document)?;
        let raw = need("account_index", read.account_index.or(read.index))?;
        let index = member("account_index", raw, liqlens_market::parse_id)?;
        let mut positions = Vec::new();
        for listed in read.positions.iter().flatten() {
            positions.extend(position(listed)?);
        }
        let mode = read.account_trading_mode.map_or(&b"0"[..], text);
        let settled = AccountState {
            account: account("account_index", &index.to_string())?,
            mode: if mode == b"0" { AccountMode::Standard } else { AccountMode::Unified },
            cross_equity: amount("cross_asset_value", read.cross_asset_value)?,
            cross_maintenance: optional_amount(
                "cross_maintenance_margin_requirement",
                read.cross_maintenance_margin_requirement,
            )?,
            positions,
        };
        state(moment("transaction_time", &[read.transaction_time], self.hints)?, settled, "symbol")
    }
}

impl DecodeDocument for Lighter<'_> {
    fn document(&mut self, line: u64, text: &[u8], rows: &mut Vec<Row>) {
        match json::<Answer<'_>>("document", text) {
            Ok(Answer { accounts: Some(accounts), .. }) if !accounts.is_empty() => {
                rows.extend(accounts.iter().map(|inner| {
                    let text = inner.get().as_bytes();
                    Row::of(self.account(text), line, text)
                }));
            }
            Ok(Answer { cross_asset_value: Some(_), .. }) => {
                rows.push(Row::of(self.account(text), line, text));
            }
            Ok(_) => rows.push(Row::Skipped(Skip::OtherMessage)),
            Err(error) => rows.push(Row::rejected(line, text, error)),
        }
    }
}

/// Reads a position; `None` if it has no size.
fn position(listed: &Listed<'_>) -> Result<Option<AccountPosition>, RowError> {
    let held = amount("position", listed.position)?;
    if held == Amount::ZERO {
        return Ok(None);
    }
    let side = match text(need("sign", listed.sign)?) {
        b"1" => Side::Long,
        b"-1" => Side::Short,
        _ => return Err(RowError::new("sign", Reason::NotAPositionSide)),
    };
    let size = magnitude(held, "position")?;
    let value = amount("position_value", listed.position_value)?;
    let backing = match listed.margin_mode.map(text) {
        None | Some(b"0") => Backing::Cross,
        Some(b"1") => Backing::Isolated(sum(
            "allocated_margin",
            &[
                amount("allocated_margin", listed.allocated_margin)?,
                amount("unrealized_pnl", listed.unrealized_pnl)?,
            ],
        )?),
        Some(_) => return Err(RowError::new("margin_mode", Reason::NotABacking)),
    };
    Ok(Some(AccountPosition {
        symbol: symbol("symbol", &listed.symbol)?,
        side,
        size,
        entry_price: price_or_none("avg_entry_price", listed.avg_entry_price)?,
        mark_price: price_of(value, size).map_err(|error| RowError::new("position_value", error.into()))?,
        backing,
        // The stated initial margin is the one the trader chose, not the least the venue asks for.
        max_leverage: None,
        liquidation_price: price_or_none("liquidation_price", listed.liquidation_price)?,
    }))
}
