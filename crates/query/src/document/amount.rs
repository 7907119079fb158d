//! Money and prices as exact decimal text.

use std::borrow::Cow;
use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Sub};

use liqlens_market::Price;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// US dollars, exact to the cent; stablecoin quotes count as dollars at par. JSON: `"1100000000.00"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Usd {
    cents: i64,
}

impl Usd {
    /// Nothing.
    pub const ZERO: Self = Self { cents: 0 };

    /// From whole cents.
    pub const fn from_cents(cents: i64) -> Self {
        Self { cents }
    }

    /// Nearest cent to a finite amount below 9e16 dollars; anything else becomes the nearest bound.
    pub fn from_f64(dollars: f64) -> Self {
        #[allow(clippy::cast_possible_truncation)] // `as` saturates, and NaN cannot leave the engine
        Self { cents: (dollars * 100.0).round_ties_even() as i64 }
    }

    /// Whole cents.
    pub const fn cents(self) -> i64 {
        self.cents
    }

    /// Dollars as a float, for drawing and ratios.
    pub fn to_f64(self) -> f64 {
        self.cents as f64 / 100.0
    }
}

impl Add for Usd {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self { cents: self.cents.saturating_add(other.cents) }
    }
}

impl Sub for Usd {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self { cents: self.cents.saturating_sub(other.cents) }
    }
}

impl AddAssign for Usd {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sum for Usd {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self::ZERO, Add::add)
    }
}

impl fmt::Display for Usd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.cents < 0 { "-" } else { "" };
        let cents = self.cents.unsigned_abs();
        write!(f, "{sign}{}.{:02}", cents / 100, cents % 100)
    }
}

impl Serialize for Usd {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Usd {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        let (whole, cents) =
            text.split_once('.').ok_or_else(|| D::Error::custom("expected dollars.cents"))?;
        let digits = format!("{whole}{cents}");
        match digits.parse() {
            Ok(value) if cents.len() == 2 => Ok(Self { cents: value }),
            _ => Err(D::Error::custom("expected dollars.cents")),
        }
    }
}

impl JsonSchema for Usd {
    fn schema_name() -> Cow<'static, str> {
        "Usd".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": "^-?[0-9]+\\.[0-9]{2}$",
            "description": "US dollars, exact to the cent (stablecoin quotes at par)"
        })
    }
}

/// A price as decimal text in the instrument's precision. JSON: `"92580.7"`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PriceText(String);

impl PriceText {
    /// Writes a price with a fixed number of decimals.
    pub fn new(price: f64, decimals: usize) -> Self {
        Self(format!("{price:.decimals$}"))
    }

    /// A price with the decimals it has.
    pub fn exact(price: Price) -> Self {
        Self(price.to_string())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The price as a float, for drawing.
    pub fn to_f64(&self) -> f64 {
        self.0.parse().unwrap_or(f64::NAN)
    }
}

impl fmt::Display for PriceText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl JsonSchema for PriceText {
    fn schema_name() -> Cow<'static, str> {
        "Price".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": "^-?[0-9]+(\\.[0-9]+)?$",
            "description": "price or price difference in the quote currency, in the instrument's precision"
        })
    }
}
