//! Binance single trades: one fill a row. Their ids are the exchange's and count up without holes, apart
//! from fills of the insurance fund and auto-deleveraging, which the archive leaves out.

use crate::columns::Header;
use crate::report::FileError;
use crate::setting::Setting;

use super::agg_trades::AggTrades;

/// Reads single trades; only the column names differ from aggregates.
pub(crate) fn new(header: &Header, setting: &Setting<'_>) -> Result<AggTrades, FileError> {
    AggTrades::with_names(header, setting, "id", "qty", "time")
}
