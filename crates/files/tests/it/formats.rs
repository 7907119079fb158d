//! Every format on an excerpt of a real file: the events must be what a reader of the rows would say.

use liqlens_files::{FileError, Format, Options, collect_path};
use liqlens_market::{
    BarSource, Book, Completeness, Event, EventBody, FundingKind, Liquidation, Price, RatioPopulation, Side,
    Size, Span, Taker, Trade,
};

use crate::{at, excerpt, excerpt_text, read};

fn price(text: &str) -> Price {
    Price::parse(text.as_bytes()).unwrap()
}

fn size(text: &str) -> Size {
    Size::parse(text.as_bytes()).unwrap()
}

fn collect(name: &str, format: Format, market: &str) -> (liqlens_files::Report, Vec<Event>) {
    let (report, events) = collect_path(&excerpt(name), &Options::default()).unwrap();
    assert_eq!((report.format, report.market.to_string().as_str()), (format, market));
    assert_eq!(report.rejected, [], "{report}");
    assert_eq!(report.events, events.len() as u64);
    assert!(events.is_sorted_by(|a, b| a.log_order(b).is_le()));
    (report, events)
}

fn trades(events: &[Event]) -> Vec<Trade> {
    let trades = events.iter().map(|event| match event.body {
        EventBody::Trade(trade) => trade,
        ref other => panic!("{other:?}"),
    });
    trades.collect()
}

#[test]
fn agg_trades() {
    let (report, events) = collect("BTCUSDT-aggTrades-2025-10-22.csv", Format::AggTrades, "binance:BTCUSDT");
    assert_eq!((report.rows, report.missing_ids, report.duplicate_ids), (6, 0, 0));
    assert_eq!((report.first_ts, report.last_ts), (at("2025-10-22T00:00:00.007Z"), events[5].known_ts));
    let trades = trades(&events);
    let first =
        Trade { id: Some(2_907_604_449), price: price("108253.8"), size: size("0.011"), taker: Taker::Buy };
    assert_eq!(trades[0], first);
    // The buyer rested in the book, so a seller took.
    assert_eq!((trades[2].taker, trades[2].size), (Taker::Sell, size("1.328")));
    assert_eq!(events[2].event_ts, at("2025-10-22T00:00:01.326Z"));
}

#[test]
fn agg_trades_without_header_in_microseconds_and_other_spellings_are_the_same() {
    let text = excerpt_text("BTCUSDT-aggTrades-2025-10-22.csv");
    let (_, expected) = read("BTCUSDT-aggTrades-2025-10-22.csv", &text).unwrap();
    let rows = text.split_once('\n').unwrap().1;
    let python = rows.replace("true", "True").replace("false", "FALSE");
    let micros =
        rows.replace(",17610912", ",0017610912").replace(",true", "000,true").replace(",false", "000,false");
    let micros = micros.replace(",0017610912", ",17610912");
    let windows = format!("\u{feff}{}", text.replace('\n', "\r\n"));
    let quoted = text.replace(',', "\" ,\"").replace('\n', "\"\n\"").trim_end_matches('"').to_owned();
    let quoted = format!("\"{quoted}");
    let unended = text.trim_end().to_owned();
    let mut reordered = String::new();
    for line in text.lines() {
        let mut fields: Vec<&str> = line.split(',').collect();
        fields.reverse();
        fields.push("added");
        reordered += &fields.join(",");
        reordered.push('\n');
    }
    let twice_headed = format!("{text}\n \n{}", text.lines().next().unwrap());
    for variant in [rows, &python, &micros, &windows, &quoted, &unended, &reordered, &twice_headed] {
        let (report, events) = read("BTCUSDT-aggTrades-2025-10-22.csv", variant).unwrap();
        assert_eq!(events, expected, "{variant}");
        assert_eq!((report.rows, report.rejected_rows()), (6, 0), "{variant}");
    }
}

#[test]
fn trades_of_a_multiplied_symbol() {
    let (report, events) =
        collect("1000000MOGUSDT-trades-2025-07-31.csv", Format::Trades, "binance:1000000MOGUSDT");
    assert_eq!(report.rows, 4);
    let trades = trades(&events);
    assert!(trades.iter().all(|trade| trade.taker == Taker::Sell));
    assert_eq!(
        (trades[2].id, trades[2].price, trades[2].size),
        (Some(66_119_039), price("1.4326"), size("74.8"))
    );
}

#[test]
fn klines_with_taker_split_and_interval_from_name_or_rows() {
    let (_, events) = collect("BTCUSDT-1h-2025-08.csv", Format::Klines, "binance:BTCUSDT");
    let EventBody::Bar(bar) = events[0].body else { panic!("{events:?}") };
    assert_eq!((bar.source, bar.length), (BarSource::Trades, Span::HOUR));
    assert_eq!(
        (bar.high, bar.volume, bar.taker_buy),
        (price("115877.8"), size("21495.534"), Some(size("9343.768")))
    );
    assert_eq!((events[0].event_ts, events[0].known_ts), (at("2025-08-01"), at("2025-08-01T01:00:00Z")));

    let text = excerpt_text("BTCUSDT-1h-2025-08.csv");
    let (_, from_rows) = read("BTCUSDT.csv", &text).unwrap();
    assert_eq!(from_rows, events);
    // A name that contradicts the rows' own end times: nothing fits.
    assert!(matches!(read("BTCUSDT-4h-2025-08.csv", &text), Err(FileError::WrongFormat { .. })));
    // One row without an end time does not tell its length.
    let bare = "timestamp,open,high,low,close,volume\n1754006400000,1,2,1,2,5\n";
    assert!(matches!(read("BTCUSDT.csv", bare), Err(FileError::IntervalUnknown { .. })));
    let (_, spaced) = read("BTCUSDT.csv", format!("{bare}1754006700000,2,2,1,1,5\n")).unwrap();
    assert_eq!(spaced[1].known_ts - spaced[1].event_ts, Span::MINUTE.times(5));
}

#[test]
fn mark_price_klines_are_told_by_folder_or_by_the_caller_never_guessed() {
    let path = "markPriceKlines/1000000BOBUSDT-15m-2025-07-28.csv";
    let (_, events) = collect(path, Format::Klines, "binance:1000000BOBUSDT");
    let EventBody::Bar(bar) = events[1].body else { panic!("{events:?}") };
    assert_eq!((bar.source, bar.length, bar.volume), (BarSource::Mark, Span::MINUTE.times(15), Size::ZERO));
    assert_eq!((bar.open, bar.close, bar.taker_buy), (price("0.06198578"), price("0.06144"), None));

    let text = excerpt_text(path);
    let error = read("1000000BOBUSDT-15m-2025-07-28.csv", &text).unwrap_err();
    assert!(matches!(error, FileError::BarSourceUnknown { .. }), "{error}");
    let error = read("premiumIndexKlines/1000000BOBUSDT-15m-2025-07-28.csv", &text).unwrap_err();
    assert!(matches!(error, FileError::PremiumIndex { .. }), "{error}");
    let options = Options { bar_source: Some(BarSource::Index), ..Options::default() };
    let (_, told) =
        liqlens_files::collect_bytes("1000000BOBUSDT-15m.csv", text.as_bytes(), &options).unwrap();
    assert!(
        told.iter().all(|event| matches!(event.body, EventBody::Bar(bar) if bar.source == BarSource::Index))
    );
}

#[test]
fn metrics() {
    let (report, events) =
        collect("1000000BOBUSDT-metrics-2025-08-01.csv", Format::Metrics, "binance:1000000BOBUSDT");
    assert_eq!((report.rows, events.len()), (2, 10));
    let five = at("2025-08-01T00:05:00Z");
    let EventBody::OpenInterest(open_interest) = events[0].body else { panic!("{events:?}") };
    assert_eq!(events[0].known_ts, five);
    assert_eq!((open_interest.size, open_interest.value), (size("28094099"), Some(size("1608949.04973"))));
    let ratios: Vec<_> = events
        .iter()
        .filter(|event| event.event_ts == five)
        .filter_map(|event| match event.body {
            EventBody::LongShortRatio(ratio) => Some((ratio.population, ratio.ratio, event.known_ts - five)),
            _ => None,
        })
        .collect();
    assert_eq!(
        ratios,
        [
            (RatioPopulation::AllAccounts, 1.676_339_29, Span::ZERO),
            (RatioPopulation::TopAccounts, 1.405_088_06, Span::ZERO),
            (RatioPopulation::TopPositions, 2.004_403, Span::ZERO),
            (RatioPopulation::TakerVolume, 1.518_37, Span::MINUTE.times(5)),
        ]
    );
}

#[test]
fn metrics_out_of_order_with_holes_and_of_coin_margin() {
    let text = "create_time,symbol,sum_open_interest,sum_open_interest_value,count_toptrader_long_short_ratio,\
                sum_toptrader_long_short_ratio,count_long_short_ratio,sum_taker_long_short_vol_ratio\n\
                2024-01-02 00:10:00,BTCUSD_PERP,3000000,6600.5,,,1.5,\n\
                2024-01-02 00:05:00,BTCUSD_PERP,3000100,6600.7,,,1.4,\n\
                2024-01-02 00:05:00,ETHUSD_PERP,9,9,,,1.4,\n";
    let (report, events) = read("export.csv", text).unwrap();
    assert_eq!(report.market.to_string(), "binance-coinm:BTCUSD_PERP");
    assert_eq!((report.out_of_order, report.in_log_order, report.skipped.other_symbol), (1, false, 1));
    let kinds: Vec<_> = events.iter().map(|event| (event.known_ts, event.body.kind())).collect();
    let (five, ten) = (at("2024-01-02T00:05:00Z"), at("2024-01-02T00:10:00Z"));
    assert_eq!(
        kinds,
        [
            (five, "open-interest"),
            (five, "long-short-ratio"),
            (ten, "open-interest"),
            (ten, "long-short-ratio")
        ]
    );
    // The value is in coin there, which is not a value in quote currency.
    assert!(matches!(events[0].body, EventBody::OpenInterest(open) if open.value.is_none()));
}

#[test]
fn funding_with_its_interval() {
    let (_, events) = collect("BTCUSDT-fundingRate-2025-08.csv", Format::FundingRate, "binance:BTCUSDT");
    let rates: Vec<_> = events
        .iter()
        .map(|event| match event.body {
            EventBody::Funding(funding) => (event.known_ts, funding.rate, funding.interval, funding.kind),
            _ => panic!("{event:?}"),
        })
        .collect();
    let eight = Span::HOUR.times(8);
    assert_eq!(
        rates,
        [
            (at("2025-08-01T00:00:00.001Z"), -1.408e-5, eight, FundingKind::Settled),
            (at("2025-08-01T08:00:00.003Z"), 1.549e-5, eight, FundingKind::Settled),
        ]
    );
}

#[test]
fn book_depth_becomes_one_book_a_moment() {
    let (report, events) = collect("BTCUSDT-bookDepth-2025-05-19.csv", Format::BookDepth, "binance:BTCUSDT");
    assert_eq!((report.rows, report.accepted, report.events), (10, 10, 1));
    assert_eq!(events[0].known_ts, at("2025-05-19T11:07:31Z"));
    let EventBody::Book(book) = &events[0].body else { panic!("{events:?}") };
    let Book::Bands(bands) = book.as_ref() else { panic!("{book:?}") };
    let percents: Vec<f64> = bands.iter().map(|band| band.percent).collect();
    assert_eq!(percents, [-5.0, -4.0, -3.0, -2.0, -1.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
    assert_eq!((bands[4].size, bands[4].value), (size("2294.324"), size("191369991.2178")));
}

#[test]
fn coin_margined_liquidations_lose_the_archives_repeats() {
    let (report, events) = collect(
        "BTCUSD_PERP-liquidationSnapshot-2023-06-25.csv",
        Format::LiquidationSnapshot,
        "binance-coinm:BTCUSD_PERP",
    );
    assert_eq!((report.rows, report.accepted, report.skipped.duplicate), (3, 2, 1));
    // A forced buy closes a short; 7 and 43 contracts were filled in all, not the last 6 and 1.
    let expected = |contracts: &str, limit: &str| {
        EventBody::Liquidation(Liquidation {
            side: Side::Short,
            size: size(contracts),
            order_price: Some(price(limit)),
            fill_price: Some(price("30631.6")),
            completeness: Completeness::Floor,
        })
    };
    assert_eq!(events[0], Event::at(at("2023-06-25T01:27:51.926Z"), expected("7", "30741.3")));
    assert_eq!(events[1], Event::at(at("2023-06-25T01:27:53.356Z"), expected("43", "30756.6")));
}

#[test]
fn recorded_forced_orders_keep_both_times() {
    let (report, events) =
        collect("BTCUSDT_forceorder_2024-12-04.csv", Format::ForcedOrders, "binance:BTCUSDT");
    assert_eq!(report.rows, 4);
    // 22:16:25.584 and .587 at +05:30.
    assert_eq!(events[0].event_ts, at("2024-12-04T16:46:25.584Z"));
    assert_eq!(events[0].known_ts, at("2024-12-04T16:46:25.587Z"));
    let EventBody::Liquidation(last) = events[3].body else { panic!("{events:?}") };
    assert_eq!((last.side, last.size), (Side::Long, size("0.278")));
    assert_eq!((last.order_price, last.fill_price), (Some(price("94398.27")), Some(price("94770.3"))));
    // Without a telling name, the rows say whose they are.
    let (report, _) = read("orders.csv", excerpt_text("BTCUSDT_forceorder_2024-12-04.csv")).unwrap();
    assert_eq!(report.market.to_string(), "binance:BTCUSDT");
}

#[test]
fn liquidations_keep_both_times_both_prices_and_their_completeness() {
    let header = "event_time,known_time,position_side,size,order_price,fill_price,completeness\n";
    let rows = "1767225600123,1767225600123,long,0.5,59000.1,59100.2,full\n\
                1767225600123,1767225600123,long,0.5,59000.1,59100.2,full\n\
                1767225600900,1767225601000,short,2,,61000,floor\n";
    let (report, events) = read("BTCUSDT-liquidations.csv", format!("{header}{rows}")).unwrap();
    assert_eq!((report.format, report.rows, report.rejected_rows()), (Format::Liquidations, 3, 0));
    let first = Event::at(
        at("2026-01-01T00:00:00.123Z"),
        EventBody::Liquidation(Liquidation {
            side: Side::Long,
            size: size("0.5"),
            order_price: Some(price("59000.1")),
            fill_price: Some(price("59100.2")),
            completeness: Completeness::Full,
        }),
    );
    let last = Event {
        event_ts: at("2026-01-01T00:00:00.9Z"),
        known_ts: at("2026-01-01T00:00:01Z"),
        body: EventBody::Liquidation(Liquidation {
            side: Side::Short,
            size: size("2"),
            order_price: None,
            fill_price: Some(price("61000")),
            completeness: Completeness::Floor,
        }),
    };
    // Two positions may be closed alike at one moment.
    assert_eq!(events, [first.clone(), first, last]);
    for (row, column) in [
        ("1767225600123,1767225600122,long,0.5,1,1,full", "known_time"),
        ("1767225600123,1767225600123,sell,0.5,1,1,full", "position_side"),
        ("1767225600123,1767225600123,long,0,1,1,full", "size"),
        ("1767225600123,1767225600123,long,0.5,0,1,full", "order_price"),
        ("1767225600123,1767225600123,long,0.5,1,-1,full", "fill_price"),
        ("1767225600123,1767225600123,long,0.5,1,1,", "completeness"),
    ] {
        let (report, events) = read("BTCUSDT-liquidations.csv", format!("{header}{rows}{row}\n")).unwrap();
        assert_eq!((events.len(), report.rejected_rows()), (3, 1), "{row}");
        assert_eq!(report.rejected[0].column, column, "{row}");
    }
}

#[test]
fn predicted_funding_stands_beside_settled_funding_if_a_column_says_so() {
    let header = "calc_time,funding_interval_hours,last_funding_rate,kind\n";
    let rows =
        "1767254400000,8,0.0001,settled\n1767254400000,8,0.00012,predicted\n1767254400000,8,0.1,paid\n";
    let (report, events) = read("BTCUSDT-fundingRate.csv", format!("{header}{rows}")).unwrap();
    assert_eq!((report.format, report.rejected_rows()), (Format::FundingRate, 1));
    assert_eq!(report.rejected[0].column, "kind");
    let kinds: Vec<_> = events
        .iter()
        .map(|event| match event.body {
            EventBody::Funding(funding) => (funding.rate, funding.kind),
            _ => panic!("{event:?}"),
        })
        .collect();
    assert_eq!(kinds, [(1e-4, FundingKind::Settled), (1.2e-4, FundingKind::Predicted)]);
}

#[test]
fn hyperliquid_trades_are_read_exactly() {
    let (report, events) = collect("trades_BTC_20260611.jsonl", Format::HyperliquidTrades, "hyperliquid:BTC");
    assert_eq!((report.rows, report.skipped.total()), (8, 0));
    let trades = trades(&events);
    let first = Trade { id: None, price: price("63366"), size: size("0.00017"), taker: Taker::Buy };
    assert_eq!(trades[0], first);
    // 4 × 0.00017 + 0.00319 + 0.003 + 0.00017 + 0.002, exact to the last unit.
    assert_eq!(trades.iter().map(|trade| trade.size.units()).sum::<i64>(), 904_000);
    let strings = "{\"side\":\"A\",\"sz\":\"0.1\",\"px\":\"63366.0\",\"ts\":1781210059172,\"more\":[{}]}\n";
    let (_, events) = read("trades_BTC_20260611.jsonl", strings).unwrap();
    assert!(
        matches!(events[0].body, EventBody::Trade(trade) if trade.taker == Taker::Sell && trade.size == size("0.1"))
    );
}

#[test]
fn hyperliquid_context() {
    let (report, events) = collect("ctx_BTC_20260611.jsonl", Format::HyperliquidContext, "hyperliquid:BTC");
    assert_eq!((report.rows, events.len()), (3, 9));
    let EventBody::Price(update) = events[0].body else { panic!("{events:?}") };
    assert_eq!((update.mark, update.index), (price("63374"), Some(price("63405"))));
    let EventBody::OpenInterest(open_interest) = events[1].body else { panic!("{events:?}") };
    assert_eq!(open_interest.size, size("31347.65858"));
    let EventBody::Funding(funding) = events[2].body else { panic!("{events:?}") };
    assert_eq!(
        (funding.rate, funding.interval, funding.kind),
        (3.3603e-6, Span::HOUR, FundingKind::Predicted)
    );
}

#[test]
fn hyperliquid_book_without_its_repeated_first_row() {
    let (report, events) = collect("l2_BTC_20260621.jsonl", Format::HyperliquidBook, "hyperliquid:BTC");
    assert_eq!((report.rows, report.skipped.duplicate, events.len()), (3, 1, 2));
    let EventBody::Book(book) = &events[0].body else { panic!("{events:?}") };
    let Book::Levels { bids, asks } = book.as_ref() else { panic!("{book:?}") };
    assert_eq!((bids.len(), asks.len()), (20, 20));
    assert_eq!((bids[0].price, bids[0].size), (price("64275"), size("0.0544")));
    assert_eq!((asks[0].price, asks[0].size), (price("64276"), size("9.90592")));
}

#[test]
fn the_market_is_asked_for_when_nothing_says_it() {
    let text = excerpt_text("BTCUSDT-fundingRate-2025-08.csv");
    let error = read("funding.csv", &text).unwrap_err();
    assert!(error.to_string().contains("--market binance:BTCUSDT"), "{error}");
    let error = read("spot/BTCUSDT-fundingRate.csv", &text).unwrap_err();
    assert!(matches!(error, FileError::SpotMarket { .. }), "{error}");
    let options = Options { market: Some("hyperliquid:BTC".parse().unwrap()), ..Options::default() };
    let (report, _) = liqlens_files::collect_bytes("funding.csv", text.as_bytes(), &options).unwrap();
    assert_eq!(report.market.to_string(), "hyperliquid:BTC");
}
