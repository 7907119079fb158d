//! Recorded accounts: the venue's liquidation prices come out of the venue's own totals.

use liqlens_margin::{Outcome, value_account};
use liqlens_market::{
    AccountMode, AccountName, AccountPosition, AccountState, Amount, Backing, Price, Side, Size, Symbol,
    Venue,
};

use crate::published::vectors;
use crate::recorded::{EXACT, compare, printed, records, with_implied_equity};

#[test]
fn recorded_accounts_come_out_as_the_venue_prints_them() {
    println!("{}", printed());
    let (mut priced, mut none, mut lacking) = (0, 0, 0);
    for record in records() {
        if record.lacks.is_some() {
            lacking += 1;
            continue;
        }
        for one in compare(&record) {
            let context =
                format!("{} {}: ours {:?}, theirs {:?}", record.name, one.symbol, one.ours, one.theirs);
            if let Some(difference) = one.difference() {
                assert!(difference < EXACT, "{context}");
                priced += 1;
            } else {
                // A position that no price liquidates is one on both sides or on neither.
                assert!(one.ours.is_none() && one.theirs.is_none(), "{context}");
                none += 1;
            }
        }
    }
    println!("{priced} prices, {none} positions without one; {lacking} records lack something");
    // As many as the files hold.
    assert_eq!((priced, none, lacking), (100, 51, 6));
}

/// Accounts whose collateral is not all in the record miss, and by one number: with the equity that the
/// first position implies, every other position agrees.
#[test]
fn what_is_missing_from_a_record_is_one_number() {
    let mut checked = Vec::new();
    for record in records().into_iter().filter(|record| record.lacks.is_some()) {
        let misses = compare(&record)
            .iter()
            .filter(|one| one.ours.is_some() != one.theirs.is_some() || one.difference() > Some(EXACT))
            .count();
        assert!(misses > 0, "{} does not lack anything", record.name);
        let Some(implied) = with_implied_equity(&record) else { continue };
        let compared = compare(&implied);
        for one in &compared {
            let agrees = match one.difference() {
                Some(difference) => difference < EXACT,
                None => one.ours.is_none() && one.theirs.is_none(),
            };
            assert!(agrees, "{} {one:?}", record.name);
        }
        checked.push((record.name, misses, compared.len()));
    }
    println!("(record, misses as recorded, positions that agree): {checked:?}");
}

/// The unified account of the published numbers, whole: spot balance for equity, three shorts.
#[test]
fn the_unified_account_comes_out_of_its_spot_balance() {
    let vectors = vectors();
    let account: Vec<_> = vectors.iter().filter(|vector| vector.id.starts_with("hl-unified-")).collect();
    assert_eq!(account.len(), 3);
    let positions = account
        .iter()
        .zip([("BTC", 40), ("ETH", 25), ("NEAR", 10)])
        .map(|(vector, (coin, max_leverage))| AccountPosition {
            symbol: Symbol::new(coin).unwrap(),
            side: Side::Short,
            size: Size::from_f64(vector.put().position.size).unwrap(),
            entry_price: None,
            mark_price: Price::from_f64(vector.put().position.entry_price).unwrap(),
            backing: Backing::Cross,
            max_leverage: Some(max_leverage),
            liquidation_price: None,
        })
        .collect();
    let state = AccountState {
        account: AccountName::new("recorded").unwrap(),
        mode: AccountMode::Unified,
        cross_equity: Amount::from_f64(1_279_260.799_878_58).unwrap(),
        cross_maintenance: None,
        positions,
    };
    let valued = value_account(Venue::Hyperliquid, &state, account[0].day());
    // The venue's own total of the record.
    assert!((valued.cross_maintenance.unwrap() - 44_258.806_876).abs() < 1e-6, "{valued:?}");
    for (vector, position) in account.iter().zip(&valued.positions) {
        let Outcome::Priced(price) = position.outcome else { panic!("{}: {position:?}", vector.id) };
        assert!((price - vector.expected).abs() <= vector.tolerance, "{}: {price}", vector.id);
    }
}
