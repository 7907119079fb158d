// Looking up a ladder: the rung nearest to where a handle stands. Nothing is interpolated, so that what is read
// off is what the document says.

import type { AtMove, Cluster, ReachPair } from '../lib/documents';
import { number } from '../lib/format';

/** Index of the value nearest to `wanted` in a rising list; the lower of two equally near, -1 in an empty list. */
export function nearest(values: readonly number[], wanted: number): number {
  let low = 0;
  let high = values.length - 1;
  if (high < 0 || Number.isNaN(wanted)) return -1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((values[middle] ?? Infinity) <= wanted) low = middle;
    else high = middle;
  }
  const below = Math.abs(wanted - (values[low] ?? NaN));
  const above = Math.abs((values[high] ?? NaN) - wanted);
  return above < below ? high : low;
}

/** A ladder made ready for looking up: once per document, not once per movement. */
export interface Ladder {
  at: readonly AtMove[];
  prices: readonly number[];
  reach: readonly ReachPair[];
  amounts: readonly number[];
}

export function readLadder(document: { at: AtMove[]; reach: ReachPair[] }): Ladder {
  return {
    at: document.at,
    prices: document.at.map((rung) => number(rung.price)),
    reach: document.reach,
    amounts: document.reach.map((rung) => number(rung.amount_usd)),
  };
}

export function rungAtPrice(ladder: Ladder, price: number): number {
  return nearest(ladder.prices, price);
}

export function rungOfAmount(ladder: Ladder, usd: number): number {
  return nearest(ladder.amounts, usd);
}

/** An amount as it is typed, `20M`, in dollars; NaN if it is none. */
export function amountOf(text: string): number {
  const parts = /^(\d+(?:\.\d+)?)([kmb]?)$/i.exec(text);
  if (parts === null) return NaN;
  const unit = { '': 1, k: 1e3, m: 1e6, b: 1e9 }[(parts[2] ?? '').toLowerCase()] ?? NaN;
  return Number(parts[1]) * unit;
}

/** The cluster that holds a price, or else the one whose edge is nearest; `undefined` without clusters. */
export function clusterAt(clusters: readonly Cluster[], price: number): Cluster | undefined {
  let best: Cluster | undefined;
  let bestGap = Infinity;
  for (const cluster of clusters) {
    const [low, high] = [number(cluster.price_lo), number(cluster.price_hi)];
    const gap = Math.max(low - price, price - high, 0);
    if (gap < bestGap) [best, bestGap] = [cluster, gap];
  }
  return best;
}
