//! Examples, which stand before everything else in the help. Every line that starts with `liqlens` runs as
//! it stands against the bundled sample; a test does so.

/// Summary, examples, then what clap knows.
pub(crate) const TEMPLATE: &str =
    "{about-with-newline}\n{before-help}{usage-heading} {usage}\n\n{all-args}{after-help}";

pub(crate) const TOP: &str = "\
Examples:
  liqlens demo
  liqlens reach BTC --amount 250M
  liqlens at BTC --move -2% --move +2%
  liqlens map BTC -o map.png
  liqlens brief BTC --format md";

pub(crate) const DEMO: &str = "\
Examples:
  liqlens demo
  liqlens demo --out pictures";

pub(crate) const IMPORT: &str = "\
Examples:
  liqlens import BTCUSDT-metrics-2026-03-20.csv --data liqlens-data
  liqlens import *.csv.gz --market binance:BTCUSDT --data liqlens-data
  liqlens import clearinghouse-states.json --data liqlens-data";

pub(crate) const EXPORT: &str = "\
Examples:
  liqlens export -o archive
  liqlens export BTC --from 2026-03-15 --to 2026-03-16 -o archive --json
  liqlens reach BTC --amount 250M --data archive";

pub(crate) const REACH: &str = "\
Examples:
  liqlens reach BTC --amount 250M
  liqlens reach binance:BTCUSDT --amount 5 --in %oi
  liqlens reach BTC --amount 1000 --in BTC --json
  liqlens reach BTC --amount 250M -o reach.csv";

pub(crate) const AT: &str = "\
Examples:
  liqlens at BTC --move -2%
  liqlens at BTC --move -2% --move +770 --move to:60000
  liqlens at BTC --move -1% --move +1% --csv";

pub(crate) const MAP: &str = "\
Examples:
  liqlens map BTC
  liqlens map BTC --within 5% --bin 25bp
  liqlens map BTC --theme dark -o map.png
  liqlens map BTC --csv";

pub(crate) const CLUSTERS: &str = "\
Examples:
  liqlens clusters BTC
  liqlens clusters BTC --within 5% --json";

pub(crate) const ACCOUNTS: &str = "\
Examples:
  liqlens accounts BTC --data liqlens-data
  liqlens accounts hyperliquid:BTC --between 30000..60000 --side long --top 50 --data liqlens-data
  liqlens accounts BTC --data liqlens-data -o accounts.csv";

pub(crate) const ACCOUNT: &str = "\
Examples:
  liqlens account hyperliquid 0x3b69…07d6 --data liqlens-data
  liqlens account hyperliquid 0x3b69 --beta BTC=1 --others 1.3 --data liqlens-data";

pub(crate) const HEATMAP: &str = "\
Examples:
  liqlens heatmap BTC -o heatmap.png
  liqlens heatmap BTC --last 5d --step 1h --within 5%
  liqlens heatmap BTC --from 2026-03-19 --row 25bp -o heatmap.csv";

pub(crate) const BRIEF: &str = "\
Examples:
  liqlens brief BTC
  liqlens brief BTC --amount 100M --format md
  liqlens brief BTC -o brief.html
  liqlens brief BTC --format card -o card.png";

pub(crate) const SERVE: &str = "\
Examples:
  liqlens serve
  liqlens serve --data liqlens-data --bind 127.0.0.1:0 --open";

pub(crate) const KEY: &str = "\
Examples:
  liqlens key desk
  liqlens key ops --scope admin --json";

pub(crate) const LIQPRICE: &str = "\
Examples:
  liqlens liqprice binance BTCUSDT long --entry 65000 --size 0.5 --leverage 20
  liqlens liqprice bybit:BTCUSDT short --entry 65000 --size 20000USD --leverage 50 --added 300
  liqlens liqprice okx BTC-USDT-SWAP long --entry 65000 --size 1 --mode cross --wallet 9000
  liqlens liqprice kraken PI_XBTUSD long --entry 8000 --size 1000 --mode cross --margin 0.01
  liqlens liqprice htx BTC-USDT long --entry 47151.3 --size 0.001 --leverage 2 --rate 1.5% --json";

pub(crate) const LIQPRICE_USAGE: &str =
    "liqlens liqprice <VENUE> <SYMBOL> <SIDE> --entry <PRICE> --size <SIZE> [OPTIONS]";

pub(crate) const TIERS: &str = "\
Examples:
  liqlens tiers
  liqlens tiers binance --filter ETH
  liqlens tiers binance BTCUSDT
  liqlens tiers bybit:BTCUSDT --all-dates --csv";

pub(crate) const SCORE: &str = "\
Examples:
  liqlens score BTC
  liqlens score BTC --from 2026-03-18 --models m0a,m1 --horizons 5m --out score
  liqlens score BTC --models m0a,m2 --horizons 1m --min gain_m0a_1m=0 --min level_1m=0.5..2 --json";

pub(crate) const LAB: &str = "\
Examples:
  liqlens lab world calm --days 1 --out calm
  liqlens lab world alt --days 1 --seed 7 --prints throttled --out alt --json";

pub(crate) const SCHEMA: &str = "\
Examples:
  liqlens schema
  liqlens schema reach";

pub(crate) const COMPLETIONS: &str = "\
Examples:
  liqlens completions bash
  liqlens completions fish";

pub(crate) const VERSION: &str = "\
Examples:
  liqlens version
  liqlens version --json";
