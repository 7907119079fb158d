// From dollars to a place on the colour bar.
//
// The bar is straight between zero and the document's three stops, which stand at its thirds (as in the
// pictures). Cut-offs keep a part of the bar and stretch it over all colours; they move no stop.

/** Dollars at one, two and three thirds of the bar, rising. */
export type Stops = readonly [number, number, number];

/** Where dollars stand on the whole bar, 0 to 1; zero alone stands at 0. */
export function place(usd: number, stops: Stops): number {
  let below = 0;
  for (let third = 0; third < 3; third += 1) {
    const stop = stops[third] ?? 0;
    if (usd < stop) return (third + Math.max(usd - below, 0) / (stop - below)) / 3;
    below = Math.max(stop, below);
  }
  return usd > 0 ? 1 : 0;
}

/** The part of the bar that is stretched over all colours, 0 ≤ `from` < `to` ≤ 1. */
export interface Cut {
  readonly from: number;
  readonly to: number;
}

/** One colour bar: its stops, and the part of it that is kept. */
export interface Bar {
  readonly stops: Stops;
  readonly cut: Cut;
}

/** How cells become colours. None of it changes what a cell holds. */
export interface Shading {
  /** For cells where longs are the larger part, and for those where shorts are. */
  readonly long: Bar;
  readonly short: Bar;
  /** Cells below this many dollars are left out (0 leaves out none). */
  readonly leastUsd: number;
}

/** Where dollars stand on the part of the bar that is kept. */
export function stretched(usd: number, { stops, cut }: Bar): number {
  const share = (place(usd, stops) - cut.from) / (cut.to - cut.from);
  return Math.min(Math.max(share, 0), 1);
}

/** A cut that keeps something: at least a hundredth of the bar. */
export function cutOf(from: number, to: number): Cut {
  const clamp = (value: number): number => (value >= 0 ? Math.min(value, 1) : 0);
  const low = Math.min(clamp(from), 0.99);
  return { from: low, to: Math.max(clamp(to), low + 0.01) };
}

/** The value at a share of the way through rising values, by nearest rank: always one of them; 0 of none. */
export function quantile(rising: ArrayLike<number>, share: number): number {
  const rank = Math.min(Math.max(Math.floor(rising.length * share), 0), rising.length - 1);
  return rising[rank] ?? 0;
}

/** The stops of rising values, at the quantiles the documents use. */
export function stopsOf(rising: ArrayLike<number>): Stops {
  return [quantile(rising, 0.5), quantile(rising, 0.9), quantile(rising, 0.99)];
}
