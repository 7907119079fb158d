//! What a file's name says that its content does not: the symbol, the candle length, which price.
//!
//! Archive names are regular (`BTCUSD_PERP-1h-2024-01.zip` below `futures/cm/…/markPriceKlines/`), and
//! names given by hand usually keep the symbol in front. Anything doubtful is left out, so that the
//! reader asks instead of guessing.

use liqlens_market::{BarSource, MarketId, Span, Symbol, Venue};

use crate::format::Format;

/// What was read from a name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct NameHints {
    /// The market, if the name shows one on a supported venue.
    pub(crate) market: Option<MarketId>,
    /// The candle length.
    pub(crate) interval: Option<Span>,
    /// Which price the candles are of.
    pub(crate) bar_source: Option<BarSource>,
    /// The name says that this is a spot market.
    pub(crate) spot: bool,
    /// Candles of the premium index, which is no price.
    pub(crate) premium_index: bool,
}

/// Reads a path or an archive member's name for a file of `format`.
pub(crate) fn read_name(path: &str, format: Format) -> NameHints {
    let parts: Vec<&str> = path.split(['/', '\\']).collect();
    let file = parts.last().copied().unwrap_or_default();
    let stem = file.split('.').next().unwrap_or_default();
    let words: Vec<&str> = stem.split(['-', '_', ' ']).collect();
    let says = |wanted: &str| {
        parts.iter().any(|part| part.eq_ignore_ascii_case(wanted))
            || words.iter().any(|word| word.eq_ignore_ascii_case(wanted))
    };
    let spot = says("spot");
    let bar_source = if says("markPriceKlines") {
        Some(BarSource::Mark)
    } else if says("indexPriceKlines") {
        Some(BarSource::Index)
    } else if says("klines") {
        Some(BarSource::Trades)
    } else {
        None
    };
    let market = if spot {
        None
    } else if format.is_json() {
        words.get(1).and_then(|coin| market(Venue::Hyperliquid, coin)).filter(|_| words.len() >= 3)
    } else {
        binance_symbol(stem).and_then(|(venue, symbol)| market(venue, symbol))
    };
    NameHints {
        market,
        interval: words.iter().find_map(|word| parse_interval(word)),
        bar_source,
        spot,
        premium_index: says("premiumIndexKlines"),
    }
}

fn market(venue: Venue, symbol: &str) -> Option<MarketId> {
    Some(MarketId { venue, symbol: Symbol::new(symbol).ok()? })
}

/// The Binance market a symbol belongs to, by the exchange's naming scheme.
pub(crate) fn binance_market(symbol: &str) -> Option<MarketId> {
    let (venue, all) = binance_symbol(symbol)?;
    (all == symbol).then(|| market(venue, symbol))?
}

/// A Binance futures symbol at the front of `text`: `BTCUSDT`, `BTCUSDT_250627`, `BTCUSD_PERP`.
fn binance_symbol(text: &str) -> Option<(Venue, &str)> {
    let end = text.find(['-', '_', ' ', '.']).unwrap_or(text.len());
    let pair = &text[..end];
    if !pair.chars().all(|c| c.is_alphanumeric() && !c.is_lowercase()) {
        return None;
    }
    let suffix = text[end..].strip_prefix('_').map(|rest| {
        let end = rest.find(['-', '_', ' ', '.']).unwrap_or(rest.len());
        &rest[..end]
    });
    let dated = suffix.is_some_and(|word| word.len() == 6 && word.bytes().all(|byte| byte.is_ascii_digit()));
    let is_linear =
        ["USDT", "USDC", "FDUSD", "USD1"].iter().any(|q| pair.len() > q.len() && pair.ends_with(q));
    let is_inverse = pair.len() > 3 && pair.ends_with("USD") && !is_linear;
    match suffix {
        Some(word) if is_inverse && (dated || word == "PERP") => {
            Some((Venue::BinanceCoinm, &text[..end + 1 + word.len()]))
        }
        Some(word) if is_linear && dated => Some((Venue::BinanceUsdm, &text[..end + 1 + word.len()])),
        _ if is_linear => Some((Venue::BinanceUsdm, pair)),
        _ => None,
    }
}

/// `1m`, `4h`, `1d`: the candle lengths that are the same number of seconds every time (months are not).
pub fn parse_interval(word: &str) -> Option<Span> {
    Some(match word {
        "1s" => Span::SECOND,
        "1m" => Span::MINUTE,
        "3m" => Span::MINUTE.times(3),
        "5m" => Span::MINUTE.times(5),
        "15m" => Span::MINUTE.times(15),
        "30m" => Span::MINUTE.times(30),
        "1h" => Span::HOUR,
        "2h" => Span::HOUR.times(2),
        "4h" => Span::HOUR.times(4),
        "6h" => Span::HOUR.times(6),
        "8h" => Span::HOUR.times(8),
        "12h" => Span::HOUR.times(12),
        "1d" => Span::DAY,
        "3d" => Span::DAY.times(3),
        "1w" => Span::DAY.times(7),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn market_in(name: &str, format: Format) -> Option<String> {
        read_name(name, format).market.map(|market| market.to_string())
    }

    #[test]
    fn symbols_are_read_by_the_venues_naming_schemes() {
        for (name, format, expected) in [
            ("BTCUSDT-aggTrades-2026-01-01.zip", Format::AggTrades, Some("binance:BTCUSDT")),
            ("a/b/BTCUSDT_1h_2025-09-13_2026-03-19.csv.gz", Format::Klines, Some("binance:BTCUSDT")),
            ("1000PEPEUSDT-metrics-2024-01-02.csv", Format::Metrics, Some("binance:1000PEPEUSDT")),
            ("BTCUSDT_250627-1h-2025-01.zip", Format::Klines, Some("binance:BTCUSDT_250627")),
            ("BTCUSD_PERP-trades-2024-01-02.zip", Format::Trades, Some("binance-coinm:BTCUSD_PERP")),
            ("ETHUSD_261225-1h-2026-01.zip", Format::Klines, Some("binance-coinm:ETHUSD_261225")),
            ("币安人生USDT-1h-2026-01.zip", Format::Klines, Some("binance:币安人生USDT")),
            ("trades_BTC_20260611.jsonl.gz", Format::HyperliquidTrades, Some("hyperliquid:BTC")),
            ("ctx_kPEPE_20260611.jsonl", Format::HyperliquidContext, Some("hyperliquid:kPEPE")),
            ("data.csv", Format::Klines, None),
            ("BTC_5m_oi.csv", Format::OpenInterest, None),
            ("BTCUSD-1h.csv", Format::Klines, None),
            ("trades.jsonl", Format::HyperliquidTrades, None),
            ("BTCUSDT_spot_1h_2022.csv.gz", Format::Klines, None),
            ("spot/monthly/BTCUSDT-1h-2022-01.zip", Format::Klines, None),
            ("../../<script>USDT", Format::Klines, None),
        ] {
            assert_eq!(market_in(name, format).as_deref(), expected, "{name}");
        }
    }

    #[test]
    fn interval_and_price_come_from_words_and_folders() {
        let hints = read_name(
            "futures/um/daily/markPriceKlines/BTCUSDT/1m/BTCUSDT-1m-2024-01-02.zip",
            Format::Klines,
        );
        assert_eq!((hints.interval, hints.bar_source), (Some(Span::MINUTE), Some(BarSource::Mark)));
        let hints = read_name("BTCUSDT-4h-2024-01.zip", Format::Klines);
        assert_eq!((hints.interval, hints.bar_source), (Some(Span::HOUR.times(4)), None));
        assert_eq!(read_name("BTCUSDT-1mo-2024.zip", Format::Klines).interval, None);
    }
}
