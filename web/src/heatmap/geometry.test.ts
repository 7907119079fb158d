import { expect, test } from 'vitest';

import { type View, columnsSeen, groupFor, rowsSeen, strips } from './geometry';

const PRICES = Array.from({ length: 301 }, (_, row) => 60_000 * 1.001 ** row);
const [LOW, HIGH] = [60_000, 60_000 * 1.001 ** 300];

/** A plot of 400 pixels that shows prices from `low` to `high`. */
function view(scale: (price: number) => number, low = LOW, high = HIGH): View {
  const y = (price: number): number => (400 * (scale(high) - scale(price))) / (scale(high) - scale(low));
  return { width: 800, height: 400, x0: 4, spacing: 8, y };
}

test('columns that are seen', () => {
  const all = view(Math.log);
  expect(columnsSeen(all, 100)).toEqual({ from: 0, to: 100 });
  expect(columnsSeen(all, 50)).toEqual({ from: 0, to: 50 });
  expect(columnsSeen({ ...all, x0: -35 }, 100)).toEqual({ from: 4, to: 100 });
  expect(columnsSeen({ ...all, x0: 2_000 }, 100)).toEqual({ from: 0, to: 0 });
});

test('rows that are seen', () => {
  expect(rowsSeen(view(Math.log), PRICES)).toEqual({ from: 0, to: 300 });
  const part = view(Math.log, PRICES[100], PRICES[200]);
  const { from, to } = rowsSeen(part, PRICES);
  expect(from).toBeGreaterThanOrEqual(99);
  expect(from).toBeLessThanOrEqual(100);
  expect(to).toBeGreaterThanOrEqual(200);
  expect(to).toBeLessThanOrEqual(201);
  const above = rowsSeen(view(Math.log, 1e6, 2e6), PRICES);
  expect(above.to - above.from).toBeLessThanOrEqual(1);
});

test('one strip on a logarithmic scale, a few on a linear one, each edge within a pixel of its place', () => {
  expect(strips(view(Math.log), PRICES, 0, 300)).toHaveLength(1);
  const linear = view((price) => price);
  const found = strips(linear, PRICES, 0, 300);
  expect(found.length).toBeGreaterThan(1);
  expect(found.length).toBeLessThan(40);
  expect(found[0]?.from).toBe(0);
  expect(found.at(-1)?.to).toBe(300);
  for (const strip of found) {
    for (let edge = strip.from; edge <= strip.to; edge += 1) {
      const drawn = strip.bottom + ((strip.top - strip.bottom) * (edge - strip.from)) / (strip.to - strip.from);
      expect(Math.abs(drawn - linear.y(PRICES[edge] ?? 0))).toBeLessThan(1);
    }
  }
});

test('cells are grouped only when they are smaller than a pixel', () => {
  expect([10, 1, 0.76, 0.74, 0.3, 0.01].map(groupFor)).toEqual([1, 1, 1, 2, 4, 128]);
  expect(groupFor(0)).toBe(1024);
});
