//! 80 % intervals of a document's figures, from the draws.
//!
//! The figure itself stays the map's own; the draws only say how far it could be off. Where it lies outside
//! the draws' 10 % to 90 %, the bound is moved out to it and the interval says so, so that no reader meets a
//! figure outside its own range.

use liqlens_market::Side;
use liqlens_model::Feed;

use crate::document::{Interval, Usd};
use crate::drawn::Bounds;
use crate::reporting;
use crate::rounding::round;
use crate::view::View;

/// A figure may lie outside its bounds by this share of itself before the interval counts as widened: less
/// is rounding.
const ROUNDING: f64 = 1e-6;

/// Bounds moved out to hold the figure, and whether that moved them.
fn holding((lo, hi): Bounds, figure: f64) -> (Bounds, bool) {
    let slack = ROUNDING * figure.abs();
    let widened = figure < lo - slack || figure > hi + slack;
    ((lo.min(figure), hi.max(figure)), widened)
}

/// An interval of a plain figure, rounded to some decimals.
pub(crate) fn interval(bounds: Bounds, figure: f64, decimals: i32) -> Interval {
    let ((lo, hi), widened) = holding(bounds, figure);
    Interval { lo80: round(lo, decimals), hi80: hi.is_finite().then(|| round(hi, decimals)), widened }
}

/// An interval of dollars, to the cent.
fn usd_interval(bounds: Bounds, figure: Usd) -> Interval {
    interval(bounds, figure.to_f64(), 2)
}

impl View {
    /// Whether the venue's stream is known to report every liquidation.
    pub(crate) fn reports_all(&self) -> bool {
        self.reporting().is_some_and(|reporting| reporting.feed == Feed::Full)
    }

    /// What the venue's stream would show of some true dollars; `None` where that is not modelled.
    pub(crate) fn reported_usd(&self, usd: Usd) -> Option<Usd> {
        reporting::reported(self.reporting()?, usd)
    }
}

impl View {
    /// The interval of the dollars of a side within a distance (bin units).
    pub(crate) fn within_interval(&self, side: Side, distance: f64, usd: Usd) -> Option<Interval> {
        let drawn = self.drawn()?;
        Some(usd_interval(drawn.bounds(&drawn.within(self.curve(side), side, distance)), usd))
    }

    /// The interval of the dollars of a side between two distances (bin units), those at the nearer one left
    /// out.
    pub(crate) fn between_interval(&self, side: Side, near: f64, far: f64, usd: Usd) -> Option<Interval> {
        let drawn = self.drawn()?;
        Some(usd_interval(drawn.bounds(&drawn.between(self.curve(side), side, near, far)), usd))
    }

    /// The distances (bin units) at which each draw of either side reaches `dollars`.
    pub(crate) fn reached(&self, dollars: f64) -> Option<[Vec<f64>; 2]> {
        let drawn = self.drawn()?;
        Some(Side::BOTH.map(|side| drawn.reach(self.curve(side), side, dollars)))
    }

    /// The interval of the price difference at which a side reaches some dollars, beside the distance (bin
    /// units) of the figure itself, and the share of draws that reach them at all.
    pub(crate) fn reach_interval(
        &self,
        side: Side,
        reached: Option<&[Vec<f64>; 2]>,
        distance: Option<f64>,
    ) -> (Option<Interval>, Option<f64>) {
        let Some((drawn, reached)) = self.drawn().zip(reached) else { return (None, None) };
        let (curve, reached) = (self.curve(side), &reached[side.index()]);
        let held_in = round(drawn.share(reached, f64::is_finite), 4);
        let interval = distance.map(|distance| {
            let ((near, far), widened) = holding(drawn.bounds(reached), distance);
            let decimals = i32::try_from(self.decimals()).unwrap_or(2);
            let difference = |distance: f64| round(curve.price_at(distance) - self.last_price(), decimals);
            Interval { lo80: difference(near), hi80: far.is_finite().then(|| difference(far)), widened }
        });
        (interval, Some(held_in))
    }

    /// Share of draws in which the same side as in the figure sits closer for the dollars reached. A draw in
    /// which neither side holds them keeps no sign.
    pub(crate) fn sign_held(&self, reached: &[Vec<f64>; 2], nearer: Side) -> Option<f64> {
        let drawn = self.drawn()?;
        let [long, short] = Side::BOTH.map(|side| self.moves(side, &reached[side.index()]));
        let (near, far) = if nearer == Side::Long { (long, short) } else { (short, long) };
        Some(round(drawn.share_of_pairs(&near, &far, |near, far| near < far), 4))
    }

    /// Each draw's relative move to the distance it reaches, unsigned; infinite where it reaches none.
    fn moves(&self, side: Side, reached: &[f64]) -> Vec<f64> {
        let curve = self.curve(side);
        let relative = |distance: f64| (curve.price_at(distance) / self.last_price() - 1.0).abs();
        let moved = |distance: &f64| if distance.is_finite() { relative(*distance) } else { f64::INFINITY };
        reached.iter().map(moved).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_always_holds_its_figure() {
        let made = |bounds, figure| interval(bounds, figure, 2);
        assert_eq!(made((1.0, 3.0), 2.0), Interval { lo80: 1.0, hi80: Some(3.0), widened: false });
        assert_eq!(made((1.0, 3.0), 0.5), Interval { lo80: 0.5, hi80: Some(3.0), widened: true });
        assert_eq!(made((1.0, 3.0), 4.0), Interval { lo80: 1.0, hi80: Some(4.0), widened: true });
        assert_eq!(made((1.0, f64::INFINITY), 4.0), Interval { lo80: 1.0, hi80: None, widened: false });
        assert_eq!(
            made((f64::INFINITY, f64::INFINITY), 4.0),
            Interval { lo80: 4.0, hi80: None, widened: true }
        );
        // The last digits of a float are no reason to speak of widening.
        assert!(!made((1.0, 3.0), 3.0 + 1e-9).widened);
    }
}
