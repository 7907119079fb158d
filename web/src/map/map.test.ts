import { describe, expect, it } from 'vitest';

import type { AtMove, Cluster, MapBin, MapDocument, ReachPair } from '../lib/documents';
import { bars, binAt, box, curve, intervals, layout, type Options } from './chart';
import { place, widthOf } from './labels';
import { amountOf, clusterAt, nearest, readLadder, rungAtPrice, rungOfAmount } from './ladder';
import { decades, decimalsOf, linear, logarithmic, ticks, topOf } from './scale';

describe('scales', () => {
  it('map ends to ends, and back', () => {
    const scale = linear(100, 200, 0, 50);
    expect([scale.at(100), scale.at(150), scale.at(200), scale.back(25)]).toEqual([0, 25, 50, 150]);
    const log = logarithmic(1, 1000, 0, 30);
    expect(log.at(10)).toBeCloseTo(10, 9);
    expect(log.back(20)).toBeCloseTo(100, 9);
    expect([log.at(0), log.at(-5)]).toEqual([0, 0]);
    expect(linear(5, 5, 7, 9).at(5)).toBe(7);
  });

  it('choose round ticks', () => {
    expect(ticks(63_576, 77_458, 7)).toEqual([64_000, 66_000, 68_000, 70_000, 72_000, 74_000, 76_000]);
    expect(ticks(0, 1, 4)).toEqual([0, 0.25, 0.5, 0.75, 1]);
    expect([ticks(1, 1, 5), ticks(0, NaN, 5), ticks(0, 1, 0)]).toEqual([[], [], []]);
    expect([topOf(3.3e6, 5), topOf(68e6, 5), topOf(0, 5)]).toEqual([4e6, 75e6, 5]);
    expect(decades(400, 4e6)).toEqual([1e3, 1e4, 1e5, 1e6]);
    expect([decimalsOf(2000), decimalsOf(0.25), decimalsOf(0.0005)]).toEqual([0, 2, 4]);
  });
});

describe('ladder', () => {
  const rung = (price: string, usd: string) =>
    ({ move_pct: 0, move_usd: '0', price, long_usd: usd, short_usd: '0.00' }) as AtMove;
  const pair = (amount: string) => ({ amount_usd: amount }) as ReachPair;
  const ladder = readLadder({
    at: [rung('90.0', '5'), rung('95.0', '3'), rung('99.0', '1'), rung('101.0', '0')],
    reach: [pair('1000000.00'), pair('2000000.00'), pair('5000000.00')],
  });

  it('finds the nearest rung, and the end beyond the ends', () => {
    expect([80, 90, 92.4, 92.6, 97, 100.5, 300].map((price) => rungAtPrice(ladder, price))).toEqual([0, 0, 0, 1, 1, 3, 3]);
    expect([0, 1.4e6, 1.6e6, 9e9].map((usd) => rungOfAmount(ladder, usd))).toEqual([0, 0, 1, 2]);
    expect([nearest([], 1), nearest([1], NaN), nearest([1], 5)]).toEqual([-1, -1, 0]);
  });

  it('agrees with looking at every rung', () => {
    const values = [-10, -7, -7, -1, 0, 2, 3.5, 9, 20];
    for (let wanted = -12; wanted <= 22; wanted += 0.5) {
      const least = Math.min(...values.map((value) => Math.abs(value - wanted)));
      expect(Math.abs((values[nearest(values, wanted)] ?? NaN) - wanted)).toBe(least);
    }
  });

  it('reads amounts as they are typed', () => {
    expect(['20M', '1.5b', '250k', '770'].map(amountOf)).toEqual([2e7, 1.5e9, 2.5e5, 770]);
    expect(['', 'M', '-5', '1e6', '5X'].map(amountOf)).toEqual([NaN, NaN, NaN, NaN, NaN]);
  });

  it('names the cluster a price lies in, or the nearest', () => {
    const cluster = (price_lo: string, price_hi: string) => ({ price_lo, price_hi }) as Cluster;
    const clusters = [cluster('90', '95'), cluster('105', '110')];
    expect([93, 97, 104, 200].map((price) => clusterAt(clusters, price)?.price_lo)).toEqual(['90', '90', '105', '105']);
    expect(clusterAt([], 1)).toBeUndefined();
  });
});

const bin = (side: 'long' | 'short', lo: string, hi: string, bands: string[], cumulative: string): MapBin => ({
  side,
  price_lo: lo,
  price_hi: hi,
  distance_pct: 0,
  usd: String(bands.reduce((sum, band) => sum + Number(band), 0)),
  usd_lo80: '50',
  usd_hi80: '900',
  by_band: bands,
  cumulative_usd: cumulative,
});
const bins = [
  bin('long', '90', '95', ['100', '300'], '500'),
  bin('long', '95', '100', ['100', '0'], '100'),
  bin('short', '100', '105', ['0', '200'], '200'),
  bin('short', '105', '110', ['200', '0'], '400'),
];
const map = { window: { price_lo: '90', price_hi: '110', pct: 10 }, bins } as unknown as MapDocument;
const options: Options = { width: 516, height: 614, upright: false, log: false, intervals: false, cumulative: true };

describe('chart', () => {
  const chart = layout(map, options);

  it('has price to the right and dollars upwards, and the other way when upright', () => {
    expect([chart.price.at(90), chart.price.at(110)]).toEqual([58, 458]);
    expect([chart.usd.at(0), chart.usd.at(500)]).toEqual([570, 70]);
    const upright = layout(map, { ...options, upright: true });
    expect(upright.price.at(110)).toBeLessThan(upright.price.at(90));
    expect(upright.usd.at(500)).toBeGreaterThan(upright.usd.at(0));
    expect(box(upright, 10, 30, 5, 8)).toEqual({ x: 5, y: 10, width: 3, height: 20 });
  });

  it('stacks bands, and hides one without moving the scale', () => {
    const all = bars(chart, bins, 2, new Set());
    expect(all.map(({ side, band }) => `${side}${band}`).sort()).toEqual(['long0', 'long1', 'short0', 'short1']);
    // 300 of 500 dollars are 300 of 500 pixels, standing on the 100 below them.
    expect(all.find((path) => path.side === 'long' && path.band === 1)?.path).toBe('M58.5 170h99v300h-99z');
    const some = bars(chart, bins, 2, new Set([0]));
    expect(some.find((path) => path.side === 'long' && path.band === 1)?.path).toBe('M58.5 270h99v300h-99z');
    expect(some.some((path) => path.band === 0)).toBe(false);
  });

  it('holds the intervals when they are drawn', () => {
    expect(layout(map, { ...options, intervals: true }).usd.top).toBeGreaterThanOrEqual(900);
    expect(intervals(chart, bins).boxes.match(/M/g)).toHaveLength(4);
    expect(intervals(chart, bins).lows.match(/M/g)).toHaveLength(4);
    expect(intervals(chart, bins.map((one) => ({ ...one, usd_hi80: null })))).toEqual({ boxes: '', lows: '' });
  });

  it('sums outwards from the price', () => {
    expect(chart.total.top).toBe(600);
    expect(curve(chart, bins, 'long', 100)).toBe('M258 570L158 486.67L58 153.33');
    expect(curve(chart, bins, 'short', 100).split('L')).toHaveLength(3);
    expect(curve(chart, [], 'long', 100)).toBe('');
  });

  it('finds the bin at a price', () => {
    expect([0, 90, 94.9, 95, 100, 109, 500].map((price) => binAt(bins, price))).toEqual([0, 0, 0, 1, 2, 3, 3]);
    expect(binAt([], 1)).toBe(-1);
  });

  it('divides a logarithmic bar by shares and never leaves the plot', () => {
    const log = layout(map, { ...options, log: true });
    expect(log.usd.at(0)).toBe(570);
    expect(log.usd.at(log.usd.top)).toBeCloseTo(70, 9);
    expect(log.usd.at(500)).toBeGreaterThan(70);
    expect(bars(log, bins, 2, new Set())).toHaveLength(4);
  });
});

describe('labels', () => {
  const within = { x: 0, y: 0, width: 300, height: 200 };

  it('keep apart and inside, and leave out what has no room', () => {
    const wish = { x: 150, y: 150, text: '$82M @ 90,580 (−2.2 %)' };
    const placed = place(Array(40).fill(wish), within, [], false);
    expect(placed.length).toBeGreaterThan(2);
    expect(placed.length).toBeLessThan(12);
    for (const [at, { box: a }] of placed.entries()) {
      expect(a.x >= 0 && a.x + a.width <= 300 && a.y >= 0).toBe(true);
      for (const { box: b } of placed.slice(at + 1)) expect(Math.abs(a.y - b.y)).toBeGreaterThanOrEqual(16);
    }
    expect(place([wish], within, [within], false)).toEqual([]);
    expect(widthOf('')).toBe(0);
  });
});
