//! What stands behind the published events: the true map every hour, every liquidation with its position,
//! and the positions at the end. No layout that `import` reads.

use std::fmt::Display;

use liqlens_ask::Failure;
use liqlens_lab::synthetic::{Liquidated, SideFlows, Truth};
use liqlens_market::{Side, Timestamp};
use liqlens_model::LogGrid;

use super::output::{Finished, Maybe, Output, Table, TableFile};

const HOURLY: Table = Table {
    path: "truth/hourly.csv.gz",
    about: "The market every hour, the first row before the first minute. Flows are sums since the beginning of the \
            warm-up: the difference of two rows is what happened between them. On either side, the map of the same \
            hour and `unliquidatable` sum to open interest.",
    columns: &[
        ("time", "UTC"),
        ("mark_price", "dollars"),
        ("open_interest", "one-sided, BTC"),
        ("long_positions", "open positions of agents, number"),
        ("short_positions", "open positions of agents, number"),
        ("long_makers", "held by market makers, BTC: what agents do not hold of open interest"),
        ("short_makers", "the same of shorts, BTC"),
        (
            "long_unliquidatable",
            "BTC on no map: market makers, hedged and fully covered positions, levels beyond a \
                                 log distance of 1.5",
        ),
        ("short_unliquidatable", "the same of shorts, BTC"),
        ("long_opened", "opened by agents, BTC"),
        ("long_left", "closed because the owner's time had come, BTC"),
        ("long_stopped", "closed by stop orders, BTC"),
        ("long_profit_taken", "closed by take-profit orders, BTC"),
        ("long_liquidated", "liquidated, BTC"),
        ("short_opened", "as of longs, BTC"),
        ("short_left", "as of longs, BTC"),
        ("short_stopped", "as of longs, BTC"),
        ("short_profit_taken", "as of longs, BTC"),
        ("short_liquidated", "as of longs, BTC"),
    ],
};

const MAP: Table = Table {
    path: "truth/map_hourly.csv.gz",
    about: "The true standing map every hour: what would be liquidated at each price. Bins in which nothing stands are \
            left away.",
    columns: &[
        ("time", "UTC"),
        ("side", "side of the positions: long or short"),
        ("bin", "number i of the bin, which covers [i, i+1) × 0.0005 in the natural logarithm of the price"),
        ("low_price", "lower edge of the bin, dollars, to ten cents"),
        ("size", "BTC of positions with their liquidation price in the bin"),
    ],
};

const LIQUIDATIONS: Table = Table {
    path: "truth/liquidations.csv.gz",
    about: "Every liquidation, reported or not, with the position behind it.",
    columns: &[
        ("time", "time of the fill, UTC"),
        ("position", "number of the position, in the order of opening"),
        ("side", "side of the position: long or short"),
        ("agent", "type of its owner: retail, pro, fund, hedged or scalper"),
        ("size", "BTC"),
        ("entry_price", "average entry price, dollars"),
        ("liquidation_price", "mark price that triggered it, dollars"),
        ("order_price", "limit of the forced order, the bankruptcy price, dollars"),
        ("fill_price", "average fill price, dollars"),
        ("opened", "when the position was opened, UTC, to ten seconds"),
    ],
};

const POSITIONS: Table = Table {
    path: "truth/positions.csv.gz",
    about: "The open positions of agents at the end.",
    columns: &[
        ("position", "number of the position, in the order of opening"),
        ("side", "long or short"),
        ("agent", "type of its owner: retail, pro, fund, hedged or scalper"),
        ("mode", "isolated (its own margin) or cross (the account's)"),
        ("leverage", "chosen at opening"),
        ("size", "BTC"),
        ("entry_price", "average entry price, dollars"),
        ("liquidation_price", "mark price that liquidates it, dollars; empty if none does"),
        ("margin", "margin behind it, dollars; empty if no price liquidates it"),
        ("opened", "when it was opened, UTC, to ten seconds"),
    ],
};

/// The files of the truth.
pub(super) struct TruthFiles {
    hourly: TableFile,
    map: TableFile,
    liquidations: TableFile,
    positions: TableFile,
}

impl TruthFiles {
    /// Begins the files.
    pub(super) fn create(output: &Output) -> Result<Self, Failure> {
        Ok(Self {
            hourly: output.table(&HOURLY)?,
            map: output.table(&MAP)?,
            liquidations: output.table(&LIQUIDATIONS)?,
            positions: output.table(&POSITIONS)?,
        })
    }

    /// Writes the market at a full hour.
    pub(super) fn hour(&mut self, at: Timestamp, truth: &Truth<'_>) -> Result<(), Failure> {
        let grid = LogGrid::STANDARD;
        let mut unliquidatable = [0.0; 2];
        for side in Side::BOTH {
            let map = truth.map(side, grid);
            unliquidatable[side.index()] = map.unliquidatable;
            for (bin, contracts) in (map.first..).zip(map.contracts) {
                if contracts > 0.0 {
                    // For the eye: the number of the bin says it exactly, and these are most of the files' rows.
                    let low = format!("{:.1}", grid.price(f64::from(bin)));
                    self.map.row(&[&at, &side, &bin, &low, &contracts])?;
                }
            }
        }
        let flows = Side::BOTH.map(|side| {
            let SideFlows { opened, left, stopped, profit_taken, liquidated } = truth.flows(side);
            [opened, left, stopped, profit_taken, liquidated]
        });
        let (mark_price, open_interest) = (truth.mark_price(), truth.open_interest());
        let positions = Side::BOTH.map(|side| truth.holders(side));
        let makers = Side::BOTH.map(|side| truth.makers(side));
        let mut row: Vec<&dyn Display> = vec![&at, &mark_price, &open_interest];
        row.extend(positions.iter().map(|one| one as &dyn Display));
        row.extend(makers.iter().map(|one| one as &dyn Display));
        row.extend(unliquidatable.iter().map(|one| one as &dyn Display));
        row.extend(flows.iter().flatten().map(|one| one as &dyn Display));
        self.hourly.row(&row)
    }

    /// Writes the liquidations of a minute.
    pub(super) fn liquidations(&mut self, liquidations: &[Liquidated]) -> Result<(), Failure> {
        for one in liquidations {
            self.liquidations.row(&[
                &one.at,
                &one.id,
                &one.side,
                &one.agent.id(),
                &one.size,
                &one.entry_price,
                &one.liquidation_price,
                &Maybe(one.order_price),
                &Maybe(one.fill_price),
                &one.opened_at,
            ])?;
        }
        Ok(())
    }

    /// Writes the open positions.
    pub(super) fn positions(&mut self, truth: &Truth<'_>) -> Result<(), Failure> {
        for holding in truth.positions() {
            self.positions.row(&[
                &holding.id,
                &holding.side,
                &holding.agent.id(),
                &if holding.cross { "cross" } else { "isolated" },
                &holding.leverage,
                &holding.size,
                &holding.entry_price,
                &Maybe(holding.liquidation_price),
                &Maybe(truth.margin_usd(&holding)),
                &holding.opened_at,
            ])?;
        }
        Ok(())
    }

    /// Ends the files.
    pub(super) fn finish(self) -> Result<Vec<Finished>, Failure> {
        [self.hourly, self.map, self.liquidations, self.positions]
            .into_iter()
            .map(TableFile::finish)
            .collect()
    }
}
