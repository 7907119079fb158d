//! Models side by side: the prequential contest (model specification, sections 7.1, 7.3 and 12).
//!
//! All models take the same events. At every multiple of a horizon on the clock each one's map is read; what
//! price then sweeps and what is printed until the horizon's end decides how good it was. Every model enters
//! through the same [head](self), which learns its level and a background from closed windows only, so that
//! the score is about shape and timing. Two references need no map: a uniform rate per swept bin (R1), and a
//! rate by distance from the price (R2), which knows how far away liquidations happen on average.
//!
//! One pass over the events, nothing kept but the cells of closed windows: [`Contest::step`], then
//! [`Contest::finish`].

mod head;
mod outcome;
mod path;
mod record;
mod runner;
mod scoring;
mod settings;
mod table;
mod totals;
mod truth;

use liqlens_engine::Market;
use liqlens_market::{Event, EventBody, Side, Span, Timestamp};
use liqlens_model::{BinIndex, LogGrid};

pub use outcome::{
    BandCoverage, Estimate, ForecastOutcome, HeadScores, HorizonOutcome, Outcome, Tests, TotalScores,
};
pub use runner::BANDS;
pub use settings::{Background, Cells, ContestError, Horizon, Settings, Weights};
pub use table::markdown;
pub use truth::{AmountError, Spread, TruthOutcome};

use self::head::Sizes;
use self::path::{Minute, Range};
use self::runner::{Issue, NearMap, Reading, Runner};
use self::truth::{Compared, Outward, READ};

/// A hole in trades up to this length is a quiet market.
const QUIET: Span = Span::MINUTE.times(10);
/// The level of a map is set right from the paths of this horizon, or the first longer one.
const LEVEL_HORIZON: Span = Span::MINUTE.times(5);

/// Where a contestant's map comes from.
#[derive(Debug, Clone, PartialEq)]
pub enum Source {
    /// A model that folds the events.
    Market(Box<Market>),
    /// Handed in by [`Contest::give`]: the true map of a synthetic market, a peer's published map.
    Given,
}

/// A model that takes part.
#[derive(Debug, Clone, PartialEq)]
pub struct Contestant {
    /// Its name in the tables.
    pub name: String,
    /// Its map.
    pub source: Source,
}

impl Contestant {
    /// A market under a name.
    pub fn market(name: &str, market: Market) -> Self {
        Self { name: name.to_owned(), source: Source::Market(Box::new(market)) }
    }

    /// A map that is handed in, under a name.
    pub fn given(name: &str) -> Self {
        Self { name: name.to_owned(), source: Source::Given }
    }
}

/// A map that was handed in: contracts by bin from `first` on.
#[derive(Debug, Clone, Default)]
struct GivenMap {
    known: bool,
    sides: [(BinIndex, Vec<f64>); 2],
}

/// A contest in progress.
#[derive(Debug)]
pub struct Contest {
    contestants: Vec<Contestant>,
    given: Vec<GivenMap>,
    settings: Settings,
    grid: LogGrid,
    /// The market whose price path decides what was swept.
    guide: usize,
    /// End of the minute in progress.
    next: Timestamp,
    minute: Minute,
    sizes: Sizes,
    /// Whether the feed's prints have prices; `None` before the first.
    priced: Option<bool>,
    runners: Vec<Runner>,
    /// Beside the truth, by contestant; empty until it is shown.
    compared: Vec<Compared>,
}

impl Contest {
    /// A contest before its first event.
    pub fn new(contestants: Vec<Contestant>, settings: Settings) -> Result<Self, ContestError> {
        let (guide, grid) = check(&contestants, &settings)?;
        let runner = |horizon: &Horizon| {
            let (models, half_life) = (contestants.len(), settings.half_life);
            let seed = settings.bootstrap.seed;
            Runner::new(*horizon, models, grid, half_life, seed, settings.band_step)
        };
        Ok(Self {
            runners: settings.horizons.iter().map(runner).collect::<Result<_, _>>()?,
            given: vec![GivenMap::default(); contestants.len()],
            contestants,
            grid,
            guide,
            next: settings.from.floor(Span::MINUTE),
            settings,
            minute: Minute::default(),
            sizes: Sizes::default(),
            priced: None,
            compared: Vec::new(),
        })
    }

    /// Takes one event, in [`Event::log_order`].
    pub fn step(&mut self, event: &Event) {
        self.run_until(event.known_ts);
        if let EventBody::Liquidation(print) = &event.body {
            let price = print.fill_price.or(print.order_price);
            self.priced.get_or_insert(price.is_some());
            let contracts = print.size.to_f64();
            self.sizes.add(contracts);
            if event.known_ts > self.next - Span::MINUTE {
                self.minute.add(print.side, price.map(|price| self.grid.bin_of(price)), contracts);
            }
        }
        for contestant in &mut self.contestants {
            if let Source::Market(market) = &mut contestant.source {
                market.step(event);
            }
        }
    }

    /// Whether a window will be issued as of `at`: when a given map is needed.
    pub fn is_due(&self, at: Timestamp) -> bool {
        at >= self.settings.from
            && self.settings.until.is_none_or(|until| at < until)
            && self.runners.iter().any(|runner| runner.is_due(at))
    }

    /// Hands in the map of a [`Source::Given`] contestant: contracts of a side by bin from `first` on. It holds
    /// until the next one; to be that of a moment, it must come after the moment's last event and before
    /// the next one.
    pub fn give(&mut self, contestant: usize, side: Side, first: BinIndex, contracts: &[f64]) {
        if let Some(map) = self.given.get_mut(contestant) {
            map.known = true;
            let rows = &mut map.sides[side.index()];
            rows.0 = first;
            rows.1.clear();
            rows.1.extend_from_slice(contracts);
        }
    }

    /// Lays every contestant's map of what stands beside the true one of this moment: for each side its first bin
    /// and its contracts. Call it after the moment's last event.
    pub fn compare(&mut self, truth: [(BinIndex, &[f64]); 2]) -> Result<(), ContestError> {
        let Some((price, open_interest)) = self.now() else { return Ok(()) };
        let position = self.grid.position(price);
        let start = self.grid.bin_at(position);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // at most 1 / 1e-6
        let reach = libm::ceil(READ / self.grid.width()) as usize;
        let true_map = GivenMap { known: true, sides: truth.map(|(first, rows)| (first, rows.to_vec())) };
        let actual = near_map(&Source::Given, &true_map, start, reach);
        let horizon = self.settings.horizons.iter().position(|one| one.length >= LEVEL_HORIZON).unwrap_or(0);
        self.compared.resize(self.contestants.len(), Compared::default());
        for (place, contestant) in self.contestants.iter().enumerate() {
            let mut map = near_map(&contestant.source, &self.given[place], start, reach);
            if !map.known {
                continue;
            }
            let ratio = self.runners.get(horizon).and_then(|runner| runner.level_ratio(place));
            let (members, standing) = match &contestant.source {
                Source::Market(market) => (market.ensemble(), market.standing_per_reported()),
                Source::Given => (None, 1.0),
            };
            for contracts in map.sides.iter_mut().flatten() {
                *contracts *= standing;
            }
            for side in Side::BOTH {
                let outward = |contracts| Outward {
                    side,
                    within_bin: position - f64::from(start),
                    width: self.grid.width(),
                    contracts,
                };
                let beside = outward(&actual.sides[side.index()]);
                let compared = &mut self.compared[place];
                compared.add(outward(&map.sides[side.index()]), beside, open_interest, ratio)?;
                if let Some(members) = &members {
                    compared.add_members(members, beside, position, open_interest)?;
                }
            }
        }
        Ok(())
    }

    /// Price and open interest of the guide.
    fn now(&self) -> Option<(f64, f64)> {
        let guide = self.guide()?;
        Some((guide.price()?.last, guide.open_interest().accepted?))
    }

    /// The contestants, in the order they were given in.
    pub fn contestants(&self) -> &[Contestant] {
        &self.contestants
    }

    /// Ends the minutes that are over before `now`.
    fn run_until(&mut self, now: Timestamp) {
        if now - self.next > Span::DAY {
            self.end_minute();
            self.runners.iter_mut().for_each(Runner::abandon);
            self.minute = Minute::default();
            self.next = now.floor(Span::MINUTE);
        }
        while self.next < now {
            self.end_minute();
            self.next = self.next + Span::MINUTE;
        }
    }

    /// Ends the minute that ends at `self.next`, and begins windows there.
    fn end_minute(&mut self) {
        let at = self.next;
        for contestant in &mut self.contestants {
            if let Source::Market(market) = &mut contestant.source {
                market.advance(at);
            }
        }
        let minute = core::mem::take(&mut self.minute);
        let range = self.range(at);
        let by_minute = match self.settings.cells {
            Cells::Bins => false,
            Cells::Minutes => true,
            Cells::Auto => self.priced == Some(false),
        };
        let background = self.settings.background;
        let reading = Reading { by_minute, weights: self.weights(), background };
        for runner in &mut self.runners {
            runner.minute(at, range, &minute, reading);
        }
        if range != Range::Missing && self.is_due(at) {
            self.issue(at);
        }
    }

    /// What an event is, as far as it is known.
    fn weights(&self) -> Weights {
        match (self.settings.weights, self.priced) {
            (Weights::Auto, Some(false)) => Weights::Contracts,
            (Weights::Auto, _) => Weights::Prints,
            (chosen, _) => chosen,
        }
    }

    /// The trigger price in the minute that ends at `at`.
    fn range(&self, at: Timestamp) -> Range {
        let Some((guide, price, covered)) =
            self.guide().and_then(|guide| Some((guide, guide.price()?, guide.covered_until()?)))
        else {
            return Range::Missing;
        };
        if price.resolution > Span::MINUTE {
            return Range::Missing;
        }
        if covered < at {
            let quiet = price.resolution == Span::ZERO && at - covered <= QUIET;
            return if quiet { Range::Quiet } else { Range::Missing };
        }
        guide.period(at - Span::MINUTE, at).map_or(Range::Missing, |period| {
            let [_, high, low, _] = period.ohlc;
            Range::Between(self.grid.position(low), self.grid.position(high))
        })
    }

    fn guide(&self) -> Option<&Market> {
        match &self.contestants.get(self.guide)?.source {
            Source::Market(market) => Some(market),
            Source::Given => None,
        }
    }

    fn issue(&mut self, at: Timestamp) {
        let due = |runner: &&mut Runner| runner.is_due(at);
        let Some((price, open_interest)) = self.now() else { return };
        let position = self.grid.position(price);
        let reach = self.runners.iter_mut().filter(due).map(|runner| runner.reach_bins()).max().unwrap_or(0);
        let maps: Vec<NearMap> = self
            .contestants
            .iter()
            .zip(&self.given)
            .map(|(contestant, given)| near_map(&contestant.source, given, self.grid.bin_at(position), reach))
            .collect();
        let effective_size = self.sizes.effective();
        for runner in self.runners.iter_mut().filter(due) {
            runner.issue(Issue { at, position, open_interest, effective_size, maps: &maps });
        }
    }

    /// Ends the contest and computes the scores.
    pub fn finish(mut self) -> Result<Outcome, ContestError> {
        // The minute in progress is over if the last event was known at its end.
        if self.guide().and_then(Market::clock).is_some_and(|clock| clock >= self.next) {
            self.end_minute();
        }
        let names: Vec<String> = self.contestants.iter().map(|one| one.name.clone()).collect();
        let weights = self.weights();
        let mut outcome = scoring::outcome(&self.runners, &names, &self.settings, weights)?;
        let beside = self.compared.iter().zip(&names);
        outcome.truth = beside.map(|(compared, name)| compared.outcome(name)).collect();
        Ok(outcome)
    }

    /// What was liquidated on past paths over what a contestant's map held there, at a horizon: the causal
    /// calibration of the map's level.
    pub fn level_ratio(&self, contestant: usize, horizon: usize) -> Option<f64> {
        self.runners.get(horizon)?.level_ratio(contestant)
    }
}

/// A contestant's map from the price outwards, `reach` bins on each side.
fn near_map(source: &Source, given: &GivenMap, start: BinIndex, reach: usize) -> NearMap {
    let bins = BinIndex::try_from(reach).unwrap_or(BinIndex::MAX);
    let mut map = NearMap { known: true, sides: [vec![0.0; reach], vec![0.0; reach]] };
    for side in Side::BOTH {
        let rows = &mut map.sides[side.index()];
        let first = if side == Side::Long { start.saturating_sub(bins - 1) } else { start };
        match source {
            Source::Market(market) => map.known &= market.reported(side, first, rows),
            Source::Given => {
                map.known &= given.known;
                let (from, contracts) = &given.sides[side.index()];
                for (bin, row) in (first..).zip(rows.iter_mut()) {
                    let at = bin.checked_sub(*from).and_then(|at| usize::try_from(at).ok());
                    *row = at.and_then(|at| contracts.get(at)).copied().unwrap_or(0.0);
                }
            }
        }
        if side == Side::Long {
            rows.reverse();
        }
        // A map cannot hold less than nothing; what is no number holds nothing.
        rows.iter_mut().filter(|mass| !(mass.is_finite() && **mass >= 0.0)).for_each(|mass| *mass = 0.0);
    }
    map
}

/// The first market and its grid, if the contest can be held.
fn check(contestants: &[Contestant], settings: &Settings) -> Result<(usize, LogGrid), ContestError> {
    let markets = || {
        contestants.iter().enumerate().filter_map(|(place, one)| match &one.source {
            Source::Market(market) => Some((place, market.model().grid)),
            Source::Given => None,
        })
    };
    let (guide, grid) = markets().next().ok_or(ContestError::NoMarket)?;
    if let Some((place, _)) = markets().find(|(_, other)| *other != grid) {
        return Err(ContestError::Grid(contestants[place].name.clone()));
    }
    for (place, one) in contestants.iter().enumerate() {
        if contestants[..place].iter().any(|other| other.name == one.name) {
            return Err(ContestError::Name(one.name.clone()));
        }
    }
    for name in &settings.baselines {
        if !contestants.iter().any(|one| one.name == *name) {
            return Err(ContestError::Baseline(name.clone()));
        }
    }
    for (place, horizon) in settings.horizons.iter().enumerate() {
        let nanos = horizon.length.nanos();
        let minutes = Span::MINUTE.nanos();
        let whole = nanos > 0 && nanos % minutes == 0 && Span::DAY.nanos() % nanos == 0;
        let reaches = horizon.reach > 0.0 && horizon.reach <= 0.95;
        if !(whole && reaches) {
            return Err(ContestError::Horizon(place));
        }
    }
    if settings.half_life <= Span::ZERO {
        return Err(ContestError::NotPositive("the half-life of the factors"));
    }
    if settings.bootstrap.block <= Span::ZERO {
        return Err(ContestError::NotPositive("the bootstrap block"));
    }
    Ok((guide, grid))
}
