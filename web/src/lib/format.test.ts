import { describe, expect, it } from 'vitest';

import { fixed, significant } from './decimal';
import * as format from './format';
import vectors from './format_vectors.json';

type Named = Record<string, (of: never) => string>;

describe('format', () => {
  for (const [name, cases] of Object.entries(vectors) as [string, [unknown, string][]][]) {
    it(`${name} prints what the program prints`, () => {
      const print = (format as unknown as Named)[name];
      expect(print, `there is no ${name}`).toBeTypeOf('function');
      for (const [of, is] of cases) expect(`${JSON.stringify(of)}: ${print?.(of as never)}`).toBe(`${JSON.stringify(of)}: ${is}`);
    });
  }

  it('rounds as the wording rules have it', () => {
    expect(format.usd('1100000000')).toBe('$1.1B');
    expect(format.moveBoth('-2000.4', -2.1607)).toBe('\u2212$2,000 (\u22122.16 %)');
    expect(format.usdInterval({ lo80: 0.7e9, hi80: 1.6e9 })).toBe('$0.7–1.6B');
    expect(format.usdInterval({ lo80: 0.7e9, hi80: null })).toBe('$700M or more');
    expect(format.shareRange(0.18, 0.66)).toBe('18–66 %');
  });

  it('writes – for what does not exist, and never a zero', () => {
    for (const nothing of [null, undefined, '', ' ', 'NaN', NaN, Infinity]) {
      expect([format.usd(nothing), format.percentSigned(nothing), format.age(nothing)]).toEqual(['–', '–', '–']);
    }
    expect([format.price(null), format.timeMinute(null), format.moveRange(null)]).toEqual(['–', '–', '–']);
  });

  it('prints times with their zone', () => {
    expect(format.timeMinute('2026-01-04T23:30:15Z')).toBe('2026-01-04 23:30 UTC');
    expect(format.timeMinute('2026-01-04T23:30:15Z', 'local', 60)).toBe('2026-01-05 00:30 UTC+01:00');
    expect(format.timeSecond('2026-01-04T00:10:15Z', 'local', -210)).toBe('2026-01-03 20:40:15 UTC\u221203:30');
    expect(format.timeMinute('soon')).toBe('soon');
  });
});

describe('decimal', () => {
  // Ties that a binary fraction holds exactly go to the even digit (IEEE 754 roundTiesToEven).
  it('sends exact ties to the even digit', () => {
    expect([0.5, 1.5, 2.5, 3.5].map((tie) => fixed(tie, 0))).toEqual(['0', '2', '2', '4']);
    expect([0.125, 0.375, 0.625].map((tie) => fixed(tie, 2))).toEqual(['0.12', '0.38', '0.62']);
    expect([1_245, 12_350].map((tie) => significant(tie, 3))).toEqual(['1240', '12400']);
  });

  it('rounds what only looks like a tie by its true value', () => {
    // 1.005 is 1.00499999999999989…, 2.675 is 2.67499999999999982…, 1.115 is 1.1149999999999999911…
    expect([1.005, 2.675, 1.115].map((value) => fixed(value, 2))).toEqual(['1.00', '2.67', '1.11']);
  });

  it('carries into a new digit', () => {
    expect([significant(999.95, 3), significant(0.09996, 3), significant(99_996, 4)]).toEqual(['1000', '0.100', '100000']);
  });
});
