import { readFileSync } from 'node:fs';

import { describe, expect, test } from 'vitest';

import { CIRCLES } from './draw';
import { PALETTES, SHADES, type Rgb, colourAt, packed, shades } from './palette';
import { VISIONS, contrast, difference, lab } from './vision';

describe('measures of colour', () => {
  test('L*a*b* of pure red is the published one', () => {
    const [l, a, b] = lab([255, 0, 0]);
    expect(l).toBeCloseTo(53.24, 1);
    expect(a).toBeCloseTo(80.09, 1);
    expect(b).toBeCloseTo(67.2, 1);
  });

  // Pairs 1, 7, 13, 17, 25 and 34 of the test data of Sharma, Wu and Dalal (2005), table 1.
  test.each([
    [[50, 2.6772, -79.7751], [50, 0, -82.7485], 2.0425],
    [[50, 0, 0], [50, -1, 2], 2.3669],
    [[50, -0.001, 2.49], [50, 0.0009, -2.49], 4.8045],
    [[50, 2.5, 0], [73, 25, -18], 27.1492],
    [[60.2574, -34.0099, 36.2677], [60.4626, -34.1751, 39.4387], 1.2644],
    [[2.0776, 0.0795, -1.135], [0.9033, -0.0636, -0.5514], 0.9082],
  ] as const)('CIEDE2000 of %j and %j is %d', (a, b, expected) => {
    expect(difference(a, b)).toBeCloseTo(expected, 3);
    expect(difference(b, a)).toBeCloseTo(expected, 3);
  });

  test('black on white has the contrast of 21', () => {
    expect(contrast([0, 0, 0], [255, 255, 255])).toBeCloseTo(21, 5);
  });
});

describe('palettes', () => {
  // matplotlib's tables at 0, 64, 128, 192 and 255; ours is straight between every sixteenth entry.
  test.each([
    ['viridis', [[68, 1, 84], [59, 82, 139], [33, 145, 140], [94, 201, 98], [253, 231, 37]]],
    ['cividis', [[0, 34, 78], [67, 78, 108], [125, 124, 120], [188, 174, 109], [254, 232, 56]]],
    ['inferno', [[0, 0, 4], [87, 16, 110], [188, 55, 84], [249, 142, 9], [252, 255, 164]]],
  ] as const)('%s is the published one', (name, published) => {
    [0, 64, 128, 192, 255].forEach((entry, at) => {
      colourAt(name, entry / 255).forEach((channel, c) => {
        expect(Math.abs(channel - (published[at]?.[c] ?? Number.NaN))).toBeLessThanOrEqual(2);
      });
    });
  });

  // Brightness alone carries the order, whatever colours an eye tells apart.
  test.each(PALETTES)('%s only brightens, for every colour vision', (name) => {
    for (const vision of Object.values(VISIONS)) {
      const lightness = Array.from({ length: 65 }, (_, at) => lab(colourAt(name, at / 64), vision)[0]);
      for (let at = 1; at < lightness.length; at += 1) {
        expect(lightness[at]).toBeGreaterThan((lightness[at - 1] ?? 0) - 0.05);
      }
      expect((lightness.at(-1) ?? 0) - (lightness[0] ?? 0)).toBeGreaterThan(70);
    }
  });

  test('a table has a shade for each place, and what is no number is the darkest', () => {
    const table = shades('greys');
    expect(table.length).toBe(SHADES);
    expect(table[0]).toBe(packed(colourAt('greys', 0)));
    expect(table[255]).toBe(packed(colourAt('greys', 1)));
    expect(colourAt('greys', Number.NaN)).toEqual(colourAt('greys', 0));
    expect(colourAt('greys', 7)).toEqual(colourAt('greys', 1));
  });

  test('a packed colour is red, green, blue and alpha in the order of canvas bytes', () => {
    const bytes = new Uint8ClampedArray(new Uint32Array([packed([1, 2, 3], 4)]).buffer);
    expect([...bytes]).toEqual([1, 2, 3, 4]);
  });
});

describe('colours of the sides', () => {
  const styles = readFileSync(new URL('../app.css', import.meta.url), 'utf8');

  /** Colours of a theme whose token matches, as written in the style sheet. */
  function tokens(theme: string, pattern: RegExp): Rgb[] {
    const block = styles.match(new RegExp(`${theme} \\{([^}]*)\\}`))?.[1] ?? '';
    return [...block.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)]
      .filter(([, name]) => pattern.test(name ?? ''))
      .map(([, , hex]) => rgb(hex ?? ''));
  }

  function rgb(hex: string): Rgb {
    const channel = (at: number): number => Number.parseInt(hex.slice(at, at + 2), 16);
    return [channel(1), channel(3), channel(5)];
  }

  // UX-N7: lines, words and every shade of bars.
  test.each([
    ['light', ':root'],
    ['dark', ":root\\[data-theme='dark'\\]"],
    ['contrast', ":root\\[data-theme='contrast'\\]"],
  ])('stay apart for every colour vision in the %s theme', (_, theme) => {
    const [longs, shorts] = [tokens(theme, /^long/), tokens(theme, /^short/)];
    expect([longs.length, shorts.length]).toEqual([6, 6]);
    let least = Infinity;
    for (const vision of Object.values(VISIONS)) {
      for (const long of longs) for (const short of shorts) least = Math.min(least, difference(lab(long, vision), lab(short, vision)));
    }
    expect(least).toBeGreaterThanOrEqual(20);
  });

  test('circles stay apart for every colour vision', () => {
    for (const vision of Object.values(VISIONS)) {
      const [long, short] = [lab(rgb(CIRCLES.long), vision), lab(rgb(CIRCLES.short), vision)];
      expect(difference(long, short)).toBeGreaterThanOrEqual(20);
    }
  });
});
