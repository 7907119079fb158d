/** What a table shows: for each cell the document's own value, and how it reads. */

import type { CellValue, Direction } from './sort';
import { toTsv } from './tsv';

export interface Column {
  readonly key: string;
  readonly title: string;
  /** `end` for figures; they sort largest first. */
  readonly align?: 'start' | 'end' | undefined;
  readonly sortable?: boolean | undefined;
  /** The direction of the first click, where it is not that of the alignment. */
  readonly first?: Direction | undefined;
  /** What the column holds, where its title is too short to say. */
  readonly about?: string | undefined;
  /** Titles of the figures of a cell that holds several, for the copy. */
  readonly parts?: readonly string[] | undefined;
  /** The cells name their row. */
  readonly names?: boolean | undefined;
}

/** One of several figures in a cell. */
export interface Line {
  readonly value: CellValue;
  readonly text: string;
  /** Stands before the figure and is no part of it: `▼`. */
  readonly mark?: string | undefined;
  readonly figure?: string | undefined;
  readonly tone?: Tone | undefined;
}

export type Tone = 'long' | 'short' | 'quiet' | 'warning';

export interface Cell {
  /** The value as the document has it: what is sorted by and copied. */
  readonly value: CellValue;
  /** How it reads; the value itself if absent. */
  readonly text?: string | undefined;
  /** Stands before and after the figure and is no part of it: `▼`, `longs`. */
  readonly mark?: string | undefined;
  readonly unit?: string | undefined;
  /** A second, quieter line. */
  readonly note?: string | undefined;
  /** Name of the figure, for whoever compares the page with the document. */
  readonly figure?: string | undefined;
  readonly tone?: Tone | undefined;
  /** Figures below each other, instead of the text; the value is then only what is sorted by. */
  readonly lines?: readonly Line[] | undefined;
  readonly href?: string | undefined;
}

export type Row = Readonly<Record<string, Cell | CellValue>>;

/** Rows on one page of a long table. */
export const PAGE_ROWS = 300;

export function cellOf(row: Row, key: string): Cell {
  const cell = Object.hasOwn(row, key) ? row[key] : undefined;
  return typeof cell === 'object' && cell !== null ? cell : { value: cell ?? null };
}

/** An 80 % interval as one value: both bounds, the upper one empty where it is open. */
export function intervalValue(interval: { lo80: number; hi80?: number | null } | null | undefined): string | null {
  return interval == null ? null : `${interval.lo80}/${interval.hi80 ?? ''}`;
}

/** How a cell reads; a dash says that there is no such figure. */
export function cellText(cell: Cell): string {
  return cell.text ?? (cell.value === null || cell.value === '' ? '–' : String(cell.value));
}

/** The whole table for the clipboard: titles, then exact values. Columns without values are left out. */
export function tableText(columns: readonly Column[], rows: readonly Row[]): string {
  const kept = columns.filter(({ key }) => rows.length === 0 || rows.some((row) => Object.hasOwn(row, key)));
  return toTsv([
    kept.flatMap(({ title, parts }) => parts ?? [title]),
    ...rows.map((row) => kept.flatMap(({ key, parts }) => copied(cellOf(row, key), parts?.length))),
  ]);
}

function copied({ value, lines }: Cell, parts: number | undefined): CellValue[] {
  if (parts !== undefined) return Array.from({ length: parts }, (_, at) => lines?.[at]?.value ?? null);
  return [lines === undefined ? value : lines.map((line) => line.value ?? '').join(' ')];
}

/** Which rows stand on a page (from 0); a page that is not there becomes the nearest one that is. */
export function pageOf(count: number, page: number): { readonly page: number; readonly pages: number; readonly from: number; readonly to: number } {
  const pages = Math.max(1, Math.ceil(count / PAGE_ROWS));
  const here = Math.min(Math.max(0, page), pages - 1);
  return { page: here, pages, from: here * PAGE_ROWS, to: Math.min(count, (here + 1) * PAGE_ROWS) };
}
