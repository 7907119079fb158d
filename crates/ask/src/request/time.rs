//! Moments: RFC 3339, a date, `now-2h`, `@1767531600` with an optional unit.

use liqlens_market::{Span, Timestamp};

use crate::failure::{Failure, quoted};

/// The moment an answer is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AsOf {
    /// The newest moment at which the market's data hold both price and open interest.
    Newest,
    /// A moment named by the user.
    At(Timestamp),
}

impl AsOf {
    /// Reads a moment; `now` is what the clock says.
    pub fn parse(text: &str, now: Timestamp) -> Result<Self, Failure> {
        moment(text, now).map(Self::At)
    }

    /// Whether a named moment lies before another.
    pub fn is_before(self, other: Timestamp) -> bool {
        matches!(self, Self::At(time) if time < other)
    }
}

/// Reads one moment.
pub fn moment(text: &str, now: Timestamp) -> Result<Timestamp, Failure> {
    if let Some(epoch) = text.strip_prefix('@') {
        return from_epoch(text, epoch);
    }
    if text == "now" {
        return Ok(now);
    }
    if let Some(back) = text.strip_prefix("now-") {
        return match span(back).and_then(|span| in_range(now - span)) {
            Some(time) => Ok(time),
            None => Err(refused(text, "After `now-` stands a whole number and one of s, m, h, d, w.")),
        };
    }
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Failure::usage(
            "time-not-understood",
            format!("The time {} was not understood.", quoted(text)),
            "A bare number does not say whether it counts seconds, milliseconds or years.",
            format!("Write seconds since 1970 as @{}, or a date such as 2026-01-04.", shortened(text)),
        ));
    }
    Timestamp::parse_text(text).map_err(|error| {
        let why = match error {
            liqlens_market::TimeError::NotATime
                if text.len() > 10 && text.starts_with(|c: char| c.is_ascii_digit()) =>
            {
                "A time of day needs its offset from UTC, such as Z.".to_owned()
            }
            error => format!("It {error}."),
        };
        refused(text, &why)
    })
}

/// A length of time: `30s`, `5m`, `2h`, `1d`, `1w`; positive.
pub fn span(text: &str) -> Option<Span> {
    let unit = match text.bytes().next_back()? {
        b's' => Span::SECOND,
        b'm' => Span::MINUTE,
        b'h' => Span::HOUR,
        b'd' => Span::DAY,
        b'w' => Span::DAY.times(7),
        _ => return None,
    };
    let digits = &text[..text.len() - 1];
    if digits.is_empty() || digits.len() > 9 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let ns = digits.parse::<i64>().ok()?.checked_mul(unit.nanos())?;
    (ns > 0).then_some(Span::from_nanos(ns))
}

fn from_epoch(text: &str, epoch: &str) -> Result<Timestamp, Failure> {
    let digits = epoch.trim_end_matches(|c: char| c.is_ascii_lowercase());
    let per_unit = match &epoch[digits.len()..] {
        "" | "s" => 1_000_000_000,
        "ms" => 1_000_000,
        "us" => 1_000,
        "ns" => 1,
        _ => return Err(refused(text, "The unit after the number is one of s, ms, us, ns.")),
    };
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(refused(text, "After `@` stands a whole number of seconds since 1970."));
    }
    let time = digits
        .parse::<i64>()
        .ok()
        .and_then(|count| count.checked_mul(per_unit))
        .and_then(|ns| in_range(Timestamp::from_nanos(ns)));
    time.ok_or_else(|| {
        refused(text, "It is not between 2009 and 2100; `@` counts seconds unless ms, us or ns follows.")
    })
}

fn in_range(time: Timestamp) -> Option<Timestamp> {
    (Timestamp::EARLIEST..Timestamp::LATEST).contains(&time).then_some(time)
}

fn shortened(digits: &str) -> &str {
    digits.get(..20).unwrap_or(digits)
}

fn refused(text: &str, why: &str) -> Failure {
    Failure::usage(
        "time-not-understood",
        format!("The time {} was not understood.", quoted(text)),
        why,
        "Write it like 2026-01-04T13:00:00Z, 2026-01-04, now-2h or @1767531600.",
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn now() -> Timestamp {
        Timestamp::parse_text("2026-01-04T15:00:00Z").unwrap()
    }

    #[test]
    fn every_form_of_the_same_moment_is_the_same() {
        let expected = Timestamp::parse_text("2026-01-04T13:00:00Z").unwrap();
        for text in [
            "2026-01-04T13:00:00Z",
            "2026-01-04T14:00:00+01:00",
            "2026-01-04 13:00:00Z",
            "now-2h",
            "now-120m",
            "@1767531600",
            "@1767531600s",
            "@1767531600000ms",
            "@1767531600000000us",
            "@1767531600000000000ns",
        ] {
            assert_eq!(moment(text, now()).unwrap(), expected, "{text}");
        }
        assert_eq!(moment("2026-01-04", now()).unwrap().to_string(), "2026-01-04T00:00:00Z");
        assert_eq!(moment("now", now()).unwrap(), now());
    }

    #[test]
    fn what_could_mean_two_moments_is_refused() {
        for (text, part) in [
            ("1767531600", "bare number"),
            ("2026", "bare number"),
            ("2026-01-04T13:00:00", "offset"),
            ("2026-01-04 13:00", "offset"),
            ("@1767531600000", "unless ms"),
            ("@0", "2009"),
            ("@-5", "whole number"),
            ("@5x", "one of s, ms"),
            ("@", "whole number"),
            ("now-", "now-"),
            ("now-2y", "now-"),
            ("now-0h", "now-"),
            ("now-999999999w", "now-"),
            ("now+2h", "is not a time"),
            ("yesterday", "is not a time"),
            ("", "is not a time"),
            ("1970-01-01", "2009"),
            ("2200-01-01", "2009"),
        ] {
            let failure = moment(text, now()).unwrap_err();
            assert!(failure.why.contains(part), "{text}: {}", failure.why);
        }
        assert!(moment("1767531600", now()).unwrap_err().hint.contains("@1767531600"));
    }

    proptest! {
        #[test]
        fn no_text_panics(text in ".{0,60}") {
            let _ = moment(&text, now());
            let _ = span(&text);
        }

        #[test]
        fn near_misses_do_not_panic(text in "(now-|@)?[0-9]{0,25}(ns|us|ms|s|h|w|é)?") {
            let _ = moment(&text, now());
        }
    }
}
