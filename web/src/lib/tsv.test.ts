import { describe, expect, it } from 'vitest';
import { toTsv } from './tsv';

describe('toTsv', () => {
  it('writes exact values, and nothing for what is missing', () => {
    expect(toTsv([['side', 'usd'], ['long', '13207341.12'], ['short', null]])).toBe('side\tusd\nlong\t13207341.12\nshort\t\n');
  });

  it('keeps a cell in its cell', () => {
    expect(toTsv([['a\tb\r\nc']])).toBe('a b c\n');
  });

  it('disarms formulas but leaves negative numbers alone', () => {
    expect(toTsv([['=SUM(A1)', '@x', '-2.16', '-x', '+770']])).toBe("'=SUM(A1)\t'@x\t-2.16\t'-x\t+770\n");
  });
});
