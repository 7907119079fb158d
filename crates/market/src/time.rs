//! Points in time and lengths of time, both in integer nanoseconds, UTC only.

use core::fmt;
use core::ops::{Add, Sub};

use serde::{Deserialize, Serialize};

use crate::parse_id;

const NANOS_PER_SECOND: i64 = 1_000_000_000;

/// A moment as nanoseconds since 1970-01-01T00:00:00Z, without leap seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(i64);

/// A signed length of time in nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Span(i64);

/// Why a number or a text is not a usable time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TimeError {
    /// Neither an integer nor RFC 3339.
    #[error("is not a time")]
    NotATime,
    /// A number outside every plausible unit between 2009 and 2100.
    #[error("is not a time between 2009 and 2100 in s, ms, µs or ns")]
    Implausible,
}

impl Timestamp {
    /// 2009-01-03, the first block of the first coin: nothing in this field is older.
    pub const EARLIEST: Self = Self(1_230_940_800 * NANOS_PER_SECOND);
    /// 2100-01-01.
    pub const LATEST: Self = Self(4_102_444_800 * NANOS_PER_SECOND);

    /// From nanoseconds since the epoch, unchecked beyond its type.
    pub const fn from_nanos(ns: i64) -> Self {
        Self(ns)
    }

    /// From whole seconds since the epoch; `None` outside 2009–2100.
    pub fn from_seconds(seconds: i64) -> Option<Self> {
        Self::plausible(seconds.checked_mul(NANOS_PER_SECOND)?)
    }

    /// Nanoseconds since the epoch.
    #[inline]
    pub const fn nanos(self) -> i64 {
        self.0
    }

    /// Whole milliseconds since the epoch, rounded down.
    pub const fn millis(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// Reads an epoch number in whichever of s, ms, µs and ns is plausible. The four ranges for
    /// 2009–2100 do not overlap, so a change of unit inside one archive (which has happened) is read
    /// right row by row, and a value that fits none is an error instead of the year 56000.
    ///
    /// ```
    /// # use liqlens_market::Timestamp;
    /// let ms = Timestamp::parse_epoch(b"1767531600000").unwrap();
    /// assert_eq!(ms, Timestamp::parse_epoch(b"1767531600000000").unwrap());
    /// assert_eq!(ms.to_string(), "2026-01-04T13:00:00Z");
    /// assert!(Timestamp::parse_epoch(b"17675316").is_err());
    /// ```
    #[inline(always)]
    #[allow(clippy::inline_always)] // see `digits`
    pub fn parse_epoch(text: &[u8]) -> Result<Self, TimeError> {
        let value = parse_id(text).map_err(|_| TimeError::NotATime)?;
        let value = i64::try_from(value).map_err(|_| TimeError::NotATime)?;
        Self::from_epoch(value).ok_or(TimeError::Implausible)
    }

    /// As [`Timestamp::parse_epoch`], from an integer.
    #[inline(always)]
    #[allow(clippy::inline_always)] // see `digits`
    pub fn from_epoch(value: i64) -> Option<Self> {
        let scale = match value {
            1_000_000_000..=9_999_999_999 => NANOS_PER_SECOND,
            1_000_000_000_000..=9_999_999_999_999 => 1_000_000,
            1_000_000_000_000_000..=9_999_999_999_999_999 => 1_000,
            1_000_000_000_000_000_000.. => 1,
            _ => return None,
        };
        Self::plausible(value.checked_mul(scale)?)
    }

    /// Reads RFC 3339 with an offset, the same with a blank for the `T`, or a bare date (midnight UTC).
    /// A time of day without an offset is refused: it would be a guess.
    ///
    /// ```
    /// # use liqlens_market::Timestamp;
    /// let t = Timestamp::parse_text("2024-12-04 22:16:25.587000+05:30").unwrap();
    /// assert_eq!(t.to_string(), "2024-12-04T16:46:25.587Z");
    /// assert!(Timestamp::parse_text("2024-12-04 22:16:25").is_err());
    /// ```
    pub fn parse_text(text: &str) -> Result<Self, TimeError> {
        let parsed = if text.len() == 10 {
            format!("{text}T00:00:00Z").parse::<jiff::Timestamp>()
        } else {
            text.parse::<jiff::Timestamp>()
        };
        let ns = parsed.map_err(|_| TimeError::NotATime)?.as_nanosecond();
        let ns = i64::try_from(ns).map_err(|_| TimeError::Implausible)?;
        Self::plausible(ns).ok_or(TimeError::Implausible)
    }

    /// Start of the period of length `span` (counted from the epoch) that this moment falls into.
    #[must_use]
    pub const fn floor(self, span: Span) -> Self {
        Self(self.0 - self.0.rem_euclid(span.0))
    }

    /// `2026-03-20`, the UTC day.
    pub fn date(self) -> String {
        let mut text = self.to_string();
        text.truncate(10);
        text
    }

    fn plausible(ns: i64) -> Option<Self> {
        (Self::EARLIEST.0..Self::LATEST.0).contains(&ns).then_some(Self(ns))
    }
}

impl Span {
    /// No time at all.
    pub const ZERO: Self = Self(0);
    /// One second.
    pub const SECOND: Self = Self(NANOS_PER_SECOND);
    /// One minute.
    pub const MINUTE: Self = Self(60 * NANOS_PER_SECOND);
    /// One hour.
    pub const HOUR: Self = Self(3_600 * NANOS_PER_SECOND);
    /// One day of 24 hours.
    pub const DAY: Self = Self(86_400 * NANOS_PER_SECOND);

    /// From nanoseconds.
    pub const fn from_nanos(ns: i64) -> Self {
        Self(ns)
    }

    /// `count` times this length.
    #[must_use]
    pub const fn times(self, count: i64) -> Self {
        Self(self.0 * count)
    }

    /// Nanoseconds.
    pub const fn nanos(self) -> i64 {
        self.0
    }

    /// Seconds as a float.
    pub fn seconds(self) -> f64 {
        self.0 as f64 / NANOS_PER_SECOND as f64
    }

    /// Days as a float: the unit of every rate in the model.
    pub fn days(self) -> f64 {
        self.seconds() / 86_400.0
    }
}

impl Add<Span> for Timestamp {
    type Output = Self;
    fn add(self, span: Span) -> Self {
        Self(self.0.saturating_add(span.0))
    }
}

impl Add for Span {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sub<Span> for Timestamp {
    type Output = Self;
    fn sub(self, span: Span) -> Self {
        Self(self.0.saturating_sub(span.0))
    }
}

impl Sub for Timestamp {
    type Output = Span;
    fn sub(self, other: Self) -> Span {
        Span(self.0.saturating_sub(other.0))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_nanosecond(i128::from(self.0)) {
            Ok(time) => write!(f, "{time}"),
            Err(_) => write!(f, "{} ns", self.0),
        }
    }
}

/// `2h`, `5m`, `90s`, `1d`: whole numbers of the largest fitting unit.
impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (unit, name) in [(Self::DAY, "d"), (Self::HOUR, "h"), (Self::MINUTE, "m"), (Self::SECOND, "s")] {
            if self.0 != 0 && self.0 % unit.0 == 0 {
                return write!(f, "{}{name}", self.0 / unit.0);
            }
        }
        write!(f, "{}s", self.seconds())
    }
}
