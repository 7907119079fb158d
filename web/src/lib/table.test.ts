import { describe, expect, it } from 'vitest';
import { cellOf, cellText, pageOf, tableText } from './table';

describe('a table', () => {
  const columns = [
    { key: 'side', title: 'Side' },
    { key: 'usd', title: 'Dollars', align: 'end' as const },
  ];

  it('is copied with exact values, not as it reads', () => {
    const rows = [{ side: 'long', usd: { value: '13207341.12', text: '$13.2M' } }, { side: 'short', usd: null }];
    expect(tableText(columns, rows)).toBe('Side\tDollars\nlong\t13207341.12\nshort\t\n');
  });

  it('is copied with every figure of a cell that holds several', () => {
    const lines = [{ value: '1.00', text: '▼ $1' }, { value: null, text: '–' }, { value: '2.50', text: '▲ $2.5' }];
    expect(tableText([{ key: 'usd', title: 'Dollars' }], [{ usd: { value: '2.50', lines } }])).toBe('Dollars\n1.00  2.50\n');
    const parted = [{ key: 'usd', title: 'Dollars', parts: ['Longs', 'Shorts'] }];
    const pair = [{ value: '1.00', text: '▼ $1' }, { value: '2.50', text: '▲ $2.5' }];
    expect(tableText(parted, [{ usd: { value: '2.50', lines: pair } }, { usd: null }])).toBe('Longs\tShorts\n1.00\t2.50\n\t\n');
  });

  it('is copied without columns that hold no values', () => {
    expect(tableText([{ key: 'star', title: '★' }, ...columns], [{ side: 'long', usd: '1.00' }])).toBe('Side\tDollars\nlong\t1.00\n');
    expect(tableText(columns, [])).toBe('Side\tDollars\n');
  });

  it('shows a dash where there is no figure, and a zero as zero', () => {
    expect(cellText(cellOf({}, 'usd'))).toBe('–');
    expect(cellText(cellOf({ usd: 0 }, 'usd'))).toBe('0');
    expect(cellText(cellOf({ usd: { value: 1, text: '' } }, 'usd'))).toBe('');
    expect(cellOf({}, 'constructor').value).toBeNull();
  });

  it('is cut into pages of 300 rows that together hold every row', () => {
    expect(pageOf(300, 0)).toEqual({ page: 0, pages: 1, from: 0, to: 300 });
    expect(pageOf(301, 1)).toEqual({ page: 1, pages: 2, from: 300, to: 301 });
    expect(pageOf(10, 7)).toMatchObject({ page: 0, from: 0, to: 10 });
    expect(pageOf(0, 0)).toEqual({ page: 0, pages: 1, from: 0, to: 0 });
  });
});
