//! The one place that puts questions to the query crate: from what was asked to a document.

use liqlens_market::{Instrument, Span, Timestamp};
use liqlens_query::document::{At, BinWidth, Brief, Clusters, Heatmap, Map, Reach, Stamp};

use crate::app::App;
use crate::cli::Global;
use crate::failure::{Exit, Failure};
use crate::request::{Amount, AsOf, Move, SymbolQuery};
use crate::source::Source;

/// A market, a moment and a model: what every question is about.
pub(crate) struct Asked {
    source: Source,
    instrument: Instrument,
    as_of: Timestamp,
    allow_stale: bool,
}

/// The columns and rows of a heatmap.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Range {
    /// Start of the first column; `None`: a day before the end.
    pub(crate) from: Option<Timestamp>,
    /// End of the last column; `None`: the moment asked about.
    pub(crate) to: Option<Timestamp>,
    /// Length of a column; `None`: chosen for the range.
    pub(crate) step: Option<Span>,
    /// Height of a row, basis points.
    pub(crate) row_bp: f64,
    /// Distance from the prices of the range either way, percent.
    pub(crate) window_pct: f64,
}

impl Range {
    /// The last day in a resolution that fills a picture.
    pub(crate) const fn of_last_day() -> Self {
        Self { from: None, to: None, step: None, row_bp: 10.0, window_pct: 10.0 }
    }
}

impl Asked {
    /// Finds the data, the market and the moment.
    pub(crate) fn open(app: &App, global: &Global, symbol: &str) -> Result<Self, Failure> {
        let query = SymbolQuery::parse(symbol)?;
        let as_of = match &global.as_of {
            Some(text) => AsOf::parse(text, app.now)?,
            None => AsOf::Newest,
        };
        let source = Source::open(global.data.as_deref())?;
        let mut markets = source.markets();
        let instrument = markets.swap_remove(query.find(&markets)?);
        let span = source.span(&instrument.market)?.ok_or_else(|| {
            Failure::new(
                Exit::NoData,
                "data-incomplete",
                format!("The data of {} cannot answer.", instrument.market),
                "A map needs both prices and open interest over the same time.",
                "Import the missing kind with `liqlens import FILE --data DIR`.",
            )
        })?;
        let as_of = match as_of {
            AsOf::Newest => span.newest,
            AsOf::At(time) if time < span.first => {
                return Err(Failure::new(
                    Exit::NoData,
                    "before-data",
                    format!("Nothing was known about {} at {time}.", instrument.market),
                    format!("Its data reach from {} to {}.", span.first, span.newest),
                    "Ask for a time inside this window, or import older data.",
                )
                .detail("first", span.first.to_string())
                .detail("newest", span.newest.to_string()));
            }
            AsOf::At(time) => time,
        };
        app.detail(&format!(
            "{} as of {as_of}, data from {} to {}",
            instrument.market, span.first, span.newest
        ));
        Ok(Self { source, instrument, as_of, allow_stale: global.allow_stale })
    }

    pub(crate) fn reach(&self, _amount: &Amount) -> Result<Reach, Failure> {
        Err(self.missing())
    }

    pub(crate) fn at(&self, _moves: &[Move]) -> Result<At, Failure> {
        Err(self.missing())
    }

    pub(crate) fn map(&self, _window_pct: f64, _bin: Option<BinWidth>) -> Result<Map, Failure> {
        Err(self.missing())
    }

    pub(crate) fn clusters(&self, _window_pct: f64) -> Result<Clusters, Failure> {
        Err(self.missing())
    }

    pub(crate) fn heatmap(&self, _app: &App, _range: &Range) -> Result<Heatmap, Failure> {
        Err(self.missing())
    }

    pub(crate) fn brief(&self, _amount: Option<&Amount>, _window_pct: Option<f64>) -> Result<Brief, Failure> {
        Err(self.missing())
    }

    /// An answer of grade D is withheld unless it was asked for explicitly.
    pub(crate) fn answerable(&self, stamp: &Stamp) -> Result<(), Failure> {
        if self.allow_stale || !stamp.withheld() {
            return Ok(());
        }
        let reasons = stamp.grade.reasons.join("; ");
        Err(Failure::new(
            Exit::Withheld,
            "withheld",
            format!("The answer for {} as of {} is withheld: its grade is D.", stamp.symbol, stamp.as_of),
            format!("{reasons}."),
            "Ask for a time the data cover with --as-of, or add --allow-stale to see it anyway.",
        )
        .detail("grade", "D")
        .detail("age_s", stamp.age_s)
        .detail("as_of", stamp.as_of.clone()))
    }

    fn missing(&self) -> Failure {
        let events = self.source.events(&self.instrument.market, self.as_of).map_or(0, Iterator::count);
        Failure::internal("Not answered yet.", format!("{events} events"))
    }
}
