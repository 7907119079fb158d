// Small heatmaps for tests.

import type { Column, HeatmapDocument } from '../lib/documents/generated';

const START = Date.parse('2026-03-18T00:00:00Z');
const STEP_S = 900;

export interface Shape {
  /** Number of the first column, counted from midnight. */
  from: number;
  columns: number;
  /** Absolute number of the lowest row, and how many rows. */
  first: number;
  rows: number;
  /** Number of the column that is still forming, if any. */
  forming?: number;
  /** Numbers of columns without data. */
  gaps?: number[];
  /** Added to every cell, so that a later answer differs. */
  extra?: number;
  price?: number;
}

/** Price of an absolute row's lower edge: rows of one per cent. */
export function edge(row: number): number {
  return Number((100 * 1.01 ** row).toFixed(2));
}

function iso(column: number): string {
  return new Date(START + column * STEP_S * 1000).toISOString().replace('.000', '');
}

/** Dollars of a cell: longs below the price, shorts above, both in its row. */
export function usdOf(column: number, row: number, price: number): { long: number; short: number } {
  const usd = 1_000 * (Math.abs(row) + 1) + column;
  return { long: edge(row) <= price ? usd : 0, short: edge(row + 1) >= price ? 2 * usd : 0 };
}

export function sample(shape: Shape): HeatmapDocument {
  const price = shape.price ?? edge(shape.first + shape.rows / 2) + 0.1;
  const numbers = Array.from({ length: shape.columns }, (_, at) => shape.from + at);
  const rows = Array.from({ length: shape.rows }, (_, at) => shape.first + at);
  const columns = numbers.map((number): Column => {
    const gap = shape.gaps?.includes(number) ?? false;
    const forming = shape.forming === number;
    const cells = rows.map((row) => usdOf(number, row, price));
    const text = price.toFixed(2);
    return {
      start: iso(number),
      end: forming ? iso(number + 0.5) : iso(number + 1),
      status: gap ? 'gap' : forming ? 'forming' : 'closed',
      ohlc: gap ? null : [text, (price * 1.001).toFixed(2), (price * 0.999).toFixed(2), text],
      long_usd: cells.map(({ long }) => long + (long > 0 ? (shape.extra ?? 0) : 0)),
      short_usd: cells.map(({ short }) => short + (short > 0 ? (shape.extra ?? 0) : 0)),
      reported_usd: gap ? [0, 0] : [10 * number, 5 * number],
    };
  });
  const head = {
    schema: 'heatmap/1',
    symbol: 'BTC',
    as_of: columns.at(-1)?.end ?? iso(0),
    price: price.toFixed(2),
    price_decimals: 2,
    step_s: STEP_S,
  };
  const edges = Array.from({ length: shape.rows + 1 }, (_, at) => edge(shape.first + at).toFixed(2));
  return {
    ...head,
    rows: { width_bp: 100, first: shape.first, count: shape.rows, edges },
    columns,
    scale: { p50_usd: 5_000, p90_usd: 15_000, p99_usd: 30_000 },
  } as unknown as HeatmapDocument;
}
