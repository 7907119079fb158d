//! Heatmap columns of a market as they closed on the first way through its history.
//!
//! A range of a month would have to be folded again for every picture of it; the columns of the usual row height are
//! kept instead. They are taken from the very market that a fold would have at their end, so pictures of them are the
//! same to the byte.

use liqlens_engine::Market;
use liqlens_market::{Span, Timestamp};
use liqlens_model::BinIndex;
use liqlens_query::document::Heatmap;
use liqlens_query::{AskError, HeatmapLevel, HeatmapLog, HeatmapLogError, HeatmapOptions, View};

/// Rows of ten basis points, which questions have unless they say otherwise.
const ROW_BINS: BinIndex = 2;

/// The steps by which columns of the whole history are kept, and those of its last month.
const COARSE: usize = 4;

/// The columns of a market.
#[derive(Debug)]
pub(super) struct Columns {
    /// By the hour and longer, from the beginning.
    coarse: HeatmapLog,
    /// By the minute and longer, of the end.
    fine: HeatmapLog,
    /// When the fine ones begin.
    fine_from: Timestamp,
}

impl Columns {
    /// None yet, of a market whose data end at `newest`.
    pub(super) fn new(newest: Timestamp) -> Result<Self, HeatmapLogError> {
        let (fine, coarse) = HeatmapLevel::STANDARD.split_at(COARSE);
        // As long as the longest of the fine levels is kept.
        let longest = fine.iter().map(|level| level.step.nanos().saturating_mul(level.columns.cast_signed()));
        let kept = Span::from_nanos(longest.max().unwrap_or(0));
        Ok(Self {
            coarse: HeatmapLog::new(ROW_BINS, coarse)?,
            fine: HeatmapLog::new(ROW_BINS, fine)?,
            fine_from: newest - kept,
        })
    }

    /// Memory they take, bytes.
    pub(super) fn bytes(&self) -> u64 {
        (self.coarse.bytes() + self.fine.bytes()) as u64
    }

    /// The next moment after `after` at which a column closes.
    pub(super) fn next_end(&self, after: Timestamp) -> Timestamp {
        let step = if after >= self.fine_from { Span::MINUTE } else { Span::HOUR };
        after.floor(step) + step
    }

    /// Takes the columns that close at `end`. Those that were taken already, on a way that was not finished, are not
    /// taken again.
    pub(super) fn close(&mut self, market: &Market, end: Timestamp) -> Result<(), HeatmapLogError> {
        if end > self.fine_from && self.fine.closed_until().is_none_or(|until| end > until) {
            self.fine.append(market, end)?;
        }
        let hour = end.floor(Span::HOUR) == end;
        if hour && self.coarse.closed_until().is_none_or(|until| end > until) {
            self.coarse.append(market, end)?;
        }
        Ok(())
    }

    /// The heatmap of a market at its last moment, if these columns have it; `None`: it must be folded.
    pub(super) fn heatmap(
        &self,
        market: &Market,
        view: &View,
        options: &HeatmapOptions,
    ) -> Option<Result<Heatmap, AskError>> {
        // Higher rows made of these differ from folded ones in the eighth digit.
        if options.bins_per_row != ROW_BINS {
            return None;
        }
        [&self.fine, &self.coarse].into_iter().find_map(|log| match log.heatmap(market, view, options) {
            Ok(heatmap) => Some(Ok(heatmap)),
            Err(HeatmapLogError::Ask(error)) => Some(Err(error)),
            Err(_) => None,
        })
    }
}
