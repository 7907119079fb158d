//! Measured maps: accounts built by hand, and one recorded with the prices its venue printed.

use liqlens_engine::{AccountBook, Market};
use liqlens_market::{
    AccountMode, AccountName, AccountPosition, AccountState, Amount, Backing, Event, EventBody, Instrument,
    OpenInterest, Price, Side, Size, Span, Symbol, Timestamp, Venue,
};
use liqlens_model::{FlowModel, ModelId};
use liqlens_query::document::{AccountKnown, BinWidth, GradeLetter, Map, SideName, Usd, schemas};
use liqlens_query::{
    AccountsOptions, AskError, BriefInputs, MapOptions, Subject, View, compose, measured_views,
};
use proptest::prelude::*;

fn start() -> Timestamp {
    Timestamp::parse_text("2026-10-08T00:00:00Z").unwrap()
}

fn price(text: &str) -> Price {
    Price::parse(text.as_bytes()).unwrap()
}

/// A position in a market that ships no schedule: a largest leverage of 10 makes its rate 5 %.
fn position(coin: &str, side: Side, size: f64, mark: f64, backing: Backing) -> AccountPosition {
    AccountPosition {
        symbol: Symbol::new(coin).unwrap(),
        side,
        size: Size::from_f64(size).unwrap(),
        entry_price: None,
        mark_price: Price::from_f64(mark).unwrap(),
        backing,
        max_leverage: Some(10),
        liquidation_price: None,
    }
}

fn isolated(margin: f64) -> Backing {
    Backing::Isolated(Amount::from_f64(margin).unwrap())
}

fn account(name: &str, positions: Vec<AccountPosition>) -> AccountState {
    AccountState {
        account: AccountName::new(name).unwrap(),
        mode: AccountMode::Standard,
        cross_equity: Amount::ZERO,
        cross_maintenance: None,
        positions,
    }
}

fn at(minute: i64, state: AccountState) -> Event {
    Event::at(start() + Span::MINUTE.times(minute), EventBody::Account(Box::new(state)))
}

fn instrument(coin: &str) -> Instrument {
    Instrument::from_market(format!("hyperliquid:{coin}").parse().unwrap()).unwrap()
}

fn subject() -> Subject {
    Subject { symbol: "hyperliquid:AAA".into(), whole_coin: false, margin_table: "test schedule".into() }
}

fn view_with(
    events: &[Event],
    market: Option<&Market>,
    coin: &str,
    as_of: Timestamp,
) -> Result<View, AskError> {
    let mut book = AccountBook::new(Venue::Hyperliquid);
    for event in events {
        book.step(event);
    }
    View::of_accounts(&book, market, instrument(coin), subject(), as_of)
}

fn view(events: &[Event]) -> View {
    view_with(events, None, "AAA", start()).unwrap()
}

/// By hand, family 1 at 5 %: a long of 10 from a mark of 100 with 200 behind it is liquidated at
/// (10·100 − 200)/(10·0.95) = 84.2105; a short of 4 with 100 at (4·100 + 100)/(4·1.05) = 119.0476; a long
/// of 1 with 5.5 at (100 − 5.5)/0.95 = 99.4737.
fn three_accounts() -> Vec<Event> {
    vec![
        at(0, account("0xlong", vec![position("AAA", Side::Long, 10.0, 100.0, isolated(200.0))])),
        at(0, account("0xshort", vec![position("AAA", Side::Short, 4.0, 100.0, isolated(100.0))])),
        at(0, account("0xnear", vec![position("AAA", Side::Long, 1.0, 100.0, isolated(5.5))])),
    ]
}

fn near(a: f64, b: f64) -> bool {
    (a / b - 1.0).abs() < 1e-9
}

#[test]
fn every_position_stands_at_its_own_price() {
    let view = view(&three_accounts());
    let (far, up, close) = (800.0 / 9.5, 500.0 / 4.2, 94.5 / 0.95);
    assert_eq!(view.last_price(), 100.0);
    let reach = |side, usd: f64| view.reach_pct(side, Usd::from_f64(usd)).map(|pct| 100.0 + pct);
    assert!(near(reach(Side::Long, 0.9 * close).unwrap(), close));
    assert!(near(reach(Side::Long, 1.01 * close).unwrap(), far));
    assert!(near(reach(Side::Short, 1.0).unwrap(), up));
    assert_eq!(reach(Side::Long, close + 10.0 * far + 1.0), None);
    // Dollars are size times the liquidation price, from exactly that price on.
    let gone = |to: f64| view.at(&[to]).moves[0].long_usd;
    assert_eq!(gone(99.48), Usd::ZERO);
    assert_eq!(gone(99.47), Usd::from_f64(close));
    assert_eq!(gone(50.0), Usd::from_f64(close + 10.0 * far));
    let map = view.map(&MapOptions { window_pct: 10.0, bin: None }).unwrap();
    assert_eq!((map.long.liquidatable_size, map.long.unliquidatable_size), (11.0, 0.0));
    assert_eq!(map.long.beyond_window_usd, Usd::from_f64(close + 10.0 * far) - Usd::from_f64(close));
    // Leverages: 1,000/200 = 5, 400/100 = 4, 100/5.5 = 18.
    let bands: Vec<Usd> = (0..5).map(|band| map.bins.iter().map(|bin| bin.by_band[band]).sum()).collect();
    assert_eq!(bands, [Usd::ZERO, Usd::ZERO, Usd::from_f64(close), Usd::ZERO, Usd::ZERO]);
}

#[test]
fn the_stamp_says_measured_and_claims_no_share_it_does_not_know() {
    let stamp = view(&three_accounts()).map(&MapOptions::default()).unwrap().stamp;
    assert_eq!((stamp.evidence.measured, stamp.evidence.modelled), (1.0, 0.0));
    assert!(stamp.is_measured());
    assert_eq!((stamp.model.as_str(), stamp.coverage.oi_share), ("m3", None));
    assert_eq!(stamp.grade.letter, GradeLetter::C);
    assert!(stamp.coverage.text.contains("3 accounts"), "{}", stamp.coverage.text);
    let market = &stamp.markets[0];
    assert_eq!((market.open_interest_usd, &market.flows, market.history_days), (None, &None, None));
    assert_eq!(market.channels[0].name, "account");
    assert_eq!(market.channels[1].resolution, "marks of account states");
}

/// A fold of the market itself that knows nothing but open interest.
fn open_interest(contracts: f64) -> Market {
    let table = liqlens_margin::table(&"hyperliquid:BTC".parse().unwrap(), start()).unwrap();
    let model = FlowModel::new(ModelId::M1, &instrument("AAA"), &table.table).unwrap();
    let mut market = Market::new(instrument("AAA"), model);
    let reading = OpenInterest { size: Size::from_f64(contracts).unwrap(), value: None };
    market.step(&Event::at(start(), EventBody::OpenInterest(reading)));
    market
}

#[test]
fn coverage_is_what_the_accounts_hold_of_open_interest_and_sets_the_grade() {
    // Longs of 11, shorts of 11.
    let mut events = three_accounts();
    events.push(at(0, account("0xmore", vec![position("AAA", Side::Short, 7.0, 100.0, isolated(700.0))])));
    for (contracts, letter) in [
        (11.0, GradeLetter::A),
        (12.9, GradeLetter::A),
        (13.0, GradeLetter::B),
        (15.7, GradeLetter::B),
        (15.8, GradeLetter::C),
        (22.0, GradeLetter::C),
        (22.1, GradeLetter::D),
    ] {
        let view = view_with(&events, Some(&open_interest(contracts)), "AAA", start()).unwrap();
        let map = view.map(&MapOptions::default()).unwrap();
        assert!(near(map.stamp.coverage.oi_share.unwrap(), 11.0 / contracts));
        assert_eq!(map.stamp.grade.letter, letter, "{contracts}: {:?}", map.stamp.grade);
        // Never scaled up.
        assert_eq!(map.long.liquidatable_size, 11.0);
        assert_eq!(view.open_interest_usd(), Some(contracts * 100.0));
    }
    // The thinner side decides: without the last account shorts are 4 of 11.
    let view = view_with(&three_accounts(), Some(&open_interest(11.0)), "AAA", start()).unwrap();
    let stamp = view.reach(Usd::from_f64(1.0)).stamp;
    assert_eq!(stamp.grade.letter, GradeLetter::D);
    assert!(stamp.coverage.text.contains("100 % of its OI long and 36 % short"), "{}", stamp.coverage.text);
}

#[test]
fn old_states_lower_the_grade_by_the_size_they_hold() {
    let letter = |events: &[Event], minutes: i64| {
        let view = view_with(events, None, "AAA", start() + Span::MINUTE.times(minutes)).unwrap();
        let stamp = view.reach(Usd::from_f64(1.0)).stamp;
        (stamp.grade.letter, stamp.grade.reasons[0].clone())
    };
    let events = three_accounts();
    assert!(letter(&events, 60).1.contains("open interest"));
    assert_eq!(letter(&events, 61), (GradeLetter::C, "the account states are 61 min old".to_owned()));
    assert_eq!(letter(&events, 24 * 60).0, GradeLetter::C);
    assert_eq!(letter(&events, 24 * 60 + 1).0, GradeLetter::D);
    // 15 of size are a day old; 200 more are fresh, so that nine tenths are.
    let mut refreshed = events;
    let fresh = account("0xfresh", vec![position("AAA", Side::Short, 200.0, 100.0, isolated(9e4))]);
    refreshed.push(at(24 * 60, fresh));
    let (letter, reason) = letter(&refreshed, 24 * 60 + 1);
    assert_eq!(letter, GradeLetter::C);
    assert!(reason.contains("open interest"), "{reason}");
    let view = view_with(&refreshed, None, "AAA", start() + Span::MINUTE.times(24 * 60 + 1)).unwrap();
    let warnings = view.reach(Usd::from_f64(1.0)).stamp.warnings;
    assert!(warnings.iter().any(|w| w == "Not seen for more than a day: 3 accounts."), "{warnings:?}");
}

#[test]
fn what_has_no_price_is_counted_and_named() {
    let no_table =
        AccountPosition { max_leverage: None, ..position("AAA", Side::Long, 2.0, 100.0, isolated(9.0)) };
    let mut portfolio = account("0xpm", vec![position("AAA", Side::Short, 3.0, 100.0, Backing::Cross)]);
    portfolio.mode = AccountMode::Portfolio;
    let mut events = three_accounts();
    events.push(at(0, account("0xnone", vec![no_table])));
    events.push(at(0, portfolio));
    // More margin than the whole position is worth.
    events.push(at(0, account("0xrich", vec![position("AAA", Side::Long, 5.0, 100.0, isolated(600.0))])));
    let view = view(&events);
    let accounts = view.accounts(&AccountsOptions { between: None, side: None, top: 9 }).unwrap();
    let unpriced: Vec<_> = accounts
        .unpriced
        .iter()
        .map(|unpriced| (unpriced.reason.as_str(), unpriced.positions, unpriced.notional_usd.to_f64()))
        .collect();
    assert_eq!(
        unpriced,
        [("cannot be liquidated", 1, 500.0), ("no margin table", 1, 200.0), ("portfolio margin", 1, 300.0)]
    );
    assert_eq!(accounts.accounts.len(), 3);
    let map = view.map(&MapOptions::default()).unwrap();
    assert_eq!((map.long.liquidatable_size, map.long.unliquidatable_size), (11.0, 7.0));
    assert_eq!((map.short.liquidatable_size, map.short.unliquidatable_size), (4.0, 3.0));
    let warnings = map.stamp.warnings.join(" ");
    for part in
        ["$500 that no price liquidates", "$200 without", "hyperliquid:AAA", "$300 on portfolio margin"]
    {
        assert!(warnings.contains(part), "{part} in {warnings}");
    }
}

#[test]
fn positions_already_past_stand_at_distance_zero() {
    // Liquidated at 84.2, and the newest mark is 80.
    let mut events = three_accounts();
    events.push(at(1, account("0xnew", vec![position("AAA", Side::Long, 1.0, 80.0, isolated(60.0))])));
    let view = view_with(&events, None, "AAA", start() + Span::MINUTE).unwrap();
    assert_eq!(view.last_price(), 80.0);
    assert!(view.reach_pct(Side::Long, Usd::from_f64(900.0)).unwrap().abs() < 1e-9);
    let map = view.map(&MapOptions { window_pct: 5.0, bin: Some(BinWidth::Usd(1.0)) }).unwrap();
    let first = map.bins.iter().rfind(|bin| bin.side == SideName::Long).unwrap();
    assert_eq!(first.accounts, Some(2));
    assert_eq!(map.bins.iter().map(|bin| bin.usd).sum::<Usd>(), map.long.in_window_usd);
    assert!(map.stamp.warnings.iter().any(|w| w.starts_with("At distance zero: 2 positions")));
}

/// A unified account recorded on 2026-10-08: the venue's own prices are 136,313.41 (BTC), 12,110.09 (ETH)
/// and 21.193 (NEAR).
fn recorded() -> AccountState {
    let short = |coin: &str, size: &str, mark: &str, leverage: u16, venue: &str| AccountPosition {
        size: Size::parse(size.as_bytes()).unwrap(),
        mark_price: price(mark),
        max_leverage: Some(leverage),
        liquidation_price: Some(price(venue)),
        ..position(coin, Side::Short, 1.0, 1.0, Backing::Cross)
    };
    AccountState {
        mode: AccountMode::Unified,
        cross_equity: Amount::parse(b"1279260.79987858").unwrap(),
        ..account(
            "0x3b6996b7aa8371b0301167eefca33efca13307d6",
            vec![
                short("BTC", "22", "80870", 40, "136313.4115825814"),
                short("ETH", "125", "2423.8", 25, "12110.0901411922"),
                short("NEAR", "70560.4", "4.5238", 10, "21.1930985625"),
            ],
        )
    }
}

#[test]
fn a_recorded_account_is_listed_beside_the_venues_price() {
    let view = view_with(&[at(0, recorded())], None, "BTC", start()).unwrap();
    let accounts = view.accounts(&AccountsOptions { between: None, side: None, top: 20 }).unwrap();
    let [row] = accounts.accounts.as_slice() else { panic!("{accounts:?}") };
    assert_eq!((row.account.as_str(), row.source), ("0x3b69…07d6", AccountKnown::Reported));
    assert_eq!(row.liquidation_price.as_str(), "136313.4115826");
    assert_eq!(row.venue_liquidation_price.as_ref().unwrap().as_str(), "136313.4115826");
    assert_eq!(row.usd, Usd::from_f64(22.0 * 136_313.411_582_581_4));
    // 136,313.4116 / 80,870 − 1.
    assert_eq!(row.distance_pct, 68.5587);
    assert_eq!((accounts.check.compared, accounts.check.misses), (1, 0));
    assert!(accounts.check.max.unwrap() < 1e-9);
    assert!(!serde_json::to_string(&accounts).unwrap().contains("0x3b6996b7"));

    // A price of the venue's that is one part in ten thousand away is a miss, and is told.
    let mut other = recorded();
    other.positions[0].liquidation_price = Some(price("136299.78"));
    let stamp = view_with(&[at(0, other)], None, "BTC", start()).unwrap().at(&[1.0]).stamp;
    let told = "Ours beside the venue's own liquidation prices: 1 position, median difference 1e-4, largest \
                1e-4, 1 beyond one in a million.";
    assert!(stamp.warnings.iter().any(|warning| warning == told), "{:?}", stamp.warnings);
}

#[test]
fn a_price_range_finds_its_accounts_and_says_what_it_leaves_out() {
    let view = view(&three_accounts());
    let ask = |between, side, top| {
        let accounts = view.accounts(&AccountsOptions { between, side, top }).unwrap();
        let names: Vec<String> = accounts.accounts.iter().map(|row| row.account.clone()).collect();
        (names, accounts.total, accounts.left_out)
    };
    let (names, total, left_out) = ask(None, None, 2);
    assert_eq!(names, ["0xlong", "0xshort"], "largest first");
    assert_eq!((total.long_accounts, total.short_accounts), (2, 1));
    assert_eq!((left_out.long_accounts, left_out.short_accounts), (1, 0));
    assert_eq!(left_out.long_usd, Usd::from_f64(94.5 / 0.95));
    assert_eq!(ask(Some((84.0, 85.0)), None, 9).0, ["0xlong"]);
    assert_eq!(ask(Some((99.0, 120.0)), Some(Side::Short), 9).0, ["0xshort"]);
    assert_eq!(ask(Some((85.0, 99.0)), None, 9).0, Vec::<String>::new());
}

#[test]
fn nothing_known_later_is_used() {
    let (first, second) = (start(), start() + Span::MINUTE.times(30));
    let mut events = three_accounts();
    events.push(at(20, account("0xlong", Vec::new())));
    let mut book = AccountBook::new(Venue::Hyperliquid);
    let none: Option<(&mut Market, Vec<Event>)> = None;
    let stops = [first - Span::MINUTE, first, second];
    let mut views = measured_views(&mut book, events, none, &instrument("AAA"), &subject(), &stops);
    let usd = |view: &View| view.map(&MapOptions::default()).unwrap().long.liquidatable_usd;
    assert_eq!(usd(&views.pop().unwrap().unwrap()), Usd::from_f64(94.5 / 0.95));
    let then = views.pop().unwrap().unwrap();
    assert_eq!(usd(&then), usd(&view(&three_accounts())));
    assert_eq!(then.reach(Usd::from_f64(1.0)), view(&three_accounts()).reach(Usd::from_f64(1.0)));
    assert!(matches!(views.pop().unwrap(), Err(AskError::NoAccounts { .. })));
}

#[test]
fn a_measured_brief_names_its_evidence_and_no_interval() {
    let size = 1e6;
    let events = [
        at(0, account("0xa", vec![position("AAA", Side::Long, size, 100.0, isolated(7.0 * size))])),
        at(0, account("0xb", vec![position("AAA", Side::Short, size, 100.0, isolated(9.0 * size))])),
    ];
    let now = view(&events);
    let brief = compose(&BriefInputs {
        now: &now,
        hour_ago: Some(&now),
        day_ago: Some(&now),
        amount: None,
        window_pct: None,
        allow_stale: false,
    });
    let text = serde_json::to_string(&brief).unwrap();
    assert!(brief.bullets.iter().all(|bullet| bullet.contains("%; measured)")), "{:?}", brief.bullets);
    assert!(text.contains("public positions of 2 accounts"));
    for absent in ["interval not yet", "modelled:", "the model", "prior"] {
        assert!(!text.contains(absent), "{absent} in {text}");
    }
    assert!(text.contains("Open interest is not in the data"));
}

#[test]
fn measured_documents_keep_to_their_schemas() {
    let view = view(&three_accounts());
    let options = AccountsOptions { between: Some((1.0, 200.0)), side: Some(Side::Long), top: 1 };
    for document in [
        serde_json::to_value(view.reach(Usd::from_f64(10.0))).unwrap(),
        serde_json::to_value(view.map(&MapOptions::default()).unwrap()).unwrap(),
        serde_json::to_value(view.clusters(50.0)).unwrap(),
        serde_json::to_value(view.accounts(&options).unwrap()).unwrap(),
    ] {
        let name = document["schema"].as_str().unwrap();
        let (_, schema) = schemas().into_iter().find(|(known, _)| *known == name).unwrap();
        let known = schema.as_value()["properties"].as_object().unwrap().clone();
        for field in document.as_object().unwrap().keys() {
            assert!(known.contains_key(field), "{name} has {field}, its schema does not");
        }
        for required in schema.as_value()["required"].as_array().unwrap() {
            assert!(document.get(required.as_str().unwrap()).is_some(), "{name} lacks {required}");
        }
    }
}

fn total(map: &Map, side: SideName) -> (Usd, usize) {
    let bins = map.bins.iter().filter(|bin| bin.side == side);
    bins.fold((Usd::ZERO, 0), |(usd, count), bin| (usd + bin.usd, count + bin.accounts.unwrap()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    /// A plain sum by the textbook formula is the reference; no bin width changes it.
    #[test]
    fn bins_of_any_width_sum_to_the_positions(
        positions in proptest::collection::vec((any::<bool>(), 0.01..50.0_f64, 0.06..0.9_f64), 1..40),
        bp in 2.5..300.0_f64, usd in 0.05..20.0_f64,
    ) {
        let mut events = Vec::new();
        let mut expected = [(0.0, 0); 2];
        for (index, (long, size, share)) in positions.into_iter().enumerate() {
            let side = if long { Side::Long } else { Side::Short };
            let held = position("AAA", side, size, 100.0, isolated(size * 100.0 * share));
            let (size, s) = (held.size.to_f64(), side.sign());
            let Backing::Isolated(margin) = held.backing else { unreachable!() };
            let price = (s * size * 100.0 - margin.to_f64()) / (size * (s - 0.05));
            if price > 2.0 && price < 198.0 {
                expected[side.index()].0 += size * price;
                expected[side.index()].1 += 1;
            }
            events.push(at(0, account(&format!("0x{index}"), vec![held])));
        }
        let view = view(&events);
        for bin in [BinWidth::Bp(bp), BinWidth::Usd(usd)] {
            let map = view.map(&MapOptions { window_pct: 98.0, bin: Some(bin) }).unwrap();
            for (side, totals) in [(SideName::Long, &map.long), (SideName::Short, &map.short)] {
                let (sum, accounts) = total(&map, side);
                prop_assert_eq!(sum, totals.in_window_usd);
                let (usd, count) = expected[usize::from(side == SideName::Short)];
                prop_assert!((sum.to_f64() - usd).abs() <= 0.03 + 1e-9 * usd, "{} {}", sum, usd);
                prop_assert_eq!(accounts, count);
                for bin in map.bins.iter().filter(|bin| bin.side == side) {
                    // No position is worth less than a cent, so dollars and accounts come together.
                    prop_assert_eq!(bin.usd > Usd::ZERO, bin.accounts != Some(0), "{:?}", bin);
                }
            }
        }
    }
}
