//! What a world looks like from above, and what the specification says it should.

use liqlens_market::EventBody;

use super::{Liquidated, Minute, PrintFeed, Synthetic, Truth};
use super::{ThrottleRule, truth::Holding};

/// Distances from the mark at which liquidatable positions are counted.
const WITHIN: [f64; 5] = [0.01, 0.02, 0.05, 0.10, 0.20];
/// Days after which survivors are counted.
const SURVIVAL_DAYS: u32 = 4;
/// Hours between the moments at which positions are looked at.
const LOOK_HOURS: u32 = 6;

/// A world's measured statistics.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Statistics {
    /// Days measured.
    pub days: f64,
    /// Mean open interest, dollars.
    pub open_interest_usd: f64,
    /// Volume a day over open interest.
    pub turnover: f64,
    /// Liquidated contracts a day over open interest.
    pub liquidated: f64,
    /// Liquidations a day.
    pub prints: f64,
    /// Share of them that a stream of one a second shows.
    pub throttled_share: f64,
    /// Liquidatable contracts of both sides over open interest within 1, 2, 5, 10 and 20 % of the mark.
    pub within: [f64; 5],
    /// Share of positions that still stand four days later, by count.
    pub survival_by_count: f64,
    /// Share of positions that still stand four days later, by size.
    pub survival_by_size: f64,
    /// Contracts liquidated within the hour over contracts that stood, at its start, where the mark went.
    pub conversion: f64,
    /// Standard deviation of a day's log return, from returns of a minute.
    pub volatility_daily: f64,
    /// Share of opened dollars by type of agent, in the order of `Agent::ALL`.
    pub opened_share: [f64; 5],
    /// Share of the liquidated contracts that were opened less than half an hour before.
    pub young_share: f64,
}

/// A statistic of the default world with its specified value.
#[derive(Debug, Clone, Copy)]
pub struct Expected {
    /// What it is.
    pub name: &'static str,
    /// Smallest and largest accepted value.
    pub range: (f64, f64),
    /// Reads the measured value.
    pub get: fn(&Statistics) -> f64,
}

/// A specified value, ±20 %.
const fn around(name: &'static str, value: f64, get: fn(&Statistics) -> f64) -> Expected {
    Expected { name, range: (value * 0.8, value * 1.2), get }
}

/// Model specification, section 13: statistics of the default world over 100 days.
pub const SPECIFIED: &[Expected] = &[
    around("volume / open interest, a day", 2.0, |s| s.turnover),
    around("liquidated / open interest, a day", 0.011, |s| s.liquidated),
    around("prints a day", 2_200.0, |s| s.prints),
    around("liquidatable within 1 %", 0.006, |s| s.within[0]),
    around("liquidatable within 2 %", 0.015, |s| s.within[1]),
    around("liquidatable within 5 %", 0.038, |s| s.within[2]),
    around("liquidatable within 10 %", 0.08, |s| s.within[3]),
    around("liquidatable within 20 %", 0.18, |s| s.within[4]),
    around("4-day survival by count", 0.54, |s| s.survival_by_count),
    around("4-day survival by size", 0.61, |s| s.survival_by_size),
    around("share of prints in a throttled stream", 0.38, |s| s.throttled_share),
    Expected { name: "realised / standing within an hour", range: (0.77, 0.84), get: |s| s.conversion },
];

/// Positions looked at, waiting for four days to pass.
struct Cohort {
    due_minute: u32,
    /// Number and contracts, by number.
    members: Vec<(u64, f64)>,
}

/// Levels that stood at a moment, waiting for an hour to pass.
struct Hour {
    /// Liquidation price and contracts of longs and shorts.
    levels: [Vec<(f64, f64)>; 2],
    /// Number of the newest position at that moment.
    newest: u64,
    low: f64,
    high: f64,
    liquidated: f64,
}

impl Statistics {
    /// Runs a market to its end and measures it.
    pub fn measure(mut market: Synthetic) -> Self {
        let mut sums = Sums::default();
        let opened_before = opened(&market.truth());
        while let Some(minute) = market.next() {
            sums.minute(&minute, &market.truth());
        }
        let opened_after = opened(&market.truth());
        let mut opened_share: [f64; 5] = core::array::from_fn(|i| opened_after[i] - opened_before[i]);
        let all: f64 = opened_share.iter().sum();
        for share in &mut opened_share {
            *share /= all;
        }
        Self { opened_share, ..sums.finish() }
    }
}

fn opened(truth: &Truth<'_>) -> [f64; 5] {
    super::Agent::ALL.map(|agent| truth.opened_usd(agent))
}

#[derive(Default)]
struct Sums {
    minutes: u32,
    open_interest: f64,
    open_interest_usd: f64,
    volume: f64,
    liquidated: f64,
    young: f64,
    prints: usize,
    throttled: usize,
    squared_returns: f64,
    last_close: Option<f64>,
    looks: f64,
    within: [f64; 5],
    cohorts: std::collections::VecDeque<Cohort>,
    survived: [f64; 2],
    entered: [f64; 2],
    hour: Option<Hour>,
    standing: f64,
    realised: f64,
}

impl Sums {
    fn minute(&mut self, minute: &Minute, truth: &Truth<'_>) {
        self.minutes += 1;
        let open_interest = truth.open_interest().to_f64();
        self.open_interest += open_interest;
        self.open_interest_usd += open_interest * truth.mark_price();
        self.prints += minute.liquidations.len();
        self.throttled += minute.prints(PrintFeed::Throttled(ThrottleRule::Last)).len();
        let liquidated: f64 = minute.liquidations.iter().map(|one| one.size.to_f64()).sum();
        self.liquidated += liquidated;
        let young = |one: &&Liquidated| (one.at - one.opened_at).seconds() < 1_800.0;
        self.young += minute.liquidations.iter().filter(young).map(|one| one.size.to_f64()).sum::<f64>();
        for event in &minute.published {
            let EventBody::Bar(bar) = &event.body else { continue };
            self.volume += bar.volume.to_f64();
            let close = bar.close.to_f64();
            if let Some(last) = self.last_close.replace(close) {
                let moved = libm::log(close / last);
                self.squared_returns += moved * moved;
            }
            if let Some(hour) = &mut self.hour {
                hour.low = hour.low.min(bar.low.to_f64());
                hour.high = hour.high.max(bar.high.to_f64());
                let stood = minute.liquidations.iter().filter(|one| one.id <= hour.newest);
                hour.liquidated += stood.map(|one| one.size.to_f64()).sum::<f64>();
            }
        }
        if self.minutes.is_multiple_of(60) {
            self.end_hour();
        }
        if self.minutes.is_multiple_of(LOOK_HOURS * 60) {
            self.look(truth);
        }
    }

    /// What stood where the mark went, against what of it was liquidated.
    fn end_hour(&mut self) {
        let Some(hour) = self.hour.take() else { return };
        let [longs, shorts] = &hour.levels;
        let passed = |levels: &[(f64, f64)], inside: &dyn Fn(f64) -> bool| -> f64 {
            levels.iter().filter(|(price, _)| inside(*price)).map(|(_, contracts)| contracts).sum()
        };
        self.standing +=
            passed(longs, &|price| price >= hour.low) + passed(shorts, &|price| price <= hour.high);
        self.realised += hour.liquidated;
    }

    fn look(&mut self, truth: &Truth<'_>) {
        let mark = truth.mark_price();
        let open_interest = truth.open_interest().to_f64();
        let holdings: Vec<Holding> = truth.positions().collect();
        let mut levels = [Vec::new(), Vec::new()];
        for holding in &holdings {
            let Some(price) = holding.liquidation_price else { continue };
            let contracts = holding.size.to_f64();
            levels[holding.side.index()].push((price, contracts));
            let distance = (price / mark - 1.0).abs();
            for (sum, within) in self.within.iter_mut().zip(WITHIN) {
                if distance <= within {
                    *sum += contracts / open_interest;
                }
            }
        }
        self.looks += 1.0;
        let newest = holdings.iter().map(|holding| holding.id).max().unwrap_or(0);
        self.hour = Some(Hour { levels, newest, low: mark, high: mark, liquidated: 0.0 });

        let mut members: Vec<(u64, f64)> = holdings.iter().map(|h| (h.id, h.size.to_f64())).collect();
        members.sort_unstable_by_key(|(id, _)| *id);
        while self.cohorts.front().is_some_and(|cohort| cohort.due_minute <= self.minutes) {
            let Some(cohort) = self.cohorts.pop_front() else { break };
            for (id, contracts) in cohort.members {
                let stands = members.binary_search_by_key(&id, |(id, _)| *id).is_ok();
                for (index, weight) in [(0, 1.0), (1, contracts)] {
                    self.entered[index] += weight;
                    self.survived[index] += if stands { weight } else { 0.0 };
                }
            }
        }
        self.cohorts.push_back(Cohort { due_minute: self.minutes + SURVIVAL_DAYS * 1_440, members });
    }

    fn finish(self) -> Statistics {
        let minutes = f64::from(self.minutes);
        let days = minutes / 1_440.0;
        let open_interest = self.open_interest / minutes;
        Statistics {
            days,
            open_interest_usd: self.open_interest_usd / minutes,
            turnover: self.volume / days / open_interest,
            liquidated: self.liquidated / days / open_interest,
            prints: self.prints as f64 / days,
            throttled_share: self.throttled as f64 / self.prints as f64,
            within: self.within.map(|sum| sum / self.looks),
            survival_by_count: self.survived[0] / self.entered[0],
            survival_by_size: self.survived[1] / self.entered[1],
            conversion: self.realised / self.standing,
            volatility_daily: libm::sqrt(self.squared_returns / days),
            opened_share: [0.0; 5],
            young_share: self.young / self.liquidated,
        }
    }
}
