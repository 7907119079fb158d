/** Places of a small line of prices inside a box of pixels. */

export interface Scale {
  readonly lo: number;
  readonly hi: number;
}

/** The range that holds every value and level; a flat line gets room on both sides. */
export function scaleOf(values: readonly number[]): Scale | undefined {
  const known = values.filter((value) => Number.isFinite(value));
  if (known.length === 0) return undefined;
  const lo = known.reduce((a, b) => Math.min(a, b));
  const hi = known.reduce((a, b) => Math.max(a, b));
  if (lo < hi) return { lo, hi };
  const room = Math.abs(lo) * 0.001 || 1;
  return { lo: lo - room, hi: hi + room };
}

/** Pixels from the top of a box of this height. */
export function heightAt(value: number, scale: Scale, height: number): number {
  return ((scale.hi - value) / (scale.hi - scale.lo)) * height;
}

/** An SVG path through values at equal steps from edge to edge, broken where a value is missing. */
export function linePath(values: readonly number[], scale: Scale, width: number, height: number): string {
  const step = values.length > 1 ? width / (values.length - 1) : 0;
  let pen = 'M';
  let path = '';
  values.forEach((value, at) => {
    if (Number.isFinite(value)) {
      path += `${pen}${(at * step).toFixed(1)} ${heightAt(value, scale, height).toFixed(1)}`;
      pen = 'L';
    } else {
      pen = 'M';
    }
  });
  return path;
}
