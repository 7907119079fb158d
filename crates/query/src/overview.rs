//! A market in one row of an overview, and in the few figures of a tick.

use liqlens_market::Timestamp;

use crate::document::{
    Cluster, DayMove, DayRange, Overview, OverviewFailure, OverviewRow, SideName, Tick, Usd,
};
use crate::rounding::round;
use crate::view::View;

/// Moves of an overview's row, percent.
const MOVES_PCT: [f64; 6] = [-5.0, -2.0, -1.0, 1.0, 2.0, 5.0];

/// Markets side by side, in the order given.
pub fn overview(as_of: Timestamp, rows: Vec<OverviewRow>, failed: Vec<OverviewFailure>) -> Overview {
    Overview { schema: Overview::SCHEMA.to_owned(), as_of: as_of.to_string(), rows, failed }
}

impl View {
    /// The market as a row of an overview. The view of a day before, where there is one, tells how open interest
    /// has changed.
    pub fn overview_row(&self, day_ago: Option<&Self>) -> OverviewRow {
        let clusters = self.cluster_list(self.telling_window_pct());
        let nearest = |side: SideName| nearest(clusters.iter().filter(|cluster| cluster.side == side));
        OverviewRow {
            stamp: self.stamp(Overview::SCHEMA),
            day: self.day_range(),
            open_interest_change_24h_pct: day_ago.and_then(|before| self.open_interest_change_pct(before)),
            funding_rate: self.funding.map(|(_, funding)| funding.rate),
            funding_interval_h: self.funding.map(|(_, funding)| funding.interval.seconds() / 3_600.0),
            at: self.at_moves(&MOVES_PCT.map(|pct| self.price_moved_by(pct))),
            nearest_long: nearest(SideName::Long),
            nearest_short: nearest(SideName::Short),
            marks: self.comparable_amount(self.comparison_window_pct()).map(|amount| self.reach_pair(amount)),
            reported_24h_usd: self
                .newest_liquidation
                .and(self.liquidated_by_day().first())
                .map(|sides| sides.map(Usd::from_f64)),
        }
    }

    /// Change of one-sided open interest, in contracts, since an earlier view, percent.
    fn open_interest_change_pct(&self, before: &Self) -> Option<f64> {
        let (now, before) = (self.open_interest?.contracts, before.open_interest?.contracts);
        (before > 0.0).then(|| round((now / before - 1.0) * 100.0, 4))
    }

    /// The price and how far it can be relied on.
    pub fn tick(&self) -> Tick {
        let stamp = self.stamp(Tick::SCHEMA);
        Tick {
            schema: stamp.schema,
            symbol: stamp.symbol,
            as_of: stamp.as_of,
            snapshot: stamp.snapshot,
            price: stamp.price,
            price_decimals: stamp.price_decimals,
            day: self.day_range().map(|DayRange { high, low, change_pct, .. }| DayMove {
                high,
                low,
                change_pct,
            }),
            grade: stamp.grade.letter,
            age_s: stamp.age_s,
            coverage: stamp.coverage.text,
        }
    }
}

/// The cluster whose peak is nearest to the price.
fn nearest<'a>(clusters: impl Iterator<Item = &'a Cluster>) -> Option<Cluster> {
    clusters.min_by(|a, b| a.distance_pct.abs().total_cmp(&b.distance_pct.abs())).cloned()
}
