//! States of public accounts: recorded answers against figures worked out by hand, the layouts they come in,
//! and what is refused.

use liqlens_files::{FileError, Format, Limits, Options, Reason, Report, collect_bytes, collect_path};
use liqlens_market::{
    AccountMode, AccountPosition, AccountState, Amount, Backing, Event, EventBody, Price, Side, Size, Span,
};

use crate::{at, excerpt, excerpt_text, read};

fn state(event: &Event) -> &AccountState {
    match &event.body {
        EventBody::Account(state) => state,
        other => panic!("{other:?}"),
    }
}

/// Reads one recorded answer.
fn recorded(path: &str, format: Format) -> (Report, Event) {
    let (report, mut events) =
        collect_path(&excerpt(&format!("accounts/{path}")), &Options::default()).unwrap();
    assert_eq!((report.format, report.rows, report.accounts), (format, 1, 1), "{report}");
    assert!(report.market.is_accounts() && events.len() == 1, "{report}");
    (report, events.remove(0))
}

fn amount(text: &str) -> Amount {
    Amount::parse(text.as_bytes()).unwrap()
}

#[allow(clippy::unnecessary_wraps)] // as positions hold most of their prices
fn price(text: &str) -> Option<Price> {
    Some(Price::parse(text.as_bytes()).unwrap())
}

fn position<'a>(state: &'a AccountState, symbol: &str) -> &'a AccountPosition {
    state.positions.iter().find(|position| position.symbol.as_str() == symbol).unwrap()
}

/// The only rejection of a text of which nothing is accepted: column and reason.
fn refused(name: &str, text: &str) -> (&'static str, Reason) {
    match read(name, text).unwrap_err() {
        FileError::WrongFormat { most_often, .. } => (most_often.column, most_often.reason),
        other => panic!("{other}"),
    }
}

const USER: &str = "0x3b6996b7aa8371b0301167eefca33efca13307d6";

/// An answer of Hyperliquid's with this cross value, maintenance and positions.
fn answer(value: &str, maintenance: &str, positions: &str) -> String {
    format!(
        r#"{{"assetPositions":[{positions}],"crossMarginSummary":{{"accountValue":"{value}"}},
           "crossMaintenanceMarginUsed":"{maintenance}","time":1791445135018}}"#
    )
    .replace('\n', " ")
}

/// One of its positions.
fn held(coin: &str, szi: &str, value: &str, more: &str) -> String {
    format!(
        r#"{{"type":"oneWay","position":{{"coin":"{coin}","szi":"{szi}","positionValue":"{value}",
           "leverage":{{"type":"cross","value":5}},"entryPx":"1"{more}}}}}"#
    )
    .replace('\n', " ")
}

#[test]
fn a_recorded_vault_with_cross_and_isolated_positions() {
    let (report, event) = recorded("hyperliquid/vault_2026-01-14.json", Format::HyperliquidAccounts);
    assert_eq!(report.market.to_string(), "hyperliquid:_accounts");
    // 1768397010203 ms.
    assert_eq!((event.event_ts, event.known_ts), (at("2026-01-14T13:23:30.203Z"), event.event_ts));
    let state = state(&event);
    assert_eq!((state.account.as_str(), state.mode), ("vault_2026-01-14", AccountMode::Standard));
    assert_eq!(state.cross_equity, amount("8259027.075462"));
    assert_eq!(state.cross_maintenance, Some(amount("356978.709123")));
    assert_eq!(state.positions.len(), 16);
    let hype = position(state, "HYPE");
    assert_eq!((hype.side, hype.size), (Side::Short, Size::parse(b"149078.45").unwrap()));
    // 3878574.03365 / 149078.45 = 26.0170…: HYPE is quoted to a thousandth, so it must come out as one.
    assert_eq!(Some(hype.mark_price), price("26.017"));
    assert_eq!((hype.backing, hype.max_leverage), (Backing::Cross, Some(10)));
    assert_eq!((hype.entry_price, hype.liquidation_price), (price("25.4825"), price("76.4988794996")));
    assert_eq!(position(state, "SOL").liquidation_price, None);
    let mon = position(state, "MON");
    // 36359.245859 − 26961.773417.
    assert_eq!(mon.backing, Backing::Isolated(amount("9397.472442")));
    assert_eq!((mon.side, Some(mon.mark_price)), (Side::Short, price("0.024197")));
    // What all positions are worth is the answer's own total.
    let total: f64 = state.positions.iter().map(|p| p.mark_price.times(p.size).to_f64()).sum();
    assert!((total - 9_077_249.256_311).abs() < 1e-3, "{total}");
}

#[test]
fn recorded_answers_of_other_kinds() {
    let (_, event) = recorded("hyperliquid/isolated_2025-08-06.json", Format::HyperliquidAccounts);
    let [hype] = &state(&event).positions[..] else { panic!("{event:?}") };
    // 75.652 − 68.126246, and 75.652 / 2.
    assert_eq!(
        (hype.backing, Some(hype.mark_price)),
        (Backing::Isolated(amount("7.525754")), price("37.826"))
    );
    assert_eq!(state(&event).cross_equity, amount("75.781884"));

    let (_, event) = recorded("hyperliquid/mixed_2026-07-30.json", Format::HyperliquidAccounts);
    let cashcat = position(state(&event), "CASHCAT");
    // 46910 − 16320.205029, one million coins.
    assert_eq!(cashcat.backing, Backing::Isolated(amount("30589.794971")));
    assert_eq!(Some(cashcat.mark_price), price("0.04691"));

    // Spot balances beside it back nothing in a standard account.
    let text = ["hyperliquid/mixed_2026-07-30.json", "hyperliquid/spot.json"]
        .map(|path| excerpt_text(&format!("accounts/{path}")));
    let (report, events) = read("mixed_2026-07-30.json", text.concat()).unwrap();
    assert_eq!((report.rows, report.accepted, events), (2, 2, vec![event]));

    // Another clearinghouse than the main one is an account of its own.
    let (_, event) = recorded("hyperliquid/dex_xyz_2026-08-29.json", Format::HyperliquidAccounts);
    assert_eq!(state(&event).account.as_str(), "dex_xyz_2026-08-29/xyz");
    assert_eq!(state(&event).positions.len(), 19);
    // 3808411.5939 / 129.1819.
    assert_eq!(Some(position(state(&event), "xyz:XYZ100").mark_price), price("29481"));

    // Spot balances back everything: 870.98516812 after maintenance of 23.104792.
    let (_, event) = recorded("hyperliquid/portfolio_2026-07-18.json", Format::HyperliquidAccounts);
    assert_eq!(state(&event).mode, AccountMode::Portfolio);
    assert_eq!(state(&event).cross_equity, amount("894.08996012"));

    // Without a time of its own the day in the name counts, and is known when it is over.
    let (_, event) = recorded("hyperliquid/undated_2023-03-27.json", Format::HyperliquidAccounts);
    assert_eq!((event.event_ts, event.known_ts), (at("2023-03-27"), at("2023-03-28")));
    assert!(state(&event).positions.iter().all(|position| position.max_leverage.is_none()));
    let text = excerpt_text("accounts/hyperliquid/undated_2023-03-27.json");
    assert_eq!(refused("state.json", &text), ("time", Reason::NoTime));
}

/// A unified account recorded on 2026-10-08: 1,279,260.79987858 USDC in spot, of which 1,235,001.99300258 are left
/// after 44,258.806876 of maintenance, while the margin account alone shows 549,463.356168.
#[test]
fn unified_accounts_are_backed_by_their_spot_balances() {
    let positions = [
        held("BTC", "-22.0", "1779140.0", r#","liquidationPx":"136313.4115825814","maxLeverage":40"#),
        held("ETH", "-125.0", "302975.0", r#","liquidationPx":"12110.0901411922","maxLeverage":25"#),
    ];
    let margin = answer("549463.356168", "44258.806876", &positions.join(","));
    let available = r#"{"balances":[{"coin":"USDC","token":0,"total":"1279260.79987858"}],
                        "tokenToAvailableAfterMaintenance":[[0,"1235001.99300258"]]}"#;
    let balances = r#"{"balances":[{"coin":"HYPE","token":150,"total":"5"},{"coin":"USDC","token":0,"total":"1279260.79987858"}]}"#;
    let envelope = |spot: &str, mode: &str| {
        format!(
            r#"{{"address":"{USER}","clearinghouseState":{margin},"spotClearinghouseState":{spot}{mode}}}"#
        )
    };
    let unified = r#","userAbstraction":"unifiedAccount""#;
    let file = format!("state_{USER}.json");
    for (text, equity, mode) in [
        (envelope(available, ""), "1279260.79987858", AccountMode::Unified),
        (envelope(balances, unified), "1279260.79987858", AccountMode::Unified),
        // Balances alone show nothing about the mode.
        (envelope(balances, ""), "549463.356168", AccountMode::Standard),
        (envelope(balances, r#","accountMode":"disabled""#), "549463.356168", AccountMode::Standard),
        // Two answers, whichever comes first.
        (format!("{margin}\n{available}"), "1279260.79987858", AccountMode::Unified),
        (format!("[{available},{margin}]"), "1279260.79987858", AccountMode::Unified),
        (format!("{margin}\n{balances}"), "549463.356168", AccountMode::Standard),
    ] {
        let (report, events) = read(&file, &text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(report.accepted, report.rows, "{report}");
        let [event] = &events[..] else { panic!("{text}: {events:?}") };
        let state = state(event);
        assert_eq!((state.account.as_str(), state.mode), (USER, mode), "{text}");
        assert_eq!(state.cross_equity, amount(equity), "{text}");
        assert_eq!(state.positions[0].liquidation_price, price("136313.4115825814"));
    }
    let alone = format!(r#"{{"user":"{USER}","clearinghouseState":{margin}{unified}}}"#);
    assert_eq!(refused(&file, &alone), ("spotClearinghouseState", Reason::NoSpotState));
    let (_, events) = read(&file, alone.replace("unifiedAccount", "default")).unwrap();
    assert_eq!(state(&events[0]).cross_equity, amount("549463.356168"));
    let strange = alone.replace("unifiedAccount", "quantum");
    assert_eq!(refused(&file, &strange), ("userAbstraction", Reason::NotAMode));
}

/// Recorded: 1125.961894 USDC in all, 48.464837 left beside one isolated position of 1077.75.
#[test]
fn the_margin_of_isolated_positions_lies_inside_a_unified_accounts_balance() {
    let isolated = held(
        "xyz:SPCX",
        "25.77",
        "5257.5954",
        r#","liquidationPx":"180.2199216574","marginUsed":"1077.754757""#,
    )
    .replace(r#""type":"cross","value":5"#, r#""type":"isolated","rawUsd":"-4179.840643""#);
    let margin = answer("1077.754757", "0", &isolated);
    let text = |available: &str| {
        format!(
            r#"{{"user":"{USER}","dex":"xyz","userAbstraction":"unifiedAccount","clearinghouseState":{margin},
               "spotClearinghouseState":{{"balances":[{{"token":0,"total":"1125.961894"}}]{available}}}}}"#
        )
    };
    let equity = |text: &str| state(&read("x.json", text).unwrap().1[0]).cross_equity;
    let left = r#","tokenToAvailableAfterMaintenance":[[0,"48.464837"]]"#;
    assert_eq!(equity(&text(left)), amount("48.464837"));
    // 1125.961894 − 1077.754757: the margin is valued at a mark one cent higher than the balance was.
    assert_eq!(equity(&text("")), amount("48.207137"));
}

#[test]
fn layouts_and_messages_of_the_stream() {
    let short = answer("10", "1", &held("BTC", "-2", "100", ""));
    let flat = answer("20", "0", "");
    let envelope = |user: &str, state: &str| format!(r#"{{"user":"{user}","clearinghouseState":{state}}}"#);
    let (first, second) = (envelope(USER, &short), envelope("0xB", &flat));
    let (_, expected) = read("x.json", format!("{first}\n{second}\n")).unwrap();
    assert_eq!(expected.len(), 2);
    let printed = |text: &str| {
        serde_json::to_string_pretty(&serde_json::from_str::<serde_json::Value>(text).unwrap()).unwrap()
    };
    for text in [
        format!("[{first},{second}]"),
        format!("{first}{second}"),
        format!("{}\n{}", printed(&first), printed(&second)),
        printed(&format!("[{first},{second}]")),
        format!(
            r#"{{"channel":"subscriptionResponse","data":{{"method":"subscribe"}}}}
               {{"channel":"pong"}}
               {{"channel":"clearinghouseState","data":{first}}}
               {{"channel":"trades","data":[{{"coin":"BTC","px":"1","sz":"1"}}]}}
               {{"channel":"webData2","data":{second}}}"#
        ),
    ] {
        let (report, events) = read("x.json", &text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!((events, report.rejected_rows(), report.accounts), (expected.clone(), 0, 2), "{text}");
        let skipped = text.matches("channel").count().saturating_sub(2) as u64;
        assert_eq!((report.skipped.other_message, report.rows), (skipped, 2 + skipped), "{text}");
    }
    // One message with the clearinghouses of several exchanges is one account of each.
    let stock = answer("30", "2", &held("xyz:TSLA", "3", "900", ""));
    let text = format!(
        r#"{{"channel":"allDexsClearinghouseState","data":{{"user":"{USER}","clearinghouseStates":[["",{short}],["xyz",{stock}]]}}}}"#
    );
    let (report, events) = read("x.json", &text).unwrap();
    let accounts: Vec<&str> = events.iter().map(|event| state(event).account.as_str()).collect();
    assert_eq!((report.rows, accounts), (2, vec![USER, &format!("{USER}/xyz")]));
    assert_eq!(Some(state(&events[1]).positions[0].mark_price), price("300"));
}

#[test]
fn bad_states_cost_themselves_and_are_placed() {
    let good = answer("10", "1", &held("BTC", "-2", "100", ""));
    let with = |positions: &str| answer("10", "1", positions);
    let isolated = held("BTC", "2", "100", r#","marginUsed":"20""#);
    let isolated = isolated.replace(r#""type":"cross","value":5"#, r#""type":"isolated","rawUsd":"-80.02""#);
    let many: Vec<String> =
        vec![held("BTC", "1", "5", ""), held("ETH", "1", "5", ""), held("BTC", "1", "5", "")];
    for (bad, column, reason) in [
        (with(&many.join(",")), "coin", Reason::RepeatedPosition),
        (with(&isolated), "marginUsed", Reason::Inconsistent),
        (with(&held("B/C", "1", "5", "")), "coin", Reason::NotASymbol),
        (
            with(&held("xyz:A", "1", "5", "")).replace("[{", &format!("[{},{{", many[0])),
            "coin",
            Reason::OtherClearinghouse,
        ),
        (with(&many[0]).replace("\"cross\"", "\"quantum\""), "leverage", Reason::NotABacking),
        (with(&held("BTC", "1", "5", r#","maxLeverage":70000"#)), "maxLeverage", Reason::OutOfRange),
        (
            with(&many[0]).replace("1791445135018", "12"),
            "time",
            Reason::Time(liqlens_market::TimeError::Implausible),
        ),
        (good.replace("crossMarginSummary", "summary"), "crossMarginSummary", Reason::Missing),
        (good.replace("positionValue", "value"), "positionValue", Reason::Missing),
        (
            format!(
                r#"{{"user":"0xb","clearinghouseState":{}}}"#,
                good.replace("assetPositions", "positions")
            ),
            "assetPositions",
            Reason::Missing,
        ),
        (r#"{"some":"thing"}"#.to_owned(), "document", Reason::Json),
        ("[1,2]".to_owned(), "document", Reason::Json),
        ("null".to_owned(), "document", Reason::Json),
        (good.replace("\"szi\"", "\"szi\":\"1\",\"szi\""), "document", Reason::Json),
        (good[..good.len() - 1].to_owned(), "document", Reason::Incomplete),
        (good.replace("\"BTC\"", "\"BTC"), "document", Reason::Incomplete),
    ] {
        let text = format!("{good}\n{bad}\n{good}\n{good}\n");
        let (report, events) = read("a_1.json", &text).unwrap_or_else(|error| panic!("{bad}: {error}"));
        assert_eq!((events.len(), report.rejected.len()), (3, 1), "{bad}: {report}");
        let kind = &report.rejected[0];
        assert_eq!((kind.samples[0].line, kind.column, kind.reason), (2, column, reason), "{bad}");
    }
    for (column, value) in [("szi", "NaN"), ("szi", "1e30"), ("positionValue", "-5"), ("positionValue", "0")]
    {
        let bad = good.replace(
            &format!("\"{column}\":\"{}", if column == "szi" { "-2" } else { "100" }),
            &format!("\"{column}\":\"{value}"),
        );
        assert_ne!(bad, good);
        let (column_refused, reason) = refused("a_1.json", &bad);
        assert!(column_refused == column && matches!(reason, Reason::Number(_)), "{value}: {reason}");
    }
    // A price that no price can reach is none, and a position of nothing is none.
    let far = held("BTC", "-2", "100", r#","liquidationPx":"256953363702.19""#);
    let (_, events) = read("a_1.json", with(&format!("{far},{}", held("ETH", "0.0", "0.0", "")))).unwrap();
    let [only] = &state(&events[0]).positions[..] else { panic!("{events:?}") };
    assert_eq!(only.liquidation_price, None);
    assert_eq!(refused("(1).json", &good).0, "user");
}

#[test]
fn documents_beyond_the_limit_are_passed_over() {
    let good = answer("10", "1", "");
    let long = answer("10", "1", &vec![held("BTC", "1", "5", ""); 30].join(","));
    let limits = Limits { document_bytes: 1_000, ..Limits::default() };
    let options = Options { limits, ..Options::default() };
    let text = format!("{good}\n{long}\n{good}\n{good}");
    let (report, events) = collect_bytes("a_1.json", text.as_bytes(), &options).unwrap();
    assert_eq!((events.len(), report.rejected[0].reason), (3, Reason::TooLong));
    assert_eq!(report.rejected[0].samples[0].line, 2);
}

#[test]
fn dydx_subaccounts() {
    let (report, event) = recorded("dydx/subaccount.json", Format::DydxAccounts);
    assert_eq!(report.market.to_string(), "dydx:_accounts");
    assert_eq!(event.known_ts, at("2025-12-08T16:12:00Z"));
    let read_state = state(&event);
    assert_eq!(read_state.account.as_str(), "dydx1n56z5fhmemtffzkt2eqyf9kuc7ycjfs86mvqy7/0");
    assert_eq!((read_state.cross_equity, read_state.positions.len()), (amount("45.201296"), 0));

    let eth = r#"{"ETH-USD":{"market":"ETH-USD","side":"SHORT","size":"-3","entryPrice":"3100.5","unrealizedPnl":"301.5"}}"#;
    let both = r#"{"ETH-USD":{"side":"LONG","size":"2","entryPrice":"3000","unrealizedPnl":"-50"},
                   "BTC-USD":{"side":"SHORT","size":"0.5","entryPrice":"90000.25","unrealizedPnl":"0.125"}}"#;
    let one = |number: u64, positions: &str| {
        format!(
            r#"{{"address":"dydx1x","subaccountNumber":{number},"equity":"1000","openPerpetualPositions":{positions}}}"#
        )
    };
    let text = format!(
        r#"{{"isoTimestamp":"2026-01-02T03:04:05.678Z","result":{{"subaccounts":[{},{},
           {{"address":"dydx1x","parentSubaccountNumber":0,"equity":"1","childSubaccounts":[{}]}}]}}}}"#,
        one(0, both),
        one(128, eth),
        one(1, "{}")
    );
    let (report, events) = read("x.json", &text).unwrap();
    assert_eq!((report.rows, report.accepted, report.accounts), (3, 3, 3), "{report}");
    assert!(events.iter().all(|event| event.known_ts == at("2026-01-02T03:04:05.678Z")));
    let find = |name: &str| events.iter().map(state).find(|state| state.account.as_str() == name).unwrap();
    let cross = find("dydx1x/0");
    assert_eq!((cross.cross_equity, cross.cross_maintenance), (amount("1000"), None));
    // A long that lost 25 a coin, a short that gained 0.25 a coin.
    assert_eq!(Some(position(cross, "ETH-USD").mark_price), price("2975"));
    assert_eq!(Some(position(cross, "BTC-USD").mark_price), price("90000"));
    assert!(cross.positions.iter().all(|position| position.backing == Backing::Cross));
    // All of an isolated subaccount backs its one position; 3100.5 − 301.5 / 3 = 3000.
    let isolated = find("dydx1x/128");
    let [short] = &isolated.positions[..] else { panic!("{isolated:?}") };
    assert_eq!((short.side, short.size), (Side::Short, Size::parse(b"3").unwrap()));
    assert_eq!((short.backing, isolated.cross_equity), (Backing::Isolated(amount("1000")), Amount::ZERO));
    assert_eq!(Some(short.mark_price), price("3000"));

    let dated = "x_2026-01-02.json";
    assert_eq!(refused("x.json", &one(0, both)), ("isoTimestamp", Reason::NoTime));
    let (_, events) = read(dated, one(0, both)).unwrap();
    assert_eq!(events[0].known_ts - events[0].event_ts, Span::DAY);
    let bad = |from: &str, to: &str| refused(dated, &one(0, both).replace(from, to));
    assert_eq!(bad("BTC-USD", "ETH-USD"), ("market", Reason::RepeatedPosition));
    assert_eq!(bad("LONG", "BOTH"), ("side", Reason::NotAPositionSide));
    assert_eq!(bad("\"size\":\"2\"", "\"size\":\"-2\""), ("side", Reason::NotAPositionSide));
    assert_eq!(bad("-50", "-6000"), ("unrealizedPnl", Reason::OutOfRange));
    assert_eq!(bad("3000", "0"), ("entryPrice", Reason::Missing));
    let text = format!(r#"{{"subaccount":{}}}"#, one(0, both).replace("openPerpetualPositions", "positions"));
    let wanted = Options { format: Some(Format::DydxAccounts), ..Options::default() };
    let error = collect_bytes(dated, text.as_bytes(), &wanted).unwrap_err();
    assert!(error.to_string().contains("openPerpetualPositions is missing"), "{error}");
    // One bad subaccount of an answer costs itself.
    let text = format!(r#"{{"subaccounts":[{},{}]}}"#, one(0, both), one(1, both).replace("LONG", "BOTH"));
    let (report, events) = read(dated, &text).unwrap();
    assert_eq!((events.len(), report.rejected_rows()), (1, 1));
}

#[test]
fn lighter_accounts() {
    let (report, event) = recorded("lighter/account_1077_2025-12-01.json", Format::LighterAccounts);
    assert_eq!(report.market.to_string(), "lighter:_accounts");
    assert_eq!(event.known_ts, at("2025-12-02"));
    let account = state(&event);
    assert_eq!((account.account.as_str(), account.mode), ("1077", AccountMode::Standard));
    // Collateral 9100.242706 and 6197.829558 of profit.
    assert_eq!(account.cross_equity, amount("15298.072264"));
    let [eth] = &account.positions[..] else { panic!("{account:?}") };
    // 54306.56634 / 18.0193.
    assert_eq!((eth.side, Some(eth.mark_price)), (Side::Long, price("3013.8")));
    assert_eq!(eth.liquidation_price, price("2191.1107231380406"));

    let (_, event) = recorded("lighter/empty_2025-12-08.json", Format::LighterAccounts);
    assert_eq!((state(&event).account.as_str(), state(&event).positions.len()), ("123456", 0));

    // Positions of account 270812, as recorded.
    let entry = |symbol: &str, sign: i8, size: &str, value: &str, profit: &str, price: &str, more: &str| {
        format!(
            r#"{{"symbol":"{symbol}","sign":{sign},"position":"{size}","avg_entry_price":"0.000000","position_value":"{value}",
               "unrealized_pnl":"{profit}","liquidation_price":"{price}"{more}}}"#
        )
    };
    let cross = r#","margin_mode":0,"allocated_margin":"0.000000""#;
    let isolated = r#","margin_mode":1,"allocated_margin":"73.792252""#;
    let positions = [
        entry("ETH", -1, "2.1940", "4198.043480", "-16.592368", "113752.61958393085", cross),
        entry("PUMP", 1, "0", "-0.000000", "0.000000", "0", cross),
        entry("MEGA", 1, "6443.9", "225.794256", "1.058630", "0.029280283485156502", isolated),
        entry("OP", 1, "1640.9", "142.266030", "-54.264563", "0", cross),
    ];
    let text = format!(
        r#"{{"code":200,"accounts":[{{"account_index":270812,"cross_asset_value":"250016.300132",
           "cross_maintenance_margin_requirement":"1696.593798","transaction_time":1776687656681222,"positions":[{}]}},
           {{"index":5,"cross_asset_value":"1","transaction_time":0}}]}}"#,
        positions.join(",")
    );
    let (report, events) = read("x.json", &text).unwrap();
    // The second account has no time and the file's name has no date.
    assert_eq!((report.accepted, report.rejected[0].column), (1, "transaction_time"));
    assert_eq!(events[0].known_ts, at("2026-04-20T12:20:56.681222Z"));
    let account = state(&events[0]);
    assert_eq!(account.cross_maintenance, Some(amount("1696.593798")));
    let names: Vec<&str> = account.positions.iter().map(|position| position.symbol.as_str()).collect();
    assert_eq!(names, ["ETH", "MEGA", "OP"]);
    let [eth, mega, op] = &account.positions[..] else { panic!("{account:?}") };
    // 4198.04348 / 2.194.
    assert_eq!((eth.side, Some(eth.mark_price), eth.entry_price), (Side::Short, price("1913.42"), None));
    // 73.792252 + 1.058630.
    assert_eq!(mega.backing, Backing::Isolated(amount("74.850882")));
    assert_eq!((op.liquidation_price, op.backing), (None, Backing::Cross));
    let bad = |from: &str, to: &str| {
        refused(
            "x_2026-01-01.json",
            &text.replacen(from, to, 1).replace(
                ",\n           {\"index\":5,\"cross_asset_value\":\"1\",\"transaction_time\":0}",
                "",
            ),
        )
    };
    assert_eq!(bad("\"OP\"", "\"ETH\""), ("symbol", Reason::RepeatedPosition));
    assert_eq!(
        bad("\"sign\":1,\"position\":\"6", "\"sign\":0,\"position\":\"6"),
        ("sign", Reason::NotAPositionSide)
    );
    assert_eq!(bad("\"margin_mode\":1", "\"margin_mode\":2"), ("margin_mode", Reason::NotABacking));
    assert_eq!(bad("\"250016.300132\"", "null"), ("cross_asset_value", Reason::Missing));
}

#[test]
fn a_market_of_another_venue_is_refused() {
    let text = answer("10", "1", "");
    let given = |market: &str, text: &str| {
        let options = Options { market: Some(market.parse().unwrap()), ..Options::default() };
        collect_bytes("a_1.json", text.as_bytes(), &options)
    };
    let error = given("lighter:BTC", &text).unwrap_err();
    assert!(matches!(error, FileError::OtherVenue { .. }), "{error}");
    assert!(
        error.to_string().contains("accounts of Hyperliquid") && error.to_string().contains("lighter:BTC")
    );
    for market in ["hyperliquid:BTC", "hyperliquid:_accounts"] {
        assert!(given(market, &text).unwrap().0.market.is_accounts());
    }
    let trades = "{\"ts\":1781210059172,\"px\":1,\"sz\":1,\"side\":\"B\"}";
    let error = given("hyperliquid:_accounts", trades).unwrap_err();
    assert!(matches!(error, FileError::NotAccounts { .. }), "{error}");
    // Told what it is, a recording is read although its beginning shows no account.
    let options = Options { format: Some(Format::HyperliquidAccounts), ..Options::default() };
    let late =
        format!("{{\"channel\":\"pong\"}}\n{}", text.replacen('{', &format!("{{\"user\":\"{USER}\","), 1));
    assert_eq!(collect_bytes("x.json", late.as_bytes(), &options).unwrap().0.accepted, 1);
    assert!(matches!(collect_bytes("x.json", b"[]", &options), Err(FileError::Empty { .. })));
}
