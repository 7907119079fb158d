//! What a venue's liquidation rules are made of.
//!
//! The rules themselves stand with each venue in [`crate::venues`]; [`crate::rules()`] finds those in force on a day.

use core::fmt;

use liqlens_market::{Contract, Venue};

/// Linear or inverse, without the contract's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContractKind {
    /// Profit in quote currency.
    Linear,
    /// Profit in base coin.
    Inverse,
}

impl From<Contract> for ContractKind {
    fn from(contract: Contract) -> Self {
        match contract {
            Contract::Linear => Self::Linear,
            Contract::Inverse { .. } => Self::Inverse,
        }
    }
}

/// What a position's margin is shared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MarginMode {
    /// Nothing: the position has its own margin.
    Isolated,
    /// The whole wallet backs it, less what the other positions need.
    Cross,
}

/// The price at which the venue values maintenance, before a position says which price that is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Valued {
    /// The liquidation price itself.
    AtLiquidation,
    /// The entry price.
    AtEntry,
    /// The mark price at the time of asking.
    AtMark,
}

/// Whether closing costs are part of the condition.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum FeeRule {
    /// They are not.
    Outside,
    /// The account's taker fee is reserved; `default_rate` is the venue's for ordinary accounts.
    Taker {
        /// Fraction of notional.
        default_rate: f64,
    },
    /// The same, as a part of the maintenance rate: valued where maintenance is.
    InRate {
        /// Fraction of notional.
        default_rate: f64,
    },
}

/// The price on which the initial margin of an isolated position is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InitialMargin {
    /// Entry.
    AtEntry,
    /// Mark.
    AtMark,
}

/// What margin added later counts for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum AddedMargin {
    /// Its amount.
    Whole,
    /// Its amount corrected by the closing fee: `extra/(1 − s·t)` (linear) or `extra/(1 + s·t)` (inverse),
    /// with the taker rate `t`.
    WithClosingFee {
        /// The venue's rate for ordinary accounts, fraction of notional.
        default_rate: f64,
    },
}

/// How the venue rounds what it prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rounding {
    /// It does not, or not observably.
    None,
    /// Up to the next tick for longs (towards the mark price); shorts as they are.
    UpForLongs,
}

/// The price whose touch liquidates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trigger {
    /// The venue's mark price.
    Mark,
    /// An oracle's price.
    Oracle,
    /// The index of spot prices.
    Index,
}

impl fmt::Display for Trigger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Mark => "mark price",
            Self::Oracle => "oracle price",
            Self::Index => "index price",
        })
    }
}

/// How sure the rules are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// They reproduce these published or recorded numbers (ids in `tests/data/liquidation_vectors.json`).
    Vectors(&'static [&'static str]),
    /// The venue publishes the formula; no complete number was found to hold it against.
    Published,
    /// Worked out from the venue's other rules; the venue's document has no formula of this form.
    Derived,
}

/// One venue's choice for one kind of contract, margin mode and period.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rules {
    /// The venue.
    pub venue: Venue,
    /// Linear or inverse contracts.
    pub contract: ContractKind,
    /// Isolated or cross margin.
    pub mode: MarginMode,
    /// First day in force, `2026-05-27`; empty where no earlier rule is known.
    pub from: &'static str,
    /// First day no longer in force; empty where still in force.
    pub until: &'static str,
    /// Where maintenance is valued.
    pub valued: Valued,
    /// Closing costs.
    pub fee: FeeRule,
    /// Initial margin.
    pub initial_margin: InitialMargin,
    /// Margin added later.
    pub added_margin: AddedMargin,
    /// Whether the schedule's number is divided by the leverage to give the rate (an "adjust factor").
    pub rate_over_leverage: bool,
    /// Rounding of the printed price.
    pub rounding: Rounding,
    /// What triggers.
    pub trigger: Trigger,
    /// How sure it is.
    pub proof: Proof,
    /// The venue's document.
    pub source: &'static str,
}

impl ContractKind {
    /// `linear` or `inverse`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Linear => "linear",
            Self::Inverse => "inverse",
        }
    }
}

impl MarginMode {
    /// `isolated` or `cross`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Isolated => "isolated",
            Self::Cross => "cross",
        }
    }
}

impl Rules {
    /// The formula with its symbols, as [`crate::solve`] documents them.
    pub const fn formula(&self) -> &'static str {
        match (self.contract, self.valued) {
            (ContractKind::Linear, Valued::AtLiquidation) => "P = (s·q·E − M − c) / (q·(s − m − f))",
            (ContractKind::Linear, _) => "P = (s·q·E − M + K) / (q·(s − f))",
            (ContractKind::Inverse, Valued::AtLiquidation) => "P = S·(1 + s·(m + f)) / (S/E + s·(M + c))",
            (ContractKind::Inverse, _) => "P = S·(1 + s·f) / (S/E + s·(M − K))",
        }
    }
}
