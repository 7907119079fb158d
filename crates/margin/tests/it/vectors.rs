//! The published and recorded numbers, each within its own tolerance.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use liqlens_margin::{Proof, Rounding, all_rules, bankruptcy_price};
use liqlens_market::Side;

use crate::page;
use crate::published::{Schedule, printed, printed_unverified, unverified, vectors};

#[test]
fn the_solver_reproduces_every_vector() {
    let vectors = vectors();
    assert_eq!(vectors.len(), 40);
    println!("{}", printed());
    let off: Vec<_> = vectors
        .iter()
        .map(|vector| (&vector.id, vector.ours().unwrap_or(f64::NAN), vector.expected, vector.tolerance))
        .filter(|(_, ours, expected, tolerance)| {
            (ours - expected).abs().partial_cmp(tolerance).is_none_or(Ordering::is_gt)
        })
        .collect();
    assert!(off.is_empty(), "(id, ours, expected, tolerance): {off:?}");
}

/// Rules, schedules, fees, rounding and tier search instead of the bare equation.
#[test]
fn the_rules_of_the_day_reproduce_them_too() {
    let mut by = [BTreeSet::new(), BTreeSet::new(), BTreeSet::new()];
    for vector in vectors() {
        let Some((answer, schedule)) = vector.answer() else {
            by[2].insert(vector.id);
            continue;
        };
        let price = answer.printed_price.unwrap();
        // Where rounding is the venue's, it is the same tick.
        let rounds = vector.rules().rounding != Rounding::None;
        let allowed = vector.tick().filter(|_| rounds).map_or(vector.tolerance, |tick| tick / 2.0);
        assert!((price - vector.expected).abs() <= allowed, "{}: {price}", vector.id);
        by[usize::from(schedule == Schedule::Stated)].insert(vector.id);
    }
    println!("shipped tiers: {:?}\nstated rate: {:?}\nnot enough fields: {:?}", by[0], by[1], by[2]);
    assert_eq!((by[0].len(), by[1].len()), (15, 20));
    // Amounts of ladders that are not known below them, and a maintenance stated whole.
    let lacking = [
        "bn-cm-cross-btc-long-100k",
        "bn-um-cross-eth-long",
        "bn-um-iso-eth-long",
        "kucoin-lin-iso-a",
        "kucoin-lin-iso-b",
    ];
    assert_eq!(by[2], lacking.map(str::to_owned).into());
}

#[test]
fn bankruptcy_prices_reproduce_where_they_are_stated() {
    let mut checked = 0;
    for vector in vectors() {
        let Some(expected) = vector.bankruptcy() else { continue };
        let put = vector.put();
        let price = bankruptcy_price(&put.position, put.contract).unwrap();
        // Bybit rounds these up to the tick as well; Kraken's page prints whole dollars.
        let allowed = vector.tick().unwrap_or(vector.tolerance);
        assert!((price - expected).abs() <= allowed, "{}: {price}, stated {expected}", vector.id);
        assert!(vector.side() == Side::Short || price < vector.expected, "{}", vector.id);
        checked += 1;
    }
    assert_eq!(checked, 4);
}

/// What a rule claims as its proof exists, is of its venue, contract and mode, and lies in its period; and
/// no number is left without a rule that answers for it.
#[test]
fn proofs_name_vectors_that_prove_them() {
    let vectors = vectors();
    let mut named = BTreeSet::new();
    for rule in all_rules() {
        let Proof::Vectors(ids) = rule.proof else { continue };
        assert!(!ids.is_empty(), "{rule:?}");
        for id in ids {
            let vector = vectors.iter().find(|vector| vector.id == *id);
            let vector = vector.unwrap_or_else(|| panic!("{}: no vector {id}", rule.venue));
            assert_eq!(vector.rules(), rule, "{id}");
            named.insert(id.to_owned());
        }
    }
    let all: BTreeSet<&str> = vectors.iter().map(|vector| vector.id.as_str()).collect();
    assert_eq!(named, all);
}

/// Listed for readers. Only that the list is whole is asserted, not the numbers: that is why they are here.
#[test]
fn the_unverified_are_listed() {
    let text = printed_unverified();
    println!("{text}");
    assert_eq!(text.lines().count(), 2 + 10);
    let without: Vec<_> = ["bybit-2026-mark-based", "deribit-example", "htx-v5-cross"]
        .into_iter()
        .filter(|id| unverified(id).is_empty())
        .collect();
    assert_eq!(without, ["deribit-example", "htx-v5-cross"], "inputs are missing");
}

/// `cargo run -p liqlens-margin --example vectors page` prints the page as it should be.
#[test]
fn the_page_shows_the_tables_of_today() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/liquidation_prices.md");
    let written = std::fs::read_to_string(path).unwrap();
    assert!(page::filled(&written) == written, "docs/liquidation_prices.md is stale");
}
