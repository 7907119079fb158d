import { describe, expect, test } from 'vitest';

import { type Heatmap, hold, merge } from './merge';
import { shades } from './palette';
import { colourTable, recolour } from './raster';
import { sample } from './sample';
import { cutOf } from './scale';

const SHAPE = { from: 0, columns: 20, first: 0, rows: 40, forming: 19, gaps: [4] };
const FRAME = { keep: 20, withinPct: 5 };

function held(shape = SHAPE): Heatmap {
  const result = hold(sample(shape));
  if ('problem' in result) throw new Error(result.problem);
  return result;
}

/** Pixels of the columns with these numbers, the first column of the block being `first`. */
function pixels(map: Heatmap, first: number, numbers: number[]): number[] {
  const all = new Uint32Array(map.block.cells.length);
  const bar = { stops: [5_000, 15_000, 30_000], cut: cutOf(0, 1) } as const;
  recolour(map.block.cells, all, colourTable(shades('viridis'), { long: bar, short: bar, leastUsd: 0 }));
  return numbers.flatMap((number) =>
    Array.from({ length: map.block.rows }, (_, row) => all[row * map.block.columns + number - first] ?? -1),
  );
}

const CLOSED = Array.from({ length: 19 }, (_, at) => at);

describe('newer columns', () => {
  test('change the forming column and no older pixel (UX-W13)', () => {
    const before = held();
    const old = pixels(before, 0, CLOSED);
    const oldForming = pixels(before, 0, [19]);
    // The channel repeats a closed column with other dollars: they are not believed.
    const after = merge(before, sample({ ...SHAPE, from: 18, columns: 2, extra: 900 }), FRAME);
    expect(after).toMatchObject({ kind: 'merged', added: 0, dropped: 0, changed: true });
    expect(pixels(after.held, 0, CLOSED)).toEqual(old);
    expect(pixels(after.held, 0, [19])).not.toEqual(oldForming);
    expect(after.held.columns[18]?.column.long_usd).toEqual(sample(SHAPE).columns[18]?.long_usd);
  });

  test('close the forming column and add one, dropping the oldest', () => {
    const before = held();
    const old = pixels(before, 0, CLOSED.slice(1));
    const after = merge(before, sample({ ...SHAPE, from: 19, columns: 2, forming: 20 }), FRAME);
    expect(after).toMatchObject({ kind: 'merged', added: 1, dropped: 1 });
    expect(after.held.columns.map((item) => item.column.status).slice(-2)).toEqual(['closed', 'forming']);
    expect(after.held.columns.length).toBe(20);
    expect(pixels(after.held, 1, CLOSED.slice(1))).toEqual(old);
    expect(after.held.columns[0]?.column.start).toBe('2026-03-18T00:15:00Z');
  });

  test('match rows by their absolute number', () => {
    const before = held();
    const price = Number(before.document.price);
    const after = merge(before, sample({ ...SHAPE, from: 18, columns: 2, first: 5, rows: 30, price }), FRAME);
    expect(after.kind).toBe('merged');
    const whole = held();
    for (let row = 0; row < 40; row += 1) {
      const cell = after.held.block.cells[(39 - row) * 20 + 19];
      if (row >= 5 && row < 35) expect(cell).toBe(whole.block.cells[(39 - row) * 20 + 19]);
      else expect(cell).toBeNaN();
    }
  });

  test('that tell nothing new change nothing', () => {
    const closed = held({ ...SHAPE, forming: -1 });
    const after = merge(closed, sample({ ...SHAPE, from: 18, columns: 2, forming: -1, extra: 5 }), FRAME);
    expect(after).toMatchObject({ kind: 'merged', added: 0, dropped: 0, changed: false });
    expect(after.held.block).toBe(closed.block);
  });

  test('stay bounded whatever is sent', () => {
    let map = held();
    for (let number = 20; number < 300; number += 1) {
      const result = merge(map, sample({ ...SHAPE, from: number - 1, columns: 2, forming: number }), FRAME);
      expect(result.kind).toBe('merged');
      map = result.held;
      expect(map.columns.length).toBeLessThanOrEqual(20);
      expect(map.block.cells.length).toBeLessThanOrEqual(800);
    }
  });
});

describe('the whole document is asked for', () => {
  test('after a hole', () => {
    const result = merge(held(), sample({ ...SHAPE, from: 20, columns: 2, forming: 21 }), FRAME);
    expect(result).toMatchObject({ kind: 'refetch', why: 'hole' });
  });

  test('when the price comes near the edge of the rows', () => {
    const far = sample({ ...SHAPE, from: 18, columns: 2, price: 147 });
    expect(merge(held(), far, FRAME)).toMatchObject({ kind: 'refetch', why: 'rows' });
    expect(merge(held(), far, { keep: 20, withinPct: 0.5 })).toMatchObject({ kind: 'merged' });
  });

  test('when time runs back, or the question is another', () => {
    const back = sample({ ...SHAPE, from: 10, columns: 2, forming: 11 });
    expect(merge(held(), back, FRAME)).toMatchObject({ kind: 'refetch', why: 'other' });
    const other = { ...sample({ ...SHAPE, from: 18, columns: 2 }), step_s: 300 };
    expect(merge(held(), other, FRAME)).toMatchObject({ kind: 'refetch', why: 'other' });
    const empty = { ...sample(SHAPE), columns: [] };
    expect(merge(held(), empty, FRAME)).toMatchObject({ kind: 'refetch', why: 'other' });
  });
});

describe('a document that cannot be drawn', () => {
  test('is refused with a reason', () => {
    expect(hold({ ...sample(SHAPE), columns: [] })).toHaveProperty('problem');
    const falling = sample(SHAPE);
    falling.rows.edges.reverse();
    expect(hold(falling)).toHaveProperty('problem');
    const torn = sample(SHAPE);
    torn.columns.splice(3, 1);
    expect(hold(torn)).toHaveProperty('problem');
  });
});
