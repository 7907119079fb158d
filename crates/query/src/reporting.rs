//! The two meanings of a dollar: the estimated whole, and what a venue's public stream shows of it.
//!
//! A throttled stream hides most of a burst, so the liquidations it reports are a fraction of those that
//! happen. Every figure is in estimated true dollars; beside it stand the dollars that the stream would show,
//! which are the same times one factor of the venue. The factor's own uncertainty is part of every draw of
//! the ensemble, and therefore inside every interval.

use liqlens_engine::Standing;

use crate::document::{Feed, Reporting, Usd};
use crate::format::{share, share_range};
use crate::stamp::round;
use crate::view::View;

/// What is known about a venue's stream of liquidations.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct ReportingFacts {
    /// How complete the stream is by the venue's own word.
    pub(crate) feed: Feed,
    /// Share of liquidated dollars that it shows, 0 to 1.
    pub(crate) factor: f64,
    /// 10 % quantile of the factor.
    pub(crate) lo80: f64,
    /// 90 % quantile of the factor.
    pub(crate) hi80: f64,
    /// Whether the factor makes most of the intervals.
    pub(crate) dominates: bool,
    /// Share of the map's mass in distance classes that prints have informed, 0 to 1.
    pub(crate) informed: f64,
}

impl ReportingFacts {
    /// What a standing map says about its venue's stream. The engine's maps do not say anything yet; this is
    /// the one place that reads it.
    pub(crate) const fn of(_standing: &Standing) -> Option<Self> {
        None
    }

    /// What the stream would show of some true dollars; `None` where there is no stream.
    pub(crate) fn reported(&self, usd: Usd) -> Option<Usd> {
        (self.feed != Feed::Absent).then(|| Usd::from_f64(usd.to_f64() * self.factor))
    }

    /// The figure for documents.
    pub(crate) fn document(&self) -> Reporting {
        Reporting {
            feed: self.feed,
            factor: round(self.factor, 4),
            lo80: round(self.lo80, 4),
            hi80: round(self.hi80, 4),
            informed: round(self.informed, 4),
            words: self.words(),
        }
    }

    fn words(&self) -> String {
        match self.feed {
            Feed::Absent => "The venue publishes no stream of liquidations; figures are the estimated whole, \
                             which nothing on this venue checks."
                .to_owned(),
            Feed::Full if self.factor >= 0.995 => {
                "The venue's public stream shows every liquidation, so figures are both the estimated whole and \
                 what it reports."
                    .to_owned()
            }
            Feed::Full | Feed::Throttled => format!(
                "The venue's public stream shows about {} ({}) of liquidated dollars; figures are the estimated \
                 whole.",
                share(self.factor),
                share_range(self.lo80, self.hi80)
            ),
        }
    }
}

impl View {
    /// What the venue's stream would show of some true dollars; `None` where that is not modelled.
    pub(crate) fn reported_usd(&self, usd: Usd) -> Option<Usd> {
        self.reporting()?.reported(usd)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(feed: Feed, factor: f64) -> ReportingFacts {
        ReportingFacts { feed, factor, lo80: 0.18, hi80: 0.66, dominates: true, informed: 0.7 }
    }

    #[test]
    fn a_throttled_stream_shows_its_share() {
        let facts = facts(Feed::Throttled, 0.35);
        assert_eq!(facts.reported(Usd::from_cents(100_000_001)), Some(Usd::from_cents(35_000_000)));
        assert_eq!(
            facts.document().words,
            "The venue's public stream shows about 35 % (18–66 %) of liquidated dollars; figures are the \
             estimated whole."
        );
    }

    #[test]
    fn a_full_stream_shows_everything_and_no_stream_nothing() {
        let usd = Usd::from_cents(123);
        assert_eq!(facts(Feed::Full, 1.0).reported(usd), Some(usd));
        assert!(facts(Feed::Full, 1.0).document().words.contains("every liquidation"));
        assert_eq!(facts(Feed::Absent, 0.0).reported(usd), None);
        assert!(facts(Feed::Absent, 0.0).document().words.contains("no stream"));
    }
}
