//! The venues' own rules, a page each: formulas, the days on which they changed, a worked number, and the
//! published or recorded numbers that prove them.
//!
//! What no page has is a guess: a combination that a venue does not offer, or whose rule is not known, is
//! an error of [`crate::rules()`].

use liqlens_market::Venue;

use crate::rules::{
    AddedMargin, ContractKind, FeeRule, InitialMargin, MarginMode, Proof, Rounding, Rules, Trigger, Valued,
};

pub mod binance;
pub mod bitget;
pub mod bitmex;
pub mod bybit;
pub mod deribit;
pub mod dydx;
pub mod gate;
pub mod htx;
pub mod hyperliquid;
pub mod kraken;
pub mod kucoin;
pub mod lighter;
pub mod okx;

/// The rules of a venue, older before newer within one contract and mode.
pub(crate) const fn of(venue: Venue) -> &'static [Rules] {
    match venue {
        Venue::BinanceUsdm => binance::USDM,
        Venue::BinanceCoinm => binance::COINM,
        Venue::Hyperliquid => hyperliquid::RULES,
        Venue::Bybit => bybit::RULES,
        Venue::Okx => okx::RULES,
        Venue::Bitget => bitget::RULES,
        Venue::Gate => gate::RULES,
        Venue::Htx => htx::RULES,
        Venue::Kraken => kraken::RULES,
        Venue::Deribit => deribit::RULES,
        Venue::Dydx => dydx::RULES,
        Venue::Lighter => lighter::RULES,
        Venue::Kucoin => kucoin::RULES,
        Venue::Bitmex => bitmex::RULES,
        // A venue without a page has no rules, which `rules` reports.
        _ => &[],
    }
}

/// Isolated linear margin in its commonest form; each page states what differs.
const fn linear(venue: Venue, proof: Proof, source: &'static str) -> Rules {
    Rules {
        venue,
        contract: ContractKind::Linear,
        mode: MarginMode::Isolated,
        from: "",
        until: "",
        valued: Valued::AtLiquidation,
        fee: FeeRule::Outside,
        initial_margin: InitialMargin::AtEntry,
        added_margin: AddedMargin::Whole,
        rate_over_leverage: false,
        rounding: Rounding::None,
        trigger: Trigger::Mark,
        proof,
        source,
    }
}

/// The same for inverse contracts.
const fn inverse(venue: Venue, proof: Proof, source: &'static str) -> Rules {
    Rules { contract: ContractKind::Inverse, ..linear(venue, proof, source) }
}

/// The same rules for cross margin.
const fn cross(rules: Rules, proof: Proof) -> Rules {
    Rules { mode: MarginMode::Cross, proof, ..rules }
}
