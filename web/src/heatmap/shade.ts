// The reader's choice of contrast, cut-offs and least size, as colours of cells and as a legend.

import { usd } from '../lib/format';
import type { Heatmap } from './merge';
import { type Block, type Part, leftOut, risingUsd } from './raster';
import { type Bar, type Shading, type Stops, cutOf, place, quantile, stopsOf } from './scale';

export type Contrast = 'fixed' | 'fit' | 'side';

/** What the reader chose. Cut-offs are a percentile (`12`), dollars (`500K`), or empty. */
export interface Choice {
  readonly contrast: Contrast;
  readonly lo: string;
  readonly hi: string;
  readonly leastUsd: number;
}

/** Dollars in order; they are sorted once for a document, not for each change of a slider. */
export interface Ordered {
  readonly both: Float32Array;
  readonly long: Float32Array;
  readonly short: Float32Array;
}

/** What colours are set by: the cells of a document, and its stops. */
export interface Basis {
  readonly block: Block;
  readonly stops: Stops;
}

/** Cells in order. They are sorted only where they are asked for. */
export function ordered(block: Block, part?: Part): Ordered {
  const kept = new Map<'both' | 'long' | 'short', Float32Array>();
  const of = (side: 'both' | 'long' | 'short'): Float32Array => {
    const values = kept.get(side) ?? risingUsd(block, side, part);
    kept.set(side, values);
    return values;
  };
  return {
    get both() {
      return of('both');
    },
    get long() {
      return of('long');
    },
    get short() {
      return of('short');
    },
  };
}

const UNITS: Readonly<Record<string, number>> = { '': 1, K: 1e3, M: 1e6, B: 1e9 };

/** `500K` as dollars; `null` if it is none. */
export function dollars(text: string): number | null {
  const parts = /^(\d{1,12}(?:\.\d{1,6})?)([KMB]?)$/i.exec(text);
  const value = Number(parts?.[1]) * (UNITS[parts?.[2]?.toUpperCase() ?? ''] ?? Number.NaN);
  return Number.isFinite(value) ? value : null;
}

/** Whether a cut-off is a percentile (a number without a unit). */
export function isPercentile(text: string): boolean {
  return /^\d{1,3}(\.\d+)?$/.test(text) && Number(text) <= 100;
}

/** The dollars of a cut-off: those of a cell at the percentile, or what was typed. */
export function cutUsd(text: string, rising: Float32Array): number | null {
  return isPercentile(text) ? quantile(rising, Number(text) / 100) : dollars(text);
}

function barOf(stops: Stops, choice: Choice, rising: () => Float32Array): Bar {
  const at = (text: string, without: number): number => {
    const value = text === '' ? null : cutUsd(text, isPercentile(text) ? rising() : NONE);
    return value === null ? without : place(value, stops);
  };
  return { stops, cut: cutOf(at(choice.lo, 0), at(choice.hi, 1)) };
}

const NONE = new Float32Array(0);

/** Colours for a choice. `all` are the cells the document's stops come from, `seen` those in view, if known. */
export function shadingOf(stops: Stops, choice: Choice, all: Ordered, seen: Ordered | null): Shading {
  const { leastUsd } = choice;
  if (choice.contrast === 'side') {
    return {
      long: barOf(stopsOf(all.long), choice, () => all.long),
      short: barOf(stopsOf(all.short), choice, () => all.short),
      leastUsd,
    };
  }
  const fits = choice.contrast === 'fit' && seen !== null && seen.both.length > 0;
  const bar = fits ? barOf(stopsOf(seen.both), choice, () => seen.both) : barOf(stops, choice, () => all.both);
  return { long: bar, short: bar, leastUsd };
}

/** A mark under the colour bar: place 0 to 1, dollars, and the name of the stop. */
export interface Mark {
  readonly at: number;
  readonly usd: number;
  readonly text: string;
  readonly name: string;
}

/** Marks need this share of the bar for their words. */
const ROOM = 0.2;

/** The marks of a bar: its stops as far as they are kept and have room, the highest first of all. */
export function marks({ stops, cut }: Bar): Mark[] {
  const found: Mark[] = [];
  for (const third of [2, 1, 0]) {
    const at = ((third + 1) / 3 - cut.from) / (cut.to - cut.from);
    const value = stops[third] ?? 0;
    const before = found[0]?.at ?? Infinity;
    if (at < ROOM || at > 1 + 1e-9 || before - at < ROOM) continue;
    const last = at > 1 - 1e-9;
    found.unshift({ at: Math.min(at, 1), usd: value, text: last ? `≥ ${usd(value)}` : usd(value), name: NAMES[third] ?? '' });
  }
  return found;
}

const NAMES = ['p50', 'p90', 'p99'];

/** What a screenshot has to say about its colours; `null` where they are the document's own. */
export function contrastWords(contrast: Contrast): string | null {
  if (contrast === 'fit') return 'Contrast fitted to the cells in view: colours do not compare with other views.';
  if (contrast === 'side') return 'Contrast per side: the same colour means different dollars for longs and shorts.';
  return null;
}

/** Cells a least size leaves out, in words; empty if it leaves out none. */
export function leftOutWords(map: Heatmap, leastUsd: number): string {
  if (leastUsd <= 0) return '';
  const cells = leftOut(map.block.cells, leastUsd);
  return `${cells.toLocaleString('en-US')} ${cells === 1 ? 'cell' : 'cells'} below ${usd(leastUsd)} left out`;
}
