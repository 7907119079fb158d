//! What a measured market says about itself: how much of the market the accounts hold, how old they are,
//! what is on no map and why.

use std::collections::BTreeSet;

use liqlens_margin::Outcome;
use liqlens_market::Side;

use super::placed::{Absence, Measured};
use super::{STATES_DEAD, STATES_OLD};
use crate::document::GradeLetter;
use crate::format::{figure, share, usd_short};
use crate::stamp::{OPEN_INTEREST_CARRIED, age};
use crate::view::View;

/// Share of the size above which positions rebuilt from fills, or without a known price, lower the grade.
const NOTABLE: f64 = 0.15;
/// Relative difference between our liquidation price and the venue's that would show on a map.
const APART: f64 = 0.01;

impl View {
    /// Σ|size| of each side over open interest, where that is known.
    fn measured_shares(&self, measured: &Measured) -> Option<[f64; 2]> {
        let open_interest = self.open_interest?.contracts;
        Some(Side::BOTH.map(|side| measured.size(side) / open_interest))
    }

    /// Coverage as a figure and in words.
    pub(crate) fn measured_coverage(&self, measured: &Measured) -> (Option<f64>, String) {
        let accounts = accounts_words(measured.holdings().count());
        match self.measured_shares(measured) {
            Some([long, short]) => {
                let text =
                    format!("{accounts} with {} of its OI long and {} short", share(long), share(short));
                (Some(long), text)
            }
            None => (None, format!("{accounts} of unknown OI share")),
        }
    }

    /// Rules that keep a measured answer from grade A.
    pub(crate) fn measured_rules(&self, measured: &Measured) -> Vec<(GradeLetter, String)> {
        let mut found: Vec<(GradeLetter, String)> = Vec::new();
        let mut rule = |letter, reason: String| found.push((letter, reason));
        let states_age = self.as_of - measured.aged;
        if states_age > STATES_OLD {
            let letter = if states_age > STATES_DEAD { GradeLetter::D } else { GradeLetter::C };
            rule(letter, format!("the account states are {} old", age(states_age)));
        }
        let price_age = self.as_of - self.price.newest;
        if price_age > STATES_OLD {
            let letter = if price_age > STATES_DEAD { GradeLetter::D } else { GradeLetter::C };
            rule(letter, format!("the newest price is {} old", age(price_age)));
        }
        match self.measured_shares(measured) {
            Some(shares) => {
                // A map is as good as its thinner side.
                let covered = shares[0].min(shares[1]);
                let letter = match covered {
                    c if c >= 0.85 => None,
                    c if c >= 0.70 => Some(GradeLetter::B),
                    c if c >= 0.50 => Some(GradeLetter::C),
                    _ => Some(GradeLetter::D),
                };
                if let Some(letter) = letter {
                    rule(letter, format!("the known accounts hold {} of open interest", share(covered)));
                }
            }
            None => {
                rule(GradeLetter::C, "what share of open interest the accounts hold is not known".to_owned());
            }
        }
        if let Some(facts) = &self.open_interest {
            let late = self.as_of - facts.newest;
            if late > facts.limit() + OPEN_INTEREST_CARRIED {
                rule(
                    GradeLetter::C,
                    format!("the open interest they are measured against is {} old", age(late)),
                );
            }
        }
        let rebuilt = measured.share_of_size(|holding| holding.reconstructed);
        if rebuilt > NOTABLE {
            rule(GradeLetter::C, format!("{} of the size is rebuilt from fills", share(rebuilt)));
        }
        let unknown = measured.share_of_size(|holding| {
            matches!(holding.outcome, Outcome::NoTable(_) | Outcome::PortfolioMargin)
        });
        if unknown > NOTABLE {
            rule(
                GradeLetter::C,
                format!("the liquidation price of {} of the size is not known", share(unknown)),
            );
        }
        let apart = measured.share_of_size(|holding| {
            holding.relative_difference().is_some_and(|difference| difference.abs() > APART)
        });
        if apart > NOTABLE {
            let reason =
                format!("liquidation prices of {} of the size differ from the venue's own", share(apart));
            rule(GradeLetter::C, reason);
        }
        found
    }

    pub(crate) fn measured_warnings(&self, measured: &Measured) -> Vec<String> {
        let mut warnings = Vec::new();
        for (reason, unpriced) in measured.unpriced() {
            let who = format!(
                "{} worth {}",
                positions_words(unpriced.positions),
                usd_short(unpriced.notional_usd.to_f64())
            );
            warnings.push(match reason {
                Absence::Never => format!("Not on the map: {who} that no price liquidates."),
                Absence::NoTable => format!(
                    "Not on the map: {who} without a liquidation price, because a margin table is missing \
                     ({}).",
                    measured.missing_tables()
                ),
                Absence::PortfolioMargin => format!(
                    "Not on the map: {who} on portfolio margin, which gives no position a price of its own."
                ),
            });
        }
        let past = Side::BOTH.map(|side| {
            let past = measured.placed(side).iter().take_while(|placed| placed.distance <= 0.0);
            past.fold((0, 0.0), |(count, usd), placed| (count + 1, usd + placed.usd))
        });
        let (count, usd) = (past[0].0 + past[1].0, past[0].1 + past[1].1);
        if count > 0 {
            warnings.push(format!(
                "At distance zero: {} worth {} whose liquidation price the last price has passed.",
                positions_words(count),
                usd_short(usd)
            ));
        }
        let rebuilt = measured.holdings().filter(|holding| holding.reconstructed).count();
        if rebuilt > 0 {
            warnings.push(format!(
                "Rebuilt from fills and transfers, without fees and funding: {}.",
                accounts_words(rebuilt)
            ));
        }
        let stirred = measured.holdings().filter(|holding| holding.stirred.is_some()).count();
        if stirred > 0 {
            warnings
                .push(format!("{} traded or moved money after the newest state.", accounts_words(stirred)));
        }
        let dead =
            measured.holdings().filter(|h| !h.reconstructed && self.as_of - h.at > STATES_DEAD).count();
        if dead > 0 && self.as_of - measured.aged <= STATES_DEAD {
            warnings.push(format!("Not seen for more than a day: {}.", accounts_words(dead)));
        }
        let check = measured.check();
        if let (Some(median), Some(max)) = (check.median, check.max) {
            warnings.push(format!(
                "Ours beside the venue's own liquidation prices: {}, median difference {median:.0e}, largest \
                 {max:.0e}, {} beyond one in a million.",
                positions_words(check.compared),
                check.misses
            ));
        }
        warnings
    }
}

impl Measured {
    /// Share of all size held by the positions a condition picks.
    fn share_of_size(&self, pick: impl Fn(&liqlens_engine::Holding) -> bool) -> f64 {
        let sum = |pick: &dyn Fn(&liqlens_engine::Holding) -> bool| -> f64 {
            self.holdings().filter(|h| pick(h)).map(|h| h.position.size.to_f64()).sum()
        };
        let all = sum(&|_| true);
        if all > 0.0 { sum(&pick) / all } else { 0.0 }
    }

    /// Markets whose margin table is missing: some names, and how many more.
    fn missing_tables(&self) -> String {
        let missing: BTreeSet<String> = self
            .unplaced
            .iter()
            .filter_map(|holding| match &holding.outcome {
                Outcome::NoTable(missing) => Some(missing.market.to_string()),
                _ => None,
            })
            .collect();
        let named: Vec<&str> = missing.iter().take(3).map(String::as_str).collect();
        match missing.len().saturating_sub(named.len()) {
            0 => named.join(", "),
            more => format!("{} and {more} more", named.join(", ")),
        }
    }

    /// What the account channel holds, in words.
    pub(crate) fn channel_words(&self) -> String {
        let rebuilt = self.holdings().filter(|holding| holding.reconstructed).count();
        let reported = self.holdings().count() - rebuilt;
        match (reported, rebuilt) {
            (_, 0) => format!("states of {}", accounts_words(reported)),
            (0, _) => format!("fills of {}", accounts_words(rebuilt)),
            _ => format!("states of {}, fills of {}", accounts_words(reported), accounts_words(rebuilt)),
        }
    }
}

pub(crate) fn accounts_words(count: usize) -> String {
    if count == 1 { "1 account".to_owned() } else { format!("{} accounts", figure(count as f64)) }
}

fn positions_words(count: usize) -> String {
    if count == 1 { "1 position".to_owned() } else { format!("{} positions", figure(count as f64)) }
}
