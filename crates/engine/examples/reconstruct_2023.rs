//! Rebuilds the published accounts of Hyperliquid's first months from their fills and transfers and says
//! how many add up, and why the others do not.
//!
//! `cargo run --release -p liqlens-engine --example reconstruct_2023`
#![allow(clippy::print_stdout, clippy::expect_used, clippy::panic)] // a report on data that ships with it

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use liqlens_engine::{Account, AccountBook, AccountSource, Cash, Reconstruction};
use liqlens_files::{Options, collect_path};
use liqlens_market::{
    AccountName, Amount, Event, EventBody, Price, Size, Symbol, Taker, Timestamp, UNITS_PER_ONE, Venue,
};

/// What an account may be off by before it counts as inconsistent: a dollar, and five hundred-thousandths …
const TOLERANCE_USD: f64 = 1.0;
/// … of its turnover, for fees, rebates and funding, which no fill carries. Withdrawals of what looks like
/// refunded fees are 2.5 basis points of turnover, and funding is given as much again.
const TOLERANCE_OF_TURNOVER: f64 = 5e-4;
/// A fill this far from the print before, matched by another listed account, is no trade of the market: the
/// venue took the position over.
const TAKEN_OVER: f64 = 0.05;

/// What the log says about an account beyond its sums.
#[derive(Default)]
struct Seen {
    fills: u64,
    deposited: bool,
    first_is_fill: bool,
    taken_over: u64,
}

fn main() {
    let events = events();
    let mut book = AccountBook::new(Venue::Hyperliquid);
    let mut seen: BTreeMap<AccountName, Seen> = BTreeMap::new();
    let matched = matched(&events);
    let mut prints = BTreeMap::new();
    for event in &events {
        look(event, &matched, &mut prints, &mut seen);
        book.step(event);
    }
    let traders: Vec<Account<'_>> =
        book.accounts().filter(|account| seen.get(account.name()).is_some_and(|s| s.fills > 0)).collect();
    summary(&book, &traders, &seen);
    by_coin(&traders);
    inconsistent(&book, &traders, &seen);
}

fn events() -> Vec<Event> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/hyperliquid_2023");
    let mut events = Vec::new();
    for name in ["non_mm_ledger_updates.csv.gz", "non_mm_trades.csv.gz"] {
        let read = collect_path(&directory.join(name), &Options::default());
        events.extend(read.expect("published files are readable").1);
    }
    events.sort_by(Event::log_order);
    events
}

type Print = (Timestamp, Symbol, Price, Size);

/// Prints that one listed account bought and another sold.
fn matched(events: &[Event]) -> BTreeSet<Print> {
    let mut sides: BTreeMap<Print, BTreeSet<Taker>> = BTreeMap::new();
    for event in events {
        if let EventBody::AccountFill(fill) = &event.body {
            let print = (event.event_ts, fill.symbol.clone(), fill.price, fill.size);
            sides.entry(print).or_default().insert(fill.side);
        }
    }
    sides.into_iter().filter(|(_, sides)| sides.len() == 2).map(|(print, _)| print).collect()
}

/// The newest print of a coin and the last one of an earlier second.
struct Prints {
    at: Timestamp,
    newest: Price,
    earlier: Price,
}

fn look(
    event: &Event,
    matched: &BTreeSet<Print>,
    prints: &mut BTreeMap<Symbol, Prints>,
    seen: &mut BTreeMap<AccountName, Seen>,
) {
    match &event.body {
        EventBody::AccountTransfer(transfer) => {
            let account = seen.entry(transfer.account.clone()).or_default();
            account.deposited |= transfer.amount > Amount::ZERO;
        }
        EventBody::AccountFill(fill) => {
            let print = (event.event_ts, fill.symbol.clone(), fill.price, fill.size);
            let fresh = Prints { at: event.event_ts, newest: fill.price, earlier: fill.price };
            let known = prints.entry(fill.symbol.clone()).or_insert(fresh);
            if known.at < event.event_ts {
                (known.at, known.earlier) = (event.event_ts, known.newest);
            }
            known.newest = fill.price;
            let jump = (fill.price.to_f64() / known.earlier.to_f64() - 1.0).abs();
            let account = seen.entry(fill.account.clone()).or_default();
            account.first_is_fill |= account.fills == 0 && !account.deposited;
            account.fills += 1;
            account.taken_over += u64::from(jump > TAKEN_OVER && matched.contains(&print));
        }
        _ => {}
    }
}

fn rebuilt<'a>(account: &Account<'a>) -> &'a Reconstruction {
    match account.source() {
        AccountSource::Reconstructed(account) => account,
        AccountSource::Reported(_) => panic!("the data hold no account states"),
    }
}

fn equity(book: &AccountBook, account: &Account<'_>) -> Cash {
    rebuilt(account).equity(|symbol| book.mark(symbol).map(|mark| mark.price))
}

/// Equity is not below zero at the end and no withdrawal exceeded the equity it was taken from, each within
/// a tolerance.
fn consistent(book: &AccountBook, account: &Account<'_>, tolerance: f64) -> bool {
    equity(book, account).to_f64() >= -tolerance
        && rebuilt(account).path().largest_overdraft.to_f64() <= tolerance
}

fn tolerance(account: &Account<'_>) -> f64 {
    TOLERANCE_USD + TOLERANCE_OF_TURNOVER * rebuilt(account).traded().to_f64()
}

fn summary(book: &AccountBook, traders: &[Account<'_>], seen: &BTreeMap<AccountName, Seen>) {
    let count = |pick: &dyn Fn(&Account<'_>) -> bool| traders.iter().filter(|account| pick(account)).count();
    let lowest = |account: &Account<'_>| rebuilt(account).path().lowest;
    let below = |account: &Account<'_>| lowest(account).is_some_and(|(cash, _)| cash < Cash::ZERO);
    let sum = |of: &dyn Fn(&Reconstruction) -> Cash| -> f64 {
        book.accounts().map(|account| of(rebuilt(&account)).to_f64()).sum()
    };
    println!("| | |\n|---|---|");
    println!("| accounts, with fills | {}, {} |", book.accounts().count(), traders.len());
    println!("| fills, transfers | {}, {} |", book.counters().fills, book.counters().transfers);
    println!("| deposits less withdrawals | {:.2} |", sum(&|account| account.transferred()));
    println!("| cash, equity at the last prints | {:.2}, {:.2} |", sum(&|a| a.cash()), {
        book.accounts().map(|account| equity(book, &account).to_f64()).sum::<f64>()
    });
    println!("| end flat | {} |", count(&|account| account.is_flat()));
    println!(
        "| never below zero, never overdrawn (to the cent) | {} |",
        count(&|account| !below(account) && consistent(book, account, 0.0))
    );
    println!("| end consistent, no tolerance | {} |", count(&|account| consistent(book, account, 0.0)));
    println!(
        "| end consistent, within ${TOLERANCE_USD} and {} bp of turnover | {} |",
        TOLERANCE_OF_TURNOVER * 1e4,
        count(&|account| consistent(book, account, tolerance(account)))
    );
    println!("| equity below zero at some fill or transfer | {} |", count(&below));
    println!(
        "| … by more than the tolerance | {} |",
        count(&|account| lowest(account).is_some_and(|(cash, _)| cash.to_f64() < -tolerance(account)))
    );
    println!(
        "| traded without any deposit on record | {} |",
        count(&|account| !seen[account.name()].deposited)
    );
    if let Some((cash, at)) = traders.iter().filter_map(lowest).min() {
        println!("| lowest equity of any account | {:.2} at {at} |", cash.to_f64());
    }
    println!();
}

/// Longs and shorts differ: the market makers, who are the other side of most of them, are not in the data.
fn by_coin(traders: &[Account<'_>]) {
    let mut coins: BTreeMap<&Symbol, [i64; 2]> = BTreeMap::new();
    for (symbol, leg) in traders.iter().flat_map(|account| rebuilt(account).legs()) {
        let sums = coins.entry(symbol).or_default();
        sums[usize::from(leg.size_units < 0)] += leg.size_units.abs();
    }
    println!("| coin | longs at the end | shorts at the end |\n|---|---|---|");
    for (coin, [long, short]) in coins {
        let size = |units: i64| units as f64 / UNITS_PER_ONE as f64;
        println!("| {coin} | {} | {} |", size(long), size(short));
    }
    println!();
}

fn inconsistent(book: &AccountBook, traders: &[Account<'_>], seen: &BTreeMap<AccountName, Seen>) {
    println!("| account | equity at the end | lowest | largest overdraft | tolerance | why |");
    println!("|---|---|---|---|---|---|");
    let mut left: Vec<_> = traders.iter().filter(|a| !consistent(book, a, tolerance(a))).collect();
    left.sort_by_key(|account| equity(book, account));
    for account in left {
        let path = rebuilt(account).path();
        println!(
            "| {} | {:.2} | {:.2} | {:.2} | {:.2} | {} |",
            account.name().short(),
            equity(book, account).to_f64(),
            path.lowest.map_or(0.0, |(cash, _)| cash.to_f64()),
            path.largest_overdraft.to_f64(),
            tolerance(account),
            why(&seen[account.name()], path.overdrafts)
        );
    }
}

/// The first reason that the data show.
fn why(seen: &Seen, overdrafts: u64) -> String {
    if !seen.deposited {
        "no deposit on record: its collateral is not in the ledger".to_owned()
    } else if seen.first_is_fill {
        "traded before its first deposit on record: an earlier one is missing".to_owned()
    } else if seen.taken_over > 0 {
        format!(
            "{} fills off the market against a listed account, as when the venue takes a position over: it \
             had more than the ledger shows",
            seen.taken_over
        )
    } else if overdrafts > 0 {
        "took out more than it had: deposits (or income that no fill shows) are missing".to_owned()
    } else {
        "lost more than it had".to_owned()
    }
}
