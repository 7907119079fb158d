//! The map at one moment: contracts by liquidation level, both sides, scaled to open interest.

use liqlens_market::{Instrument, Side, Timestamp};
use liqlens_model::{BANDS, BinIndex, BlockPrices, Feed, LogGrid, ReportedShare, Spread};

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
    /// What the venue's public stream shows of liquidations; `None` of models that do not listen to it.
    pub reporting: Option<Reporting>,
}

/// What stands between the dollars of a learned map and those that the venue's public stream would show.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reporting {
    /// Kind of stream.
    pub feed: Feed,
    /// Estimated share of liquidated contracts that the stream shows, in (0, 1].
    pub factor: f64,
    /// 10 % quantile of the factor.
    pub lo80: f64,
    /// 90 % quantile of the factor, at most 1.
    pub hi80: f64,
    /// Share of the contracts on the map that are liquidated when the price gets to them; the rest stops out or
    /// is topped up on the way. Contracts on the map × this × the factor are what the stream would show.
    pub realised: f64,
    /// Whether the factor, rather than the map, makes most of the width of an interval.
    pub dominates: bool,
    /// Share of the contracts within 5 % of the price in distance classes of which at least thirty
    /// liquidations were heard.
    pub informed: f64,
}

/// One side's contracts by level.
#[derive(Debug, Clone, PartialEq)]
pub struct SideLevels {
    /// Side of the positions.
    pub side: Side,
    /// Bin of the first row.
    pub first: BinIndex,
    /// Contracts per bin and leverage band whose liquidation price lies there, row by row, bands in the order of
    /// [`BANDS`]. Of a learned map, all that stand there, not only those that will be reported.
    pub contracts: Vec<[f64; BANDS.len()]>,
    /// The rest of open interest: contracts without a liquidation price on the grid, beyond the 98 % that may be
    /// shown, or (learned maps) more than reports bear out.
    pub unliquidatable: f64,
    /// Share of the boundary bin that the last sweep left standing: the bin's mass lies in its far part.
    pub boundary: Option<(BinIndex, f64)>,
    /// Contracts of open interest per unit of modelled flow.
    pub scale: f64,
    /// Named flows, scaled as the map is.
    pub flows: Ledger,
}

/// Standard deviations from the median to the 10 % and 90 % quantiles of a normal distribution.
const DECILE: f64 = 1.281_551_565_5;

/// Variance of the logarithm of what stands within a few percent: the law's own and the share's.
const fn level_variance(share: ReportedShare) -> f64 {
    let law = Spread::DEFAULT.level_sd;
    share.log_sd * share.log_sd + law * law
}

impl Reporting {
    /// What is known of a kind of stream.
    pub(crate) fn new(feed: Feed, realised: f64, informed: f64) -> Self {
        let share = feed.reported_share();
        let spread = libm::exp(DECILE * share.log_sd);
        Self {
            feed,
            factor: share.median,
            lo80: share.median / spread,
            hi80: (share.median * spread).min(1.0),
            realised,
            dominates: share.log_sd * share.log_sd > 0.5 * level_variance(share),
            informed,
        }
    }
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

/// Rows of a heatmap column.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RowShape {
    /// Absolute number of the first row.
    pub(crate) first: BinIndex,
    /// Bins of the grid in a row, at least one; row `r` covers bins `r·bins …`.
    pub(crate) bins: BinIndex,
}

/// How a learned map differs from the prior one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Learned<'a> {
    /// Weights, `[class][lane]`.
    pub(crate) weights: &'a [f64],
    /// Reported contracts per contract standing at its level.
    pub(crate) share: f64,
}

/// Scale and cap of one side's output.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scale {
    /// Contracts of open interest per unit of modelled flow.
    pub(crate) to_open_interest: f64,
    /// Further factor on the liquidatable part, below 1 where the cap binds.
    pub(crate) cap: f64,
}

impl Scale {
    /// From modelled flow to contracts of a learned map, at most 98 % of open interest in all. `share` is what is
    /// reported per contract standing, `placed` the flow on the map.
    pub(crate) fn learned(self, share: f64, placed: f64, open_interest: f64) -> f64 {
        let factor = self.to_open_interest / share;
        let most = LIQUIDATABLE_CAP * open_interest;
        if placed * factor > most { most / placed } else { factor }
    }
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
    pub(crate) fn with_factors(&self, weights: &[f64]) -> Vec<f64> {
        let factors = self.factors();
        let rows = weights.chunks_exact(factors.len());
        rows.flat_map(|row| row.iter().zip(factors).map(|(w, g)| w * g)).collect()
    }

    /// Adds one side's dollars into rows.
    /// Bins outside the rows are left out. Each bin is valued at its own price.
    pub(crate) fn add_dollars(
        &self,
        side: Side,
        open_interest: f64,
        learned: Option<Learned<'_>>,
        instrument: &Instrument,
        shape: RowShape,
        rows: &mut [f32],
    ) {
        let Some(scale) = self.scale(side, open_interest) else { return };
        let book = self.side(side);
        let bins = book.bins();
        // Learned masses are needed as a whole before one of them can be shown, because of the cap.
        let under = learned.map(|learned| {
            let mut masses = vec![0.0; bins.len()];
            book.level_masses_under(bins.start, &self.with_factors(learned.weights), &mut masses);
            (scale.learned(learned.share, masses.iter().sum(), open_interest), masses)
        });
        let factor = under.as_ref().map_or(scale.to_open_interest * scale.cap, |(factor, _)| *factor);
        let RowShape { first: first_row, bins: bins_per_row } = shape;
        let window = first_row.saturating_mul(bins_per_row);
        // Rows before the first occupied bin stay as they are: most of one side's lie beyond the price.
        let from = bins.start.max(window);
        let offset = from.saturating_sub(window);
        let skipped_rows = usize::try_from(offset / bins_per_row).unwrap_or(usize::MAX);
        let mut rows = rows.get_mut(skipped_rows..).unwrap_or_default();
        let mut left_in_row = bins_per_row - offset % bins_per_row;
        let mut dollars = 0.0;

        let prices = self.prices(from);
        let mut masses = [0.0; BlockPrices::BINS];
        let mut first = from;
        while first < bins.end && !rows.is_empty() {
            let start = BlockPrices::start(first);
            let skipped = usize::try_from(first - start).unwrap_or(0);
            let wanted = usize::try_from(bins.end - first).unwrap_or(0).min(BlockPrices::BINS - skipped);
            let masses = &mut masses[..wanted];
            match &under {
                Some((_, all)) => {
                    let from = usize::try_from(first - bins.start).unwrap_or(0);
                    masses.copy_from_slice(&all[from..from + wanted]);
                }
                None => book.level_masses(first, self.factors(), masses),
            }
            for (mass, price) in masses.iter_mut().zip(&prices.block(start)[skipped..]) {
                *mass = instrument.notional(*mass * factor, *price);
            }
            if bins_per_row == 1 {
                let (now, later) = rows.split_at_mut(wanted.min(rows.len()));
                for (row, dollars) in now.iter_mut().zip(masses.iter()) {
                    add_rounded(row, *dollars);
                }
                rows = later;
            } else {
                for usd in masses.iter() {
                    dollars += usd;
                    left_in_row -= 1;
                    if left_in_row == 0 {
                        let Some((row, later)) = rows.split_first_mut() else { return };
                        add_rounded(row, core::mem::take(&mut dollars));
                        rows = later;
                        left_in_row = bins_per_row;
                    }
                }
            }
            first += BinIndex::try_from(wanted).unwrap_or(BinIndex::MAX);
        }
        if let [row, ..] = rows {
            add_rounded(row, dollars);
        }
    }
}

#[allow(clippy::cast_possible_truncation)] // seven digits are plenty for a coloured cell
fn add_rounded(row: &mut f32, dollars: f64) {
    *row += dollars as f32;
}
