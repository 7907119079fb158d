//! Mass of one side by liquidation level.
//!
//! Rows are levels (bins of the grid), columns are (class, lane). Keeping mass at its level rather than
//! at its entry makes the three things that happen to it cheap: a sweep clears whole rows, a map is a sum
//! over each row, and closing multiplies a lane everywhere, which is left to a factor the caller holds
//! (lazy scaling: what is stored is `mass / factor`). The entry of a cell is its level plus its class's
//! shift, so nothing is lost.

use core::array;
use core::ops::Range;

use liqlens_market::Side;
use serde::{Deserialize, Serialize};

use crate::extents::Extents;
use crate::grid::{BinIndex, BlockPrices, LogGrid};
use crate::openings::{Openings, single};

/// Rows added at once when a level lies outside the stored range.
const GROWTH: usize = 256;

/// Levels of one side. All masses are in stored units: multiply by the lane's factor for contracts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LevelBook {
    side: Side,
    classes: usize,
    lanes: usize,
    first: BinIndex,
    /// `[row][class][lane]`, unit flow: as if all opened flow had this class and lane. In single precision, half
    /// the memory: totals are kept apart, in double.
    cells: Vec<f32>,
    /// `[row][lane]`, Σ over classes of weight × cell: the map before scaling.
    weighted: Vec<f64>,
    /// Σ over rows of `weighted`.
    lane_mass: Vec<f64>,
    /// Σ over rows of `cells`, `[class][lane]`, in double and from the same flow.
    flow: Vec<f64>,
    /// The same, each level's times the price in the middle of its bin.
    worth: Vec<f64>,
    /// The grid of the levels.
    grid: LogGrid,
    /// Price of a class's level over the price of its entry.
    ratios: Vec<f64>,
    /// Rows that hold anything, as an interval of bins.
    occupied: Option<(BinIndex, BinIndex)>,
    /// The bin of the last sweep's end and the share of it that was left standing.
    boundary: Option<(BinIndex, f64)>,
    /// Where each class's cells may be other than zero.
    #[serde(skip)]
    extents: Extents,
}

/// What a sweep removed.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Swept {
    /// Weighted contracts, factors applied.
    pub mass: f64,
}

impl LevelBook {
    /// An empty book for classes whose levels are their entries moved by so many bins.
    pub fn new(side: Side, grid: LogGrid, offsets: &[BinIndex], lanes: usize) -> Self {
        let classes = offsets.len();
        Self {
            grid,
            ratios: offsets.iter().map(|offset| grid.price(f64::from(*offset))).collect(),
            worth: vec![0.0; classes * lanes],
            side,
            classes,
            lanes,
            first: 0,
            cells: Vec::new(),
            weighted: Vec::new(),
            lane_mass: vec![0.0; lanes],
            flow: vec![0.0; classes * lanes],
            occupied: None,
            boundary: None,
            extents: Extents::none(classes),
        }
    }

    /// Adds flow to every class. A class's levels are the entry bins moved by its offset, `None` where no price
    /// liquidates it; what would lie outside `resting` is left out. `weights` are `[class][lane]`. Tells `added`
    /// class by class what of the contracts rests.
    pub fn add(
        &mut self,
        openings: &Openings,
        offsets: impl Iterator<Item = Option<BinIndex>> + Clone,
        resting: &Range<BinIndex>,
        weights: &[f64],
        mut added: impl FnMut(usize, f64),
    ) {
        // The shipped models have six and eight lanes; a known length lets the additions be vectorised.
        match self.lanes {
            6 => self.add_lanes::<6>(openings, offsets, resting, weights, added),
            8 => self.add_lanes::<8>(openings, offsets, resting, weights, added),
            lanes => {
                for ((class, offset), weights) in offsets.enumerate().zip(weights.chunks_exact(lanes)) {
                    if let Some(offset) = offset {
                        added(class, self.add_any(class, offset, openings, resting, weights));
                    }
                }
            }
        }
    }

    fn add_any(
        &mut self,
        class: usize,
        offset: BinIndex,
        openings: &Openings,
        resting: &Range<BinIndex>,
        weights: &[f64],
    ) -> f64 {
        let stored = openings.stored();
        let mut total = 0.0;
        for (level, contracts) in openings.levels(offset).filter(|(level, _)| resting.contains(level)) {
            let row = self.row(level);
            self.extents.widen(class, level, level);
            let cell = (row * self.classes + class) * self.lanes;
            for lane in 0..self.lanes {
                let mass = contracts * (stored[lane] * weights[lane]);
                self.cells[cell + lane] += single(contracts * stored[lane]);
                self.weighted[row * self.lanes + lane] += mass;
                self.lane_mass[lane] += mass;
                self.flow[class * self.lanes + lane] += contracts * stored[lane];
                self.worth[class * self.lanes + lane] += contracts * stored[lane] * self.grid.middle(level);
            }
            total += contracts;
        }
        total
    }

    /// [`LevelBook::add`] for a fixed number of lanes.
    #[inline]
    fn add_lanes<const LANES: usize>(
        &mut self,
        openings: &Openings,
        offsets: impl Iterator<Item = Option<BinIndex>> + Clone,
        resting: &Range<BinIndex>,
        weights: &[f64],
        mut added: impl FnMut(usize, f64),
    ) {
        let stored = openings.stored().first_chunk::<LANES>();
        let lane_mass = self.lane_mass.first_chunk::<LANES>();
        let (Some(&stored), Some(&(mut lane_mass))) = (stored, lane_mass) else { return };
        self.make_room(openings, offsets.clone().flatten(), resting);
        let (first, classes) = (i64::from(self.first), self.classes);
        let added_cells = openings.cells().as_chunks::<LANES>().0;
        let (cells, _) = self.cells.as_chunks_mut::<LANES>();
        let (rows, _) = self.weighted.as_chunks_mut::<LANES>();
        let (flow, _) = self.flow.as_chunks_mut::<LANES>();
        let (worth, _) = self.worth.as_chunks_mut::<LANES>();
        let totals = flow.iter_mut().zip(worth.iter_mut().zip(&self.ratios));
        let by_class = offsets.enumerate().zip(weights.as_chunks::<LANES>().0).zip(totals);
        for (((class, offset), weights), (flow, (worth, ratio))) in by_class {
            let Some(offset) = offset else { continue };
            let weighted: [f64; LANES] = array::from_fn(|lane| stored[lane] * weights[lane]);
            let (mut total, mut at_entry) = (0.0, 0.0);
            if let Some((lowest, highest)) = openings.resting(offset, resting) {
                self.extents.widen(class, lowest, highest);
                // Openings lie so many rows above the lowest that rests, or do not rest.
                let start = usize::try_from(i64::from(lowest) - first).unwrap_or(0);
                let skipped = lowest.abs_diff(openings.bounds().0 + offset) as usize;
                let reach = highest.abs_diff(lowest) as usize;
                let rows = rows.get_mut(start..).unwrap_or_default();
                let cells = cells.get_mut(start * classes + class..).unwrap_or_default();
                let entries = openings.entries().iter().zip(openings.worths()).zip(added_cells);
                for ((&(above, contracts), at_its_entry), added) in entries {
                    let above = above.wrapping_sub(skipped);
                    if above > reach {
                        continue;
                    }
                    let (Some(cell), Some(row)) = (cells.get_mut(above * classes), rows.get_mut(above))
                    else {
                        continue;
                    };
                    *cell = array::from_fn(|lane| cell[lane] + added[lane]);
                    *row = array::from_fn(|lane| row[lane] + contracts * weighted[lane]);
                    total += contracts;
                    at_entry += at_its_entry;
                }
            }
            let at_level = at_entry * ratio;
            *worth = array::from_fn(|lane| worth[lane] + at_level * stored[lane]);
            lane_mass = array::from_fn(|lane| lane_mass[lane] + total * weighted[lane]);
            *flow = array::from_fn(|lane| flow[lane] + total * stored[lane]);
            added(class, total);
        }
        self.lane_mass.copy_from_slice(&lane_mass);
    }

    /// Makes rows for all that rests; the first level of all says where storage begins.
    #[inline]
    fn make_room(
        &mut self,
        openings: &Openings,
        offsets: impl Iterator<Item = BinIndex>,
        resting: &Range<BinIndex>,
    ) {
        let (mut low, mut high) = (BinIndex::MAX, BinIndex::MIN);
        for offset in offsets {
            let Some((lowest, highest)) = openings.resting(offset, resting) else { continue };
            (low, high) = (low.min(lowest), high.max(highest));
            if self.weighted.is_empty()
                && let Some((first, _)) = openings.levels(offset).find(|(level, _)| resting.contains(level))
            {
                self.row(first);
            }
        }
        if low <= high {
            self.row(low);
            self.row(high);
        }
    }

    /// Removes what a trigger price at `position` (bin units) reaches: for longs every level above it, for
    /// shorts every level below it. The bin that holds the price keeps the share on the far side; a second
    /// sweep ending in the same bin removes only what the first left.
    ///
    /// Adds the unit flow removed of each (class, lane), factors applied, to `removed`; an empty slice asks for
    /// no such account.
    pub fn sweep(&mut self, bin: BinIndex, position: f64, factors: &[f64], removed: &mut [f64]) -> Swept {
        let inside = (position - f64::from(bin)).clamp(0.0, 1.0);
        let left = match self.side {
            Side::Long => inside,
            Side::Short => 1.0 - inside,
        };
        let mut keep = left;
        let mut standing = left;
        if let Some((last_bin, last_left)) = self.boundary
            && last_bin == bin
        {
            keep = if left < last_left { left / last_left } else { 1.0 };
            standing = left.min(last_left);
        }
        self.boundary = Some((bin, standing));

        let Some((lowest, highest)) = self.occupied else { return Swept::default() };
        let mut mass = 0.0;
        let cleared = match self.side {
            Side::Long => bin.saturating_add(1).max(lowest)..highest.saturating_add(1),
            Side::Short => lowest..bin.min(highest.saturating_add(1)),
        };
        for level in cleared.clone() {
            mass += self.keep_row(level, 0.0, factors, removed);
        }
        if !cleared.is_empty() {
            self.occupied = match self.side {
                Side::Long => (cleared.start > lowest).then_some((lowest, cleared.start - 1)),
                Side::Short => (cleared.end <= highest).then_some((cleared.end, highest)),
            };
            let (lowest, highest) = self.occupied.unwrap_or((BinIndex::MAX, BinIndex::MIN));
            self.extents.trim(lowest, highest);
        }
        if keep < 1.0 && (lowest..=highest).contains(&bin) {
            mass += self.keep_row(bin, keep, factors, removed);
        }
        Swept { mass }
    }

    /// Keeps a share of one row and returns the weighted mass removed.
    fn keep_row(&mut self, level: BinIndex, keep: f64, factors: &[f64], by_cell: &mut [f64]) -> f64 {
        let row = self.row(level);
        let mut removed = 0.0;
        for (lane, weighted) in self.weighted[row * self.lanes..(row + 1) * self.lanes].iter_mut().enumerate()
        {
            let kept = *weighted * keep;
            self.lane_mass[lane] -= *weighted - kept;
            removed += (*weighted - kept) * factors[lane];
            *weighted = kept;
        }
        // What the other classes hold here is nothing.
        let classes = self.extents.classes(self.classes, level, level);
        let held = classes.start * self.lanes..classes.end * self.lanes;
        let start = row * self.classes * self.lanes;
        let cells = &mut self.cells[start + held.start..start + held.end];
        let flow = &mut self.flow[held.clone()];
        let by_cell = by_cell.get_mut(held).unwrap_or_default();
        match self.lanes {
            6 => account_for::<6>(keep, factors, cells, by_cell),
            8 => account_for::<8>(keep, factors, cells, by_cell),
            lanes => {
                for (cells, sums) in cells.chunks_exact(lanes).zip(by_cell.chunks_exact_mut(lanes)) {
                    for ((sum, cell), factor) in sums.iter_mut().zip(cells).zip(factors) {
                        *sum += f64::from(*cell) * (1.0 - keep) * factor;
                    }
                }
            }
        }
        let worth = &mut self.worth[classes.start * self.lanes..classes.end * self.lanes];
        keep_share(single(keep), cells, flow, worth, self.grid.middle(level));
        removed
    }

    /// Multiplies every mass of each lane by its factor (folding a lazy scale in, or clearing a lane with
    /// zero) and recomputes the totals from the rows, so that rounding cannot build up.
    pub fn rescale(&mut self, factors: &[f64]) {
        self.lane_mass.fill(0.0);
        self.flow.fill(0.0);
        self.worth.fill(0.0);
        let Some((lowest, highest)) = self.occupied else { return };
        if !self.extents.known() {
            self.extents = Extents::found(&self.cells, self.first, self.classes, self.lanes);
        }
        match self.lanes {
            6 => self.rescale_lanes::<6>(lowest, highest, factors),
            8 => self.rescale_lanes::<8>(lowest, highest, factors),
            _ => self.rescale_any(lowest, highest, factors),
        }
    }

    fn rescale_any(&mut self, lowest: BinIndex, highest: BinIndex, factors: &[f64]) {
        let (from, to) = (self.row(lowest), self.row(highest) + 1);
        let width = self.classes * self.lanes;
        for (row, level) in self.cells[from * width..to * width].chunks_exact_mut(width).zip(lowest..) {
            let price = self.grid.middle(level);
            let totals = self.flow.iter_mut().zip(&mut self.worth);
            for ((value, factor), (flow, worth)) in row.iter_mut().zip(factors.iter().cycle()).zip(totals) {
                *value = single(scaled(f64::from(*value), *factor));
                *flow += f64::from(*value);
                *worth += f64::from(*value) * price;
            }
        }
        for row in self.weighted[from * self.lanes..to * self.lanes].chunks_exact_mut(self.lanes) {
            for (lane, (value, factor)) in row.iter_mut().zip(factors).enumerate() {
                *value = scaled(*value, *factor);
                self.lane_mass[lane] += *value;
            }
        }
    }

    /// [`LevelBook::rescale`] for a fixed number of lanes, leaving out what is zero and stays it.
    fn rescale_lanes<const LANES: usize>(&mut self, lowest: BinIndex, highest: BinIndex, factors: &[f64]) {
        /// Rows for which the classes are looked up together.
        const ROWS: usize = 16;
        const TO_LAST: BinIndex = 15;
        let Some(factors) = factors.first_chunk::<LANES>() else { return };
        let (from, to) = (self.row(lowest), self.row(highest) + 1);
        let (cells, _) = self.cells.as_chunks_mut::<LANES>();
        let (flow, _) = self.flow.as_chunks_mut::<LANES>();
        let (worth, _) = self.worth.as_chunks_mut::<LANES>();
        let prices = BlockPrices::new(self.grid);
        let mut prices = prices.walk();
        let blocks = cells[from * self.classes..to * self.classes].chunks_mut(ROWS * self.classes);
        for (block, start) in blocks.zip((lowest..).step_by(ROWS)) {
            let held = self.extents.classes(self.classes, start, start.saturating_add(TO_LAST));
            for (row, level) in block.chunks_exact_mut(self.classes).zip(start..) {
                let price = prices.middle(level);
                let totals = flow[held.clone()].iter_mut().zip(&mut worth[held.clone()]);
                for (cells, (flow, worth)) in row[held.clone()].iter_mut().zip(totals) {
                    for lane in 0..LANES {
                        cells[lane] = single(scaled(f64::from(cells[lane]), factors[lane]));
                    }
                    for lane in 0..LANES {
                        flow[lane] += f64::from(cells[lane]);
                        worth[lane] += f64::from(cells[lane]) * price;
                    }
                }
            }
        }
        let mut lane_mass = [0.0; LANES];
        for row in &mut self.weighted.as_chunks_mut::<LANES>().0[from..to] {
            for lane in 0..LANES {
                row[lane] = scaled(row[lane], factors[lane]);
                lane_mass[lane] += row[lane];
            }
        }
        self.lane_mass.copy_from_slice(&lane_mass);
    }

    /// Weighted mass of each lane, stored units.
    pub fn lane_mass(&self) -> &[f64] {
        &self.lane_mass
    }

    /// Unit flow at all levels by (class, lane), stored units: equals the sum of [`LevelBook::level_cells`] up to
    /// their single precision.
    pub fn flow(&self) -> &[f64] {
        &self.flow
    }

    /// The same, each level's times the price in the middle of its bin.
    pub fn worth(&self) -> &[f64] {
        &self.worth
    }

    /// The bins that may hold mass.
    pub fn bins(&self) -> Range<BinIndex> {
        self.occupied.map_or(0..0, |(lowest, highest)| lowest..highest.saturating_add(1))
    }

    /// Weighted contracts at one level, factors applied.
    #[inline]
    pub fn level_mass(&self, level: BinIndex, factors: &[f64]) -> f64 {
        self.stored(level).map_or(0.0, |row| {
            let weighted = &self.weighted[row * self.lanes..(row + 1) * self.lanes];
            weighted.iter().zip(factors).map(|(w, g)| w * g).sum()
        })
    }

    /// The same for a run of levels from `first` on; zero where nothing is stored.
    pub fn level_masses(&self, first: BinIndex, factors: &[f64], masses: &mut [f64]) {
        let inside = self.stored(first).and_then(|row| {
            let end = row.checked_add(masses.len())?;
            self.weighted.get(row * self.lanes..end.checked_mul(self.lanes)?)
        });
        match (inside, self.lanes) {
            (Some(weighted), 6) => dot_lanes::<6>(weighted, factors, masses),
            (Some(weighted), 8) => dot_lanes::<8>(weighted, factors, masses),
            _ => {
                for (mass, level) in masses.iter_mut().zip(first..) {
                    *mass = self.level_mass(level, factors);
                }
            }
        }
    }

    /// The same as [`LevelBook::level_masses`] under other weights, given with the factors already in them:
    /// `[class][lane]`.
    pub fn level_masses_under(&self, first: BinIndex, weights: &[f64], masses: &mut [f64]) {
        let weights: Vec<f32> = weights.iter().map(|w| single(*w)).collect();
        for (mass, level) in masses.iter_mut().zip(first..) {
            *mass = self.level_cells(level).map_or(0.0, |cells| {
                let held = self.held_cells(level);
                f64::from(dot(&cells[held.clone()], &weights[held]))
            });
        }
    }

    /// The cells of a level, `[class][lane]`, outside of which all are zero. Starts and ends where
    /// [`dot`]'s eight sums do, so that leaving out the rest changes no rounding.
    fn held_cells(&self, level: BinIndex) -> Range<usize> {
        let width = self.classes * self.lanes;
        let classes = self.extents.classes(self.classes, level, level);
        let end = (classes.end * self.lanes).next_multiple_of(8).min(width);
        (classes.start * self.lanes / 8 * 8).min(end)..end
    }

    /// Unit flow of one level by (class, lane), stored units; `None` where nothing is stored.
    pub fn level_cells(&self, level: BinIndex) -> Option<&[f32]> {
        let width = self.classes * self.lanes;
        self.stored(level).map(|row| &self.cells[row * width..(row + 1) * width])
    }

    /// The classes outside of which a level holds nothing.
    pub fn held_classes(&self, level: BinIndex) -> Range<usize> {
        self.extents.classes(self.classes, level, level)
    }

    /// Adds one level's contracts under `weights` (factors in them, `[class][lane]`) to `masses`, run of cells by
    /// run: those of `(to, cells)` go into `masses[to]`.
    #[inline]
    pub fn add_level_mass_by_run(
        &self,
        level: BinIndex,
        weights: &[f32],
        runs: &[(usize, Range<usize>)],
        masses: &mut [f64],
    ) {
        let Some(cells) = self.level_cells(level) else { return };
        let classes = self.held_classes(level);
        let held = classes.start * self.lanes..classes.end * self.lanes;
        for (to, run) in runs {
            // Leaves out only whole steps of [`dot`]'s eight sums, and only zeros: no rounding changes.
            let skipped = held.start.saturating_sub(run.start) / 8 * 8;
            let wanted = held.end.saturating_sub(run.start).next_multiple_of(8);
            let run = (run.start + skipped).min(run.end)..(run.start + wanted).min(run.end);
            if run.is_empty() {
                continue;
            }
            let both = cells.get(run.clone()).zip(weights.get(run)).zip(masses.get_mut(*to));
            if let Some(((cells, weights), mass)) = both {
                *mass += f64::from(dot(cells, weights));
            }
        }
    }

    /// Where the last sweep ended: the bin and the share of it left standing (its far part).
    pub const fn boundary(&self) -> Option<(BinIndex, f64)> {
        self.boundary
    }

    fn stored(&self, level: BinIndex) -> Option<usize> {
        let row = usize::try_from(i64::from(level) - i64::from(self.first)).ok()?;
        (row * self.lanes < self.weighted.len()).then_some(row)
    }

    /// Row of a level, growing the storage in whole blocks where it lies outside.
    #[inline]
    fn row(&mut self, level: BinIndex) -> usize {
        match self.occupied {
            Some((lowest, highest)) if lowest <= level && level <= highest => {}
            Some((lowest, highest)) => self.occupied = Some((lowest.min(level), highest.max(level))),
            None => self.occupied = Some((level, level)),
        }
        match self.stored(level) {
            Some(row) => row,
            None => self.grow(level),
        }
    }

    #[cold]
    #[allow(clippy::cast_possible_truncation, clippy::cast_possible_wrap, clippy::cast_sign_loss)] // bins span < 2^18
    fn grow(&mut self, level: BinIndex) -> usize {
        let rows = self.weighted.len() / self.lanes;
        if rows == 0 {
            self.first = level - (GROWTH / 2) as BinIndex;
        }
        let below = (i64::from(self.first) - i64::from(level)).max(0) as usize;
        let above = (i64::from(level) - i64::from(self.first) - rows as i64 + 1).max(0) as usize;
        let (below, above) = (below.next_multiple_of(GROWTH), above.next_multiple_of(GROWTH));
        widen(&mut self.cells, self.classes * self.lanes, below, rows, above);
        widen(&mut self.weighted, self.lanes, below, rows, above);
        self.first -= below as BinIndex;
        (i64::from(level) - i64::from(self.first)) as usize
    }
}

/// Puts empty rows of `width` values around the `rows` there are. The buffer grows where it lies if it can, so
/// that its growth leaves no holes of its former sizes behind.
fn widen<T: Copy + Default>(buffer: &mut Vec<T>, width: usize, below: usize, rows: usize, above: usize) {
    buffer.reserve_exact((below + above) * width);
    buffer.resize((below + rows + above) * width, T::default());
    if below > 0 {
        buffer.copy_within(..rows * width, below * width);
        buffer[..below * width].fill(T::default());
    }
}

/// Below this many contracts a mass is dust; flushing it avoids denormal arithmetic.
const DUST: f64 = 1e-30;

#[inline]
fn scaled(value: f64, factor: f64) -> f64 {
    let value = value * factor;
    if value.abs() < DUST { 0.0 } else { value }
}

/// Adds what a row loses to an account of it, both `[class][lane]`; an empty account asks for nothing.
#[inline]
fn account_for<const LANES: usize>(keep: f64, factors: &[f64], cells: &[f32], account: &mut [f64]) {
    let Some(factors) = factors.first_chunk::<LANES>() else { return };
    let rows = account.as_chunks_mut::<LANES>().0.iter_mut().zip(cells.as_chunks::<LANES>().0);
    for (sums, cells) in rows {
        for lane in 0..LANES {
            sums[lane] += f64::from(cells[lane]) * (1.0 - keep) * factors[lane];
        }
    }
}

/// Keeps a share of a row's cells; what is lost leaves the totals.
#[inline]
fn keep_share(keep: f32, cells: &mut [f32], flow: &mut [f64], worth: &mut [f64], price: f64) {
    for (cell, (flow, worth)) in cells.iter_mut().zip(flow.iter_mut().zip(worth)) {
        let kept = *cell * keep;
        let gone = f64::from(*cell - kept);
        *flow -= gone;
        *worth -= gone * price;
        *cell = kept;
    }
}

/// Σ a·b in eight sums side by side.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0; 8];
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<8>(), b.as_chunks::<8>());
    for (a, b) in a.iter().zip(b) {
        for lane in 0..8 {
            sums[lane] += a[lane] * b[lane];
        }
    }
    sums.iter().sum::<f32>() + a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum::<f32>()
}

/// The inner loop of [`LevelBook::level_masses`] for a fixed, even number of lanes, in two sums that run
/// side by side.
#[inline]
fn dot_lanes<const LANES: usize>(weighted: &[f64], factors: &[f64], masses: &mut [f64]) {
    let Some(factors) = factors.first_chunk::<LANES>() else { return };
    let (rows, _) = weighted.as_chunks::<LANES>();
    let dot = |row: &[f64; LANES]| {
        let mut sums = [row[0] * factors[0], row[1] * factors[1]];
        for lane in (2..LANES).step_by(2) {
            sums[0] += row[lane] * factors[lane];
            sums[1] += row[lane + 1] * factors[lane + 1];
        }
        sums
    };
    let (pairs, rest) = masses.as_chunks_mut::<2>();
    let (row_pairs, _) = rows.as_chunks::<2>();
    for (masses, [a, b]) in pairs.iter_mut().zip(row_pairs) {
        let (a, b) = (dot(a), dot(b));
        *masses = [a[0] + a[1], b[0] + b[1]];
    }
    if let ([mass], Some(row)) = (rest, rows.get(row_pairs.len() * 2)) {
        let sums = dot(row);
        *mass = sums[0] + sums[1];
    }
}

#[cfg(test)]
mod tests;
