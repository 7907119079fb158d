//! Events into a market, and a market into answers.

use liqlens_bench::Failure;
use liqlens_engine::Market;
use liqlens_market::{Event, Instrument, MarketId, Sink, Timestamp, TradeRun};
use liqlens_model::{FlowModel, ModelId};
use liqlens_query::{Subject, View};

use crate::generator::DAY_START_MS;

/// A market that takes a file's events, and open interest between them.
pub(crate) struct Fold<'a> {
    pub(crate) market: Market,
    /// Readings that are not known yet.
    open_interest: &'a [Event],
}

impl<'a> Fold<'a> {
    pub(crate) const fn new(market: Market, open_interest: &'a [Event]) -> Self {
        Self { market, open_interest }
    }
}

impl Sink for Fold<'_> {
    #[inline]
    fn event(&mut self, event: Event) {
        while let [reading, later @ ..] = self.open_interest
            && reading.known_ts <= event.known_ts
        {
            self.market.step(reading);
            self.open_interest = later;
        }
        self.market.step(&event);
    }

    fn trades(&mut self, mut trades: TradeRun<'_>) {
        while let [reading, later @ ..] = self.open_interest {
            let (before, rest) = trades.split_where(|known_ts| known_ts >= reading.known_ts);
            if rest.is_empty() {
                break;
            }
            self.market.step_trades(before);
            self.market.step(reading);
            self.open_interest = later;
            trades = rest;
        }
        self.market.step_trades(trades);
    }
}

/// Binance's BTCUSDT without history.
pub(crate) fn market(model: ModelId) -> Result<Market, Failure> {
    market_of("binance:BTCUSDT".parse()?, model)
}

/// A market without history. Its schedule is the one in force at the generated day: older ones are not
/// known, and the speed is the same.
pub(crate) fn market_of(id: MarketId, model: ModelId) -> Result<Market, Failure> {
    let schedule = liqlens_margin::table(&id, Timestamp::from_nanos(DAY_START_MS * 1_000_000))?;
    let instrument = Instrument::from_market(id)?;
    let model = FlowModel::new(model, &instrument, &schedule.table)?;
    Ok(Market::new(instrument, model))
}

/// The market as of a moment.
pub(crate) fn view(market: &mut Market, as_of: Timestamp) -> Result<View, Failure> {
    market.advance(as_of);
    let subject = Subject { symbol: "BTC".to_owned(), whole_coin: false, margin_table: "shipped".to_owned() };
    Ok(View::new(market, subject, as_of)?)
}
