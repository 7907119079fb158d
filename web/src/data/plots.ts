// What the plots of the data page draw, from the series documents. Values become numbers for their place on the
// screen only; whatever is read off a plot is the document's own text.

import type { FundingDocument, Gap, OiDocument, PriceDocument, TapeDocument } from '../lib/documents';
import { figure, number, price, rate, usd } from '../lib/format';
import { toMs } from '../lib/time';

export interface PlotLine {
  readonly label: string;
  /** Name of the colour's token. */
  readonly colour: string;
  readonly kind: 'line' | 'bars' | 'steps' | 'points';
  /** One value for each place on the axis; `null` where there is none. */
  readonly values: readonly (number | null)[];
  /** Whether the line runs on over places without a value (they belong to another line), or is broken there. */
  readonly joins: boolean;
}

/** One reading below the plot. */
export interface Reading {
  readonly label: string;
  /** Stands before the figure and is no part of it: `▼`. */
  readonly mark?: string;
  readonly text: string;
  readonly value: string | number | null;
  readonly figure: string;
  readonly tone?: 'long' | 'short';
}

export interface PlotSpec {
  /** Seconds since 1970, rising. */
  readonly times: readonly number[];
  readonly lines: readonly PlotLine[];
  /** Stretches without data, seconds since 1970. */
  readonly holes: readonly (readonly [number, number])[];
  /** The whole span asked for. */
  readonly span: readonly [number, number];
  readonly axis: (value: number) => string;
  /** What is read at a place; none where nothing stands. */
  readonly read: (place: number) => readonly Reading[];
  /** Time of what is read there, as the document has it. */
  readonly at: (place: number) => string | null;
  readonly zeroed: boolean;
}

function seconds(time: string): number {
  return toMs(time) / 1000;
}

function spanOf(document: { from: string; to: string }): readonly [number, number] {
  return [seconds(document.from), seconds(document.to)];
}

export function pricePlot(document: PriceDocument): PlotSpec {
  // A hole gets a place of its own, at which the line is broken.
  const places: { readonly time: number; readonly candle: number | null }[] = [];
  document.candles.forEach((candle, at) => {
    const before = document.candles[at - 1];
    if (before !== undefined && seconds(candle.start) > seconds(before.end)) {
      places.push({ time: (seconds(before.end) + seconds(candle.start)) / 2, candle: null });
    }
    places.push({ time: Math.min(seconds(candle.end), seconds(document.to)), candle: at });
  });
  const candle = (place: number) => {
    const at = places[place]?.candle ?? null;
    const found = at === null ? undefined : document.candles[at];
    return at === null || found === undefined ? undefined : { at, ...found };
  };
  const line = (label: string, colour: string, field: 'high' | 'low' | 'close'): PlotLine => ({
    label, colour, kind: 'line', joins: false,
    values: places.map((_, place) => { const found = candle(place); return found === undefined ? null : number(found[field]); }),
  });
  return {
    times: places.map(({ time }) => time),
    lines: [line('high', '--axis', 'high'), line('low', '--axis', 'low'), line('close', '--ink', 'close')],
    holes: document.gaps.map(([from, to]) => [seconds(from), seconds(to)]),
    span: spanOf(document),
    axis: (value) => figure(value),
    read: (place) => {
      const found = candle(place);
      if (found === undefined) return [];
      return (['open', 'high', 'low', 'close'] as const).map((field) => ({
        label: field, text: price(found[field]), value: found[field], figure: `price.candles[${found.at}].${field}`,
      }));
    },
    at: (place) => candle(place)?.end ?? null,
    zeroed: false,
  };
}

export function openInterestPlot(document: OiDocument, holes: readonly Gap[]): PlotSpec {
  const points = document.points;
  return {
    times: points.map(({ ts }) => seconds(ts)),
    lines: [{ label: 'open interest', colour: '--ink', kind: 'line', joins: false, values: points.map(({ size }) => size) }],
    holes: holes.map(({ from, to }) => [seconds(from), seconds(to)]),
    span: spanOf(document),
    axis: (value) => figure(value),
    read: (place) => {
      const point = points[place];
      if (point === undefined) return [];
      return [
        { label: 'contracts or coin', text: figure(point.size), value: point.size, figure: `oi.points[${place}].size` },
        { label: 'dollars', text: usd(point.usd), value: point.usd ?? null, figure: `oi.points[${place}].usd` },
      ];
    },
    at: (place) => points[place]?.ts ?? null,
    zeroed: false,
  };
}

export function fundingPlot(document: FundingDocument): PlotSpec {
  const points = document.points;
  const times = [...new Set(points.map(({ ts }) => seconds(ts)))].sort((a, b) => a - b);
  const placeOf = new Map(times.map((time, place) => [time, place]));
  const byKind = (kind: 'settled' | 'predicted'): { values: (number | null)[]; index: (number | null)[] } => {
    const values = times.map((): number | null => null);
    const index = times.map((): number | null => null);
    points.forEach((point, at) => {
      const place = placeOf.get(seconds(point.ts));
      if (point.kind !== kind || place === undefined) return;
      values[place] = point.rate;
      index[place] = at;
    });
    return { values, index };
  };
  const [predicted, settled] = [byKind('predicted'), byKind('settled')];
  return {
    times,
    lines: [
      { label: 'predicted', colour: '--muted', kind: 'line', joins: true, values: predicted.values },
      { label: 'settled', colour: '--ink', kind: 'points', joins: true, values: settled.values },
    ],
    holes: [],
    span: spanOf(document),
    axis: (value) => rate(Number(value.toPrecision(6))),
    read: (place) =>
      [predicted.index[place], settled.index[place]].flatMap((at): Reading[] => {
        const point = at == null ? undefined : points[at];
        if (point === undefined) return [];
        const label = `${point.kind}, per ${point.interval_h} h`;
        return [{ label, text: rate(point.rate), value: point.rate, figure: `funding.points[${at}].rate` }];
      }),
    at: (place) => points[predicted.index[place] ?? settled.index[place] ?? -1]?.ts ?? null,
    zeroed: true,
  };
}

export function tapePlot(document: TapeDocument): PlotSpec {
  const times = [...new Set(document.rows.map(({ ts }) => seconds(ts)))].sort((a, b) => a - b);
  const placeOf = new Map(times.map((time, place) => [time, place]));
  const rowsAt = times.map((): number[] => []);
  document.rows.forEach((row, at) => rowsAt[placeOf.get(seconds(row.ts)) ?? -1]?.push(at));
  // Several reports of one moment stand at one place; the largest is drawn, all are read.
  const largest = (side: 'long' | 'short', sign: number) =>
    rowsAt.map((rows) => {
      const sizes = rows.map((at) => document.rows[at]).filter((row) => row?.side === side).map((row) => number(row?.usd));
      const known = sizes.filter((size) => Number.isFinite(size));
      return known.length === 0 ? null : sign * Math.max(...known);
    });
  return {
    times,
    lines: [
      { label: 'longs', colour: '--long-4', kind: 'bars', joins: false, values: largest('long', -1) },
      { label: 'shorts', colour: '--short-4', kind: 'bars', joins: false, values: largest('short', 1) },
    ],
    holes: [],
    span: spanOf(document),
    axis: (value) => usd(Math.abs(value)),
    read: (place) =>
      (rowsAt[place] ?? []).flatMap((at): Reading[] => {
        const row = document.rows[at];
        if (row === undefined) return [];
        const mark = row.side === 'long' ? '▼' : '▲';
        return [{ label: `${row.side}s`, mark, text: usd(row.usd), value: row.usd ?? null, figure: `tape.rows[${at}].usd`, tone: row.side }];
      }),
    at: (place) => document.rows[rowsAt[place]?.[0] ?? -1]?.ts ?? null,
    zeroed: true,
  };
}

/** The place whose time is nearest. */
export function nearestPlace(times: readonly number[], time: number): number | null {
  if (times.length === 0) return null;
  let [lo, hi] = [0, times.length - 1];
  while (lo < hi) {
    const middle = (lo + hi) >> 1;
    if ((times[middle] ?? 0) < time) lo = middle + 1;
    else hi = middle;
  }
  const before = times[lo - 1];
  const here = times[lo] ?? 0;
  return before !== undefined && time - before < here - time ? lo - 1 : lo;
}
