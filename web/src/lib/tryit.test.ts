import { describe, expect, it } from 'vitest';

import { MOST_SHOWN, shown, sizeText } from './tryit';

describe('an answer in the explorer', () => {
  it('is indented if it is JSON, and left alone if it only says so', () => {
    expect(shown('{"a":[1,"2.50"]}', 'application/problem+json')).toEqual({ text: '{\n  "a": [\n    1,\n    "2.50"\n  ]\n}', cut: false });
    expect(shown('{"a":', 'application/json')).toEqual({ text: '{"a":', cut: false });
    expect(shown('a,b\n1,2\n', 'text/csv').text).toBe('a,b\n1,2\n');
  });

  it('is cut at a line if it is long', () => {
    const lines = shown('0123456789\n'.repeat(MOST_SHOWN), 'text/csv');
    expect(lines.cut).toBe(true);
    expect(lines.text.length).toBeLessThanOrEqual(MOST_SHOWN);
    expect(lines.text.endsWith('9')).toBe(true);
    expect(shown('x'.repeat(MOST_SHOWN + 1), 'text/plain').text).toHaveLength(MOST_SHOWN);
    expect(shown('x'.repeat(MOST_SHOWN), 'text/plain').cut).toBe(false);
  });

  it('has a size in words', () => {
    expect([0, 999, 1000, 23_456, 1_000_000, 12_345_678].map(sizeText)).toEqual(['0 B', '999 B', '1.0 kB', '23 kB', '1.0 MB', '12 MB']);
  });
});
