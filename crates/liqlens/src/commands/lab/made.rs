//! What was asked of a synthetic market, in the words of its files and its page.

use liqlens_lab::World;
use liqlens_market::Timestamp;

pub(super) use crate::cli::PrintsName as Reported;

/// What was asked for and made.
pub(super) struct Made {
    pub(super) world: World,
    pub(super) seed: u64,
    pub(super) days: u32,
    pub(super) prints: Reported,
    /// End of the last minute.
    pub(super) end: Timestamp,
}

impl Made {
    /// Name for a data directory that holds nothing else.
    pub(super) fn data(&self) -> String {
        format!("{}-{}-data", self.world, self.seed)
    }

    /// The command that makes it again.
    pub(super) fn command(&self, out: &str) -> String {
        let Self { world, seed, days, prints, .. } = self;
        format!(
            "liqlens lab world {world} --days {days} --seed {seed} --prints {} --out {out}",
            name(*prints)
        )
    }
}

/// The feed as it is asked for.
pub(super) const fn name(prints: Reported) -> &'static str {
    match prints {
        Reported::Full => "full",
        Reported::Throttled => "throttled",
        Reported::Off => "off",
    }
}

/// `1 day`, `30 days`.
pub(super) fn days(days: u32) -> String {
    format!("{days} day{}", if days == 1 { "" } else { "s" })
}
