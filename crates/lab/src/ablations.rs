//! M2 with one ingredient taken out: what does not pay is to be removed.

use liqlens_market::{Instrument, MarginTable};
use liqlens_model::{FlowModel, Learning, Pool, SPEC_POOLS};

/// An ingredient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ablation {
    /// One pool of four days instead of six from five minutes to 25 days.
    OnePool,
    /// Closing at a constant rate instead of with the traded volume.
    NoClock,
    /// A bin stands until the price has passed all of it.
    WholeBins,
    /// One multiplier for all distances and lanes: the level is learned, the shape is the prior's.
    LevelOnly,
}

impl Ablation {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::OnePool, Self::NoClock, Self::WholeBins, Self::LevelOnly];

    /// Name in tables.
    pub const fn id(self) -> &'static str {
        match self {
            Self::OnePool => "m2, one pool",
            Self::NoClock => "m2, no volume clock",
            Self::WholeBins => "m2, whole bins",
            Self::LevelOnly => "m2, level only",
        }
    }

    /// M2 without the ingredient.
    pub fn model(self, instrument: &Instrument, table: &MarginTable) -> FlowModel {
        let m2 = |pools: &[Pool], learning| FlowModel::m2(instrument, table, pools, learning);
        match self {
            Self::OnePool => {
                let resting = SPEC_POOLS.iter().map(|pool| pool.share).sum();
                let slow = Pool { share: resting, ..SPEC_POOLS[4] };
                m2(&[slow], Learning::SPEC)
            }
            Self::NoClock => {
                let pools = SPEC_POOLS.map(|pool| Pool { clock_exponent: 0.0, ..pool });
                m2(&pools, Learning::SPEC)
            }
            Self::WholeBins => {
                let mut model = m2(&SPEC_POOLS, Learning::SPEC);
                model.fractional_boundary = false;
                model
            }
            // A prior that no report moves keeps every class and lane at the overall level.
            Self::LevelOnly => {
                m2(&SPEC_POOLS, Learning { prior_days: 1e9, lane_prior: 1e9, ..Learning::SPEC })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use liqlens_model::Lanes;

    use super::*;

    #[test]
    fn each_takes_one_thing_away() {
        let instrument = Instrument::from_market("binance:BTCUSDT".parse().unwrap()).unwrap();
        let table = liqlens_margin::table(&instrument.market, crate::synthetic::START).unwrap();
        let whole = FlowModel::m2(&instrument, &table.table, &SPEC_POOLS, Learning::SPEC);
        for ablation in Ablation::ALL {
            let model = ablation.model(&instrument, &table.table);
            assert_eq!(model.classes, whole.classes, "{}", ablation.id());
            assert_ne!(model, whole, "{}", ablation.id());
        }
        let one = Ablation::OnePool.model(&instrument, &table.table);
        assert_eq!(one.lanes, Lanes::Pools(vec![Pool { share: 0.73, ..SPEC_POOLS[4] }]));
    }
}
