// Where columns and rows lie on the screen, in the pixels of the bitmap.

/** A price scale that need not be straight: `y` of the edges of rows, falling as prices rise. */
export interface View {
  /** Width and height of the plot, bitmap pixels. */
  readonly width: number;
  readonly height: number;
  /** Middle of column 0 and distance between columns. */
  readonly x0: number;
  readonly spacing: number;
  /** Place of a price from the top. */
  readonly y: (price: number) => number;
}

/** Left edge of a column. */
export function leftOf(view: View, column: number): number {
  return view.x0 + (column - 0.5) * view.spacing;
}

/** Columns that are at least partly seen: `from ≤ column < to`. */
export function columnsSeen(view: View, columns: number): { from: number; to: number } {
  const at = (x: number): number => (x - view.x0) / view.spacing + 0.5;
  const from = Math.min(Math.max(Math.floor(at(0)), 0), columns);
  return { from, to: Math.min(Math.max(Math.ceil(at(view.width)), from), columns) };
}

/** Rows that are at least partly seen, counted from the lowest: `from ≤ row < to`. */
export function rowsSeen(view: View, prices: readonly number[]): { from: number; to: number } {
  const rows = prices.length - 1;
  const first = (test: (y: number) => boolean): number => {
    let [low, high] = [0, rows];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (test(view.y(prices[middle + 1] ?? 0))) high = middle;
      else low = middle + 1;
    }
    return low;
  };
  const from = first((y) => y < view.height);
  const to = first((y) => y <= 0);
  return { from, to: Math.min(Math.max(to + 1, from), rows) };
}

/** Rows between two edges that lie evenly on the screen, counted from the lowest, with their places. */
export interface Strip {
  readonly from: number;
  readonly to: number;
  readonly bottom: number;
  readonly top: number;
}

/** Half of a pixel is as far as an edge may lie from its place. */
const STRAIGHT_PX = 0.5;

/**
 * Rows as strips in which they are equally high to within half a pixel: one on a logarithmic scale, where rows are
 * equal, and a few on a linear one.
 */
export function strips(view: View, prices: readonly number[], from: number, to: number): Strip[] {
  const y = (edge: number): number => view.y(prices[edge] ?? 0);
  const even = (low: number, high: number): boolean => {
    const [a, b] = [y(low), y(high)];
    return [0.25, 0.5, 0.75].every((share) => {
      const edge = Math.round(low + (high - low) * share);
      return Math.abs(y(edge) - (a + ((b - a) * (edge - low)) / (high - low))) <= STRAIGHT_PX;
    });
  };
  const found: Strip[] = [];
  const cut = (low: number, high: number): void => {
    if (high - low > 1 && !even(low, high)) {
      const middle = (low + high) >> 1;
      cut(low, middle);
      cut(middle, high);
    } else if (high > low) {
      found.push({ from: low, to: high, bottom: y(low), top: y(high) });
    }
  };
  cut(from, to);
  return found;
}

/** Cells that share a pixel, as the next power of two, so that groups change seldom while zooming. */
export function groupFor(cellPx: number): number {
  let group = 1;
  while (group < 1024 && cellPx * group < 0.75) group *= 2;
  return group;
}
