//! The peers' methods at their best, as parameter sets of the same machine (model specification, section 4).
//!
//! Most public maps add leverage tiers to traded volume and delete what the price touches (M0a, M0b, M0c);
//! some start from rises of open interest (M0d); the best open method uses an empirical distance law and scales
//! to open interest (M0e). None of them learns. Every score of this project stands beside the best of them.

use liqlens_market::{Instrument, MarginTable, MarginTableError, MarginTier, Span};
use liqlens_model::{
    Attribution, FlowModel, Lanes, LogGrid, ModelId, Pool, distance_classes, leverage_classes,
};

/// A baseline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Baseline {
    /// The reference peer: taker volume at 10, 25, 50 and 100×, seven days in daily layers.
    A,
    /// Taker volume at 25 to 125×, twelve hours in hourly layers.
    B,
    /// Taker volume at 5 to 100×, thirty days in daily layers.
    C,
    /// Rises of open interest at 5 to 100× in taker proportion; falls remove the same share everywhere.
    D,
    /// Rises of open interest on both sides under an empirical distance law, closing at 6.6 % a day, scaled to
    /// open interest.
    E,
}

/// Flat maintenance rate that the peers assume.
const MAINTENANCE: f64 = 0.005;
/// Share of standing positions that M0e closes a day.
const CLOSED_A_DAY: f64 = 0.066;
/// M0e's law: upper edge, lower edge (long distance), share of opened positions.
const EMPIRICAL_LAW: [(f64, f64, f64); 9] = [
    (1.0, 0.30, 0.231),
    (0.30, 0.20, 0.151),
    (0.20, 0.15, 0.108),
    (0.15, 0.10, 0.043),
    (0.10, 0.07, 0.148),
    (0.07, 0.054, 0.069),
    (0.054, 0.021, 0.150),
    (0.021, 0.008, 0.060),
    (0.008, 0.004, 0.040),
];

impl Baseline {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::A, Self::B, Self::C, Self::D, Self::E];

    /// Name in tables and commands.
    pub const fn id(self) -> &'static str {
        match self {
            Self::A => "m0a",
            Self::B => "m0b",
            Self::C => "m0c",
            Self::D => "m0d",
            Self::E => "m0e",
        }
    }

    /// The baseline as a model of a market.
    pub fn model(self, instrument: &Instrument, table: &MarginTable) -> Result<FlowModel, MarginTableError> {
        match self {
            Self::A => volume(instrument, &[10.0, 25.0, 50.0, 100.0], Span::DAY, 7),
            Self::B => volume(instrument, &[25.0, 50.0, 75.0, 100.0, 125.0], Span::HOUR, 12),
            Self::C => volume(instrument, &[5.0, 10.0, 25.0, 50.0, 100.0], Span::DAY, 30),
            Self::D => rises_by_tier(instrument),
            Self::E => Ok(rises_by_law(instrument, table)),
        }
    }
}

/// The schedule the peers assume.
fn flat() -> Result<MarginTable, MarginTableError> {
    MarginTable::new(vec![MarginTier {
        floor: 0.0,
        cap: f64::INFINITY,
        maintenance_rate: MAINTENANCE,
        maintenance_amount: 0.0,
        max_leverage: 125.0,
    }])
}

/// Traded volume at fixed leverages of equal weight, kept for a number of layers and the running one.
fn volume(
    instrument: &Instrument,
    leverages: &[f64],
    length: Span,
    layers: usize,
) -> Result<FlowModel, MarginTableError> {
    let grid = LogGrid::STANDARD;
    let count = layers + 1;
    Ok(FlowModel {
        id: ModelId::M0,
        grid,
        classes: leverage_classes(grid, instrument.contract, &flat()?, leverages),
        lanes: Lanes::Layers { length, count },
        weights: vec![1.0 / leverages.len() as f64; leverages.len() * count],
        never: vec![0.0; count],
        attribution: Attribution::TakerSide,
        fractional_boundary: true,
        reconciled: false,
        learning: None,
    })
}

/// One lane that closes at a constant rate, or never.
fn one_pool(holding_days: f64) -> Lanes {
    Lanes::Pools(vec![Pool {
        holding_days,
        share: 1.0,
        clock_exponent: 0.0,
        median_distance: 0.0,
        log_sd: 1.0,
        liquidatable: 1.0,
    }])
}

fn rises_by_tier(instrument: &Instrument) -> Result<FlowModel, MarginTableError> {
    let grid = LogGrid::STANDARD;
    Ok(FlowModel {
        id: ModelId::M0,
        grid,
        classes: leverage_classes(grid, instrument.contract, &flat()?, &[5.0, 10.0, 25.0, 50.0, 100.0]),
        lanes: one_pool(f64::INFINITY),
        weights: vec![0.3, 0.3, 0.2, 0.1, 0.1],
        never: vec![0.0],
        attribution: Attribution::RiseByTaker,
        fractional_boundary: true,
        reconciled: false,
        learning: None,
    })
}

fn rises_by_law(instrument: &Instrument, table: &MarginTable) -> FlowModel {
    let grid = LogGrid::STANDARD;
    let (classes, edges) = distance_classes(grid, instrument.contract, table);
    let weights = edges.windows(2).map(|edge| law_between(edge[0], edge[1])).collect();
    FlowModel {
        id: ModelId::M0,
        grid,
        classes,
        lanes: one_pool(1.0 / CLOSED_A_DAY),
        weights,
        never: vec![0.0],
        attribution: Attribution::RiseOnBothSides,
        fractional_boundary: true,
        reconciled: true,
        learning: None,
    }
}

/// Share of M0e's law between two distances, each band log-uniform inside.
fn law_between(from: f64, to: f64) -> f64 {
    let overlap = |(high, low, share): &(f64, f64, f64)| {
        let (a, b) = (from.max(*low), to.min(*high));
        if b <= a { 0.0 } else { share * libm::log(b / a) / libm::log(high / low) }
    };
    EMPIRICAL_LAW.iter().map(overlap).sum()
}

#[cfg(test)]
mod tests {
    use liqlens_market::MarketId;

    use super::*;

    fn model(baseline: Baseline) -> FlowModel {
        let market: MarketId = "binance:BTCUSDT".parse().unwrap();
        baseline.model(&Instrument::from_market(market).unwrap(), &flat().unwrap()).unwrap()
    }

    #[test]
    fn every_baseline_places_all_it_opens() {
        for baseline in Baseline::ALL {
            let model = model(baseline);
            let lanes = model.lane_count();
            let first_lane: f64 = model.weights.iter().step_by(lanes).sum();
            // The shares of M0e's law are rounded in their source: they add up to 1.000.
            assert!((first_lane - 1.0).abs() < 0.002, "{}: {first_lane}", baseline.id());
            assert_eq!(model.weights.len(), model.classes.len() * lanes);
        }
    }

    /// By hand: 25× at 0.5 % is −ln(0.96/0.995) = 3.58 % away for longs, 72 bins of 5 basis points.
    #[test]
    fn tiers_sit_where_the_peers_put_them() {
        let model = model(Baseline::B);
        assert_eq!(model.classes[0].shift[0], Some(72));
        assert_eq!(model.lanes, Lanes::Layers { length: Span::HOUR, count: 13 });
    }

    #[test]
    fn the_empirical_law_has_its_shares() {
        assert!((law_between(0.10, 0.15) - 0.043).abs() < 1e-12);
        assert!((law_between(0.0, 10.0) - 1.0).abs() < 1e-9);
        assert_eq!(law_between(0.001, 0.004), 0.0);
    }
}
