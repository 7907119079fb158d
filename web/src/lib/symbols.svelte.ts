// The markets that can be asked for. One list for the whole page, asked for once.

import type { SymbolRow } from './documents';
import { request, address } from './rest';

class Symbols {
  rows = $state.raw<SymbolRow[]>([]);
  #asked: Promise<void> | null = null;

  /** Asks for the list, unless that was done; a failure is tried again by the next caller. */
  async load(): Promise<void> {
    this.#asked ??= request(address('symbols', '', {}), new AbortController().signal).then((answer) => {
      if (answer.ok) this.rows = rowsOf(answer.data);
      else this.#asked = null;
    });
    await this.#asked;
  }

  row(symbol: string): SymbolRow | undefined {
    return this.rows.find((row) => row.symbol === symbol || row.market === symbol);
  }

  /** The symbol so many places further in the list. */
  beside(symbol: string, places: number): string | undefined {
    const at = this.rows.findIndex((row) => row.symbol === symbol);
    const count = this.rows.length;
    return count === 0 ? undefined : this.rows[(Math.max(at, 0) + places + count) % count]?.symbol;
  }
}

function rowsOf(data: unknown): SymbolRow[] {
  const rows = (data as { symbols?: unknown } | null)?.symbols;
  return Array.isArray(rows) ? (rows as SymbolRow[]) : [];
}

/** Rows whose symbol, base or title holds what is typed, those that begin with it first. */
export function matching(rows: readonly SymbolRow[], typed: string): SymbolRow[] {
  const text = typed.trim().toLowerCase();
  const rank = (row: SymbolRow) => {
    const names = [row.symbol, row.base, row.title, row.market].map((name) => name.toLowerCase());
    if (names.some((name) => name === text)) return 0;
    if (names.some((name) => name.startsWith(text))) return 1;
    return names.some((name) => name.includes(text)) ? 2 : 3;
  };
  return rows
    .map((row, place) => ({ row, place, rank: rank(row) }))
    .filter((item) => item.rank < 3)
    .sort((a, b) => a.rank - b.rank || a.place - b.place)
    .map((item) => item.row);
}

export const symbols = new Symbols();
