//! Real positions laid out by how far price has to move for each.

use liqlens_engine::Holding;
use liqlens_margin::Outcome;
use liqlens_market::{Instrument, Side, Timestamp};
use liqlens_model::{BANDS, LogGrid};

use crate::curve::Curve;

/// The age of the states is judged at this share of the size they hold, so that one forgotten account does
/// not condemn a thousand fresh ones.
const AGED_SHARE: f64 = 0.90;

/// A position on the map.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Placed {
    pub(crate) holding: Holding,
    pub(crate) liquidation_price: f64,
    /// From the last price outward, in the curve's unit; zero if the price is already past.
    pub(crate) distance: f64,
    /// Size valued at the liquidation price.
    pub(crate) usd: f64,
    /// Index into [`BANDS`].
    pub(crate) band: usize,
}

/// The accounts behind a measured market.
#[derive(Debug, Clone)]
pub(crate) struct Measured {
    /// Longs and shorts with a liquidation price, from the price outward.
    pub(crate) sides: [Vec<Placed>; 2],
    /// Positions without one.
    pub(crate) unplaced: Vec<Holding>,
    /// Nine tenths of the size are known from this time or later.
    pub(crate) aged: Timestamp,
}

impl Measured {
    pub(crate) fn new(holdings: Vec<Holding>, instrument: &Instrument, price: f64, clock: Timestamp) -> Self {
        let known = |holding: &Holding| if holding.reconstructed { clock } else { holding.at };
        let aged = aged(holdings.iter().map(|h| (known(h), h.position.size.to_f64())).collect(), clock);
        let grid = LogGrid::STANDARD;
        let origin = [Side::Long, Side::Short].map(|side| Curve::steps(side, grid, price, []));
        let mut sides = [Vec::new(), Vec::new()];
        let mut unplaced = Vec::new();
        for holding in holdings {
            let side = holding.position.side.index();
            match holding.liquidation_price().filter(|p| p.is_finite() && *p > 0.0) {
                Some(liquidation_price) => sides[side].push(Placed {
                    liquidation_price,
                    distance: origin[side].distance_to(liquidation_price),
                    usd: instrument.notional(holding.position.size.to_f64(), liquidation_price),
                    band: band(holding.leverage().unwrap_or(f64::INFINITY)),
                    holding,
                }),
                None => unplaced.push(holding),
            }
        }
        for side in &mut sides {
            // Stable: accounts of one price stay in the order of their names.
            side.sort_by(|a, b| a.distance.total_cmp(&b.distance));
        }
        Self { sides, unplaced, aged }
    }

    /// Positions on the map of one side, from the price outward.
    pub(crate) fn placed(&self, side: Side) -> &[Placed] {
        &self.sides[side.index()]
    }

    /// Every position, on the map or not.
    pub(crate) fn holdings(&self) -> impl Iterator<Item = &Holding> {
        self.sides.iter().flatten().map(|placed| &placed.holding).chain(&self.unplaced)
    }

    /// Number of one side's accounts within a distance (in the curve's unit).
    pub(crate) fn within(&self, side: Side, distance: f64) -> usize {
        self.placed(side).partition_point(|placed| placed.distance <= distance)
    }

    pub(crate) fn placed_size(&self, side: Side) -> f64 {
        self.placed(side).iter().map(|placed| placed.holding.position.size.to_f64()).sum()
    }

    pub(crate) fn unplaced_size(&self, side: Side) -> f64 {
        let held = self.unplaced.iter().filter(|holding| holding.position.side == side);
        held.map(|holding| holding.position.size.to_f64()).sum()
    }

    /// Size of one side, with and without a liquidation price.
    pub(crate) fn size(&self, side: Side) -> f64 {
        self.placed_size(side) + self.unplaced_size(side)
    }
}

/// Index of the band of an effective leverage.
fn band(leverage: f64) -> usize {
    BANDS.iter().position(|band| leverage <= band.up_to).unwrap_or(BANDS.len() - 1)
}

/// The latest time such that nine tenths of the size are known from it or later.
fn aged(mut known: Vec<(Timestamp, f64)>, otherwise: Timestamp) -> Timestamp {
    known.sort_by_key(|(at, _)| core::cmp::Reverse(*at));
    let wanted = known.iter().map(|(_, size)| size).sum::<f64>() * AGED_SHARE;
    let mut held = 0.0;
    for (at, size) in known {
        held += size;
        if held >= wanted {
            return at;
        }
    }
    otherwise
}

/// Why a position has no place on the map, in the words of documents; `None` if it has one.
pub(crate) fn absence(outcome: &Outcome) -> Option<Absence> {
    match outcome {
        Outcome::Priced(_) => None,
        Outcome::Never => Some(Absence::Never),
        Outcome::NoTable(_) => Some(Absence::NoTable),
        Outcome::PortfolioMargin => Some(Absence::PortfolioMargin),
    }
}

/// Why a position has no place on the map.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Absence {
    /// No price liquidates it.
    Never,
    /// A margin table is missing.
    NoTable,
    /// Portfolio margin.
    PortfolioMargin,
}
