//! Placing labels where nothing else stands.

use crate::scene::Rect;

/// What is already on the chart. A label that finds no free place is dropped, never laid over another.
#[derive(Debug, Default)]
pub(crate) struct Placer {
    taken: Vec<Rect>,
    /// Points that a label should rather not cover, such as those of a curve.
    shy: Vec<(f64, f64)>,
}

impl Placer {
    /// Keeps an area free of labels.
    pub(crate) fn take(&mut self, area: Rect) {
        self.taken.push(area);
    }

    /// Marks points as better left visible.
    pub(crate) fn avoid(&mut self, points: impl IntoIterator<Item = (f64, f64)>) {
        self.shy.extend(points);
    }

    /// Whether an area overlaps nothing taken.
    pub(crate) fn is_free(&self, area: &Rect) -> bool {
        !self.taken.iter().any(|other| other.overlaps(area))
    }

    /// Takes the best of the candidates, given in order of preference, that lies inside `bounds` and
    /// overlaps nothing taken.
    pub(crate) fn place(
        &mut self,
        bounds: &Rect,
        candidates: impl IntoIterator<Item = Rect>,
    ) -> Option<Rect> {
        let best = candidates
            .into_iter()
            .enumerate()
            .filter(|(_, area)| bounds.contains(area) && self.is_free(area))
            .map(|(order, area)| {
                let covered =
                    self.shy.iter().filter(|(x, y)| area.overlaps(&Rect::new(*x, *y, *x + 0.01, *y + 0.01)));
                // Covering a piece of a curve is worth a few places of preference, not any distance.
                (order + 6 * covered.count().min(8), area)
            })
            .min_by_key(|(cost, _)| *cost);
        let (_, area) = best?;
        self.take(area);
        Some(area)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_keep_clear_of_each_other_and_of_the_edge() {
        let bounds = Rect::new(0.0, 0.0, 100.0, 100.0);
        let at = |x: f64| Rect::new(x, 0.0, x + 40.0, 10.0);
        let mut placer = Placer::default();
        assert_eq!(placer.place(&bounds, [at(70.0), at(10.0)]), Some(at(10.0)), "70 + 40 is outside");
        assert_eq!(placer.place(&bounds, [at(20.0), at(50.0)]), Some(at(50.0)), "20 overlaps 10..50");
        assert_eq!(placer.place(&bounds, [at(0.0), at(30.0), at(60.0)]), None);
    }

    #[test]
    fn a_curve_is_covered_only_if_nothing_else_is_near() {
        let bounds = Rect::new(0.0, 0.0, 100.0, 100.0);
        let at = |x: f64| Rect::new(x, 0.0, x + 40.0, 10.0);
        let mut placer = Placer::default();
        placer.avoid([(5.0, 5.0)]);
        assert_eq!(placer.place(&bounds, [at(0.0), at(50.0)]), Some(at(50.0)));
        assert_eq!(placer.place(&bounds, [at(0.0)]), Some(at(0.0)));
    }
}
