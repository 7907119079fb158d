//! What is measured, and beside what.

use std::hint::black_box;

use liqlens_bench::{Failure, Goal, Input, Run, Task, twice};
use liqlens_margin::{
    Condition, CrossAccount, Leg, Position, PreparedTable, Valued, liquidation_under, maintenance, table,
};
use liqlens_market::{Contract, MarginTable, MarketId, Side, Timestamp};

/// Positions priced at once, few enough to stay in the nearest caches, and how often.
pub(crate) const POSITIONS: usize = 1 << 14;
const TIMES: [usize; 2] = [1, 1 << 6];
/// Accounts, short and full, and positions of each.
pub(crate) const ACCOUNTS: [usize; 2] = [500, 50_000];
const LEGS: usize = 10;

/// Everything that is measured.
pub(crate) fn all() -> Vec<Task> {
    vec![
        Task::new("bisection", "bisection of the condition, 12 tiers", "prices", |input| {
            let (positions, table) = priced()?;
            repeated(input, &positions, || {
                for position in black_box(&positions) {
                    black_box(bisected(position, &table));
                }
            })
        }),
        Task::new("closed-form", "liquidation_under, 12 tiers", "prices", |input| {
            let (positions, table) = priced()?;
            repeated(input, &positions, || {
                for position in black_box(&positions) {
                    black_box(liquidation_under(position, Contract::Linear, &table, &Condition::PLAIN));
                }
            })
        })
        .beside("bisection"),
        Task::new("prepared", "PreparedTable, 12 tiers", "prices", |input| {
            let (positions, table) = priced()?;
            let prepared = PreparedTable::new(&table, Contract::Linear, 0.0).ok_or("a continuous table")?;
            let mut prices = Vec::with_capacity(positions.len());
            repeated(input, &positions, || {
                prices.clear();
                prepared.prices(black_box(&positions), &mut prices);
                black_box(&prices);
            })
        })
        .beside("bisection")
        .goal(Goal::PerSecond(10e6)),
        Task::new("accounts", "50,000 accounts × 10 positions", "prices", accounts_at_moved_prices)
            .goal(Goal::Seconds(0.1)),
        Task::new("joint-moves", "joint fall and rise of an account", "accounts", joint_moves).per_call(),
    ]
}

fn priced() -> Result<(Vec<Position>, MarginTable), Failure> {
    let table = shipped("binance:BTCUSDT")?;
    Ok((positions(&table), table))
}

fn repeated(input: &Input, positions: &[Position], mut run: impl FnMut()) -> Result<Run, Failure> {
    let times = TIMES[usize::from(input.full)];
    twice(|| {
        for _ in 0..times {
            run();
        }
        Ok(count(positions.len() * times))
    })
}

/// Every position of every account at moved prices.
fn accounts_at_moved_prices(input: &Input) -> Result<Run, Failure> {
    let markets = markets()?;
    let mut accounts = accounts(&markets, ACCOUNTS[usize::from(input.full)]);
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

fn joint_moves(input: &Input) -> Result<Run, Failure> {
    let markets = markets()?;
    let accounts = accounts(&markets, ACCOUNTS[usize::from(input.full)]);
    let betas: Vec<f64> = (0..LEGS).map(|leg| 0.6 + leg as f64 * 0.1).collect();
    twice(|| {
        for account in &accounts {
            black_box(account.joint_liquidation(&betas));
        }
        Ok(count(accounts.len()))
    })
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
