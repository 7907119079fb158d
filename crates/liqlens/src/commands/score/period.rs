//! Which days calibrate and which are scored.

use liqlens_ask::{Failure, Kind, Opened, Source};
use liqlens_lab::contest::Settings;
use liqlens_market::{EventBody, Span, Timestamp};

/// Fewer reported liquidations than this cannot fit a head, let alone judge one.
const LEAST_PRINTS: u64 = 50;
/// From so many days of reports on, the protocol's settings for long histories hold.
const HISTORY: Span = Span::DAY.times(30);
/// Calibration when nothing is said.
const CALIBRATION: Span = Span::DAY;

/// What calibrates and what is scored.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Period {
    /// First forecast: the hour of the first reported liquidation.
    pub(super) calibrated_from: Timestamp,
    /// First scored forecast; `None` leaves the first share of the windows out instead.
    pub(super) scored_from: Option<Timestamp>,
    /// Last moment known.
    pub(super) to: Timestamp,
    /// Reported liquidations scored.
    pub(super) prints: u64,
    /// Whether the reports have prices, decided by the first.
    pub(super) priced: bool,
}

impl Period {
    /// Settles the period from the reports in the data and what was asked for.
    pub(super) fn settle(
        source: &Source,
        opened: &Opened,
        from: Option<Timestamp>,
        to: Timestamp,
    ) -> Result<Self, Failure> {
        let market = &opened.instrument.market;
        let prints = || -> Result<_, Failure> {
            let events = source.events(market, to)?;
            Ok(events.filter_map(|event| match event.body {
                EventBody::Liquidation(print) => {
                    Some((event.known_ts, print.fill_price.or(print.order_price).is_some()))
                }
                _ => None,
            }))
        };
        let Some((first, priced)) = prints()?.next() else {
            return Err(Failure::new(
                Kind::NoData,
                "no-liquidations",
                format!("There is nothing to score {market} by."),
                format!("The data hold no liquidation that the venue reported before {to}."),
                "Import a liquidation feed (or one-minute rows with liquidations) with `liqlens import FILE --data DIR`.",
            ));
        };
        let (calibrated_from, scored_from) = split(first, from, to);
        let start = scored_from.unwrap_or(calibrated_from);
        let scored = prints()?.filter(|(known, _)| *known >= start).count() as u64;
        if scored < LEAST_PRINTS {
            return Err(Failure::new(
                Kind::NoData,
                "too-few-liquidations",
                format!("There is too little to score {market} by."),
                format!(
                    "From {start} to {to} the data hold {scored} reported liquidations; at least {LEAST_PRINTS} are needed."
                ),
                "Ask for a longer period with --from and --to, or import more days.",
            )
            .detail("prints", scored)
            .detail("least", LEAST_PRINTS));
        }
        Ok(Self { calibrated_from, scored_from, to, prints: scored, priced })
    }

    /// Whether the reports reach over so many days that the settings for long histories hold.
    pub(super) fn is_history(&self) -> bool {
        self.to - self.calibrated_from >= HISTORY
    }

    /// What calibrates, in words.
    pub(super) fn words(&self, settings: &Settings) -> String {
        let warm = format!(
            "Models fold everything known before; levels and backgrounds calibrate from {}, the first reported \
             liquidation,",
            self.calibrated_from
        );
        match self.scored_from {
            Some(from) => format!("{warm} and are scored from {from}."),
            None => format!(
                "{warm} and the first {:.0} % of the windows are not scored.",
                100.0 * settings.burn_in
            ),
        }
    }
}

/// Start of calibration and first scored moment.
fn split(first: Timestamp, from: Option<Timestamp>, to: Timestamp) -> (Timestamp, Option<Timestamp>) {
    let start = first.floor(Span::HOUR);
    let scored = match from {
        // Without anything before it, part of the period itself must calibrate.
        Some(from) => Some(from).filter(|from| *from > start),
        None => Some(start + CALIBRATION).filter(|from| *from + CALIBRATION <= to),
    };
    (start, scored)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> Timestamp {
        Timestamp::parse_text(text).unwrap()
    }

    #[test]
    fn the_day_after_the_first_report_is_scored_unless_there_is_too_little() {
        let first = time("2026-03-15T00:02:00Z");
        let start = time("2026-03-15");
        assert_eq!(split(first, None, time("2026-03-21")), (start, Some(time("2026-03-16"))));
        assert_eq!(split(first, None, time("2026-03-16T12:00:00Z")), (start, None));
        let from = time("2026-03-18");
        assert_eq!(split(first, Some(from), time("2026-03-21")), (start, Some(from)));
        // Asked from before the first report: part of what follows calibrates.
        assert_eq!(split(first, Some(time("2026-03-01")), time("2026-03-21")), (start, None));
    }
}
