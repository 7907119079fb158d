//! Events as rows of columns, and back. The two directions stand beside each other; the tests hold them
//! to each other for every kind.

use liqlens_market::{
    Bar, Completeness, Event, EventBody, Funding, Gap, Liquidation, LongShortRatio, NumberError,
    OpenInterest, Price, PriceUpdate, Side, Size, Span, Taker, Timestamp, Trade, TradeColumns,
};

use super::columns::{self, Values};
use crate::channel::Channel;

/// Rows of one channel, column by column.
#[derive(Debug)]
pub(crate) struct Rows {
    channel: Channel,
    columns: Vec<Values>,
    /// Bytes of text in them.
    text_bytes: usize,
}

/// The event is of another channel, or has no text.
#[derive(Debug)]
pub(crate) struct Misplaced;

impl Rows {
    /// No rows.
    pub(crate) fn new(channel: Channel) -> Self {
        let columns = columns::of(channel).iter().map(|column| Values::none(column.kind)).collect();
        Self { channel, columns, text_bytes: 0 }
    }

    /// Rows put together by a reader, one entry a column of the channel.
    pub(crate) fn from_columns(channel: Channel, columns: Vec<Values>) -> Self {
        Self { channel, columns, text_bytes: 0 }
    }

    pub(crate) fn columns(&self) -> &[Values] {
        &self.columns
    }

    pub(crate) fn len(&self) -> usize {
        self.columns.first().map_or(0, Values::len)
    }

    pub(crate) fn text_bytes(&self) -> usize {
        self.text_bytes
    }

    /// First and last known time; `None` while there is no row.
    pub(crate) fn span(&self) -> Option<(i64, i64)> {
        match self.columns.get(columns::KNOWN_TS)? {
            Values::Whole(known) => Some((*known.first()?, *known.last()?)),
            _ => None,
        }
    }

    /// Adds an event of the channel at the end.
    pub(crate) fn push(&mut self, event: &Event) -> Result<(), Misplaced> {
        if Channel::of(event) != Some(self.channel) {
            return Err(Misplaced);
        }
        let times = [Cell::whole(event.event_ts.nanos()), Cell::whole(event.known_ts.nanos())];
        let price = |price: Option<Price>| Cell::Maybe(price.map(Price::units));
        let size = |size: Option<Size>| Cell::Maybe(size.map(Size::units));
        let cells = match &event.body {
            EventBody::Trade(trade) => vec![
                Cell::Maybe(trade.id.map(u64::cast_signed)),
                Cell::whole(trade.price.units()),
                Cell::whole(trade.size.units()),
                Cell::Word(trade.taker as u8),
            ],
            EventBody::Bar(bar) => vec![
                Cell::whole(bar.open.units()),
                Cell::whole(bar.high.units()),
                Cell::whole(bar.low.units()),
                Cell::whole(bar.close.units()),
                Cell::whole(bar.volume.units()),
                size(bar.taker_buy),
            ],
            EventBody::Price(update) => vec![Cell::whole(update.mark.units()), price(update.index)],
            EventBody::OpenInterest(open) => vec![Cell::whole(open.size.units()), size(open.value)],
            EventBody::Funding(funding) => {
                vec![Cell::Real(funding.rate), Cell::whole(funding.interval.nanos())]
            }
            EventBody::LongShortRatio(ratio) => vec![Cell::Real(ratio.ratio)],
            EventBody::Liquidation(print) => vec![
                Cell::Word(print.side as u8),
                Cell::whole(print.size.units()),
                price(print.order_price),
                price(print.fill_price),
                Cell::Word(print.completeness as u8),
            ],
            EventBody::Gap(gap) => vec![
                Cell::whole(gap.from.nanos()),
                Cell::whole(gap.to.nanos()),
                Cell::Text(gap.channel.clone()),
                Cell::Text(gap.cause.clone()),
            ],
            body => vec![Cell::Text(serde_json::to_string(body).map_err(|_| Misplaced)?)],
        };
        for (column, cell) in self.columns.iter_mut().zip(times.into_iter().chain(cells)) {
            match (column, cell) {
                (Values::Whole(values), Cell::Whole(value)) => values.push(value),
                (Values::Maybe(values), Cell::Maybe(value)) => values.push(value),
                (Values::Real(values), Cell::Real(value)) => values.push(value),
                (Values::Word(values), Cell::Word(value)) => values.push(value),
                (Values::Text(values), Cell::Text(value)) => {
                    self.text_bytes += value.len();
                    values.push(value);
                }
                _ => return Err(Misplaced),
            }
        }
        Ok(())
    }

    /// The rows of [`Channel::Trade`] as trades; `None` if a value is not what it should be.
    pub(crate) fn into_trades(self) -> Option<TradeColumns> {
        let [event_ts, known_ts, id, price, size, taker] = <[Values; 6]>::try_from(self.columns).ok()?;
        let price = whole(price)?.into_iter().map(Price::from_units).collect::<Result<_, _>>().ok()?;
        let size = whole(size)?.into_iter().map(Size::from_units).collect::<Result<_, _>>().ok()?;
        let id = maybe(id)?.into_iter().map(|id| id.map(i64::cast_unsigned)).collect();
        let taker = words(taker)?.into_iter().map(taker_of).collect();
        TradeColumns::from_columns(times(event_ts)?, times(known_ts)?, id, price, size, taker)
    }

    /// The rows as events; `None` if a value is not what it should be.
    pub(crate) fn into_events(self) -> Option<Vec<Event>> {
        let Self { channel, columns, .. } = self;
        let mut columns = columns.into_iter();
        let (event_ts, known_ts) = (times(columns.next()?)?, times(columns.next()?)?);
        let bodies = bodies(channel, columns)?;
        let times = event_ts.into_iter().zip(known_ts);
        Some(
            times
                .zip(bodies)
                .map(|((event_ts, known_ts), body)| Event { event_ts, known_ts, body })
                .collect(),
        )
    }
}

/// One value of a row.
enum Cell {
    Whole(i64),
    Maybe(Option<i64>),
    Real(f64),
    Word(u8),
    Text(String),
}

impl Cell {
    const fn whole(value: i64) -> Self {
        Self::Whole(value)
    }
}

fn bodies(channel: Channel, mut columns: impl Iterator<Item = Values>) -> Option<Vec<EventBody>> {
    let mut next = || columns.next();
    Some(match channel {
        Channel::Trade => {
            let (ids, prices) = (maybe(next()?)?, whole(next()?)?);
            let (sizes, takers) = (whole(next()?)?, words(next()?)?);
            let rows = ids.into_iter().zip(prices).zip(sizes).zip(takers);
            let body = |(((id, price), size), taker): (((Option<i64>, i64), i64), u8)| {
                let trade = Trade {
                    id: id.map(i64::cast_unsigned),
                    price: Price::from_units(price).ok()?,
                    size: Size::from_units(size).ok()?,
                    taker: taker_of(taker),
                };
                Some(EventBody::Trade(trade))
            };
            rows.map(body).collect::<Option<_>>()?
        }
        Channel::Bar(source, length) => {
            let (open, high, low) = (whole(next()?)?, whole(next()?)?, whole(next()?)?);
            let (close, volume, taker_buy) = (whole(next()?)?, whole(next()?)?, maybe(next()?)?);
            let prices = open.into_iter().zip(high).zip(low).zip(close);
            let body = |((((open, high), low), close), (volume, taker_buy))| {
                let bar = Bar {
                    source,
                    length,
                    open: Price::from_units(open).ok()?,
                    high: Price::from_units(high).ok()?,
                    low: Price::from_units(low).ok()?,
                    close: Price::from_units(close).ok()?,
                    volume: Size::from_units(volume).ok()?,
                    taker_buy: size_if_any(taker_buy).ok()?,
                };
                Some(EventBody::Bar(bar))
            };
            prices.zip(volume.into_iter().zip(taker_buy)).map(body).collect::<Option<_>>()?
        }
        Channel::Price => {
            let rows = whole(next()?)?.into_iter().zip(maybe(next()?)?);
            let body = |(mark, index)| {
                let (mark, index) = (Price::from_units(mark).ok()?, price_if_any(index).ok()?);
                Some(EventBody::Price(PriceUpdate { mark, index }))
            };
            rows.map(body).collect::<Option<_>>()?
        }
        Channel::OpenInterest => {
            let rows = whole(next()?)?.into_iter().zip(maybe(next()?)?);
            let body = |(size, value)| {
                let (size, value) = (Size::from_units(size).ok()?, size_if_any(value).ok()?);
                Some(EventBody::OpenInterest(OpenInterest { size, value }))
            };
            rows.map(body).collect::<Option<_>>()?
        }
        Channel::Funding(kind) => {
            let rows = reals(next()?)?.into_iter().zip(whole(next()?)?);
            let body = |(rate, interval)| {
                EventBody::Funding(Funding { rate, interval: Span::from_nanos(interval), kind })
            };
            rows.map(body).collect()
        }
        Channel::LongShortRatio(population) => {
            let body = |ratio| EventBody::LongShortRatio(LongShortRatio { population, ratio });
            reals(next()?)?.into_iter().map(body).collect()
        }
        Channel::Liquidation => {
            let (sides, sizes) = (words(next()?)?, whole(next()?)?);
            let (orders, fills, sums) = (maybe(next()?)?, maybe(next()?)?, words(next()?)?);
            let rows = sides.into_iter().zip(sizes).zip(orders.into_iter().zip(fills)).zip(sums);
            let body = |(((side, size), (order, fill)), completeness)| {
                let print = Liquidation {
                    side: if side == Side::Long as u8 { Side::Long } else { Side::Short },
                    size: Size::from_units(size).ok()?,
                    order_price: price_if_any(order).ok()?,
                    fill_price: price_if_any(fill).ok()?,
                    completeness: if completeness == Completeness::Full as u8 {
                        Completeness::Full
                    } else {
                        Completeness::Floor
                    },
                };
                Some(EventBody::Liquidation(print))
            };
            rows.map(body).collect::<Option<_>>()?
        }
        Channel::Gap => {
            let spans = times(next()?)?.into_iter().zip(times(next()?)?);
            let rows = spans.zip(texts(next()?)?.into_iter().zip(texts(next()?)?));
            let body =
                |((from, to), (channel, cause))| EventBody::Gap(Box::new(Gap { from, to, channel, cause }));
            rows.map(body).collect()
        }
        Channel::Instrument
        | Channel::MarginTable
        | Channel::Account
        | Channel::AccountTransfer
        | Channel::AccountFill
        | Channel::BookLevels
        | Channel::BookBands => {
            texts(next()?)?.iter().map(|text| serde_json::from_str(text).ok()).collect::<Option<_>>()?
        }
    })
}

/// The side at a place in the list of words, which has no third place.
const fn taker_of(word: u8) -> Taker {
    if word == Taker::Buy as u8 { Taker::Buy } else { Taker::Sell }
}

fn whole(values: Values) -> Option<Vec<i64>> {
    if let Values::Whole(values) = values { Some(values) } else { None }
}

fn maybe(values: Values) -> Option<Vec<Option<i64>>> {
    if let Values::Maybe(values) = values { Some(values) } else { None }
}

fn reals(values: Values) -> Option<Vec<f64>> {
    if let Values::Real(values) = values { Some(values) } else { None }
}

fn words(values: Values) -> Option<Vec<u8>> {
    if let Values::Word(values) = values { Some(values) } else { None }
}

fn texts(values: Values) -> Option<Vec<String>> {
    if let Values::Text(values) = values { Some(values) } else { None }
}

fn times(values: Values) -> Option<Vec<Timestamp>> {
    Some(whole(values)?.into_iter().map(Timestamp::from_nanos).collect())
}

/// A missing price stays missing; a wrong one is an error.
fn price_if_any(units: Option<i64>) -> Result<Option<Price>, NumberError> {
    units.map(Price::from_units).transpose()
}

fn size_if_any(units: Option<i64>) -> Result<Option<Size>, NumberError> {
    units.map(Size::from_units).transpose()
}
