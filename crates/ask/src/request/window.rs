//! Windows around the price, widths of bins, lengths of heatmap columns.

use liqlens_market::Span;
use liqlens_model::BinIndex;
use liqlens_query::document::BinWidth;

use super::time::span;
use crate::asked::Range;
use crate::failure::{Failure, quoted};

/// Reads `5%` or `5`: a distance either way, above 0 and below 100 %, where the price would be zero.
pub fn window(text: &str) -> Result<f64, Failure> {
    let digits = text.strip_suffix('%').unwrap_or(text).trim_end();
    match positive(digits) {
        Some(percent) if percent < 100.0 => Ok(percent),
        _ => Err(Failure::usage(
            "window-not-understood",
            format!("The window {} was not understood.", quoted(text)),
            "It is a distance either way from the price, above 0 and below 100 %.",
            "Write it like --within 5%.",
        )),
    }
}

/// Reads `25bp` or `$100` (also `100usd`, which needs no quoting).
pub fn bin(text: &str) -> Result<BinWidth, Failure> {
    let lower = text.to_ascii_lowercase();
    let width = if let Some(bp) = lower.strip_suffix("bp") {
        positive(bp).filter(|bp| *bp <= 10_000.0).map(BinWidth::Bp)
    } else {
        lower.strip_prefix('$').or_else(|| lower.strip_suffix("usd")).and_then(positive).map(BinWidth::Usd)
    };
    width.ok_or_else(|| {
        Failure::usage(
            "bin-not-understood",
            format!("The bin width {} was not understood.", quoted(text)),
            "It is a positive number of basis points or of dollars, and shells replace `$1` unless it is quoted.",
            "Write it like --bin 25bp, --bin 100usd or --bin '$100'.",
        )
    })
}

/// Reads the length of a heatmap's columns: `5m`, `1h`.
pub fn step(text: &str) -> Result<Span, Failure> {
    span(text).filter(|step| *step <= Span::DAY && *step >= Span::MINUTE).ok_or_else(|| {
        Failure::usage(
            "step-not-understood",
            format!("The step {} was not understood.", quoted(text)),
            "It is a whole number and one of m, h, d, at most a day.",
            "Write it like --step 5m or --step 1h.",
        )
    })
}

/// Rows are equal in log price, because columns of different price share them.
pub fn row(text: &str) -> Result<BinIndex, Failure> {
    let bins = match bin(text) {
        Ok(BinWidth::Bp(bp)) => Range::bins_per_row(bp),
        _ => None,
    };
    bins.ok_or_else(|| {
        Failure::usage(
            "row-not-understood",
            format!("The row height {} was not understood.", quoted(text)),
            "It is a multiple of 5 basis points up to 1000; rows in dollars would not line up over time.",
            "Write it like 10bp.",
        )
    })
}

/// A positive plain decimal.
fn positive(text: &str) -> Option<f64> {
    if text.is_empty() || text.len() > 18 || !text.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return None;
    }
    text.parse::<f64>().ok().filter(|value| *value > 0.0 && value.is_finite())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn windows_and_widths_are_read() {
        assert_eq!(window("5%").unwrap(), 5.0);
        assert_eq!(window("2.5 %").unwrap(), 2.5);
        assert_eq!(window("99.9").unwrap(), 99.9);
        assert_eq!(bin("25bp").unwrap(), BinWidth::Bp(25.0));
        assert_eq!(bin("$100").unwrap(), BinWidth::Usd(100.0));
        assert_eq!(bin("0.5USD").unwrap(), BinWidth::Usd(0.5));
        assert_eq!(step("5m").unwrap(), Span::MINUTE.times(5));
    }

    #[test]
    fn windows_and_widths_outside_their_range_are_refused() {
        for text in ["0", "0%", "-5%", "100%", "100.1%", "1000%", "", "%", "inf", "NaN", "1e1", "5%%"] {
            assert!(window(text).is_err(), "{text}");
        }
        for text in ["", "0bp", "25", "bp", "-5bp", "$", "$0", "00", "10001bp", "$1e3"] {
            assert!(bin(text).is_err(), "{text}");
        }
        for text in ["", "5", "0m", "5y", "2d", "30s", "-5m"] {
            assert!(step(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in ".{0,40}") {
            let _ = (window(&text), bin(&text), step(&text));
        }
    }
}
