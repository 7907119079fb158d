//! The rules in force at a venue on a day.

use liqlens_market::{Timestamp, Venue};

use crate::rules::{ContractKind, MarginMode, Rules};
use crate::venues;

/// No rules for what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MissingRules {
    /// The venue does not offer this combination, or its rule is not known.
    #[error("no {mode} margin rule is known for {kind} contracts on {venue}")]
    NotOffered {
        /// The venue.
        venue: Venue,
        /// `linear` or `inverse`.
        kind: &'static str,
        /// `isolated` or `cross`.
        mode: &'static str,
    },
    /// The venue had closed.
    #[error("{venue} closed on {closed}")]
    Closed {
        /// The venue.
        venue: Venue,
        /// Its last day.
        closed: &'static str,
    },
}

/// Every rule of every venue, in the order of [`Venue::ALL`].
pub fn all_rules() -> impl Iterator<Item = &'static Rules> {
    Venue::ALL.into_iter().flat_map(|venue| venues::of(venue).iter())
}

/// The rules in force on a day.
///
/// ```
/// # use liqlens_margin::{ContractKind, MarginMode, Valued, rules};
/// # use liqlens_market::{Timestamp, Venue};
/// let on = |date| {
///     let at = Timestamp::parse_text(date).unwrap();
///     rules(Venue::Bybit, ContractKind::Linear, MarginMode::Isolated, at).unwrap().valued
/// };
/// assert_eq!((on("2026-05-26"), on("2026-05-27")), (Valued::AtEntry, Valued::AtLiquidation));
/// ```
pub fn rules(
    venue: Venue,
    kind: ContractKind,
    mode: MarginMode,
    at: Timestamp,
) -> Result<&'static Rules, MissingRules> {
    let date = at.date();
    let mut closed = None;
    for rules in venues::of(venue).iter().filter(|rules| rules.contract == kind && rules.mode == mode) {
        if date.as_str() >= rules.from && (rules.until.is_empty() || date.as_str() < rules.until) {
            return Ok(rules);
        }
        closed = Some(rules.until);
    }
    Err(match closed {
        Some(closed) => MissingRules::Closed { venue, closed },
        None => MissingRules::NotOffered { venue, kind: kind.as_str(), mode: mode.as_str() },
    })
}
