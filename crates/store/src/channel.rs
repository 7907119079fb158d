//! What is kept apart on disk: channels (one data kind that must not be merged with another) and UTC
//! days.

use core::fmt;

use liqlens_market::{BarSource, Book, Event, EventBody, FundingKind, RatioPopulation, Span, Timestamp};

/// One kind of data of one market. Bars of different sources or lengths, settled and predicted funding,
/// and ratios over different populations are different channels: adding them up would be wrong.
///
/// The order of channels is the order in which events equal in [`Event::log_order`] are read back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Channel {
    /// Holes in other channels.
    Gap,
    /// The contract's rules.
    Instrument,
    /// The maintenance schedule.
    MarginTable,
    /// Mark and index price.
    Price,
    /// Open interest.
    OpenInterest,
    /// Funding rates of one kind.
    Funding(FundingKind),
    /// Long/short ratio over one population.
    LongShortRatio(RatioPopulation),
    /// Reported liquidations.
    Liquidation,
    /// States of public accounts.
    Account,
    /// Deposits and withdrawals of named accounts.
    AccountTransfer,
    /// Fills of named accounts.
    AccountFill,
    /// Order book by level.
    BookLevels,
    /// Order book by distance band.
    BookBands,
    /// Trades.
    Trade,
    /// Bars of one source and length.
    Bar(BarSource, Span),
}

/// Channels without a parameter, and those whose parameter has few values, with their names.
const NAMED: [(Channel, &str); 18] = [
    (Channel::Gap, "gap"),
    (Channel::Instrument, "instrument"),
    (Channel::MarginTable, "margin-table"),
    (Channel::Price, "price"),
    (Channel::OpenInterest, "open-interest"),
    (Channel::Funding(FundingKind::Settled), "funding-settled"),
    (Channel::Funding(FundingKind::Predicted), "funding-predicted"),
    (Channel::LongShortRatio(RatioPopulation::AllAccounts), "long-short-ratio-all-accounts"),
    (Channel::LongShortRatio(RatioPopulation::TopAccounts), "long-short-ratio-top-accounts"),
    (Channel::LongShortRatio(RatioPopulation::TopPositions), "long-short-ratio-top-positions"),
    (Channel::LongShortRatio(RatioPopulation::TakerVolume), "long-short-ratio-taker-volume"),
    (Channel::Liquidation, "liquidation"),
    (Channel::Account, "account"),
    (Channel::AccountTransfer, "account-transfer"),
    (Channel::AccountFill, "account-fill"),
    (Channel::BookLevels, "book-levels"),
    (Channel::BookBands, "book-bands"),
    (Channel::Trade, "trade"),
];

const BAR_SOURCES: [(BarSource, &str); 3] =
    [(BarSource::Mark, "bar-mark-"), (BarSource::Index, "bar-index-"), (BarSource::Trades, "bar-trades-")];

impl Channel {
    /// The channel an event belongs to; `None` for a kind this version does not know.
    pub fn of(event: &Event) -> Option<Self> {
        Some(match &event.body {
            EventBody::Instrument(_) => Self::Instrument,
            EventBody::MarginTable(_) => Self::MarginTable,
            EventBody::Price(_) => Self::Price,
            EventBody::OpenInterest(_) => Self::OpenInterest,
            EventBody::Funding(funding) => Self::Funding(funding.kind),
            EventBody::LongShortRatio(ratio) => Self::LongShortRatio(ratio.population),
            EventBody::Liquidation(_) => Self::Liquidation,
            EventBody::Account(_) => Self::Account,
            EventBody::AccountTransfer(_) => Self::AccountTransfer,
            EventBody::AccountFill(_) => Self::AccountFill,
            EventBody::Trade(_) => Self::Trade,
            EventBody::Bar(bar) => Self::Bar(bar.source, bar.length),
            EventBody::Book(book) => match **book {
                Book::Levels { .. } => Self::BookLevels,
                Book::Bands(_) => Self::BookBands,
            },
            EventBody::Gap(_) => Self::Gap,
            _ => return None,
        })
    }

    /// Reads the name that [`fmt::Display`] writes; `None` for any other text.
    pub fn parse(name: &str) -> Option<Self> {
        if let Some((channel, _)) = NAMED.iter().find(|(_, known)| *known == name) {
            return Some(*channel);
        }
        let (source, length) =
            BAR_SOURCES.iter().find_map(|(source, prefix)| Some((*source, name.strip_prefix(prefix)?)))?;
        let channel = Self::Bar(source, parse_length(length)?);
        // One name per channel: `60s` is written `1m`.
        (channel.to_string() == name).then_some(channel)
    }
}

/// The name in paths and messages: `trade`, `bar-trades-1m`, `funding-settled`, …
impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Self::Bar(source, length) = self {
            let prefix = BAR_SOURCES.iter().find(|(known, _)| known == source).map_or("bar-", |(_, p)| p);
            return if length.nanos() != 0 && length.nanos() % Span::SECOND.nanos() == 0 {
                write!(f, "{prefix}{length}")
            } else {
                write!(f, "{prefix}{}ns", length.nanos())
            };
        }
        f.write_str(NAMED.iter().find(|(known, _)| known == self).map_or("", |(_, name)| name))
    }
}

fn parse_length(text: &str) -> Option<Span> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_lowercase());
    let unit = match &text[digits.len()..] {
        "d" => Span::DAY.nanos(),
        "h" => Span::HOUR.nanos(),
        "m" => Span::MINUTE.nanos(),
        "s" => Span::SECOND.nanos(),
        "ns" => 1,
        _ => return None,
    };
    Some(Span::from_nanos(digits.parse::<i64>().ok()?.checked_mul(unit)?))
}

/// A UTC day, counted from 1970-01-01. Written `2026-01-04`.
///
/// An event belongs to the day of its *known* time: then the days of a channel never overlap in log
/// order, and a day that starts after the moment asked about need not be opened at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(i64);

impl Day {
    /// The day a moment falls into.
    pub const fn of(ts: Timestamp) -> Self {
        Self(ts.nanos().div_euclid(Span::DAY.nanos()))
    }

    /// Its first moment.
    pub const fn start(self) -> Timestamp {
        Timestamp::from_nanos(self.0.saturating_mul(Span::DAY.nanos()))
    }

    /// The first moment of the next day.
    pub const fn end(self) -> Timestamp {
        Timestamp::from_nanos(self.0.saturating_add(1).saturating_mul(Span::DAY.nanos()))
    }

    /// Reads `2026-01-04`; `None` for any other text and for days outside 2009–2100.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != 10 {
            return None;
        }
        let day = Self::of(Timestamp::parse_text(text).ok()?);
        (day.to_string() == text).then_some(day)
    }

    pub(crate) const fn number(self) -> i64 {
        self.0
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.start().date())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_stable_and_read_back() {
        let bar = |source, length| Channel::Bar(source, length);
        let cases = [
            (bar(BarSource::Trades, Span::MINUTE), "bar-trades-1m"),
            (bar(BarSource::Trades, Span::MINUTE.times(5)), "bar-trades-5m"),
            (bar(BarSource::Mark, Span::SECOND.times(90)), "bar-mark-90s"),
            (bar(BarSource::Index, Span::DAY), "bar-index-1d"),
            (bar(BarSource::Mark, Span::from_nanos(500_000_000)), "bar-mark-500000000ns"),
            (Channel::Trade, "trade"),
            (Channel::Funding(FundingKind::Predicted), "funding-predicted"),
        ];
        for (channel, name) in cases {
            assert_eq!(channel.to_string(), name);
            assert_eq!(Channel::parse(name), Some(channel), "{name}");
        }
        for (channel, name) in NAMED {
            assert_eq!(Channel::parse(name), Some(channel), "{name}");
            assert_eq!(channel.to_string(), name);
        }
        for name in ["", "trades", "bar-trades-60s", "bar-trades-", "bar-trades-m", "bar-mark-1y", "../trade"]
        {
            assert_eq!(Channel::parse(name), None, "{name}");
        }
    }

    #[test]
    fn days_start_at_midnight_utc() {
        let ts = Timestamp::parse_text("2026-01-04T23:59:59.999Z").unwrap();
        assert_eq!(Day::of(ts).to_string(), "2026-01-04");
        assert_eq!(Day::of(ts).end(), Timestamp::parse_text("2026-01-05").unwrap());
        assert_eq!(Day::parse("2026-01-04"), Some(Day::of(ts)));
        for text in ["2026-1-4", "2026-02-30", "1970-01-01", "20260104", "2026-01-04.", ""] {
            assert_eq!(Day::parse(text), None, "{text}");
        }
    }
}
