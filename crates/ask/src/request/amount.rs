//! Amounts: `1.1B`, `500M`, `250k` in dollars, or a number of coins or percent of open interest.

use liqlens_query::document::Usd;

use crate::failure::{Failure, quoted};

/// What the digits of an amount count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AmountUnit {
    /// US dollars.
    Usd,
    /// The market's base coin, by its name.
    Coin(String),
    /// Percent of one-sided open interest.
    PercentOfOpenInterest,
}

/// An amount per side, positive.
#[derive(Debug, Clone, PartialEq)]
pub enum Amount {
    /// Exact dollars.
    Usd(Usd),
    /// Coins at the last price.
    Coin {
        /// How many.
        count: f64,
        /// Which; must be the market's base coin.
        coin: String,
    },
    /// Percent of one-sided open interest, up to 100.
    PercentOfOpenInterest(f64),
}

/// One quadrillion dollars in cents: beyond any market, and far inside the type.
const MOST_CENTS: i128 = 100_000_000_000_000_000;

impl Amount {
    /// Reads an amount in the given unit.
    pub fn parse(text: &str, unit: AmountUnit) -> Result<Self, Failure> {
        let cents = parse_cents(text)?;
        match unit {
            AmountUnit::Usd => Ok(Self::Usd(Usd::from_cents(cents))),
            AmountUnit::Coin(coin) => Ok(Self::Coin { count: cents as f64 / 100.0, coin }),
            AmountUnit::PercentOfOpenInterest if cents > 10_000 => Err(refused(
                text,
                "More than all of the open interest cannot be liquidated.",
                "Ask for at most `100 --in %oi`.",
            )),
            AmountUnit::PercentOfOpenInterest => Ok(Self::PercentOfOpenInterest(cents as f64 / 100.0)),
        }
    }
}

impl AmountUnit {
    /// Reads what stands after `--in`: `USD`, `%oi`, or a coin.
    pub fn parse(text: &str) -> Result<Self, Failure> {
        if text.eq_ignore_ascii_case("usd") || text == "$" {
            return Ok(Self::Usd);
        }
        if text.eq_ignore_ascii_case("%oi") {
            return Ok(Self::PercentOfOpenInterest);
        }
        if text.is_empty() || text.len() > 64 || !text.chars().all(char::is_alphanumeric) {
            return Err(Failure::usage(
                "unit-not-understood",
                format!("The unit {} was not understood.", quoted(text)),
                "An amount is counted in dollars, in the market's coin, or in percent of open interest.",
                "Write `--in USD`, `--in BTC` or `--in %oi`.",
            ));
        }
        Ok(Self::Coin(text.to_owned()))
    }
}

/// Positive hundredths from decimal text with an optional `k`, `M`, `B` or `T`; exact.
fn parse_cents(text: &str) -> Result<i64, Failure> {
    let form = "Write it like 250k, 500M or 1.1B.";
    if text.is_empty() {
        return Err(refused(text, "It is empty.", form));
    }
    if text.starts_with(['-', '\u{2212}']) {
        return Err(refused(text, "An amount of liquidated positions cannot be negative.", form));
    }
    if text.starts_with('$') || text.ends_with('$') {
        return Err(refused(text, "Dollars are meant anyway, and `$` is special to most shells.", form));
    }
    let (digits, power) = match text.chars().next_back() {
        Some('k' | 'K') => (&text[..text.len() - 1], 3),
        Some('m' | 'M') => (&text[..text.len() - 1], 6),
        Some('b' | 'B') => (&text[..text.len() - 1], 9),
        Some('t' | 'T') => (&text[..text.len() - 1], 12),
        _ => (text, 0u32),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) || digits.ends_with('.') {
        return Err(refused(text, "It is not digits with at most one point and one of k, M, B, T.", form));
    }
    let whole = whole.trim_start_matches('0');
    let fraction = fraction.trim_end_matches('0');
    if whole.len() + fraction.len() > 24 {
        return Err(refused(text, "It has more digits than any market has dollars.", form));
    }
    // digits × 10^(power + 2 − decimals), refused if anything below a cent is left over.
    let decimals = u32::try_from(fraction.len()).unwrap_or(u32::MAX);
    let mut value: i128 = 0;
    for byte in whole.bytes().chain(fraction.bytes()) {
        value = value * 10 + i128::from(byte - b'0');
    }
    if decimals > power + 2 {
        return Err(refused(text, "It has fractions of a cent.", form));
    }
    // At most 24 digits and a factor of 1e14 stay inside 128 bits.
    let cents = value * 10i128.pow(power + 2 - decimals);
    match i64::try_from(cents) {
        Ok(0) => Err(refused(text, "Nothing is liquidated at no distance.", form)),
        Ok(cents) if i128::from(cents) <= MOST_CENTS => Ok(cents),
        _ => Err(refused(text, "It is more than a quadrillion.", form)),
    }
}

fn refused(text: &str, why: &str, hint: &str) -> Failure {
    Failure::usage(
        "amount-not-understood",
        format!("The amount {} was not understood.", quoted(text)),
        why,
        hint,
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn dollars_are_read_exactly() {
        for (text, cents) in [
            ("1.1B", 110_000_000_000),
            ("500M", 50_000_000_000),
            ("250k", 25_000_000),
            ("250K", 25_000_000),
            ("770", 77_000),
            ("0.01", 1),
            ("1.10", 110),
            ("0001.1b", 110_000_000_000),
            ("1.12345678901B", 112_345_678_901),
            ("1000T", 100_000_000_000_000_000),
        ] {
            assert_eq!(parse_cents(text).unwrap(), cents, "{text}");
        }
    }

    #[test]
    fn what_is_not_an_amount_is_refused_with_its_reason() {
        for (text, reason) in [
            ("", "empty"),
            ("-1", "negative"),
            ("−1", "negative"),
            ("1.1b$", "special to most shells"),
            ("$5M", "special to most shells"),
            ("0", "no distance"),
            ("0.000M", "no distance"),
            ("1,000", "not digits"),
            ("1e9", "not digits"),
            ("NaN", "not digits"),
            ("inf", "not digits"),
            ("M", "not digits"),
            (".5M", "not digits"),
            ("5.", "not digits"),
            ("1.2.3", "not digits"),
            ("1 B", "not digits"),
            ("0.001", "fractions of a cent"),
            ("1.123456789012B", "fractions of a cent"),
            ("1001T", "quadrillion"),
            ("1234567890123456789012345", "more digits"),
            ("１", "not digits"),
        ] {
            let failure = parse_cents(text).unwrap_err();
            assert!(failure.why.contains(reason), "{text}: {}", failure.why);
        }
    }

    #[test]
    fn units_are_dollars_coins_or_open_interest() {
        assert_eq!(AmountUnit::parse("usd").unwrap(), AmountUnit::Usd);
        assert_eq!(AmountUnit::parse("%OI").unwrap(), AmountUnit::PercentOfOpenInterest);
        assert_eq!(AmountUnit::parse("BTC").unwrap(), AmountUnit::Coin("BTC".to_owned()));
        assert!(AmountUnit::parse("%").is_err());
        assert!(Amount::parse("101", AmountUnit::PercentOfOpenInterest).is_err());
        assert_eq!(
            Amount::parse("12.5", AmountUnit::PercentOfOpenInterest).unwrap(),
            Amount::PercentOfOpenInterest(12.5)
        );
    }

    proptest! {
        #[test]
        fn no_text_panics(text in ".{0,80}", unit in ".{0,10}") {
            let _ = Amount::parse(&text, AmountUnit::Usd);
            let _ = AmountUnit::parse(&unit);
        }

        #[test]
        fn whole_dollars_with_a_unit_are_their_product(count in 1u32..=999_999, unit in 0usize..4) {
            let (name, times) = [("", 1i64), ("k", 1_000), ("M", 1_000_000), ("B", 1_000_000_000)][unit];
            prop_assert_eq!(parse_cents(&format!("{count}{name}")).unwrap(), i64::from(count) * times * 100);
        }
    }
}
