//! The map at one moment: contracts by liquidation level, both sides, scaled to open interest.

use liqlens_market::{Instrument, Side, Timestamp};
use liqlens_model::{BANDS, BinIndex, BlockPrices, LogGrid};

use crate::flow_book::{FlowBook, Ledger};

/// At most this share of open interest is ever shown as liquidatable (model specification, section 5.6).
const LIQUIDATABLE_CAP: f64 = 0.98;

/// Standing positions of one market at one moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    /// The grid of the levels.
    pub grid: LogGrid,
    /// End of the last interval folded in.
    pub as_of: Timestamp,
    /// Last price.
    pub price: f64,
    /// Accepted open interest, contracts.
    pub open_interest: f64,
    /// Longs and shorts.
    pub sides: [SideLevels; 2],
}

/// One side's contracts by level.
#[derive(Debug, Clone, PartialEq)]
pub struct SideLevels {
    /// Side of the positions.
    pub side: Side,
    /// Bin of the first row.
    pub first: BinIndex,
    /// Contracts per bin and leverage band, row by row, bands in the order of [`BANDS`].
    pub contracts: Vec<[f64; BANDS.len()]>,
    /// Contracts without a liquidation price on the grid, or beyond the 98 % that may be shown.
    pub unliquidatable: f64,
    /// Share of the boundary bin that the last sweep left standing: the bin's mass lies in its far part.
    pub boundary: Option<(BinIndex, f64)>,
    /// Contracts of open interest per unit of modelled flow.
    pub scale: f64,
    /// Named flows, scaled as the map is.
    pub flows: Ledger,
}

impl SideLevels {
    /// Contracts on the map.
    pub fn liquidatable(&self) -> f64 {
        self.contracts.iter().map(|bands| bands.iter().sum::<f64>()).sum()
    }

    /// Everything: equals open interest for a reconciled model.
    pub fn total(&self) -> f64 {
        self.liquidatable() + self.unliquidatable
    }
}

/// Scale and cap of one side's output.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scale {
    /// Contracts of open interest per unit of modelled flow.
    pub(crate) to_open_interest: f64,
    /// Further factor on the liquidatable part, below 1 where the cap binds.
    pub(crate) cap: f64,
}

impl FlowBook {
    /// How a side is scaled to open interest; `None` while nothing has been opened.
    pub(crate) fn scale(&self, side: Side, open_interest: f64) -> Option<Scale> {
        if !self.model().reconciled {
            return Some(Scale { to_open_interest: 1.0, cap: 1.0 });
        }
        let total = self.standing(side);
        if total <= 0.0 {
            return None;
        }
        let to_open_interest = open_interest / total;
        let liquidatable = 1.0 - self.unliquidatable(side) / total;
        let cap = if liquidatable > LIQUIDATABLE_CAP { LIQUIDATABLE_CAP / liquidatable } else { 1.0 };
        Some(Scale { to_open_interest, cap })
    }

    /// The map of one side.
    pub(crate) fn levels(&self, side: Side, open_interest: f64) -> Option<SideLevels> {
        let scale = self.scale(side, open_interest)?;
        let factor = scale.to_open_interest * scale.cap;
        let book = self.side(side);
        let bins = book.bins();
        let model = self.model();
        let band_of = |class: usize| model.classes[class].band;
        let contracts: Vec<[f64; BANDS.len()]> = bins
            .clone()
            .map(|bin| {
                let mut by_band = [0.0; BANDS.len()];
                book.level_mass_by_band(bin, self.factors(), &model.weights, band_of, &mut by_band);
                by_band.map(|mass| mass * factor)
            })
            .collect();
        let capped: f64 = contracts.iter().map(|bands| bands.iter().sum::<f64>()).sum::<f64>();
        let unliquidatable =
            self.unliquidatable(side) * scale.to_open_interest + capped * (1.0 / scale.cap - 1.0);
        Some(SideLevels {
            side,
            first: bins.start,
            contracts,
            unliquidatable,
            boundary: book.boundary(),
            scale: scale.to_open_interest,
            flows: self.ledger(side).scaled(scale.to_open_interest),
        })
    }

    /// Contracts of one side by level, from `first` on, under learned weights if there are any; `false` while
    /// nothing has been opened.
    pub(crate) fn add_reported(
        &self,
        side: Side,
        open_interest: f64,
        learned: Option<&[f64]>,
        first: BinIndex,
        contracts: &mut [f64],
    ) -> bool {
        let Some(scale) = self.scale(side, open_interest) else { return false };
        let factor = if let Some(weights) = learned {
            self.side(side).level_masses_under(first, &self.with_factors(weights), contracts);
            scale.to_open_interest
        } else {
            self.side(side).level_masses(first, self.factors(), contracts);
            scale.to_open_interest * scale.cap
        };
        for mass in contracts {
            *mass *= factor;
        }
        true
    }

    /// Weights with the lazy factors of their lanes.
    fn with_factors(&self, weights: &[f64]) -> Vec<f64> {
        let factors = self.factors();
        let rows = weights.chunks_exact(factors.len());
        rows.flat_map(|row| row.iter().zip(factors).map(|(w, g)| w * g)).collect()
    }

    /// Adds one side's dollars into rows of `bins_per_row` bins starting at absolute row `first_row`.
    /// Bins outside the rows are left out. Each bin is valued at its own price.
    pub(crate) fn add_dollars(
        &self,
        side: Side,
        open_interest: f64,
        instrument: &Instrument,
        bins_per_row: BinIndex,
        first_row: BinIndex,
        rows: &mut [f32],
    ) {
        let Some(scale) = self.scale(side, open_interest) else { return };
        let factor = scale.to_open_interest * scale.cap;
        let book = self.side(side);
        let bins = book.bins();
        let bins_per_row = bins_per_row.max(1);
        let window = first_row.saturating_mul(bins_per_row);
        // Rows before the first occupied bin stay as they are: most of one side's lie beyond the price.
        let from = bins.start.max(window);
        let offset = from.saturating_sub(window);
        let mut rows = rows.iter_mut().skip(usize::try_from(offset / bins_per_row).unwrap_or(usize::MAX));
        let mut left_in_row = bins_per_row - offset % bins_per_row;
        let mut dollars = 0.0;

        let prices = BlockPrices::new(self.model().grid);
        let mut masses = [0.0; BlockPrices::BINS];
        let mut first = from;
        while first < bins.end {
            let start = BlockPrices::start(first);
            let skipped = usize::try_from(first - start).unwrap_or(0);
            let wanted = usize::try_from(bins.end - first).unwrap_or(0).min(BlockPrices::BINS - skipped);
            let masses = &mut masses[..wanted];
            book.level_masses(first, self.factors(), masses);
            for (mass, price) in masses.iter().zip(&prices.block(start)[skipped..]) {
                dollars += instrument.notional(mass * factor, *price);
                left_in_row -= 1;
                if left_in_row == 0 {
                    let Some(row) = rows.next() else { return };
                    add_rounded(row, core::mem::take(&mut dollars));
                    left_in_row = bins_per_row;
                }
            }
            first += BinIndex::try_from(wanted).unwrap_or(BinIndex::MAX);
        }
        if let Some(row) = rows.next() {
            add_rounded(row, dollars);
        }
    }
}

#[allow(clippy::cast_possible_truncation)] // seven digits are plenty for a coloured cell
fn add_rounded(row: &mut f32, dollars: f64) {
    *row += dollars as f32;
}
