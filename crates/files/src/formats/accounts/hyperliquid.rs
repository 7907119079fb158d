//! Hyperliquid: answers to `clearinghouseState` and `spotClearinghouseState`, alone, in envelopes that say
//! whose they are, and in messages of its stream.
//!
//! What backs the cross positions depends on the account's mode. **Standard**: the cross account value.
//! **Unified** and **portfolio** margin: spot balances, of which the account value is only the part lent to the
//! margin account; the venue states what is left after maintenance (`tokenToAvailableAfterMaintenance`), and
//! that plus the maintenance is the equity. Without that member it is the spot USDC (token 0) in all, which
//! holds the profit of open positions and the margin of isolated ones, less the latter: in a recorded unified
//! account with one isolated position, 1125.961894 in all − 1077.497057 held = 48.464837 available.
//!
//! An answer does not say whose it is: that is the file's name then, and a spot answer belongs to the state
//! next to it. A clearinghouse beside the main one (`dex:SYMBOL`) is an account of its own, `address/dex`.

use liqlens_market::{AccountMode, AccountName, AccountPosition, AccountState, Amount, Backing, Event, Side};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use super::{DecodeDocument, Row, account, moment, negated, price_of, state, sum};
use crate::formats::json::{
    amount, json, magnitude, member, optional_amount, positive_u16, price_or_none, symbol, text,
};
use crate::name::{Moment, NameHints};
use crate::row::{Reason, RowError, Skip};

/// USDC, the collateral of the main clearinghouse.
const COLLATERAL_TOKEN: &[u8] = b"0";
/// Figures of one position agree within a cent: they are rounded by the venue to six decimals.
const TOLERANCE_UNITS: u64 = 1_000_000;

/// Everything a document may be: an answer, an envelope around answers, or a message of the stream.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    /// Of a message of the stream.
    channel: Option<IgnoredAny>,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
    /// Of an envelope.
    #[serde(alias = "address", alias = "subAccountUser")]
    user: Option<String>,
    #[serde(borrow)]
    clearinghouse_state: Option<State<'a>>,
    #[serde(borrow, alias = "dexToClearinghouseState")]
    clearinghouse_states: Option<Vec<(String, State<'a>)>>,
    #[serde(borrow, alias = "spotState")]
    spot_clearinghouse_state: Option<Spot<'a>>,
    #[serde(alias = "accountMode", alias = "abstraction")]
    user_abstraction: Option<String>,
    dex: Option<String>,
    #[serde(borrow)]
    time: Option<&'a RawValue>,
    /// Of an answer that stands alone.
    asset_positions: Option<IgnoredAny>,
    balances: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct State<'a> {
    #[serde(borrow)]
    asset_positions: Option<Vec<AssetPosition<'a>>>,
    #[serde(borrow)]
    margin_summary: Option<Summary<'a>>,
    #[serde(borrow)]
    cross_margin_summary: Option<Summary<'a>>,
    #[serde(borrow)]
    cross_maintenance_margin_used: Option<&'a RawValue>,
    #[serde(borrow)]
    time: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Summary<'a> {
    #[serde(borrow)]
    account_value: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct AssetPosition<'a> {
    #[serde(borrow)]
    position: Listed<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Listed<'a> {
    coin: String,
    #[serde(borrow)]
    szi: &'a RawValue,
    #[serde(borrow)]
    leverage: Leverage<'a>,
    #[serde(borrow)]
    entry_px: Option<&'a RawValue>,
    #[serde(borrow)]
    position_value: Option<&'a RawValue>,
    #[serde(borrow)]
    liquidation_px: Option<&'a RawValue>,
    #[serde(borrow)]
    margin_used: Option<&'a RawValue>,
    #[serde(borrow)]
    max_leverage: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Leverage<'a> {
    r#type: String,
    #[serde(borrow)]
    raw_usd: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Spot<'a> {
    #[serde(borrow)]
    balances: Option<Vec<Balance<'a>>>,
    #[serde(borrow)]
    token_to_available_after_maintenance: Option<Vec<(&'a RawValue, &'a RawValue)>>,
    portfolio_margin_enabled: Option<bool>,
}

#[derive(Deserialize)]
struct Balance<'a> {
    #[serde(borrow)]
    token: Option<&'a RawValue>,
    #[serde(borrow)]
    total: Option<&'a RawValue>,
}

/// A margin account as read, before it is known what backs it.
struct Margin {
    dex: String,
    moment: Moment,
    positions: Vec<AccountPosition>,
    /// What backs the isolated positions, in all.
    isolated: Amount,
    /// Equity of the cross positions by the margin account alone, where stated.
    account_value: Option<Amount>,
    maintenance: Option<Amount>,
}

/// Spot balances as far as they matter here.
#[derive(Clone, Copy)]
struct Collateral {
    total: Amount,
    /// What is left after the maintenance of all positions.
    available: Option<Amount>,
    mode: AccountMode,
}

/// A state that waits for the spot answer that may follow it.
struct Waiting {
    line: u64,
    text: Vec<u8>,
    account: AccountName,
    margin: Margin,
}

/// Reads the venue's documents.
pub(crate) struct Hyperliquid<'a> {
    hints: &'a NameHints,
    state: Option<Waiting>,
    /// A spot answer that waits for the state that may follow it.
    spot: Option<Collateral>,
    /// Whether a spot answer has shown that the account of this file shares its collateral.
    shares_collateral: bool,
}

impl<'a> Hyperliquid<'a> {
    pub(crate) fn new(hints: &'a NameHints) -> Self {
        Self { hints, state: None, spot: None, shares_collateral: false }
    }

    fn file_account(&self) -> Result<AccountName, RowError> {
        let name = self.hints.account.as_deref().ok_or(RowError::new("user", Reason::NoAccountName))?;
        account("user", name)
    }

    /// One document without the message of the stream around it; `line` and `shown` are for complaints.
    fn read(&mut self, text: &[u8], line: u64, shown: &[u8], rows: &mut Vec<Row>) -> Result<(), RowError> {
        let document: Document<'_> = json("document", text)?;
        if document.channel.is_some() {
            let data = document.data.map_or(&b""[..], |data| data.get().as_bytes());
            // Every subscription of a recording lies in one file; few are about accounts.
            if memchr::memmem::find(data, b"learinghouseState").is_none() {
                rows.push(Row::Skipped(Skip::OtherMessage));
                return Ok(());
            }
            let events = self.envelope(&json("document", data)?, data)?;
            rows.extend(events.into_iter().map(Row::State));
            return Ok(());
        }
        let inside = document.clearinghouse_state.is_some() || document.clearinghouse_states.is_some();
        let alone = document.asset_positions.is_some();
        if inside || alone && (document.user.is_some() || document.spot_clearinghouse_state.is_some()) {
            let events = self.envelope(&document, text)?;
            rows.extend(events.into_iter().map(Row::State));
        } else if alone {
            self.let_go(rows);
            let name = self.file_account()?;
            let margin = margin(&json("document", text)?, document.dex.as_deref(), None, self.hints)?;
            let waiting = Waiting { line, text: shown.to_vec(), account: name, margin };
            match self.spot.take() {
                Some(spot) => pair(waiting, spot, rows),
                None => self.state = Some(waiting),
            }
        } else if document.balances.is_some() {
            let spot = collateral(&json("document", text)?)?;
            self.shares_collateral |= spot.mode != AccountMode::Standard;
            if let Some(waiting) = self.state.take() {
                pair(waiting, spot, rows);
            } else if self.spot.replace(spot).is_some() {
                rows.push(Row::Skipped(Skip::OtherMessage));
            }
        } else {
            return Err(RowError::new("document", Reason::Json));
        }
        Ok(())
    }

    /// The states of one account in an envelope, which is complete in itself.
    fn envelope(&self, document: &Document<'_>, text: &[u8]) -> Result<Vec<Event>, RowError> {
        let name = match &document.user {
            Some(user) => account("user", user)?,
            None => self.file_account()?,
        };
        let (dex, time) = (document.dex.as_deref(), document.time);
        let mut margins = Vec::new();
        if let Some(state) = &document.clearinghouse_state {
            margins.push(margin(state, dex, time, self.hints)?);
        }
        for (dex, state) in document.clearinghouse_states.iter().flatten() {
            margins.push(margin(state, Some(dex), time, self.hints)?);
        }
        if document.asset_positions.is_some() {
            margins.push(margin(&json("document", text)?, dex, time, self.hints)?);
        }
        let isolated: Vec<Amount> = margins.iter().map(|margin| margin.isolated).collect();
        let isolated = sum("marginUsed", &isolated)?;
        let spot = document.spot_clearinghouse_state.as_ref().map(collateral).transpose()?;
        let mode = mode(document.user_abstraction.as_deref(), spot)?;
        margins.into_iter().map(|margin| settle(&name, margin, mode, spot, isolated)).collect()
    }

    /// Settles the state that waited in vain for a spot answer.
    fn let_go(&mut self, rows: &mut Vec<Row>) {
        let Some(Waiting { line, text, account, margin }) = self.state.take() else { return };
        // What one spot answer has shown about the account holds for its other states too.
        let mode = if self.shares_collateral { AccountMode::Unified } else { AccountMode::Standard };
        let isolated = margin.isolated;
        rows.push(Row::of(settle(&account, margin, mode, None, isolated), line, &text));
    }
}

impl DecodeDocument for Hyperliquid<'_> {
    fn document(&mut self, line: u64, text: &[u8], rows: &mut Vec<Row>) {
        let shown = &text[..text.len().min(80)];
        if let Err(error) = self.read(text, line, shown, rows) {
            rows.push(Row::rejected(line, shown, error));
        }
    }

    fn finish(&mut self, rows: &mut Vec<Row>) {
        self.let_go(rows);
        if self.spot.take().is_some() {
            rows.push(Row::Skipped(Skip::OtherMessage));
        }
    }
}

/// Settles a state with its spot answer; both were rows.
fn pair(waiting: Waiting, spot: Collateral, rows: &mut Vec<Row>) {
    let Waiting { line, text, account, margin } = waiting;
    let (moment, isolated) = (margin.moment, margin.isolated);
    match settle(&account, margin, spot.mode, Some(spot), isolated) {
        Ok(event) => rows.extend([Row::State(event), Row::Part(moment)]),
        Err(error) => {
            rows.extend([Row::rejected(line, &text, error), Row::Skipped(Skip::OtherMessage)]);
        }
    }
}

/// Reads one clearinghouse's answer.
fn margin(
    state: &State<'_>,
    dex: Option<&str>,
    time: Option<&RawValue>,
    hints: &NameHints,
) -> Result<Margin, RowError> {
    // Without its list an account would look as if it held nothing.
    let listed = state.asset_positions.as_deref();
    let listed = listed.ok_or(RowError::new("assetPositions", Reason::Missing))?;
    let dex_of = |coin: &'_ str| coin.split_once(':').map_or(String::new(), |(dex, _)| dex.to_owned());
    let dex = match (dex, listed.first()) {
        (Some(dex), _) => dex.to_owned(),
        (None, Some(first)) => dex_of(&first.position.coin),
        (None, None) => String::new(),
    };
    let mut positions = Vec::with_capacity(listed.len());
    let mut isolated = Vec::new();
    for AssetPosition { position: listed } in listed {
        if dex_of(&listed.coin) != dex {
            return Err(RowError::new("coin", Reason::OtherClearinghouse));
        }
        let Some(position) = position(listed)? else { continue };
        if let Backing::Isolated(margin) = position.backing {
            isolated.push(margin);
        }
        positions.push(position);
    }
    let isolated = sum("marginUsed", &isolated)?;
    let value = |summary: &Option<Summary<'_>>| {
        let raw = summary.as_ref().and_then(|summary| summary.account_value);
        optional_amount("accountValue", raw)
    };
    // The older summary is of all positions: without the isolated margins it is the same figure.
    let account_value = match (value(&state.cross_margin_summary)?, value(&state.margin_summary)?) {
        (Some(cross), _) => Some(cross),
        (None, Some(all)) => Some(sum("accountValue", &[all, negated(isolated)])?),
        (None, None) => None,
    };
    Ok(Margin {
        dex,
        moment: moment("time", &[state.time, time], hints)?,
        positions,
        isolated,
        account_value,
        maintenance: optional_amount("crossMaintenanceMarginUsed", state.cross_maintenance_margin_used)?,
    })
}

/// Reads a position; `None` if it has no size.
fn position(listed: &Listed<'_>) -> Result<Option<AccountPosition>, RowError> {
    let signed = member("szi", listed.szi, Amount::parse)?;
    if signed == Amount::ZERO {
        return Ok(None);
    }
    let side = if signed > Amount::ZERO { Side::Long } else { Side::Short };
    let size = magnitude(signed, "szi")?;
    let value = amount("positionValue", listed.position_value)?;
    let mark_price = price_of(value, size).map_err(|error| RowError::new("positionValue", error.into()))?;
    let backing = match listed.leverage.r#type.as_str() {
        "cross" => Backing::Cross,
        "isolated" => {
            let margin = amount("marginUsed", listed.margin_used)?;
            if let Some(raw) = optional_amount("rawUsd", listed.leverage.raw_usd)? {
                let held = if side == Side::Long { value } else { negated(value) };
                let expected = sum("rawUsd", &[raw, held])?;
                if expected.units().abs_diff(margin.units()) > TOLERANCE_UNITS {
                    return Err(RowError::new("marginUsed", Reason::Inconsistent));
                }
            }
            Backing::Isolated(margin)
        }
        _ => return Err(RowError::new("leverage", Reason::NotABacking)),
    };
    Ok(Some(AccountPosition {
        symbol: symbol("coin", &listed.coin)?,
        side,
        size,
        entry_price: price_or_none("entryPx", listed.entry_px)?,
        mark_price,
        backing,
        max_leverage: positive_u16("maxLeverage", listed.max_leverage)?,
        liquidation_price: price_or_none("liquidationPx", listed.liquidation_px)?,
    }))
}

/// What a spot answer says about the collateral and how it is used.
fn collateral(spot: &Spot<'_>) -> Result<Collateral, RowError> {
    let is_collateral = |token: &RawValue| text(token) == COLLATERAL_TOKEN;
    let mut total = Amount::ZERO;
    for balance in spot.balances.iter().flatten() {
        if balance.token.is_some_and(is_collateral) {
            total = sum("total", &[total, amount("total", balance.total)?])?;
        }
    }
    let shares = spot.token_to_available_after_maintenance.as_deref();
    let available = shares.unwrap_or_default().iter().find(|(token, _)| is_collateral(token));
    let available = available
        .map(|(_, available)| member("tokenToAvailableAfterMaintenance", available, Amount::parse))
        .transpose()?;
    let mode = match (spot.portfolio_margin_enabled, shares) {
        (Some(true), _) => AccountMode::Portfolio,
        // The venue states this where spot balances back positions, and only there.
        (_, Some(_)) => AccountMode::Unified,
        (_, None) => AccountMode::Standard,
    };
    Ok(Collateral { total, available, mode })
}

/// The account's mode: what is said of it, else what its spot answer shows.
fn mode(stated: Option<&str>, spot: Option<Collateral>) -> Result<AccountMode, RowError> {
    let shown = spot.map_or(AccountMode::Standard, |spot| spot.mode);
    match stated {
        Some("unifiedAccount" | "unified") => Ok(AccountMode::Unified),
        Some("portfolioMargin" | "portfolio") => Ok(AccountMode::Portfolio),
        // With `dexAbstraction` the venue moves collateral between clearinghouses; each is still margined by
        // what it holds.
        None | Some("disabled" | "default" | "standard" | "dexAbstraction") => Ok(shown),
        Some(_) => Err(RowError::new("userAbstraction", Reason::NotAMode)),
    }
}

/// Puts the state together. `isolated` is the margin of all isolated positions that spot balances back.
fn settle(
    account_name: &AccountName,
    margin: Margin,
    mode: AccountMode,
    spot: Option<Collateral>,
    isolated: Amount,
) -> Result<Event, RowError> {
    let alone = margin.account_value.ok_or(RowError::new("crossMarginSummary", Reason::Missing));
    let cross_equity = match (mode, spot) {
        (AccountMode::Standard, _) | (AccountMode::Portfolio, None) => alone?,
        (AccountMode::Unified, None) => {
            return Err(RowError::new("spotClearinghouseState", Reason::NoSpotState));
        }
        (AccountMode::Unified | AccountMode::Portfolio, Some(spot)) => {
            match (spot.available, margin.maintenance) {
                (Some(available), Some(maintenance)) => {
                    sum("tokenToAvailableAfterMaintenance", &[available, maintenance])?
                }
                _ => sum("total", &[spot.total, negated(isolated)])?,
            }
        }
    };
    let account = if margin.dex.is_empty() {
        account_name.clone()
    } else {
        account("dex", &format!("{account_name}/{}", margin.dex))?
    };
    let read = AccountState {
        account,
        mode,
        cross_equity,
        cross_maintenance: margin.maintenance,
        positions: margin.positions,
    };
    state(margin.moment, read, "coin")
}
