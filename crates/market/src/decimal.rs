//! Exact decimal quantities as integers of 1e-8.
//!
//! | type | unit of the integer | range | zero allowed |
//! |---|---|---|---|
//! | [`Price`] | 1e-8 quote per base | up to 92,233,720,368 | no |
//! | [`Size`] | 1e-8 base (or contracts) | up to 92,233,720,368 | yes |
//! | [`Amount`] | 1e-8 quote | ±92,233,720,368 | yes, and below |
//! | [`Notional`] | 1e-16 quote | up to about 1.7e22 | yes |
//!
//! `Price × Size = Notional` is exact. Text is read straight from its digits, never through a float; a
//! ninth decimal and beyond is rounded half to even, which only meets sums written out by other programs
//! (`0.30000000000000004`). An exponent (`1e-8`) is legal decimal text and read exactly.

use core::fmt;
use core::iter::Sum;
use core::ops::{Add, AddAssign};

use serde::{Deserialize, Serialize};

use crate::digits;

/// How many integer units make one whole: eight decimals, the finest any supported venue quotes.
pub const UNITS_PER_ONE: i64 = 100_000_000;
const DECIMALS: i32 = 8;
/// `10^(8 − decimals)`, what scales a number with that many decimals to units of 1e-8.
const POWERS: [i64; 9] = [100_000_000, 10_000_000, 1_000_000, 100_000, 10_000, 1_000, 100, 10, 1];

/// Why a piece of text is not a usable number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NumberError {
    /// Nothing between the separators.
    #[error("is empty")]
    Empty,
    /// Letters, thousands separators, `NaN`, `inf`, two points, …
    #[error("is not a decimal number")]
    NotANumber,
    /// A minus sign where only amounts make sense.
    #[error("is negative")]
    Negative,
    /// Zero (or less than half of 1e-8) where the quantity must be positive.
    #[error("is zero")]
    Zero,
    /// Outside the range of the type (92,233,720,368 at eight decimals).
    #[error("is too large")]
    TooLarge,
}

/// A strictly positive price, quote currency per unit of base.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "i64")]
pub struct Price(i64);

/// A non-negative amount of base currency, or of contracts where the instrument says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "i64")]
pub struct Size(i64);

/// A signed amount of quote currency: a balance, an account's equity, a deposit or withdrawal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Amount(i64);

/// A non-negative amount of quote currency, exact to 1e-16 so that sums of products never round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Notional(i128);

impl Price {
    /// Reads decimal text such as `71157.6`.
    ///
    /// ```
    /// # use liqlens_market::{NumberError, Price};
    /// assert_eq!(Price::parse(b"71157.60").unwrap().units(), 7_115_760_000_000);
    /// assert_eq!(Price::parse(b"0.00").unwrap_err(), NumberError::Zero);
    /// assert_eq!(Price::parse(b"NaN").unwrap_err(), NumberError::NotANumber);
    /// ```
    #[inline(always)]
    #[allow(clippy::inline_always)] // see `digits`
    pub fn parse(text: &[u8]) -> Result<Self, NumberError> {
        Self::from_units(parse_units(text)?)
    }

    /// From integer units of 1e-8; zero and negatives are errors.
    #[inline]
    pub fn from_units(units: i64) -> Result<Self, NumberError> {
        match units {
            1.. => Ok(Self(units)),
            0 => Err(NumberError::Zero),
            _ => Err(NumberError::Negative),
        }
    }

    /// Nearest representable price; for values computed inside the estimators.
    pub fn from_f64(value: f64) -> Result<Self, NumberError> {
        Self::from_units(units_from_f64(value)?)
    }

    /// Integer units of 1e-8.
    #[inline]
    pub const fn units(self) -> i64 {
        self.0
    }

    /// The price as a float, for log geometry.
    #[inline]
    pub fn to_f64(self) -> f64 {
        self.0 as f64 / UNITS_PER_ONE as f64
    }

    /// Exact product with a size.
    #[inline]
    pub fn times(self, size: Size) -> Notional {
        Notional(i128::from(self.0) * i128::from(size.0))
    }
}

impl Size {
    /// No size at all.
    pub const ZERO: Self = Self(0);

    /// Reads decimal text such as `0.153`; zero is a legal size.
    #[inline(always)]
    #[allow(clippy::inline_always)] // see `digits`
    pub fn parse(text: &[u8]) -> Result<Self, NumberError> {
        Self::from_units(parse_units(text)?)
    }

    /// Reads decimal text that must be above zero, such as the size of a trade.
    #[inline(always)]
    #[allow(clippy::inline_always)] // see `digits`
    pub fn parse_positive(text: &[u8]) -> Result<Self, NumberError> {
        match Self::parse(text)? {
            Self::ZERO => Err(NumberError::Zero),
            size => Ok(size),
        }
    }

    /// From integer units of 1e-8; negatives are errors.
    #[inline]
    pub fn from_units(units: i64) -> Result<Self, NumberError> {
        if units < 0 { Err(NumberError::Negative) } else { Ok(Self(units)) }
    }

    /// Nearest representable size; for values computed inside the estimators.
    pub fn from_f64(value: f64) -> Result<Self, NumberError> {
        Self::from_units(units_from_f64(value)?)
    }

    /// Integer units of 1e-8.
    #[inline]
    pub const fn units(self) -> i64 {
        self.0
    }

    /// The size as a float, for the estimators.
    #[inline]
    pub fn to_f64(self) -> f64 {
        self.0 as f64 / UNITS_PER_ONE as f64
    }

    /// `self + other`, or `None` beyond the range of the type.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// `self − other`, or `None` if that is negative.
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        let units = self.0.checked_sub(other.0)?;
        (units >= 0).then_some(Self(units))
    }

    /// `self − other`, or zero if that is negative.
    #[must_use]
    pub fn saturating_sub(self, other: Self) -> Self {
        self.checked_sub(other).unwrap_or(Self::ZERO)
    }
}

impl Amount {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// Reads decimal text such as `-3828.81778`.
    ///
    /// ```
    /// # use liqlens_market::Amount;
    /// assert_eq!(Amount::parse(b"-3828.81778").unwrap().units(), -382_881_778_000);
    /// assert_eq!(Amount::parse(b"-0.0").unwrap(), Amount::ZERO);
    /// ```
    pub fn parse(text: &[u8]) -> Result<Self, NumberError> {
        match text.strip_prefix(b"-") {
            // One sign is enough; what follows it is read as an unsigned number.
            Some([] | [b'-' | b'+', ..]) => Err(NumberError::NotANumber),
            Some(digits) => parse_units(digits).map(|units| Self(-units)),
            None => parse_units(text).map(Self),
        }
    }

    /// From integer units of 1e-8.
    #[inline]
    pub const fn from_units(units: i64) -> Self {
        Self(units)
    }

    /// Nearest representable amount; for values computed inside the estimators.
    pub fn from_f64(value: f64) -> Result<Self, NumberError> {
        let units = units_from_f64(value.abs())?;
        Ok(Self(if value < 0.0 { -units } else { units }))
    }

    /// Integer units of 1e-8.
    #[inline]
    pub const fn units(self) -> i64 {
        self.0
    }

    /// The amount as a float, for the margin arithmetic.
    #[inline]
    pub fn to_f64(self) -> f64 {
        self.0 as f64 / UNITS_PER_ONE as f64
    }

    /// `self + other`, or `None` beyond the range of the type.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }
}

impl Notional {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// From whole units of the quote currency.
    pub fn from_whole(quote: u64) -> Self {
        Self(i128::from(quote) * i128::from(UNITS_PER_ONE) * i128::from(UNITS_PER_ONE))
    }

    /// The amount as a float.
    pub fn to_f64(self) -> f64 {
        self.0 as f64 / (UNITS_PER_ONE as f64 * UNITS_PER_ONE as f64)
    }
}

impl Add for Notional {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl AddAssign for Notional {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl Sum for Notional {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self::ZERO, Add::add)
    }
}

impl TryFrom<i64> for Price {
    type Error = NumberError;
    fn try_from(units: i64) -> Result<Self, NumberError> {
        Self::from_units(units)
    }
}

impl From<Price> for i64 {
    fn from(price: Price) -> i64 {
        price.0
    }
}

impl TryFrom<i64> for Size {
    type Error = NumberError;
    fn try_from(units: i64) -> Result<Self, NumberError> {
        Self::from_units(units)
    }
}

impl From<Size> for i64 {
    fn from(size: Size) -> i64 {
        size.0
    }
}

impl fmt::Display for Price {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_units(f, self.0)
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 < 0 {
            f.write_str("-")?;
        }
        write_units(f, self.0.saturating_abs())
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_units(f, self.0)
    }
}

/// Reads a finite signed rate (funding, ratios) that is not money and so may be a float.
///
/// ```
/// # use liqlens_market::{NumberError, parse_rate};
/// assert_eq!(parse_rate(b"-1.883e-05").unwrap(), -1.883e-5);
/// assert_eq!(parse_rate(b"inf").unwrap_err(), NumberError::NotANumber);
/// ```
pub fn parse_rate(text: &[u8]) -> Result<f64, NumberError> {
    if text.is_empty() {
        return Err(NumberError::Empty);
    }
    let text = core::str::from_utf8(text).map_err(|_| NumberError::NotANumber)?;
    match text.parse::<f64>() {
        Ok(rate) if rate.is_finite() => Ok(rate),
        _ => Err(NumberError::NotANumber),
    }
}

/// Reads an unsigned integer such as a trade id: digits only, at most 19 of them.
///
/// ```
/// # use liqlens_market::{NumberError, parse_id};
/// assert_eq!(parse_id(b"3012345678").unwrap(), 3_012_345_678);
/// assert_eq!(parse_id(b"-1").unwrap_err(), NumberError::NotANumber);
/// ```
#[inline(always)]
#[allow(clippy::inline_always)] // see `digits`
pub fn parse_id(text: &[u8]) -> Result<u64, NumberError> {
    match digits::integer(text) {
        Some(value) => Ok(value),
        None => parse_id_slow(text),
    }
}

#[cold]
fn parse_id_slow(text: &[u8]) -> Result<u64, NumberError> {
    if text.is_empty() {
        return Err(NumberError::Empty);
    }
    // 19 digits cannot overflow; venues' ids have at most 13.
    if text.len() > 19 {
        return Err(NumberError::TooLarge);
    }
    let mut value = 0u64;
    for &byte in text {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return Err(NumberError::NotANumber);
        }
        value = value.wrapping_mul(10).wrapping_add(u64::from(digit));
    }
    Ok(value)
}

/// Decimal text to integer units of 1e-8. Up to eight characters are read as one word, the rest of the
/// common shapes (at most 18 digits, no exponent) in a loop; everything else takes [`parse_units_slow`].
#[inline(always)]
#[allow(clippy::inline_always)] // see `digits`
fn parse_units(text: &[u8]) -> Result<i64, NumberError> {
    match digits::decimal(text) {
        // Eight digits times 10^8 fit.
        Some((digits, decimals)) => Ok(digits.cast_signed() * POWERS[decimals]),
        None => parse_units_long(text),
    }
}

fn parse_units_long(text: &[u8]) -> Result<i64, NumberError> {
    // 18 digits and a point cannot overflow an i64 before scaling.
    if text.is_empty() || text.len() > 19 {
        return parse_units_slow(text);
    }
    let mut value: i64 = 0;
    let mut decimals: Option<i32> = None;
    for &byte in text {
        let digit = byte.wrapping_sub(b'0');
        if digit < 10 {
            value = value.wrapping_mul(10).wrapping_add(i64::from(digit));
            if let Some(count) = &mut decimals {
                *count += 1;
            }
        } else if byte == b'.' && decimals.is_none() {
            decimals = Some(0);
        } else {
            return parse_units_slow(text);
        }
    }
    let decimals = decimals.unwrap_or(0);
    if decimals > DECIMALS || (text.len() == 19 && decimals == 0) || text == b"." {
        return parse_units_slow(text);
    }
    #[allow(clippy::cast_sign_loss)] // 0..=8 by the check above
    value.checked_mul(POWERS[decimals as usize]).ok_or(NumberError::TooLarge)
}

/// The full grammar: `[+-] digits [. digits] [e [+-] digits]`, rounded half to even at eight decimals.
#[cold]
fn parse_units_slow(text: &[u8]) -> Result<i64, NumberError> {
    if text.is_empty() {
        return Err(NumberError::Empty);
    }
    // No venue writes more than 40 characters for one number; a longer run is damage, not precision.
    if text.len() > 64 {
        return Err(NumberError::TooLarge);
    }
    let (negative, rest) = match text[0] {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let (mantissa, exponent) = match rest.iter().position(|b| matches!(b, b'e' | b'E')) {
        Some(at) => (&rest[..at], parse_exponent(&rest[at + 1..])?),
        None => (rest, 0),
    };
    let mut digits = [0u8; 64];
    let mut count = 0usize;
    let mut point: Option<usize> = None;
    for &byte in mantissa {
        match byte {
            b'0'..=b'9' => {
                digits[count] = byte - b'0';
                count += 1;
            }
            b'.' if point.is_none() => point = Some(count),
            _ => return Err(NumberError::NotANumber),
        }
    }
    if count == 0 {
        return Err(NumberError::NotANumber);
    }
    // Position of the decimal point in `digits` once the value is expressed in units of 1e-8.
    let whole = i64::try_from(point.unwrap_or(count)).unwrap_or(i64::MAX) + exponent + i64::from(DECIMALS);
    let digit_at = |index: i64| -> u8 {
        usize::try_from(index).ok().and_then(|i| digits[..count].get(i)).copied().unwrap_or(0)
    };
    let mut value: i128 = 0;
    if digits[..count].iter().any(|&d| d != 0) {
        if whole > 64 {
            return Err(NumberError::TooLarge);
        }
        for index in 0..whole.max(0) {
            value = value * 10 + i128::from(digit_at(index));
            if value > i128::from(i64::MAX) {
                return Err(NumberError::TooLarge);
            }
        }
        let first_dropped = if whole < 0 { 0 } else { digit_at(whole) };
        let sticky = whole >= 0 && (whole + 1..64).any(|i| digit_at(i) != 0);
        if first_dropped > 5 || (first_dropped == 5 && (sticky || value % 2 == 1)) {
            value += 1;
        }
    }
    if negative && value != 0 {
        return Err(NumberError::Negative);
    }
    i64::try_from(value).map_err(|_| NumberError::TooLarge)
}

fn parse_exponent(text: &[u8]) -> Result<i64, NumberError> {
    let text = core::str::from_utf8(text).map_err(|_| NumberError::NotANumber)?;
    match text.parse::<i64>() {
        // Beyond this every value is either zero or too large whatever its digits.
        Ok(exponent) => Ok(exponent.clamp(-1_000, 1_000)),
        Err(_) => Err(NumberError::NotANumber),
    }
}

fn units_from_f64(value: f64) -> Result<i64, NumberError> {
    let units = (value * UNITS_PER_ONE as f64).round_ties_even();
    if !units.is_finite() {
        return Err(NumberError::NotANumber);
    }
    if units >= i64::MAX as f64 {
        return Err(NumberError::TooLarge);
    }
    #[allow(clippy::cast_possible_truncation)]
    // in range by the two checks above; negatives are caught next
    Ok(units.max(-1.0) as i64)
}

/// Shortest exact decimal text: `71157.6`, `0.00000001`, `12`.
fn write_units(f: &mut fmt::Formatter<'_>, units: i64) -> fmt::Result {
    let (whole, fraction) = (units / UNITS_PER_ONE, units % UNITS_PER_ONE);
    if fraction == 0 {
        return write!(f, "{whole}");
    }
    let text = format!("{fraction:08}");
    write!(f, "{whole}.{}", text.trim_end_matches('0'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn legal_text_is_read_exactly() {
        for (text, units) in [
            ("1", UNITS_PER_ONE),
            ("0.00000001", 1),
            ("1e-8", 1),
            ("+5", 5 * UNITS_PER_ONE),
            ("5.", 5 * UNITS_PER_ONE),
            (".5", UNITS_PER_ONE / 2),
            ("8064963864.475081", 806_496_386_447_508_100),
            ("92233720368.54775807", i64::MAX),
            ("0.30000000000000004", 30_000_000),
            ("0.000000015", 2),
            ("0.000000025", 2),
            ("1.5E3", 1_500 * UNITS_PER_ONE),
        ] {
            assert_eq!(Price::parse(text.as_bytes()).unwrap().units(), units, "{text}");
        }
    }

    #[test]
    fn amounts_carry_one_sign() {
        for (text, units) in [("-1.1", -110_000_000), ("-8e-9", -1), ("+2", 200_000_000), ("-0", 0)] {
            assert_eq!(Amount::parse(text.as_bytes()), Ok(Amount::from_units(units)), "{text}");
        }
        for text in ["-", "--1", "-+1", "+-1", "1-"] {
            assert!(Amount::parse(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn every_kind_of_bad_text_names_its_fault() {
        use NumberError::{Empty, Negative, NotANumber, TooLarge, Zero};
        for (text, error) in [
            ("", Empty),
            ("NaN", NotANumber),
            ("Infinity", NotANumber),
            ("-inf", NotANumber),
            ("-0", Zero),
            ("0", Zero),
            ("0.000000001", Zero),
            ("-1", Negative),
            ("1E400", TooLarge),
            ("1e99999999999999999999", NotANumber),
            ("1234567890123456789012345678901234567890", TooLarge),
            ("92233720368.54775808", TooLarge),
            ("1,000.5", NotANumber),
            ("1.2.3", NotANumber),
            ("null", NotANumber),
            ("true", NotANumber),
            (".", NotANumber),
            ("-", NotANumber),
            ("1e", NotANumber),
            ("１", NotANumber),
        ] {
            assert_eq!(Price::parse(text.as_bytes()).unwrap_err(), error, "{text:?}");
        }
        assert_eq!(Size::parse(b"-0").unwrap(), Size::ZERO);
        assert_eq!(Size::parse_positive(b"0.0").unwrap_err(), Zero);
    }

    proptest! {
        #[test]
        fn text_round_trips(units in 1..=i64::MAX) {
            let price = Price::from_units(units).unwrap();
            prop_assert_eq!(Price::parse(price.to_string().as_bytes()).unwrap(), price);
        }

        #[test]
        fn fast_and_slow_readers_agree(text in "[0-9]{0,12}\\.?[0-9]{0,12}") {
            prop_assert_eq!(parse_units(text.as_bytes()), parse_units_slow(text.as_bytes()));
        }

        #[test]
        fn any_bytes_are_answered(text in proptest::collection::vec(any::<u8>(), 0..80)) {
            let _ = Size::parse(&text);
            let _ = parse_rate(&text);
        }
    }
}
