// The newest columns of a running market, laid into the heatmap on the page.
//
// The channel sends the last two columns only. They are matched by time and by absolute row number; a column that was
// closed is never written again, so what was seen stays as it was seen. What cannot be matched is not guessed: the
// reader of the result asks for the whole document again.

import type { Column, HeatmapDocument } from '../lib/documents/generated';
import { type Block, type RowRange, blockOf, writeColumn } from './raster';
import type { Stops } from './scale';

/** What the page holds of a heatmap: the document's columns, and the same as a block of cells. */
export interface Heatmap {
  /** The newest document, for everything that is not a column. */
  readonly document: HeatmapDocument;
  /** Rows of the block; those of the first document. */
  readonly rows: RowRange;
  /** Colour stops of the last whole document; newer columns do not move them. */
  readonly stops: Stops;
  /** Prices of the edges of the rows, rising, as the document wrote them and as numbers. */
  readonly edges: readonly string[];
  readonly prices: readonly number[];
  /** Exact dollars, oldest first; rows of a column are numbered by its own range. */
  columns: HeatColumn[];
  block: Block;
}

/** A column, and by which rows its cells are numbered. */
export interface HeatColumn {
  readonly column: Column;
  readonly rows: RowRange;
  /** Start of the period, milliseconds. */
  readonly startMs: number;
}

/** Most columns and cells a page holds, whatever it was sent. */
export const MAX_COLUMNS = 10_000;
export const MAX_CELLS = 4_000_000;

/** Takes a whole document, or says why it cannot be drawn. */
export function hold(document: HeatmapDocument): Heatmap | { readonly problem: string } {
  const { columns, rows } = document;
  const prices = rows.edges.map(Number);
  const rising = prices.every((price, at) => price > 0 && (at === 0 || price > (prices[at - 1] ?? price)));
  if (columns.length === 0 || rows.count === 0) return { problem: 'This heatmap has no columns or no price rows.' };
  if (!rising || prices.length !== rows.count + 1) return { problem: 'The price rows of this heatmap do not rise.' };
  if (columns.length > MAX_COLUMNS || columns.length * rows.count > MAX_CELLS) {
    return { problem: 'This heatmap is too large to draw. Take a longer step, coarser rows or a shorter range.' };
  }
  const range = { first: rows.first, count: rows.count };
  const held = columns.map((column) => ({ column, rows: range, startMs: Date.parse(column.start) }));
  const step = document.step_s * 1000;
  const even = held.every((item, at) => item.startMs === (held[0]?.startMs ?? Number.NaN) + at * step);
  if (!even) return { problem: 'The columns of this heatmap do not follow each other.' };
  const { p50_usd, p90_usd, p99_usd } = document.scale;
  const stops = [p50_usd, p90_usd, p99_usd] as const;
  return { document, rows: range, stops, edges: rows.edges, prices, columns: held, block: blockOf(columns, range) };
}

/** What became of newer columns. */
export type Merged =
  /** Laid in: columns added at the right, dropped at the left, and whether anything changed at all. */
  | { readonly kind: 'merged'; readonly added: number; readonly dropped: number; readonly changed: boolean }
  /** The whole document is needed. */
  | { readonly kind: 'refetch'; readonly why: 'rows' | 'hole' | 'other' };

/** What a reader of the heatmap asked for, as far as merging needs it. */
export interface Frame {
  /** Columns the range is wide; older ones are dropped. */
  readonly keep: number;
  /** Distance around the price that is to be seen, percent. */
  readonly withinPct: number;
}

/** Lays the newest columns in. */
export function merge(held: Heatmap, newest: HeatmapDocument, frame: Frame): Merged & { held: Heatmap } {
  const refetch = (why: 'rows' | 'hole' | 'other'): Merged & { held: Heatmap } => ({ kind: 'refetch', why, held });
  const { step_s, rows, columns } = newest;
  const last = held.columns.at(-1);
  const incoming = columns.map((column) => ({
    column,
    rows: { first: rows.first, count: rows.count },
    startMs: Date.parse(column.start),
  }));
  const first = incoming[0];
  if (last === undefined || first === undefined) return refetch('other');
  // Time that runs back is another question, not a newer answer.
  if (Date.parse(newest.as_of) < Date.parse(held.document.as_of)) return refetch('other');
  const sameGrid = step_s === held.document.step_s && rows.width_bp === held.document.rows.width_bp;
  if (!sameGrid || newest.symbol !== held.document.symbol) return refetch('other');

  const stepMs = step_s * 1000;
  const origin = held.columns[0]?.startMs ?? 0;
  const at = (item: HeatColumn): number => (item.startMs - origin) / stepMs;
  const places = incoming.map(at);
  if (places.some((place, i) => !Number.isInteger(place) || place !== (places[0] ?? 0) + i)) return refetch('other');
  // The newest column here may still have been forming: the newer ones must begin with it, or before.
  const overlap = (places[0] ?? 0) <= held.columns.length - 1 || (isClosed(last) && places[0] === held.columns.length);
  if (!overlap) return refetch('hole');
  if (leaves(held, newest, frame.withinPct)) return refetch('rows');

  const fresh = incoming.filter((item, i) => changes(held.columns, places[i] ?? -1, item));
  if (fresh.length === 0) return { kind: 'merged', added: 0, dropped: 0, changed: false, held: { ...held, document: newest } };
  const end = Math.max(held.columns.length, ...fresh.map((item) => at(item) + 1));
  const added = end - held.columns.length;
  const dropped = Math.min(Math.max(end - Math.max(frame.keep, 2), 0), held.columns.length);
  const next = [...held.columns];
  for (const item of fresh) next[at(item)] = item;
  const kept = next.slice(dropped);
  const block = shifted(held.block, dropped, kept.length);
  for (const item of fresh) {
    if (at(item) >= dropped) writeColumn(block, at(item) - dropped, item.column, item.rows, held.rows);
  }
  return { kind: 'merged', added, dropped, changed: true, held: { ...held, document: newest, columns: kept, block } };
}

function isClosed(item: HeatColumn): boolean {
  return item.column.status !== 'forming';
}

/** Whether an incoming column is to be written: a new one, or one that was not closed yet. */
function changes(columns: readonly HeatColumn[], place: number, incoming: HeatColumn): boolean {
  if (place < 0) return false;
  const here = columns[place];
  return here === undefined || (!isClosed(here) && Date.parse(here.column.end) <= Date.parse(incoming.column.end));
}

/**
 * Whether the newest prices come so close to the edge of the rows that more rows are wanted. A fifth of the margin may
 * be used up, so that a market that makes new highs does not ask for a new document with each of them.
 */
function leaves(held: Heatmap, newest: HeatmapDocument, withinPct: number): boolean {
  const low = held.prices[0] ?? 0;
  const high = held.prices.at(-1) ?? 0;
  const margin = (0.8 * withinPct) / 100;
  const prices = newest.columns.flatMap((column) => column.ohlc ?? []).map(Number);
  return [...prices, Number(newest.price)].some((price) => price * (1 - margin) < low || price * (1 + margin) > high);
}

/** The block without its first columns and with room for more at its end; older cells are copied, not computed. */
function shifted(block: Block, dropped: number, columns: number): Block {
  if (dropped === 0 && columns === block.columns) return block;
  const { rows } = block;
  const cells = new Float32Array(columns * rows).fill(Number.NaN);
  const copied = Math.min(block.columns - dropped, columns);
  for (let row = 0; row < rows; row += 1) {
    const from = row * block.columns + dropped;
    cells.set(block.cells.subarray(from, from + copied), row * columns);
  }
  return { columns, rows, cells };
}
