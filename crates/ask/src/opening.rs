//! What a question is about: the data, the market, the moment, and whether real or inferred positions
//! answer.

use liqlens_margin::DatedTable;
use liqlens_market::{Instrument, Timestamp};
use liqlens_model::{FlowModel, ModelId};
use liqlens_query::Subject;

use crate::failure::{Failure, Kind};
use crate::request::{AsOf, SymbolQuery};
use crate::source::{Held, Source};

/// What a question says beside its symbol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scope {
    /// The moment.
    pub as_of: AsOf,
    /// Where positions come from; `None`: from accounts where the data hold any, unless a model is named.
    pub evidence: Option<EvidenceName>,
    /// How they are inferred; `None`: by the model that scores best.
    pub model: Option<ModelId>,
}

/// Where positions come from, as asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EvidenceName {
    /// Public accounts.
    Measured,
    /// A model.
    Modelled,
}

/// A market and a moment with what answers for them.
#[derive(Debug, Clone)]
pub struct Opened {
    /// The market.
    pub instrument: Instrument,
    /// The market in the asker's words.
    pub subject: Subject,
    /// Where positions come from.
    pub basis: Basis,
    /// The moment.
    pub as_of: Timestamp,
}

/// Where positions come from.
#[derive(Debug, Clone)]
pub enum Basis {
    /// Inferred by a model.
    Modelled(FlowModel),
    /// Read from public accounts. The model folds the market's own events, for price and open interest;
    /// `None` where there are none, or no margin rules to fold them with.
    Measured(Option<FlowModel>),
}

/// Finds the market, the moment and what answers.
pub fn open(source: &Source, symbol: &str, scope: &Scope) -> Result<Opened, Failure> {
    let query = SymbolQuery::parse(symbol)?;
    let Scope { as_of, .. } = *scope;
    let evidence = evidence_meant(scope)?;
    let mut markets = source.markets()?.to_vec();
    let own_events = markets.len();
    let held = source.held(query.venue())?;
    for market in held.keys() {
        if !markets[..own_events].iter().any(|known| known.market == *market) {
            markets.extend(Instrument::from_market(market.clone()).ok());
        }
    }
    let found = query.find(&markets)?;
    let has_own_events = found.index < own_events;
    let instrument = markets.swap_remove(found.index);
    let held = held.get(&instrument.market).copied();

    let subject = |margin_table| Subject { symbol: found.name, whole_coin: found.whole_coin, margin_table };
    let measured = match evidence {
        Some(EvidenceName::Measured) => true,
        Some(EvidenceName::Modelled) => false,
        // Before the first account was seen a model may still answer.
        None => held.is_some_and(|held| !has_own_events || !as_of.is_before(held.first)),
    };
    if measured {
        let as_of = measured_moment(&instrument, held, as_of)?;
        let (model, margin_table) = match rules(scope, &instrument, as_of) {
            Ok((model, words)) => (has_own_events.then_some(model), words),
            // Accounts can be priced without it where they state their own largest leverage.
            Err(_) => (None, "no schedule of this market ships".to_owned()),
        };
        let subject = subject(margin_table);
        Ok(Opened { instrument, subject, basis: Basis::Measured(model), as_of })
    } else {
        let as_of = modelled_moment(source, &instrument, as_of)?;
        let (model, margin_table) = rules(scope, &instrument, as_of)?;
        let subject = subject(margin_table);
        Ok(Opened { instrument, subject, basis: Basis::Modelled(model), as_of })
    }
}

impl Opened {
    /// What is answered, in a line.
    pub fn words(&self) -> String {
        let basis = match self.basis {
            Basis::Measured(_) => "measured",
            Basis::Modelled(_) => "modelled",
        };
        format!("{} as of {}, {basis}; {}", self.instrument.market, self.as_of, self.subject.margin_table)
    }
}

/// A model named is a model meant.
fn evidence_meant(scope: &Scope) -> Result<Option<EvidenceName>, Failure> {
    match (scope.evidence, scope.model) {
        (Some(EvidenceName::Measured), Some(_)) => Err(Failure::usage(
            "evidence-contradiction",
            "Both a model and measured positions were asked for.",
            "Measured positions are read from accounts; no model has a part in them.",
            "Leave --model or --evidence away.",
        )),
        (None, Some(_)) => Ok(Some(EvidenceName::Modelled)),
        (asked, _) => Ok(asked),
    }
}

/// The moment a measured market is asked about.
fn measured_moment(instrument: &Instrument, held: Option<Held>, as_of: AsOf) -> Result<Timestamp, Failure> {
    let market = &instrument.market;
    let held = held.ok_or_else(|| {
        Failure::new(
            Kind::NoData,
            "accounts-unknown",
            format!("There are no measured positions of {market}."),
            "The data hold no public account that has a position in it.",
            "Import account states with `liqlens import FILE --data DIR`, or ask with --evidence modelled.",
        )
    })?;
    match as_of {
        AsOf::Newest => Ok(held.last),
        AsOf::At(time) if time < held.first => Err(before_data(market, time, held.first, held.last)),
        AsOf::At(time) => Ok(time),
    }
}

/// The moment a modelled market is asked about.
fn modelled_moment(source: &Source, instrument: &Instrument, as_of: AsOf) -> Result<Timestamp, Failure> {
    let market = &instrument.market;
    let newest = source.newest(market)?.ok_or_else(|| {
        Failure::new(
            Kind::NoData,
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
    match source.first(market)?.filter(|first| as_of < *first) {
        Some(first) => Err(before_data(market, as_of, first, newest)),
        None => Ok(as_of),
    }
}

fn before_data(
    market: &liqlens_market::MarketId,
    as_of: Timestamp,
    first: Timestamp,
    newest: Timestamp,
) -> Failure {
    Failure::new(
        Kind::NoData,
        "before-data",
        format!("Nothing was known about {market} at {as_of}."),
        format!("Its data reach from {first} to {newest}."),
        "Ask for a time inside this window, or import older data.",
    )
    .detail("first", first.to_string())
    .detail("newest", newest.to_string())
}

/// The margin rules of the day, and where they are from in words.
pub fn schedule(instrument: &Instrument, day: Timestamp) -> Result<(&'static DatedTable, String), Failure> {
    let market = &instrument.market;
    let table = liqlens_margin::table(market, day).map_err(|error| {
        Failure::new(
            Kind::NoData,
            "margin-table-missing",
            format!("The margin rules of {market} are not known."),
            format!("Rules ship for {}.", error.known),
            "Ask for one of these markets.",
        )
    })?;
    let later = if table.recorded > day.date().as_str() { ", later than the data" } else { "" };
    let words = format!("schedule of {} recorded {}{later}", market.venue.title(), table.recorded);
    Ok((table, words))
}

/// The model with the margin rules of the day, and those rules in words.
fn rules(scope: &Scope, instrument: &Instrument, as_of: Timestamp) -> Result<(FlowModel, String), Failure> {
    let (table, words) = schedule(instrument, as_of)?;
    let model = FlowModel::new(scope.model.unwrap_or(ModelId::M2), instrument, &table.table)
        .map_err(|error| Failure::internal("The model could not be set up.", error))?;
    Ok((model, words))
}
