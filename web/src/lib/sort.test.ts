import { describe, expect, it } from 'vitest';
import { type CellValue, compareValues, sortRows } from './sort';

function sorted(values: CellValue[], direction: 'ascending' | 'descending'): CellValue[] {
  return sortRows(values, (value) => value, direction);
}

describe('sortRows', () => {
  it('orders decimal text by value, not by letters', () => {
    expect(sorted(['9.50', '10.00', '-3.00', '0.00'], 'ascending')).toEqual(['-3.00', '0.00', '9.50', '10.00']);
    expect(sorted(['-2', '-10', '-2.5'], 'ascending')).toEqual(['-10', '-2.5', '-2']);
  });

  it('tells amounts apart that a float cannot', () => {
    // 2^53 and its successor are the same double.
    expect(sorted(['9007199254740993.00', '9007199254740992.00'], 'ascending')).toEqual([
      '9007199254740992.00',
      '9007199254740993.00',
    ]);
    expect(sorted(['0.10000000000000000001', '0.1'], 'descending')).toEqual(['0.10000000000000000001', '0.1']);
  });

  it('puts missing values last in both directions', () => {
    expect(sorted([null, '2', Number.NaN, '', '1'], 'ascending')).toEqual(['1', '2', null, Number.NaN, '']);
    expect(sorted([null, '2', '1'], 'descending')).toEqual(['2', '1', null]);
  });

  it('keeps the order of rows that compare equal, either way', () => {
    const rows = [
      { id: 'a', usd: '1.0' },
      { id: 'b', usd: '1.00' },
      { id: 'c', usd: '2' },
    ];
    const ids = (direction: 'ascending' | 'descending'): string =>
      sortRows(rows, (row) => row.usd, direction).map((row) => row.id).join('');
    expect(ids('ascending')).toBe('abc');
    expect(ids('descending')).toBe('cab');
  });

  it('compares numbers with decimal text, and names without regard to case', () => {
    expect(compareValues(1e-7, '0.0000002')).toBeLessThan(0);
    expect(compareValues('-0.00', 0)).toBe(0);
    expect(sorted(['eth', 'BTC', 'btc', 'SOL'], 'ascending')).toEqual(['BTC', 'btc', 'eth', 'SOL']);
  });

  it('orders moments as written', () => {
    expect(sorted(['2026-03-18T12:00:00Z', '2026-03-17T23:59:00Z'], 'ascending')).toEqual([
      '2026-03-17T23:59:00Z',
      '2026-03-18T12:00:00Z',
    ]);
  });

  it('changes no row of what it was given', () => {
    const given = ['2', '1'];
    sorted(given, 'ascending');
    expect(given).toEqual(['2', '1']);
  });
});
