//! Which step a series has.

use liqlens_market::{Span, Timestamp};

use super::{Fineness, MAX_POINTS, SeriesError};

/// Steps to choose from, in seconds.
const STEPS_S: [i64; 20] = [
    1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 21_600, 43_200, 86_400,
    172_800, 604_800,
];

/// The step of a series from a moment to another, and the one asked for where that would give too many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Chosen {
    pub(super) step: Span,
    pub(super) finer: Option<Span>,
}

/// The step asked for, or the shortest round one that gives at most `most` steps.
pub(super) fn choose(
    fineness: Fineness,
    most: u64,
    from: Timestamp,
    to: Timestamp,
) -> Result<Chosen, SeriesError> {
    if fineness.max_points > MAX_POINTS {
        return Err(SeriesError::TooLarge {
            what: "this number of points",
            wanted: fineness.max_points,
            unit: "points",
            limit: MAX_POINTS,
            advice: "take fewer points, such as 1000",
        });
    }
    if let Some(step) = fineness.step
        && step <= Span::ZERO
    {
        return Err(SeriesError::NoStep { step });
    }
    let most = most.max(1);
    let fits = |step: &Span| steps_within(from, to, *step) <= most;
    if let Some(step) = fineness.step.filter(fits) {
        return Ok(Chosen { step, finer: None });
    }
    let round = STEPS_S.into_iter().map(|seconds| Span::SECOND.times(seconds)).find(fits);
    // Beyond the longest round step: as many days as it takes, and one for what is cut at either end.
    let step = round.unwrap_or_else(|| {
        let days = (to - from).nanos() / Span::DAY.nanos();
        let most = i64::try_from(most).unwrap_or(i64::MAX).saturating_sub(1).max(1);
        Span::DAY.times(days / most + 1)
    });
    Ok(Chosen { step, finer: fineness.step })
}

/// Number of whole steps, counted from the epoch, that a stretch of time touches.
fn steps_within(from: Timestamp, to: Timestamp, step: Span) -> u64 {
    let place = |at: Timestamp| at.nanos().div_euclid(step.nanos());
    u64::try_from(i128::from(place(to)) - i128::from(place(from)) + 1).unwrap_or(0)
}
