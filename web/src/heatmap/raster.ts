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
  readonly cells: Float32Array;
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
  const block = { columns: columns.length, rows: rows.count, cells: new Float32Array(columns.length * rows.count) };
  columns.forEach((column, at) => {
    writeColumn(block, at, column, rows, rows);
  });
  return block;
}

/** A pixel of nothing: what is behind the raster shows. */
const CLEAR = packed([0, 0, 0], 0);

/** Bits of a cell that choose its colour: sign, exponent, and ten bits of the fraction, a thousandth apart. */
const DROPPED_BITS = 13;
const KEPT_BITS = 32 - DROPPED_BITS;

/**
 * A colour for each cell there can be, by the leading bits of its number, so that a million cells are coloured by
 * looking up and nothing is decided for each of them. Cells without dollars have the first shade, all others a later
 * one; what is not known is clear.
 */
export function colourTable(palette: Uint32Array, shading: Shading): Uint32Array {
  const table = new Uint32Array(2 ** KEPT_BITS).fill(CLEAR);
  const bits = new Uint32Array(1);
  const value = new Float32Array(bits.buffer);
  for (const [sign, bar] of [
    [0, shading.long],
    [1, shading.short],
  ] as const) {
    const shade = shader(bar);
    const first = sign << (KEPT_BITS - 1);
    table[first] = palette[0] ?? CLEAR;
    // From one dollar to more than there are.
    for (let entry = ONE >>> DROPPED_BITS; entry < MOST >>> DROPPED_BITS; entry += 1) {
      bits[0] = ((entry << DROPPED_BITS) | HALF_STEP) >>> 0;
      const usd = value[0] ?? 0;
      if (usd >= shading.leastUsd) table[first + entry] = palette[shade(usd)] ?? CLEAR;
    }
  }
  return table;
}

/** Bits of 1, of 2⁵⁰, and of half of what the dropped bits may add. */
const ONE = 127 << 23;
const MOST = (127 + 50) << 23;
const HALF_STEP = 1 << (DROPPED_BITS - 1);

/** Colours cells into pixels of the same shape. */
export function recolour(cells: Float32Array, pixels: Uint32Array, table: Uint32Array): void {
  const bits = new Uint32Array(cells.buffer, cells.byteOffset, cells.length);
  const count = Math.min(bits.length, pixels.length);
  for (let cell = 0; cell < count; cell += 1) pixels[cell] = table[(bits[cell] as number) >>> DROPPED_BITS] as number;
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
  const cells = new Float32Array(columns * rows).fill(Number.NaN);
  const target = Uint32Array.from({ length: block.columns }, (_, column) => Math.floor((column + lead) / wide));
  for (let row = 0; row < block.rows; row += 1) {
    const into = Math.floor(row / high) * columns;
    const from = row * block.columns;
    for (let column = 0; column < block.columns; column += 1) {
      const value = block.cells[from + column] as number;
      const at = into + (target[column] as number);
      // A group begins as not-a-number, which gives way to any cell that is known.
      if (Math.abs(value) > Math.abs(cells[at] as number) || cells[at] !== cells[at]) cells[at] = value;
    }
  }
  return { columns, rows, cells };
}

/** Dollars of all cells that hold something, of one side or of both, rising; the cells of a part of the block. */
export function risingUsd(block: Block, side: 'long' | 'short' | 'both', part?: Part): Float32Array {
  const { from, to, top, bottom } = clipped(block, part);
  const values = new Float32Array(Math.max(to - from, 0) * Math.max(bottom - top, 0));
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
export function leftOut(cells: Float32Array, leastUsd: number): number {
  let count = 0;
  for (const value of cells) {
    const usd = Math.abs(value);
    if (usd > 0 && usd < leastUsd) count += 1;
  }
  return count;
}
