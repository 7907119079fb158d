//! Who takes part in a contest: the peers' methods and ours, under the names of the tables.

use liqlens_market::{Instrument, MarginTable};
use liqlens_model::{FlowModel, ModelError, ModelId};

use crate::baselines::Baseline;

/// Names of every model that can be scored, the peers' first, the reference peer before all.
pub const ROSTER: [&str; 7] = ["m0a", "m0b", "m0c", "m0d", "m0e", "m1", "m2"];

/// The model of a name, set up for a market; `None` for a name that is not in [`ROSTER`].
pub fn roster_model(
    name: &str,
    instrument: &Instrument,
    table: &MarginTable,
) -> Option<Result<FlowModel, ModelError>> {
    if let Some(baseline) = Baseline::ALL.into_iter().find(|baseline| baseline.id() == name) {
        return Some(baseline.model(instrument, table).map_err(ModelError::from));
    }
    let id = [ModelId::M1, ModelId::M2].into_iter().find(|id| id.id() == name)?;
    Some(FlowModel::new(id, instrument, table))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_has_a_model() {
        let instrument = Instrument::from_market("binance:BTCUSDT".parse().unwrap()).unwrap();
        let table = liqlens_margin::table(&instrument.market, crate::synthetic::START).unwrap();
        for name in ROSTER {
            assert!(roster_model(name, &instrument, &table.table).unwrap().is_ok(), "{name}");
        }
        assert!(roster_model("m9", &instrument, &table.table).is_none());
    }
}
