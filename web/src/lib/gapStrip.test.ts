import { describe, expect, it } from 'vitest';
import type { GapChannel } from './documents';
import { dayTicks, gapStrip } from './gapStrip';

const from = '2026-03-10T00:00:00Z';
const to = '2026-03-20T00:00:00Z';
const gap = (start: string, end: string) => ({ from: start, to: end, seconds: 0, cause: 'recorder was down' });
const channel = (rest: Partial<GapChannel>): GapChannel => ({
  name: 'price', first: from, newest: to, period_s: 60, gaps: [], ...rest,
});
const drawn = (of: GapChannel, least = 0) => gapStrip(of, from, to, least).map(({ kind, start, end }) => [kind, start, end]);

describe('gapStrip', () => {
  it('is all data where nothing is missing', () => {
    expect(drawn(channel({}))).toEqual([['data', 0, 1]]);
  });

  it('shows what came before, what is missing and what is not known yet', () => {
    const of = channel({
      first: '2026-03-11T00:00:00Z',
      newest: '2026-03-19T00:00:00Z',
      gaps: [gap('2026-03-15T00:00:00Z', '2026-03-16T00:00:00Z')],
    });
    expect(drawn(of)).toEqual([['before', 0, 0.1], ['data', 0.1, 0.5], ['gap', 0.5, 0.6], ['data', 0.6, 0.9], ['after', 0.9, 1]]);
  });

  it('cuts gaps to the bar, puts them in order, and never lets them overlap', () => {
    const of = channel({
      gaps: [
        gap('2026-03-18T00:00:00Z', '2026-03-25T00:00:00Z'),
        gap('2026-03-01T00:00:00Z', '2026-03-12T00:00:00Z'),
        gap('2026-03-11T00:00:00Z', '2026-03-13T00:00:00Z'),
        gap('2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z'),
      ],
    });
    expect(drawn(of)).toEqual([['gap', 0, 0.2], ['gap', 0.2, 0.3], ['data', 0.3, 0.8], ['gap', 0.8, 1]]);
  });

  it('keeps a gap of a minute visible', () => {
    const of = channel({ gaps: [gap('2026-03-15T00:00:00Z', '2026-03-15T00:01:00Z')] });
    expect(drawn(of, 0.01)).toEqual([['data', 0, 0.5], ['gap', 0.5, 0.51], ['data', 0.51, 1]]);
  });

  it('says nothing about a channel that never was, and draws nothing in a bar without length', () => {
    expect(drawn(channel({ first: '', newest: '' }))).toEqual([['before', 0, 1]]);
    expect(gapStrip(channel({}), to, from)).toEqual([]);
    expect(gapStrip(channel({}), 'yesterday', to)).toEqual([]);
  });
});

describe('dayTicks', () => {
  it('stand at midnights, UTC', () => {
    const ticks = dayTicks('2026-03-10T12:00:00Z', '2026-03-12T12:00:00Z');
    expect(ticks).toEqual([{ place: 0.25, day: '2026-03-11' }, { place: 0.75, day: '2026-03-12' }]);
  });

  it('are given up on a bar of years', () => {
    expect(dayTicks('2020-01-01T00:00:00Z', '2026-01-01T00:00:00Z')).toEqual([]);
  });
});
