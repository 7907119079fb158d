//! What a file's name says that its content does not: the symbol, the candle length, which price.
//!
//! Archive names are regular (`BTCUSD_PERP-1h-2024-01.zip` below `futures/cm/…/markPriceKlines/`), and
//! names given by hand usually keep the symbol in front. Anything doubtful is left out, so that the
//! reader asks instead of guessing.

use liqlens_market::{BarSource, MarketId, Span, Symbol, Timestamp, Venue};

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
    /// The account that a file of account states is named after.
    pub(crate) account: Option<String>,
    /// When it was recorded, as far as the name says.
    pub(crate) moment: Option<Moment>,
}

/// When something happened and when it could be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Moment {
    pub(crate) event_ts: Timestamp,
    pub(crate) known_ts: Timestamp,
}

impl Moment {
    /// Known the moment it happened.
    pub(crate) const fn at(ts: Timestamp) -> Self {
        Self { event_ts: ts, known_ts: ts }
    }
}

impl NameHints {
    /// What both names say; this one, of the file outside, goes first but for whose account it is: a member
    /// is named after its content, an archive often is not.
    pub(crate) fn or_inner(self, inner: Self) -> Self {
        Self {
            market: self.market.or(inner.market),
            interval: self.interval.or(inner.interval),
            bar_source: self.bar_source.or(inner.bar_source),
            spot: self.spot || inner.spot,
            premium_index: self.premium_index || inner.premium_index,
            account: inner.account.or(self.account),
            moment: inner.moment.or(self.moment),
        }
    }
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
        account: Some(address(stem).unwrap_or(stem)).filter(|name| !name.is_empty()).map(str::to_owned),
        moment: moment(file),
    }
}

/// The address in a name: `0x` and 40 hexadecimal digits.
fn address(text: &str) -> Option<&str> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric());
    words.into_iter().find(|word| {
        word.len() == 42
            && word.starts_with("0x")
            && word.bytes().skip(2).all(|byte| byte.is_ascii_hexdigit())
    })
}

/// The time in a name: an epoch number (`…_1791171743743.json`) or a time of day with a Z
/// (`2026-03-31T22-09-17Z`, `20260331T2209Z`) is taken as it stands. A date alone says that it happened some
/// time that day, so it is known at the end of it.
fn moment(file: &str) -> Option<Moment> {
    let words = file.split(|c: char| !c.is_ascii_alphanumeric());
    let epoch = words.clone().find_map(|word| {
        let is_epoch = matches!(word.len(), 10 | 13 | 16 | 19) && word.bytes().all(|b| b.is_ascii_digit());
        Timestamp::parse_epoch(word.as_bytes()).ok().filter(|_| is_epoch)
    });
    if let Some(ts) = epoch {
        return Some(Moment::at(ts));
    }
    // `2026-03-31`, `2026_03_31` and `20260331` alike: eight digits, in one word or in three.
    let words: Vec<&str> = words.collect();
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    words.iter().enumerate().find_map(|(at, word)| {
        let (day, time, rest) = match (*word, words.get(at + 1), words.get(at + 2)) {
            (year, Some(month), Some(day))
                if year.len() == 4 && month.len() == 2 && all_digits(year) && all_digits(month) =>
            {
                let (day, time) = day.split_at_checked(2)?;
                (format!("{year}-{month}-{day}"), time, &words[at + 3..])
            }
            (date, ..) => {
                let (date, time) = date.split_at_checked(8).filter(|(date, _)| all_digits(date))?;
                (format!("{}-{}-{}", &date[..4], &date[4..6], &date[6..]), time, &words[at + 1..])
            }
        };
        let start = Timestamp::parse_text(&day).ok()?;
        if time.is_empty() {
            return Some(Moment { event_ts: start, known_ts: start + Span::DAY });
        }
        let clock = time.strip_prefix('T')?;
        let mut digits = clock.to_owned();
        for word in rest {
            if digits.ends_with('Z') || !word.bytes().next().is_some_and(|byte| byte.is_ascii_digit()) {
                break;
            }
            digits += word;
        }
        let digits = digits.strip_suffix('Z');
        let parts = digits.filter(|digits| all_digits(digits) && matches!(digits.len(), 4 | 6));
        let Some(parts) = parts else {
            // A time of day that says nothing about its zone adds nothing to the date.
            return Some(Moment { event_ts: start, known_ts: start + Span::DAY });
        };
        let seconds = parts.get(4..).filter(|seconds| !seconds.is_empty()).unwrap_or("00");
        let text = format!("{day}T{}:{}:{seconds}Z", &parts[..2], &parts[2..4]);
        Timestamp::parse_text(&text).ok().map(Moment::at)
    })
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

    #[test]
    fn accounts_and_times_of_recordings_come_from_the_name() {
        let address = "0x3b6996b7aa8371b0301167eefca33efca13307d6";
        let hints = |name: &str| read_name(name, Format::HyperliquidAccounts);
        let account = |name: &str| hints(name).account;
        assert_eq!(account(&format!("a/state_{address}_2026-10-05.json.gz")).as_deref(), Some(address));
        assert_eq!(account("a/Vault16.json").as_deref(), Some("Vault16"));
        assert_eq!(account("a/.json"), None);

        let moment =
            |name: &str| hints(name).moment.map(|m| (m.event_ts.to_string(), m.known_ts.to_string()));
        let both = |event: &str, known: &str| Some((event.to_owned(), known.to_owned()));
        let exact = |text: &str| both(text, text);
        let day = both("2026-10-05T00:00:00Z", "2026-10-06T00:00:00Z");
        assert_eq!(moment("state_2026-10-05_45pos.json"), day);
        assert_eq!(moment("state_20261005.json"), day);
        // Whose noon is it?
        assert_eq!(moment("state_2026-10-05T1200.json"), day);
        assert_eq!(moment("state_2026-10-05T22-09-17Z.json"), exact("2026-10-05T22:09:17Z"));
        assert_eq!(moment("20261005T2209Z.json"), exact("2026-10-05T22:09:00Z"));
        assert_eq!(moment("x_1791171743743.json"), exact("2026-10-05T03:42:23.743Z"));
        for name in ["state.json", "2026-13-05.json", "1234567890123456789012.json", "0x20261005.json"] {
            assert_eq!(moment(name), None, "{name}");
        }
        // Digits of an address are no date.
        assert_eq!(moment("0x2026100520261005202610052026100520261005.json"), None);
    }
}
