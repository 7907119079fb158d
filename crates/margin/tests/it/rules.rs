//! Venues' rules on dates, put to hand-calculated positions: what a number published for another rule does
//! not reach.

use liqlens_margin::{
    Answer, AnswerError, Assumed, ContractKind, DatedTable, MarginMode, MissingRules, Question, all_rules,
    rules, table,
};
use liqlens_market::{Contract, MarginTable, MarketId, Side, Timestamp, Venue};

const LONG: Question = Question {
    side: Side::Long,
    entry_price: 0.0,
    size: 1.0,
    leverage: None,
    margin: None,
    added_margin: 0.0,
    mark_price: None,
    fee_rate: None,
    tick: None,
};
const ONE_USD: Contract = Contract::Inverse { contract_value: 1.0 };

fn day(text: &str) -> Timestamp {
    Timestamp::parse_text(text).unwrap()
}

/// A schedule of one rate.
fn flat(rate: f64) -> DatedTable {
    let mut dated = shipped("binance:BTCUSDT", "2026-09-29").clone();
    dated.table = MarginTable::flat(rate, 1.0).unwrap();
    dated
}

fn shipped(market: &str, date: &str) -> &'static DatedTable {
    table(&market.parse::<MarketId>().unwrap(), day(date)).unwrap()
}

fn ask(
    venue: Venue,
    mode: MarginMode,
    date: &str,
    contract: Contract,
    dated: &DatedTable,
    question: &Question,
) -> Answer {
    let rules = rules(venue, ContractKind::from(contract), mode, day(date)).unwrap();
    rules.answer(contract, dated, question).unwrap()
}

#[track_caller]
fn assert_price(answer: &Answer, expected: f64) {
    let price = answer.liquidation.unwrap().price;
    assert!((price / expected - 1.0).abs() < 1e-9, "{price}, expected {expected}");
}

/// The pages of the two changes name the day from which the new rule holds.
#[test]
fn rules_change_on_their_day() {
    use liqlens_margin::{InitialMargin, Valued};
    let on = |venue, kind, mode, date| rules(venue, kind, mode, day(date)).unwrap();
    for kind in [ContractKind::Linear, ContractKind::Inverse] {
        for mode in [MarginMode::Isolated, MarginMode::Cross] {
            assert_eq!(on(Venue::Bybit, kind, mode, "2026-05-26").valued, Valued::AtEntry);
            assert_eq!(on(Venue::Bybit, kind, mode, "2026-05-27").valued, Valued::AtLiquidation);
        }
    }
    let bitget = |mode, date| on(Venue::Bitget, ContractKind::Linear, mode, date);
    assert_eq!(bitget(MarginMode::Isolated, "2025-09-28").initial_margin, InitialMargin::AtEntry);
    assert_eq!(bitget(MarginMode::Isolated, "2025-09-29").initial_margin, InitialMargin::AtMark);
    assert_eq!(bitget(MarginMode::Cross, "2025-09-28").valued, Valued::AtMark);
    assert_eq!(bitget(MarginMode::Cross, "2025-09-29").valued, Valued::AtLiquidation);
    let hyperliquid = |date| on(Venue::Hyperliquid, ContractKind::Linear, MarginMode::Cross, date).valued;
    assert_eq!(hyperliquid("2023-03-27"), Valued::AtMark);
    assert_eq!(hyperliquid("2024-02-22"), Valued::AtLiquidation);

    let bitmex = |date| rules(Venue::Bitmex, ContractKind::Linear, MarginMode::Cross, day(date));
    assert!(bitmex("2026-09-22").is_ok());
    assert_eq!(
        bitmex("2026-09-23").unwrap_err(),
        MissingRules::Closed { venue: Venue::Bitmex, closed: "2026-09-23" }
    );
    let deribit = rules(Venue::Deribit, ContractKind::Inverse, MarginMode::Isolated, day("2026-01-01"));
    assert_eq!(
        deribit.unwrap_err().to_string(),
        "no isolated margin rule is known for inverse contracts on deribit"
    );
}

/// Periods of one venue, contract and mode follow each other without gap or overlap.
#[test]
fn periods_neither_overlap_nor_leave_gaps() {
    for rule in all_rules() {
        let same = all_rules().filter(|other| {
            (other.venue, other.contract, other.mode) == (rule.venue, rule.contract, rule.mode)
        });
        let next: Vec<_> = same.filter(|other| other.from > rule.from).collect();
        match (rule.until, next.iter().map(|other| other.from).min()) {
            (until, Some(from)) => assert_eq!(until, from, "{rule:?}"),
            (until, None) => assert!(until.is_empty() || rule.venue == Venue::Bitmex, "{rule:?}"),
        }
    }
}

/// The revision of 2026-05-27 written out, with margin added, on both sides:
/// `S·(1 ± m) / (S/E ± S/(E·L) ± extra/(1 ± t))`; the linear forms by analogy.
#[test]
fn bybit_since_2026_values_maintenance_at_the_price() {
    let (entry_price, leverage, m, t) = (50_000.0, 10.0, 0.005, 0.000_55);
    let on = |contract, question: Question| {
        ask(Venue::Bybit, MarginMode::Isolated, "2026-06-01", contract, &flat(m), &question)
    };
    let size = 10_000.0;
    let inverse = Question { entry_price, size, leverage: Some(leverage), added_margin: 0.01, ..LONG };
    let answer = on(ONE_USD, inverse);
    assert_price(&answer, size * (1.0 + m) / (0.2 + 0.02 + 0.01 / (1.0 + t)));
    assert_eq!(answer.assumed, [Assumed::FeeRate(t)]);
    let answer = on(ONE_USD, Question { side: Side::Short, ..inverse });
    assert_price(&answer, size * (1.0 - m) / (0.2 - 0.02 - 0.01 / (1.0 - t)));

    let linear = Question { entry_price, size: 2.0, leverage: Some(leverage), added_margin: 500.0, ..LONG };
    let answer = on(Contract::Linear, linear);
    assert_price(&answer, (100_000.0 - 10_000.0 - 500.0 / (1.0 - t)) / (2.0 * (1.0 - m)));
    let answer = on(Contract::Linear, Question { side: Side::Short, ..linear });
    assert_price(&answer, (100_000.0 + 10_000.0 + 500.0 / (1.0 + t)) / (2.0 * (1.0 + m)));

    // The recorded position of 2023 (ETHUSD, 200 USD from 1,812.70) would stand at 1,551.87, and be shown at
    // the next tick above.
    let recorded = Question {
        entry_price: 1_812.700_048_44,
        size: 200.0,
        margin: Some(0.019_188_397_371_576_894),
        tick: Some(0.05),
        ..LONG
    };
    let answer = on(ONE_USD, recorded);
    assert!((answer.liquidation.unwrap().price - 1_551.87).abs() < 0.005, "{answer:?}");
    assert!((answer.printed_price.unwrap() - 1_551.9).abs() < 1e-9, "{answer:?}");
    // Shorts are shown as they are.
    let answer = on(ONE_USD, Question { side: Side::Short, ..recorded });
    assert_eq!(answer.printed_price, answer.liquidation.map(|found| found.price));
}

/// A long of 1 from 60,000 at 20×, the mark at 66,000, 0.4 % and 0.06 %: margin 3,000 before the change and
/// 3,300 since.
#[test]
fn bitget_counts_initial_margin_on_the_mark_since_2025_09_29() {
    let question =
        Question { entry_price: 60_000.0, leverage: Some(20.0), mark_price: Some(66_000.0), ..LONG };
    let on = |date| ask(Venue::Bitget, MarginMode::Isolated, date, Contract::Linear, &flat(0.004), &question);
    assert_price(&on("2025-09-28"), 57_000.0 / 0.9954);
    assert_price(&on("2025-09-29"), 56_700.0 / 0.9954);
    assert_eq!(on("2025-09-29").assumed, [Assumed::FeeRate(0.000_6)]);
    let blind = Question { mark_price: None, fee_rate: Some(0.0), ..question };
    let answer =
        ask(Venue::Bitget, MarginMode::Isolated, "2026-01-01", Contract::Linear, &flat(0.004), &blind);
    assert_eq!(answer.assumed, [Assumed::MarkAtEntry]);
    assert_price(&answer, 57_000.0 / 0.996);
}

#[test]
fn fees_and_frozen_maintenance_where_the_venue_has_them() {
    let at = |entry_price, leverage| Question { entry_price, leverage: Some(leverage), ..LONG };
    // KuCoin: frozen at entry, the fee reserved at the closing price.
    let kucoin = ask(
        Venue::Kucoin,
        MarginMode::Isolated,
        "2025-01-01",
        Contract::Linear,
        &flat(0.01),
        &at(100.0, 10.0),
    );
    assert_price(&kucoin, (100.0 - 10.0 + 1.0) / 0.9994);
    // Kraken's linear contracts: 1 % of the entry value.
    let kraken = ask(
        Venue::Kraken,
        MarginMode::Isolated,
        "2026-10-01",
        Contract::Linear,
        &flat(0.01),
        &at(60_000.0, 10.0),
    );
    assert_price(&kraken, 54_600.0);
    // BitMEX's inverse contracts: 10,000 USD from 10,000 with 0.1 XBT, 0.5 %, closing fee 0.075 %.
    let question = Question { entry_price: 10_000.0, size: 10_000.0, margin: Some(0.1), ..LONG };
    let bitmex = ask(Venue::Bitmex, MarginMode::Isolated, "2020-03-01", ONE_USD, &flat(0.005), &question);
    assert_price(&bitmex, 10_007.5 / (1.0 + 0.1 - 0.005));
    // OKX and Gate add the fee to the rate, Binance does not.
    for (venue, rate) in [(Venue::Okx, 0.0105), (Venue::Gate, 0.010_75), (Venue::BinanceUsdm, 0.01)] {
        let answer = ask(
            venue,
            MarginMode::Isolated,
            "2026-10-01",
            Contract::Linear,
            &flat(0.01),
            &at(60_000.0, 10.0),
        );
        assert_price(&answer, 54_000.0 / (1.0 - rate));
        // What is used up entirely has neither rate nor fee in it.
        assert!((answer.bankruptcy_price.unwrap() - 54_000.0).abs() < 1e-9);
    }
}

/// Deribit's ramp: 10,000,000 USD short from 50,000 with 20 BTC, and 100 BTC long, linear.
#[test]
fn deribit_rates_grow_with_the_position() {
    let dated = shipped("deribit:BTC-PERPETUAL", "2026-10-01");
    let short =
        Question { side: Side::Short, entry_price: 50_000.0, size: 1_000_000.0, margin: Some(20.0), ..LONG };
    let contract = Contract::Inverse { contract_value: 10.0 };
    let answer = ask(Venue::Deribit, MarginMode::Cross, "2026-10-01", contract, dated, &short);
    // 0.00005·y² − 0.99·y + 180 = 0: y = (0.99 − √(0.9801 − 0.036)) / 0.0001.
    let coins = (0.99 - (0.9801_f64 - 0.036).sqrt()) / 0.000_1;
    assert_price(&answer, 10_000_000.0 / coins);
    assert!((answer.terms.unwrap().rate - (0.01 + 0.000_05 * coins)).abs() < 1e-12, "{answer:?}");

    let long = Question { entry_price: 60_000.0, size: 100.0, margin: Some(1e6), ..LONG };
    let answer = ask(Venue::Deribit, MarginMode::Cross, "2026-10-01", Contract::Linear, dated, &long);
    assert_price(&answer, 5_000_000.0 / (100.0 * 0.985));
    assert!((answer.terms.unwrap().rate - 0.015).abs() < 1e-12);
}

#[test]
fn what_cannot_be_answered_is_an_error() {
    let binance = |question: Question| {
        let rules = rules(Venue::BinanceUsdm, ContractKind::Linear, MarginMode::Cross, day("2026-10-01"));
        rules.unwrap().answer(Contract::Linear, shipped("binance:BTCUSDT", "2026-10-01"), &question)
    };
    let question = Question { entry_price: 60_000.0, margin: Some(100.0), ..LONG };
    assert!(binance(question).is_ok());
    assert_eq!(binance(Question { margin: None, ..question }), Err(AnswerError::NoMargin));
    assert_eq!(
        binance(Question { margin: None, leverage: Some(10.0), ..question }),
        Err(AnswerError::NoMargin),
        "a cross position's leverage does not say what backs it"
    );
    for bad in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        for broken in [
            Question { entry_price: bad, ..question },
            Question { size: bad, ..question },
            Question { leverage: Some(bad), ..question },
            Question { mark_price: Some(bad), ..question },
            Question { tick: Some(bad), ..question },
        ] {
            assert!(matches!(binance(broken), Err(AnswerError::NotPositive(_))), "{broken:?}");
        }
    }
    // Cross margin may be negative, when others have lost it.
    assert!(binance(Question { margin: Some(-10.0), ..question }).is_ok());
    assert!(binance(Question { margin: Some(f64::NAN), ..question }).is_err());

    let htx = rules(Venue::Htx, ContractKind::Linear, MarginMode::Isolated, day("2021-06-01")).unwrap();
    assert_eq!(htx.answer(Contract::Linear, &flat(0.015), &question).unwrap_err(), AnswerError::NoLeverage);

    // Of Bybit's ladder of 2026 the first 2,000,000 are known; 100 BTC at 60,000 are 6,000,000 at entry and
    // 5,426,300 or so where they would die.
    let bybit = rules(Venue::Bybit, ContractKind::Linear, MarginMode::Isolated, day("2026-10-01")).unwrap();
    let large = Question { entry_price: 60_000.0, size: 100.0, leverage: Some(10.0), ..LONG };
    let answer = bybit.answer(Contract::Linear, shipped("bybit:BTCUSDT", "2026-10-01"), &large);
    let Err(AnswerError::BeyondTable { known_to, value }) = answer else { panic!("{answer:?}") };
    assert_eq!(known_to, 2_000_000.0);
    assert!(value > 5_400_000.0 && value < 5_450_000.0, "{value}");
    assert!(
        bybit
            .answer(
                Contract::Linear,
                shipped("bybit:BTCUSDT", "2026-10-01"),
                &Question { size: 10.0, ..large }
            )
            .is_ok()
    );
}
