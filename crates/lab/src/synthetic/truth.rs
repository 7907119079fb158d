//! What only a synthetic market can show: every position behind the events.

use liqlens_margin::maintenance;
use liqlens_market::{Contract, MarginTable, Side, Size, Timestamp, UNITS_PER_ONE};
use liqlens_model::{BinIndex, LogGrid};

use super::book::Position;
use super::floor::{Floor, Flows};
use super::parameters::Agent;

/// Levels farther than this from the mark (log price) are on no map.
const MAP_REACH: f64 = 1.5;

/// The truth at one moment.
#[derive(Debug, Clone, Copy)]
pub struct Truth<'a> {
    pub(super) floor: &'a Floor,
    pub(super) table: &'a MarginTable,
    pub(super) clock: super::Clock,
}

/// An open position of an agent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Holding {
    /// Number in the order of opening; never used again.
    pub id: u64,
    /// Side held.
    pub side: Side,
    /// Type of its owner.
    pub agent: Agent,
    /// Whether the account's margin, rather than the position's own, stands behind it.
    pub cross: bool,
    /// Leverage chosen at opening.
    pub leverage: f64,
    /// Contracts (base coin).
    pub size: Size,
    /// Entry price, dollars.
    pub entry_price: f64,
    /// Mark price that liquidates it at present, dollars; `None` if none does.
    pub liquidation_price: Option<f64>,
    /// When it was opened: the end of its ten-second step.
    pub opened_at: Timestamp,
}

/// One side's contracts by liquidation price.
#[derive(Debug, Clone, PartialEq)]
pub struct TrueSide {
    /// Side of the positions.
    pub side: Side,
    /// Bin of the first row.
    pub first: BinIndex,
    /// Contracts by bin of the liquidation price.
    pub contracts: Vec<f64>,
    /// The rest of open interest: market makers, hedged and fully covered positions, levels too far away.
    pub unliquidatable: f64,
}

/// Contracts (base coin) of one side since the beginning, by reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SideFlows {
    /// Opened by agents.
    pub opened: Size,
    /// Closed because the owner's time had come.
    pub left: Size,
    /// Closed by stop orders.
    pub stopped: Size,
    /// Closed by take-profit orders.
    pub profit_taken: Size,
    /// Liquidated.
    pub liquidated: Size,
}

impl<'a> Truth<'a> {
    /// Mark price, dollars.
    pub const fn mark_price(&self) -> f64 {
        self.floor.mark()
    }

    /// One-sided open interest, contracts.
    pub fn open_interest(&self) -> Size {
        size(self.floor.open_interest())
    }

    /// Contracts that agents hold on a side.
    pub fn agents(&self, side: Side) -> Size {
        size(self.floor.agents(side))
    }

    /// Contracts that market makers hold on a side: the rest of open interest.
    pub fn makers(&self, side: Side) -> Size {
        size(self.floor.open_interest() - self.floor.agents(side))
    }

    /// What changed hands on a side since the beginning of the warm-up.
    pub fn flows(&self, side: Side) -> SideFlows {
        let Flows { opened, left, stopped, taken, liquidated } = self.floor.flows[side.index()];
        SideFlows {
            opened: size(opened),
            left: size(left),
            stopped: size(stopped),
            profit_taken: size(taken),
            liquidated: size(liquidated),
        }
    }

    /// Dollars opened by a type of agent since the beginning of the warm-up.
    pub fn opened_usd(&self, agent: Agent) -> f64 {
        self.floor.opened_usd[agent as usize]
    }

    /// Open positions of agents on a side, each counted once.
    pub const fn holders(&self, side: Side) -> u32 {
        self.floor.holders[side.index()]
    }

    /// Every open position of agents, in a fixed order.
    pub fn positions(&self) -> impl Iterator<Item = Holding> + 'a {
        let clock = self.clock;
        self.floor.book.positions().map(move |position| holding(position, clock))
    }

    /// Margin behind a position, dollars: what makes its liquidation price the one it has.
    pub fn margin_usd(&self, holding: &Holding) -> Option<f64> {
        let price = holding.liquidation_price?;
        let size_base = holding.size.to_f64();
        let kept = maintenance(self.table, Contract::Linear, size_base, price);
        Some(kept - holding.side.sign() * size_base * (price - holding.entry_price))
    }

    /// The standing map of one side. Bins and the rest sum to open interest.
    pub fn map(&self, side: Side, grid: LogGrid) -> TrueSide {
        let mark = libm::log(self.floor.mark());
        let bin = |log_price: f64| grid.bin_at(log_price / grid.width());
        let (first, last) = match side {
            Side::Long => (bin(mark - MAP_REACH), bin(mark)),
            Side::Short => (bin(mark), bin(mark + MAP_REACH)),
        };
        let mut units = vec![0_i64; usize::try_from(last - first + 1).unwrap_or(0)];
        let mut rest = self.floor.open_interest();
        for position in self.floor.book.positions().filter(|position| position.side == side) {
            if !position.level.is_finite() || (position.level - mark).abs() > MAP_REACH {
                continue;
            }
            let row = usize::try_from(bin(position.level) - first).ok();
            if let Some(row) = row.and_then(|row| units.get_mut(row)) {
                *row += position.size;
                rest -= position.size;
            }
        }
        let contracts = units.into_iter().map(|units| units as f64 / UNITS_PER_ONE as f64).collect();
        TrueSide { side, first, contracts, unliquidatable: rest as f64 / UNITS_PER_ONE as f64 }
    }
}

fn holding(position: &Position, clock: super::Clock) -> Holding {
    Holding {
        id: position.id,
        side: position.side,
        agent: position.agent,
        cross: position.cross,
        leverage: f64::from(position.leverage),
        size: size(position.size),
        entry_price: position.entry_price,
        liquidation_price: position.level.is_finite().then(|| libm::exp(position.level)),
        opened_at: clock.end_of(position.opened),
    }
}

/// Units that are not negative, as a size.
pub(super) fn size(units: i64) -> Size {
    Size::from_units(units).unwrap_or(Size::ZERO)
}
