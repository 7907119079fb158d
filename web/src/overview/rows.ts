// The overview's rows as a table and in the order a reader wants them. Figures are the document's; what is chosen
// here is only which of them a row is sorted by.

import type { AtMove, Cluster, OverviewRow } from '../lib/documents';
import { age, percentSigned, percentSignedShort, price, priceNear, rate, usd } from '../lib/format';
import { weakness } from '../lib/freshness';
import { compareValues, type CellValue } from '../lib/sort';
import type { Cell, Column, Line, Row } from '../lib/table';

export const DISTANCES = [1, 2, 5] as const;

export const COLUMNS: readonly Column[] = [
  { key: 'star', title: '★', sortable: false, about: 'Favourites' },
  { key: 'market', title: 'Market', names: true },
  { key: 'price', title: 'Price', align: 'end' },
  { key: 'change', title: '24 h', align: 'end', about: 'Change of the price in 24 hours' },
  { key: 'oi', title: 'OI', align: 'end', about: 'Open interest, one-sided, and its change in contracts in 24 hours' },
  { key: 'funding', title: 'Funding', align: 'end', about: 'Newest rate; positive: longs pay' },
  { key: 'within_one', title: '±1 %', align: 'end', parts: ['Longs −1 %', 'Shorts +1 %'], about: 'Dollars a move of 1 % either way would liquidate; sorted by the larger side' },
  { key: 'within_two', title: '±2 %', align: 'end', parts: ['Longs −2 %', 'Shorts +2 %'], about: 'Dollars a move of 2 % either way would liquidate; sorted by the larger side' },
  { key: 'within_five', title: '±5 %', align: 'end', parts: ['Longs −5 %', 'Shorts +5 %'], about: 'Dollars a move of 5 % either way would liquidate; sorted by the larger side' },
  { key: 'near_long', title: 'Nearest ▼', align: 'end', parts: ['Nearest longs', 'their distance %'], about: 'Nearest cluster of longs; sorted by distance' },
  { key: 'near_short', title: 'Nearest ▲', align: 'end', parts: ['Nearest shorts', 'their distance %'], first: 'ascending', about: 'Nearest cluster of shorts; sorted by distance' },
  { key: 'tilt', title: 'Tilt', align: 'end', about: 'Which side sits closer for the same dollars, and how much' },
  { key: 'reported', title: 'Realised', align: 'end', parts: ['Realised longs', 'Realised shorts'], about: 'Liquidations the venue reported in 24 hours; a floor where its stream is throttled' },
  { key: 'grade', title: 'Grade', first: 'ascending', about: 'A (best) to D (withheld)' },
  { key: 'age', title: 'Age', align: 'end', about: 'Of the slowest required data' },
  { key: 'spark', title: 'Last 24 h', sortable: false },
];

/** Whether the row's dollars are too weak to be shown. */
export function isWithheld(row: OverviewRow, showStale: boolean): boolean {
  return row.stamp.grade.letter === 'D' && !showStale;
}

/** The move of so many percent, and its place in the list. */
export function moveOf(row: OverviewRow, percent: number): { readonly move: AtMove; readonly at: number } | undefined {
  const at = row.at.findIndex((move) => Math.round(move.move_pct * 10) === percent * 10);
  const move = row.at[at];
  return move === undefined ? undefined : { move, at };
}

/** Title of the markets behind a row. */
export function titleOf(row: OverviewRow): string {
  return row.stamp.markets.map(({ title }) => title).join(', ');
}

/** What identifies a row among others and over time. */
export function marketOf(row: OverviewRow): string {
  return row.stamp.markets.map(({ market }) => market).join(',') || row.stamp.symbol;
}

/** Which side sits closer, in words; no side is named where they are balanced. */
export function tiltText(row: OverviewRow): string {
  const tilt = row.marks?.tilt ?? null;
  if (tilt === null) return '–';
  if (tilt.label === 'balanced') return 'balanced';
  return `${tilt.side === 'long' ? '▼ longs' : '▲ shorts'} ${tilt.label}`;
}

/** Rows whose symbol or title holds every word typed, favourites first. */
export function chosen(
  rows: readonly OverviewRow[],
  filter: string,
  isFavourite: (row: OverviewRow) => boolean,
  onlyFavourites: boolean,
): { readonly row: OverviewRow; readonly index: number }[] {
  const words = filter.toLowerCase().split(/\s+/).filter((word) => word !== '');
  const fits = (row: OverviewRow): boolean => {
    const text = `${row.stamp.symbol} ${titleOf(row)} ${marketOf(row)}`.toLowerCase();
    return words.every((word) => text.includes(word)) && (!onlyFavourites || isFavourite(row));
  };
  const found = rows.map((row, index) => ({ row, index })).filter(({ row }) => fits(row));
  return [...found.filter(({ row }) => isFavourite(row)), ...found.filter(({ row }) => !isFavourite(row))];
}

/** One market as a row of the table. `index` is its place in the document. */
export function tableRow(row: OverviewRow, index: number, showStale: boolean, href: string): Row {
  const { stamp } = row;
  const figure = (path: string): string => `overview.rows[${index}].${path}`;
  const withheld = isWithheld(row, showStale);
  const hidden: Cell = { value: null, text: 'withheld', tone: 'quiet' };
  const shown = (cell: Cell): Cell => (withheld ? hidden : cell);
  const stale = weakness(stamp).stale.length > 0;
  return {
    index,
    market: { value: stamp.symbol, href, note: titleOf(row) },
    price: { value: stamp.price, text: price(stamp.price), figure: figure('stamp.price'), tone: stale ? 'quiet' : undefined },
    change: { value: row.day?.change_pct ?? null, text: percentSigned(row.day?.change_pct), figure: figure('day.change_pct') },
    oi: openInterest(row, figure),
    funding: {
      value: row.funding_rate ?? null,
      text: rate(row.funding_rate),
      note: row.funding_interval_h == null ? undefined : `per ${row.funding_interval_h} h`,
      figure: figure('funding_rate'),
    },
    within_one: shown(within(row, 1, figure)),
    within_two: shown(within(row, 2, figure)),
    within_five: shown(within(row, 5, figure)),
    near_long: shown(nearest(row.nearest_long ?? null, figure('nearest_long'), 'long')),
    near_short: shown(nearest(row.nearest_short ?? null, figure('nearest_short'), 'short')),
    tilt: shown(tiltCell(row, figure('marks.tilt.ratio'))),
    reported: reported(row, figure),
    grade: { value: stamp.grade.letter, figure: figure('stamp.grade.letter'), tone: stamp.grade.letter === 'D' ? 'warning' : undefined },
    age: { value: stamp.age_s, text: age(stamp.age_s), figure: figure('stamp.age_s'), tone: stale ? 'warning' : undefined, note: stale ? 'stale' : undefined },
  };
}

function openInterest(row: OverviewRow, figure: (path: string) => string): Cell {
  const change = row.open_interest_change_24h_pct;
  const lines = row.stamp.markets.map((market, at): Line => ({
    value: market.open_interest_usd ?? null,
    text: usd(market.open_interest_usd),
    figure: figure(`stamp.markets[${at}].open_interest_usd`),
  }));
  if (change != null) {
    lines.push({ value: change, text: percentSigned(change), figure: figure('open_interest_change_24h_pct'), tone: 'quiet' });
  }
  return { value: row.stamp.markets[0]?.open_interest_usd ?? null, lines };
}

function within(row: OverviewRow, percent: number, figure: (path: string) => string): Cell {
  const [fall, rise] = [moveOf(row, -percent), moveOf(row, percent)];
  const lines: Line[] = [];
  if (fall) lines.push({ value: fall.move.long_usd, mark: '▼', text: usd(fall.move.long_usd), figure: figure(`at[${fall.at}].long_usd`), tone: 'long' });
  if (rise) lines.push({ value: rise.move.short_usd, mark: '▲', text: usd(rise.move.short_usd), figure: figure(`at[${rise.at}].short_usd`), tone: 'short' });
  return { value: larger(fall?.move.long_usd ?? null, rise?.move.short_usd ?? null), lines };
}

function reported(row: OverviewRow, figure: (path: string) => string): Cell {
  const [long, short] = row.reported_24h_usd ?? [null, null];
  if (long === null || short === null) return { value: null };
  return {
    value: larger(long, short),
    lines: [
      { value: long, mark: '▼', text: usd(long), figure: figure('reported_24h_usd[0]'), tone: 'long' },
      { value: short, mark: '▲', text: usd(short), figure: figure('reported_24h_usd[1]'), tone: 'short' },
    ],
  };
}

function nearest(cluster: Cluster | null, figure: string, side: 'long' | 'short'): Cell {
  if (cluster === null) return { value: null };
  return {
    value: cluster.distance_pct,
    lines: [
      { value: cluster.usd, text: usd(cluster.usd), figure: `${figure}.usd`, tone: side },
      { value: cluster.distance_pct, mark: priceNear(cluster.peak_price), text: percentSignedShort(cluster.distance_pct), figure: `${figure}.distance_pct`, tone: 'quiet' },
    ],
  };
}

function tiltCell(row: OverviewRow, figure: string): Cell {
  const tilt = row.marks?.tilt ?? null;
  if (tilt === null || tilt.label === 'balanced') return { value: tilt?.ratio ?? null, text: tiltText(row) };
  return {
    value: tilt.ratio,
    lines: [
      { value: tilt.label, text: tiltText(row), tone: tilt.side },
      { value: tilt.ratio, text: String(tilt.ratio), mark: '×', figure, tone: 'quiet' },
    ],
  };
}

function larger(a: CellValue, b: CellValue): CellValue {
  if (a === null || b === null) return a ?? b;
  return compareValues(a, b) >= 0 ? a : b;
}
