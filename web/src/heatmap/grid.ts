// Round dollars for sliders.

/** 1, 2 and 5 of each power of ten from a thousand to a billion. */
export const GRID: readonly string[] = ['K', 'M'].flatMap((unit) =>
  [1, 10, 100].flatMap((power) => [1, 2, 5].map((digit) => `${digit * power}${unit}`)),
);

/** Least sizes; none at first. */
export const SIZES: readonly string[] = ['0', ...GRID];

const DOLLARS = GRID.map((text) => Number.parseInt(text, 10) * (text.endsWith('M') ? 1e6 : 1e3));

/** The round dollars at a place, as text of the address. */
export function gridAt(at: number): string {
  return GRID[Math.min(Math.max(Math.round(at), 0), GRID.length - 1)] ?? '1K';
}

/** The place of the round dollars nearest to these, by ratio. */
export function atGrid(usd: number): number {
  let best = 0;
  DOLLARS.forEach((value, at) => {
    if (Math.abs(Math.log(usd / value)) < Math.abs(Math.log(usd / (DOLLARS[best] ?? 1)))) best = at;
  });
  return best;
}
