//! The one place that puts questions to the query crate: from what was asked to a document.

use std::cell::OnceCell;
use std::sync::Arc;

use liqlens_market::{Span, Timestamp};
use liqlens_model::{BinIndex, LogGrid};
use liqlens_query::document::{
    Accounts, At, BinWidth, Brief, Clusters, Heatmap, LiquidationLadder, Map, OverviewRow, Reach, Stamp, Usd,
};
use liqlens_query::{
    AccountsOptions, AskError, BriefInputs, HeatmapOptions, LadderOptions, MapOptions, View, compose,
};

use crate::failure::{Failure, Kind};
use crate::folding::{Folding, Seen};
use crate::opening::{Basis, Opened};
use crate::request::{Amount, Move};
use crate::source::sentence;

/// What a question is about, and the answers.
pub struct Asked<F> {
    opened: Opened,
    folding: F,
    allow_stale: bool,
    /// The market at the moment asked about, once it has been folded: several questions share one fold.
    now: OnceCell<Arc<View>>,
}

/// The columns and rows of a heatmap.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Range {
    /// Start of the first column; `None`: a day before the end.
    pub start: Option<RangeStart>,
    /// Length of a column; `None`: chosen for the range.
    pub step: Option<Span>,
    /// Height of a row in bins of the model's grid.
    pub bins_per_row: BinIndex,
    /// Distance shown beyond the prices of the range either way, percent.
    pub window_pct: f64,
}

/// Where a heatmap begins.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum RangeStart {
    /// At a moment.
    At(Timestamp),
    /// This long before the moment asked about.
    Before(Span),
}

/// Columns that fill a picture without crowding it.
const COLUMNS_WANTED: i64 = 300;
/// Lengths of columns to choose from.
const STEPS: [Span; 7] = [
    Span::MINUTE,
    Span::MINUTE.times(5),
    Span::MINUTE.times(15),
    Span::MINUTE.times(30),
    Span::HOUR,
    Span::HOUR.times(4),
    Span::DAY,
];

impl Range {
    /// Six days by the hour, the prices filling most of the picture: what the sample shows best.
    pub const SIX_DAYS: Self = Self {
        start: Some(RangeStart::Before(Span::DAY.times(6))),
        step: Some(Span::HOUR),
        bins_per_row: 2,
        window_pct: 5.0,
    };

    /// Start of the first column of a range that ends at `to`.
    fn from(&self, to: Timestamp) -> Timestamp {
        match self.start {
            Some(RangeStart::At(from)) => from,
            Some(RangeStart::Before(span)) => to - span,
            None => to - Span::DAY,
        }
    }

    /// Length of a column of a range that ends at `to`.
    fn step_until(&self, to: Timestamp) -> Span {
        let length = to - self.from(to);
        let fits = |step: &Span| length.nanos() <= step.times(COLUMNS_WANTED).nanos();
        self.step.unwrap_or_else(|| STEPS.into_iter().find(fits).unwrap_or(Span::DAY))
    }

    /// The same columns, but of those that end by `to` only the newest: what is left to tell while time goes on.
    #[must_use]
    pub fn newest(&self, to: Timestamp, columns: i64) -> Self {
        let step = self.step_until(to);
        // The last column ends at `to`, even where that is its end in full.
        let first = (to - Span::from_nanos(1)).floor(step) - step.times(columns - 1);
        Self { start: Some(RangeStart::At(first)), step: Some(step), ..*self }
    }

    /// Rows of `bp` basis points, if that is a whole number of grid bins.
    pub fn bins_per_row(bp: f64) -> Option<BinIndex> {
        let bins = bp / (LogGrid::STANDARD.width() * 10_000.0);
        let whole = bins.round();
        #[allow(clippy::cast_possible_truncation)] // 1 to 200
        ((bins - whole).abs() < 1e-9 && (1.0..=200.0).contains(&whole)).then_some(whole as BinIndex)
    }
}

impl<F: Folding> Asked<F> {
    /// Asks a market at a moment. `allow_stale` gives answers of grade D too, which are withheld otherwise.
    pub const fn new(opened: Opened, folding: F, allow_stale: bool) -> Self {
        Self { opened, folding, allow_stale, now: OnceCell::new() }
    }

    /// What is asked.
    pub const fn opened(&self) -> &Opened {
        &self.opened
    }

    /// How far price must move for an amount of each side to be liquidated.
    pub fn reach(&self, amounts: &[Amount]) -> Result<Vec<Reach>, Failure> {
        let view = self.view()?;
        let reaches = amounts.iter().map(|amount| Ok(view.reach(self.dollars(amount, view)?))).collect();
        self.checked(reaches, |reaches: &Vec<Reach>| reaches.first().map(|reach| &reach.stamp))
    }

    /// The same for an amount that both sides hold near the price, the one that maps mark.
    pub fn usual_reach(&self) -> Result<Reach, Failure> {
        let view = self.view()?;
        let amount = view.comparable_amount(view.comparison_window_pct()).ok_or_else(|| {
            Failure::new(
                Kind::NoData,
                "no-comparable-amount",
                "No amount suggests itself.",
                "Near the price one of the sides holds too little to compare.",
                "Name an amount.",
            )
        })?;
        self.checked(Ok(view.reach(amount)), |reach| Some(&reach.stamp))
    }

    /// How many dollars of each side some moves would liquidate.
    pub fn at(&self, moves: &[Move]) -> Result<At, Failure> {
        let view = self.view()?;
        let prices = moves
            .iter()
            .map(|asked| {
                asked.price_from(view.last_price()).ok_or_else(|| {
                    Failure::usage(
                        "move-out-of-range",
                        "A move leads to a price that is not answered.",
                        format!(
                            "From {} it must end above zero and below eleven times that.",
                            view.last_price()
                        ),
                        "Ask for a smaller move.",
                    )
                })
            })
            .collect::<Result<Vec<f64>, _>>()?;
        self.checked(Ok(view.at(&prices)), |at: &At| Some(&at.stamp))
    }

    /// Dollars by liquidation price, in a window that shows something unless one is given.
    pub fn map(&self, window_pct: Option<f64>, bin: Option<BinWidth>) -> Result<Map, Failure> {
        let view = self.view()?;
        let window_pct = window_pct.unwrap_or_else(|| view.telling_window_pct());
        let map = view.map(&MapOptions { window_pct, bin }).map_err(refusal);
        self.checked(map, |map| Some(&map.stamp))
    }

    /// Both questions at round prices and amounts.
    pub fn ladder(&self, window_pct: f64) -> Result<LiquidationLadder, Failure> {
        let ladder = self.view()?.ladder(&LadderOptions { window_pct });
        self.checked(Ok(ladder), |ladder: &LiquidationLadder| Some(&ladder.stamp))
    }

    /// Bands where liquidations concentrate.
    pub fn clusters(&self, window_pct: f64) -> Result<Clusters, Failure> {
        self.checked(Ok(self.view()?.clusters(window_pct)), |clusters: &Clusters| Some(&clusters.stamp))
    }

    /// The accounts behind a price range of a measured map.
    pub fn accounts(&self, options: &AccountsOptions) -> Result<Accounts, Failure> {
        let accounts = self.view()?.accounts(options);
        let accounts = accounts
            .ok_or_else(|| Failure::internal("The accounts are missing.", "The map is not measured."));
        self.checked(accounts, |accounts| Some(&accounts.stamp))
    }

    /// The map over time.
    pub fn heatmap(&self, range: &Range) -> Result<Heatmap, Failure> {
        let Basis::Modelled(model) = &self.opened.basis else {
            return Err(Failure::new(
                Kind::NoData,
                "heatmap-not-measured",
                "A heatmap of measured positions is not drawn.",
                "The map over time would need the states of the accounts at every column.",
                "Ask for `liqlens map`, or with --evidence modelled where the market's own data are there.",
            ));
        };
        let to = self.opened.as_of;
        let from = range.from(to);
        if from >= to {
            return Err(Failure::usage(
                "range-empty",
                "The heatmap would have no column.",
                format!("It starts at {from} and ends at {to}."),
                "Let it start earlier, or end later with --as-of.",
            ));
        }
        let step = range.step_until(to);
        let options =
            HeatmapOptions { from, to, step, bins_per_row: range.bins_per_row, margin_pct: range.window_pct };
        let document = self.folding.heatmap(&self.opened, model, &options)?;
        self.checked(document.map_err(refusal), |heatmap| Some(&heatmap.stamp))
    }

    /// The brief. A withheld one is an answer too: it says why. See [`Asked::answerable`].
    pub fn brief(&self, amount: Option<&Amount>, window_pct: Option<f64>) -> Result<Brief, Failure> {
        let as_of = self.opened.as_of;
        let stops = [as_of - Span::DAY, as_of - Span::HOUR, as_of];
        let mut views = self.folding.views(&self.opened, &stops)?.into_iter();
        let (day_ago, hour_ago) = (views.next(), views.next());
        let now = self.keep(views.next())?;
        // Earlier moments may lie before the data; then there is nothing to compare with.
        let (day_ago, hour_ago) = (day_ago.and_then(Result::ok), hour_ago.and_then(Result::ok));
        let amount = amount.map(|amount| self.dollars(amount, now)).transpose()?;
        Ok(compose(&BriefInputs {
            now,
            hour_ago: hour_ago.as_deref(),
            day_ago: day_ago.as_deref(),
            amount,
            window_pct,
            allow_stale: self.allow_stale,
        }))
    }

    /// The market as a row of an overview, whatever its grade: the row says it.
    pub fn overview_row(&self) -> Result<OverviewRow, Failure> {
        let as_of = self.opened.as_of;
        let mut views = self.folding.views(&self.opened, &[as_of - Span::DAY, as_of])?.into_iter();
        // A day ago may lie before the data; then there is nothing to compare with.
        let day_ago = views.next().and_then(Result::ok);
        Ok(self.keep(views.next())?.overview_row(day_ago.as_deref()))
    }

    /// An answer of grade D is withheld unless it was asked for explicitly.
    pub fn answerable(&self, stamp: &Stamp) -> Result<(), Failure> {
        if self.allow_stale || !stamp.withheld() {
            return Ok(());
        }
        Err(Failure::new(
            Kind::Withheld,
            "withheld",
            format!("The answer for {} as of {} is withheld: its grade is D.", stamp.symbol, stamp.as_of),
            stamp.grade.reasons.first().map_or_else(String::new, |reason| sentence(reason)),
            "Ask for a time the data cover with --as-of, or add --allow-stale to see it anyway.",
        )
        .detail("grade", stamp.grade.letter.as_str())
        .detail("reasons", stamp.grade.reasons.clone())
        .detail("age_s", stamp.age_s)
        .detail("as_of", stamp.as_of.clone()))
    }

    fn checked<D>(
        &self,
        document: Result<D, Failure>,
        stamp: impl Fn(&D) -> Option<&Stamp>,
    ) -> Result<D, Failure> {
        let document = document?;
        if let Some(stamp) = stamp(&document) {
            self.answerable(stamp)?;
        }
        Ok(document)
    }

    fn dollars(&self, amount: &Amount, view: &View) -> Result<Usd, Failure> {
        let usd = match amount {
            Amount::Usd(usd) => return Ok(*usd),
            Amount::PercentOfOpenInterest(percent) => {
                let open_interest = view.open_interest_usd().ok_or_else(|| {
                    Failure::new(
                        Kind::NoData,
                        "open-interest-unknown",
                        "An amount in percent of open interest cannot be answered.",
                        format!("The data hold no open interest of {}.", self.opened.instrument.market),
                        "Write the amount in dollars, or import its open interest.",
                    )
                })?;
                open_interest * percent / 100.0
            }
            Amount::Coin { count, coin } if coin.eq_ignore_ascii_case(&self.opened.instrument.base) => {
                count * view.last_price()
            }
            Amount::Coin { coin, .. } => {
                return Err(Failure::usage(
                    "unit-not-this-coin",
                    format!("The amount is in {coin}, the market is on {}.", self.opened.instrument.base),
                    "An amount in coin is counted in the market's own coin.",
                    format!("Write `--in {}`, `--in USD` or `--in %oi`.", self.opened.instrument.base),
                ));
            }
        };
        let usd = Usd::from_f64(usd);
        if usd > Usd::ZERO {
            return Ok(usd);
        }
        Err(Failure::usage(
            "amount-too-small",
            "The amount is less than a cent.",
            "Nothing is liquidated at no distance.",
            "Ask for a larger amount.",
        ))
    }

    /// The market at the moment asked about.
    pub fn view(&self) -> Result<&View, Failure> {
        if let Some(view) = self.now.get() {
            return Ok(view);
        }
        let seen = self.folding.views(&self.opened, &[self.opened.as_of])?.pop();
        self.keep(seen)
    }

    fn keep(&self, seen: Option<Seen>) -> Result<&View, Failure> {
        let view = seen
            .ok_or_else(|| Failure::internal("The answer is missing.", "No view was made."))?
            .map_err(refusal)?;
        Ok(self.now.get_or_init(|| view))
    }
}

/// Why the query crate did not answer, as a failure.
#[allow(clippy::needless_pass_by_value)] // used as `map_err(refusal)`
pub(crate) fn refusal(error: AskError) -> Failure {
    let text = sentence(&error.to_string());
    match error {
        AskError::NoPrice { .. } | AskError::NoOpenInterest { .. } => Failure::new(
            Kind::NoData,
            "data-incomplete",
            "The data cannot answer for this time.",
            text,
            "Ask for a later time with --as-of, or import older data.",
        ),
        AskError::NoAccounts { .. } => Failure::new(
            Kind::NoData,
            "accounts-unknown",
            "There are no measured positions for this time.",
            text,
            "Ask for a later time with --as-of, import account states, or ask with --evidence modelled.",
        ),
        AskError::Warming { .. } => Failure::new(
            Kind::Withheld,
            "warming",
            "The data are too thin to answer for this time.",
            text,
            "Ask for a later time with --as-of, or import older data.",
        ),
        AskError::TooLarge { wanted, limit, advice, .. } => Failure::usage(
            "too-large",
            "The answer would be too large.",
            sentence(text.rsplit_once("; ").map_or(text.as_str(), |(what, _)| what)),
            sentence(advice),
        )
        .detail("wanted", wanted)
        .detail("limit", limit),
        AskError::Snapshot(error) => Failure::internal("The snapshot id could not be made.", error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_whole_bins_of_the_grid() {
        // The grid's bins are 5 basis points wide.
        assert_eq!(Range::bins_per_row(5.0), Some(1));
        assert_eq!(Range::bins_per_row(25.0), Some(5));
        for bp in [0.0, 1.0, 7.5, 1_005.0, f64::NAN, f64::INFINITY] {
            assert_eq!(Range::bins_per_row(bp), None, "{bp}");
        }
    }

    #[test]
    fn the_newest_columns_are_the_last_ones_of_the_range() {
        let time = |text: &str| Timestamp::parse_text(text).unwrap();
        let newest = |to: &str, range: Range| {
            let range = range.newest(time(to), 2);
            let Some(RangeStart::At(from)) = range.start else { panic!("a moment") };
            (from.to_string(), range.step.unwrap())
        };
        // One forms since 12:00, or has just ended.
        let hours = Range::SIX_DAYS;
        let from = |text: &str| (text.to_owned(), Span::HOUR);
        assert_eq!(newest("2026-03-18T12:20:00Z", hours), from("2026-03-18T11:00:00Z"));
        assert_eq!(newest("2026-03-18T13:00:00Z", hours), from("2026-03-18T11:00:00Z"));
        // A day in at most three hundred columns takes five minutes each.
        let day = Range { start: None, step: None, ..hours };
        let five_minutes = ("2026-03-18T12:10:00Z".to_owned(), Span::MINUTE.times(5));
        assert_eq!(newest("2026-03-18T12:19:59Z", day), five_minutes);
    }
}
