//! One decoder per format: a row's bytes to events, nothing else.

pub(crate) mod account_rows;
pub(crate) mod accounts;
pub(crate) mod agg_trades;
pub(crate) mod book_depth;
pub(crate) mod forced_orders;
pub(crate) mod funding;
pub(crate) mod hyperliquid;
pub(crate) mod json;
pub(crate) mod klines;
pub(crate) mod liquidation_snapshot;
pub(crate) mod liquidations;
pub(crate) mod metrics;
pub(crate) mod minute_feed;
pub(crate) mod open_interest;
pub(crate) mod trades;

use liqlens_market::{
    Completeness, EventBody, Liquidation, MarketId, OpenInterest, Price, Side, Size, Venue,
};

use crate::columns::{Column, Fields};
use crate::row::{Reason, RowError};

/// Rates, as fractions per interval, beyond this are not funding: the widest cap of any venue is 4 %
/// an hour.
const FUNDING_RATE_MAX: f64 = 1.0;

/// A funding rate that some market could have.
fn funding_rate(fields: &Fields<'_>, column: Column) -> Result<f64, RowError> {
    let rate = fields.rate(column)?;
    if rate.abs() < FUNDING_RATE_MAX { Ok(rate) } else { Err(RowError::new(column.name, Reason::OutOfRange)) }
}

/// Guards an open-interest series against rows in another unit (dollars in a column of coins, contracts
/// in place of thousands of them): real open interest does not move a thousandfold between two rows.
#[derive(Debug, Clone, Copy, Default)]
struct JumpGuard {
    last: Option<Size>,
}

/// What counts as a change of unit rather than of the market.
const JUMP_FACTOR: i128 = 1_000;

impl JumpGuard {
    fn check(&mut self, size: Size, column: &'static str) -> Result<(), RowError> {
        if let Some(last) = self.last {
            let (now, before) = (i128::from(size.units()), i128::from(last.units()));
            if now >= before * JUMP_FACTOR || before >= now * JUMP_FACTOR {
                return Err(RowError::new(column, Reason::Jump));
            }
        }
        self.last = Some(size);
        Ok(())
    }
}

/// Open interest with the venue's valuation where that is in quote currency. Binance states the value of
/// COIN-M open interest in coin, which [`OpenInterest::value`] does not mean.
fn open_interest(size: Size, value: Option<Size>, market: &MarketId) -> EventBody {
    let value = value.filter(|_| market.venue != Venue::BinanceCoinm);
    EventBody::OpenInterest(OpenInterest { size, value })
}

/// A reported liquidation. Every archive of a venue passes at most one order a second, hence a floor.
fn liquidation(side: Side, size: Size, order_price: Option<Price>, fill_price: Option<Price>) -> EventBody {
    EventBody::Liquidation(Liquidation {
        side,
        size,
        order_price,
        fill_price,
        completeness: Completeness::Floor,
    })
}

/// Remembers the row before, to tell exact repeats.
#[derive(Debug, Clone, Default)]
struct LastLine(Vec<u8>);

impl LastLine {
    /// Whether `line` is the same as the one given before.
    fn repeats(&mut self, line: &[u8]) -> bool {
        if self.0 == line {
            return true;
        }
        self.0.clear();
        self.0.extend_from_slice(line);
        false
    }
}
