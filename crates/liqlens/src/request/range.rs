//! Price ranges: `80000..90000`.

use liqlens_ask::{Failure, quoted};

/// Reads a lowest and a highest price, both included.
pub(crate) fn price_range(text: &str) -> Result<(f64, f64), Failure> {
    let refused = |why: &str| {
        Failure::usage(
            "range-not-understood",
            format!("The price range {} was not understood.", quoted(text)),
            why,
            "Write it like --between 80000..90000.",
        )
    };
    let price = |text: &str| {
        let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        let price = text.parse::<f64>().ok().filter(|price| plain && price.is_finite() && *price < 1e15);
        price.ok_or_else(|| refused("Each end is a plain decimal number."))
    };
    let (low, high) = text
        .split_once("..")
        .ok_or_else(|| refused("Two dots stand between the lowest and the highest price."))?;
    let (low, high) = (price(low)?, price(high)?);
    if low > high { Err(refused("The lowest price comes first.")) } else { Ok((low, high)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_have_two_plain_ends_in_order() {
        assert_eq!(price_range("80000..90000.5").unwrap(), (80_000.0, 90_000.5));
        assert_eq!(price_range("0..0.001").unwrap(), (0.0, 0.001));
        for text in ["", "..", "1..", "..1", "2..1", "1-2", "-1..2", "1e3..2e3", "nan..1", "1...2", "1..inf"]
        {
            let failure = price_range(text).unwrap_err();
            assert_eq!(failure.code, "range-not-understood", "{text}");
        }
    }
}
