//! What is measured, and beside what.

use std::error::Error;
use std::hint::black_box;
use std::time::{Duration, Instant};

use liqlens_margin::{
    Condition, CrossAccount, Leg, Position, PreparedTable, Valued, liquidation_under, maintenance, table,
};
use liqlens_market::{Contract, MarginTable, MarketId, Side, Timestamp};

type Failure = Box<dyn Error>;

/// One measurement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Task {
    /// The condition bisected to a billionth of the price.
    Bisection,
    /// The closed form, position by position, with its tier.
    ClosedForm,
    /// The closed form on a schedule made ready.
    Prepared,
    /// Every position of every account at moved prices.
    Accounts,
    /// The joint fall and rise of every account.
    JointMoves,
}

/// Positions priced at once, few enough to stay in the nearest caches, and how often.
const POSITIONS: usize = 1 << 14;
const TIMES: [usize; 2] = [1, 1 << 6];
/// Accounts, short and full, and positions of each.
const ACCOUNTS: [usize; 2] = [500, 50_000];
const LEGS: usize = 10;

impl Task {
    pub(crate) const ALL: [Self; 5] =
        [Self::Bisection, Self::ClosedForm, Self::Prepared, Self::Accounts, Self::JointMoves];

    /// Name on the command line.
    pub(crate) const fn id(self) -> &'static str {
        match self {
            Self::Bisection => "bisection",
            Self::ClosedForm => "closed-form",
            Self::Prepared => "prepared",
            Self::Accounts => "accounts",
            Self::JointMoves => "joint-moves",
        }
    }

    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::Bisection => "bisection of the condition, 12 tiers",
            Self::ClosedForm => "liquidation_under, 12 tiers",
            Self::Prepared => "PreparedTable, 12 tiers",
            Self::Accounts => "50,000 accounts × 10 positions",
            Self::JointMoves => "50,000 joint falls and rises",
        }
    }

    pub(crate) const fn goal(self) -> &'static str {
        match self {
            Self::Prepared => "≥ 10 Mprices/s",
            Self::Accounts => "< 0.1 s",
            _ => "",
        }
    }

    pub(crate) const fn baseline(self) -> Option<Self> {
        match self {
            Self::ClosedForm | Self::Prepared => Some(Self::Bisection),
            _ => None,
        }
    }

    pub(crate) const fn unit(self) -> &'static str {
        match self {
            Self::JointMoves => "accounts",
            _ => "prices",
        }
    }

    pub(crate) const fn per_call(self) -> bool {
        matches!(self, Self::JointMoves)
    }

    /// Runs twice, the first time to warm up. Returns the second run's time and count.
    pub(crate) fn run(self, full: bool) -> Result<(Duration, u64), Failure> {
        let times = TIMES[usize::from(full)];
        let table = shipped("binance:BTCUSDT")?;
        let positions = positions(&table);
        match self {
            Self::Bisection => twice(|| {
                for _ in 0..times {
                    for position in black_box(&positions) {
                        black_box(bisected(position, &table));
                    }
                }
                Ok(count(positions.len() * times))
            }),
            Self::ClosedForm => twice(|| {
                for _ in 0..times {
                    for position in black_box(&positions) {
                        black_box(liquidation_under(position, Contract::Linear, &table, &Condition::PLAIN));
                    }
                }
                Ok(count(positions.len() * times))
            }),
            Self::Prepared => {
                let prepared =
                    PreparedTable::new(&table, Contract::Linear, 0.0).ok_or("a continuous table")?;
                let mut prices = Vec::with_capacity(positions.len());
                twice(|| {
                    for _ in 0..times {
                        prices.clear();
                        prepared.prices(black_box(&positions), &mut prices);
                        black_box(&prices);
                    }
                    Ok(count(positions.len() * times))
                })
            }
            Self::Accounts => {
                let markets = markets()?;
                let mut accounts = accounts(&markets, ACCOUNTS[usize::from(full)]);
                let mut up = false;
                twice(|| {
                    up = !up;
                    let mut priced = 0;
                    for account in &mut accounts {
                        at_moved_prices(account, if up { 1.01 } else { 0.99 });
                        for found in account.liquidation_prices() {
                            priced += u64::from(black_box(found).is_some());
                        }
                    }
                    if priced == 0 {
                        Err("no account can be liquidated".into())
                    } else {
                        Ok(count(accounts.len() * LEGS))
                    }
                })
            }
            Self::JointMoves => {
                let markets = markets()?;
                let accounts = accounts(&markets, ACCOUNTS[usize::from(full)]);
                let betas: Vec<f64> = (0..LEGS).map(|leg| 0.6 + leg as f64 * 0.1).collect();
                twice(|| {
                    for account in &accounts {
                        black_box(account.joint_liquidation(&betas));
                    }
                    Ok(count(accounts.len()))
                })
            }
        }
    }
}

fn twice(mut run: impl FnMut() -> Result<u64, Failure>) -> Result<(Duration, u64), Failure> {
    run()?;
    let start = Instant::now();
    let count = run()?;
    Ok((start.elapsed(), count))
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

fn shipped(market: &str) -> Result<MarginTable, Failure> {
    let market: MarketId = market.parse()?;
    Ok(table(&market, Timestamp::parse_text("2026-10-01")?)?.table.clone())
}

fn markets() -> Result<Vec<MarginTable>, Failure> {
    ["BTC", "ETH", "SOL", "HYPE", "DOGE", "XRP", "AVAX", "LINK", "SUI", "BNB"]
        .into_iter()
        .map(|coin| shipped(&format!("hyperliquid:{coin}")))
        .collect()
}

/// Numbers in [0, 1), the same on every machine.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// Longs and shorts of a thousand to two billion dollars at 2× to 100×, so that every tier is met and no
/// branch is foreseen.
fn positions(table: &MarginTable) -> Vec<Position> {
    let mut numbers = Numbers(17);
    (0..POSITIONS)
        .map(|_| {
            let side = if numbers.next() < 0.5 { Side::Long } else { Side::Short };
            let entry_price = 60_000.0 + 20_000.0 * numbers.next();
            let value = 1e3 * 2e6_f64.powf(numbers.next());
            let tier = &table.tiers()[table.tier_of(value)];
            let leverage = 1.5 + (tier.max_leverage - 1.0) * numbers.next() * 0.6;
            Position::at_leverage(side, entry_price, value / entry_price, leverage, Contract::Linear)
        })
        .collect()
}

/// What one would write without the closed form: halve between entry and where all is lost.
fn bisected(position: &Position, table: &MarginTable) -> Option<f64> {
    let left = |price: f64| {
        position.balance(Contract::Linear, price) - maintenance(table, Contract::Linear, position.size, price)
    };
    let (mut safe, mut lost) = match position.side {
        Side::Long => (position.entry_price, 0.0),
        Side::Short => (position.entry_price, position.entry_price * 4.0),
    };
    if left(lost) > 0.0 {
        return None;
    }
    while (safe - lost).abs() > 1e-9 * position.entry_price {
        let middle = safe + (lost - safe) / 2.0;
        if left(middle) > 0.0 { safe = middle } else { lost = middle }
    }
    Some(lost)
}

fn accounts(markets: &[MarginTable], number: usize) -> Vec<CrossAccount<'_>> {
    let mut numbers = Numbers(23);
    (0..number)
        .map(|_| {
            let legs: Vec<Leg<'_>> = markets
                .iter()
                .take(LEGS)
                .map(|table| {
                    let mark_price = 10.0 * 1e4_f64.powf(numbers.next());
                    let value = 1e3 * 1e5_f64.powf(numbers.next());
                    let side = if numbers.next() < 0.5 { Side::Long } else { Side::Short };
                    Leg { side, size: value / mark_price, mark_price, table }
                })
                .collect();
            let value: f64 = legs.iter().map(|leg| leg.size * leg.mark_price).sum();
            let equity = value * (0.1 + 0.3 * numbers.next());
            CrossAccount { equity, other_maintenance: 0.0, valued: Valued::AtLiquidation, legs }
        })
        .collect()
}

/// All marks times a factor, profit and loss booked.
fn at_moved_prices(account: &mut CrossAccount<'_>, factor: f64) {
    for leg in &mut account.legs {
        let moved = leg.mark_price * (factor - 1.0);
        account.equity += leg.side.sign() * leg.size * moved;
        leg.mark_price += moved;
    }
}
