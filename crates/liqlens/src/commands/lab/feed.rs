//! What the venue of a synthetic market publishes, in layouts that `import` reads: the events come back as
//! they are, in the same order.

use liqlens_ask::Failure;
use liqlens_market::{
    BarSource, Completeness, Event, EventBody, FundingKind, RatioPopulation, Span, Timestamp,
};

use super::output::{Finished, Maybe, Output, Table, TableFile};

/// The contract that is traded, as the files' names and rows have it.
pub(super) const SYMBOL: &str = "BTCUSDT";

const BARS: Table = Table {
    path: "feed/BTCUSDT-1m-klines.csv.gz",
    about: "Candles of trades, one a minute, in the layout of Binance's archive (format `klines`). A row is known \
            at the end of its minute.",
    columns: &[
        ("open_time", "start of the minute, milliseconds since 1970 UTC"),
        ("open", "first price, dollars"),
        ("high", "highest price, dollars"),
        ("low", "lowest price, dollars"),
        ("close", "last price, dollars"),
        ("volume", "traded, BTC, each trade counted once"),
        ("close_time", "last millisecond of the minute"),
        ("taker_buy_volume", "the part of `volume` that takers bought, BTC"),
    ],
};

const METRICS: Table = Table {
    path: "feed/BTCUSDT-metrics.csv.gz",
    about: "Open interest, one reading a minute, and the ratio of accounts every five minutes, in the layout of \
            Binance's archive (format `metrics`).",
    columns: &[
        ("create_time", "time of the reading, UTC"),
        ("symbol", "always BTCUSDT"),
        ("sum_open_interest", "open interest, one-sided, BTC"),
        ("count_long_short_ratio", "accounts that are long divided by accounts that are short; may be empty"),
    ],
};

const FUNDING: Table = Table {
    path: "feed/BTCUSDT-fundingRate.csv.gz",
    about: "Funding, settled every eight hours and predicted every minute, in the layout of Binance's archive with \
            one column more (format `funding-rate`).",
    columns: &[
        ("calc_time", "time, milliseconds since 1970 UTC"),
        ("funding_interval_hours", "hours the rate is for"),
        ("last_funding_rate", "share of notional that longs pay to shorts per interval"),
        ("kind", "settled or predicted"),
    ],
};

const LIQUIDATIONS: Table = Table {
    path: "feed/BTCUSDT-liquidations.csv.gz",
    about: "Liquidations that the venue reports, one a row (format `liquidations`).",
    columns: &[
        ("event_time", "time of the fill, milliseconds since 1970 UTC"),
        ("known_time", "when the venue reported it, milliseconds since 1970 UTC"),
        ("position_side", "side of the position that was closed: long or short"),
        ("size", "BTC"),
        ("order_price", "limit of the forced order, the bankruptcy price, dollars"),
        ("fill_price", "average fill price, dollars"),
        ("completeness", "full (every liquidation is reported) or floor (at most one a second)"),
    ],
};

/// The published files.
pub(super) struct Feed {
    bars: TableFile,
    metrics: TableFile,
    funding: TableFile,
    liquidations: TableFile,
}

impl Feed {
    /// Begins the files.
    pub(super) fn create(output: &Output) -> Result<Self, Failure> {
        Ok(Self {
            bars: output.table(&BARS)?,
            metrics: output.table(&METRICS)?,
            funding: output.table(&FUNDING)?,
            liquidations: output.table(&LIQUIDATIONS)?,
        })
    }

    /// Writes the events of a minute, in log order.
    pub(super) fn minute(&mut self, events: &[Event]) -> Result<(), Failure> {
        let mut reading = None;
        let mut ratio = None;
        for Event { event_ts, known_ts, body } in events {
            let (happened, known) = (event_ts.millis(), known_ts.millis());
            match body {
                EventBody::Bar(bar) if bar.source == BarSource::Trades && bar.length == Span::MINUTE => {
                    let Some(taker_buy) = bar.taker_buy else { return Err(no_place(body)) };
                    let last = known - 1;
                    self.bars.row(&[
                        &happened,
                        &bar.open,
                        &bar.high,
                        &bar.low,
                        &bar.close,
                        &bar.volume,
                        &last,
                        &taker_buy,
                    ])?;
                }
                EventBody::OpenInterest(interest) if interest.value.is_none() && reading.is_none() => {
                    reading = Some((*known_ts, interest.size));
                }
                EventBody::LongShortRatio(one)
                    if one.population == RatioPopulation::AllAccounts && ratio.is_none() =>
                {
                    ratio = Some((*known_ts, one.ratio));
                }
                EventBody::Funding(funding) => {
                    let hours = funding.interval.nanos() / Span::HOUR.nanos();
                    let kind = match funding.kind {
                        FundingKind::Settled => "settled",
                        FundingKind::Predicted => "predicted",
                    };
                    self.funding.row(&[&known, &hours, &funding.rate, &kind])?;
                }
                EventBody::Liquidation(one) => {
                    let (order_price, fill_price) = (Maybe(one.order_price), Maybe(one.fill_price));
                    let completeness = match one.completeness {
                        Completeness::Full => "full",
                        Completeness::Floor => "floor",
                    };
                    self.liquidations.row(&[
                        &happened,
                        &known,
                        &one.side,
                        &one.size,
                        &order_price,
                        &fill_price,
                        &completeness,
                    ])?;
                }
                other => return Err(no_place(other)),
            }
        }
        match (reading, ratio) {
            (Some((at, size)), ratio) if ratio.is_none_or(|(known, _)| known == at) => {
                let ratio = Maybe(ratio.map(|(_, ratio)| ratio));
                self.metrics.row(&[&archive_time(at), &SYMBOL, &size, &ratio])
            }
            (None, None) => Ok(()),
            _ => Err(Failure::internal(
                "A minute of the synthetic market could not be written.",
                "Its ratio of accounts stands without open interest.",
            )),
        }
    }

    /// Ends the files.
    pub(super) fn finish(self) -> Result<Vec<Finished>, Failure> {
        [self.bars, self.metrics, self.funding, self.liquidations]
            .into_iter()
            .map(TableFile::finish)
            .collect()
    }
}

/// A time as the archive writes it: `2026-01-01 00:05:00`, in UTC.
fn archive_time(at: Timestamp) -> String {
    at.to_string().replace('T', " ").replace('Z', "")
}

/// Nothing is left away silently.
fn no_place(body: &EventBody) -> Failure {
    Failure::internal(
        "An event of the synthetic market could not be written.",
        format!("No file has a place for this kind of `{}`.", body.kind()),
    )
}
