//! From values to pixels, and where ticks stand.

/// A straight mapping of a value range onto a pixel range (either may run backwards).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scale {
    from: f64,
    to: f64,
    pixel_from: f64,
    pixel_to: f64,
}

impl Scale {
    /// `None` unless both ends are finite and differ.
    pub(crate) fn new(values: (f64, f64), pixels: (f64, f64)) -> Option<Self> {
        let (from, to) = values;
        let usable = from.is_finite() && to.is_finite() && (to - from).is_finite() && from < to;
        usable.then_some(Self { from, to, pixel_from: pixels.0, pixel_to: pixels.1 })
    }

    /// The pixel of a value, not limited to the range.
    pub(crate) fn at(&self, value: f64) -> f64 {
        let share = (value - self.from) / (self.to - self.from);
        self.pixel_from + share * (self.pixel_to - self.pixel_from)
    }

    /// The pixel of a value, or of the nearer end of the range.
    pub(crate) fn clamped(&self, value: f64) -> f64 {
        self.at(value.clamp(self.from, self.to))
    }

    /// Lower end of the value range.
    pub(crate) fn low(&self) -> f64 {
        self.from
    }

    /// Upper end of the value range.
    pub(crate) fn top(&self) -> f64 {
        self.to
    }

    pub(crate) fn holds(&self, value: f64) -> bool {
        (self.from..=self.to).contains(&value)
    }
}

/// The smallest step out of 1, 2, 2.5 and 5 times a power of ten that is at least `least`.
pub(crate) fn nice_step(least: f64) -> f64 {
    if !(least.is_finite() && least > 1e-300) {
        return 1.0;
    }
    let power = 10_f64.powf(least.log10().floor());
    let nearly = 1.0 - 1e-9;
    [1.0, 2.0, 2.5, 5.0, 10.0]
        .into_iter()
        .map(|digit| digit * power)
        .find(|step| *step >= least * nearly)
        .unwrap_or(power * 10.0)
}

/// Multiples of a nice step inside `lo..=hi`, at most `most` of them, and that step.
pub(crate) fn ticks(lo: f64, hi: f64, most: u32) -> (Vec<f64>, f64) {
    let span = hi - lo;
    if !(span.is_finite() && span > 0.0) || most == 0 {
        return (Vec::new(), 1.0);
    }
    let step = nice_step(span / f64::from(most));
    let first = (lo / step).ceil();
    let values = (0..=most)
        .map(|at| (first + f64::from(at)) * step)
        .take_while(|value| *value <= hi + step * 1e-9)
        .collect();
    (values, step)
}

/// Top of an axis from zero that holds `max` in exactly `intervals` nice steps: grid lines of two axes
/// can then be shared.
pub(crate) fn top_of(max: f64, intervals: u32) -> f64 {
    nice_step_fine(max / f64::from(intervals.max(1))) * f64::from(intervals.max(1))
}

/// As [`nice_step`] with a finer choice, so that little of the plot stays empty.
fn nice_step_fine(least: f64) -> f64 {
    if !(least.is_finite() && least > 1e-300) {
        return 1.0;
    }
    let power = 10_f64.powf(least.log10().floor());
    [1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0]
        .into_iter()
        .map(|digit| digit * power)
        .find(|step| *step >= least * (1.0 - 1e-9))
        .unwrap_or(power * 10.0)
}

/// Decimals a multiple of `step` needs.
pub(crate) fn decimals_of(step: f64) -> usize {
    (0..12_usize)
        .find(|decimals| {
            let rounded = format!("{step:.decimals$}").parse::<f64>().unwrap_or(step);
            (rounded - step).abs() <= step.abs() * 1e-6
        })
        .unwrap_or(12)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_inside() {
        assert_eq!(
            ticks(62_910.0, 76_890.0, 7),
            (vec![64_000.0, 66_000.0, 68_000.0, 70_000.0, 72_000.0, 74_000.0, 76_000.0], 2_000.0)
        );
        assert_eq!(ticks(0.0, 1.0, 4).0, [0.0, 0.25, 0.5, 0.75, 1.0]);
        assert_eq!(ticks(1.0, 1.0, 4).0, Vec::<f64>::new());
        assert_eq!(ticks(f64::NAN, 1.0, 4).0, Vec::<f64>::new());
        assert_eq!(top_of(97.0, 4), 100.0);
        assert_eq!(top_of(0.0, 4), 4.0);
        assert_eq!([decimals_of(2_000.0), decimals_of(0.25), decimals_of(0.000_05)], [0, 2, 5]);
    }

    #[test]
    fn a_scale_needs_a_range() {
        assert!(Scale::new((1.0, 1.0), (0.0, 9.0)).is_none());
        assert!(Scale::new((0.0, f64::INFINITY), (0.0, 9.0)).is_none());
        assert!(Scale::new((f64::MIN, f64::MAX), (0.0, 9.0)).is_none());
        let scale = Scale::new((10.0, 20.0), (100.0, 0.0)).unwrap();
        assert_eq!((scale.at(15.0), scale.clamped(99.0), scale.holds(21.0)), (50.0, 0.0, false));
    }
}
