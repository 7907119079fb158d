import { describe, expect, it } from 'vitest';

import type { AtMove, OverviewRow } from '../lib/documents';
import { sortRows } from '../lib/sort';
import { cellOf, tableText } from '../lib/table';
import { chosen, COLUMNS, isWithheld, moveOf, tableRow, tiltText } from './rows';

function move(percent: number, long: string, short: string): AtMove {
  return { move_pct: percent, move_usd: '1', price: '1', long_usd: long, short_usd: short, interval: null, reported_long_usd: null, reported_short_usd: null };
}

function market(symbol: string, change: Partial<OverviewRow> = {}, letter: 'A' | 'C' | 'D' = 'C'): OverviewRow {
  return {
    stamp: {
      schema: 'overview/1',
      symbol,
      model: 'm2',
      as_of: '2026-03-18T12:00:00Z',
      snapshot: 'abc',
      age_s: 2,
      price: '100.0',
      price_decimals: 1,
      grade: { letter, reasons: ['one venue only'] },
      coverage: { venues: 1, missing: [], text: '1 venue', oi_share: null },
      evidence: { measured: 0, reported: 0, modelled: 1 },
      reporting: null,
      markets: [
        {
          market: `binance:${symbol}USDT`,
          title: `Binance ${symbol}USDT`,
          price: '100.0',
          open_interest_size: null,
          open_interest_usd: '6116372364.50',
          history_days: null,
          flows: null,
          trigger: 'mark price',
          margin_table: '',
          channels: [],
        },
      ],
      warnings: [],
    },
    day: null,
    open_interest_change_24h_pct: null,
    funding_rate: null,
    funding_interval_h: null,
    at: [move(-5, '28051885.75', '0.00'), move(-1, '9.50', '0.00'), move(1, '0.00', '10.00'), move(5, '0.00', '25767220.92')],
    nearest_long: null,
    nearest_short: null,
    marks: null,
    reported_24h_usd: null,
    ...change,
  };
}

const never = (): boolean => false;
const symbols = (found: readonly { row: OverviewRow }[]): string[] => found.map(({ row }) => row.stamp.symbol);

describe('the overview', () => {
  it('is filtered by every word typed, whatever its case', () => {
    const rows = [market('BTC'), market('ETH'), market('1000PEPE')];
    expect(symbols(chosen(rows, 'eth', never, false))).toEqual(['ETH']);
    expect(symbols(chosen(rows, 'binance  pepe', never, false))).toEqual(['1000PEPE']);
    expect(symbols(chosen(rows, 'bybit', never, false))).toEqual([]);
  });

  it('puts favourites first and remembers which row of the document each is', () => {
    const rows = [market('BTC'), market('ETH'), market('SOL')];
    const liked = (row: OverviewRow): boolean => row.stamp.symbol === 'SOL';
    expect(chosen(rows, '', liked, false).map(({ row, index }) => [row.stamp.symbol, index])).toEqual([['SOL', 2], ['BTC', 0], ['ETH', 1]]);
    expect(symbols(chosen(rows, '', liked, true))).toEqual(['SOL']);
  });

  it('sorts a pair of sides by the larger one, as decimals', () => {
    const rows = [market('A'), market('B', { at: [move(-1, '9.60', '0.00'), move(1, '0.00', '0.10')] })];
    const cells = rows.map((row, at) => tableRow(row, at, false, ''));
    const first = sortRows(cells, (row) => cellOf(row, 'within_one').value, 'descending').map((row) => cellOf(row, 'market').value);
    expect(cellOf(cells[0] ?? {}, 'within_one').value).toBe('10.00');
    expect(first).toEqual(['A', 'B']);
  });

  it('shows what the document has, value by value', () => {
    const row = tableRow(market('BTC', { reported_24h_usd: ['6089123.11', '6170456.90'] }), 4, false, '/map/BTC');
    expect(cellOf(row, 'within_five').lines).toEqual([
      { value: '28051885.75', mark: '▼', text: '$28.1M', figure: 'overview.rows[4].at[0].long_usd', tone: 'long' },
      { value: '25767220.92', mark: '▲', text: '$25.8M', figure: 'overview.rows[4].at[3].short_usd', tone: 'short' },
    ]);
    expect(cellOf(row, 'reported').lines?.map(({ mark, text }) => `${mark ?? ''} ${text}`)).toEqual(['▼ $6.09M', '▲ $6.17M']);
    expect(cellOf(row, 'oi').lines?.map(({ value }) => value)).toEqual(['6116372364.50']);
    expect(cellOf(row, 'change')).toMatchObject({ value: null, text: '–' });
  });

  it('withholds the dollars of grade D unless they were asked for', () => {
    const weak = market('BTC', {}, 'D');
    expect(isWithheld(weak, false)).toBe(true);
    expect(cellOf(tableRow(weak, 0, false, ''), 'within_five').text).toBe('withheld');
    expect(tableText(COLUMNS, [tableRow(weak, 0, false, '')])).not.toContain('28051885.75');
    expect(cellOf(tableRow(weak, 0, true, ''), 'within_five').value).toBe('28051885.75');
  });

  it('finds a move by its percentage, also where prices are rounded', () => {
    expect(moveOf(market('X', { at: [move(0.9999, '0.00', '7.00')] }), 1)?.move.short_usd).toBe('7.00');
    expect(moveOf(market('X'), 2)).toBeUndefined();
  });

  it('names no side where the two are balanced', () => {
    const side = { price: null, move_usd: null, move_pct: null, interval: null, held_in: null, available_usd: '1.00' };
    const marks = (label: 'balanced' | 'clear') => ({
      amount_usd: '1.00',
      reported_amount_usd: null,
      long: side,
      short: side,
      tilt: { side: 'short' as const, ratio: 2.61, sign_held: null, label },
    });
    expect(tiltText(market('X', { marks: marks('balanced') }))).toBe('balanced');
    expect(tiltText(market('X', { marks: marks('clear') }))).toBe('▲ shorts clear');
    expect(tiltText(market('X'))).toBe('–');
  });
});
