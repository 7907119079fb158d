//! Tests of what the steps print: put into a calculator, each comes to what is written behind it.

use liqlens_margin::{MarginMode, Question};
use liqlens_market::{Instrument, Side, Timestamp};
use proptest::prelude::*;

use crate::document::{LiqPrice, OwnTermsUsed, WalletInputs};
use crate::liqprice::{HedgeLeg, LiqPriceAsk, LiqPriceError, liqprice};

/// Markets of every family of formulas, with days on either side of the changes.
const MARKETS: [(&str, MarginMode, &str); 14] = [
    ("binance:BTCUSDT", MarginMode::Isolated, "2026-09-29"),
    ("binance:BTCUSDT", MarginMode::Cross, "2021-03-20"),
    ("binance-coinm:BTCUSD_PERP", MarginMode::Isolated, "2020-08-01"),
    ("bybit:BTCUSDT", MarginMode::Isolated, "2025-12-29"),
    ("bybit:BTCUSDT", MarginMode::Isolated, "2026-06-01"),
    ("bybit:BTCUSD", MarginMode::Isolated, "2025-12-29"),
    ("bybit:BTCUSD", MarginMode::Isolated, "2026-06-01"),
    ("okx:BTC-USDT-SWAP", MarginMode::Isolated, "2026-05-28"),
    ("bitget:BTCUSDT", MarginMode::Cross, "2025-01-01"),
    ("bitget:BTCUSDT", MarginMode::Isolated, "2026-01-01"),
    ("kraken:PF_XBTUSD", MarginMode::Isolated, "2026-09-25"),
    ("kraken:PI_XBTUSD", MarginMode::Cross, "2026-09-25"),
    ("deribit:BTC-PERPETUAL", MarginMode::Cross, "2026-01-01"),
    ("hyperliquid:BTC", MarginMode::Cross, "2026-03-31"),
];

/// A position of a random size, dollars, at 65,000.
fn asked(
    market: usize,
    side: Side,
    dollars: f64,
    leverage: f64,
    added_share: f64,
    own_terms: Option<OwnTermsUsed>,
    hedge_share: Option<f64>,
) -> Result<LiqPrice, LiqPriceError> {
    let (market, mode, date) = MARKETS[market];
    let instrument = Instrument::from_market(market.parse().unwrap()).unwrap();
    let entry_price = 65_000.0;
    let size = dollars / instrument.notional(1.0, entry_price);
    let notional = liqlens_margin::notional(instrument.contract, size, entry_price);
    let question = Question {
        side,
        entry_price,
        size,
        leverage: (mode == MarginMode::Isolated).then_some(leverage),
        margin: None,
        added_margin: added_share * notional,
        mark_price: Some(64_000.0),
        fee_rate: None,
        tick: None,
    };
    let wallet = WalletInputs {
        balance: notional / leverage,
        other_maintenance: 0.01 * notional / leverage,
        other_profit: -0.02 * notional / leverage,
    };
    liqprice(&LiqPriceAsk {
        instrument: &instrument,
        mode,
        date: Timestamp::parse_text(date).unwrap(),
        question,
        wallet: (mode == MarginMode::Cross).then_some(wallet),
        own_terms,
        hedge: hedge_share.map(|share| HedgeLeg { entry_price: 66_000.0, size: size * share }),
    })
}

/// Each step, put into a calculator, comes to what is written behind it.
fn check(document: &LiqPrice) -> Result<(), TestCaseError> {
    for step in document.steps.iter().chain([&document.bankruptcy_step]) {
        let text: String = step.result.split(' ').next().unwrap_or("").replace(',', "").replace('−', "-");
        let Ok(written) = text.parse::<f64>() else { continue };
        let value = evaluate(&step.numbers);
        // Numbers carry ten digits; differences of them fewer. Prices are written to the cent.
        prop_assert!((value - written).abs() <= 1e-6 * written.abs() + 0.006, "{step:?} comes to {value}");
    }
    if let (Some(price), Some(last)) = (document.liquidation_price_exact, document.steps.last()) {
        let value = evaluate(&last.numbers);
        prop_assert!((value / price - 1.0).abs() < 1e-6, "{last:?} comes to {value}, not {price}");
    }
    Ok(())
}

proptest! {
    #[test]
    fn the_numbers_put_in_come_to_the_price(
        market in 0..MARKETS.len(),
        short in any::<bool>(),
        digits in 2.0..7.5f64,
        leverage in 1.5..120.0f64,
        added in prop_oneof![Just(0.0), -0.001..0.05f64],
        own in prop_oneof![
            3 => Just(None),
            1 => (0.002..0.2f64, 0.0..3.0f64).prop_map(|(rate, amount)| Some(OwnTermsUsed { rate, amount })),
        ],
    ) {
        let side = if short { Side::Short } else { Side::Long };
        match asked(market, side, 10_f64.powf(digits), leverage, added, own, None) {
            Ok(document) => check(&document)?,
            // The position is larger than what is known of the ladder.
            Err(LiqPriceError::Answer { .. }) => {}
            Err(error) => prop_assert!(false, "{error}"),
        }
    }

    #[test]
    fn so_do_those_of_pairs(
        short in any::<bool>(),
        digits in 2.0..6.5f64,
        leverage in 2.0..50.0f64,
        share in prop_oneof![0.1..0.9f64, 1.1..3.0f64],
    ) {
        let side = if short { Side::Short } else { Side::Long };
        if let Ok(document) = asked(1, side, 10_f64.powf(digits), leverage, 0.0, None, Some(share))
            && !document.already_past
        {
            check(&document)?;
        }
    }
}

#[test]
fn the_calculator_calculates() {
    assert_eq!(evaluate("(1·0.5·65,000 − 1,625 − 0) / (0.5·(1 − 0.5 − 0))"), 123_500.0);
    assert_eq!(evaluate("10/4·2 − (−1)·3"), 8.0);
}

/// A pocket calculator for the signs that formulas are written with.
fn evaluate(text: &str) -> f64 {
    let clean: Vec<char> = text.chars().filter(|c| !matches!(c, ' ' | ',')).collect();
    let mut at = 0;
    let value = sum(&clean, &mut at);
    assert_eq!(at, clean.len(), "{text}");
    value
}

fn sum(text: &[char], at: &mut usize) -> f64 {
    let mut value = product(text, at);
    while let Some(sign @ ('+' | '−')) = text.get(*at) {
        *at += 1;
        let next = product(text, at);
        value += if *sign == '+' { next } else { -next };
    }
    value
}

fn product(text: &[char], at: &mut usize) -> f64 {
    let mut value = factor(text, at);
    while let Some(sign @ ('·' | '/')) = text.get(*at) {
        *at += 1;
        let next = factor(text, at);
        value = if *sign == '·' { value * next } else { value / next };
    }
    value
}

fn factor(text: &[char], at: &mut usize) -> f64 {
    match text.get(*at) {
        Some('−') => {
            *at += 1;
            -factor(text, at)
        }
        Some('(') => {
            *at += 1;
            let value = sum(text, at);
            assert_eq!(text.get(*at), Some(&')'));
            *at += 1;
            value
        }
        _ => {
            let start = *at;
            while text.get(*at).is_some_and(|c| c.is_ascii_digit() || *c == '.') {
                *at += 1;
            }
            text[start..*at].iter().collect::<String>().parse().unwrap()
        }
    }
}
