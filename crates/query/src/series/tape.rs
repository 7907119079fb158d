//! `tape/1`: the liquidations that a venue reported.

use core::ops::ControlFlow;

use liqlens_market::{Completeness, Event, EventBody, Instrument, Liquidation, Span, Timestamp, TradeRun};

use super::{LastPrice, Reader, SeriesAsk, SeriesError, read};
use crate::document::{CompletenessName, PriceText, Tape, TapeRow, Usd};
use crate::replay::IntoLog;
use crate::view::side_name;

/// Most rows of one page.
pub const MAX_TAPE_ROWS: u64 = 10_000;

/// Which reports a page holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TapeOptions {
    /// Reports of fewer dollars are left out, and then those whose dollars are not known.
    pub min_usd: Option<Usd>,
    /// Most rows, from 1 to [`MAX_TAPE_ROWS`].
    pub limit: u64,
    /// Where to go on: `next` of the page before.
    pub cursor: Option<String>,
}

impl Default for TapeOptions {
    fn default() -> Self {
        Self { min_usd: None, limit: 1_000, cursor: None }
    }
}

/// A page of the reports that became known from `from` to `to`, both included, oldest first.
///
/// The log has to begin some time before `from`, so that a price is known at which reports without one can be
/// valued.
pub fn tape(log: impl IntoLog, ask: &SeriesAsk<'_>, options: &TapeOptions) -> Result<Tape, SeriesError> {
    let until = ask.until()?;
    if options.limit > MAX_TAPE_ROWS {
        return Err(SeriesError::TooLarge {
            what: "this page",
            wanted: options.limit,
            unit: "rows",
            limit: MAX_TAPE_ROWS,
            advice: "take shorter pages, such as 1000 rows, and go on from `next`",
        });
    }
    let after = match &options.cursor {
        Some(cursor) => {
            Some(Place::parse(cursor).ok_or_else(|| SeriesError::Cursor { cursor: cursor.clone() })?)
        }
        None => None,
    };
    let mut page = Page {
        reader: TapeReader::new(ask.instrument),
        from: ask.from,
        after,
        min_usd: options.min_usd,
        limit: usize::try_from(options.limit.max(1)).unwrap_or(1),
        rows: Vec::new(),
        end: None,
        more: false,
    };
    read(log, until, &mut page);
    Ok(Tape {
        head: ask.head(Tape::SCHEMA),
        min_usd: options.min_usd,
        next: page.end.filter(|_| page.more).map(Place::text),
        rows: page.rows,
    })
}

/// Makes the rows of a tape out of a log as it comes: the same rows that [`tape`] gives.
#[derive(Debug, Clone)]
pub struct TapeReader {
    instrument: Instrument,
    last_price: LastPrice,
    place: Option<Place>,
}

/// The place of a report among all of its log: when it became known, and its number among those of the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    known_ts: Timestamp,
    number: u64,
}

impl TapeReader {
    /// A reader that has read nothing.
    pub fn new(instrument: &Instrument) -> Self {
        Self { instrument: instrument.clone(), last_price: LastPrice::default(), place: None }
    }

    /// Takes an event in log order; the row, if it is a report.
    pub fn event(&mut self, event: &Event) -> Option<TapeRow> {
        let EventBody::Liquidation(liquidation) = &event.body else {
            self.last_price.event(event);
            return None;
        };
        self.place = Some(match self.place {
            Some(Place { known_ts, number }) if known_ts >= event.known_ts => {
                Place { known_ts, number: number + 1 }
            }
            _ => Place { known_ts: event.known_ts, number: 1 },
        });
        Some(self.row(event, liquidation))
    }

    /// Takes several trades.
    pub fn trades(&mut self, trades: TradeRun<'_>) {
        self.last_price.trades(trades);
    }

    /// The place after the last report, from which [`tape`] goes on; `None` before the first.
    pub fn cursor(&self) -> Option<String> {
        self.place.map(Place::text)
    }

    fn row(&self, event: &Event, liquidation: &Liquidation) -> TapeRow {
        let price = liquidation.fill_price.or(liquidation.order_price);
        let valued_at = price.or(self.last_price.get());
        let size = liquidation.size.to_f64();
        let usd = |price: liqlens_market::Price| self.instrument.notional(size, price.to_f64());
        let period = summed(event, liquidation);
        TapeRow {
            ts: if period.is_some() { event.known_ts } else { event.event_ts }.to_string(),
            known: event.known_ts.to_string(),
            period_s: period.map(Span::seconds),
            side: side_name(liquidation.side),
            size,
            price: price.map(PriceText::exact),
            valued_at: valued_at.map(PriceText::exact),
            usd: valued_at.map(usd).map(Usd::from_f64),
            completeness: match liquidation.completeness {
                Completeness::Full => CompletenessName::Full,
                Completeness::Floor => CompletenessName::Floor,
            },
        }
    }
}

/// The period that a report sums, if it is a sum: such a report is dated by its period's beginning, known at its
/// end, and has no price. Periods are whole minutes, which a delay of a single order is not.
fn summed(event: &Event, liquidation: &Liquidation) -> Option<Span> {
    let period = event.known_ts - event.event_ts;
    let whole = period > Span::ZERO && period.nanos() % Span::MINUTE.nanos() == 0;
    let unpriced = liquidation.order_price.is_none() && liquidation.fill_price.is_none();
    (whole && unpriced).then_some(period)
}

impl Place {
    /// `1773964800000000000-2`.
    fn text(self) -> String {
        format!("{}-{}", self.known_ts.nanos(), self.number)
    }

    fn parse(text: &str) -> Option<Self> {
        let (known_ts, number) = text.rsplit_once('-')?;
        let place =
            Self { known_ts: Timestamp::from_nanos(known_ts.parse().ok()?), number: number.parse().ok()? };
        (place.text() == text).then_some(place)
    }
}

/// A page under construction.
struct Page {
    reader: TapeReader,
    from: Timestamp,
    after: Option<Place>,
    min_usd: Option<Usd>,
    limit: usize,
    rows: Vec<TapeRow>,
    /// The place of the last row.
    end: Option<Place>,
    more: bool,
}

impl Reader for Page {
    fn event(&mut self, event: &Event) -> ControlFlow<()> {
        let Some(row) = self.reader.event(event) else { return ControlFlow::Continue(()) };
        let too_early = event.known_ts < self.from || self.reader.place <= self.after;
        let too_small = self.min_usd.is_some_and(|min| row.usd.is_none_or(|usd| usd < min));
        if too_early || too_small {
            return ControlFlow::Continue(());
        }
        if self.rows.len() == self.limit {
            self.more = true;
            return ControlFlow::Break(());
        }
        self.rows.push(row);
        self.end = self.reader.place;
        ControlFlow::Continue(())
    }

    fn trades(&mut self, trades: TradeRun<'_>) {
        self.reader.trades(trades);
    }
}
