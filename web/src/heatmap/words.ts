// Sentences and spans of the heatmap.

import { price, timeMinute, usd } from '../lib/format';
import type { Zone } from '../lib/format';
import { type CellFacts, current, strongest } from './hit';
import type { Heatmap } from './merge';

/** Seconds as a span of the request: `15m`, `4h`, `1d`. */
export function spanText(seconds: number): string {
  for (const [unit, length] of [
    ['d', 86_400],
    ['h', 3_600],
    ['m', 60],
  ] as const) {
    if (seconds >= length && seconds % length === 0) return `${seconds / length}${unit}`;
  }
  return `${seconds}s`;
}

/** Seconds as people read them: `15 min`, `4 h`. */
export function spanWords(seconds: number): string {
  return spanText(seconds).replace(/[smhd]$/, (unit) => ({ s: ' s', m: ' min', h: ' h', d: ' d' })[unit] ?? unit);
}

/** A distance wide enough that, wherever in these rows the price is, all of them are within it: `26%`. */
export function percentOf(prices: readonly number[]): string {
  const [low, high] = [prices[0] ?? 1, prices.at(-1) ?? 1];
  return `${Math.min(Math.max(Math.ceil((high / low - 1) * 100) + 1, 2), 90)}%`;
}

/** `1 column`, `3 columns`. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number.toLocaleString('en-US')} ${number === 1 ? one : many}`;
}

/** The heatmap in a few sentences, for who does not see it. */
export function summary(map: Heatmap, zone: Zone): string {
  const { document, columns, rows, edges } = map;
  const [first, last] = [columns[0], columns.at(-1)];
  const gaps = columns.filter((item) => item.column.status === 'gap').length;
  const span = `${timeMinute(first?.column.start, zone)} to ${timeMinute(last?.column.end, zone)}`;
  const parts = [
    `${document.symbol} liquidation levels over time: ${count(columns.length, 'column')} of ${spanWords(document.step_s)}, ${span};`,
    `${count(rows.count, 'row')} of ${document.rows.width_bp} basis points from ${price(edges[0])} to ${price(edges.at(-1))}.`,
    `Last price ${price(document.price)}.`,
  ];
  const at = current(map);
  if (at !== null) {
    for (const [side, words] of [
      ['long', 'Longs liquidated if price falls'],
      ['short', 'Shorts liquidated if price rises'],
    ] as const) {
      const [top] = strongest(map, at, side, 1);
      parts.push(
        top === undefined
          ? `${words}: none in these rows.`
          : `${words}: most in one row is ${usd(top.usd)}, from ${price(top.low)} to ${price(top.high)}.`,
      );
    }
  }
  parts.push(gaps === 0 ? 'No column is without data.' : `${count(gaps, 'column')} without data.`);
  return parts.join(' ');
}

/** A band has ended where less than this share of it is left a column later. */
const ENDED = 0.8;

/** Why dollars of a cell are fewer than a column before, a sentence a side (UX-W11). */
export function endings(facts: CellFacts): string[] {
  const found: string[] = [];
  for (const [words, now, before] of [
    ['Longs', facts.longUsd, facts.beforeUsd.long],
    ['Shorts', facts.shortUsd, facts.beforeUsd.short],
  ] as const) {
    if (now === null || before === null || before <= 0 || now > ENDED * before) continue;
    const why = facts.traded ? 'price traded here, they were reached' : 'closed by their holders, as the model infers it';
    found.push(`${words} were ${usd(before)} a column before: ${why}.`);
  }
  return found;
}
