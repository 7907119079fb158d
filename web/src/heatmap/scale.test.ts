import { describe, expect, test } from 'vitest';

import { shader } from './raster';
import { type Stops, cutOf, place, quantile, stopsOf, stretched } from './scale';

const STOPS: Stops = [100, 1_000, 4_000];

describe('the colour bar', () => {
  // The same places as in the pictures of the program.
  test('stops stand at thirds and only zero at the start', () => {
    expect(place(0, STOPS)).toBe(0);
    expect(place(50, STOPS)).toBeCloseTo(1 / 6, 12);
    expect(place(100, STOPS)).toBeCloseTo(1 / 3, 12);
    expect(place(1_000, STOPS)).toBeCloseTo(2 / 3, 12);
    expect(place(4_000, STOPS)).toBe(1);
    expect(place(Number.MAX_SAFE_INTEGER, STOPS)).toBe(1);
  });

  test('equal, empty or wrong stops still give a place', () => {
    expect([place(0, [7, 7, 7]), place(7, [7, 7, 7])]).toEqual([0, 1]);
    expect([place(0, [0, 0, 0]), place(1, [0, 0, 0])]).toEqual([0, 1]);
    for (const usd of [0, 4, 8, 10]) {
      expect(place(usd, [9, -3, 5])).toBeGreaterThanOrEqual(0);
      expect(place(usd, [9, -3, 5])).toBeLessThanOrEqual(1);
    }
  });

  test('a cut stretches what is kept over all colours', () => {
    const bar = { stops: STOPS, cut: cutOf(1 / 3, 2 / 3) };
    expect(stretched(100, bar)).toBeCloseTo(0, 12);
    expect(stretched(550, bar)).toBeCloseTo(0.5, 12);
    expect(stretched(1_000, bar)).toBeCloseTo(1, 12);
    expect(stretched(3_000, bar)).toBe(1);
    expect(stretched(1, bar)).toBe(0);
  });

  test('a cut keeps something whatever was asked', () => {
    for (const [from, to] of [[0.8, 0.2], [1, 1], [Number.NaN, Number.NaN], [-3, 9]] as const) {
      const cut = cutOf(from, to);
      expect(cut.to).toBeGreaterThan(cut.from);
      expect(cut.from).toBeGreaterThanOrEqual(0);
    }
  });

  test('shades follow the bar', () => {
    for (const cut of [cutOf(0, 1), cutOf(0.2, 0.7)]) {
      const bar = { stops: STOPS, cut };
      const shade = shader(bar);
      for (const usd of [1, 30, 99, 100, 101, 500, 999, 1_000, 2_500, 3_999, 4_000, 1e9]) {
        expect(Math.abs(shade(usd) - stretched(usd, bar) * 255)).toBeLessThanOrEqual(1);
        expect(shade(usd)).toBeGreaterThanOrEqual(1);
      }
    }
    for (const stops of [[0, 0, 0], [7, 7, 7], [9, -3, 5]] as const) {
      for (const usd of [1, 6, 7, 8, 1e12]) {
        const shade = shader({ stops, cut: cutOf(0, 1) })(usd);
        expect(Number.isInteger(shade) && shade >= 1 && shade <= 255).toBe(true);
      }
    }
  });
});

describe('quantiles', () => {
  test('are members, by nearest rank', () => {
    const rising = Array.from({ length: 100 }, (_, at) => at + 1);
    expect(stopsOf(rising)).toEqual([51, 91, 100]);
    expect([quantile(rising, 0), quantile(rising, 1)]).toEqual([1, 100]);
    expect(quantile([], 0.5)).toBe(0);
  });
});
