import { describe, expect, it } from 'vitest';

import { dayMarks, stretch } from './timeline';

describe('marks', () => {
  it('stand at midnights, named by their day', () => {
    const marks = dayMarks(Date.parse('2026-02-27T12:00:00Z'), Date.parse('2026-03-03T12:00:00Z'), 10);
    expect(marks.map((mark) => mark.label)).toEqual(['28 Feb', '1 Mar', '2', '3']);
    expect(marks.map((mark) => mark.at)).toEqual([0.125, 0.375, 0.625, 0.875]);
  });

  it('become rarer on a long stretch, and are none on none', () => {
    const marks = dayMarks(Date.parse('2025-12-01T00:00:00Z'), Date.parse('2026-03-20T00:00:00Z'), 12);
    expect(marks).toHaveLength(11);
    expect(marks[1]?.label).toBe('11');
    expect([dayMarks(1, 1, 5), dayMarks(NaN, 5, 5), dayMarks(0, 1e9, 0)]).toEqual([[], [], []]);
  });
});

describe('the stretch', () => {
  it('is all there is, if that is little', () => {
    expect(stretch(100, 200, 150, 1000, null)).toEqual([100, 200]);
    expect(stretch(100, 200, 150, 100, null)).toEqual([100, 200]);
  });

  it('stays while it holds the moment, and follows it else', () => {
    expect(stretch(0, 1000, 990, 100, null)).toEqual([900, 1000]);
    expect(stretch(0, 1000, 905, 100, 900)).toEqual([900, 1000]);
    expect(stretch(0, 1000, 880, 100, 900)).toEqual([830, 930]);
    expect(stretch(0, 1000, 10, 100, 830)).toEqual([0, 100]);
  });
});
