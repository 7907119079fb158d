//! The ladder: reach and at answered ahead, so that a handle can be dragged from answer to answer.
//!
//! Rungs stand at round prices and round amounts that do not move with the market, but for the one amount that the
//! map marks. Each is asked exactly as a single question would be: there is no second way to an answer.

use liqlens_market::Side;

use crate::document::{LiquidationLadder, ReachPair, Usd};
use crate::view::View;

/// Most rungs on prices; there are at least two fifths as many where the price has digits enough.
const MOST_PRICES: f64 = 500.0;
/// Steps between prices, times a power of ten.
const STEPS: [f64; 3] = [1.0, 2.0, 5.0];
/// Amounts, in tenths times a power of ten.
const AMOUNTS: [i64; 10] = [10, 12, 15, 20, 25, 30, 40, 50, 60, 80];
/// The smallest amount: a tenth of it is $10,000.
const LEAST_TENTH: Usd = Usd::from_cents(1_000_000);

/// What a ladder covers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LadderOptions {
    /// Distance of the outermost prices, percent of the last price, above 0 and below 100.
    pub window_pct: f64,
}

impl Default for LadderOptions {
    fn default() -> Self {
        Self { window_pct: 10.0 }
    }
}

impl View {
    /// Both questions answered at round prices and at round amounts.
    pub fn ladder(&self, options: &LadderOptions) -> LiquidationLadder {
        let (lo, hi) = self.window_prices(options.window_pct);
        let prices = RoundPrices::within(lo, hi, self.decimals());
        LiquidationLadder {
            stamp: self.stamp(LiquidationLadder::SCHEMA),
            window: self.window(options.window_pct),
            price_step: self.price_text(prices.step()),
            at: self.at_moves(&prices.all()),
            reach: self.reach_rungs(),
        }
    }

    fn reach_rungs(&self) -> Vec<ReachPair> {
        let [long, short] = Side::BOTH.map(|side| self.curve(side).usd_within(f64::INFINITY));
        let mut amounts: Vec<Usd> = amounts_up_to(long.max(short)).collect();
        // A handle starts at the amount that the map marks, so that both say the same.
        if let Some(own) = self.comparable_amount(self.comparison_window_pct())
            && let Err(place) = amounts.binary_search(&own)
        {
            amounts.insert(place, own);
        }
        amounts.into_iter().map(|amount| self.reach_pair(amount)).collect()
    }
}

/// Round prices of a window, counted in the last decimal that the market's prices are written with.
#[derive(Debug, Clone, Copy, PartialEq)]
struct RoundPrices {
    /// Decimals a price is written with, as a power of ten.
    scale: f64,
    /// Distance between neighbours, in last decimals.
    step: f64,
    /// Place of the lowest and the highest price, in steps.
    first: f64,
    last: f64,
}

impl RoundPrices {
    fn within(lo: f64, hi: f64, decimals: usize) -> Self {
        let scale = 10_f64.powi(i32::try_from(decimals).unwrap_or(0));
        let wanted = ((hi - lo) * scale / MOST_PRICES).max(1.0);
        let magnitude = libm::pow(10.0, libm::floor(libm::log10(wanted) + 1e-9));
        let wide_enough = |step: &f64| step * magnitude >= wanted * (1.0 - 1e-9);
        let step = STEPS.into_iter().find(wide_enough).unwrap_or(10.0) * magnitude;
        // A price is positive, whatever the window.
        let first = libm::ceil(lo * scale / step).max(1.0);
        Self { scale, step, first, last: libm::floor(hi * scale / step) }
    }

    fn step(&self) -> f64 {
        self.step / self.scale
    }

    /// Whole numbers divided once: the floats nearest to the decimals as written.
    fn all(&self) -> Vec<f64> {
        let mut prices = Vec::new();
        let mut place = self.first;
        while place <= self.last {
            prices.push(place * self.step / self.scale);
            place += 1.0;
        }
        prices
    }
}

/// Round amounts from $100,000, rising.
fn amounts_up_to(most: Usd) -> impl Iterator<Item = Usd> {
    let decades = core::iter::successors(Some(LEAST_TENTH.cents()), |tenth| tenth.checked_mul(10));
    decades
        .flat_map(|tenth| AMOUNTS.into_iter().filter_map(move |amount| tenth.checked_mul(amount)))
        .map(Usd::from_cents)
        .take_while(move |amount| *amount <= most)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{even_view, member_view};

    fn dollars(most: f64) -> Vec<f64> {
        amounts_up_to(Usd::from_f64(most)).map(Usd::to_f64).collect()
    }

    #[test]
    fn amounts_are_round_and_end_with_what_there_is() {
        assert!(dollars(99_999.99).is_empty());
        assert_eq!(dollars(100_000.0), [1e5]);
        let expected = [1e5, 1.2e5, 1.5e5, 2e5, 2.5e5, 3e5, 4e5, 5e5, 6e5, 8e5, 1e6, 1.2e6];
        assert_eq!(dollars(1_499_999.0), expected);
        // More dollars than there are: every amount that can be written down, and an end.
        let all = dollars(f64::MAX);
        assert!(all.len() < 130 && all.is_sorted(), "{}", all.len());
    }

    /// The price is 8,103.08: two decimals, 1,620.61 dollars of window, so 5 is the finest of 1, 2, 5 … with at
    /// most 500 rungs.
    #[test]
    fn prices_are_round_and_inside_the_window() {
        let ladder = even_view(1.0, 2.0, &[]).ladder(&LadderOptions::default());
        let prices: Vec<f64> = ladder.at.iter().map(|rung| rung.price.to_f64()).collect();
        assert_eq!(ladder.price_step.as_str(), "5.00");
        assert_eq!((prices[0], prices[1], *prices.last().unwrap()), (7_295.0, 7_300.0, 8_910.0));
        assert_eq!(prices.len(), 324);
    }

    #[test]
    fn amounts_go_as_far_as_the_larger_side() {
        // 500 bins of 400 dollars of longs and of 3,000 dollars of shorts.
        let ladder = even_view(400.0, 3_000.0, &[]).ladder(&LadderOptions::default());
        let last = ladder.reach.last().unwrap();
        assert_eq!(last.amount_usd, Usd::from_f64(1.5e6));
        assert!(last.long.price.is_none() && last.short.price.is_some());
        assert_eq!(ladder.reach.len(), 13);
        assert!(even_view(1.0, 2.0, &[]).ladder(&LadderOptions::default()).reach.is_empty());
    }

    proptest! {
        /// Whatever the window, rungs are few, rise, stay inside, and are what a single question answers.
        #[test]
        fn every_rung_is_the_answer_to_its_question(pct in 0.000_1..120.0_f64, member in 0.2..4.0_f64) {
            let view = member_view((800.0, 500.0), &[(0.5, 800.0, 500.0 * member), (0.5, 700.0 * member, 600.0)]);
            let ladder = view.ladder(&LadderOptions { window_pct: pct });
            let (lo, hi) = view.window_prices(pct);
            prop_assert!(ladder.at.len() <= 501);
            prop_assert!(pct < 0.1 || ladder.at.len() >= 190, "{}", ladder.at.len());
            prop_assert!(ladder.at.is_sorted_by(|a, b| a.price.to_f64() < b.price.to_f64()));
            for rung in &ladder.at {
                let price = rung.price.to_f64();
                prop_assert!(price > 0.0 && lo <= price && price <= hi);
                prop_assert_eq!(&view.at(&[price]).moves[0], rung);
            }
            for rung in &ladder.reach {
                prop_assert_eq!(&view.reach(rung.amount_usd).pair, rung);
            }
        }
    }
}
