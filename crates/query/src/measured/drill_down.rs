//! The accounts behind a price range of a measured map.

use liqlens_engine::Holding;
use liqlens_margin::Outcome;
use liqlens_market::{Backing, Side};

use super::placed::{Absence, Measured, Placed, absence};
use crate::document::{
    AccountKnown, AccountRow, AccountTotals, Accounts, MarginKind, PriceRange, PriceText, Unpriced, Usd,
    VenueCheck,
};
use crate::rounding::round;
use crate::view::{View, side_name};

/// Most accounts listed at once.
pub const MAX_ACCOUNTS: usize = 10_000;
/// Relative difference between our price and the venue's beyond which they disagree.
const MISS: f64 = 1e-6;
/// Decimals beyond the market's own in which liquidation prices are compared.
const MORE_DECIMALS: usize = 6;

/// Which accounts to list.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AccountsOptions {
    /// Lowest and highest liquidation price; `None` for all.
    pub between: Option<(f64, f64)>,
    /// Side; `None` for both.
    pub side: Option<Side>,
    /// Most rows listed, at most [`MAX_ACCOUNTS`].
    pub top: usize,
}

impl View {
    /// The accounts behind a price range; `None` if the map is not measured.
    pub fn accounts(&self, options: &AccountsOptions) -> Option<Accounts> {
        let measured = self.measured()?;
        let asked = |placed: &&Placed| {
            options.side.is_none_or(|side| placed.holding.position.side == side)
                && options.between.is_none_or(|(low, high)| (low..=high).contains(&placed.liquidation_price))
        };
        let mut found: Vec<&Placed> = measured.sides.iter().flatten().filter(asked).collect();
        // Stable: equal dollars stay longs first, nearest first, by name.
        found.sort_by(|a, b| b.usd.total_cmp(&a.usd));
        let listed = options.top.min(MAX_ACCOUNTS).min(found.len());
        Some(Accounts {
            stamp: self.stamp(Accounts::SCHEMA),
            range: options.between.map(|(low, high)| PriceRange {
                price_lo: self.price_text(low),
                price_hi: self.price_text(high),
            }),
            side: options.side.map(side_name),
            accounts: found[..listed].iter().map(|placed| self.account_row(placed)).collect(),
            total: totals(&found),
            left_out: totals(&found[listed..]),
            unpriced: measured.unpriced().into_iter().map(|(_, unpriced)| unpriced).collect(),
            check: measured.check(),
        })
    }

    fn account_row(&self, placed: &Placed) -> AccountRow {
        let Holding { account, reconstructed, at, position, .. } = &placed.holding;
        let fine = |price: f64| PriceText::new(price, self.decimals() + MORE_DECIMALS);
        AccountRow {
            account: account.short(),
            source: if *reconstructed { AccountKnown::Reconstructed } else { AccountKnown::Reported },
            known_at: at.to_string(),
            side: side_name(position.side),
            size: position.size.to_f64(),
            notional_usd: Usd::from_f64(
                self.instrument.notional(position.size.to_f64(), position.mark_price.to_f64()),
            ),
            usd: Usd::from_f64(placed.usd),
            entry_price: position.entry_price.map(|price| self.price_text(price.to_f64())),
            leverage: placed.holding.leverage().filter(|l| l.is_finite()).map(|l| round(l, 2)),
            margin: match position.backing {
                Backing::Cross => MarginKind::Cross,
                Backing::Isolated(_) => MarginKind::Isolated,
            },
            liquidation_price: fine(placed.liquidation_price),
            venue_liquidation_price: position.liquidation_price.map(|price| fine(price.to_f64())),
            relative_difference: placed.holding.relative_difference().map(three_digits),
            distance_pct: self.move_pct(placed.liquidation_price),
        }
    }
}

/// A small ratio to three significant digits: the rest is rounding of the arithmetic.
fn three_digits(value: f64) -> f64 {
    format!("{value:.2e}").parse().unwrap_or(value)
}

fn totals(placed: &[&Placed]) -> AccountTotals {
    let of = |side: Side| {
        let side = placed.iter().filter(move |p| p.holding.position.side == side);
        (side.clone().count(), Usd::from_f64(side.map(|p| p.usd).sum()))
    };
    let ((long_accounts, long_usd), (short_accounts, short_usd)) = (of(Side::Long), of(Side::Short));
    AccountTotals { long_accounts, short_accounts, long_usd, short_usd }
}

impl Absence {
    pub(crate) const ALL: [Self; 3] = [Self::Never, Self::NoTable, Self::PortfolioMargin];

    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::Never => "cannot be liquidated",
            Self::NoTable => "no margin table",
            Self::PortfolioMargin => "portfolio margin",
        }
    }
}

impl Measured {
    /// Positions without a liquidation price by reason; reasons that do not occur are left out.
    pub(crate) fn unpriced(&self) -> Vec<(Absence, Unpriced)> {
        let of = |reason: Absence| {
            let held =
                self.unplaced.iter().filter(|h| absence(&h.outcome).unwrap_or(Absence::Never) == reason);
            let (positions, usd) = held.fold((0, 0.0), |(count, usd), h| (count + 1, usd + h.notional()));
            let notional_usd = Usd::from_f64(usd);
            let unpriced = Unpriced { reason: reason.words().to_owned(), positions, notional_usd };
            (positions > 0).then_some((reason, unpriced))
        };
        Absence::ALL.into_iter().filter_map(of).collect()
    }

    /// Our liquidation prices against the venue's. A price that only the venue has is a miss as well, unless
    /// ours is missing for a reason that is told elsewhere.
    pub(crate) fn check(&self) -> VenueCheck {
        let mut apart: Vec<f64> =
            self.holdings().filter_map(Holding::relative_difference).map(f64::abs).collect();
        apart.sort_by(f64::total_cmp);
        let never = |holding: &&Holding| {
            holding.outcome == Outcome::Never && holding.position.liquidation_price.is_some()
        };
        let only_theirs = self.unplaced.iter().filter(never).count();
        let middle = apart.len() / 2;
        let median = match (apart.get(middle.saturating_sub(1)), apart.get(middle)) {
            (Some(below), Some(above)) if apart.len().is_multiple_of(2) => {
                Some(f64::midpoint(*below, *above))
            }
            (_, middle) => middle.copied(),
        };
        VenueCheck {
            compared: apart.len() + only_theirs,
            misses: apart.iter().filter(|difference| **difference > MISS).count() + only_theirs,
            median: median.map(three_digits),
            max: apart.last().copied().map(three_digits),
        }
    }
}
