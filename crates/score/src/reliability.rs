//! Is a cell that was promised twice as much hit twice as often? Level and reliability of expected counts.

use crate::error::{ScoreError, all_amounts, same_length};
use crate::sum::{Sum, sum};

/// A map's mass over the swept cells divided by what was liquidated there, before any calibration: 1 is
/// right, 100 means a hundred times too large. `None` if nothing was liquidated.
///
/// Swept map 300 M and 600 M in two windows, realised 5 M and 4 M: 900/9 = 100.
pub fn raw_level(map: &[f64], realised: &[f64]) -> Result<Option<f64>, ScoreError> {
    same_length("map", realised.len(), map.len())?;
    all_amounts("map", map)?;
    all_amounts("realised", realised)?;
    let realised = sum(realised.iter().copied());
    Ok((realised > 0.0).then(|| sum(map.iter().copied()) / realised))
}

/// One row of the reliability table.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ReliabilityBin {
    /// Number of cells; a cell that straddles two rows counts in each with its part.
    pub cells: f64,
    /// Expected events.
    pub expected: f64,
    /// Observed events.
    pub observed: f64,
}

/// Expected against observed counts, in rows of equal expected mass from the least to the most likely cells.
#[derive(Debug, Clone, PartialEq)]
pub struct Reliability {
    /// The rows.
    pub bins: Vec<ReliabilityBin>,
    /// `Σ|expected − observed| / Σ observed` over the rows; `None` if nothing was observed.
    pub calibration_error: Option<f64>,
    /// Slope of the observed on the expected rate per cell, rows weighted by their cells: 1 is right, less
    /// means the forecast exaggerates its contrasts. `None` if all rates are equal.
    pub slope: Option<f64>,
}

impl Reliability {
    /// The table in `rows` rows (the protocol uses ten) for expected and observed counts per cell.
    ///
    /// Cells are sorted by rate and cut where a row is full, equal rates as one: the table does not depend
    /// on the order of the cells. Cells of rate 0 belong to the first row.
    ///
    /// Rates 1, 1, 2, 4 with 0, 1, 2, 6 events in two rows: 4 expected and 3 seen in three cells, 4 expected
    /// and 6 seen in one; calibration error (1 + 2)/9, slope (6 − 1)/(4 − 4/3) = 1.875.
    pub fn new(rates: &[f64], counts: &[f64], rows: u32) -> Result<Self, ScoreError> {
        same_length("rates", counts.len(), rates.len())?;
        all_amounts("rate", rates)?;
        all_amounts("count", counts)?;
        let total = sum(rates.iter().copied());
        if rows == 0 || total <= 0.0 {
            return Err(ScoreError::TooLittle {
                what: "the forecast expects nothing, or no row is asked for",
            });
        }
        let mut order: Vec<(f64, f64)> = rates.iter().copied().zip(counts.iter().copied()).collect();
        order.sort_by(|a, b| a.0.total_cmp(&b.0));
        let row_mass = total / f64::from(rows);
        let mut table = vec![[Sum::default(); 3]; usize::try_from(rows).unwrap_or(1)];
        let last = table.len() - 1;
        let (mut row, mut used) = (0, 0.0);
        for group in order.chunk_by(|a, b| a.0 == b.0) {
            let cells = group.len() as f64;
            let mass = group[0].0 * cells;
            let observed = sum(group.iter().map(|cell| cell.1));
            let mut left = mass;
            loop {
                let room = if row == last { f64::INFINITY } else { (row_mass - used).max(0.0) };
                let part = left.min(room);
                let share = if mass > 0.0 { part / mass } else { 1.0 };
                for (sum, value) in table[row].iter_mut().zip([cells, mass, observed]) {
                    sum.add(share * value);
                }
                left -= part;
                used += part;
                if left <= 0.0 {
                    break;
                }
                (row, used) = (row + 1, 0.0);
            }
        }
        let bins: Vec<ReliabilityBin> = table
            .iter()
            .map(|[cells, expected, observed]| ReliabilityBin {
                cells: cells.value(),
                expected: expected.value(),
                observed: observed.value(),
            })
            .collect();
        let (calibration_error, slope) = (calibration_error(&bins), slope(&bins));
        Ok(Self { bins, calibration_error, slope })
    }
}

fn calibration_error(bins: &[ReliabilityBin]) -> Option<f64> {
    let observed = sum(bins.iter().map(|bin| bin.observed));
    (observed > 0.0).then(|| sum(bins.iter().map(|bin| (bin.expected - bin.observed).abs())) / observed)
}

fn slope(bins: &[ReliabilityBin]) -> Option<f64> {
    let filled = || bins.iter().filter(|bin| bin.cells > 0.0);
    let cells = sum(filled().map(|bin| bin.cells));
    let x_mean = sum(filled().map(|bin| bin.expected)) / cells;
    let y_mean = sum(filled().map(|bin| bin.observed)) / cells;
    let (mut xx, mut xy) = (Sum::default(), Sum::default());
    for bin in filled() {
        let x = bin.expected / bin.cells - x_mean;
        let y = bin.observed / bin.cells - y_mean;
        xx.add(bin.cells * x * x);
        xy.add(bin.cells * x * y);
    }
    (xx.value() > 1e-18 * cells * x_mean * x_mean).then(|| xy.value() / xx.value())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_table_of_two_rows_by_hand() {
        // Mass 8 in all, rows of 4: rates 1, 1, 2 fill the first; 4 is the second.
        let table = Reliability::new(&[4.0, 1.0, 2.0, 1.0], &[6.0, 0.0, 2.0, 1.0], 2).unwrap();
        let row = |cells, expected, observed| ReliabilityBin { cells, expected, observed };
        assert_eq!(table.bins, [row(3.0, 4.0, 3.0), row(1.0, 4.0, 6.0)]);
        assert!((table.calibration_error.unwrap() - 3.0 / 9.0).abs() < 1e-12);
        // Rates per cell 4/3 → 1 and 4 → 6: slope 5/(8/3) = 1.875.
        assert!((table.slope.unwrap() - 1.875).abs() < 1e-12);
    }

    #[test]
    fn a_large_cell_is_shared_among_rows() {
        // One cell holds 9 of 10: rows of 5, the first gets 4/9 of it.
        let table = Reliability::new(&[1.0, 9.0], &[0.0, 9.0], 2).unwrap();
        assert!((table.bins[0].observed - 4.0).abs() < 1e-12 && (table.bins[1].observed - 5.0).abs() < 1e-12);
        assert!((table.bins[0].cells - (1.0 + 4.0 / 9.0)).abs() < 1e-12);
        assert!((table.calibration_error.unwrap() - 1.0 / 9.0).abs() < 1e-12);
    }

    #[test]
    fn a_forecast_with_half_the_contrast_has_slope_two() {
        // Truth 1 ± 0.8, forecast 1 ± 0.4, counts equal to the truth.
        let (mut rates, mut counts) = (vec![], vec![]);
        for k in 0..1_000 {
            let x = f64::from(k) / 999.0 * 2.0 - 1.0;
            rates.push(1.0 + 0.4 * x);
            counts.push(1.0 + 0.8 * x);
        }
        let table = Reliability::new(&rates, &counts, 10).unwrap();
        assert!((table.slope.unwrap() - 2.0).abs() < 1e-9, "{:?}", table.slope);
        let right = Reliability::new(&counts, &counts, 10).unwrap();
        assert!((right.slope.unwrap() - 1.0).abs() < 1e-9 && right.calibration_error.unwrap() < 1e-9);
        assert_eq!(Reliability::new(&[1.0; 5], &[1.0; 5], 2).unwrap().slope, None);
    }

    #[test]
    fn levels_and_refusals() {
        assert_eq!(raw_level(&[300.0, 600.0], &[5.0, 4.0]), Ok(Some(100.0)));
        assert_eq!(raw_level(&[300.0], &[0.0]), Ok(None));
        assert!(raw_level(&[300.0], &[]).is_err());
        assert!(Reliability::new(&[0.0], &[1.0], 10).is_err());
        assert!(Reliability::new(&[1.0], &[1.0], 0).is_err());
        assert!(Reliability::new(&[-1.0], &[1.0], 10).is_err());
    }

    proptest! {
        #[test]
        fn rows_hold_equal_mass_and_lose_nothing(
            cells in prop::collection::vec((0_u32..50, 0_u32..5), 1..60), rows in 1_u32..12,
        ) {
            let rates: Vec<f64> = cells.iter().map(|c| f64::from(c.0)).collect();
            let counts: Vec<f64> = cells.iter().map(|c| f64::from(c.1)).collect();
            prop_assume!(rates.iter().sum::<f64>() > 0.0);
            let table = Reliability::new(&rates, &counts, rows).unwrap();
            let mass = rates.iter().sum::<f64>() / f64::from(rows);
            for bin in &table.bins {
                prop_assert!((bin.expected - mass).abs() < 1e-9 * (1.0 + mass));
            }
            let observed: f64 = table.bins.iter().map(|bin| bin.observed).sum();
            prop_assert!((observed - counts.iter().sum::<f64>()).abs() < 1e-9);
            let mut reversed = cells;
            reversed.reverse();
            let rates: Vec<f64> = reversed.iter().map(|c| f64::from(c.0)).collect();
            let counts: Vec<f64> = reversed.iter().map(|c| f64::from(c.1)).collect();
            prop_assert_eq!(Reliability::new(&rates, &counts, rows).unwrap(), table);
        }
    }
}
