//! Figures as people read them: the one place where a document's numbers become words.
//!
//! Every skin – text, Markdown, HTML, pictures, the terminal – goes through these functions, so a figure
//! never reads differently in two places. Rounding is to significant digits on the decimal expansion;
//! nothing here depends on a locale. Numbers that do not exist (not finite) are written as `–`.

use super::{Interval, PriceText};

/// The sign of a fall: U+2212, as wide as `+` and never mistaken for a hyphen.
pub const MINUS: char = '\u{2212}';
/// What stands where a number does not exist.
pub const NONE: &str = "–";

/// Dollars to three significant digits with a unit: `$1.1B`, `$12.4M`, `$770`, `$0`. Negative amounts
/// carry U+2212.
///
/// ```
/// # use liqlens_query::format::usd_short;
/// assert_eq!(usd_short(1_100_000_000.0), "$1.1B");
/// assert_eq!(usd_short(999_950_000.0), "$1B");
/// ```
pub fn usd_short(usd: f64) -> String {
    if !usd.is_finite() {
        return NONE.to_owned();
    }
    let (number, unit) = short_parts(usd.abs());
    let minus = if usd < 0.0 && number != "0" { "\u{2212}" } else { "" };
    format!("{minus}${number}{unit}")
}

/// A range of dollars with one unit, that of the upper end: `$0.7–1.6B`.
pub fn usd_range(lo_usd: f64, hi_usd: f64) -> String {
    if !(lo_usd.is_finite() && hi_usd.is_finite()) {
        return NONE.to_owned();
    }
    let (hi, unit) = short_parts(hi_usd.abs());
    let divisor = UNITS.iter().find(|(name, _)| *name == unit).map_or(1.0, |(_, divisor)| *divisor);
    let lo = trimmed(&rounded(lo_usd.abs() / divisor, 2));
    format!("${lo}–{hi}{unit}")
}

/// An 80 % interval of dollars: `$0.7–1.6B`, `$700M or more` where it is open.
pub fn usd_interval(interval: &Interval) -> String {
    match interval.hi80 {
        Some(hi) => usd_range(interval.lo80, hi),
        None => format!("{} or more", usd_short(interval.lo80)),
    }
}

/// An 80 % interval of a move, unsigned: `$1,480–2,690`, `$1,480 or more` where it is open.
pub fn distance_range(interval: &Interval) -> String {
    let lo = usd_distance(interval.lo80);
    match interval.hi80 {
        Some(hi) => format!("{lo}–{}", usd_distance(hi).trim_start_matches('$')),
        None => format!("{lo} or more"),
    }
}

/// An 80 % interval of a move, signed: `−$1,480 … −$2,690`, `−$1,480 … open`.
pub fn move_range(interval: &Interval) -> String {
    let hi = interval.hi80.map_or_else(|| "open".to_owned(), usd_signed);
    format!("{} … {hi}", usd_signed(interval.lo80))
}

/// An 80 % interval of a score: `−0.05 … +0.30`.
pub fn score_range(interval: &Interval) -> String {
    format!(
        "{} … {}",
        score_signed(interval.lo80),
        interval.hi80.map_or_else(|| "open".to_owned(), score_signed)
    )
}

/// An unsigned price distance to three significant digits, grouped, without a unit: `$2,000`, `$0.0123`.
pub fn usd_distance(usd: f64) -> String {
    if !usd.is_finite() {
        return NONE.to_owned();
    }
    format!("${}", grouped(&trimmed(&rounded(usd.abs(), 3))))
}

/// A signed price distance: `−$2,000`, `+$770`, `$0`.
pub fn usd_signed(usd: f64) -> String {
    let text = usd_distance(usd);
    let sign = sign_of(usd, text != "$0");
    format!("{sign}{text}")
}

/// A signed percentage with two decimals: `−2.16 %`, `+0.83 %`, `0.00 %`.
pub fn percent_signed(percent: f64) -> String {
    signed_decimals(percent, 2)
}

/// A signed percentage with one decimal, for labels inside charts: `−2.2 %`.
pub fn percent_signed_short(percent: f64) -> String {
    signed_decimals(percent, 1)
}

/// Money and percent of a move: `−$2,000 (−2.16 %)`.
pub fn move_both(usd: f64, percent: f64) -> String {
    format!("{} ({})", usd_signed(usd), percent_signed(percent))
}

/// A share of one as whole percent: `91 %`. Something that is not nothing never reads `0 %` but `<1 %`,
/// and something that is not all never reads `100 %` but `>99 %`.
pub fn share(share: f64) -> String {
    if !share.is_finite() {
        return NONE.to_owned();
    }
    match (share * 100.0).round() {
        0.0 if share > 0.0 => "<1 %".to_owned(),
        100.0 if share < 1.0 => ">99 %".to_owned(),
        whole => format!("{} %", whole + 0.0),
    }
}

/// A range of shares as whole percent: `18–66 %`.
pub fn share_range(lo: f64, hi: f64) -> String {
    let (lo, hi) = (share(lo), share(hi));
    let lo = lo.strip_suffix(" %").unwrap_or(&lo);
    format!("{lo}–{hi}")
}

/// A price in the instrument's precision with grouped thousands: `92,580.7`.
///
/// Text that is not a decimal number is returned unchanged.
pub fn price_grouped(price: &PriceText) -> String {
    let text = price.as_str();
    if !is_decimal(text) {
        return text.to_owned();
    }
    match text.strip_prefix('-') {
        Some(digits) => format!("{MINUS}{}", grouped(digits)),
        None => grouped(text),
    }
}

/// A price level to four significant digits, for text that says "near": `90,580`, `0.01234`.
pub fn price_near(price: &PriceText) -> String {
    let value = price.to_f64();
    if !value.is_finite() {
        return price.as_str().to_owned();
    }
    let minus = if value < 0.0 { "\u{2212}" } else { "" };
    format!("{minus}{}", grouped(&trimmed(&rounded(value.abs(), 4))))
}

/// A figure of a score to two decimals, or fewer from ten on: `0.46`, `17.5`, `658`; signed with `+` or U+2212
/// by [`score_signed`].
///
/// ```
/// # use liqlens_query::format::{score, score_signed};
/// assert_eq!([score(0.456), score(17.46), score(658.2)], ["0.46", "17.5", "658"]);
/// assert_eq!([score_signed(0.456), score_signed(-0.001), score_signed(-0.02)], ["+0.46", "0.00", "−0.02"]);
/// ```
pub fn score(value: f64) -> String {
    if !value.is_finite() {
        return NONE.to_owned();
    }
    let size = value.abs();
    let decimals = if size >= 99.95 {
        0
    } else if size >= 9.995 {
        1
    } else {
        2
    };
    let text = format!("{size:.decimals$}");
    let zero = text.chars().all(|c| matches!(c, '0' | '.'));
    if value < 0.0 && !zero { format!("{MINUS}{text}") } else { text }
}

/// As [`score`], with a plus sign where it is above zero.
pub fn score_signed(value: f64) -> String {
    let text = score(value);
    let positive = value > 0.0 && text.chars().any(|c| matches!(c, '1'..='9'));
    if positive { format!("+{text}") } else { text }
}

/// A number of any unit to ten significant digits, grouped, with U+2212 if negative: `1,407,887.629`.
///
/// ```
/// # use liqlens_query::format::figure;
/// assert_eq!((figure(-56_354.57).as_str(), figure(0.5).as_str()), ("−56,354.57", "0.5"));
/// ```
pub fn figure(value: f64) -> String {
    if !value.is_finite() {
        return NONE.to_owned();
    }
    let text = grouped(&trimmed(&rounded(value.abs(), 10)));
    if value < 0.0 && text != "0" { format!("{MINUS}{text}") } else { text }
}

/// A rate as percent to six significant digits: `0.4 %`, `16.6667 %`.
pub fn rate(fraction: f64) -> String {
    if !fraction.is_finite() {
        return NONE.to_owned();
    }
    let minus = if fraction < 0.0 { "\u{2212}" } else { "" };
    format!("{minus}{} %", trimmed(&rounded(fraction.abs() * 100.0, 6)))
}

/// An age in its largest fitting unit: `2 s`, `5 min`, `3 h`, `2 d`.
pub fn age(seconds: f64) -> String {
    if !seconds.is_finite() {
        return NONE.to_owned();
    }
    let seconds = seconds.max(0.0);
    if seconds < 99.5 {
        format!("{seconds:.0} s")
    } else if seconds < 99.5 * 60.0 {
        format!("{:.0} min", seconds / 60.0)
    } else if seconds < 47.5 * 3_600.0 {
        format!("{:.0} h", seconds / 3_600.0)
    } else {
        format!("{:.0} d", seconds / 86_400.0)
    }
}

/// An RFC 3339 time in UTC to the minute: `2026-01-04 13:00 UTC`. Other text is returned unchanged.
pub fn utc_minute(rfc3339: &str) -> String {
    let shape = |(at, byte): (usize, u8)| match at {
        4 | 7 => byte == b'-',
        10 => byte == b'T',
        13 => byte == b':',
        _ => byte.is_ascii_digit(),
    };
    match rfc3339.get(..16) {
        Some(head) if rfc3339.ends_with('Z') && head.bytes().enumerate().all(shape) => {
            format!("{} UTC", head.replacen('T', " ", 1))
        }
        _ => rfc3339.to_owned(),
    }
}

/// A snapshot id short enough to print: its first eight characters.
pub fn snapshot_short(snapshot: &str) -> String {
    snapshot.chars().take(8).collect()
}

const UNITS: [(&str, f64); 5] = [("T", 1e12), ("B", 1e9), ("M", 1e6), ("K", 1e3), ("", 1.0)];

/// Number and unit of a non-negative amount, rounded before the unit is chosen so that 999.95M is 1B.
fn short_parts(usd: f64) -> (String, &'static str) {
    if usd < 0.005 {
        return ("0".to_owned(), "");
    }
    let value: f64 = rounded(usd, 3).parse().unwrap_or(usd);
    for (unit, divisor) in UNITS {
        if value >= divisor {
            return (grouped(&trimmed(&rounded(value / divisor, 3))), unit);
        }
    }
    // Below a dollar there is nothing smaller than a cent.
    (trimmed(&format!("{usd:.2}")), "")
}

/// Decimal expansion of a non-negative number rounded to significant digits, without an exponent.
fn rounded(value: f64, digits: usize) -> String {
    // `{:e}` rounds on the exact decimal value and tells the exponent after rounding.
    let scientific = format!("{value:.*e}", digits.saturating_sub(1));
    let exponent = scientific.split_once('e').and_then(|(_, e)| e.parse::<i32>().ok()).unwrap_or(0);
    let decimals = i32::try_from(digits).unwrap_or(0).saturating_sub(1).saturating_sub(exponent);
    let value: f64 = scientific.parse().unwrap_or(value);
    format!("{value:.*}", usize::try_from(decimals).unwrap_or(0))
}

fn trimmed(number: &str) -> String {
    match number.split_once('.') {
        Some((whole, fraction)) => match fraction.trim_end_matches('0') {
            "" => whole.to_owned(),
            fraction => format!("{whole}.{fraction}"),
        },
        None => number.to_owned(),
    }
}

/// Commas between thousands of an unsigned decimal number.
fn grouped(number: &str) -> String {
    let (whole, fraction) = match number.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (number, None),
    };
    let mut text = String::with_capacity(number.len() + number.len() / 3);
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if let Some(fraction) = fraction {
        text.push('.');
        text.push_str(fraction);
    }
    text
}

fn is_decimal(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    [whole, fraction].iter().all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
}

fn signed_decimals(value: f64, decimals: usize) -> String {
    signed_number(value, decimals).map_or_else(|| NONE.to_owned(), |number| format!("{number} %"))
}

/// A number with its sign; `None` if it is not finite.
fn signed_number(value: f64, decimals: usize) -> Option<String> {
    let text = value.is_finite().then(|| format!("{:.decimals$}", value.abs()))?;
    let sign = sign_of(value, text.bytes().any(|byte| matches!(byte, b'1'..=b'9')));
    Some(format!("{sign}{text}"))
}

/// The sign of what is shown: a number that rounds to zero has none.
fn sign_of(value: f64, shows_something: bool) -> &'static str {
    match value {
        _ if !shows_something || !value.is_finite() => "",
        _ if value < 0.0 => "\u{2212}",
        _ => "+",
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn price(text: &str) -> PriceText {
        serde_json::from_value(serde_json::Value::String(text.to_owned())).unwrap()
    }

    #[test]
    fn dollars_keep_two_to_three_digits_and_change_unit_after_rounding() {
        for (usd, text) in [
            (1.1e9, "$1.1B"),
            (770.0, "$770"),
            (12.4e6, "$12.4M"),
            (12_440_000.0, "$12.4M"),
            (999_499_999.0, "$999M"),
            (999_500_001.0, "$1B"),
            (250_000.0, "$250K"),
            (1_234.0, "$1.23K"),
            (2.5e12, "$2.5T"),
            (4.2e15, "$4,200T"),
            (0.127, "$0.13"),
            (0.0, "$0"),
            (-0.0, "$0"),
            (-0.001, "$0"),
            (-5e6, "−$5M"),
            (f64::NAN, "–"),
            (f64::INFINITY, "–"),
        ] {
            assert_eq!(usd_short(usd), text, "{usd}");
        }
        assert_eq!(usd_range(0.7e9, 1.6e9), "$0.7–1.6B");
        assert_eq!(usd_range(480.0, 590.0), "$480–590");
        let interval = |lo80, hi80| Interval { lo80, hi80, widened: false };
        assert_eq!(usd_interval(&interval(0.7e9, Some(1.6e9))), "$0.7–1.6B");
        assert_eq!(usd_interval(&interval(0.7e9, None)), "$700M or more");
        assert_eq!(distance_range(&interval(-1_480.0, Some(-2_690.3))), "$1,480–2,690");
        assert_eq!(distance_range(&interval(590.1, None)), "$590 or more");
        assert_eq!(move_range(&interval(-1_480.0, Some(-2_690.3))), "−$1,480 … −$2,690");
        assert_eq!(move_range(&interval(590.1, None)), "+$590 … open");
        assert_eq!(score_range(&interval(-0.051, Some(0.3))), "−0.05 … +0.30");
        assert_eq!([score_signed(0.001), score_signed(f64::NAN)], ["0.00", "–"]);
        assert_eq!([share_range(0.18, 0.66), share_range(0.001, 1.0)], ["18–66 %", "<1–100 %"]);
    }

    #[test]
    fn moves_read_as_in_the_wording_rules() {
        assert_eq!(move_both(-2000.4, -2.1607), "−$2,000 (−2.16 %)");
        assert_eq!(move_both(770.2, 0.8319), "+$770 (+0.83 %)");
        assert_eq!(usd_distance(1039.8), "$1,040");
        assert_eq!(usd_signed(-0.012_345), "−$0.0123");
        assert_eq!(usd_signed(0.0), "$0");
        assert_eq!(percent_signed_short(-2.16), "−2.2 %");
        assert_eq!(percent_signed(-0.004), "0.00 %");
        assert_eq!(percent_signed(f64::NAN), "–");
    }

    #[test]
    fn prices_keep_the_tick_and_levels_keep_four_digits() {
        assert_eq!(price_grouped(&price("92580.7")), "92,580.7");
        assert_eq!(price_grouped(&price("-2000.40")), "−2,000.40");
        assert_eq!(price_grouped(&price("0.00001234")), "0.00001234");
        assert_eq!(price_grouped(&price("100")), "100");
        assert_eq!(price_grouped(&price("<b>")), "<b>");
        assert_eq!(price_near(&price("90581.3")), "90,580");
        assert_eq!(price_near(&price("0.0123456")), "0.01235");
        assert_eq!(price_near(&price("99996")), "100,000");
    }

    #[test]
    fn figures_and_rates_show_no_more_digits_than_they_have() {
        for (value, text) in [
            (65_000.0, "65,000"),
            (1_407_887.628_56, "1,407,887.629"),
            (0.004, "0.004"),
            (0.0, "0"),
            (-0.0, "0"),
            (0.1 + 0.2, "0.3"),
            (1.0 / 3.0, "0.3333333333"),
            (1e15, "1,000,000,000,000,000"),
            (f64::INFINITY, "–"),
        ] {
            assert_eq!(figure(value), text, "{value}");
        }
        assert_eq!(
            [rate(0.004), rate(0.000_55), rate(1.0 / 6.0), rate(0.0)],
            ["0.4 %", "0.055 %", "16.6667 %", "0 %"]
        );
    }

    #[test]
    fn shares_ages_and_times_never_round_something_into_nothing() {
        assert_eq!(
            [share(0.91), share(0.0), share(0.001), share(0.999), share(1.0)],
            ["91 %", "0 %", "<1 %", ">99 %", "100 %"]
        );
        assert_eq!(
            [age(2.1), age(90.0), age(300.0), age(7_200.0), age(200_000.0)],
            ["2 s", "90 s", "5 min", "2 h", "2 d"]
        );
        assert_eq!(utc_minute("2026-01-04T13:00:00Z"), "2026-01-04 13:00 UTC");
        assert_eq!(utc_minute("yesterday"), "yesterday");
        assert_eq!(utc_minute("ééééééééééZ"), "ééééééééééZ");
        assert_eq!(snapshot_short("7f3c9a0be1d2"), "7f3c9a0b");
    }

    proptest! {
        /// What is printed, read back, is within half a unit of the third digit.
        #[test]
        fn printed_dollars_read_back_within_rounding(usd in 1.0f64..9e14) {
            let text = usd_short(usd).replace(['$', ','], "");
            let (unit, divisor) =
                UNITS.iter().find(|(unit, _)| !unit.is_empty() && text.ends_with(unit)).unwrap_or(&("", 1.0));
            let read: f64 = text.trim_end_matches(unit).parse().unwrap();
            prop_assert!((read * divisor / usd - 1.0).abs() <= 0.005 + 1e-12);
        }

        #[test]
        fn no_number_panics(value in any::<f64>()) {
            for text in [usd_short(value), usd_signed(value), percent_signed(value), share(value), age(value)] {
                prop_assert!(!text.is_empty());
            }
            prop_assert!(!figure(value).is_empty() && !rate(value).is_empty());
            prop_assert!(!usd_range(value, -value).is_empty());
        }

        #[test]
        fn no_text_panics(text in ".*") {
            prop_assert!(price_grouped(&price(&text)).len() >= text.len());
            let _ = (price_near(&price(&text)), utc_minute(&text), snapshot_short(&text));
        }
    }
}
