// Which cell is where.

import type { HeatColumn, Heatmap } from './merge';

/** A cell: column from the oldest, absolute number of the row. */
export interface Cell {
  readonly column: number;
  readonly row: number;
}

/** What the document says about a cell; dollars are `null` where it says nothing. */
export interface CellFacts {
  readonly cell: Cell;
  readonly item: HeatColumn;
  /** Lower and upper price of the row, as the document writes them. */
  readonly low: string;
  readonly high: string;
  readonly longUsd: number | null;
  readonly shortUsd: number | null;
  /** Price traded in this row during the column. */
  readonly traded: boolean;
  /** Dollars of the same row a column before; `null` where there is none. */
  readonly beforeUsd: { readonly long: number | null; readonly short: number | null };
}

/** Place of the row that holds a price, counted from the lowest row held; `null` outside of all rows. */
export function rowAt(prices: readonly number[], price: number): number | null {
  const top = prices.length - 1;
  const [first, last] = [prices[0], prices[top]];
  if (first === undefined || last === undefined || !(price >= first && price <= last)) return null;
  let [low, high] = [0, top];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((prices[middle] ?? 0) <= price) low = middle;
    else high = middle;
  }
  return low;
}

/** The cell at a place on the time axis (columns are centred on whole numbers) and a price. */
export function cellAt(held: Heatmap, logical: number, price: number): Cell | null {
  // Nothing added: the number of a column is never the negative zero.
  const column = Math.round(logical) + 0;
  const row = rowAt(held.prices, price);
  if (row === null || !(column >= 0 && column < held.columns.length)) return null;
  return { column, row: held.rows.first + row };
}

/** The same cell moved by columns and rows, kept inside. */
export function moved(held: Heatmap, cell: Cell, columns: number, rows: number): Cell {
  const clamp = (value: number, low: number, high: number): number => Math.min(Math.max(value, low), high);
  return {
    column: clamp(cell.column + columns, 0, held.columns.length - 1),
    row: clamp(cell.row + rows, held.rows.first, held.rows.first + held.rows.count - 1),
  };
}

/** What the document says about a cell. */
export function factsOf(held: Heatmap, cell: Cell): CellFacts | null {
  const item = held.columns[cell.column];
  const at = cell.row - held.rows.first;
  const [low, high] = [held.edges[at], held.edges[at + 1]];
  if (item === undefined || low === undefined || high === undefined) return null;
  const [longUsd, shortUsd] = usdOf(item, cell.row);
  const [long, short] = usdOf(held.columns[cell.column - 1], cell.row);
  const ohlc = item.column.ohlc ?? null;
  const traded = ohlc !== null && Number(ohlc[2]) < Number(high) && Number(ohlc[1]) >= Number(low);
  return { cell, item, low, high, longUsd, shortUsd, traded, beforeUsd: { long, short } };
}

/** Longs and shorts of a row, `null` where nothing is known. */
function usdOf(item: HeatColumn | undefined, row: number): [number | null, number | null] {
  if (item === undefined || item.column.status === 'gap') return [null, null];
  const at = row - item.rows.first;
  return [item.column.long_usd[at] ?? null, item.column.short_usd[at] ?? null];
}

/** A row of one column with its dollars. */
export interface Row {
  readonly cell: Cell;
  readonly low: string;
  readonly high: string;
  readonly side: 'long' | 'short';
  readonly usd: number;
}

/** The rows of a column with the most dollars of a side, largest first. */
export function strongest(held: Heatmap, column: number, side: 'long' | 'short', count: number): Row[] {
  const rows: Row[] = [];
  const item = held.columns[column];
  if (item === undefined) return rows;
  for (let at = 0; at < held.rows.count; at += 1) {
    const facts = factsOf(held, { column, row: held.rows.first + at });
    const usd = side === 'long' ? facts?.longUsd : facts?.shortUsd;
    if (facts === null || usd === null || usd === undefined || usd <= 0) continue;
    rows.push({ cell: facts.cell, low: facts.low, high: facts.high, side, usd });
  }
  return rows.sort((a, b) => b.usd - a.usd || a.cell.row - b.cell.row).slice(0, count);
}

/** The newest column that has cells, which is the map as it stands. */
export function current(held: Heatmap): number | null {
  for (let at = held.columns.length - 1; at >= 0; at -= 1) {
    if (held.columns[at]?.column.status !== 'gap') return at;
  }
  return null;
}
