//! Moves of the price: `-2%`, `+770`, `to:90000`.

use crate::failure::{Failure, quoted};

/// A move of the price as asked; the price it leads to depends on the last one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Move {
    /// Signed percent of the last price, above −100.
    Percent(f64),
    /// Signed difference in quote currency.
    Difference(f64),
    /// A price to move to.
    To(f64),
}

/// A rise beyond this is not a question about leverage any more.
const MOST_PERCENT: f64 = 1_000.0;

/// Moves answered at once; more is what the map is for.
pub const MOST_MOVES: usize = 1_000;

/// Reads several moves.
pub fn moves(texts: &[impl AsRef<str>]) -> Result<Vec<Move>, Failure> {
    if texts.len() > MOST_MOVES {
        return Err(Failure::usage(
            "too-many-moves",
            format!("{} moves were asked for.", texts.len()),
            format!("At most {MOST_MOVES} are answered at once."),
            "Ask for the whole curve: the map as CSV.",
        )
        .detail("wanted", texts.len())
        .detail("limit", MOST_MOVES));
    }
    texts.iter().map(|text| Move::parse(text.as_ref())).collect()
}

impl Move {
    /// Reads `-2%`, `+2.5%`, `+770`, `-2000` or `to:90000`. The sign is required: a bare number could be
    /// a price or a difference.
    pub fn parse(text: &str) -> Result<Self, Failure> {
        if let Some(price) = text.strip_prefix("to:") {
            return match decimal(price) {
                Some(price) if price > 0.0 => Ok(Self::To(price)),
                _ => Err(refused(text, "After `to:` stands a positive price without separators.")),
            };
        }
        let (sign, rest) = match text.chars().next() {
            Some('+') => (1.0, &text[1..]),
            Some('-') => (-1.0, &text[1..]),
            // The minus sign of this program's own prose, copied back.
            Some('\u{2212}') => (-1.0, &text['\u{2212}'.len_utf8()..]),
            Some('0'..='9') => {
                return Err(refused(text, "Without a sign it could be a move or a price."));
            }
            _ => {
                return Err(refused(
                    text,
                    "It is not a signed number, a signed percentage or `to:` a price.",
                ));
            }
        };
        let (digits, percent) = match rest.strip_suffix('%') {
            Some(digits) => (digits.trim_end(), true),
            None => (rest, false),
        };
        let Some(size) = decimal(digits) else {
            return Err(refused(text, "After the sign stand digits with at most one point."));
        };
        match (percent, sign * size) {
            (true, move_pct) if move_pct <= -100.0 => Err(refused(text, "No price falls by 100 % or more.")),
            (true, move_pct) if move_pct > MOST_PERCENT => {
                Err(refused(text, "Rises are answered up to 1000 %."))
            }
            (true, move_pct) => Ok(Self::Percent(move_pct)),
            (false, difference) => Ok(Self::Difference(difference)),
        }
    }

    /// The price moved to from `last`, if it stays above zero and within the range that is answered.
    pub fn price_from(self, last: f64) -> Option<f64> {
        let price = match self {
            Self::Percent(percent) => last * (1.0 + percent / 100.0),
            Self::Difference(difference) => last + difference,
            Self::To(price) => price,
        };
        (price > 0.0 && price <= last * (1.0 + MOST_PERCENT / 100.0)).then_some(price)
    }
}

/// A plain decimal: digits with at most one point, nothing a float parser would add (`inf`, `1e5`).
fn decimal(text: &str) -> Option<f64> {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let points = text.bytes().filter(|byte| *byte == b'.').count();
    if digits == 0 || digits > 18 || points > 1 || digits + points != text.len() {
        return None;
    }
    text.parse().ok()
}

fn refused(text: &str, why: &str) -> Failure {
    Failure::usage(
        "move-not-understood",
        format!("The move {} was not understood.", quoted(text)),
        why,
        "Write it like -2%, +770 or to:90000.",
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_three_forms_are_read() {
        assert_eq!(Move::parse("-2%").unwrap(), Move::Percent(-2.0));
        assert_eq!(Move::parse("−2.16 %").unwrap(), Move::Percent(-2.16));
        assert_eq!(Move::parse("+770").unwrap(), Move::Difference(770.0));
        assert_eq!(Move::parse("-2000.5").unwrap(), Move::Difference(-2000.5));
        assert_eq!(Move::parse("to:90000").unwrap(), Move::To(90_000.0));
        assert_eq!(Move::parse("+0%").unwrap(), Move::Percent(0.0));
    }

    #[test]
    fn what_is_not_a_move_is_refused() {
        for text in [
            "", "2%", "770", "-", "+%", "--2%", "-100%", "+1001%", "to:", "to:0", "to:-5", "to:1e5", "-inf",
            "+NaN%", "+1e3", "--json", "+1,000", "+1.2.3",
        ] {
            assert!(Move::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn moves_become_prices() {
        assert_eq!(Move::To(90_000.0).price_from(100_000.0), Some(90_000.0));
        assert_eq!(Move::Difference(500.0).price_from(100_000.0), Some(100_500.0));
        assert_eq!(Move::Percent(-50.0).price_from(100_000.0), Some(50_000.0));
        assert_eq!(Move::Difference(-100_000.0).price_from(100_000.0), None);
        assert_eq!(Move::To(5e6).price_from(100_000.0), None);
    }

    proptest! {
        #[test]
        fn no_text_panics(text in ".{0,60}", price in any::<f64>()) {
            if let Ok(asked) = Move::parse(&text) {
                let _ = asked.price_from(price);
            }
        }

        #[test]
        fn printed_percentages_are_read_back(hundredths in -9_999i32..=100_000) {
            let percent = f64::from(hundredths) / 100.0;
            let asked = Move::parse(&liqlens_query::format::percent_signed(percent));
            if hundredths == 0 {
                prop_assert!(asked.is_err());
            } else {
                prop_assert_eq!(asked.unwrap(), Move::Percent(percent));
            }
        }
    }
}
