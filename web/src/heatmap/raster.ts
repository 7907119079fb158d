// The cells of a heatmap as one block of numbers, and their colours.
//
// Row 0 of the block is the highest price, as on the screen. A cell holds its dollars with the sign of the side
// that is the larger part: longs positive, shorts negative. Whoever wants to know exact dollars of a side asks the
// document; this block is for drawing only. NaN is a cell about which nothing is known: a gap, or a row outside of
// what a newer column covers.

import type { Column } from '../lib/documents/generated';
import { SHADES, packed } from './palette';
import type { Bar, Shading } from './scale';

/** A block of cells, `columns × rows`, row by row from the highest price. */
export interface Block {
  readonly columns: number;
  readonly rows: number;
  readonly cells: Float64Array;
}

/** The rows of a document: absolute number of the lowest, and how many. */
export interface RowRange {
  readonly first: number;
  readonly count: number;
}

/** Whether a column's cells mean anything. */
export function drawn(column: Column): boolean {
  return column.status !== 'gap';
}

/** Writes one column of a document into a block. `from` are the rows the column's cells are numbered by. */
export function writeColumn(block: Block, at: number, column: Column, from: RowRange, to: RowRange): void {
  const known = drawn(column);
  const shift = to.first - from.first;
  for (let row = 0; row < block.rows; row += 1) {
    const source = row + shift;
    const inside = known && source >= 0 && source < from.count;
    const long = inside ? column.long_usd[source] : undefined;
    const short = inside ? column.short_usd[source] : undefined;
    const cell = (block.rows - 1 - row) * block.columns + at;
    if (long === undefined || short === undefined) block.cells[cell] = Number.NaN;
    else block.cells[cell] = long >= short ? long + short : -(long + short);
  }
}

/** The cells of a whole document. */
export function blockOf(columns: readonly Column[], rows: RowRange): Block {
  const block = { columns: columns.length, rows: rows.count, cells: new Float64Array(columns.length * rows.count) };
  columns.forEach((column, at) => {
    writeColumn(block, at, column, rows, rows);
  });
  return block;
}

/** A pixel of nothing: what is behind the raster shows. */
const CLEAR = packed([0, 0, 0], 0);

/** Colours cells into pixels of the same shape. Cells without dollars have the first shade, all others a later one. */
export function recolour(cells: Float64Array, pixels: Uint32Array, palette: Uint32Array, shading: Shading): void {
  const zero = palette[0] ?? CLEAR;
  const long = shader(shading.long);
  const short = shader(shading.short);
  const least = shading.leastUsd;
  const count = Math.min(cells.length, pixels.length);
  for (let cell = 0; cell < count; cell += 1) {
    const value = cells[cell] as number;
    if (value === 0) {
      pixels[cell] = zero;
    } else if (value > 0) {
      pixels[cell] = value < least ? CLEAR : (palette[long(value)] as number);
    } else if (value < 0) {
      pixels[cell] = -value < least ? CLEAR : (palette[short(-value)] as number);
    } else {
      pixels[cell] = CLEAR;
    }
  }
}

/** Shade (1 to 255) of a positive number of dollars. The three pieces of the bar as three straight lines. */
export function shader({ stops, cut }: Bar): (usd: number) => number {
  const top = SHADES - 1;
  const scale = top / (cut.to - cut.from);
  const [p50, p90, p99] = [Math.max(stops[0], 0), Math.max(stops[1], stops[0], 0), Math.max(...stops, 0)];
  const lines = [
    [0, p50, 0],
    [p50, p90, 1 / 3],
    [p90, p99, 2 / 3],
  ].map(([from = 0, to = 0, start = 0]) => {
    const slope = to > from ? scale / 3 / (to - from) : 0;
    return { slope, offset: (start - cut.from) * scale - from * slope };
  });
  const slopes = lines.map((line) => line.slope);
  const offsets = lines.map((line) => line.offset);
  const [s0 = 0, s1 = 0, s2 = 0] = slopes;
  const [o0 = 0, o1 = 0, o2 = 0] = offsets;
  const saturated = Math.min(Math.max(Math.round((1 - cut.from) * scale), 1), top);
  return (usd) => {
    if (usd >= p99) return saturated;
    const shade = usd < p50 ? usd * s0 + o0 : usd < p90 ? usd * s1 + o1 : usd * s2 + o2;
    return shade < 1 ? 1 : shade > top ? top : (shade + 0.5) | 0;
  };
}

/**
 * The same cells in groups of `wide × high`, each the cell with the most dollars of its group: for a screen with
 * fewer pixels than cells, where leaving out every other cell would hide the largest. `lead` are the cells the first
 * group of columns lacks, so that groups stay together while the block moves on.
 */
export function grouped(block: Block, wide: number, high: number, lead: number): Block {
  if (wide === 1 && high === 1) return block;
  const columns = Math.ceil((block.columns + lead) / wide);
  const rows = Math.ceil(block.rows / high);
  const cells = new Float64Array(columns * rows).fill(Number.NaN);
  for (let row = 0; row < block.rows; row += 1) {
    const into = Math.floor(row / high) * columns;
    const from = row * block.columns;
    for (let column = 0; column < block.columns; column += 1) {
      const value = block.cells[from + column] as number;
      const target = into + Math.floor((column + lead) / wide);
      const held = cells[target] as number;
      // Not-a-number is smaller than nothing: it gives way to any cell that is known.
      if (!(Math.abs(held) >= Math.abs(value)) && value === value) cells[target] = value;
    }
  }
  return { columns, rows, cells };
}

/** Dollars of all cells that hold something, of one side or of both, rising; the cells of a part of the block. */
export function risingUsd(block: Block, side: 'long' | 'short' | 'both', part?: Part): Float64Array {
  const { from, to, top, bottom } = clipped(block, part);
  const values = new Float64Array(Math.max(to - from, 0) * Math.max(bottom - top, 0));
  let count = 0;
  for (let row = top; row < bottom; row += 1) {
    for (let column = from; column < to; column += 1) {
      const value = block.cells[row * block.columns + column] as number;
      if (side === 'long' ? value > 0 : side === 'short' ? value < 0 : value > 0 || value < 0) {
        values[count] = Math.abs(value);
        count += 1;
      }
    }
  }
  return values.subarray(0, count).sort();
}

/** Columns `from ≤ at < to` and rows of the block `top ≤ row < bottom`. */
export interface Part {
  readonly from: number;
  readonly to: number;
  readonly top: number;
  readonly bottom: number;
}

function clipped(block: Block, part?: Part): Part {
  const whole = { from: 0, to: block.columns, top: 0, bottom: block.rows };
  if (part === undefined) return whole;
  return {
    from: Math.max(Math.floor(part.from), 0),
    to: Math.min(Math.ceil(part.to), block.columns),
    top: Math.max(Math.floor(part.top), 0),
    bottom: Math.min(Math.ceil(part.bottom), block.rows),
  };
}

/** Cells that hold something but are below the least size, so that what is left out is said. */
export function leftOut(cells: Float64Array, leastUsd: number): number {
  let count = 0;
  for (const value of cells) {
    const usd = Math.abs(value);
    if (usd > 0 && usd < leastUsd) count += 1;
  }
  return count;
}
