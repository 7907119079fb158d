//! The sentences of the document.

use liqlens_margin::{AddedMargin, Assumed, FeeRule, MarginMode, Rounding, notional};
use liqlens_market::{Contract, Side, TierRule};

use super::Case;
use super::formula::entry_text;
use super::hedge::Pair;
use crate::format::{figure, price_grouped, rate};
use crate::rounding::round;
use crate::tiers::{bound_unit, recording, size_unit};

/// Age of a recording, in days, from which a reader is warned.
const OLD_RECORDING: u64 = 30;

/// A figure for a sentence: hundredths of large numbers, six digits of small ones.
fn short(value: f64) -> String {
    let decimals = match value.abs() {
        1_000.0.. => 2,
        1.0.. => 4,
        _ => 8,
    };
    figure(round(value, decimals))
}

impl Case<'_> {
    /// The answer in one sentence.
    pub(super) fn headline(&self, price: Option<f64>, already_past: bool, pair: Option<&Pair>) -> String {
        let venue = self.ask.instrument.market.venue.title();
        let question = &self.question;
        let margin = format!("{} {}", short(self.position().margin), self.margin_unit());
        let behind = match (self.ask.mode, question.leverage, question.margin.is_some()) {
            (MarginMode::Isolated, Some(leverage), false) if question.added_margin == 0.0 => {
                format!("at {}×", figure(leverage))
            }
            (MarginMode::Isolated, ..) => format!("with {margin} of margin"),
            (MarginMode::Cross, ..) => format!("with {margin} behind it (cross margin)"),
        };
        let position = format!(
            "{} of {} from {}",
            question.side,
            self.size_text(question.size),
            price_grouped(&entry_text(question.entry_price)),
        );
        let (subject, verb) = match pair {
            Some(pair) => (
                format!(
                    "A {position} and a {} of {} from {} on {venue} {}",
                    question.side.opposite(),
                    self.size_text(pair.document.size),
                    price_grouped(&pair.document.entry_price),
                    behind.replace("behind it", "behind both"),
                ),
                "are liquidated together",
            ),
            None => (format!("A {position} {behind} on {venue}"), "is liquidated"),
        };
        let Some(price) = price else {
            let has = if pair.is_some() { "have" } else { "has" };
            return format!(
                "{subject} {has} no liquidation price: {}.",
                self.no_price_reason(pair.is_some())
            );
        };
        let reference = self.reference();
        let name = match question.mark_price {
            Some(mark) => format!("the mark price of {}", price_grouped(&entry_text(mark))),
            None => "entry".to_owned(),
        };
        let side = if price < reference { "below" } else { "above" };
        let percent = format!("{:.2} %", (price / reference - 1.0).abs() * 100.0);
        if already_past {
            if pair.is_some() {
                return format!("{subject} {verb} where they stand, at {}.", self.text(price));
            }
            return format!(
                "{subject} {verb} where it stands: its liquidation price, {}, is {percent} {side} {name}.",
                self.text(price)
            );
        }
        format!("{subject} {verb} at {}, {percent} {side} {name}.", self.text(price))
    }

    fn size_text(&self, size: f64) -> String {
        let instrument = self.ask.instrument;
        match instrument.contract {
            Contract::Linear => format!("{} {}", short(size), size_unit(instrument)),
            Contract::Inverse { contract_value } => {
                let word = if size == 1.0 { "contract" } else { "contracts" };
                let value = short(size * contract_value);
                format!("{} {word} ({value} {})", short(size), instrument.quote)
            }
        }
    }

    /// Why there is none.
    pub(super) fn no_price_reason(&self, pair: bool) -> String {
        match (pair, self.question.side) {
            (true, _) => "the legs cancel out and the wallet covers what remains, at every price",
            (false, Side::Long) => "its margin covers all it can lose, even at a price of zero",
            (false, Side::Short) => "its margin covers all it can lose, however high the price",
        }
        .to_owned()
    }

    pub(super) fn fee_text(&self) -> String {
        let venue = self.ask.instrument.market.venue.title();
        match (self.rules.fee, self.rules.added_margin) {
            (FeeRule::Taker { .. }, _) => {
                format!("{venue} reserves the taker fee of closing inside the condition.")
            }
            (FeeRule::InRate { .. }, _) => {
                format!("{venue} adds the taker fee of closing to the maintenance rate.")
            }
            (FeeRule::Outside, AddedMargin::WithClosingFee { .. }) => format!(
                "{venue} reserves the closing fee outside the condition; it only corrects margin added later."
            ),
            (FeeRule::Outside, AddedMargin::Whole) => {
                format!("No closing fee is part of {venue}'s condition.")
            }
        }
    }

    pub(super) fn assumptions(&self) -> Vec<String> {
        let venue = self.ask.instrument.market.venue.title();
        let question = &self.question;
        let mut said = Vec::new();
        for assumed in &self.answer.assumed {
            said.push(match assumed {
                Assumed::FeeRate(fee) => {
                    format!("The taker fee is taken to be {}, {venue}'s for ordinary accounts.", rate(*fee))
                }
                Assumed::MarkAtEntry => "The mark price is taken to equal the entry price.".to_owned(),
            });
        }
        said.dedup();
        if question.margin.is_none() && self.ask.wallet.is_none() {
            said.push(
                "The margin is what the leverage asks for: no fee or funding has been paid out of it since."
                    .to_owned(),
            );
        }
        if question.margin.is_some() && question.leverage.is_some() && !self.rules.rate_over_leverage {
            said.push(
                "The margin is given, so the leverage changes nothing but what it is held against."
                    .to_owned(),
            );
        }
        if self.ask.mode == MarginMode::Cross {
            said.push(
                "Everything else that shares the wallet is held where it is: the price moves when it moves."
                    .to_owned(),
            );
        }
        let fee_used = self.rules.fee != FeeRule::Outside
            || (matches!(self.rules.added_margin, AddedMargin::WithClosingFee { .. })
                && question.added_margin != 0.0);
        if question.fee_rate.is_some() && !fee_used {
            said.push("The fee rate given changes nothing here.".to_owned());
        }
        if self.rules.rounding == Rounding::UpForLongs
            && question.side == Side::Long
            && question.tick.is_none()
        {
            said.push(format!(
                "{venue} prints the price of a long rounded up to the next tick; the tick is not known here."
            ));
        }
        said
    }

    pub(super) fn warnings(&self, already_past: bool) -> Vec<String> {
        let mut said = Vec::new();
        if already_past {
            said.push(match self.question.mark_price {
                Some(_) => "The mark price is already past the liquidation price.".to_owned(),
                None => "The margin does not cover maintenance at entry: the venue would not let this \
                         position be opened, or would liquidate it at once."
                    .to_owned(),
            });
        }
        self.schedule_warnings(&mut said);
        said
    }

    fn schedule_warnings(&self, said: &mut Vec<String>) {
        let Some(dated) = self.dated else {
            said.push(
                "The maintenance terms came with the question: no schedule was looked at, and they are used \
                 whatever the size."
                    .to_owned(),
            );
            return;
        };
        let table = &dated.table;
        let met = match table.rule() {
            TierRule::WholeBySize => self.question.size,
            _ => notional(self.contract(), self.question.size, self.question.entry_price),
        };
        let index = table.tier_of(met);
        let tier = &table.tiers()[index];
        let unit = bound_unit(self.ask.instrument, table.rule());
        let leverage = self.leverage();
        let isolated = self.ask.mode == MarginMode::Isolated || self.question.leverage.is_some();
        // Margins are typed with a few digits, so 100× may come out as 100.0001×.
        if isolated && leverage > tier.max_leverage * (1.0 + 1e-6) {
            said.push(format!(
                "A leverage of {}× is above the {}× that the venue admits for this size (tier {} of {}).",
                figure((leverage * 100.0).round() / 100.0),
                figure(tier.max_leverage),
                index + 1,
                table.tiers().len()
            ));
        }
        if let Some(last) = table.tiers().last()
            && dated.complete
            && met > last.cap
            && !matches!(table.rule(), TierRule::Ramp { .. })
        {
            said.push(format!(
                "The position, {} {unit} at entry, is larger than the largest the venue admits, {} {unit}.",
                figure(met),
                figure(last.cap)
            ));
        }
        let recording = recording(dated, self.ask.date);
        if recording.days_from_date.unsigned_abs() > OLD_RECORDING {
            said.push(format!(
                "The margin table was recorded {}; venues change their tables without notice.",
                recording.age_text
            ));
        }
    }
}
