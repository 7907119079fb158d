import { describe, expect, test } from 'vitest';

import { packed, shades } from './palette';
import { blockOf, colourTable, grouped, leftOut, recolour, risingUsd, shader } from './raster';
import { sample, usdOf } from './sample';
import { type Shading, type Stops, cutOf } from './scale';

const SHAPE = { from: 0, columns: 5, first: 10, rows: 8, gaps: [2] };
const STOPS: Stops = [10_000, 30_000, 40_000];
const BAR = { stops: STOPS, cut: cutOf(0, 1) };
const PLAIN: Shading = { long: BAR, short: BAR, leastUsd: 0 };

describe('the raster', () => {
  test('has one cell a row and column, the highest price first, with the sign of the larger side', () => {
    const document = sample(SHAPE);
    const block = blockOf(document.columns, document.rows);
    expect([block.columns, block.rows, block.cells.length]).toEqual([5, 8, 40]);
    const price = Number(document.price);
    for (const column of [0, 1, 3, 4]) {
      for (let row = 0; row < 8; row += 1) {
        const { long, short } = usdOf(column, 10 + row, price);
        const sign = long >= short ? 1 : -1;
        expect(block.cells[(7 - row) * 5 + column]).toBe(sign * (long + short));
      }
    }
  });

  test('knows nothing of a hole, which is not zero', () => {
    const document = sample(SHAPE);
    const block = blockOf(document.columns, document.rows);
    for (let row = 0; row < 8; row += 1) expect(block.cells[row * 5 + 2]).toBeNaN();
  });
});

describe('colours', () => {
  const palette = shades('viridis');
  const cells = Float32Array.from([0, 1, 20_000, -20_000, 40_000, -1e12, Number.NaN]);
  const colours = (shading: Shading, from = cells): number[] => {
    const pixels = new Uint32Array(from.length);
    recolour(from, pixels, colourTable(palette, shading));
    return [...pixels];
  };

  test('zero has the darkest to itself, nothing known is clear, sides share a scale', () => {
    const [zero, one, long, short, top, above, unknown] = colours(PLAIN);
    expect(zero).toBe(palette[0]);
    expect(one).toBe(palette[1]);
    expect(long).toBe(palette[Math.round(255 / 2)]);
    expect(short).toBe(long);
    expect([top, above]).toEqual([palette[255], palette[255]]);
    expect(unknown).toBe(packed([0, 0, 0], 0));
  });

  test('every cell has the shade of its dollars, or one beside it', () => {
    const many = Float32Array.from({ length: 5_000 }, (_, at) => Math.round(1.005 ** at) * (at % 2 === 0 ? 1 : -1)).filter(
      (usd) => Math.abs(usd) < 1e15,
    );
    const shade = shader(BAR);
    // A palette whose colours are their numbers.
    const numbers = Uint32Array.from({ length: 256 }, (_, shade) => shade);
    const found = new Uint32Array(many.length);
    recolour(many, found, colourTable(numbers, PLAIN));
    many.forEach((usd, at) => {
      expect(Math.abs((found[at] ?? -9) - shade(Math.abs(usd)))).toBeLessThanOrEqual(1);
    });
  });

  test('a scale of its own for each side', () => {
    const apart: Shading = { ...PLAIN, short: { ...BAR, stops: [1, 2, 3] } };
    const [, , long, short] = colours(apart);
    expect(long).toBe(palette[Math.round(255 / 2)]);
    expect(short).toBe(palette[255]);
  });

  test('cut-offs stretch, the least size leaves out and says how many', () => {
    const middle = { stops: STOPS, cut: cutOf(1 / 3, 2 / 3) };
    const half = { long: middle, short: middle, leastUsd: 0 };
    expect(colours(half)[1]).toBe(palette[1]);
    expect(colours(half)[4]).toBe(palette[255]);
    const large = { ...PLAIN, leastUsd: 30_000 };
    expect(colours(large)).toEqual([
      palette[0],
      packed([0, 0, 0], 0),
      packed([0, 0, 0], 0),
      packed([0, 0, 0], 0),
      palette[255],
      palette[255],
      packed([0, 0, 0], 0),
    ]);
    expect(leftOut(cells, 30_000)).toBe(3);
    expect(leftOut(cells, 0)).toBe(0);
  });
});

describe('groups of cells', () => {
  const block = { columns: 5, rows: 3, cells: Float32Array.from([1, -9, 3, 4, 5, 0, 0, 0, 0, 0, NaN, NaN, NaN, 2, 1]) };

  test('show the largest of each, of either side', () => {
    const { columns, rows, cells } = grouped(block, 2, 2, 0);
    expect([columns, rows]).toEqual([3, 2]);
    expect([...cells]).toEqual([-9, 4, 5, NaN, 2, 1]);
  });

  test('stay together while the block moves on', () => {
    const ahead = grouped(block, 2, 1, 1);
    expect([...ahead.cells.subarray(0, 3)]).toEqual([1, -9, 5]);
    // The same columns without the first one, now at an even place.
    const moved = { columns: 4, rows: 1, cells: block.cells.slice(1, 5) };
    expect([...grouped(moved, 2, 1, 0).cells]).toEqual([-9, 5]);
  });
});

test('dollars in order, of a side and of a part', () => {
  const block = { columns: 3, rows: 2, cells: Float32Array.from([5, -3, 0, NaN, 1, -8]) };
  expect([...risingUsd(block, 'both')]).toEqual([1, 3, 5, 8]);
  expect([...risingUsd(block, 'long')]).toEqual([1, 5]);
  expect([...risingUsd(block, 'short')]).toEqual([3, 8]);
  expect([...risingUsd(block, 'both', { from: 0, to: 1, top: 0, bottom: 9 })]).toEqual([5]);
  expect([...risingUsd(block, 'both', { from: 4, to: 2, top: 0, bottom: 1 })]).toEqual([]);
});
