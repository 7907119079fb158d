//! The two meanings of a dollar: the estimated whole, and what a venue's public stream shows of it.
//!
//! A throttled stream hides most of a burst, so the liquidations it reports are a fraction of those that
//! happen. Every figure is in estimated true dollars, those of the positions that stand at a price; beside it
//! are the dollars that the stream would show, which are the same times the share that is liquidated when the
//! price gets there times one factor of the venue. The factor's own uncertainty is part of every draw of
//! the ensemble, and therefore inside every interval.

use liqlens_engine::Standing;

use crate::document::{Feed, Reporting, Usd};
use crate::format::{share, share_range};
use crate::rounding::round;

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
    /// Share of the dollars on the map that are liquidated when price gets to them, 0 to 1.
    pub(crate) realised: f64,
    /// Whether the factor makes most of the intervals.
    pub(crate) dominates: bool,
    /// Share of the map's mass in distance classes that prints have informed, 0 to 1.
    pub(crate) informed: f64,
}

impl ReportingFacts {
    /// What a standing map says about its venue's stream; `None` of models that do not listen to it.
    pub(crate) fn of(standing: &Standing) -> Option<Self> {
        let reporting = standing.reporting?;
        Some(Self {
            feed: match reporting.feed {
                liqlens_model::Feed::Full => Feed::Full,
                liqlens_model::Feed::Throttled | liqlens_model::Feed::ThrottledSums => Feed::Throttled,
                liqlens_model::Feed::Absent => Feed::Absent,
            },
            factor: reporting.factor,
            lo80: reporting.lo80,
            hi80: reporting.hi80,
            realised: reporting.realised,
            dominates: reporting.dominates,
            informed: reporting.informed,
        })
    }

    /// What the stream would show of some true dollars; `None` where there is no stream.
    pub(crate) fn reported(&self, usd: Usd) -> Option<Usd> {
        (self.feed != Feed::Absent).then(|| Usd::from_f64(usd.to_f64() * self.realised * self.factor))
    }

    /// The figure for documents.
    pub(crate) fn document(&self) -> Reporting {
        Reporting {
            feed: self.feed,
            factor: round(self.factor, 4),
            lo80: round(self.lo80, 4),
            hi80: round(self.hi80, 4),
            realised: round(self.realised, 4),
            informed: round(self.informed, 4),
            words: self.words(),
        }
    }

    fn words(&self) -> String {
        let liquidated = format!("about {} is liquidated when price gets there", share(self.realised));
        match self.feed {
            Feed::Absent => {
                "Figures are what is estimated to stand at those prices; the venue reports no liquidations, so \
                 nothing checks their size."
                    .to_owned()
            }
            Feed::Full => format!(
                "Figures are what is estimated to stand at those prices; {liquidated}, and the venue's stream \
                 shows all of that."
            ),
            Feed::Throttled => format!(
                "Figures are what is estimated to stand at those prices; {liquidated}, and the venue's stream \
                 shows about {} ({}) of that.",
                share(self.factor),
                share_range(self.lo80, self.hi80)
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(feed: Feed, factor: f64) -> ReportingFacts {
        ReportingFacts { feed, factor, lo80: 0.18, hi80: 0.66, realised: 0.8, dominates: true, informed: 0.7 }
    }

    #[test]
    fn a_throttled_stream_shows_its_share() {
        let facts = facts(Feed::Throttled, 0.35);
        // 0.35 × 0.8 of a million dollars and a cent.
        assert_eq!(facts.reported(Usd::from_cents(100_000_001)), Some(Usd::from_cents(28_000_000)));
        assert_eq!(
            facts.document().words,
            "Figures are what is estimated to stand at those prices; about 80 % is liquidated when price gets \
             there, and the venue's stream shows about 35 % (18–66 %) of that."
        );
    }

    #[test]
    fn a_full_stream_shows_everything_and_no_stream_nothing() {
        let usd = Usd::from_cents(1_000);
        assert_eq!(facts(Feed::Full, 1.0).reported(usd), Some(Usd::from_cents(800)));
        assert!(facts(Feed::Full, 1.0).document().words.contains("shows all of that"));
        assert_eq!(facts(Feed::Absent, 0.0).reported(usd), None);
        assert!(facts(Feed::Absent, 0.0).document().words.contains("reports no liquidations"));
    }
}
