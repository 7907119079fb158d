import { describe, expect, it } from 'vitest';
import { heightAt, linePath, scaleOf } from './spark';

describe('a small line', () => {
  it('spans its box from the lowest to the highest value', () => {
    const scale = scaleOf([10, 20, 15]);
    expect(scale).toEqual({ lo: 10, hi: 20 });
    if (scale === undefined) return;
    expect(linePath([10, 20, 15], scale, 100, 40)).toBe('M0.0 40.0L50.0 0.0L100.0 20.0');
    expect(heightAt(12.5, scale, 40)).toBe(30);
  });

  it('runs through the middle where the price did not move', () => {
    const scale = scaleOf([5, 5]);
    expect(scale === undefined ? undefined : heightAt(5, scale, 40)).toBe(20);
    expect(scaleOf([0])).toEqual({ lo: -1, hi: 1 });
  });

  it('is broken where a value is missing, and absent without values', () => {
    expect(linePath([0, NaN, 1, 1], { lo: 0, hi: 1 }, 30, 10)).toBe('M0.0 10.0M20.0 0.0L30.0 0.0');
    expect(scaleOf([NaN])).toBeUndefined();
  });
});
