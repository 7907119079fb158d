//! Does the forecast find the right cells? Scores of the order of the cells, blind to size.
//!
//! Secondary: a map a hundred times too large, or with all its contrasts squashed, has the same AUC.

use crate::error::{ScoreError, all_amounts, all_finite, same_length};
use crate::sum::sum;

/// Area under the receiver operating characteristic: the chance that a cell where something happened was
/// given a higher rate than one where nothing did, ties counting half (Mann and Whitney's U). `None` unless
/// both kinds of cell exist.
///
/// Rates 1, 2, 3, 4 with events in the cells of 2 and 4: of the 4 pairs, 3 are in order: 0.75.
pub fn auc(rates: &[f64], hit: &[bool]) -> Result<Option<f64>, ScoreError> {
    same_length("rates", hit.len(), rates.len())?;
    all_finite("rate", rates)?;
    let mut cells: Vec<(f64, bool)> = rates.iter().copied().zip(hit.iter().copied()).collect();
    cells.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut in_order, mut missed_before, mut hits) = (0.0, 0.0, 0.0);
    for group in cells.chunk_by(|a, b| a.0 == b.0) {
        let here = group.iter().filter(|cell| cell.1).count() as f64;
        let missed = group.len() as f64 - here;
        in_order += here * (missed_before + 0.5 * missed);
        missed_before += missed;
        hits += here;
    }
    let pairs = hits * missed_before;
    Ok((pairs > 0.0).then(|| in_order / pairs))
}

/// The most likely cells that together hold a share of the predicted mass.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TopMass {
    /// Share of the predicted mass, as asked for.
    pub mass_share: f64,
    /// Share of all swept width (cells weighted by their fractions) these cells make up.
    pub width_share: f64,
    /// Share of all events that fell into them.
    pub event_share: f64,
}

impl TopMass {
    /// The cells that hold the top `mass_share` of the predicted mass; the last one counts in part, and
    /// cells of equal rate per width count alike. `fractions` are the swept fractions of the cells; the
    /// order is by rate per swept fraction, so that a full bin does not beat a sliver by its width.
    pub fn new(
        rates: &[f64],
        counts: &[f64],
        fractions: &[f64],
        mass_share: f64,
    ) -> Result<Self, ScoreError> {
        same_length("rates", counts.len(), rates.len())?;
        same_length("fractions", counts.len(), fractions.len())?;
        all_amounts("rate", rates)?;
        all_amounts("count", counts)?;
        if let Some(index) = fractions.iter().position(|width| !(*width > 0.0 && width.is_finite())) {
            let value = fractions[index];
            return Err(ScoreError::Value { what: "fraction", index, value, range: "positive and finite" });
        }
        let mass = sum(rates.iter().copied());
        let events = sum(counts.iter().copied());
        if mass <= 0.0 || events <= 0.0 || !(mass_share > 0.0 && mass_share <= 1.0) {
            let what = "no predicted mass, no event, or a share of mass outside (0, 1]";
            return Err(ScoreError::TooLittle { what });
        }
        let mut order: Vec<(f64, usize)> =
            rates.iter().zip(fractions).map(|(rate, width)| rate / width).zip(0..).collect();
        order.sort_by(|a, b| b.0.total_cmp(&a.0));
        let (mut left, mut width_taken, mut events_taken) = (mass_share * mass, 0.0, 0.0);
        for group in order.chunk_by(|a, b| a.0 == b.0) {
            let total = |column: &[f64]| sum(group.iter().map(|(_, cell)| column[*cell]));
            let here = total(rates);
            let part = if here > left { left / here } else { 1.0 };
            width_taken += part * total(fractions);
            events_taken += part * total(counts);
            left -= part * here;
            if left <= 0.0 {
                break;
            }
        }
        let width = sum(fractions.iter().copied());
        Ok(Self { mass_share, width_share: width_taken / width, event_share: events_taken / events })
    }

    /// How many times as many events these cells hold as equally much swept width on average: 60 % of the
    /// events in 1 of 31 equal cells is a lift of 18.6.
    pub fn lift(self) -> f64 {
        self.event_share / self.width_share
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn areas_by_hand() {
        let hit = [false, true, false, true];
        assert_eq!(auc(&[1.0, 2.0, 3.0, 4.0], &hit), Ok(Some(0.75)));
        assert_eq!(auc(&[5.0; 4], &hit), Ok(Some(0.5)));
        assert_eq!(auc(&[4.0, 3.0, 2.0, 1.0], &[true, true, false, false]), Ok(Some(1.0)));
        assert_eq!(auc(&[1.0], &[true]), Ok(None));
        assert!(auc(&[f64::NAN], &[true]).is_err());
    }

    #[test]
    fn the_top_tenth_by_hand() {
        // Mass 100; the first cell holds 10 of it in 1 of 31 widths and 3 of 5 events.
        let mut rates = vec![3.0; 30];
        rates.insert(0, 10.0);
        let mut counts = vec![0.0; 31];
        (counts[0], counts[7]) = (3.0, 2.0);
        let top = TopMass::new(&rates, &counts, &[1.0; 31], 0.1).unwrap();
        assert!((top.event_share - 0.6).abs() < 1e-12 && (top.width_share - 1.0 / 31.0).abs() < 1e-12);
        assert!((top.lift() - 18.6).abs() < 1e-9);
        // Half of that mass is half of the cell.
        let half = TopMass::new(&rates, &counts, &[1.0; 31], 0.05).unwrap();
        assert!((half.event_share - 0.3).abs() < 1e-12 && (half.lift() - 18.6).abs() < 1e-9);
        // Everything has no lift.
        assert!((TopMass::new(&rates, &counts, &[1.0; 31], 1.0).unwrap().lift() - 1.0).abs() < 1e-9);
    }

    #[test]
    fn a_sliver_is_judged_by_its_rate_per_width() {
        // The sliver of a tenth with rate 1 is ten times as dense as the whole bin with rate 1.
        let top = TopMass::new(&[1.0, 1.0], &[1.0, 0.0], &[0.1, 1.0], 0.5).unwrap();
        assert!((top.event_share - 1.0).abs() < 1e-12 && (top.width_share - 0.1 / 1.1).abs() < 1e-12);
        assert!(TopMass::new(&[1.0], &[1.0], &[0.0], 0.5).is_err());
        assert!(TopMass::new(&[1.0], &[0.0], &[1.0], 0.5).is_err());
        assert!(TopMass::new(&[1.0], &[1.0], &[1.0], f64::NAN).is_err());
    }

    proptest! {
        #[test]
        fn the_area_is_the_share_of_ordered_pairs(
            cells in prop::collection::vec((0_u32..8, any::<bool>()), 2..30),
        ) {
            let rates: Vec<f64> = cells.iter().map(|c| f64::from(c.0)).collect();
            let hit: Vec<bool> = cells.iter().map(|c| c.1).collect();
            let (mut pairs, mut good) = (0.0, 0.0);
            for a in cells.iter().filter(|c| c.1) {
                for b in cells.iter().filter(|c| !c.1) {
                    pairs += 1.0;
                    good += 0.5 * (f64::from(u8::from(a.0 > b.0)) + f64::from(u8::from(a.0 >= b.0)));
                }
            }
            let area = auc(&rates, &hit).unwrap();
            prop_assert_eq!(area.is_some(), pairs > 0.0);
            prop_assert!(area.is_none_or(|area| (area - good / pairs).abs() < 1e-12));
        }
    }
}
