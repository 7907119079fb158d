//! Words that the answers about one position and about its tiers share.

use liqlens_query::document::{ContractName, ModeName};
use liqlens_query::format::figure;

use super::outline::Row;

pub(super) const fn contract_word(contract: ContractName) -> &'static str {
    match contract {
        ContractName::Linear => "linear",
        ContractName::Inverse => "inverse",
    }
}

pub(super) const fn mode_word(mode: ModeName) -> &'static str {
    match mode {
        ModeName::Isolated => "isolated",
        ModeName::Cross => "cross",
    }
}

/// `300,000 to 800,000`, `up to 300,000`, `above 800,000`, `of any size`.
pub(super) fn bounds(floor: f64, cap: Option<f64>) -> String {
    match (floor > 0.0, cap) {
        (false, None) => "any size, in".to_owned(),
        (false, Some(cap)) => format!("up to {}", figure(cap)),
        (true, None) => format!("above {}", figure(floor)),
        (true, Some(cap)) => format!("{} to {}", figure(floor), figure(cap)),
    }
}

/// A row that belongs to no side.
pub(super) fn plain_row<const N: usize>(cells: [&str; N]) -> Row {
    Row { side: None, cells: cells.map(Into::into).into() }
}
