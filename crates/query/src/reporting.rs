//! The two meanings of a dollar: the estimated whole, and what a venue's public stream shows of it.
//!
//! A throttled stream hides most of a burst, so the liquidations it reports are a fraction of those that
//! happen. Every figure is in estimated true dollars, those of the positions that stand at a price; beside it
//! are the dollars that the stream would show, which are the same times the share that is liquidated when the
//! price gets there times one factor of the venue. The factor's own uncertainty is part of every draw of
//! the ensemble, and therefore inside every interval.

use liqlens_engine::Reporting;
use liqlens_model::Feed;

use crate::document::{self, Usd};
use crate::format::{share, share_range};
use crate::rounding::round;

/// What the stream would show of some true dollars; `None` where there is no stream.
pub(crate) fn reported(facts: &Reporting, usd: Usd) -> Option<Usd> {
    (facts.feed != Feed::Absent).then(|| Usd::from_f64(usd.to_f64() * facts.realised * facts.factor))
}

/// The figures for documents.
pub(crate) fn document(facts: &Reporting) -> document::Reporting {
    document::Reporting {
        feed: match facts.feed {
            Feed::Full => document::Feed::Full,
            Feed::Throttled | Feed::ThrottledSums => document::Feed::Throttled,
            Feed::Absent => document::Feed::Absent,
        },
        factor: round(facts.factor, 4),
        lo80: round(facts.lo80, 4),
        hi80: round(facts.hi80, 4),
        realised: round(facts.realised, 4),
        informed: round(facts.informed, 4),
        words: words(facts),
    }
}

fn words(facts: &Reporting) -> String {
    let liquidated = format!("about {} is liquidated when price gets there", share(facts.realised));
    match facts.feed {
        Feed::Absent => {
            "Figures are what is estimated to stand at those prices; the venue reports no liquidations, so \
             nothing checks their size."
                .to_owned()
        }
        Feed::Full => format!(
            "Figures are what is estimated to stand at those prices; {liquidated}, and the venue's stream \
             shows all of that."
        ),
        Feed::Throttled | Feed::ThrottledSums => format!(
            "Figures are what is estimated to stand at those prices; {liquidated}, and the venue's stream \
             shows about {} ({}) of that.",
            share(facts.factor),
            share_range(facts.lo80, facts.hi80)
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(feed: Feed, factor: f64) -> Reporting {
        Reporting { feed, factor, lo80: 0.18, hi80: 0.66, realised: 0.8, dominates: true, informed: 0.7 }
    }

    #[test]
    fn a_throttled_stream_shows_its_share() {
        let facts = facts(Feed::Throttled, 0.35);
        // 0.35 × 0.8 of a million dollars and a cent.
        assert_eq!(reported(&facts, Usd::from_cents(100_000_001)), Some(Usd::from_cents(28_000_000)));
        assert_eq!(
            document(&facts).words,
            "Figures are what is estimated to stand at those prices; about 80 % is liquidated when price gets \
             there, and the venue's stream shows about 35 % (18–66 %) of that."
        );
    }

    #[test]
    fn a_full_stream_shows_everything_and_no_stream_nothing() {
        let usd = Usd::from_cents(1_000);
        assert_eq!(reported(&facts(Feed::Full, 1.0), usd), Some(Usd::from_cents(800)));
        assert!(document(&facts(Feed::Full, 1.0)).words.contains("shows all of that"));
        assert_eq!(reported(&facts(Feed::Absent, 0.0), usd), None);
        assert!(document(&facts(Feed::Absent, 0.0)).words.contains("reports no liquidations"));
    }
}
