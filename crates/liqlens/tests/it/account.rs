//! `liqlens account`: a recorded account as its venue and as a joint move see it.

use crate::context::{TestContext, VAULT};

fn imported() -> TestContext {
    let context = TestContext::new();
    std::fs::write(context.path("vault_2026-01-14.json"), VAULT).unwrap();
    context.words("import vault_2026-01-14.json --data d").ok();
    context
}

#[test]
fn every_price_is_the_venues_own() {
    let account = imported().json("account hyperliquid vault --data d");
    let positions = account["positions"].as_array().unwrap();
    // The recorded answer lists 16 positions, ten of them with a liquidation price.
    assert_eq!(positions.len(), 16);
    let mut compared = 0;
    for position in positions {
        let (ours, venues) = (&position["liquidation_price"], &position["venue_liquidation_price"]);
        assert_eq!(ours.is_null(), venues.is_null(), "{position}");
        if let Some(difference) = position["difference"].as_f64() {
            assert!(difference.abs() < 1e-6, "{position}");
            compared += 1;
        }
    }
    assert_eq!(compared, 10);
    // The venue's own total is within a cent of the sum of ours.
    assert_eq!(account["maintenance_usd"], account["venue_maintenance_usd"]);
}

/// With one coin moving alone, the joint rise is the distance to the price that the venue prints for it.
#[test]
fn one_coin_alone_moves_to_its_own_price() {
    let context = imported();
    let account = context.json("account hyperliquid vault --beta HYPE=1 --others 0 --data d");
    let position = account["positions"].as_array().unwrap().iter().find(|p| p["symbol"] == "HYPE").unwrap();
    let number = |name: &str| position[name].as_str().unwrap().parse::<f64>().unwrap();
    let expected = 100.0 * (number("venue_liquidation_price") / number("mark_price") - 1.0);
    let rise = account["joint"]["rise_pct"].as_f64().unwrap();
    assert!((rise - expected).abs() < 0.01, "{rise} {expected}");
    assert!(account["joint"]["fall_pct"].is_null());

    let text = context.text("account hyperliquid vault --data d");
    assert!(text.contains("Coins moving together") && text.contains("liquidated by a rise of"), "{text}");
}

#[test]
fn names_and_betas_that_mean_nothing_are_refused() {
    let context = imported();
    let run = context.words("account hyperliquid nobody --data d");
    assert_eq!(run.code, 3, "{}", run.stderr);
    let run = context.words("account dydx vault --data d");
    assert_eq!(run.code, 3, "{}", run.stderr);
    for beta in ["BTC", "BTC=much", "BTC=1e9"] {
        let run = context.words(&format!("account hyperliquid vault --beta {beta} --data d"));
        assert_eq!(run.code, 2, "{}", run.stderr);
    }
}
