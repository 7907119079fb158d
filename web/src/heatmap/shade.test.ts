import { describe, expect, test } from 'vitest';

import { hold } from './merge';
import { sample } from './sample';
import { cutOf } from './scale';
import { type Choice, contrastWords, cutUsd, dollars, isPercentile, leftOutWords, marks, ordered, shadingOf } from './shade';

const document = sample({ from: 0, columns: 10, first: 0, rows: 20, gaps: [3] });
const held = hold(document);
if ('problem' in held) throw new Error(held.problem);
const map = held;
const all = ordered(map.block);
const CHOICE: Choice = { contrast: 'fixed', lo: '', hi: '', leastUsd: 0 };

test('cut-offs are a percentile without a unit, or dollars with one', () => {
  expect(['12', '0', '100', '99.5'].every(isPercentile)).toBe(true);
  expect(['500K', '101', '', 'x', '-1'].some(isPercentile)).toBe(false);
  expect([dollars('500K'), dollars('1.5m'), dollars('2B'), dollars('770')]).toEqual([500_000, 1_500_000, 2e9, 770]);
  expect([dollars(''), dollars('K'), dollars('1e9'), dollars('-5K')]).toEqual([null, null, null, null]);
});

describe('colours of a choice', () => {
  test('fixed contrast has the stops of the document', () => {
    const { long, short } = shadingOf(map.stops, CHOICE, all, null);
    expect(long.stops).toEqual([5_000, 15_000, 30_000]);
    expect(short).toEqual(long);
    expect(long.cut).toEqual({ from: 0, to: 1 });
  });

  test('fitted contrast has dollars of cells in view, those per side of the side', () => {
    const seen = ordered(map.block, { from: 0, to: 1, top: 0, bottom: 3 });
    // The three highest rows hold shorts alone: 2 × 1,000 × (row + 1).
    expect([...seen.both]).toEqual([36_000, 38_000, 40_000]);
    expect(shadingOf(map.stops, { ...CHOICE, contrast: 'fit' }, all, seen).long.stops).toEqual([38_000, 40_000, 40_000]);
    const apart = shadingOf(map.stops, { ...CHOICE, contrast: 'side' }, all, null);
    const longs = document.columns.filter((column) => column.status !== 'gap').flatMap((column) => column.long_usd);
    expect(longs).toContain(apart.long.stops[2]);
    expect(apart.long.stops).not.toEqual(apart.short.stops);
  });

  test('cut-offs lie where their dollars stand on the bar', () => {
    const { long } = shadingOf(map.stops, { ...CHOICE, lo: '5K', hi: '15K' }, all, null);
    expect(long.cut.from).toBeCloseTo(1 / 3, 12);
    expect(long.cut.to).toBeCloseTo(2 / 3, 12);
    const half = cutUsd('50', all.both) ?? 0;
    expect(all.both).toContain(half);
    expect(all.both.filter((usd) => usd < half).length).toBeLessThanOrEqual(all.both.length / 2);
  });
});

test('a legend names the stops that are kept', () => {
  const stops = [5_000, 15_000, 30_000] as const;
  expect(marks({ stops, cut: cutOf(0, 1) }).map(({ text, name }) => [name, text])).toEqual([
    ['p50', '$5K'],
    ['p90', '$15K'],
    ['p99', '≥ $30K'],
  ]);
  expect(marks({ stops, cut: cutOf(0.3, 0.7) }).map(({ name }) => name)).toEqual(['p90']);
});

test('what makes colours not comparable is said in words', () => {
  expect(contrastWords('fixed')).toBeNull();
  expect(contrastWords('fit')).toMatch(/do not compare/);
  expect(contrastWords('side')).toMatch(/different dollars/);
  expect(leftOutWords(map, 0)).toBe('');
  expect(leftOutWords(map, 1_000_000)).toBe(`${all.both.length} cells below $1M left out`);
});
