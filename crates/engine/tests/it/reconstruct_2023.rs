//! The published accounts of Hyperliquid's first months, rebuilt. Every expected figure was computed from
//! the same two files by a plain program with exact decimals.

use std::path::Path;

use liqlens_engine::{Account, AccountBook, AccountSource, Cash, Reconstruction};
use liqlens_files::{Options, collect_path};
use liqlens_market::{AccountName, Amount, Event, EventBody, Price, Size, Symbol, Taker, Venue};

fn events() -> Vec<Event> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/hyperliquid_2023");
    let mut events = Vec::new();
    for name in ["non_mm_ledger_updates.csv.gz", "non_mm_trades.csv.gz"] {
        events.extend(collect_path(&directory.join(name), &Options::default()).unwrap().1);
    }
    events.sort_by(Event::log_order);
    events
}

fn book(events: &[Event]) -> AccountBook {
    let mut book = AccountBook::new(Venue::Hyperliquid);
    for event in events {
        book.step(event);
    }
    book
}

fn rebuilt<'a>(account: &Account<'a>) -> &'a Reconstruction {
    match account.source() {
        AccountSource::Reconstructed(account) => account,
        AccountSource::Reported(state) => panic!("{state:?}"),
    }
}

fn cash(text: &str) -> Cash {
    Cash::from_amount(Amount::parse(text.as_bytes()).unwrap())
}

fn units(text: &str) -> i64 {
    let size = Size::parse(text.trim_start_matches('-').as_bytes()).unwrap().units();
    if text.starts_with('-') { -size } else { size }
}

fn equity(book: &AccountBook, account: &Account<'_>) -> Cash {
    rebuilt(account).equity(|symbol| book.mark(symbol).map(|mark| mark.price))
}

#[test]
fn every_account_is_there_and_nothing_is_lost() {
    let events = events();
    let book = book(&events);
    let counters = book.counters();
    assert_eq!((counters.fills, counters.transfers, counters.refused), (35_691, 560, 0));
    let all: Vec<_> = book.accounts().collect();
    assert_eq!(all.len(), 287);
    let traders: Vec<_> = all.iter().filter(|account| rebuilt(account).fills() > 0).collect();
    assert_eq!(traders.len(), 254);
    assert_eq!(traders.iter().filter(|account| account.is_flat()).count(), 176);

    // Σ transfers + Σ cash flows of fills = Σ cash, by account and in all.
    let (mut moved, mut traded) = (0_i128, 0_i128);
    for event in &events {
        match &event.body {
            EventBody::AccountTransfer(transfer) => moved += Cash::from_amount(transfer.amount).units(),
            EventBody::AccountFill(fill) => {
                let value = i128::from(fill.price.units()) * i128::from(fill.size.units());
                traded += if fill.side == Taker::Buy { -value } else { value };
            }
            other => panic!("{other:?}"),
        }
    }
    let sum: i128 = all.iter().map(|account| rebuilt(account).cash().units()).sum();
    assert_eq!(sum, moved + traded);
    assert_eq!(moved, cash("193683.656711").units());
    assert_eq!(traded, cash("-104971.479925").units());
    let transferred: i128 = all.iter().map(|account| rebuilt(account).transferred().units()).sum();
    assert_eq!(transferred, moved);
    let worth: i128 = all.iter().map(|account| equity(&book, account).units()).sum();
    assert_eq!(worth, cash("161827.827891").units());
}

#[test]
fn accounts_end_with_the_positions_and_cash_of_their_fills() {
    let book = book(&events());
    for (name, positions, held, fills) in [
        (
            "0x63c621a33714ec48660e32f2374895c8026a3a00",
            &[("MATIC", "-6.8"), ("DYDX", "-1.3")][..],
            "3036.078883",
            545,
        ),
        (
            "0x069cb0aeab4abd5eab8e7bed1a128db31f64b116",
            &[("BTC", "0.05064"), ("ATOM", "150.68")],
            "-2728.610494",
            163,
        ),
        (
            "0xc0a32e6f3914d13dfa99460e80fa3b0fc03755f0",
            &[
                ("AVAX", "3.3"),
                ("ATOM", "5.11"),
                ("DYDX", "23.2"),
                ("SOL", "2.59"),
                ("OP", "25.5"),
                ("ARB", "42.1"),
            ],
            "-220.091783",
            8,
        ),
        ("0x0811d5442a311bc591fe663534d548bf1c09d7de", &[], "-1485.554472", 187),
    ] {
        let account = book.account(&AccountName::new(name).unwrap()).unwrap();
        let rebuilt = rebuilt(&account);
        assert_eq!((rebuilt.cash(), rebuilt.fills()), (cash(held), fills), "{name}");
        let open: Vec<_> = rebuilt.legs().iter().filter(|(_, leg)| leg.size_units != 0).collect();
        assert_eq!(open.len(), positions.len(), "{name}");
        for (coin, size) in positions {
            assert_eq!(rebuilt.legs()[&Symbol::new(coin).unwrap()].size_units, units(size), "{name} {coin}");
        }
    }
}

#[test]
fn the_equity_path_finds_the_accounts_whose_ledger_is_not_whole() {
    let book = book(&events());
    let traders: Vec<_> = book.accounts().filter(|account| rebuilt(account).fills() > 0).collect();
    let count = |pick: &dyn Fn(&Account<'_>) -> bool| traders.iter().filter(|account| pick(account)).count();
    let ends_below = |account: &Account<'_>| equity(&book, account) < Cash::ZERO;
    let overdrawn = |account: &Account<'_>| rebuilt(account).path().overdrafts > 0;
    assert_eq!(count(&ends_below), 22);
    assert_eq!(count(&overdrawn), 15);
    assert_eq!(count(&|account| !ends_below(account) && !overdrawn(account)), 230);
    assert_eq!(count(&|account| rebuilt(account).path().times_below_zero > 0), 30);
    let (lowest, at) = traders.iter().filter_map(|account| rebuilt(account).path().lowest).min().unwrap();
    assert_eq!((lowest, at.to_string().as_str()), (cash("-1485.554472"), "2023-05-01T12:46:46Z"));
    let withdrew = book.account(&AccountName::new("0x3b6996b7aa8371b0301167eefca33efca13307d6").unwrap());
    let path = *rebuilt(&withdrew.unwrap()).path();
    assert_eq!((path.overdrafts, path.largest_overdraft), (5, cash("175.24433")));
}

/// The order of the log among facts of one second is fixed, so the order of the files does not matter.
#[test]
fn the_order_of_arrival_does_not_matter() {
    let mut events = events();
    let first = book(&events).snapshot().unwrap();
    events.reverse();
    events.sort_by(Event::log_order);
    assert!(book(&events).snapshot().unwrap() == first);
    let mark = book(&events).mark(&Symbol::new("BTC").unwrap()).unwrap();
    assert!(mark.price > Price::parse(b"20000").unwrap());
}
