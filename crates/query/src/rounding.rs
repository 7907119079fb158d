//! How figures become numbers of a document.

/// Rounds to some decimals, so that a JSON number does not pretend to more.
pub(crate) fn round(value: f64, decimals: i32) -> f64 {
    let scale = 10_f64.powi(decimals);
    (value * scale).round() / scale
}
