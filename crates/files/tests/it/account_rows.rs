//! The published accounts of 2023: unchanged, complete, and read as they are. Totals were taken from the files
//! with another program's exact decimals.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use liqlens_files::{Format, Options, Reason, Report, collect_path};
use liqlens_market::{
    AccountFill, AccountTransfer, Amount, Event, EventBody, NumberError, Price, Size, Taker,
};
use sha2::{Digest, Sha256};

use crate::{at, read};

const SHA256SUMS: &str = include_str!("../../../../data/SHA256SUMS");
const README: &str = include_str!("../../../../data/README.md");

fn published(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/hyperliquid_2023").join(name)
}

fn collect(name: &str) -> (Report, Vec<Event>) {
    let (report, events) = collect_path(&published(name), &Options::default()).unwrap();
    assert_eq!(report.market.to_string(), "hyperliquid:_accounts");
    assert_eq!((report.rejected_rows(), report.skipped.total(), report.out_of_order), (0, 0, 0), "{report}");
    assert_eq!(report.events, report.rows);
    (report, events)
}

#[test]
fn files_are_byte_for_byte_the_listed_ones() {
    for name in ["non_mm_ledger_updates.csv.gz", "non_mm_trades.csv.gz"] {
        let mut line = String::new();
        for byte in Sha256::digest(std::fs::read(published(name)).unwrap()) {
            write!(line, "{byte:02x}").unwrap();
        }
        write!(line, "  hyperliquid_2023/{name}").unwrap();
        for list in [SHA256SUMS, README] {
            assert!(list.lines().any(|listed| listed == line), "{line}");
        }
    }
}

#[test]
fn every_fill_is_read_with_its_account() {
    let (report, events) = collect("non_mm_trades.csv.gz");
    assert_eq!((report.format, report.rows, report.accounts), (Format::AccountFills, 35_691, 254));
    assert_eq!(report.first_ts, at("2023-02-27T15:02:26Z"));
    assert_eq!(report.last_ts, at("2023-05-02T13:51:58Z"));
    let fills: Vec<&AccountFill> = events
        .iter()
        .map(|event| match &event.body {
            EventBody::AccountFill(fill) => &**fill,
            other => panic!("{other:?}"),
        })
        .collect();
    let first = fills[0];
    assert_eq!(first.account.as_str(), "0x3b6996b7aa8371b0301167eefca33efca13307d6");
    assert_eq!((first.symbol.as_str(), first.side, first.crossed), ("ETH", Taker::Sell, true));
    assert_eq!(first.price, Price::parse(b"1655.5").unwrap());
    assert_eq!(first.size, Size::parse(b"0.0452").unwrap());
    let count = |side, crossed| fills.iter().filter(|f| f.side == side && f.crossed == crossed).count();
    assert_eq!([count(Taker::Buy, false), count(Taker::Sell, false)], [11_717, 10_864]);
    assert_eq!([count(Taker::Buy, true), count(Taker::Sell, true)], [6_227, 6_883]);
    let eth = fills.iter().filter(|fill| fill.symbol.as_str() == "ETH");
    let bought: i64 = eth
        .map(|fill| match fill.side {
            Taker::Buy => fill.size.units(),
            Taker::Sell => -fill.size.units(),
        })
        .sum();
    assert_eq!(bought, 4_082_740_000, "40.8274 ETH in all");
    // Equal rows are separate fills: 831 of them are there 1,779 times.
    let mut copies: BTreeMap<String, u64> = BTreeMap::new();
    for event in &events {
        *copies.entry(format!("{event:?}")).or_default() += 1;
    }
    let repeated: Vec<u64> = copies.into_values().filter(|copies| *copies > 1).collect();
    assert_eq!((repeated.len(), repeated.iter().sum::<u64>()), (831, 831 + 948));
}

#[test]
fn every_transfer_is_read_with_its_sign() {
    let (report, events) = collect("non_mm_ledger_updates.csv.gz");
    assert_eq!((report.format, report.rows, report.accounts), (Format::AccountLedger, 560, 278));
    let transfers: Vec<&AccountTransfer> = events
        .iter()
        .map(|event| match &event.body {
            EventBody::AccountTransfer(transfer) => &**transfer,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(transfers[0].amount, Amount::parse(b"4").unwrap());
    assert_eq!(transfers.iter().filter(|transfer| transfer.amount < Amount::ZERO).count(), 131);
    let total: i64 = transfers.iter().map(|transfer| transfer.amount.units()).sum();
    assert_eq!(Amount::from_units(total).to_string(), "193683.656711");
}

#[test]
fn rows_that_are_none() {
    let good = "2023-02-27T15:02:26Z,0x3b69,ETH,Ask,1655.5,0.0452,true";
    for (from, to, column, reason) in [
        ("Ask", "Short", "side", Reason::NotASide),
        ("true", "yes", "crossed", Reason::NotAFlag),
        ("0.0452", "0", "sz", Reason::Number(NumberError::Zero)),
        ("1655.5", "-1", "px", Reason::Number(NumberError::Negative)),
        ("ETH", "E/H", "coin", Reason::NotASymbol),
        ("0x3b69", "", "user", Reason::AccountName(liqlens_market::AccountNameError)),
        ("26Z", "26", "time", Reason::Time(liqlens_market::TimeError::NotATime)),
    ] {
        let text = format!("time,user,coin,side,px,sz,crossed\n{good}\n{}\n{good}\n", good.replace(from, to));
        let (report, events) = read("fills.csv", text).unwrap();
        let kind = &report.rejected[0];
        assert_eq!((events.len(), kind.samples[0].line, kind.column, kind.reason), (2, 3, column, reason));
    }
    let text = "time,user,delta_usd\n2023-02-26T16:44:05Z,a,4\n2023-02-26T16:44:05Z,a,--4\n";
    let (report, _) = read("ledger.csv", text).unwrap();
    assert_eq!(report.rejected[0].column, "delta_usd");
}
