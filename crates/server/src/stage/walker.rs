//! A market folded along its log, as far as a moment and no further.
//!
//! What a walker shows of a moment is what folding everything from the first event shows of it, byte for byte: it
//! folds each event once, when it was known, and lets time pass to the moment. Where the log comes from it does not
//! know.

use liqlens_ask::{Basis, Failure, Opened, Scope, Source};
use liqlens_engine::{AccountBook, Market};
use liqlens_market::{Event, Log, MarketId, Span, Step, Timestamp, TradeRun};
use liqlens_model::FlowModel;
use liqlens_query::{AskError, Subject, View};

/// Where markets and their logs come from: today what was recorded, one day what is being recorded.
pub trait Recording: Send + Sync {
    /// The market, the moment and what answers.
    fn open(&self, symbol: &str, scope: &Scope) -> Result<Opened, Failure>;

    /// A log's events known from a moment on. A log that is still being written ends for the time being.
    fn log(&self, log: &MarketId, from: Timestamp) -> Result<Box<dyn Log + '_>, Failure>;

    /// A market as it was at some moment up to `before`, if that is kept: everything known by its clock is folded.
    fn state(&self, _opened: &Opened, _model: &FlowModel, _before: Timestamp) -> Option<Market> {
        None
    }

    /// The symbols of all markets, the shortest that mean one market each.
    fn symbols(&self) -> Result<Vec<String>, Failure>;
}

impl Recording for Source {
    fn open(&self, symbol: &str, scope: &Scope) -> Result<Opened, Failure> {
        liqlens_ask::open(self, symbol, scope)
    }

    fn log(&self, log: &MarketId, from: Timestamp) -> Result<Box<dyn Log + '_>, Failure> {
        Ok(Box::new(self.events_between(log, from, Timestamp::LATEST)?))
    }

    fn symbols(&self) -> Result<Vec<String>, Failure> {
        Ok(self.markets()?.iter().map(|instrument| instrument.market.to_string()).collect())
    }
}

/// Sees what a walker folds.
pub trait Witness {
    /// An event.
    fn event(&mut self, event: &Event);
    /// Trades.
    fn trades(&mut self, trades: TradeRun<'_>);
}

/// Nobody.
pub struct Nobody;

impl Witness for Nobody {
    fn event(&mut self, _: &Event) {}
    fn trades(&mut self, _: TradeRun<'_>) {}
}

/// A market folded along its log.
pub struct Walker<'a> {
    opened: Opened,
    market: Option<(Box<Market>, Box<dyn Log + 'a>)>,
    accounts: Option<(Box<AccountBook>, Box<dyn Log + 'a>)>,
    /// Everything known by then is folded, and nothing else; `None` while it walks.
    at: Option<Timestamp>,
    folded: u64,
    newest_known: Option<Timestamp>,
}

impl<'a> Walker<'a> {
    /// Begins at the newest state that is kept up to `near`, or at the first event.
    pub fn new(recording: &'a dyn Recording, opened: &Opened, near: Timestamp) -> Result<Self, Failure> {
        let id = &opened.instrument.market;
        let (model, measured) = match &opened.basis {
            Basis::Modelled(model) => (Some(model), false),
            Basis::Measured(model) => (model.as_ref(), true),
        };
        let market = match model {
            Some(model) => {
                let kept = if measured { None } else { recording.state(opened, model, near) };
                let market = kept.filter(|market| market.clock().is_some_and(|clock| clock <= near));
                let from = market.as_ref().and_then(Market::clock);
                let from = from.map_or(Timestamp::EARLIEST, |clock| clock + Span::from_nanos(1));
                let market = market.unwrap_or_else(|| Market::new(opened.instrument.clone(), model.clone()));
                Some((Box::new(market), recording.log(id, from)?))
            }
            None => None,
        };
        let accounts = if measured {
            let log = recording.log(&MarketId::accounts(id.venue), Timestamp::EARLIEST)?;
            Some((Box::new(AccountBook::new(id.venue)), log))
        } else {
            None
        };
        Ok(Self { opened: opened.clone(), market, accounts, at: None, folded: 0, newest_known: None })
    }

    /// Whether it folds the market in the way that is asked for now.
    pub fn fits(&self, opened: &Opened) -> bool {
        let same_basis = match (&self.opened.basis, &opened.basis) {
            (Basis::Modelled(mine), Basis::Modelled(asked)) => mine == asked,
            (Basis::Measured(mine), Basis::Measured(asked)) => mine == asked,
            _ => false,
        };
        same_basis && self.opened.instrument == opened.instrument
    }

    /// Where it stands; `None` while it walks.
    pub const fn at(&self) -> Option<Timestamp> {
        self.at
    }

    /// Events folded so far.
    pub const fn folded(&self) -> u64 {
        self.folded
    }

    /// When the newest event folded became known.
    pub const fn newest_known(&self) -> Option<Timestamp> {
        self.newest_known
    }

    /// The market's own state.
    pub fn market(&self) -> Option<&Market> {
        self.market.as_ref().map(|(market, _)| &**market)
    }

    /// Folds on to a moment, at most so many events; answers whether it has come there. Moments never fall.
    pub fn walk(&mut self, to: Timestamp, budget: &mut u64, witness: &mut impl Witness) -> bool {
        if self.at == Some(to) {
            return true;
        }
        self.at = None;
        let mut taken = Taken { count: 0, newest: self.newest_known, arrived: true };
        if let Some((book, log)) = &mut self.accounts {
            taken.all(&mut **log, to, *budget, |step| match step {
                Step::Event(event) => book.step(&event),
                Step::Trades(trades) => trades.events().for_each(|event| book.step(&event)),
            });
        }
        if let Some((market, log)) = &mut self.market {
            taken.all(&mut **log, to, *budget, |step| match step {
                Step::Event(event) => {
                    witness.event(&event);
                    market.step(&event);
                }
                Step::Trades(trades) => {
                    witness.trades(trades);
                    market.step_trades(trades);
                }
            });
        }
        self.newest_known = taken.newest;
        self.folded = self.folded.saturating_add(taken.count);
        *budget = budget.saturating_sub(taken.count);
        if taken.arrived {
            if let Some((market, _)) = &mut self.market {
                market.advance(to);
            }
            self.at = Some(to);
        }
        taken.arrived
    }

    /// The market where it stands.
    pub fn view(&self, subject: &Subject, at: Timestamp) -> Result<View, AskError> {
        let market = self.market();
        match (&self.accounts, market) {
            (Some((accounts, _)), market) => {
                let instrument = self.opened.instrument.clone();
                View::of_accounts(accounts, market, instrument, subject.clone(), at)
            }
            (None, Some(market)) => View::new(market, subject.clone(), at),
            (None, None) => {
                Err(AskError::NoPrice { market: self.opened.instrument.market.clone(), as_of: at })
            }
        }
    }
}

/// What was taken from logs.
struct Taken {
    count: u64,
    newest: Option<Timestamp>,
    arrived: bool,
}

impl Taken {
    /// Takes what was known by a moment from a log, until so many events are taken in all.
    fn all(&mut self, log: &mut dyn Log, to: Timestamp, budget: u64, mut fold: impl FnMut(Step<'_>)) {
        while self.count < budget {
            let Some(step) = log.next_known(to) else { return };
            let (count, known) = match &step {
                Step::Event(event) => (1, Some(event.known_ts)),
                Step::Trades(trades) => {
                    (u64::try_from(trades.len()).unwrap_or(u64::MAX), trades.known_ts().last().copied())
                }
            };
            self.newest = self.newest.max(known);
            self.count = self.count.saturating_add(count);
            fold(step);
        }
        self.arrived = false;
    }
}
