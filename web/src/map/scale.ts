// From values to pixels, and where ticks stand. The same choices as in the pictures.

export interface Scale {
  /** The pixel of a value; not limited to the range. */
  at: (value: number) => number;
  /** The value at a pixel. */
  back: (pixel: number) => number;
  low: number;
  top: number;
}

/** A straight mapping; a range without width gives its first pixel. */
export function linear(low: number, top: number, from: number, to: number): Scale {
  const span = top - low;
  return {
    low,
    top,
    at: (value) => (span > 0 ? from + ((value - low) / span) * (to - from) : from),
    back: (pixel) => (to === from ? low : low + ((pixel - from) / (to - from)) * span),
  };
}

/** A logarithmic mapping; what is below the range (zero, say) stands at its foot. */
export function logarithmic(low: number, top: number, from: number, to: number): Scale {
  const [foot, head] = [Math.log(low), Math.log(top)];
  const inner = linear(foot, head, from, to);
  return {
    low,
    top,
    at: (value) => inner.at(value > low ? Math.log(value) : foot),
    back: (pixel) => Math.exp(inner.back(pixel)),
  };
}

const STEPS = [1, 2, 2.5, 5, 10];
const FINE_STEPS = [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10];

function niceStep(least: number, digits: readonly number[]): number {
  if (!(Number.isFinite(least) && least > 1e-300)) return 1;
  const power = 10 ** Math.floor(Math.log10(least));
  const found = digits.find((digit) => digit * power >= least * (1 - 1e-9));
  return (found ?? 10) * power;
}

/** Multiples of a round step inside a range, at most `most` of them. */
export function ticks(low: number, high: number, most: number): number[] {
  const span = high - low;
  if (!(Number.isFinite(span) && span > 0) || most < 1) return [];
  const step = niceStep(span / most, STEPS);
  const first = Math.ceil(low / step - 1e-9);
  const values: number[] = [];
  for (let at = first; at * step <= high + step * 1e-9 && values.length <= most; at += 1) values.push(at * step + 0);
  return values;
}

/** Top of an axis from zero that holds `max` in so many round steps, so that two axes share their lines. */
export function topOf(max: number, intervals: number): number {
  return niceStep(max / intervals, FINE_STEPS) * intervals;
}

/** Powers of ten inside a range. */
export function decades(low: number, top: number): number[] {
  const values: number[] = [];
  for (let power = Math.ceil(Math.log10(low) - 1e-9); 10 ** power <= top * (1 + 1e-9); power += 1) values.push(10 ** power);
  return values;
}

/** Decimals that a multiple of a step needs. */
export function decimalsOf(step: number): number {
  for (let decimals = 0; decimals < 12; decimals += 1) {
    if (Math.abs(Number(step.toFixed(decimals)) - step) <= Math.abs(step) * 1e-6) return decimals;
  }
  return 12;
}
