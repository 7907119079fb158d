//! What a heatmap would cost, before anything is folded for it; and a smaller question for whoever asks too much.

use liqlens_ask::{Failure, Range, RangeStart};
use liqlens_market::{Span, Timestamp};
use liqlens_query::{MAX_CELLS, MAX_COLUMNS};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::Value;

/// Refuses a heatmap that is too large whatever the prices are: its rows are at least those of the window around one
/// price.
pub(super) fn checked(range: &Range, as_of: Timestamp) -> Result<(), Failure> {
    let Some(step) = range.step else { return Ok(()) };
    let length = match range.start {
        Some(RangeStart::At(from)) => as_of - from,
        Some(RangeStart::Before(span)) => span,
        None => Span::DAY,
    };
    let columns = u64::try_from(length.nanos() / step.nanos().max(1)).unwrap_or(0).saturating_add(1);
    if columns > MAX_COLUMNS {
        return Err(too_large("columns", columns, MAX_COLUMNS));
    }
    let cells = columns.saturating_mul(rows(range));
    if cells > MAX_CELLS { Err(too_large("cells", cells, MAX_CELLS)) } else { Ok(()) }
}

/// Rows of five basis points and their multiples, a window either way.
fn rows(range: &Range) -> u64 {
    let share = (range.window_pct / 100.0).clamp(0.0, 0.999_999);
    let bins = ((1.0 + share) / (1.0 - share)).ln() / 5e-4;
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // at most 30,000, not negative
    let rows = (bins / f64::from(range.bins_per_row.max(1))) as u64;
    rows.max(1)
}

fn too_large(unit: &str, wanted: u64, limit: u64) -> Failure {
    Failure::usage(
        "too-large",
        "The answer would be too large.",
        format!("This range, step and row height would give at least {wanted} {unit}, the limit is {limit}."),
        "Take a longer `step`, a higher `row` or a shorter range.",
    )
    .detail("wanted", wanted)
    .detail("limit", limit)
}

/// Steps of columns, shortest first.
const STEPS: [(&str, Span); 8] = [
    ("1m", Span::MINUTE),
    ("5m", Span::MINUTE.times(5)),
    ("15m", Span::MINUTE.times(15)),
    ("30m", Span::MINUTE.times(30)),
    ("1h", Span::HOUR),
    ("4h", Span::HOUR.times(4)),
    ("12h", Span::HOUR.times(12)),
    ("1d", Span::DAY),
];

/// Everything that would end a value or could not stand in a URL.
const ESCAPED: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'%')
    .add(b'&')
    .add(b'#')
    .add(b'"')
    .add(b'<')
    .add(b'>')
    .add(b'+')
    .add(b'/')
    .add(b'?');

/// Adds a smaller question to a refusal of one that was too large: the same with one parameter changed.
pub(super) fn with_example(
    mut failure: Failure,
    path: &str,
    symbol: &str,
    parameters: &[(String, String)],
) -> Failure {
    let number = |name: &str| {
        failure.details.iter().find(|(known, _)| *known == name).and_then(|(_, value)| value.as_u64())
    };
    let (Some(wanted), Some(limit)) = (number("wanted"), number("limit")) else { return failure };
    if failure.code != "too-large" {
        return failure;
    }
    let given = |name: &str| {
        parameters
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
            .unwrap_or_default()
    };
    let times = wanted.div_ceil(limit.max(1)).max(2);
    let change = match path {
        "/v1/heatmap/{symbol}" => longer_step(given("step"), times),
        "/v1/map/{symbol}" => wider_bin(given("bin"), times),
        "/v1/tape/{symbol}" => ("limit", "1000".to_owned()),
        _ => ("max_points", "1000".to_owned()),
    };
    let mut query: Vec<String> = parameters
        .iter()
        .filter(|(name, _)| name != change.0)
        .map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, ESCAPED)))
        .collect();
    query.push(format!("{}={}", change.0, utf8_percent_encode(&change.1, ESCAPED)));
    let path = path.replace("{symbol}", &utf8_percent_encode(symbol, ESCAPED).to_string());
    failure.details.push(("example", Value::String(format!("{path}?{}", query.join("&")))));
    failure
}

/// A step so many times as long, or a day.
fn longer_step(step: &str, times: u64) -> (&'static str, String) {
    let now = liqlens_ask::request::span(step).unwrap_or(Span::MINUTE);
    let wanted = now.times(i64::try_from(times.min(1_440)).unwrap_or(1_440));
    let longer = STEPS.iter().find(|(_, step)| *step >= wanted).map_or("1d", |(name, _)| name);
    if step == "1d" { ("row", "100bp".to_owned()) } else { ("step", longer.to_owned()) }
}

/// A bin so many times as wide, of one digit.
fn wider_bin(bin: &str, times: u64) -> (&'static str, String) {
    let lower = bin.to_ascii_lowercase();
    let (digits, unit) = match lower.strip_suffix("bp") {
        Some(digits) => (digits, "bp"),
        None => (lower.trim_start_matches('$').trim_end_matches("usd"), "usd"),
    };
    let wanted = digits.parse::<f64>().unwrap_or(1.0) * times as f64;
    let power = 10f64.powf(wanted.max(1e-6).log10().floor());
    let width = (wanted / power).ceil() * power;
    ("bin", format!("{}{unit}", if width < 1.0 { width } else { width.round() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(last: Span, step: Span, bins_per_row: i32) -> Range {
        Range { start: Some(RangeStart::Before(last)), step: Some(step), bins_per_row, window_pct: 5.0 }
    }

    #[test]
    fn columns_and_cells_are_counted_before_any_work() {
        let at = Timestamp::parse_text("2026-03-20").unwrap();
        assert!(checked(&range(Span::DAY, Span::MINUTE, 2), at).is_ok());
        // Seven days by the minute are 10,081 columns.
        let failure = checked(&range(Span::DAY.times(7), Span::MINUTE, 20), at).unwrap_err();
        assert_eq!((failure.code, &failure.details[0].1), ("too-large", &Value::from(10_081)));
        // ln(1.9/0.1) at 5 bp: 5,889 rows; a thousand columns of them are 5.9 million cells.
        let wide = Range { window_pct: 90.0, ..range(Span::HOUR.times(1_000), Span::HOUR, 1) };
        let failure = checked(&wide, at).unwrap_err();
        assert_eq!(failure.details[0].1, Value::from(1_001 * 5_888));
        let forever =
            Range { start: Some(RangeStart::At(Timestamp::EARLIEST)), ..range(Span::DAY, Span::MINUTE, 2) };
        assert!(checked(&forever, at).is_err());
    }

    #[test]
    fn a_smaller_question_changes_one_parameter() {
        let failure = |wanted: u64| too_large("cells", wanted, 100);
        let example = |path: &str, wanted, parameters: &[(&str, &str)]| {
            let parameters: Vec<(String, String)> =
                parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            let failure = with_example(failure(wanted), path, "BTC/USDT:USDT", &parameters);
            failure.details.last().unwrap().1.as_str().unwrap().to_owned()
        };
        assert_eq!(
            example("/v1/heatmap/{symbol}", 250, &[("last", "7d"), ("step", "1m"), ("within", "5%")]),
            "/v1/heatmap/BTC%2FUSDT:USDT?last=7d&within=5%25&step=5m"
        );
        assert_eq!(
            example("/v1/map/{symbol}", 350, &[("bin", "$0.01")]),
            "/v1/map/BTC%2FUSDT:USDT?bin=0.04usd"
        );
        assert_eq!(example("/v1/map/{symbol}", 2_000, &[("bin", "1bp")]), "/v1/map/BTC%2FUSDT:USDT?bin=20bp");
        assert_eq!(example("/v1/price/{symbol}", 200, &[]), "/v1/price/BTC%2FUSDT:USDT?max_points=1000");
    }
}
