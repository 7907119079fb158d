import { describe, expect, it } from 'vitest';

import type { AtMove, MapDocument, ReachSide, Tilt } from '../lib/documents';
import { mapSentence, moveSentence, reachWords, tiltWords } from './words';

const tilt = (label: Tilt['label'], ratio: number, sign_held: number | null = 0.97): Tilt => ({ side: 'short', ratio, sign_held, label });
const side = (move_usd: string | null, move_pct: number | null): ReachSide => ({
  price: null,
  move_usd,
  move_pct,
  interval: move_usd === null ? null : { lo80: -1480, hi80: -2690.3, widened: false },
  held_in: 1,
  available_usd: '5.00',
});

describe('words', () => {
  it('name the nearer side, but not where the two are balanced', () => {
    expect(tiltWords(tilt('clear', 2.597))).toEqual({
      title: '▲ Shorts are nearer',
      label: 'clear tilt',
      ratio: '2.6',
      sure: 'sign held in 97 % of draws',
      side: 'short',
    });
    expect(tiltWords(tilt('balanced', 1.011, 0.4766))).toMatchObject({ title: 'Neither side is clearly nearer', ratio: '1.01', side: null });
    expect(tiltWords(tilt('mild', 1.5, null)).sure).toBe('not yet estimated how firmly');
    expect(tiltWords(null)).toMatchObject({ title: 'One side does not hold that much', ratio: null, side: null });
  });

  it('say how far, or that it is not there', () => {
    expect(reachWords(side('-2000.4', -2.1607))).toBe('\u2212$2,000 (\u22122.16 %)');
    expect(reachWords(side(null, null))).toBe('not on the map');
  });

  it('say what a move does', () => {
    const rung = { move_pct: -2, price: '69077.8', long_usd: '4698202.08', short_usd: '0.00', interval: { lo80: 1858588.48, hi80: 10677767.04 } } as AtMove;
    expect(moveSentence(rung)).toBe('If price falls to 69,077.8, $4.7M of longs would be liquidated (80 %: $1.9–10.7M).');
    expect(moveSentence({ ...rung, move_pct: 2, short_usd: '770.00', interval: null })).toBe(
      'If price rises to 69,077.8, $770 of shorts would be liquidated.',
    );
  });

  it('sum up a map', () => {
    const map = {
      symbol: 'BTC',
      price: '92580.7',
      grade: { letter: 'B', reasons: [] },
      long: { in_window_usd: '66918367.37' },
      short: { in_window_usd: '65480476.37' },
      marks: { amount_usd: '1100000000.00', reported_amount_usd: null, long: side('-2000.4', -2.1607), short: side(null, null), tilt: null },
    } as unknown as MapDocument;
    expect(mapSentence(map)).toBe(
      'BTC at 92,580.7, grade B. $1.1B of longs would be liquidated by a fall of $2,000 (\u22122.16 %, 80 %: $1,480–2,690); ' +
        '$1.1B of shorts is not on the map. One side does not hold that much. ' +
        'Within the window stand $66.9M of longs below and $65.5M of shorts above.',
    );
  });
});
