//! Members of JSON objects: numbers are taken as the text they are written in and read exactly; a float in
//! between would turn 0.00017 into something that is not.

use liqlens_market::{Amount, NumberError, Price, Size, Symbol, parse_id};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::row::{Reason, RowError};

/// Parses a whole line or document.
pub(crate) fn json<'a, T: Deserialize<'a>>(what: &'static str, text: &'a [u8]) -> Result<T, RowError> {
    serde_json::from_slice(text).map_err(|_| RowError::new(what, Reason::Json))
}

/// Text of a number, written as a number or as a string.
pub(crate) fn text(raw: &RawValue) -> &[u8] {
    let text = raw.get().as_bytes();
    text.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\"")).unwrap_or(text)
}

/// A member by any parser of text.
pub(crate) fn member<T, E: Into<Reason>>(
    name: &'static str,
    raw: &RawValue,
    parse: impl Fn(&[u8]) -> Result<T, E>,
) -> Result<T, RowError> {
    parse(text(raw)).map_err(|error| RowError::new(name, error.into()))
}

/// A member that has to be there.
pub(crate) fn need<'a>(name: &'static str, raw: Option<&'a RawValue>) -> Result<&'a RawValue, RowError> {
    raw.ok_or(RowError::new(name, Reason::Missing))
}

/// An amount that has to be there.
pub(crate) fn amount(name: &'static str, raw: Option<&RawValue>) -> Result<Amount, RowError> {
    member(name, need(name, raw)?, Amount::parse)
}

/// An amount, where there is one.
pub(crate) fn optional_amount(
    name: &'static str,
    raw: Option<&RawValue>,
) -> Result<Option<Amount>, RowError> {
    raw.map(|raw| member(name, raw, Amount::parse)).transpose()
}

/// A size without its sign.
pub(crate) fn magnitude(amount: Amount, name: &'static str) -> Result<Size, RowError> {
    Size::from_units(amount.units().saturating_abs()).map_err(|error| RowError::new(name, error.into()))
}

/// A price, where there is one. Venues write "none" as nothing, `null`, an empty text, zero or a negative
/// number, and a price that lies beyond every representable one is never met either.
pub(crate) fn price_or_none(name: &'static str, raw: Option<&RawValue>) -> Result<Option<Price>, RowError> {
    let Some(raw) = raw else { return Ok(None) };
    match Amount::parse(text(raw)) {
        Ok(amount) => Ok(Price::from_units(amount.units()).ok()),
        Err(NumberError::Empty | NumberError::TooLarge) => Ok(None),
        Err(error) => Err(RowError::new(name, error.into())),
    }
}

/// A market's symbol.
pub(crate) fn symbol(name: &'static str, text: &str) -> Result<Symbol, RowError> {
    Symbol::new(text).map_err(|_| RowError::new(name, Reason::NotASymbol))
}

/// A whole number that fits, where there is one above zero.
pub(crate) fn positive_u16(name: &'static str, raw: Option<&RawValue>) -> Result<Option<u16>, RowError> {
    let Some(raw) = raw else { return Ok(None) };
    let value = member(name, raw, parse_id)?;
    let value = u16::try_from(value).map_err(|_| RowError::new(name, Reason::OutOfRange))?;
    Ok((value > 0).then_some(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_price_is_written_in_many_ways_and_garbage_is_not_one_of_them() {
        let read = |text: &str| {
            let raw: Option<&RawValue> = serde_json::from_str(text).unwrap();
            price_or_none("px", raw)
        };
        for none in ["null", "\"\"", "\"0\"", "0.0", "\"-5.5\"", "\"1e12\"", "\"1e400\""] {
            assert_eq!(read(none), Ok(None), "{none}");
        }
        assert_eq!(read("\"63823.6021044955\"").unwrap().unwrap().to_string(), "63823.6021045");
        for garbage in ["\"NaN\"", "\"--\"", "true", "[1]"] {
            assert!(read(garbage).is_err(), "{garbage}");
        }
    }
}
