//! `oi/1` and `funding/1`: readings, the last of every step.

use core::ops::ControlFlow;

use liqlens_market::{Event, EventBody, Funding, FundingKind, OpenInterest, Span, Timestamp, TradeRun};

use super::{Fineness, LastPrice, Reader, SeriesAsk, SeriesError, read, steps};
use crate::document::{FundingName, FundingPoint, FundingSeries, OpenInterestPoint, OpenInterestSeries, Usd};
use crate::replay::IntoLog;

/// Open interest from `from` to `to`, both included: the last reading of every step.
///
/// The log has to begin some time before `from`, so that a price is known for readings that the venue did not value.
pub fn open_interest(
    log: impl IntoLog,
    ask: &SeriesAsk<'_>,
    fineness: Fineness,
) -> Result<OpenInterestSeries, SeriesError> {
    let until = ask.until()?;
    let step = step(fineness, fineness.max_points, ask.from, until)?;
    let mut reader =
        OpenInterestReader { ask, last_price: LastPrice::default(), points: Thinned::new(ask.from, step) };
    read(log, until, &mut reader);
    Ok(OpenInterestSeries {
        head: ask.head(OpenInterestSeries::SCHEMA),
        step_s: step.seconds(),
        left_out: reader.points.left_out,
        points: reader.points.list.into_iter().map(|(ts, point)| point.document(ts)).collect(),
    })
}

/// Funding rates from `from` to `to`, both included: the last settled and the last predicted one of every step.
pub fn funding(
    log: impl IntoLog,
    ask: &SeriesAsk<'_>,
    fineness: Fineness,
) -> Result<FundingSeries, SeriesError> {
    let until = ask.until()?;
    // Half of the points for each kind.
    let step = step(fineness, fineness.max_points / 2, ask.from, until)?;
    let mut reader = FundingReader { kinds: [Thinned::new(ask.from, step), Thinned::new(ask.from, step)] };
    read(log, until, &mut reader);
    let left_out = reader.kinds.iter().map(|kind| kind.left_out).sum();
    let mut points: Vec<(Timestamp, Funding)> = reader.kinds.into_iter().flat_map(|kind| kind.list).collect();
    // Stable: of one moment the settled rate comes first.
    points.sort_by_key(|(ts, _)| *ts);
    Ok(FundingSeries {
        head: ask.head(FundingSeries::SCHEMA),
        step_s: step.seconds(),
        left_out,
        points: points.into_iter().map(|(ts, funding)| funding_point(ts, &funding)).collect(),
    })
}

/// The step of readings, whose steps end at a reading and not before it.
fn step(fineness: Fineness, most: u64, from: Timestamp, to: Timestamp) -> Result<Span, SeriesError> {
    let before = |at: Timestamp| at - Span::from_nanos(1);
    Ok(steps::choose(fineness, most, before(from), before(to))?.step)
}

fn funding_point(ts: Timestamp, funding: &Funding) -> FundingPoint {
    FundingPoint {
        ts: ts.to_string(),
        rate: funding.rate,
        interval_h: funding.interval.seconds() / 3_600.0,
        kind: match funding.kind {
            FundingKind::Settled => FundingName::Settled,
            FundingKind::Predicted => FundingName::Predicted,
        },
    }
}

/// Readings of rising time, the last of every step that ends after it began: a reading at the end of a step is
/// that step's.
struct Thinned<T> {
    from: Timestamp,
    step: Span,
    list: Vec<(Timestamp, T)>,
    left_out: u64,
}

impl<T> Thinned<T> {
    const fn new(from: Timestamp, step: Span) -> Self {
        Self { from, step, list: Vec::new(), left_out: 0 }
    }

    /// Takes a reading. One older than the newest says nothing new.
    fn add(&mut self, ts: Timestamp, reading: T) {
        if ts < self.from {
            return;
        }
        let step_of = |ts: Timestamp| (ts.nanos().saturating_sub(1)).div_euclid(self.step.nanos());
        match self.list.last_mut() {
            Some((newest, _)) if ts < *newest => self.left_out += 1,
            Some(last) if step_of(last.0) == step_of(ts) => {
                *last = (ts, reading);
                self.left_out += 1;
            }
            _ => self.list.push((ts, reading)),
        }
    }
}

struct OpenInterestReader<'a> {
    ask: &'a SeriesAsk<'a>,
    last_price: LastPrice,
    points: Thinned<Valued>,
}

/// A reading and its dollars.
struct Valued {
    reading: OpenInterest,
    usd: Option<Usd>,
}

impl Valued {
    fn document(&self, ts: Timestamp) -> OpenInterestPoint {
        OpenInterestPoint { ts: ts.to_string(), size: self.reading.size.to_f64(), usd: self.usd }
    }
}

impl Reader for OpenInterestReader<'_> {
    fn event(&mut self, event: &Event) -> ControlFlow<()> {
        if let EventBody::OpenInterest(reading) = &event.body {
            let at_price = || self.last_price.get().map(|price| self.ask.usd(reading.size.to_f64(), price));
            let usd = reading.value.map(|value| Usd::from_f64(value.to_f64())).or_else(at_price);
            self.points.add(event.event_ts, Valued { reading: *reading, usd });
        } else {
            self.last_price.event(event);
        }
        ControlFlow::Continue(())
    }

    fn trades(&mut self, trades: TradeRun<'_>) {
        self.last_price.trades(trades);
    }
}

struct FundingReader {
    /// Settled, predicted.
    kinds: [Thinned<Funding>; 2],
}

impl Reader for FundingReader {
    fn event(&mut self, event: &Event) -> ControlFlow<()> {
        if let EventBody::Funding(funding) = &event.body {
            let kind = usize::from(funding.kind == FundingKind::Predicted);
            self.kinds[kind].add(event.event_ts, *funding);
        }
        ControlFlow::Continue(())
    }

    fn trades(&mut self, _: TradeRun<'_>) {}
}
