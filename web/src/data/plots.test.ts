import { describe, expect, it } from 'vitest';

import type { Candle, FundingPoint, TapeRow } from '../lib/documents';
import { roomFor, timeLabel } from './options';
import { fundingPlot, nearestPlace, openInterestPlot, pricePlot, tapePlot } from './plots';

const head = {
  schema: 'x/1', symbol: 'BTC', market: 'binance:BTCUSDT',
  as_of: '2026-03-18T00:05:00Z', from: '2026-03-18T00:00:00Z', to: '2026-03-18T00:05:00Z',
};
const minute = (of: number): string => `2026-03-18T00:0${of}:00Z`;
const midnight = Date.UTC(2026, 2, 18) / 1000;

function candle(start: number, close: string): Candle {
  return { start: minute(start), end: minute(start + 1), open: '1.0', high: '9.0', low: '0.5', close, volume: null };
}

describe('the plot of prices', () => {
  const spec = pricePlot({
    ...head, step_s: 60, finer_step_s: null,
    candles: [candle(0, '2.0'), candle(1, '3.0'), candle(4, '4.0')],
    gaps: [[minute(2), minute(4)]],
  });

  it('breaks its line where nothing is known', () => {
    const close = spec.lines.find(({ label }) => label === 'close');
    expect(spec.times.map((time) => (time - midnight) / 60)).toEqual([1, 2, 3, 5]);
    expect(close?.values).toEqual([2, 3, null, 4]);
    expect(close?.joins).toBe(false);
    expect(spec.holes).toEqual([[midnight + 120, midnight + 240]]);
  });

  it('reads the text of the document at its place in the document', () => {
    expect(spec.read(3).map(({ figure, value }) => [figure, value])).toEqual([
      ['price.candles[2].open', '1.0'],
      ['price.candles[2].high', '9.0'],
      ['price.candles[2].low', '0.5'],
      ['price.candles[2].close', '4.0'],
    ]);
    expect(spec.at(3)).toBe(minute(5));
    expect(spec.read(2)).toEqual([]);
    expect(spec.read(99)).toEqual([]);
  });
});

describe('the plot of open interest', () => {
  it('reads nothing where the venue gave no dollars', () => {
    const spec = openInterestPlot({ ...head, step_s: 60, left_out: 0, points: [{ ts: minute(1), size: 86772.44, usd: null }] }, []);
    expect(spec.read(0).map(({ text, value }) => [text, value])).toEqual([['86,772.44', 86772.44], ['–', null]]);
  });
});

describe('the plot of funding', () => {
  it('keeps settled and predicted rates apart, also at one moment', () => {
    const point = (of: number, rate: number, kind: FundingPoint['kind']): FundingPoint => ({ ts: minute(of), rate, interval_h: 8, kind });
    const spec = fundingPlot({ ...head, step_s: 60, left_out: 0, points: [point(1, 0.0001, 'predicted'), point(2, 0.0002, 'settled'), point(2, 0.0003, 'predicted')] });
    expect(spec.times).toHaveLength(2);
    expect(spec.lines.map(({ label, values }) => [label, values])).toEqual([
      ['predicted', [0.0001, 0.0003]],
      ['settled', [null, 0.0002]],
    ]);
    expect(spec.read(1).map(({ figure }) => figure)).toEqual(['funding.points[2].rate', 'funding.points[1].rate']);
  });
});

describe('the plot of reported liquidations', () => {
  const row = (of: number, side: TapeRow['side'], usd: string | null): TapeRow => ({
    ts: minute(of), known: minute(of), period_s: 60, side, size: 1, price: null, valued_at: null, usd, completeness: 'floor',
  });
  const spec = tapePlot({ ...head, min_usd: null, next: null, rows: [row(1, 'long', '5.00'), row(1, 'short', '7.00'), row(1, 'long', '6.00'), row(3, 'short', null)] });

  it('draws longs below and shorts above', () => {
    expect(spec.lines.map(({ values }) => values)).toEqual([[-6, null], [7, null]]);
  });

  it('reads every report of a moment', () => {
    expect(spec.read(0).map(({ figure, value }) => [figure, value])).toEqual([
      ['tape.rows[0].usd', '5.00'],
      ['tape.rows[1].usd', '7.00'],
      ['tape.rows[2].usd', '6.00'],
    ]);
  });
});

describe('axes', () => {
  it('find the nearest place', () => {
    expect([0, 14, 15, 16, 99].map((time) => nearestPlace([10, 20, 30], time))).toEqual([0, 0, 1, 1, 2]);
    expect(nearestPlace([], 5)).toBeNull();
  });

  it('keep room, and zero in sight where it matters', () => {
    expect(roomFor(null, null, true)).toEqual([0, 1]);
    expect(roomFor(5, 10, true)[0]).toBe(0);
    expect(roomFor(-10, -5, true)[1]).toBe(0);
    const [lo, hi] = roomFor(7, 7, false);
    expect(lo).toBeLessThan(7);
    expect(hi).toBeGreaterThan(7);
  });

  it('name the day where one begins', () => {
    expect(timeLabel(midnight, midnight - 3600, 'utc')).toBe('03-18');
    expect(timeLabel(midnight + 3600, midnight, 'utc')).toBe('01:00');
    expect(timeLabel(midnight, undefined, 'utc')).toBe('03-18');
    expect(timeLabel(midnight + 60, undefined, 'utc')).toBe('00:01');
  });
});
