//! The one place that puts questions to the query crate: from what was asked to a document.

use std::cell::OnceCell;

use liqlens_engine::Market;
use liqlens_market::{Event, Instrument, Span, Timestamp};
use liqlens_model::{BinIndex, FlowModel, LogGrid, ModelId};
use liqlens_query::document::{At, BinWidth, Brief, Clusters, Heatmap, Map, Reach, Stamp, Usd};
use liqlens_query::{
    AskError, BriefInputs, HeatmapOptions, MapOptions, Subject, View, compose, heatmap, views,
};

use crate::app::App;
use crate::cli::{Global, ModelName};
use crate::failure::{Exit, Failure};
use crate::progress::Progress;
use crate::request::{Amount, AsOf, Move, SymbolQuery};
use crate::source::{Feed, Source, sentence};

/// A market, a moment and a model: what every question is about.
pub(crate) struct Asked<'a> {
    app: &'a App,
    source: Source,
    instrument: Instrument,
    subject: Subject,
    model: FlowModel,
    as_of: Timestamp,
    allow_stale: bool,
    /// The market at `as_of`, once it has been folded: several questions share one fold.
    now: OnceCell<View>,
}

/// The columns and rows of a heatmap.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Range {
    /// Start of the first column; `None`: a day before the end.
    pub(crate) start: Option<RangeStart>,
    /// Length of a column; `None`: chosen for the range.
    pub(crate) step: Option<Span>,
    /// Height of a row in bins of the model's grid.
    pub(crate) bins_per_row: BinIndex,
    /// Distance shown beyond the prices of the range either way, percent.
    pub(crate) window_pct: f64,
}

/// Where a heatmap begins.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum RangeStart {
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
    pub(crate) const SIX_DAYS: Self = Self {
        start: Some(RangeStart::Before(Span::DAY.times(6))),
        step: Some(Span::HOUR),
        bins_per_row: 2,
        window_pct: 5.0,
    };

    /// Rows of `bp` basis points, if that is a whole number of grid bins.
    pub(crate) fn bins_per_row(bp: f64) -> Option<BinIndex> {
        let bins = bp / (LogGrid::STANDARD.width() * 10_000.0);
        let whole = bins.round();
        #[allow(clippy::cast_possible_truncation)] // 1 to 200
        ((bins - whole).abs() < 1e-9 && (1.0..=200.0).contains(&whole)).then_some(whole as BinIndex)
    }
}

impl<'a> Asked<'a> {
    /// Finds the data, the market, the moment and the model.
    pub(crate) fn open(app: &'a App, global: &Global, symbol: &str) -> Result<Self, Failure> {
        let query = SymbolQuery::parse(symbol)?;
        let as_of = match &global.as_of {
            Some(text) => AsOf::parse(text, app.now)?,
            None => AsOf::Newest,
        };
        let source = Source::open(global.data.as_deref())?;
        let mut markets = source.markets()?;
        let found = query.find(&markets)?;
        let instrument = markets.swap_remove(found.index);
        let market = &instrument.market;
        let newest = source.newest(market)?.ok_or_else(|| {
            Failure::new(
                Exit::NoData,
                "data-incomplete",
                format!("The data of {market} cannot answer."),
                "A map needs both prices and open interest.",
                "Import the missing kind with `liqlens import FILE --data DIR`.",
            )
        })?;
        let as_of = match as_of {
            AsOf::Newest => newest,
            AsOf::At(time) => time,
        };
        if let Some(first) = source.first(market)?.filter(|first| as_of < *first) {
            return Err(Failure::new(
                Exit::NoData,
                "before-data",
                format!("Nothing was known about {market} at {as_of}."),
                format!("Its data reach from {first} to {newest}."),
                "Ask for a time inside this window, or import older data.",
            )
            .detail("first", first.to_string())
            .detail("newest", newest.to_string()));
        }
        let table = liqlens_margin::table(market, as_of).map_err(|error| {
            Failure::new(
                Exit::NoData,
                "margin-table-missing",
                format!("The margin rules of {market} are not known."),
                format!("Rules ship for {}.", error.known),
                "Ask for one of these markets.",
            )
        })?;
        let id = match global.model {
            Some(ModelName::M0) => ModelId::M0,
            Some(ModelName::M1) | None => ModelId::M1,
        };
        let model = FlowModel::new(id, &instrument, &table.table)
            .map_err(|error| Failure::internal("The model could not be set up.", error))?;
        let later = if table.recorded > as_of.date().as_str() { ", later than the data" } else { "" };
        let subject = Subject {
            symbol: found.name,
            whole_coin: found.whole_coin,
            margin_table: format!("schedule of {} recorded {}{later}", market.venue.title(), table.recorded),
        };
        app.detail(&format!("{market} as of {as_of}; newest complete data {newest}; {}", table.source));
        let (allow_stale, now) = (global.allow_stale, OnceCell::new());
        Ok(Self { app, source, instrument, subject, model, as_of, allow_stale, now })
    }

    /// How far price must move for an amount of each side to be liquidated.
    pub(crate) fn reach(&self, amounts: &[Amount]) -> Result<Vec<Reach>, Failure> {
        let view = self.view()?;
        let reaches = amounts.iter().map(|amount| Ok(view.reach(self.dollars(amount, view)?))).collect();
        self.checked(reaches, |reaches: &Vec<Reach>| reaches.first().map(|reach| &reach.stamp))
    }

    /// How many dollars of each side some moves would liquidate.
    pub(crate) fn at(&self, moves: &[Move]) -> Result<At, Failure> {
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

    /// Dollars by liquidation price.
    pub(crate) fn map(&self, window_pct: f64, bin: Option<BinWidth>) -> Result<Map, Failure> {
        let map = self.view()?.map(&MapOptions { window_pct, bin }).map_err(refusal);
        self.checked(map, |map| Some(&map.stamp))
    }

    /// Bands where liquidations concentrate.
    pub(crate) fn clusters(&self, window_pct: f64) -> Result<Clusters, Failure> {
        self.checked(Ok(self.view()?.clusters(window_pct)), |clusters: &Clusters| Some(&clusters.stamp))
    }

    /// The map over time.
    pub(crate) fn heatmap(&self, range: &Range) -> Result<Heatmap, Failure> {
        let to = self.as_of;
        let from = match range.start {
            Some(RangeStart::At(from)) => from,
            Some(RangeStart::Before(span)) => to - span,
            None => to - Span::DAY,
        };
        if from >= to {
            return Err(Failure::usage(
                "range-empty",
                "The heatmap would have no column.",
                format!("It starts at {from} and ends at {to}."),
                "Let it start earlier, or end later with --as-of.",
            ));
        }
        let step = range.step.unwrap_or_else(|| {
            let fits = |step: &Span| (to - from).nanos() <= step.times(COLUMNS_WANTED).nanos();
            STEPS.into_iter().find(fits).unwrap_or(Span::DAY)
        });
        let options =
            HeatmapOptions { from, to, step, bins_per_row: range.bins_per_row, margin_pct: range.window_pct };
        let mut market = self.market();
        let document = self.fold(to, |events| heatmap(&mut market, &self.subject, events, &options))?;
        self.checked(document.map_err(refusal), |heatmap| Some(&heatmap.stamp))
    }

    /// The brief. A withheld one is an answer too: it says why. See [`Asked::answerable`].
    pub(crate) fn brief(&self, amount: Option<&Amount>, window_pct: Option<f64>) -> Result<Brief, Failure> {
        let stops = [self.as_of - Span::DAY, self.as_of - Span::HOUR, self.as_of];
        let mut views = self.views(&stops)?.into_iter();
        let (day_ago, hour_ago) = (views.next(), views.next());
        let now = self.keep(views.next())?;
        // Earlier moments may lie before the data; then there is nothing to compare with.
        let (day_ago, hour_ago) = (day_ago.and_then(Result::ok), hour_ago.and_then(Result::ok));
        let amount = amount.map(|amount| self.dollars(amount, now)).transpose()?;
        Ok(compose(&BriefInputs {
            now,
            hour_ago: hour_ago.as_ref(),
            day_ago: day_ago.as_ref(),
            amount,
            window_pct,
            allow_stale: self.allow_stale,
        }))
    }

    /// An answer of grade D is withheld unless it was asked for explicitly.
    pub(crate) fn answerable(&self, stamp: &Stamp) -> Result<(), Failure> {
        if self.allow_stale || !stamp.withheld() {
            return Ok(());
        }
        Err(Failure::new(
            Exit::Withheld,
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
                        Exit::NoData,
                        "open-interest-unknown",
                        "An amount in percent of open interest cannot be answered.",
                        format!("The data hold no open interest of {}.", self.instrument.market),
                        "Write the amount in dollars, or import its open interest.",
                    )
                })?;
                open_interest * percent / 100.0
            }
            Amount::Coin { count, coin } if coin.eq_ignore_ascii_case(&self.instrument.base) => {
                count * view.last_price()
            }
            Amount::Coin { coin, .. } => {
                return Err(Failure::usage(
                    "unit-not-this-coin",
                    format!("The amount is in {coin}, the market is on {}.", self.instrument.base),
                    "An amount in coin is counted in the market's own coin.",
                    format!("Write `--in {}`, `--in USD` or `--in %oi`.", self.instrument.base),
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

    fn market(&self) -> Market {
        Market::new(self.instrument.clone(), self.model.clone())
    }

    fn view(&self) -> Result<&View, Failure> {
        match self.now.get() {
            Some(view) => Ok(view),
            None => self.keep(self.views(&[self.as_of])?.pop()),
        }
    }

    fn keep(&self, view: Option<Result<View, AskError>>) -> Result<&View, Failure> {
        let view = view
            .ok_or_else(|| Failure::internal("The answer is missing.", "No view was made."))?
            .map_err(refusal)?;
        Ok(self.now.get_or_init(|| view))
    }

    fn views(&self, stops: &[Timestamp]) -> Result<Vec<Result<View, AskError>>, Failure> {
        let mut market = self.market();
        self.fold(self.as_of, |events| views(&mut market, &self.subject, events, stops))
    }

    /// Runs a fold over the market's events, showing progress and telling of damage.
    fn fold<T>(&self, until: Timestamp, fold: impl FnOnce(&mut Watched<'_>) -> T) -> Result<T, Failure> {
        let feed = self.source.events(&self.instrument.market, until)?;
        let mut watched = Watched { feed, progress: Progress::start(self.app), count: 0 };
        let result = fold(&mut watched);
        let Watched { feed, progress, count } = watched;
        drop(progress);
        self.app.detail(&format!("{count} events"));
        for damage in feed.damage() {
            self.app.note(&format!("warning: {damage}"));
        }
        Ok(result)
    }
}

/// A feed that shows how far it is.
struct Watched<'a> {
    feed: Feed<'a>,
    progress: Progress,
    count: u64,
}

impl Iterator for Watched<'_> {
    type Item = Event;

    fn next(&mut self) -> Option<Event> {
        let event = self.feed.next()?;
        self.count += 1;
        if self.count.is_multiple_of(8_192) {
            let (count, day) = (self.count, event.known_ts);
            self.progress.tell(|| format!("reading {}, {count} events", day.date()));
        }
        Some(event)
    }
}

/// Why the query crate did not answer, as a failure.
#[allow(clippy::needless_pass_by_value)] // used as `map_err(refusal)`
fn refusal(error: AskError) -> Failure {
    let text = sentence(&error.to_string());
    match error {
        AskError::NoPrice { .. } | AskError::NoOpenInterest { .. } => Failure::new(
            Exit::NoData,
            "data-incomplete",
            "The data cannot answer for this time.",
            text,
            "Ask for a later time with --as-of, or import older data.",
        ),
        AskError::NoAccounts { .. } => Failure::new(
            Exit::NoData,
            "accounts-unknown",
            "There are no measured positions for this time.",
            text,
            "Ask for a later time with --as-of, import account states, or ask with --evidence modelled.",
        ),
        AskError::Warming { .. } => Failure::new(
            Exit::Withheld,
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
}
