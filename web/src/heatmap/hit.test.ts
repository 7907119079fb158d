import { expect, test } from 'vitest';

import { cellAt, current, factsOf, moved, rowAt, strongest } from './hit';
import { type Heatmap, hold } from './merge';
import { edge, sample, usdOf } from './sample';
import { endings } from './words';

const SHAPE = { from: 0, columns: 6, first: -4, rows: 12, gaps: [5] };

function held(): Heatmap {
  const result = hold(sample(SHAPE));
  if ('problem' in result) throw new Error(result.problem);
  return result;
}

test('a price is in the row whose lower edge it is at or above', () => {
  const prices = [100, 101, 105, 110];
  expect([100, 100.99, 101, 104, 105, 110].map((price) => rowAt(prices, price))).toEqual([0, 0, 1, 1, 2, 2]);
  expect([99.9, 110.1, Number.NaN].map((price) => rowAt(prices, price))).toEqual([null, null, null]);
  expect(rowAt([], 1)).toBeNull();
});

test('every cell is found at its own place, and none beside the raster', () => {
  const map = held();
  for (let column = 0; column < 6; column += 1) {
    for (let row = -4; row < 8; row += 1) {
      const price = Math.sqrt(edge(row) * edge(row + 1));
      for (const shift of [-0.49, 0, 0.49]) {
        expect(cellAt(map, column + shift, price)).toEqual({ column, row });
      }
    }
  }
  expect(cellAt(map, -0.6, 100)).toBeNull();
  expect(cellAt(map, 5.6, 100)).toBeNull();
  expect(cellAt(map, 2, 1)).toBeNull();
});

test('facts are the document, to the dollar', () => {
  const map = held();
  const price = Number(map.document.price);
  const facts = factsOf(map, { column: 3, row: -2 });
  const { long, short } = usdOf(3, -2, price);
  expect(facts).toMatchObject({ longUsd: long, shortUsd: short, low: edge(-2).toFixed(2), high: edge(-1).toFixed(2), traded: false });
  expect(factsOf(map, { column: 3, row: rowOf(map, price) })).toMatchObject({ traded: true });
  expect(factsOf(map, { column: 5, row: 0 })).toMatchObject({ longUsd: null, shortUsd: null, traded: false });
  expect(factsOf(map, { column: 6, row: 0 })).toBeNull();
  expect(factsOf(map, { column: 0, row: 99 })).toBeNull();
});

function rowOf(map: Heatmap, price: number): number {
  return map.rows.first + (rowAt(map.prices, price) ?? Number.NaN);
}

test('the cursor stays inside', () => {
  const map = held();
  expect(moved(map, { column: 0, row: -4 }, -1, -1)).toEqual({ column: 0, row: -4 });
  expect(moved(map, { column: 4, row: 6 }, 10, 10)).toEqual({ column: 5, row: 7 });
  expect(moved(map, { column: 2, row: 0 }, 1, -2)).toEqual({ column: 3, row: -2 });
});

test('the strongest rows come first, and the current column is the last with cells', () => {
  const map = held();
  expect(current(map)).toBe(4);
  const rows = strongest(map, 4, 'short', 3);
  expect(rows.map((row) => row.cell.row)).toEqual([7, 6, 5]);
  expect(rows.map((row) => row.usd)).toEqual([16_008, 14_008, 12_008]);
  expect(strongest(map, 5, 'long', 3)).toEqual([]);
});

test('a band that ends says how (UX-W11)', () => {
  const document = sample({ from: 0, columns: 3, first: 0, rows: 4, price: edge(2) + 0.1 });
  const [, second, third] = document.columns;
  if (second === undefined || third === undefined) throw new Error('no column');
  second.long_usd[0] = 0;
  third.long_usd[2] = 1;
  const map = hold(document);
  if ('problem' in map) throw new Error(map.problem);
  const said = (column: number, row: number): string[] => {
    const facts = factsOf(map, { column, row });
    return facts === null ? [] : endings(facts);
  };
  expect(said(1, 0)).toEqual(['Longs were $1K a column before: closed by their holders, as the model infers it.']);
  expect(said(2, 2)).toEqual(['Longs were $3K a column before: price traded here, they were reached.']);
  expect(said(0, 0)).toEqual([]);
  expect(said(2, 3)).toEqual([]);
});
