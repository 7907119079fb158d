//! A market folded along its log, as far as a moment and no further.
//!
//! What a walker shows of a moment is what folding everything from the first event shows of it, byte for byte: it
//! folds each event once, when it was known, and lets time pass to the moment. Where the log comes from it does not
//! know.

use std::sync::mpsc::{Receiver, TryRecvError};

use liqlens_ask::{Basis, Failure, Opened, Scope};
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

    /// A market with everything known by a moment folded, and nothing else, if somebody can tell faster than by
    /// folding everything. It is told when it is there; a teller that is gone has nothing to tell.
    fn state(&self, _opened: &Opened, _model: &FlowModel, _at: Timestamp) -> Option<Telling> {
        None
    }

    /// The symbols of all markets, the shortest that mean one market each.
    fn symbols(&self) -> Result<Vec<String>, Failure>;
}

/// A market that is on its way from elsewhere. Whoever drops it is not interested any more.
pub struct Telling {
    /// Where it will come from.
    pub receiver: Receiver<Box<Market>>,
    /// Ends the work when it is dropped.
    pub wanted: Box<dyn core::any::Any>,
}

/// Sees what a walker folds.
pub trait Witness {
    /// An event.
    fn event(&mut self, event: &Event);
    /// Trades.
    fn trades(&mut self, trades: TradeRun<'_>);
}

/// How long before its beginning a walk shows what passed.
const SEEN_BEFORE: Span = Span::HOUR;

/// Nobody.
pub struct Nobody;

impl Witness for Nobody {
    fn event(&mut self, _: &Event) {}
    fn trades(&mut self, _: TradeRun<'_>) {}
}

/// A market folded along its log.
pub struct Walker<'a> {
    recording: &'a dyn Recording,
    opened: Opened,
    /// The market at the beginning, as long as it is on its way, and the moment it is of.
    beginning: Option<(Telling, Timestamp)>,
    market: Option<(Box<Market>, Box<dyn Log + 'a>)>,
    accounts: Option<(Box<AccountBook>, Box<dyn Log + 'a>)>,
    /// Everything known by then is folded, and nothing else; `None` while it walks.
    at: Option<Timestamp>,
    folded: u64,
    newest_known: Option<Timestamp>,
}

impl<'a> Walker<'a> {
    /// Begins at the market as it was at `near`, if somebody can tell, or at the first event.
    pub fn new(recording: &'a dyn Recording, opened: &Opened, near: Timestamp) -> Result<Self, Failure> {
        let id = &opened.instrument.market;
        let mut walker = Self {
            recording,
            opened: opened.clone(),
            beginning: None,
            market: None,
            accounts: None,
            at: None,
            folded: 0,
            newest_known: None,
        };
        match &opened.basis {
            Basis::Modelled(model) => {
                walker.beginning = recording.state(opened, model, near).map(|telling| (telling, near));
                if walker.beginning.is_none() {
                    walker.market = Some(walker.at_the_start(model)?);
                }
            }
            Basis::Measured(model) => {
                let log = recording.log(&MarketId::accounts(id.venue), Timestamp::EARLIEST)?;
                walker.accounts = Some((Box::new(AccountBook::new(id.venue)), log));
                walker.market = model.as_ref().map(|model| walker.at_the_start(model)).transpose()?;
            }
        }
        Ok(walker)
    }

    fn at_the_start(&self, model: &FlowModel) -> Result<(Box<Market>, Box<dyn Log + 'a>), Failure> {
        let market = Market::new(self.opened.instrument.clone(), model.clone());
        let log = self.recording.log(&self.opened.instrument.market, Timestamp::EARLIEST)?;
        Ok((Box::new(market), log))
    }

    /// Takes the market it begins with, once it is there. Answers whether it can walk.
    fn begin(&mut self, witness: &mut impl Witness) -> Result<bool, Failure> {
        let Some((telling, near)) = &self.beginning else { return Ok(true) };
        let near = *near;
        match (telling.receiver.try_recv(), &self.opened.basis) {
            (Err(TryRecvError::Empty), _) => return Ok(false),
            (Ok(market), _) => {
                let id = &self.opened.instrument.market;
                // What whoever watches would have seen of late had the walk begun earlier.
                let mut before = self.recording.log(id, near - SEEN_BEFORE)?;
                while let Some(step) = before.next_known(near) {
                    match step {
                        Step::Event(event) => {
                            self.newest_known = Some(event.known_ts);
                            witness.event(&event);
                        }
                        Step::Trades(trades) => witness.trades(trades),
                    }
                }
                self.market = Some((market, self.recording.log(id, near + Span::from_nanos(1))?));
            }
            (Err(TryRecvError::Disconnected), Basis::Modelled(model)) => {
                self.market = Some(self.at_the_start(model)?);
            }
            (Err(TryRecvError::Disconnected), Basis::Measured(_)) => {}
        }
        self.beginning = None;
        Ok(true)
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
    pub fn walk(
        &mut self,
        to: Timestamp,
        budget: &mut u64,
        witness: &mut impl Witness,
    ) -> Result<bool, Failure> {
        if self.at == Some(to) {
            return Ok(true);
        }
        self.at = None;
        if !self.begin(witness)? {
            return Ok(false);
        }
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
        Ok(taken.arrived)
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
