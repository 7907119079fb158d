import { describe, expect, it } from 'vitest';

import { channelState, light, weakness } from './freshness';

const channel = (name: string, age_s: number | null, limit_s = 120) => ({ name, age_s, limit_s, newest: null });
const document = (letter: string, share: number | null, ...channels: ReturnType<typeof channel>[]) => ({
  age_s: 2,
  grade: { letter },
  coverage: { oi_share: share, venues: 1, missing: [], text: '1 venue of 12' },
  markets: [{ title: 'Binance BTCUSDT', channels }],
});

describe('freshness', () => {
  it('is lost past the limit, and missing is not stale', () => {
    expect([channel('x', 0), channel('x', 120), channel('x', 120.1), channel('x', null)].map(channelState)).toEqual([
      'fresh',
      'fresh',
      'stale',
      'missing',
    ]);
    expect(weakness(document('B', 0.91, channel('price', 300), channel('funding', 10))).stale).toEqual([
      'Binance BTCUSDT price is 5 min old (limit 2 min)',
    ]);
  });

  it('is partial below 70 % of a known share only', () => {
    expect([0.69, 0.7, null].map((share) => weakness(document('B', share)).partial)).toEqual([true, false, false]);
  });

  it('lights in a colour and in words', () => {
    expect(light(document('B', 0.91))).toEqual({ level: 'good', words: ['grade B', '91 % of OI', 'age 2 s'] });
    expect(light(document('C', null)).level).toBe('warn');
    expect(light(document('A', 0.5)).level).toBe('warn');
    expect(light(document('A', 0.95, channel('price', 300)))).toEqual({
      level: 'warn',
      words: ['grade A', '95 % of OI', 'age 2 s', 'stale'],
    });
    expect(light(document('D', 0.95)).level).toBe('bad');
  });

  it('reads the short head of a tick, and nothing from nothing', () => {
    const tick = { age_s: 0, grade: 'C', coverage: '1 venue (Binance BTCUSDT), others absent' };
    expect(light(tick)).toEqual({ level: 'warn', words: ['grade C', '1 venue', 'age 0 s'] });
    expect(light(undefined)).toEqual({ level: 'none', words: ['no data yet'] });
    expect(weakness(null)).toEqual({ stale: [], partial: false, coverage: '' });
  });
});
