//! Rectangles, hatching and the way coordinates are written.

use std::fmt::Write as _;

/// A rectangle by its edges; y grows downwards.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Rect {
    pub(crate) x0: f64,
    pub(crate) y0: f64,
    pub(crate) x1: f64,
    pub(crate) y1: f64,
}

impl Rect {
    pub(crate) const fn new(x0: f64, y0: f64, x1: f64, y1: f64) -> Self {
        Self { x0, y0, x1, y1 }
    }
    pub(crate) fn width(&self) -> f64 {
        self.x1 - self.x0
    }
    pub(crate) fn height(&self) -> f64 {
        self.y1 - self.y0
    }
    pub(crate) fn middle(&self) -> (f64, f64) {
        (f64::midpoint(self.x0, self.x1), f64::midpoint(self.y0, self.y1))
    }
    /// Grown by `dx` and `dy` on each side.
    pub(crate) fn grown(&self, dx: f64, dy: f64) -> Self {
        Self::new(self.x0 - dx, self.y0 - dy, self.x1 + dx, self.y1 + dy)
    }
    pub(crate) fn overlaps(&self, other: &Self) -> bool {
        self.x0 < other.x1 && other.x0 < self.x1 && self.y0 < other.y1 && other.y0 < self.y1
    }
    pub(crate) fn contains(&self, inner: &Self) -> bool {
        self.x0 <= inner.x0 && inner.x1 <= self.x1 && self.y0 <= inner.y0 && inner.y1 <= self.y1
    }
}

/// A coordinate with at most two decimals; what is not finite is written as 0.
pub(crate) fn number(value: f64) -> String {
    if !value.is_finite() {
        return "0".to_owned();
    }
    let mut text = format!("{value:.2}");
    let kept = text.trim_end_matches('0').trim_end_matches('.').len();
    text.truncate(kept);
    if text == "-0" {
        text.remove(0);
    }
    text
}

/// Path of 45° lines filling a rectangle, cut at its edges (so that no clip path with an id is needed).
pub(crate) fn hatch(rect: Rect, spacing: f64) -> String {
    let mut path = String::new();
    if !(rect.width() > 0.0 && rect.height() > 0.0 && spacing >= 1.0) {
        return path;
    }
    // Lines x + y = c on one lattice for the whole picture, so that neighbouring areas join.
    let mut c = ((rect.x0 + rect.y0) / spacing).ceil() * spacing;
    while c < rect.x1 + rect.y1 {
        let (low_x, high_x) = ((c - rect.y1).max(rect.x0), (c - rect.y0).min(rect.x1));
        if high_x > low_x {
            let _ = write!(
                path,
                "M{} {}L{} {}",
                number(low_x),
                number(c - low_x),
                number(high_x),
                number(c - high_x)
            );
        }
        c += spacing;
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coordinates_are_short_and_always_numbers() {
        let written: Vec<String> =
            [1.0, -0.001, 2.345_6, 100.0, f64::NAN, f64::INFINITY].into_iter().map(number).collect();
        assert_eq!(written, ["1", "0", "2.35", "100", "0", "0"]);
    }

    #[test]
    fn hatching_stays_inside() {
        // The only lattice line x + y = 10k through this square is x + y = 10, its diagonal.
        assert_eq!(hatch(Rect::new(1.0, 1.0, 9.0, 9.0), 10.0), "M1 9L9 1");
        assert_eq!(hatch(Rect::new(1.0, 1.0, 1.0, 9.0), 10.0), "");
    }
}
