//! Every open position, filed by the price and by the time at which something happens to it.
//!
//! A position waits for at most three things: a price against it (its stop, its top-up or its liquidation,
//! whichever comes first), a price in its favour (its profit), and a moment (its owner leaves, or the
//! collateral changes). Prices are filed in fine bins of log price, so that a move of the mark touches only
//! what it passes.

use liqlens_market::Side;

use super::lists::{Lists, NONE};
use super::parameters::Agent;

/// Width of the bins that trigger prices are filed in, log price.
const FILE_WIDTH: f64 = 5e-5;
/// Half the range of the file, log price: beyond it nothing is filed, since the price cannot get there.
const FILE_REACH: f64 = 3.0;
/// The price itself is held within this log distance of where it started.
pub(super) const PRICE_REACH: f64 = 2.5;

/// An open position.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Position {
    /// Number in the order of opening; zero for a free slot.
    pub(super) id: u64,
    pub(super) side: Side,
    pub(super) agent: Agent,
    /// Whether its margin is the account's (cross) rather than its own.
    pub(super) cross: bool,
    pub(super) leverage: f32,
    /// Units of 1e-8 of the base coin.
    pub(super) size: i64,
    pub(super) entry_price: f64,
    pub(super) entry: f64,
    /// Log prices; the infinity on its losing side where there is none.
    pub(super) level: f64,
    pub(super) stop: f64,
    pub(super) top_up: f64,
    /// Log price, or the infinity on its winning side.
    pub(super) take: f64,
    /// Step in which it was opened.
    pub(super) opened: u32,
    /// Step in which its owner leaves.
    pub(super) leaves: u32,
    /// Step in which its collateral changes next; `u32::MAX` for never.
    pub(super) remargins: u32,
}

impl Position {
    /// The next log price against it at which something happens.
    #[inline]
    fn against(&self) -> f64 {
        match self.side {
            Side::Long => self.stop.max(self.top_up).max(self.level),
            Side::Short => self.stop.min(self.top_up).min(self.level),
        }
    }

    /// Log distance from entry to liquidation.
    pub(super) fn distance(&self) -> f64 {
        (self.entry - self.level).abs()
    }

    /// The log price at a distance against it.
    pub(super) fn at_distance(&self, distance: f64) -> f64 {
        self.entry - self.side.sign() * distance
    }

    /// What stands for "no price" against a side.
    pub(super) const fn never(side: Side) -> f64 {
        match side {
            Side::Long => f64::NEG_INFINITY,
            Side::Short => f64::INFINITY,
        }
    }
}

/// What a position waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reached {
    Liquidation,
    Stop,
    TopUp,
    Profit,
}

/// The direction of a move of the mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Move {
    Fall,
    Rise,
}

/// All open positions.
#[derive(Debug, Clone)]
pub(super) struct Book {
    slots: Vec<Position>,
    free: Vec<u32>,
    /// What happens when the mark falls (longs' losses, shorts' profits) and when it rises.
    falls: Lists,
    rises: Lists,
    /// What happens in a step.
    times: Lists,
    /// Log price of the file's first bin.
    base: f64,
    next_id: u64,
}

impl Book {
    /// An empty book around a log price, for a number of steps.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // 120,000
    pub(super) fn new(log_price: f64, steps: u32) -> Self {
        let bins = (2.0 * FILE_REACH / FILE_WIDTH) as usize;
        Self {
            slots: Vec::new(),
            free: Vec::new(),
            falls: Lists::new(bins),
            rises: Lists::new(bins),
            times: Lists::new(steps as usize + 1),
            base: log_price - FILE_REACH,
            next_id: 1,
        }
    }

    /// Bin of a log price, `None` outside the file.
    #[inline]
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // compared with the number of bins
    fn bin(&self, log_price: f64) -> Option<u32> {
        let position = (log_price - self.base) * (1.0 / FILE_WIDTH);
        (position >= 0.0 && position < self.falls.buckets() as f64).then_some(position as u32)
    }

    /// Opens a position; its `id` is given here.
    pub(super) fn open(&mut self, mut position: Position) {
        position.id = self.next_id;
        self.next_id += 1;
        let slot = if let Some(slot) = self.free.pop() {
            self.slots[slot as usize] = position;
            slot
        } else {
            let slot = u32::try_from(self.slots.len()).unwrap_or(NONE - 1);
            self.slots.push(position);
            for lists in [&mut self.falls, &mut self.rises, &mut self.times] {
                lists.admit(slot);
            }
            slot
        };
        self.file_against(slot);
        let favour = self.bin(position.take);
        if let Some(bin) = favour {
            match position.side {
                Side::Long => self.rises.insert(slot, bin),
                Side::Short => self.falls.insert(slot, bin),
            }
        }
        self.file_time(slot);
    }

    /// Files the next price against a position anew.
    fn file_against(&mut self, slot: u32) {
        let position = self.slots[slot as usize];
        let bin = self.bin(position.against());
        let lists = match position.side {
            Side::Long => &mut self.falls,
            Side::Short => &mut self.rises,
        };
        lists.remove(slot);
        if let Some(bin) = bin {
            lists.insert(slot, bin);
        }
    }

    /// Files the next moment of a position anew.
    fn file_time(&mut self, slot: u32) {
        let Position { leaves, remargins, .. } = self.slots[slot as usize];
        let step = leaves.min(remargins);
        self.times.remove(slot);
        if (step as usize) < self.times.buckets() {
            self.times.insert(slot, step);
        }
    }

    /// Closes a position.
    pub(super) fn close(&mut self, slot: u32) {
        for lists in [&mut self.falls, &mut self.rises, &mut self.times] {
            lists.remove(slot);
        }
        self.slots[slot as usize].id = 0;
        self.free.push(slot);
    }

    /// Moves the level of a position.
    pub(super) fn set_level(&mut self, slot: u32, level: f64) {
        self.slots[slot as usize].level = level;
        self.file_against(slot);
    }

    /// Uses up a position's top-up.
    pub(super) fn clear_top_up(&mut self, slot: u32) {
        let position = &mut self.slots[slot as usize];
        position.top_up = Position::never(position.side);
    }

    /// Sets the step of the next change of collateral.
    pub(super) fn set_remargin(&mut self, slot: u32, step: u32) {
        self.slots[slot as usize].remargins = step;
        self.file_time(slot);
    }

    /// A position whose moment is `step`, if any is left. The caller must close or re-file it.
    #[inline]
    pub(super) fn due(&self, step: u32) -> Option<u32> {
        let slot = self.times.first(step);
        (slot != NONE).then_some(slot)
    }

    /// The next position that a move of the mark reaches, in the order of the move as far as the file's
    /// bins tell, and what it waited for. `cursor` starts at the bin of the move's beginning. The caller
    /// must close or re-file it.
    pub(super) fn reached(&self, motion: Move, cursor: &mut u32, to: f64) -> Option<(u32, Reached)> {
        let last = self.bin(to)?;
        let lists = match motion {
            Move::Fall => &self.falls,
            Move::Rise => &self.rises,
        };
        while *cursor != last {
            let slot = lists.first(*cursor);
            if slot != NONE {
                return Some((slot, self.waited(slot, motion).1));
            }
            match motion {
                Move::Fall => *cursor -= 1,
                Move::Rise => *cursor += 1,
            }
        }
        // The last bin is passed in part.
        let mut slot = lists.first(last);
        while slot != NONE {
            let (price, reached) = self.waited(slot, motion);
            let passed = match motion {
                Move::Fall => price >= to,
                Move::Rise => price <= to,
            };
            if passed {
                return Some((slot, reached));
            }
            slot = lists.after(slot);
        }
        None
    }

    /// The bin in which a move starts.
    pub(super) fn start(&self, from: f64) -> u32 {
        self.bin(from).unwrap_or(0)
    }

    /// What a position waits for in a direction, and the log price of it.
    fn waited(&self, slot: u32, motion: Move) -> (f64, Reached) {
        let position = &self.slots[slot as usize];
        let losing = (motion == Move::Fall) == (position.side == Side::Long);
        if !losing {
            return (position.take, Reached::Profit);
        }
        let price = position.against();
        let reached = if price == position.level {
            Reached::Liquidation
        } else if price == position.top_up {
            Reached::TopUp
        } else {
            Reached::Stop
        };
        (price, reached)
    }

    /// A position by slot.
    #[inline]
    pub(super) fn get(&self, slot: u32) -> &Position {
        &self.slots[slot as usize]
    }

    /// All open positions, by slot.
    pub(super) fn positions(&self) -> impl Iterator<Item = &Position> {
        self.slots.iter().filter(|position| position.id != 0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn position(side: Side, level: f64, take: f64, leaves: u32) -> Position {
        Position {
            id: 0,
            side,
            agent: Agent::Retail,
            cross: false,
            leverage: 10.0,
            size: 1,
            entry_price: libm::exp(11.0),
            entry: 11.0,
            level,
            stop: Position::never(side),
            top_up: Position::never(side),
            take,
            opened: 0,
            leaves,
            remargins: u32::MAX,
        }
    }

    proptest! {
        /// A walk of the mark against a plain scan of all positions.
        #[test]
        fn a_move_reaches_exactly_what_it_passes(
            distances in proptest::collection::vec((1e-6..0.05_f64, 1e-6..0.05_f64, any::<bool>()), 1..60),
            marks in proptest::collection::vec(-0.06..0.06_f64, 1..30),
        ) {
            let mut book = Book::new(11.0, 10);
            let mut plain = Vec::new();
            for (id, (against, favour, long)) in (1_u64..).zip(distances) {
                let side = if long { Side::Long } else { Side::Short };
                let s = side.sign();
                book.open(position(side, 11.0 - s * against, 11.0 + s * favour, 9));
                plain.push((id, s, against, favour));
            }
            let mut mark = 11.0;
            for to in marks.into_iter().map(|offset| 11.0 + offset) {
                let motion = if to < mark { Move::Fall } else { Move::Rise };
                let mut cursor = book.start(mark);
                let mut reached = Vec::new();
                while let Some((slot, what)) = book.reached(motion, &mut cursor, to) {
                    reached.push((book.get(slot).id, what));
                    book.close(slot);
                }
                reached.sort_by_key(|(id, _)| *id);
                let passed = |price: f64| if motion == Move::Fall { price >= to } else { price <= to };
                let mut expected = Vec::new();
                plain.retain(|(id, s, against, favour)| {
                    let losing = (*s > 0.0) == (motion == Move::Fall);
                    if losing && passed(11.0 - s * against) {
                        expected.push((*id, Reached::Liquidation));
                    } else if !losing && passed(11.0 + s * favour) {
                        expected.push((*id, Reached::Profit));
                    } else {
                        return true;
                    }
                    false
                });
                prop_assert_eq!(reached, expected);
                prop_assert_eq!(book.positions().count(), plain.len());
                mark = to;
            }
        }
    }

    #[test]
    fn what_comes_first_is_met_first() {
        let mut book = Book::new(11.0, 10);
        let mut long = position(Side::Long, 10.9, f64::INFINITY, 4);
        (long.top_up, long.stop) = (10.95, 10.94);
        book.open(long);
        let mut cursor = book.start(11.0);
        assert_eq!(book.reached(Move::Fall, &mut cursor, 10.951), None);
        assert_eq!(book.reached(Move::Fall, &mut cursor, 10.80), Some((0, Reached::TopUp)));
        book.clear_top_up(0);
        book.set_level(0, 10.85);
        assert_eq!(book.reached(Move::Fall, &mut cursor, 10.80), Some((0, Reached::Stop)));
        assert_eq!((book.due(3), book.due(4)), (None, Some(0)));
        book.set_remargin(0, 3);
        assert_eq!(book.due(3), Some(0));
    }
}
