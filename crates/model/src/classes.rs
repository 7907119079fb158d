//! Distance classes: how far from entry a position's liquidation price lies.
//!
//! The map never needs leverage as such; it needs the law of the log distance from entry to liquidation,
//! which absorbs leverage, cross collateral, added margin and tiers at once. One class stands for one
//! share of margin `x` behind the position (`1/x` is its *effective* leverage) and so for the same
//! collateral on both sides, although the two distances differ a little.

use liqlens_margin::{Position, liquidation};
use liqlens_market::{Contract, MarginTable, Side};
use serde::{Deserialize, Serialize};

use crate::grid::{BinIndex, LogGrid};

/// One class of positions.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Class {
    /// Margin as a share of notional at entry (`x`).
    pub margin_share: f64,
    /// Whole bins from entry to liquidation for longs and shorts; `None` if no price liquidates it.
    pub shift: [Option<BinIndex>; 2],
    /// Index into [`BANDS`].
    pub band: usize,
    /// Log distance from entry to liquidation of a long, the scale that classes are ordered by.
    pub distance: f64,
}

/// A band of effective leverage shown together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LeverageBand {
    /// As printed.
    pub label: &'static str,
    /// Effective leverage above which the band begins.
    pub above: f64,
    /// Effective leverage up to which it reaches.
    pub up_to: f64,
}

/// The bands of every chart, lowest leverage (farthest from price) first.
pub const BANDS: [LeverageBand; 5] = [
    LeverageBand { label: "≤5×", above: 0.0, up_to: 5.0 },
    LeverageBand { label: "5–10×", above: 5.0, up_to: 10.0 },
    LeverageBand { label: "10–25×", above: 10.0, up_to: 25.0 },
    LeverageBand { label: "25–50×", above: 25.0, up_to: 50.0 },
    LeverageBand { label: ">50×", above: 50.0, up_to: f64::INFINITY },
];

/// Notional at which the shifts of classes are computed. Inferred positions have no size of their own; at
/// this size every shipped schedule applies its first tier, which the bulk of positions by count is in.
const REFERENCE_NOTIONAL: f64 = 10_000.0;

/// Number of finite distance classes.
const DISTANCE_CLASSES: usize = 36;
/// Edges of the distance law in long log distance: 10 basis points to a factor of e^1.2.
const NEAREST_EDGE: f64 = 0.001;
const FARTHEST_EDGE: f64 = 1.2;

/// The 36 classes of the distance law with their edges in long log distance, geometric from 0.001 to 1.2
/// (ratio 1.218). Class `k` sits at the geometric mean `d_k` of its edges and has margin share
/// `x_k = 1 − (1 − m₀)·exp(−d_k)`, with `m₀` the schedule's base rate.
pub fn distance_classes(grid: LogGrid, contract: Contract, table: &MarginTable) -> (Vec<Class>, Vec<f64>) {
    let ratio = libm::log(FARTHEST_EDGE / NEAREST_EDGE) / DISTANCE_CLASSES as f64;
    let edges: Vec<f64> =
        (0..=DISTANCE_CLASSES).map(|k| NEAREST_EDGE * libm::exp(ratio * k as f64)).collect();
    let classes = edges
        .windows(2)
        .map(|edge| {
            let distance = libm::sqrt(edge[0] * edge[1]);
            let margin_share = 1.0 - (1.0 - table.base_rate()) * libm::exp(-distance);
            class(grid, contract, table, margin_share)
        })
        .collect();
    (classes, edges)
}

/// One class per nominal leverage, isolated and without added margin: `x = 1/L`.
pub fn leverage_classes(
    grid: LogGrid,
    contract: Contract,
    table: &MarginTable,
    leverages: &[f64],
) -> Vec<Class> {
    leverages.iter().map(|leverage| class(grid, contract, table, 1.0 / leverage)).collect()
}

fn class(grid: LogGrid, contract: Contract, table: &MarginTable, margin_share: f64) -> Class {
    let leverage = 1.0 / margin_share;
    // A hair of tolerance, because 1 / (1 / 50) need not be 50 to the last bit.
    let band = BANDS.iter().position(|b| leverage <= b.up_to * (1.0 + 1e-12)).unwrap_or(BANDS.len() - 1);
    let shift = Side::BOTH.map(|side| {
        let distance = log_distance(side, contract, table, margin_share)?;
        Some(grid.shift(distance))
    });
    // −ln((1 − x)/(1 − m₀)), the specification's d_k; a nominal tier at its own rate comes out the same.
    let kept = (1.0 - margin_share) / (1.0 - table.base_rate());
    let distance = -libm::log(kept.max(f64::MIN_POSITIVE));
    Class { margin_share, shift, band, distance: distance.max(grid.width()) }
}

/// Log distance from entry to liquidation, by the venue's own formula and tiers.
fn log_distance(side: Side, contract: Contract, table: &MarginTable, margin_share: f64) -> Option<f64> {
    // Any entry price gives the same ratio; 1 keeps size and notional equal.
    let entry_price = 1.0;
    let (size, margin) = match contract {
        Contract::Linear => (REFERENCE_NOTIONAL, REFERENCE_NOTIONAL * margin_share),
        Contract::Inverse { contract_value } => {
            (REFERENCE_NOTIONAL / contract_value, REFERENCE_NOTIONAL * margin_share)
        }
    };
    let position = Position { side, entry_price, size, margin };
    let price = liquidation(&position, contract, table)?.price;
    let distance = side.sign() * -libm::log(price);
    // A class with less margin than maintenance would be liquidated at entry; it still rests one bin away.
    Some(distance.max(0.0))
}

#[cfg(test)]
mod tests {
    use liqlens_market::MarginTier;

    use super::*;

    fn table(rate: f64) -> MarginTable {
        MarginTable::new(vec![MarginTier {
            floor: 0.0,
            cap: 1e12,
            maintenance_rate: rate,
            maintenance_amount: 0.0,
            max_leverage: 125.0,
        }])
        .unwrap()
    }

    /// The examples of the model specification, section 2, at 0.4 % maintenance, in log distance.
    #[test]
    fn nominal_leverage_gives_the_published_distances() {
        for (leverage, long, short) in
            [(125.0, 0.0040, 0.0040), (100.0, 0.0060, 0.0060), (50.0, 0.016, 0.016), (10.0, 0.101, 0.091)]
        {
            let distance =
                |side| log_distance(side, Contract::Linear, &table(0.004), 1.0 / leverage).unwrap();
            assert!((distance(Side::Long) - long).abs() < 0.0006, "{leverage} long {}", distance(Side::Long));
            assert!((distance(Side::Short) - short).abs() < 0.0006, "{leverage} {}", distance(Side::Short));
        }
    }

    #[test]
    fn a_class_is_its_own_distance_for_longs() {
        let grid = LogGrid::STANDARD;
        let (classes, edges) = distance_classes(grid, Contract::Linear, &table(0.004));
        assert_eq!((classes.len(), edges.len()), (36, 37));
        assert!((edges[1] / edges[0] - 1.218).abs() < 0.001);
        for (class, edge) in classes.iter().zip(edges.windows(2)) {
            let distance = (edge[0] * edge[1]).sqrt();
            assert_eq!(class.shift[0], Some(grid.shift(distance)));
            // Specification, section 2: short distance ln((1 + x)/(1 + m₀)).
            let short = ((1.0 + class.margin_share) / 1.004).ln();
            assert_eq!(class.shift[1], Some(grid.shift(short)));
        }
        // The farthest class: long distance about 1.1, short distance about 0.5 (both from x ≈ 0.67).
        let farthest = classes[35];
        assert!((farthest.margin_share - 0.66).abs() < 0.01, "{farthest:?}");
        assert!(farthest.shift[1].unwrap() < farthest.shift[0].unwrap() / 2);
    }

    #[test]
    fn inverse_contracts_mirror_the_sides() {
        let inverse = Contract::Inverse { contract_value: 100.0 };
        let long = log_distance(Side::Long, inverse, &table(0.004), 0.1).unwrap();
        let short = log_distance(Side::Short, inverse, &table(0.004), 0.1).unwrap();
        assert!(long < short, "profit in coin makes longs' liquidation nearer: {long} {short}");
    }

    #[test]
    fn bands_partition_leverage() {
        let classes = leverage_classes(
            LogGrid::STANDARD,
            Contract::Linear,
            &table(0.004),
            &[3.0, 5.0, 10.0, 25.0, 50.0, 100.0],
        );
        let bands: Vec<_> = classes.iter().map(|c| c.band).collect();
        assert_eq!(bands, [0, 0, 1, 2, 3, 4]);
    }
}
