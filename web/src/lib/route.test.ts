import { describe, expect, it } from 'vitest';

import { readQuery, writeQuery } from './params';
import { readPath, route, writePath } from './route.svelte';
import { asTime, shifted } from './time';

describe('paths', () => {
  it('name a page, and a symbol where the page shows one', () => {
    expect(readPath('/')).toEqual({ page: 'overview', symbol: '' });
    expect(readPath('/map/BTC')).toEqual({ page: 'map', symbol: 'BTC' });
    expect(readPath('/heatmap/BTC%2FUSDT%3AUSDT')).toEqual({ page: 'heatmap', symbol: 'BTC/USDT:USDT' });
    expect(readPath('/data/')).toEqual({ page: 'data', symbol: '' });
  });

  it('that name none are none', () => {
    for (const path of ['/map', '/map/BTC/x', '/data/BTC', '/overview', '/nothing', '/map/%E0%A4%A', `/map/${'x'.repeat(65)}`]) {
      expect(readPath(path), path).toBeUndefined();
    }
  });

  it('come back as they were written, whatever the symbol', () => {
    for (const symbol of ['BTC', '币安人生/USDT:USDT', '<script>alert(1)</script>', '..', 'a?b#c%']) {
      expect(readPath(writePath('brief', symbol))).toEqual({ page: 'brief', symbol });
    }
  });
});

describe('queries', () => {
  it('come back as they were written', () => {
    const query = '?as_of=2026-03-18T12:00:00Z&win=5&bands=12&move=to:71000';
    expect(writeQuery(readQuery(query).values)).toBe(query);
  });

  it('say nothing of what is as it is by default', () => {
    expect(writeQuery({ win: '10', scale: 'linear', cum: 'off' })).toBe('?cum=off');
  });

  it('ignore what is not known, and report what is wrong', () => {
    expect(readQuery('?utm_source=x&constructor=1&__proto__=1')).toEqual({ values: {}, notices: [] });
    const { values, notices } = readQuery('?win=7&bin=50usd&as_of=2026-02-30');
    expect(values).toEqual({ bin: '50usd' });
    expect(notices).toEqual([
      'The address asks for win=7, which is not one of 2, 5, 10, 25; it was left out.',
      'The address asks for as_of=2026-02-30, which is not a time such as 2026-03-18T12:00Z; it was left out.',
    ]);
  });

  it('bring times into one spelling', () => {
    expect(readQuery('?as_of=2026-03-18T12:00%2B02:00').values.as_of).toBe('2026-03-18T10:00:00Z');
    expect(asTime('2026-03-18')).toBe('2026-03-18T00:00:00Z');
    expect(asTime('2026-03-18 12:30')).toBe('2026-03-18T12:30:00Z');
    expect(['', 'now', '2026-13-01', '2026-03-18T25:00Z', '1767531600'].map(asTime)).toEqual(Array(5).fill(undefined));
    expect(shifted('2026-03-01T00:00:00Z', -60)).toBe('2026-02-28T23:59:00Z');
  });
});

describe('route', () => {
  it('keeps what is asked of all pages when another is opened, and drops the rest', () => {
    route.read('/map/BTC', '?as_of=2026-03-18T12:00Z&win=5&bogus=1');
    expect([route.page, route.symbol, route.param('win'), route.param('scale')]).toEqual(['map', 'BTC', '5', 'linear']);
    expect(route.href('heatmap')).toBe('/heatmap/BTC?as_of=2026-03-18T12:00:00Z');
    route.go('brief');
    expect(route.address()).toBe('/brief/BTC?as_of=2026-03-18T12:00:00Z');
  });

  it('sets what is good, removes what is default, and leaves the rest', () => {
    route.read('/map/BTC', '?win=5');
    route.set({ scale: 'log', win: '10', bin: 'nonsense' });
    expect(route.address()).toBe('/map/BTC?scale=log');
    route.set({ scale: null });
    expect(route.address()).toBe('/map/BTC');
  });

  it('says where there is no page, and keeps the symbol', () => {
    route.read('/map/ETH', '');
    route.read('/none', '');
    expect([route.page, route.symbol]).toEqual(['missing', 'ETH']);
  });
});
