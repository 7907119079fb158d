//! Maintenance schedules as the venues published them.

use insta::assert_snapshot;

use crate::context::TestContext;

/// Binance's announcement of 2021-03-18: 0.4 % up to 50,000, 0.5 % less 50 up to 250,000, at 125× and 100×.
#[test]
fn a_ladder_is_that_of_its_day() {
    let context = TestContext::new();
    let old = context.json("tiers binance BTCUSDT --date 2021-03-20");
    let ladder = &old["ladders"][0];
    assert_eq!(ladder["recording"]["recorded"], "2021-03-18");
    assert_eq!(ladder["recording"]["days_from_date"], -2);
    assert_eq!(ladder["bound_unit"], "USDT");
    let tiers = ladder["tiers"].as_array().unwrap();
    assert_eq!((&tiers[0]["cap"], &tiers[0]["maintenance_rate"]), (&50_000.0.into(), &0.004.into()));
    assert_eq!((&tiers[1]["maintenance_amount"], &tiers[1]["max_leverage"]), (&50.0.into(), &100.0.into()));
    let now = context.json("tiers binance:BTCUSDT --date 2026-10-01");
    assert_eq!(now["ladders"][0]["tiers"][0]["cap"], 300_000.0);
    let all = context.json("tiers binance BTCUSDT --all-dates");
    assert_eq!(all["ladders"].as_array().unwrap().len(), all["recorded"].as_array().unwrap().len());
    assert!(all["ladders"].as_array().unwrap().len() > 2);
}

/// As many symbols as Binance listed on 2026-09-29; a filter narrows them.
#[test]
fn venues_and_symbols_are_listed() {
    let context = TestContext::new();
    let venues = context.json("tiers");
    assert_eq!(venues["venues"].as_array().unwrap().len(), 14);
    assert_eq!(venues["venues"][0]["symbol_count"], 907);
    let filtered = context.json("tiers binance --filter btcusd");
    let symbols = filtered["venues"][0]["symbols"].as_array().unwrap();
    assert!(symbols.iter().any(|symbol| symbol["symbol"] == "BTCUSDT"));
    assert!(symbols.iter().all(|symbol| symbol["symbol"].as_str().unwrap().contains("BTCUSD")));
    assert!(context.text("tiers htx").contains("no margin table"));
}

#[test]
fn rows_for_programs() {
    let context = TestContext::new();
    let rows = context.text("tiers bybit BTCUSDT --date 2026-09-25 --csv");
    // Bybit's risk limits as recorded on 2026-09-25.
    assert_eq!(
        rows.lines().collect::<Vec<_>>(),
        [
            "market,recorded,rule,complete,tier,floor,cap,maintenance_rate,maintenance_amount,max_leverage,bound_unit",
            "bybit:BTCUSDT,2026-09-25,continuous,false,1,0,300000,0.0033,0,150,USDT",
            "bybit:BTCUSDT,2026-09-25,continuous,false,2,300000,2000000,0.005,510,100,USDT",
        ]
    );
    for line in ["tiers", "tiers kraken", "tiers deribit BTC-PERPETUAL"] {
        let rows = context.text(&format!("{line} --csv"));
        let cells = rows.lines().next().unwrap().split(',').count();
        assert!(
            rows.lines().count() > 1 && rows.lines().all(|row| row.split(',').count() == cells),
            "{rows}"
        );
    }
}

#[test]
fn refusals() {
    let refusal = |line: &str| {
        let run = TestContext::new().words(line);
        format!("{}exit {}", run.stderr, run.code)
    };
    assert_snapshot!(refusal("tiers bybit DOGEUSDT --date 2026-10-01"), @r"
    error: There is no margin table for bybit:DOGEUSDT on 2026-10-01.
      why: They ship for 5 symbols of Bybit: BTCPERP, BTCUSD, BTCUSDT, BTCUSDZ26, ETHUSDT.
      try: `liqlens tiers` lists what ships.
    exit 3
    ");
    assert_snapshot!(refusal("tiers mtgox"), @r"
    error: There is no venue `mtgox`.
      why: Known venues are binance, binance-coinm, hyperliquid, bybit, okx, bitget, gate, htx, kraken, deribit, dydx, lighter, kucoin, bitmex.
      try: `liqlens tiers` lists what is known of each.
    exit 3
    ");
    assert_snapshot!(refusal("tiers okx --filter DOGE"), @r"
    error: No symbol with a margin table contains `DOGE`.
      why: The filter is a part of the symbol as the venue writes it.
      try: Leave --filter away to see all.
    exit 3
    ");
}
