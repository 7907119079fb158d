//! States of public accounts, one decoder per venue: a JSON document to the accounts in it.
//!
//! A *row* of these formats is one account of one document. A bad one costs itself; the other accounts of the
//! same answer go on. Positions are put in the order of their symbols, so that one state read twice, from
//! answers that list it differently, is the same event.

mod dydx;
mod hyperliquid;
mod lighter;

pub(crate) use dydx::Dydx;
pub(crate) use hyperliquid::Hyperliquid;
pub(crate) use lighter::Lighter;

use liqlens_market::{
    AccountName, AccountPosition, AccountState, Amount, Event, EventBody, NumberError, Price, Size,
    TimeError, Timestamp, UNITS_PER_ONE,
};
use serde_json::value::RawValue;

use super::json::{member, text};
use crate::name::{Moment, NameHints};
use crate::row::{Reason, RowError, Skip};

/// What became of one account of a document.
pub(crate) enum Row {
    /// A state.
    State(Event),
    /// A part of a state that another row gives, known at this time.
    Part(Moment),
    /// Nothing about an account's state.
    Skipped(Skip),
    /// Not usable.
    Rejected {
        /// Line that its document begins on.
        line: u64,
        /// Its beginning.
        text: Vec<u8>,
        /// Why.
        error: RowError,
    },
}

impl Row {
    /// A rejection of something that reads `text`.
    pub(crate) fn rejected(line: u64, text: &[u8], error: RowError) -> Self {
        Self::Rejected { line, text: text[..text.len().min(80)].to_vec(), error }
    }

    fn of(result: Result<Event, RowError>, line: u64, text: &[u8]) -> Self {
        match result {
            Ok(event) => Self::State(event),
            Err(error) => Self::rejected(line, text, error),
        }
    }
}

/// Turns documents of one format into account states.
pub(crate) trait DecodeDocument {
    /// Reads the document that begins on `line`.
    fn document(&mut self, line: u64, text: &[u8], rows: &mut Vec<Row>);

    /// Hands out what was held back until the end.
    fn finish(&mut self, _rows: &mut Vec<Row>) {}
}

/// When a state was valued: the first of `stated` that says so, else what the file's name says. Venues that
/// know no time write zero.
fn moment(name: &'static str, stated: &[Option<&RawValue>], hints: &NameHints) -> Result<Moment, RowError> {
    for raw in stated.iter().copied().flatten() {
        if matches!(text(raw), b"" | b"0") {
            continue;
        }
        return member(name, raw, time).map(Moment::at);
    }
    hints.moment.ok_or(RowError::new(name, Reason::NoTime))
}

/// An epoch number of any plausible unit, or text with an offset.
fn time(text: &[u8]) -> Result<Timestamp, TimeError> {
    if text.iter().all(u8::is_ascii_digit) {
        return Timestamp::parse_epoch(text);
    }
    // RFC 3339 with nanoseconds and an offset has 35 bytes; more is damage.
    let short = text.get(..text.len().min(40)).unwrap_or_default();
    if short.len() < text.len() {
        return Err(TimeError::NotATime);
    }
    Timestamp::parse_text(core::str::from_utf8(short).map_err(|_| TimeError::NotATime)?)
}

/// An account's name. Addresses are the same in either case of their letters, so they are written in small
/// ones.
pub(crate) fn account(name: &'static str, text: &str) -> Result<AccountName, RowError> {
    let is_address = text.len() == 42
        && text.starts_with("0x")
        && text.bytes().skip(2).all(|byte| byte.is_ascii_hexdigit());
    let lower = if is_address { text.to_ascii_lowercase() } else { text.to_owned() };
    AccountName::new(&lower).map_err(|error| RowError::new(name, error.into()))
}

/// The price at which `size` is worth `value`, exact and then rounded half to even at 1e-8.
fn price_of(value: Amount, size: Size) -> Result<Price, NumberError> {
    let ratio = scaled_ratio(value, size).ok_or(NumberError::Zero)?;
    Price::from_units(i64::try_from(ratio).map_err(|_| NumberError::TooLarge)?)
}

/// `amount / size` in units of 1e-8, rounded half to even; `None` if there is no size.
fn scaled_ratio(amount: Amount, size: Size) -> Option<i128> {
    let divisor = i128::from(size.units());
    if divisor == 0 {
        return None;
    }
    let scaled = i128::from(amount.units()) * i128::from(UNITS_PER_ONE);
    let (quotient, remainder) = (scaled.div_euclid(divisor), scaled.rem_euclid(divisor));
    let up = match (2 * remainder).cmp(&divisor) {
        core::cmp::Ordering::Less => false,
        core::cmp::Ordering::Equal => quotient % 2 != 0,
        core::cmp::Ordering::Greater => true,
    };
    Some(quotient + i128::from(up))
}

/// A sum of amounts that fits.
fn sum(name: &'static str, amounts: &[Amount]) -> Result<Amount, RowError> {
    let total = amounts.iter().try_fold(Amount::ZERO, |total, amount| total.checked_add(*amount));
    total.ok_or(RowError::new(name, Reason::Number(NumberError::TooLarge)))
}

/// The amount with its sign turned.
fn negated(amount: Amount) -> Amount {
    Amount::from_units(amount.units().saturating_neg())
}

/// A state whose positions are in order and each in a market of its own.
fn state(moment: Moment, mut state: AccountState, column: &'static str) -> Result<Event, RowError> {
    state.positions.sort();
    if state.positions.array_windows().any(|[a, b]: &[AccountPosition; 2]| a.symbol == b.symbol) {
        return Err(RowError::new(column, Reason::RepeatedPosition));
    }
    let Moment { event_ts, known_ts } = moment;
    Ok(Event { event_ts, known_ts, body: EventBody::Account(Box::new(state)) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_of_values_are_exact_and_rounded_half_to_even() {
        let price = |value: &str, size: &str| {
            price_of(Amount::parse(value.as_bytes()).unwrap(), Size::parse(size.as_bytes()).unwrap())
        };
        // 5101.4205 / 0.06075, and a third.
        assert_eq!(price("5101.4205", "0.06075").unwrap().to_string(), "83974");
        assert_eq!(price("1", "3").unwrap().to_string(), "0.33333333");
        assert_eq!(price("2", "3").unwrap().to_string(), "0.66666667");
        // 0.000000015 and 0.000000025 lie half-way: both go to the even neighbour.
        assert_eq!(price("0.00000003", "2").unwrap().to_string(), "0.00000002");
        assert_eq!(price("0.00000005", "2").unwrap().to_string(), "0.00000002");
        assert_eq!(price("1", "0"), Err(NumberError::Zero));
        assert_eq!(price("0", "1"), Err(NumberError::Zero));
        assert_eq!(price("-1", "1"), Err(NumberError::Negative));
        assert_eq!(price("90000000000", "0.00000001"), Err(NumberError::TooLarge));
    }

    #[test]
    fn addresses_have_one_spelling() {
        let name = |text| account("user", text).map(String::from);
        let address = "0x3f4ec7684F679F83c782e485b358A2D43045d6A2";
        assert_eq!(name(address).unwrap(), address.to_lowercase());
        assert_eq!(name("Vault16").unwrap(), "Vault16");
        assert!(name("a b").is_err());
    }
}
