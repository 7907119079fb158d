//! dYdX v4: the indexer's answers about subaccounts, alone or inside `result` or `contents`.
//!
//! A subaccount is an account: `address/number`. Those from 128 on hold one isolated position each, which the
//! whole equity backs. The indexer states no price of the valuation; it is `entry + profit / size`, the oracle
//! price at which the equity was computed. It states no liquidation price and no maintenance either.

use core::fmt;

use liqlens_market::{AccountMode, AccountPosition, AccountState, Amount, Backing, Event, Price, Side};
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::{DecodeDocument, Row, account, moment, negated, scaled_ratio, state};
use crate::formats::json::{amount, json, magnitude, member, need, price_or_none, symbol};
use crate::name::NameHints;
use crate::row::{Reason, RowError, Skip};

/// The first subaccount that holds an isolated position; those below are margined as a whole.
const FIRST_ISOLATED: u64 = 128;

/// An answer, or what lies inside one.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer<'a> {
    #[serde(borrow)]
    result: Option<&'a RawValue>,
    #[serde(borrow)]
    contents: Option<&'a RawValue>,
    #[serde(borrow)]
    subaccount: Option<&'a RawValue>,
    #[serde(borrow)]
    subaccounts: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    child_subaccounts: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    open_perpetual_positions: Option<&'a RawValue>,
    #[serde(borrow)]
    iso_timestamp: Option<&'a RawValue>,
    #[serde(borrow)]
    time: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Account<'a> {
    address: String,
    #[serde(borrow)]
    subaccount_number: Option<&'a RawValue>,
    #[serde(borrow)]
    equity: Option<&'a RawValue>,
    #[serde(borrow)]
    open_perpetual_positions: Option<Positions<'a>>,
    #[serde(borrow)]
    updated_at: Option<&'a RawValue>,
}

/// Positions by ticker, in the order of the text. A map would drop one of two under the same ticker.
struct Positions<'a>(Vec<(String, Listed<'a>)>);

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Listed<'a> {
    market: Option<String>,
    side: String,
    #[serde(borrow)]
    size: Option<&'a RawValue>,
    #[serde(borrow)]
    entry_price: Option<&'a RawValue>,
    #[serde(borrow)]
    unrealized_pnl: Option<&'a RawValue>,
}

impl<'de: 'a, 'a> Deserialize<'de> for Positions<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;
        impl<'de> Visitor<'de> for Entries {
            type Value = Positions<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("positions by ticker")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Positions(entries))
            }
        }
        deserializer.deserialize_map(Entries)
    }
}

/// Reads the indexer's documents.
pub(crate) struct Dydx<'a> {
    hints: &'a NameHints,
}

impl<'a> Dydx<'a> {
    pub(crate) fn new(hints: &'a NameHints) -> Self {
        Self { hints }
    }

    /// Finds the subaccounts of an answer.
    fn read(&self, line: u64, text: &[u8], rows: &mut Vec<Row>) -> Result<(), RowError> {
        let mut text = text;
        let mut answer: Answer<'_> = json("document", text)?;
        let mut times = Vec::from_iter(answer.iso_timestamp.or(answer.time));
        if let Some(inner) = answer.result.or(answer.contents) {
            text = inner.get().as_bytes();
            answer = json("document", text)?;
            times.extend(answer.iso_timestamp.or(answer.time));
        }
        let listed = answer.subaccount.into_iter().chain(answer.subaccounts.into_iter().flatten());
        let listed: Vec<&RawValue> = listed.chain(answer.child_subaccounts.into_iter().flatten()).collect();
        if answer.open_perpetual_positions.is_some() {
            rows.push(Row::of(self.subaccount(text, &times), line, text));
        } else if listed.is_empty() {
            rows.push(Row::Skipped(Skip::OtherMessage));
        }
        for inner in listed {
            let text = inner.get().as_bytes();
            match json::<Answer<'_>>("document", text) {
                // A parent holds nothing but its children.
                Ok(Answer { child_subaccounts: Some(children), .. }) => {
                    for child in children {
                        let text = child.get().as_bytes();
                        rows.push(Row::of(self.subaccount(text, &times), line, text));
                    }
                }
                Ok(_) => rows.push(Row::of(self.subaccount(text, &times), line, text)),
                Err(error) => rows.push(Row::rejected(line, text, error)),
            }
        }
        Ok(())
    }

    fn subaccount(&self, text: &[u8], times: &[&RawValue]) -> Result<Event, RowError> {
        let read: Account<'_> = json("document", text)?;
        let raw = need("subaccountNumber", read.subaccount_number)?;
        let number = member("subaccountNumber", raw, liqlens_market::parse_id)?;
        let equity = amount("equity", read.equity)?;
        // Without its list an account would look as if it held nothing.
        let listed = read.open_perpetual_positions;
        let listed = listed.ok_or(RowError::new("openPerpetualPositions", Reason::Missing))?;
        let mut positions = Vec::new();
        for (ticker, position) in listed.0 {
            positions.extend(self::position(&ticker, &position)?);
        }
        let mut cross_equity = equity;
        if let ([only], FIRST_ISOLATED..) = (positions.as_mut_slice(), number) {
            only.backing = Backing::Isolated(equity);
            cross_equity = Amount::ZERO;
        }
        let stated: Vec<_> = times.iter().map(|raw| Some(*raw)).chain([read.updated_at]).collect();
        let read = AccountState {
            account: account("address", &format!("{}/{number}", read.address))?,
            mode: AccountMode::Standard,
            cross_equity,
            cross_maintenance: None,
            positions,
        };
        state(moment("isoTimestamp", &stated, self.hints)?, read, "market")
    }
}

impl DecodeDocument for Dydx<'_> {
    fn document(&mut self, line: u64, text: &[u8], rows: &mut Vec<Row>) {
        if let Err(error) = self.read(line, text, rows) {
            rows.push(Row::rejected(line, text, error));
        }
    }
}

/// Reads a position; `None` if it has no size.
fn position(ticker: &str, listed: &Listed<'_>) -> Result<Option<AccountPosition>, RowError> {
    let signed = amount("size", listed.size)?;
    if signed == Amount::ZERO {
        return Ok(None);
    }
    // Some answers write the size of shorts with its sign, some without.
    let side = match listed.side.as_str() {
        "LONG" if signed > Amount::ZERO => Side::Long,
        "SHORT" => Side::Short,
        _ => return Err(RowError::new("side", Reason::NotAPositionSide)),
    };
    let size = magnitude(signed, "size")?;
    let profit = amount("unrealizedPnl", listed.unrealized_pnl)?;
    let profit = if side == Side::Long { profit } else { negated(profit) };
    let Some(entry_price) = price_or_none("entryPrice", listed.entry_price)? else {
        return Err(RowError::new("entryPrice", Reason::Missing));
    };
    let oracle = scaled_ratio(profit, size).and_then(|move_| {
        let units = i128::from(entry_price.units()).checked_add(move_)?;
        Price::from_units(i64::try_from(units).ok()?).ok()
    });
    Ok(Some(AccountPosition {
        symbol: symbol("market", listed.market.as_deref().unwrap_or(ticker))?,
        side,
        size,
        entry_price: Some(entry_price),
        mark_price: oracle.ok_or(RowError::new("unrealizedPnl", Reason::OutOfRange))?,
        backing: Backing::Cross,
        max_leverage: None,
        liquidation_price: None,
    }))
}
