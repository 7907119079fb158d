//! What is asked of a map: running sums from the price outward, and the distance at which they reach an amount.

use liqlens_engine::{Ensemble, Standing};
use liqlens_market::Side;
use liqlens_model::LogGrid;

/// Dollars of both sides from the price outward, level by level.
pub(crate) struct Sums([Vec<f64>; 2]);

impl Sums {
    pub(crate) fn new(standing: &Standing) -> Self {
        Self(Side::BOTH.map(|side| {
            let levels = &standing.sides[side.index()];
            let dollars = levels
                .contracts
                .iter()
                .zip(levels.first..)
                .map(|(bands, bin)| bands.iter().sum::<f64>() * standing.grid.middle(bin));
            let mut dollars: Vec<f64> = dollars.collect();
            if side == Side::Long {
                dollars.reverse();
            }
            running(&mut dollars);
            dollars
        }))
    }

    /// The number of levels after which a side holds an amount, with the share of the last one.
    pub(crate) fn reach(&self, side: Side, amount_usd: f64) -> f64 {
        let sums = &self.0[side.index()];
        let level = sums.partition_point(|sum| *sum < amount_usd);
        let Some(outer) = sums.get(level) else { return f64::INFINITY };
        let inner = level.checked_sub(1).map_or(0.0, |inner| sums[inner]);
        level as f64 + (amount_usd - inner) / (outer - inner)
    }
}

fn running(values: &mut [f64]) {
    let mut total = 0.0;
    for value in values {
        total += *value;
        *value = total;
    }
}

/// The same under every member: `[row][member]`, from the price outward.
pub(crate) struct DrawnSums {
    members: usize,
    sides: [Vec<f64>; 2],
}

impl DrawnSums {
    pub(crate) fn new(ensemble: &Ensemble, grid: LogGrid) -> Self {
        let members = ensemble.weights.len();
        let sides = Side::BOTH.map(|side| {
            let drawn = &ensemble.sides[side.index()];
            let rows = drawn.contracts.chunks_exact(members);
            let firsts = (drawn.first..).step_by(usize::try_from(drawn.bins_per_row).unwrap_or(1));
            let mut sums = Vec::with_capacity(drawn.contracts.len());
            let mut total = vec![0.0; members];
            let mut take = |(row, first): (&[f32], i32)| {
                let usd = grid.middle(first + drawn.bins_per_row / 2);
                for (total, contracts) in total.iter_mut().zip(row) {
                    *total += f64::from(*contracts) * usd;
                }
                sums.extend_from_slice(&total);
            };
            let rows: Vec<_> = rows.zip(firsts).collect();
            match side {
                Side::Long => rows.into_iter().rev().for_each(&mut take),
                Side::Short => rows.into_iter().for_each(&mut take),
            }
            sums
        });
        Self { members, sides }
    }

    /// The 10 % and 90 % quantiles over the members of the row at which a side holds an amount.
    pub(crate) fn reach(&self, side: Side, amount_usd: f64) -> [f64; 2] {
        let sums = &self.sides[side.index()];
        let rows = sums.len() / self.members;
        let mut reached: Vec<f64> = (0..self.members)
            .map(|member| {
                let (mut low, mut high) = (0, rows);
                while low < high {
                    let middle = usize::midpoint(low, high);
                    if sums[middle * self.members + member] < amount_usd {
                        low = middle + 1;
                    } else {
                        high = middle;
                    }
                }
                low as f64
            })
            .collect();
        reached.sort_unstable_by(f64::total_cmp);
        [reached[self.members / 10], reached[self.members - 1 - self.members / 10]]
    }
}
