//! One horizon: opens a window, follows it, closes it, learns from it.

use liqlens_market::{Side, Span, Timestamp};
use liqlens_model::{BinIndex, LogGrid};
use liqlens_score::{Random, ScoreError, Window};

use super::head::{Head, Parts};
use super::path::{Minute, Path, Range, Swept};
use super::record::{Kept, Record, narrow};
use super::settings::{Background, Horizon, Weights};
use super::totals::Totals;

/// Lower edges of the bands of distance, whole bins from the price at issue (model specification, section
/// 12.3).
pub const BANDS: [u32; 14] = [0, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96];
/// The first windows are fitted together once they hold so many prints,
const FIRST_PRINTS: f64 = 50.0;
/// or so many cells and a print.
const FIRST_CELLS: usize = 4_000;
/// Without any print no more cells than this wait; the older half is forgotten.
const MOST_CELLS: usize = 100_000;

/// A model's map near the price, both sides.
#[derive(Debug, Clone, Default)]
pub(super) struct NearMap {
    /// Whether the model had one.
    pub(super) known: bool,
    /// Contracts of longs by whole bins below the price's bin, and of shorts above it.
    pub(super) sides: [Vec<f64>; 2],
}

/// What a window is issued with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Issue<'a> {
    pub(super) at: Timestamp,
    /// Position of the price, in bin units.
    pub(super) position: f64,
    pub(super) open_interest: f64,
    pub(super) effective_size: f64,
    pub(super) maps: &'a [NearMap],
}

/// How a window is read when it closes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reading {
    /// Cells are minutes, not bins.
    pub(super) by_minute: bool,
    /// What an event is; never [`Weights::Auto`].
    pub(super) weights: Weights,
    /// What the backgrounds are spread over.
    pub(super) background: Background,
}

#[derive(Debug, Clone)]
struct Open {
    from: Timestamp,
    start: BinIndex,
    path: Path,
    /// Open interest in one bin if it were spread with density one.
    per_bin: f64,
    effective_size: f64,
    maps: Vec<NearMap>,
    complete: bool,
}

/// Masses of one cell.
#[derive(Debug, Clone)]
struct Inputs {
    uniform: [f64; 1],
    bands: [f64; BANDS.len()],
    events: f64,
    prints: f64,
}

/// Windows waiting to be fitted together.
#[derive(Debug, Clone, Default)]
struct Pool {
    cells: Vec<Inputs>,
    /// Map masses, model by model within each cell.
    maps: Vec<f64>,
    prints: f64,
}

#[derive(Debug, Clone)]
pub(super) struct Runner {
    pub(super) horizon: Horizon,
    pub(super) record: Record,
    grid: LogGrid,
    keep: f64,
    open: Option<Open>,
    uniform: Head,
    distance: Head,
    plain: Vec<Head>,
    product: Vec<Head>,
    totals: Vec<Totals>,
    pool: Option<Pool>,
    random: Random,
    swept_mass: Vec<f64>,
    realised: f64,
}

impl Runner {
    pub(super) fn new(
        horizon: Horizon,
        models: usize,
        grid: LogGrid,
        half_life: Span,
        seed: u64,
        band_step: f64,
    ) -> Result<Self, ScoreError> {
        let halves = horizon.length.nanos() as f64 / half_life.nanos() as f64;
        Ok(Self {
            horizon,
            record: Record::new(models),
            grid,
            keep: libm::exp2(-halves),
            open: None,
            uniform: Head::new(false, 1),
            distance: Head::new(false, BANDS.len()),
            plain: vec![Head::new(true, 1); models],
            product: vec![Head::new(true, BANDS.len()); models],
            totals: (0..models + 2).map(|_| Totals::new(band_step)).collect::<Result<_, _>>()?,
            pool: Some(Pool::default()),
            random: Random::new(seed ^ horizon.length.nanos().unsigned_abs()),
            swept_mass: vec![0.0; models],
            realised: 0.0,
        })
    }

    /// Bins on each side that a map is read for.
    pub(super) fn reach_bins(&self) -> usize {
        let bins = -libm::log1p(-self.horizon.reach) / self.grid.width();
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // at most ln 20 / 1e-6
        let bins = libm::ceil(bins) as usize;
        bins + 1
    }

    /// Whether a window begins at a moment.
    pub(super) fn is_due(&self, at: Timestamp) -> bool {
        at.floor(self.horizon.length) == at
    }

    pub(super) fn issue(&mut self, issue: Issue<'_>) {
        let reach = self.reach_bins();
        let near = |map: &NearMap| NearMap {
            known: map.known,
            sides: [0, 1].map(|side: usize| map.sides[side].iter().take(reach).copied().collect()),
        };
        self.open = Some(Open {
            from: issue.at,
            start: self.grid.bin_at(issue.position),
            path: Path::new(issue.position),
            per_bin: issue.open_interest * self.grid.width(),
            effective_size: issue.effective_size,
            maps: issue.maps.iter().map(near).collect(),
            complete: true,
        });
    }

    /// Takes the minute that ended at `until`.
    pub(super) fn minute(&mut self, until: Timestamp, range: Range, minute: &Minute, reading: Reading) {
        let Some(open) = &mut self.open else { return };
        open.path.extend(range, minute);
        open.complete &= range != Range::Missing;
        if until - open.from < self.horizon.length {
            return;
        }
        if let Some(open) = self.open.take() {
            if open.complete && until - open.from == self.horizon.length {
                self.close(&open, until, reading);
            } else {
                self.record.incomplete += 1;
            }
        }
    }

    /// Drops the window in progress: what follows does not continue it.
    pub(super) fn abandon(&mut self) {
        if self.open.take().is_some() {
            self.record.incomplete += 1;
        }
    }

    /// What was liquidated in past windows divided by what a model's map held on their paths: what the map's
    /// level must be multiplied by, from the past alone.
    pub(super) fn level_ratio(&self, model: usize) -> Option<f64> {
        let mass = self.swept_mass.get(model).copied()?;
        (mass > 0.0 && self.realised > 0.0).then(|| self.realised / mass)
    }

    fn close(&mut self, open: &Open, until: Timestamp, reading: Reading) {
        let swept = open.path.close(self.grid, reading.by_minute);
        let (inputs, maps) = self.inputs(open, &swept, reading);
        let record = &mut self.record;
        let first = record.cells.len();
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // whole and not negative
        let unplaced = swept.unplaced.min(1e9) as u32;
        record.windows.push(Window { from: open.from, until, first, count: inputs.len(), unplaced });
        record.unplaced += swept.unplaced;
        record.contracts.push(open.path.contracts());
        for cell in &swept.cells {
            let pieces = &swept.pieces[cell.first..cell.last];
            let width: f64 = pieces.iter().map(|piece| piece.fraction).sum();
            let offset = pieces.iter().map(|piece| piece.bin.abs_diff(open.start)).min().unwrap_or(0);
            let offset = i32::try_from(offset).unwrap_or(i32::MAX - 1);
            record.cells.push(Kept {
                place: if cell.side == Side::Long { -1 - offset } else { offset },
                width: narrow(width),
                prints: narrow(cell.prints),
                contracts: narrow(cell.contracts),
            });
        }
        self.forecast(open, &inputs, &maps);
        self.learn(&inputs, &maps, &swept);
    }

    /// Masses of the cells: backgrounds, and maps model by model within each cell.
    fn inputs(&mut self, open: &Open, swept: &Swept, reading: Reading) -> (Vec<Inputs>, Vec<f64>) {
        let mut maps = Vec::with_capacity(swept.cells.len() * open.maps.len());
        let mut inputs = Vec::with_capacity(swept.cells.len());
        for cell in &swept.cells {
            let pieces = &swept.pieces[cell.first..cell.last];
            let mut bands = [0.0; BANDS.len()];
            let mut beyond = false;
            for piece in pieces {
                let offset = piece.bin.abs_diff(open.start);
                let band = BANDS.partition_point(|edge| *edge <= offset).saturating_sub(1);
                let width = if reading.background == Background::Touched { 1.0 } else { piece.fraction };
                bands[band] += width * open.per_bin;
            }
            for map in &open.maps {
                let rows = &map.sides[cell.side.index()];
                let mut mass = 0.0;
                for piece in pieces {
                    let offset = usize::try_from(piece.bin.abs_diff(open.start)).unwrap_or(usize::MAX);
                    match rows.get(offset) {
                        Some(contracts) => mass += piece.fraction * contracts,
                        None => beyond = true,
                    }
                }
                maps.push(mass);
            }
            self.record.beyond += u64::from(beyond);
            let events = if reading.weights == Weights::Contracts { cell.contracts } else { cell.prints };
            inputs.push(Inputs { uniform: [bands.iter().sum()], bands, events, prints: cell.prints });
        }
        (inputs, maps)
    }

    /// Writes down what every head promised.
    fn forecast(&mut self, open: &Open, inputs: &[Inputs], maps: &[f64]) {
        let models = self.plain.len();
        let record = &mut self.record;
        let window = record.windows.len() - 1;
        let mut expected = vec![0.0; models + 2];
        for input in inputs {
            let uniform = self.uniform.rate(Parts { map: 0.0, background: &input.uniform });
            let distance = self.distance.rate(Parts { map: 0.0, background: &input.bands });
            record.uniform.push(narrow(uniform));
            record.distance.push(narrow(distance));
            expected[0] += uniform;
            expected[1] += distance;
        }
        for model in 0..models {
            let columns = &mut record.models[model];
            let mut by_map = 0.0;
            for (cell, input) in inputs.iter().enumerate() {
                let map = maps[cell * models + model];
                let plain = self.plain[model].rate(Parts { map, background: &input.uniform });
                let parts = Parts { map, background: &input.bands };
                let product = self.product[model].rate(parts);
                columns.map.push(narrow(map));
                columns.plain.push(narrow(plain));
                columns.product.push(narrow(product));
                expected[model + 2] += product;
                if product > 0.0 {
                    by_map += input.events * self.product[model].map_rate(parts) / product;
                }
            }
            columns.by_map.push(narrow(by_map));
            columns.had_map.push(open.maps.get(model).is_some_and(|map| map.known));
        }
        let total = record.contracts[window];
        // One chance for all forecasts, so that equal forecasts get equal transforms.
        let chance = self.random.uniform();
        for (place, events) in expected.into_iter().enumerate() {
            let kept = self.totals[place].window(events, open.effective_size, total, self.keep, chance);
            record.totals[place].push(kept);
        }
    }

    fn learn(&mut self, inputs: &[Inputs], maps: &[f64], swept: &Swept) {
        let models = self.plain.len();
        self.realised =
            self.realised * self.keep + swept.cells.iter().map(|cell| cell.contracts).sum::<f64>();
        for (model, mass) in self.swept_mass.iter_mut().enumerate() {
            *mass = *mass * self.keep + maps.iter().skip(model).step_by(models).sum::<f64>();
        }
        if let Some(pool) = &mut self.pool {
            pool.cells.extend_from_slice(inputs);
            pool.maps.extend_from_slice(maps);
            pool.prints += inputs.iter().map(|input| input.prints).sum::<f64>();
            if pool.prints >= FIRST_PRINTS || (pool.cells.len() >= FIRST_CELLS && pool.prints > 0.0) {
                self.fit();
            } else if pool.cells.len() > MOST_CELLS {
                pool.cells.drain(..MOST_CELLS / 2);
                pool.maps.drain(..MOST_CELLS / 2 * models);
            }
            return;
        }
        let keep = self.keep;
        let teach = |head: &mut Head, map_of: &dyn Fn(usize) -> f64, banded: bool| {
            head.forget(keep);
            for (cell, input) in inputs.iter().enumerate() {
                let background: &[f64] = if banded { &input.bands } else { &input.uniform };
                head.learn(Parts { map: map_of(cell), background }, input.events);
            }
            head.settle();
        };
        teach(&mut self.uniform, &|_| 0.0, false);
        teach(&mut self.distance, &|_| 0.0, true);
        for model in 0..models {
            let map_of = |cell: usize| maps[cell * models + model];
            teach(&mut self.plain[model], &map_of, false);
            teach(&mut self.product[model], &map_of, true);
        }
    }

    /// Fits every head to the pooled windows.
    fn fit(&mut self) {
        let Some(pool) = self.pool.take() else { return };
        let models = self.plain.len();
        let events: f64 = pool.cells.iter().map(|input| input.events).sum();
        let per_print = events / pool.prints;
        let fit = |head: &mut Head, model: Option<usize>, banded: bool| {
            let cells = pool.cells.iter().enumerate().map(|(cell, input)| {
                let background: &[f64] = if banded { &input.bands } else { &input.uniform };
                let map = model.map_or(0.0, |model| pool.maps[cell * models + model]);
                (Parts { map, background }, input.events)
            });
            head.fit(&cells, per_print);
        };
        fit(&mut self.uniform, None, false);
        fit(&mut self.distance, None, true);
        for model in 0..models {
            fit(&mut self.plain[model], Some(model), false);
            fit(&mut self.product[model], Some(model), true);
        }
        self.record.first_fitted = Some(self.record.windows.len());
    }
}
