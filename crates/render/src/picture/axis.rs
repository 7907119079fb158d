//! Axis labels shared by the charts.

use liqlens_query::document::{PriceText, SideName};
use liqlens_query::format;

use super::scale::{decimals_of, ticks};

/// Price ticks with their texts.
pub(crate) fn price_ticks(lo: f64, hi: f64, most: u32) -> Vec<(f64, String)> {
    let (values, step) = ticks(lo, hi, most);
    let decimals = decimals_of(step);
    values.into_iter().map(|value| (value, format::price_grouped(&PriceText::new(value, decimals)))).collect()
}

/// The fixed words of a side.
pub(crate) const fn side_words(side: SideName) -> &'static str {
    match side {
        SideName::Long => "▼ longs liquidated if price falls",
        SideName::Short => "▲ shorts liquidated if price rises",
    }
}

/// The arrow of a side.
pub(crate) const fn arrow(side: SideName) -> &'static str {
    match side {
        SideName::Long => "▼",
        SideName::Short => "▲",
    }
}
